"""The factors of a sweep: ranges as numeric scales, and settings that distinguish panels."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from sim.experiment.design import AS_IT_STANDS
from sim.render.document import Figures
from sim.report.plots.places import Floats
from sim.report.plots.words import dollars, number, sentence

_Some = TypeVar("_Some")
Titles = dict[str, str]
Levels = dict[str, Any]
"""One level of each of some factors, by the factor's name."""
BAND = ("", " 5 %", " 95 %")
"""The suffixes of an outcome's columns for the mean and the central 90 %."""
_NUMBERED = re.compile(r"([-−]?\d+(?:\.\d+)?)[ _]*([^\d\W][^\d]*)?")


@dataclass(frozen=True)
class Scale:
    """A factor along an axis: its levels in ascending order, or their positions if named."""

    name: str
    title: str
    unit: str
    levels: Floats
    named: tuple[str, ...] = ()

    @cached_property
    def is_log(self) -> bool:
        """Whether levels span a factor of 10 and are more evenly spaced as logarithms."""
        x = self.levels
        if self.named or len(x) < 3 or x[0] <= 0.0 or x[-1] < 10.0 * x[0]:
            return False
        plain, logs = np.diff(x), np.diff(np.log(x))
        return bool(np.std(logs) / np.mean(logs) < np.std(plain) / np.mean(plain))

    @property
    def label(self) -> str:
        """The title with the unit, if there is one."""
        title = sentence(self.title)
        is_plain = not self.unit_suffix or "(" in title
        return title if is_plain else f"{title} ({self.unit})"

    @property
    def unit_suffix(self) -> str:
        """The unit after a number; empty without one, and for dollars, whose format includes it."""
        return "" if self.unit in ("1", "", "USD") else f" {self.unit}"

    def place(self, values: Any) -> Floats:
        """The positions of values on the axis."""
        read = np.asarray(values, np.float64)
        return np.log10(read) if self.is_log else read

    def words(self, value: float) -> str:
        """A level as a tick label."""
        if self.named:
            return self.named[int(value)]
        return dollars(value) if self.unit == "USD" else short_number(value)

    def in_words(self, value: float) -> str:
        """A level with its title and unit."""
        return f"{self.title} {self.words(value)}{self.unit_suffix}"


@dataclass(frozen=True)
class Sweep:
    """The answer of a sweep, with ranged factors as numeric scales and the others as settings."""

    figures: Figures
    table: pd.DataFrame
    titles: Titles
    ranges: tuple[Scale, ...]
    settings: dict[str, list[Any]]

    @property
    def contrast(self) -> Figures | None:
        """The contrast of two settings, if one was requested."""
        return self.figures["contrast"]

    def title(self, name: str) -> str:
        """The title of a factor or an outcome, or its name made readable."""
        if name in self.titles:
            return self.titles[name]
        plain = name.removeprefix("mechanisms.").removesuffix(".on").removesuffix("_usd")
        return re.sub(r"[._-]+", " ", plain).strip()

    def setting(self, name: str, level: Any) -> str:
        """A setting as text; one that is only on or off includes the factor's title."""
        if isinstance(level, bool | np.bool_):
            return f"{self.title(name)} {as_written(level)}"
        if isinstance(level, int | float):
            return f"{self.title(name)} {short_number(level)}"
        return as_written(level)

    def in_words(self, levels: Levels) -> str:
        """Some levels as text."""
        scales = {scale.name: scale for scale in self.ranges}
        return ", ".join(
            scales[name].in_words(level) if name in scales else self.setting(name, level)
            for name, level in levels.items()
        )

    def combinations(
        self, ranges: Sequence[Scale] = (), without: str = "", most: int | None = None
    ) -> list[Levels]:
        """All combinations of some ranges and of the settings, one of these left out.

        If there are more than `most`, ranges are thinned, both ends first.
        """
        settings = {name: found for name, found in self.settings.items() if name != without}
        levels = {scale.name: list(scale.levels) for scale in ranges}
        every = prod(len(found) for found in (*levels.values(), *settings.values()))
        if ranges and most is not None and every > most:
            share = most / prod(len(found) for found in settings.values())
            each = max(1, int(share ** (1 / len(ranges)) + 1e-9))
            levels = {name: evenly(found, each) for name, found in levels.items()}
        levels |= settings
        picked = [dict(zip(levels, one, strict=True)) for one in product(*levels.values())]
        return picked[:most]

    def at(self, levels: Levels) -> pd.DataFrame:
        """The points at some levels."""
        return points_at(self.table, levels)

    def note(self, left_out: str, *outcomes: str) -> str:
        """The number of points, runs per point, seed, and how many wars have the outcomes."""
        points, runs, seed = (self.figures[word] for word in ("points", "runs", "seed"))
        spans = [span for outcome in outcomes if (span := self._wars(outcome))]
        of = ""
        if spans:
            least, most = min(span[0] for span in spans), max(span[1] for span in spans)
            of = f" ({least:,} to {most:,} have it)"
        return f"{left_out}{points:,} points, {runs:,} runs of each{of}, seed {seed}"

    def missing(self, *outcomes: str) -> list[str]:
        """For outcomes that some wars lack: how many wars each mean is based on."""
        return [
            f"{sentence(self.title(outcome))} is of the wars in which it happened, {span[0]:,} to "
            f"{span[1]:,} of {self.figures['runs']:,} at a point."
            for outcome in outcomes
            if (span := self._wars(outcome))
        ]

    def _wars(self, outcome: str) -> tuple[int, int] | None:
        """The fewest and the most wars of a point with an outcome; None if all have it."""
        wars = self.table[f"{outcome} wars"]
        least, most = int(wars.min()), int(wars.max())
        return (least, most) if least < self.figures["runs"] else None


def as_written(level: Any) -> str:
    """A setting as text, made readable."""
    if isinstance(level, bool | np.bool_):
        return "on" if level else "off"
    return str(level).replace("_", " ")


def points_at(frame: pd.DataFrame, levels: Levels) -> pd.DataFrame:
    """The rows of a frame at some levels."""
    for name, level in levels.items():
        frame = frame[frame[name] == level]
    return frame


def evenly(items: list[_Some], most: int) -> list[_Some]:
    """An evenly spaced selection, including both ends if there is room for two."""
    if len(items) <= most:
        return items
    if most == 1:
        return items[:1]
    return [items[round(k)] for k in np.linspace(0, len(items) - 1, most)]


def short_number(value: float) -> str:
    """A number, with k, M or bn from a hundred thousand on."""
    return dollars(value).replace("$", "").strip() if abs(value) >= 1e5 else number(value)


def read_sweep(figures: Figures, table: pd.DataFrame, titles: Titles) -> Sweep:
    """Separate ranges from settings, and make the ranges numeric, in the order of the factors.

    The unit of a range is kept apart from its title; settings that are plain numbers have none.
    """
    contrast = figures["contrast"]
    sweep = Sweep(figures, table, titles, (), {})
    frames = [table]
    if contrast is not None:
        frames += [pd.DataFrame(contrast[outcome]["places"]) for outcome in figures["outcomes"]]
    ranges: list[Scale] = []
    settings: dict[str, list[Any]] = {}
    for name, factor in figures["factors"].items():
        numbers = _Numbers({}, factor["unit"] or "1")
        if factor["kind"] == "settings":
            numbers = _numbers(factor["levels"])
        elif AS_IT_STANDS in set(table[name]):
            numbers = numbers._replace(of={level: float(level) for level in factor["levels"]})
        read = table[name].map(numbers.of) if numbers.of else table[name]
        is_lever = contrast is not None and contrast["lever"] == name
        known = read.dropna()
        if numbers.unit is None or is_lever or known.nunique() < 2 or not _is_finite(known):
            there = set(table[name])
            every = dict.fromkeys([factor["stands"], *factor["levels"]])
            settings[name] = [level for level in every if level in there]
            continue
        levels = np.unique(known.to_numpy(np.float64))
        title = sweep.title(name).removesuffix(f", {numbers.unit}")
        ranges.append(Scale(name, title, numbers.unit, levels))
        if numbers.of:
            frames = [frame.assign(**{name: frame[name].map(numbers.of)}) for frame in frames]
    settings = {name: levels for name, levels in settings.items() if len(levels) > 1}
    if contrast is not None:
        by_outcome = dict(zip(figures["outcomes"], frames[1:], strict=True))
        figures = figures | {"contrast": contrast | {"told": by_outcome}}
    return Sweep(figures, frames[0], titles, tuple(ranges), settings)


def _is_finite(levels: "pd.Series[float]") -> bool:
    return bool(np.isfinite(levels.to_numpy(np.float64)).all())


class _Numbers(NamedTuple):
    """Levels that are numbers as text, and their common unit; None if they are not."""

    of: dict[Any, float]
    unit: str | None


def _numbers(levels: Sequence[Any]) -> _Numbers:
    """Convert settings such as 200, `300 km` and `400 km` to numbers with one unit."""
    found: dict[Any, float] = {}
    units = set()
    for level in levels:
        match = _NUMBERED.fullmatch(str(level))
        if match is None or isinstance(level, bool):
            return _Numbers({}, None)
        found[level] = float(match[1].replace("−", "-"))
        units.add((match[2] or "1").replace("_", " ").strip())
    is_one = len(units) == 1 and len(set(found.values())) == len(found)
    return _Numbers(found, units.pop()) if is_one else _Numbers({}, None)
