"""A record: the tables that an ensemble of runs produces, as pandas frames."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.statistics.estimate import estimate
from sim.render.document import Section
from sim.render.notebook import as_html, number
from sim.scenario.calls.arguments import known
from sim.scenario.columns import POSITIONS, unit_of, usual_outcomes
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from sim.war.outcomes import Table
    from sim.war.record import Recorder

TABLES = ("runs", "raids", "losses", "defence", "meetings", "days", "fans", "split")
"""The tables of a record; `days` comes only on request."""

OF_FIRST_CHUNK = ("fans", "split")
"""Daily quantiles and the epistemic share of variance, both from the first chunk of runs."""

FEWEST_TWINS = 30
"""Pairs of a run and a twin with other random draws that are needed to split variance."""

FAN_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, eq=False)
class Record:
    """Runs of a scenario: `frames` by table name, and how they were made.

    `runs_asked` is the number of runs requested; fewer rows in `runs` mean an unfinished ensemble.
    Each table is a pandas frame, with the units of its numeric columns in `attrs["units"]`, and
    empty if nothing is stored of it. Two records are equal if they contain the same runs of the
    same scenario. Records can be pickled, with all their tables.
    """

    scenario: Scenario
    seed: int
    runs_asked: int
    frames: Mapping[str, pd.DataFrame]

    @property
    def runs(self) -> pd.DataFrame:
        """One row per run: costs of each side, positions and results of the talks."""
        return self._table("runs")

    @property
    def raids(self) -> pd.DataFrame:
        """One row per run, raid, day, site and weapon: the fates of the drones."""
        return self._table("raids")

    @property
    def losses(self) -> pd.DataFrame:
        """One row per run, raid, day, site and class of assets: what was lost."""
        return self._table("losses")

    @property
    def defence(self) -> pd.DataFrame:
        """One row per run, raid, day, site and unit of defence."""
        return self._table("defence")

    @property
    def meetings(self) -> pd.DataFrame:
        """One row per run and meeting held: positions and results of the talks."""
        return self._table("meetings")

    @property
    def days(self) -> pd.DataFrame:
        """One row per run, day and side, if days are stored."""
        return self._table("days")

    @property
    def fans(self) -> pd.DataFrame:
        """One row per day and position: quantiles over the first 500 runs."""
        return self._table("fans")

    @property
    def split(self) -> pd.DataFrame:
        """One row per outcome: the share of its variance that the figures explain.

        In a record from `sim.run` it is computed on first use, which takes as long as the first 500
        runs did.
        """
        return self._table("split")

    def _table(self, name: str) -> pd.DataFrame:
        return with_units(self.frames[name]) if name in self.frames else pd.DataFrame()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        own = self.scenario, self.seed, self.runs_asked
        return own == (other.scenario, other.seed, other.runs_asked) and same_frames(
            self.frames, other.frames
        )

    def __reduce__(self) -> tuple[type["Record"], tuple[Any, ...]]:
        return Record, (self.scenario, self.seed, self.runs_asked, dict(self.frames))

    def __repr__(self) -> str:
        done = f"{self.runs_done:,} of {self.runs_asked:,} runs"
        return f"<Record: {self.scenario.name}, {done}, seed {self.seed}>"

    def _repr_html_(self) -> str:
        return _in_html(self)

    @property
    def runs_done(self) -> int:
        """The number of runs that are finished."""
        return sum(len(block) for block in self.blocks("runs", ["run"]))

    @property
    def is_complete(self) -> bool:
        """Whether all requested runs are finished."""
        return self.runs_done == self.runs_asked

    def names(self, table: str) -> list[str]:
        """The names of a table's columns; none if nothing is stored of it.

        Raises KeyError if there is no such table.
        """
        return self._names(known("table", table, TABLES))

    def _names(self, table: str) -> list[str]:
        names = self.frames.get(table, pd.DataFrame()).columns.tolist()  # iterating is slow
        return [str(name) for name in names]

    def blocks(self, table: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Some columns of a table, as one or more consecutive blocks of rows.

        Raises KeyError if there is no such table or column.
        """
        self._check_columns(table, columns)
        return self._blocks(table, columns)

    def _check_columns(self, table: str, columns: Sequence[str]) -> None:
        there = self.names(table)
        for name in columns if there else ():
            known("column", name, there)

    def _blocks(self, table: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        frame = self._in_memory(table)
        if frame is not None:
            yield pd.DataFrame({name: frame[name] for name in columns})  # frame[columns] is slow

    def _in_memory(self, table: str) -> pd.DataFrame | None:
        """A table held in memory as a whole; None if nothing is stored or it is read in blocks."""
        return self.frames.get(table)

    def column(self, table: str, name: str) -> "pd.Series[Any]":
        """One column of a table, read without the others; empty if nothing is stored of it.

        Raises KeyError if there is no such table or column.
        """
        frame = self._in_memory(table)
        if frame is not None and name in frame:
            return frame[name]
        return self.columns(table, [name])[name]

    def columns(
        self, table: str, columns: Sequence[str], where: tuple[str, str] | None = None
    ) -> pd.DataFrame:
        """Some columns of a table, for the rows `where` a column equals a word.

        Raises KeyError if there is no such table or column.
        """
        if where is None:
            self._check_columns(table, columns)
            return self._columns(table, columns)
        blocks = self.blocks(table, [*columns, where[0]])
        parts = [block.loc[block[where[0]] == where[1], list(columns)] for block in blocks]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(columns))

    def _columns(self, table: str, columns: Sequence[str]) -> pd.DataFrame:
        frame = self._in_memory(table)
        return pd.DataFrame({name: [] if frame is None else frame[name] for name in columns})


def with_units(frame: pd.DataFrame, units: Mapping[str, str] | None = None) -> pd.DataFrame:
    """A frame with the units of its numeric columns in `attrs["units"]`; `units` gives some."""
    if "units" not in frame.attrs:
        frame.attrs["units"] = _Units(
            (str(name), (units or {}).get(str(name), unit_of(str(name))))
            for name, kind in frame.dtypes.items()
            if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)
        )
    return frame


class _Units(dict[str, str]):
    """Units by column, shared by all frames and columns derived from a table.

    pandas copies `attrs` deeply at each step, which took longer than the steps themselves: hundreds
    of columns have a unit.
    """

    def __deepcopy__(self, memo: Any) -> "_Units":
        return self


def same_frames(one: Mapping[str, pd.DataFrame], other: Mapping[str, pd.DataFrame]) -> bool:
    """Whether two sets of tables are equal."""
    return one.keys() == other.keys() and all(one[name].equals(other[name]) for name in one)


def tables_of(recorder: "Recorder", with_days: bool) -> "dict[str, Table]":
    """The tables of a finished ensemble; those without rows are left out."""
    tables = {
        "runs": recorder.runs(),
        "raids": recorder.raids(),
        "losses": recorder.losses(),
        "defence": recorder.defence(),
        "meetings": recorder.meetings(),
    }
    if with_days:
        tables["days"] = recorder.days()
    return {name: table for name, table in tables.items() if table}


def split_of(ours: "Table", twin: "Table") -> "Table":
    """The share of each outcome's variance that is epistemic: one row per outcome.

    `twin` holds the same runs with the same figures and other random draws. What two such runs
    share is due to the figures, so the correlation of Y and Y' is the share of variance that all
    figures explain together; the rest is luck. `error` is 1.96 standard errors of the correlation,
    the larger of that for normal values and that for these values by the delta method, which tails
    make larger. Outcomes that under 30 pairs have in common are left out. Source: sobol1993.
    """
    names, shares, errors = [], [], []
    for name, values in ours.items():
        both = np.isfinite(values) & np.isfinite(twin[name])
        one, other = values[both].astype(np.float64), twin[name][both].astype(np.float64)
        varies = len(one) >= FEWEST_TWINS and _varies(one) and _varies(other)
        if name != "run" and varies:
            names.append(name)
            share, error = _correlation(one, other)
            shares.append(share)
            errors.append(1.96 * error)
    return {
        "outcome": np.array(names, object),
        "epistemic_share": np.clip(np.array(shares), 0.0, 1.0),
        "error": np.array(errors),
    }


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[float, float]:
    """The correlation of pairs and its standard error."""
    x, y = ((values - values.mean()) / values.std() for values in (one, other))
    r = float((x * y).mean())
    influence = x * y - 0.5 * r * (x**2 + y**2)
    return r, max(1.0 - r**2, float(np.sqrt((influence**2).mean()))) / float(np.sqrt(len(x)))


def _varies(values: NDArray[np.float64]) -> bool:
    """Whether values differ by more than the rounding of their mean."""
    return bool(values.std() > 1e-12 * np.abs(values).max())


def fans_of(recorder: "Recorder") -> "Table":
    """Daily quantiles of the positions: one row per day and position."""
    days, positions = len(recorder.daily), len(POSITIONS)
    by_position = [[state[position] for state in recorder.daily] for position in POSITIONS]
    quantiles = [np.quantile(np.array(states), FAN_QUANTILES, axis=1) for states in by_position]
    by_day = np.array(quantiles).transpose(1, 2, 0).reshape(len(FAN_QUANTILES), days * positions)
    names = [f"q{round(100 * q):02d}" for q in FAN_QUANTILES]
    return {
        "day": np.repeat(np.arange(days), positions),
        "position": np.tile(np.array(POSITIONS), days),
        **dict(zip(names, by_day, strict=True)),
        "runs": np.full(days * positions, recorder.rows),
    }


def _in_html(record: Record) -> str:
    """A record in HTML: its scenario, the main outcomes with their errors, and its tables."""
    rows = []
    for name in usual_outcomes(record.scenario):
        figures = estimate(record.column("runs", name).to_numpy(np.float64))
        cells = (figures[key] for key in ("median", "low", "high", "mean", "mean_error"))
        rows.append((name, unit_of(name), *map(number, cells)))
    columns = ("outcome", "unit", "median", "5 %", "95 %", "mean", "±")
    done = "" if record.is_complete else f" of {record.runs_asked:,} asked for"
    line = f"{record.scenario.name}: {record.runs_done:,} runs{done}, seed {record.seed}"
    outcomes = Section("", [line], columns, rows)
    return as_html(record.scenario.title, [outcomes, _tables(record)])


def _tables(record: Record) -> Section:
    rows = []
    for table in record.frames:
        names = record.names(table)
        long = sum(len(block) for block in record.blocks(table, names[:1]))
        rows.append((f"record.{table}", f"{long:,}", f"{len(names):,}"))
    return Section("Tables", [], ("table", "rows", "columns"), rows)
