"""Streams at busy channels: loss at once, loss after a patience, and the order of service."""

from collections.abc import Iterator
from math import exp, factorial

import numpy as np

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_identity, of_mean, of_values
from sim.evidence.verify.raids import drones, fate, per_run, tables
from sim.scenario.schema import Scenario

_WARM_UP = 200  # drones at the start, while channels are still free
_RATE_MIN = 1.0
_SERVICE_MIN = 3.0


def erlang(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Four channels, load three: Erlang's B, for any service distribution."""
    blocked = erlang_b(4, _RATE_MIN * _SERVICE_MIN)
    for law, source in (("exponential", "erlang1917"), ("constant", "sevastyanov1957")):
        words = ("Erlang's loss", f"{law} service")
        scenario = load(f"units.gun.service_law={law}")
        yield of_mean(", ".join((*words, "blocked")), source, blocked, _lost(scenario, runs, seed))
        misses = load(f"units.gun.service_law={law}", "units.gun.p_kill.drone=0.85")
        leak = blocked + (1.0 - blocked) * 0.15
        yield of_mean(", ".join((*words, "leak")), source, leak, _lost(misses, runs, seed))
    for law, cdf in (("exponential", _exponential_after_exponential), ("constant", _delayed)):
        one = load(f"units.gun.service_law={law}", "units.gun.channels=1")
        yield of_values(
            f"one channel, {law} service, between kills", "definition",
            "a service and a gap", cdf, _between_kills(one, runs, seed),
        )  # fmt: skip


def erlang_b(channels: int, load: float) -> float:
    """Erlang's loss probability, by recursion."""
    blocked = 1.0
    for n in range(1, channels + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def _delayed(minutes: Floats) -> Floats:
    return -np.expm1(-_RATE_MIN * np.maximum(minutes - _SERVICE_MIN, 0.0))


def _exponential_after_exponential(minutes: Floats) -> Floats:
    """The distribution of the sum of two exponential times with different rates."""
    a, b = _RATE_MIN, 1.0 / _SERVICE_MIN
    return np.asarray(1.0 - (b * np.exp(-a * minutes) - a * np.exp(-b * minutes)) / (b - a))


def _between_kills(scenario: Scenario, runs: int, seed: int) -> Floats:
    fates, ended_min = drones(scenario, runs, seed)
    kills = [
        ended[fate_ == fate("shot_down")] for fate_, ended in zip(fates, ended_min, strict=True)
    ]
    return np.concatenate([np.diff(np.sort(times)) for times in kills])


def impatience(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Loss with limited patience, first come first served: M/M/c+D."""
    for channels, patience_min in ((4, 0.5), (4, 1.0), (4, 3.0), (4, 6.0), (1, 3.0)):
        scenario = load(f"units.gun.channels={channels}", f"units.gun.range={1.5 * patience_min}")
        lost = barrer_loss(channels, _RATE_MIN, 1.0 / _SERVICE_MIN, patience_min)
        yield of_mean(
            f"queue at {channels}, patience {patience_min:g} min, lost", "barrer1957",
            lost, _lost(scenario, runs, seed),
        )  # fmt: skip


def barrer_loss(channels: int, rate: float, service_rate: float, patience: float) -> float:
    """Loss of a Poisson stream at exponential channels, waiting at most a fixed time.

    The wait that a newcomer faces has, while all channels are busy, the density rate p exp(-(c mu -
    rate) x) up to the patience and decays at rate c mu after it, p being the chance of c - 1 in
    service; who faces more than the patience is lost. Source: barrer1957.
    """
    load, drain = rate / service_rate, channels * service_rate
    weights = [load**n / factorial(n) for n in range(channels)]
    slope = drain - rate
    waits = patience if slope == 0.0 else (1.0 - exp(-slope * patience)) / slope
    beyond = exp(-slope * patience) / drain
    return rate * weights[-1] * beyond / (sum(weights) + rate * weights[-1] * (waits + beyond))


def _lost(scenario: Scenario, runs: int, seed: int) -> Floats:
    """The share of drones not shot down in each run, without the first ones."""
    fates, _ = drones(scenario, runs, seed)
    return np.asarray((fates[:, _WARM_UP:] != fate("shot_down")).mean(axis=1))


def doctrine(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """The last round goes to the drone that leaves first, or to the one that came first."""
    for takes, shot in (("leaves_first", "fast"), ("first_come", "slow")):
        table = tables(load(f"units.gun.takes={takes}"), runs, seed)["raids"]
        for weapon in ("slow", "fast"):
            stopped = per_run(table, "shot_down", weapon=weapon)
            expected = np.full(len(stopped), float(weapon == shot))
            name = f"{takes.replace('_', ' ')}, the {weapon} drone is shot"
            yield of_identity(name, "definition", expected, stopped)


CHECKS = (
    Check("queue", erlang, runs=30),
    Check("queue", impatience, runs=30),
    Check("doctrine", doctrine, runs=10),
)
