"""A country at the grain of the public data: thousands of places, tens of units."""

import numpy as np
import pytest
from strategies import RAID, figure, position, ready, scenario, shooter, site, wave, weapon

from sim.raid.deployment import deployment_of
from sim.raid.fly import fly
from sim.raid.orders import flights_of
from sim.scenario.consistency import contradictions
from sim.scenario.sample import Sample
from sim.war.model import War
from tests.judge import distance_km, passing_km

UNITS, REACH_KM = 30, 40.0


def country(places, every=None):
    """Places strewn over a country, a battery at some, and as many drones as places at them all."""
    rng = np.random.default_rng(1)
    where = np.column_stack([rng.uniform(46, 52, places), rng.uniform(24, 38, places)])
    guarded = set(range(0, places, every or places // UNITS)[:UNITS])
    sites = {
        f"s{k}": site(
            (float(lat), float(lon)),
            assets={"plane": {"count": figure(2)}},
            defence={"gun": {"count": figure(1)}} if k in guarded else {},
        )
        for k, (lat, lon) in enumerate(where.round(3))
    }
    gun = shooter(
        p_kill={"fpv": figure(0.4)},
        range=figure(REACH_KM, "km"),
        detection_rate=figure(30, "1/h"),
        channels=figure(4),
        service=figure(2, "min"),
        magazine=figure(100),
    )
    return scenario(
        weapons={"fpv": weapon(p_hit=figure(0.5))},
        units={"gun": gun},
        sites=sites,
        launch_areas={
            "area": {"title": "area", "side": "attacker", "position": position(50.0, 42.0)}
        },
        waves={"wave": wave(places, list(sites), launch_from="area")},
    )


def test_two_thousand_places_are_raided_and_every_drone_has_a_fate():
    shown = country(2000)
    assert not list(contradictions(shown))
    war = War(shown, 3, 1).run()
    runs = war.recorder.runs()
    assert (runs[f"{RAID}_ordered"] == 2000).all()
    assert (runs[f"{RAID}_shot_down"] > 100).all()
    assert (runs[f"{RAID}_through"] + runs[f"{RAID}_shot_down"] <= 2000).all()
    assert len(war.recorder.losses()["run"]) == 3 * 2000


def test_room_grows_with_what_is_near_and_that_is_all_that_is_near():
    shown = country(300)
    sample = Sample(shown, 1, np.arange(2))
    orders, defence = ready(shown, RAID, sample)
    deployment = deployment_of(shown, "defender")
    start = shown.launch_areas["area"].position
    flights = orders.flights[0]
    for flight, record in zip(flights_of(shown.raids[RAID]), flights, strict=True):
        target = shown.sites[flight.site].position
        near = []
        for number, (place, _) in enumerate(deployment.units):
            along, offset = passing_km(start, target, shown.sites[place].position)
            if place == flight.site:
                near.append((number, 0.0, 0.0))
            elif offset < REACH_KM:
                near.append((number, distance_km(start, target) - along, offset))
        found = orders.near[record["near_first"] : record["near_end"]]
        assert [int(each["unit"]) for each in found] == [number for number, *_ in near]
        for each, (_, before_km, offset_km) in zip(found, near, strict=True):
            assert each["before_km"] == pytest.approx(before_km, abs=1e-6)
            assert each["offset_km"] == pytest.approx(offset_km, abs=1e-6)
    assert len(orders.near) < len(flights) * len(deployment.units) / 5
    tally, _ = fly(1, np.arange(2), 1, np.ones(2, bool), orders, defence)
    assert tally.stopped_by.shape == (2, len(deployment.units))  # and not once a flight


def test_what_would_not_fit_into_memory_is_still_refused():
    ((path, message),) = contradictions(country(10_000))
    assert path == ("raids", RAID)
    assert message == (
        "has 40,030 flights, weapons times units and sites times classes of assets, "
        "expected at most 40,000"
    )
