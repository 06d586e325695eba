"""The figure of losses: what the model destroys, compared with reports."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, NullLocator

from sim.experiment.record import Record
from sim.report.plots.captions import ensemble, flown_runs, flown_words, short_title
from sim.report.plots.colours import BLACK, BLUE, GREY, PALE, PAPER, VERMILION
from sim.report.plots.lettering import LINE_IN, wrapped
from sim.report.plots.marks import draw_interval, round_ticks
from sim.report.plots.picture import MARGIN_IN, MOST_PANELS, WIDTH_IN, Picture
from sim.report.plots.places import Floats, interval
from sim.report.plots.style import house_style
from sim.report.plots.words import number, sentence
from sim.scenario.schema import Report, Scenario, snake

Look = dict[str, Any]

_LABELS_IN, _ROWS_IN = 3.2, WIDTH_IN - 3.2 - 0.75 - MARGIN_IN
_HEADING_IN, _HISTOGRAM_IN, _PANEL_GAP_IN = 0.2, 0.55, 0.52
_MEANING = {"hit": "hit (damaged or destroyed)", "destroyed": "destroyed"}


@dataclass(frozen=True)
class Outcome:
    """A loss in a raid over the runs in which it was flown, and the reports on it."""

    raid: str
    group: str
    what: str
    values: Floats
    reports: tuple[Report, ...]

    @property
    def title(self) -> str:
        """The loss as text."""
        return f"{self.group.replace('_', ' ')} {_MEANING[self.what]}"

    def meets(self, report: Report) -> bool:
        """Whether a reported figure, or part of its range, is inside the 90 % interval."""
        low, _, high = interval(self.values)
        first, last = ends(report)
        return first <= high and last >= low


def ends(report: Report) -> tuple[float, float]:
    """The ends of a reported range; the figure itself twice if there is none."""
    figure = report.figure
    if figure.low is None or figure.high is None:
        return figure.value, figure.value
    return figure.low, figure.high


def outcomes_of(record: Record) -> list[Outcome]:
    """The losses of dated raids and the focus; only those reported if a raid has reports."""
    scenario = record.scenario
    groups = scenario.groups
    found = []
    raids = (n for n, raid in scenario.raids.items() if raid.date or n == scenario.focus)
    for raid in raids:
        pairs = [(group, what) for group in groups for what in _MEANING]
        runs = flown_runs(record, raid, *("_".join(pair) for pair in pairs))
        pairs = pairs if len(runs) else []
        outcomes = [
            Outcome(raid, group, what, runs[column].to_numpy(float), _reports_on(scenario, column))
            for group, what in pairs
            for column in (f"{snake(raid)}_{group}_{what}",)
        ]
        reported = [outcome for outcome in outcomes if outcome.reports]
        found += reported or [outcome for outcome in outcomes if outcome.values.any()]
    return found


def _reports_on(scenario: Scenario, column: str) -> tuple[Report, ...]:
    """The reports on an outcome: independent ones first, the largest figure first."""
    reports = [report for report in scenario.reported.values() if report.outcome == column]
    return tuple(sorted(reports, key=lambda r: (r.kind == "claim", -r.figure.value, r.by)))


@house_style()
def draw_losses_against_reports(record: Record) -> Picture | None:
    """For each loss of a dated raid, the model's distribution above the reports."""
    found = outcomes_of(record)
    outcomes = found[:MOST_PANELS]
    if not outcomes:
        return None
    picture = Picture(_losses_title(outcomes))
    _losses_key(picture, outcomes)
    picture.top = 0.56
    for outcome in outcomes:
        alike = [o for o in outcomes if (o.raid, o.group) == (outcome.raid, outcome.group)]
        heading = f"{short_title(record.scenario, outcome.raid)}: {outcome.title}"
        picture.heading(heading, flown_words(record, outcome.raid))
        _draw_loss(picture, outcome, _loss_limits(alike))
    sentences = (_outcome_words(record, outcome) for outcome in outcomes)
    return picture.finished(0.1, ensemble(record, len(outcomes), len(found)), sentences)


def _losses_title(outcomes: list[Outcome]) -> str:
    """How many reports the model meets, among those for validation if there are any."""
    pairs = [(o, r) for o in outcomes for r in o.reports if r.used_for != "context"]
    for_validation = [(o, r) for o, r in pairs if r.used_for == "validation"]
    counts = []
    for kind, words in (("independent", "independent estimates"), ("claim", "claims")):
        met = [o.meets(r) for o, r in for_validation or pairs if r.kind == kind]
        if met:
            counts.append(f"{sum(met)} of {len(met)} {words}")
    if not counts:
        return "What each raid destroys and damages in the model"
    purpose = " kept for validation" if for_validation else ""
    return f"The model's 90 % interval meets {' and '.join(counts)}{purpose}"


_USES = {"tuning": "†", "context": "‡", "validation": ""}


def _losses_key(picture: Picture, outcomes: list[Outcome]) -> None:
    """The legend of the marks in use."""
    reports = [report for outcome in outcomes for report in outcome.reports]
    words = {"independent": "Independent estimate", "claim": "Claim of a party"}
    entries = {"Model: median and 90 % interval": _mark_of("model")}
    entries |= {w: _mark_of(kind) for kind, w in words.items() if kind in {r.kind for r in reports}}
    picture.key(MARGIN_IN, 0.27, entries, 3)
    uses = {"tuning": "used for tuning", "context": "for context, not counted"}
    seen = [f"{_USES[use]} {w}" for use, w in uses.items() if use in {r.used_for for r in reports}]
    picture.write(WIDTH_IN - MARGIN_IN, 0.26, "   ".join(seen), ha="right")


def _mark_of(kind: str) -> Line2D:
    """The mark of the model, an independent estimate or a claim, with its line."""
    colour, marker, fill = {
        "model": (BLACK, "s", BLACK),
        "independent": (BLUE, "o", BLUE),
        "claim": (VERMILION, "D", PAPER),
    }[kind]
    look: Look = {"color": colour, "marker": marker, "markersize": 4.0, "markerfacecolor": fill}
    return Line2D([], [], markeredgewidth=0.9, linewidth=1.1, **look)


def _draw_loss(picture: Picture, outcome: Outcome, limits: tuple[float, float]) -> None:
    """The histogram, and below it a row each for the model and every report."""
    rows = [(["Model"], interval(outcome.values), "model")]
    for report in outcome.reports:
        first, last = ends(report)
        rows.append((_report_lines(report), (first, report.figure.value, last), report.kind))
    rows_in = sum(_row_height(lines) for lines, _, _ in rows) + 0.05
    top = picture.top + _HEADING_IN
    histogram = picture.axes_at(_LABELS_IN, top, _ROWS_IN, _HISTOGRAM_IN)
    _histogram(histogram, outcome.values, limits)
    axes = picture.axes_at(_LABELS_IN, top + _HISTOGRAM_IN, _ROWS_IN, rows_in)
    axes.set(xlim=limits, ylim=(rows_in, 0.0), xlabel=sentence(outcome.title))
    axes.spines["left"].set_visible(False)
    axes.yaxis.set_major_locator(NullLocator())
    round_ticks(axes.xaxis, 8, whole=True)
    row_top = 0.05
    for lines, figures, kind in rows:
        _draw_report(axes, row_top + _row_height(lines) / 2, lines, figures, kind)
        row_top += _row_height(lines)
    for panel in (histogram, axes):
        low, _, high = interval(outcome.values)
        panel.axvspan(low, high, color=PALE, alpha=0.5, linewidth=0, zorder=0)
    picture.top = top + _HISTOGRAM_IN + rows_in + _PANEL_GAP_IN


def _report_lines(report: Report) -> list[str]:
    by = f"{sentence(report.by)}\u00a0{_USES[report.used_for]}".rstrip()
    return wrapped(by, _LABELS_IN - MARGIN_IN - 0.1)


def _row_height(lines: list[str]) -> float:
    return len(lines) * LINE_IN + 0.06


def _loss_limits(outcomes: list[Outcome]) -> tuple[float, float]:
    """Common limits for the losses of a group in a raid, with room for all reports."""
    highest = max(float(np.quantile(o.values, 0.999)) for o in outcomes)
    reported = [ends(report)[1] for o in outcomes for report in o.reports]
    upper = max([highest, *reported, 1.0])
    return -0.03 * upper - 0.5, 1.03 * upper + 0.5


def _histogram(axes: Axes, values: Floats, limits: tuple[float, float]) -> None:
    """The share of runs for each number lost, in wider bins if there are many."""
    step = max(1, int(np.ceil((limits[1] - limits[0]) / 60)))
    edges = np.arange(-0.5, max(limits[1], values.max()) + step, step)
    weights = np.full(len(values), 100.0 / len(values))
    shares, _ = np.histogram(values, edges, weights=weights)
    for left, share in zip(edges[:-1] + 0.5 * step - 0.425 * step, shares, strict=True):
        axes.add_artist(Rectangle((left, 0.0), 0.85 * step, share, facecolor=GREY))
    axes.set(xlim=limits, ylim=(0.0, 1.05 * shares.max()), ylabel="runs (%)")
    axes.yaxis.set_major_locator(MaxNLocator(2, integer=True))
    axes.spines["bottom"].set_color(PALE)
    axes.tick_params(axis="x", length=0, labelbottom=False)


def _draw_report(
    axes: Axes, row: float, lines: list[str], figures: tuple[float, float, float], kind: str
) -> None:
    """One row: the reporter, the mark with its range, the figure."""
    draw_interval(axes, row, figures, _mark_of(kind))
    low, value, high = figures
    text = f"{value:,.0f}" if low == high else f"{value:,.0f} ({low:,.0f}–{high:,.0f})"
    look: Look = {"va": "center", "transform": axes.get_yaxis_transform()}
    words = "\n".join(lines)
    axes.text(-0.02, row, words, ha="right", linespacing=1.1, gid="report-label", **look)
    axes.text(1.02, row, text, ha="left", **look)


def _outcome_words(record: Record, outcome: Outcome) -> str:
    low, median, high = (f"{value:,.0f}" for value in interval(outcome.values))
    model = (
        f"{short_title(record.scenario, outcome.raid)}, {outcome.title}: median {median}, "
        f"90 % of runs from {low} to {high}"
    )
    reports = [
        f"{report.by} {'–'.join(dict.fromkeys(map(number, ends(report))))} ({report.kind})"
        for report in outcome.reports
    ]
    return f"{model}; reported by {'; '.join(reports)}." if reports else f"{model}."
