"""Fly a raid: hand the orders to the kernel and give back what it did."""

import numpy as np

from sim.raid import kernel
from sim.raid.records import DRONE, ENCOUNTER, FATES, Bools, Ints, Log, Orders, Room, Tally

_WRITTEN_AFRESH = (
    ("flights", "rounds_fired"),
    ("flights", "rounds_at_decoys"),
    ("flights", "carriers_lost"),
    ("units", "rounds_fired"),
    ("assets", "newly_damaged"),
    ("assets", "newly_destroyed"),
    ("assets", "newly_finished"),
)


def fly(
    seed: int, runs: Ints, day: int, flown: Bools, orders: Orders, with_log: bool = False
) -> tuple[Tally, Log]:
    """Fly one raid in the runs where `flown`, and return what happened.

    `runs` (R,) are the run numbers that address the luck, `day` the day of the campaign. Writes
    what is left, and what this raid fired, took and lost, into the records of `orders`.
    """
    sizes = orders.flights["size"]
    rows, flights = sizes.shape
    for records, field in _WRITTEN_AFRESH:
        getattr(orders, records)[field] = 0
    tally = Tally(
        fates=np.zeros((rows, flights, 2, len(FATES)), np.int64),
        stopped_by=np.zeros((rows, flights, orders.units.shape[1]), np.int64),
        forewarned=np.zeros(rows, np.bool_),
    )
    shape = (rows, int(sizes.sum(axis=1).max(initial=0))) if with_log else (0, 0)
    log = Log(
        fate=np.full(shape, kernel.FLYING, np.int64),
        weapon=np.full(shape, -1, np.int64),
        stopped_by=np.full(shape, -1, np.int64),
        ended_min=np.zeros(shape),
    )
    kernel.fly(seed, runs, day, flown, orders, tally, log, _room(orders))
    return tally, log


def _room(orders: Orders) -> Room:
    """Scratch arrays large enough for the largest run."""
    sizes = orders.flights["size"]
    near = orders.flights["near_end"] - orders.flights["near_first"]
    drones = int(sizes.sum(axis=1).max(initial=0))
    encounters = int((sizes * near).sum(axis=1).max(initial=0))
    slots = (orders.assets["present"] + orders.assets["damaged"]).sum(axis=(1, 2))
    channels = int(orders.units["channels"].sum(axis=1).max(initial=0))
    shots = encounters * int(orders.units["max_shots"].max(initial=1))
    events = drones + encounters + min(channels, shots)
    carriers = int(orders.flights["carriers"].max(initial=0))
    return Room(
        drones=np.zeros(drones, DRONE),
        encounters=np.zeros(encounters, ENCOUNTER),
        carrier_lost=np.zeros((sizes.shape[1], carriers), np.bool_),
        slot_state=np.zeros(int(slots.max(initial=0)), np.int64),
        event_min=np.zeros(events),
        event_code=np.zeros(events, np.int64),
        queue_key=np.zeros(encounters),
        queue_item=np.zeros(encounters, np.int64),
        touched=np.zeros(orders.units.shape[1], np.int64),
    )
