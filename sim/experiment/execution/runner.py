"""Run ensembles in chunks. A chunk's results depend neither on other chunks nor on the worker."""

import contextlib
from collections.abc import Callable, Generator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim.compiled import is_warm
from sim.experiment.execution.cluster import Cluster
from sim.experiment.execution.workers import Workers, spread, workers_of
from sim.experiment.record import FEWEST_TWINS, Record, fans_of, split_of, tables_of
from sim.experiment.storage.store import Chunks, Results, Store
from sim.experiment.storage.tables import Packed, frames_of, packed
from sim.experiment.tables_in_memory import TablesInMemory
from sim.scenario.calls.arguments import called_back, runs_of, scenario_of, seed_of, switch_of
from sim.scenario.columns import POSITIONS
from sim.scenario.consistency import pairs_of
from sim.scenario.schema import Scenario
from sim.war.agents.seats import Seats, seats_of
from sim.war.model import War
from sim.war.outcomes import Outcomes, Table
from sim.war.record import Recorder

CHUNK_RUNS = 500
_WIDE_RUNS = 2000
"""Runs in a chunk where memory allows it: fewer NumPy calls, and fewer chunks, per war."""
_WIDE_FROM = 10_000  # runs in smaller chunks first, so that workers share few runs evenly
_WIDE_CELLS = 50_000_000  # days times pairs times wars: 0.1 GB for `spiderweb`
_FEW_RUNS = 2 * CHUNK_RUNS  # take less than a second: starting workers would take longer
_OTHER_LUCK = 1 << 62  # flips a bit that no valid seed has set
Progress = Callable[[int, int], None]
"""Called with the number of runs done and requested."""


def run_chunk(
    scenario: Scenario,
    seed: int,
    first: int,
    last: int,
    with_days: bool,
    negotiators: Seats | None = None,
    with_split: bool = True,
) -> dict[str, Table]:
    """The tables of runs `first` to `last` - 1; the first chunk adds the fans and the split.

    Unless `with_split`, the split is left out if runs would have to be simulated again for it.
    """
    runs = np.arange(first, last)
    of_day = None if with_days else POSITIONS if first == 0 else ()
    war = War(scenario, runs, seed, negotiators, recorder=lambda war: Recorder(war, of_day)).run()
    tables = tables_of(war.recorder, with_days)
    if first == 0:
        tables["fans"] = fans_of(war.recorder)
        if not war.has_drawn:
            tables["split"] = split_of(tables["runs"], tables["runs"])
        elif with_split:
            tables["split"] = _split(scenario, seed, negotiators, tables["runs"])
    return {name: table for name, table in tables.items() if len(next(iter(table.values())))}


def _split(scenario: Scenario, seed: int, negotiators: Seats | None, ours: Table) -> Table:
    """How variance is split, from twins of the runs: the same figures, other random draws."""
    if len(ours["run"]) < FEWEST_TWINS:
        return split_of(ours, ours)  # so few have none, whatever their twins are
    luck = seed ^ _OTHER_LUCK
    twin = War(scenario, ours["run"], seed, negotiators, luck=luck, recorder=Outcomes).run()
    return split_of(ours, twin.recorder.runs())


def compile_first(scenario: Scenario) -> None:
    """Compile the raid by simulating one war, so that worker processes find it compiled."""
    War(scenario, 1, 1).run()


def needs_compiling() -> bool:
    """Whether the raid has never been compiled here with this code."""
    return not is_warm()


def run(
    scenario: Scenario,
    runs: int = 1000,
    seed: int = 1,
    workers: Workers = None,
    with_days: bool = False,
    negotiators: Seats | None = None,
    progress: Progress | None = None,
) -> Record:
    """Run a scenario and return its record, which is kept in memory.

    `negotiators` names, for a side, a subclass of Negotiator, which worker processes must be able
    to import if `workers` is above 1. The default of `workers` is one per core for more than 1,000
    runs, and otherwise, or with `negotiators`, a single one. `with_days` adds the table of days.
    `progress` is called with the number of runs done and requested. Raises ExperimentError if an
    argument, or what a negotiator computes, is not valid.
    """
    scenario, seed = scenario_of("scenario", scenario), seed_of(seed)
    runs, with_days = runs_of(runs), switch_of("with_days", with_days)
    negotiators, progress = seats_of(scenario, negotiators), called_back("progress", progress)
    workers = 1 if workers is None and negotiators else workers_of(workers)
    lasts = chunks_of(scenario, runs, with_days)
    calls = {
        first: (run_chunk, scenario, seed, first, last, with_days, negotiators, False)
        for first, last in lasts.items()
    }
    chunks = {}
    with contextlib.closing(spread(_packed, calls, _worth_starting(workers, runs))) as packed:
        for first, tables in packed:
            chunks[first] = tables
            if progress:
                progress(sum(len(part["runs"]) for part in chunks.values()), runs)
    frames = frames_of(chunks[first] for first in lasts)

    def split() -> dict[str, pd.DataFrame]:
        first = frames["runs"][: lasts[0]]
        ours = {str(name): first[name].to_numpy() for name in first}
        table = _split(scenario, seed, negotiators, ours)
        return frames_of([{"split": table}]) if len(table["outcome"]) else {}

    if "split" in frames:  # luck played no part
        return Record(scenario, seed, runs, frames)
    return Record(scenario, seed, runs, TablesInMemory(frames, split))


def run_into(store: Store, workers: Workers = None, progress: Progress | None = None) -> Record:
    """Run what a store still lacks and return its record.

    Waits for another process that is running the same. An interruption (KeyboardInterrupt) leaves
    the finished chunks readable and is raised again.
    """
    lasts = chunks_in(store)
    runs = {first: last - first for first, last in lasts.items()}
    # The first chunk, whose fans readers of an interrupted run want; then the longest.
    order = sorted(lasts, key=lambda first: (first > 0, -runs[first]))
    calls = {first: call_of(store, first, lasts[first]) for first in order}
    with store.writing():
        if not store.find():
            borrow(store)
            try:
                description = store.description(complete=True)
                fill(store, run_chunk, calls, runs, description, workers, progress)
            except KeyboardInterrupt:
                store.leave()
                raise
        return store.read()


def borrow(store: Store) -> None:
    """Copy chunks of the same wars from other results, so that no war is simulated twice."""
    with store.lender() as other:
        if other is not None:
            take_over(store, other)


def take_over(store: Store, other: Store) -> None:
    """Copy the chunks that complete results of the same wars have with the same bounds."""
    of_other = chunks_in(other)
    for first, last in chunks_in(store).items():
        if of_other.get(first) == last and not store.has_chunk(first):
            store.chunks.write(first, other.lend(first, last))


def call_of(store: Store, first: int, last: int) -> tuple[Any, ...]:
    """The arguments of `run_chunk` for the runs `first` to `last` - 1 of a store."""
    return store.scenario, store.seed, first, last, store.with_days


def chunks_in(store: Store) -> dict[int, int]:
    """The chunks of a store, in order: the first run of each, and the one after its last."""
    return chunks_of(store.scenario, store.runs, store.with_days)


def chunks_of(scenario: Scenario, runs: int, with_days: bool) -> dict[int, int]:
    """The chunks of `runs` runs, in order: the first run of each, and the one after its last.

    Where a chunk begins does not depend on the number of runs, so that results can share chunks.
    """
    wide = CHUNK_RUNS if with_days else _wide_runs(scenario)
    firsts = [*range(0, min(runs, _WIDE_FROM), CHUNK_RUNS), *range(_WIDE_FROM, runs, wide)]
    return dict(zip(firsts, [*firsts[1:], runs], strict=True))


def _wide_runs(scenario: Scenario) -> int:
    """The runs of a wide chunk, as many as memory allows, a multiple of CHUNK_RUNS."""
    pairs = max((pairs_of(scenario, raid) for raid in scenario.raids.values()), default=0)
    most = _WIDE_CELLS // (scenario.days * max(1, pairs))
    return max(CHUNK_RUNS, min(_WIDE_RUNS, most) // CHUNK_RUNS * CHUNK_RUNS)


def fill(
    results: Results,
    work: Callable[..., Mapping[str, Table]],
    calls: Mapping[int, tuple[Any, ...]],
    runs: Mapping[int, int],
    description: Mapping[str, Any],
    workers: Workers,
    progress: Progress | None,
) -> None:
    """Complete a folder of results with what `work` returns for each call, by chunk number.

    `runs` are the numbers of runs by chunk, `description` is what the manifest says. Chunks that
    exist are not run again; an interruption leaves them. Waits for another process that is working
    on the same results.
    """
    with results.writing():
        if results.find():
            return
        missing = missing_of(results, calls)
        wanted = sum(runs.values())
        done = wanted - sum(runs[chunk] for chunk in missing)
        if progress:
            progress(done, wanted)
        workers = _worth_starting(workers, wanted - done)
        with contextlib.closing(write_each(results, work, missing, workers)) as written:
            for chunk in written:
                done += runs[chunk]
                if progress:
                    progress(done, wanted)
        results.finish(description, list(calls))


def _worth_starting(workers: Workers, runs: int) -> Workers:
    """The workers for so many runs: by default none are started if that would take longer."""
    return 1 if workers is None and runs <= _FEW_RUNS else workers


def missing_of(
    results: Results, calls: Mapping[int, tuple[Any, ...]]
) -> dict[int, tuple[Any, ...]]:
    """The calls whose chunks are missing or damaged."""
    return {chunk: call for chunk, call in calls.items() if not results.chunks.has(chunk)}


def write_each(
    results: Results,
    work: Callable[..., Mapping[str, Table]],
    calls: Mapping[int, tuple[Any, ...]],
    workers: Workers,
) -> Generator[int, None, None]:
    """Write what `work` returns for each call; yields the number of each chunk written.

    Local processes write their results themselves; those of a cluster are written by this process.
    """
    if isinstance(workers, Cluster):
        sent = {chunk: (work, *call) for chunk, call in calls.items()}
        with contextlib.closing(spread(_packed, sent, workers)) as done:
            for chunk, tables in done:
                results.chunks.write(chunk, tables)
                yield chunk
        return
    writes = {chunk: (results.chunks, chunk, work, *call) for chunk, call in calls.items()}
    with contextlib.closing(spread(_write, writes, workers)) as written:
        for chunk, _ in written:
            yield chunk


def _packed(work: Callable[..., Mapping[str, Table]], *call: Any) -> Packed:
    return packed(work(*call))


def _write(
    chunks: Chunks, chunk: int, work: Callable[..., Mapping[str, Table]], *call: Any
) -> None:
    chunks.write(chunk, work(*call))
