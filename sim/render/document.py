"""What is shown, whatever it is written as: sections of sentences and a table, and documents.

A section is what a screen or a notebook shows one after the other; a document is what a page or a
paper is made of: headings with figures and sections below them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Figures = dict[str, Any]
Kind = Literal["numbers", "words", "long"]
"""What a column contains; `long` is words that need a wide one."""

_NUMBER = re.compile(r"\s*[-+−±$]?\d")
_LONG = 60  # letters


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
        """A section with a row a record, each cell by the heading of its column.

        A record may end before the longest.
        """
        longest = max(records, key=lambda cells: len(cells)) if records else {}
        rows = [tuple(cells.values()) for cells in records]
        return cls(heading, lines, tuple(longest), rows, name)


@dataclass(frozen=True)
class CaptionedSvg:
    """A figure: its SVG, a caption, and a title and a description that stand for it.

    `file` is where it lies in the folder of results, without an ending.
    """

    file: str
    svg: str
    title: str
    description: str
    caption: str


@dataclass(frozen=True)
class Part:
    """A heading of the document, with figures first and sections after them.

    `citation` is that of other results than the document's, where they come from such.
    """

    heading: str
    figures: Sequence[CaptionedSvg] = ()
    sections: Sequence[Section] = ()
    citation: str = ""


@dataclass(frozen=True)
class Document:
    """What a reader sees: question, answer in two sentences, parts, and provenance.

    `citation` is what a reader cites a figure or table by; `provenance` are facts by name.
    """

    title: str
    question: str
    answer: Sequence[str]
    parts: Sequence[Part]
    citation: str
    provenance: Sequence[tuple[str, str]] = field(default_factory=tuple)


def kind_of(cells: Sequence[str]) -> Kind:
    """What stands in a column: words, unless most of what is filled in begins with a number."""
    filled = [cell for cell in cells if cell.strip() not in ("", "-")]
    if 2 * sum(_NUMBER.match(cell) is not None for cell in filled) > len(filled):
        return "numbers"
    return "long" if any(len(cell) > _LONG for cell in filled) else "words"


def kinds_of(section: Section) -> list[Kind]:
    """The kind of each column of a section's table."""
    return [kind_of([row[k] for row in section.rows]) for k in range(len(section.columns))]
