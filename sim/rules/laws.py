"""Distributions over a range, by inversion: the meaning of a figure's low, value and high."""

import math

import numpy as np
from numpy.typing import NDArray

from sim.compiled import compiled

Array = NDArray[np.float64]

_Z = 1.959963984540054  # the range is read as the central 95 % of the normal laws, then cut there


def triangular(u: Array, low: float, mode: float, high: float) -> Array:
    """The triangular distribution with its mode at the value. Source: kotz2004."""
    drawn = np.empty(u.shape)
    _triangular(np.ravel(u), float(low), float(mode), float(high), np.ravel(drawn))
    return drawn


@compiled
def _triangular(u, low, mode, high, drawn):
    """Most figures have this law, and NumPy takes three times as long."""
    for i in range(len(u)):
        above_low = u[i] * (high - low)
        left = low + math.sqrt(above_low * (mode - low))
        right = high - math.sqrt((1.0 - u[i]) * (high - low) * (high - mode))
        x = left if above_low < mode - low else right
        drawn[i] = min(max(x, low), high)


def uniform(u: Array, low: float, mode: float, high: float) -> Array:
    """The uniform distribution over the range; the value is not used."""
    return low + u * (high - low)


def pert(u: Array, low: float, mode: float, high: float) -> Array:
    """PERT: Beta(1 + 4 (m-a)/(b-a), 1 + 4 (b-m)/(b-a)) on [a, b]. Source: malcolm1959."""
    from scipy.special import betaincinv

    a = 1.0 + 4.0 * (mode - low) / (high - low)
    b = 1.0 + 4.0 * (high - mode) / (high - low)
    return low + (high - low) * betaincinv(a, b, u)


def normal(u: Array, low: float, mode: float, high: float) -> Array:
    """Normal with the value as its mean and the range as its central 95 %, cut to the range."""
    return _cut_normal(u, low, mode, high, (high - low) / (2.0 * _Z))


def lognormal(u: Array, low: float, mode: float, high: float) -> Array:
    """Lognormal with the value as its median, the range as its central 95 %, cut to the range."""
    sigma = np.log(high / low) / (2.0 * _Z)
    drawn = np.exp(_cut_normal(u, np.log(low), np.log(mode), np.log(high), sigma))
    return np.clip(drawn, low, high)


def _cut_normal(u: Array, low: float, mean: float, high: float, sigma: float) -> Array:
    from scipy.special import ndtr, ndtri

    below, above = ndtr((low - mean) / sigma), ndtr((high - mean) / sigma)
    return np.clip(mean + sigma * ndtri(below + u * (above - below)), low, high)


BY_NAME = {law.__name__: law for law in (triangular, uniform, pert, normal, lognormal)}
