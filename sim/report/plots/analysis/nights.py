"""The figure of nights not seen: how reliable the forecasts are, and the leaking share by size."""

from typing import Any, Literal

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.evidence.nights.validation import FORECASTERS, LEVELS
from sim.report.answers.nights import FORECASTERS as WORDS
from sim.report.answers.nights import TITLES
from sim.report.plots.colours import BLUE, GREY, INK, ORANGE, PALE, PURPLE, VERMILION
from sim.report.plots.lettering import NOTE_PT, shortened
from sim.report.plots.picture import MARGIN_IN, Picture
from sim.report.plots.style import house_style

Figures = dict[str, Any]

_LEFT_IN, _GAP_IN, _SIDE_IN = 0.5, 0.5, 1.85
_TOP_IN, _SECOND_IN, _LOW_IN = 0.78, 3.45, 1.35
_HEIGHT_IN = 5.75
_LINES = {"model": BLUE, "last_month": ORANGE, "regression": VERMILION, "no_mechanism": GREY}
_SHARES: dict[str, tuple[str, str, str, Literal["", "-", "--"]]] = {
    "leaked_share": ("what came", INK, "o", ""),
    "forecast_share": ("the model", BLUE, "s", "-"),
    "without_both": ("without massing and decoys", PURPLE, "", "--"),
}


@house_style()
def draw_nights(figures: Figures) -> Picture:
    """One column a class: coverage against level above, leaking share by size of raid below."""
    met = [entry for entry in figures["classes"].values() if entry["goal_met"]]
    title = f"Nights after {figures['train_until']}: {len(met)} of {len(figures['classes'])} "
    picture = Picture(f"{title}classes meet the goal", _HEIGHT_IN)
    words = "Above: how often what came lies in the central interval of a level. "
    picture.write(MARGIN_IN, 0.27, f"{words}Below: leaking share by size of raid", color=GREY)
    for place, (name, entry) in enumerate(figures["classes"].items()):
        left = _LEFT_IN + place * (_SIDE_IN + _GAP_IN)
        picture.write(left, 0.55, shortened(TITLES[name], _SIDE_IN / 1.12), weight="bold")
        upper = picture.axes_at(left, _TOP_IN, _SIDE_IN, _SIDE_IN)
        _reliability(upper, entry, figures["goal"], place == 0)
        lower = picture.axes_at(left, _SECOND_IN, _SIDE_IN, _LOW_IN)
        _by_size(lower, entry, place == 0)
    picture.key(MARGIN_IN, 3.08, _line_key(), 5)
    picture.key(MARGIN_IN, 5.3, _share_key(), 3)
    picture.note(
        f"{figures['rows']:,} rows, {figures['first']} to {figures['last']}; "
        f"{figures['draws']:,} draws, seed {figures['seed']}"
    )
    return picture.described(*(_words(name, entry) for name, entry in figures["classes"].items()))


def _reliability(axes: Axes, entry: Figures, goal: list[float], is_first: bool) -> None:
    axes.plot((0, 1), (0, 1), color=PALE, linewidth=0.8)
    axes.plot((0.9, 0.9), goal, color=PALE, linewidth=5, solid_capstyle="butt")
    for who in reversed(FORECASTERS):
        is_model = who == "model"
        axes.plot(
            (0.0, *LEVELS, 1.0),
            (0.0, *entry["reliability"][who], 1.0),
            color=_LINES[who],
            linewidth=1.6 if is_model else 0.8,
            linestyle="-" if is_model else "--",
        )
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=(0, 0.5, 0.9), yticks=(0, 0.5, 0.9))
    axes.set_xlabel("Level of the interval")
    axes.text(0.04, 0.95, f"{entry['nights']:,} nights", va="top", size=NOTE_PT, color=GREY)
    if is_first:
        axes.set_ylabel("Share that lies in it")


def _by_size(axes: Axes, entry: Figures, is_first: bool) -> None:
    rows = entry["by_size"]
    places = range(len(rows))
    for key, (_, colour, marker, line) in _SHARES.items():
        axes.plot(
            places,
            [row[key] for row in rows],
            color=colour,
            marker=marker,
            linestyle=line,
            markersize=3.5,
        )
    ticks = [f"{row['from']}+" if row["to"] is None else f"≤{row['to']}" for row in rows]
    axes.set_xticks(list(places), ticks)
    highest = max(row[key] for row in rows for key in _SHARES)
    axes.set(xlim=(-0.4, len(rows) - 0.6), ylim=(0, min(1.0, 1.15 * highest) or 1.0))
    axes.set_xlabel("Launched in a night")
    if is_first:
        axes.set_ylabel("Leaking share")


def _line_key() -> dict[str, Artist]:
    key: dict[str, Artist] = {
        WORDS[who]: Line2D(
            [],
            [],
            color=_LINES[who],
            linewidth=1.6 if who == "model" else 0.8,
            linestyle="-" if who == "model" else "--",
        )
        for who in FORECASTERS
    }
    return {**key, "goal": Patch(facecolor=PALE)}


def _share_key() -> dict[str, Artist]:
    return {
        words: Line2D([], [], color=colour, marker=marker, linestyle=line, markersize=3.5)
        for words, colour, marker, line in _SHARES.values()
    }


def _words(name: str, entry: Figures) -> str:
    return (
        f"{TITLES[name]}: the 50 % intervals cover {entry['coverage_50']:.2f} and the 90 % "
        f"intervals {entry['coverage_90']:.2f} of {entry['nights']:,} nights; CRPS "
        f"{entry['crps']:.3g}, last month's rate {entry['crps_last_month']:.3g}, regression "
        f"{entry['crps_regression']:.3g}."
    )
