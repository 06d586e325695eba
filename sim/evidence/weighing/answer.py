"""A weighing, from its file to its figures and tables."""

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from sim.evidence.polls.public_fit import EvidenceError
from sim.evidence.weighing import ahead, models, recovery, scores, studies, worth
from sim.evidence.weighing import headline as raids
from sim.evidence.weighing.ensemble import ROUNDS, Ensemble, acting_in, pair_of
from sim.evidence.weighing.question import Question, question
from sim.evidence.weighing.weighing import (
    Observed,
    Together,
    Weighed,
    observed_of,
    weigh_alone,
    weigh_together,
)
from sim.experiment.execution.runner import Progress
from sim.experiment.execution.workers import Workers
from sim.scenario.experiment import Step, Weighing

Figures = dict[str, Any]

LEAST_EFFECTIVE = 400.0
"""Each tail beyond a 90 % interval then holds twenty effective wars."""
HEAVIEST_TAIL = 0.7
"""Above this Pareto k, weighted averages cannot be trusted. Source: vehtari2024."""


class Answer(NamedTuple):
    """The figures of a weighing, its tables, its question, and the folder of its results."""

    figures: Figures
    frames: dict[str, pd.DataFrame]
    question: Question
    folder: Path


class Flown(NamedTuple):
    """All wars of a weighing, with their weights."""

    question: Question
    observed: Observed
    ensemble: Ensemble
    together: Together
    alone: dict[str, Weighed]

    @property
    def figures(self) -> Figures:
        """What was asked and observed, the number of wars, and whether they are sufficient."""
        asked, experiment = self.question, self.question.experiment
        effective = models.effective(self.together)
        return {
            "experiment": experiment.name,
            "scenario": asked.scenario.name,
            "mechanisms": list(asked.mechanisms),
            "waves": {each.name: len(each.day) for each in self.observed.attitudes},
            "items": {name: poll.title for name, poll in asked.polls.items()},
            "meetings": len(self.observed.held),
            "runs": self.ensemble.of_round * ROUNDS,
            "runs_alone": experiment.runs_alone,
            "seed": experiment.seed,
            **effective,
            "is_converged": bool(
                effective["effective"] >= LEAST_EFFECTIVE and effective["tail"] <= HEAVIEST_TAIL
            ),
        }


def fly(
    asked: Question,
    out: str | Path,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Flown:
    """Simulate and weight all wars of a question, or load them if they are stored."""
    observed = observed_of(asked)
    ensemble = Ensemble(asked, out, workers, progress)
    with ensemble.writing():
        together = weigh_together(ensemble, observed)
        alone = weigh_alone(ensemble, observed)
        ensemble.finish()
    return Flown(asked, observed, ensemble, together, alone)


def answer(
    experiment: Weighing,
    folder: Path,
    out: str | Path,
    recover: int = 0,
    what_next: bool = False,
    allow_code: bool = False,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Answer:
    """Weigh the mechanisms of a weighing's file, which is in `folder`.

    If `recover` is not 0, so many synthetic records of each model and of each pair are weighed too,
    and ten times as many for the ranks of the strengths; `what_next` ranks observations not yet
    made. Raises ScenarioError or EvidenceError if it cannot be done.
    """
    flown = fly(question(experiment, folder, allow_code), out, workers, progress)
    asked, observed, _, together, alone = flown
    found = scores.scored(together, alone, observed, experiment.seed)
    table = models.table_of(together, alone, observed)
    figures: Figures = {
        **flown.figures,
        "question": experiment.question,
        "scored_from": str(experiment.scored_from),
        "scales": list(experiment.scales.values),
    }
    frames = {"mechanisms": table, "scores": found.models, "waves": found.waves}
    if experiment.headline is not None:
        raid = raids.raid_of(asked, folder, allow_code)
        figures["headline"], frames["headline"] = raids.headline(raid, asked, together, workers)
        figures["headline"] |= {"region": experiment.headline.region.half_width}
    if experiment.studies:
        frames["studies"] = studies.studied(observed)
        frames["foretold"] = studies.foretold(observed, alone, experiment.seed)
        figures["studies"] = {name: event.title for name, event in experiment.studies.items()}
    if recover:
        pairs = {}
        if experiment.pairs:
            pairs = _alone(Ensemble(asked, out, workers, progress, of_pairs=True), observed)
        recovered = recovery.recover(alone, pairs, observed, recover, experiment.seed)
        ranked = recovery.ranks(together, observed, 10 * recover, experiment.seed)
        table["family"] = [recovered.family(name) for name in table["mechanism"]]
        frames |= {
            "matrix": recovered.matrix(),
            "ranks": ranked.table(),
            "news": recovery.news(
                together, alone | pairs, acting_in(asked), observed, 10 * recover, experiment.seed
            ),
        }
        figures |= {
            "recovered": recover,
            "families": recovered.members,
            "pairs": {pair_of(*pair): list(pair) for pair in experiment.pairs},
            "ranks_p": dict(zip(ranked.mechanisms, map(float, ranked.p), strict=True)),
            "ranks_left_out": ranked.left_out,
        }
    if what_next:
        frames["next"] = _what_next(flown, out, workers, progress)
        figures["steps"] = {name: step.title for name, step in _steps(experiment).items()}
        figures["unknown_bits"] = worth.entropy(worth.chances_of(alone))
    return Answer(figures, frames, asked, flown.ensemble.results.folder)


def _alone(ensemble: Ensemble, observed: Observed) -> dict[str, Weighed]:
    """Simulate and weight all wars of an ensemble without joint wars, or load them."""
    with ensemble.writing():
        alone = weigh_alone(ensemble, observed)
        ensemble.finish()
    return alone


def _steps(experiment: Weighing) -> dict[str, Step]:
    """Steps that may precede an observation. Raises EvidenceError if the file asks for none."""
    if experiment.next is None:
        raise EvidenceError("next: is not there, expected what might be observed")
    return experiment.next.steps


def _what_next(
    flown: Flown, out: str | Path, workers: Workers, progress: Progress | None
) -> pd.DataFrame:
    """The worth of each observation not yet made, after each step in wars of its own."""
    steps = _steps(flown.question.experiment)
    after = {}
    for name, step in steps.items():
        asked = flown.question.after(step)
        observed = observed_of(asked)
        ensemble = Ensemble(asked, out, workers, progress, is_together=False)
        after[name] = (observed, _alone(ensemble, observed))
    seed = flown.question.experiment.seed
    return worth.ranked(flown.together, flown.alone, flown.observed, after, seed)


def forecast(
    experiment: Weighing,
    folder: Path,
    out: str | Path,
    allow_code: bool = False,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Answer:
    """Forecasts of the weighted war after its record, as `experiment.ahead` asks.

    Raises ScenarioError or EvidenceError if it cannot be done.
    """
    asked_of = experiment.ahead
    if asked_of is None:
        raise EvidenceError("ahead: is not there, expected what is asked of the days to come")
    flown = fly(question(experiment, folder, allow_code), out, workers, progress)
    asked = flown.question
    drawn = ahead.models_of(flown.together, flown.alone)
    figures: Figures = {
        **flown.figures,
        "question": f"What is to come after {asked.recorded.end}, as the record leaves the war?",
        "record_to": str(asked.recorded.end),
        "until": str(asked_of.until),
        "as_in": asked_of.as_in,
        "by": [str(day) for day in asked_of.by],
        "meetings_a_month": ahead.meeting_rate(asked).a_month,
        "counts": {name: one.title for name, one in asked_of.counts.items()},
        "sizes": {name: one.sizes.title for name, one in asked_of.counts.items() if one.sizes},
        "seen": {name: list(months) for name, months in asked_of.seen.items()},
        "seen_waves": {
            name: [[str(wave.date), 100.0 * wave.soft.value] for wave in poll.waves]
            for name, poll in asked.polls.items()
        },
    }
    frames = {
        "items": ahead.items(drawn, flown.observed, experiment.seed),
        "chances": ahead.chances(drawn, flown.observed),
        "counts": ahead.counts(asked),
    }
    there = {name: frame for name, frame in frames.items() if not frame.empty}
    return Answer(figures, there, asked, flown.ensemble.results.folder)
