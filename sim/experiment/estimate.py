"""Numbers from runs, each with its Monte Carlo error.

Errors are half-widths of 95 % intervals of what an endless number of runs would give.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

_Z95 = float(ndtri(0.975))


def estimate(values: NDArray[Any]) -> dict[str, float | int | None]:
    """Mean, median and central 90 % of an outcome over runs, with their Monte Carlo errors.

    Runs in which the outcome is not a number are left out and `runs` says how many stay. The
    error of the mean is 1.96 standard errors; that of a quantile half the distance between the
    order statistics that bracket it with 95 % (distribution-free). Source: conover1999.
    """
    kept = np.sort(np.asarray(values, np.float64))
    kept = kept[~np.isnan(kept)]
    if len(kept) == 0:
        names = ("mean", "median", "low", "high")
        return {"runs": 0, **{n: None for name in names for n in (name, f"{name}_error")}}
    spread = 0.0 if kept[0] == kept[-1] else float(kept.std(ddof=1))
    if len(kept) == 1:
        spread = float("nan")
    result: dict[str, float | int | None] = {
        "runs": len(kept),
        "mean": float(kept.mean()),
        "mean_error": _finite(_Z95 * spread / np.sqrt(len(kept))),
    }
    for name, q in (("median", 0.5), ("low", 0.05), ("high", 0.95)):
        result[name] = float(np.quantile(kept, q))
        result[f"{name}_error"] = _quantile_error(kept, q)
    return result


def share(hits: NDArray[Any]) -> dict[str, float | int | None]:
    """The share of runs in which something holds, with its Monte Carlo error (Wilson 1927).

    The error is half the width of Wilson's interval, which stays above 0 when no run or every
    run has it. Source: wilson1927.
    """
    runs = len(hits)
    if runs == 0:
        return {"runs": 0, "share": None, "share_error": None}
    p = float(np.mean(hits))
    z2 = _Z95 * _Z95
    half = _Z95 * np.sqrt(p * (1.0 - p) / runs + z2 / (4.0 * runs * runs)) / (1.0 + z2 / runs)
    return {"runs": runs, "share": p, "share_error": float(half)}


def percentile(values: NDArray[Any], at: float) -> dict[str, float]:
    """Where a number lies in an outcome's distribution: below it, and reaching it, in shares."""
    kept = np.asarray(values, np.float64)
    kept = kept[~np.isnan(kept)]
    if len(kept) == 0:
        return {"below": float("nan"), "reached": float("nan")}
    return {"below": float(np.mean(kept < at)), "reached": float(np.mean(kept >= at))}


def _quantile_error(ordered: NDArray[np.float64], q: float) -> float | None:
    count = len(ordered)
    half = _Z95 * np.sqrt(count * q * (1.0 - q))
    lower, upper = int(np.floor(count * q - half)), int(np.ceil(count * q + half))
    if lower < 0 or upper >= count:
        return None
    return float((ordered[upper] - ordered[lower]) / 2.0)


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
