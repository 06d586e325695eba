"""The raids of a replay, one at a time: their drones, events and the figures of the run."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.experiment.replay import Replay
from sim.report.plots.places import Floats
from sim.rules.geometry import distance_km
from sim.scenario.sample import Sample
from sim.scenario.schema import LaunchArea, Raid, Scenario, Site

NEVER_FLEW = ("compromised", "failed")
"""The fates of drones that never left the ground."""


@dataclass(frozen=True)
class FlownRaid:
    """A raid as it was flown on a day: `drones` and `events` are its rows of the replay's tables.

    `reaches` are the circles of what guards each site in this run, in km: (kind of unit, radius).
    """

    scenario: Scenario
    name: str
    day: int
    drones: pd.DataFrame
    events: pd.DataFrame
    reaches: dict[str, list[tuple[str, float]]]

    @property
    def definition(self) -> Raid:
        """The raid as the scenario defines it."""
        return self.scenario.raids[self.name]

    @property
    def date(self) -> datetime.date:
        """The day's date."""
        return self.scenario.start + datetime.timedelta(self.day)

    @property
    def sites(self) -> list[str]:
        """The sites that drones were sent to, in the raid's order."""
        return list(self.drones["site"].unique())

    @property
    def is_direct(self) -> bool:
        """Whether the drones come all the way from launch areas."""
        return self.definition.delivery.kind == "direct"

    @property
    def ends_min(self) -> float:
        """When the last drone has met its fate, in minutes after the start."""
        return float(self.drones["ended_min"].max())

    def area_of(self, wave: str) -> str:
        """The launch area of a wave of a direct raid."""
        area = self.definition.waves[wave].launch_from
        assert area is not None  # a direct raid's waves have one
        return area


def raids_in(replay: Replay) -> Iterator[FlownRaid]:
    """Every raid of the run in the order of days."""
    if replay.drones.empty:
        return
    scenario = replay.record.scenario
    reaches = reaches_of(scenario, replay.record.seed, replay.run)
    events = dict(list(replay.events.groupby(["day", "raid"], sort=False)))
    for (day, name), drones in replay.drones.groupby(["day", "raid"], sort=False):
        yield FlownRaid(
            scenario,
            str(name),
            int(str(day)),
            drones.reset_index(drop=True),
            events[day, name].reset_index(drop=True),
            reaches,
        )


def reaches_of(scenario: Scenario, seed: int, run: int) -> dict[str, list[tuple[str, float]]]:
    """What guards each site in a run, by site: the kind of each unit that is there, its reach."""
    sample = Sample(scenario, seed, np.array([run]))
    return {
        name: sorted(
            {
                (scenario.units[unit].kind, float(sample[f"units.{unit}.range"][0]))
                for unit in site.defence
                if sample[f"sites.{name}.defence.{unit}.count"][0] > 0.0
            }
        )
        for name, site in scenario.sites.items()
    }


def places_in(raid: FlownRaid) -> Floats:
    """Where everything of the raid is, in degrees, longitude first, shape (n, 2)."""
    scenario = raid.scenario
    enemy = scenario.enemy_of(raid.definition.by)
    places: list[Site | LaunchArea] = [
        site for name, site in scenario.sites.items() if site.side == enemy or name in raid.sites
    ]
    places += [scenario.launch_areas[name] for name in areas_of(raid)]
    return np.array([[place.position.lon, place.position.lat] for place in places])


def areas_of(raid: FlownRaid) -> list[str]:
    """The launch areas that the raid flies from, none if carriers bring it."""
    if not raid.is_direct:
        return []
    return list(dict.fromkeys(raid.area_of(wave) for wave in raid.drones["wave"].unique()))


def apart_km(raid: FlownRaid) -> float:
    """How far the two raided sites that are farthest from each other are apart."""
    where = [raid.scenario.sites[name].position for name in raid.sites]
    return max(distance_km(a.lat, a.lon, b.lat, b.lon) for a in where for b in where)
