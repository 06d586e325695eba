"""YAML and overrides to a Scenario; every error of a file at once, as file:line:column."""

import datetime
import functools
import hashlib
import io
import os
import types
import typing
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from sim.scenario.code import CodeError, NoFunctionError, read_code
from sim.scenario.consistency import contradictions
from sim.scenario.dates import date_of, is_date_in_part
from sim.scenario.experiment import EXPERIMENTS, Experiment
from sim.scenario.figure import Block, did_you_mean, unit_of
from sim.scenario.ordinary import NotOrdinary, read_ordinary
from sim.scenario.schema import Mechanisms, Scenario, figures, is_source
from sim.scenario.shipped import Kind, named, shipped_names
from sim.scenario.spelling import either, place

LARGEST_FILE_BYTES = 1_000_000
DEEPEST_NESTING = 40
SET_BY_OVERRIDE = "set by an override"
"""Where a figure is from that was set; how its value was spelled there says nothing of it."""

_REFERRED_SECTIONS = ("sides", "weapons", "assets", "units", "sites", "launch_areas", "raids")
_FIGURE_KEYS = frozenset({"value", "low", "high", "law", "unit", "source", "assumed"})

Path_ = tuple[str | int, ...]
Positions = dict[Path_, tuple[int, int]]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file: where, at which path, what, and what was expected."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        parts = (place, self.path, self.message) if self.path else (place, self.message)
        return one_line(": ".join(parts))


class ScenarioError(ValueError):
    """A scenario that cannot be used; `problems` are all that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type["ScenarioError"], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


def load(
    path: str | Path,
    overrides: Iterable[str] = (),
    without: Iterable[str] = (),
    allow_code: bool = False,
) -> Scenario:
    """Read a scenario, apply `path=value` overrides, drop the parts named in `without`.

    `path` is a file, or the name of a scenario that comes with the package.
    `allow_code` lets it name mechanisms of the user's own, whose code a war will run. Raises
    ScenarioError with every problem found.
    """
    changes, left_out = _texts("overrides", overrides), _texts("without", without)
    if not isinstance(allow_code, bool):
        _refuse_argument("allow_code", allow_code, "True or False")
    file, document = _opened(path, "scenarios")
    for part in left_out:
        document.remove(part)
    for override in changes:
        document.override(override)
    scenario = document.scenario(file.parent, changes, left_out, allow_code)
    scenario._file = str(path)
    return scenario


def unchanged_file_of(scenario: Scenario) -> str:
    """The file of a scenario, to be read again. Raises ScenarioError where it has changed."""
    if not scenario.file:
        problem = "was read from results, expected one that sim.load read from a file"
        raise ScenarioError([Problem(scenario.name, 0, 0, "", problem)])
    document = _Document(scenario.file)
    if document._read_text(named(scenario.file)) != scenario.text:
        document._refuse("has changed since it was loaded, expected sim.load again", 0)
    return scenario.file


def _texts(name: str, given: Any) -> tuple[str, ...]:
    """Several texts; one alone would be taken for its letters. Raises ScenarioError."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        _refuse_argument(name, given, f"a list, such as [{given!r}]")
    texts = tuple(given)
    for text in texts:
        if not isinstance(text, str):
            _refuse_argument(name, text, "a list of texts")
    return texts


def _refuse_argument(name: str, given: Any, expected: str) -> NoReturn:
    raise ScenarioError([Problem(name, 0, 0, "", f"{given!r:.60}, expected {expected}")])


def load_experiment(path: str | Path) -> Experiment:
    """Read an experiment, as `load` does. Raises ScenarioError with every problem found."""
    return _opened(path, "experiments")[1].experiment()


def experiment_of(said: Mapping[str, Any]) -> Experiment:
    """An experiment that says this, held to what a file may say.

    Raises ScenarioError with every problem found.
    """
    document = _Document(str(said["name"]))
    document.data, document.positions = dict(said), {(): (0, 0)}
    return document.experiment()


def _opened(path: str | Path, wanted: Kind) -> "tuple[Path, _Document]":
    """A file asked for by its place or name, as it is written; refused if of another kind."""
    if not isinstance(path, str | Path):
        _refuse_argument("path", path, "a file or the name of one that comes along")
    file = named(path, wanted)
    if not os.path.exists(file):  # of a name that no folder can hold too
        other: Kind = "experiments" if wanted == "scenarios" else "scenarios"
        file = named(path, other)
    document = _Document(str(file))
    document.read(file)
    document.refuse_another_kind(wanted, str(path))
    return file, document


def as_kept(scenario: Scenario) -> dict[str, Any]:
    """A scenario as a manifest keeps it: enough to read it back without any file."""
    return {
        "overrides": list(scenario.overrides),
        "scenario_text": scenario.text,
        "scenario_as_run": scenario.model_dump(mode="json", exclude_none=True),
        "sources": scenario.cited,
        "code": scenario.code,
    }


def from_kept(kept: Mapping[str, Any]) -> Scenario:
    """The scenario that `as_kept` told of.

    Raises KeyError where it was not kept, ScenarioError where it is damaged.
    """
    try:
        scenario = Scenario.model_validate(kept["scenario_as_run"])
    except ValidationError:
        message = "is no scenario, expected it as it was kept"
        raise ScenarioError([Problem("manifest.json", 0, 0, "scenario_as_run", message)]) from None
    scenario._text, scenario._overrides = kept["scenario_text"], tuple(kept["overrides"])
    scenario._cited, scenario._code = kept["sources"], kept["code"]
    return scenario


def content_hash(scenario: Scenario, *others: object) -> str:
    """The SHA-256 of everything a scenario says, and of whatever else decides a result."""
    digest = hashlib.sha256(scenario.model_dump_json(exclude={"sources"}).encode())
    for name, code in sorted(scenario.code.items()):
        digest.update(f"\0{name}\0{code}".encode())
    for other in others:
        digest.update(b"\0" + repr(other).encode())
    return digest.hexdigest()


def plain(written: str) -> Any:
    """A value as YAML reads it: a number, a switch or a word. Raises ScenarioError."""
    document = _Document(written[:120])
    node = document._compose(written)
    value = None if node is None else document._plain(node, ())
    document.stop_if_wrong()
    return value


def read_sources(path: Path) -> dict[str, Any]:
    """The register of sources: key to title, date, address and note.

    Raises ScenarioError with one problem, which tells where it is and repeats nothing of the file:
    a scenario from elsewhere can name any file as its register.
    """
    document = _Document(str(path))
    try:
        document.read(path)
        for key, entry in document.data.items():
            if not is_source((key, entry)):
                document.problem((key,), "a source needs a title")
        document.stop_if_wrong()
    except ScenarioError as error:
        first, *others = error.problems
        if not first.line:  # nothing of it was read
            raise
        more = f"; {len(others)} more such places" if others else ""
        message = f"is no source, expected KEY: {{title: ..., url: ...}} for each{more}"
        raise ScenarioError([Problem(first.file, first.line, first.column, "", message)]) from None
    for key, entry in document.data.items():
        if "date" in entry and not is_date_in_part(entry["date"]):
            document.problem((key, "date"), "is no date, expected YYYY-MM-DD, YYYY-MM or YYYY")
    document.stop_if_wrong()
    return document.data


class _Document:
    """A YAML file as plain data, with the position of every part and what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.text = ""
        self.data: dict[str, Any] = {}
        self.positions: Positions = {}
        self.problems: list[Problem] = []
        self._root: type[Block] = Scenario
        self._unread: set[Path_] = set()
        self._set_by: dict[Path_, str] = {}

    def stop_if_wrong(self) -> None:
        if self.problems:
            raise ScenarioError(self.problems)

    def problem(self, path: Path_, message: str) -> None:
        line, column = self._position(path)
        file = self.file
        for depth in range(len(path), 0, -1):
            if path[:depth] in self._set_by:
                file, line, column = self._set_by[path[:depth]], 0, 0
                break
        self.problems.append(Problem(file, line, column, _dotted(path), message))

    def _position(self, path: Path_) -> tuple[int, int]:
        for depth in range(len(path), -1, -1):
            if path[:depth] in self.positions:
                return self.positions[path[:depth]]
        return 1, 1

    # reading

    def read(self, path: Path) -> None:
        root = self._compose(self._read_text(path))
        self.positions[()] = (1, 1)
        if root is None:
            self._refuse("the file is empty, expected a mapping of names to blocks")
        elif not isinstance(root, MappingNode):
            self._refuse("the file is no mapping, expected names followed by blocks")
        else:
            self.data = self._plain(root, ()) or {}

    def refuse_another_kind(self, wanted: Kind, written: str) -> None:
        """Say in one line what a file is that was taken for a scenario or an experiment."""
        data = self.data
        if wanted == "scenarios" and "sides" not in data and {"kind", "scenario"} & set(data):
            by = either(f"`sim experiment {written}`", "sim.run_experiment")
            self._refuse(f"this is an experiment, run it by {by}", 0)
        if wanted == "experiments" and "kind" not in data and "sides" in data:
            by = either(f"`sim run {written}`", "sim.run")
            self._refuse(f"this is a scenario, run it by {by}", 0)
        if data and all(isinstance(entry, dict) and "title" in entry for entry in data.values()):
            kind = wanted.removesuffix("s")
            self._refuse(f"this is a register of sources, expected the {kind} that cites them", 0)

    def _refuse(self, message: str, line: int = 1, column: int = 1) -> None:
        self.problems.append(Problem(self.file, line, column, "", message))
        self.stop_if_wrong()

    def _read_text(self, path: Path) -> str:
        try:
            raw = read_ordinary(path, LARGEST_FILE_BYTES)
            self.text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            self._refuse("the file is not UTF-8 text, expected YAML in UTF-8", line)
        except NotOrdinary as error:
            self._refuse(str(error.strerror), 0)
        except OSError as error:
            hint = did_you_mean(str(path), shipped_names()) or ", expected a YAML file"
            self._refuse(f"cannot be read ({error.strerror}){hint}", 0)
        except ValueError:
            self._refuse("is no file name, expected a YAML file", 0)
        return self.text

    def _compose(self, text: str) -> Node | None:
        try:
            return nodes(text)
        except ReaderError as error:
            before = text[: error.position]
            self._refuse(
                f"the character {chr(error.character)!r} is not allowed, expected text",
                before.count("\n") + 1,
                len(before) - before.rfind("\n"),
            )
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            message = " ".join((error.problem or "the YAML cannot be read").split())
            wanted = "it in quotes" if message.startswith("found character '%'") else "YAML"
            self._refuse(f"{message}, expected {wanted}", line, column)
        except RecursionError:
            self._refuse(f"the nesting is too deep, expected at most {DEEPEST_NESTING} levels")
        except (YAMLError, ValueError) as error:
            message = " ".join(str(error).split())[:200]
            self._refuse(f"{message}, expected YAML")
        return None

    def _plain(self, node: Node, path: Path_) -> Any:
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
        if str(node.tag).removeprefix(_STANDARD_TAG) not in _READ_TAGS:
            tag = str(node.tag)[:40]
            return self._unreadable(path, f"the tag {tag!r} is not read", "a plain value")
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self._plain(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _unreadable(self, path: Path_, what: str, expected: str) -> None:
        self._unread.add(path)
        self.problem(path, f"{what}, expected {expected}")

    def _mapping(self, node: MappingNode, path: Path_) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else None
            if not isinstance(key, str) or key_node.anchor is not None:
                line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
                self.problems.append(
                    Problem(self.file, line, column, _dotted(path), "a key must be a plain word")
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
                        _dotted(inner),
                        f"the key stands twice (first in line {first}), expected it once",
                    )
                )
                continue
            self.positions[inner] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            plain[key] = self._plain(value_node, inner)
        return plain

    def _scalar(self, node: Node, path: Path_) -> Any:
        try:
            return _CONSTRUCTOR.construct_object(node)
        except Exception:  # the library raises whatever comes of taking a text for a number
            kind = str(node.tag).removeprefix(_STANDARD_TAG)
            wanted = "a date, YYYY-MM-DD" if kind == "timestamp" else f"a value of kind {kind}"
            self._unreadable(path, f"{node.value[:40]!r} cannot be read", wanted)

    # changing

    def remove(self, dotted: str) -> None:
        """Drop a part of the scenario, such as a raid; the focus goes with its raid."""
        parent, key = self._parent(dotted, place("without", dotted))
        if parent is not None:
            del parent[key]
        if dotted == f"raids.{self.data.get('focus')}":
            del self.data["focus"]

    def override(self, written: str) -> None:
        """Apply `path=value`: a figure becomes that constant, anything else is replaced."""
        dotted, sign, value = written.partition("=")
        where = place("overrides", written[:120])
        if not sign or not dotted.strip():
            expected = f"expected {either('--set PATH=VALUE', 'PATH=VALUE')}"
            self.problems.append(Problem(where, 0, 0, "", expected))
            return
        parent, key = self._parent(dotted.strip(), where, may_add=True)
        if parent is None:
            return
        try:
            parsed = plain(value)
        except ScenarioError as error:
            self.problems += [Problem(where, 0, 0, dotted, p.message) for p in error.problems]
            return
        old = parent.get(key)
        if isinstance(old, dict) and _is_figure(old) and not isinstance(parsed, dict):
            unit = old.get("unit") or unit_of(old.get("value"))
            keeps = {} if unit is None or isinstance(parsed, str) else {"unit": unit}
            parsed = {"value": parsed, **keeps, "assumed": SET_BY_OVERRIDE}
        parent[key] = parsed
        self._set_by[tuple(dotted.strip().split("."))] = where

    def _parent(
        self, dotted: str, where: str, may_add: bool = False
    ) -> tuple[dict[str, Any] | None, str]:
        names = dotted.split(".")
        here: Any = self.data
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
            self.problems.append(Problem(where, 0, 0, dotted, f"no {name!r} in {inside}{hint}"))
            break
        return None, ""

    # checking

    def _written_path(self, loc: tuple[str | int, ...]) -> Path_:
        """A location of pydantic's as the path in the file: without the tags of unions."""
        path: list[str | int] = []
        here: Any = self.data
        for part in loc:
            is_there = isinstance(here, dict) and part in here
            if not is_there and part in _UNION_TAGS:
                continue
            path.append(part)
            is_item = isinstance(here, list) and isinstance(part, int) and part < len(here)
            here = here[part] if is_there or is_item else None
        return tuple(path)

    def scenario(
        self,
        folder: Path,
        overrides: tuple[str, ...],
        without: tuple[str, ...],
        allow_code: bool,
    ) -> Scenario:
        register = self._register(folder)
        context = {
            "names": {section: _keys(self.data.get(section)) for section in _REFERRED_SECTIONS},
            "campaign": _campaign(self.data),
            "sources": register,
        }
        try:
            scenario = Scenario.model_validate(self.data, context=context)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                if not _is_echo(details):
                    self._explain(details)
            self.problems = list(dict.fromkeys(self.problems))
            raise ScenarioError(self.problems) from None
        for path, message in contradictions(scenario):
            self.problem(path, message)
        for name, own in scenario.mechanisms.own.items():
            if own.on:
                scenario.code.update(self._own_code(name, own.path, folder, allow_code))
        self.stop_if_wrong()
        cited = {key for _, figure in figures(scenario) for key in figure.sources}
        sites, areas = scenario.sites.values(), scenario.launch_areas.values()
        positions = [*(site.position for site in sites), *(area.position for area in areas)]
        cited |= {position.source for position in positions if position.source}
        known = register or {}
        scenario._cited = {
            key: {word: str(said) for word, said in known[key].items()}
            for key in sorted(cited & set(known))
        }
        scenario._text = self.text
        scenario._left_out = without
        scenario._overrides = (*overrides, *(f"without {part}" for part in without))
        return scenario

    def experiment(self) -> Experiment:
        kind = self.data.get("kind")
        block = EXPERIMENTS.get(kind) if isinstance(kind, str) else None
        if block is None:
            known = " or ".join(EXPERIMENTS)
            self.problem(("kind",), f"{kind!r} is no kind of experiment, expected {known}")
            raise ScenarioError(self.problems)
        self._root = block
        try:
            return block.model_validate(self.data)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                if not _is_echo(details):
                    self._explain(details)
            raise ScenarioError(list(dict.fromkeys(self.problems))) from None

    def _own_code(self, name: str, written: str, folder: Path, allow_code: bool) -> dict[str, str]:
        """The text of what an own mechanism names, and of what that imports, by file."""
        path = ("mechanisms", name, "path")
        if not allow_code:
            allowed = either("--allow-code", "allow_code=True")
            self.problem(path, f"{written} is code, expected {allowed} if you trust it")
            return {}
        try:
            code, modules = read_code(folder, written)
        except NoFunctionError as error:
            hint = did_you_mean(error.function, error.names) or ", expected a function of it"
            self.problem(path, f"{error}{hint}")
            return {}
        except CodeError as error:
            self.problem(path, str(error))
            return {}
        return {name: code, **modules}

    def _register(self, folder: Path) -> Mapping[str, Any] | None:
        """The sources to check keys against; None where the register itself cannot be read."""
        name = self.data.get("sources")
        if isinstance(name, dict):
            return name if all(map(is_source, name.items())) else None
        if not isinstance(name, str):
            return {}
        try:
            return read_sources(folder / name)
        except ScenarioError as error:
            self.problems += error.problems
            return None

    def _explain(self, details: Any) -> None:
        path = self._written_path(details["loc"])
        if any(path[:depth] in self._unread for depth in range(len(path) + 1)):
            return
        kind, message = details["type"], details["msg"]
        if kind == "extra_forbidden":
            known = _known_keys(self._root, path[:-1])
            hint = did_you_mean(str(path[-1]), known) or ", expected one of the schema's"
            message = f"the key is not known{hint}"
        elif kind == "missing":
            message = "is missing, expected it here"
            if len(path) == 3 and path[::2] == ("mechanisms", "path"):
                hint = did_you_mean(str(path[1]), Mechanisms.model_fields)
                message = f"is missing: {path[1]} is none of the house's{hint or ', '} " + (
                    "expected the path FILE.py:FUNCTION of your own"
                )
        elif kind in ("model_type", "model_attributes_type", "dict_type"):
            message = f"{_shown(details)} is no block, expected keys followed by values"
        elif kind in ("too_short", "too_long"):
            context = details["ctx"]
            bound = context.get("min_length", context.get("max_length"))
            word = "least" if kind == "too_short" else "most"
            message = f"has {context['actual_length']} entries, expected at {word} {bound}"
        elif kind == "bool_type":
            message = f"{_shown(details)} is no switch, expected true or false"
        elif kind == "string_pattern_mismatch":
            message = _PATTERNS.get(path[-1], _A_NAME)
        elif "union_tag" in kind:
            known = details["ctx"].get("expected_tags", "a known kind")
            message = f"kind is missing or not known, expected {known}"
        elif details["type"] not in _OWN_ERRORS:
            message = f"{_shown(details)} does not fit: {message[:1].lower()}{message[1:]}"
        self.problem(path, message)


_A_NAME = "is no name, expected small letters, digits, '-' and '_', a letter first"
_PATTERNS: dict[str | int, str] = {
    "path": "names no function of a file, expected FILE.py:FUNCTION",
}


def _shown(details: Any) -> str:
    shown = repr(details.get("input"))
    return shown if len(shown) <= 40 else shown[:37] + "..."


def _is_echo(details: Any) -> bool:
    """Whether a list counts as too short only because its items are wrong, as is said of each."""
    written = details.get("input")
    return details["type"] == "too_short" and isinstance(written, list) and bool(written)


_OWN_ERRORS = frozenset(
    {
        "figure_provenance",
        "figure_range",
        "figure_law",
        "figure_number",
        "figure_form",
        "figure_bounds",
        "unit",
        "unknown_source",
        "register",
        "text",
        "unknown_name",
        "date",
        "date_outside",
        "missing_side",
        "weapon",
        "wave",
        "campaign",
        "roles",
        "ceasefire",
    }
)
_UNION_TAGS = (
    "[key]",
    "(figure)",
    "(by side)",
    "shooter",
    "jammer",
    "direct",
    "covert",
    "nash",
    "rubinstein",
    "concession",
    "mediator",
    "blow",
    "sweetener",
    "gesture",
)
_STANDARD_TAG = "tag:yaml.org,2002:"
_READ_TAGS = ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")
_CONSTRUCTOR = YAML(typ="safe", pure=True).constructor


@functools.lru_cache(maxsize=64)
def nodes(text: str) -> Node | None:
    """The nodes of a YAML text; kept, as a sweep reads one file many times, with its overrides."""
    with warnings.catch_warnings(action="ignore"):  # of anchors, which are refused anyway
        return YAML(typ="safe", pure=True).compose(io.StringIO(text))


def _dotted(path: Path_) -> str:
    return ".".join(str(part) for part in path)


def one_line(text: str) -> str:
    """Text without line breaks and control characters, whatever a file says."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _is_figure(value: dict[str, Any]) -> bool:
    return bool(value) and _FIGURE_KEYS.issuperset(value)


def _keys(section: Any) -> tuple[str, ...] | None:
    return tuple(section) if isinstance(section, dict) else ()


def _campaign(data: Mapping[str, Any]) -> tuple[Any, Any]:
    """First and last day, or nothing where they are no campaign (which is told elsewhere)."""
    start, end = _date(data.get("start")), _date(data.get("end"))
    return (start, end) if start and end and start <= end else (None, None)


def _date(written: Any) -> datetime.date | None:
    try:
        return date_of(written)
    except ValueError:
        return None


def _known_keys(root: type[Block], path: Path_) -> tuple[str, ...]:
    """The keys the schema knows at a place."""
    here: list[Any] = [root]
    for part in path:
        here = [inner for kind in here for inner in _inside(kind, part)]
    blocks = [kind for kind in here if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return tuple(dict.fromkeys(name for block in blocks for name in block.model_fields))


def _inside(kind: Any, part: str | int) -> list[Any]:
    if isinstance(kind, type) and issubclass(kind, Block):
        field = kind.model_fields.get(str(part))
        return _kinds(field.annotation) if field else []
    if typing.get_origin(kind) in (dict, tuple):
        return _kinds(typing.get_args(kind)[-1 if typing.get_origin(kind) is dict else 0])
    return []


def _kinds(annotation: Any) -> list[Any]:
    """The block, dict and tuple types an annotation may hold."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _kinds(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return [kind for arg in typing.get_args(annotation) for kind in _kinds(arg)]
    return [annotation]
