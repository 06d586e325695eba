"""A document: headings with sentences, tables and figures below them, whatever it is written as."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path, PurePosixPath
from typing import Literal

from sim.experiment.section import Section
from sim.experiment.storage.answer_files import sums_of
from sim.report.page.captions import caption_of
from sim.report.page.picture import svg_of

Kind = Literal["numbers", "words", "long"]
"""What a column contains; `long` is words that need a wide one."""

_NUMBER = re.compile(r"\s*[-+−±$]?\d")
_LONG = 60  # letters


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


def figures_in(
    folder: Path, within: str = "", names: Sequence[str] | None = None
) -> Iterator[CaptionedSvg]:
    """The pictures `within` a folder of results: those of `names` in their order, else all."""
    inner = folder / within
    listed = sums_of(inner)
    files = sorted(file for file in inner.glob("*.svg") if listed is None or file.name in listed)
    chosen = files if names is None else [inner / f"{name}.svg" for name in names]
    for file in chosen:
        if file.exists():
            svg = svg_of(file)
            title, description = (_metadata(svg, word) for word in ("title", "description"))
            place = PurePosixPath(within, file.stem)
            yield CaptionedSvg(str(place), svg, title, description, caption_of(file.stem, title))


def _metadata(svg: str, word: str) -> str:
    """A field of a picture's metadata, in plain text; nothing where there is none."""
    found = re.search(rf"<dc:{word}>(.*?)</dc:{word}>", svg, re.DOTALL)
    return " ".join(unescape(found[1]).split()) if found else ""
