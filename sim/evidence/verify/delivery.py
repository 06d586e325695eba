"""Covert delivery: carriers that may be found, and sites that are then forewarned."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from sim.evidence.verify.case import (
    Case,
    Check,
    Loader,
    of_counts,
    of_identity,
    of_mean,
    of_share,
)
from sim.evidence.verify.raids import per_run, tables

_CARRIERS, _A_CARRIER = 8, 5
_P_SURVIVES = np.exp(-0.01 * 30.0)
_LOOKS_MIN, _WAY_MIN = 12.0 / 60.0, 20.0 / 3.0


def covert(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """How many carriers survive, whether the sites are forewarned, and what they then detect."""
    flown = tables(load(), runs, seed)
    wars, raids = flown["runs"], flown["raids"]
    lost = wars["raid_carriers_lost"].to_numpy().astype(np.int64)
    compromised = per_run(raids, "compromised")
    p_found = 1.0 - _P_SURVIVES
    yield of_mean("carriers found, mean", "cox1984", _CARRIERS * p_found, lost)
    yield of_counts(
        "carriers found, law", "cox1984", f"Binomial({_CARRIERS}, 1 - exp(-.3))",
        stats.binom(_CARRIERS, p_found).pmf(np.arange(_CARRIERS + 1)), np.bincount(lost),
    )  # fmt: skip
    yield of_identity(
        "drones compromised, five a carrier", "definition",
        _A_CARRIER * lost, compromised,
    )  # fmt: skip
    woken = wars["raid_forewarned"].to_numpy() > 0
    p_woken = 1.0 - (1.0 - 0.1 * p_found) ** _CARRIERS
    yield of_share(
        "forewarned by a carrier or more", "definition", p_woken, int(woken.sum()), len(woken)
    )
    shot, came = per_run(raids, "shot_down"), per_run(raids, "ordered") - compromised
    for name, where, alertness in (
        ("a forewarned site", woken, 1.0),
        ("a site not forewarned", ~woken, 0.2),
    ):
        p_seen = -np.expm1(-_LOOKS_MIN * alertness * _WAY_MIN)
        yield of_share(
            f"drones detected by {name}", "koopman1956", p_seen,
            int(shot[where].sum()), int(came[where].sum()),
        )  # fmt: skip


CHECKS = (Check("delivery", covert, runs=2_000),)
