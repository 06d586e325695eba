"""Answers on disk: sets of files that are there all together or not at all.

`SHA256SUMS` lists them with their digests, in the form that `sha256sum --check` reads. It is
written before the files are moved into place: if one is missing or has another digest, a command
did not finish, or the file is damaged.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from sim.experiment.errors import ExperimentError
from sim.experiment.storage.disk import (
    LEFT_BEHIND,
    digest,
    flush,
    part_of,
    remove,
    replacing,
    writing_into,
)
from sim.experiment.storage.manifest import damage
from sim.scenario.text.regular_file import read_ordinary

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  ([^/\\\0]+)")
_LARGEST_BYTES = 1_000_000


@contextlib.contextmanager
def answer_into(folder: Path) -> Iterator[Path]:
    """A temporary folder for the files of an answer, which replace all those of the last answer.

    They do so if the block ends without an error; else the last answer stays. Other files in the
    folder are left alone. Waits for another process that writes an answer into the folder.
    """
    with writing_into(folder):
        part = part_of(folder / "answer")
        try:
            yield part
            _put_in_place(part, folder)
        finally:
            with contextlib.suppress(OSError):
                remove(part)


def _put_in_place(part: Path, folder: Path) -> None:
    names = sorted(file.name for file in part.iterdir())
    for name in names:
        flush(part / name)
    digests = {name: digest(part / name) for name in names}
    last = sums_of(folder) or {}
    with replacing(folder / SUMS) as temporary:
        lines = "".join(f"{hex_digest}  {name}\n" for name, hex_digest in digests.items())
        temporary.write_text(lines, encoding="utf-8")
        flush(temporary)
    for name in last.keys() - digests.keys():
        remove(folder / name)
    for name in names:
        os.replace(part / name, folder / name)


def sums_of(folder: Path) -> dict[str, str] | None:
    """The digests of the files of an answer, by name; None if there is no list of them.

    Answers of earlier versions have no list.
    """
    try:
        text = read_ordinary(folder / SUMS, _LARGEST_BYTES).decode()
    except (OSError, ValueError):
        return None
    lines = [_LINE.fullmatch(line) for line in text.splitlines()]
    if not all(lines):
        return {SUMS: ""}  # a digest that no file has
    return {line[2]: line[1] for line in lines if line is not None}


def is_whole(folder: Path) -> bool:
    """Whether an answer has all its files as they were written, and none half-written."""
    digests = sums_of(folder)
    if digests is None or damage(folder, digests):
        return False
    return not any(LEFT_BEHIND.fullmatch(file.name) for file in folder.iterdir())


def check_answer(folder: Path) -> None:
    """Check the files an answer lists. Raises ExperimentError if one is missing or has changed."""
    if wrong := damage(folder, sums_of(folder) or {}):
        faults = "; ".join(f"{folder / line}" for line in wrong)
        raise ExperimentError(f"{faults}, expected the command that made it again")
