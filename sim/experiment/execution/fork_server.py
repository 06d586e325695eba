"""What starts worker processes. It loads next to nothing, so that a command can call it first."""

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
    """How many worker processes there are by default."""
    return os.cpu_count() or 1


def prepare_workers(modules: Sequence[str] = ("sim.experiment.execution.runner",)) -> None:
    """Start loading, in another process, the modules that workers will need.

    A call as early as possible saves the workers' start; a later one, or a second, changes nothing.
    Workers inherit that interrupts from the keyboard are blocked, so that one that is just starting
    prints no traceback: an interrupt is the parent's business.
    """
    if sys.platform == "linux":
        CONTEXT.set_forkserver_preload([_FIRST, *modules])
        resource_tracker.ensure_running()  # here, as it would unblock what is blocked next
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


@contextlib.contextmanager
def _without_the_script() -> Iterator[None]:
    """While a worker starts: the user's script is nobody's, so that it is not run again there."""
    script = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


class _Worker(_Process):
    """A process that needs no `if __name__ == "__main__"` in the script that asks for it."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802
        with _without_the_script():
            return _Process._Popen(process_obj)


class _Workers(_Context):
    """Processes forked, where that is known to be safe, from one that has loaded what they need.

    Not from this one: it has threads, which a fork may leave holding locks for ever.
    """

    Process = _Worker


CONTEXT = _Workers()
"""What starts worker processes."""
