"""Paired runs: what a change makes of a war, on shared luck."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.estimate import estimate
from sim.experiment.record import Record
from sim.experiment.runner import run
from sim.experiment.workers import Workers
from sim.scenario.schema import Scenario

Floats = NDArray[np.float64]

_STILL = 1e-9  # what is smaller is rounding


@dataclass(frozen=True)
class Contrast:
    """Two records of the same runs; an effect is `changed` minus `base`.

    For what a change makes of a war, `base` is the war as it is. For what a part of it does, a
    raid say, `base` is the war without the part.
    """

    base: Record
    changed: Record

    def effect_on(self, outcome: str) -> dict[str, Any]:
        """The paired effect (changed minus base) on a column of runs, run by run.

        `variance_saved` is how many times smaller the pairing makes the variance of the mean
        difference; None where both are constant. Raises KeyError where neither has the column.
        """
        ours, theirs = _columns(self.base.runs, self.changed.runs, outcome)
        return paired(ours, theirs)

    def effect_on_day(self, position: str, day: int) -> dict[str, Any]:
        """The paired effect on a position of a day (such as `z`), or on a term (`h_cost_u`)."""
        return paired(at_day(self.base, position, day), at_day(self.changed, position, day))


def compare(
    base: Scenario, changed: Scenario, runs: int = 1000, seed: int = 1, workers: Workers = None
) -> Contrast:
    """Run two scenarios on shared luck; effects are those of `changed` minus those of `base`."""
    return Contrast(
        run(base, runs, seed, workers, with_days=True),
        run(changed, runs, seed, workers, with_days=True),
    )


def paired(base: Floats, changed: Floats) -> dict[str, Any]:
    """Estimate of changed minus base run by run, and how much variance the pairing saved.

    `above_zero` and `below_zero` are the shares of the runs that have both in which the difference
    is so.
    """
    difference = changed - base
    together, apart = _variance(difference), _variance(base) + _variance(changed)
    saved = apart / together if together > 1e-12 * max(apart, 1e-300) else None
    kept = difference[~np.isnan(difference)]
    return estimate(difference) | {
        "above_zero": float((kept > _STILL).mean()) if len(kept) else None,
        "below_zero": float((kept < -_STILL).mean()) if len(kept) else None,
        "base": estimate(base),
        "changed": estimate(changed),
        "variance_saved": saved if apart > 0.0 else None,
    }


def _variance(values: Floats) -> float:
    kept = values[~np.isnan(values)]
    return float(kept.var()) if len(kept) else 0.0


def at_day(record: Record, position: str, day: int) -> Floats:
    """A position or a term at the end of a day in each run; a term that is off is 0."""
    word, _, letter = position.rpartition("_")
    side = record.scenario.favourite if letter == "d" else record.scenario.underdog
    days = record.days
    rows = days[(days["day"] == day) & (days["side"] == side)]
    column = word or position
    if column not in rows and column.startswith("h_"):
        return np.zeros(len(rows))
    return rows.sort_values("run")[column].to_numpy(np.float64)


def _columns(ours: pd.DataFrame, theirs: pd.DataFrame, outcome: str) -> tuple[Floats, Floats]:
    """The column of both; what one lacks (a raid left out) did not happen there: 0."""
    if outcome not in ours and outcome not in theirs:
        raise KeyError(outcome)
    missing = np.zeros(len(ours))
    return (
        ours[outcome].to_numpy(np.float64) if outcome in ours else missing,
        theirs[outcome].to_numpy(np.float64) if outcome in theirs else missing,
    )
