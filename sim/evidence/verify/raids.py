"""Wars with raids, simulated for a check: their tables, and the fate of each drone."""

import copy
from collections.abc import Iterator

import numpy as np
import pandas as pd

from sim.evidence.verify.case import Floats, Ints
from sim.experiment.record import tables_of
from sim.raid.arrays import FATES, Defence, Log, Orders
from sim.raid.fly import fly
from sim.scenario.schema import Scenario
from sim.war.model import War
from sim.war.observer import ObservedWar
from sim.war.record import Recorder

_WIDTH = 4_000  # wars per ensemble; a run is the same in any ensemble

Tables = dict[str, pd.DataFrame]


class _DroneLog(Recorder):
    """A recorder that also logs each raid drone by drone."""

    def __init__(self, war: ObservedWar) -> None:
        super().__init__(war)
        self.logs: list[Log] = []

    def ordered(self, orders: Orders, defence: Defence) -> None:
        """Fly the raid also against a copy of the defence, with the same luck, to log drones."""
        super().ordered(orders, defence)
        war, twin = self.war, copy.deepcopy(defence)
        flown = orders.flights["drones"].sum(axis=1) > 0
        _, log = fly(war.luck, war.runs, war.day, flown, orders, twin, with_log=True)
        self.logs.append(log)


def tables(scenario: Scenario, runs: int, seed: int) -> Tables:
    """The tables of an ensemble, as in a record, in order of run."""
    parts = [tables_of(war.recorder, False) for war in _wars(scenario, runs, seed, Recorder)]
    return {
        name: pd.concat([pd.DataFrame(part[name]) for part in parts], ignore_index=True)
        for name in parts[0]
    }


def per_run(table: pd.DataFrame, column: str, **where: str) -> Ints:
    """A column of counts summed by run, shape (runs,), over the rows that match `where`."""
    for name, word in where.items():
        table = table[table[name] == word]
    return table.groupby("run")[column].sum().to_numpy()


def drones(scenario: Scenario, runs: int, seed: int) -> tuple[Ints, Floats]:
    """The fate of each drone of the first raid, as its index in FATES, and its time.

    Shape (runs, drones), in minutes from the start of the raid.
    """
    logs = [war.recorder.logs[0] for war in _wars(scenario, runs, seed, _DroneLog)]
    return (
        np.concatenate([log.fate for log in logs]),
        np.concatenate([log.ended_min for log in logs]),
    )


def fate(name: str) -> int:
    """The index of a fate in the result of `drones`."""
    return FATES.index(name)


def _wars(scenario: Scenario, runs: int, seed: int, recorder: type[Recorder]) -> Iterator[War]:
    for first in range(0, runs, _WIDTH):
        numbers = np.arange(first, min(first + _WIDTH, runs))
        yield War(scenario, numbers, seed, recorder=recorder).run()
