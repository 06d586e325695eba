"""Signals that end a command in good order: Ctrl-C, SIGTERM, and that of a closed terminal."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
CTRL_C = 128 + signal.SIGINT
"""The exit code after Ctrl-C, as shells have it."""

_AGAIN_S = 0.05
_IMPORT = "<frozen importlib._bootstrap>"


class Ended(KeyboardInterrupt):
    """A signal that ends a command as Ctrl-C does."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def code_of(interrupt: BaseException | None) -> int:
    """The exit code after an interrupt: 128 and the number of the signal, as shells have it."""
    number = interrupt.number if isinstance(interrupt, Ended) else signal.SIGINT
    return 128 + number


@contextlib.contextmanager
def signals_that_end() -> Iterator[None]:
    """Within it the ending signals are raised as `Ended`.

    Those that whoever started the command had it ignore stay ignored, Ctrl-C too: `nohup` and
    shells do so for what shall outlive them. One that comes within an import ends what follows it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    """Raise `Ended`, but never within an import: extensions abort when their start fails."""
    if not _imports(frame):
        raise Ended(number)
    main = threading.main_thread().ident  # another thread's signal would not end its waiting
    again = threading.Timer(_AGAIN_S, signal.pthread_kill, [main, number])
    again.daemon = True
    again.start()


def _imports(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == _IMPORT:
            return True
        frame = frame.f_back
    return False
