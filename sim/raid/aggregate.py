"""A raid as the textbook salvo models see it: a number of shots against a number of stops."""

from typing import NamedTuple

import numpy as np

from sim.compiled import compiled
from sim.raid.arrays import Defence, Floats, Orders
from sim.raid.kernel import JAMMER
from sim.rules import geometry, salvo

_MANY = 1e12  # shots of a channel whose shots take no time


class Yardstick(NamedTuple):
    """Leakers by each textbook model from the figures of a raid.

    Shape (n,): the runs that have drones.
    """

    hughes: Floats
    armstrong: Floats


def yardstick(orders: Orders, defence: Defence) -> Yardstick:
    """What Hughes' and Armstrong's models predict for a raid that is about to fly.

    Shots are the drones ordered, each with its mean chance to work, not to be found and not to be
    jammed. Stops are the rounds that the units on the way can fire: one per channel, and one more
    for every service time during which drones are in reach, limited by the magazine; each kills
    with its mean chance. These models leave out detection, geometry and who shoots at whom.
    """
    drones = orders.flights["drones"].sum(axis=1)
    rows = np.flatnonzero(drones)
    shots, units = drones[rows].astype(np.float64), defence.units.shape[1]
    working, hazard = np.zeros((2, len(rows), orders.flights.shape[1]))
    rounds, kills = np.zeros((2, len(rows), units))
    _weigh(orders, defence, rows, working, hazard, rounds, kills, np.zeros((3, units)))
    stops = rounds.sum(axis=1)
    p_shot = _ratio((working * np.exp(-hazard)).sum(axis=1), shots)
    p_stop = _ratio(kills.sum(axis=1), stops)
    return Yardstick(
        salvo.hughes_leakers(shots, p_shot, stops, p_stop),
        salvo.armstrong_leakers(shots, p_shot, stops, p_stop),
    )


@compiled
def _weigh(orders, defence, rows, working, hazard, rounds, kills, room):
    """Work out the inputs of the models for the runs in n rows.

    Writes the expected number of working drones of each flight and the hazard of jamming they meet,
    (n, F), and the rounds that each unit can fire and how many of them kill, (n, U). `room` is (3,
    U).
    """
    for run in range(len(rows)):
        row = rows[run]
        flights, weapons = orders.flights[row], orders.weapons[row]
        units, p_kill = defence.units[row], defence.p_kill[row]
        room[:] = 0.0
        window_min = 0.0
        for number in range(len(flights)):
            flight = flights[number]
            weapon = weapons[flight.weapon]
            carried = flight.p_carrier_survives if flight.carriers > 0 else 1.0
            working[run, number] = flight.drones * weapon.p_works * carried
            hazard[run, number] = _pass(flight, weapon, units, orders.near, p_kill, room)
            window_min = max(window_min, flight.window_min)
        for place in range(len(units)):
            stops, p_stop = _stops(units[place], room[:, place], window_min)
            rounds[run, place] = stops
            kills[run, place] = stops * p_stop


@compiled
def _pass(flight, weapon, units, near, p_kill, room):
    """Send a flight past the units near it; returns the hazard of jamming it meets.

    Adds to `room`, by unit: drones in reach, drone-minutes in reach, and kills if one round is
    fired at each drone.
    """
    hazard = 0.0
    for k in range(flight.near_first, flight.near_end):
        place = near[k].unit
        unit, p = units[place], p_kill[place, flight.weapon]
        dwell_min = _dwell_min(flight, weapon, unit, near[k])
        if unit.kind == JAMMER:
            hazard += unit.losses_per_min * weapon.susceptibility * dwell_min
        if dwell_min > 0.0 and p > 0.0:
            room[0, place] += flight.drones
            room[1, place] += flight.drones * dwell_min
            room[2, place] += flight.drones * p
    return hazard


@compiled
def _dwell_min(flight, weapon, unit, near):
    """Time that a drone of a flight spends inside the circle of a near unit."""
    half_km = geometry.half_chord_km(unit.range_km, near.offset_km)
    along_km = flight.leg_km - near.before_km
    enters_km = min(max(along_km - half_km, 0.0), flight.leg_km)
    leaves_km = min(max(along_km + half_km, 0.0), flight.leg_km)
    return (leaves_km - enters_km) / weapon.speed_km_min


@compiled
def _stops(unit, met, window_min):
    """Rounds that a unit can fire at the drones it meets, and the mean chance that one kills."""
    if met[0] <= 0.0:
        return 0.0, 0.0
    service_min = unit.service_min / max(unit.salvo, 1)
    time_min = met[1] / met[0] + window_min
    shots = (service_min + time_min) / service_min if service_min > 0.0 else _MANY
    return min(unit.channels * shots, float(unit.rounds_left)), met[2] / met[0]


def _ratio(part: Floats, whole: Floats) -> Floats:
    """part / whole, 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0.0)
