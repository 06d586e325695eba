"""Results that readers have in common: computed once, and stored while there is room."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from solara.server import kernel_context

from sim.report.dashboard.found import Found
from sim.report.dashboard.line import FIRST_NUMBERS, IDLE, Place, Stopped
from sim.report.dashboard.results import MapImage
from sim.report.dashboard.run_processes import Failed, Makes, Workers

MOST_BYTES = 256 * 1024**2
"""The size of the cache of answers, besides those on a screen."""

_LOOK_S = 0.5  # how often a waiting reader is informed of progress
_QUIET_S = 5.0  # pause of preparations after a reader has asked

Key = tuple[Any, ...]
"""The key of a question: the scenario's text, what is changed, seed and runs."""


class Stored(NamedTuple):
    """The results of some wars, or a map, and how long they took."""

    made: Found | MapImage
    seconds: float


class HowFar(NamedTuple):
    """The progress of work: how many are served before it, or the share that is done."""

    before: int
    share: float | None = None
    compiles: bool = False


class _Asker(NamedTuple):
    is_stopped: Callable[[], bool]
    urgency: int


class _Work:
    """Wars in progress, for one or more readers."""

    def __init__(self, asker: _Asker) -> None:
        self._askers, self._is_given_up = [asker], False
        self._lock = threading.Lock()
        self.place = Place(self._urgency)
        self.is_over = threading.Event()
        self.stored: Stored | None = None
        self.error: Exception | None = None
        self._progress: tuple[float, bool] | None = None

    def how_far(self) -> HowFar:
        if self._progress is None:
            return HowFar(self.place.before)
        return HowFar(0, *self._progress)

    def report_progress(self, share: float, compiles: bool) -> None:
        self._progress = share, compiles

    def is_joined_by(self, asker: _Asker) -> bool:
        """Add a reader, and return True, unless the work is being given up."""
        if self.is_unwanted():
            return False
        with self._lock:
            self._askers.append(asker)
            return not self._is_given_up

    def is_unwanted(self) -> bool:
        with self._lock:
            self._is_given_up |= all(asker.is_stopped() for asker in self._askers)
            return self._is_given_up

    def _urgency(self) -> int:
        return min(asker.urgency for asker in self._askers)


class SharedResults:
    """The answers of a server: equal questions share one, and the latest are stored."""

    def __init__(self, workers: Workers, most_bytes: int = MOST_BYTES) -> None:
        self._workers, self._most_bytes = workers, most_bytes
        self._stored: OrderedDict[Key, Stored] = OrderedDict()
        self._under_way: dict[Key, _Work] = {}
        self._lock = threading.Lock()

    def __contains__(self, key: Key) -> bool:
        return key in self._stored

    def stored(self, key: Key) -> Stored | None:
        """The stored answer of a question, or None."""
        return self._stored.get(key)

    def get(
        self,
        key: Key,
        job: Makes,
        report: Callable[[HowFar], None],
        is_stopped: Callable[[], bool],
        urgency: int = FIRST_NUMBERS,
    ) -> Stored:
        """The stored answer of a question, or the result of its job, whoever asked first.

        `report` is called from time to time with the progress. Raises Stopped once `is_stopped`,
        and Failed as the workers do. Work that nobody wants any more is given up.
        """
        asker = _Asker(is_stopped, urgency)
        with self._lock:
            if key in self._stored:
                self._stored.move_to_end(key)
                return self._stored[key]
            work = self._under_way.get(key)
            is_new = work is None or not work.is_joined_by(asker)
            if work is None or is_new:
                work = self._under_way[key] = _Work(asker)
        if is_new:
            self._start(key, job, work)
        return _waited_for(work, asker, report)

    def prepare(self, questions: Iterable[tuple[Key, Makes]]) -> None:
        """Answer questions that nobody has asked yet, while no reader waits for a worker."""
        for key, job in questions:
            while key not in self and not self._workers.have_ended:
                try:
                    self.get(key, job, lambda how_far: None, self._workers.are_awaited, IDLE)
                except Stopped:
                    time.sleep(_QUIET_S)
                except Failed:  # a reader who asks is told so
                    break
            if self._workers.have_ended:
                return

    def _start(self, key: Key, job: Makes, work: _Work) -> None:
        # belongs to no reader: it continues for others when the first has gone
        with kernel_context.without_context():
            threading.Thread(target=self._do, args=(key, job, work), daemon=True).start()

    def _do(self, key: Key, job: Makes, work: _Work) -> None:
        started = time.monotonic()
        try:
            made = self._workers.do(job, work.report_progress, work.is_unwanted, work.place)
            work.stored = Stored(made, time.monotonic() - started)
        except Exception as error:  # raised again where it was asked for
            work.error = error
        with self._lock:
            if self._under_way.get(key) is work:
                del self._under_way[key]
            if work.stored is not None:
                self._store(key, work.stored)
        work.is_over.set()

    def _store(self, key: Key, stored: Stored) -> None:
        self._stored[key] = stored
        sizes = [one.made.size_bytes for one in self._stored.values()]
        while sum(sizes) > self._most_bytes and len(sizes) > 1:
            self._stored.popitem(last=False)
            del sizes[0]


def _waited_for(work: _Work, asker: _Asker, report: Callable[[HowFar], None]) -> Stored:
    last = None
    while not work.is_over.wait(_LOOK_S):
        if asker.is_stopped():
            raise Stopped
        if work.how_far() != last:
            last = work.how_far()
            report(last)
    if work.stored is None:
        assert work.error is not None
        raise work.error
    return work.stored
