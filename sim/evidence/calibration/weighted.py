"""Statistics of weighted runs, each with its Monte Carlo error.

Weights add up to 1 and are treated as fixed. Means, standard deviations and correlations have
standard errors; a quantile has the distance to the farther end of its 95 % interval.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Figures = dict[str, Any]

QUANTILES = {"low": 0.05, "lower": 0.25, "median": 0.5, "upper": 0.75, "high": 0.95}
"""The ends of the 90 % interval, of the 50 % interval, and the median."""
_Z95 = float(ndtri(0.975))


def mean(values: Floats, weight: Floats) -> tuple[float, float]:
    """The weighted mean and its standard error. Source: geweke1989."""
    middle = float(np.sum(weight * values))
    return middle, float(np.sqrt(np.sum((weight * (values - middle)) ** 2)))


def spread(values: Floats, weight: Floats) -> tuple[float, float]:
    """The weighted standard deviation and its standard error, by the delta method."""
    middle = float(np.sum(weight * values))
    squares = (values - middle) ** 2
    variance, error = mean(squares, weight)
    sd = float(np.sqrt(variance))
    return sd, error / (2.0 * sd) if sd > 0.0 else 0.0


def correlation(one: Floats, other: Floats, weight: Floats) -> tuple[float, float]:
    """The weighted correlation and its standard error, by the delta method."""
    x, y = (values - np.sum(weight * values) for values in (one, other))
    x, y = (values / np.sqrt(np.sum(weight * values**2)) for values in (x, y))
    r = float(np.sum(weight * x * y))
    influence = x * y - 0.5 * r * (x**2 + y**2)
    return r, float(np.sqrt(np.sum((weight * influence) ** 2)))


class Ordered:
    """Values in order with their cumulative weight, to read quantiles from."""

    def __init__(self, values: Floats, weight: Floats) -> None:
        order = np.argsort(values, kind="stable")
        self._values, self._weight = values[order], weight[order]
        self._below = np.cumsum(self._weight)
        self._below /= self._below[-1]

    def quantile(self, p: float) -> float:
        """The least value at which the cumulative weight reaches `p`."""
        place = int(np.searchsorted(self._below, p * (1.0 - 1e-12)))
        return float(self._values[min(place, len(self._values) - 1)])

    def error(self, p: float) -> float | None:
        """The distance to the farther end of the 95 % interval of the quantile of `p`.

        None if an end falls outside the values. Source: conover1999, with weights in place of
        counts.
        """
        number = self.quantile(p)
        is_below = self._values <= number
        half = _Z95 * float(np.sqrt(np.sum((self._weight * (is_below - p)) ** 2)))
        if p - half <= 0.0 or p + half >= 1.0:
            return None
        return max(self.quantile(p + half) - number, number - self.quantile(p - half))


def interval(values: Floats, weight: Floats) -> Figures:
    """Median, 50 % and 90 % interval, each end with its error."""
    ordered = Ordered(values, weight)
    ends: Figures = {}
    for name, p in QUANTILES.items():
        ends |= {name: ordered.quantile(p), f"{name} ±": ordered.error(p)}
    return ends
