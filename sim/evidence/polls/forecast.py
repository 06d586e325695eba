"""Weight runs by the observed waves, forecast with the weighted runs, and score the forecasts.

Shares are handled as logits; an observed share is its logit plus a normal error.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, logsumexp, ndtr, ndtri, stdtr, stdtrit
from scipy.stats import norm
from scipy.stats import t as student

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

INTERVAL = (0.05, 0.5, 0.95)
"""The median between the ends of the 90 % interval."""
_HALVINGS = 60
_RARE = 1e-4  # tail probability beyond any quantile in use
_GRID = np.linspace(0.0, 1.0, 401)


class Law(NamedTuple):
    """An equal mixture of distributions: `means` and `sds`, shape (M,) each.

    Each component is normal, or Student's t if `freedom`, the degrees of freedom of its error
    estimate, is finite.
    """

    means: Floats
    sds: Floats
    freedom: float = np.inf

    def below(self, x: Any) -> Floats:
        """P(X <= x), shape of x."""
        places = (np.asarray(x, np.float64)[..., None] - self.means) / self.sds
        chances = ndtr(places) if np.isinf(self.freedom) else stdtr(self.freedom, places)
        return np.mean(chances, axis=-1)

    def log_density(self, x: float) -> float:
        """The log of the density at x."""
        places = (x - self.means) / self.sds
        laws = norm if np.isinf(self.freedom) else student(self.freedom)
        densities = laws.logpdf(places) - np.log(self.sds)
        return float(logsumexp(densities) - np.log(len(densities)))

    def quantiles(self, p: tuple[float, ...] = INTERVAL) -> Floats:
        """The quantiles of `p`, by bisection, shape (len(p),)."""
        wanted = np.asarray(p)
        reach = 9.0 if np.isinf(self.freedom) else -float(stdtrit(self.freedom, _RARE))
        low = np.full(len(p), np.min(self.means - reach * self.sds))
        high = np.full(len(p), np.max(self.means + reach * self.sds))
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            too_low = self.below(middle) < wanted
            low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
        return (low + high) / 2.0


def error_of(share: Any, n: Any, times: Any) -> Floats:
    """The standard error of the logit of a share among `n` respondents.

    times / sqrt(n p (1 - p)), where `times` is relative to a simple random sample. Source:
    shirani_mehr2018.
    """
    return times / np.sqrt(n * share * (1.0 - share))


def weights(log_likelihoods: Floats) -> Floats:
    """The weight of each run given the waves: proportional to the likelihood, adding up to 1.

    Source: rubin1988, smith_gelfand1992.
    """
    return np.exp(log_likelihoods - logsumexp(log_likelihoods))


def effective_runs(weight: Floats) -> float:
    """The effective number of runs, 1 / sum of squared weights. Source: kong1992."""
    return float(1.0 / np.sum(weight**2))


def resampled(weight: Floats, size: int) -> Ints:
    """Numbers of runs drawn in proportion to their weight, by systematic resampling.

    Source: rubin1988.
    """
    summed = np.cumsum(weight)
    steps = (np.arange(size) + 0.5) / size * summed[-1]
    return np.minimum(np.searchsorted(summed, steps), len(weight) - 1)


def crps(law: Law, seen: float) -> float:
    """The continuous ranked probability score of a law of logits, in units of the share.

    The integral over shares of (P(X <= x) - 1{seen <= x})^2: 0 is best, and for a forecast without
    spread it is the absolute error. Source: gneiting_raftery2007.
    """
    below = law.below(logit(_GRID))
    before, after = _summed(below**2), _summed((1.0 - below) ** 2)
    return float(np.interp(seen, _GRID, before) + after[-1] - np.interp(seen, _GRID, after))


def _summed(values: Floats) -> Floats:
    """The cumulative integral of values over the grid, by the trapezoidal rule."""
    steps = np.diff(_GRID) * (values[1:] + values[:-1]) / 2.0
    return np.concatenate([[0.0], np.cumsum(steps)])


def carried_forward(last: float, n_last: float, n: float, times: float) -> Law:
    """The last observed wave as the forecast, with the errors of both waves.

    Only the number of respondents `n` of the new wave is known; its error is computed at the
    forecast share.
    """
    variance = error_of(last, n_last, times) ** 2 + error_of(last, n, times) ** 2
    return Law(np.array([logit(last)]), np.sqrt(np.array([variance])))


def trend(days: Floats, seen: Floats, sds: Floats, day: float) -> Law:
    """Extrapolate a least squares line through the observed logits to a day.

    The error is that of a new point about the line, from the scatter of the points, and so
    Student's t; it is no smaller than the errors `sds` of the waves, which few waves may hide by
    chance or by being rounded to whole per cent. Source: draper_smith1998.
    """
    x, y = days - days.mean(), logit(seen)
    slope = np.sum(x * y) / np.sum(x**2)
    freedom = len(x) - 2
    scatter = np.sum((y - y.mean() - slope * x) ** 2) / freedom
    ahead = day - days.mean()
    of_a_wave = max(float(scatter), float(np.mean(sds**2)))
    variance = of_a_wave * (1.0 + 1.0 / len(x) + ahead**2 / np.sum(x**2))
    return Law(np.array([y.mean() + slope * ahead]), np.sqrt(np.array([variance])), freedom)


def points(logits: Any) -> Floats:
    """Logits as percentages."""
    return 100.0 * expit(logits)


Z90 = float(ndtri(0.95))
