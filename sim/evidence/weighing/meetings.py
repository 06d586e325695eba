"""The result of a meeting as a measurement of both reservations and of the will to stop.

A settlement has the chance p_deal Phi(Z / blur), where Z is the zone of agreement on that day:
minds at the table differ from the model's by `blur`, and even ample room is not always found. A
side would stop with chance Phi(gain / blur), its gain being from stopping on the line as it stood.
Meetings are independent given these. Source: fearon1995 (the zone); the law of errors is this
project's.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, logsumexp

from sim.scenario.experiment import Came, Table

Floats = NDArray[np.float64]


class Held(NamedTuple):
    """A meeting that was held: its name, what came of it, and its day."""

    name: str
    came: Came
    day: int


def log_chances(
    held: Held, table: Table, reservations: Floats, gains: Floats, sides: tuple[str, ...]
) -> dict[str, Floats]:
    """The log likelihood of each part of a meeting's result, shape (candidates, runs) each.

    `reservations` and `gains` (sides, runs) are those of its day. Candidates are all combinations
    of `blur` and `p_deal`, the latter varying fastest.
    """
    zone = 1.0 - reservations.sum(axis=0)
    there = np.isfinite(zone) & np.isfinite(gains).all(axis=0)
    zone, gains = np.where(there, zone, 0.0), np.where(there, gains, 0.0)
    parts: dict[str, list[Floats]] = {part: [] for part in ("settled", *held.came.stops)}
    for blur in table.blur.values:
        for p_deal in table.p_deal.values:
            log_p = np.log(p_deal) + log_ndtr(zone / blur)
            no_deal = np.log1p(-np.exp(np.minimum(log_p, -1e-12)))
            parts["settled"].append(log_p if held.came.settled else no_deal)
            for side, stops in held.came.stops.items():
                gain = gains[sides.index(side)] / blur
                parts[side].append(log_ndtr(gain if stops else -gain))
    return {part: np.where(there, np.array(logs), -np.inf) for part, logs in parts.items()}


def log_likelihood(parts: Mapping[str, Floats]) -> Floats:
    """The log likelihood of all parts of all meetings, averaged over candidates, shape (runs,)."""
    together = np.sum(list(parts.values()), axis=0)
    return logsumexp(together, axis=0) - np.log(len(together))


def candidate_weights(parts: Mapping[str, Floats]) -> Floats:
    """The posterior of the candidates in each run after all meetings, shape (candidates, runs)."""
    together = np.sum(list(parts.values()), axis=0)
    return np.exp(together - logsumexp(together, axis=0))


class Endings(NamedTuple):
    """The chances that a meeting ends the fighting, shape (candidates, runs) each."""

    settlement: Floats
    ceasefire: Floats
    either: Floats


def endings(table: Table, reservations: Floats, gains: Floats) -> Endings:
    """The possible results of a meeting, by the law used for those of the record.

    `reservations` and `gains` are (sides, runs). A ceasefire requires that every side would stop
    and, like a settlement, that the meeting finds it: the same chance p_deal.
    """
    zone = 1.0 - reservations.sum(axis=0)
    found: list[list[Floats]] = [[], [], []]
    for blur in table.blur.values:
        settle = np.exp(log_ndtr(zone / blur))
        stop = np.exp(log_ndtr(gains / blur).sum(axis=0))
        for p_deal in table.p_deal.values:
            for row, chance in zip(
                found, (settle, stop, 1.0 - (1.0 - settle) * (1.0 - stop)), strict=True
            ):
                row.append(p_deal * chance)
    return Endings(*(np.array(row) for row in found))
