"""The manifest of a folder of results: what was run, with what, and the digest of each file."""

import datetime
import importlib.metadata
import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import sim
from sim.experiment.storage.disk import digest, flush, replacing
from sim.experiment.storage.version import model_version
from sim.scenario.text.regular_file import read_ordinary

MANIFEST = "manifest.json"
_LARGEST_BYTES = 100_000_000
_LIBRARIES = ("mesa", "numpy", "scipy", "numba", "pydantic", "pyarrow", "pandas")


def provenance() -> dict[str, Any]:
    """What produced a result: versions, commit and platform."""
    return {
        "versions": {
            "raids-and-talks": sim.__version__,
            "model": model_version(),
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in _LIBRARIES},
        },
        "commit": _commit(),
        "platform": platform.platform(),
    }


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a folder of results."""
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / MANIFEST) as temporary:
        temporary.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        flush(temporary)


def describe(folder: Path, description: Mapping[str, Any], files: Iterable[str]) -> None:
    """Write the manifest: the description, the digests of the files and the provenance.

    The files are flushed to the disk first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = list(files)
    for name in files:
        flush(folder / name)
    flush(folder)
    digests = {name: digest(folder / name) for name in files}
    moment = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
    files_written = {"made": moment, "files": files, "sha256": digests}
    write_manifest(folder, {**description, **files_written, **provenance()})


def is_published(manifest: Mapping[str, Any]) -> bool:
    """Whether a manifest belongs to a published answer, which comes without its tables."""
    return "platform" not in manifest


def is_of_this_model(manifest: Mapping[str, Any]) -> bool:
    """Whether this model version produced the results; a missing version counts as this one."""
    return bool(manifest.get("versions", {}).get("model", model_version()) == model_version())


def digests_of(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The SHA-256 of each table in a manifest's folder, by file; none for a published answer."""
    return {} if is_published(manifest) else dict(manifest.get("sha256", {}))


def damage(folder: Path, digests: Mapping[str, str]) -> list[str]:
    """What is wrong with files that must have these SHA-256 digests, by name: one line each."""
    wrongs = ((name, _wrong(folder / name, expected)) for name, expected in digests.items())
    return [f"{name} {wrong}" for name, wrong in wrongs if wrong]


def _wrong(file: Path, expected: str) -> str:
    try:
        is_other = digest(file) != expected
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return "is not as it was written: its SHA-256 is another" if is_other else ""


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder; empty if it is missing or not one that a command wrote."""
    try:
        found = json.loads(read_ordinary(folder / MANIFEST, _LARGEST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if _is_manifest(found) else {}


def _is_manifest(found: Any) -> bool:
    """Whether the keys of manifests have the right types, and files are named within the folder."""
    if not isinstance(found, dict):
        return False
    are_kinds = all(_is_kind(found[key], kind) for key, kind in _KINDS.items() if key in found)
    return (
        are_kinds
        and all(
            isinstance(name, str) and Path(name).name == name
            for key in ("files", "sha256")
            for name in found.get(key, ())
        )
        and all(isinstance(each, str) for each in found.get("sha256", {}).values())
    )


def _is_kind(value: Any, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


_KINDS: dict[str, type | tuple[type, ...]] = {
    "runs": (int, type(None)),
    **dict.fromkeys(("runs_done", "seed"), int),
    **dict.fromkeys(("complete", "days"), bool),
    "wars": (str, int),  # a hash, or in a published answer their number
    **dict.fromkeys(("scenario", "kind", "hash", "made", "scenario_text"), str),
    **dict.fromkeys(("overrides", "files", "changes"), list),
    **dict.fromkeys(("versions", "sha256", "scenario_as_run", "sources", "code", "asked"), dict),
}


def _commit() -> str | None:
    """The commit of the source tree the package is imported from, if it is one."""
    root = Path(sim.__file__).parent.parent
    if not (root / ".git").exists():
        return None
    try:
        found = subprocess.run(
            ["git", "-C", str(root), "rev-parse", "HEAD"],
            capture_output=True, encoding="utf-8", timeout=10, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() or None
