"""A part of an answer: sentences, and a table below them, whatever it is written as."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Figures = dict[str, Any]


@dataclass(frozen=True)
class Section:
    """A part of the answer: sentences, and a table below them."""

    heading: str
    lines: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()
    name: str = ""
    """The name by which a screen shows it alone; those of several raids share it."""
