"""The compile marks of the ground floor: `@compiled` and `@inlined`, nothing else.

Numba keeps compiled functions on disk but looks only at the file that defines a function, so it
would serve stale code after a change in a rule that the function calls. The cache folder is
therefore named by a hash of every source file that can end up in compiled code.
"""

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.core import config

_PACKAGE = Path(__file__).parent
_COMPILED_SOURCES = ("compiled.py", "draws.py", "rules/*.py", "raid/*.py")


def _sources_hash() -> str:
    digest = hashlib.sha256(f"{numba.__version__} {sys.version}".encode())
    for pattern in _COMPILED_SOURCES:
        for path in sorted(_PACKAGE.glob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _cache_folder() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    folder = base / "raids-and-talks" / "compiled" / _sources_hash()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="raids-and-talks-"))


CACHE_FOLDER = _cache_folder()
config.CACHE_DIR = str(CACHE_FOLDER)

# Nothing compiled allocates an array, so none need be counted: counting took more than half of a
# raid's time. What does allocate fails when it is compiled ("NRT required but not enabled").
_SETTINGS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}

ZERO = np.int64(0)
"""To begin a count that is passed on: of a plain 0 Numba compiles what takes it once more."""

compiled = numba.njit(**_SETTINGS)
"""Compile a function to machine code: no fast-math, the GIL released, kept on disk."""

inlined = numba.njit(**_SETTINGS, forceinline=True)
"""The same, and built into each caller: for what is called millions of times or in a plain loop."""


def is_warm() -> bool:
    """Whether an earlier process has already compiled these sources (else the first call waits)."""
    return any(CACHE_FOLDER.rglob("*.nbc"))
