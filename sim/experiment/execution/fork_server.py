"""Start worker processes. Imports next to nothing, so that a command can call it first."""

import contextlib
import os
import signal
import sys
import types
from collections.abc import Iterator, Sequence
from multiprocessing import forkserver, resource_tracker
from typing import Any

if sys.platform == "linux":
    from multiprocessing.context import ForkServerContext as _Context
    from multiprocessing.context import ForkServerProcess as _Process
else:
    from multiprocessing.context import SpawnContext as _Context
    from multiprocessing.context import SpawnProcess as _Process

_FIRST = "sim.experiment.execution.single_threaded"


def cores() -> int:
    """The default number of worker processes."""
    return os.cpu_count() or 1


def prepare_workers(modules: Sequence[str] = ("sim.experiment.execution.runner",)) -> None:
    """Start a server, on Linux, that imports the modules that workers will need.

    Calling it as early as possible saves workers their start-up time; a later or second call
    changes nothing. Workers inherit a blocked SIGINT, so that one that is just starting prints no
    traceback: the parent handles keyboard interrupts.
    """
    if sys.platform == "linux":
        CONTEXT.set_forkserver_preload([_FIRST, *modules])
        resource_tracker.ensure_running()  # first, as it would unblock the signal
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


@contextlib.contextmanager
def _without_the_script() -> Iterator[None]:
    """Hide the user's script while a worker starts, so that the worker does not run it again."""
    script = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


class _Worker(_Process):
    """A process that needs no `if __name__ == "__main__"` in the script that starts it."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802
        with _without_the_script():
            return _Process._Popen(process_obj)


class _Workers(_Context):
    """Worker processes, forked on Linux from a server that has imported what they need.

    They are not forked from this process, whose threads may hold locks that would never be
    released.
    """

    Process = _Worker


CONTEXT = _Workers()
"""The multiprocessing context of worker processes."""
