"""The content of answers, independent of any format: sections and documents.

A screen or a notebook shows a sequence of sections; a page or a paper shows a document, made of
headings with figures and sections below them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Figures = dict[str, Any]
Kind = Literal["numbers", "words", "long"]
"""What a column contains; `long` is words that need a wide one."""

_NUMBER = re.compile(r"\s*[-+−±$]?\d")
_LONG = 60  # characters


@dataclass(frozen=True)
class Section:
    """A part of the answer: sentences, and a table below them."""

    heading: str
    lines: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()
    name: str = ""
    """The name by which a screen shows it alone; those of several raids share it."""

    @classmethod
    def of(
        cls, heading: str, lines: list[str], records: Sequence[Mapping[str, str]], name: str = ""
    ) -> "Section":
        """A section with one row per record; the keys of the longest record are the headings.

        Other records may lack the last columns.
        """
        longest = max(records, key=lambda cells: len(cells)) if records else {}
        rows = [tuple(cells.values()) for cells in records]
        return cls(heading, lines, tuple(longest), rows, name)


@dataclass(frozen=True)
class CaptionedSvg:
    """A figure: its SVG, a caption, and a title and a description as its text alternative.

    `file` is its path in the folder of results, without a suffix.
    """

    file: str
    svg: str
    title: str
    description: str
    caption: str


@dataclass(frozen=True)
class Part:
    """A heading of the document, with figures first and sections after them.

    `citation` is given if the part shows other results than the document's.
    """

    heading: str
    figures: Sequence[CaptionedSvg] = ()
    sections: Sequence[Section] = ()
    citation: str = ""


@dataclass(frozen=True)
class Document:
    """What a reader sees: question, answer in two sentences, parts, and provenance.

    `citation` is how to cite a figure or table; `provenance` consists of facts by name.
    """

    title: str
    question: str
    answer: Sequence[str]
    parts: Sequence[Part]
    citation: str
    provenance: Sequence[tuple[str, str]] = field(default_factory=tuple)


def kind_of(cells: Sequence[str]) -> Kind:
    """The kind of a column: numbers if most cells that are filled begin with one, else words."""
    filled = [cell for cell in cells if cell.strip() not in ("", "-")]
    if 2 * sum(_NUMBER.match(cell) is not None for cell in filled) > len(filled):
        return "numbers"
    return "long" if any(len(cell) > _LONG for cell in filled) else "words"


def kinds_of(section: Section) -> list[Kind]:
    """The kind of each column of a section's table."""
    return [kind_of([row[k] for row in section.rows]) for k in range(len(section.columns))]
