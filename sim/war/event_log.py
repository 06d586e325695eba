"""One war written down drone by drone: who was launched, seen, fired at, jammed, hit, and when."""

from collections.abc import Sequence

import numpy as np

from sim.raid.arrays import FATES, Bools, Floats, Ints, Records
from sim.raid.deployment import deployment_of
from sim.raid.kernel import COMPROMISED, FAILED, SHOT_DOWN
from sim.raid.orders import flights_of
from sim.war.observer import FlownRaid, ObservedWar
from sim.war.outcomes import Column, Table
from sim.war.record import Recorder, joined

EVENTS = ("launched", "seen", "fired_at", "shot_missed", "shot_late", *FATES)
"""What can happen to a drone, in the order in which events of one instant are listed.

Seen is who is seen in time to be fired at; late is a shot whose drone is down, lost or at its
target before it ends.
"""
_LAUNCHED, _SEEN, _FIRED, _MISSED, _FATE = (
    EVENTS.index(what) for what in ("launched", "seen", "fired_at", "shot_missed", FATES[0])
)


class EventLog(Recorder):
    """A recorder of a single war, and of its raids drone by drone and event by event.

    Minutes are those after the start of the raid. `eve` are positions and terms before the first
    day, named as those of a meeting.
    """

    with_log = True

    def __init__(self, war: ObservedWar) -> None:
        super().__init__(war)
        self.eve = {word: float(values[0]) for word, values in self._yesterday.items()}

    def raid(self, flown: FlownRaid) -> None:
        """Record a raid that was just flown."""
        super().raid(flown)
        if len(flown.rows):
            drones = self._drones(flown)
            self._parts.setdefault("drones", []).append(drones)
            self._parts.setdefault("events", []).append(self._events(flown, drones))

    def drones(self) -> Table:
        """One row per drone: origin, destination, times, fate, who stopped it, and its target."""
        return joined(self._parts.get("drones", []))

    def events(self) -> Table:
        """One row per event, in order of time: what happened to a drone, and by which unit."""
        return joined(self._parts.get("events", []))

    def _drones(self, flown: FlownRaid) -> Table:
        scenario, log = self.war.scenario, flown.log
        deployment = deployment_of(scenario, scenario.enemy_of(scenario.raids[flown.name].by))
        flights, orders = flights_of(scenario.raids[flown.name]), flown.orders.flights[0]
        sites, units = self._units(flown)
        flight = np.repeat(np.arange(len(flights)), orders["drones"])
        weapon, fate = log.weapon[0], log.fate[0]
        leg_km = orders["leg_km"][flight]
        launched_min = log.launched_min[0]
        return {
            **self._which(flown, len(fate)),
            "drone": np.arange(len(fate)),
            "wave": _named([each.wave for each in flights], flight),
            "weapon": _named(list(scenario.weapons), weapon),
            "site": _named([each.site for each in flights], flight),
            "is_decoy": weapon == orders["decoy"][flight],
            "leg_km": leg_km,
            "launched_min": launched_min,
            "flown_min": leg_km / flown.orders.weapons["speed_km_min"][0, weapon],
            "ended_min": np.maximum(log.ended_min[0], launched_min),
            "fate": _named(FATES, fate),
            "stopped_at": _named(sites, log.stopped_by[0]),
            "stopped_by": _named(units, log.stopped_by[0]),
            "asset": _named(deployment.classes, log.aimed_at[0]),
        }

    def _events(self, flown: FlownRaid, drones: Table) -> Table:
        log, ended_min = flown.log, drones["ended_min"]
        fate, stopped_by = log.fate[0], log.stopped_by[0]
        every = np.arange(len(fate))
        off = every[(fate != COMPROMISED) & (fate != FAILED)]
        seen = log.sightings[0][log.sightings["drone"][0] >= 0]
        seen = seen[seen["seen_min"] <= ended_min[seen["drone"]]]
        shots = log.shots[0][: log.shots_fired[0]]
        spent = shots[~_hits(shots, fate, stopped_by, ended_min)]
        late = spent["ends_min"] > ended_min[spent["drone"]]
        parts = [
            _part(off, -1, drones["launched_min"][off], _LAUNCHED),
            _part(seen["drone"], seen["unit"], seen["seen_min"], _SEEN),
            _part(shots["drone"], shots["unit"], shots["fired_min"], _FIRED, shots["rounds"]),
            _part(spent["drone"], spent["unit"], spent["ends_min"], _MISSED + late),
            _part(every, stopped_by, ended_min, _FATE + fate),
        ]
        drone, unit, minute, what, rounds = (
            np.concatenate(columns) for columns in zip(*parts, strict=True)
        )
        order = np.lexsort((drone, what, minute))
        sites, units = self._units(flown)
        return {
            **self._which(flown, len(order)),
            "minute": minute[order],
            "what": _named(EVENTS, what[order]),
            "drone": drone[order],
            "unit_site": _named(sites, unit[order]),
            "unit": _named(units, unit[order]),
            "rounds": rounds[order],
        }

    def _which(self, flown: FlownRaid, rows: int) -> Table:
        """The columns that identify the raid of the run."""
        return {
            "run": np.full(rows, self.war.runs[0]),
            "raid": np.full(rows, flown.name, object),
            "day": np.full(rows, self.war.day),
        }

    def _units(self, flown: FlownRaid) -> tuple[list[str], list[str]]:
        """Where each unit of the side raided stands, and of what class it is."""
        scenario = self.war.scenario
        units = deployment_of(scenario, scenario.enemy_of(scenario.raids[flown.name].by)).units
        return [site for site, _ in units], [unit for _, unit in units]


def _hits(shots: Records, fate: Ints, stopped_by: Ints, ended_min: Floats) -> Bools:
    """Which shots brought their drone down: of those that end as it falls, the first."""
    target = shots["drone"]
    hits = (fate[target] == SHOT_DOWN) & (shots["kills"] == 1)
    hits &= (stopped_by[target] == shots["unit"]) & (shots["ends_min"] == ended_min[target])
    _, first = np.unique(target[hits], return_index=True)
    only = np.zeros(len(shots), np.bool_)
    only[np.flatnonzero(hits)[first]] = True
    return only


def _part(
    drone: Ints, unit: Ints | int, minute: Floats, what: Ints | int, rounds: Ints | int = 0
) -> tuple[Ints | Floats, ...]:
    """Events of one kind as columns of one length."""
    like = np.zeros(len(drone), np.int64)
    return drone, like + unit, minute, like + what, like + rounds


def _named(names: Sequence[str], places: Ints) -> Column:
    """Names by their places, nothing for -1."""
    return np.array([*names, ""], object)[places]
