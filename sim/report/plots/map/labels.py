"""Places for labels: each next to its mark, over no other label and no mark."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from matplotlib.path import Path as Outline

from sim.report.plots.places import Floats

_AROUND = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
_RINGS = 7
_RING_IN = 0.11
_STEP_IN, _TRIES = 0.12, 40
_DISTANCE_COST, _CROSSING_COST = 3.0, 0.12


class Rectangle(NamedTuple):
    """A box on the paper, in inches from the lower left corner of the map."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: "Rectangle") -> bool:
        """Whether two boxes have a place in common."""
        apart = self.left >= other.right or other.left >= self.right
        return not (apart or self.bottom >= other.top or other.bottom >= self.top)

    def holds(self, points: Floats) -> int:
        """How many points lie in the box."""
        inside = (points >= (self.left, self.bottom)) & (points <= (self.right, self.top))
        return int(inside.all(axis=1).sum())

    @property
    def middle(self) -> tuple[float, float]:
        """The place of the centre."""
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2


def around(middle: Floats, width: float, height: float) -> Rectangle:
    """The box of a size about a place."""
    x, y = float(middle[0]), float(middle[1])
    return Rectangle(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


@dataclass
class LabelLayout:
    """A map with what already lies on it: boxes nothing may touch, and lines better not crossed."""

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
        """Take a box, if it is free."""
        if not self.is_free(box):
            return None
        self.taken.append(box)
        return box

    def place(self, mark: Floats, gap: float, width: float, height: float) -> Rectangle | None:
        """The best free box for a label of a mark, and take it; none without room."""
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
        """The free box nearest to a spot with no wall between it and the spot, and take it.

        `walls` are pieces of lines, shape (n, 2, 2). A box without any `avoided` point goes before
        one with some. None where there is none among the nearest.
        """
        free = self._free_boxes(self._middles(width, height), spot, width, height)
        clear = itertools.islice((box for box in free if not box.holds(avoided)), _TRIES)
        ends = np.minimum(walls[:, 0], walls[:, 1]), np.maximum(walls[:, 0], walls[:, 1])
        for box in itertools.chain(clear, free[:_TRIES]):
            if not _is_walled_off(spot, box, walls, *ends):
                self.taken.append(box)
                return box
        return None

    def within(
        self, area: Outline, width: float, height: float, avoided: Floats
    ) -> Rectangle | None:
        """The free box inside an area that is nearest to the area's middle, and take it.

        A box without any `avoided` point goes before one with some. None where none is inside.
        """
        middles = self._middles(width, height)
        is_inside = area.contains_points(middles)
        middle = middles[is_inside].mean(axis=0) if is_inside.any() else np.zeros(2)
        for step in itertools.product((-0.5, 0.0, 0.5), repeat=2):
            is_inside &= area.contains_points(middles + np.multiply(step, (width, height)))
        free = self._free_boxes(middles[is_inside], middle, width, height)
        best = next((box for box in free if not box.holds(avoided)), free[0] if free else None)
        if best is not None:
            self.taken.append(best)
        return best

    def _middles(self, width: float, height: float) -> Floats:
        """The middles of boxes of a size all over the map, (n, 2)."""
        across, up = np.meshgrid(
            np.arange(width / 2, self.width - width / 2, _STEP_IN),
            np.arange(height / 2, self.height - height / 2, _STEP_IN),
        )
        return np.column_stack([across.ravel(), up.ravel()])

    def _free_boxes(
        self, middles: Floats, spot: Floats, width: float, height: float
    ) -> list[Rectangle]:
        """The free ones of some boxes of a size, the nearest to a spot first."""
        order = np.argsort(np.hypot(*(middles - spot).T), kind="stable")
        half = np.array([width, height]) / 2
        low, high = middles[order] - half, middles[order] + half
        is_free = ((low >= 0.0) & (high <= (self.width, self.height))).all(axis=1)
        for taken in self.taken:
            apart = (low >= (taken.right, taken.top)) | (high <= (taken.left, taken.bottom))
            is_free &= apart.any(axis=1)
        return [Rectangle(*box) for box in np.hstack([low, high])[is_free].tolist()]

    def corner(self, width: float, height: float, margin: float) -> Rectangle:
        """The corner of the map in which least lies, and take it."""
        places = [
            Rectangle(x, y, x + width, y + height)
            for y in (margin, self.height - margin - height)
            for x in (margin, self.width - margin - width)
        ]
        best = min(places, key=lambda box: _burden(box, self.taken) + box.holds(self.lines) / 10)
        self.taken.append(best)
        return best


def _is_walled_off(
    spot: Floats, box: Rectangle, walls: Floats, lowest: Floats, highest: Floats
) -> bool:
    """Whether a wall crosses the straight way from a spot to a corner of a box.

    `lowest` and `highest` are the lower left and upper right corners about each wall.
    """
    corners = np.array([(x, y) for x in (box.left, box.right) for y in (box.bottom, box.top)])
    low, high = np.minimum(spot, corners.min(axis=0)), np.maximum(spot, corners.max(axis=0))
    about = (highest[:, 0] >= low[0]) & (lowest[:, 0] <= high[0])
    about &= (highest[:, 1] >= low[1]) & (lowest[:, 1] <= high[1])
    walls = walls[about]
    way, wall = (corners - spot)[:, None], walls[:, 1] - walls[:, 0]
    from_spot, from_corner = walls[:, 0] - spot, corners[:, None] - walls[:, 0]
    parts_wall = _cross(way, from_spot) * _cross(way, walls[:, 1] - spot) < 0.0
    parts_way = _cross(wall, -from_spot) * _cross(wall, from_corner) < 0.0
    return bool((parts_wall & parts_way).any())


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def _burden(box: Rectangle, taken: Sequence[Rectangle]) -> int:
    return sum(box.meets(other) for other in taken)


def _candidates(
    mark: Floats, gap: float, width: float, height: float
) -> Iterable[tuple[float, Rectangle]]:
    """Boxes about a mark from near to far, each with how far it is moved away, in inches."""
    for ring in range(_RINGS):
        away = gap + ring * _RING_IN
        for across, up in _AROUND:
            shrink = 0.75 if across and up else 1.0
            moved = (shrink * away + width / 2, shrink * away + height / 2)
            yield ring * _RING_IN, around(mark + np.multiply((across, up), moved), width, height)
