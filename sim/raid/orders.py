"""A raid of the scenario as records for the kernel."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim import draws
from sim.raid import kernel
from sim.raid.arrays import (
    FLIGHT,
    NEAR,
    WEAPON,
    Bools,
    Floats,
    Ints,
    Orders,
    Records,
    filled,
)
from sim.raid.deployment import Deployment, deployment_of
from sim.rules import delivery, geometry, money
from sim.scenario.sample import Sample
from sim.scenario.schema import Covert, Raid, Scenario, Wave

_LAUNCH = {
    "simultaneous": kernel.SIMULTANEOUS,
    "uniform": kernel.UNIFORM,
    "poisson": kernel.POISSON,
}
_AIM = {"assigned": kernel.ASSIGNED, "opportune": kernel.OPPORTUNE, "retask": kernel.RETASK}


class Flight(NamedTuple):
    """What identifies a flight: its wave, its weapon and the site it is sent to."""

    wave: str
    weapon: str
    site: str


def flights_of(raid: Raid) -> tuple[Flight, ...]:
    """A raid's flights, wave by wave and site by site."""
    return tuple(
        Flight(name, wave.weapon, site) for name, wave in raid.waves.items() for site in wave.at
    )


def flight_sizes(raid: Raid, name: str, sample: Sample) -> Ints:
    """Drones ordered per flight, shape (R, F); a wave is spread evenly over its sites."""
    sizes = []
    for wave_name, wave in raid.waves.items():
        path, sites = f"raids.{name}.waves.{wave_name}", len(wave.at)
        count = sample.count(f"{path}.count") if wave.count else _bought(wave, path, sample)
        sizes += [(count - place + sites - 1) // sites for place in range(sites)]
    return np.stack(sizes, axis=1)


def _bought(wave: Wave, path: str, sample: Sample) -> Ints:
    """How many drones the budget of a wave buys; decoys have a price of their own."""
    price = sample[f"weapons.{wave.weapon}.unit_cost"]
    if wave.decoys is not None:
        share = sample[f"{path}.decoys.share"]
        price = (1.0 - share) * price + share * sample[f"weapons.{wave.decoys.weapon}.unit_cost"]
    return money.bought(sample[f"{path}.budget"], price).astype(np.int64)


def orders_of(scenario: Scenario, name: str, sample: Sample) -> Orders:
    """The orders of a raid in each run, against everything that the enemy has deployed."""
    raid = scenario.raids[name]
    deployment = deployment_of(scenario, scenario.enemy_of(raid.by))
    near = _near(scenario, deployment, name, sample)
    return Orders(
        flights=_flights(scenario, name, sample, deployment, [len(pairs) for pairs in near]),
        weapons=_weapons(scenario, sample),
        mark=np.array([_mark_of(scenario, name)], np.uint8),
        near=np.concatenate(near),
        aims_at=_aims_at(raid, deployment),
    )


def _mark_of(scenario: Scenario, name: str) -> int:
    """The mark of a raid that may fly on several days (tempo or retaliation); 0 for others."""
    policy = scenario.sides[scenario.raids[name].by]
    if policy.tempo is not None and policy.tempo.raid == name:
        return kernel.HIT_BY_TEMPO
    if policy.retaliation is not None and policy.retaliation.raid == name:
        return kernel.HIT_IN_RETALIATION
    return 0


def _flights(
    scenario: Scenario, name: str, sample: Sample, deployment: Deployment, near: list[int]
) -> Records:
    raid = scenario.raids[name]
    flights, weapons = flights_of(raid), list(scenario.weapons)
    waves = [raid.waves[flight.wave] for flight in flights]
    paths = [f"raids.{name}.waves.{flight.wave}" for flight in flights]
    ends = np.cumsum([0, *near])
    place_of = {site: place for place, site in enumerate(deployment.sites)}
    records = filled(
        np.zeros((len(sample.runs), len(flights)), FLIGHT),
        {
            "actor": [
                draws.actor_id(f"{path}.{f.site}") for path, f in zip(paths, flights, strict=True)
            ],
            "site": [place_of[flight.site] for flight in flights],
            "weapon": [weapons.index(flight.weapon) for flight in flights],
            "decoy": [weapons.index(wave.decoys.weapon) if wave.decoys else -1 for wave in waves],
            "launch": [_LAUNCH[wave.launch] for wave in waves],
            "aim": [_AIM[wave.aim] for wave in waves],
            "near_first": ends[:-1],
            "near_end": ends[1:],
            "leg_km": [_leg_km(scenario, name, flight, sample) for flight in flights],
            "window_min": [sample.get(f"{path}.window", 0.0) for path in paths],
            "decoy_share": [sample.get(f"{path}.decoys.share", 0.0) for path in paths],
            "visibility": [sample.get(f"{path}.visibility", 1.0) for path in paths],
        },
    )
    records["drones"] = flight_sizes(raid, name, sample)
    if isinstance(raid.delivery, Covert):
        covert = f"raids.{name}.delivery"
        survives = delivery.p_carrier_survives(
            sample[f"{covert}.found"], sample[f"{covert}.prepared"]
        )
        records["carriers"] = sample.count(f"{covert}.carriers_per_site")[:, None]
        records["p_carrier_survives"] = survives[:, None]
        records["p_forewarn"] = sample[f"{covert}.p_forewarn"][:, None]
    return records


def _weapons(scenario: Scenario, sample: Sample) -> Records:
    def column(field: str) -> list[Floats]:
        return [sample.get(f"weapons.{name}.{field}", 0.0) for name in scenario.weapons]

    return filled(
        np.zeros((len(sample.runs), len(scenario.weapons)), WEAPON),
        {
            "is_decoy": [weapon.decoy for weapon in scenario.weapons.values()],
            "speed_km_min": [speed / 60.0 for speed in column("speed")],
            "p_works": column("p_works"),
            "signature": column("signature"),
            "susceptibility": column("jam_susceptibility"),
            "p_hit": column("p_hit"),
            "p_destroy": column("p_destroy"),
        },
    )


def _aims_at(raid: Raid, deployment: Deployment) -> Bools:
    scopes = [
        raid.waves[flight.wave].at_assets or deployment.classes for flight in flights_of(raid)
    ]
    return np.array([[kind in scope for kind in deployment.classes] for scope in scopes], np.bool_)


def _leg_km(scenario: Scenario, name: str, flight: Flight, sample: Sample) -> float | Floats:
    """Length of a flight's leg: from its launch area, or the standoff of a covert carrier."""
    area = scenario.raids[name].waves[flight.wave].launch_from
    if area is None:
        return sample[f"raids.{name}.delivery.standoff"]
    start, end = scenario.launch_areas[area].position, scenario.sites[flight.site].position
    return geometry.distance_km(start.lat, start.lon, end.lat, end.lon)


def _near(scenario: Scenario, deployment: Deployment, name: str, sample: Sample) -> list[Records]:
    """The defence units whose circle each flight may cross in any run, shape (N,) per flight.

    Only these pairs are stored, so that memory and time grow with the number of units nearby.
    """
    reach_km = [_widest_km(scenario, unit, sample) for _, unit in deployment.units]
    places: dict[str, list[int]] = {}
    for number, (site, _) in enumerate(deployment.units):
        places.setdefault(site, []).append(number)
    return [
        np.array(list(_pairs(scenario, deployment, name, flight, places, reach_km)), NEAR)
        for flight in flights_of(scenario.raids[name])
    ]


def _widest_km(scenario: Scenario, unit: str, sample: Sample) -> float:
    """The longest range that a unit may have in any run."""
    reach = scenario.units[unit].range
    return max(reach.value, reach.high or 0.0, float(sample[f"units.{unit}.range"].max()))


def _pairs(
    scenario: Scenario,
    deployment: Deployment,
    name: str,
    flight: Flight,
    places: dict[str, list[int]],
    reach_km: list[float],
) -> Iterator[tuple[int, int, float, float]]:
    """Rows of NEAR for a flight and each unit near it; `places` are the units of each site."""
    area = scenario.raids[name].waves[flight.wave].launch_from
    target = scenario.sites[flight.site].position
    for site, numbers in places.items():
        left_km, offset_km = 0.0, 0.0
        if site != flight.site:
            if area is None:
                continue
            start, place = scenario.launch_areas[area].position, scenario.sites[site].position
            leg = (start.lat, start.lon, target.lat, target.lon)
            along_km, offset_km = geometry.nearest_approach_km(leg, place.lat, place.lon)
            if offset_km >= max(reach_km[number] for number in numbers):
                continue
            left_km = geometry.distance_km(*leg) - along_km
        for number in numbers:
            if site == flight.site or offset_km < reach_km[number]:
                unit = ".".join(deployment.units[number])
                actor = f"raids.{name}.waves.{flight.wave}.{flight.site} {unit}"
                yield draws.actor_id(actor), number, left_km, offset_km
