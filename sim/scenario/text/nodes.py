"""A YAML text as a tree of nodes, each with its place in the text.

The library finds events (a scalar, the start of a list, ...); the tree is put together here, with
no more and no deeper nodes than a text may have.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

DEEPEST_NESTING = 40
MOST_PARTS = 30_000
"""Names, values, lists and mappings of a file: five times those of the largest that is shipped."""

LONGEST_LINE = 200_000
"""Characters: the library's time may grow with the square of a line."""

STANDARD_TAG = "tag:yaml.org,2002:"

_EVENTS = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a build without the C library is slower
_NOT_ALLOWED = re.compile(  # YAML 1.2, section 5.1
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)
_PLAIN = {
    "null": re.compile(r"~|null|Null|NULL|"),
    "bool": re.compile(r"true|True|TRUE|false|False|FALSE"),
    "int": re.compile(r"[-+]?[0-9][0-9_]*|0o[0-7_]+|[-+]?0x[0-9a-fA-F_]+|[-+]?0b[01_]+"),
    "float": re.compile(
        r"[-+]?(\.[0-9][0-9_]*|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
    ),
    "timestamp": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
}
"""What a plain scalar is, the first that fits: the core schema of YAML 1.2, section 10.3.2, with
dates, and with the underscores and the `0b` that readers of YAML commonly take."""


class TextError(Exception):
    """A text that cannot be read: what is wrong with it, and what is expected, where."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


@dataclass(slots=True)
class Node:
    """A part of a text. `tag` says of what kind it is; marks have `line`, `column` and `index`."""

    tag: str
    value: Any
    start_mark: Any
    end_mark: Any
    anchor: str | None = None


@dataclass(slots=True)
class ScalarNode(Node):
    """A value as it is written."""


@dataclass(slots=True)
class SequenceNode(Node):
    """A list of nodes; in `flow_style` it stands in brackets."""

    flow_style: bool = False


@dataclass(slots=True)
class MappingNode(Node):
    """Pairs of nodes, keys and values; in `flow_style` it stands in braces."""

    flow_style: bool = False


def composed(text: str) -> Node | None:
    """The tree of a text, None of one that is empty. Raises TextError."""
    if max(map(len, text.split("\n"))) > LONGEST_LINE:
        raise TextError(f"has a line of over {LONGEST_LINE:,} characters, expected shorter ones")
    wrong = _NOT_ALLOWED.search(text)
    if wrong:
        before = text[: wrong.start()]
        raise TextError(
            f"the character {wrong[0]!r} is not allowed, expected text",
            before.count("\n") + 1,
            len(before) - before.rfind("\n"),
        )
    try:
        return _Composer(yaml.parse(text, Loader=_EVENTS)).root()
    except yaml.MarkedYAMLError as error:
        raise _told(error, text) from None
    except (yaml.YAMLError, ValueError) as error:
        message = " ".join(str(error).split())[:200]
        raise TextError(f"{message}, expected YAML") from None


def _told(error: yaml.MarkedYAMLError, text: str) -> TextError:
    """What the library finds wrong, in words that name what stands there."""
    mark = error.problem_mark or error.context_mark
    message = " ".join((error.problem or "the YAML cannot be read").split())[:200]
    message = message.replace("did not find expected", "did not find")
    if mark is None:
        return TextError(f"{message}, expected YAML")
    sign = text[mark.index : mark.index + 1]
    if "nesting depth" in message:
        wanted = f"at most {DEEPEST_NESTING} levels"
        return TextError(f"the nesting is too deep, expected {wanted}", mark.line + 1)
    message = message.replace("found character that", f"found character {sign!r} that")
    wanted = "it in quotes" if sign == "%" else "YAML"
    return TextError(f"{message}, expected {wanted}", mark.line + 1, mark.column + 1)


class _Composer:
    """Puts nodes together from events."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._parts = self._levels = 0

    def root(self) -> Node | None:
        """The one document of a text."""
        next(self._events)  # the stream starts
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        node = self._node(next(self._events))
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            mark = after.start_mark
            message = "another document begins here, expected one"
            raise TextError(message, mark.line + 1, mark.column + 1)
        return node

    def _node(self, event: Any) -> Node:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise TextError(f"has over {MOST_PARTS:,} parts, expected fewer")
        if self._levels > 2 * DEEPEST_NESTING:  # what is less deep is refused with its path
            raise TextError(f"the nesting is too deep, expected at most {DEEPEST_NESTING} levels")
        if isinstance(event, yaml.ScalarEvent):
            tag = _tag(event, _kind(event.value) if event.implicit[0] else "str")
            return ScalarNode(tag, event.value, event.start_mark, event.end_mark, event.anchor)
        if isinstance(event, yaml.AliasEvent):
            tag = f"{STANDARD_TAG}str"
            return ScalarNode(tag, "", event.start_mark, event.end_mark, event.anchor)
        self._levels += 1
        is_list = isinstance(event, yaml.SequenceStartEvent)
        node = self._sequence(event) if is_list else self._mapping(event)
        self._levels -= 1
        return node

    def _sequence(self, event: Any) -> Node:
        items = []
        while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(inner))
        return SequenceNode(
            _tag(event, "seq"), items, event.start_mark, inner.end_mark, event.anchor,
            bool(event.flow_style),
        )  # fmt: skip

    def _mapping(self, event: Any) -> Node:
        pairs = []
        while not isinstance(inner := next(self._events), yaml.MappingEndEvent):
            key = self._node(inner)
            pairs.append((key, self._node(next(self._events))))
        return MappingNode(
            _tag(event, "map"), pairs, event.start_mark, inner.end_mark, event.anchor,
            bool(event.flow_style),
        )  # fmt: skip


def _tag(event: Any, kind: str) -> str:
    """The tag that is written, else that of its kind."""
    return event.tag if event.tag not in (None, "!") else f"{STANDARD_TAG}{kind}"


def _kind(written: str) -> str:
    """What a plain scalar is."""
    return next((kind for kind, form in _PLAIN.items() if form.fullmatch(written)), "str")
