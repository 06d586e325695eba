"""Positions day by day, over all runs or in one: shares, zone, and events."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from matplotlib.axes import Axes

from sim.report.plots.captions import line_words, side_title
from sim.report.plots.colours import GREEN, GREY, INK, PALE
from sim.report.plots.dates import date_axis, place_of
from sim.report.plots.lettering import LINE_IN, NOTE_PT, width_of, wrapped
from sim.report.plots.marks import DASHED, days_from, draw_fan, round_ticks
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.places import Floats, flag_levels, spread
from sim.report.plots.words import day_words
from sim.scenario.schema import Scenario

_LEFT_IN, _RIGHT_IN, _LEVEL_IN = 0.6, 1.5, 0.16
_DAYS_IN = WIDTH_IN - _LEFT_IN - _RIGHT_IN
_SHARES_IN, _ZONE_IN, _GAP_IN = 2.3, 1.15, 0.15
MOST_NAMED = 12
"""If there are more raids and meetings, their marks have no names."""
_MARK_LINES = {"raid": (INK, "solid"), "meeting": (GREY, DASHED)}


@dataclass(frozen=True)
class Mark:
    """A raid or a meeting on the time axis."""

    date: datetime.date
    label: str
    kind: str


class Line(NamedTuple):
    """A position as a share of the underdog, and its label at the end.

    `fan` are quantiles over runs from low to high, shape (quantiles, days), or the values of one
    run.
    """

    fan: Floats
    colour: str
    words: str
    width: float


def draw_panels(
    picture: Picture, scenario: Scenario, lines: Sequence[Line], zone: Floats, marks: Sequence[Mark]
) -> None:
    """The shares above and the zone below, with a flag for each raid and meeting at the top."""
    picture.top = 0.5 + room_of(scenario, marks)
    above = picture.axes_at(_LEFT_IN, picture.top, _DAYS_IN, _SHARES_IN)
    picture.top += _SHARES_IN + _GAP_IN
    below = picture.axes_at(_LEFT_IN, picture.top, _DAYS_IN, _ZONE_IN, sharex=above)
    picture.top += _ZONE_IN
    x = days_from(place_of(scenario.start), zone.shape[1])
    _draw_shares(above, x, lines)
    _draw_zone(below, x, zone, line_words(scenario))
    underdog = side_title(scenario, scenario.underdog)
    above.set_ylabel(f"{underdog}'s share of the stakes, x")
    date_axis(below, scenario)
    picture.align_ylabels([above, below])
    draw_marks([above, below], marks)
    draw_flags(above, scenario, marks)


def room_of(scenario: Scenario, marks: Sequence[Mark]) -> float:
    """The height of the flags of some marks, in inches."""
    return _LEVEL_IN * (max(_levels(scenario, marks), default=-1) + 1) + 0.08


def draw_marks(every: Sequence[Axes], marks: Sequence[Mark]) -> None:
    """A vertical line in each panel for each mark."""
    for mark in marks:
        colour, dash = _MARK_LINES[mark.kind]
        for axes in every:
            axes.axvline(place_of(mark.date), color=colour, linestyle=dash, lw=0.6, zorder=1)


def draw_flags(above: Axes, scenario: Scenario, marks: Sequence[Mark]) -> None:
    """The label of each named mark, above a panel."""
    named = [mark for mark in marks if mark.label]
    for mark, level in zip(named, _levels(scenario, marks), strict=False):
        _draw_flag(above, mark, 72 * (0.1 + _LEVEL_IN * level))


def _draw_shares(axes: Axes, x: Floats, lines: Sequence[Line]) -> None:
    lowest = min(0.0, *(float(line.fan.min()) for line in lines))
    highest = max(1.0, *(float(line.fan.max()) for line in lines))
    axes.set_ylim(lowest - 0.03, highest + 0.03)
    axes.tick_params(axis="x", which="both", labelbottom=False)
    draw_lines(axes, x, lines, _SHARES_IN)


def draw_lines(axes: Axes, x: Floats, lines: Sequence[Line], height_in: float) -> None:
    """Positions over days, with their names at the ends."""
    for line in lines:
        draw_fan(axes, x, line.fan, line.colour, line.width)
    axes.set_xlim(x[0], x[-1])
    ends = [
        (line.words, line.colour, float(line.fan[len(line.fan) // 2, -1]))
        for line in lines
        if line.words
    ]
    name_ends(axes, ends, height_in)


def name_ends(axes: Axes, ends: Sequence[tuple[str, str, float]], height_in: float) -> None:
    """Coloured words to the right of the ends of lines, kept apart from each other."""
    lower, upper = axes.get_ylim()
    words = [wrapped(name, _RIGHT_IN - MARGIN_IN - 0.1) for name, _, _ in ends]
    gap = (max(map(len, words), default=1) * LINE_IN + 0.02) * (upper - lower) / height_in
    places = spread([end for _, _, end in ends], gap)
    for place, lines, (_, colour, _) in zip(places, words, ends, strict=True):
        axes.text(
            1.02, place, "\n".join(lines), color=GREY if colour == PALE else colour, va="center",
            linespacing=1.1, transform=axes.get_yaxis_transform(), gid="line-label",
        )  # fmt: skip


def _draw_zone(axes: Axes, x: Floats, zone: Floats, words: str) -> None:
    """Z with its zero, above which a deal on one issue exists."""
    draw_fan(axes, x, zone, GREEN)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    low, high = min(float(zone.min()), 0.0), max(float(zone.max()), 0.0)
    room = 0.12 * (high - low) or 0.05
    axes.set(ylim=(low - room, high + room), ylabel="Z = 1 − r_u − r_d")
    round_ticks(axes.yaxis, 5)
    axes.text(1.02, 0.0, words, va="center", transform=axes.get_yaxis_transform())


def _levels(scenario: Scenario, marks: Sequence[Mark]) -> list[int]:
    """The level of the label of each mark; empty if there are too many."""
    marks = [mark for mark in marks if mark.label]
    if len(marks) > MOST_NAMED:
        return []
    poles = [scenario.day_of(mark.date) * _DAYS_IN / scenario.days for mark in marks]
    return flag_levels(poles, [width_of(mark.label, NOTE_PT) + 0.1 for mark in marks])


def _draw_flag(axes: Axes, mark: Mark, rise: float) -> None:
    """A mark's label, `rise` points above the axes, and its pole."""
    colour, dash = _MARK_LINES[mark.kind]
    foot = (place_of(mark.date), 1.0)
    axes.annotate(
        mark.label, foot, (3.0, rise), size=NOTE_PT, va="center", color=colour, gid="mark-label",
        xycoords=("data", "axes fraction"), textcoords="offset points",
    )  # fmt: skip
    axes.annotate(
        "", foot, (0.0, rise + 4.0), xycoords=("data", "axes fraction"),
        textcoords="offset points", annotation_clip=False,
        arrowprops={"arrowstyle": "-", "color": colour, "linestyle": dash, "linewidth": 0.6,
                    "shrinkA": 0, "shrinkB": 0},
    )  # fmt: skip


def marked_words(marks: Sequence[Mark]) -> list[str]:
    """The marks and their dates in a sentence, if there are any."""
    named = [mark for mark in marks if mark.label]
    is_one_year = len({mark.date.year for mark in named}) == 1
    marked = "; ".join(
        f"{mark.label}, {day_words(mark.date, False)}{'' if is_one_year else f' {mark.date.year}'}"
        for mark in named
    )
    return [f"Marked: {marked}."] if marked else []
