"""A document as one HTML file that needs nothing else: no script, no network, any printer."""

import re
from collections.abc import Iterator
from html import escape
from itertools import count
from pathlib import Path

from sim.experiment.section import Section
from sim.report.page.document import CaptionedSvg, Document, Kind, Part, kinds_of

_STYLE = Path(__file__).with_name("page.css")
_CLASSES: dict[Kind, str] = {
    "numbers": "", "words": ' class="words"', "long": ' class="words long"'
}  # fmt: skip
_ID = re.compile(r'\s+id="([^"]*)"')
_REFERENCE = re.compile(r'(\burl\(#|href="#)([^)"]*)')


def as_html(document: Document) -> str:
    """The whole page."""
    figures, tables = count(1), count(1)
    body = "".join(
        _part(part, part.citation or document.citation, figures, tables) for part in document.parts
    )
    answer = "".join(f"<p>{escape(line)}</p>" for line in document.answer)
    facts = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in document.provenance)
    links = "".join(
        f'<li><a href="#{_anchor(part.heading)}">{escape(part.heading)}</a></li>'
        for part in document.parts
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n"
        f"<style>\n{_STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n<header>\n"
        f'<h1>{escape(document.title)}</h1>\n<p class="question">{escape(document.question)}</p>\n'
        f'<div class="answer">{answer}</div>\n<nav aria-label="Parts"><ol>{links}</ol></nav>\n'
        f"</header>\n<main>\n{body}</main>\n<footer><h2>How it was made</h2>\n<dl>{facts}</dl>\n"
        f"<p>Cite as: {escape(document.citation)}.</p></footer>\n</body>\n</html>\n"
    )


def _part(part: Part, citation: str, figures: Iterator[int], tables: Iterator[int]) -> str:
    drawn = "".join(_figure(figure, next(figures), citation) for figure in part.figures)
    sections = "".join(_section(section, tables) for section in part.sections)
    anchor = _anchor(part.heading)
    return (
        f'<section id="{anchor}" aria-labelledby="{anchor}-h">\n'
        f'<h2 id="{anchor}-h">{escape(part.heading)}</h2>\n{drawn}{sections}</section>\n'
    )


def _figure(figure: CaptionedSvg, number: int, citation: str) -> str:
    svg = _with_own_ids(figure.svg[figure.svg.index("<svg") :], number)
    return (
        f'<figure id="figure-{number}">\n{svg}\n<figcaption><b>Figure {number}.</b> '
        f"{escape(figure.caption)} <cite>{escape(citation)}.</cite></figcaption>\n</figure>\n"
    )


def _with_own_ids(svg: str, number: int) -> str:
    """A picture among others: ids get its number, and those that nothing refers to go."""
    wanted = {found[2] for found in _REFERENCE.finditer(svg)}

    def renamed(found: re.Match[str]) -> str:
        return f' id="f{number}-{found[1]}"' if found[1] in wanted else ""

    return _REFERENCE.sub(rf"\g<1>f{number}-\g<2>", _ID.sub(renamed, svg))


def _section(section: Section, tables: Iterator[int]) -> str:
    lines = "".join(f"<p>{escape(line)}</p>\n" for line in section.lines if line)
    if not section.rows:
        heading = f"<h3>{escape(section.heading)}</h3>\n" if section.heading else ""
        return heading + lines if lines else ""
    kinds = [_CLASSES[kind] for kind in kinds_of(section)]
    pairs = zip(section.columns, kinds, strict=True)
    head = "".join(f'<th scope="col"{kind}>{escape(column)}</th>' for column, kind in pairs)
    rows = "".join(_row(row, kinds) for row in section.rows)
    return (
        f"{lines}<div class=table><table>\n<caption><span><b>Table {next(tables)}.</b> "
        f"{escape(section.heading)}</span></caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table></div>\n"
    )


def _row(row: tuple[str, ...], kinds: list[str]) -> str:
    first, *rest = row
    inset = ' class="inset"' if first.startswith(" ") else ""
    pairs = zip(rest, kinds[1:], strict=True)
    cells = "".join(f"<td{kind}>{_cell(cell)}</td>" for cell, kind in pairs)
    return f'<tr><th scope="row"{inset}>{_name(first.strip())}</th>{cells}</tr>\n'


def _name(name: str) -> str:
    """The name of a row; a path or a column breaks at its dots and underscores."""
    return escape(name) if " " in name else re.sub(r"([._])", r"\1<wbr>", escape(name))


def _cell(cell: str) -> str:
    """A cell; one that is an address of the web is a link."""
    if re.fullmatch(r"https?://\S+", cell):
        return f'<a href="{escape(cell)}">{escape(cell)}</a>'
    return escape(cell)


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")
