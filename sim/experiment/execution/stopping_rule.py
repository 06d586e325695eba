"""Stopping rules: as many runs as it takes until a number is known to a given width.

The number is checked after every chunk, so its interval must hold at all checks at once. An
asymptotic confidence sequence does: with 95 % it covers the truth at all numbers of runs from the
first check on, and so wherever the runs stop. Source: waudby_smith2024.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.errors import ExperimentError
from sim.experiment.execution import runner
from sim.experiment.execution.runner import Progress, run_chunk
from sim.experiment.execution.workers import Workers, at_once
from sim.experiment.questions.condition import Condition
from sim.experiment.storage.store import Store
from sim.scenario.figure import did_you_mean
from sim.scenario.schema import Scenario
from sim.war.model import outcomes_of

Floats = NDArray[np.float64]

_ALPHA = 0.05
_TIGHTEST_AT = 2000  # runs: where the sequence is tightest relative to the standard error
_RULE = re.compile(r"\s*(mean|share)\s*\((.*)\)\s*(?:\+-|\+/-|±)\s*([^\s±]+)\s*", re.DOTALL)
_EXPECTED = "expected 'mean(OUTCOME) +- WIDTH' or 'share(CONDITION) +- WIDTH'"


class Wanted(NamedTuple):
    """A number to be known to a half-width, as written, and its value `of` each run's columns."""

    written: str
    half_width: float
    columns: tuple[str, ...]
    of: Callable[[dict[str, Any]], Floats]


class Reached(NamedTuple):
    """The estimate after so many runs; `half_width` is valid wherever the runs stop."""

    runs: int
    value: float
    half_width: float
    is_enough: bool


def wanted(written: str, scenario: Scenario) -> Wanted:
    """Read `mean(OUTCOME) +- WIDTH` or `share(CONDITION) +- WIDTH`. Raises ExperimentError."""
    match = _RULE.fullmatch(written)
    if match is None:
        raise ExperimentError(f"--until {written}: cannot be read, {_EXPECTED}")
    kind, inside, width = match[1], match[2].strip(), _width(written, match[3])
    known = list(outcomes_of(scenario))
    if kind == "share":
        condition = Condition(inside, known, "--until")
        return Wanted(
            written, width, condition.columns, lambda c: condition.holds(c).astype(np.float64)
        )
    if inside not in known:
        hint = did_you_mean(inside, known) or ", expected a column of runs.parquet"
        raise ExperimentError(f"--until {written}: no {inside!r} among the outcomes{hint}")
    return Wanted(written, width, (inside,), lambda c: np.asarray(c[inside], np.float64))


def _width(written: str, text: str) -> float:
    try:
        width = float(text)
    except ValueError:
        width = 0.0
    if not 0.0 < width < np.inf:
        raise ExperimentError(f"--until {written}: {text} is no width, expected a number above 0")
    return width


def half_width(values: Floats) -> float:
    """The half-width of the confidence sequence of a mean, with NaN left out.

    sd sqrt(2 (n r + 1) / (n^2 r) log(sqrt(n r + 1) / alpha)), with r chosen to be tightest at a
    stated number of runs. Source: waudby_smith2024.
    """
    known = values[~np.isnan(values)]
    n = len(known)
    if n < 2:
        return float("inf")
    log = -2.0 * np.log(_ALPHA)
    r = (log + np.log(log) + 1.0) / _TIGHTEST_AT
    spread_of_one = float(known.std(ddof=1))
    root = 2.0 * (n * r + 1.0) / (n * n * r) * np.log(np.sqrt(n * r + 1.0) / _ALPHA)
    return spread_of_one * float(np.sqrt(root))


def run_until(
    pool: Store, rule: Wanted, workers: Workers, progress: Progress | None
) -> tuple[Store, Reached]:
    """Run chunk by chunk until a number is known well enough, with at most the runs of `pool`.

    Returns the complete store of just the runs it took, and what was reached. The number of runs
    does not depend on `workers`. Finished results of these wars are read and left as they are, as
    are earlier chunks of `pool` that are not needed. An interruption leaves the chunks that are
    done.
    """
    with pool.writing():
        wars = _Wars(pool, rule.columns, workers)
        values: list[Floats] = []
        reached = Reached(0, float("nan"), float("inf"), False)
        for table in wars.chunks():
            values.append(rule.of(_columns(table)))
            reached = _reached(rule, np.concatenate(values))
            if progress:
                progress(reached.runs, pool.runs)
            if reached.is_enough:
                break
        if reached.runs == pool.runs:
            runner.run_into(pool, workers)
            return pool, reached
        store = Store(pool.out, pool.scenario, reached.runs, pool.seed, pool.with_days)
        needed = runner.chunks_in(store)
        with store.writing():
            if not store.find():
                if wars.are_there:
                    runner.take_over(store, pool)
                store.chunks.copy(pool.chunks, needed)
            runner.run_into(store, workers)
        pool.chunks.remove({*needed, *wars.newly_run})
        return store, reached


class _Wars:
    """The wars of a pool, chunk by chunk: read if finished results have them, else run.

    `newly_run` are the chunks that were run; `are_there` says whether the pool is complete.
    """

    def __init__(self, pool: Store, columns: tuple[str, ...], workers: Workers) -> None:
        self.pool, self.columns, self.workers = pool, columns, workers
        self.newly_run: set[int] = set()
        self._lasts = runner.chunks_in(pool)
        self.are_there = pool.find()
        self._finished = self._columns_of(pool) if self.are_there else self._borrowed()

    def chunks(self) -> Iterator[pd.DataFrame]:
        """The columns of each chunk in order; as many are run at once as there are workers."""
        firsts = list(self._lasts)
        together = at_once(self.workers)
        for start in range(0, len(firsts), together):
            batch = firsts[start : start + together]
            self._run([first for first in batch if self._lasts[first] > len(self._finished)])
            for first in batch:
                yield self._chunk(first)

    def _borrowed(self) -> pd.DataFrame:
        with self.pool.lender() as other:
            return pd.DataFrame() if other is None else self._columns_of(other)

    def _columns_of(self, store: Store) -> pd.DataFrame:
        return store.read().columns("runs", self.columns)

    def _run(self, firsts: Sequence[int]) -> None:
        calls = {first: runner.call_of(self.pool, first, self._lasts[first]) for first in firsts}
        missing = runner.missing_of(self.pool, calls)
        written = runner.write_each(self.pool, run_chunk, missing, self.workers)
        self.newly_run.update(written)

    def _chunk(self, first: int) -> pd.DataFrame:
        last = self._lasts[first]
        if last <= len(self._finished):
            return self._finished.iloc[first:last]
        return self.pool.chunks.read(first, "runs", self.columns)


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    return {str(name): table[name].to_numpy() for name in table}


def _reached(rule: Wanted, values: Floats) -> Reached:
    runs, known = len(values), values[~np.isnan(values)]
    width = half_width(values)
    mean = float(known.mean()) if len(known) else float("nan")
    never_varies = len(known) > 1 and width == 0.0
    return Reached(runs, mean, width, width <= rule.half_width and not never_varies)
