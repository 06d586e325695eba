"""Two simple baselines for forecasts of nights; both use launched counts only."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import expit

from sim.evidence.nights import beta_binomial
from sim.evidence.nights.file import Nights
from sim.evidence.nights.national_defence import DAYS_A_YEAR, REFERENCE_DAY

Floats = NDArray[np.float64]

LAST_DAYS = 30
LEAST_NIGHTS = 10

_TIGHT = {"ftol": 1e-13, "gtol": 1e-7}
_END = 1e-9
_SPREADS = (-9.0, 5.0)  # log odds


class Baseline(NamedTuple):
    """Mean probability to leak on each night, (nights,), and one spread for all."""

    p: Floats
    spread: float

    def cumulative(self, launched: NDArray[np.int64]) -> list[Floats]:
        """The cumulative distribution of leakers on each night."""
        one = np.ones(1)
        return [
            beta_binomial.cumulative(int(number), p * one, self.spread * one, one)
            for number, p in zip(launched, self.p, strict=True)
        ]


def last_month(trained: Nights, until: int, later: Nights) -> Baseline:
    """A constant forecast: the pooled share of the last 30 days up to the day `until`.

    If these have fewer than ten nights, the last ten are used. The rate is (leaked + 1/2) /
    (launched + 1), which is never 0 or 1; the spread is its maximum likelihood estimate on these
    nights.
    """
    recent = trained.day > until - LAST_DAYS
    if recent.sum() < LEAST_NIGHTS:
        recent = np.arange(len(trained)) >= len(trained) - LEAST_NIGHTS
    nights = trained.where(recent)
    p = (nights.leaked.sum() + 0.5) / (nights.launched.sum() + 1.0)

    def loss(x: float) -> float:
        chances = beta_binomial.log_weight(nights.leaked, nights.launched, p, expit(x))
        return -float(chances.sum())

    found = optimize.minimize_scalar(loss, bounds=_SPREADS, method="bounded")
    return Baseline(np.full(len(later), p), float(expit(found.x)))


def regression(trained: Nights, later: Nights) -> Baseline:
    """Beta-binomial regression of leakers on log size and time, by maximum likelihood.

    logit p = b0 + b1 log n + b2 t, t in years; one spread for all nights. Source: skellam1948. Both
    regressors are centred on their means over the trained nights: with correlated slopes the search
    stops short of the maximum if the spread is at its bound.
    """
    log_size, years = _regressors(trained)
    centre = log_size.mean(), years.mean()
    known = _design(trained, centre)

    def loss(b: Floats) -> float:
        p, spread = _share(known, b), expit(b[3])
        chances = beta_binomial.log_weight(trained.leaked, trained.launched, p, spread)
        return -float(chances.sum())

    ends = [(-20.0, 20.0)] * 3 + [_SPREADS]
    share = trained.leaked.sum() / trained.launched.sum()
    start = np.array([np.log((share + 0.01) / (1.01 - share)), 0.0, 0.0, -2.0])
    found = optimize.minimize(
        loss, start, method="L-BFGS-B", jac="3-point", bounds=ends, options=_TIGHT
    )
    return Baseline(_share(_design(later, centre), found.x), float(expit(found.x[3])))


def _regressors(nights: Nights) -> tuple[Floats, Floats]:
    return np.log(nights.launched), (nights.day - REFERENCE_DAY) / DAYS_A_YEAR


def _design(nights: Nights, centre: tuple[float, float]) -> Floats:
    log_size, years = _regressors(nights)
    ones = np.ones(len(nights))
    return np.stack([ones, log_size - centre[0], years - centre[1]], axis=1)


def _share(design: Floats, b: Floats) -> Floats:
    return np.clip(expit(design @ b[:3]), _END, 1.0 - _END)
