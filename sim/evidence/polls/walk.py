"""A stationary (Ornstein-Uhlenbeck) walk on a grid of weeks, by its banded precision matrix.

x' = c x + noise, with autocorrelation c = exp(-7 / days) and noise variance sd^2 (1 - c^2), so that
every week has standard deviation sd. Bands are (2, weeks), in scipy.linalg's upper form for a
symmetric matrix: the superdiagonal, then the diagonal. Source: rue2009.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Floats = NDArray[np.float64]

WEEK_DAYS = 7


def autocorrelation(days: Floats) -> Floats:
    """The correlation of the walk with itself a week later."""
    return np.exp(-WEEK_DAYS / days)


def kick(sd: Floats, days: Floats) -> Floats:
    """The standard deviation of a week's noise."""
    return sd * np.sqrt(1.0 - autocorrelation(days) ** 2)


def ahead(start: Floats, sd: Floats, days: Floats, luck: Floats) -> Floats:
    """The walk from `start` (draws,) on, from normal draws (draws, weeks): (weeks + 1, draws)."""
    path = [start]
    for normal in luck.T:
        path.append(autocorrelation(days) * path[-1] + kick(sd, days) * normal)
    return np.array(path)


def precision(sd: float, days: float, weeks: int) -> Floats:
    """The walk's precision matrix as a band."""
    left = float(np.exp(-WEEK_DAYS / days))
    per_kick = 1.0 / (sd * sd * (1.0 - left * left))
    band = np.full((2, weeks), -left * per_kick)
    band[1] = (1.0 + left * left) * per_kick
    band[1, 0] = band[1, -1] = per_kick
    if weeks == 1:
        band[1] = 1.0 / (sd * sd)
    return band


def times(band: Floats, x: Floats) -> Floats:
    """The banded matrix times a vector."""
    product = band[1] * x
    product[:-1] += band[0, 1:] * x[1:]
    product[1:] += band[0, 1:] * x[:-1]
    return np.asarray(product)


def solve(band: Floats, x: Floats) -> Floats:
    """Solve a banded system for a vector."""
    if len(x) == 1:  # scipy does not solve a 1 x 1 system this way
        return x / band[1]
    return np.asarray(linalg.solveh_banded(band, x))


def is_positive(band: Floats) -> bool:
    """Whether the banded matrix is positive definite."""
    try:
        linalg.cholesky_banded(band)
    except linalg.LinAlgError:
        return False
    return True


def log_determinant(band: Floats) -> float:
    """log of the determinant of the banded matrix."""
    return 2.0 * float(np.log(linalg.cholesky_banded(band)[1]).sum())


def last_sd(band: Floats) -> float:
    """The standard deviation of the last week: the inverse of the last Cholesky pivot."""
    return 1.0 / float(linalg.cholesky_banded(band)[1, -1])
