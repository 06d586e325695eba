"""The model version: a hash of the code that decides results."""

import functools
import hashlib
from pathlib import Path

import sim

_DECIDES = ("compiled.py", "draws.py", "rules", "raid", "scenario", "war", "experiment/record.py")


_WORKS = (*_DECIDES, "evidence", "experiment")


@functools.cache
def model_version() -> str:
    """The release, and a hash of every source file that decides a result."""
    return _version_of(_DECIDES)


@functools.cache
def work_version() -> str:
    """The same for all code that a worker runs: the model, experiments and evidence."""
    return _version_of(_WORKS)


def _version_of(parts: tuple[str, ...]) -> str:
    package = Path(sim.__file__).parent
    digest = hashlib.sha256()
    for part in parts:
        root = package / part
        files = [root] if root.is_file() else sorted(root.rglob("*.*"))
        for file in (file for file in files if file.suffix in (".py", ".txt")):
            digest.update(file.relative_to(package).as_posix().encode() + b"\0")
            digest.update(file.read_bytes())
    return f"{sim.__version__}+{digest.hexdigest()[:12]}"
