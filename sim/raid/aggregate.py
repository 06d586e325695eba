"""A raid as the textbook salvo models see it: so many shots against so many stops."""

from typing import NamedTuple

import numpy as np

from sim.raid import kernel
from sim.raid.arrays import Defence, Floats, Orders, Records
from sim.rules import salvo


class Yardstick(NamedTuple):
    """Leakers by the textbook from the figures of a raid, shape (R,)."""

    hughes: Floats
    armstrong: Floats


def yardstick(orders: Orders, defence: Defence) -> Yardstick:
    """What Hughes' and Armstrong's models make of a raid that is about to fly.

    Shots are the drones ordered, each working, not found and not jammed with its mean chance.
    Stops are what the units on the way can fire: one a channel, and one more for every service
    time that drones are in reach, at most the magazine, each killing with its mean chance.
    Detection, geometry and who shoots at whom are what these models leave out.
    """
    flights, units, near = orders.flights, defence.units, orders.near
    sizes = flights["drones"].astype(np.float64)
    carried = np.where(flights["carriers"] > 0, flights["p_carrier_survives"], 1.0)
    flight_of = np.repeat(np.arange(flights.shape[1]), _near_counts(orders))
    dwell_min = _dwell_min(orders, units, flight_of)
    is_jammer = _of_units(orders, units, "kind") == kernel.JAMMER
    susceptibility = _of_weapons(orders, "susceptibility")[:, flight_of]

    hazard = _of_units(orders, units, "losses_per_min") * susceptibility * dwell_min * is_jammer
    p_unjammed = np.exp(-_sums(hazard, flight_of, flights.shape[1]))
    shots = sizes.sum(axis=1)
    working = (sizes * _of_weapons(orders, "p_works") * carried * p_unjammed).sum(axis=1)

    rows = np.arange(len(flights))[:, None]
    kills = defence.p_kill[rows, near["unit"], flights["weapon"][:, flight_of]]
    in_reach = sizes[:, flight_of] * (dwell_min > 0.0) * (kills > 0.0)
    count = units.shape[1]
    met = _sums(in_reach, near["unit"], count)
    time_min = _ratio(_sums(in_reach * dwell_min, near["unit"], count), met)
    time_min += flights["window_min"].max(axis=1, initial=0.0)[:, None]
    p_kill = _ratio(_sums(in_reach * kills, near["unit"], count), met)
    service = units["service_min"] / np.maximum(units["salvo"], 1)
    at_once = np.full(service.shape, 1e12)
    shots_a_channel = np.divide(service + time_min, service, out=at_once, where=service > 0.0)
    rounds_in_time = units["channels"] * shots_a_channel
    rounds = np.where(met > 0.0, np.minimum(rounds_in_time, units["rounds_left"]), 0.0)
    stops = rounds.sum(axis=1)
    p_shot, p_stop = _ratio(working, shots), _ratio((rounds * p_kill).sum(axis=1), stops)
    return Yardstick(
        salvo.hughes_leakers(shots, p_shot, stops, p_stop),
        salvo.armstrong_leakers(shots, p_shot, stops, p_stop),
    )


def _near_counts(orders: Orders) -> np.ndarray:
    """How many units each flight passes near, shape (F,)."""
    first = orders.flights[:1]
    return (first["near_end"] - first["near_first"]).reshape(-1)


def _of_weapons(orders: Orders, field: str) -> Floats:
    """A figure of each flight's weapon, shape (R, F)."""
    values: Floats = np.take_along_axis(orders.weapons[field], orders.flights["weapon"], axis=1)
    return values


def _of_units(orders: Orders, units: Records, field: str) -> Floats:
    """A field of each near unit, shape (R, N). Whole records are slow to gather."""
    values: Floats = units[field][:, orders.near["unit"]]
    return values


def _dwell_min(orders: Orders, units: Records, flight_of: np.ndarray) -> Floats:
    """Time a drone of a flight is inside the circle of a near unit, shape (R, N)."""
    leg_km = orders.flights["leg_km"][:, flight_of]
    speed = _of_weapons(orders, "speed_km_min")[:, flight_of]
    reach, offset = _of_units(orders, units, "range_km"), orders.near["offset_km"]
    half_km = np.sqrt(np.maximum(reach * reach - offset * offset, 0.0))
    along_km = leg_km - orders.near["before_km"]
    enters = np.clip(along_km - half_km, 0.0, leg_km)
    leaves = np.clip(along_km + half_km, 0.0, leg_km)
    return np.asarray((leaves - enters) / speed)


def _sums(values: Floats, places: np.ndarray, count: int) -> Floats:
    """Sums of the columns that share a place, shape (R, count)."""
    sums = np.zeros((len(values), count))
    for column, place in enumerate(places):
        sums[:, place] += values[:, column]
    return sums


def _ratio(part: Floats, whole: Floats) -> Floats:
    """part / whole, 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0.0)
