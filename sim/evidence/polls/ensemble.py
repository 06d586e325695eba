"""Runs of a war that record only its publics, on the days of waves and of plots."""

import contextlib
import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.evidence.calibration.aim import Aim, figures_at
from sim.experiment.execution.runner import Progress
from sim.experiment.execution.workers import Workers, spread
from sim.scenario.schema import ATTITUDES, Attitude, Scenario
from sim.war.model import War
from sim.war.observer import Observer

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Held = tuple[str, Attitude]
"""A side and an attitude of its public."""
Lines = dict[Held, Floats]
"""The shares that are ready, shape (days recorded, runs), by side and attitude."""

ROUNDS = 7
"""One round from the prior, and six aimed ever more closely at what fits."""
_CHUNK_RUNS = 5000
_FAN_DAYS = 28


class Trace(Observer):
    """A recorder of the attitudes of each public on some days, as shares that are ready.

    `shares` by side and attitude have shape (days recorded, rows).
    """

    def __init__(self, war: War, days: Ints) -> None:
        self._war, self._days = war, frozenset(days.tolist())
        held = itertools.product(war.scenario.sides, ATTITUDES)
        self._shares: dict[Held, list[Floats]] = {each: [] for each in held}

    def end_of_day(self) -> None:
        """Record both publics if the day is one to record."""
        if self._war.day not in self._days:
            return
        for side, negotiator in self._war.negotiators.items():
            if negotiator.public is not None:
                for attitude in ATTITUDES:
                    share = getattr(negotiator.public, attitude)
                    self._shares[side, attitude].append(share)

    @property
    def shares(self) -> Lines:
        """The shares by side and attitude."""
        return {held: np.stack(days) for held, days in self._shares.items() if days}


class Ensemble(NamedTuple):
    """Runs of a war: scenario, number, seed, and how they are executed."""

    scenario: Scenario
    runs: int
    seed: int
    workers: Workers = None
    progress: Progress | None = None

    @property
    def days(self) -> Ints:
        """The days to record: those of all waves, and every fourth week for the plots."""
        waves = [wave for poll in self.scenario.polls.values() for wave in poll.waves]
        polled = [self.scenario.day_of(wave.date) for wave in waves]
        return np.union1d(polled, np.arange(0, self.scenario.days, _FAN_DAYS))

    @property
    def wars(self) -> int:
        """The number of wars in all rounds for all publics."""
        asked = {poll.of for poll in self.scenario.polls.values()}
        return self.runs * (1 + (ROUNDS - 1) * len(asked))

    def lines(self, aim: Aim, done: int) -> Lines:
        """The attitudes of both publics, shape (days, runs), the same for any number of workers."""
        calls = {
            first: (self.scenario, self.seed, runs, self.days, aim)
            for first in range(0, self.runs, _CHUNK_RUNS)
            for runs in (np.arange(first, min(self.runs, first + _CHUNK_RUNS)),)
        }
        chunks: dict[int, Lines] = {}
        with contextlib.closing(spread(run_chunk, calls, self.workers)) as done_chunks:
            for first, chunk in done_chunks:
                chunks[first] = chunk
                if self.progress:
                    played = sum(len(calls[start][2]) for start in chunks)
                    self.progress(done + played, self.wars)
        return {
            held: np.concatenate([chunks[k][held] for k in calls], axis=1) for held in chunks[0]
        }


def run_chunk(scenario: Scenario, seed: int, runs: Ints, days: Ints, aim: Aim) -> Lines:
    """The attitudes of each public, by side and attitude: shares of shape (days, runs)."""
    given = figures_at(scenario, aim, aim.places(seed, runs))
    war = War(scenario, runs, seed, figures=given, recorder=lambda war: Trace(war, days))
    return war.run().recorder.shares
