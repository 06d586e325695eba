"""A YAML file as plain data, with the line and column of every part and what is wrong with it."""

import functools
from pathlib import Path
from typing import Any

from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.figure import did_you_mean
from sim.scenario.shipped import shipped_names
from sim.scenario.text.nodes import (
    DEEPEST_NESTING,
    STANDARD_TAG,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    TextError,
    composed,
)
from sim.scenario.text.regular_file import NotOrdinary, read_ordinary
from sim.scenario.text.scalars import value_of

LARGEST_FILE_BYTES = 1_000_000

Place = tuple[str | int, ...]
"""The keys and list places that lead to a part of a file."""

_READ_TAGS = ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")


@functools.lru_cache(maxsize=64)
def nodes(text: str) -> Node | None:
    """The nodes of a YAML text; cached, as a sweep reads one file many times, with its overrides.

    Raises TextError.
    """
    return composed(text)


def dotted(place: Place) -> str:
    """A place as it is written in overrides and errors: `weapons.fpv.p_hit`."""
    return ".".join(str(part) for part in place)


def plain(written: str) -> Any:
    """A value as YAML reads it: a number, a switch or a word. Raises ScenarioError."""
    document = Document(written[:120])
    node = document._compose(written)
    value = None if node is None else document._plain(node, ())
    document.stop_if_wrong()
    return value


class Document:
    """A YAML file as plain data, with the position of every part and what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.text = ""
        self.data: dict[str, Any] = {}
        self.positions: dict[Place, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self.unread: set[Place] = set()  # where something stands that was not read
        self.set_by: dict[Place, str] = {}  # the overrides, by what they set

    def stop_if_wrong(self) -> None:
        """Raises ScenarioError with all that is wrong so far, if anything is."""
        if self.problems:
            raise ScenarioError(self.problems)

    def problem(self, path: Place, message: str) -> None:
        """Note that something is wrong at a place, in the file or in the override that set it."""
        line, column = self._position(path)
        file = self.file
        for depth in range(len(path), 0, -1):
            if path[:depth] in self.set_by:
                file, line, column = self.set_by[path[:depth]], 0, 0
                break
        self.problems.append(Problem(file, line, column, dotted(path), message))

    def _position(self, path: Place) -> tuple[int, int]:
        for depth in range(len(path), -1, -1):
            if path[:depth] in self.positions:
                return self.positions[path[:depth]]
        return 1, 1

    # reading

    def read(self, path: Path) -> None:
        """Read a file. Raises ScenarioError where it cannot be read at all."""
        root = self._compose(self.text_of(path))
        self.positions[()] = (1, 1)
        if root is None:
            self.refuse("the file is empty, expected a mapping of names to blocks")
        elif not isinstance(root, MappingNode):
            self.refuse("the file is no mapping, expected names followed by blocks")
        else:
            self.data = self._plain(root, ()) or {}

    def refuse(self, message: str, line: int = 1, column: int = 1) -> None:
        """Raises ScenarioError with this problem, and those before it."""
        self.problems.append(Problem(self.file, line, column, "", message))
        self.stop_if_wrong()

    def text_of(self, path: Path) -> str:
        """The text of a file. Raises ScenarioError where there is none."""
        try:
            raw = read_ordinary(path, LARGEST_FILE_BYTES)
            self.text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            self.refuse("the file is not UTF-8 text, expected YAML in UTF-8", line)
        except NotOrdinary as error:
            self.refuse(str(error.strerror), 0)
        except OSError as error:
            hint = did_you_mean(str(path), shipped_names()) or ", expected a YAML file"
            self.refuse(f"cannot be read ({error.strerror}){hint}", 0)
        except ValueError:
            self.refuse("is no file name, expected a YAML file", 0)
        return self.text

    def _compose(self, text: str) -> Node | None:
        try:
            return nodes(text)
        except TextError as error:
            self.refuse(str(error), error.line, error.column)
        return None

    def _plain(self, node: Node, path: Place) -> Any:
        """The node as dict, list and scalars; aliases and duplicate keys are problems."""
        self.positions.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if node.anchor is not None:
            return self._unreadable(
                path, "anchors and aliases are not read", "the value written out"
            )
        if len(path) > DEEPEST_NESTING:
            return self._unreadable(
                path, "nesting is too deep", f"at most {DEEPEST_NESTING} levels"
            )
        if str(node.tag).removeprefix(STANDARD_TAG) not in _READ_TAGS:
            tag = str(node.tag)[:40]
            return self._unreadable(path, f"the tag {tag!r} is not read", "a plain value")
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self._plain(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _unreadable(self, path: Place, what: str, expected: str) -> None:
        self.unread.add(path)
        self.problem(path, f"{what}, expected {expected}")

    def _mapping(self, node: MappingNode, path: Place) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else None
            is_plain = key_node.tag.removeprefix(STANDARD_TAG) in _READ_TAGS
            if key is None or key_node.anchor is not None or not is_plain:
                line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
                self.problems.append(
                    Problem(self.file, line, column, dotted(path), "a key must be a plain word")
                )
                continue
            inner = (*path, key)
            if key in plain:
                line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
                first = self.positions[inner][0]
                self.problems.append(
                    Problem(
                        self.file,
                        line,
                        column,
                        dotted(inner),
                        f"the key stands twice (first in line {first}), expected it once",
                    )
                )
                continue
            self.positions[inner] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            plain[key] = self._plain(value_node, inner)
        return plain

    def _scalar(self, node: Node, path: Place) -> Any:
        kind = node.tag.removeprefix(STANDARD_TAG)
        try:
            return value_of(kind, node.value)
        except ValueError:
            wanted = "a date, YYYY-MM-DD" if kind == "timestamp" else f"a value of kind {kind}"
            self._unreadable(path, f"{node.value[:40]!r} cannot be read", wanted)
            return None
