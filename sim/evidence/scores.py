"""How good a forecast of a count was: proper scores and calibration, exact for whole numbers.

A forecast is its cumulative law over 0, 1, ..., n: shape (n + 1,), not falling, 1 at its end.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST = 1e-12  # a count that a forecast rules out scores as if it had this chance


class Score(NamedTuple):
    """One night's forecast scored by what came.

    `below` and `upto` are the chances of fewer and of at most as many as came. `low_90` and
    `high_90` are the ends of the central interval; `inside_50` and `inside_90` count them in.
    """

    crps: float
    log_score: float
    below: float
    upto: float
    median: int
    low_90: int
    high_90: int
    inside_50: bool
    inside_90: bool

    @property
    def tail(self) -> float:
        """The chance of a count as far out or farther, to its side."""
        return min(self.upto, 1.0 - self.below)


def score(cumulative: Floats, came: int) -> Score:
    """Every score of one forecast."""
    median, low_50, high_50, low_90, high_90 = (
        quantile(cumulative, q) for q in (0.5, 0.25, 0.75, 0.05, 0.95)
    )
    below = float(cumulative[came - 1]) if came else 0.0
    upto = float(cumulative[came])
    return Score(
        crps=crps(cumulative, came),
        log_score=-float(np.log(max(upto - below, _LEAST))),
        below=below,
        upto=upto,
        median=median,
        low_90=low_90,
        high_90=high_90,
        inside_50=low_50 <= came <= high_50,
        inside_90=low_90 <= came <= high_90,
    )


def crps(cumulative: Floats, came: int) -> float:
    """Continuous ranked probability score, the sum over k of (F(k) - 1{k >= came})^2.

    In the unit of the count; for a forecast sure of one number it is the absolute error.
    Source: gneiting_raftery2007.
    """
    reached = np.arange(len(cumulative)) >= came
    return float(((cumulative - reached) ** 2).sum())


def quantile(cumulative: Floats, q: float) -> int:
    """The least count whose cumulative chance reaches q."""
    return int(np.searchsorted(cumulative, q - 1e-12))


def coverage(below: Floats, upto: Floats, level: float) -> float:
    """How much of what came lies in the central intervals of a level, on average.

    A count that came takes up the stretch from P(fewer) to P(at most) of its forecast, and counts
    with the part of it between (1 - level) / 2 and (1 + level) / 2. So a right forecast has the
    level itself, which intervals of whole numbers cannot have: theirs is wider, for small raids
    by far. Source: czado2009.
    """
    low, high = 0.5 * (1.0 - level), 0.5 * (1.0 + level)
    inside = np.clip(np.minimum(upto, high) - np.maximum(below, low), 0.0, None)
    return float((inside / np.maximum(upto - below, _LEAST)).mean())


def reliability(below: Floats, upto: Floats, bins: int) -> Floats:
    """The share of what came in each of `bins` equal parts of the forecasts' probability.

    1 / bins each for right forecasts: the non-randomised PIT histogram. Source: czado2009.
    """
    edges = np.linspace(0.0, 1.0, bins + 1)[:, None]
    width = np.maximum(upto - below, _LEAST)
    return np.diff(np.clip((edges - below) / width, 0.0, 1.0).mean(axis=1))
