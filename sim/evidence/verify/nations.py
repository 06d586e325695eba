"""A nation's defence as written by `sim forecast nights`, simulated: the law of a night."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import Case, Check, Loader, of_mean
from sim.evidence.verify.queues import erlang_b
from sim.evidence.verify.raids import per_run, tables
from sim.scenario.schema import Jammer, Scenario, Shooter

_MIDDLES = (np.arange(2000) + 0.5) / 2000
_CUT = 1.96  # standard deviations at which the range of a lognormal figure ends


def law_of_a_night(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Raids of several sizes and classes: armed drones that come through, and all shot down."""
    scenario = load()
    flown = tables(scenario, runs, seed)["raids"]
    for name, raid in scenario.raids.items():
        for wave in raid.waves:
            key = f"{name}_{wave}".replace("-", "_")
            leaked, shot = _expected(scenario, name, wave)
            size = raid.waves[wave].count
            assert size is not None
            for words, fate, expected in (
                ("come through", "destroyed_target", leaked),
                ("are shot down", "shot_down", shot),
            ):
                yield of_mean(
                    f"a nation's night, {size.value:g} ({wave}): {words}", "erlang1917",
                    expected, per_run(flown, fate, raid=name, site=f"target_{key}"),
                )  # fmt: skip


def _expected(scenario: Scenario, name: str, group: str) -> tuple[float, float]:
    """The expected leakers and shot of a wave, over the looks that are drawn each night.

    leaked = n (1 - d) exp(-jam) (1 - q), shot = n ((1 - d) exp(-jam) + d exp(-fall)) q,
    q = s (1 - B(c, n f s service / window)) p_kill, s = 1 - exp(-looks).
    """
    key, wave = f"{name}_{group}".replace("-", "_"), scenario.raids[name].waves[group]
    teams, jammers = scenario.units[f"teams_of_{key}"], scenario.units.get(f"jammers_of_{key}")
    assert isinstance(teams, Shooter)
    assert wave.count
    assert wave.window
    size, decoys = wave.count.value, wave.decoys.share.value if wave.decoys else 0.0
    teams_min, jam = 2.0 * teams.range.value / 3.0, 0.0
    if isinstance(jammers, Jammer):
        jam = jammers.loss_rate.value / 60.0 * 2.0 * jammers.range.value / 3.0
    armed = (1.0 - decoys) * np.exp(-jam)
    false = decoys * np.exp(-jam * scenario.weapons["decoy"].jam_susceptibility.value)
    rate, hours = teams.detection_rate, teams_min / 60.0
    assert rate.low
    assert rate.high
    looks = hours * _lognormal(rate.low, rate.value, rate.high)
    seen = -np.expm1(-looks)
    loads = size * (armed + false) * seen * teams.service.value / wave.window.value
    blocked = np.array([erlang_b(int(teams.channels.value), load) for load in loads])
    hit = seen * (1.0 - blocked) * teams.p_kill[group].value
    return float(size * armed * (1 - hit).mean()), float(size * (armed + false) * hit.mean())


def _lognormal(
    low: float, middle: float, high: float
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Equally likely values of a lognormal figure, whose range holds 95 % and truncates it."""
    from scipy.special import ndtr, ndtri

    below, above = ndtr(-_CUT), ndtr(_CUT)
    sigma = np.log(high / low) / (2.0 * _CUT)
    return np.asarray(middle * np.exp(sigma * ndtri(below + _MIDDLES * (above - below))))


CHECKS = (Check("nation", law_of_a_night, runs=200),)
