"""Arrival: which target a drone takes, and what it does to the target."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_counts, of_identity, of_mean
from sim.evidence.verify.raids import Tables, per_run, tables

_DRONES, _PLANES = 20, 10
_AIM = "raids.raid.waves.first.aim"
_P_HIT, _P_DESTROY = "weapons.drone.p_hit", "weapons.drone.p_destroy"


def opportune(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Each drone takes a target at random: the number of different ones has the occupancy law."""
    flown = tables(load(), runs, seed)
    different = _destroyed(flown)
    mean = _PLANES * (1.0 - (1.0 - 1.0 / _PLANES) ** _DRONES)
    yield of_mean("at random, different targets, mean", "feller1968", mean, different)
    yield of_counts(
        "at random, different targets, law", "feller1968", "occupancy, 20 in 10",
        occupancy(_DRONES, _PLANES), np.bincount(different),
    )  # fmt: skip
    wasted = per_run(flown["raids"], "wasted")
    yield of_identity(
        "at random, spent on destroyed targets", "definition", 20.0 - different, wasted
    )
    radars = per_run(flown["losses"], "destroyed", asset="radar")
    yield of_identity("classes not aimed at are not hit", "definition", np.zeros(runs), radars)
    both = tables(load("raids.raid.waves.first.at_assets=[]"), runs, seed)["losses"]
    total = per_run(both, "destroyed")
    yield of_counts(
        "at random, of two classes, law", "feller1968", "occupancy, 20 in 15",
        occupancy(_DRONES, 15), np.bincount(total),
    )  # fmt: skip
    radars = per_run(both, "destroyed", asset="radar")
    mean = 5.0 * (1.0 - (1.0 - 1.0 / 15.0) ** _DRONES)
    yield of_mean("at random, of two classes, radars", "feller1968", mean, radars)


def occupancy(balls: int, cells: int) -> Floats:
    """The distribution of the number of occupied cells when each ball falls into one at random."""
    law = np.zeros(cells + 1)
    law[0] = 1.0
    taken = np.arange(cells + 1)
    for _ in range(balls):
        new = law * (1.0 - taken / cells)
        law = law - new
        law[1:] += new[:-1]
    return law


def assigned(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Two drones for each target: the second is another chance, or is wasted."""
    spread = (f"{_AIM}=assigned", f"{_P_HIT}=0.5")
    flown = tables(load(*spread), runs, seed)
    yield _binomial("assigned, destroyed", _destroyed(flown), _PLANES, 0.75)
    wasted = per_run(flown["raids"], "wasted")
    yield _binomial("assigned, spent on destroyed targets", wasted, _PLANES, 0.5)
    flown = tables(load(f"{_AIM}=assigned", f"{_P_DESTROY}=0.25"), runs, seed)
    destroyed = _destroyed(flown)
    yield _binomial("hit twice, destroyed", destroyed, _PLANES, 1.0 - 0.75**2)
    damaged = per_run(flown["losses"], "damaged", asset="plane")
    yield of_identity("hit twice, the others damaged once", "definition", 10.0 - destroyed, damaged)


def retask(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """An operator who sees the site: every hit destroys another target while there is one."""
    flown = tables(load(f"{_AIM}=retask", f"{_P_HIT}=0.5"), runs, seed)
    hits = stats.binom(_DRONES, 0.5)
    law = np.append(hits.pmf(np.arange(_PLANES)), hits.sf(_PLANES - 1))
    destroyed = _destroyed(flown)
    yield of_counts(
        "retasked, destroyed",
        "definition",
        "min(10, Binomial(20, .5))",
        law,
        np.bincount(destroyed),
    )


def effects(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Hits, protection and destruction if targets do not run out; and dummies."""
    many = (
        f"{_P_HIT}=0.6", f"{_P_DESTROY}=0.25", "sites.target.assets.plane.count=100",
        "sites.target.assets.plane.protection=0.5", f"{_AIM}=assigned",
    )  # fmt: skip
    raids = tables(load(*many), runs, seed)["raids"]
    for name, p in (("missed", 0.7), ("destroyed_target", 0.075), ("damaged_target", 0.225)):
        yield _binomial(name.replace("_", " "), per_run(raids, name), _DRONES, p)
    dummies = ("sites.target.decoy_targets=10", f"{_P_HIT}=0")
    raids = tables(load(*dummies), runs, seed)["raids"]
    yield _binomial("as many dummies, at random", per_run(raids, "wasted"), _DRONES, 0.5)
    raids = tables(load(*dummies, f"{_AIM}=assigned"), runs, seed)["raids"]
    wasted = per_run(raids, "wasted")
    yield of_identity("as many dummies, assigned", "definition", np.full(runs, 10.0), wasted)


def _destroyed(flown: Tables) -> np.ndarray:
    return per_run(flown["losses"], "destroyed", asset="plane")


def _binomial(name: str, counts: np.ndarray, trials: int, p: float) -> Case:
    pmf = stats.binom(trials, p).pmf(np.arange(trials + 1))
    law = f"Binomial({trials}, {p:.4g})"
    return of_counts(name, "definition", law, pmf, np.bincount(counts))


CHECKS = (
    Check("arrival", opportune, runs=2_000),
    Check("arrival", assigned, runs=2_000),
    Check("arrival", retask, runs=2_000),
    Check("arrival", effects, runs=2_000),
)
