"""Charts of the page as SVG: drawn in pixels for a width, coloured by the page's style sheet.

The plots of `report.plots` are for paper. These are read at the width of a phone too, follow
a dark page, and are drawn in milliseconds.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from sim.experiment.record import Record
from sim.report.plots.places import flag_levels
from sim.report.plots.run.positions import Mark, marks_of

WIDE, NARROW = 860, 340
"""The widths charts are drawn for, in pixels."""
LEFT, RIGHT = 44.0, 12.0
"""What is left of the days and right of them, in pixels."""

_TICKS_DAYS = (1, 2, 5, 7, 14, 30, 61, 91, 182, 365, 730)
_PER_LETTER = 6.1  # pixels of a letter of a flag
_MOST_TIPS = 200  # days that show their numbers under the pointer
_LONG_DAYS = 400  # from here on years matter and days do not


@dataclass(frozen=True)
class _Plane:
    """A panel: days across, values upwards, both in pixels."""

    left: float
    top: float
    width: float
    height: float
    days: int
    low: float
    high: float

    def x(self, day: float) -> float:
        return round(self.left + self.width * day / self.days, 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.top + self.height * (1.0 - share), 1)

    @property
    def bottom(self) -> float:
        return self.top + self.height


Fan = pd.DataFrame
"""One position: a row a day with q05, q25, q50, q75, q95."""


def positions_chart(record: Record, pinned: Record | None, width: int) -> str:
    """What each side would accept and the zone between, over time; SVG, empty without talks.

    Bands hold 50 % and 90 % of the wars, lines are medians; those of `pinned` are dashed.
    """
    if record.scenario.talks is None:
        return ""
    fans, before = _fans(record), {} if pinned is None else _fans(pinned)
    marks = marks_of(record)
    is_wide = width >= WIDE
    left, inner, flag = LEFT, width - LEFT - RIGHT, 17.0
    levels = _levels(marks, record, inner, is_wide)
    top = flag * (max(levels, default=-1) + 1) + 10
    days = record.scenario.days
    shares = _Plane(left, top, inner, 250 if is_wide else 220, days, *_limits(fans, before))
    zone = _Plane(left, shares.bottom + 26, inner, 120, days, *_zone_limits(fans, before))
    parts = [
        _values_axis(shares, 0.25),
        _values_axis(zone, _nice((zone.high - zone.low) / 4)),
        *_fan(shares, fans["r_u"], "u", before.get("r_u")),
        *_fan(shares, _granted(fans["r_d"]), "d", _granted(before.get("r_d"))),
        f'<line class="zero" x1="{left}" x2="{left + inner}" y1="{zone.y(0)}" y2="{zone.y(0)}"/>',
        *_fan(zone, fans["z"], "z", before.get("z")),
        *_flags(marks, levels, shares, zone, record),
        *_dates(zone, record, is_wide),
        *_tips(shares, zone, fans, record),
    ]
    height = zone.bottom + 24
    title = escape(_description(record, fans))
    return (
        f'<svg class="chart" viewBox="0 0 {width} {height:g}" width="{width}" height="{height:g}" '
        f'role="img" aria-label="{title}">{"".join(parts)}</svg>'
    )


def _fans(record: Record) -> dict[str, Fan]:
    return {str(name): fan for name, fan in record.fans.groupby("position")}


def _granted(fan: Fan | None) -> Fan | None:
    """A fan of the favourite's shares as one of what it grants."""
    if fan is None:
        return None
    names = ("q05", "q25", "q50", "q75", "q95")
    return pd.DataFrame(
        {name: 1.0 - fan[other] for name, other in zip(names, reversed(names), strict=True)}
    )


def _limits(*sets: dict[str, Fan]) -> tuple[float, float]:
    lows = [min(f["r_u"]["q05"].min(), 1.0 - f["r_d"]["q95"].max()) for f in sets if f]
    highs = [max(f["r_u"]["q95"].max(), 1.0 - f["r_d"]["q05"].min()) for f in sets if f]
    return min(0.0, *lows) - 0.02, max(1.0, *highs) + 0.02


def _zone_limits(*sets: dict[str, Fan]) -> tuple[float, float]:
    low = min(0.0, *(fans["z"]["q05"].min() for fans in sets if fans))
    high = max(0.0, *(fans["z"]["q95"].max() for fans in sets if fans))
    room = 0.1 * (high - low) or 0.05
    return low - room, high + room


def _nice(step: float) -> float:
    """The next step of 1, 2 or 5 times a power of ten."""
    power = 10.0 ** len(str(int(step))) / 10.0 if step >= 1 else 1.0
    while power > step:
        power /= 10.0
    return next(times * power for times in (1, 2, 5, 10) if times * power >= step)


def _steps(plane: _Plane, values: Iterable[float]) -> list[tuple[float, float]]:
    """The corners of a line that holds each day's value until the next."""
    corners = []
    for day, value in enumerate(values):
        y = plane.y(float(value))
        corners += [(plane.x(day), y), (plane.x(day + 1), y)]
    return corners


def _path(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in corners)


def _fan(plane: _Plane, fan: Fan | None, name: str, before: Fan | None) -> list[str]:
    assert fan is not None
    parts = []
    for low, high, kind in (("q05", "q95", "outer"), ("q25", "q75", "inner")):
        corners = _steps(plane, fan[low]) + _steps(plane, fan[high])[::-1]
        parts.append(f'<path class="band {kind} {name}" d="{_path(corners)}Z"/>')
    parts.append(f'<path class="line {name}" d="{_path(_steps(plane, fan["q50"]))}"/>')
    if before is not None:
        corners = _steps(plane, before["q50"])
        parts.append(f'<path class="line pinned {name}" d="{_path(corners)}"/>')
    return parts


def _values_axis(plane: _Plane, step: float) -> str:
    first, last = round(plane.low / step + 0.499), round(plane.high / step - 0.499)
    right = plane.left + plane.width
    parts = []
    for k in range(first, last + 1):
        y, text = plane.y(k * step), f"{k * step:.2f}".rstrip("0").rstrip(".").replace("-", "−")
        parts.append(f'<line class="grid" x1="{plane.left}" x2="{right}" y1="{y}" y2="{y}"/>')
        parts.append(
            f'<text class="tick" x="{plane.left - 6}" y="{y + 4}" text-anchor="end">{text}</text>'
        )
    return "".join(parts)


def _dates(plane: _Plane, record: Record, is_wide: bool) -> list[str]:
    scenario = record.scenario
    most = 9 if is_wide else 4
    step = next((s for s in _TICKS_DAYS if scenario.days / s <= most), _TICKS_DAYS[-1])
    parts = []
    for day in range(0, scenario.days, step):
        if plane.x(day) > plane.left + plane.width - 20:
            continue
        date = scenario.start + datetime.timedelta(day)
        text = f"{date:%b %Y}" if scenario.days > _LONG_DAYS else f"{date.day} {date:%b}"
        x, y = plane.x(day), plane.bottom
        parts.append(f'<line class="axis" x1="{x}" x2="{x}" y1="{y}" y2="{y + 4}"/>')
        parts.append(f'<text class="tick" x="{x}" y="{y + 18}">{text}</text>')
    right = plane.left + plane.width
    parts.append(
        f'<line class="axis" x1="{plane.left}" x2="{right}" y1="{plane.bottom}" '
        f'y2="{plane.bottom}"/>'
    )
    return parts


def _levels(marks: list[Mark], record: Record, width: float, is_wide: bool) -> list[int]:
    """On which level each flag flies; none where they would pile up."""
    poles = [record.scenario.day_of(mark.date) * width / record.scenario.days for mark in marks]
    levels = flag_levels(poles, [len(_flag(mark, is_wide)) * _PER_LETTER + 10 for mark in marks])
    return levels if max(levels, default=0) < 7 else []


def _flag(mark: Mark, is_wide: bool) -> str:
    most = 40 if is_wide else 17
    return mark.label if len(mark.label) <= most else mark.label[: most - 1].rstrip(" ,;(") + "…"


def _flags(
    marks: list[Mark], levels: list[int], shares: _Plane, zone: _Plane, record: Record
) -> list[str]:
    """Poles through both panels, and flags above them where there is room."""
    parts = []
    is_wide = shares.width > NARROW
    for place, mark in enumerate(marks):
        x = shares.x(record.scenario.day_of(mark.date))
        rise = 17.0 * levels[place] + 8 if levels else 0.0
        top = shares.top - rise
        parts.append(
            f'<line class="pole {mark.kind}" x1="{x}" x2="{x}" y1="{top:g}" y2="{zone.bottom}"/>'
        )
        if levels:
            is_late = (
                x + len(_flag(mark, is_wide)) * _PER_LETTER > shares.left + shares.width + RIGHT
            )
            side = ' text-anchor="end"' if is_late else ""
            at = x - 4 if is_late else x + 4
            text = escape(_flag(mark, is_wide))
            parts.append(
                f'<text class="flag {mark.kind}" x="{at:g}" y="{top + 3:g}"{side}>{text}</text>'
            )
    return parts


def _tips(shares: _Plane, zone: _Plane, fans: dict[str, Fan], record: Record) -> list[str]:
    """Under the pointer each day shows its medians."""
    days = record.scenario.days
    if days > _MOST_TIPS:
        return []
    medians = {name: fans[name]["q50"].to_numpy() for name in ("r_u", "r_d", "z")}
    parts = []
    for day in range(days):
        date = record.scenario.start + datetime.timedelta(day)
        text = ", ".join(f"{name} {values[day]:.3f}" for name, values in medians.items())
        x, width = shares.x(day), shares.x(day + 1) - shares.x(day)
        parts.append(
            f'<rect class="tip" x="{x}" width="{width:g}" y="{shares.top}" '
            f'height="{zone.bottom - shares.top:g}"><title>{date}: medians {text}</title></rect>'
        )
    return parts


def _description(record: Record, fans: dict[str, Fan]) -> str:
    """The chart for those who cannot see it."""
    ends = ", ".join(
        f"{name} from {fans[name]['q50'].iloc[0]:.3f} to {fans[name]['q50'].iloc[-1]:.3f}"
        for name in ("r_u", "r_d", "z")
    )
    return f"Positions from {record.scenario.start} to {record.scenario.end}, medians: {ends}."
