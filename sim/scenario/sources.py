"""The register of sources: key to title, date, address and note."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.schema import Scenario, figures, is_source
from sim.scenario.text.dates import is_date_in_part
from sim.scenario.text.document import Document


def read_sources(path: Path) -> dict[str, Any]:
    """The register of sources: key to title, date, address and note.

    Raises ScenarioError with one problem, which names its place and repeats nothing of the file:
    a scenario from elsewhere can name any file as its register.
    """
    document = Document(str(path))
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


def register_of(document: Document, folder: Path) -> Mapping[str, Any] | None:
    """The sources to check keys against; None where the register itself cannot be read."""
    name = document.data.get("sources")
    if isinstance(name, dict):
        return name if all(map(is_source, name.items())) else None
    if not isinstance(name, str):
        return {}
    try:
        return read_sources(folder / name)
    except ScenarioError as error:
        document.problems += error.problems
        return None


def cited(scenario: Scenario, register: Mapping[str, Any] | None) -> dict[str, dict[str, str]]:
    """The entries of the register that a scenario cites, by key."""
    keys = {key for _, figure in figures(scenario) for key in figure.sources}
    if scenario.history is not None:
        keys |= {key for series in scenario.history.series.values() for key in series.sources}
    sites, areas = scenario.sites.values(), scenario.launch_areas.values()
    positions = [*(site.position for site in sites), *(area.position for area in areas)]
    keys |= {position.source for position in positions if position.source}
    return entries(keys, register)


def entries(keys: Iterable[str], register: Mapping[str, Any] | None) -> dict[str, dict[str, str]]:
    """The entries of a register under some keys, those that it has, in order."""
    known = register or {}
    return {
        key: {word: str(text) for word, text in known[key].items()}
        for key in sorted(set(keys) & set(known))
    }
