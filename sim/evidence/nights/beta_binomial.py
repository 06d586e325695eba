"""The beta-binomial distribution of a count whose probability itself varies from night to night.

`p` is the mean probability and `spread` the correlation between two drones of one night, from 0
(binomial) to 1 (all or none): Var = number p (1 - p) (1 + (number - 1) spread). Source:
skellam1948.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln

Floats = NDArray[np.float64]


def log_chance(count: Any, number: Any, p: Any, spread: Any) -> Any:
    """log P(count of number), elementwise; p and spread lie strictly between 0 and 1."""
    ways = gammaln(number + 1.0) - gammaln(count + 1.0) - gammaln(number - count + 1.0)
    return ways + log_weight(count, number, p, spread)


def log_weight(count: Any, number: Any, p: Any, spread: Any) -> Any:
    """The part of log P(count of number) that depends on p and spread."""
    strength = 1.0 / spread - 1.0
    a, b = p * strength, (1.0 - p) * strength
    return betaln(count + a, number - count + b) - betaln(a, b)


def cumulative(number: int, p: Floats, spread: Floats, weight: Floats) -> Floats:
    """P(at most k), k = 0 to number, for a mixture with weights that add up to 1.

    `p`, `spread` and `weight` have shape (laws,), the result (number + 1,).
    """
    k = np.arange(float(number))[:, None]
    strength = 1.0 / spread - 1.0
    a, b = p * strength, (1.0 - p) * strength
    ratio = ((number - k) / (k + 1.0)) * ((k + a) / (number - k - 1.0 + b))
    log_p = np.vstack([betaln(a, number + b) - betaln(a, b), np.log(ratio)])
    sums = np.cumsum(np.exp(np.cumsum(log_p, axis=0)) @ weight)
    return np.asarray(sums / sums[-1])
