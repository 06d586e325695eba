"""Charts of the page as SVG: drawn for a width in pixels, coloured by the page's style sheet.

The plots of `report.plots` are for paper. These must be readable on a phone and on a dark page, and
are drawn in milliseconds.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.experiment.record import Record
from sim.render.template import fill
from sim.report.plots.places import flag_levels
from sim.report.plots.run.position_panels import Mark
from sim.report.plots.run.positions import marks_of, of_underdog

WIDE, NARROW = 860, 340
"""The widths charts are drawn for, in pixels."""
LEFT, RIGHT = 44.0, 12.0
"""The margins to the left and right of the days, in pixels."""

_TEMPLATES = Path(__file__).with_name("templates")
_FLAG = 17.0  # the height of a flag, in pixels
_MOST_LEVELS = 7  # of flags stacked above each other
_TICKS_DAYS = (1, 2, 5, 7, 14, 30, 61, 91, 182, 365, 730)
_PER_LETTER = 6.1  # pixels per character of a flag
_MOST_TIPS = 200  # days that show their values under the pointer
_LONG_DAYS = 400  # longer axes show years instead of days

Fans = dict[str, pd.DataFrame]
"""By position, one row per day with q05, q25, q50, q75, q95: u is the underdog's least share,
d the most that the favourite grants, z the zone between."""


@dataclass(frozen=True)
class Plane:
    """A panel of a chart: days to the right, values upwards, both in pixels."""

    left: float
    top: float
    width: float
    height: float
    days: int
    low: float
    high: float

    @property
    def right(self) -> float:
        """The end of the last day."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The place of the lowest value."""
        return self.top + self.height

    def x(self, day: float) -> float:
        """The start of a day."""
        return round(self.left + self.width * day / self.days, 1)

    def y(self, value: float) -> float:
        """The place of a value."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.top + self.height * (1.0 - share), 1)

    def line(self, values: Iterable[float]) -> str:
        """The path that holds each day's value until the next."""
        return _path(self._corners(values))

    def band(self, low: Iterable[float], high: Iterable[float]) -> str:
        """The path around the area between two values of each day."""
        return _path(self._corners(low) + self._corners(high)[::-1]) + "Z"

    def _corners(self, values: Iterable[float]) -> list[tuple[float, float]]:
        ends = [(self.x(day), self.x(day + 1)) for day in range(self.days)]
        return [
            (x, self.y(float(value)))
            for pair, value in zip(ends, values, strict=True)
            for x in pair
        ]

    def ticks(self, step: float) -> Iterator[tuple[float, str]]:
        """The places of round values, with their labels."""
        first, last = round(self.low / step + 0.499), round(self.high / step - 0.499)
        for k in range(first, last + 1):
            words = f"{k * step:.2f}".rstrip("0").rstrip(".").replace("-", "−")
            yield self.y(k * step), words


class Flag(NamedTuple):
    """A raid or a meeting: its pole, and its name above it if there is room."""

    kind: str
    x: float
    top: float
    words: str
    is_left: bool
    """Whether the name is to the left of the pole, at the end of the days."""


def positions_charts(record: Record, pinned: Record | None = None) -> list[dict[str, Any]]:
    """The chart for a screen and for a phone, with the margins of its days; none without talks."""
    return [
        {"kind": kind, "svg": svg, "width": width, "left": LEFT, "right": RIGHT}
        for kind, width in (("wide", WIDE), ("narrow", NARROW))
        if (svg := positions_chart(record, pinned, width))
    ]


def positions_chart(record: Record, pinned: Record | None, width: int) -> str:
    """What each side would accept, and the zone between, over time; SVG, empty without talks.

    Bands contain 50 % and 90 % of the wars, lines are medians; those of `pinned` are dashed.
    """
    if record.scenario.talks is None:
        return ""
    fans, before = _fans(record), {} if pinned is None else _fans(pinned)
    is_wide, inner, days = width >= WIDE, width - LEFT - RIGHT, record.scenario.days
    marks = marks_of(record)
    levels = _levels(marks, record, inner, is_wide)
    top = _FLAG * (max(levels, default=-1) + 1) + 10
    limits = _limits((fans, before), ("u", "d"), (0.0, 1.0), 0.02)
    shares = Plane(LEFT, top, inner, 250 if is_wide else 220, days, *limits)
    low, high = _limits((fans, before), ("z",), (0.0, 0.0), 0.0)
    room = 0.1 * (high - low) or 0.05
    zone = Plane(LEFT, shares.bottom + 26, inner, 120, days, low - room, high + room)
    return fill(
        _TEMPLATES / "positions.svg",
        width=width,
        shares=shares,
        zone=zone,
        zone_step=_round_step((zone.high - zone.low) / 4),
        lines=[("u", shares), ("d", shares), ("z", zone)],
        fans=fans,
        before=before,
        flags=list(_flags(marks, levels, shares, record)),
        dates=list(_dates(zone, record, is_wide)),
        tips=list(_tips(shares, fans, record)),
        words=_words(record, fans),
    )


def _fans(record: Record) -> Fans:
    """The fans to draw; the favourite's shares as what it grants."""
    fans = {str(name): fan for name, fan in record.fans.groupby("position", observed=True)}
    return {"u": fans["r_u"], "d": of_underdog(fans["r_d"]), "z": fans["z"]}


def _limits(
    sets: Iterable[Fans], names: Sequence[str], least: tuple[float, float], room: float
) -> tuple[float, float]:
    """Limits of an axis that contain some fans, and at least an interval."""
    found = [fans[name] for fans in sets if fans for name in names]
    low = min(least[0], *(fan["q05"].min() for fan in found))
    return low - room, max(least[1], *(fan["q95"].max() for fan in found)) + room


def _round_step(least: float) -> float:
    """The smallest step of 1, 2 or 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= least)


def _path(corners: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in corners)


def _dates(plane: Plane, record: Record, is_wide: bool) -> Iterator[tuple[float, str]]:
    """The places and texts of the dates below a panel."""
    scenario, most = record.scenario, 9 if is_wide else 4
    step = next((s for s in _TICKS_DAYS if scenario.days / s <= most), _TICKS_DAYS[-1])
    for day in range(0, scenario.days, step):
        if plane.x(day) <= plane.right - 20:
            date = scenario.date_of(day)
            is_long = scenario.days > _LONG_DAYS
            yield plane.x(day), f"{date:%b %Y}" if is_long else f"{date.day} {date:%b}"


def _levels(marks: list[Mark], record: Record, width: float, is_wide: bool) -> list[int]:
    """The level of each flag; none if too many would be stacked."""
    poles = [record.scenario.day_of(mark.date) * width / record.scenario.days for mark in marks]
    levels = flag_levels(poles, [_length(_label(mark, is_wide)) + 10 for mark in marks])
    return levels if max(levels, default=0) < _MOST_LEVELS else []


def _label(mark: Mark, is_wide: bool) -> str:
    most = 40 if is_wide else 17
    return mark.label if len(mark.label) <= most else mark.label[: most - 1].rstrip(" ,;(") + "…"


def _length(words: str) -> float:
    return len(words) * _PER_LETTER


def _flags(marks: list[Mark], levels: list[int], plane: Plane, record: Record) -> Iterator[Flag]:
    """Poles of raids and meetings, and flags above a panel if there is room."""
    for place, mark in enumerate(marks):
        x = plane.x(record.scenario.day_of(mark.date))
        words = _label(mark, plane.width > NARROW) if levels else ""
        top = plane.top - (_FLAG * levels[place] + 8 if levels else 0.0)
        yield Flag(mark.kind, x, top, words, x + _length(words) > plane.right + RIGHT)


def _tips(plane: Plane, fans: Fans, record: Record) -> Iterator[tuple[float, float, str]]:
    """The tooltip of each day: its left edge, width and medians."""
    days, medians = record.scenario.days, _medians(fans)
    for day in range(days if days <= _MOST_TIPS else 0):
        x, day_medians = plane.x(day), {name: values[day] for name, values in medians.items()}
        text = ", ".join(f"{name} {value:.3f}" for name, value in day_medians.items())
        yield x, plane.x(day + 1) - x, f"{record.scenario.date_of(day)}: medians {text}"


def _medians(fans: Fans) -> dict[str, list[float]]:
    """The median positions of each day."""
    u, d, z = (fans[name]["q50"].to_numpy(np.float64) for name in "udz")
    return {"r_u": u.tolist(), "r_d": (1.0 - d).tolist(), "z": z.tolist()}


def _words(record: Record, fans: Fans) -> str:
    """A description of the chart for those who cannot see it."""
    medians = _medians(fans)
    ends = ", ".join(f"{name} from {m[0]:.3f} to {m[-1]:.3f}" for name, m in medians.items())
    return f"Positions from {record.scenario.start} to {record.scenario.end}, medians: {ends}."
