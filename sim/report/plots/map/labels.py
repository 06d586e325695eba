"""Label placement: each label next to its mark, overlapping no other label and no mark."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from sim.report.plots.map.grid import Bools, Grid, grid_over
from sim.report.plots.places import Floats

Ints = NDArray[np.int64]

_AROUND = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
_RINGS = 7
_RING_IN = 0.11
_TRIES, _WALLS_AT_ONCE = 40, 100
_DISTANCE_COST, _CROSSING_COST = 3.0, 0.12


class Rectangle(NamedTuple):
    """A box on the paper, in inches from the lower left corner of the map."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: "Rectangle") -> bool:
        """Whether two boxes intersect."""
        apart = self.left >= other.right or other.left >= self.right
        return not (apart or self.bottom >= other.top or other.bottom >= self.top)

    def holds(self, points: Floats) -> int:
        """How many points are inside the box."""
        inside = (points >= (self.left, self.bottom)) & (points <= (self.right, self.top))
        return int(inside.all(axis=1).sum())

    @property
    def middle(self) -> tuple[float, float]:
        """The centre of the box."""
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2


def around(middle: Floats, width: float, height: float) -> Rectangle:
    """The box of a given size centred on a place."""
    x, y = float(middle[0]), float(middle[1])
    return Rectangle(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


@dataclass
class LabelLayout:
    """A map with occupied boxes, which labels must not touch, and lines they should not cross."""

    width: float
    height: float
    taken: list[Rectangle] = field(default_factory=list)
    lines: Floats = field(default_factory=lambda: np.empty((0, 2)))

    def is_free(self, box: Rectangle) -> bool:
        """Whether a box is on the map and touches nothing."""
        on_map = (
            min(box.left, box.bottom) >= 0 and box.right <= self.width and box.top <= self.height
        )
        return on_map and not any(box.meets(other) for other in self.taken)

    def take(self, box: Rectangle) -> Rectangle | None:
        """Occupy a box if it is free."""
        if not self.is_free(box):
            return None
        self.taken.append(box)
        return box

    def place(self, mark: Floats, gap: float, width: float, height: float) -> Rectangle | None:
        """Occupy the best free box for the label of a mark; None if there is no room."""
        costs = [
            (_DISTANCE_COST * far + _CROSSING_COST * box.holds(self.lines) + 0.01 * order, box)
            for order, (far, box) in enumerate(_candidates(mark, gap, width, height))
            if self.is_free(box)
        ]
        if not costs:
            return None
        _, best = min(costs)
        self.taken.append(best)
        return best

    def nearest(
        self, spot: Floats, width: float, height: float, walls: Floats, avoided: Floats
    ) -> Rectangle | None:
        """Occupy the free box nearest to a spot with no wall between them.

        `walls` are line segments, shape (n, 2, 2). Boxes without any `avoided` point are preferred.
        None if there is no such box among the nearest.
        """
        grid = self._grid(width, height)
        clear, free = self._clear_and_free(grid, np.arange(len(grid.middles)), spot, avoided)
        tried = np.array(list(dict.fromkeys([*clear[:_TRIES], *free[:_TRIES]])), np.int64)
        for some in _nearest_first(_about(walls, spot, grid.boxes[tried]), spot):
            tried = tried[~_are_walled_off(spot, grid.boxes[tried], some)]
        return self._take_first(grid, tried)

    def within(
        self, area: Outline, width: float, height: float, avoided: Floats
    ) -> Rectangle | None:
        """Occupy the free box inside an area that is nearest to the area's middle.

        Boxes without any `avoided` point are preferred. None if there is no free box inside.
        """
        grid = self._grid(width, height)
        inside = np.flatnonzero(area.contains_points(grid.middles))
        middle = grid.middles[inside].mean(axis=0) if len(inside) else np.zeros(2)
        for step in _AROUND:
            edges = grid.middles[inside] + np.multiply(step, (width, height)) / 2
            inside = inside[area.contains_points(edges)]
        clear, free = self._clear_and_free(grid, inside, middle, avoided)
        return self._take_first(grid, np.append(clear, free))

    def _grid(self, width: float, height: float) -> Grid:
        return grid_over(self.width, self.height, width, height)

    def _clear_and_free(
        self, grid: Grid, among: Ints, spot: Floats, avoided: Floats
    ) -> tuple[Ints, Ints]:
        """Free boxes `among` those of a grid, the nearest to a spot first.

        Those that contain no `avoided` point, and all of them.
        """
        free = among[~grid.meet_any(self.taken)[among]]
        away = np.hypot(*(grid.middles[free] - spot).T)
        free = free[np.argsort(away, kind="stable")]
        return free[~grid.hold_any(avoided)[free]], free

    def _take_first(self, grid: Grid, boxes: Ints) -> Rectangle | None:
        """Occupy the first of some boxes of a grid; None if there are none."""
        if not len(boxes):
            return None
        self.taken.append(Rectangle(*grid.boxes[boxes[0]].tolist()))
        return self.taken[-1]

    def corner(self, width: float, height: float, margin: float) -> Rectangle:
        """Occupy the emptiest corner of the map."""
        places = [
            Rectangle(x, y, x + width, y + height)
            for y in (margin, self.height - margin - height)
            for x in (margin, self.width - margin - width)
        ]
        best = min(places, key=lambda box: _burden(box, self.taken) + box.holds(self.lines) / 10)
        self.taken.append(best)
        return best


def _about(walls: Floats, spot: Floats, boxes: Floats) -> Floats:
    """The walls that may be between a spot and some boxes."""
    low = np.min([spot, *boxes[:, :2]], axis=0)
    high = np.max([spot, *boxes[:, 2:]], axis=0)
    starts, ends = walls[:, 0], walls[:, 1]
    meets = (np.maximum(starts, ends) >= low) & (np.minimum(starts, ends) <= high)
    return walls[meets[:, 0] & meets[:, 1]]


def _nearest_first(walls: Floats, spot: Floats) -> list[Floats]:
    """Walls in groups, those near a spot first, since they block most boxes."""
    order = np.argsort(np.hypot(*(walls[:, 0] - spot).T))
    return np.split(walls[order], range(_WALLS_AT_ONCE, len(walls), _WALLS_AT_ONCE))


def _are_walled_off(spot: Floats, boxes: Floats, walls: Floats) -> Bools:
    """Whether a wall crosses a straight line from a spot to a corner of each box, (boxes,)."""
    corners = boxes[:, [[0, 1], [0, 3], [2, 1], [2, 3]]]
    way, wall = (corners - spot)[:, :, None], walls[:, 1] - walls[:, 0]
    from_spot, from_corner = walls[:, 0] - spot, corners[:, :, None] - walls[:, 0]
    parts_wall = _cross(way, from_spot) * _cross(way, walls[:, 1] - spot) < 0.0
    parts_way = _cross(wall, -from_spot) * _cross(wall, from_corner) < 0.0
    return np.asarray((parts_wall & parts_way).any(axis=(1, 2)))


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def _burden(box: Rectangle, taken: Sequence[Rectangle]) -> int:
    return sum(box.meets(other) for other in taken)


def _candidates(
    mark: Floats, gap: float, width: float, height: float
) -> Iterable[tuple[float, Rectangle]]:
    """Boxes around a mark from near to far, each with its displacement, in inches."""
    for ring in range(_RINGS):
        away = gap + ring * _RING_IN
        for across, up in _AROUND:
            shrink = 0.75 if across and up else 1.0
            moved = (shrink * away + width / 2, shrink * away + height / 2)
            yield ring * _RING_IN, around(mark + np.multiply((across, up), moved), width, height)
