"""Figures, and strengths of mechanisms, given row by row, checked as those of a file are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic_core import PydanticCustomError

from sim.scenario.calls.arguments import quoted
from sim.scenario.consistency import contradictions
from sim.scenario.errors import ExperimentError
from sim.scenario.figure import LARGEST, Bounds, did_you_mean
from sim.scenario.schema import Scenario, figures

Floats = NDArray[np.float64]

MOST_STRENGTH = 1e6
"""A mechanism acts no more strongly than this times its figures."""


def figures_given(scenario: Scenario, given: Any, rows: int) -> dict[str, Floats]:
    """Figures by path, a number a row each, checked as those of a file are.

    Raises ExperimentError where one is no figure of the scenario, is out of its bounds, or
    contradicts another.
    """
    known = dict(figures(scenario))
    for path, values in _mapping("figures", given).items():
        if path not in known:
            hint = did_you_mean(path, known) or ", expected a path that sim check lists"
            raise ExperimentError(f"figures: {path!r} is no figure of {scenario.name}{hint}")
        _check_rows(f"figures: {path}", values, rows, "iuf", "one number")
        bounds = known[path].bounds
        try:
            for number in _suspects(values, bounds) if bounds else ():
                bounds.check("value", number)  # type: ignore[union-attr]
        except PydanticCustomError as error:
            raise ExperimentError(f"figures: {path}: {error.message()}") from None
    checked = {path: np.asarray(values, np.float64) for path, values in given.items()}
    check_points(scenario, checked)
    return checked


def strengths_given(scenario: Scenario, given: Any, rows: int) -> dict[str, Floats]:
    """How strongly mechanisms that are on in the scenario act: from 0 on, or True or False, a row.

    Patrons that are on, as `patrons.NAME`, act or not: 0 or 1. Raises ExperimentError where one is
    neither.
    """
    patrons = [f"patrons.{name}" for name in scenario.patrons_on]
    known = (*scenario.mechanisms.switched_on, *patrons)
    for name, values in _mapping("strengths", given).items():
        if name not in known:
            hint = did_you_mean(name, known) or ", expected one that is on"
            raise ExperimentError(
                f"strengths: {name!r} is no mechanism or patron that is on in {scenario.name}{hint}"
            )
        _check_rows(f"strengths: {name}", values, rows, "biuf", "one number from 0 on")
        least, most = float(values.min()), float(values.max())
        if not 0.0 <= least <= most <= MOST_STRENGTH:
            wrong = most if least >= 0.0 else least
            raise ExperimentError(
                f"strengths: {name}: {wrong:g} in a row, expected 0 to {MOST_STRENGTH:g}"
            )
        if name in patrons and not np.isin(values, (0, 1)).all():
            raise ExperimentError(f"strengths: {name}: a patron acts or not, expected 0 or 1 a row")
    return {name: np.asarray(values, np.float64) for name, values in given.items()}


def _mapping(name: str, given: Any) -> Mapping[Any, Any]:
    if not isinstance(given, Mapping):
        raise ExperimentError(f"{name}: {quoted(given)}, expected arrays by name")
    return given


def _check_rows(name: str, values: Any, rows: int, kinds: str, what: str) -> None:
    if isinstance(values, np.ndarray):
        if values.shape == (rows,) and values.dtype.kind in kinds:
            return
        given = f"an array of {values.dtype} of shape {values.shape}"
    else:
        given = quoted(values)
    raise ExperimentError(f"{name}: {given}, expected an array of shape ({rows},): {what} a row")


def _suspects(values: Floats, bounds: Bounds) -> Iterator[float]:
    """Of many numbers those that break bounds if any does."""
    yield float(values.min())  # not a number where one of them is none
    yield float(values.max())
    size = np.abs(values)
    for wrong in ((size > LARGEST) & np.isfinite(size), values != np.rint(values)):
        yield from map(float, values[wrong][:1])


def check_points(scenario: Scenario, given: Mapping[str, Floats]) -> None:
    """Check each row of figures as a scenario is checked. Raises ExperimentError.

    What is wrong in a row is so over the ranges of all rows too; these are looked at first.
    """
    whole = {path: (values.min(), values.max()) for path, values in given.items()}
    if not whole or not any(contradictions(_with_figures(scenario, whole))):
        return
    for row in np.unique(np.column_stack(list(given.values())), axis=0):
        levels = dict(zip(given, map(float, row), strict=True))
        spans = {path: (level, level) for path, level in levels.items()}
        for path, message in contradictions(_with_figures(scenario, spans)):
            where = ", ".join(f"{name} {level:g}" for name, level in levels.items())
            raise ExperimentError(f"at {where}: {'.'.join(path)}: {message}")


def _with_figures(scenario: Scenario, spans: Mapping[str, tuple[float, float]]) -> Scenario:
    """A scenario in which some figures lie between a least and a most."""
    for path, (low, high) in spans.items():
        span = {"value": low, "low": low, "high": high}
        scenario = _put(scenario, path.split("."), span)
    return scenario


def _put(block: Any, names: Sequence[str], span: Mapping[str, float]) -> Any:
    """A block with one figure in it changed."""
    if not names:
        return block.model_copy(update=span)
    name, rest = names[0], names[1:]
    if isinstance(block, tuple):
        place = int(name)
        return (*block[:place], _put(block[place], rest, span), *block[place + 1 :])
    if isinstance(block, Mapping):
        return {**block, name: _put(block[name], rest, span)}
    return block.model_copy(update={name: _put(getattr(block, name), rest, span)})
