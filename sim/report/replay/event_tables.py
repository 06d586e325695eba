"""The event log of a raid as tables: totals by kind, by unit, and its first and last events."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from sim.raid.arrays import FATES
from sim.render.document import Section
from sim.report.plots.run.fates import FATE_WORDS
from sim.report.replay.flown_raid import FlownRaid

_WORDS = {
    "launched": "launched",
    "seen": "seen in time to be fired at",
    "fired_at": "fired at",
    "shot_missed": "missed by a shot",
    "shot_late": "shot at too late",
    **FATE_WORDS,
}
"""The kinds of events of a drone, in the order of the table."""
_STOPS = ("jammed", "shot_down")
_MOST_SITES = 6
_AT_EACH_END = 8


def event_sections(raid: FlownRaid) -> Iterator[Section]:
    """The tables of a raid's event log."""
    whole = (
        f"The whole log, {len(raid.events):,} events of this raid in order of time, is in "
        "events.csv next to this page; drones.csv has one row per drone."
    )
    yield Section("The event log", [whole])
    yield _summed(raid)
    units = _by_unit(raid)
    if units.rows:
        yield units
    yield _first_and_last(raid)


def _summed(raid: FlownRaid) -> Section:
    """One row per kind of event: how often, first and last minute, and counts by site."""
    sites = raid.sites if 1 < len(raid.sites) <= _MOST_SITES else []
    sent_to = raid.events["drone"].map(raid.drones.set_index("drone")["site"])
    there = pd.crosstab(raid.events["what"], sent_to).to_dict("index")
    minutes = (
        raid.events.groupby("what", observed=True)["minute"].agg(["min", "max"]).to_dict("index")
    )
    rows = [
        (
            words,
            f"{sum(there[what].values()):,}",
            *(_minute(minutes[what][end]) for end in ("min", "max")),
            *(f"{there[what].get(site, 0):,}" for site in sites),
        )
        for what, words in _WORDS.items()
        if what in there
    ]
    to_sites = (f"to {raid.site_title(site)}" for site in sites)
    heading = "What happened to the drones, and when (minutes after the start)"
    return Section(heading, [], ("event", "times", "first, min", "last, min", *to_sites), rows)


def _by_unit(raid: FlownRaid) -> Section:
    """One row per kind of unit and site: what it saw, fired at and stopped."""
    events = raid.events[raid.events["unit"] != ""]
    rows = []
    for (site, unit), found in events.groupby(["unit_site", "unit"], sort=False, observed=True):
        times = found["what"].value_counts()
        rows.append(
            (
                f"{raid.scenario.units[str(unit)].title}, {raid.site_title(str(site))}",
                *(f"{times.get(what, 0):,}" for what in ("seen", "fired_at")),
                f"{int(found['rounds'].sum()):,}",
                *(f"{times.get(what, 0):,}" for what in _STOPS),
            )
        )
    rows.sort(key=lambda row: -sum(int(cell.replace(",", "")) for cell in row[-2:]))
    columns = ("unit", "drones seen", "shots", "rounds", "jammed", "shot down")
    return Section("What the defence did", [], columns, rows)


def _first_and_last(raid: FlownRaid) -> Section:
    events = raid.events[raid.events["what"] != "launched"]
    selected = events if len(events) <= 2 * _AT_EACH_END else pd.concat(
        [events.head(_AT_EACH_END), events.tail(_AT_EACH_END)]
    )  # fmt: skip
    rows = [_in_words(raid, event) for event in selected.to_dict("records")]
    if len(events) > 2 * _AT_EACH_END:
        rows.insert(_AT_EACH_END, ("…", f"and {len(events) - 2 * _AT_EACH_END:,} events between"))
    heading = "First and last events, launches left out"
    return Section(heading, [], ("minute", "what happened"), rows)


def _in_words(raid: FlownRaid, event: Mapping[Hashable, Any]) -> tuple[str, str]:
    """An event as a row: its minute, and a description."""
    drone = raid.drones.set_index("drone").loc[event["drone"]]
    weapon = raid.scenario.weapons[str(drone["weapon"])].title
    who = f"drone {event['drone']} ({weapon}, to {raid.site_title(str(drone['site']))})"
    by = ""
    if event["unit"]:
        unit = raid.scenario.units[str(event["unit"])].title
        by = f" by {unit}, {raid.site_title(str(event['unit_site']))}"
    what = str(event["what"])
    thing = raid.scenario.assets[str(drone["asset"])].title if drone["asset"] else ""
    aim = f": {thing}" if thing and what in ("missed", *FATES[-2:]) else ""
    return _minute(event["minute"]), f"{who}: {_WORDS[what]}{by}{aim}"


def _minute(minutes: float) -> str:
    return f"{minutes:.1f}"
