"""Nightly raids as reported: a CSV file in the format of the public data set, read and pooled.

One row per night and weapon model; a row may name several models. Columns read: `time_start`,
`time_end`, `model`, `launched`, `destroyed`, `not_reach_goal`, and if present `is_shahed` (how many
of the launched were armed), `still_attacking`, `num_hit_location` and `target`; other columns are
ignored. A night has the date on which its raid ended, so that a raid from evening to morning is one
night. Neutralised = destroyed + not_reach_goal, leaked = launched - neutralised; launched counts
decoys.
"""

import datetime
import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.evidence.nights.rows import Notes, read_rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_MEMORY_DAYS = 60

WHOLE_COUNTRY = "Ukraine"
"""The target that means no particular region."""
LAST_SPLIT = datetime.date(2025, 7, 23)
"""The last day on which reports separate shot down and lost; later ones give only the sum."""

# The class of a model depends on what can stop it, not on its propulsion. Supersonic missiles
# that dive at their target count as ballistic, because the same few batteries can stop them.
_CLASSES = {
    "shahed": r"shahed|geran|gerbera|one-way",
    "cruise": r"x-101|x-55|x-59|x-69|kalibr|iskander-k|x-35|p-500|cruise",
    "ballistic": r"iskander-m|kn-23|c-300|c-400|kinzhal|ballistic|x-22|x-32|oniks|zircon",
}
CLASSES = tuple(_CLASSES)
# Kinds within a class that are not equally easy to stop. The first of each is the reference for
# the others, and contains every model that matches no later pattern.
_KINDS = {
    "shahed": {"shahed": ""},
    "cruise": {
        "air or sea launched": "",
        "tactical": r"x-59|x-69|x-35|p-500",
        "ground launched": r"iskander-k",
    },
    "ballistic": {
        "ballistic": "",
        "anti-aircraft at ground": r"c-300|c-400",
        "aeroballistic": r"kinzhal",
        "anti-ship": r"x-22|x-32|oniks|zircon",
    },
}
KINDS = {name: tuple(kinds) for name, kinds in _KINDS.items()}
"""The kinds of each class by name, the reference kind first."""
_LATIN = str.maketrans("ХхСсКкМм", "XxCcKkMm")  # letters that look alike in two alphabets


@dataclass(frozen=True)
class Nights:
    """The nights of one class in order of date, all arrays of shape (n,).

    `day` is the ordinal of the date. `counts_lost` says whether drones lost without a shot are
    among the neutralised: from the first night that reports any. `lost` is their number, NaN if not
    reported. `tempo` is the recent number launched per day, before the night. `kinds` (n, kinds)
    are the shares of the launched by kind, in the order of KINDS; `armed` is the reported share of
    armed drones, NaN if there is none. `places_hit` and `still_attacking` are counts, NaN if no row
    gives them; `regional` is the share of the launched that was aimed at less than the whole
    country.
    """

    day: Ints
    launched: Ints
    leaked: Ints
    counts_lost: Bools
    lost: Floats
    tempo: Floats
    kinds: Floats
    armed: Floats
    places_hit: Floats
    still_attacking: Floats
    regional: Floats

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
    """The contents of a file: nights by class, first and last date, and notes on its rows.

    `left_out` counts rows by the reason they are left out; `by_row` names those that could be
    corrected in the file: unreadable ones, duplicates, approximate counts. `rows` is the number
    read.
    """

    classes: dict[str, Nights]
    left_out: dict[str, int]
    by_row: tuple[str, ...]
    rows: int
    first: datetime.date
    last: datetime.date


@dataclass
class _Night:
    """Sums over the rows of one class and night; `lost` is None if no row reports it.

    `armed` is the number of armed among `divided` launched, those of the rows that report it.
    """

    launched: int = 0
    neutralised: int = 0
    lost: int | None = None
    armed: int = 0
    divided: int = 0
    places_hit: int | None = None
    still_attacking: int | None = None
    regional: int = 0
    kinds: dict[str, float] = field(default_factory=dict)


def class_of(model: str) -> str | None:
    """The class of a model, or of several models of one class; None for all others."""
    found = _classes_in(model)
    return found.pop() if len(found) == 1 else None


def _classes_in(model: str) -> set[str | None]:
    """The classes of the models in a row, with None for a model of no class."""
    return {
        next((name for name, words in _CLASSES.items() if re.search(words, one)), None)
        for one in _models(model)
    }


def kinds_of(name: str, model: str) -> Floats:
    """The shares of a class's kinds in one or several models, counted equally, (kinds,)."""
    kinds = [_kind(name, one) for one in _models(model)]
    return np.array([kinds.count(kind) / len(kinds) for kind in KINDS[name]])


def _models(model: str) -> list[str]:
    """The models of a row, in Latin letters; X-101 and Kh-101 are the same."""
    latin = model.translate(_LATIN).lower()
    return re.split(r"\s+and\s+", re.sub(r"\bkh-", "x-", latin))


def _kind(name: str, model: str) -> str:
    """The kind of a model of a class."""
    first, *others = _KINDS[name]
    return next((kind for kind in others if re.search(_KINDS[name][kind], model)), first)


def read_nights(path: str | Path) -> Reported:
    """Read a file of nights. Raises NightsError if it is no such file or no row can be read."""
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
            if row.is_shahed is not None:
                sums.armed += min(row.is_shahed, row.launched)
                sums.divided += row.launched
            if row.num_hit_location is not None:
                sums.places_hit = (sums.places_hit or 0) + row.num_hit_location
            if row.still_attacking is not None:
                sums.still_attacking = (sums.still_attacking or 0) + row.still_attacking
            if row.target and row.target != WHOLE_COUNTRY:
                sums.regional += row.launched
            models = _models(row.model)
            for model in models:  # several models in a row share it equally
                kind = _kind(name, model)
                sums.kinds[kind] = sums.kinds.get(kind, 0.0) + row.launched / len(models)
    classes = {name: _nights(name, table) for name, table in tables.items()}
    return Reported(
        classes, notes.left_out, tuple(notes.by_row), len(dates), min(dates), max(dates)
    )


def _nights(name: str, table: dict[datetime.date, _Night]) -> Nights:
    """Arrays in order of date; if more is reported stopped than launched, nothing leaked."""
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
    kinds = np.array([[night.kinds.get(kind, 0.0) for kind in KINDS[name]] for night in sums])
    kinds = kinds.reshape(len(sums), len(KINDS[name])) / launched[:, None]
    armed = [night.armed / night.divided if night.divided else math.nan for night in sums]
    tempo = tempo_of(days, launched)
    regional = np.array([night.regional for night in sums], np.float64) / launched
    return Nights(
        days, launched, leaked, counts_lost, lost, tempo, kinds, np.array(armed),
        _told([night.places_hit for night in sums]),
        _told([night.still_attacking for night in sums]), regional,
    )  # fmt: skip


def _told(counts: list[int | None]) -> Floats:
    return np.array([math.nan if count is None else count for count in counts], np.float64)


def tempo_of(days: Ints, launched: Ints) -> Floats:
    """Mean launched per day before each night, with exponential memory of 60 days.

    Before the first night it is the mean of the first 60 days. Depends on launched counts alone.
    """
    tempo = np.empty(len(days))
    rate = float(launched[days < days[:1] + _MEMORY_DAYS].sum()) / _MEMORY_DAYS
    for k in range(len(days)):
        if k:
            rate += launched[k - 1] / _MEMORY_DAYS
            rate *= math.exp((days[k - 1] - days[k]) / _MEMORY_DAYS)
        tempo[k] = rate
    return tempo
