"""Results as a notebook shows them: words and small tables in HTML, in the notebook's own style."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.experiment.estimate import estimate
from sim.scenario.columns import unit_of, usual_outcomes

if TYPE_CHECKING:
    from sim.experiment.contrast import Contrast
    from sim.experiment.record import Record
    from sim.scenario.schema import Scenario

_MOST_ROWS = 40
_CELL = "vertical-align: top; padding: .15em .7em"
_WORDS = f"{_CELL}; text-align: left; white-space: normal"
_NUMBERS = f"{_CELL}; text-align: right; white-space: nowrap"


class Shown(NamedTuple):
    """A heading, sentences, and a table below them, its first column of words."""

    heading: str
    lines: Sequence[str] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def as_html(title: str, parts: Iterable[Shown]) -> str:
    """A fragment of HTML that a notebook shows; nothing of what it is given is taken for HTML."""
    return f"<div><h3>{escape(title)}</h3>{''.join(map(_part, parts))}</div>"


def _part(part: Shown) -> str:
    heading = f"<h4>{escape(part.heading)}</h4>" if part.heading else ""
    told = "".join(f"<p>{escape(line)}</p>" for line in part.lines if line.strip())
    if not part.rows:
        return heading + told
    more = len(part.rows) - _MOST_ROWS
    rest = f"<p>... and {more:,} more rows</p>" if more > 0 else ""
    styles = [_WORDS, *(_style(column) for column in list(zip(*part.rows, strict=True))[1:])]
    head = _row("th", part.columns, styles)
    body = "".join(_row("td", row, styles) for row in part.rows[:_MOST_ROWS])
    return f"{heading}{told}<table><thead>{head}</thead><tbody>{body}</tbody></table>{rest}"


def _row(tag: str, cells: Sequence[str], styles: Sequence[str]) -> str:
    shown = "".join(
        f'<{tag} style="{style}">{escape(cell)}</{tag}>'
        for cell, style in zip(cells, styles, strict=True)
    )
    return f"<tr>{shown}</tr>"


def _style(cells: Sequence[str]) -> str:
    """Numbers stand to the right, words to the left."""
    begun = [cell.lstrip("-+±$. ")[:1] for cell in cells if cell not in ("", "-")]
    return _NUMBERS if all(first.isdigit() for first in begun) else _WORDS


def record_in_html(record: "Record") -> str:
    """A record: what it is of, the main outcomes with their errors, and its tables."""
    rows = []
    for name in usual_outcomes(record.scenario):
        told = estimate(record.columns("runs", [name])[name].to_numpy(np.float64))
        cells = (told[key] for key in ("median", "low", "high", "mean", "mean_error"))
        rows.append((name, unit_of(name), *map(number, cells)))
    columns = ("outcome", "unit", "median", "5 %", "95 %", "mean", "±")
    done = "" if record.is_complete else f" of {record.runs_asked:,} asked for"
    said = f"{record.scenario.name}: {record.runs_done:,} runs{done}, seed {record.seed}"
    outcomes = Shown("", [said], columns, rows)
    return as_html(record.scenario.title, [outcomes, Shown("Tables", *_tables(record))])


def _tables(record: "Record") -> tuple[Sequence[str], Sequence[str], Sequence[Sequence[str]]]:
    rows = []
    for table in record.frames:
        names = record.names(table)
        long = sum(len(block) for block in record.blocks(table, names[:1]))
        rows.append((f"record.{table}", f"{long:,}", f"{len(names):,}"))
    return (), ("table", "rows", "columns"), rows


def contrast_in_html(contrast: "Contrast") -> str:
    """A contrast: its two wars, and the paired effects on the main outcomes."""
    base, changed = contrast.base.scenario, contrast.changed.scenario
    known = {*contrast.base.names("runs"), *contrast.changed.names("runs")}
    usual = *usual_outcomes(base), "r_u_end", "r_d_end", *usual_outcomes(changed)
    rows = []
    for name in (name for name in dict.fromkeys(usual) if name in known):
        told = contrast.effect_on(name)
        shares = (told[key] for key in ("above_zero", "below_zero"))
        cells = (number(told[key]) for key in ("mean", "mean_error", "median"))
        rows.append((name, unit_of(name), *cells, *map(number, shares)))
    columns = ("outcome", "unit", "mean", "±", "median", "share up", "share down")
    said = [
        f"Changed minus base, run by run; {contrast.base.runs_done:,} runs, seed "
        f"{contrast.base.seed}.",
        *(f"{what}: {_spelled(war)}." for what, war in (("Base", base), ("Changed", changed))),
    ]
    return as_html(f"{base.title}: a contrast", [Shown("", said, columns, rows)])


def _spelled(war: "Scenario") -> str:
    return ", ".join((war.name, *war.overrides))


def number(value: Any) -> str:
    """A number in three digits, large ones in full and with commas."""
    if value is None or not np.isfinite(value):
        return "-"
    if abs(value) < 1000.0:
        return f"{value:.3g}"
    size = 10.0 ** (np.floor(np.log10(abs(value))) - 2.0)
    return f"{round(value / size) * size:,.0f}"
