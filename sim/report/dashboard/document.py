"""The scenario behind the page: a YAML text as data, and the scenarios that changes make of it."""

import contextlib
import functools
import math
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.report.dashboard.text_changes import edited, with_register
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.figure import Figure, unit_of
from sim.scenario.load import load
from sim.scenario.schema import Scenario, figures
from sim.scenario.shipped import shipped
from sim.scenario.text.document import LARGEST_FILE_BYTES, plain
from sim.scenario.text.regular_file import read_ordinary

Value = float | bool
Changes = Mapping[str, Value]
"""What is changed, by path: a figure in its unit, or a switch: `mechanisms.NAME.on`, or that
of a patron."""

OWN = "yours.yaml"
"""The name here of a scenario of the reader's own."""

_OBSERVED = ("reported.", "polls.")  # observations are no settings
_REGISTER = "sources.yaml"
_SOURCES = re.compile(rb"^sources:\s*([^\s#]+)", re.MULTILINE)  # the name of its register


@dataclass(frozen=True)
class Document:
    """A scenario as it was read: its text including sources, its figures and switches.

    Later changes of its file have no effect. Two documents of the same text are equal.
    """

    text: str
    data: Mapping[str, Any] = field(compare=False, repr=False)
    scenario: Scenario = field(compare=False, repr=False)
    figures: Mapping[str, Figure] = field(compare=False, repr=False)
    switches: Mapping[str, bool] = field(compare=False, repr=False)

    def changed(self, changes: Changes) -> Scenario:
        """The scenario with changes. Raises ScenarioError."""
        return _changed(self.text, tuple(self.overrides(changes)))

    def overrides(self, changes: Changes) -> list[str]:
        """The changes in the syntax of `--set`."""
        return [f"{path}={self._written(path, value)}" for path, value in changes.items()]

    def _written(self, path: str, value: Value) -> str:
        """A value in the unit that the figure requires, which may differ from the file's."""
        if isinstance(value, bool):
            return "true" if value else "false"
        figure, found = self.figures[path], _at(self.data, path)
        number = formatted(value)
        if figure.unit == "1" and found.get("unit") is None and unit_of(found["value"]) is None:
            return number
        return f"{number} {figure.unit}"

    def accept(self, path: str, written: str, others: Changes) -> Value:
        """The new value of a figure from what was typed, given the other changes.

        Raises FieldError with what is wrong and what is expected.
        """
        figure = self.figures.get(path)
        if figure is None:
            raise FieldError(f"{path} is no figure of this scenario, expected one of its figures")
        value = _number(written)
        if figure.is_drawn and not (figure.low or 0.0) <= value <= (figure.high or 0.0):
            low, high = (formatted(end or 0.0) for end in (figure.low, figure.high))
            raise FieldError(f"{formatted(value)} is outside the range, expected {low} to {high}")
        if figure.is_count and value != round(value):
            raise FieldError(f"{formatted(value)} is no whole number, expected a count")
        try:
            self.changed({**others, path: value})
        except ScenarioError as error:
            raise FieldError(error.problems[0].message) from None
        return value

    def sound(self, changes: Changes) -> tuple[dict[str, Value], list[str]]:
        """The changes that this scenario accepts, and what is wrong with the others."""
        good: dict[str, Value] = {}
        wrong = []
        for path, value in changes.items():
            if isinstance(value, bool):
                if path in self.switches:
                    good[path] = value
                else:
                    wrong.append(f"{path} is no switch of this scenario")
                continue
            try:
                good[path] = self.accept(path, repr(value), good)
            except FieldError as error:
                wrong.append(f"{path}: {error}")
        return good, wrong

    def yaml(self, changes: Changes, heading: str) -> str:
        """The scenario with changes as YAML: its own text with these changes, below a heading.

        Reading it gives the same scenario as `changed`.
        """
        noted = [f"# {line}\n" for line in (heading, *self.overrides(changes))]
        written = {path: self._written(path, value) for path, value in changes.items()}
        return "".join((*noted, edited(self.text, written)))


class FieldError(ValueError):
    """A field cannot take what was typed; the message says what is expected."""


@functools.lru_cache(maxsize=128)
def _changed(text: str, overrides: tuple[str, ...]) -> Scenario:
    """The scenario of a text with overrides, loaded once for all readers."""
    with _on_disk(text) as file:
        return load(file, overrides)


def document_of(file: Path) -> Document:
    """The document of a file on offer, in its present version. Raises ScenarioError."""
    try:
        text = read_ordinary(file, LARGEST_FILE_BYTES)
        named = _SOURCES.search(text)
        register = b""
        if named is not None:
            register = read_ordinary(file.parent / os.fsdecode(named[1]), LARGEST_FILE_BYTES)
    except OSError:  # no register, or one referred to in another way
        return _document(load(file))
    return _document_of(file, text, register)


@functools.lru_cache(maxsize=64)
def _document_of(file: Path, text: bytes, register: bytes) -> Document:
    """The document of a file with this text and this register, loaded once for all readers."""
    return _document(load(file))


@functools.lru_cache(maxsize=32)
def own_document(text: str) -> Document:
    """The document of the reader's own YAML, which must not name files or code."""
    if len(text.encode("utf-8", "replace")) > LARGEST_FILE_BYTES:
        _refuse("", f"has over {LARGEST_FILE_BYTES} bytes, expected fewer")
    data = plain(text)
    if not isinstance(data, dict):
        _refuse("", "is no mapping, expected names followed by blocks")
    if isinstance(data.get("sources"), str) and data["sources"] != _REGISTER:
        _refuse("sources", f"names a file, expected {_REGISTER}, the register that is here")
    for name, block in _named(data.get("mechanisms")):
        if isinstance(block, dict) and "path" in block:
            _refuse(
                f"mechanisms.{name}.path",
                "names code, which is not run from here, expected sim run --allow-code",
            )
    with _on_disk(text) as file:
        return _document(load(file))


def _document(scenario: Scenario) -> Document:
    text = with_register(scenario.text.removeprefix("\ufeff"), scenario.cited)
    data = plain(text)
    found = {
        path: figure
        for path, figure in figures(scenario)
        if not path.startswith(_OBSERVED) and isinstance(_at(data, path), dict)
    }
    switches = {
        f"mechanisms.{name}.on": block.on
        for name, block in scenario.mechanisms
        if block is not None and name not in scenario.mechanisms.own
    } | {f"patrons.{name}.on": patron.on for name, patron in scenario.patrons.items()}
    return Document(text, data, scenario, found, switches)


@contextlib.contextmanager
def _on_disk(text: str) -> Iterator[Path]:
    """A text as a file in a folder with the register of sources."""
    with tempfile.TemporaryDirectory() as folder:
        register = shipped("scenarios") / _REGISTER
        if register.is_file():
            (Path(folder) / _REGISTER).write_bytes(register.read_bytes())
        file = Path(folder) / OWN
        file.write_text(text, "utf-8", errors="replace", newline="")
        yield file


def _refuse(path: str, message: str) -> None:
    raise ScenarioError([Problem(OWN, 0, 0, path, message)])


def messages(problems: Iterable[Problem]) -> list[str]:
    """The problems of a text, by line and path, without the location of its file."""
    lines = []
    for problem in problems:
        place = f"line {problem.line}, column {problem.column}" if problem.line else ""
        lines.append(": ".join(filter(None, (place, problem.path, problem.message))))
    return lines


def formatted(value: float) -> str:
    """The shortest text of a number that reads back as the same number."""
    return str(int(value)) if value == round(value) and abs(value) < 1e15 else repr(float(value))


def _number(written: str) -> float:
    try:
        value = float(written)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FieldError(f"{written[:20]!r} is no number, expected one such as 0.5")
    return value


def _named(section: Any) -> list[tuple[str, Any]]:
    return list(section.items()) if isinstance(section, dict) else []


def _at(data: Any, path: str) -> Any:
    """The value at a dotted path; None if there is a list on the way."""
    for name in path.split("."):
        data = data.get(name) if isinstance(data, Mapping) else None
    return data
