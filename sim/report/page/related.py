"""Other answers about the same wars: within a result, and in neighbouring folders."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sim.experiment.errors import ExperimentError
from sim.experiment.questions import discovery, sensitivity
from sim.experiment.storage.answer_files import check_answer
from sim.experiment.storage.manifest import read_manifest
from sim.render.document import CaptionedSvg, Figures, Part
from sim.report.answers.kind import Kind
from sim.report.answers.kinds import KINDS
from sim.report.as_csv import from_csv
from sim.report.page.picture import figures_in
from sim.report.page.provenance import citation_of
from sim.scenario.errors import ScenarioError
from sim.scenario.stored import from_stored
from sim.scenario.text.document import plain
from sim.scenario.text.regular_file import read_ordinary

ANALYSES = ("sensitivity", "discovery")
"""Subfolders of a folder of runs, with an answer of each method."""

_LARGEST_BYTES = 100_000_000  # largest answer or small table that is read


def answer_in(folder: Path) -> Figures:
    """The figures of an answer. Raises ExperimentError if there is none, or part is damaged."""
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


def kind_of(folder: Path, manifest: Figures) -> type[Kind]:
    """The kind of answer in a folder; an analysis within a folder of runs has the runs' manifest.

    Raises ExperimentError if there is no such kind.
    """
    named = str(manifest.get("kind", "run" if "days" in manifest else "an answer of this kind"))
    if (folder / "answer.json").exists() and is_analysis(figures := answer_in(folder)):
        named = "sensitivity" if figures["method"] in sensitivity.METHODS else "discovery"
    if named not in KINDS:
        raise ExperimentError(f"{named!r} has no report, expected one of {', '.join(KINDS)}")
    return KINDS[named]


def answer_at(folder: Path, manifest: Figures) -> Kind:
    """A published answer, whose tables are rounded. Raises ExperimentError if part is damaged.

    `manifest` is that of the folder, or of the runs whose folder contains it.
    """
    kind, is_whole = kind_of(folder, manifest), "scenario_as_run" in manifest
    if not is_whole and not kind.lives_without_scenario:
        raise ExperimentError("made by a version without reports, expected to be computed anew")
    figures = answer_in(folder)
    files = {name: folder / kind.files_of[name] for name in kind.shown}
    words = dict.fromkeys(kind.words_in, str)
    frames = {name: table_in(file, words) for name, file in files.items() if file.exists()}
    title = manifest.get("asked", {}).get("title", figures.get("experiment", kind.kind))
    return kind(title, (from_stored(manifest),) if is_whole else (), figures, frames)


class Folder:
    """The folder from which a page is made, and the results next to it."""

    def __init__(self, folder: Path, manifest: Figures) -> None:
        self.folder, self.manifest = folder, manifest

    def pictures(self, within: str = "", names: Sequence[str] | None = None) -> list[CaptionedSvg]:
        """The pictures in a subfolder: those in `names` that exist, else all."""
        return list(figures_in(self.folder, within, names))

    def analyses(self) -> list[Part]:
        """The analyses of these wars, and of the same scenario in neighbouring folders.

        An answer that was also published next to its own appears once.
        """
        places = list(_within(self.folder))
        for other, _ in related_results(self.folder, self.manifest):
            if (other / "answer.json").exists() and is_analysis(answer_in(other)):
                places.append(f"../{other.name}")
            places += [f"../{other.name}/{inner}" for inner in _within(other)]
        unique: dict[str, str] = {}
        for place in places:
            text = json.dumps(answer_in(self.folder / place), sort_keys=True)
            unique.setdefault(text, place)
        return [self._part(place) for place in unique.values()]

    def comparison(self, raid: str) -> Part | None:
        """The same wars with and without a raid, published next to these: those of most runs."""
        found = [
            (other_manifest["runs"], other.name)
            for other, other_manifest in related_results(self.folder, self.manifest)
            if other_manifest.get("kind") == "comparison"
            and other_manifest["changes"] == [f"without raids.{raid}"]
        ]
        return self._part(f"../{max(found)[1]}") if found else None

    def _part(self, place: str) -> Part:
        """Another answer as a part of this page, with its origin if it is of other wars."""
        other, where, citation = self.folder, "", ""
        if place.startswith("../"):
            other = self.folder / "/".join(place.split("/")[:2])
            where, citation = other.name, citation_of(other, read_manifest(other))
        answer = answer_at(self.folder / place, read_manifest(other))
        return answer.as_part(where, self.pictures(place), citation)


def _within(folder: Path) -> Iterator[str]:
    for kind in ANALYSES:
        for file in sorted(folder.glob(f"{kind}/*/answer.json")):
            yield file.parent.relative_to(folder).as_posix()


def related_results(folder: Path, manifest: Mapping[str, Any]) -> Iterator[tuple[Path, Figures]]:
    """Results in neighbouring folders, of the same scenario by the same version of the model."""
    for file in sorted(folder.resolve().parent.glob("*/manifest.json")):
        other_manifest = read_manifest(file.parent)
        is_other = file.parent != folder.resolve()
        if is_other and _deciding_inputs(other_manifest) == _deciding_inputs(manifest):
            yield file.parent, other_manifest


def _deciding_inputs(manifest: Mapping[str, Any]) -> tuple[Any, ...]:
    """What determines the wars of a result, apart from their luck and what is varied."""
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
    """What an override sets, and to what value, regardless of spelling."""
    path, _, written = str(override).partition("=")
    try:
        value = plain(written)
    except ScenarioError:
        value = written
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return path.strip(), repr(float(value) if is_number else value)


def table_in(file: Path, kinds: Mapping[str, type] | None = None) -> pd.DataFrame:
    """A table of an answer, empty if nothing was found; `kinds` are the types of some columns.

    Raises OSError if it cannot be read, ValueError if it is no table.
    """
    text = read_ordinary(file, _LARGEST_BYTES).decode()
    return from_csv(text, kinds) if text.strip() else pd.DataFrame()
