"""Raids & Talks: what raids cost, and under which theories of bargaining they harden positions.

import sim
war = sim.load("scenarios/spiderweb.yaml")
record = sim.run(war, runs=1000, seed=1)
record.runs.aircraft_destroyed.median()
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

if TYPE_CHECKING:
    from sim.experiment.contrast import Contrast, compare
    from sim.experiment.errors import SettingsError, WorkerError
    from sim.experiment.execution.cluster import Cluster
    from sim.experiment.execution.runner import run
    from sim.experiment.record import Record
    from sim.report.answer import Answer
    from sim.report.questions import (
        calibrate,
        choose,
        discover,
        forecast,
        run_experiment,
        sensitivity,
        sweep,
        weigh,
    )
    from sim.report.stored_answer import read
    from sim.scenario.errors import ExperimentError, ScenarioError
    from sim.scenario.figure import Figure
    from sim.scenario.load import load
    from sim.scenario.schema import Scenario
    from sim.war.agents.negotiator import Announced, Negotiator
    from sim.war.model import War

__all__ = [
    "Announced",
    "Answer",
    "Cluster",
    "Contrast",
    "ExperimentError",
    "Figure",
    "Negotiator",
    "Record",
    "Scenario",
    "ScenarioError",
    "SettingsError",
    "War",
    "WorkerError",
    "calibrate",
    "choose",
    "compare",
    "discover",
    "forecast",
    "load",
    "read",
    "run",
    "run_experiment",
    "sensitivity",
    "sweep",
    "weigh",
]

_HOMES = {
    "Announced": "sim.war.agents.negotiator",
    "Answer": "sim.report.answer",
    "Cluster": "sim.experiment.execution.cluster",
    "Contrast": "sim.experiment.contrast",
    "ExperimentError": "sim.scenario.errors",
    "Figure": "sim.scenario.figure",
    "Negotiator": "sim.war.agents.negotiator",
    "Record": "sim.experiment.record",
    "Scenario": "sim.scenario.schema",
    "ScenarioError": "sim.scenario.errors",
    "SettingsError": "sim.experiment.errors",
    "War": "sim.war.model",
    "WorkerError": "sim.experiment.errors",
    "calibrate": "sim.report.questions",
    "choose": "sim.report.questions",
    "compare": "sim.experiment.contrast",
    "discover": "sim.report.questions",
    "forecast": "sim.report.questions",
    "load": "sim.scenario.load",
    "read": "sim.report.stored_answer",
    "run": "sim.experiment.execution.runner",
    "run_experiment": "sim.report.questions",
    "sensitivity": "sim.report.questions",
    "sweep": "sim.report.questions",
    "weigh": "sim.report.questions",
}

if not TYPE_CHECKING:  # a checker of types is to know which names there are not

    def __getattr__(name: str) -> Any:
        """Import what is asked for when it is asked for, so that `sim --help` stays quick."""
        if name not in _HOMES:
            raise AttributeError(f"module 'sim' has no attribute {name!r}")
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
