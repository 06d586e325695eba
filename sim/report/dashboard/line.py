"""A queue for the workers: the most urgent first, then first come, first served."""

import itertools
import threading
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")

FIRST_NUMBERS, REST, MAP, IDLE = range(4)
"""The urgency of work: a reader sees nothing new yet; sees first numbers; sees all numbers but no
map; no reader has asked."""

_LOOK_S = 0.1
_numbers = itertools.count()


class Stopped(Exception):  # noqa: N818
    """The work was stopped by whoever requested it."""


class Place:
    """A place in the queue. `urgency` may change while waiting; `before` are served earlier."""

    def __init__(self, urgency: Callable[[], int] = lambda: FIRST_NUMBERS) -> None:
        self.urgency, self.number = urgency, next(_numbers)
        self.before = 0

    def order(self) -> tuple[int, int]:
        """The sort key."""
        return self.urgency(), self.number


class Line(Generic[T]):
    """Things that are lent, with a queue of those waiting for one."""

    def __init__(self, free: Iterable[T]) -> None:
        self._free, self._waiting = list(free), list[Place]()
        self._changed = threading.Condition()

    def take(self, place: Place, is_stopped: Callable[[], bool]) -> T:
        """Wait for a thing. Raises Stopped, and gives up the place, if it is no longer wanted."""
        with self._changed:
            self._waiting.append(place)
            try:
                while not self._is_turn_of(place):
                    self._changed.wait(_LOOK_S)
                    if is_stopped():
                        raise Stopped
                return self._free.pop()
            finally:
                self._waiting.remove(place)
                self._changed.notify_all()

    def put_back(self, thing: T) -> None:
        """Return a thing, or a replacement for it."""
        with self._changed:
            self._free.append(thing)
            self._changed.notify_all()

    def is_awaited(self) -> bool:
        """Whether a reader is waiting, and not only work that nobody has asked for."""
        with self._changed:
            return any(place.urgency() < IDLE for place in self._waiting)

    def _is_turn_of(self, place: Place) -> bool:
        place.before = sorted(self._waiting, key=Place.order).index(place)
        return place.before < len(self._free)
