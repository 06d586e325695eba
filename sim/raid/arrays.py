"""The arrays of a raid, which the kernel reads and writes: one structured array per kind of thing.

Orders are only read, a defence is read and written, a tally and a log are written, room is scratch
space. The first axis of every array of the first four is the run, except in `mark`, `near` and
`aims_at`; a tally and a log have those runs alone in which the raid was flown.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.scenario.columns import FATES as FATES
from sim.scenario.columns import THROUGH as THROUGH

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Marks = NDArray[np.uint8]
Records = NDArray[Any]


def _record(ints: str, floats: str) -> np.dtype[Any]:
    fields: list[Any] = [(name, np.int64) for name in ints.split()]
    fields += [(name, np.float64) for name in floats.split()]
    return np.dtype((np.record, fields))  # fields are attributes, compiled or not


def filled(records: Records, columns: dict[str, Iterable[Any]]) -> Records:
    """Write a field of an (R, n) record array from n numbers or n arrays over runs."""
    for place, values in enumerate(zip(*columns.values(), strict=True)):
        for field, value in zip(columns, values, strict=True):
            records[field][:, place] = value
    return records


# A flight is the drones of one wave sent to one site.
FLIGHT = _record(
    "actor site weapon decoy launch aim near_first near_end drones carriers",  # decoy: weapon or -1
    "leg_km window_min decoy_share visibility p_carrier_survives p_forewarn",
)
WEAPON = _record("is_decoy", "speed_km_min p_works signature susceptibility p_hit p_destroy")
UNIT = _record(
    "actor kind fire takes is_exponential channels max_shots salvo"
    " rounds_left"  # written
    " free picks queue_first queue_size touched",  # scratch
    "range_km looks_per_min alertness reaction_min service_min losses_per_min"
    " closes_min",  # scratch
)
SITE = _record("decoy_targets drones", "")
ASSET = _record(
    "present first_mark"
    " intact damaged destroyed"  # written
    " slots slot_first",  # scratch
    "protection",
)
# A unit whose circle a flight may cross: how much of the leg is left at the nearest approach.
NEAR = _record("actor unit", "before_km offset_km")
# What was fired at a flight, and which of its carriers were found.
FLIGHT_RESULT = _record("rounds_fired rounds_at_decoys carriers_lost", "")
# Newly finished: destroyed now, damaged by an earlier raid. First hit: damaged or destroyed now
# and hit by no raid before; first hit by raid: not hit by this raid before.
ASSET_RESULT = _record(
    "newly_damaged newly_destroyed newly_finished first_hit first_hit_by_raid", ""
)
# Numbers of a flight's first drone in the raid and at its site; how many targets are in scope.
LINEUP = _record("first site_first in_scope", "")
DRONE = _record("flight weapon fate stopped_by", "ends_min")
# When drones of one class cross the circle of a unit, in minutes after launch. A drone whose
# draw is above `most_u` leaves the circle before it is jammed or can be fired at.
CROSSING = _record("", "enters_min leaves_min per_min p_kill most_u")
# A drone that a unit has detected in time.
ENCOUNTER = _record("drone number actor unit shots", "leaves_min ready_min")
# A log's record of a drone detected in time, and of a shot: -1 for the drone where there is none.
SIGHTING = _record("drone unit", "seen_min")
SHOT = _record("drone unit rounds kills", "fired_min ends_min")


class Orders(NamedTuple):
    """Who flies what against whom in R runs: F flights, K weapons, C asset classes."""

    flights: Records  # (R, F)
    weapons: Records  # (R, K)
    mark: Marks  # (1,)
    near: Records  # (N,) of all flights, one after the other
    aims_at: Bools  # (F, C)


class Defence(NamedTuple):
    """What a side defends itself with and what it can lose: U units, S sites, C asset classes.

    Raids update it to what is left. `marks` record who has hit each standing asset: HIT for any
    raid, and the raid's own `mark` for a raid that flies on several days (0 for one that flies
    once). The marks of a class at a site begin at its `first_mark`: first the intact assets, then
    the damaged. A newly damaged asset goes to the end; a repaired one is the first of the damaged
    and becomes the last of the intact.
    """

    units: Records  # (R, U)
    sites: Records  # (R, S)
    assets: Records  # (R, S, C)
    marks: Marks  # (R, M), M assets of the largest run, and more
    p_kill: Floats  # (R, U, K)


class Tally(NamedTuple):
    """What a raid did, in each of the n runs in which it was flown."""

    fates: Ints  # (n, F, 2, 9): real drones and decoys, by fate
    stopped_by: Ints  # (n, U): drones shot down or jammed by each unit
    rounds_fired: Ints  # (n, U)
    flights: Records  # (n, F)
    assets: Records  # (n, S, C)
    forewarned: Bools  # (n,)


class Log(NamedTuple):
    """Every drone of every run flown, in order of flight and number; empty unless requested.

    Also the drones that units detected in time, and all shots in order of time.
    """

    fate: Ints  # (n, drones), -1 where a run has fewer
    weapon: Ints
    stopped_by: Ints
    aimed_at: Ints  # the asset class it came for, -1 for none or a dummy
    launched_min: Floats
    ended_min: Floats
    sightings: Records  # (n, most)
    shots: Records  # (n, most)
    shots_fired: Ints  # (n,)


class Room(NamedTuple):
    """Scratch space for one run, reused for the next."""

    lineup: Records  # (F,)
    drones: Records
    crossings: Records  # (2,) of a flight's weapon and of its decoys
    encounters: Records
    carrier_lost: Bools  # (F, carriers)
    slot_state: Ints
    slot_next: Ints  # where to look for the next asset that is not destroyed
    draws: Floats  # of the drones of a flight, one after the other
    launched_min: Floats  # of all drones
    order_min: Floats  # first of encounters (when ready), later of drones (arrival)
    order_item: Ints
    spare_min: Floats
    spare_item: Ints
    starts: Ints  # (8, 256)
    shot_min: Floats  # shots under way
    shot_code: Ints
    queue_key: Floats
    queue_item: Ints
    touched: Ints
