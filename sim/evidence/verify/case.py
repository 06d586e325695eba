"""A check of the model against a known answer: a number, a distribution, or an identity."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.scenario.schema import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Numbers = NDArray[Any]

MOST_Z = 4.0
"""The largest |z| allowed: by chance alone one number in 16,000 exceeds it."""

INSIDE_90_Z = 1.6448536269514722
"""The largest |z| allowed for a reported figure: the end of the central 90 %."""

_ROUNDING = 1e-9  # tolerance of an identity, relative to 1 or to the expected value
_FEWEST_EXPECTED = 5.0  # expected count in a class of a chi-square test
_LEAST_P = 1e-300  # still has a finite normal quantile
_CLOSEST_Z = -3.0  # counts that match too well by chance are no fault


class Case(NamedTuple):
    """What was expected, by which source, and what the model gave.

    `error` is the Monte Carlo standard error of the result, 0 for an identity. `z` is the deviation
    in these errors; for a test of a distribution it is the normal quantile of the p-value, so that
    the same bound holds for all. `most_z` is the largest |z| allowed.
    """

    name: str
    source: str
    expected: str
    got: str
    error: float
    z: float
    most_z: float = MOST_Z

    @property
    def agrees(self) -> bool:
        """Whether it is within the bound; False if z is NaN."""
        return bool(abs(self.z) <= self.most_z)


class Check(NamedTuple):
    """The cases of one shipped scenario: `scenario` is its name in `scenarios/verify/`.

    It is None if no war is simulated. `cases` is called with the scenario's loader, a seed and the
    number of runs; `runs` is that of a quick verification.
    """

    scenario: str | None
    cases: "Callable[[Loader, int, int], Iterator[Case]]"
    runs: int


Loader = Callable[..., Scenario]
"""Loads the check's scenario with overrides: `load("units.gun.magazine=20", ...)`."""


def of_mean(name: str, source: str, expected: float, values: Numbers) -> Case:
    """The mean of independent values, shape (n,), against its expectation."""
    error = float(values.std(ddof=1) / np.sqrt(len(values)))
    return of_number(name, source, expected, float(values.mean()), error)


def of_share(name: str, source: str, expected: float, hits: int, trials: int) -> Case:
    """A share of independent trials against its probability, with the binomial error."""
    error = float(np.sqrt(expected * (1.0 - expected) / trials))
    return of_number(name, source, expected, hits / trials, error)


def of_least_share(name: str, source: str, least: float, hits: int, trials: int) -> Case:
    """A share of independent trials that must not be below a probability, but may be above it."""
    case = of_share(name, source, least, hits, trials)
    return case._replace(expected=f"at least {least:.7g}", z=min(0.0, case.z))


def of_variance(name: str, source: str, expected: float, values: Floats) -> Case:
    """The variance of independent values, shape (n,), its error from their fourth moment."""
    n, got = len(values), float(values.var(ddof=1))
    fourth = float(((values - values.mean()) ** 4).mean())
    error = float(np.sqrt(max(0.0, fourth - got**2 * (n - 3) / (n - 1)) / n))
    return of_number(name, source, expected, got, error)


def of_identity(name: str, source: str, expected: Numbers, got: Numbers) -> Case:
    """What must hold in every run up to rounding, shape (n,) each; reports the worst run."""
    place = int(np.argmax(np.abs(got - expected)))
    worst = of_number(name, source, float(expected[place]), float(got[place]), 0.0)
    return worst._replace(got=f"{worst.got} at worst of {len(got):,}")


def of_report(name: str, source: str, reported: float, values: Numbers) -> Case:
    """Whether a reported figure lies inside the central 90 % of the model's, shape (n,).

    z is the normal quantile of the smaller share of runs at least as far out. A report is no closed
    form: inside means no more than not refuted.
    """
    low, high = np.quantile(values, [0.05, 0.95])
    below, above = float((values <= reported).mean()), float((values >= reported).mean())
    tail = min(below, above)
    z = float(stats.norm.isf(max(tail, _LEAST_P))) if tail < 0.5 else 0.0
    got = f"{np.median(values):.4g}, 90 % in {low:.4g} to {high:.4g}"
    signed = z if above < below else -z
    return Case(name, source, f"{reported:.7g}", got, 0.0, signed, INSIDE_90_Z)


def of_number(name: str, source: str, expected: float, got: float, error: float) -> Case:
    """A number with its standard error against its exact value; without an error, to rounding."""
    off = got - expected
    if error > 0.0:
        z = off / error
    else:
        z = 0.0 if abs(off) <= _ROUNDING * max(1.0, abs(expected)) else float("inf")
    return Case(name, source, f"{expected:.7g}", f"{got:.7g}", error, z)


def of_counts(name: str, source: str, law: str, expected: Floats, seen: Ints) -> Case:
    """Counts, shape (classes,), against probabilities of the same shape: chi-square.

    Neighbouring classes are merged until each has a sufficient expected count; what is impossible
    must not occur at all. Raises ValueError if fewer than two classes are left, as nothing would
    then be tested, and if probabilities do not add up to 1.
    """
    if abs(expected.sum() - 1.0) > _ROUNDING:
        raise ValueError(f"{name}: the probabilities add up to {expected.sum()}, expected 1")
    classes = max(len(expected), len(seen))
    expected = np.pad(expected, (0, classes - len(expected)))
    seen = np.pad(seen, (0, classes - len(seen)))
    impossible = int(seen[expected <= 0.0].sum())
    if impossible:
        return _of_law(name, source, law, f"{impossible} of {seen.sum():,} impossible", 0.0)
    wanted, got = _joined(expected * seen.sum(), seen.astype(np.float64))
    if len(wanted) < 2:
        raise ValueError(f"{name}: too few runs for a test of a law")
    statistic = float(((got - wanted) ** 2 / wanted).sum())
    p = float(stats.chi2.sf(statistic, len(wanted) - 1))
    return _of_law(name, source, law, f"χ² {statistic:.1f} of {len(wanted) - 1}", p)


def of_values(name: str, source: str, law: str, cdf: Callable[..., Floats], values: Floats) -> Case:
    """Values, shape (n,), against a continuous distribution: Kolmogorov-Smirnov."""
    test = stats.kstest(values, cdf)
    found = f"KS {test.statistic:.4f} of {len(values):,}"
    return _of_law(name, source, law, found, float(test.pvalue))


def _of_law(name: str, source: str, law: str, found: str, p: float) -> Case:
    z = max(float(stats.norm.isf(max(p, _LEAST_P))), _CLOSEST_Z)
    return Case(name, source, law, f"{found}, p {p:.2g}", 0.0, z)


def _joined(wanted: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """Neighbouring classes, merged until each has a sufficient expected count."""
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
