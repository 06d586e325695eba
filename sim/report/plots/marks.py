"""What many plots are drawn of: intervals, fans over days, bars in parts, rows with names."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.report.plots.colours import GREY, INK, PAPER, dark
from sim.report.plots.lettering import NOTE_PT, width_of
from sim.report.plots.places import Floats

DASHED: Any = (0, (3, 2))


def round_ticks(axis: Axis, most: int, whole: bool = False) -> None:
    """At most so many steps between ticks, each 1, 2 or 5 times a power of ten."""
    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 5, 10], integer=whole))


def word_ticks(axis: Axis, words: Callable[[float], str]) -> None:
    """Ticks with numbers in words of ours."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: words(value)))


def name_rows(axes: Axes, names: Sequence[str], **look: Any) -> None:
    """Rows from the top down at whole numbers, each with its name; the axis itself is not drawn."""
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names, **look)
    hide_left(axes)


def hide_left(axes: Axes) -> None:
    """Take away the left spine and its ticks; their words stay."""
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def say_no_value(axes: Axes, row: float | None = None) -> None:
    """Say in a row, or in the middle of all, that there is nothing to draw."""
    where = axes.transAxes if row is None else axes.get_yaxis_transform()
    axes.text(
        0.5, 0.5 if row is None else row, "no value", ha="center", va="center", size=NOTE_PT,
        color=GREY, transform=where,
    )  # fmt: skip


def draw_interval(axes: Axes, row: float, ends: tuple[float, float, float], mark: Line2D) -> None:
    """A figure in a row, between the ends of its interval; `mark` is what stands for it."""
    low, value, high = ends
    axes.plot([low, high], [row] * 2, color=mark.get_color(), linewidth=mark.get_linewidth())
    mark.set_data([value], [row])
    mark.set_zorder(3)
    axes.add_line(mark)


def until_next(values: Iterable[float]) -> Floats:
    """Values of days with the last one's again, as a day's value holds until the next."""
    every = np.asarray(values, np.float64)
    return np.append(every, every[-1])


def days_from(first: float, days: int) -> Floats:
    """Where so many days begin, and where the last one ends."""
    return first + np.arange(days + 1.0)


def draw_fan(axes: Axes, x: Floats, fan: Floats, colour: str, width: float = 1.3) -> None:
    """The median, and about it the 90 % band and the 50 % band in it.

    `fan` are the quantiles from low to high, shape (5, days); of one run there is its value, (1,
    days). `x` is where days begin and the last one ends.
    """
    *lower, median = map(until_next, fan[: len(fan) // 2 + 1])
    upper = map(until_next, fan[: -len(lower) - 1 : -1])
    for low, high, alpha in zip(lower, upper, (0.15, 0.3), strict=False):
        axes.fill_between(x, low, high, color=colour, alpha=alpha, linewidth=0, step="post")
    axes.plot(x, median, color=colour, linewidth=width, drawstyle="steps-post")


class Part(NamedTuple):
    """A part of a bar; the hatch tells it from others where colours are printed grey."""

    size: float
    colour: str
    words: str
    hatch: str = ""


def draw_parts(
    axes: Axes, row: float, parts: Iterable[Part], height: float, per_in: float
) -> float:
    """A bar of parts, with their words where they fit; return where it ends.

    `per_in` is how much an inch is.
    """
    start = 0.0
    for part in parts:
        axes.barh(
            row, part.size, height, start, color=part.colour, edgecolor=PAPER, linewidth=0.4,
            hatch=part.hatch,
        )  # fmt: skip
        if width_of(part.words, NOTE_PT) + 0.05 < part.size / per_in:
            backing = {"facecolor": part.colour, "linewidth": 0, "pad": 0.6}
            axes.text(
                start + part.size / 2, row, part.words, ha="center", va="center_baseline",
                size=NOTE_PT, color=PAPER if dark(part.colour) else INK,
                bbox=backing if part.hatch else None,
            )  # fmt: skip
        start += part.size
    return start
