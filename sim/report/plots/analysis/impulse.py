"""The figure of impulses: the response of each mechanism alone to each stimulus."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from sim.experiment.questions.impulse import GATES
from sim.render.document import Figures
from sim.report.plots.analysis.theories import HARDER, SOFTER
from sim.report.plots.colours import GREY, INK, PALE, PAPER, dark
from sim.report.plots.lettering import BODY_PT, BOLD, LINE_IN, NOTE_PT, shortened, width_of, wrapped
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.style import house_style
from sim.report.plots.words import readable, sentence, some_of

Row = dict[Any, Any]

_TERM = {"+": HARDER, "-": SOFTER, "0": PAPER}
_GATE = {"+": PALE, "-": PALE, "0": PAPER}
_SIDES = ("underdog", "favourite")

_MOST_STIMULI = 12
"""With more stimuli the cells would have no room for numbers."""
_NAMES_IN, _WIDEST_IN, _HALF_IN = 0.9, 1.1, 0.15
_PAD_IN, _FRAME_IN = 0.045, 0.012
_SMALL_IN = 1.2 * NOTE_PT / 72
_TABLE_IN = 0.78
"""The top of the table, below the title, an explanation of two lines and the legend."""


@house_style()
def draw_impulse(figures: Figures, table: pd.DataFrame, titles: dict[str, str]) -> Picture:
    """A table of mechanisms by stimuli: sign by colour, size and decay in numbers.

    `figures` and `table` are the answer of an impulse experiment; `titles` are those of the
    underdog (`r_u`) and the favourite (`r_d`).
    """
    stimuli = dict(list(figures["stimuli"].items())[:_MOST_STIMULI])
    column = min(_WIDEST_IN, (WIDTH_IN - _NAMES_IN - MARGIN_IN) / len(stimuli))
    heads = [wrapped(title, column - 2 * _PAD_IN, NOTE_PT) for title in stimuli.values()]
    picture = Picture(_title(figures), _explained(titles))
    picture.key(MARGIN_IN, 0.57, _key(table), 6)
    names = [sentence(readable(name)) for name in stimuli]
    size = _fitting(names, BODY_PT, (column - 2 * _PAD_IN) / BOLD)
    for place, (words, lines) in enumerate(zip(names, heads, strict=True)):
        _write_head(picture, _NAMES_IN + (place + 0.5) * column, column, (words, size), lines)
    picture.top = _TABLE_IN + max(map(len, heads)) * _SMALL_IN + LINE_IN + 0.06
    rows_in = 2 * _HALF_IN * len(figures["mechanisms"])
    axes = picture.axes_at(_NAMES_IN, picture.top, column * len(stimuli), rows_in)
    _draw_cells(axes, figures["mechanisms"], table, list(stimuli), column)
    picture.top += rows_in + 0.1
    below = [line for text in _below(figures) for line in wrapped(text, WIDTH_IN - 2 * MARGIN_IN)]
    picture.write(MARGIN_IN, picture.top, "\n".join(below), linespacing=1.1)
    picture.top += len(below) * LINE_IN
    note = (
        f"{some_of(len(stimuli), len(figures['stimuli']), 'stimuli')}{figures['runs']:,} wars of "
        f"each mechanism and stimulus, paired with as many without it; seed {figures['seed']}"
    )
    return picture.finished(0.25, note, _described(figures, table, titles))


def _title(figures: Figures) -> str:
    signs, nothing = (figures["predictions"][kind] for kind in ("signs", "nothing"))
    return (
        f"Each mechanism alone: {signs['hold']:,} of {signs['made']:,} predicted signs and "
        f"{nothing['hold']:,} of {nothing['made']:,} predicted zeros are found"
    )


def _explained(titles: dict[str, str]) -> str:
    upper, lower = (shortened(titles[word], 1.2) for word in ("r_u", "r_d"))
    return (
        f"In each cell the {upper} above, the {lower} below: change of the reservation in "
        "hundredths of the stakes on the evening of the last event, then the days until half of "
        "it is left (stays: not halved by the last day). Empty: not distinguishable from zero."
    )


def _below(figures: Figures) -> list[str]:
    """What the table does not show: gates, and mechanisms that cannot be distinguished."""
    alike = [" and ".join(group) for group in figures["separable"]["alike"]]
    distinct = f"all but {'; '.join(alike)}" if alike else "all"
    sentences = [f"Mechanisms that differ in their signs or in which effects halve: {distinct}."]
    gates = [name for name in figures["mechanisms"] if name in GATES]
    sentences.append(
        "Without events the change is that from the first evening to the last, which has no time "
        "to halve."
    )
    if gates:
        sentences.append(
            f"† {', '.join(gates)}: adds nothing to a reservation; shown is the change in the "
            "share of wars in which a side negotiates in earnest, in hundredths."
        )
    return sentences


def _key(table: pd.DataFrame) -> dict[str, Patch]:
    """The legend of the colours and the frame in use."""
    gate = table["mechanism"].isin(GATES)
    looks = [
        ("softens", SOFTER, ~gate & (table["sign"] == "-")),
        ("hardens", HARDER, ~gate & (table["sign"] == "+")),
        ("† more or fewer wars in earnest", PALE, gate & (table["sign"] != "0")),
    ]
    key = {words: Patch(facecolor=colour) for words, colour, seen in looks if seen.any()}
    key["no clear effect"] = Patch(facecolor=PAPER, edgecolor=PALE)
    if not table["as predicted"].all():
        key["≠ not the predicted sign"] = Patch(facecolor=PAPER, edgecolor=INK, linewidth=1.0)
    return key


# --- heads -----------------------------------------------------------------------------------


def _fitting(lines: list[str], size: float, room: float) -> float:
    """The font size at which the widest of some lines fits."""
    return size * min(1.0, room / max(0.01, *(width_of(line, size) for line in lines)))


def _write_head(
    picture: Picture, middle: float, column: float, name: tuple[str, float], lines: list[str]
) -> None:
    """The head of a column: the name of a stimulus with its size, and its title below."""
    room = column - 2 * _PAD_IN
    words, size = name
    picture.write(middle, _TABLE_IN, words, ha="center", weight="bold", size=size)
    picture.write(
        middle, _TABLE_IN + LINE_IN + 0.02, "\n".join(lines), ha="center", color=GREY,
        linespacing=1.1, size=_fitting(lines, NOTE_PT, room),
    )  # fmt: skip


# --- cells -----------------------------------------------------------------------------------


def _draw_cells(
    axes: Axes, names: Sequence[str], table: pd.DataFrame, stimuli: list[str], column: float
) -> None:
    """One row per mechanism, one column per stimulus, and in each cell one half per side."""
    axes.set(xlim=(0.0, column * len(stimuli)), ylim=(2.0 * _HALF_IN * len(names), 0.0), xticks=[])
    middles = [2.0 * _HALF_IN * (place + 0.5) for place in range(len(names))]
    axes.set_yticks(middles, [_label(name) for name in names])
    axes.tick_params(axis="y", length=0)
    axes.spines[:].set_visible(False)
    cells = table[table["stimulus"].isin(stimuli)]
    for row in cells.to_dict("records"):
        left = column * stimuli.index(row["stimulus"])
        place = 2 * names.index(row["mechanism"]) + _SIDES.index(row["side"])
        _draw_half(axes, left, _HALF_IN * place, column, row)
    for k in range(len(names) + 1):
        axes.axhline(2.0 * _HALF_IN * k, color=GREY, linewidth=0.5, zorder=2, clip_on=False)
    for k in range(len(stimuli) + 1):
        axes.axvline(column * k, color=PALE, linewidth=0.8, zorder=2, clip_on=False)


def _label(name: str) -> str:
    room = _NAMES_IN - MARGIN_IN - 0.1
    return f"{shortened(name, room - 0.15)} †" if name in GATES else shortened(name, room)


def _draw_half(axes: Axes, left: float, top: float, column: float, row: Row) -> None:
    """Half a cell: colour, size, decay, and a frame if the sign is not as predicted."""
    colours = _GATE if row["mechanism"] in GATES else _TERM
    colour = colours[row["sign"]]
    axes.add_patch(
        Rectangle((left, top), column, _HALF_IN, facecolor=colour, edgecolor=PALE, linewidth=0.3)
    )
    is_clear = row["sign"] != "0"
    parts = [size_words(row["size"]), decay_words(row["half-life, days"])] if is_clear else []
    if not row["as predicted"]:
        parts.append(f"≠{row['predicted'].replace('-', '−')}")
        inner = column - 2 * _FRAME_IN, _HALF_IN - 2 * _FRAME_IN
        frame: dict[str, Any] = {"fill": False, "edgecolor": INK, "linewidth": 1.0, "zorder": 3}
        axes.add_patch(Rectangle((left + _FRAME_IN, top + _FRAME_IN), *inner, **frame))
    ink = PAPER if dark(colour) else INK
    _write_parts(axes, left, top + _HALF_IN / 2, column, parts, ink)


def _write_parts(
    axes: Axes, left: float, middle: float, column: float, parts: list[str], ink: str
) -> None:
    """Parts of a cell's text: one at the left, one at the right, and a third between them."""
    size = _fitting([" ".join(parts)], NOTE_PT, column - 2 * _PAD_IN)
    right = left + column - _PAD_IN
    words: dict[str, Any] = {"va": "center_baseline", "size": size, "color": ink}
    for part in parts[:-1]:
        axes.text(left + _PAD_IN, middle, part, ha="left", **words)
        left += width_of(f"{part} ", size)
    if parts:
        axes.text(right, middle, parts[-1], ha="right", **words)


def size_words(size: float) -> str:
    """A share in hundredths with its sign, with at most two digits."""
    value = 100.0 * size
    if abs(value) < 0.005:
        return "<0.01"
    places = next(k for k, least in enumerate((9.95, 0.095, 0.0)) if abs(value) >= least)
    return f"{value:+.{places}f}".replace("-", "−")


def decay_words(days: float | None) -> str:
    """Days until half an effect is left, or "stays"."""
    return "stays" if pd.isna(days) else f"{days:.0f} d"


# --- words -----------------------------------------------------------------------------------


def _described(figures: Figures, table: pd.DataFrame, titles: dict[str, str]) -> list[str]:
    clear = table[table["sign"] != "0"]
    sentences = []
    for name, title in figures["stimuli"].items():
        part = clear[clear["stimulus"] == name]
        found = "; ".join(_cell_words(row, titles) for row in part.to_dict("records"))
        sentences.append(f"{title.rstrip('.')}: {found or 'nothing distinguishable from zero'}.")
    wrong = table[~table["as predicted"]]
    misses = [
        f"{row['mechanism']} under {row['stimulus']}, {row['side']} (predicted {row['predicted']})"
        for row in wrong.to_dict("records")
    ]
    return [*sentences, f"Not as predicted: {'; '.join(misses) or 'none'}."]


def _cell_words(row: Row, titles: dict[str, str]) -> str:
    side = titles["r_u" if row["side"] == "underdog" else "r_d"]
    size, decay = size_words(row["size"]), decay_words(row["half-life, days"])
    return f"{row['mechanism']}, {side} {size} hundredths, {decay}"
