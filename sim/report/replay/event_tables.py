"""The event log of a raid as tables: summed up by kind, by unit, and its first and last events."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from sim.experiment.section import Section
from sim.raid.records import FATES
from sim.report.plots.fates import FATE_WORDS
from sim.report.replay.raids import Flown

_WORDS = {
    "launched": "launched",
    "seen": "seen in time to be fired at",
    "fired_at": "fired at",
    "shot_missed": "missed by a shot",
    "shot_late": "shot at too late",
    **FATE_WORDS,
}
"""What happens to a drone, in the order of the table."""
_STOPS = ("jammed", "shot_down")
_MOST_SITES = 6
_SHOWN = 8


def happened_in(flown: Flown) -> Iterator[Section]:
    """The tables of a raid's event log."""
    yield Section(
        "The event log",
        [
            f"The whole log, {len(flown.events):,} events of this raid in order of time, is in "
            "events.csv beside this page; drones.csv has one row a drone."
        ],
    )
    yield _summed(flown)
    units = _by_unit(flown)
    if units.rows:
        yield units
    yield _first_and_last(flown)


def _summed(flown: Flown) -> Section:
    """One row a kind of event: how often, when first and last, and to drones of which site."""
    sites = flown.sites if 1 < len(flown.sites) <= _MOST_SITES else []
    sent_to = flown.drones.set_index("drone")["site"]
    events = flown.events.assign(site=flown.events["drone"].map(sent_to))
    rows = []
    for what, words in _WORDS.items():
        found = events[events["what"] == what]
        if len(found):
            there = found["site"].value_counts()
            minutes = found["minute"]
            rows.append(
                (
                    words,
                    f"{len(found):,}",
                    _minute(minutes.min()),
                    _minute(minutes.max()),
                    *(f"{there.get(site, 0):,}" for site in sites),
                )
            )
    titles = [flown.scenario.sites[site].title.split(",")[0] for site in sites]
    return Section(
        "What happened to drones, and when (minutes after the start)",
        [],
        ("event", "times", "first, min", "last, min", *(f"to {title}" for title in titles)),
        rows,
    )


def _by_unit(flown: Flown) -> Section:
    """One row a kind of unit and site: whom it saw, fired at and stopped."""
    events = flown.events[flown.events["unit"] != ""]
    rows = []
    for (site, unit), found in events.groupby(["unit_site", "unit"], sort=False):
        times = found["what"].value_counts()
        rows.append(
            (
                f"{flown.scenario.units[str(unit)].title}, {_site(flown, str(site))}",
                *(f"{times.get(what, 0):,}" for what in ("seen", "fired_at")),
                f"{int(found['rounds'].sum()):,}",
                *(f"{times.get(what, 0):,}" for what in _STOPS),
            )
        )
    rows.sort(key=lambda row: -sum(int(cell.replace(",", "")) for cell in row[-2:]))
    columns = ("unit", "drones seen", "shots", "rounds", "jammed", "shot down")
    return Section("What the defence did", [], columns, rows)


def _first_and_last(flown: Flown) -> Section:
    events = flown.events[flown.events["what"] != "launched"]
    shown = events if len(events) <= 2 * _SHOWN else pd.concat(
        [events.head(_SHOWN), events.tail(_SHOWN)]
    )  # fmt: skip
    rows = [_in_words(flown, event) for event in shown.to_dict("records")]
    if len(events) > 2 * _SHOWN:
        rows.insert(_SHOWN, ("…", f"and {len(events) - 2 * _SHOWN:,} events between"))
    return Section(
        "First and last events, launches left out", [], ("minute", "what happened"), rows
    )


def _in_words(flown: Flown, event: Mapping[Hashable, Any]) -> tuple[str, str]:
    """An event as a row: its minute, and a sentence."""
    drone = flown.drones.set_index("drone").loc[event["drone"]]
    weapon = flown.scenario.weapons[str(drone["weapon"])].title
    who = f"drone {event['drone']} ({weapon}, to {_site(flown, str(drone['site']))})"
    by = ""
    if event["unit"]:
        unit = flown.scenario.units[str(event["unit"])].title
        by = f" by {unit}, {_site(flown, str(event['unit_site']))}"
    what = str(event["what"])
    thing = flown.scenario.assets[str(drone["asset"])].title if drone["asset"] else ""
    aim = f": {thing}" if thing and what in ("missed", *FATES[-2:]) else ""
    return _minute(event["minute"]), f"{who}: {_WORDS[what]}{by}{aim}"


def _site(flown: Flown, name: str) -> str:
    return flown.scenario.sites[name].title.split(",")[0]


def _minute(minutes: float) -> str:
    return f"{minutes:.1f}"
