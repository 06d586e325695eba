"""Elements that many plots share: intervals, fans over days, divided bars, rows with names."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.report.plots.colours import GREY, INK, PAPER, dark
from sim.report.plots.lettering import NOTE_PT, width_of
from sim.report.plots.places import Floats

DASHED: Any = (0, (3, 2))


def round_ticks(axis: Axis, most: int, whole: bool = False) -> None:
    """At most so many steps between ticks, each 1, 2 or 5 times a power of ten."""
    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 5, 10], integer=whole))


def word_ticks(axis: Axis, words: Callable[[float], str]) -> None:
    """Tick labels formatted by a function of ours."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: words(value)))


def name_rows(axes: Axes, names: Sequence[str], **look: Any) -> None:
    """Rows from the top down at whole numbers, each with its name; no axis line."""
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names, **look)
    hide_left(axes)


def hide_left(axes: Axes) -> None:
    """Hide the left spine and its ticks, but not the tick labels."""
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def say_no_value(axes: Axes, row: float | None = None) -> None:
    """Write in a row, or in the middle of the axes, that there is nothing to draw."""
    where = axes.transAxes if row is None else axes.get_yaxis_transform()
    axes.text(
        0.5, 0.5 if row is None else row, "no value", ha="center", va="center", size=NOTE_PT,
        color=GREY, transform=where,
    )  # fmt: skip


def draw_interval(axes: Axes, row: float, ends: tuple[float, float, float], mark: Line2D) -> None:
    """A figure in a row with its interval; `mark` gives its marker and line."""
    low, value, high = ends
    axes.plot([low, high], [row] * 2, color=mark.get_color(), linewidth=mark.get_linewidth())
    mark.set_data([value], [row])
    mark.set_zorder(3)
    axes.add_line(mark)


def until_next(values: Iterable[float]) -> Floats:
    """Values of days with the last repeated, because a day's value holds until the next."""
    every = np.asarray(values, np.float64)
    return np.append(every, every[-1])


def days_from(first: float, days: int) -> Floats:
    """The start of each of so many days, and the end of the last one."""
    return first + np.arange(days + 1.0)


def draw_fan(axes: Axes, x: Floats, fan: Floats, colour: str, width: float = 1.3) -> None:
    """The median, the 50 % band and the 90 % band around it.

    `fan` are the quantiles from low to high, shape (5, days); for a single run its values, (1,
    days). `x` has the start of each day and the end of the last one.
    """
    *lower, median = map(until_next, fan[: len(fan) // 2 + 1])
    upper = map(until_next, fan[: -len(lower) - 1 : -1])
    for low, high, alpha in zip(lower, upper, (0.15, 0.3), strict=False):
        axes.fill_between(x, low, high, color=colour, alpha=alpha, linewidth=0, step="post")
    axes.plot(x, median, color=colour, linewidth=width, drawstyle="steps-post")


class Part(NamedTuple):
    """A part of a bar; the hatch distinguishes it if colours are printed grey."""

    size: float
    colour: str
    words: str
    hatch: str = ""


def draw_parts(
    axes: Axes, row: float, parts: Iterable[Part], height: float, per_in: float
) -> float:
    """A bar divided into parts, labelled if there is room; returns its end.

    `per_in` is the value per inch. The limits of the axes must be set: parts do not change them.
    """
    start = 0.0
    for part in parts:
        axes.add_artist(Rectangle(
            (start, row - height / 2), part.size, height, facecolor=part.colour, edgecolor=PAPER,
            linewidth=0.4, hatch=part.hatch,
        ))  # fmt: skip
        if width_of(part.words, NOTE_PT) + 0.05 < part.size / per_in:
            backing = {"facecolor": part.colour, "linewidth": 0, "pad": 0.6}
            axes.text(
                start + part.size / 2, row, part.words, ha="center", va="center_baseline",
                size=NOTE_PT, color=PAPER if dark(part.colour) else INK,
                bbox=backing if part.hatch else None,
            )  # fmt: skip
        start += part.size
    return start
