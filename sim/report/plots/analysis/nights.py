"""The figure of unseen nights: reliability of the forecasts, and leaking share by size."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.evidence.nights.titles import CLASSES, FORECASTERS
from sim.evidence.nights.validation import LEVELS
from sim.render.document import Figures
from sim.report.plots.colours import BLUE, GREY, INK, ORANGE, PALE, PURPLE, VERMILION
from sim.report.plots.lettering import BOLD, NOTE_PT, shortened
from sim.report.plots.picture import MARGIN_IN, Picture
from sim.report.plots.style import house_style

Look = dict[str, Any]

_LEFT_IN, _GAP_IN, _SIDE_IN = 0.5, 0.5, 1.85
_TOP_IN, _SECOND_IN, _LOW_IN = 0.78, 3.45, 1.35
_LINES: dict[str, Look] = {
    "model": {"color": BLUE, "linewidth": 1.6},
    "last_month": {"color": ORANGE, "linewidth": 0.9, "linestyle": (0, (5, 1.5))},
    "regression": {"color": VERMILION, "linewidth": 0.9, "linestyle": (0, (2.5, 1.5))},
    "no_mechanism": {"color": GREY, "linewidth": 0.9, "linestyle": (0, (1, 1))},
}
_SHARES: dict[str, tuple[str, Look]] = {
    "leaked_share": ("observed", {"color": INK, "marker": "o", "linestyle": "", "zorder": 3}),
    "forecast_share": ("the model", {"color": BLUE, "marker": "s"}),
    "without_both": ("without massing and decoys", {"color": PURPLE, "linestyle": "--"}),
}


@house_style()
def draw_nights(figures: Figures) -> Picture:
    """One column per class: coverage against level above, leaking share by size of raid below."""
    classes = figures["classes"]
    met = sum(entry["goal_met"] for entry in classes.values())
    picture = Picture(
        f"Nights after {figures['train_until']}: goal met in {met} of {len(classes)} classes",
        "Above: the share of nights whose outcome lies in the central interval of a level; right "
        "forecasts lie on the diagonal. Below: the share that came through, by size of raid.",
    )
    for place, (name, entry) in enumerate(classes.items()):
        left = _LEFT_IN + place * (_SIDE_IN + _GAP_IN)
        picture.write(left, 0.58, shortened(CLASSES[name], _SIDE_IN / BOLD), weight="bold")
        upper = picture.axes_at(left, _TOP_IN, _SIDE_IN, _SIDE_IN)
        _reliability(upper, entry, figures["goal"])
        lower = picture.axes_at(left, _SECOND_IN, _SIDE_IN, _LOW_IN)
        _by_size(lower, entry)
        if place == 0:
            upper.set_ylabel("Share of nights in it")
            lower.set_ylabel("Came through (share)")
    lines = {FORECASTERS[who]: Line2D([], [], **_LINES[who]) for who in FORECASTERS}
    picture.key(MARGIN_IN, 3.08, {**lines, "goal": Patch(facecolor=PALE)}, 5)
    shares = {words: Line2D([], [], markersize=3.5, **look) for words, look in _SHARES.values()}
    picture.key(MARGIN_IN, 5.3, shares, 3)
    picture.top = 5.3
    note = (
        f"{figures['rows']:,} rows, {figures['first']} to {figures['last']}; "
        f"{figures['draws']:,} draws, seed {figures['seed']}"
    )
    return picture.finished(0.45, note, (_words(*named) for named in classes.items()))


def _reliability(axes: Axes, entry: Figures, goal: list[float]) -> None:
    axes.plot((0, 1), (0, 1), color=PALE, linewidth=0.8)
    axes.plot((0.9, 0.9), goal, color=PALE, linewidth=5, solid_capstyle="butt")
    for who in reversed(FORECASTERS):
        axes.plot((0.0, *LEVELS, 1.0), (0.0, *entry["reliability"][who], 1.0), **_LINES[who])
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=(0, 0.5, 0.9), yticks=(0, 0.5, 0.9))
    axes.set_xlabel("Level of the interval")
    axes.text(0.04, 0.95, f"{entry['nights']:,} nights", va="top", size=NOTE_PT, color=GREY)


def _by_size(axes: Axes, entry: Figures) -> None:
    rows = entry["by_size"]
    for key, (_, look) in _SHARES.items():
        axes.plot(range(len(rows)), [row[key] for row in rows], markersize=3.5, **look)
    ticks = [f"{row['from']}+" if row["to"] is None else f"≤{row['to']}" for row in rows]
    axes.set_xticks(range(len(rows)), ticks)
    highest = max(row[key] for row in rows for key in _SHARES)
    axes.set(xlim=(-0.4, len(rows) - 0.6), ylim=(0, min(1.0, 1.15 * highest) or 1.0))
    axes.set_xlabel("Launched in a night")


def _words(name: str, entry: Figures) -> str:
    return (
        f"{CLASSES[name]}: the 50 % intervals cover {entry['coverage_50']:.2f} and the 90 % "
        f"intervals {entry['coverage_90']:.2f} of {entry['nights']:,} nights; CRPS "
        f"{entry['crps']:.3g}, last month's rate {entry['crps_last_month']:.3g}, regression "
        f"{entry['crps_regression']:.3g}."
    )
