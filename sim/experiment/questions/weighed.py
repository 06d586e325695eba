"""How often a raid hardens, over wars of theories weighted equally and by a record's odds.

The weight of a theory is the product of the odds of what it switches on and off, mechanism by
mechanism: dependence between them in the record (`sim weigh`) is ignored.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.questions.theories import MOVED, Question, switches_of
from sim.experiment.questions.verdicts import SIGN_OF_HARDENING, jackknife

Floats = NDArray[np.float64]
Figures = dict[str, Any]

_GROUPS = 10


def theory_weights(switches: pd.DataFrame, odds: Mapping[str, float]) -> Floats:
    """The weight of each theory, adding up to 1: the product over mechanisms of its odds.

    `switches` has a row per theory and a column per mechanism.
    """
    weight = np.ones(len(switches))
    for name, times in odds.items():
        weight *= np.where(switches[name], times, 1.0) / (1.0 + times)
    return weight / weight.sum()


def weighed(effects: pd.DataFrame, question: Question) -> Figures | None:
    """Shares of wars that the raid hardens, by moment, `alike` and `weighed`; None without odds.

    For each side's reservation, for both together, and for the zone, which hardens by narrowing;
    each with its 95 % Monte Carlo error, by leaving out a tenth of the runs at a time (tukey1958),
    None for few runs.
    """
    odds = question.experiment.odds
    if odds is None:
        return None
    numbers, place = np.unique(effects["theory"].to_numpy(), return_inverse=True)
    switches = switches_of(numbers, question.mechanisms)
    laws = {
        "alike": np.full(len(numbers), 1.0 / len(numbers)),
        "weighed": theory_weights(switches, odds.times),
    }
    runs = effects["run"].to_numpy()
    tenth = np.unique(runs, return_inverse=True)[1] % _GROUPS
    told: Figures = {"because": odds.because, "odds": dict(odds.times)}
    for moment in question.moments:
        harder = _harder(effects, moment, question.region)
        told[moment] = {
            word: {
                law: _share(hit, place, weight, tenth, len(set(runs.tolist())) >= _GROUPS)
                for law, weight in laws.items()
            }
            for word, hit in harder.items()
        }
    return told


def _harder(effects: pd.DataFrame, moment: str, region: float) -> dict[str, Floats]:
    """Where the raid hardens beyond the region, 1 or 0 per war."""
    moved = {
        word: SIGN_OF_HARDENING[word] * effects[f"{word}, {moment}"].to_numpy() > region
        for word in MOVED
    }
    moved["both"] = moved["r_u"] & moved["r_d"]
    return {word: hit.astype(np.float64) for word, hit in moved.items()}


def _share(
    hit: Floats, place: NDArray[np.int64], weight: Floats, tenth: NDArray[np.int64], is_told: bool
) -> Figures:
    """A weighted share of wars, with equal weights within a theory, and its error."""
    counts = np.stack([np.bincount(place[tenth == g], minlength=len(weight)) for g in _all()])
    hits = np.stack([np.bincount(place[tenth == g], hit[tenth == g], len(weight)) for g in _all()])

    def share(counted: Floats, found: Floats) -> float:
        there = counted > 0
        return float(weight[there] @ (found[there] / counted[there]) / weight[there].sum())

    whole = share(counts.sum(axis=0), hits.sum(axis=0))
    if not is_told:
        return {"share": whole, "error": None}
    left = [share(counts.sum(axis=0) - counts[g], hits.sum(axis=0) - hits[g]) for g in _all()]
    return {"share": whole, "error": jackknife(left)}


def _all() -> range:
    return range(_GROUPS)
