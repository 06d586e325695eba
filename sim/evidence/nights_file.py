"""Nightly raids as reported: a CSV file in the format of the public data set, read and pooled.

One row a night and weapon model, or several models in one row. What is read: `time_start`,
`time_end`, `model`, `launched`, `destroyed`, `not_reach_goal`; other columns may be there. A night
has the date on which its raid ended, so that a raid from evening to morning is one night.
Neutralised = destroyed + not_reach_goal, leaked = launched - neutralised; launched counts decoys.
"""

import csv
import datetime
import io
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from sim.scenario.ordinary import NotOrdinary, read_ordinary

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

COLUMNS = ("time_start", "time_end", "model", "launched", "destroyed", "not_reach_goal")
MOST_LAUNCHED = 10_000
LARGEST_FILE_BYTES = 50_000_000
_MEMORY_DAYS = 60
_YEARS = range(2000, 2100)

LAST_SPLIT = datetime.date(2025, 7, 23)
"""From the day after, reports no longer tell what was shot from what was lost: only their sum."""

# Which class a model belongs to: by what can stop it, not by what drives it. Supersonic missiles
# that dive at their target are with the ballistic ones: the same few batteries can stop them.
_CLASSES = {
    "shahed": r"shahed|geran|gerbera",
    "cruise": r"x-101|x-55|x-59|x-69|kalibr|iskander-k|x-35|p-500",
    "ballistic": r"iskander-m|kn-23|c-300|c-400|kinzhal|ballistic|x-22|x-32|oniks|zircon",
}
CLASSES = tuple(_CLASSES)
_LATIN = str.maketrans("ХхСсКкМм", "XxCcKkMm")  # letters that look alike in two alphabets


class NightsError(ValueError):
    """A file of nights, or a date, that cannot be used: one line that says where and what."""


@dataclass(frozen=True)
class Nights:
    """The nights of one class in order of date, all arrays of shape (n,).

    `day` is the ordinal of the date. `counts_lost` says whether drones that were lost without a
    shot are among the neutralised: from the first night on that tells any. `lost` is their number,
    not a number where it is not told.
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
    """What a file holds: nights by class, rows by why they are left out, first and last date."""

    classes: dict[str, Nights]
    left_out: dict[str, int]
    rows: int
    first: datetime.date
    last: datetime.date


@dataclass
class _Night:
    """What the rows of one class and night add up to; `lost` is None where none tells it."""

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
    """Read a file of nights. Raises NightsError with the first thing that is wrong."""
    tables: dict[str, dict[datetime.date, _Night]] = {name: {} for name in _CLASSES}
    left_out: Counter[str] = Counter()
    dates = []
    for row in _rows(path):
        night, launched = row.night(), row.count("launched")
        destroyed, lost = row.count("destroyed"), row.count("not_reach_goal")
        dates.append(night)
        name = class_of(row.text("model"))
        if name is None:
            several = len(_classes_in(row.text("model"))) > 1
            left_out["models of several classes" if several else "other models"] += 1
        elif not launched:
            left_out["no launched count"] += 1
        elif destroyed is None and lost is None:
            left_out["no outcome"] += 1
        else:
            sums = tables[name].setdefault(night, _Night())
            sums.launched += launched
            sums.neutralised += (destroyed or 0) + (lost or 0)
            sums.lost = sums.lost if lost is None else (sums.lost or 0) + lost
    if not dates:
        raise NightsError(f"{path}:2:1: no row, expected one a night and model")
    classes = {name: _nights(table) for name, table in tables.items()}
    return Reported(classes, dict(left_out), len(dates), min(dates), max(dates))


def _nights(table: dict[datetime.date, _Night]) -> Nights:
    """Arrays in order of date; a night of which more is reported stopped than launched leaks 0."""
    dates = sorted(table)
    sums = [table[date] for date in dates]
    launched = np.array([night.launched for night in sums], np.int64)
    stopped = np.array([night.neutralised for night in sums], np.int64)
    days = np.array([date.toordinal() for date in dates], np.int64)
    leaked = np.maximum(launched - stopped, 0)
    told = np.array([night.lost is not None for night in sums], np.bool_)
    is_split = days <= LAST_SPLIT.toordinal()
    counts_lost = np.logical_or.accumulate(told | ~is_split)
    lost = np.minimum([float(night.lost or 0) for night in sums], launched - leaked)
    lost = np.where(told & is_split, lost, np.nan)
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


# --- rows --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """A row of the file, and where it stands in it."""

    place: str
    header: list[str]
    fields: list[str]

    def text(self, column: str) -> str:
        return self.fields[self.header.index(column)].strip()

    def count(self, column: str) -> int | None:
        """A whole number, None where there is none."""
        text = self.text(column)
        if text.lower() in ("", "nan", "na", "none"):
            return None
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not (0 <= number <= MOST_LAUNCHED and number == int(number)):
            self.fail(column, f"a whole number from 0 to {MOST_LAUNCHED:,}, or nothing")
        return int(number)

    def night(self) -> datetime.date:
        """The date on which the raid ended, or began where no end is told."""
        column = "time_end" if self.text("time_end") else "time_start"
        try:
            date = datetime.datetime.fromisoformat(self.text(column)).date()
        except ValueError:
            date = datetime.date.min
        if date.year not in _YEARS:
            self.fail(column, "a date, YYYY-MM-DD, with or without HH:MM, from 2000 to 2099")
        return date

    def fail(self, column: str, expected: str) -> NoReturn:
        number = self.header.index(column) + 1
        text = self.text(column)[:60]
        raise NightsError(f"{self.place}:{number}: {column}: {text!r}, expected {expected}")


def _rows(path: str | Path) -> Iterator[_Row]:
    """The rows of a file after its header."""
    try:
        text = read_ordinary(path, LARGEST_FILE_BYTES).decode("utf-8-sig")
        with io.StringIO(text, newline="") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            for name in COLUMNS:
                if name not in header:
                    raise NightsError(
                        f"{path}:1:1: no column {name!r}, expected {', '.join(COLUMNS)}"
                    )
            for fields in reader:
                if not fields:
                    continue
                row = _Row(f"{path}:{reader.line_num}", header, fields)
                if len(fields) != len(header):
                    raise NightsError(
                        f"{row.place}:{len(fields)}: {len(fields)} fields, expected {len(header)} "
                        "as in the first line"
                    )
                yield row
    except NotOrdinary as error:
        raise NightsError(f"{path}: {error.strerror}") from None
    except OSError as error:
        raise NightsError(
            f"{path}: cannot be read ({error.strerror}), expected a CSV file"
        ) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise NightsError(f"{path}: not a CSV file in UTF-8 ({error})") from None
