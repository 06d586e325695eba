"""Reported figures compared with the model's distributions: percentile, inside 90 % or not."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiment.execution.runner import Progress, run
from sim.experiment.execution.workers import Workers
from sim.experiment.record import Record
from sim.experiment.statistics.estimate import estimate, percentile
from sim.scenario.columns import raids_by_column
from sim.scenario.schema import Scenario, snake

Floats = NDArray[np.float64]
Figures = dict[str, Any]


def compare_reported(record: Record) -> Figures:
    """Compare every reported figure of a record's scenario, by name; see `_comparison`."""
    raids = raids_by_column(record.scenario)
    return {name: _comparison(record, name, raids) for name in record.scenario.reported}


def _comparison(record: Record, name: str, raids: Mapping[str, str]) -> Figures:
    """A reported figure, and the model's distribution of the same outcome.

    `below` is the share of wars below it, `reached` the share that reach it. `inside_90` says
    whether its value lies in the central 90 %, `overlaps_90` whether its range overlaps it. `model`
    is None if no run has the outcome.
    """
    report = record.scenario.reported[name]
    figure = report.figure
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    result: Figures = {
        "outcome": report.outcome,
        "by": report.by,
        "kind": report.kind,
        "used_for": report.used_for,
        "value": figure.value,
        "low": low,
        "high": high,
    }
    if report.outcome not in record.names("runs"):
        return result | {"model": None}
    values = _where_flown(record, report.outcome, raids.get(report.outcome))
    model = estimate(values)
    if not model["runs"]:
        return result | {"model": None}
    bottom, top = float(model["low"] or 0.0), float(model["high"] or 0.0)
    return result | {
        "model": model,
        **percentile(values, figure.value),
        "inside_90": bottom <= figure.value <= top,
        "overlaps_90": bottom <= high and low <= top,
    }


def _where_flown(record: Record, outcome: str, raid: str | None) -> Floats:
    """An outcome in the runs in which its raid flew, or in all runs if it belongs to no raid."""
    values = record.column("runs", outcome).to_numpy(np.float64)
    if raid is None:
        return values
    flown = f"{snake(raid)}_flown"
    return values[record.column("runs", flown).to_numpy() > 0]


def tally(reported: Figures) -> Figures:
    """How many reported figures lie inside, by their use and the kind of source."""
    counts: dict[str, dict[str, int]] = {}
    for entry in reported.values():
        count = counts.setdefault(f"{entry['used_for']}, {entry['kind']}", {"inside": 0, "of": 0})
        if entry["model"] is None:
            continue
        count["of"] += 1
        count["inside"] += entry["inside_90"]
    return counts


def compare_with_reports(
    scenario: Scenario, runs: int, seed: int, workers: Workers, progress: Progress | None
) -> Figures:
    """Run a scenario and compare it with its reports."""
    record = run(scenario, runs, seed, workers, progress=progress)
    reported = compare_reported(record)
    return {
        "scenario": scenario.name,
        "runs": runs,
        "seed": seed,
        "reported": reported,
        "tally": tally(reported),
    }
