"""Figures of nights forecast one by one: skill, forecasts with outcomes, and the defence."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, NullFormatter

from sim.evidence.nights.titles import CLASSES
from sim.render.document import Figures
from sim.report.plots.analysis.class_panels import class_panels, dates_of
from sim.report.plots.colours import BLUE, GREEN, INK, ORANGE, PALE, VERMILION
from sim.report.plots.dates import calendar_axis
from sim.report.plots.lettering import NOTE_PT
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.style import house_style
from sim.report.plots.words import number

_POOLED, _SHOWN = 30, 120
"""Nights over which the CRPS is averaged, and nights that are shown with their forecasts."""
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
    """CRPS over time relative to the best forgetting regression, one panel per class."""
    picture = Picture(
        "How good forecasts of the next night were",
        f"CRPS (less is better) over the last {_POOLED} nights, as a share of that of the best "
        f"regression; cut off at {_RELATIVE[1]:g}. {_EACH_NIGHT}",
    )
    looks = {words: Line2D([], [], **look) for words, look in _LINES.values()}
    for entry, axes in class_panels(picture, looks, figures["classes"]):
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
    return picture.finished(0.1, _note(figures), _words(figures))


@house_style()
def draw_nights_and_forecasts(figures: Figures) -> Picture:
    """Outcomes and 90 % intervals of the last 120 nights, one panel per class."""
    explained = f"{_EACH_NIGHT} The last {_SHOWN} nights of a class are shown."
    picture = Picture("Forecasts of the next night, and what came through", explained)
    marks = {
        "90 % of the forecast": Patch(color=BLUE, alpha=0.35),
        "came through, inside": Line2D([], [], **_INSIDE),
        "outside": Line2D([], [], **_OUTSIDE),
    }
    for entry, axes in class_panels(picture, marks, figures["classes"]):
        series = entry["series"][-_SHOWN:]
        dates, came = dates_of(series), np.array([row["leaked"] for row in series])
        low, high = (np.array([row[end] for row in series]) for end in ("low_90", "high_90"))
        axes.vlines(dates, low, high + 0.001, color=BLUE, alpha=0.35, linewidth=2.5)
        inside = (came >= low) & (came <= high)
        axes.plot(dates[inside], came[inside], **_INSIDE)
        axes.plot(dates[~inside], came[~inside], **_OUTSIDE)
        axes.set_ylim(bottom=-0.5)
        axes.set_ylabel("Came through")
    return picture.finished(0.1, _note(figures), _words(figures))


@house_style()
def draw_defence(figures: Figures) -> Picture:
    """The estimated defence month by month: one row per figure, one column per class."""
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
    """A figure of the defence over time; logarithmic if it may vary by a large factor."""
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


def _words(figures: Figures) -> Iterator[str]:
    for name, entry in figures["classes"].items():
        yield (
            f"{CLASSES[name]}: CRPS {entry['crps']:.3g}, best regression that forgets "
            f"{entry['crps_forgetting']:.3g}; the 90 % intervals cover {entry['coverage_90']:.2f} "
            f"of {entry['nights']:,} nights."
        )
