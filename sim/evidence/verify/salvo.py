"""The textbook's salvo models: a raid as they describe it, and a battle they were made for."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from sim.evidence.verify.case import (
    Case,
    Check,
    Floats,
    Ints,
    Loader,
    of_counts,
    of_identity,
    of_mean,
    of_variance,
)
from sim.evidence.verify.raids import tables
from sim.scenario.schema import Scenario


def salvo(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Twenty shots at .9 against twenty stops at .85, and the predictions of both models."""
    scenario, law = load(), leak_law(20, 0.9, 20, 0.85)
    number = np.arange(21)
    mean = float(law @ number)
    leakers, hughes, armstrong = _leakers(scenario, runs, seed)
    values = leakers.astype(np.float64)
    yield of_mean("stochastic salvo, mean leakers", "armstrong2005", mean, values)
    variance = float(law @ (number - mean) ** 2)
    yield of_variance("stochastic salvo, variance of leakers", "armstrong2005", variance, values)
    yield of_counts(
        "stochastic salvo, law", "armstrong2005", "max(0, good shots - stops)",
        law, np.bincount(leakers),
    )  # fmt: skip
    spread = np.sqrt(20 * 0.9 * 0.1 + 20 * 0.85 * 0.15)
    normal = float(stats.norm(1.0, spread).expect(lambda x: x, lb=0.0, ub=1.0 + 12.0 * spread))
    yield of_identity("Hughes' leakers, beside the raid", "hughes1995", np.ones(runs), hughes)
    yield of_identity(
        "Armstrong's mean, beside the raid", "armstrong2005", np.full(runs, normal), armstrong
    )


def few_shots(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Sixteen shots against the same stops: none get through by Hughes, some by chance."""
    law = leak_law(16, 0.9, 20, 0.85)
    leakers, hughes, _ = _leakers(load("raids.raid.waves.first.count=16"), runs, seed)
    yield of_mean("few shots, leakers", "armstrong2005", float(law @ np.arange(17)), leakers)
    yield of_identity("few shots, Hughes' leakers", "hughes1995", np.zeros(runs), hughes)


def coral_sea(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """The battle of 1942: carriers lost if squadrons get through as drones do.

    Squadrons and chances are the published ones, to the digits printed; each squadron that gets
    through costs a carrier, give or take a third, of two. Published are 1.55 and 1.45, by normal
    approximations.
    """
    for name, squadrons, p_hit, stops, p_stop, published in (
        ("American", 4, 0.6429, 2, 0.2857, 1.55),
        ("Japanese", 6, 0.4762, 2, 0.4286, 1.45),
    ):
        scenario = load(
            f"raids.raid.waves.first.count={squadrons}", f"weapons.drone.p_works={p_hit}",
            f"units.gun.magazine={stops}", f"units.gun.p_kill.drone={p_stop}",
        )  # fmt: skip
        lost = np.array([carriers_lost(through) for through in range(squadrons + 1)])
        law = leak_law(squadrons, p_hit, stops, p_stop)
        leakers, _, _ = _leakers(scenario, runs, seed)
        words = f"Coral Sea, {name} carriers lost (published {published})"
        yield of_mean(words, "armstrong_powell2005", float(law @ lost), lost[leakers])


def leak_law(shots: int, p_shot: float, stops: int, p_stop: float) -> Floats:
    """The distribution of max(0, good shots - good stops), both binomial, by enumeration."""
    good = stats.binom(shots, p_shot).pmf(np.arange(shots + 1))
    stopped = stats.binom(stops, p_stop).pmf(np.arange(stops + 1))
    law = np.zeros(shots + 1)
    for hits, p_hits in enumerate(good):
        for stop, p in enumerate(stopped):
            law[max(0, hits - stop)] += p_hits * p
    return law


def carriers_lost(through: int) -> float:
    """The mean of a normal loss of `through` carriers, sd sqrt(through) / 3, censored to 0..2."""
    if through == 0:
        return 0.0
    loss = stats.norm(through, np.sqrt(through) / 3.0)
    return float(loss.expect(lambda x: x, lb=0.0, ub=2.0) + 2.0 * loss.sf(2.0))


def _leakers(scenario: Scenario, runs: int, seed: int) -> tuple[Ints, Floats, Floats]:
    """Drones through in each run, and the columns of both models."""
    table = tables(scenario, runs, seed)["runs"]
    through = table["raid_through"].to_numpy().astype(np.int64)
    hughes, armstrong = (table[f"raid_{who}_through"].to_numpy() for who in ("hughes", "armstrong"))
    return through, hughes, armstrong


CHECKS = (
    Check("salvo", salvo, runs=4_000),
    Check("salvo", few_shots, runs=4_000),
    Check("salvo", coral_sea, runs=4_000),
)
