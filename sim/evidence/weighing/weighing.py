"""The weighing itself: joint wars and wars alone, weighted by all that was observed.

The observations are split into parts that are independent given a war: the waves of each attitude
of a public, and the results of meetings. Joint wars are drawn in rounds, half from the prior and
the others aimed at where the record gives weight; all count as draws from the mixture of all aims.
Source: cornuet2012, cappe2004.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from sim.evidence.calibration.aim import Aim, at_prior, log_rarity
from sim.evidence.polls.forecast import effective_runs, weights
from sim.evidence.weighing import measurement, meetings
from sim.evidence.weighing.ensemble import (
    BY_PRIOR,
    ROUNDS,
    Ensemble,
    Wars,
    days_kept,
    meeting_days,
    paths_of,
)
from sim.evidence.weighing.measurement import Attitude, Candidate
from sim.evidence.weighing.meetings import Held
from sim.evidence.weighing.question import Question
from sim.scenario.schema import figures

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_FIGURES = 12
"""At most this many figures of the scenario are aimed at, besides the strengths."""


class Observed(NamedTuple):
    """The observations of a war, and how they are measured."""

    question: Question
    attitudes: tuple[Attitude, ...]
    held: tuple[Held, ...]
    candidates: tuple[Candidate, ...]

    def reservations(self, attitude: Attitude, wars: Wars) -> Floats:
        """The reservations of an attitude's side on the days of its waves, shape (N, runs)."""
        side = list(self.question.scenario.sides).index(attitude.side)
        places = np.searchsorted(days_kept(self.question), attitude.day)
        return wars.reservations[side, places]

    def log_polls(self, wars: Wars) -> Floats:
        """The log likelihood of all waves, shape (attitudes, runs)."""
        return np.array(
            [
                measurement.log_likelihood(each, self.reservations(each, wars), self.candidates)
                for each in self.attitudes
            ]
        )

    def meeting_parts(self, wars: Wars) -> dict[str, Floats]:
        """The log likelihood of each part of the results of meetings, (candidates, runs) each."""
        table = self.question.experiment.table
        if table is None:
            return {}
        kept, days = days_kept(self.question), meeting_days(self.question)
        sides = tuple(self.question.scenario.sides)
        return {
            f"{held.name}.{part}": log
            for held in self.held
            for part, log in meetings.log_chances(
                held,
                table,
                wars.reservations[:, np.searchsorted(kept, held.day)],
                wars.gain_from_stopping[:, np.searchsorted(days, held.day)],
                sides,
            ).items()
        }

    def log_meetings(self, wars: Wars) -> Floats:
        """The log likelihood of the results of all meetings, shape (runs,)."""
        parts = self.meeting_parts(wars)
        return meetings.log_likelihood(parts) if parts else np.zeros(len(wars.runs))


def observed_of(question: Question) -> Observed:
    """The observations of a question's war."""
    experiment, talks = question.experiment, question.recorded.talks
    dates = talks.meetings if talks else {}
    held = tuple(
        Held(name, came, question.scenario.day_of(dates[name]))
        for name, came in (experiment.table.meetings if experiment.table else {}).items()
    )
    return Observed(
        question,
        measurement.attitudes_of(question.scenario, question.polls),
        held,
        measurement.candidates_of(experiment.spreads.values, experiment.wanders.values),
    )


class Weighed(NamedTuple):
    """Wars with the likelihoods that give their weights.

    `log_prior` (runs,) is the log importance ratio, prior density over that of drawing; `log_polls`
    (attitudes, runs) and `log_meetings` (runs,) are the log likelihoods of what was observed.
    """

    wars: Wars
    log_prior: Floats
    log_polls: Floats
    log_meetings: Floats

    @property
    def log_seen(self) -> Floats:
        """The log likelihood of all that was observed, shape (runs,)."""
        return self.log_polls.sum(axis=0) + self.log_meetings

    def weight(self, where: Bools | None = None, log: Floats | None = None) -> Floats:
        """The weight of each war, adding up to 1; of some wars only, or by a given likelihood."""
        log = self.log_prior + (self.log_seen if log is None else log)
        return weights(log if where is None else np.where(where, log, -np.inf))

    def log_evidence(self, log: Floats, where: Bools | None = None) -> float:
        """The log marginal likelihood, over wars from the prior."""
        prior = self.log_prior if where is None else np.where(where, self.log_prior, -np.inf)
        return float(logsumexp(prior + log) - logsumexp(prior))


class Together(NamedTuple):
    """All joint wars, the aims they were drawn from, and their places (paths, runs)."""

    weighed: Weighed
    aims: tuple[Aim, ...]
    places: Floats

    @property
    def by_prior(self) -> int:
        """How many of them, counted from the first, were drawn from the prior."""
        return self.places.shape[1] * BY_PRIOR // ROUNDS


def weigh_together(ensemble: Ensemble, observed: Observed) -> Together:
    """Simulate the joint wars round by round, and weight them."""
    question = observed.question
    paths = paths_of(question)
    prior = at_prior(paths)
    first = ensemble.together(range(BY_PRIOR), prior)
    parts = [_seen(observed, wars) for wars in first]
    logs = np.concatenate([log_polls.sum(axis=0) + log for log_polls, log in parts])
    runs = np.concatenate([wars.runs for wars in first])
    paths = (*paths, *_hung_on(question, runs, logs))
    prior = at_prior(paths)
    aims = [prior] * BY_PRIOR
    places = prior.places(question.experiment.seed, runs)
    flown = list(first)
    for round_ in range(BY_PRIOR, ROUNDS):
        aim = aims[-1].nearer(places, log_rarity(aims, places) + logs)
        aims.append(aim)
        (wars,) = ensemble.together([round_], aim)
        flown.append(wars)
        parts.append(_seen(observed, wars))
        logs = np.concatenate([logs, parts[-1][0].sum(axis=0) + parts[-1][1]])
        at = aim.places(question.experiment.seed, ensemble.runs_of(round_))
        places = np.concatenate([places, at], axis=1)
    return Together(
        Weighed(
            joined(flown),
            log_rarity(aims, places),
            np.concatenate([log_polls for log_polls, _ in parts], axis=1),
            np.concatenate([log for _, log in parts]),
        ),
        tuple(aims),
        places,
    )


def weigh_alone(ensemble: Ensemble, observed: Observed) -> dict[str, Weighed]:
    """The weighted wars of each mechanism alone and of none."""
    return {
        model: Weighed(wars, np.zeros(len(wars.runs)), *_seen(observed, wars))
        for model, wars in ensemble.alone().items()
    }


def _seen(observed: Observed, wars: Wars) -> tuple[Floats, Floats]:
    return observed.log_polls(wars), observed.log_meetings(wars)


def joined(parts: list[Wars]) -> Wars:
    """The wars of several parts, in order."""
    return Wars(*(np.concatenate(field, axis=-1) for field in zip(*parts, strict=True)))


def _hung_on(question: Question, runs: Ints, logs: Floats) -> tuple[str, ...]:
    """The figures whose mean place differs most from the prior in weighted wars.

    Weights are tempered to a hundred effective wars, so that no single war decides.
    """
    weight = _tempered(logs, 100.0)
    moved = {}
    for path, figure in figures(question.scenario):
        if figure.is_drawn:
            place = at_prior([path]).places(question.experiment.seed, runs)[0]
            moved[path] = abs(float(weight @ place))
    return tuple(sorted(moved, key=lambda path: -moved[path])[:MOST_FIGURES])


def _tempered(logs: Floats, wanted: float) -> Floats:
    """Weights tempered by the largest of some powers up to 1 that leaves enough effective wars."""
    for power in 0.8 ** np.arange(60.0):
        weight = weights(power * logs)
        if effective_runs(weight) >= wanted:
            break
    return weight
