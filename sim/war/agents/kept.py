"""What was worked out of some arrays, kept for as long as these are the same arrays."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The last result of a rule. An array of a war stays as it was, so the same give the same.

    The rule itself must not change from call to call.
    """

    __slots__ = ("_arrays", "_result")

    def __init__(self) -> None:
        self._arrays: tuple[Any, ...] | None = None
        self._result: T

    def of(self, rule: Callable[..., T], *arrays: Any) -> T:
        """The result of the rule for these arrays, computed once for identical arrays."""
        before = self._arrays
        if before is None or any(a is not b for a, b in zip(arrays, before, strict=True)):
            self._result, self._arrays = rule(*arrays), arrays
        return self._result
