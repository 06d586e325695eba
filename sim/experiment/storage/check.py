"""Check a folder of results: read everything in it and change nothing."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sim.experiment.errors import ExperimentError
from sim.experiment.storage.answer_files import SUMS, sums_of
from sim.experiment.storage.disk import LEFT_BEHIND, LOCK, reading_from
from sim.experiment.storage.manifest import (
    MANIFEST,
    damage,
    digests_of,
    is_of_this_model,
    is_published,
    read_manifest,
)
from sim.experiment.storage.store import Chunks, Store
from sim.experiment.storage.tables import read_table, shape_of
from sim.scenario.errors import ScenarioError

_REPORTS = ("report.html", "report.md", "report.tex")
_FOLDERS = ("answer", "chunks", "plots", "sensitivity", "discovery", "replays")


class Checked(NamedTuple):
    """The state of a folder of results.

    `state` is `whole`, `damaged`, `unfinished`, `under way` (another command works there) or
    `unlisted` (of an earlier version, which listed no digests). `faults` are lines on what is
    wrong, `notes` on what does no harm, such as files that no command wrote.
    """

    folder: Path
    state: str
    files: int
    runs: int | None
    faults: list[str]
    notes: list[str]

    @property
    def is_well(self) -> bool:
        """Whether nothing has to be computed again or resumed."""
        return self.state in ("whole", "unlisted")


def check(folder: Path) -> Checked:
    """Read a whole folder of results and report its state."""
    with reading_from(folder, waits=False) as is_free:
        if not is_free:
            return Checked(folder, "under way", 0, None, [], [])
        manifest = read_manifest(folder)
        digests = digests_of(manifest)
        answers = dict(_answers(folder))
        faults = [*_of_manifest(folder, manifest), *damage(folder, digests)]
        if not faults:
            faults += _of_rows(folder, manifest)
        faults += [line for lines in answers.values() for line in lines]
        notes = [*_of_parts(folder), *_of_others(folder, digests)]
        listed = len(digests) + sum(len(sums_of(place) or {}) for place in answers)
        state = _state(manifest, faults, bool(listed))
        runs = manifest.get("runs_done", manifest.get("runs"))
        return Checked(folder, state, listed, runs, faults, notes)


def _state(manifest: Mapping[str, Any], faults: list[str], is_listed: bool) -> str:
    if faults:
        return "damaged"
    if not manifest or manifest.get("complete") is False:
        return "unfinished"
    return "whole" if is_listed else "unlisted"


def _of_manifest(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the manifest itself."""
    if not manifest:
        if (folder / MANIFEST).exists():
            yield f"{MANIFEST} is none that a command wrote"
        return
    is_run = manifest.get("kind", "run") == "run"
    if is_published(manifest) or not is_run or not is_of_this_model(manifest):
        return
    try:
        if Store.of_folder(folder).named() != manifest["hash"]:
            yield f"{MANIFEST} is not as it was written: its hash is another"
    except (KeyError, ScenarioError) as error:
        yield f"{MANIFEST} is not as it was written: {error}"


def _of_rows(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Tables that cannot be read, and runs that differ from those that the manifest lists."""
    for name in digests_of(manifest):
        try:
            shape_of(folder / name)
        except ExperimentError as error:
            yield str(error)
            return
    if "runs.parquet" in digests_of(manifest) and "runs_done" in manifest:
        runs = read_table(folder / "runs.parquet", ["run"])["run"].tolist()
        if runs != list(range(manifest["runs_done"])):
            last = manifest["runs_done"] - 1
            yield f"runs.parquet has {len(runs):,} rows, expected runs 0 to {last}"
        if manifest.get("complete") is True and manifest["runs_done"] != manifest.get("runs"):
            done, of = manifest["runs_done"], manifest.get("runs")
            yield f"{MANIFEST} tells of {done:,} runs of {of} as all"


def _answers(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Each folder with an answer, this one or one below, and what is wrong with its files."""
    for file in sorted(folder.rglob(SUMS)):
        within = file.parent.relative_to(folder).as_posix()
        before = "" if within == "." else f"{within}/"
        wrong = damage(file.parent, sums_of(file.parent) or {})
        yield file.parent, [f"{before}{line}" for line in wrong]


def _of_parts(folder: Path) -> list[str]:
    """Chunks from which the command can resume."""
    written = Chunks(folder, ()).written()
    return [f"chunks/ holds {len(written):,} parts; the same command resumes"] if written else []


def _of_others(folder: Path, digests: Mapping[str, str]) -> Iterator[str]:
    """Files that no command wrote, or that a killed command left behind."""
    known = {MANIFEST, SUMS, LOCK, *_REPORTS, *_FOLDERS, *digests, *(sums_of(folder) or {})}
    for file in sorted(folder.iterdir()):
        if LEFT_BEHIND.fullmatch(file.name):
            yield f"{file.name} is left of a command that was killed; the next removes it"
        elif file.name not in known:
            yield f"{file.name} is not of these results; it is left alone"
