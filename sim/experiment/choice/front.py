"""Which options no other beats in all objectives, and how sure that is after so many wars."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Place = Literal["on the front", "open", "off the front"]

_CHANCE = 0.05  # that any of the options is wrongly placed
_STILL = 1e-12  # of the larger of two means: what differs by less is rounding


def front(means: Floats) -> Bools:
    """Which options no other dominates: as good in all objectives, and better in one.

    `means`, shape (options, objectives), more being better. Of options that are alike in all, each
    is on the front.
    """
    better = means[:, None] > means
    worse = means[:, None] < means
    dominates = better.any(axis=2) & ~worse.any(axis=2)
    return np.asarray(~dominates.any(axis=0))


def places(gains: Floats) -> list[Place]:
    """Whether each option is on the front of the expected gains, off it, or not told yet.

    `gains`, shape (options, wars, objectives), more being better; wars are paired. Off the front
    is an option that another surely beats or equals in all objectives; on it is one that surely
    beats each other in some objective, or equals it in all. Sure is what paired t intervals say
    that hold together with 95 %, whichever way the comparisons hang together (Bonferroni); what is
    the same in every war is equal for sure. With a single war nothing is told.
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
