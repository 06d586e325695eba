"""A simple rival of the filter: a regression with forgetting, refitted after every night.

logit p = b0 + b1 log n with one spread of a beta-binomial distribution, by maximum likelihood; the
weight of a night halves every half-life. Source: skellam1948.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, digamma, expit, logit

from sim.evidence.nights import beta_binomial
from sim.evidence.nights.file import Nights

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HALF_LIVES_DAYS = (20, 45, 90)
LEAST_NIGHTS = 5

_FORGOTTEN = 11.0  # half-lives, after which a weight is below 1/2000
_LOW, _HIGH = np.array([-20.0, -20.0, -9.0]), np.array([20.0, 20.0, 5.0])  # of b0, b1, spread
_MOST_STEPS = 50
_ENOUGH = 1e-5  # gain in log likelihood
_STEP = 1e-4
_LONGEST = 1.5
# If a line separates a few nights perfectly, the likelihood has no maximum. A normal prior with
# a precision of 0.001 gives it one and is negligible wherever the nights are informative.
_PULL, _CENTRE = 1e-3, np.array([-2.0, 0.0, -2.0])
_END = 1e-9


def fits(nights: Nights, half_life_days: float, first: int = 0) -> Floats:
    """b0, b1 and the log odds of the spread after each night from number `first` on, (n, 3).

    NaN before that night and after fewer than LEAST_NIGHTS.
    """
    found = np.full((len(nights), 3), np.nan)
    share = (nights.leaked[:LEAST_NIGHTS].sum() + 0.5) / (nights.launched[:LEAST_NIGHTS].sum() + 1)
    b = np.array([logit(share), 0.0, -2.0])
    for k in range(max(first, LEAST_NIGHTS - 1), len(nights)):
        age = (nights.day[k] - nights.day[: k + 1]) / half_life_days
        known = slice(int(np.searchsorted(-age, -_FORGOTTEN)), k + 1)
        weight = 0.5 ** age[known]
        b = _likeliest(b, nights.leaked[known], nights.launched[known], weight)
        found[k] = b
    return found


def law(b: Floats, launched: int) -> Floats:
    """The cumulative distribution of leakers of a raid, (launched + 1,)."""
    p = np.clip(expit(b[:1] + b[1] * np.log(launched)), _END, 1.0 - _END)
    return beta_binomial.cumulative(launched, p, expit(b[2:]), np.ones(1))


def _likeliest(b: Floats, leaked: Ints, launched: Ints, weight: Floats) -> Floats:
    """The maximum, by Newton's method from `b`, halving each step until it ascends."""
    size, steps = np.log(launched), np.vstack([np.zeros(3), _STEP * np.eye(3)])
    for _ in range(_MOST_STEPS):
        height, slope = _look(b + steps, leaked, launched, size, weight)
        bend = (slope[0] - slope[1:]) / _STEP
        value, vector = np.linalg.eigh(0.5 * (bend + bend.T))
        move = vector @ ((slope[0] @ vector) / np.maximum(np.abs(value), 1e-3))
        move = np.clip(b + np.clip(move, -_LONGEST, _LONGEST), _LOW, _HIGH) - b
        if slope[0] @ move < _ENOUGH:
            break
        while _look((b + move)[None], leaked, launched, size, weight)[0][0] < height[0]:
            move = 0.5 * move
            if np.abs(move).max() < _STEP * _STEP:
                return b
        b = b + move
    return b


def _look(
    b: Floats, leaked: Ints, launched: Ints, size: Floats, weight: Floats
) -> tuple[Floats, Floats]:
    """Log likelihood, (k,), and its gradient, (k, 3), at each row of `b`, (k, 3)."""
    p = np.clip(expit(b[:, :1] + b[:, 1:2] * size), _END, 1.0 - _END)
    strength = np.exp(-b[:, 2:])  # 1 / spread - 1
    a, c = p * strength, (1.0 - p) * strength
    log_p = betaln(leaked + a, launched - leaked + c) - betaln(a, c)
    of_a = digamma(leaked + a) - digamma(a)
    of_c = digamma(launched - leaked + c) - digamma(c)
    of_both = digamma(launched + strength) - digamma(strength)
    of_logit = weight * (of_a - of_c) * strength * p * (1.0 - p)
    of_spread = -weight * (p * of_a + (1.0 - p) * of_c - of_both) * strength
    apart = b - _CENTRE
    slope = np.stack([of_logit.sum(1), of_logit @ size, of_spread.sum(1)], axis=1)
    return log_p @ weight - 0.5 * _PULL * (apart**2).sum(1), slope - _PULL * apart
