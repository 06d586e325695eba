"""Overrides and parts left out: changes to a scenario's data before it is checked."""

from typing import Any

from sim.scenario.calls.spelling import either, place
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.figure import did_you_mean, unit_of
from sim.scenario.text.document import Document, plain

SET_BY_OVERRIDE = "set by an override"
"""Where a figure is from that was set; how its value was spelled there does not matter."""

_FIGURE_KEYS = frozenset({"value", "low", "high", "law", "unit", "source", "assumed"})


def remove(document: Document, dotted: str) -> None:
    """Drop a part of the scenario, such as a raid; the focus goes with its raid."""
    parent, key = _parent(document, dotted, place("without", dotted))
    if parent is not None:
        del parent[key]
    if dotted == f"raids.{document.data.get('focus')}":
        del document.data["focus"]


def override(document: Document, written: str) -> None:
    """Apply `path=value`: a figure becomes that constant, anything else is replaced."""
    dotted, sign, value = written.partition("=")
    where = place("overrides", written[:120])
    if not sign or not dotted.strip():
        expected = f"expected {either('--set PATH=VALUE', 'PATH=VALUE')}"
        document.problems.append(Problem(where, 0, 0, "", expected))
        return
    parent, key = _parent(document, dotted.strip(), where, may_add=True)
    if parent is None:
        return
    try:
        parsed = plain(value)
    except ScenarioError as error:
        document.problems += [Problem(where, 0, 0, dotted, p.message) for p in error.problems]
        return
    old = parent.get(key)
    if isinstance(old, dict) and _is_figure(old) and not isinstance(parsed, dict):
        unit = old.get("unit") or unit_of(old.get("value"))
        same_unit = {} if unit is None or isinstance(parsed, str) else {"unit": unit}
        parsed = {"value": parsed, **same_unit, "assumed": SET_BY_OVERRIDE}
    parent[key] = parsed
    document.set_by[tuple(dotted.strip().split("."))] = where


def _parent(
    document: Document, dotted: str, where: str, may_add: bool = False
) -> tuple[dict[str, Any] | None, str]:
    names = dotted.split(".")
    here: Any = document.data
    for depth, name in enumerate(names):
        is_last = depth == len(names) - 1
        if isinstance(here, dict) and (name in here or (is_last and may_add)):
            if is_last:
                return here, name
            here = here[name]
            continue
        hint = did_you_mean(name, here) if isinstance(here, dict) else ""
        hint = hint or ", expected a path of the scenario"
        inside = ".".join(names[:depth]) or "the scenario"
        document.problems.append(Problem(where, 0, 0, dotted, f"no {name!r} in {inside}{hint}"))
        break
    return None, ""


def _is_figure(value: dict[str, Any]) -> bool:
    return bool(value) and _FIGURE_KEYS.issuperset(value)
