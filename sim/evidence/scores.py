"""Proper scores and calibration of count forecasts, exact for whole numbers.

A forecast is a cumulative distribution over 0, 1, ..., n: shape (n + 1,), nondecreasing, ending at
1.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST = 1e-12  # the probability given to a count that a forecast rules out


class Score(NamedTuple):
    """The scores of one night's forecast.

    `below` and `upto` are the probabilities of fewer than, and of at most, the observed count.
    `low_90` and `high_90` are the ends of the central interval; `inside_50` and `inside_90` include
    the ends.
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
        """The probability of a count at least as far out on the same side."""
        return min(self.upto, 1.0 - self.below)


def score(cumulative: Floats, came: int) -> Score:
    """All scores of one forecast."""
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

    In units of the count; the absolute error if the forecast is certain of one number. Source:
    gneiting_raftery2007.
    """
    reached = np.arange(len(cumulative)) >= came
    return float(((cumulative - reached) ** 2).sum())


def quantile(cumulative: Floats, q: float) -> int:
    """The least count whose cumulative probability reaches q."""
    return int(np.searchsorted(cumulative, q - 1e-12))


def coverage(below: Floats, upto: Floats, level: float) -> float:
    """The mean share of outcomes that lies in the central intervals of a level.

    An observed count covers the stretch from P(fewer) to P(at most) of its forecast, and the part
    of it between (1 - level) / 2 and (1 + level) / 2 counts. A calibrated forecast then attains the
    level itself, which intervals of whole numbers cannot do: they cover more, for small raids by
    far. Source: czado2009.
    """
    low, high = 0.5 * (1.0 - level), 0.5 * (1.0 + level)
    inside = np.clip(np.minimum(upto, high) - np.maximum(below, low), 0.0, None)
    return float((inside / np.maximum(upto - below, _LEAST)).mean())


def reliability(below: Floats, upto: Floats, bins: int) -> Floats:
    """The share of outcomes in each of `bins` equal parts of the forecasts' probability.

    1 / bins each for calibrated forecasts: the non-randomised PIT histogram. Source: czado2009.
    """
    edges = np.linspace(0.0, 1.0, bins + 1)[:, None]
    width = np.maximum(upto - below, _LEAST)
    return np.diff(np.clip((edges - below) / width, 0.0, 1.0).mean(axis=1))
