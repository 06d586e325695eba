"""Code of the user's own that a scenario names, guarded against what it may do wrong."""

import functools
from typing import Any

import numpy as np


class CodeError(ValueError):
    """A user's own mechanism that cannot be used; says where and why in one line."""


@functools.cache
def own_function(name: str, path: str, code: str) -> Any:
    """A mechanism of the user's, guarded: what it gives back is checked each day.

    Raises CodeError where the code does not run, and whenever the function fails.
    """
    file, _, function = path.rpartition(":")
    place = f"{name}: {path}"
    scope: dict[str, Any] = {"__name__": name, "__file__": file}
    try:
        exec(compile(code, file, "exec"), scope)
    except Exception as error:
        raise CodeError(f"{place}: {_where(error, file)}, expected code that runs") from None
    act = scope.get(function)
    if not callable(act):
        raise CodeError(f"{place}: {function!r} is no function, expected one")

    def guarded(was: Any, news: Any, figures: Any) -> dict[str, Any]:
        runs = news.base.shape
        try:
            given = {
                key: np.broadcast_to(value, runs) for key, value in act(was, news, figures).items()
            }
            finite = all(bool(np.isfinite(value).all()) for value in given.values())
        except Exception as error:
            raise CodeError(
                f"{place}: {_where(error, file)}, expected a dict of numbers a run"
            ) from None
        if "term" not in given or not finite:
            what = "has a number that is not finite" if "term" in given else "has no 'term'"
            raise CodeError(
                f"{place}: what it gives back {what}, expected a finite term in each run"
            )
        return {key: np.asarray(value, np.float64).copy() for key, value in given.items()}

    return guarded


def _where(error: Exception, file: str) -> str:
    """An error in the user's file as one line, with the line it comes from."""
    line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    said = " ".join(str(error).split())[:200]
    return f"line {line or 1}: {type(error).__name__}: {said}"
