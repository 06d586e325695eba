"""Figures of nights forecast one by one: skill, the forecasts with what came, and the defence."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, NullFormatter

from sim.evidence.nights.titles import CLASSES
from sim.render.document import Figures
from sim.report.plots.analysis.class_panels import (
    calendar_axis,
    dates_of,
    panel,
)
from sim.report.plots.colours import BLUE, GREEN, INK, ORANGE, PALE, VERMILION
from sim.report.plots.lettering import NOTE_PT
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.style import house_style
from sim.report.plots.words import number

_POOLED = 30
_LEAST = 1e-6
_EACH_NIGHT = "Each night is forecast from what was launched and from all nights before it."
_INSIDE: Figures = {"color": INK, "marker": "o", "linestyle": "", "markersize": 2.5}
_OUTSIDE: Figures = {"color": VERMILION, "marker": "D", "linestyle": "", "markersize": 3.0}
_RELATIVE = (0.5, 1.7)
_LINES: dict[str, tuple[str, Figures]] = {
    "crps": ("the filter", {"color": BLUE, "linewidth": 1.5, "zorder": 3}),
    "crps_forgetting_20": (
        "regression with a half-life of 20 days",
        {"color": ORANGE, "linestyle": (0, (5, 1))},
    ),
    "crps_forgetting_45": ("45 days", {"color": VERMILION, "linestyle": (0, (2, 1))}),
    "crps_forgetting_90": ("90 days", {"color": GREEN, "linestyle": (0, (1, 1))}),
}
_DEFENCE = {
    "looks": "Looks at a target on its way, mean number",
    "channels": "Channels: targets that can be engaged at once",
    "p_kill": "Chance to kill",
    "jam": "Jamming of a drone on its way, rate",
    "decoys": "Decoys in a large raid, share",
}


@house_style()
def draw_skill(figures: Figures) -> Picture:
    """CRPS over time against that of the best regression that forgets, a panel a class."""
    picture = Picture(
        "How good forecasts of the next night were",
        f"CRPS (less is better) over the last {_POOLED} nights, as a share of that of the best "
        f"regression; cut off at {_RELATIVE[1]:g}. Each night is forecast from what was launched "
        "and from all nights before it.",
    )
    looks = {words: Line2D([], [], **look) for words, look in _LINES.values()}
    picture.key(MARGIN_IN, picture.top + 0.02, looks, 4)
    picture.top += 0.3
    for name, entry in figures["classes"].items():
        axes = panel(picture, CLASSES[name], f"{entry['nights']:,} nights")
        series = entry["series"]
        count = min(_POOLED, len(series))
        ends = dates_of(series)[count - 1 :]
        pooled = {
            key: np.convolve([row[key] for row in series], np.ones(count) / count, "valid")
            for key in _LINES
        }
        best = pooled[f"crps_forgetting_{entry['best_half_life_days']}"]
        for key, (_, look) in _LINES.items():
            axes.plot(ends, pooled[key] / np.maximum(best, _LEAST), **look)
        axes.axhline(1.0, color=PALE, linewidth=0.8, zorder=0)
        axes.set_ylim(*_RELATIVE)
        axes.set_ylabel("CRPS, relative")
        calendar_axis(axes)
    return picture.finished(0.1, _note(figures), map(_words, *_named(figures)))


@house_style()
def draw_nights_and_forecasts(figures: Figures) -> Picture:
    """What came of each night within 90 % of its forecast, a panel a class; the last 120."""
    picture = Picture("Forecasts of the next night, and what came through", _EACH_NIGHT)
    marks = {
        "90 % of the forecast": Patch(color=BLUE, alpha=0.35),
        "came through, inside": Line2D([], [], **_INSIDE),
        "outside": Line2D([], [], **_OUTSIDE),
    }
    picture.key(MARGIN_IN, picture.top + 0.02, marks, 3)
    picture.top += 0.3
    for name, entry in figures["classes"].items():
        series = entry["series"][-120:]
        axes = panel(picture, CLASSES[name], f"the last {len(series)} nights")
        dates, came = dates_of(series), np.array([row["leaked"] for row in series])
        low, high = (np.array([row[end] for row in series]) for end in ("low_90", "high_90"))
        axes.vlines(dates, low, high + 0.001, color=BLUE, alpha=0.35, linewidth=2.5)
        inside = (came >= low) & (came <= high)
        axes.plot(dates[inside], came[inside], **_INSIDE)
        axes.plot(dates[~inside], came[~inside], **_OUTSIDE)
        axes.set_ylim(bottom=-0.5)
        axes.set_ylabel("Came through")
        calendar_axis(axes)
    return picture.finished(0.1, _note(figures), map(_words, *_named(figures)))


@house_style()
def draw_defence(figures: Figures) -> Picture:
    """What the defence is thought to be month by month: a row a figure, a column a class."""
    classes = figures["classes"]
    picture = Picture(
        "The defence as the filter estimates it",
        "Median and 90 % at the end of each month; scales without a 0 are logarithmic.",
    )
    there = {
        key: words
        for key, words in _DEFENCE.items()
        if any(key in entry["defence"][0]["figures"] for entry in classes.values())
    }
    step = (WIDTH_IN - MARGIN_IN) / len(classes)
    for column, name in enumerate(classes):
        picture.write(0.45 + column * step, picture.top + 0.05, CLASSES[name], size=NOTE_PT)
    picture.top += 0.2
    for key, words in there.items():
        picture.write(MARGIN_IN, picture.top + 0.05, words, weight="bold")
        for column, entry in enumerate(classes.values()):
            if key in entry["defence"][0]["figures"]:
                place = (0.45 + column * step, picture.top + 0.27, step - 0.6, 0.95)
                _draw_figure(picture.axes_at(*place), key, entry["defence"])
        picture.top += 1.55
    return picture.finished(0.1, _note(figures), ())


def _draw_figure(axes: Axes, key: str, months: list[Figures]) -> None:
    """A figure of the defence over time; what may be many times itself on a logarithmic scale."""
    dates = dates_of(months)
    low, median, high = (
        np.array([month["figures"][key][end] for month in months])
        for end in ("low", "median", "high")
    )
    axes.fill_between(dates, low, high, color=BLUE, alpha=0.25, linewidth=0)
    axes.plot(dates, median, color=BLUE, marker="o", markersize=2.0)
    if key in ("p_kill", "decoys"):
        axes.set_ylim(0, 1)
    else:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        axes.yaxis.set_minor_formatter(NullFormatter())
    calendar_axis(axes, 2)


def _note(figures: Figures) -> str:
    return f"{figures['rows']:,} rows, {figures['first']} to {figures['last']}"


def _named(figures: Figures) -> tuple[list[str], list[Figures]]:
    return list(figures["classes"]), list(figures["classes"].values())


def _words(name: str, entry: Figures) -> str:
    return (
        f"{CLASSES[name]}: CRPS {entry['crps']:.3g}, best regression that forgets "
        f"{entry['crps_forgetting']:.3g}; the 90 % intervals cover {entry['coverage_90']:.2f} of "
        f"{entry['nights']:,} nights."
    )
