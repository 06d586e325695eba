"""A document's words and tables in Markdown, figures as links with their captions."""

from collections.abc import Iterator
from itertools import count
from pathlib import PurePosixPath
from urllib.parse import quote

from sim.report.page.document import Document, kinds_of
from sim.report.words import Section


def as_markdown(document: Document, results: str = ".") -> str:
    """The whole document; `results` is the folder of the pictures, seen from the document's."""
    figures, tables = count(1), count(1)
    lines = [f"# {document.title}", "", document.question, ""]
    for sentence in document.answer:
        lines += [f"> {sentence}", ">"]
    lines[-1:] = [""]
    for part in document.parts:
        lines += [f"## {part.heading}", ""]
        for figure in part.figures:
            cited = part.citation or document.citation
            told = f"**Figure {next(figures)}.** {figure.caption} *{cited}.*"
            picture = quote(PurePosixPath(results, f"{figure.file}.svg").as_posix())
            lines += [f"![{_alone(figure.description)}]({picture})", "", told, ""]
        for section in part.sections:
            lines += _section(section, tables)
    lines += ["## How it was made", ""]
    lines += [f"- {key}: {value}" for key, value in document.made]
    return "\n".join([*lines, "", f"Cite as: {document.citation}.", ""])


def _section(section: Section, tables: Iterator[int]) -> Iterator[str]:
    if section.heading and not section.rows and any(section.lines):
        yield from (f"### {section.heading}", "")
    for line in filter(None, section.lines):
        yield from (line, "")
    if section.rows:
        yield from (f"**Table {next(tables)}.** {section.heading}", "")
        yield _row(section.columns)
        numbers = [kind == "numbers" for kind in kinds_of(section)[1:]]
        yield "|" + "|".join([":--", *("--:" if is_one else ":--" for is_one in numbers)]) + "|"
        yield from map(_row, section.rows)
        yield ""


def _alone(text: str) -> str:
    """Text between the brackets of a picture."""
    return text.replace("[", "(").replace("]", ")")


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.strip().replace("|", "\\|") for cell in cells) + " |"
