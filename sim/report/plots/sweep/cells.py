"""Coloured cells of a map of a sweep, with their frame and colour bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import (
    AsinhNorm,
    Colormap,
    LinearSegmentedColormap,
    LogNorm,
    Normalize,
    to_hex,
)
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from sim.report.plots.colours import GREEN, GREY, INK, PAPER, dark
from sim.report.plots.lettering import shortened, wrapped
from sim.report.plots.picture import Picture
from sim.report.plots.places import Floats
from sim.report.plots.sweep.axes import STEPS, format_ticks, is_log, log_locator, set_ticks
from sim.report.plots.sweep.factors import Scale
from sim.report.plots.words import words_of

FINE = 50.0
"""Differences that span decades: linear up to the largest divided by this, then logarithmic."""
MEANS = LinearSegmentedColormap.from_list("means", ["#E9F5F0", GREEN, "#00261C"])
"""The colours of means, from low to high."""
LEFT_IN, GAP_IN, SCALE_ROOM_IN = 0.75, 0.08, 0.64
"""Room to the left of the first map, between maps, and for a colour bar with its labels."""
HEIGHT_IN = 1.4
"""The height of a map if there are three side by side."""
UNCLEAR: dict[str, Any] = {
    "marker": "o", "markersize": 2.4, "markerfacecolor": INK, "markeredgecolor": PAPER,
    "markeredgewidth": 0.5, "linestyle": "",
}  # fmt: skip
"""The style of the dot for a difference that is not distinct from zero."""
HATCH = "////"
"""The hatch of a difference below zero."""
_EMPTY: dict[str, Any] = {"marker": "x", "markersize": 3.0, "color": GREY, "linestyle": ""}


@dataclass(frozen=True)
class Grid:
    """A map: values at each place of two scales, shape (y, x), and which of them are unclear."""

    x: Scale
    y: Scale
    values: Floats
    unclear: "np.ndarray[Any, np.dtype[np.bool_]]"


def grid_of(x: Scale, y: Scale, points: pd.DataFrame, column: str) -> Grid:
    """The map of a column of points, none of them unclear."""
    values = laid_out(x, y, points, column)
    return Grid(x, y, values, np.zeros(values.shape, np.bool_))


def laid_out(x: Scale, y: Scale, points: pd.DataFrame, column: str) -> Floats:
    """A column of points as an array (y, x); NaN if there is no point or no number."""
    laid = points.pivot(index=y.name, columns=x.name, values=column)
    laid = laid.reindex(index=y.levels.tolist(), columns=x.levels.tolist())
    values = laid.to_numpy(np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _edges(scale: Scale) -> Floats:
    """The borders of cells: halfway between levels, the outer ones at the same distance."""
    places = scale.place(scale.levels)
    between = (places[:-1] + places[1:]) / 2
    first, last = 2 * places[0] - between[0], 2 * places[-1] - between[-1]
    return np.concatenate([[first], between, [last]])


def norm_of(values: Floats) -> Normalize:
    """The colour normalisation of all values: logarithmic if they span decades."""
    seen = values[np.isfinite(values)]
    if is_log(seen):
        return LogNorm(float(seen.min()), float(seen.max()))
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 1.0)
    return Normalize(low, high if high > low else low + (abs(low) or 1.0))


def paint(axes: Axes, grid: Grid, norm: Normalize, colours: Colormap) -> QuadMesh:
    """Draw coloured cells, with dots where a value is unclear and crosses where there is none."""
    x, y = _edges(grid.x), _edges(grid.y)
    mesh = axes.pcolormesh(
        x, y, np.ma.masked_invalid(grid.values), norm=norm, cmap=colours,
        edgecolors="face", linewidth=0.2,
    )  # fmt: skip
    places = np.meshgrid(grid.x.place(grid.x.levels), grid.y.place(grid.y.levels))
    nothing = ~np.isfinite(grid.values)
    unclear = grid.unclear & ~nothing
    axes.plot(places[0][unclear], places[1][unclear], **UNCLEAR)
    axes.plot(places[0][nothing], places[1][nothing], **_EMPTY)
    axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    return mesh


def hatch_below_zero(axes: Axes, mesh: QuadMesh, grid: Grid) -> None:
    """Hatch cells below zero: in grey, both signs are equally dark."""
    x, y = _edges(grid.x), _edges(grid.y)
    colours = mesh.to_rgba(grid.values)
    for row, column in np.argwhere(grid.values < 0.0):
        ink = PAPER if dark(to_hex(colours[row, column])) else GREY
        axes.add_patch(
            Rectangle(
                (x[column], y[row]), x[column + 1] - x[column], y[row + 1] - y[row],
                fill=False, hatch=HATCH, edgecolor=ink, linewidth=0,
            )
        )  # fmt: skip


def turns_sign(grid: Grid) -> bool:
    """Whether there are clear values on both sides of zero."""
    clear = grid.values[~grid.unclear]
    return bool((clear < 0.0).any() and (clear > 0.0).any())


def draw_zero_line(axes: Axes, grid: Grid) -> None:
    """The zero contour by linear interpolation, extended to the border of the map."""
    if not turns_sign(grid):
        return
    x, y = (
        np.concatenate([edges[:1], scale.place(scale.levels), edges[-1:]])
        for scale, edges in ((grid.x, _edges(grid.x)), (grid.y, _edges(grid.y)))
    )
    padded = np.ma.masked_invalid(np.pad(grid.values, 1, mode="edge"))
    axes.contour(x, y, padded, [0.0], colors=INK, linewidths=1.1)


def frame_map(axes: Axes, grid: Grid, width: float, height: float, sides: str) -> None:
    """The ticks of a map, and labels on the `sides` named: x, y or both."""
    x, y = _edges(grid.x), _edges(grid.y)
    set_ticks(axes.xaxis, grid.x, (float(x[0]), float(x[-1])), width, GAP_IN / 2)
    set_ticks(axes.yaxis, grid.y, (float(y[0]), float(y[-1])), height)
    if "x" in sides:
        axes.set_xlabel(shortened(grid.x.label, width))
    else:
        axes.tick_params(axis="x", labelbottom=False)
    if "y" in sides:
        axes.set_ylabel("\n".join(wrapped(grid.y.label, height)[:2]))
    else:
        axes.tick_params(axis="y", labelleft=False)


def draw_scale(
    picture: Picture, mesh: QuadMesh, left: float, top: float, height: float, outcome: str
) -> None:
    """The colour bar to the right of a map."""
    axis = picture.colour_scale(mesh, left, top, height).ax.yaxis
    if isinstance(mesh.norm, LogNorm):
        low, high = mesh.get_clim()
        axis.set_major_locator(log_locator(high / low, 8))
    elif isinstance(mesh.norm, AsinhNorm):
        axis.set_major_locator(FixedLocator(_decades_about_zero(mesh.norm)))
    else:
        axis.set_major_locator(MaxNLocator(6, steps=STEPS))
    axis.set_minor_locator(NullLocator())
    format_ticks(axis, outcome)


def _decades_about_zero(norm: AsinhNorm) -> list[float]:
    """Zero and those powers of ten on both sides that are far enough from it."""
    far = float(norm.vmax or 1.0)
    powers = 10.0 ** np.arange(np.ceil(np.log10(far / FINE)), np.log10(far) + 1e-9)
    return [*(-powers[::-1]).tolist(), 0.0, *powers.tolist()]


def empty_key(grids: Sequence[Grid]) -> dict[str, Artist]:
    """The legend entry of a cross, if there is one."""
    if all(np.isfinite(grid.values).all() for grid in grids):
        return {}
    return {"no value": Line2D([], [], **_EMPTY)}


def span_words(outcome: str, grid: Grid) -> str:
    """The smallest and the largest value of a map, as text."""
    seen = grid.values[np.isfinite(grid.values)]
    if not len(seen):
        return "no value"
    return f"{words_of(outcome, seen.min())} to {words_of(outcome, seen.max())}"
