"""The figure of positions: what each side would accept over time, and the zone between."""

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, num2date
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.experiment.record import Record
from sim.report.plots.captions import (
    deal_words,
    ensemble,
    flown_runs,
    line_words,
    short_title,
    side_title,
)
from sim.report.plots.colours import BLUE, GREEN, GREY, INK, VERMILION
from sim.report.plots.lettering import LINE_IN, NOTE_PT, shortened, width_of, wrapped
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.places import Floats, flag_levels, spread
from sim.report.plots.style import house_style
from sim.report.plots.words import day_words, decimal, number
from sim.scenario.schema import Scenario

_LEFT_IN, _RIGHT_IN, _LEVEL_IN = 0.6, 1.5, 0.16
_FAN = ("q05", "q25", "q50", "q75", "q95")
MOST_NAMED = 12
"""More raids and meetings than this are marked without a name."""


@dataclass(frozen=True)
class Mark:
    """A raid or a meeting on the time axis."""

    date: datetime.date
    label: str
    kind: str


def marks_of(record: Record) -> list[Mark]:
    """Raids and meetings by date; a raid that answers another at the median of its days."""
    scenario = record.scenario
    marks = []
    for name, raid in scenario.raids.items():
        title = shortened(short_title(scenario, name), 1.5, NOTE_PT)
        if raid.date and len(flown_runs(record, name)):
            marks.append(Mark(raid.date, title, "raid"))
        elif not raid.date and (day := _usual_day(record, name)) is not None:
            date = scenario.start + datetime.timedelta(day)
            marks.append(Mark(date, f"{title} (median day)", "raid"))
    if scenario.talks:
        marks += [
            Mark(date, name.replace("-", " ").replace("_", " ").capitalize(), "meeting")
            for name, date in scenario.talks.meetings.items()
        ]
    return sorted(marks, key=lambda mark: (mark.date, mark.kind, mark.label))


def _usual_day(record: Record, raid: str) -> int | None:
    """The median day of a raid that is flown at most once a run."""
    parts = [
        block.loc[block["raid"] == raid, ["run", "day"]].drop_duplicates()
        for block in record.blocks("raids", ["run", "day", "raid"])
    ]
    if not parts:
        return None
    rows = pd.concat(parts)
    return int(rows["day"].median()) if len(rows) and rows["run"].is_unique else None


@house_style()
def draw_positions(record: Record) -> Picture | None:
    """What each side would accept over time, and the zone of agreement between."""
    if record.fans.empty or record.scenario.talks is None:
        return None
    fans = {str(name): fan.set_index("day") for name, fan in record.fans.groupby("position")}
    marks = marks_of(record)
    width = WIDTH_IN - _LEFT_IN - _RIGHT_IN
    levels = _levels(record, marks, width)
    flags_in = _LEVEL_IN * (max(levels, default=-1) + 1) + 0.08
    top = 0.5
    picture = Picture(_positions_title(record.scenario, fans), top + flags_in + 4.1)
    picture.write(MARGIN_IN, 0.27, _FAN_WORDS, color=GREY)
    shares = picture.axes_at(_LEFT_IN, top + flags_in, width, 2.3)
    zone = picture.axes_at(_LEFT_IN, top + flags_in + 2.45, width, 1.15, sharex=shares)
    _draw_shares(shares, record, fans)
    _draw_zone(zone, fans["z"], record)
    date_axis(zone, record.scenario)
    picture.align_ylabels([shares, zone])
    _draw_marks(shares, zone, marks, levels)
    runs = int(record.fans["runs"].iloc[0])
    picture.note(
        f"{ensemble(record)}; quantiles of the first {runs:,} runs, wars that ended included"
    )
    return picture.described(*_positions_words(record, fans, marks))


_FAN_WORDS = (
    "Line: median; bands: 50 % and 90 % of runs; thin line: median public demand; "
    "upright: raids (solid), meetings (dashed)"
)


def _positions_title(scenario: Scenario, fans: dict[str, pd.DataFrame]) -> str:
    first, last = (decimal(fans["z"]["q50"].iloc[k]) for k in (0, -1))
    return f"The median zone of agreement Z moves from {first} to {last}{deal_words(scenario)}"


def place_of(date: datetime.date) -> int:
    """Where matplotlib has a date: in days since 1970."""
    return date.toordinal() - datetime.date(1970, 1, 1).toordinal()


def _dates(record: Record, fan: pd.DataFrame) -> Floats:
    """Where matplotlib has the days of a fan, and the end of the last."""
    days = np.asarray(fan.index, float)
    return place_of(record.scenario.start) + np.append(days, days[-1] + 1)


def _extended(fan: pd.DataFrame, quantile: str) -> Floats:
    """A quantile of each day, the last one's again at its end."""
    values = fan[quantile].to_numpy(float)
    return np.append(values, values[-1])


def of_underdog(fan: pd.DataFrame) -> pd.DataFrame:
    """A fan of the favourite's shares as one of the underdog's."""
    return pd.DataFrame(
        {name: 1.0 - fan[other] for name, other in zip(_FAN, reversed(_FAN), strict=True)}
    )


def _fan(axes: Axes, x: Floats, fan: pd.DataFrame, colour: str) -> None:
    """The 90 % band, the 50 % band in it and the median; a day's value holds until the next."""
    low, q25, median, q75, high = (_extended(fan, name) for name in _FAN)
    axes.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0, step="post")
    axes.fill_between(x, q25, q75, color=colour, alpha=0.3, linewidth=0, step="post")
    axes.plot(x, median, color=colour, linewidth=1.3, drawstyle="steps-post")


def _draw_shares(axes: Axes, record: Record, fans: dict[str, pd.DataFrame]) -> None:
    """The least the underdog accepts and the most the favourite grants, of the underdog's share."""
    scenario = record.scenario
    underdog, favourite = (
        side_title(scenario, name) for name in (scenario.underdog, scenario.favourite)
    )
    x = _dates(record, fans["r_u"])
    granted, demanded = of_underdog(fans["r_d"]), of_underdog(fans["demand_d"])
    lines = [
        (fans["r_u"], BLUE, f"{underdog} accepts no less (r_u)"),
        (granted, VERMILION, f"{favourite} grants no more (1\u00a0−\u00a0r_d)"),
        (fans["demand_u"], BLUE, f"{underdog} demands"),
        (demanded, VERMILION, f"{favourite} demands the rest"),
    ]
    for fan, colour, _ in lines[:2]:
        _fan(axes, x, fan, colour)
    for fan, colour, _ in lines[2:]:
        axes.plot(x, _extended(fan, "q50"), color=colour, linewidth=0.7, drawstyle="steps-post")
    axes.set(xlim=(x[0], x[-1]), ylabel=f"{underdog}'s share of the stakes, x")
    lowest = min(0.0, *(fan["q05"].min() for fan, _, _ in lines))
    highest = max(1.0, *(fan["q95"].max() for fan, _, _ in lines))
    axes.set_ylim(lowest - 0.03, highest + 0.03)
    axes.tick_params(axis="x", which="both", labelbottom=False)
    _name_lines(axes, [(float(fan["q50"].iloc[-1]), colour, word) for fan, colour, word in lines])


def _name_lines(axes: Axes, lines: list[tuple[float, str, str]]) -> None:
    """Names to the right of the lines' ends, apart from each other."""
    figure = axes.get_figure()
    assert figure is not None
    height_in = axes.get_position().height * figure.get_figheight()  # type: ignore[union-attr]
    lower, upper = axes.get_ylim()
    per_inch = (upper - lower) / height_in
    words = [wrapped(word, _RIGHT_IN - MARGIN_IN - 0.1) for _, _, word in lines]
    gap = (max(map(len, words)) * LINE_IN + 0.03) * per_inch
    for place, (_, colour, _), word in zip(
        spread([end for end, _, _ in lines], gap), lines, words, strict=True
    ):
        label = axes.text(
            1.02, place, "\n".join(word), color=colour, va="center",
            transform=axes.get_yaxis_transform(), linespacing=1.1,
        )  # fmt: skip
        label.set_gid("line-label")


def _draw_zone(axes: Axes, fan: pd.DataFrame, record: Record) -> None:
    """Z with its zero, above which a deal on one issue exists."""
    _fan(axes, _dates(record, fan), fan, GREEN)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    low, high = min(fan["q05"].min(), 0.0), max(fan["q95"].max(), 0.0)
    room = 0.12 * (high - low) or 0.05
    axes.set_ylim(low - room, high + room)
    axes.set_ylabel("Z = 1 − r_u − r_d")
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    words = line_words(record.scenario)
    axes.text(1.02, 0.0, words, va="center", transform=axes.get_yaxis_transform())


class _DateLocator(AutoDateLocator):
    """Where dates are marked; an axis may end where the calendar does, and the last day with it."""

    def __call__(self) -> Any:
        assert self.axis is not None
        ends = np.minimum(self.axis.get_view_interval(), place_of(datetime.date.max))
        return self.tick_values(*num2date(ends, self.tz))  # type: ignore[no-untyped-call]


def date_axis(axes: Axes, scenario: Scenario) -> None:
    """Days of a campaign as dates, below the axes."""
    long = scenario.days > 400

    def words(x: float, _: int | None = None) -> str:
        first = datetime.date(1970, 1, 1)
        return day_words(first + datetime.timedelta(x), long)

    locator = _DateLocator(tz=datetime.UTC, minticks=3, maxticks=9)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(FuncFormatter(words))
    years = dict.fromkeys(str(date.year) for date in (scenario.start, scenario.end))
    axes.set_xlabel("Date" if long else f"Date ({'–'.join(years)})")


def _levels(record: Record, marks: list[Mark], width: float) -> list[int]:
    """On which level the label of each mark flies; none where there are too many."""
    if len(marks) > MOST_NAMED:
        return []
    per_day = width / record.scenario.days
    poles = [record.scenario.day_of(mark.date) * per_day for mark in marks]
    return flag_levels(poles, [width_of(mark.label, NOTE_PT) + 0.1 for mark in marks])


_MARK_LINES = {"raid": (INK, "solid"), "meeting": (GREY, (0, (3, 2)))}


def _draw_marks(shares: Axes, zone: Axes, marks: list[Mark], levels: list[int]) -> None:
    """Lines through both panels, and flags above them."""
    for place, mark in enumerate(marks):
        x = place_of(mark.date)
        colour, dash = _MARK_LINES[mark.kind]
        for axes in (shares, zone):
            axes.axvline(x, color=colour, linestyle=dash, linewidth=0.6, zorder=1)
        if not levels:
            continue
        rise = 72 * (0.1 + _LEVEL_IN * levels[place])
        label = shares.annotate(
            mark.label, (x, 1.0), (3.0, rise), size=NOTE_PT, va="center", color=colour,
            xycoords=("data", "axes fraction"), textcoords="offset points",
        )  # fmt: skip
        label.set_gid("mark-label")
        shares.annotate(
            "", (x, 1.0), (0.0, rise + 4.0), xycoords=("data", "axes fraction"),
            textcoords="offset points", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linestyle": dash, "linewidth": 0.6,
                        "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip


def _positions_words(record: Record, fans: dict[str, pd.DataFrame], marks: list[Mark]) -> list[str]:
    scenario = record.scenario
    ends_of = {name: [number(fan["q50"].iloc[k]) for k in (0, -1)] for name, fan in fans.items()}
    sentences = [
        f"{scenario.sides[side].title}'s reservation {name} moves from {ends_of[name][0]} "
        f"to {ends_of[name][1]} (medians)."
        for side, name in ((scenario.underdog, "r_u"), (scenario.favourite, "r_d"))
    ]
    marked = "; ".join(f"{mark.label}, {day_words(mark.date, False)}" for mark in marks)
    return [*sentences, f"Marked: {marked}."] if marks else sentences
