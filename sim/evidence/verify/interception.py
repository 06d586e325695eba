"""Shots: looks, rounds, channels, magazines and ways to allocate them."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
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
    of_values,
)
from sim.evidence.verify.raids import drones, fate, per_run, tables
from sim.scenario.schema import Scenario

_ENTERS_MIN = (0.5 * np.pi / 180.0 * 6371.0088 - 30.0) / 3.0


def shoot_look_shoot(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """One drone, three looks: leak .3^3, mean rounds 1 + .3 + .09, and the time of the kill."""
    one = ("raids.raid.waves.first.count=1", "units.gun.max_shots=3")
    table = tables(load(*one), runs, seed)["raids"]
    rounds = per_run(table, "rounds_fired")
    yield of_mean("shoot-look-shoot, leak", "washburn_kress2009", 0.027, _leakers(table, 1))
    yield of_mean("shoot-look-shoot, mean rounds", "washburn_kress2009", 1.39, rounds)
    yield of_counts(
        "shoot-look-shoot, rounds", "washburn_kress2009", "geometric, at most 3",
        np.array([0.0, 0.7, 0.21, 0.09]), np.bincount(rounds),
    )  # fmt: skip
    name, p_at_look = "shoot-look-shoot, kill", np.array([0.7, 0.21, 0.063]) / 0.973
    fates, ended_min = drones(load(*one), runs, seed)
    look = np.rint((ended_min - _ENTERS_MIN) / 0.1)[fates == fate("shot_down")].astype(np.int64)
    yield of_counts(
        f"{name}, constant service", "washburn_kress2009", "geometric services",
        np.append(0.0, p_at_look), np.bincount(look),
    )  # fmt: skip
    fates, ended_min = drones(load(*one, "units.gun.service_law=exponential"), runs, seed)
    yield of_values(
        f"{name}, exponential service", "washburn_kress2009", "mixture of Erlang laws",
        lambda minutes: _erlang_mixture(p_at_look, minutes - _ENTERS_MIN),
        ended_min[fates == fate("shot_down")],
    )  # fmt: skip


def _erlang_mixture(weights: Floats, minutes: Floats) -> Floats:
    laws = [stats.gamma(look + 1, scale=0.1).cdf(minutes) for look in range(len(weights))]
    return np.asarray(weights @ np.array(laws))


def burst(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Forty at once at ten channels: one shot each, and no channel is free again in time."""
    all_at_once = (
        "raids.raid.waves.first.count=40", "units.gun.channels=10", "units.gun.max_shots=1",
        "units.gun.service=2", "units.gun.p_kill.drone=0.8",
    )  # fmt: skip
    for name, overrides, shots in (
        ("burst", ("units.gun.range=1",), 10),
        ("burst, two services long", ("units.gun.range=4.5",), 20),
        ("burst, two guns", ("units.gun.range=1", "sites.gate.defence.gun.count=2"), 20),
    ):
        law = np.append(np.zeros(40 - shots), stats.binom(shots, 0.2).pmf(np.arange(shots + 1)))
        yield from _leaks(
            name, "definition", f"{40 - shots} + Binomial({shots}, .2)", law,
            load(*all_at_once, *overrides), runs, seed,
        )  # fmt: skip


def magazine(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Two looks at each of twenty drones, with ever fewer rounds."""
    for rounds in (100, 30, 20, 10):
        yield from _leaks(
            f"magazine of {rounds}", "definition", "two shots each, enumerated",
            leak_law_of_magazine(20, 0.7, rounds), load(f"units.gun.magazine={rounds}"), runs,
            seed,
        )  # fmt: skip


def leak_law_of_magazine(count: int, p_kill: float, rounds: int) -> Floats:
    """Leakers after two looks: a shot at each, then one at each that is left, while rounds last."""
    first = min(count, rounds)
    law = np.zeros(count + 1)
    for missed in range(first + 1):
        p_missed = stats.binom.pmf(missed, first, 1.0 - p_kill)
        second = min(missed, rounds - first)
        for killed in range(second + 1):
            p = p_missed * stats.binom.pmf(killed, second, p_kill)
            law[count - first + missed - killed] += p
    return law


def allocation(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Thirty rounds fired at once at twenty drones: spread evenly, or each at random."""
    at_once = (
        "units.gun.range=0.001", "units.gun.channels=30", "units.gun.magazine=30",
        "units.gun.max_shots=100",
    )  # fmt: skip
    once, twice = (stats.binom(10, p).pmf(np.arange(11)) for p in (0.3, 0.09))
    for name, source, fire, law in (
        ("spread evenly", "definition", "coordinated", np.convolve(once, twice)),
        ("each at random", "feller1968", "uncoordinated", leak_law_at_random(20, 30, 0.7)),
    ):
        yield from _leaks(
            f"30 rounds at 20, {name}", source, "one shot or two each"
            if fire == "coordinated" else "occupancy",
            law, load(*at_once, f"units.gun.fire={fire}"), runs, seed,
        )  # fmt: skip


def leak_law_at_random(count: int, rounds: int, p_kill: float) -> Floats:
    """Drones left when each shot picks one at random, dead or alive, and kills with `p_kill`."""
    left = np.zeros(count + 1)
    left[count] = 1.0
    for _ in range(rounds):
        hits = left * p_kill * np.arange(count + 1) / count
        left = left - hits
        left[:-1] += hits[1:]
    return left


def salvo_of_rounds(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Three rounds per shot, the last with what is left in the magazine."""
    three = ("units.gun.salvo=3", "units.gun.max_shots=1", "units.gun.p_kill.drone=0.4")
    p_three, p_two = 1.0 - 0.6**3, 1.0 - 0.6**2
    full = stats.binom(20, 1.0 - p_three).pmf(np.arange(21))
    sixteen = stats.binom(16, 1.0 - p_three).pmf(np.arange(17))
    short = np.append(np.zeros(3), np.convolve(sixteen, [p_two, 1.0 - p_two]))
    for name, rounds, fired, law in (("", 100, 60, full), (", short of rounds", 50, 50, short)):
        scenario = load(*three, f"units.gun.magazine={rounds}")
        yield from _leaks(
            f"3 rounds a shot{name}", "washburn_kress2009", "binomial", law,
            scenario, runs, seed,
        )  # fmt: skip
        spent = per_run(tables(scenario, runs, seed)["defence"], "rounds_fired")
        yield of_identity(
            f"3 rounds a shot{name}, rounds", "definition",
            np.full(len(spent), float(fired)), spent,
        )  # fmt: skip


def _leakers(raids: pd.DataFrame, count: int) -> Ints:
    return count - per_run(raids, "shot_down")


def _leaks(
    name: str, source: str, law: str, pmf: Floats, scenario: Scenario, runs: int, seed: int
) -> Iterator[Case]:
    """Mean and distribution of the number of drones that are not shot down."""
    count = len(pmf) - 1
    leakers = _leakers(tables(scenario, runs, seed)["raids"], count)
    mean = float(pmf @ np.arange(count + 1))
    yield of_mean(f"{name}, mean", source, mean, leakers)
    yield of_counts(f"{name}, law", source, law, pmf, np.bincount(leakers.astype(np.int64)))


CHECKS = (
    Check("interception", shoot_look_shoot, runs=4_000),
    Check("interception", burst, runs=2_000),
    Check("interception", magazine, runs=2_000),
    Check("interception", allocation, runs=2_000),
    Check("interception", salvo_of_rounds, runs=2_000),
)
