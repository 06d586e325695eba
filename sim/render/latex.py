"""The tables of a document in LaTeX, with longtable and booktabs; its figures are commented out."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import quote

from sim.render.document import CaptionedSvg, Document, Kind, Section, kinds_of
from sim.render.lines import in_one_line, written_out

_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "±": r"$\pm$", "×": r"$\times$", "−": "--", "–": "--", "’": "'", "′": "'", "<": r"$<$",
    ">": r"$>$", "≥": r"$\ge$", "≤": r"$\le$",
}  # fmt: skip
_LONG = 26  # characters; longer cells need a column that wraps
_OF_LONG = 0.42  # of the text width, shared by all such columns
_OF_ADDRESSES = "!#$%&'()*+,/:;=?@[]~-._"  # left as they are in a web address
_NEEDS_CARE = re.compile("|".join(map(re.escape, _SPECIAL)))


def as_latex(document: Document, results: str = ".") -> str:
    """Every table of the document, each a `longtable` with its caption and the citation.

    Figures follow as comments, because their files are in the folder of results and not beside the
    paper. `results` is the path of that folder, relative to the document's.
    """
    head = [
        _comment(document.title),
        _comment(document.citation),
        r"% \usepackage[utf8]{inputenc} \usepackage{array,booktabs,longtable}",
        r"% \usepackage[hyphens]{url}",
        r"% wide tables want {\footnotesize ...} or a page on its side (pdflscape)",
        "",
    ]
    tables: list[str] = []
    pictures: list[str] = []
    for part in document.parts:
        cited = part.citation or document.citation
        for section in part.sections:
            tables += _table(section, cited) if section.rows else []
        for figure in part.figures:
            pictures += _figure(figure, cited, results)
    return "\n".join([*head, *tables, *pictures])


def _table(section: Section, citation: str) -> Iterator[str]:
    yield rf"\begin{{longtable}}{{{_columns(section)}}}"
    yield rf"\caption{{{_plain(section.heading)}. {_plain(citation)}.}}\\"
    yield r"\toprule"
    yield _row(section.columns)
    yield r"\midrule"
    yield r"\endhead"
    yield from map(_row, section.rows)
    yield r"\bottomrule"
    yield r"\end{longtable}"
    yield ""


def _columns(section: Section) -> str:
    """The column specification: numbers to the right, words to the left, long cells wrapped."""
    kinds: list[Kind] = ["words", *kinds_of(section)[1:]]
    longest = [max(len(row[k].strip()) for row in section.rows) for k in range(len(kinds))]
    places = [
        "p" if letters > _LONG else "r" if kind == "numbers" else "l"
        for kind, letters in zip(kinds, longest, strict=True)
    ]
    width = _OF_LONG / max(1, places.count("p"))
    wide = rf">{{\raggedright\arraybackslash}}p{{{width:.2f}\textwidth}}"
    return "".join(wide if place == "p" else place for place in places)


def _figure(figure: CaptionedSvg, citation: str, results: str) -> Iterator[str]:
    file = PurePosixPath(results, figure.file).as_posix()
    yield _comment(rf"\begin{{figure}} % {figure.description}")
    yield _comment(rf"\includegraphics[width=\textwidth]{{{file}}}")
    yield _comment(rf"\caption{{{_plain(figure.caption)} {_plain(citation)}.}}")
    yield _comment(r"\end{figure}")
    yield ""


def _comment(text: str) -> str:
    """Text as one LaTeX comment line, whatever it contains."""
    return f"% {written_out(in_one_line(text))}"


def _row(cells: tuple[str, ...]) -> str:
    first, *rest = (cell.strip() for cell in cells)
    return " & ".join([_name(first), *map(_cell, rest)]) + r" \\"


def _name(name: str) -> str:
    """The name of a row; a path or a column may break at dots and underscores."""
    written = _plain(name)
    return written if " " in name else re.sub(r"(\.|\\_)(?=\w)", r"\1\\allowbreak{}", written)


def _cell(cell: str) -> str:
    """A cell; a web address may break anywhere and is percent-encoded where LaTeX needs it."""
    if re.fullmatch(r"https?://\S+", cell):
        return rf"\url{{{quote(cell, safe=_OF_ADDRESSES)}}}"
    return _plain(cell)


def _plain(text: str) -> str:
    """Text on one line, with characters that are special in LaTeX escaped."""
    return _NEEDS_CARE.sub(lambda found: _SPECIAL[found[0]], written_out(in_one_line(text)))
