"""A document in Markdown, with figures as links with their captions."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import PurePosixPath
from urllib.parse import quote

from sim.render.document import Document, Section, kinds_of
from sim.render.lines import in_one_line, written_out

_MARKS = re.compile(r"[\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_])")
_ENDS_HEADING = re.compile(r"#(?=#*$)")
_BEGINS_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_BEGINS_ENTITY = re.compile(r"&(?=#?\w+;)")
_BEGINS_BLOCK = re.compile(r"[-+#>=:]|\d+(?=[.)])")


def as_markdown(document: Document, results: str = ".") -> str:
    """The whole document; `results` is the folder of the pictures, relative to the document's."""
    figures, tables = count(1), count(1)
    lines = [f"# {_plain(document.title)}", "", _paragraph(document.question), ""]
    for sentence in document.answer:
        lines += [f"> {_paragraph(sentence)}", ">"]
    lines[-1:] = [""]
    for part in document.parts:
        lines += [f"## {_plain(part.heading)}", ""]
        for figure in part.figures:
            cited = part.citation or document.citation
            caption = f"**Figure {next(figures)}.** {_plain(figure.caption)} *{_plain(cited)}.*"
            picture = quote(PurePosixPath(results, f"{figure.file}.svg").as_posix())
            lines += [f"![{_plain(figure.description)}]({picture})", "", caption, ""]
        for section in part.sections:
            lines += _section(section, tables)
    lines += ["## How it was made", ""]
    lines += [f"- {_paragraph(f'{key}: {value}')}" for key, value in document.provenance]
    return "\n".join([*lines, "", f"Cite as: {_plain(document.citation)}.", ""])


def _section(section: Section, tables: Iterator[int]) -> Iterator[str]:
    if section.heading and not section.rows and any(section.lines):
        yield from (f"### {_plain(section.heading)}", "")
    for line in filter(None, section.lines):
        yield from (_paragraph(line), "")
    if section.rows:
        yield from (f"**Table {next(tables)}.** {_plain(section.heading)}", "")
        yield _row(section.columns)
        numbers = [kind == "numbers" for kind in kinds_of(section)[1:]]
        yield "|" + "|".join([":--", *("--:" if is_one else ":--" for is_one in numbers)]) + "|"
        yield from map(_row, section.rows)
        yield ""


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(map(_plain, cells)) + " |"


def _paragraph(text: str) -> str:
    """Text that starts a line, escaped so that it is no heading, list or quotation."""
    escaped = _plain(text)
    begins = _BEGINS_BLOCK.match(escaped)
    if begins is None:
        return escaped
    return rf"\{escaped}" if not escaped[0].isdigit() else f"{begins[0]}\\{escaped[begins.end() :]}"


def _plain(text: str) -> str:
    """Text on one line, with characters that are special in Markdown or its HTML escaped."""
    escaped = _MARKS.sub(r"\\\g<0>", written_out(in_one_line(text)).strip())
    escaped = _ENDS_HEADING.sub(r"\\#", escaped)
    return _BEGINS_TAG.sub("&lt;", _BEGINS_ENTITY.sub("&amp;", escaped))
