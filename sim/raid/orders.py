"""A raid of the scenario as records for the kernel."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from sim import draws
from sim.raid import kernel
from sim.raid.records import (
    ASSET,
    FLIGHT,
    NEAR,
    SITE,
    UNIT,
    WEAPON,
    Bools,
    Floats,
    Ints,
    Orders,
    Records,
)
from sim.rules import delivery, geometry, money
from sim.scenario.sample import Sample
from sim.scenario.schema import Covert, Jammer, Raid, Scenario, Wave

_LAUNCH = {
    "simultaneous": kernel.SIMULTANEOUS,
    "uniform": kernel.UNIFORM,
    "poisson": kernel.POISSON,
}
_AIM = {"assigned": kernel.ASSIGNED, "opportune": kernel.OPPORTUNE, "retask": kernel.RETASK}
_FIRE = {
    "shoot_look_shoot": kernel.SHOOT_LOOK_SHOOT,
    "coordinated": kernel.COORDINATED,
    "uncoordinated": kernel.UNCOORDINATED,
}
_TAKES = {"leaves_first": kernel.LEAVES_FIRST, "first_come": kernel.FIRST_COME}


class Ground(NamedTuple):
    """What stands on a side's ground: the order in which its sites and units are numbered."""

    sites: tuple[str, ...]
    units: tuple[tuple[str, str], ...]  # (site, unit class)
    classes: tuple[str, ...]


class Flight(NamedTuple):
    """Who a flight is: its wave, its weapon and the site it is sent to."""

    wave: str
    weapon: str
    site: str


def ground_of(scenario: Scenario, side: str) -> Ground:
    """A side's sites, defence units and asset classes in the order of the scenario."""
    sites = tuple(name for name, site in scenario.sites.items() if site.side == side)
    units = tuple((site, unit) for site in sites for unit in scenario.sites[site].defence)
    return Ground(sites, units, tuple(scenario.assets))


def flights_of(raid: Raid) -> tuple[Flight, ...]:
    """A raid's flights, wave by wave and site by site."""
    return tuple(
        Flight(name, wave.weapon, site) for name, wave in raid.waves.items() for site in wave.at
    )


def flight_sizes(raid: Raid, name: str, sample: Sample) -> Ints:
    """How many drones each flight is ordered, shape (R, F): a wave spread evenly over its sites."""
    sizes = []
    for wave_name, wave in raid.waves.items():
        path, sites = f"raids.{name}.waves.{wave_name}", len(wave.at)
        count = sample.count(f"{path}.count") if wave.count else _bought(wave, path, sample)
        sizes += [(count - place + sites - 1) // sites for place in range(sites)]
    return np.stack(sizes, axis=1)


def _bought(wave: Wave, path: str, sample: Sample) -> Ints:
    """How many drones a wave's budget buys, decoys at the decoys' price."""
    price = sample[f"weapons.{wave.weapon}.unit_cost"]
    if wave.decoys is not None:
        share = sample[f"{path}.decoys.share"]
        price = (1.0 - share) * price + share * sample[f"weapons.{wave.decoys.weapon}.unit_cost"]
    return money.bought(sample[f"{path}.budget"], price).astype(np.int64)


class Defence(NamedTuple):
    """What a side defends itself with and what it can lose, as records; raids write in them."""

    units: Records  # (R, U)
    sites: Records  # (R, S)
    assets: Records  # (R, S, C)
    p_kill: Floats  # (R, U, K)


def defence_of(scenario: Scenario, side: str, sample: Sample) -> Defence:
    """A side's defence in each run: intact, alert and fully stocked."""
    ground = ground_of(scenario, side)
    return Defence(
        units=_units(scenario, ground, sample),
        sites=_sites(ground, sample),
        assets=_assets(ground, sample),
        p_kill=_p_kill(scenario, ground, sample),
    )


def orders_of(
    scenario: Scenario, name: str, sample: Sample, defence: Defence | None = None
) -> Orders:
    """A raid's orders in each run, against the enemy's defence (a fresh one if left out)."""
    raid = scenario.raids[name]
    defence = defence or defence_of(scenario, scenario.enemy_of(raid.by), sample)
    ground = ground_of(scenario, scenario.enemy_of(raid.by))
    flights = flights_of(raid)
    near = [_near(scenario, ground, name, flight, sample) for flight in flights]
    return Orders(
        flights=_flights(scenario, name, sample, ground, [len(pairs) for pairs in near]),
        weapons=_weapons(scenario, sample),
        units=defence.units,
        sites=defence.sites,
        assets=defence.assets,
        near=np.concatenate(near),
        p_kill=defence.p_kill,
        aims_at=_aims_at(raid, ground),
    )


def _fill(records: Records, columns: dict[str, Iterable[Any]]) -> Records:
    """Write a field of an (R, n) record array from n numbers or n arrays over runs."""
    for field, values in columns.items():
        for place, value in enumerate(values):
            records[field][:, place] = value
    return records


def _flights(
    scenario: Scenario, name: str, sample: Sample, ground: Ground, near: list[int]
) -> Records:
    raid = scenario.raids[name]
    flights, weapons = flights_of(raid), list(scenario.weapons)
    waves = [raid.waves[flight.wave] for flight in flights]
    paths = [f"raids.{name}.waves.{flight.wave}" for flight in flights]
    ends = np.cumsum([0, *near])
    records = _fill(
        np.zeros((len(sample.runs), len(flights)), FLIGHT),
        {
            "actor": [
                draws.actor_id(f"{path}.{f.site}") for path, f in zip(paths, flights, strict=True)
            ],
            "site": [ground.sites.index(flight.site) for flight in flights],
            "weapon": [weapons.index(flight.weapon) for flight in flights],
            "decoy": [weapons.index(wave.decoys.weapon) if wave.decoys else -1 for wave in waves],
            "launch": [_LAUNCH[wave.launch] for wave in waves],
            "aim": [_AIM[wave.aim] for wave in waves],
            "near_first": ends[:-1],
            "near_end": ends[1:],
            "leg_km": [_leg_km(scenario, name, flight, sample) for flight in flights],
            "window_min": [sample.get(f"{path}.window", 0.0) for path in paths],
            "decoy_share": [sample.get(f"{path}.decoys.share", 0.0) for path in paths],
        },
    )
    records["size"] = flight_sizes(raid, name, sample)
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

    return _fill(
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


def _units(scenario: Scenario, ground: Ground, sample: Sample) -> Records:
    kinds = [scenario.units[unit] for _, unit in ground.units]
    counts = [sample[f"sites.{site}.defence.{unit}.count"] for site, unit in ground.units]

    def column(field: str) -> list[Floats]:
        return [sample.get(f"units.{unit}.{field}", 0.0) for _, unit in ground.units]

    def of_all(field: str) -> list[Floats]:
        pairs = zip(column(field), counts, strict=True)
        return [np.where(count > 0.0, each, 0.0) * count for each, count in pairs]

    shooters = [None if isinstance(kind, Jammer) else kind for kind in kinds]
    return _fill(
        np.zeros((len(sample.runs), len(kinds)), UNIT),
        {
            "actor": [
                draws.actor_id(f"sites.{site}.defence.{unit}") for site, unit in ground.units
            ],
            "kind": [kernel.JAMMER if unit is None else kernel.SHOOTER for unit in shooters],
            "fire": [_FIRE[unit.fire] if unit else 0 for unit in shooters],
            "takes": [_TAKES[unit.takes] if unit else 0 for unit in shooters],
            "is_exponential": [
                bool(unit and unit.service_law == "exponential") for unit in shooters
            ],
            "channels": of_all("channels"),
            "rounds_left": of_all("magazine"),
            "max_shots": column("max_shots"),
            "salvo": column("salvo"),
            "range_km": column("range"),
            "looks_per_min": [rate / 60.0 for rate in of_all("detection_rate")],
            "losses_per_min": [rate / 60.0 for rate in of_all("loss_rate")],
            "reaction_min": column("reaction"),
            "service_min": column("service"),
            "alertness": [1.0] * len(kinds),
        },
    )


def _sites(ground: Ground, sample: Sample) -> Records:
    dummies = [sample.count(f"sites.{site}.decoy_targets") for site in ground.sites]
    return _fill(np.zeros((len(sample.runs), len(ground.sites)), SITE), {"decoy_targets": dummies})


def _assets(ground: Ground, sample: Sample) -> Records:
    records = np.zeros((len(sample.runs), len(ground.sites), len(ground.classes)), ASSET)
    for place, site in enumerate(ground.sites):
        for kind, asset in enumerate(ground.classes):
            path = f"sites.{site}.assets.{asset}"
            records["intact"][:, place, kind] = sample.count(f"{path}.count")
            records["protection"][:, place, kind] = sample.get(f"{path}.protection", 0.0)
    records["present"] = records["intact"]
    return records


def _p_kill(scenario: Scenario, ground: Ground, sample: Sample) -> Floats:
    p_kill = np.zeros((len(sample.runs), len(ground.units), len(scenario.weapons)))
    for place, (_, unit) in enumerate(ground.units):
        for column, weapon in enumerate(scenario.weapons):
            p_kill[:, place, column] = sample.get(f"units.{unit}.p_kill.{weapon}", 0.0)
    return p_kill


def _aims_at(raid: Raid, ground: Ground) -> Bools:
    scopes = [raid.waves[flight.wave].at_assets or ground.classes for flight in flights_of(raid)]
    return np.array([[kind in scope for kind in ground.classes] for scope in scopes], np.bool_)


def _leg_km(scenario: Scenario, name: str, flight: Flight, sample: Sample) -> float | Floats:
    """How far a flight flies: from its launch area, or a covert carrier's standoff."""
    area = scenario.raids[name].waves[flight.wave].launch_from
    if area is None:
        return sample[f"raids.{name}.delivery.standoff"]
    start, end = scenario.launch_areas[area].position, scenario.sites[flight.site].position
    return geometry.distance_km(start.lat, start.lon, end.lat, end.lon)


def _near(scenario: Scenario, ground: Ground, name: str, flight: Flight, sample: Sample) -> Records:
    """The defence units whose circle a flight may cross in any run, shape (N,)."""
    area = scenario.raids[name].waves[flight.wave].launch_from
    target = scenario.sites[flight.site].position
    pairs = []
    for number, (site, unit) in enumerate(ground.units):
        actor = draws.actor_id(f"raids.{name}.waves.{flight.wave}.{flight.site} {site}.{unit}")
        if site == flight.site:
            pairs.append((actor, number, 0.0, 0.0))
        elif area is not None:
            start, place = scenario.launch_areas[area].position, scenario.sites[site].position
            leg = (start.lat, start.lon, target.lat, target.lon)
            along_km, offset_km = geometry.nearest_approach_km(leg, place.lat, place.lon)
            reach = scenario.units[unit].range
            widest = sample[f"units.{unit}.range"].max()
            if offset_km < max(reach.value, reach.high or 0.0, widest):
                pairs.append((actor, number, geometry.distance_km(*leg) - along_km, offset_km))
    return np.array(pairs, NEAR)
