"""A document's tables in LaTeX, for a paper: longtable and booktabs; figures to switch on."""

import re
from collections.abc import Iterator

from sim.report.page.document import Document, Shown
from sim.report.words import Section

_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "±": r"$\pm$", "×": r"$\times$", "−": "--", "–": "--", "’": "'", "′": "'", "<": r"$<$",
    ">": r"$>$", "≥": r"$\ge$", "≤": r"$\le$",
}  # fmt: skip
_NEEDS_CARE = re.compile("|".join(map(re.escape, _SPECIAL)))


def as_latex(document: Document) -> str:
    """Every table of the document, each a `longtable` with its caption and the citation.

    Figures follow as comments: their files lie with the results, and not with the paper.
    """
    head = [
        f"% {document.title}",
        f"% {document.citation}",
        r"% \usepackage[utf8]{inputenc} \usepackage{booktabs,longtable}",
        "",
    ]
    tables: list[str] = []
    shown: list[str] = []
    for part in document.parts:
        cited = part.citation or document.citation
        for section in part.sections:
            tables += _table(section, cited) if section.rows else []
        for figure in part.figures:
            shown += _figure(figure, cited)
    return "\n".join([*head, *tables, *shown])


def _table(section: Section, citation: str) -> Iterator[str]:
    yield r"\begin{longtable}{l" + "r" * (len(section.columns) - 1) + "}"
    yield rf"\caption{{{_plain(section.heading)}. {_plain(citation)}.}}\\"
    yield r"\toprule"
    yield _row(section.columns)
    yield r"\midrule"
    yield r"\endhead"
    yield from map(_row, section.rows)
    yield r"\bottomrule"
    yield r"\end{longtable}"
    yield ""


def _figure(figure: Shown, citation: str) -> Iterator[str]:
    yield rf"% \begin{{figure}} % {figure.description}"
    yield rf"% \includegraphics[width=\textwidth]{{{figure.file}}}"
    yield rf"% \caption{{{_plain(figure.caption)} {_plain(citation)}.}}"
    yield r"% \end{figure}"
    yield ""


def _row(cells: tuple[str, ...]) -> str:
    return " & ".join(_plain(cell.strip()) for cell in cells) + r" \\"


def _plain(text: str) -> str:
    """Text with what LaTeX would read as a command written out."""
    return _NEEDS_CARE.sub(lambda found: _SPECIAL[found[0]], text)
