"""A document as one self-contained HTML file: no script, no network, ready to print."""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import count

from sim.render.document import CaptionedSvg, Document, kinds_of
from sim.render.template import fill, text_of

_CLASSES = {"numbers": "", "words": "words", "long": "words long"}
_ADDRESS = re.compile(r"https?://\S+")
_BREAKABLE = re.compile(r"(?<=[._])")
_BEFORE_PART = re.compile(r" (?=[±(]|to |cannot |from )|(?<=,) ")
_ID = re.compile(r'\s+id="([^"]*)"')
_REFERENCE = re.compile(r'(\burl\(#|href="#)([^)"]*)')


def as_html(document: Document) -> str:
    """The whole page."""
    return fill(
        "page.html",
        document=document,
        style=text_of("page.css"),
        anchor_of=_anchor,
        numbered=lambda figures, numbers: list(_numbered(figures, numbers)),
        classes_of=lambda section: [_CLASSES[kind] for kind in kinds_of(section)],
        is_address=_ADDRESS.fullmatch,
        pieces_of=_pieces,
        parts_of=_BEFORE_PART.split,
        figures=count(1),
        tables=count(1),
        next=next,
    )


def _numbered(
    figures: Iterable[CaptionedSvg], numbers: Iterable[int]
) -> Iterable[tuple[int, CaptionedSvg]]:
    """Figures with their numbers, the ids in each SVG made unique."""
    for figure, number in zip(figures, numbers, strict=False):
        yield number, replace(figure, svg=_with_own_ids(figure.svg, number))


def _with_own_ids(svg: str, number: int) -> str:
    """Prefix the ids of an SVG by its number, and drop those that nothing refers to."""
    svg = svg[svg.index("<svg") :]
    wanted = {found[2] for found in _REFERENCE.finditer(svg)}

    def renamed(found: re.Match[str]) -> str:
        return f' id="f{number}-{found[1]}"' if found[1] in wanted else ""

    return _REFERENCE.sub(rf"\g<1>f{number}-\g<2>", _ID.sub(renamed, svg))


def _pieces(name: str) -> list[str]:
    """The name of a row in pieces: a path or a column may break after dots and underscores."""
    return [name] if " " in name else _BREAKABLE.split(name)


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")
