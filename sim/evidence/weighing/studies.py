"""Event studies: how much an item moved at a date, beyond its usual movement.

Waves of an attitude follow a random walk about their items' levels (`measurement`, with no rule).
An event adds a step b, with prior N(0, 1) in logits, to the waves of its window; given the wander
the posterior of b is normal, and over the candidates it is a mixture. The same is done at placebo
dates, on which nothing of note is known to have happened. Source: mackinlay1997 (the design),
abadie2010 (placebos). The prediction of a mechanism is the change by its rule, in wars weighted by
the earlier waves.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit, logsumexp, softmax

from sim.evidence.polls.forecast import Law, resampled, weights
from sim.evidence.weighing.ensemble import Wars
from sim.evidence.weighing.measurement import (
    Attitude,
    covariance,
    drawn_by,
    log_likelihoods,
    summed,
)
from sim.evidence.weighing.weighing import Observed, Weighed

Floats = NDArray[np.float64]
Figures = dict[str, Any]

STEP_SD = 1.0
"""Prior sd of an event's effect, in logits: 23 points either way of an even split."""
_PLACEBO_STEP_DAYS = 10
_DRAWN = 1000
_ENDS = (0.025, 0.5, 0.975)


class Step(NamedTuple):
    """The posterior of a step: a mixture over the wanders."""

    law: Law
    waves: int

    @property
    def size(self) -> float:
        """Its mean divided by its standard deviation."""
        mean = float(self.law.means.mean())
        variance = float((self.law.sds**2).mean() + self.law.means.var())
        return mean / float(np.sqrt(variance))


def step(
    attitude: Attitude, item: int, day: int, days: int, wanders: Sequence[float]
) -> Step | None:
    """The step of an item's waves in a window of `days` from `day` on.

    None if no wave of the item is in the window, or none before it.
    """
    asked = attitude.item == item
    window = asked & (attitude.day >= day) & (attitude.day < day + days)
    if not window.any() or not (asked & (attitude.day < day)).any():
        return None
    means, sds, logs = [], [], []
    shape = window.astype(np.float64)
    for wander in wanders:
        spread = covariance(attitude, wander)
        solved = np.linalg.solve(spread, np.column_stack([shape, attitude.logit]))
        precision = shape @ solved[:, 0] + STEP_SD**-2
        mean = (shape @ solved[:, 1]) / precision
        left = attitude.logit @ solved[:, 1] - mean**2 * precision
        size = np.linalg.slogdet(spread)[1] + np.log(precision * STEP_SD**2)
        means.append(mean)
        sds.append(precision**-0.5)
        logs.append(-0.5 * (left + size))
    counts = np.rint(1000 * softmax(logs)).astype(int)
    return Step(Law(np.repeat(means, counts), np.repeat(sds, counts)), int(window.sum()))


def studied(observed: Observed) -> pd.DataFrame:
    """One row per event and item: its effect in points, compared with placebos.

    Columns: `event`, `item`, `side`, `asks`, `before` (the last wave before, per cent), `waves` in
    the window, `effect` with `low` and `high` (95 %) in points from `before`, `placebos` (their
    number), and `as_large`, the share of placebos whose step is as large in standard deviations.
    """
    rows: list[Figures] = []
    question = observed.question
    events = question.experiment.studies
    dates = {name: question.scenario.day_of(event.date) for name, event in events.items()}
    wanders = question.experiment.wanders.values
    for attitude in observed.attitudes:
        for number, item in enumerate(attitude.items):
            for name, event in events.items():
                found = step(attitude, number, dates[name], event.days, wanders)
                if found is None:
                    continue
                placebos = _placebos(attitude, number, event.days, list(dates.values()), wanders)
                rows.append(
                    {"event": name, "item": item, "side": attitude.side, "asks": attitude.asks}
                    | _in_points(attitude, number, dates[name], found)
                    | {
                        "placebos": len(placebos),
                        "as_large": float(np.mean(np.abs(placebos) >= abs(found.size)))
                        if placebos
                        else np.nan,
                    }
                )
    return pd.DataFrame(rows)


def foretold(observed: Observed, alone: Mapping[str, Weighed], seed: int) -> pd.DataFrame:
    """One row per event, item and mechanism alone: the step it predicted, and how well.

    Wars are weighted by all waves before the event. The prediction is the change of the item's
    logit by the rule alone, from its last wave before to the mean of those in the window. Columns:
    `event`, `item`, `mechanism`, `effect` with `low` and `high` (90 %) in points from the last wave
    before, and `log_odds` of the predicted step against none, given the observed one.
    """
    rows: list[Figures] = []
    question = observed.question
    events = question.experiment.studies
    wanders = question.experiment.wanders.values
    days = {event: question.scenario.day_of(study.date) for event, study in events.items()}
    spreads = np.array([candidate.spread for candidate in observed.candidates])
    before = {
        (day, mechanism): _before(observed, weighed, day)
        for day in set(days.values())
        for mechanism, weighed in alone.items()
    }
    for number, attitude in enumerate(observed.attitudes):
        for event, study in events.items():
            day = days[event]
            seen = [step(attitude, k, day, study.days, wanders) for k in range(len(attitude.items))]
            if not any(seen):
                continue
            luck = np.random.default_rng([seed, 6, number, day]).random(_DRAWN)
            for mechanism in alone:
                wars, logs = before[day, mechanism]
                spread = spreads[drawn_by(logs[number], luck)]
                rule = -observed.reservations(attitude, wars) / spread
                rows += [
                    {"event": event, "item": attitude.items[item], "mechanism": mechanism}
                    | _foretold(attitude, item, day, study.days, rule, found)
                    for item, found in enumerate(seen)
                    if found is not None
                ]
    return pd.DataFrame(rows)


class _Before(NamedTuple):
    """Wars drawn by all waves before a day, and the likelihoods of the candidates in each of them.

    `logs` has log likelihoods (candidates, runs) for each attitude.
    """

    wars: Wars
    logs: list[Floats]


def _before(observed: Observed, weighed: Weighed, day: int) -> _Before:
    """What was known before a day, in the wars of a model."""
    logs = []
    for earlier in (_until(attitude, day) for attitude in observed.attitudes):
        reservations = observed.reservations(earlier, weighed.wars)
        logs.append(log_likelihoods(earlier, reservations, observed.candidates))
    known = weighed.log_prior + sum(summed(log) for log in logs)
    drawn = resampled(weights(known), _DRAWN)
    return _Before(weighed.wars.of(drawn), [log[:, drawn] for log in logs])


def _until(attitude: Attitude, day: int) -> Attitude:
    """The waves of an attitude before a day."""
    before = attitude.day < day
    arrays = {
        word: getattr(attitude, word)[before]
        for word in ("day", "item", "logit", "sd", "n", "times")
    }
    return attitude._replace(**arrays)


def _foretold(
    attitude: Attitude, item: int, day: int, days: int, rule: Floats, found: Step
) -> Figures:
    """The step that a rule (waves, runs), in logits, predicts, in points, and how well."""
    own = attitude.item == item
    window = own & (attitude.day >= day) & (attitude.day < day + days)
    last = np.flatnonzero(own & (attitude.day < day))[-1]
    change = rule[window].mean(axis=0) - rule[last]
    start = attitude.logit[last]
    shares = 100.0 * (expit(start + np.quantile(change, (0.05, 0.5, 0.95))) - expit(start))
    return {
        "effect": float(shares[1]),
        "low": float(shares[0]),
        "high": float(shares[2]),
        "log_odds": _log_odds(found, change),
    }


def _log_odds(found: Step, change: Floats) -> float:
    """The log odds of the predicted steps, one per war, against none, given the observed step.

    The likelihood of a step is its posterior without the prior N(0, STEP_SD^2).
    """
    mean = float(found.law.means.mean())
    variance = float((found.law.sds**2).mean() + found.law.means.var())
    precision = max(1.0 / variance - STEP_SD**-2, 1e-12)
    seen = mean / variance / precision
    logs = -0.5 * precision * (seen - change) ** 2
    return float(logsumexp(logs) - np.log(len(logs)) + 0.5 * precision * seen**2)


def _in_points(attitude: Attitude, item: int, day: int, found: Step) -> Figures:
    own = (attitude.item == item) & (attitude.day < day)
    before = float(expit(attitude.logit[own][-1]))
    low, middle, high = 100.0 * (expit(logit(before) + found.law.quantiles(_ENDS)) - before)
    return {
        "before": 100.0 * before,
        "waves": found.waves,
        "effect": float(middle),
        "low": float(low),
        "high": float(high),
    }


def _placebos(
    attitude: Attitude, item: int, days: int, events: list[int], wanders: Sequence[float]
) -> list[float]:
    """Step sizes at dates whose window contains no event and overlaps no event's window."""
    own = attitude.day[attitude.item == item]
    tried = range(int(own[0]) + 1, int(own[-1]) + 1, _PLACEBO_STEP_DAYS)
    free = [day for day in tried if all(abs(day - event) >= days for event in events)]
    found = [step(attitude, item, day, days, wanders) for day in free]
    by_waves = {}
    for day, one in zip(free, found, strict=True):
        if one is not None:  # windows with the same waves count as one placebo
            inside = (attitude.item == item) & (attitude.day >= day) & (attitude.day < day + days)
            by_waves[tuple(np.flatnonzero(inside))] = one.size
    return list(by_waves.values())
