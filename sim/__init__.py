"""Raids & Talks: what raids cost, and under which theories of bargaining they harden positions.

import sim
war = sim.load("scenarios/spiderweb.yaml")
record = sim.run(war, runs=1000, seed=1)
record.runs.aircraft_destroyed.median()
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from sim.experiment.contrast import compare
    from sim.experiment.record import Record
    from sim.experiment.runner import run
    from sim.scenario.load import ScenarioError, load
    from sim.scenario.schema import Scenario
    from sim.war.model import War
    from sim.war.negotiator import Negotiator

__all__ = [
    "Negotiator",
    "Record",
    "Scenario",
    "ScenarioError",
    "War",
    "compare",
    "load",
    "run",
]

_HOMES = {
    "Negotiator": "sim.war.negotiator",
    "Record": "sim.experiment.record",
    "Scenario": "sim.scenario.schema",
    "ScenarioError": "sim.scenario.load",
    "War": "sim.war.model",
    "compare": "sim.experiment.contrast",
    "load": "sim.scenario.load",
    "run": "sim.experiment.runner",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for, so that `sim --help` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
