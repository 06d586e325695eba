"""What is stored of the wars on the screen: a record, its summary, and fates and maps of raids."""

from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from sim.experiment.record import Record
from sim.report.answers.summary import summarise
from sim.report.plots.run.fates import mean_fates

Figures = dict[str, Any]


class Answer(NamedTuple):
    """A record and its summary; of its tables only those that the page still needs."""

    record: Record
    summary: Figures
    fates: dict[str, pd.DataFrame]
    """Of each raid that was flown, the mean number of drones by site and fate."""
    maps: dict[str, str]
    """Maps by raid as HTML, as far as they are drawn."""


def answer_of(record: Record) -> Answer:
    """The answer that a record gives."""
    summary = summarise(record)
    raids_flown = [name for name, raid in summary["raids"].items() if raid["flown"]["share"]]
    fates = {name: mean_fates(record, name) for name in raids_flown}
    frames = {name: record.frames[name] for name in ("runs", "fans")}
    if "raids" in record.frames:  # for the days on which raids were flown
        frames["raids"] = record.frames["raids"][["run", "raid", "day"]].drop_duplicates()
    if "losses" in record.frames:  # for the maps
        of = ["run", "raid", "site"]
        losses = record.frames["losses"].groupby(of, as_index=False, observed=True)
        frames["losses"] = losses[["first_hit_by_raid", "destroyed"]].sum()
    return Answer(replace(record, frames=frames), summary, fates, {})
