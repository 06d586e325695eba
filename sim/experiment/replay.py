"""Replay one run of stored results from its address, recording all that can be known of it."""

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.experiment.errors import ExperimentError
from sim.experiment.record import Record, tables_of
from sim.experiment.storage.store import read
from sim.scenario.figure import did_you_mean
from sim.war.event_log import EventLog
from sim.war.model import War
from sim.war.outcomes import Table

CHOICES = ("median", "worst", "best")
"""How a run is chosen by an outcome: nearest to the median, with the least, with the most."""

_LAST_DIGITS = 1e-9  # more than NumPy's exp and log differ between processors


@dataclass(frozen=True)
class Replay:
    """A replayed run: its tables with every day, its drones and the events of its raids.

    `chosen` says in words which run it is, `sameness` how it compares with the stored one. `drones`
    and `events` are the tables of sim.war.event_log, `eve` its positions and terms before the first
    day.
    """

    record: Record
    run: int
    chosen: str
    sameness: str
    drones: pd.DataFrame
    events: pd.DataFrame
    eve: dict[Hashable, Any]


def replay(
    folder: Path, run: int = 0, by: tuple[str, str] | None = None, allow_code: bool = False
) -> Replay:
    """Simulate a run of the results in a folder again: `run`, or one chosen `by` (how, outcome).

    `allow_code` lets the results' own mechanisms, which are code of a user's, run. Raises
    ExperimentError if there is no such run, or if it comes out differently.
    """
    results = _results(folder, allow_code)
    number, chosen = _numbered(results, run) if by is None else _chosen(results, *by)
    war = War(results.scenario, np.array([number]), results.seed, recorder=EventLog).run()
    book: EventLog = war.recorder
    tables = tables_of(book, with_days=True)
    frames = {name: pd.DataFrame(table) for name, table in tables.items()}
    return Replay(
        record=Record(results.scenario, results.seed, 1, frames),
        run=number,
        chosen=chosen,
        sameness=_sameness(results, number, tables["runs"]),
        drones=pd.DataFrame(book.drones()),
        events=pd.DataFrame(book.events()),
        eve=dict(book.eve.items()),
    )


def _results(folder: Path, allow_code: bool) -> Record:
    """The record in a folder; results with a user's own code must be allowed."""
    results = read(folder)
    if results.scenario.code and not allow_code:
        names = ", ".join(results.scenario.code)
        raise ExperimentError(
            f"made with own code ({names}), expected --allow-code if you trust it"
        )
    return results


def _numbered(results: Record, run: int) -> tuple[int, str]:
    numbers = results.columns("runs", ["run"])["run"]
    if run not in numbers.to_numpy():
        raise ExperimentError(f"--run {run}: no such run, expected 0 to {numbers.max()}")
    return run, f"run {run}"


def _chosen(results: Record, how: str, outcome: str) -> tuple[int, str]:
    known = results.names("runs")
    if outcome not in known:
        hint = did_you_mean(outcome, known) or ", expected a column of runs.parquet"
        raise ExperimentError(f"--{how} {outcome}: no such outcome{hint}")
    runs = results.columns("runs", ["run", outcome]).dropna()
    if runs.empty:
        raise ExperimentError(f"--{how} {outcome}: no run has it, expected another outcome")
    values = runs[outcome].to_numpy(np.float64)
    place = {
        "median": np.abs(values - np.median(values)).argmin(),
        "worst": values.argmin(),
        "best": values.argmax(),
    }[how]
    words = {
        "median": "nearest to the median of",
        "worst": "with the least",
        "best": "with the most",
    }
    run = int(runs["run"].iloc[place])
    return run, f"run {run}, the one {words[how]} {outcome} among {len(runs):,} runs"


def _sameness(results: Record, number: int, again: Table) -> str:
    """How a run compares with the stored one. Raises ExperimentError if they differ."""
    names = results.names("runs")
    stored = pd.concat(rows[rows["run"] == number] for rows in results.blocks("runs", names))
    differ, apart = [], []
    for name in names:
        one = stored[name].to_numpy(np.float64)
        other = np.asarray(again.get(name, [np.nan]), np.float64)
        if not np.array_equal(one, other, equal_nan=True):
            differ.append(name)
            if not np.allclose(one, other, _LAST_DIGITS, _LAST_DIGITS, equal_nan=True):
                apart.append(name)
    if apart:
        raise ExperimentError(
            f"run {number} comes out differently with this version of the model "
            f"({apart[0]} and {len(apart) - 1} more), expected results of this version"
        )
    if differ:
        return (
            f"equal to the stored run but for last digits of {len(differ)} of {len(names)} outcomes"
        )
    return f"equal to the stored run in all of {len(names)} outcomes"
