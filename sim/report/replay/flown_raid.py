"""The raids of a replay, one at a time: their drones, events and the figures of the run."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.experiment.replay import Replay
from sim.report.plots.map.scene import Scene, scene_of
from sim.scenario.sample import Sample
from sim.scenario.schema import Raid, Scenario

NEVER_FLEW = ("compromised", "failed")
"""The fates of drones that never left the ground."""


@dataclass(frozen=True, eq=False)
class FlownRaid:
    """A raid as flown on a day: `drones` and `events` are its rows of the replay's tables.

    `scene` has the places given by the scenario. `reaches` are the circles of the units at each
    site in this run, in km: (kind of unit, radius).
    """

    scene: Scene
    day: int
    drones: pd.DataFrame
    events: pd.DataFrame
    reaches: dict[str, list[tuple[str, float]]]

    @property
    def scenario(self) -> Scenario:
        """The scenario of the raid."""
        return self.scene.scenario

    @property
    def definition(self) -> Raid:
        """The raid as defined in the scenario."""
        return self.scenario.raids[self.scene.raid]

    @property
    def date(self) -> datetime.date:
        """The date of the day."""
        return self.scenario.date_of(self.day)

    @property
    def sites(self) -> list[str]:
        """The sites to which drones were sent, in the raid's order."""
        return list(self.drones["site"].unique())

    @property
    def is_direct(self) -> bool:
        """Whether the drones fly all the way from launch areas."""
        return self.definition.delivery.kind == "direct"

    def area_of(self, wave: str) -> str:
        """The launch area of a wave of a direct raid."""
        area = self.definition.waves[wave].launch_from
        assert area is not None  # waves of a direct raid have one
        return area

    def site_title(self, site: str) -> str:
        """The title of a site, up to the first comma."""
        return self.scenario.sites[site].title.split(",")[0]


def raids_in(replay: Replay) -> Iterator[FlownRaid]:
    """All raids of the run, in the order of days."""
    if replay.drones.empty:
        return
    scenario = replay.record.scenario
    reaches = reaches_of(scenario, replay.record.seed, replay.run)
    events = dict(list(replay.events.groupby(["day", "raid"], sort=False, observed=True)))
    for (day, name), drones in replay.drones.groupby(["day", "raid"], sort=False, observed=True):
        scene = scene_of(scenario, str(name))
        assert scene is not None  # it was flown
        yield FlownRaid(
            scene,
            int(str(day)),
            drones.reset_index(drop=True),
            events[day, name].reset_index(drop=True),
            reaches,
        )


def reaches_of(scenario: Scenario, seed: int, run: int) -> dict[str, list[tuple[str, float]]]:
    """The defence of each site in a run: the kind of each unit present, and its reach in km."""
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
