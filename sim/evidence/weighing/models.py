"""What the record says about each mechanism: prior and posterior, Bayes factors, verdict."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.evidence.calibration import weighted
from sim.evidence.polls.forecast import effective_runs
from sim.evidence.weighing import strengths as law
from sim.evidence.weighing.names import NONE
from sim.evidence.weighing.weighing import Observed, Together, Weighed

Floats = NDArray[np.float64]
Figures = dict[str, Any]

TOLD_BY = 3.0
"""A Bayes factor above this, or below its inverse, beyond the error, counts as learned."""
_Z95 = float(ndtri(0.975))
_BINS = np.array([0.0, 1e-12, 0.25, 0.5, 1.0, 2.0, np.inf])  # off, and five classes of strength


class Chance(NamedTuple):
    """A probability estimated from weighted wars, and 95 % of its Monte Carlo error."""

    value: float
    error: float


def chance(weight: Floats, where: NDArray[np.bool_]) -> Chance:
    """The probability of an event from weighted wars."""
    value, error = weighted.mean(where.astype(np.float64), weight)
    return Chance(value, _Z95 * error)


def bayes_factor(p: float, before: float = law.P_ACTS) -> float:
    """The posterior odds divided by the prior odds."""
    return p / max(1.0 - p, 1e-300) / (before / (1.0 - before))


def table_of(together: Together, alone: dict[str, Weighed], observed: Observed) -> pd.DataFrame:
    """One row per mechanism: how strongly it acts, before and after the record.

    Columns: `acts`, the posterior chance with `acts ±` (95 % of the Monte Carlo error), from a
    prior of one half; `bayes_factor`, that of polls alone, and at each scale of the strengths;
    `strength_low`, `strength_median`, `strength_high` of those that act, and `before_...`; `bits`
    learned about the strength; `alone`, the Bayes factor of it alone against none; `verdict`.
    """
    weighed = together.weighed
    weight, before = weighed.weight(), weighed.weight(log=np.zeros(len(weighed.log_prior)))
    by_polls = weighed.weight(log=weighed.log_polls.sum(axis=0))
    none = alone[NONE].log_evidence(alone[NONE].log_seen)
    rows = []
    for place, name in enumerate(observed.question.mechanisms):
        strength = weighed.wars.strengths[place]
        acts = strength > 0.0
        p = chance(weight, acts)
        model = alone[name]
        rows.append(
            {
                "mechanism": name,
                "acts": p.value,
                "acts ±": p.error,
                "bayes_factor": bayes_factor(p.value),
                "by_polls": bayes_factor(chance(by_polls, acts).value),
                **_by_scale(weighed, acts, observed),
                **_ends("strength", strength[acts], weight[acts]),
                **_ends("before", strength[acts], before[acts]),
                "bits": bits(strength, weight, before),
                "alone": _times(model.log_evidence(model.log_seen) - none),
                "verdict": verdict(p),
            }
        )
    return pd.DataFrame(rows)


def _times(log_odds: float) -> float:
    """A Bayes factor from its logarithm, limited to avoid overflow."""
    return float(np.exp(min(log_odds, 700.0)))


def _by_scale(weighed: Weighed, acts: NDArray[np.bool_], observed: Observed) -> dict[str, float]:
    """The Bayes factor conditional on each scale of strengths."""
    found = {}
    for number, scale in enumerate(observed.question.experiment.scales.values):
        where = weighed.wars.scale == number
        found[f"at_scale_{scale:g}"] = bayes_factor(float(weighed.weight(where)[acts].sum()))
    return found


def _ends(word: str, values: Floats, weight: Floats) -> dict[str, float]:
    return {f"{word}_{end}": number for end, number in ends(values, weight).items()}


def ends(values: Floats, weight: Floats) -> dict[str, float]:
    """The ends of the 90 % interval and the median: `low`, `median`, `high`."""
    ordered = weighted.Ordered(values, weight)
    return {end: ordered.quantile(weighted.QUANTILES[end]) for end in ("low", "median", "high")}


def bits(strength: Floats, weight: Floats, before: Floats) -> float:
    """The information gained about a strength, over six classes, in bits.

    0 if the record leaves its distribution as it was. Source: lindley1956.
    """
    classes = np.searchsorted(_BINS, strength, side="right") - 1
    after, prior = (np.bincount(classes, w, len(_BINS)) for w in (weight, before))
    there = after > 0.0
    return float(np.sum(after[there] * np.log2(after[there] / prior[there])))


def verdict(p: Chance) -> str:
    """Whether the record speaks for a mechanism, against it, or is silent."""
    least, most = (bayes_factor(min(max(p.value + s * p.error, 0.0), 1.0)) for s in (-1.0, 1.0))
    if least >= TOLD_BY:
        return "for"
    return "against" if most <= 1.0 / TOLD_BY else "silent"


def effective(together: Together) -> Figures:
    """The effective number of wars, the largest weight, and the tail of the weights."""
    weighed = together.weighed
    weight = weighed.weight()
    return {
        "effective": effective_runs(weight),
        "largest_weight": float(weight.max()),
        "tail": pareto_tail(weighed.log_prior + weighed.log_seen),
    }


def pareto_tail(log_weights: Floats) -> float:
    """The shape of the generalised Pareto distribution of the largest weights.

    Below 0.7, weighted averages can be trusted. Fitted to the largest min(N / 5, 3 sqrt N) as in
    zhang_stephens2009. Source: vehtari2024.
    """
    finite = log_weights[np.isfinite(log_weights)]
    count = int(min(len(finite) / 5, 3 * np.sqrt(len(finite))))
    if count < 5:
        return float("inf")
    largest = np.sort(finite)[-count - 1 :]
    return _shape_of(np.exp(largest[1:] - largest[-1]) - np.exp(largest[0] - largest[-1]))


def _shape_of(above: Floats) -> float:
    """The shape k of a generalised Pareto distribution, by Zhang and Stephens' estimate.

    `above` are the excesses over the threshold in ascending order.
    """
    n = len(above)
    if above[-1] <= 0.0:
        return 0.0
    m = 30 + int(np.sqrt(n))
    quarter = above[int(n / 4 + 0.5) - 1]
    at = 1.0 / above[-1] + (1.0 - np.sqrt(m / (np.arange(m) + 0.5))) / (3.0 * max(quarter, 1e-300))
    shapes = -np.log1p(-at[:, None] * above).mean(axis=1)
    log_profile = n * (np.log(at / shapes) + shapes - 1.0)
    share = np.exp(log_profile - log_profile.max())
    b = float(np.sum(at * share) / share.sum())
    k = float(np.log1p(-b * above).mean())
    return (k * n + 0.5 * 10.0) / (n + 10.0)
