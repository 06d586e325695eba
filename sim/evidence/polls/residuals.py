"""The residuals of waves about a rule: a random walk, an offset of each wording, and errors.

On the logit scale a wave is the rule, plus a walk that all items of an attitude share, plus an
offset of the item, plus the wave's error. The walk is 0 on day 0, its increments are normal, and
`sd` is its standard deviation after a year. Given the rule all of this is normal, so walk, offsets
and future waves have closed forms given the waves. Source: kennedy_ohagan2001.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Normal = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Means and standard deviations, shape (runs,) each."""

YEAR_DAYS = 365.25
_SURE = 1e-9  # logits: a floor, so that what is known exactly still has a density


class Waves(NamedTuple):
    """Observed waves, shape (W,): day, item number, sd of the item's offset, sd of the error."""

    days: Floats
    items: Ints
    offsets: Floats
    errors: Floats

    @property
    def unheard(self) -> "Waves":
        """An empty set of waves."""
        return Waves(self.days[:0], self.items[:0], self.offsets[:0], self.errors[:0])


class Residuals:
    """The distribution of residuals, for any rule and any `sd` of the walk in a run.

    `level` is the standard deviation of a constant that all waves share: 0 if the rule provides it.
    """

    def __init__(self, waves: Waves, level: float = 0.0) -> None:
        self.waves, self.level = waves, level
        same = waves.items[:, None] == waves.items
        still = np.diag(waves.errors**2) + same * waves.offsets**2 + level**2
        inverse = np.linalg.inv(np.linalg.cholesky(still))
        walked = np.minimum(waves.days[:, None], waves.days) / YEAR_DAYS
        # axes that diagonalise the walk and the constant parts at once, the same for every run
        spread, turned = np.linalg.eigh(inverse @ walked @ inverse.T)
        self._spread, self._axes = np.maximum(spread, 0.0), inverse.T @ turned

    def log_likelihood(self, left: Floats, sd: Floats) -> Floats:
        """The log likelihood of residuals `left` (W, runs), up to a constant, shape (runs,)."""
        variances = self._variances(sd)
        along = self._axes.T @ left
        return -0.5 * np.sum(along**2 / variances + np.log(variances), axis=0)

    def of_wave(self, left: Floats, sd: Floats, day: float, item: int, offset: float) -> Normal:
        """The residual of an item on a day, without the wave's error.

        `offset` is the standard deviation of the item's offset.
        """
        still = self.level**2 + (self.waves.items == item) * offset**2
        return self._given(left, sd, (0.0, day), still, self.level**2 + offset**2)

    def of_walk(self, left: Floats, sd: Floats, since: float, until: float) -> Normal:
        """The change of the walk from one day to another."""
        return self._given(left, sd, (since, until), np.zeros(len(self.waves.days)), 0.0)

    def of_offset(self, left: Floats, sd: Floats, item: int, offset: float) -> Normal:
        """The offset due to the wording of an item."""
        still = (self.waves.items == item) * offset**2
        return self._given(left, sd, (0.0, 0.0), still, offset**2)

    def _given(
        self, left: Floats, sd: Floats, days: tuple[float, float], still: Floats, variance: float
    ) -> Normal:
        """The conditional law of a part: the walk between `days`, plus a constant part.

        `still` is the constant part's covariance with the waves, `variance` its own.
        """
        since, until = days
        shared = np.minimum(self.waves.days, until) - np.minimum(self.waves.days, since)
        walked = self._axes.T @ (shared / YEAR_DAYS)
        weight = walked[:, None] * sd**2 + (self._axes.T @ still)[:, None]
        variances = self._variances(sd)
        mean = np.sum(weight * (self._axes.T @ left) / variances, axis=0)
        before = sd**2 * (until - since) / YEAR_DAYS + variance
        after = before - np.sum(weight**2 / variances, axis=0)
        return mean, np.sqrt(np.maximum(after, _SURE**2))

    def _variances(self, sd: Floats) -> Floats:
        return self._spread[:, None] * sd**2 + 1.0
