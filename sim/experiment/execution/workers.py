"""The executor: runs calls in processes on this machine, or on a cluster."""

import concurrent.futures
import contextlib
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Mapping
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from sim.experiment.errors import ExperimentError, WorkerError
from sim.experiment.execution.cluster import Cluster
from sim.experiment.execution.fork_server import CONTEXT, cores, prepare_workers
from sim.scenario.calls.arguments import quoted, whole
from sim.scenario.calls.spelling import argument

_Result = TypeVar("_Result")

Workers = int | Cluster | None
"""Where calls run: in so many processes here, None for one per core, or on a cluster."""
_DEATHS = 3  # of workers in a row, before giving up


def at_once(workers: Workers) -> int:
    """How many calls run at a time, at least 1. Raises ExperimentError if `workers` is not valid.

    For a cluster it raises WorkerError if that cannot be reached.
    """
    if isinstance(workers, Cluster):
        return max(1, workers.threads())
    return cores() if workers is None else whole("workers", workers, 1)


def workers_of(given: Any) -> Workers:
    """Check where to run calls. Raises ExperimentError if it is neither a number nor a cluster."""
    if isinstance(given, Cluster) and not isinstance(given.address, str):
        raise ExperimentError(f"workers: {quoted(given)}, expected the address of a scheduler")
    is_valid = given is None or isinstance(given, Cluster)
    return given if is_valid else whole("workers", given, 1)


def spread(
    work: Callable[..., _Result], calls: Mapping[int, tuple[Any, ...]], workers: Workers
) -> Generator[tuple[int, _Result], None, None]:
    """Yield the key and the result of each call as it finishes: all calls reach workers here.

    If a worker dies, others take over its calls. Raises WorkerError if that does not help.
    """
    if isinstance(workers, Cluster):
        yield from workers.spread(work, calls)
        return
    workers = min(at_once(workers), len(calls))
    if workers <= 1:
        try:
            for key, call in calls.items():
                gc.freeze()  # each time: plotting may be imported meanwhile
                yield key, _alone_in_memory(work, *call)
        finally:
            gc.unfreeze()
        return
    left, deaths = dict(calls), 0
    while left:
        try:
            with contextlib.closing(_spread_once(work, left, workers)) as done:
                for key, result in done:
                    del left[key]
                    deaths = 0
                    yield key, result
        except BrokenProcessPool:
            deaths += 1
            if deaths == _DEATHS:
                raise WorkerError(
                    f"a worker process died {_DEATHS} times in a row without progress; "
                    f"finished chunks are kept, expected more memory or fewer {argument('workers')}"
                ) from None


def _alone_in_memory(work: Callable[..., _Result], *call: Any) -> _Result:
    """Run a call, then free its wars, whose objects refer to each other in cycles.

    Objects from before the call are frozen, so that searching for cycles takes no time.
    """
    try:
        return work(*call)
    finally:
        gc.collect()


def _spread_once(
    work: Callable[..., _Result], calls: Mapping[int, tuple[Any, ...]], workers: int
) -> Generator[tuple[int, _Result], None, None]:
    stopped, stop = CONTEXT.Pipe(duplex=False)
    with stopped, stop, _pool(workers, stopped) as pool:
        try:
            futures = {
                pool.submit(_unless_stopped, work, *call): key for key, call in calls.items()
            }
            for future in concurrent.futures.as_completed(futures):
                yield futures.pop(future), future.result()  # passed on, not kept
                del future
        except BaseException:
            # Workers are not killed: sending a call to one that is gone would block us for ever.
            stop.close()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _pool(workers: int, stopped: Connection) -> concurrent.futures.ProcessPoolExecutor:
    prepare_workers()
    return concurrent.futures.ProcessPoolExecutor(workers, CONTEXT, _begin_to_work, (stopped,))


_stopped: Connection | None = None
"""In a worker: reaches its end of file as soon as no more calls are to be run."""


def _unless_stopped(work: Callable[..., _Result], *call: Any) -> _Result:
    """In a worker: do not start a call that was still queued when the others were stopped."""
    if _stopped is not None and _stopped.poll():
        raise concurrent.futures.CancelledError
    return _alone_in_memory(work, *call)


def _begin_to_work(stopped: Connection) -> None:
    """In a worker: leave keyboard interrupts to the parent, and exit if the parent dies."""
    global _stopped
    _stopped = stopped
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.enable()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
