"""A document's words and tables in Markdown, figures as links with their captions."""

from collections.abc import Iterator
from itertools import count

from sim.report.page.document import Document
from sim.report.words import Section


def as_markdown(document: Document) -> str:
    """The whole document."""
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
            lines += [f"![{_alone(figure.description)}]({figure.file}.svg)", "", told, ""]
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
        yield "|" + "|".join([":--", *["--:"] * (len(section.columns) - 1)]) + "|"
        yield from map(_row, section.rows)
        yield ""


def _alone(text: str) -> str:
    """Text between the brackets of a picture."""
    return text.replace("[", "(").replace("]", ")")


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.strip().replace("|", "\\|") for cell in cells) + " |"
