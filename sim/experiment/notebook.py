"""Results as a notebook shows them: words and small tables in HTML, in the notebook's own style."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np

from sim.experiment.section import Section

_MOST_ROWS = 40
_CELL = "vertical-align: top; padding: .15em .7em"
_WORDS = f"{_CELL}; text-align: left; white-space: normal"
_NUMBERS = f"{_CELL}; text-align: right; white-space: nowrap"


def as_html(title: str, sections: Iterable[Section]) -> str:
    """A fragment of HTML that a notebook shows; nothing of what it is given is taken for HTML."""
    return f"<div><h3>{escape(title)}</h3>{''.join(map(_section, sections))}</div>"


def _section(section: Section) -> str:
    heading = f"<h4>{escape(section.heading)}</h4>" if section.heading else ""
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in section.lines if line.strip())
    if not section.rows:
        return heading + paragraphs
    more = len(section.rows) - _MOST_ROWS
    rest = f"<p>... and {more:,} more rows</p>" if more > 0 else ""
    styles = [_WORDS, *(_style(column) for column in list(zip(*section.rows, strict=True))[1:])]
    head = _row("th", section.columns, styles)
    body = "".join(_row("td", row, styles) for row in section.rows[:_MOST_ROWS])
    return f"{heading}{paragraphs}<table><thead>{head}</thead><tbody>{body}</tbody></table>{rest}"


def _row(tag: str, cells: Sequence[str], styles: Sequence[str]) -> str:
    written = "".join(
        f'<{tag} style="{style}">{escape(cell)}</{tag}>'
        for cell, style in zip(cells, styles, strict=True)
    )
    return f"<tr>{written}</tr>"


def _style(cells: Sequence[str]) -> str:
    """Numbers stand to the right, words to the left."""
    begun = [cell.lstrip("-+±$. ")[:1] for cell in cells if cell not in ("", "-")]
    return _NUMBERS if all(first.isdigit() for first in begun) else _WORDS


def number(value: Any) -> str:
    """A number in three digits, large ones in full and with commas."""
    if value is None or not np.isfinite(value):
        return "-"
    if abs(value) < 1000.0:
        return f"{value:.3g}"
    size = 10.0 ** (np.floor(np.log10(abs(value))) - 2.0)
    return f"{round(value / size) * size:,.0f}"
