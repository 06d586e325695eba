"""The mechanisms of a war in the order they act: those of the house, then the user's own."""

import functools
from typing import Any

import numpy as np

from sim.rules.hardening import MECHANISMS, Floats, Mechanism, Memory, News
from sim.scenario.schema import Own, Scenario


class CodeError(ValueError):
    """A user's own mechanism that cannot be used; says where and why in one line."""


def mechanisms_of(scenario: Scenario) -> dict[str, Mechanism]:
    """The mechanisms that are on, by name. Runs the code of the user's own, once."""
    acts: dict[str, Mechanism] = {}
    for name in scenario.mechanisms.switched_on:
        block = getattr(scenario.mechanisms, name)
        if isinstance(block, Own):
            acts[name] = _own(name, block.path, scenario.code[name])
        else:
            acts[name] = MECHANISMS[name]
    return acts


@functools.cache
def _own(name: str, path: str, code: str) -> Mechanism:
    """A function of the user's, guarded: what it gives back is checked each day."""
    file, _, function = path.rpartition(":")
    place = f"mechanisms.{name}: {path}"
    scope: dict[str, Any] = {"__name__": f"own_{name}", "__file__": file}
    try:
        exec(compile(code, file, "exec"), scope)
    except Exception as error:
        raise CodeError(f"{place}: {_where(error, file)}, expected code that runs") from None
    act = scope.get(function)
    if not callable(act):
        raise CodeError(f"{place}: {function!r} is no function, expected one")

    def guarded(was: Memory, news: News, figures: Memory) -> dict[str, Floats]:
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
