"""The mean paired difference of two columns of the same runs, with quantiles and errors."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiment.statistics.estimate import estimate

Floats = NDArray[np.float64]

_STILL = 1e-9  # a smaller difference is rounding


def paired(base: Floats, changed: Floats) -> dict[str, Any]:
    """The estimate of changed minus base, run by run, and how much variance pairing saved.

    `above_zero` and `below_zero` are the shares of runs with such a difference, among those that
    have both values.
    """
    difference = changed - base
    together, apart = _variance(difference), _variance(base) + _variance(changed)
    saved = apart / together if together > 1e-12 * max(apart, 1e-300) else None
    known = difference[~np.isnan(difference)]
    return estimate(difference) | {
        "above_zero": float((known > _STILL).mean()) if len(known) else None,
        "below_zero": float((known < -_STILL).mean()) if len(known) else None,
        "base": estimate(base),
        "changed": estimate(changed),
        "variance_saved": saved if apart > 0.0 else None,
    }


def _variance(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.var()) if len(known) else 0.0
