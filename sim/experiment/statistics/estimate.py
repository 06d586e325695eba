"""Numbers from runs, each with its Monte Carlo error.

An error says how far what an endless number of runs would give may lie to either side: the
distance to the farther end of a 95 % interval, which need not lie evenly about the number.
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

    Runs in which the outcome is not a number are left out and `runs` says how many stay. The
    error of the mean is Student's: `t95` standard errors. Source: student1908. That of a quantile
    reaches to the farther of the two order statistics that bracket it with 95 %, whatever the law:
    of counts, too. Source: conover1999.
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
    """How many standard errors a 95 % interval of a mean of so many runs reaches to either side.

    1.96 of many, 2.26 of ten, not a number of one. Source: student1908.
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
    """Where a number lies in an outcome's distribution: below it, and reaching it, in shares."""
    known = np.asarray(values, np.float64)
    known = known[~np.isnan(known)]
    if len(known) == 0:
        return {"below": float("nan"), "reached": float("nan")}
    return {"below": float(np.mean(known < at)), "reached": float(np.mean(known >= at))}


def _quantile(ordered: NDArray[np.float64], q: float) -> float:
    """A quantile of values in order: to the bit that of `np.quantile`, whose calls take longer."""
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
    """The places, from 0, of the two of `count` values in order that hold the quantile.

    Below the lower one it is with a chance of at most 2.5 %, and above the upper one, by the
    binomial law of how many values lie below a quantile. Places outside 0 to `count` - 1: the
    values are too few.
    """
    chance = 0.5 * (1.0 - 0.95)
    if (1.0 - q) ** count > chance or q**count > chance:
        return -1, count
    return int(np.floor(bdtrik(chance, count, q))), int(np.ceil(bdtrik(1.0 - chance, count, q)))


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
