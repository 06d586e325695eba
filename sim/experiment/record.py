"""A record: what an ensemble of runs left behind, as pandas frames."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.scenario.schema import Scenario
from sim.war.record import Recorder, Table

TABLES = ("runs", "raids", "losses", "defence", "meetings", "days", "fans")
"""The tables of a record; `days` only on request, `fans` the daily quantiles of the first runs."""

FAN_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Record:
    """Runs of a scenario: `frames` by table name, and where they came from.

    `runs_asked` is how many runs were wanted; fewer rows in `runs` mean an unfinished ensemble.
    """

    scenario: Scenario
    seed: int
    runs_asked: int
    frames: Mapping[str, pd.DataFrame]

    def __getattr__(self, name: str) -> pd.DataFrame:
        """`record.runs`, `record.raids` and so on. Raises AttributeError for other names."""
        if name in TABLES:
            return self.frames.get(name, pd.DataFrame())
        raise AttributeError(f"a record has no {name!r}, its tables are {', '.join(TABLES)}")

    @property
    def is_complete(self) -> bool:
        """Whether every run asked for is there."""
        return len(self.frames["runs"]) == self.runs_asked


def tables_of(recorder: Recorder, with_days: bool, with_fans: bool) -> dict[str, Table]:
    """The tables of a finished ensemble, those without a row left out."""
    tables = {
        "runs": recorder.runs(),
        "raids": recorder.raids(),
        "losses": recorder.losses(),
        "defence": recorder.defence(),
        "meetings": recorder.meetings(),
    }
    if with_days:
        tables["days"] = recorder.days()
    if with_fans:
        tables["fans"] = _fans(recorder)
    return {name: table for name, table in tables.items() if table}


def _fans(recorder: Recorder) -> Table:
    """Daily quantiles of the positions: one row a day and position."""
    rows: list[dict[str, Any]] = []
    for day, state in enumerate(recorder.daily):
        for position in ("r_u", "r_d", "z", "demand_u", "demand_d"):
            quantiles = np.quantile(state[position], FAN_QUANTILES)
            named = {f"q{int(100 * q):02d}": v for q, v in zip(FAN_QUANTILES, quantiles, strict=True)}
            rows.append({"day": day, "position": position, **named, "runs": recorder.rows})
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}
