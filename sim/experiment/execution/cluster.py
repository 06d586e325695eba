"""Run calls on a cluster of dask.distributed, with the same bytes as on this machine.

Workers need no files, only the same installation. Their work is pickled here and unpickled there,
after a check of their versions, so that the scheduler never unpickles any of it.
"""

import asyncio
import concurrent.futures
import contextlib
import functools
import hashlib
import importlib.metadata
import itertools
import logging
import math
import pickle
import platform
import queue
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from sim.experiment.errors import WorkerError
from sim.experiment.storage.version import work_version

if TYPE_CHECKING:
    from distributed import Client, Future

_Result = TypeVar("_Result")

_PATIENCE_S = 5.0  # for a scheduler to answer
_LOOK_S = 1.0  # between checks of a cluster that returns nothing
_AHEAD = 2  # calls sent per thread, so that none waits for its next call
_LEAST_AHEAD = 16  # with fewer calls an adaptive cluster would not add workers
_LIBRARIES = (
    "cloudpickle", "distributed", "llvmlite", "mesa", "numba", "numpy", "pandas", "pyarrow",
    "pydantic", "scipy",
)  # fmt: skip
_LOGGERS = ("distributed", "distributed.client", "tornado.application")
_log = logging.getLogger(__name__)


class Cluster(NamedTuple):
    """The workers of a dask scheduler, by its address, such as `tcp://10.0.0.5:8786`."""

    address: str

    def spread(
        self, work: Callable[..., _Result], calls: Mapping[int, tuple[Any, ...]]
    ) -> Generator[tuple[int, _Result], None, None]:
        """Yield the key and the result of each call as it finishes; waits while there is no worker.

        If a worker dies, others take over its calls. Raises WorkerError if that does not help, if
        the scheduler cannot be reached or is lost, or if versions differ.
        """
        with _connected(self.address) as client:
            _refuse_others(client, self.address)
            yield from _spread(client, self.address, work, calls)

    def threads(self) -> int:
        """The number of calls that its workers can run at once. Raises WorkerError."""
        with _connected(self.address) as client:
            return _threads(client, self.address)


# --- on a worker -----------------------------------------------------------------------------


def _shared_by_calls(packed: bytes) -> bytes:
    """What all calls share, as a task of its own: it is sent once, and again if it is lost."""
    return packed


def _do(shared: bytes, own: bytes, versions: Mapping[str, str]) -> Any:
    """Run one call. Raises WorkerError if this worker's versions differ from the client's."""
    from distributed import get_worker

    unlike = _unlike(_versions(), versions)
    if unlike:
        raise WorkerError(_refusal({get_worker().address: unlike}))
    work, same = pickle.loads(shared)
    arguments = same | pickle.loads(own)
    return work(*(arguments[place] for place in sorted(arguments)))


@functools.cache
def _versions() -> Mapping[str, str]:
    """The versions of everything that can change results or what is sent."""
    return {
        "raids-and-talks": work_version(),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "processor's arithmetic": _arithmetic(),
        **{name: importlib.metadata.version(name) for name in _LIBRARIES},
    }


def _arithmetic() -> str:
    """A hash of values of exp, log and the like, whose last digits differ between processors."""
    x = np.linspace(0.01, 20.0, 2001)
    arrays = (np.exp, np.expm1, np.log, np.log1p, np.log10, np.sin, np.cos, np.tanh)
    numbers = (math.exp, math.log, math.log1p, math.sin, math.cos, math.atan)
    digest = hashlib.sha256((x**0.37).tobytes())
    for of_array in arrays:
        digest.update(of_array(x).tobytes())
    for of_number in numbers:
        digest.update(np.array([of_number(value) for value in x.tolist()]).tobytes())
    return digest.hexdigest()[:8]


# --- here ------------------------------------------------------------------------------------


@contextlib.contextmanager
def _connected(address: str) -> "Iterator[Client]":
    """A client that is closed at the end, which cancels its open requests."""
    try:
        import distributed
    except ModuleNotFoundError:
        raise WorkerError(
            "dask is not installed here, expected `pip install 'raids-and-talks[cluster]'`"
        ) from None
    with _hushed():
        unlike = _unlike_a_scheduler(address)
        if unlike:
            raise WorkerError(
                f"{address}: no dask scheduler answers ({unlike}), expected the address that "
                "`dask scheduler` prints, such as tcp://10.0.0.5:8786"
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about versions: `_refuse_others` checks them
            client = distributed.Client(address, timeout=_PATIENCE_S, set_as_default=False)
        try:
            yield client
        finally:
            client.close()


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """Silence the logs of the library's client: a failure is reported as one error instead."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    were = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, were, strict=True):
            logger.setLevel(level)


def _unlike_a_scheduler(address: str) -> str:
    """Why the listener at an address is no scheduler; empty if it is one.

    A client would wait for ever for a listener that does not answer.
    """
    from distributed import rpc

    async def identity() -> str:
        async with rpc(address, timeout=_PATIENCE_S) as there:
            found = await asyncio.wait_for(there.identity(), _PATIENCE_S)
        return "" if found["type"] == "Scheduler" else f"a {found['type']} does"

    with concurrent.futures.ThreadPoolExecutor(1) as aside:  # a notebook already runs a loop
        try:
            return aside.submit(asyncio.run, identity()).result()
        except Exception as error:  # anything may listen there
            return " ".join(str(error).split())[:200] or f"nothing said in {_PATIENCE_S:g} s"


def _refuse_others(client: "Client", address: str) -> None:
    """Raise WorkerError if a worker's versions differ from those here."""
    here = _versions()
    with _there(address):
        by_worker = client.run(_versions, on_error="return")
    unlike = {worker: _unlike(theirs, here) for worker, theirs in by_worker.items()}
    refused = {worker: what for worker, what in unlike.items() if what}
    if refused:
        raise WorkerError(_refusal(refused))


def _unlike(theirs: Mapping[str, str] | BaseException, here: Mapping[str, str]) -> str:
    """How a worker's versions differ from those here; empty if they do not."""
    if isinstance(theirs, BaseException):
        return f"cannot read what it is sent ({theirs})"
    differ = [name for name in here if theirs.get(name) != here[name]]
    described = (f"{name} {theirs.get(name, 'none')} (here {here[name]})" for name in differ)
    return "has " + ", ".join(described) if differ else ""


def _refusal(refused: Mapping[str, str]) -> str:
    worker, what = next(iter(refused.items()))
    others = f"; {len(refused) - 1} more differ" if len(refused) > 1 else ""
    return f"worker {worker} {what}{others}, expected the same there as here"


def _spread(
    client: "Client",
    address: str,
    work: Callable[..., _Result],
    calls: Mapping[int, tuple[Any, ...]],
) -> Generator[tuple[int, _Result], None, None]:
    import cloudpickle
    from distributed import KilledWorker
    from distributed.comm.core import CommClosedError

    same = _same(calls)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about its size: it is sent once
        shared = client.submit(_shared_by_calls, cloudpickle.dumps((work, same)), pure=False)
    versions = _versions()
    left = iter(calls.items())
    under_way: dict[Future[Any], int] = {}
    done: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()
    while True:
        room = max(_LEAST_AHEAD, _AHEAD * _threads(client, address)) - len(under_way)
        for key, call in itertools.islice(left, max(0, room)):
            own = {place: value for place, value in enumerate(call) if place not in same}
            future = client.submit(_do, shared, cloudpickle.dumps(own), versions, pure=False)
            future.add_done_callback(done.put)
            under_way[future] = key
        if not under_way:
            return
        future = _next(client, address, done)
        try:
            result = future.result()
        except KilledWorker:
            raise WorkerError(
                f"{address}: workers died repeatedly at the same runs; finished chunks are "
                "kept, expected more memory for each worker"
            ) from None
        except (concurrent.futures.CancelledError, CommClosedError):
            raise _lost(address) from None
        yield under_way.pop(future), result


def _same(calls: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
    """The arguments that are the same object in all calls, by position."""
    columns = enumerate(zip(*calls.values(), strict=True))
    return {place: some[0] for place, some in columns if all(one is some[0] for one in some)}


def _next(client: "Client", address: str, done: "queue.SimpleQueue[Future[Any]]") -> "Future[Any]":
    """The next call that is finished. Warns once if there is no worker to run any."""
    has_warned = False
    while True:
        try:
            return done.get(timeout=_LOOK_S)
        except queue.Empty:
            pass
        if client.status != "running":
            raise _lost(address)
        if not has_warned and not _threads(client, address):
            _log.warning("%s: no workers there, waiting for some", address)
            has_warned = True


@contextlib.contextmanager
def _there(address: str) -> Iterator[None]:
    """Raise WorkerError if the scheduler is gone when a request is made."""
    try:
        yield
    except OSError:
        raise _lost(address) from None


def _lost(address: str) -> WorkerError:
    return WorkerError(
        f"{address}: the scheduler is gone; finished chunks are stored, and the same command "
        "resumes"
    )


def _threads(client: "Client", address: str) -> int:
    with _there(address):
        return sum(client.nthreads().values())
