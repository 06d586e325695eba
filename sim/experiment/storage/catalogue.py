"""The catalogue of a folder: which results are complete, and which this model would find again."""

import contextlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sim.experiment.storage.disk import remove, writing_into
from sim.experiment.storage.manifest import is_of_this_model, read_manifest

_BY_CONTENT = re.compile(r".+-[0-9a-f]{12}")


class Entry(NamedTuple):
    """A folder of results: `is_current` says whether this version of the model made it."""

    folder: Path
    manifest: dict[str, Any]
    is_complete: bool
    is_current: bool
    size_bytes: int

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.folder.name

    @property
    def is_dated(self) -> bool:
        """Whether its manifest says which version of the model made it."""
        return "model" in self.manifest.get("versions", {})

    @property
    def kind(self) -> str:
        """What it holds: `run` for an ensemble of a scenario, or a kind of experiment."""
        return str(self.manifest.get("kind", "run"))

    @property
    def written_at(self) -> str:
        """When its manifest was written, in UTC; empty if the manifest does not say."""
        return str(self.manifest.get("made", ""))

    @property
    def overrides(self) -> list[str]:
        """What `--set` changed and `--without` left out, as written."""
        return [str(override) for override in self.manifest.get("overrides", ())]


def entries(out: str | Path) -> list[Entry]:
    """All results in a folder by name; empty if there is no such folder.

    A folder of results is named by its content and has a manifest or chunks; published answers are
    left out. Results without a manifest were interrupted before their first was written, and count
    as current.
    """
    folders = sorted(path for path in Path(out).glob("*") if path.is_dir())
    return [entry_of(path) for path in folders if _is_of_results(path)]


def published(out: str | Path) -> list[Path]:
    """The folders of published answers in a folder, whose names have no hash."""
    folders = sorted(file.parent for file in Path(out).glob("*/manifest.json"))
    return [folder for folder in folders if not _is_of_results(folder)]


def called(name: str, among: Sequence[Entry]) -> list[Entry]:
    """The results with this folder name; else of this scenario or question; else of this prefix."""
    exact = [entry for entry in among if entry.name == name]
    of_one = [entry for entry in among if entry.name.rpartition("-")[0] == name]
    return exact or of_one or [entry for entry in among if entry.name.startswith(name)]


def latest(among: Sequence[Entry]) -> Entry | None:
    """The results written last, by their manifests; None if the times do not single them out."""
    last = max((entry.written_at for entry in among), default="")
    those = [entry for entry in among if entry.written_at == last]
    return those[0] if last and len(those) == 1 else None


def entry_of(folder: Path) -> Entry:
    """The results that a folder holds."""
    manifest = read_manifest(folder)
    is_complete = manifest.get("complete") is True
    return Entry(folder, manifest, is_complete, is_of_this_model(manifest), _size_of(folder))


def _size_of(folder: Path) -> int:
    size = 0
    for file in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # removed by a command at work
            size += file.lstat().st_size if not file.is_dir() else 0
    return size


def _is_of_results(folder: Path) -> bool:
    is_begun = (folder / "manifest.json").exists() or (folder / "chunks").exists()
    return is_begun and _BY_CONTENT.fullmatch(folder.name) is not None


def drop(chosen: Sequence[Entry]) -> None:
    """Remove results from the disk. Raises OSError if that fails."""
    for entry in chosen:
        with writing_into(entry.folder):
            remove(entry.folder)
