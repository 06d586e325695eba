"""The contents of the map of a raid: places, legs and losses."""

import functools
from dataclasses import dataclass

import numpy as np

from sim.experiment.record import Record
from sim.report.plots.captions import flown_runs, raid_in_focus
from sim.report.plots.map.coast import Parts
from sim.report.plots.map.countries import countries, km_from
from sim.report.plots.map.globe import Projection
from sim.report.plots.places import Floats, interval
from sim.rules.geometry import distance_km
from sim.scenario.schema import LaunchArea, Scenario, Site

FICTITIOUS = ("only distances matter", "teaching example", "made up")
"""Words in the assumption of a position that mark the place as fictitious."""


@dataclass(frozen=True)
class Leg:
    """The path of a weapon from a launch area to a site, and how many fly it."""

    area: str
    site: str
    weapon: str
    drones: float
    length_km: float


@dataclass(frozen=True)
class Loss:
    """Things hit and destroyed at a site, over the runs with the raid: 5 %, median and 95 %."""

    hit: tuple[float, float, float]
    destroyed: tuple[float, float, float]


@dataclass(frozen=True)
class Scene:
    """One raid: the sites of the raided side, the launch areas used, legs and losses."""

    scenario: Scenario
    raid: str
    sites: dict[str, Site]
    areas: dict[str, LaunchArea]
    legs: tuple[Leg, ...]
    losses: dict[str, Loss]

    @property
    def targets(self) -> tuple[str, ...]:
        """The sites that are raided."""
        waves = self.scenario.raids[self.raid].waves.values()
        return tuple(dict.fromkeys(site for wave in waves for site in wave.at))

    @property
    def raider(self) -> str:
        """The side that raids."""
        return self.scenario.raids[self.raid].by

    @property
    def places(self) -> list[Site | LaunchArea]:
        """All sites and launch areas on the map."""
        return [*self.sites.values(), *self.areas.values()]

    @property
    def is_real(self) -> bool:
        """Whether the scenario is set on the globe: none of its places is marked as fictitious."""
        scenario = self.scenario
        places: list[Site | LaunchArea] = [*scenario.sites.values()]
        places += scenario.launch_areas.values()
        assumptions = [place.position.assumed or "" for place in places]
        return not any(word in text for text in assumptions for word in FICTITIOUS)

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources of the places; empty if they are assumed."""
        return tuple(dict.fromkeys(p.position.source for p in self.places if p.position.source))

    @property
    def countries(self) -> dict[str, Parts]:
        """The outlines of sides named like a country whose outline is known, by side."""
        if not self.is_real:
            return {}
        titles = {name: side.title for name, side in self.scenario.sides.items()}
        return {name: countries()[title] for name, title in titles.items() if title in countries()}

    @functools.cached_property
    def km_from_raider(self) -> dict[str, float]:
        """The distance of each raided site from the country of the raiding side, in km.

        Sites within it are left out. Empty for a raid with legs, which already give distances, and
        if that side's outline is unknown.
        """
        outline = self.countries.get(self.raider)
        if self.legs or outline is None:
            return {}
        km = {name: km_from(outline, place_of(self.sites[name])) for name in self.targets}
        return {name: far for name, far in km.items() if far > 0.0}

    def circles(self, site: str) -> list[tuple[str, float]]:
        """The reaches of the units at a site, in km: (kind of unit, radius)."""
        units = [self.scenario.units[name] for name in self.sites[site].defence]
        return sorted({(unit.kind, unit.range.value) for unit in units})


def with_raider(scene: Scene, flat: Floats, projection: Projection) -> Floats:
    """Projected places, plus the country that distances are from if it is no larger than these."""
    if scene.km_from_raider:
        country = projection.flat(scene.countries[scene.raider].points)
        if np.ptp(country, axis=0).max() <= np.ptp(flat, axis=0).max():
            return np.vstack([flat, country])
    return flat


def place_of(place: Site | LaunchArea) -> Floats:
    """Longitude and latitude, in degrees."""
    return np.array([place.position.lon, place.position.lat])


def span_km(scene: Scene) -> float:
    """The distance between the two raided sites that are farthest apart."""
    where = [scene.sites[name].position for name in scene.targets]
    return max(distance_km(a.lat, a.lon, b.lat, b.lon) for a in where for b in where)


def scene_of(what: Record | Scenario, raid: str | None) -> Scene | None:
    """The scene of a raid, or of the one in focus, or of the first; None if no raid was flown."""
    scenario = what.scenario if isinstance(what, Record) else what
    chosen = raid or raid_in_focus(what)
    if chosen is None:
        return None
    definition = scenario.raids[chosen]
    enemy, waves = scenario.enemy_of(definition.by), definition.waves.values()
    areas = dict.fromkeys(wave.launch_from for wave in waves if wave.launch_from)
    sites = {name: site for name, site in scenario.sites.items() if site.side == enemy}
    sites |= {name: scenario.sites[name] for wave in waves for name in wave.at}
    losses = losses_of(what, chosen) if isinstance(what, Record) else {}
    where = {name: scenario.launch_areas[name] for name in areas}
    return Scene(scenario, chosen, sites, where, legs_of(scenario, chosen), losses)


def legs_of(scenario: Scenario, raid: str) -> tuple[Leg, ...]:
    """The legs of a direct raid; the best estimate of each wave is spread evenly over its sites."""
    drones: dict[tuple[str, str, str], float] = {}
    for wave in scenario.raids[raid].waves.values():
        if wave.launch_from is None:
            continue
        if wave.count is not None:
            number = wave.count.value
        else:
            assert wave.budget is not None  # a wave has a count or a budget
            number = wave.budget.value / scenario.weapons[wave.weapon].unit_cost.value
        for site in wave.at:
            key = (wave.launch_from, site, wave.weapon)
            drones[key] = drones.get(key, 0.0) + number / len(wave.at)
    return tuple(Leg(*key, number, _length(scenario, *key[:2])) for key, number in drones.items())


def _length(scenario: Scenario, area: str, site: str) -> float:
    a, b = scenario.launch_areas[area].position, scenario.sites[site].position
    return distance_km(a.lat, a.lon, b.lat, b.lon)


_LOST = ("first_hit_by_raid", "destroyed")  # each thing counts once over all days of a raid


def losses_of(record: Record, raid: str) -> dict[str, Loss]:
    """Losses at each site, over the runs with the raid; a run without a row has no loss."""
    n_flown = len(flown_runs(record, raid))
    known: dict[str, list[Floats]] = {}
    for block in record.blocks("losses", ["run", "raid", "site", *_LOST]):
        rows = block[block["raid"] == raid]
        sums = rows.groupby(["site", "run"], observed=True)[list(_LOST)].sum()
        for site in sums.index.unique("site"):
            known.setdefault(str(site), []).append(sums.loc[site].to_numpy(float))
    losses = {}
    for site, parts in known.items():
        every = np.zeros((n_flown, 2))
        every[: sum(map(len, parts))] = np.concatenate(parts)
        losses[site] = Loss(*(interval(column) for column in every.T))
    return losses
