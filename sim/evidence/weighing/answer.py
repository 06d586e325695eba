"""A weighing from its file to its figures and tables."""

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from sim.evidence.weighing import headline as raids
from sim.evidence.weighing import models, recovery, scores, studies
from sim.evidence.weighing.ensemble import ROUNDS, Ensemble
from sim.evidence.weighing.question import Question, question
from sim.evidence.weighing.weighing import observed_of, weigh_alone, weigh_together
from sim.experiment.execution.runner import Progress
from sim.experiment.execution.workers import Workers
from sim.scenario.experiment import Weighing

Figures = dict[str, Any]

LEAST_EFFECTIVE = 400.0
"""An interval of 90 % then rests on twenty wars' worth at either end."""
HEAVIEST_TAIL = 0.7
"""Above it averages by the weights cannot be trusted. Source: vehtari2024."""


class Answer(NamedTuple):
    """The figures of a weighing, its tables, its scenario as it was weighed, and its folder."""

    figures: Figures
    frames: dict[str, pd.DataFrame]
    question: Question
    folder: Path


def answer(
    experiment: Weighing,
    folder: Path,
    out: str | Path,
    recover: int = 0,
    allow_code: bool = False,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Answer:
    """Weigh the mechanisms of a weighing's file; `folder` is where it stands.

    With `recover` so many made-up records of each model are weighed too, and ten times as many for
    the ranks of the strengths. Raises ScenarioError or EvidenceError where it cannot be done.
    """
    asked = question(experiment, folder, allow_code)
    observed = observed_of(asked)
    ensemble = Ensemble(asked, out, workers, progress)
    with ensemble.writing():
        together = weigh_together(ensemble, observed)
        alone = weigh_alone(ensemble, observed)
        ensemble.finish()
    found = scores.scored(together, alone, observed, experiment.seed)
    table = models.table_of(together, alone, observed)
    effective = models.effective(together)
    figures: Figures = {
        "experiment": experiment.name,
        "question": experiment.question,
        "scenario": asked.scenario.name,
        "mechanisms": list(asked.mechanisms),
        "waves": {each.name: len(each.day) for each in observed.attitudes},
        "items": {name: poll.title for name, poll in asked.polls.items()},
        "meetings": len(observed.held),
        "scored_from": str(experiment.scored_from),
        "scales": list(experiment.scales.values),
        "runs": ensemble.of_round * ROUNDS,
        "runs_alone": experiment.runs_alone,
        "seed": experiment.seed,
        **effective,
        "is_converged": bool(
            effective["effective"] >= LEAST_EFFECTIVE and effective["tail"] <= HEAVIEST_TAIL
        ),
    }
    frames = {"mechanisms": table, "scores": found.models, "waves": found.waves}
    if experiment.headline is not None:
        raid = raids.raid_of(asked, folder, allow_code)
        figures["headline"], frames["headline"] = raids.headline(raid, asked, together)
        figures["headline"] |= {"region": experiment.headline.region.half_width}
    if experiment.studies:
        frames["studies"] = studies.studied(observed)
        figures["studies"] = {name: event.title for name, event in experiment.studies.items()}
    if recover:
        recovered = recovery.recover(alone, observed, recover, experiment.seed)
        ranked = recovery.ranks(together, observed, 10 * recover, experiment.seed)
        table["family"] = [recovered.family(name) for name in table["mechanism"]]
        frames |= {"matrix": recovered.matrix(), "ranks": ranked.table()}
        figures |= {
            "recovered": recover,
            "families": families(recovered),
            "ranks_p": dict(zip(ranked.mechanisms, map(float, ranked.p), strict=True)),
        }
    return Answer(figures, frames, asked, ensemble.results.folder)


def families(recovered: recovery.Recovered) -> list[list[str]]:
    """The families in order, each by its members."""
    members: dict[int, list[str]] = {}
    for model, number in zip(recovered.models, recovered.families.tolist(), strict=True):
        members.setdefault(number, []).append(model)
    return list(members.values())
