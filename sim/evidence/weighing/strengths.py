"""The prior of the strengths: each mechanism is off, or its strength is half-normal.

Strengths are represented by places on a standard normal scale, like figures (`aim`): the lower half
of the places is 0, the upper half the half-normal. The scale of a run's strengths is one of a few,
equally likely, and common to its mechanisms, so that the record can shrink them all. Source:
mitchell_beauchamp1988, piironen_vehtari2017.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

P_ACTS = 0.5
"""The prior probability that a mechanism acts."""
SCALE = "strengths.scale"
"""The path of the place from which the scale of a run is drawn."""


def path_of(mechanism: str) -> str:
    """The path of the place from which a strength is drawn."""
    return f"strengths.{mechanism}"


def scale_numbers(places: Floats, scales: int) -> Ints:
    """The number of each run's scale, from 0 to `scales` - 1, by its place, shape (runs,)."""
    return np.minimum((ndtr(places) * scales).astype(np.int64), scales - 1)


def together(places: Floats, scale: Floats) -> Floats:
    """Strengths at these places, shape of `places` (mechanisms, runs); `scale` is (runs,)."""
    above = (ndtr(places) - (1.0 - P_ACTS)) / P_ACTS
    return scale * _half_normal(np.maximum(0.0, above))


def alone(places: Floats, scale: Floats, which: Sequence[int]) -> Floats:
    """Strengths if the mechanisms with these numbers certainly act, and no others."""
    strengths, acting = np.zeros(places.shape), list(which)
    strengths[acting] = scale * _half_normal(ndtr(places[acting]))
    return strengths


def _half_normal(u: Floats) -> Floats:
    """The quantile function of |N(0, 1)|, finite also at 1."""
    return ndtri((1.0 + np.minimum(u, 1.0 - 1e-12)) / 2.0)


def scales_of(values: Sequence[float], numbers: Ints) -> Floats:
    """The scale of each run by its number."""
    return np.asarray(values, np.float64)[numbers]
