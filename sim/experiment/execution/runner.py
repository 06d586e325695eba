"""Runs in chunks. What a chunk gives does not depend on the others, nor on who ran it."""

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
"""In step at once where that costs little memory: fewer calls of NumPy, and fewer parts, a war."""
_WIDE_FROM = 10_000  # so that few runs are spread evenly over workers
_WIDE_CELLS = 50_000_000  # days times pairs times wars: 0.1 GB of `spiderweb`
_FEW_RUNS = 2 * CHUNK_RUNS  # take less than a second, as starting a worker does
_OTHER_LUCK = 1 << 62  # flips a bit of the seed that seeds in use do not have
Progress = Callable[[int, int], None]
"""Called with the runs done and the runs wanted."""


def run_chunk(
    scenario: Scenario,
    seed: int,
    first: int,
    last: int,
    with_days: bool,
    negotiators: Seats | None = None,
    with_split: bool = True,
) -> dict[str, Table]:
    """The tables of runs `first` to `last` - 1; the first chunk brings the fans and the split.

    Without `with_split` the split is left out where runs are simulated again for it.
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
    """How variance is split, by the outcomes of the same runs with the same figures, other luck."""
    if len(ours["run"]) < FEWEST_TWINS:
        return split_of(ours, ours)  # of so few there is none, whatever their twins are
    luck = seed ^ _OTHER_LUCK
    twin = War(scenario, ours["run"], seed, negotiators, luck=luck, recorder=Outcomes).run()
    return split_of(ours, twin.recorder.runs())


def compile_first(scenario: Scenario) -> None:
    """Compile the raid by flying one war, so that worker processes find it done."""
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

    `negotiators` names, for a side, a subclass of Negotiator; it must be importable by worker
    processes when `workers` is above 1 (the default is as many as there are cores for more than
    1,000 runs, and 1 with own negotiators). `with_days` adds the table of days.
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

    return Record(scenario, seed, runs, TablesInMemory(frames, split))


def run_into(store: Store, workers: Workers = None, progress: Progress | None = None) -> Record:
    """Run what a store still lacks and return its record.

    Another process that works at the same is waited for. An interruption (KeyboardInterrupt)
    leaves what is done readable and passes on.
    """
    lasts = chunks_in(store)
    runs = {first: last - first for first, last in lasts.items()}
    # The first, of which readers of an interrupted run want the fans, then what takes longest.
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
    """Take over what other results hold of the same wars, so that none is fought twice."""
    with store.lender() as other:
        if other is not None:
            take_over(store, other)


def take_over(store: Store, other: Store) -> None:
    """Take over the chunks that whole results of the same wars have alike."""
    of_other = chunks_in(other)
    for first, last in chunks_in(store).items():
        if of_other.get(first) == last and not store.has_chunk(first):
            store.chunks.write(first, other.lend(first, last))


def call_of(store: Store, first: int, last: int) -> tuple[Any, ...]:
    """What `run_chunk` is called with for the runs `first` to `last` - 1 of a store."""
    return store.scenario, store.seed, first, last, store.with_days


def chunks_in(store: Store) -> dict[int, int]:
    """The chunks of a store, in order: the first run of each, and the one after its last."""
    return chunks_of(store.scenario, store.runs, store.with_days)


def chunks_of(scenario: Scenario, runs: int, with_days: bool) -> dict[int, int]:
    """The chunks of so many runs, in order: the first run of each, and the one after its last.

    Where one begins does not depend on how many runs there are, so that results lend each other
    theirs.
    """
    wide = CHUNK_RUNS if with_days else _wide_runs(scenario)
    firsts = [*range(0, min(runs, _WIDE_FROM), CHUNK_RUNS), *range(_WIDE_FROM, runs, wide)]
    return dict(zip(firsts, [*firsts[1:], runs], strict=True))


def _wide_runs(scenario: Scenario) -> int:
    """How many wars may be in step by the memory that they take, a multiple of CHUNK_RUNS."""
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
    """Bring results to completion: what `work` gives for each call, by the chunk's number.

    `runs` are the numbers of runs by chunk, `description` is what the manifest says. Chunks that
    are there are not run again; an interruption leaves them. Another process that works at the
    same results is waited for.
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
    """Who does so many runs: by default workers where that is sooner than to do them here."""
    return 1 if workers is None and runs <= _FEW_RUNS else workers


def missing_of(
    results: Results, calls: Mapping[int, tuple[Any, ...]]
) -> dict[int, tuple[Any, ...]]:
    """The calls whose chunks are not there, or not whole."""
    return {chunk: call for chunk, call in calls.items() if not results.chunks.has(chunk)}


def write_each(
    results: Results,
    work: Callable[..., Mapping[str, Table]],
    calls: Mapping[int, tuple[Any, ...]],
    workers: Workers,
) -> Generator[int, None, None]:
    """Write what `work` gives for each call; yields the number of each chunk written.

    Processes here write their results themselves; those of a cluster are brought here.
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
