"""One check of the model against what is known of it: a number, a law, or an identity."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.scenario.schema import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_Z = 4.0
"""What |z| a case may reach: by luck alone one number in 16,000 goes beyond."""

_ROUNDING = 1e-9  # relative to 1 or to what is expected: what an identity may be off
_FEWEST_EXPECTED = 5.0  # in a class of a chi-square test


class Case(NamedTuple):
    """What was expected, by which source, and what the model gave.

    `error` is the Monte Carlo standard error of what was got, 0 for an identity. `z` is how many
    of them it is off; of a test of a whole law, the normal quantile of its p-value, so that the
    same bound holds for all.
    """

    name: str
    source: str
    expected: str
    got: str
    error: float
    z: float

    @property
    def agrees(self) -> bool:
        """Whether it is within what luck allows."""
        return bool(abs(self.z) <= MOST_Z)


class Check(NamedTuple):
    """Cases that one shipped scenario gives: `scenario` names it, below `scenarios/verify/`.

    `cases` is called with the scenario's loader, a seed and how many runs; `runs` is how many
    of them are quick.
    """

    scenario: str
    cases: "Callable[[Loader, int, int], Iterator[Case]]"
    runs: int


Loader = Callable[..., Scenario]
"""Loads the check's scenario with overrides: `load("units.gun.magazine=20", ...)`."""


def of_mean(name: str, source: str, expected: float, values: Floats) -> Case:
    """The mean of independent values, shape (n,), against its expectation."""
    error = float(values.std(ddof=1) / np.sqrt(len(values)))
    return of_number(name, source, expected, float(values.mean()), error)


def of_share(name: str, source: str, expected: float, hits: int, trials: int) -> Case:
    """A share of independent trials against its probability, whose error is the law's own."""
    error = float(np.sqrt(expected * (1.0 - expected) / trials))
    return of_number(name, source, expected, hits / trials, error)


def of_number(name: str, source: str, expected: float, got: float, error: float) -> Case:
    """A number with its standard error against what it must be; without one, to rounding."""
    off = got - expected
    if error > 0.0:
        z = off / error
    else:
        z = 0.0 if abs(off) <= _ROUNDING * max(1.0, abs(expected)) else float("inf")
    return Case(name, source, f"{expected:.7g}", f"{got:.7g}", error, z)


def of_counts(name: str, source: str, law: str, expected: Floats, seen: Ints) -> Case:
    """Counts, shape (classes,), against probabilities of the same shape: chi-square.

    Neighbouring classes are joined until each is expected often enough. Raises ValueError where
    fewer than two are left, as then nothing is tested.
    """
    wanted, got = _joined(expected * seen.sum(), seen.astype(np.float64))
    if len(wanted) < 2:
        raise ValueError(f"{name}: too few runs for a test of a law")
    statistic = float(((got - wanted) ** 2 / wanted).sum())
    p = float(stats.chi2.sf(statistic, len(wanted) - 1))
    return _of_law(name, source, law, f"chi-square {statistic:.1f} of {len(wanted) - 1}", p)


def of_values(name: str, source: str, law: str, cdf: Callable[..., Floats], values: Floats) -> Case:
    """Values, shape (n,), against a continuous law: Kolmogorov-Smirnov."""
    test = stats.kstest(values, cdf)
    found = f"KS {test.statistic:.4f} of {len(values):,}"
    return _of_law(name, source, law, found, float(test.pvalue))


def _of_law(name: str, source: str, law: str, found: str, p: float) -> Case:
    z = float(stats.norm.isf(p))
    return Case(name, source, law, f"{found}, p {p:.3g}", 0.0, z)


def _joined(wanted: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """Classes in their order, joined until each is expected often enough."""
    joined: list[list[float]] = [[0.0, 0.0]]
    for pair in zip(wanted, seen, strict=True):
        if joined[-1][0] >= _FEWEST_EXPECTED:
            joined.append([0.0, 0.0])
        joined[-1][0] += pair[0]
        joined[-1][1] += pair[1]
    if len(joined) > 1 and joined[-1][0] < _FEWEST_EXPECTED:
        last = joined.pop()
        joined[-1][0] += last[0]
        joined[-1][1] += last[1]
    table = np.array(joined)
    return table[:, 0], table[:, 1]
