"""Change values within a scenario's own text; its comments and its order are preserved."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sim.scenario.text.document import nodes
from sim.scenario.text.override import SET_BY_OVERRIDE

_NUMBER_OR_SWITCH = re.compile(r"[-+.0-9e]+|true|false")


def edited(text: str, written: Mapping[str, str]) -> str:
    """The text with new values at dotted paths; figures become these constants.

    Reading it gives the scenario that `--set PATH=WRITTEN` makes of the text. A comment inside a
    figure that spans several lines is lost.
    """
    places = sorted((*_place(nodes(text), path.split(".")), path) for path in written)
    parts, done = [], 0
    for start, end, path in places:
        parts += [text[done:start], _value(written[path])]
        done = end
    return "".join((*parts, text[done:]))


def with_register(text: str, register: Mapping[str, Mapping[str, str]]) -> str:
    """The text with its sources included, so that it needs no other file; all else is unchanged.

    Reading it gives the same scenario.
    """
    root = nodes(text)
    if root is None or all(key.value != "sources" for key, _ in root.value):
        return text
    start, end = _place(nodes(text), ["sources"])
    entries = [
        f"\n  {_quoted(key)}: "
        f"{{{', '.join(f'{_quoted(word)}: {_quoted(value)}' for word, value in entry.items())}}}"
        for key, entry in register.items()
    ]
    return f"{text[:start]}{{{','.join(entries)}}}{text[end:]}"


def _quoted(text: str) -> str:
    """Any text as a quoted YAML string."""
    inner = "".join(
        f"\\{c}" if c in '"\\' else c if c.isprintable() else f"\\U{ord(c):08x}" for c in text
    )
    return f'"{inner}"'


def _value(written: str) -> str:
    """A switch unchanged; a figure with the provenance that an override has."""
    if written in ("true", "false"):
        return written
    value = written if _NUMBER_OR_SWITCH.fullmatch(written) else json.dumps(written)
    return f'{{value: {value}, assumed: "{SET_BY_OVERRIDE}"}}'


def _place(node: Any, path: list[str]) -> tuple[int, int]:
    """The start and end in the text of the value at a path."""
    for name in path:
        node = next(value for key, value in node.value if key.value == name)
    return node.start_mark.index, max(leaf.end_mark.index for leaf in _leaves(node))


def _leaves(node: Any) -> Iterator[Any]:
    """The leaves of a node, whose ends are exact; a block's own end includes trailing comments."""
    if not isinstance(node.value, list) or node.flow_style:
        yield node
        return
    for item in node.value:
        for one in item if isinstance(item, tuple) else (item,):
            yield from _leaves(one)
