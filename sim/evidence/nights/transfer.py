"""The law of nights transferred: forecasts of raids on other defences.

Nothing is fitted to them. The filter forecasts each raid twice: from its prior alone, and after all
nights of a file before it, if there are enough.
"""

from pathlib import Path
from typing import Any

from sim.evidence.nights.families import families
from sim.evidence.nights.file import CLASSES, Nights, read_nights
from sim.evidence.nights.filter import Family, Known, Raid, forecast, unlearned
from sim.evidence.nights.forecasting import learn, raid_on
from sim.evidence.nights.sequential import told
from sim.evidence.nights.validation import LEAST_TRAINED
from sim.evidence.scores import quantile

Figures = dict[str, Any]

QUANTILES = {"low_90": 0.05, "median": 0.5, "high_90": 0.95}


def forecast_elsewhere(path: str | Path, elsewhere: str | Path) -> Figures:
    """Forecast the raids of one file from the nights of another.

    Returns a dictionary that can be printed as JSON; `learned` is None if fewer than 20 nights come
    before. Raises NightsError if a file is of no use.
    """
    reported, others = read_nights(path), read_nights(elsewhere)
    raids = [
        _beside(name, reported.classes[name], others.classes[name], k)
        for name in CLASSES
        for k in range(len(others.classes[name]))
    ]
    ways = ("guessed", "learned")
    return told(elsewhere, others) | {
        "learned_from": Path(path).name,
        "raids": sorted(raids, key=lambda row: (row["night"], CLASSES.index(row["class"]))),
        "inside": {
            way: sum(bool(row[way] and row[way]["inside"]) for row in raids) for way in ways
        },
        "asked": {way: sum(row[way] is not None for row in raids) for way in ways},
    }


def _beside(name: str, nights: Nights, others: Nights, k: int) -> Figures:
    night, size, came = others.date(k), int(others.launched[k]), int(others.leaked[k])
    before = nights.where(nights.day < night.toordinal())
    there = before if len(before) else others.where(others.day <= night.toordinal())
    raid = raid_on(there, night, size, others.kinds[k])
    learned = learn(name, before) if len(before) >= LEAST_TRAINED else None
    own = families(name)
    return {
        "night": night.isoformat(),
        "class": name,
        "launched": size,
        "leaked": came,
        "guessed": _forecast(own, unlearned(own, raid.day), raid, came),
        "learned": learned and _forecast(own, learned.known, raid, came),
    }


def _forecast(own: tuple[Family, ...], known: Known, raid: Raid, came: int) -> Figures:
    law = forecast(own, known, raid).cumulative(raid.launched)
    found = {word: quantile(law, q) for word, q in QUANTILES.items()}
    return found | {"inside": found["low_90"] <= came <= found["high_90"]}
