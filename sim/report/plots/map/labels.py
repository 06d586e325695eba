"""Places for labels: each beside its mark, over no other label and no mark."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sim.report.plots.style import Floats

_AROUND = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
_RINGS = 7
_RING_IN = 0.11
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
class Sheet:
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
