"""A grid of equal boxes over a map: where they are, and what they intersect or contain."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.report.plots.places import Floats

Bools = NDArray[np.bool_]
_STEP_IN = 0.12


@dataclass(frozen=True)
class Grid:
    """Boxes centred at every crossing of some columns and rows, numbered row by row.

    `x` and `y` are the middles of columns and rows, `width` and `height` the size of a box, all in
    inches from the lower left corner of the map.
    """

    x: Floats
    y: Floats
    width: float
    height: float

    @functools.cached_property
    def middles(self) -> Floats:
        """The middle of each box, (boxes, 2)."""
        across, up = np.meshgrid(self.x, self.y)
        return np.column_stack([across.ravel(), up.ravel()])

    @functools.cached_property
    def boxes(self) -> Floats:
        """The left, lower, right and upper end of each box, (boxes, 4)."""
        middles, half = self.middles, (self.width / 2, self.height / 2)
        return np.hstack([middles - half, middles + half])

    def meet_any(self, boxes: Sequence[tuple[float, float, float, float]]) -> Bools:
        """Which boxes intersect any of some others, (boxes,)."""
        left, bottom, right, top = np.reshape(boxes, (-1, 4)).T
        columns, rows = self._columns_and_rows()
        across = (columns[0] < right) & (columns[1] > left)
        up = (rows[0] < top) & (rows[1] > bottom)
        return (up @ across.T).ravel()

    def hold_any(self, points: Floats) -> Bools:
        """Which boxes contain any of some points (n, 2), (boxes,)."""
        x, y = points.T
        columns, rows = self._columns_and_rows()
        across = (columns[0] <= x) & (x <= columns[1])
        up = (rows[0] <= y) & (y <= rows[1])
        return (up @ across.T).ravel()

    def _columns_and_rows(self) -> tuple[Floats, Floats]:
        """The lower and upper ends of columns (2, n, 1) and of rows (2, m, 1)."""
        ends = np.array([-0.5, 0.5])[:, None, None]
        return self.x[:, None] + ends * self.width, self.y[:, None] + ends * self.height


def grid_over(map_width: float, map_height: float, width: float, height: float) -> Grid:
    """Boxes of a given size, their middles a step apart, as many as fit on a map."""
    x = np.arange(width / 2, map_width - width / 2, _STEP_IN)
    y = np.arange(height / 2, map_height - height / 2, _STEP_IN)
    return Grid(x[x + width / 2 <= map_width], y[y + height / 2 <= map_height], width, height)
