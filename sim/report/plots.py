"""The four figures of a record: losses against reports, fates, positions and the cost exchange."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from sim.experiment.record import Record
from sim.raid.records import FATES
from sim.report.style import (
    BLACK,
    BLUE,
    FATE_COLOURS,
    GREEN,
    GREY,
    INK,
    LINE_IN,
    MARGIN_IN,
    NOTE_PT,
    PALE,
    PAPER,
    SKY,
    VERMILION,
    WIDTH_IN,
    Floats,
    Picture,
    counted,
    dark,
    day_words,
    decimal,
    dollars,
    flag_levels,
    house_style,
    interval,
    number,
    rough,
    sentence,
    shortened,
    spread,
    width_of,
    wrapped,
)
from sim.scenario.schema import Report, Scenario
from sim.war.record import snake

MOST_PANELS = 12
"""A figure with more panels would fit no page: the rest is left out, and the figure says so."""
MOST_NAMED = 12
"""More raids and meetings than this are marked without a name."""


def draw_all(record: Record, folder: Path) -> list[Path]:
    """Write every figure the record has something for as PNG and SVG; return the files."""
    files: list[Path] = []
    for name, draw in DRAWINGS.items():
        picture = draw(record)
        if picture is not None:
            files += picture.write_to(folder, name)
    return files


# --- common ----------------------------------------------------------------------------------


def short_title(scenario: Scenario, raid: str) -> str:
    """A raid's title up to its first comma, or as far as there is room."""
    return shortened(scenario.raids[raid].title.split(",")[0], 2.6)


def side_title(scenario: Scenario, side: str) -> str:
    """A side's title, as far as there is room."""
    return shortened(scenario.sides[side].title, 0.95)


def enemy_title(scenario: Scenario, raid: str) -> str:
    """The title of the side a raid is flown against."""
    by = scenario.raids[raid].by
    return next(side_title(scenario, name) for name in scenario.sides if name != by)


def flown_runs(record: Record, raid: str) -> pd.DataFrame:
    """The rows of the runs in which a raid was flown."""
    runs = record.runs
    column = f"{snake(raid)}_flown"
    return runs[runs[column] > 0] if column in runs else runs.iloc[:0]


def flown_words(record: Record, raid: str) -> str:
    """In how many runs a raid was flown."""
    return f"flown in {counted(len(flown_runs(record, raid)), len(record.runs))}"


def ensemble(record: Record, shown: int = 0, panels: int = 0) -> str:
    """How many runs and the seed; and what there was no room for."""
    left_out = f"{shown} of {panels} panels shown; " if shown < panels else ""
    return f"{left_out}{counted(len(record.runs), record.runs_asked)}, seed {record.seed}"


def clear_sides(axes: Axes, *sides: str) -> None:
    """Take away spines, and the ticks that stood on them."""
    axes.spines[list(sides)].set_visible(False)
    if "left" in sides:
        axes.yaxis.set_major_locator(NullLocator())
    if "bottom" in sides:
        axes.tick_params(axis="x", which="both", length=0, labelbottom=False)


# --- losses against reports ------------------------------------------------------------------

_LABELS_IN, _VALUES_IN = 3.2, 0.75
_HEADING_IN, _HISTOGRAM_IN, _PANEL_GAP_IN = 0.2, 0.55, 0.52
_MEANING = {"hit": "hit (damaged or destroyed)", "destroyed": "destroyed"}


@dataclass(frozen=True)
class Outcome:
    """A loss in a raid over the runs it was flown in, and the reports it is held against."""

    raid: str
    group: str
    what: str
    values: Floats
    reports: tuple[Report, ...]

    @property
    def title(self) -> str:
        """The loss in words."""
        return f"{self.group.replace('_', ' ')} {_MEANING[self.what]}"

    def meets(self, report: Report) -> bool:
        """Whether a reported figure, or part of its range, is in the 90 % interval."""
        low, _, high = interval(self.values)
        first, last = ends(report)
        return first <= high and last >= low


def ends(report: Report) -> tuple[float, float]:
    """The ends of a reported range, the figure twice where it has none."""
    figure = report.figure
    if figure.low is None or figure.high is None:
        return figure.value, figure.value
    return figure.low, figure.high


def outcomes_of(record: Record) -> list[Outcome]:
    """The losses of dated raids; of a raid with reports only the losses reported."""
    scenario = record.scenario
    groups = dict.fromkeys(asset.group for asset in scenario.assets.values())
    found = []
    for raid in (name for name, raid in scenario.raids.items() if raid.date):
        runs = flown_runs(record, raid)
        pairs = [(group, what) for group in groups for what in _MEANING] if len(runs) else []
        outcomes = [
            Outcome(raid, group, what, runs[column].to_numpy(float), _reports_on(scenario, column))
            for group, what in pairs
            for column in (f"{snake(raid)}_{group}_{what}",)
        ]
        reported = [outcome for outcome in outcomes if outcome.reports]
        found += reported or [outcome for outcome in outcomes if outcome.values.any()]
    return found


def _reports_on(scenario: Scenario, column: str) -> tuple[Report, ...]:
    """The reports of an outcome: independent ones first, the largest figure first."""
    reports = [report for report in scenario.reported.values() if report.outcome == column]
    return tuple(sorted(reports, key=lambda r: (r.kind == "claim", -r.figure.value, r.by)))


@house_style()
def draw_losses_against_reports(record: Record) -> Picture | None:
    """For each loss of a dated raid: the model's distribution above what was reported."""
    found = outcomes_of(record)
    outcomes = found[:MOST_PANELS]
    if not outcomes:
        return None
    first, panels = 0.56, [_panel_height(outcome) for outcome in outcomes]
    height = first + sum(panels) + _PANEL_GAP_IN * len(panels) + 0.1
    picture = Picture(_losses_title(outcomes), height)
    _losses_key(picture, outcomes)
    top = first
    for outcome, panel in zip(outcomes, panels, strict=True):
        _loss_panel(picture, record, outcome, outcomes, top)
        top += panel + _PANEL_GAP_IN
    picture.note(ensemble(record, len(outcomes), len(found)))
    return picture.described(*(_outcome_words(record, outcome) for outcome in outcomes))


def _losses_title(outcomes: list[Outcome]) -> str:
    """How many reports the model meets, of those kept for validation where there are any."""
    pairs = [(o, r) for o in outcomes for r in o.reports]
    held = [(o, r) for o, r in pairs if r.used_for == "validation"]
    said = []
    for kind, words in (("independent", "independent estimates"), ("claim", "claims")):
        met = [o.meets(r) for o, r in held or pairs if r.kind == kind]
        if met:
            said.append(f"{sum(met)} of {len(met)} {words}")
    if not said:
        return "What each raid destroys and damages in the model"
    purpose = " kept for validation" if held else ""
    return f"The model's 90 % interval meets {' and '.join(said)}{purpose}"


_USES = {"tuning": "†", "context": "‡", "validation": ""}


def _losses_key(picture: Picture, outcomes: list[Outcome]) -> None:
    """What the marks mean that are there."""
    reports = [report for outcome in outcomes for report in outcome.reports]
    words = {"independent": "Independent estimate", "claim": "Claim of a party"}
    entries = {"Model: median and 90 % interval": _mark_of("model")}
    entries |= {w: _mark_of(kind) for kind, w in words.items() if kind in {r.kind for r in reports}}
    picture.key(MARGIN_IN, 0.27, entries, 3)
    uses = {"tuning": "used for tuning", "context": "for context, not counted"}
    seen = [f"{_USES[use]} {w}" for use, w in uses.items() if use in {r.used_for for r in reports}]
    picture.write(picture.width_in - MARGIN_IN, 0.26, "   ".join(seen), ha="right")


def _mark_of(kind: str) -> Line2D:
    """The mark of the model, an independent estimate or a claim, with its line."""
    colour, marker, fill = {
        "model": (BLACK, "s", BLACK),
        "independent": (BLUE, "o", BLUE),
        "claim": (VERMILION, "D", PAPER),
    }[kind]
    return Line2D(
        [],
        [],
        color=colour,
        marker=marker,
        markersize=4.0,
        markerfacecolor=fill,
        markeredgewidth=0.9,
        linewidth=1.1,
    )


def _report_lines(report: Report) -> list[str]:
    by = f"{sentence(report.by)}\u00a0{_USES[report.used_for]}".rstrip()
    return wrapped(by, _LABELS_IN - MARGIN_IN - 0.1)


def _row_height(lines: int) -> float:
    return lines * LINE_IN + 0.06


def _panel_height(outcome: Outcome) -> float:
    rows = [1, *(len(_report_lines(report)) for report in outcome.reports)]
    return _HEADING_IN + _HISTOGRAM_IN + sum(map(_row_height, rows)) + 0.05


def _loss_panel(
    picture: Picture, record: Record, outcome: Outcome, outcomes: list[Outcome], top: float
) -> None:
    """A heading, the histogram, and a row each for the model and every report."""
    heading = f"{short_title(record.scenario, outcome.raid)}: {outcome.title}"
    picture.heading(top, heading, flown_words(record, outcome.raid))
    top += _HEADING_IN
    width = picture.width_in - _LABELS_IN - _VALUES_IN - MARGIN_IN
    alike = [o for o in outcomes if (o.raid, o.group) == (outcome.raid, outcome.group)]
    limits = _loss_limits(alike)
    histogram = picture.axes_at(_LABELS_IN, top, width, _HISTOGRAM_IN)
    _histogram(histogram, outcome.values, limits)
    rows_in = _panel_height(outcome) - _HEADING_IN - _HISTOGRAM_IN
    rows = picture.axes_at(_LABELS_IN, top + _HISTOGRAM_IN, width, rows_in)
    rows.set(xlim=limits, ylim=(rows_in, 0.0), xlabel=sentence(outcome.title))
    clear_sides(rows, "left")
    rows.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 5, 10]))
    _forest(rows, outcome)
    for axes in (histogram, rows):
        low, _, high = interval(outcome.values)
        axes.axvspan(low, high, color=PALE, alpha=0.5, linewidth=0, zorder=0)


def _loss_limits(outcomes: list[Outcome]) -> tuple[float, float]:
    """Common limits for the losses of a group in a raid, with room for every report."""
    highest = max(float(np.quantile(o.values, 0.999)) for o in outcomes)
    reported = [ends(report)[1] for o in outcomes for report in o.reports]
    upper = max([highest, *reported, 1.0])
    return -0.03 * upper - 0.5, 1.03 * upper + 0.5


def _histogram(axes: Axes, values: Floats, limits: tuple[float, float]) -> None:
    """The share of runs for each number lost, in bins of more than one where there are many."""
    step = max(1, int(np.ceil((limits[1] - limits[0]) / 60)))
    edges = np.arange(-0.5, max(limits[1], values.max()) + step, step)
    weights = np.full(len(values), 100.0 / len(values))
    axes.hist(values, edges.tolist(), weights=weights, color=GREY, rwidth=0.85)
    axes.set(xlim=limits, ylabel="runs (%)")
    axes.yaxis.set_major_locator(MaxNLocator(2, integer=True))
    axes.spines["bottom"].set_color(PALE)
    axes.tick_params(axis="x", length=0, labelbottom=False)


def _forest(axes: Axes, outcome: Outcome) -> None:
    low, median, high = interval(outcome.values)
    y = _forest_row(axes, 0.05, ["Model"], (low, median, high), "model")
    for report in outcome.reports:
        first, last = ends(report)
        y = _forest_row(
            axes, y, _report_lines(report), (first, report.figure.value, last), report.kind
        )


def _forest_row(
    axes: Axes, y: float, lines: list[str], figures: tuple[float, float, float], kind: str
) -> float:
    """One row: who said it, the mark with its range, the figure. Returns where the next starts."""
    low, value, high = figures
    middle = y + _row_height(len(lines)) / 2
    mark = _mark_of(kind)
    axes.plot([low, high], [middle] * 2, color=mark.get_color(), linewidth=1.1, zorder=2)
    mark.set_data([value], [middle])
    mark.set_zorder(3)
    axes.add_line(mark)
    text = f"{value:,.0f}" if low == high else f"{value:,.0f} ({low:,.0f}–{high:,.0f})"
    across = axes.get_yaxis_transform()
    label = axes.text(
        -0.02, middle, "\n".join(lines), ha="right", va="center", transform=across, linespacing=1.1
    )
    label.set_gid("report-label")
    axes.text(1.02, middle, text, ha="left", va="center", transform=across)
    return y + _row_height(len(lines))


def _outcome_words(record: Record, outcome: Outcome) -> str:
    low, median, high = (f"{value:,.0f}" for value in interval(outcome.values))
    model = (
        f"{short_title(record.scenario, outcome.raid)}, {outcome.title}: median {median}, "
        f"90 % of runs from {low} to {high}"
    )
    said = [
        f"{report.by} {'–'.join(dict.fromkeys(map(number, ends(report))))} ({report.kind})"
        for report in outcome.reports
    ]
    return f"{model}; reported by {'; '.join(said)}." if said else f"{model}."


# --- fates -----------------------------------------------------------------------------------

_SITES_IN, _BAR_IN, _TOTAL_IN = 2.15, 0.22, 0.35
FATE_WORDS = {
    "compromised": "lost with its carrier",
    "failed": "failed",
    "jammed": "jammed or lost",
    "shot_down": "shot down",
    "decoy_spent": "decoy that came through",
    "missed": "missed",
    "wasted": "target already dead",
    "damaged_target": "damaged a target",
    "destroyed_target": "destroyed a target",
}


def mean_fates(record: Record, raid: str) -> pd.DataFrame:
    """Mean number of drones by site and fate, each time a raid is flown."""
    rows = record.raids[record.raids["raid"] == raid]
    occasions = len(rows[["run", "day"]].drop_duplicates())
    return rows.groupby("site", sort=False)[list(FATES)].sum() / max(occasions, 1)


@house_style()
def draw_fates(record: Record) -> Picture | None:
    """What became of the drones at each site, one panel a raid."""
    if record.raids.empty:
        return None
    flown = set(record.raids["raid"])
    names = [raid for raid in record.scenario.raids if raid in flown]
    fates = {raid: mean_fates(record, raid) for raid in names[:MOST_PANELS]}
    gap, first = 0.75, 0.64
    height = first + sum(len(table) * _BAR_IN + gap for table in fates.values()) + 0.4
    picture = Picture("Every drone and missile has one fate: what became of them", height)
    words = "Mean number each time the raid is flown, by the site they were sent to"
    picture.write(MARGIN_IN, 0.27, words, color=GREY)
    top = first
    for raid, table in fates.items():
        _fates_panel(picture, record, raid, table, top)
        top += len(table) * _BAR_IN + gap
    seen = [fate for fate in FATES if any(table[fate].sum() > 0 for table in fates.values())]
    entries = {FATE_WORDS[fate]: Patch(facecolor=FATE_COLOURS[fate]) for fate in seen}
    picture.key(MARGIN_IN, height - 0.42, entries, 5)
    picture.note(ensemble(record, len(fates), len(names)))
    return picture.described(*(_fates_words(record, *item) for item in fates.items()))


def _fates_sentence(record: Record, raid: str, table: pd.DataFrame) -> str:
    total, hits = table.to_numpy().sum(), table[["damaged_target", "destroyed_target"]].sum().sum()
    title = short_title(record.scenario, raid)
    return f"{title}: {rough(hits)} of {number(total)} hit a target on average"


def _fates_panel(
    picture: Picture, record: Record, raid: str, table: pd.DataFrame, top: float
) -> None:
    """One raid: a bar a site, its parts the fates in their order."""
    picture.heading(top, _fates_sentence(record, raid, table), flown_words(record, raid))
    width = picture.width_in - _SITES_IN - _TOTAL_IN - MARGIN_IN
    axes = picture.axes_at(_SITES_IN, top + 0.2, width, len(table) * _BAR_IN)
    longest = float(table.sum(axis=1).max())
    axes.set(xlim=(0.0, longest), ylim=(len(table) - 0.5, -0.5))
    axes.set_xlabel("Drones and missiles, mean number")
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    titles = [record.scenario.sites[str(site)].title for site in table.index]
    room = _SITES_IN - MARGIN_IN - 0.1
    axes.set_yticks(range(len(table)), [shortened(title, room) for title in titles])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for place, (_, row) in enumerate(table.iterrows()):
        _fate_bar(axes, place, row, longest / width)


def _fate_bar(axes: Axes, place: int, row: "pd.Series[float]", per_inch: float) -> None:
    """One site: parts with their numbers where these fit, and the sum."""
    start = 0.0
    for fate in FATES:
        part, colour = float(row[fate]), FATE_COLOURS[fate]
        axes.barh(place, part, 0.78, start, color=colour, edgecolor=PAPER, linewidth=0.4)
        text = f"{part:.0f}" if part >= 9.95 else f"{part:.1f}"
        if width_of(text, NOTE_PT) + 0.06 < part / per_inch:
            ink = PAPER if dark(colour) else INK
            axes.text(
                start + part / 2, place, text, ha="center", va="center", color=ink, size=NOTE_PT
            )
        start += part
    axes.text(start + 0.05 * per_inch, place, number(start), ha="left", va="center")


def _fates_words(record: Record, raid: str, table: pd.DataFrame) -> str:
    sums = table.sum()
    parts = [f"{FATE_WORDS[fate]} {rough(sums[fate])}" for fate in FATES if sums[fate] > 0]
    return f"{_fates_sentence(record, raid, table)} ({', '.join(parts)})."


# --- positions -------------------------------------------------------------------------------

_LEFT_IN, _RIGHT_IN, _LEVEL_IN = 0.6, 1.5, 0.16
_FAN = ("q05", "q25", "q50", "q75", "q95")


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
    if record.raids.empty:
        return None
    rows = record.raids[record.raids["raid"] == raid][["run", "day"]].drop_duplicates()
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
    picture = Picture(_positions_title(fans), top + flags_in + 4.1)
    picture.write(MARGIN_IN, 0.27, _FAN_WORDS, color=GREY)
    shares = picture.axes_at(_LEFT_IN, top + flags_in, width, 2.3)
    zone = picture.axes_at(_LEFT_IN, top + flags_in + 2.45, width, 1.15, sharex=shares)
    _draw_shares(shares, record, fans)
    _draw_zone(zone, fans["z"], record)
    _date_axis(zone, record)
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


def _positions_title(fans: dict[str, pd.DataFrame]) -> str:
    first, last = (decimal(fans["z"]["q50"].iloc[k]) for k in (0, -1))
    return f"The median zone of agreement Z moves from {first} to {last}; a deal needs Z ≥ 0"


def _place(date: datetime.date) -> int:
    """Where matplotlib has a date: in days since 1970."""
    return date.toordinal() - datetime.date(1970, 1, 1).toordinal()


def _dates(record: Record, fan: pd.DataFrame) -> Floats:
    """Where matplotlib has the days of a fan, and the end of the last."""
    days = np.asarray(fan.index, float)
    return _place(record.scenario.start) + np.append(days, days[-1] + 1)


def _held(fan: pd.DataFrame, quantile: str) -> Floats:
    """A quantile of each day, the last one's again at its end."""
    values = fan[quantile].to_numpy(float)
    return np.append(values, values[-1])


def _of_underdog(fan: pd.DataFrame) -> pd.DataFrame:
    """A fan of the favourite's shares as one of the underdog's."""
    return pd.DataFrame(
        {name: 1.0 - fan[other] for name, other in zip(_FAN, reversed(_FAN), strict=True)}
    )


def _fan(axes: Axes, x: Floats, fan: pd.DataFrame, colour: str) -> None:
    """The 90 % band, the 50 % band in it and the median; a day's value holds until the next."""
    low, q25, median, q75, high = (_held(fan, name) for name in _FAN)
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
    granted, demanded = _of_underdog(fans["r_d"]), _of_underdog(fans["demand_d"])
    lines = [
        (fans["r_u"], BLUE, f"{underdog} accepts no less (r_u)"),
        (granted, VERMILION, f"{favourite} grants no more (1\u00a0−\u00a0r_d)"),
        (fans["demand_u"], BLUE, f"{underdog} demands"),
        (demanded, VERMILION, f"{favourite} demands the rest"),
    ]
    for fan, colour, _ in lines[:2]:
        _fan(axes, x, fan, colour)
    for fan, colour, _ in lines[2:]:
        axes.plot(x, _held(fan, "q50"), color=colour, linewidth=0.7, drawstyle="steps-post")
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
    """Z with the line above which a deal exists."""
    _fan(axes, _dates(record, fan), fan, GREEN)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    low, high = min(fan["q05"].min(), 0.0), max(fan["q95"].max(), 0.0)
    room = 0.12 * (high - low) or 0.05
    axes.set_ylim(low - room, high + room)
    axes.set_ylabel("Z = 1 − r_u − r_d")
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.text(1.02, 0.0, "a deal exists above 0", va="center", transform=axes.get_yaxis_transform())


def _date_axis(axes: Axes, record: Record) -> None:
    scenario = record.scenario
    long = scenario.days > 400

    def words(x: float, _: int | None = None) -> str:
        first = datetime.date(1970, 1, 1)
        return day_words(first + datetime.timedelta(x), long)

    locator = AutoDateLocator(tz=datetime.UTC, minticks=3, maxticks=9)  # type: ignore[no-untyped-call]
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
        x = _place(mark.date)
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


# --- cost exchange ---------------------------------------------------------------------------

_MONEY_LEFT_IN, _MONEY_IN, _RATIO_LEFT_IN = 1.25, 2.75, 4.5
_MONEY_ROW_IN, _MONEY_GAP_IN = 0.36, 0.72


@dataclass(frozen=True)
class Bill:
    """The money of a raid, over the runs it was flown in."""

    raid: str
    money: dict[str, Floats]  # by whose money it is
    cost_exchange: Floats
    loss_exchange: Floats


def bills_of(record: Record) -> list[Bill]:
    """The money of every raid that was flown."""
    scenario = record.scenario
    bills = []
    for name, raid in scenario.raids.items():
        runs, word = flown_runs(record, name), snake(name)
        if runs.empty:
            continue
        attacker, defender = side_title(scenario, raid.by), enemy_title(scenario, name)
        who = {"spent": f"{attacker}'s weapons", "lost": f"{defender}'s losses"}
        who["fired"] = f"{defender}'s rounds fired"
        money = {words: runs[f"{word}_{what}_usd"].to_numpy(float) for what, words in who.items()}
        ratios = (runs[f"{word}_{what}_exchange"].to_numpy(float) for what in ("cost", "loss"))
        bills.append(Bill(name, money, *ratios))
    return bills


def _positive(values: Floats) -> Floats:
    return values[np.isfinite(values) & (values > 0)]


@house_style()
def draw_cost_exchange(record: Record) -> Picture | None:
    """What each raid cost both sides, and the defender's cost per dollar of the attacker's."""
    found = bills_of(record)
    bills = found[:MOST_PANELS]
    if not any(len(_positive(values)) for bill in bills for values in bill.money.values()):
        return None
    first, panel = 0.58, 3 * _MONEY_ROW_IN + _MONEY_GAP_IN
    height = first + len(bills) * panel + 0.12
    picture = Picture("What a raid costs the side that flies it and the side it hits", height)
    words = "Left: median and 90 % interval; right: share of runs; dashed: both pay the same"
    picture.write(MARGIN_IN, 0.27, words, color=GREY)
    entries = {
        "losses and rounds fired": Patch(facecolor=SKY),
        "losses alone": Line2D([], [], color=VERMILION),
    }
    picture.key(_RATIO_LEFT_IN, 0.27, entries, 2)
    for place, bill in enumerate(bills):
        _bill_panel(picture, record, bill, bills, first + place * panel)
    picture.note(ensemble(record, len(bills), len(found)))
    return picture.described(*(_bill_words(record, bill) for bill in bills))


def _exchange_sentence(record: Record, bill: Bill) -> str:
    title = short_title(record.scenario, bill.raid)
    ratios = bill.cost_exchange[np.isfinite(bill.cost_exchange)]
    if not len(ratios):
        return title
    cost = rough(float(np.median(ratios)))
    return (
        f"{title}: a dollar spent costs {enemy_title(record.scenario, bill.raid)} {cost} $ (median)"
    )


def _bill_words(record: Record, bill: Bill) -> str:
    parts = [
        f"{who} {dollars(median)} ({dollars(low)} to {dollars(high)})"
        for who, values in bill.money.items()
        for low, median, high in (interval(values),)
    ]
    return f"{_exchange_sentence(record, bill)} ; {', '.join(parts)}."


def _decades(values: list[Floats]) -> tuple[float, float]:
    """Limits in whole decades around the 99.8 % of positive values."""
    positive = np.concatenate([_positive(part) for part in values])
    if not len(positive):
        return 0.1, 10.0
    low, high = np.log10(np.quantile(positive, (0.001, 0.999)))
    return 10.0 ** np.floor(low), 10.0 ** max(np.ceil(high), np.floor(low) + 1)


def _log_axis(
    axes: Axes, limits: tuple[float, float], words: Callable[[float], str], most: int
) -> None:
    """A logarithmic axis in x with a readable word at whole decades."""
    axes.set_xscale("log")
    axes.set_xlim(*limits)
    first, last = (round(float(np.log10(limit))) for limit in limits)
    step = max(1, -(-(last - first) // most))
    shown = range(-(-first // step) * step, last + 1, step)
    axes.xaxis.set_major_locator(FixedLocator([10.0**k for k in shown]))
    axes.xaxis.set_minor_locator(FixedLocator([10.0**k for k in range(first, last + 1)]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words(value)))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))


def _bill_panel(
    picture: Picture, record: Record, bill: Bill, bills: list[Bill], top: float
) -> None:
    """One raid: the money to the left, the exchange ratio to the right."""
    picture.heading(top, _exchange_sentence(record, bill), flown_words(record, bill.raid))
    height = 3 * _MONEY_ROW_IN
    money = picture.axes_at(_MONEY_LEFT_IN, top + 0.2, _MONEY_IN, height)
    _log_axis(money, _decades([v for b in bills for v in b.money.values()]), dollars, 6)
    _money_rows(money, bill)
    ratio = picture.axes_at(
        _RATIO_LEFT_IN, top + 0.2, picture.width_in - 0.2 - _RATIO_LEFT_IN, height
    )
    ratios = [values for b in bills for values in (b.cost_exchange, b.loss_exchange)]
    _log_axis(ratio, _decades([*ratios, np.array([1.0])]), number, 5)
    _ratio_histogram(ratio, bill)


def _money_rows(axes: Axes, bill: Bill) -> None:
    """Median and 90 % interval of each sum of money, with the figures above."""
    axes.set_ylim(2.6, -0.75)
    room = _MONEY_LEFT_IN - MARGIN_IN - 0.05
    axes.set_yticks(range(3), ["\n".join(wrapped(who, room)) for who in bill.money])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("US dollars")
    axes.grid(axis="x", color=PALE, linewidth=0.4)
    axes.set_axisbelow(True)
    floor = axes.get_xlim()[0]
    colours = (VERMILION, BLUE, SKY)
    for place, (values, colour) in enumerate(zip(bill.money.values(), colours, strict=True)):
        low, median, high = interval(values)
        if high <= 0:
            axes.text(floor, place, " none", va="center", color=GREY)
            continue
        seen = [max(value, floor) for value in (low, median, high)]
        axes.plot([seen[0], seen[2]], [place] * 2, color=colour, linewidth=1.6)
        axes.plot(seen[1], place, "o", color=colour, markersize=4.0)
        text = f"{dollars(median)} ({dollars(low)}–{dollars(high)})"
        _write_above(axes, seen[1], place - 0.2, text)


def _write_above(axes: Axes, x: float, y: float, text: str) -> None:
    """Small text over a place of a logarithmic axis, moved where it would leave the axes."""
    first, last = np.log(axes.get_xlim())
    half = width_of(text, NOTE_PT) / _MONEY_IN / 2
    middle = min(max((np.log(x) - first) / (last - first), half), 1.0 - half)
    axes.text(
        middle, y, text, ha="center", va="bottom", size=NOTE_PT,
        transform=axes.get_yaxis_transform(),
    )  # fmt: skip


def _ratio_histogram(axes: Axes, bill: Bill) -> None:
    """The distribution of both exchange ratios in tenths of a decade."""
    first, last = np.log10(axes.get_xlim())
    edges = 10.0 ** np.arange(first, last + 0.05, 0.1)
    looks: list[tuple[Floats, dict[str, Any]]] = [
        (bill.cost_exchange, {"color": SKY, "histtype": "stepfilled", "alpha": 0.9}),
        (bill.loss_exchange, {"color": VERMILION, "histtype": "step", "linewidth": 0.9}),
    ]
    for ratios, look in looks:
        shown = _positive(ratios)
        if len(shown):
            weights = np.full(len(shown), 100.0 / len(ratios))
            axes.hist(shown, edges.tolist(), weights=weights, **look)
    axes.axvline(1.0, color=INK, linewidth=0.8, linestyle=(0, (3, 2)))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.set_ylabel("runs (%)")
    axes.set_xlabel("Defender's cost per dollar of the attacker's")


DRAWINGS: dict[str, Callable[[Record], Picture | None]] = {
    "losses_against_reports": draw_losses_against_reports,
    "fates": draw_fates,
    "positions": draw_positions,
    "cost_exchange": draw_cost_exchange,
}
"""The figures by the name of their files."""
