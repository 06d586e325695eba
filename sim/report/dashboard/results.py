"""What is stored of the current wars: a record, its summary, and fates and maps of raids."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.record import Record
from sim.render.document import Figures
from sim.report.answers.summary import summarise
from sim.report.plots.run.fates import mean_fates
from sim.scenario.schema import Scenario

Floats = NDArray[np.float64]


class MapImage(NamedTuple):
    """A map for a page: its PNG in base 64, and a description in words."""

    png: str
    description: str

    @property
    def size_bytes(self) -> int:
        """Its size in bytes."""
        return len(self.png) + len(self.description)


class Results(NamedTuple):
    """A record and its summary; only those of its tables that the page still needs."""

    record: Record
    summary: Figures
    fates: dict[str, pd.DataFrame]
    """For each raid that was flown, the mean number of drones by site and fate."""
    maps: dict[str, MapImage]
    """Maps by raid, those drawn so far."""

    @property
    def scenario(self) -> Scenario:
        """The scenario that was simulated."""
        return self.record.scenario

    @property
    def raids(self) -> list[str]:
        """The raids of the scenario, the one in focus first."""
        return sorted(self.scenario.raids, key=lambda name: name != self.scenario.focus)

    def outcome(self, column: str) -> Floats:
        """A column of the table of runs, shape (runs,); NaN for a run without it."""
        return self.record.column("runs", column).to_numpy(np.float64)


def results_of(record: Record) -> Results:
    """The results of a record."""
    summary = summarise(record)
    frames = {name: record.frames[name] for name in ("runs", "fans")}
    if "raids" in record.frames:  # for the days on which raids were flown
        frames["raids"] = record.frames["raids"][["run", "raid", "day"]].drop_duplicates()
    if "losses" in record.frames:  # for the maps
        of = ["run", "raid", "site"]
        losses = record.frames["losses"].groupby(of, as_index=False, observed=True)
        frames["losses"] = losses[["first_hit_by_raid", "destroyed"]].sum()
    return Results(replace(record, frames=frames), summary, mean_fates(record), {})
