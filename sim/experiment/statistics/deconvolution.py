"""The distribution of true effects behind many estimates, each with its own error.

How many estimates lie above a bound depends on how well each is known: with few wars noise carries
some over it and hides others. Here the distribution of the true effects is estimated first, by
maximum likelihood over all distributions on a grid, and each estimate is read in its light
(empirical Bayes). Source: kiefer_wolfowitz1956, koenker_mizera2014, stephens2017.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_FINE = np.array([0.25, 0.75, 1.25, 1.75])  # in regions: no atom is at a bound, 1/2, 1 or 2
_STRETCH = 1.3  # the ratio of neighbouring atoms, further out
_FLOOR = 1.0 / 50.0  # of the region: no mean has a smaller error
_ROUNDS, _GAIN = 1000, 2e-6
_SPARSE = 1e-8  # smaller weights are dropped
_BLOCK = 1024
_STILL = 1e-9


class Estimates(NamedTuple):
    """Means of J samples in d dimensions, and how well they are known.

    `means` (J, d), their covariance `errors` (J, d, d) and the sizes of the samples `counts` (J,).
    """

    means: Floats
    errors: Floats
    counts: Floats


class Mixture(NamedTuple):
    """The distribution of the true effects behind the estimates in `rows`.

    It has `weights` (K,) on `atoms` (K, d); `chances` (rows, K) are those of each true effect to be
    at each atom, given its estimate.
    """

    rows: Ints
    atoms: Floats
    weights: Floats
    chances: Floats


class Deconvolved(NamedTuple):
    """True effects behind J estimates: a mixture for each set of dimensions that move."""

    mixtures: list[Mixture]

    def chance(self, holds: Callable[[Floats], Bools]) -> Floats:
        """The posterior probability that a condition holds of each true effect, shape (J,).

        `holds` says of which effects (K, d) it holds. The mean is the share of true effects of
        which it holds.
        """
        return self._mean(lambda atoms: holds(atoms).astype(np.float64))

    def effects(self, dimension: int) -> Floats:
        """The posterior mean of each true effect in one dimension, shape (J,)."""
        return self._mean(lambda atoms: atoms[:, dimension])

    def _mean(self, value: Callable[[Floats], Floats]) -> Floats:
        means = np.empty(sum(len(mixture.rows) for mixture in self.mixtures))
        for mixture in self.mixtures:
            means[mixture.rows] = mixture.chances @ value(mixture.atoms)
        return means


def deconvolve(found: Estimates, region: float, start: Deconvolved | None = None) -> Deconvolved:
    """The distributions of true effects under which the estimates are likeliest.

    A dimension in which no war of a sample moved is known to be 0; estimates that move in the same
    dimensions share a distribution, on atoms that are fine near a region around 0 and coarser
    further out (none is at half, once or twice the region). The likelihood of a mean is Student's
    with its sample's own covariance, so that a few wars count for less than their error says; a
    sample of no more wars than dimensions carries no information. `start` is the result for nearly
    the same samples: only its atoms are tried, from its weights.
    """
    moves = (found.errors.diagonal(axis1=1, axis2=2) > _STILL**2) | (np.abs(found.means) > _STILL)
    if start is not None:
        return Deconvolved([_refitted(found, mixture, region) for mixture in start.mixtures])
    mixtures = []
    for pattern in np.unique(moves, axis=0):
        rows = np.flatnonzero((moves == pattern).all(axis=1))
        atoms = _grid(found.means[rows], pattern, region)
        weights = np.full(len(atoms), 1.0 / len(atoms))
        mixtures.append(_mixture(found, rows, atoms, weights, region))
    return Deconvolved(mixtures)


def _refitted(found: Estimates, mixture: Mixture, region: float) -> Mixture:
    heavy = mixture.weights > 0.0
    atoms, weights = mixture.atoms[heavy], mixture.weights[heavy]
    return _mixture(found, mixture.rows, atoms, weights / weights.sum(), region)


def _mixture(
    found: Estimates, rows: Ints, atoms: Floats, weights: Floats, region: float
) -> Mixture:
    moving = (atoms != 0.0).any(axis=0)
    part = Estimates(
        found.means[rows][:, moving], found.errors[rows][:, moving][:, :, moving],
        found.counts[rows],
    )  # fmt: skip
    likely = _likelihoods(part, atoms[:, moving], _FLOOR * region)
    fitted = _fitted(likely, weights)
    chances = likely * fitted
    return Mixture(rows, atoms, fitted, chances / chances.sum(axis=1, keepdims=True))


def _grid(means: Floats, moves: Bools, region: float) -> Floats:
    """Atoms (K, d) that span the means (J, d) in the dimensions that move."""
    axes = [
        _axis(float(one.min()), float(one.max()), region) if is_moving else np.zeros(1)
        for one, is_moving in zip(means.T, moves, strict=True)
    ]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, means.shape[1])


def _axis(low: float, high: float, region: float) -> Floats:
    side = list(region * _FINE)
    while side[-1] < max(-low, high):
        side.append(_STRETCH * side[-1])
    steps = np.array(side)
    down, up = (steps[: max(len(_FINE), np.searchsorted(steps, end) + 1)] for end in (-low, high))
    return np.concatenate([-down[::-1], up])


def _likelihoods(found: Estimates, atoms: Floats, floor: float) -> NDArray[np.float32]:
    """The likelihood of each estimate (J) at each atom (K), up to a factor per row."""
    dimensions = atoms.shape[1]
    known = found.counts > dimensions
    errors = found.errors + floor**2 * np.eye(dimensions)
    errors = np.where(known[:, None, None], errors, np.eye(dimensions))
    whiten = np.linalg.cholesky(np.linalg.inv(errors))
    likely = np.empty((len(found.means), len(atoms)), np.float32)
    for first in range(0, len(likely), _BLOCK):
        part = slice(first, first + _BLOCK)
        away = found.means[part, None, :] @ whiten[part] - atoms @ whiten[part]
        wars = np.where(known[part], found.counts[part], 0.0)[:, None]
        distance = np.square(away).sum(axis=2) / np.maximum(1.0, wars - 1.0)
        log = -0.5 * wars * np.log1p(distance)
        likely[part] = np.exp(log - log.max(axis=1, keepdims=True))
    return likely


def _fitted(likely: NDArray[np.float32], weights: Floats) -> Floats:
    """The maximum-likelihood weights; atoms that lose all weight are dropped on the way."""
    left, weight, part, last = np.arange(len(weights)), weights, likely, -np.inf
    for done in range(_ROUNDS):
        mixed = part @ weight.astype(np.float32)
        gained = float(np.log(mixed).mean())
        weight = weight * (part.T @ (1.0 / mixed)) / len(part)
        weight /= weight.sum()
        if gained - last < _GAIN:
            break
        last = gained
        heavy = weight > _SPARSE
        if done % 10 == 9 and heavy.mean() < 0.8:
            left, weight = left[heavy], weight[heavy]
            weight, part = weight / weight.sum(), np.ascontiguousarray(part[:, heavy])
    fitted = np.zeros(len(weights))
    fitted[left] = weight / weight.sum()
    return fitted
