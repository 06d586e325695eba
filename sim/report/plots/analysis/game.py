"""The mixed strategies of a game: the probability of each option, one panel per budgets."""

from typing import Any

import pandas as pd
from matplotlib.patches import Patch

from sim.render.document import Figures
from sim.report.choice_names import (
    budgets_in_words,
    of_budget,
    outcome_of,
    outcome_title,
    player_names,
)
from sim.report.numbers import number, span, unit_of
from sim.report.plots.colours import BLUE, INK, ORANGE, PAPER
from sim.report.plots.lettering import NOTE_PT, shortened
from sim.report.plots.marks import name_rows, round_ticks
from sim.report.plots.picture import MARGIN_IN, MOST_PANELS, WIDTH_IN, Picture
from sim.report.plots.style import house_style
from sim.report.plots.words import sentence

_NAMES_IN, _ROW_IN, _GAP_IN = 4.2, 0.17, 0.65
_MOST_BARS = 8  # per side
_COLOURS = (BLUE, ORANGE)


@house_style()
def draw_mixes(figures: Figures, mixes: pd.DataFrame, title: str) -> Picture:
    """Bars of probabilities with their errors, the first side's above the second's."""
    first, second = player_names(figures)
    picture = Picture(
        shortened(title, WIDTH_IN - 0.5),
        "The probability with which each side plays an option. Whiskers: by how much another "
        "sample of wars would change it, 95 %.",
    )
    sides = {
        sentence(name): Patch(facecolor=colour)
        for name, colour in zip((first, second), _COLOURS, strict=True)
    }
    picture.key(MARGIN_IN, picture.top + 0.05, sides, 2)
    picture.top += 0.4
    sentences = []
    for place, budget in enumerate(figures["budgets"][:MOST_PANELS]):
        words = _value(figures, budget)
        picture.heading(sentence(budgets_in_words(figures, budget)) or "All options", words)
        rows = _rows(figures, of_budget(figures, place, mixes))
        axes = picture.axes_at(
            _NAMES_IN, picture.top + 0.22, WIDTH_IN - _NAMES_IN - 0.3, len(rows) * _ROW_IN
        )
        for k, row in enumerate(rows):
            axes.barh(k, row["chance"], 0.7, color=_COLOURS[row["side"]])
            if pd.notna(row["±"]) and row["±"] > 0.0:
                low = min(row["±"], row["chance"])
                high = min(row["±"], 1.0 - row["chance"])
                for colour, width in ((PAPER, 2.2), (INK, 0.8)):  # visible on a dark bar, too
                    axes.hlines(
                        k, row["chance"] - low, row["chance"] + high, color=colour, linewidth=width
                    )
        axes.set(ylim=(len(rows) - 0.4, -0.6), xlim=(0.0, 1.0), xlabel="Probability")
        room = _NAMES_IN - 0.2
        name_rows(axes, [shortened(row["option"], room) for row in rows], fontsize=NOTE_PT)
        round_ticks(axes.xaxis, 5)
        picture.top += len(rows) * _ROW_IN + _GAP_IN
        played = "; ".join(f"{row['option']} {row['chance']:.2f}" for row in rows)
        sentences.append(f"{words}: {played}.")
    note = (
        f"{figures['pairs_fought']:,} of {figures['pairs']:,} pairs fought, {figures['runs']:,} "
        f"wars each, seed {figures['seed']}"
    )
    return picture.finished(0.1, note, sentences)


def _rows(figures: Figures, table: pd.DataFrame) -> list[dict[str, Any]]:
    """The options most played by each side, each with the number of its side."""
    found: list[dict[str, Any]] = []
    for side, name in enumerate(figures["players"]):
        own = table[table["player"] == name].head(_MOST_BARS)
        rows = own.to_dict("records")
        found += [{str(k): v for k, v in row.items()} | {"side": side} for row in rows]
    return found


def _value(figures: Figures, budget: Figures) -> str:
    if not figures["is_opposed"]:
        return "play by best answers"
    unit = unit_of(outcome_of(figures))
    return f"{outcome_title(figures)} {number(budget['value'], unit)} ({span(budget, unit)})"
