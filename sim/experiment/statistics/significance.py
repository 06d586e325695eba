"""Which of many means differ from zero.

Separate from `estimate.py`, which every run needs, as `scipy.stats` takes long to import.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

_FALSE_DISCOVERY = 0.05
_STILL = 1e-9


def differ_from_zero(
    mean: NDArray[np.float64], error: NDArray[np.float64], wars: NDArray[Any]
) -> NDArray[np.bool_]:
    """Which of many means differ from zero, by t-tests on their standard errors.

    On average at most 5 % of those found are false. Source: benjamini_hochberg1995.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0.0, np.abs(mean) / error, np.inf)
    t = np.where((np.abs(mean) > _STILL) & (wars > 1), t, 0.0)
    p = 2.0 * stats.t.sf(t, np.maximum(1, wars - 1))
    return discoveries(np.nan_to_num(p, nan=1.0))


def discoveries(p: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of many p-values, of any shape, are discoveries, at most 5 % of them false on average.

    Source: benjamini_hochberg1995.
    """
    return stats.false_discovery_control(p.ravel()).reshape(p.shape) <= _FALSE_DISCOVERY
