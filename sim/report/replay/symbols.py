"""Symbols of drones on the page: a shape and a colour per state, each distinct by itself."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from sim.raid.arrays import FATES
from sim.report.plots.colours import FATE_COLOURS, INK, PAPER, VERMILION
from sim.report.plots.run.fates import FATE_WORDS

Corners = tuple[tuple[float, float], ...]
"""A closed shape about (0, 0), in radii of a symbol."""


class Symbol(NamedTuple):
    """The symbol of drones in a state: its words, shape, filling and edge."""

    words: str
    corners: Corners
    fill: str
    edge: str = INK
    edge_px: float = 0.6

    def drawn_at(self, places: Sequence[tuple[float, float]], radius: float) -> str:
        """The shape at each of some places, as one SVG path."""
        first, *_ = self.corners
        steps = [first, *((x - a, y - b) for (a, b), (x, y) in pairwise(self.corners))]
        offsets = [f"{radius * x:.2f} {radius * y:.2f}" for x, y in steps]
        shape = f"m{'l'.join(offsets)}z"
        return "".join(f"M{x:.1f} {y:.1f}{shape}" for x, y in places)


def _regular(corners: int, turn: float = 0.0, radius: float = 1.0) -> Corners:
    angles = [turn + 2.0 * math.pi * k / corners for k in range(corners)]
    return tuple((radius * math.sin(angle), -radius * math.cos(angle)) for angle in angles)


def _star() -> Corners:
    outer, inner = _regular(5, 0.0, 1.5), _regular(5, math.pi / 5, 0.65)
    return tuple(corner for pair in zip(outer, inner, strict=True) for corner in pair)


def _cross(turn: float) -> Corners:
    arm, half = 1.35, 0.4
    corner = [(-half, -arm), (half, -arm), (half, -half)]
    four = [(x * c - y * s, x * s + y * c) for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))
            for x, y in corner]  # fmt: skip
    c, s = math.cos(turn), math.sin(turn)
    return tuple((x * c - y * s, x * s + y * c) for x, y in four)


_BAR: Corners = ((-1.3, -0.4), (1.3, -0.4), (1.3, 0.4), (-1.3, 0.4))
_SHAPES = {
    "compromised": _cross(0.0),
    "failed": _BAR,
    "jammed": _regular(3, math.pi, 1.3),
    "shot_down": _cross(math.pi / 4),
    "decoy_spent": _regular(4, 0.0, 1.25),
    "missed": _regular(3, 0.0, 1.3),
    "wasted": _regular(4, math.pi / 4, 1.2),
    "damaged_target": _regular(5, 0.0, 1.2),
    "destroyed_target": _star(),
}
_OF_MANY = {"decoy_spent": "decoys that came through", "wasted": "came to destroyed targets"}

UNDER_WAY = ("unseen", "seen", "fire")
"""The states of a drone in flight, in drawing order."""

SYMBOLS: dict[str, Symbol] = {
    "unseen": Symbol("in the air, not seen", _regular(8, math.pi / 8, 0.85), PAPER),
    "seen": Symbol("seen", _regular(8, math.pi / 8, 0.95), INK, PAPER),
    "fire": Symbol("under fire", _regular(8, math.pi / 8, 1.35), PAPER, VERMILION, 2.0),
    **{fate: Symbol(_OF_MANY.get(fate, FATE_WORDS[fate]), _SHAPES[fate], FATE_COLOURS[fate])
       for fate in FATES},
}  # fmt: skip
"""The symbols of all states by name: those in flight, then the fates in their order."""
