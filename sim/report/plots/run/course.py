"""The figure of one war's positions: what each side would accept and demands, day by day."""

import datetime

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.experiment.record import Record
from sim.report.plots.captions import deal_words, line_words, short_title, side_title
from sim.report.plots.colours import BLUE, GREEN, GREY, INK, VERMILION
from sim.report.plots.lettering import LINE_IN, NOTE_PT, shortened, width_of, wrapped
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.places import Floats, flag_levels, spread
from sim.report.plots.run.positions import MOST_NAMED, Mark, date_axis, place_of
from sim.report.plots.style import house_style
from sim.report.plots.words import day_words, decimal, number
from sim.scenario.schema import Scenario

_LEFT_IN, _RIGHT_IN, _LEVEL_IN = 0.6, 1.5, 0.16
_WORDS = (
    "Line: the least a side would accept; thin line: what it demands in public; "
    "upright: raids (solid), meetings (dashed)"
)
_LINES = {"raid": (INK, "solid"), "meeting": (GREY, (0, (3, 2)))}


@house_style()
def draw_course(record: Record, note: str) -> Picture | None:
    """The positions of a record of a single run with its days; none without talks."""
    scenario = record.scenario
    if scenario.talks is None:
        return None
    ours, theirs = (
        record.days[record.days["side"] == side].sort_values("day").reset_index(drop=True)
        for side in (scenario.underdog, scenario.favourite)
    )
    marks = _marks(record)
    width = WIDTH_IN - _LEFT_IN - _RIGHT_IN
    levels = _levels(record, marks, width)
    flags_in = _LEVEL_IN * (max(levels, default=-1) + 1) + 0.08
    picture = Picture(_title(scenario, ours["z"]), 0.5 + flags_in + 3.7)
    picture.write(MARGIN_IN, 0.27, _WORDS, color=GREY)
    shares = picture.axes_at(_LEFT_IN, 0.5 + flags_in, width, 2.0)
    zone = picture.axes_at(_LEFT_IN, 0.5 + flags_in + 2.15, width, 1.0, sharex=shares)
    _draw_shares(shares, record, ours, theirs)
    _draw_zone(zone, record, ours["z"])
    date_axis(zone, scenario)
    picture.align_ylabels([shares, zone])
    _draw_marks((shares, zone), marks, levels)
    picture.note(note)
    return picture.described(*_described(record, ours, theirs, marks))


def _title(scenario: Scenario, z: "pd.Series[float]") -> str:
    return (
        f"In this war the zone Z moves from {decimal(z.iloc[0])} to "
        f"{decimal(z.iloc[-1])}{deal_words(scenario)}"
    )


def _marks(record: Record) -> list[Mark]:
    """The raids that flew and the meetings that were held, by date."""
    scenario, start = record.scenario, record.scenario.start
    marks = []
    if not record.raids.empty:
        for day, raid in record.raids[["day", "raid"]].drop_duplicates().itertuples(index=False):
            label = shortened(short_title(scenario, raid), 1.5, NOTE_PT)
            marks.append(Mark(start + datetime.timedelta(int(day)), label, "raid"))
    if not record.meetings.empty:
        for day, name in record.meetings[["day", "meeting"]].itertuples(index=False):
            label = name.replace("-", " ").replace("_", " ").capitalize()
            marks.append(Mark(start + datetime.timedelta(int(day)), label, "meeting"))
    return sorted(marks, key=lambda mark: (mark.date, mark.kind, mark.label))


def _levels(record: Record, marks: list[Mark], width: float) -> list[int]:
    """On which level the label of each mark flies; none where there are too many."""
    if len(marks) > MOST_NAMED:
        return []
    poles = [record.scenario.day_of(mark.date) * width / record.scenario.days for mark in marks]
    return flag_levels(poles, [width_of(mark.label, NOTE_PT) + 0.1 for mark in marks])


def _dates(record: Record, n: int) -> Floats:
    """Where matplotlib has the first `n` days, and the end of the last."""
    return place_of(record.scenario.start) + np.arange(n + 1.0)


def _draw_shares(axes: Axes, record: Record, ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Shares of the underdog: what it would accept, and what the favourite would leave it."""
    scenario = record.scenario
    dates = _dates(record, len(ours))
    names = []
    for table, side, colour, is_mirrored in (
        (ours, scenario.underdog, BLUE, False),
        (theirs, scenario.favourite, VERMILION, True),
    ):
        for column, width in (("r", 1.3), ("demand", 0.6)):
            values = 1.0 - table[column] if is_mirrored else table[column]
            extended = np.append(values, values.iloc[-1])
            axes.step(dates, extended, where="post", color=colour, linewidth=width)
        ends = 1.0 - table["r"].iloc[-1] if is_mirrored else table["r"].iloc[-1]
        verb = "would leave" if is_mirrored else "would accept"
        names.append((float(ends), colour, f"{side_title(scenario, side)} {verb}"))
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, -0.03), max(high, 1.03))
    axes.set_xlim(dates[0], dates[-1])
    axes.set_ylabel(f"Share of the stakes for {side_title(scenario, scenario.underdog)}")
    axes.tick_params(axis="x", which="both", labelbottom=False)
    _name_lines(axes, names)


def _name_lines(axes: Axes, lines: list[tuple[float, str, str]]) -> None:
    """Names to the right of the lines' ends, apart from each other."""
    lower, upper = axes.get_ylim()
    words = [wrapped(word, _RIGHT_IN - MARGIN_IN - 0.1) for _, _, word in lines]
    gap = (max(map(len, words)) * LINE_IN + 0.03) * (upper - lower) / 2.0
    places = spread([end for end, _, _ in lines], gap)
    for place, (_, colour, _), word in zip(places, lines, words, strict=True):
        axes.text(
            1.02, place, "\n".join(word), color=colour, va="center",
            transform=axes.get_yaxis_transform(), linespacing=1.1,
        )  # fmt: skip


def _draw_zone(axes: Axes, record: Record, z: "pd.Series[float]") -> None:
    axes.step(_dates(record, len(z)), np.append(z, z.iloc[-1]), where="post", color=GREEN)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    low, high = min(float(z.min()), 0.0), max(float(z.max()), 0.0)
    room = 0.12 * (high - low) or 0.05
    axes.set_ylim(low - room, high + room)
    axes.set_ylabel("Z = 1 − r_u − r_d")
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    words = line_words(record.scenario)
    axes.text(1.02, 0.0, words, va="center", transform=axes.get_yaxis_transform())


def _draw_marks(panels: tuple[Axes, ...], marks: list[Mark], levels: list[int]) -> None:
    """Lines through the panels, and flags above the first."""
    first = panels[0]
    for place, mark in enumerate(marks):
        x = place_of(mark.date)
        colour, dash = _LINES[mark.kind]
        for axes in panels:
            axes.axvline(x, color=colour, linestyle=dash, linewidth=0.6, zorder=1)
        if levels:
            rise = 72 * (0.1 + _LEVEL_IN * levels[place])
            first.annotate(
                mark.label, (x, 1.0), (3.0, rise), size=NOTE_PT, va="center", color=colour,
                xycoords=("data", "axes fraction"), textcoords="offset points",
            )  # fmt: skip
            first.annotate(
                "", (x, 1.0), (0.0, rise + 4.0), xycoords=("data", "axes fraction"),
                textcoords="offset points", annotation_clip=False,
                arrowprops={"arrowstyle": "-", "color": colour, "linestyle": dash,
                            "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0},
            )  # fmt: skip


def _described(
    record: Record, ours: pd.DataFrame, theirs: pd.DataFrame, marks: list[Mark]
) -> list[str]:
    scenario = record.scenario
    sentences = [
        f"{scenario.sides[side].title} would accept {number(table['r'].iloc[0])} of the stakes on "
        f"the first day and {number(table['r'].iloc[-1])} on the last."
        for side, table in ((scenario.underdog, ours), (scenario.favourite, theirs))
    ]
    marked = "; ".join(f"{mark.label}, {day_words(mark.date, False)}" for mark in marks)
    return [*sentences, f"Marked: {marked}."] if marks else sentences
