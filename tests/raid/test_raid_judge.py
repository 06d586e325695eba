"""The kernel against the judge: every drone of every raid must have the same fate."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from sim.raid.arrays import FATES, Records, Tally
from sim.raid.deployment import Deployment, deployment_of, unmarked
from sim.raid.fly import fly
from sim.raid.kernel import HIT, HIT_BY_TEMPO
from sim.raid.orders import flights_of
from sim.scenario.sample import Sample
from sim.scenario.schema import Position, Scenario
from tests import strategies as war
from tests.examples import examples
from tests.judge import Stock, Verdict, judge, philox4x32

_SUMS = (
    "rounds_left",
    "assets",
    "flight",
    "rounds_fired",
    "rounds_at_decoys",
    "carriers_lost",
    "forewarned",
    "aimed_at",
    "first_hits",
    "hit_by",
)
MARKS = {"any": HIT, "this": HIT_BY_TEMPO}
_NEVER_FLEW = ("compromised", "failed")
_TIMES = ("launched", "seen", "shots")


def verdicts_of_kernel(
    scenario: Scenario,
    sample: Sample,
    seed: int,
    day: int,
    stocks: Mapping[tuple[str, str], Stock] | None,
    flies_often: bool,
) -> list[Verdict]:
    """What the kernel says of each run, in the judge's words."""
    deployment = deployment_of(scenario, scenario.enemy_of(scenario.raids[war.RAID].by))
    orders, defence = war.ready(scenario, war.RAID, sample)
    for place, (site, _) in enumerate(deployment.units):
        defence.units["alertness"][:, place] = sample.get(f"sites.{site}.readiness", 1.0)
    for (site, kind), stock in (stocks or {}).items():
        at = (slice(None), deployment.sites.index(site), deployment.classes.index(kind))
        defence.assets["present"][at] = stock.in_place
        defence.assets["intact"][at] = stock.in_place + stock.away
        defence.assets["damaged"][at] = stock.damaged
    defence = defence._replace(marks=unmarked(defence.assets))
    orders.mark[0] = HIT_BY_TEMPO if flies_often else 0
    rows = len(sample.runs)
    for (site, kind), stock in (stocks or {}).items():
        at = (slice(None), deployment.sites.index(site), deployment.classes.index(kind))
        for row, first in enumerate(defence.assets["first_mark"][at]):
            for place, (_, hit_by) in enumerate(stock.states()):
                defence.marks[row, first + place] = sum(MARKS[word] for word in hit_by)
    tally, log = fly(seed, sample.runs, day, np.ones(rows, bool), orders, defence, with_log=True)
    units = [".".join(unit) for unit in deployment.units]
    shooters = [
        place
        for place, (_, kind) in enumerate(deployment.units)
        if scenario.units[kind].kind == "shooter"
    ]
    weapons = list(scenario.weapons)
    verdicts = []
    for row in range(rows):
        drones = int((log.fate[row] >= 0).sum())
        assert (log.fate[row, drones:] == -1).all()
        left = defence.assets[row]
        verdicts.append(
            Verdict(
                fate=[FATES[fate] for fate in log.fate[row, :drones]],
                weapon=[weapons[place] for place in log.weapon[row, :drones]],
                stopped_by=[(*units, "")[place] for place in log.stopped_by[row, :drones]],
                ended_min=log.ended_min[row, :drones].tolist(),
                rounds_left={
                    units[place]: int(defence.units["rounds_left"][row, place])
                    for place in shooters
                },
                assets={
                    (*where, state): int(asset[state])
                    for where, asset in assets_of(scenario, deployment, left)
                    for state in ("intact", "damaged", "destroyed")
                },
                flight=np.repeat(
                    np.arange(len(orders.flights[row])), orders.flights["drones"][row]
                ).tolist(),
                rounds_fired=tally.flights["rounds_fired"][row].tolist(),
                rounds_at_decoys=tally.flights["rounds_at_decoys"][row].tolist(),
                carriers_lost=tally.flights["carriers_lost"][row].tolist(),
                forewarned=bool(tally.forewarned[row]),
                aimed_at=[(*deployment.classes, "")[kind] for kind in log.aimed_at[row, :drones]],
                first_hits={
                    where: (int(asset["first_hit"]), int(asset["first_hit_by_raid"]))
                    for where, asset in assets_of(scenario, deployment, tally.assets[row])
                },
                hit_by={
                    where: [
                        frozenset(word for word, bit in MARKS.items() if mark & bit)
                        for mark in defence.marks[row, asset["first_mark"] :][
                            : asset["intact"] + asset["damaged"]
                        ]
                    ]
                    for where, asset in assets_of(scenario, deployment, left)
                },
                launched=[
                    (drone, log.launched_min[row, drone])
                    for drone in range(drones)
                    if FATES[log.fate[row, drone]] not in _NEVER_FLEW
                ],
                seen=sorted(
                    (int(drone), units[unit], seen_min)
                    for drone, unit, seen_min in log.sightings[row].tolist()
                    if drone >= 0
                ),
                shots=sorted(
                    (int(drone), units[unit], rounds, fired_min)
                    for drone, unit, rounds, _, fired_min, _ in log.shots[row].tolist()
                    if drone >= 0
                ),
            )
        )
        check_tally(verdicts[-1], tally, row, scenario, units)
    return verdicts


def assets_of(
    scenario: Scenario, deployment: Deployment, assets: Records
) -> Iterator[tuple[tuple[str, str], Any]]:
    """The record of each class of assets at each site, of one run, by (site, class)."""
    for place, site in enumerate(deployment.sites):
        for column, kind in enumerate(deployment.classes):
            if kind in scenario.sites[site].assets:
                yield (site, kind), assets[place, column]


def check_tally(
    verdict: Verdict, tally: Tally, row: int, scenario: Scenario, units: list[str]
) -> None:
    """Whether the kernel's sums are those of its drones."""
    fates, stopped_by = np.zeros_like(tally.fates[row]), np.zeros_like(tally.stopped_by[row])
    raid = scenario.raids[war.RAID]
    decoys = [raid.waves[flight.wave].decoys for flight in flights_of(raid)]
    for flight, name, fate, unit in zip(
        verdict.flight, verdict.weapon, verdict.fate, verdict.stopped_by, strict=True
    ):
        is_decoy = decoys[flight] is not None and decoys[flight].weapon == name
        fates[flight, int(is_decoy), FATES.index(fate)] += 1
        if unit:
            stopped_by[units.index(unit)] += 1
    assert (fates == tally.fates[row]).all()
    assert (stopped_by == tally.stopped_by[row]).all()


def check(
    scenario: Scenario,
    seed: int = 1,
    runs: list[int] | range = range(5),
    day: int = 1,
    stocks: Mapping[tuple[str, str], Stock] | None = None,
    flies_often: bool = False,
) -> list[Verdict]:
    """Fly the raid in both; gives the verdicts when they agree."""
    sample = Sample(scenario, seed, np.array(runs, np.int64))
    kernel = verdicts_of_kernel(scenario, sample, seed, day, stocks, flies_often)
    for row, found in enumerate(kernel):
        wanted = judge(scenario, war.RAID, sample, row, seed, day, stocks, flies_often)
        differ = [
            f"drone {number}: kernel {one}, judge {other}"
            for number, (one, other) in enumerate(
                zip(drones_of(found), drones_of(wanted), strict=True)
            )
            if one[:3] != other[:3] or not is_same_time(one, other)
        ]
        assert not differ, f"run {sample.runs[row]}:\n" + "\n".join(differ)
        for name in _SUMS:
            assert getattr(found, name) == getattr(wanted, name), name
        for name in _TIMES:
            ours, theirs = getattr(found, name), getattr(wanted, name)
            assert [one[:-1] for one in ours] == [other[:-1] for other in theirs], name
            times = [[each[-1] for each in events] for events in (ours, theirs)]
            assert times[0] == pytest.approx(times[1], abs=1e-6), name
    return kernel


def drones_of(verdict: Verdict) -> list[tuple[Any, ...]]:
    columns = (verdict.fate, verdict.weapon, verdict.stopped_by, verdict.ended_min)
    return list(zip(*columns, strict=True))


def is_same_time(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether a drone ended at the same time in both; one that never flew has no time."""
    return one[0] in _NEVER_FLEW or math.isclose(one[3], other[3], abs_tol=1e-6)


def fates(verdicts: list[Verdict]) -> set[str]:
    return {fate for verdict in verdicts for fate in verdict.fate}


def test_philox_known_answers() -> None:
    # Source: the known-answer vectors of Random123 (salmon2011).
    ones, pi = (0xFFFFFFFF,) * 4, (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)
    for counter, key, word in (
        ((0,) * 4, (0, 0), 0x6627E8D5),
        (ones, ones[:2], 0x408F276D),
        (pi, (0xA4093822, 0x299F31D0), 0xD16CFE09),
    ):
        assert philox4x32(counter, key)[0] == word


@pytest.mark.parametrize("takes", ["leaves_first", "first_come"])
@pytest.mark.parametrize("fire", ["shoot_look_shoot", "coordinated", "uncoordinated"])
def test_doctrines_with_ties(fire: str, takes: str) -> None:
    gun = war.shooter(fire=fire, takes=takes, channels=war.figure(2), salvo=war.figure(2))
    gun["magazine"] = war.figure(25)
    verdicts = check(
        war.scenario(
            units={"gun": gun},
            sites={
                "base": war.site(
                    assets={"plane": {"count": war.figure(8)}},
                    defence={"gun": {"count": war.figure(1)}},
                )
            },
            waves={"all": war.wave(20, ["base"])},
            delivery=war.covert(),
        )
    )
    assert {"shot_down", "destroyed_target", "wasted"} <= fates(verdicts)


def test_retask_takes_the_last_one_left() -> None:
    verdicts = check(
        war.scenario(
            sites={"base": war.site(assets={"plane": {"count": war.figure(2)}})},
            waves={"all": war.wave(9, ["base"], aim="retask")},
            weapons={"fpv": war.weapon(p_hit=war.figure(0.5))},
            delivery=war.covert(),
        )
    )
    assert all(verdict.assets["base", "plane", "destroyed"] == 2 for verdict in verdicts)


@pytest.mark.parametrize("fire", ["shoot_look_shoot", "coordinated", "uncoordinated"])
def test_circles_on_the_way(fire: str) -> None:
    gun = war.shooter(
        fire=fire,
        detection_rate=war.figure(40, "1/h"),
        range=war.figure(31.7, "km"),
        service_law="exponential",
        reaction=war.figure(0.5, "min"),
    )
    ew = war.jammer(range=war.figure(31.7, "km"), loss_rate=war.figure(1, "1/h"))
    areas = {"south": {"title": "s", "side": "attacker", "position": war.position(50.0, 36.0)}}
    verdicts = check(
        war.scenario(
            units={"gun": gun, "ew": ew},
            sites={
                "gate": war.site((50.4, 36.7), defence={"gun": {"count": war.figure(2)}}),
                "bend": war.site((50.6, 36.4), defence={"ew": {"count": war.figure(3)}}),
                "base": war.site(
                    assets={"plane": {"count": war.figure(30)}},
                    defence={"gun": {"count": war.figure(1)}},
                ),
            },
            waves={
                "first": war.wave(
                    15, ["base"], launch_from="south", launch="poisson",
                    window=war.figure(10, "min"),
                ),
                "second": war.wave(15, ["gate", "base"], launch_from="south"),
            },
            launch_areas=areas,
        )
    )  # fmt: skip
    stoppers = {name for verdict in verdicts for name in verdict.stopped_by}
    assert stoppers == {"gate.gun", "bend.ew", "base.gun", ""}


def test_covert_carriers_are_lost_and_forewarn() -> None:
    gun = war.shooter(detection_rate=war.figure(30, "1/h"))
    verdicts = check(
        war.scenario(
            units={"gun": gun},
            sites={
                name: war.site(
                    assets={"plane": {"count": war.figure(9), "protection": war.figure(0.3)}},
                    defence={"gun": {"count": war.figure(1)}},
                    readiness=war.figure(0.2),
                )
                for name in ("east", "west")
            },
            waves={"all": war.wave(25, ["west", "east"], aim="opportune")},
            weapons={"fpv": war.weapon(p_works=war.figure(0.9), p_destroy=war.figure(0.5))},
            delivery=war.covert(found=war.figure(0.03, "1/day"), carriers_per_site=war.figure(3)),
        ),
        runs=range(20),
    )
    assert {verdict.forewarned for verdict in verdicts} == {True, False}
    assert {"compromised", "failed", "missed", "damaged_target"} <= fates(verdicts)


def test_without_a_drone_no_carrier_sets_out() -> None:
    always = war.covert(found=war.figure(9.0, "1/day"), carriers_per_site=war.figure(2))
    verdicts = check(
        war.scenario(
            sites={
                name: war.site(assets={"plane": {"count": war.figure(1)}})
                for name in ("east", "west")
            },
            waves={"one": war.wave(1, ["west", "east"])},
            delivery=always,
        ),
        runs=range(5),
    )
    assert [verdict.carriers_lost for verdict in verdicts] == [[2, 0]] * 5


def test_retask_goes_round_damaged_assets_and_decoy_targets() -> None:
    verdicts = check(
        war.scenario(
            sites={
                "base": war.site(
                    assets={"radar": {"count": war.figure(2)}, "plane": {"count": war.figure(2)}},
                    decoy_targets=war.figure(1),
                )
            },
            waves={
                "first": war.wave(9, ["base"], aim="retask", at_assets=["plane"]),
                "second": war.wave(9, ["base"], aim="retask"),
            },
            weapons={"fpv": war.weapon(p_destroy=war.figure(0.4), p_hit=war.figure(0.8))},
            delivery=war.covert(),
        ),
        stocks={("base", "plane"): Stock(1, away=2, damaged=3), ("base", "radar"): Stock(2)},
    )
    assert all(verdict.assets["base", "plane", "intact"] >= 2 for verdict in verdicts)
    assert {"destroyed_target", "damaged_target", "missed", "wasted"} <= fates(verdicts)


def test_jammers_and_decoys() -> None:
    dummy = war.weapon(decoy=True, jam_susceptibility=war.figure(0.1))
    verdicts = check(
        war.scenario(
            units={
                "ew": war.jammer(loss_rate=war.figure(3, "1/h")),
                "ew-2": war.jammer(range=war.figure(20, "km"), loss_rate=war.figure(2, "1/h")),
            },
            sites={
                "base": war.site(
                    assets={"plane": {"count": war.figure(8)}},
                    defence={name: {"count": war.figure(2)} for name in ("ew-2", "ew")},
                )
            },
            waves={
                "all": war.wave(30, ["base"], decoys={"weapon": "dummy", "share": war.figure(0.4)})
            },
            weapons={"fpv": war.weapon(), "dummy": dummy},
            delivery=war.covert(),
        )
    )
    assert {"jammed", "decoy_spent", "destroyed_target"} <= fates(verdicts)
    assert {"base.ew", "base.ew-2"} <= {by for verdict in verdicts for by in verdict.stopped_by}


@pytest.mark.parametrize("reaction", [0, 20])
def test_circle_is_left_before_the_target(monkeypatch: pytest.MonkeyPatch, reaction: int) -> None:
    # Inside from minute 10 to minute 30, at the target in minute 40: the last shot, or the moment
    # of being ready, falls on the instant of the exit, and some losses to jamming come after it.
    flatten(monkeypatch)
    gun = war.shooter(
        service=war.figure(5, "min"),
        max_shots=war.figure(5),
        channels=war.figure(20),
        reaction=war.figure(reaction, "min"),
        p_kill={"fpv": war.figure(0.1)},
    )
    guards = {"gun": {"count": war.figure(1)}, "ew": {"count": war.figure(1)}}
    areas = {"south": {"title": "s", "side": "attacker", "position": war.position(0, 0)}}
    verdicts = check(
        war.scenario(
            weapons={"fpv": war.weapon(speed=war.figure(60, "km/h"))},
            units={"gun": gun, "ew": war.jammer(loss_rate=war.figure(1, "1/h"))},
            sites={
                "gate": war.site((0, 20), defence=guards),
                "base": war.site((0, 40), assets={"plane": {"count": war.figure(20)}}),
            },
            waves={"all": war.wave(20, ["base"], launch_from="south")},
            launch_areas=areas,
        )
    )
    assert {"shot_down", "jammed", "destroyed_target"} == fates(verdicts)


def any_raid(*kinds: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The mark of a test over small raids, wherever in the range of the draws."""
    return given(
        data=st.data(),
        scenario=war.raid_scenarios(kinds),
        seed=st.integers(0, 2**63 - 1),
        run=st.integers(0, 2**32 - 1),
        day=st.integers(0, 4000),
    )


def check_any(data: st.DataObject, scenario: Scenario, seed: int, run: int, day: int) -> None:
    stocks = data.draw(st.none() | war.stocks(scenario))
    if stocks is not None:
        stocks = {key: Stock(*numbers) for key, numbers in stocks.items()}
    flies_often = any("this" in by for each in (stocks or {}).values() for by in each.hit_by)
    check(scenario, seed, [0, 1, run], day, stocks, flies_often or data.draw(st.booleans()))


@examples(150, suppress_health_check=list(HealthCheck))
@any_raid("direct", "clockwork", "direct", "covert")
def test_same_fates_in_any_small_raid(**raid: Any) -> None:
    check_any(**raid)


@examples(50, suppress_health_check=list(HealthCheck))
@any_raid("line")
def test_same_fates_when_circles_are_left_on_the_minute(**raid: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        flatten(patch)
        check_any(**raid)


def flatten(patch: pytest.MonkeyPatch) -> None:
    """Make the world flat and a degree a kilometre, for both: whole numbers stay whole."""

    def distance(north: float, east: float, north_2: float, east_2: float) -> float:
        return math.hypot(north_2 - north, east_2 - east)

    def passing(
        leg: tuple[float, float, float, float], north: float, east: float
    ) -> tuple[float, float]:
        to_north, to_east = leg[2] - leg[0], leg[3] - leg[1]
        north, east = north - leg[0], east - leg[1]
        length = math.hypot(to_north, to_east)
        along = (north * to_north + east * to_east) / length
        return along, abs(north * to_east - east * to_north) / length

    def place(position: Position) -> tuple[float, float]:
        return position.lat, position.lon

    patch.setattr("sim.raid.orders.geometry.distance_km", distance)
    patch.setattr("sim.raid.orders.geometry.nearest_approach_km", passing)
    patch.setattr("tests.judge.distance_km", lambda a, b: distance(*place(a), *place(b)))
    patch.setattr(
        "tests.judge.passing_km", lambda a, b, c: passing((*place(a), *place(b)), *place(c))
    )
