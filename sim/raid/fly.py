"""Fly a raid: pass the orders to the kernel and return what happened."""

import numpy as np
from numpy.typing import NDArray

from sim.raid import kernel
from sim.raid.arrays import (
    ASSET_RESULT,
    CROSSING,
    DRONE,
    ENCOUNTER,
    FATES,
    FLIGHT_RESULT,
    LINEUP,
    SHOT,
    SIGHTING,
    Bools,
    Defence,
    Ints,
    Log,
    Orders,
    Room,
    Tally,
)


def fly(
    seed: int,
    runs: Ints,
    day: int,
    flown: Bools,
    orders: Orders,
    defence: Defence,
    with_log: bool = False,
) -> tuple[Tally, Log]:
    """Fly one raid in the runs where `flown`, and return its tally and log, a row for each of them.

    `runs` (R,) are the run numbers that address the draws, `day` is the day of the campaign.
    Updates the records of `defence` to what is left.
    """
    rows = np.flatnonzero(flown)
    tally = _tally(orders, defence, len(rows))
    room = _room(orders, defence, rows)
    log = _log(defence, room, len(rows) if with_log else 0)
    kernel.fly(seed, runs, day, flown, orders, defence, tally, log, room)
    return tally, log


def fly_once(
    seed: int, runs: Ints, kinds: Ints, day: int, flown: Bools, orders: Orders, defence: Defence
) -> tuple[Tally, Log]:
    """The same as `fly`, but flying identical rows of a run only once and copying the result.

    `kinds` (rows,) numbers the rows by run and figures. Rows of one kind are twins if the war has
    brought them to the same state. The log is empty.
    """
    rows = np.flatnonzero(flown)
    first, twin_of = _twins(kinds[rows], _states(orders, defence, rows))
    chosen = rows[first]
    sub = orders._replace(flights=orders.flights[chosen], weapons=orders.weapons[chosen])
    left = Defence._make(part[chosen] for part in defence)
    flown_once, log = fly(seed, runs[chosen], day, np.ones(len(chosen), np.bool_), sub, left)
    defence.units[rows] = left.units[twin_of]
    defence.assets[rows] = left.assets[twin_of]
    defence.marks[rows] = left.marks[twin_of]
    return Tally._make(part[twin_of] for part in flown_once), log


def _states(orders: Orders, defence: Defence, rows: Ints) -> NDArray[np.uint64]:
    """Everything that may differ among rows of one kind, as 64-bit words: shape (rows, n)."""
    parts = [
        orders.flights["drones"],
        *(defence.units[field] for field in ("rounds_left", "alertness")),
        *(defence.assets[field] for field in ("present", "intact", "damaged")),
        defence.p_kill,
        defence.marks,
    ]
    words = [part[rows].reshape(len(rows), -1).view(np.uint64) for part in parts]
    return np.concatenate(words, axis=1)


def _twins(kinds: Ints, states: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """The first row of each group of twins, and for each row the number of its group.

    Rows are grouped by a hash and then compared word by word, so a hash collision only costs time.
    """
    odd = 2 * np.arange(1, states.shape[1] + 1, dtype=np.uint64) + 1
    scattered = (states ^ (states >> np.uint64(31))) * (odd * np.uint64(0x9E3779B97F4A7C15))
    hashes = (scattered ^ (scattered >> np.uint64(29))).sum(axis=1, dtype=np.uint64)
    keys = np.stack([kinds.astype(np.uint64), hashes], axis=1)
    _, first, twin_of = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    twin_of = twin_of.reshape(-1)
    if not np.array_equal(states, states[first[twin_of]]):
        words = np.concatenate([keys, states], axis=1)
        _, first, twin_of = np.unique(words, axis=0, return_index=True, return_inverse=True)
    return first, twin_of.reshape(-1)


def _tally(orders: Orders, defence: Defence, rows: int) -> Tally:
    flights, units = (rows, orders.flights.shape[1]), (rows, defence.units.shape[1])
    return Tally(
        fates=np.zeros((*flights, 2, len(FATES)), np.int64),
        stopped_by=np.zeros(units, np.int64),
        rounds_fired=np.zeros(units, np.int64),
        flights=np.zeros(flights, FLIGHT_RESULT),
        assets=np.zeros((rows, *defence.assets.shape[1:]), ASSET_RESULT),
        forewarned=np.zeros(rows, np.bool_),
    )


def _log(defence: Defence, room: Room, rows: int) -> Log:
    """An empty log with space for every drone, sighting and shot, or for none if it has no rows."""
    drones, encounters, shots = len(room.drones), len(room.encounters), 0
    if rows:
        shots = encounters * int(defence.units["max_shots"].max(initial=0))
        shots = min(shots, int(defence.units["rounds_left"].sum(axis=1).max(initial=0)))
    log = Log(
        fate=np.full((rows, drones), kernel.FLYING),
        weapon=np.full((rows, drones), -1),
        stopped_by=np.full((rows, drones), -1),
        aimed_at=np.full((rows, drones), -1),
        launched_min=np.zeros((rows, drones)),
        ended_min=np.zeros((rows, drones)),
        sightings=np.zeros((rows, encounters), SIGHTING),
        shots=np.zeros((rows, shots), SHOT),
        shots_fired=np.zeros(rows, np.int64),
    )
    log.sightings["drone"] = log.shots["drone"] = -1
    return log


def _room(orders: Orders, defence: Defence, rows: Ints) -> Room:
    """Scratch arrays large enough for the largest run of some rows."""
    flights, units, assets = orders.flights, defence.units, defence.assets
    sizes = flights["drones"][rows]
    near = flights["near_end"][:1] - flights["near_first"][:1]  # the same in all rows
    drones = int(sizes.sum(axis=1).max(initial=0))
    encounters = int((sizes * near).sum(axis=1).max(initial=0))
    slots = (assets["present"][rows] + assets["damaged"][rows]).reshape(len(rows), -1).sum(axis=1)
    channels = int(units["channels"][rows].sum(axis=1).max(initial=0))
    shots = encounters * int(units["max_shots"][rows].max(initial=1))
    carriers = int(flights["carriers"][rows].max(initial=0))
    flight = int(sizes.max(initial=0))
    order = max(drones, encounters)
    return Room(
        lineup=np.zeros(sizes.shape[1], LINEUP),
        drones=np.zeros(drones, DRONE),
        crossings=np.zeros(2, CROSSING),
        encounters=np.zeros(encounters, ENCOUNTER),
        carrier_lost=np.zeros((sizes.shape[1], carriers), np.bool_),
        slot_state=np.zeros(int(slots.max(initial=0)), np.int64),
        slot_next=np.zeros(int(slots.max(initial=0)), np.int64),
        draws=np.zeros(flight),
        launched_min=np.zeros(drones),
        order_min=np.zeros(order),
        order_item=np.zeros(order, np.int64),
        spare_min=np.zeros(order),
        spare_item=np.zeros(order, np.int64),
        starts=np.zeros((8, 256), np.int64),
        shot_min=np.zeros(min(channels, shots)),
        shot_code=np.zeros(min(channels, shots), np.int64),
        queue_key=np.zeros(encounters),
        queue_item=np.zeros(encounters, np.int64),
        touched=np.zeros(defence.units.shape[1], np.int64),
    )
