"""The figures that a sweep or a stimulus sets in place of the scenario's own, with provenance."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.render.document import Section
from sim.report.answers.register import Row, row_text
from sim.report.numbers import number

Figures = Mapping[str, Any]

_MOST_LEVELS = 8
_PLACE = "set by the experiment"


def varied_section(sweep: Figures, factors: Figures) -> Section:
    """All figures and parts that a sweep sets, at each level. `factors` are those of its answer."""
    rows = [
        (sweep["titles"].get(name, name), *row)
        for name, levels in _levels(sweep)
        for row in _rows(name, levels, factors[name])
    ]
    columns = (
        "factor", "level", "figure or part", "value", "range", "unit", "source or assumption"
    )  # fmt: skip
    return Section("What was varied", [], columns, rows)


def varied_paths(sweep: Figures) -> list[str]:
    """The figures of the scenario that differ from point to point."""
    return [
        path
        for name, levels in _levels(sweep)
        for path in (_paths_set(levels) if isinstance(levels, dict) else [name])
    ]


def options_section(asked: Figures) -> Section:
    """Every figure and part that an option of a choice or a game sets, or a state of affairs."""
    rows = []
    for name, options in _choosers(asked):
        for lever, levels in options["levers"].items():
            for level, block in levels.items():
                rows += _rows_of(f"{name}{lever}", level, block["set"])
        for share, unit in ((options.get("shares") or {}).get("classes") or {}).items():
            bought = "what the share buys" if unit["price"] else "the money"
            rows.append((f"{name}{share}", "a share", unit["set"], bought, "", "", _PLACE))
    for name, settings in (asked.get("uncertainties") or {}).items():
        for word, block in settings.items():
            level = f"{word}, chance {number(block['chance'])}"
            rows += _rows_of(name, level, block["set"], block["because"])
    columns = ("", "level", "figure or part", "value", "range", "unit", "source or assumption")
    return Section("What the options set", [], columns, rows)


def paths_of_options(asked: Figures) -> list[str]:
    """The figures and parts of the scenario that an option or a state of affairs sets."""
    found: list[str] = []
    for _, options in _choosers(asked):
        levels = [one for lever in options["levers"].values() for one in lever.values()]
        classes = ((options.get("shares") or {}).get("classes") or {}).values()
        found += [path for one in levels for path in one["set"]] + [one["set"] for one in classes]
    settings = [
        one for each in (asked.get("uncertainties") or {}).values() for one in each.values()
    ]
    return list(dict.fromkeys([*found, *(path for one in settings for path in one["set"])]))


def _choosers(asked: Figures) -> Iterator[tuple[str, Figures]]:
    """The options of who chooses, of two players each with a name."""
    if "options" in asked:
        yield "", asked["options"]
    for name, player in (asked.get("players") or {}).items():
        yield f"{name}, ", player["options"]


def _rows_of(name: str, level: str, settings: Figures, because: str = "") -> list[tuple[str, ...]]:
    if not settings:
        return [(name, level, "as the scenario has it", "", "", "", because)]
    return [
        (name, level, *leaf) for path, value in settings.items() for leaf in _leaves(path, value)
    ]


def stimuli_section(stimuli: Mapping[str, Sequence[Row]]) -> Section:
    """The figures that differ from the war in which nothing happens, by stimulus."""
    rows = [(word, *row_text(row)) for word, figures in stimuli.items() for row in figures]
    columns = ("stimulus", "figure", "value", "range", "unit", "law", "source or assumption")
    lines = [
        "The figures that a stimulus adds or changes. All others are those of the war in which "
        "nothing happens, in the table below."
    ]
    return Section("What the stimuli set", lines, columns, rows)


def _levels(sweep: Figures) -> Iterator[tuple[str, Any]]:
    yield from sweep["levers"].items()
    yield from sweep["uncertainties"].items()


def _paths_set(settings: Mapping[str, Figures]) -> list[str]:
    return list(dict.fromkeys(path for level in settings.values() for path in level))


def _rows(name: str, levels: Any, factor: Figures) -> Iterator[tuple[str, ...]]:
    if isinstance(levels, dict):
        for level, settings in levels.items():
            for path, value in settings.items():
                yield from ((str(level), *leaf) for leaf in _leaves(path, value))
        return
    unit = factor["unit"] or ""
    place = "its own range" if levels is None else _PLACE
    yield "each", name, _listed(factor["levels"]), "", "" if unit == "1" else unit, place


def _listed(levels: Sequence[Any]) -> str:
    """Levels in a cell: all if they are few, else their number and range."""
    words = [number(x) if _is_number(x) else _written(x) for x in levels]
    if len(words) <= _MOST_LEVELS:
        return ", ".join(words)
    return f"{words[0]} to {words[-1]}, {len(words):,} of them"


def _leaves(path: str, value: Any) -> Iterator[tuple[str, ...]]:
    """A row for each figure and word in the value that a path is set to."""
    if isinstance(value, dict) and "value" in value:
        low, high = value.get("low"), value.get("high")
        spread = "" if low is None else f"{number(low)} to {number(high)}"
        sources = value.get("source") or []
        parts = [", ".join([sources] if isinstance(sources, str) else sources)]
        parts += [f"assumed: {value['assumed']}"] if value.get("assumed") else []
        unit = value.get("unit", "")
        yield path, number(value["value"]), spread, unit, "; ".join(filter(None, parts))
    elif isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}", inner)
    else:
        yield path, number(value) if _is_number(value) else _written(value), "", "", _PLACE


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _written(value: Any) -> str:
    """A word, a switch or a list in YAML notation."""
    if value is None or value == {}:
        return "none"
    return value if isinstance(value, str) else json.dumps(value)
