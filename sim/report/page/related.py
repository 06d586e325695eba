"""Other answers about the same wars: within a result, and in the folders next to it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sim.experiment.errors import ExperimentError
from sim.experiment.questions import discovery, sensitivity
from sim.experiment.storage.answer_files import check_answer
from sim.experiment.storage.manifest import read_manifest
from sim.render.document import Part
from sim.report.answers.discovery import discovery_sections
from sim.report.answers.sensitivity import sensitivity_sections
from sim.report.as_csv import from_csv
from sim.report.page.picture import figures_in
from sim.report.page.provenance import citation_of
from sim.scenario.errors import ScenarioError
from sim.scenario.text.document import plain
from sim.scenario.text.regular_file import read_ordinary

Figures = dict[str, Any]

ANALYSES = ("sensitivity", "discovery")
"""Folders within that of runs, with an answer by each method."""

_LARGEST_BYTES = 100_000_000  # of an answer or a small table
_TABLES = {"prim": "trajectory.csv", "cart": "rules.csv"}


def answer_in(folder: Path) -> Figures:
    """The figures of an answer. Raises ExperimentError where there is none, or part is damaged."""
    check_answer(folder)
    try:
        found = json.loads(read_ordinary(folder / "answer.json", _LARGEST_BYTES))
    except (OSError, ValueError, RecursionError):
        raise ExperimentError("no answer.json here, expected the command run to its end") from None
    if not isinstance(found, dict):
        raise ExperimentError("answer.json holds no answer, expected what the command wrote")
    return found


def is_analysis(figures: Figures) -> bool:
    """Whether an answer is a sensitivity analysis or a discovery."""
    return figures.get("method") in (*sensitivity.METHODS, *discovery.METHODS)


def analysis_part(folder: Path, within: str = "") -> Part:
    """A sensitivity analysis or a discovery that lies `within` a folder of results."""
    figures = answer_in(folder / within)
    method, pictures = figures["method"], list(figures_in(folder, within))
    where, citation = "", ""
    if within.startswith("../"):
        other = folder / "/".join(within.split("/")[:2])
        where, citation = f", {other.name}", citation_of(other, read_manifest(other))
    if method in _TABLES:
        table = table_in(folder / within / _TABLES[method])
        heading = f"In which wars {figures['when']} ({method}{where})"
        return Part(heading, pictures, discovery_sections(figures, table), citation)
    heading = f"What it hangs on ({method}{where})"
    return Part(heading, pictures, sensitivity_sections(figures), citation)


def analyses_of(folder: Path, manifest: Mapping[str, Any]) -> list[Part]:
    """The analyses of these wars, and of the same scenario in the folders next to theirs.

    An answer that was published next to its own appears once.
    """
    places = list(_within(folder))
    for other, _ in related_results(folder, manifest):
        if (other / "answer.json").exists() and is_analysis(answer_in(other)):
            places.append(f"../{other.name}")
        places += [f"../{other.name}/{inner}" for inner in _within(other)]
    unique: dict[str, str] = {}
    for place in places:
        unique.setdefault(json.dumps(answer_in(folder / place), sort_keys=True), place)
    return [analysis_part(folder, place) for place in unique.values()]


def _within(folder: Path) -> Iterator[str]:
    for kind in ANALYSES:
        for file in sorted(folder.glob(f"{kind}/*/answer.json")):
            yield file.parent.relative_to(folder).as_posix()


def comparison_without(folder: Path, manifest: Mapping[str, Any], raid: str) -> Path | None:
    """The published comparison with and without a raid, next to these results, of most runs."""
    found = [
        (other_manifest["runs"], other)
        for other, other_manifest in related_results(folder, manifest)
        if other_manifest.get("kind") == "comparison"
        and other_manifest["changes"] == [f"without raids.{raid}"]
    ]
    return max(found)[1] if found else None


def related_results(folder: Path, manifest: Mapping[str, Any]) -> Iterator[tuple[Path, Figures]]:
    """Results in neighbouring folders, of the same scenario by the same version of the model."""
    for file in sorted(folder.resolve().parent.glob("*/manifest.json")):
        other_manifest = read_manifest(file.parent)
        is_other = file.parent != folder.resolve()
        if is_other and _deciding_inputs(other_manifest) == _deciding_inputs(manifest):
            yield file.parent, other_manifest


def _deciding_inputs(manifest: Mapping[str, Any]) -> tuple[Any, ...]:
    """What decides the wars of a result, but for their luck and for what is varied."""
    request = manifest.get("asked", {})
    constants = [f"{path}={value}" for path, value in request.get("constants", {}).items()]
    return (
        manifest.get("scenario_text"),
        sorted(map(_read_of, constants if request else manifest.get("overrides", []))),
        request.get("without", []),
        manifest.get("code"),
        manifest.get("versions", {}).get("model"),
    )


def _read_of(override: str) -> tuple[str, str]:
    """What an override sets, and to what, however that is spelled."""
    path, _, written = str(override).partition("=")
    try:
        value = plain(written)
    except ScenarioError:
        value = written
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return path.strip(), repr(float(value) if is_number else value)


def table_in(file: Path, kinds: Mapping[str, type] | None = None) -> pd.DataFrame:
    """A table of an answer, empty where nothing was found; `kinds` are those of some columns.

    Raises OSError where it cannot be read, ValueError where it is none.
    """
    text = read_ordinary(file, _LARGEST_BYTES).decode()
    return from_csv(text, kinds) if text.strip() else pd.DataFrame()
