"""Read a scenario or an experiment: YAML, overrides, checks; every error of a file at once.

What only some files need (experiments, code of the user's own) is imported where it is needed, so
that `sim check` starts quickly.
"""

import datetime
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import ValidationError

from sim.scenario.calls.spelling import either
from sim.scenario.consistency import contradictions
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.figure import did_you_mean
from sim.scenario.schema import Scenario, figures
from sim.scenario.shipped import Kind, named
from sim.scenario.sources import cited, entries, register_of
from sim.scenario.text.dates import date_of
from sim.scenario.text.document import Document
from sim.scenario.text.explain import refusal
from sim.scenario.text.override import override, remove

if TYPE_CHECKING:
    from sim.scenario.experiment import Experiment

_REFERRED_SECTIONS = ("sides", "weapons", "assets", "units", "sites", "launch_areas", "raids")


def load(
    path: str | Path,
    overrides: Iterable[str] = (),
    without: Iterable[str] = (),
    allow_code: bool = False,
) -> Scenario:
    """Read a scenario, apply `path=value` overrides, drop the parts named in `without`.

    `path` is a file, or the name of a scenario that comes with the package.
    `allow_code` lets the scenario name mechanisms of the user's own, whose code its wars run.
    Raises ScenarioError with every problem found.
    """
    changes, left_out = _texts("overrides", overrides), _texts("without", without)
    if not isinstance(allow_code, bool):
        _refuse_argument("allow_code", allow_code, "True or False")
    file, document = _opened(path, "scenarios")
    for part in left_out:
        remove(document, part)
    for change in changes:
        override(document, change)
    scenario = _scenario(document, file.parent, changes, left_out, allow_code)
    scenario._file = str(path)
    return scenario


def unchanged_file_of(scenario: Scenario) -> str:
    """The file of a scenario, to be read again. Raises ScenarioError where it has changed."""
    if not scenario.file:
        problem = "was read from results, expected one that sim.load read from a file"
        raise ScenarioError([Problem(scenario.name, 0, 0, "", problem)])
    document = Document(scenario.file)
    if document.text_of(named(scenario.file)) != scenario.text:
        document.refuse("has changed since it was loaded, expected sim.load again", 0)
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


def load_experiment(path: str | Path) -> "Experiment":
    """Read an experiment, as `load` does. Raises ScenarioError with every problem found."""
    file, document = _opened(path, "experiments")
    return _experiment(document, file.parent)


def experiment_of(keys: Mapping[str, Any]) -> "Experiment":
    """An experiment with these keys, checked as a file is.

    Raises ScenarioError with every problem found.
    """
    document = Document(str(keys["name"]))
    document.data, document.positions = dict(keys), {(): (0, 0)}
    return _experiment(document, Path())


def _opened(path: str | Path, wanted: Kind) -> tuple[Path, Document]:
    """A file by its place or name, as it is written; refused if of another kind."""
    if not isinstance(path, str | Path):
        _refuse_argument("path", path, "a file or the name of a shipped one")
    file = named(path, wanted)
    if not os.path.exists(file):  # of a name that no folder can hold too
        other: Kind = "experiments" if wanted == "scenarios" else "scenarios"
        file = named(path, other)
    document = Document(str(file))
    document.read(file)
    _refuse_another_kind(document, wanted, str(path))
    return file, document


def _refuse_another_kind(document: Document, wanted: Kind, written: str) -> None:
    """Say in one line what a file is that was taken for a scenario or an experiment."""
    data = document.data
    if wanted == "scenarios" and "sides" not in data and {"kind", "scenario"} & set(data):
        by = either(f"`sim experiment {written}`", "sim.run_experiment")
        document.refuse(f"this is an experiment, run it with {by}", 0)
    if wanted == "experiments" and "kind" not in data and "sides" in data:
        by = either(f"`sim run {written}`", "sim.run")
        document.refuse(f"this is a scenario, run it with {by}", 0)
    if data and all(isinstance(entry, dict) and "title" in entry for entry in data.values()):
        kind = wanted.removesuffix("s")
        document.refuse(f"this is a register of sources, expected the {kind} that cites them", 0)


def _scenario(
    document: Document,
    folder: Path,
    overrides: tuple[str, ...],
    without: tuple[str, ...],
    allow_code: bool,
) -> Scenario:
    """The scenario that a document describes. Raises ScenarioError with every problem found."""
    register = register_of(document, folder)
    context = {
        "names": {section: _keys(document.data.get(section)) for section in _REFERRED_SECTIONS},
        "campaign": _campaign(document.data),
        "sources": register,
    }
    try:
        scenario = Scenario.model_validate(document.data, context=context)
    except ValidationError as error:
        raise refusal(document, Scenario, error) from None
    for place, message in contradictions(scenario):
        document.problem(place, message)
    for name, own in scenario.mechanisms.own.items():
        if own.on:
            scenario.code.update(_own_code(document, name, own.path, folder, allow_code))
    document.stop_if_wrong()
    scenario._cited = cited(scenario, register)
    scenario._text = document.text
    scenario._left_out = without
    scenario._overrides = (*overrides, *(f"without {part}" for part in without))
    return scenario


def _experiment(document: Document, folder: Path) -> "Experiment":
    """The experiment that a document describes. Raises ScenarioError."""
    from sim.scenario.experiment import EXPERIMENTS, Priced

    kind = document.data.get("kind")
    block = EXPERIMENTS.get(kind) if isinstance(kind, str) else None
    if block is None:
        known = " or ".join(EXPERIMENTS)
        document.problem(("kind",), f"{kind!r} is no kind of experiment, expected {known}")
        raise ScenarioError(document.problems)
    register = register_of(document, folder) if issubclass(block, Priced) else None
    document.stop_if_wrong()
    try:
        experiment = block.model_validate(document.data, context={"sources": register})
    except ValidationError as error:
        raise refusal(document, block, error) from None
    if isinstance(experiment, Priced):
        keys = (key for _, figure in figures(experiment) for key in figure.sources)
        experiment._cited = entries(keys, register)
    return experiment


def _own_code(
    document: Document, name: str, written: str, folder: Path, allow_code: bool
) -> dict[str, str]:
    """The text of what an own mechanism names, and of what that imports, by file."""
    from sim.scenario.code import CodeError, NoFunctionError, read_code

    path = ("mechanisms", name, "path")
    if not allow_code:
        allowed = either("--allow-code", "allow_code=True")
        document.problem(path, f"{written} is code, expected {allowed} if you trust it")
        return {}
    try:
        code, modules = read_code(folder, written)
    except NoFunctionError as error:
        hint = did_you_mean(error.function, error.names) or ", expected a function of it"
        document.problem(path, f"{error}{hint}")
        return {}
    except CodeError as error:
        document.problem(path, str(error))
        return {}
    return {name: code, **modules}


def _keys(section: Any) -> tuple[str, ...] | None:
    return tuple(section) if isinstance(section, dict) else ()


def _campaign(data: Mapping[str, Any]) -> tuple[Any, Any]:
    """First and last day, or nothing where they are no campaign (an error of its own)."""
    start, end = _date(data.get("start")), _date(data.get("end"))
    return (start, end) if start and end and start <= end else (None, None)


def _date(written: Any) -> datetime.date | None:
    try:
        return date_of(written)
    except ValueError:
        return None
