"""Intervals over runs, and label placement: labels kept apart, and flags on levels."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

INTERVAL = (0.05, 0.5, 0.95)
"""The median between the ends of the 90 % interval."""


def interval(values: Floats) -> tuple[float, float, float]:
    """The lower end, the median and the upper end of the 90 % interval."""
    low, median, high = np.quantile(values, INTERVAL)
    return float(low), float(median), float(high)


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Positions at least `gap` apart, in the order of the wanted ones and as close as possible."""
    order = np.argsort(wanted, kind="stable")
    blocks: list[list[float]] = []  # [mean of the wanted first positions, number of labels]
    for value in np.asarray(wanted, float)[order]:
        blocks.append([value, 1.0])
        while len(blocks) > 1 and _top(blocks[-2], gap) > blocks[-1][0]:
            (first, m), (second, n) = blocks[-2:]
            blocks[-2:] = [[(m * first + n * (second - m * gap)) / (m + n), m + n]]
    placed = [first + k * gap for first, n in blocks for k in range(int(n))]
    places = np.empty(len(placed))
    places[order] = placed
    return [float(place) for place in places]


def _top(block: list[float], gap: float) -> float:
    """The next free position after a block."""
    return block[0] + block[1] * gap


def flag_levels(left: Sequence[float], width: Sequence[float]) -> list[int]:
    """Levels for labels to the right of their poles, so that no label meets another or a pole.

    `left` are the positions of the poles. Level 0 is the lowest.
    """
    levels = [0] * len(left)
    done: list[int] = []
    for k in sorted(range(len(left)), key=lambda k: -left[k]):
        crossed = [levels[j] for j in done if left[j] <= left[k] + width[k]]
        levels[k] = max(crossed, default=-1) + 1
        done.append(k)
    return levels
