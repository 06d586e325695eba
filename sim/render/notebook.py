"""Results as a notebook shows them: text and small tables in HTML, in the notebook's own style."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from sim.render.document import Section
from sim.render.template import fill

_MOST_ROWS = 40
_CELL = "vertical-align: top; padding: .15em .7em"
_WORDS = f"{_CELL}; text-align: left; white-space: normal"
_NUMBERS = f"{_CELL}; text-align: right; white-space: nowrap"


def as_html(title: str, sections: Iterable[Section]) -> str:
    """An HTML fragment for a notebook; all content is escaped."""
    return fill(
        "notebook.html", title=title, sections=sections, styles_of=_styles, most_rows=_MOST_ROWS
    )


def _styles(section: Section) -> list[str]:
    """The CSS of each column: numbers to the right, words to the left."""
    return [_WORDS, *(_style(column) for column in list(zip(*section.rows, strict=True))[1:])]


def _style(cells: Sequence[str]) -> str:
    begun = [cell.lstrip("-+±$. ")[:1] for cell in cells if cell not in ("", "-")]
    return _NUMBERS if all(first.isdigit() for first in begun) else _WORDS


def number(value: Any) -> str:
    """A number with three significant digits; large ones in full and with commas."""
    if value is None or not np.isfinite(value):
        return "-"
    if abs(value) < 1000.0:
        return f"{value:.3g}"
    size = 10.0 ** (np.floor(np.log10(abs(value))) - 2.0)
    return f"{round(value / size) * size:,.0f}"
