"""Launch times: simultaneous, over a window, or as a Poisson stream, which may be thinned."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from sim.evidence.verify.case import (
    Case,
    Check,
    Floats,
    Loader,
    of_counts,
    of_identity,
    of_mean,
    of_values,
)
from sim.evidence.verify.raids import drones, fate
from sim.scenario.schema import Scenario

_WAY_MIN = np.pi / 180.0 * 6371.0088 / 3.0
_WAVE = "raids.raid.waves.first"
_WINDOW = f"{_WAVE}.window={{value: 200, unit: min, assumed: one a minute on average}}"
_STREAM = (f"{_WAVE}.launch=poisson", _WINDOW)


def launch(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Arrivals by each law of launch, after subtracting the flight time."""
    came = _came(load(), runs, seed)
    yield of_identity(
        "launched together, distance", "sinnott1984", np.zeros(came.size), came.ravel()
    )
    spread = _came(load(f"{_WAVE}.launch=uniform", _WINDOW), runs, seed)
    yield of_values(
        "launched over a window", "definition", "uniform over 200 min",
        stats.uniform(0.0, 200.0).cdf, spread.ravel(),
    )  # fmt: skip
    stream = _came(load(*_STREAM), runs, seed)
    gaps = np.diff(stream, axis=1, prepend=0.0)
    law = stats.expon(scale=1.0).cdf
    yield of_values(
        "Poisson stream, gaps", "kingman1993", "exponential, mean 1 min", law, gaps.ravel()
    )


def thinned(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Half of a Poisson stream fails: arrivals are Poisson at half the rate."""
    came = _came(load(*_STREAM, "weapons.drone.p_works=0.5"), runs, seed)
    gaps = np.diff(came[:, :40], axis=1, prepend=0.0)  # few enough that every run has as many
    law = stats.expon(scale=2.0).cdf
    yield of_values(
        "thinned stream, gaps", "kingman1993", "exponential, mean 2 min", law, gaps.ravel()
    )
    number = (came <= 40.0).sum(axis=1)
    pmf = stats.poisson(20.0).pmf(np.arange(201))
    yield of_counts(
        "thinned stream, number in 40 min", "kingman1993", "Poisson(20)",
        pmf / pmf.sum(), np.bincount(number),
    )  # fmt: skip
    later = ((came > 40.0) & (came <= 80.0)).sum(axis=1)
    product = (number - 20.0) * (later - 20.0)
    yield of_mean("thinned stream, covariance of two stretches", "kingman1993", 0.0, product)


def _came(scenario: Scenario, runs: int, seed: int) -> Floats:
    """Launch times of the drones that arrived, in order; infinite for those that failed."""
    fates, ended_min = drones(scenario, runs, seed)
    return np.sort(np.where(fates == fate("wasted"), ended_min - _WAY_MIN, np.inf), axis=1)


CHECKS = (
    Check("launch", launch, runs=200),
    Check("launch", thinned, runs=2_000),
)
