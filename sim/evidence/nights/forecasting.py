"""Forecasts of how many will come through tonight, in a week and in a month, from past nights."""

import datetime
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import __version__
from sim.evidence.nights.defence import defence
from sim.evidence.nights.families import families, raids
from sim.evidence.nights.file import CLASSES, Nights, read_nights, tempo_of
from sim.evidence.nights.filter import Family, Known, Raid, forecast
from sim.evidence.nights.rows import MOST_LAUNCHED, NightsError
from sim.evidence.nights.sequential import HORIZONS_DAYS, history, told
from sim.evidence.nights.validation import LEAST_TRAINED
from sim.evidence.scores import quantile

Floats = NDArray[np.float64]
Figures = dict[str, Any]

LATELY_DAYS = 60
QUANTILES = tuple(round(0.01 * k, 2) for k in range(1, 100))
_MOST_SIZES = 41  # sizes evaluated in a range, evenly spaced
_SHOWN = 45


class Sizes(NamedTuple):
    """How many are launched: uniform from `low` to `high`, equal if the number is given."""

    low: int
    high: int


class Learned(NamedTuple):
    """A class's filter after the last night: its families, what they know, and the nights."""

    group: str
    own: tuple[Family, ...]
    known: Known
    nights: Nights


def learn(name: str, nights: Nights) -> Learned:
    """Learn from all nights of a class; there must be at least one."""
    own = families(name)
    return Learned(name, own, history(own, list(raids(name, nights)), nights)[-1], nights)


def forecast_nights(
    path: str | Path,
    as_of: datetime.date | None = None,
    launched: Mapping[str, Sizes] | None = None,
) -> Figures:
    """Forecast the nights 1, 7 and 30 days after a date, by default the last of the file.

    `launched` gives the number launched by class; for other classes the sizes are those of the last
    60 days. Returns a dictionary that can be printed as JSON. Raises NightsError if the file or
    date is of no use.
    """
    reported = read_nights(path)
    date = as_of or reported.last
    if date < reported.first:
        raise NightsError(f"{path}: no night up to {date}, expected {reported.first} or later")
    found: Figures = {}
    not_forecast: dict[str, str] = {}
    for name in CLASSES:
        nights = reported.classes[name]
        nights = nights.where(nights.day <= date.toordinal())
        if len(nights) < LEAST_TRAINED:
            not_forecast[name] = f"{len(nights)} nights up to {date}, {LEAST_TRAINED} are needed"
        else:
            found[name] = _forecast(name, nights, date, (launched or {}).get(name))
    if not found:
        reasons = "; ".join(f"{name}: {why}" for name, why in not_forecast.items())
        raise NightsError(f"{path}: nothing to forecast ({reasons})")
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return told(path, reported) | {
        "as_of": date.isoformat(),
        "sha256": digest,
        "classes": found,
        "not_forecast": not_forecast,
    }


def _forecast(name: str, nights: Nights, date: datetime.date, asked: Sizes | None) -> Figures:
    learned = learn(name, nights)
    lately = nights.where(nights.day > date.toordinal() - LATELY_DAYS)
    sizes = _sizes(lately if len(lately) else nights, asked)
    ahead = {}
    for days in HORIZONS_DAYS:
        later = date + datetime.timedelta(days)
        ahead[str(days)] = {"date": later.isoformat()} | _summary(law_of(learned, later, sizes))
    return {
        "nights": len(nights),
        "last_night": nights.date(len(nights) - 1).isoformat(),
        "launched": {
            "told": asked is not None,
            "low": int(min(sizes)),
            "median": int(np.median(sizes)),
            "high": int(max(sizes)),
        },
        "flown_lately": len(lately) / LATELY_DAYS,
        "ahead": ahead,
        "defence": defence(name, learned.own, learned.known, float(nights.tempo[-1])),
        "lately": [
            {
                "night": nights.date(k).isoformat(),
                "launched": int(nights.launched[k]),
                "leaked": int(nights.leaked[k]),
            }
            for k in range(max(0, len(nights) - _SHOWN), len(nights))
        ],
    }


def _sizes(lately: Nights, asked: Sizes | None) -> Sequence[int]:
    """Equally likely sizes: evenly spaced over the range given, or those of recent nights."""
    if asked is None:
        return [int(number) for number in lately.launched]
    count = min(asked.high - asked.low + 1, _MOST_SIZES)
    return [int(number) for number in np.linspace(asked.low, asked.high, count).round()]


def law_of(
    learned: Learned, date: datetime.date, sizes: Sequence[int], kinds: Floats | None = None
) -> Floats:
    """The cumulative distribution of leakers of a night, averaged over equally likely sizes.

    `kinds` are the shares of the kinds of the class, by default those of recent nights.
    """
    law = np.zeros(max(sizes) + 1)
    for size in sizes:
        raid = raid_on(learned.nights, date, size, kinds)
        one = forecast(learned.own, learned.known, raid).cumulative(size)
        law[: size + 1] += one
        law[size + 1 :] += 1.0
    return law / len(sizes)


def raid_on(nights: Nights, date: datetime.date, size: int, kinds: Floats | None = None) -> Raid:
    """A raid of a size after all known nights, by default with the kinds of recent nights."""
    day = date.toordinal()
    lately = nights.day > nights.day[-1] - LATELY_DAYS
    if kinds is None:
        kinds = np.average(nights.kinds[lately], axis=0, weights=nights.launched[lately])
    tempo = tempo_of(np.append(nights.day, day), np.append(nights.launched, size))[-1]
    extras = np.array([*kinds[1:], 0.0])
    return Raid(day, size, float(tempo), bool(nights.counts_lost[-1]), extras)


def _summary(law: Floats) -> Figures:
    ends = {"low_90": 0.05, "low_50": 0.25, "median": 0.5, "high_50": 0.75, "high_90": 0.95}
    return {
        "mean": float((1.0 - law[:-1]).sum()),
        **{word: quantile(law, q) for word, q in ends.items()},
        "quantiles": [quantile(law, q) for q in QUANTILES],
    }


def learned_to(path: str | Path, name: str, date: datetime.date) -> Learned:
    """A class's filter after all nights of a file up to a date. Raises NightsError."""
    nights = read_nights(path).classes[name]
    nights = nights.where(nights.day <= date.toordinal())
    if len(nights) < LEAST_TRAINED:
        raise NightsError(
            f"{path}: {len(nights)} nights of {name} up to {date}, {LEAST_TRAINED} are needed"
        )
    return learn(name, nights)


# --- what was said when -------------------------------------------------------------------------


def append_to_log(path: str | Path, figures: Figures, said: datetime.datetime) -> int:
    """Append forecasts to a log, one JSON object per line; existing lines are never changed.

    Each class and horizon has a line with the 1st to 99th percentile, from which it can be scored
    once the night is over. Returns the number of lines. Raises OSError.
    """
    lines = [
        json.dumps(
            {
                "said": said.isoformat(timespec="seconds"),
                "version": __version__,
                "file": figures["file"],
                "sha256": figures["sha256"],
                "as_of": figures["as_of"],
                "class": name,
                "days_ahead": int(days),
                "launched": entry["launched"],
                **one,
            }
        )
        for name, entry in figures["classes"].items()
        for days, one in entry["ahead"].items()
    ]
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o644)
    try:
        os.write(descriptor, "".join(f"{line}\n" for line in lines).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return len(lines)


def sizes_told(words: Sequence[str]) -> dict[str, Sizes]:
    """Parse `CLASS=COUNT` and `CLASS=LOW:HIGH`. Raises NightsError."""
    found: dict[str, Sizes] = {}
    for word in words:
        name, _, numbers = word.partition("=")
        low, _, high = numbers.partition(":")
        expected = f"expected CLASS=COUNT or CLASS=LOW:HIGH, CLASS one of {', '.join(CLASSES)}"
        if name not in CLASSES or not low.isdecimal() or not (high or low).isdecimal():
            raise NightsError(f"--launched {word}: not understood, {expected}")
        sizes = Sizes(int(low), int(high or low))
        if not 1 <= sizes.low <= sizes.high <= MOST_LAUNCHED:
            raise NightsError(
                f"--launched {word}: expected counts from 1 to {MOST_LAUNCHED:,}, the lower first"
            )
        if name in found:
            raise NightsError(f"--launched {word}: {name} is told twice, expected once")
        found[name] = sizes
    return found
