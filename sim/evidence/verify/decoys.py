"""Decoys: they are shot at like any other drone, and never hit anything."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from sim.evidence.verify.case import Case, Check, Loader, of_counts, of_identity
from sim.evidence.verify.raids import per_run, tables

_DRONES, _ROUNDS = 40, 10


def decoys(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Ten rounds at forty drones, half of them decoys: half of the rounds are drawn away."""
    raids = tables(load(), runs, seed)["raids"]
    for name, weapon, column, trials in (
        ("decoys in a wave", "decoy", "ordered", _DRONES),
        ("rounds drawn by decoys", "decoy", "rounds_fired", _ROUNDS),
        ("drones shot beside decoys", "drone", "shot_down", _ROUNDS),
        ("decoys that come through", "decoy", "decoy_spent", _DRONES - _ROUNDS),
        ("drones that come through", "drone", "wasted", _DRONES - _ROUNDS),
    ):
        counts = per_run(raids, column, weapon=weapon)
        pmf = stats.binom(trials, 0.5).pmf(np.arange(trials + 1))
        law = f"Binomial({trials}, .5)"
        yield of_counts(name, "definition", law, pmf, np.bincount(counts))
    recognised = tables(load("units.gun.p_kill.decoy=0"), runs, seed)["raids"]
    real = per_run(recognised, "ordered", weapon="drone")
    shot = per_run(recognised, "shot_down", weapon="drone")
    yield of_identity(
        "decoys let through draw no rounds", "definition", np.minimum(_ROUNDS, real), shot
    )
    many = ("units.gun.magazine=40", "units.gun.channels=40")
    unlike = ("units.gun.p_kill.drone=0.3", "units.gun.p_kill.decoy=0.8")
    raids = tables(load(*many, *unlike), runs, seed)["raids"]
    for weapon, p_kill in (("drone", 0.3), ("decoy", 0.8)):
        p = 0.5 * p_kill
        pmf = stats.binom(_DRONES, p).pmf(np.arange(_DRONES + 1))
        shot = per_run(raids, "shot_down", weapon=weapon)
        name = f"hit chance by class, {weapon}"
        law = f"Binomial({_DRONES}, {p:.7g})"
        yield of_counts(name, "definition", law, pmf, np.bincount(shot))


CHECKS = (Check("decoys", decoys, runs=2_000),)
