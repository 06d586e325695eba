"""Code of the user's own that a scenario names, guarded against what it may do wrong."""

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np


class CodeError(ValueError):
    """A user's own mechanism that cannot be used; says where and why in one line."""


@functools.cache
def own_function(name: str, path: str, code: str) -> Any:
    """A mechanism of the user's, guarded: what it gives back is checked each day.

    It sees the day's news, its memory and its figures, and can change none of them. Raises
    CodeError where the code does not run, and whenever the function fails.
    """
    file, _, function = path.rpartition(":")
    place = f"{name}: {path}"
    scope: dict[str, Any] = {"__name__": name, "__file__": file}
    try:
        exec(compile(code, file, "exec"), scope)
    except (Exception, SystemExit) as error:
        raise CodeError(f"{place}: {_where(error, file, 1)}, expected code that runs") from None
    act = scope.get(function)
    if not callable(act):
        raise CodeError(f"{place}: {function!r} is no function, expected one")
    first_line = getattr(getattr(act, "__code__", None), "co_firstlineno", 1)

    def guarded(was: Mapping[str, Any], news: Any, figures: Mapping[str, Any]) -> dict[str, Any]:
        runs = news.base.shape
        seen = type(news)(*map(_read_only, news))
        figures = {key: _read_only(value) for key, value in figures.items()}
        try:
            with np.errstate(all="ignore"):  # what is not finite is told below, in one line
                answer = act(was, seen, figures)
            given = {
                key: np.broadcast_to(np.asarray(value, np.float64), runs)
                for key, value in answer.items()
            }
        except (Exception, SystemExit) as error:
            raise CodeError(
                f"{place}: {_where(error, file, first_line)}, expected a dict of numbers a run"
            ) from None
        if "term" not in given:
            what = "has no 'term'"
        elif not all(bool(np.isfinite(value).all()) for value in given.values()):
            what = "has a number that is not finite"
        else:
            return {key: value.copy() for key, value in given.items()}
        raise CodeError(
            f"{place}: line {first_line}: what it gives back {what}, "
            "expected a finite term in each run"
        )

    return guarded


def _read_only(value: Any) -> Any:
    """The same numbers, not to be written to; they are the model's own."""
    if not isinstance(value, np.ndarray):
        return value
    view = value.view()
    view.flags.writeable = False
    return view


def _where(error: BaseException, file: str, line: int) -> str:
    """An error as one line, with the line of the user's file it comes from, `line` if from none."""
    if isinstance(error, SyntaxError):
        line = error.lineno or line
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    said = " ".join(str(error).split())[:200]
    return f"line {line}: {type(error).__name__}: {said}"
