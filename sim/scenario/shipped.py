"""Scenarios, experiments and results that come with the package, found from anywhere."""

import re
from pathlib import Path
from typing import Literal

Kind = Literal["scenarios", "experiments", "results"]

_PACKAGE = Path(__file__).parent.parent
_TITLE = re.compile(r"^title: *(.+?) *$", re.MULTILINE)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,99}(/[a-z0-9-]{1,99})?")


def shipped(kind: Kind) -> Path:
    """The folder of what is shipped: in an installed package inside it, in a clone next to it."""
    inside = _PACKAGE / "shipped" / kind
    return inside if inside.is_dir() else _PACKAGE.parent / kind


def is_name(written: str) -> bool:
    """Whether what is written could be a name of something shipped, and not a place or a slip."""
    return _NAME.fullmatch(written) is not None


def named(written: str | Path, kind: Kind = "scenarios") -> Path:
    """The file that is meant: as written, or the shipped one of a name such as `spiderweb`.

    A file that lies where it is written goes first. The file need not exist.
    """
    path = Path(written)
    file = shipped(kind) / f"{written}.yaml"
    by_name = is_name(str(written)) and not path.exists() and file.is_file()
    return file if by_name else path


def shipped_names() -> list[str]:
    """The names of all that is shipped."""
    kinds: tuple[Kind, ...] = ("scenarios", "experiments")
    return [file.stem for kind in kinds for file in sorted(shipped(kind).glob("*.yaml"))]


def titles(kind: Kind) -> dict[str, str]:
    """What is shipped of a kind: titles by name."""
    found = {}
    for file in sorted(shipped(kind).glob("*.yaml")):
        title = _TITLE.search(file.read_text(encoding="utf-8"))
        if title:  # the register of sources has none
            found[file.stem] = title[1].strip("\"'")
    return found
