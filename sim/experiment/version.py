"""The model's version: what of the code decides a result."""

import functools
import hashlib
from pathlib import Path

import sim

_DECIDES = ("draws.py", "rules", "raid", "scenario", "war")


@functools.cache
def model_version() -> str:
    """Release and hash of every source file that decides a result."""
    package = Path(sim.__file__).parent
    digest = hashlib.sha256()
    for part in _DECIDES:
        root = package / part
        for file in [root] if root.is_file() else sorted(root.rglob("*.py")):
            digest.update(file.relative_to(package).as_posix().encode() + b"\0")
            digest.update(file.read_bytes())
    return f"{sim.__version__}+{digest.hexdigest()[:12]}"
