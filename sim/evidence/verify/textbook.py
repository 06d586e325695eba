"""The textbook's salvo models for raids with any figures: the effect of time and reach."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from sim.evidence.verify.case import Case, Check, Loader, of_identity
from sim.evidence.verify.raids import tables
from sim.scenario.sample import Sample

_HALF_WAY_KM = 0.5 * np.pi / 180.0 * 6371.0088
_ONE = "{value: 1, assumed: as the check has it}"
_OTHER = (
    "{title: Other, unit_cost: {value: 1, unit: USD, assumed: not read}, "
    "speed: {value: 60, unit: km/h, assumed: slower}, "
    + ", ".join(f"{name}: {_ONE}" for name in ("p_works", "signature", "jam_susceptibility"))
    + f", p_hit: {_ONE}, p_destroy: {_ONE}}}"
)
_ASIDE = "{title: Aside, side: defender, position: {lat: 5, lon: 0, assumed: made up}}"
_WAVE = (
    "{{weapon: {}, count: {{value: {}, assumed: as the check has it}}, at: [{}], "
    "launch_from: area}}"
)


def stops_in_time(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """How many stops the textbook grants two channels that fire three rounds at a time.

    One each at once, and one for every round's share of the service while drones are in reach.
    """
    way_min, each, p_stop = 2.0 * 30.0 / 3.0, 3, 0.05
    service = "{value: 5, low: 1, high: 10, law: uniform, unit: min, assumed: any}"
    window = "{value: 20, low: 0, high: 40, law: uniform, unit: min, assumed: any}"
    scenario = load(
        f"units.gun.service={service}", f"units.gun.salvo={each}", "units.gun.channels=2",
        "units.gun.magazine=100000", f"units.gun.p_kill.drone={p_stop}",
        "raids.raid.waves.first.launch=uniform", f"raids.raid.waves.first.window={window}",
    )  # fmt: skip
    drawn = Sample(scenario, seed, np.arange(runs))
    a_round = drawn["units.gun.service"] / each
    time = way_min + drawn["raids.raid.waves.first.window"]
    stops = 2.0 * (a_round + time) / a_round
    hughes = tables(scenario, runs, seed)["runs"]["raid_hughes_through"].to_numpy()
    expected = np.maximum(0.0, 20.0 * 0.9 - stops * p_stop)
    yield of_identity("Hughes' leakers, stops in time", "hughes1995", expected, hughes)


def out_of_reach(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """The textbook with drones that a gun cannot kill, or that may miss its circle.

    Twenty drones pass over the gun, and ten may pass to the side of it, at half the length of the
    way; thirty that it cannot kill count only as shots. Time is the mean over those met.
    """
    any_range = "{value: 60, low: 30, high: 90, law: uniform, unit: km, assumed: any}"
    scenario = load(
        f"weapons.other={_OTHER}", f"sites.aside={_ASIDE}", f"units.gun.range={any_range}",
        "raids.raid.waves.second=" + _WAVE.format("other", 30, "target"),
        "raids.raid.waves.third=" + _WAVE.format("drone", 10, "aside"),
        "units.gun.service=1", "units.gun.channels=2", "units.gun.magazine=100000",
        "units.gun.p_kill.drone=0.2",
    )  # fmt: skip
    reach = Sample(scenario, seed, np.arange(runs))["units.gun.range"]
    over_min = 2.0 * np.minimum(reach, _HALF_WAY_KM) / 3.0
    aside_min = np.sqrt(np.maximum(0.0, reach**2 - _HALF_WAY_KM**2)) / 3.0
    met = np.where(aside_min > 0.0, 30.0, 20.0)
    stops = 2.0 * (1.0 + (20.0 * over_min + 10.0 * aside_min) / met)
    good = 30.0 * 0.9 + 30.0
    mean = good - stops * 0.2
    spread = np.sqrt(good * (1.0 - good / 60.0) + stops * 0.2 * 0.8)
    normal = mean * stats.norm.cdf(mean / spread) + spread * stats.norm.pdf(mean / spread)
    wars = tables(scenario, runs, seed)["runs"]
    hughes, armstrong = (wars[f"raid_{who}_through"].to_numpy() for who in ("hughes", "armstrong"))
    expected = np.maximum(0.0, mean)
    yield of_identity("Hughes' leakers, some out of reach", "hughes1995", expected, hughes)
    yield of_identity("Armstrong's mean, some out of reach", "armstrong2005", normal, armstrong)


CHECKS = (
    Check("salvo", stops_in_time, runs=200),
    Check("salvo", out_of_reach, runs=200),
)
