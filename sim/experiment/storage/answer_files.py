"""Answers on disk: files that belong together, of which there are all or none.

`SHA256SUMS` lists them with their digests, in the form that `sha256sum --check` reads. It is
written before the files take their places: whoever finds another one than it lists, or lacks one,
has met a command that did not come to its end, or damage.
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
    """A new folder for the files of an answer, which take the place of all those of the last one.

    They do so when the block ends well; else the last answer stays. Other files of the folder are
    nobody's business. Another process that answers into the folder is waited for.
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
    """The digests of the files of an answer, by name; None where nothing lists them.

    Answers of earlier versions have no list.
    """
    try:
        text = read_ordinary(folder / SUMS, _LARGEST_BYTES).decode()
    except (OSError, ValueError):
        return None
    lines = [_LINE.fullmatch(line) for line in text.splitlines()]
    if not all(lines):
        return {SUMS: ""}  # which no file has
    return {line[2]: line[1] for line in lines if line is not None}


def is_whole(folder: Path) -> bool:
    """Whether an answer is there with all its files as they were written, and nothing half-done."""
    digests = sums_of(folder)
    if digests is None or damage(folder, digests):
        return False
    return not any(LEFT_BEHIND.fullmatch(file.name) for file in folder.iterdir())


def check_answer(folder: Path) -> None:
    """Check the files an answer lists. Raises ExperimentError where one is missing or another."""
    if wrong := damage(folder, sums_of(folder) or {}):
        faults = "; ".join(f"{folder / line}" for line in wrong)
        raise ExperimentError(f"{faults}, expected the command that made it again")
