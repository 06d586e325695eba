"""Nightly raids as reported: a CSV file in the format of the public data set, read and pooled.

One row a night and weapon model, or several models in one row. What is read: `time_start`,
`time_end`, `model`, `launched`, `destroyed`, `not_reach_goal`; other columns may be there. A night
has the date on which its raid ended, so that a raid from evening to morning is one night.
Neutralised = destroyed + not_reach_goal, leaked = launched - neutralised; launched counts decoys.
"""

import datetime
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.evidence.nights.rows import Notes, read_rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_MEMORY_DAYS = 60

LAST_SPLIT = datetime.date(2025, 7, 23)
"""From the day after, reports no longer divide what was shot and what was lost: only their sum."""

# Which class a model belongs to: by what can stop it, not by what drives it. Supersonic missiles
# that dive at their target are with the ballistic ones: the same few batteries can stop them.
_CLASSES = {
    "shahed": r"shahed|geran|gerbera",
    "cruise": r"x-101|x-55|x-59|x-69|kalibr|iskander-k|x-35|p-500",
    "ballistic": r"iskander-m|kn-23|c-300|c-400|kinzhal|ballistic|x-22|x-32|oniks|zircon",
}
CLASSES = tuple(_CLASSES)
_LATIN = str.maketrans("ХхСсКкМм", "XxCcKkMm")  # letters that look alike in two alphabets


@dataclass(frozen=True)
class Nights:
    """The nights of one class in order of date, all arrays of shape (n,).

    `day` is the ordinal of the date. `counts_lost` says whether drones that were lost without a
    shot are among the neutralised: from the first night on that reports any. `lost` is their
    number, not a number where it is not reported.
    `tempo` is how many were launched a day lately, before the night.
    """

    day: Ints
    launched: Ints
    leaked: Ints
    counts_lost: Bools
    lost: Floats
    tempo: Floats

    def __len__(self) -> int:
        return len(self.day)

    def where(self, chosen: Bools) -> "Nights":
        """The nights where `chosen`."""
        return Nights(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    def date(self, place: int) -> datetime.date:
        """The date of a night."""
        return datetime.date.fromordinal(int(self.day[place]))


@dataclass(frozen=True)
class Reported:
    """What a file contains: nights by class, first and last date, and notes on its rows.

    `left_out` counts rows by why they are left out; `by_row` names those that a look at the file
    could mend: unreadable ones, doubles, counts given as about so many. `rows` are those read.
    """

    classes: dict[str, Nights]
    left_out: dict[str, int]
    by_row: tuple[str, ...]
    rows: int
    first: datetime.date
    last: datetime.date


@dataclass
class _Night:
    """What the rows of one class and night add up to; `lost` is None where none reports it."""

    launched: int = 0
    neutralised: int = 0
    lost: int | None = None


def class_of(model: str) -> str | None:
    """The class of a model, or of several that are of one class; None for all others."""
    found = _classes_in(model)
    return found.pop() if len(found) == 1 else None


def _classes_in(model: str) -> set[str | None]:
    """The classes of the models of a row, None among them for a model of no class."""
    models = re.split(r"\s+and\s+", model.translate(_LATIN).lower())
    return {
        next((name for name, words in _CLASSES.items() if re.search(words, one)), None)
        for one in models
    }


def read_nights(path: str | Path) -> Reported:
    """Read a file of nights. Raises NightsError where it is none, or no row of it can be read."""
    tables: dict[str, dict[datetime.date, _Night]] = {name: {} for name in _CLASSES}
    notes, dates = Notes(), []
    for row in read_rows(path, notes):
        dates.append(row.night)
        name = class_of(row.model)
        if name is None:
            several = len(_classes_in(row.model)) > 1
            notes.leave_out("models of several classes" if several else "other models")
        elif not row.launched:
            notes.leave_out("no launched count")
        elif row.destroyed is None and row.not_reach_goal is None:
            notes.leave_out("no outcome")
        else:
            sums = tables[name].setdefault(row.night, _Night())
            sums.launched += row.launched
            sums.neutralised += (row.destroyed or 0) + (row.not_reach_goal or 0)
            if row.not_reach_goal is not None:
                sums.lost = (sums.lost or 0) + row.not_reach_goal
    classes = {name: _nights(table) for name, table in tables.items()}
    return Reported(
        classes, notes.left_out, tuple(notes.by_row), len(dates), min(dates), max(dates)
    )


def _nights(table: dict[datetime.date, _Night]) -> Nights:
    """Arrays in order of date; a night of which more is reported stopped than launched leaks 0."""
    dates = sorted(table)
    sums = [table[date] for date in dates]
    launched = np.array([night.launched for night in sums], np.int64)
    stopped = np.array([night.neutralised for night in sums], np.int64)
    days = np.array([date.toordinal() for date in dates], np.int64)
    leaked = np.maximum(launched - stopped, 0)
    is_reported = np.array([night.lost is not None for night in sums], np.bool_)
    is_split = days <= LAST_SPLIT.toordinal()
    counts_lost = np.logical_or.accumulate(is_reported | ~is_split)
    lost = np.minimum([float(night.lost or 0) for night in sums], launched - leaked)
    lost = np.where(is_reported & is_split, lost, np.nan)
    return Nights(days, launched, leaked, counts_lost, lost, _tempo(days, launched))


def _tempo(days: Ints, launched: Ints) -> Floats:
    """Launched a day before each night, what is 60 days old weighing 1/e. Of launched counts alone.

    Before the first night it is the mean of the first 60 days.
    """
    tempo = np.empty(len(days))
    rate = float(launched[days < days[:1] + _MEMORY_DAYS].sum()) / _MEMORY_DAYS
    for k in range(len(days)):
        if k:
            rate += launched[k - 1] / _MEMORY_DAYS
            rate *= math.exp((days[k - 1] - days[k]) / _MEMORY_DAYS)
        tempo[k] = rate
    return tempo
