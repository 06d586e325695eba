"""What was unusual about a night compared with the 60 days before it, as far as the file shows.

There are two sorts of marks: what was known before the outcome (size, kinds, armed share, target, a
pause before it), and what the report adds (lost without a shot, places hit, drones still in the
air, which count as leaked). They are not used in forecasts: they show what, if anything, the worst
forecasts have in common.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.evidence.nights.file import KINDS, Nights

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Figures = dict[str, Any]

LATELY_DAYS = 60
LONG_PAUSE_DAYS = 7
LEAST_NIGHTS = 5
"""With fewer nights in the 60 days before, comparisons with them are left out."""

MARKS = {
    "largest": "larger than any of the 60 days before",
    "smallest": "smaller than any",
    "pause": "after a week or more without one",
    "new kind": "of a kind not flown in the 60 days before",
    "few armed": "a smaller share armed than on any",
    "many armed": "a larger share armed than on any",
    "aimed at a region": "aimed at some regions, not at the whole country",
    "few lost": "a smaller share lost without a shot than on any",
    "many lost": "a larger share lost without a shot than on any",
    "few places": "fewer places hit for each that leaked than on any",
    "many places": "more places hit for each that leaked than on any",
    "in the air": "drones still in the air at the report, counted as leaked",
}
"""Marks with their meanings."""


def marks_of(name: str, nights: Nights, k: int) -> dict[str, str]:
    """The marks of a night, each with its number in words."""
    day = int(nights.day[k])
    lately = (nights.day < day) & (nights.day >= day - LATELY_DAYS)
    found: dict[str, str] = {}
    if lately.sum() >= LEAST_NIGHTS:
        sizes = nights.launched.astype(np.float64)
        found |= _beside(sizes, lately, k, "smallest", "largest", "{:.0f} launched")
        found |= _beside(nights.armed, lately, k, "few armed", "many armed", "{:.0%} armed")
        lost = nights.lost / nights.launched
        found |= _beside(lost, lately, k, "few lost", "many lost", "{:.0%} lost")
        places = nights.places_hit / np.maximum(nights.leaked, 1)
        found |= _beside(places, lately, k, "few places", "many places", "{:.2f} places a leak")
        new = (nights.kinds[k] > 0.0) & ~(nights.kinds[lately] > 0.0).any(axis=0)
        if new.any():
            found["new kind"] = ", ".join(np.array(KINDS[name])[new])
    if k and day - int(nights.day[k - 1]) > LONG_PAUSE_DAYS:
        found["pause"] = f"{day - int(nights.day[k - 1])} days"
    if nights.regional[k] > 0.5:
        found["aimed at a region"] = f"{nights.regional[k]:.0%} of the launched"
    if nights.still_attacking[k] > 0.0:
        found["in the air"] = f"{nights.still_attacking[k]:.0f}"
    return found


def _beside(
    values: Floats, lately: Bools, k: int, low: str, high: str, words: str
) -> dict[str, str]:
    """The mark of a value below or above all those reported for the nights before, if it is."""
    told = values[lately & ~np.isnan(values)]
    if len(told) < LEAST_NIGHTS or np.isnan(values[k]):
        return {}
    text = words.format(values[k])
    if values[k] < told.min():
        return {low: text}
    return {high: text} if values[k] > told.max() else {}


def shares(every: Sequence[dict[str, str]], is_outside: Bools) -> list[Figures]:
    """How often each mark occurs on nights inside and outside their 90 % interval.

    `nights` counts the marked nights and `outside` those of them outside; `p` is Fisher's exact
    p-value, of which one in twenty is below 0.05 by chance alone.
    """
    from scipy.stats import fisher_exact

    rows = []
    for mark in MARKS:
        has = np.array([mark in one for one in every])
        if not has.any():
            continue
        table = [
            [int((has & is_outside).sum()), int((has & ~is_outside).sum())],
            [int((~has & is_outside).sum()), int((~has & ~is_outside).sum())],
        ]
        rows.append(
            {
                "mark": mark,
                "nights": int(has.sum()),
                "outside": table[0][0],
                "outside_share": float(is_outside[has].mean()),
                "others_outside_share": float(is_outside[~has].mean()) if (~has).any() else None,
                "p": float(fisher_exact(table).pvalue),
            }
        )
    return rows
