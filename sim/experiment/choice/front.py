"""The Pareto front of options, and how certain it is after so many wars."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Place = Literal["on the front", "open", "off the front"]

_CHANCE = 0.05  # of placing any of the options wrongly
_STILL = 1e-12  # of the largest gain: a smaller difference is rounding


def front(means: Floats) -> Bools:
    """Which options are not dominated: no other is as good in all objectives and better in one.

    `means`, shape (options, objectives), more being better. Options that are equal in all
    objectives do not dominate each other.
    """
    better = means[:, None] > means
    worse = means[:, None] < means
    dominates = better.any(axis=2) & ~worse.any(axis=2)
    return np.asarray(~dominates.any(axis=0))


def places(gains: Floats) -> list[Place]:
    """Whether each option is on the front of the expected gains, off it, or still open.

    `gains`, shape (options, wars, objectives), more being better; wars are paired. An option is off
    the front if another surely beats it in one objective and surely beats or equals it in all. It
    is on the front if, compared with each other option, it is surely better in some objective or
    equal in all. Surely means by paired t intervals that hold jointly with 95 % confidence under
    any dependence (Bonferroni); gains that are the same in every war are equal. A single war does
    not tell options apart.
    """
    options, wars, objectives = gains.shape
    comparisons = max(1, options * (options - 1) * objectives)
    reach = stdtrit(wars - 1.0, 1.0 - _CHANCE / comparisons) if wars > 1 else np.inf
    found: list[Place] = []
    for one in range(options):
        difference = gains[one] - gains  # (options, wars, objectives)
        mean = difference.mean(axis=1)
        is_equal = (np.abs(difference) <= _STILL * np.abs(gains).max()).all(axis=1)
        with np.errstate(invalid="ignore"):
            error = difference.std(axis=1, ddof=1) / np.sqrt(wars) if wars > 1 else np.nan * mean
            above, below = mean > reach * error, mean < -reach * error
        above, below = above & ~is_equal, below & ~is_equal
        others = np.arange(options) != one
        beaten = (below | is_equal).all(axis=1) & below.any(axis=1)
        stands = above.any(axis=1) | is_equal.all(axis=1)
        if beaten[others].any():
            found.append("off the front")
        else:
            found.append("on the front" if stands[others].all() else "open")
    return found
