"""The law of the strengths before the record speaks: each mechanism is off, or half a normal law.

Strengths are handled as places on a standard normal scale, as figures are (`aim`): the lower half
of the places is 0, the upper half the half-normal law. The scale of a run's strengths is one of a
few, each as likely, and the same for all its mechanisms, so that the record can shrink them all.
Source: mitchell_beauchamp1988, piironen_vehtari2017.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

P_ACTS = 0.5
"""Before the record speaks a mechanism acts in half of the runs."""
SCALE = "strengths.scale"
"""The path of the place that the scale of a run is drawn by."""


def path_of(mechanism: str) -> str:
    """The path of the place that a strength is drawn by."""
    return f"strengths.{mechanism}"


def scale_numbers(places: Floats, scales: int) -> Ints:
    """Which of so many scales each run has, from 0, by its place, shape (runs,)."""
    return np.minimum((ndtr(places) * scales).astype(np.int64), scales - 1)


def together(places: Floats, scale: Floats) -> Floats:
    """Strengths at these places, shape of `places` (mechanisms, runs); `scale` (runs,)."""
    above = (ndtr(places) - (1.0 - P_ACTS)) / P_ACTS
    return scale * _half_normal(np.maximum(0.0, above))


def alone(places: Floats, scale: Floats, which: Sequence[int]) -> Floats:
    """Strengths with these mechanisms, by number, acting for sure and no other."""
    strengths, acting = np.zeros(places.shape), list(which)
    strengths[acting] = scale * _half_normal(ndtr(places[acting]))
    return strengths


def _half_normal(u: Floats) -> Floats:
    """The quantile of |N(0, 1)|, below 1 by what a float can tell from it."""
    return ndtri((1.0 + np.minimum(u, 1.0 - 1e-12)) / 2.0)


def scales_of(values: Sequence[float], numbers: Ints) -> Floats:
    """The scale of each run by its number."""
    return np.asarray(values, np.float64)[numbers]
