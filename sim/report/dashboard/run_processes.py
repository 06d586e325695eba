"""Processes that simulate wars for the page; each reports its progress and can be stopped."""

import contextlib
import multiprocessing
import resource
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, Protocol

import numpy as np

from sim.experiment.execution.fork_server import cores
from sim.experiment.execution.runner import CHUNK_RUNS, needs_compiling
from sim.experiment.record import Record, fans_of, tables_of
from sim.experiment.storage.tables import frames_of
from sim.report.dashboard.line import Line, Place, Stopped
from sim.scenario.schema import Scenario
from sim.war.model import War
from sim.war.outcomes import Table

ReportProgress = Callable[[float, bool], None]
"""Called with the share of the work done, and whether the raid is being compiled first."""

MOST_S = 600
"""The longest time that a worker may spend on a question."""

MOST_BYTES = 2 * 1024**3
"""The memory of a worker; on a system without such a limit (macOS) only time is bounded."""

_STOP = "stop"
_PATIENCE_S = 10.0  # for a stopped worker to confirm: a map is finished before
_LOOK_S = 0.05
_JOBS_OF_A_WORKER = 300  # after which a new process is started, as Mesa retains part of every model


class Job(NamedTuple):
    """Wars to simulate: `runs` from the first on, or with `only` that run alone with all its days.

    `then` is applied to the record by the worker, so that the server has time for its readers.
    """

    scenario: Scenario
    seed: int
    runs: int
    only: int | None = None
    then: Callable[[Record], Any] | None = None

    def make(self, report_progress: ReportProgress, is_stopped: Callable[[], bool]) -> Any:
        """The record of the wars, or the result of `then`. Raises Stopped."""
        record = fight(self, report_progress, is_stopped)
        return record if self.then is None else self.then(record)


class Makes(Protocol):
    """Work for a worker: wars, or something computed from simulated wars."""

    def make(self, report_progress: ReportProgress, is_stopped: Callable[[], bool]) -> Any:
        """The result. Raises Stopped."""


class Failed(RuntimeError):  # noqa: N818
    """The work failed; the message is the reason in one line."""


# --- in a worker process -----------------------------------------------------------------------


def fight(job: Job, report_progress: ReportProgress, is_stopped: Callable[[], bool]) -> Record:
    """Simulate the wars of a job day by day, reporting progress. Raises Stopped.

    The record is that of `sim.run` without the split of the variance, which would need twice the
    wars; with `only` it is of that run alone, including its days.
    """
    if needs_compiling():
        report_progress(0.0, True)
    if job.only is not None:
        wars = [np.array([job.only])]
    else:
        firsts = range(0, job.runs, CHUNK_RUNS)
        wars = [np.arange(first, min(first + CHUNK_RUNS, job.runs)) for first in firsts]
    total = sum(map(len, wars)) * job.scenario.days
    done = 0
    chunks: list[dict[str, Table]] = []
    for runs in wars:
        war = War(job.scenario, runs, job.seed)
        while war.running:
            war.step()
            done += len(runs)
            report_progress(done / total, False)
            if is_stopped():
                raise Stopped
        tables = tables_of(war.recorder, with_days=job.only is not None)
        if not chunks:
            tables["fans"] = fans_of(war.recorder)
        chunks.append(
            {
                name: table
                for name, table in tables.items()
                if len(table["runs" if name == "fans" else "run"])
            }
        )
    return Record(job.scenario, job.seed, sum(map(len, wars)), frames_of(iter(chunks)))


def _bound_memory() -> None:
    """Make allocations above MOST_BYTES raise a MemoryError instead of exhausting the machine."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = MOST_BYTES if hard == resource.RLIM_INFINITY else min(MOST_BYTES, hard)
    with contextlib.suppress(ValueError, OSError):  # may happen on macOS
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _work_within_bounds(connection: Connection) -> None:
    """The main function of a worker process, with a limit on its memory."""
    _bound_memory()
    _work(connection)


def _work(connection: Connection) -> None:
    """Do job after job, until nobody listens."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import sim.report.dashboard.found  # noqa: F401  or the first answer would wait for matplotlib

    last = 0.0

    def is_stopped() -> bool:
        return connection.poll() and connection.recv() == _STOP

    def report_progress(share: float, compiles: bool) -> None:
        nonlocal last
        now = time.monotonic()
        if compiles or now - last > _LOOK_S:
            last = now
            connection.send(("progress", (share, compiles)))

    while True:
        try:
            job = connection.recv()
            if job == _STOP:  # came too late
                continue
            try:
                connection.send(("done", job.make(report_progress, is_stopped)))
            except Stopped:
                connection.send(("stopped", None))
            except MemoryError:
                message = (
                    f"it takes over {MOST_BYTES / 1e9:.1f} GB, expected fewer wars or a terminal"
                )
                connection.send(("failed", message))
            except Exception as error:  # any error is shown by the page, which goes on
                message = " ".join(str(error).split())[:300]
                connection.send(("failed", f"{type(error).__name__}: {message}"))
        except (EOFError, OSError):
            return


# --- in the server -----------------------------------------------------------------------------


class _Worker:
    """A worker process and the connection to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")  # a server has threads and must not fork
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_work_within_bounds, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.jobs = 0
        self._ending, self._has_ended = threading.Lock(), False

    def do(
        self, job: Makes, report_progress: ReportProgress, is_stopped: Callable[[], bool]
    ) -> Any:
        """The result of a job. Raises Stopped or Failed; after Failed the process may be dead."""
        self.jobs += 1
        try:
            self._line.send(job)
            started, stopped_at = time.monotonic(), None
            while True:
                if time.monotonic() - started > MOST_S:
                    self.end()
                    raise Failed(f"stopped after {MOST_S} s, expected fewer wars or a terminal")
                if stopped_at is None and is_stopped():
                    stopped_at = time.monotonic()
                    self._line.send(_STOP)
                if stopped_at is not None and time.monotonic() - stopped_at > _PATIENCE_S:
                    self.end()
                    raise Stopped
                if self._line.poll(_LOOK_S):
                    kind, content = self._line.recv()
                    if kind == "progress":
                        report_progress(*content)
                        continue
                    break
        except (EOFError, OSError):
            self.end()
            raise Failed("the worker process died, expected more memory or fewer runs") from None
        if kind == "failed":
            raise Failed(content)
        if kind == "stopped" or is_stopped():
            raise Stopped
        return content

    @property
    def is_fit(self) -> bool:
        return self._process.is_alive() and self.jobs < _JOBS_OF_A_WORKER

    def end(self) -> None:
        """End the process; may be called by those waiting for it and by the server."""
        with self._ending:
            if not self._has_ended:
                self._has_ended = True
                self._process.kill()
                self._process.join(5)
                self._line.close()


class Workers:
    """One worker process per core, lent to whoever needs one."""

    def __init__(self, count: int | None = None) -> None:
        self._all = [_Worker() for _ in range(count or cores())]
        self._line = Line(self._all)
        self.have_ended = False

    def do(
        self,
        job: Makes,
        report_progress: ReportProgress,
        is_stopped: Callable[[], bool],
        place: Place | None = None,
    ) -> Any:
        """The result of a job, as soon as a worker is free. Raises Stopped or Failed.

        `is_stopped` is called many times a second; a job may take MOST_S seconds and MOST_BYTES.
        """
        worker = self._line.take(place or Place(), is_stopped)
        try:
            return worker.do(job, report_progress, is_stopped)
        finally:
            if not self.have_ended:
                self._line.put_back(worker if worker.is_fit else self._another_for(worker))

    def _another_for(self, worker: _Worker) -> _Worker:
        worker.end()
        self._all.remove(worker)
        self._all.append(_Worker())
        return self._all[-1]

    def are_awaited(self) -> bool:
        """Whether a reader is waiting for one."""
        return self._line.is_awaited()

    def end(self) -> None:
        """End all worker processes."""
        self.have_ended = True
        for worker in self._all:
            worker.end()
