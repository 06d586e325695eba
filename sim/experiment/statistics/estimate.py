"""Estimates from runs, each with its Monte Carlo error.

An error says how far the value from infinitely many runs may lie to either side: the distance to
the farther end of a 95 % interval, which need not be symmetric.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrik, ndtri, stdtrit

_Z95 = float(ndtri(0.975))
_QUANTILES = {"median": 0.5, "low": 0.05, "high": 0.95}


def estimate(values: NDArray[Any]) -> dict[str, float | int | None]:
    """Mean, median and central 90 % of an outcome over runs, with their Monte Carlo errors.

    Runs in which the outcome is NaN are left out; `runs` is the number of the others. The error of
    the mean is Student's: `t95` standard errors. Source: student1908. That of a quantile reaches to
    the farther of the two order statistics that bracket it with 95 %, for any distribution, of
    counts too. Source: conover1999.
    """
    ordered = np.sort(np.asarray(values, np.float64))
    ordered = ordered[~np.isnan(ordered)]
    if len(ordered) == 0:
        names = ("mean", "median", "low", "high")
        return {"runs": 0, **{n: None for name in names for n in (name, f"{name}_error")}}
    spread = 0.0 if ordered[0] == ordered[-1] else float(ordered.std(ddof=1))
    if len(ordered) == 1:
        spread = float("nan")
    result: dict[str, float | int | None] = {
        "runs": len(ordered),
        "mean": float(ordered.mean()),
        "mean_error": _finite(t95(len(ordered)) * spread / np.sqrt(len(ordered))),
    }
    for name, q in _QUANTILES.items():
        quantile = _quantile(ordered, q)
        result[name] = quantile
        result[f"{name}_error"] = _quantile_error(ordered, q, quantile)
    return result


def t95(runs: Any) -> Any:
    """The half-width in standard errors of a 95 % interval of a mean over so many runs.

    1.96 for many, 2.26 for ten, NaN for one. Source: student1908.
    """
    return stdtrit(np.asarray(runs, np.float64) - 1.0, 0.975)


def share(hits: NDArray[Any]) -> dict[str, float | int | None]:
    """The share of runs in which something holds, with its Monte Carlo error (Wilson 1927).

    The error reaches to the farther end of Wilson's interval, and so stays above 0 when no run or
    every run has it. Source: wilson1927.
    """
    runs = len(hits)
    if runs == 0:
        return {"runs": 0, "share": None, "share_error": None}
    p = float(np.mean(hits))
    z2 = _Z95 * _Z95
    half = _Z95 * np.sqrt(p * (1.0 - p) / runs + z2 / (4.0 * runs * runs)) / (1.0 + z2 / runs)
    middle = (p + z2 / (2.0 * runs)) / (1.0 + z2 / runs)
    return {"runs": runs, "share": p, "share_error": float(half + abs(middle - p))}


def percentile(values: NDArray[Any], at: float) -> dict[str, float]:
    """Where a number lies in a distribution: the shares of runs below it, and reaching it."""
    known = np.asarray(values, np.float64)
    known = known[~np.isnan(known)]
    if len(known) == 0:
        return {"below": float("nan"), "reached": float("nan")}
    return {"below": float(np.mean(known < at)), "reached": float(np.mean(known >= at))}


def _quantile(ordered: NDArray[np.float64], q: float) -> float:
    """A quantile of sorted values, to the bit that of `np.quantile`, which is slower to call."""
    place = q * (len(ordered) - 1)
    below = int(place)
    share = place - below
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    return low + (high - low) * share if share < 0.5 else high - (high - low) * (1.0 - share)


def _quantile_error(ordered: NDArray[np.float64], q: float, quantile: float) -> float | None:
    lower, upper = _bracket(len(ordered), q)
    if lower < 0 or upper >= len(ordered):
        return None
    return _finite(max(quantile - ordered[lower], ordered[upper] - quantile))


@lru_cache(maxsize=1024)
def _bracket(count: int, q: float) -> tuple[int, int]:
    """The indices of the two of `count` sorted values that bracket the quantile.

    It lies below the lower one with a probability of at most 2.5 %, and so above the upper one, by
    the binomial distribution of how many values lie below a quantile. If the values are too few, an
    index lies outside 0 to `count` - 1.
    """
    chance = 0.5 * (1.0 - 0.95)
    if (1.0 - q) ** count > chance or q**count > chance:
        return -1, count
    return int(np.floor(bdtrik(chance, count, q))), int(np.ceil(bdtrik(1.0 - chance, count, q)))


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
