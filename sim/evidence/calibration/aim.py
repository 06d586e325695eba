"""Aims: proposal distributions that draw figures near those of the wars that fitted best.

Each figure is represented by the place of its draw on a standard normal scale, so that the joint
prior of all figures is a standard normal distribution, whatever their own laws are.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtr, ndtri
from scipy.stats import multivariate_normal

from sim import draws
from sim.evidence.polls.forecast import effective_runs, weights
from sim.rules import laws
from sim.scenario.figure import Figure
from sim.scenario.schema import Scenario, figures

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_WIDER = 1.3  # times the covariance of the weighted runs, so that the tails are covered
_AT_LEAST = 40  # effective runs per figure, to estimate a covariance from
_HALVINGS = 30


class Aim(NamedTuple):
    """A proposal distribution of figures: normal, on the normal scale.

    `mean` (figures,), `covariance` (figures, figures); `round_` is part of the address of its
    draws.
    """

    paths: tuple[str, ...]
    mean: Floats
    covariance: Floats
    round_: int

    def places(self, seed: int, runs: Ints) -> Floats:
        """The places drawn for each figure in each run, shape (figures, runs)."""
        drawn = ndtri(np.stack([_uniform(path, seed, runs, self.round_) for path in self.paths]))
        return self.mean[:, None] + np.linalg.cholesky(self.covariance) @ drawn

    def log_density(self, places: Floats) -> Floats:
        """The log density of places under this aim, shape (runs,)."""
        law = multivariate_normal(self.mean, self.covariance)
        return np.atleast_1d(law.logpdf(places.T))

    def nearer(self, places: Floats, log_weights: Floats) -> "Aim":
        """The next aim: fitted to the weighted runs so far. Source: cappe2004.

        If too few runs have weight, all weights are raised to a power below 1, so that enough do.
        """
        wanted = _AT_LEAST * len(self.paths)
        weight = weights(log_weights * _power(log_weights, wanted))
        mean = places @ weight
        apart = places - mean[:, None]
        return Aim(self.paths, mean, _WIDER * (weight * apart) @ apart.T, self.round_ + 1)


def at_prior(paths: Sequence[str]) -> Aim:
    """The aim that is the prior itself."""
    return Aim(tuple(paths), np.zeros(len(paths)), np.eye(len(paths)), 0)


def log_rarity(aims: Sequence[Aim], places: Floats) -> Floats:
    """Log importance ratios, (runs,): density under the prior over that under the mixture of aims.

    The first aim is the prior, so that the ratio is at most the number of aims. Source:
    cornuet2012.
    """
    densities = np.stack([aim.log_density(places) for aim in aims])
    return densities[0] - logsumexp(densities, axis=0) + np.log(len(aims))


def figures_at(scenario: Scenario, aim: Aim, places: Floats) -> dict[str, Floats]:
    """The figures at these places of their laws, by path, shape (runs,) each."""
    by_path = dict(figures(scenario))
    return {
        path: _quantile(by_path[path], ndtr(row))
        for path, row in zip(aim.paths, places, strict=True)
    }


def _quantile(figure: Figure, u: Floats) -> Floats:
    if figure.low is None or figure.high is None:
        return np.full(len(u), figure.value)
    drawn = laws.BY_NAME[figure.law or "triangular"](u, figure.low, figure.value, figure.high)
    return np.rint(drawn) if figure.is_count else drawn


def _uniform(path: str, seed: int, runs: Ints, round_: int) -> Floats:
    return draws.uniforms(seed, runs, round_, draws.actor_id(path), draws.FIGURE, 1)[:, 0]


def _power(log_weights: Floats, wanted: float) -> float:
    """The largest power up to 1 that leaves `wanted` effective runs, by bisection."""
    low, high = 0.0, 1.0
    if effective_runs(weights(log_weights)) >= wanted:
        return high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        enough = effective_runs(weights(middle * log_weights)) >= wanted
        low, high = (middle, high) if enough else (low, middle)
    return low
