"""Time series of wars simulated for a check: the state on each evening, in each run."""

from collections.abc import Mapping

import numpy as np

from sim import draws
from sim.evidence.verify.case import Floats
from sim.scenario.schema import Scenario
from sim.war.model import War

SIDES = {"underdog": "u", "favourite": "d"}
"""The sides of these scenarios, with the letters of their columns."""

Given = Mapping[str, Floats]
"""Figures set for each run, by path, as in a sweep."""


def fought(scenario: Scenario, runs: int, seed: int, given: Given | None = None) -> War:
    """Wars simulated to their last day, runs 0 to `runs` - 1."""
    return War(scenario, runs, seed, figures=given).run()


def course(war: War, word: str) -> Floats:
    """A state on every evening, by its name in the recorder; shape (days, runs)."""
    return np.array([state[word] for state in war.recorder.daily], np.float64)


def figure(war: War, path: str, side: str) -> Floats:
    """A figure of a side, which may be common to both, shape (runs,)."""
    return war.sample.of_side(path, side)


def uniform(seed: int, runs: int, name: str) -> Floats:
    """A uniform number per run, for a figure that a check sets itself, shape (runs,)."""
    numbers = np.arange(runs)
    drawn: Floats = draws.uniforms(seed, numbers, 0, draws.actor_id(name), draws.FIGURE, 1)
    return drawn[:, 0]
