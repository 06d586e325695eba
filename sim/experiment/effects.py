"""Paired effects between two records, on an outcome and on a position on a day."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.errors import ExperimentError
from sim.experiment.record import Record
from sim.experiment.statistics.paired import paired
from sim.scenario.calls.arguments import whole
from sim.scenario.columns import cards_of
from sim.scenario.figure import did_you_mean

Floats = NDArray[np.float64]

_WHOLE = ("z", "at_war", "ceasefire")  # of the war, the same for both sides


def effect_on(base: Record, changed: Record, outcome: str) -> dict[str, Any]:
    """The paired effect on a column of runs. Raises KeyError if neither record has it."""
    frames = base.runs, changed.runs
    known = dict.fromkeys((*frames[0], *frames[1]))
    if outcome not in known:
        hint = did_you_mean(outcome, known) or ", expected a column of runs"
        raise KeyError(f"no outcome {outcome!r}{hint}")
    return paired(*(_column(frame, outcome) for frame in frames))


def effect_on_day(base: Record, changed: Record, position: str, day: int) -> dict[str, Any]:
    """The paired effect on a position at the end of a day.

    Raises KeyError if neither has the position, ExperimentError if no days are stored or the
    war has no such day.
    """
    return effects_on_day(base, changed, [position], day)[position]


def effects_on_day(
    base: Record, changed: Record, positions: Iterable[str], day: int
) -> dict[str, dict[str, Any]]:
    """The paired effects on some positions at the end of a day. Raises as `effect_on_day` does."""
    records = base, changed
    for record in records:
        _check_days(record)
    known = dict.fromkeys(name for record in records for name in positions_of(record))
    evenings = [_evening(record, day) for record in records]
    effects = {}
    for position in positions:
        if position not in known:
            hint = did_you_mean(position, known) or ", expected one such as z, r_u or h_cost_d"
            raise KeyError(f"no position {position!r}{hint}")
        pair = zip(records, evenings, strict=True)
        effects[position] = paired(*(_position(record, rows, position) for record, rows in pair))
    return effects


def positions_of(record: Record) -> list[str]:
    """The positions that `at_day` knows; those of a side end in `_u` or `_d`."""
    whole = _whole(record)
    by_side = [name for name in record.names("days") if name not in ("run", "day", "side", *whole)]
    terms = [f"h_{name}" for name, _ in record.scenario.mechanisms]
    both = (f"{name}_{letter}" for name in dict.fromkeys((*by_side, *terms)) for letter in "ud")
    return [*whole, *both]


def at_day(record: Record, position: str, day: int) -> Floats:
    """A position or a term at the end of a day in each run; a term that is off is 0.

    Raises ExperimentError if no days are stored or the war has no such day.
    """
    _check_days(record)
    return _position(record, _evening(record, day), position)


def _evening(record: Record, day: int) -> dict[str, pd.DataFrame]:
    """The rows of a day by side, run by run. Raises ExperimentError if the war has no such day."""
    whole("day", day, 0, record.scenario.days - 1)
    rows = record.days[record.days["day"] == day].sort_values("run")
    return {side: rows[rows["side"] == side] for side in record.scenario.sides}


def _position(record: Record, evening: Mapping[str, pd.DataFrame], position: str) -> Floats:
    scenario = record.scenario
    column, side = position, scenario.underdog
    if position not in _whole(record):
        column, _, letter = position.rpartition("_")
        side = scenario.favourite if letter == "d" else scenario.underdog
    rows = evening[side]
    if column in rows:
        return rows[column].to_numpy(np.float64)
    return np.full(len(rows), 0.0 if column.startswith("h_") else np.nan)


def _whole(record: Record) -> tuple[str, ...]:
    """Columns equal in both sides' rows: of the war, and of patrons' beliefs and pressure."""
    of_patrons = (word for word in cards_of(record.scenario) if word not in ("p_u", "p_d"))
    return (*_WHOLE, *of_patrons)


def _check_days(record: Record) -> None:
    if not record.names("days"):
        raise ExperimentError("no days were stored, expected a run with_days=True")


def _column(runs: pd.DataFrame, outcome: str) -> Floats:
    """A column of runs; NaN in every run if there is no such column."""
    if outcome not in runs:
        return np.full(len(runs), np.nan)
    return runs[outcome].to_numpy(np.float64)
