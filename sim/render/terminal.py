"""Sections as a terminal shows them."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sim.render.document import Section
from sim.render.lines import in_one_line, written_out

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_WORDY = ("who says so", "is, used for", "90 %")
_WIDTH_OF_A_FILE = 160
_GAP = 2  # characters between columns
_LEAST_WORDS = 16  # characters per line in a column of words


def open_console() -> "Console":
    """The terminal, or a wide console if the output goes to a file or a pipe."""
    from rich.console import Console
    from rich.text import Text

    class PlainConsole(Console):
        """All strings pass through here, also those in tables: a scenario is not to be trusted."""

        def render_str(self, text: str, **how: Any) -> Text:
            return super().render_str(written_out(text), **how)

    width = None if sys.stdout.isatty() else _WIDTH_OF_A_FILE
    return PlainConsole(highlight=False, emoji=False, width=width)


def cell(text: str) -> "Text":
    """The text of a table cell, built once: Rich rebuilds a string each time it measures it."""
    from rich.text import Text

    return Text(written_out(in_one_line(text)))


def print_line(line: str, style: str = "") -> None:
    """Print a line as it is, without interpreting markup."""
    open_console().print(line, style=style, markup=False)


def print_sections(title: str, sections: Iterable[Section]) -> None:
    """Print the sections that are not empty, each with its lines and its table."""
    from rich.table import Table

    console = open_console()
    console.print(in_one_line(title), style="bold", markup=False)
    for section in sections:
        if not section.lines and not section.rows:
            continue
        console.print(f"\n{in_one_line(section.heading)}", style="bold", markup=False)
        for line in section.lines:
            console.print(in_one_line(line), markup=False)
        if section.rows:
            table = Table(box=None, pad_edge=False, header_style="dim")
            for place, column in enumerate(section.columns):
                is_number = place > 0 and column not in _WORDY
                table.add_column(
                    column,
                    justify="right" if is_number else "left",
                    no_wrap=column != "who says so",
                )
            for row in section.rows:
                table.add_row(*map(cell, row))
            _fold_where_narrow(table, console.width)
            console.print(table, markup=False)


def _fold_where_narrow(table: "Table", width: int) -> None:
    """Wrap all cells of a table that is too wide, because truncated text would be lost."""
    from rich.cells import cell_len

    unwrapped = [column for column in table.columns if column.no_wrap]
    cells = [[str(column.header), *map(str, column.cells)] for column in unwrapped]
    widths = [max(map(cell_len, texts)) for texts in cells]
    least = sum(widths) + _GAP * len(unwrapped)
    if least + _LEAST_WORDS * (len(table.columns) - len(unwrapped)) > width:
        for column in unwrapped:
            column.no_wrap, column.overflow = False, "fold"
