"""Changes written into a scenario's own text: its comments and its order stay as they are."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sim.scenario.text.document import nodes
from sim.scenario.text.override import SET_BY_OVERRIDE

_NUMBER_OR_SWITCH = re.compile(r"[-+.0-9e]+|true|false")


def edited(text: str, written: Mapping[str, str]) -> str:
    """The text with what is written put at dotted paths, figures becoming that constant.

    Read again, it is the scenario that `--set PATH=WRITTEN` makes of the text. A comment inside
    a figure that is written over several lines goes with it.
    """
    places = sorted((*_place(nodes(text), path.split(".")), path) for path in written)
    parts, done = [], 0
    for start, end, path in places:
        parts += [text[done:start], _value(written[path])]
        done = end
    return "".join((*parts, text[done:]))


def with_register(text: str, register: Mapping[str, Mapping[str, str]]) -> str:
    """The text with its sources within it, so that it needs no other file; others stay as they are.

    Read again, it is the same scenario.
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
    """A text as YAML quotes it, whatever stands in it."""
    inner = "".join(
        f"\\{c}" if c in '"\\' else c if c.isprintable() else f"\\U{ord(c):08x}" for c in text
    )
    return f'"{inner}"'


def _value(written: str) -> str:
    """A switch as it is, a figure with the words that an override has for where it is from."""
    if written in ("true", "false"):
        return written
    value = written if _NUMBER_OR_SWITCH.fullmatch(written) else json.dumps(written)
    return f'{{value: {value}, assumed: "{SET_BY_OVERRIDE}"}}'


def _place(node: Any, path: list[str]) -> tuple[int, int]:
    """Where in the text what stands at a path begins and ends."""
    for name in path:
        node = next(value for key, value in node.value if key.value == name)
    return node.start_mark.index, max(leaf.end_mark.index for leaf in _leaves(node))


def _leaves(node: Any) -> Iterator[Any]:
    """The last parts of a node, whose ends are exact; a block's own end lies after comments."""
    if not isinstance(node.value, list) or node.flow_style:
        yield node
        return
    for item in node.value:
        for one in item if isinstance(item, tuple) else (item,):
            yield from _leaves(one)
