"""The front of a choice: what each option comes to in two objectives, a panel a budget."""

from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.report.answers.choice import title as titled
from sim.report.answers.choice import unit
from sim.report.numbers import number
from sim.report.plots.colours import BLUE, GREY, INK, ORANGE, PALE
from sim.report.plots.lettering import NOTE_PT, shortened
from sim.report.plots.marks import round_ticks, word_ticks
from sim.report.plots.picture import MARGIN_IN, MOST_PANELS, WIDTH_IN, Picture
from sim.report.plots.style import house_style
from sim.report.plots.words import amount_of, sentence

Figures = dict[str, Any]

_LEFT_IN, _HEIGHT_IN, _GAP_IN = 0.8, 1.9, 0.75
_MOST_NAMED = 9
_LIST_IN = 2.75
_LOOKS = {"on the front": BLUE, "open": GREY, "off the front": PALE}


@house_style()
def draw_front(figures: Figures, options: pd.DataFrame, title: str) -> Picture | None:
    """Points of options, those on the front numbered and listed; None with one objective alone."""
    objectives = list(figures["objectives"])
    if len(objectives) < 2:
        return None
    deciding = next(name for name in objectives if figures["objectives"][name]["weight"])
    other = next(name for name in objectives if name != deciding)
    picture = Picture(
        shortened(title, WIDTH_IN - 0.5),
        "Each point is an option, with 95 % Monte Carlo errors. Blue: no other is better in all "
        "objectives; grey: not told yet; pale: another is surely better. Orange ring: recommended.",
    )
    picture.top += 0.25
    _keys(picture)
    picture.top += 0.2
    sentences = []
    for budget in figures["budgets"][:MOST_PANELS]:
        usd = budget["budget_usd"]
        here = options if usd is None else options[options["budget_usd"] == usd]
        aside = f"{len(here):,} options"
        picture.heading("All options" if usd is None else f"Budget {number(usd, 'USD')}", aside)
        width = WIDTH_IN - _LEFT_IN - _LIST_IN - 0.3
        axes = picture.axes_at(_LEFT_IN, picture.top + 0.25, width, _HEIGHT_IN)
        shown = _points(axes, here, other, deciding, budget)
        axes.set_xlabel(sentence(titled(figures, other)))
        axes.set_ylabel(sentence(titled(figures, deciding)))
        for axis, name in ((axes.xaxis, other), (axes.yaxis, deciding)):
            round_ticks(axis, 4)
            word_ticks(axis, amount_of(name))
        _listed(picture, shown)
        picture.top += _HEIGHT_IN + _GAP_IN
        sentences.append(_words(figures, budget))
    note = f"{figures['wars']:,} wars, seed {figures['seed']}"
    return picture.finished(0.1, note, sentences)


def _keys(picture: Picture) -> None:
    look: Figures = {"marker": "o", "linestyle": "", "markersize": 4}
    marks: dict[str, Artist] = {
        words: Line2D([], [], color=colour, **look) for words, colour in _LOOKS.items()
    }
    marks["recommended"] = Line2D(
        [], [], marker="o", linestyle="", markersize=7, markerfacecolor="none", color=ORANGE
    )
    picture.key(MARGIN_IN, picture.top, marks, 4)


def _points(axes: Axes, table: pd.DataFrame, x: str, y: str, budget: Figures) -> list[str]:
    """Draw the options; returns the names of those that are numbered."""
    for place in ("off the front", "open", "on the front"):
        rows = table[table["place"] == place]
        axes.errorbar(
            rows[x], rows[y], xerr=rows[f"{x} ±"], yerr=rows[f"{y} ±"], color=_LOOKS[place],
            marker="o", markersize=3, linestyle="", linewidth=0.6,
        )  # fmt: skip
    by = "behind" if budget["best"] else y
    named = table[table["place"] != "off the front"].sort_values(by, kind="stable")
    named = named.head(_MOST_NAMED)
    for k, row in enumerate(named.to_dict("records"), 1):
        axes.annotate(
            str(k), (row[x], row[y]), (3, 3), textcoords="offset points", size=NOTE_PT, color=INK
        )
    if budget["best"]:
        best = table[table["option"] == budget["best"]["option"]].iloc[0]
        axes.plot(best[x], best[y], marker="o", markersize=8, markerfacecolor="none", color=ORANGE)
    return [str(name) for name in named["option"]]


def _listed(picture: Picture, names: list[str]) -> None:
    for k, name in enumerate(names):
        text = shortened(f"{k + 1}  {name}", _LIST_IN - 0.15)
        left = WIDTH_IN - _LIST_IN
        picture.write(left, picture.top + 0.3 + 0.19 * k, text, size=NOTE_PT)


def _words(figures: Figures, budget: Figures) -> str:
    best = budget["best"]
    usd = budget["budget_usd"]
    start = "" if usd is None else f"With {number(usd, 'USD')}: "
    if best is None:
        return f"{start}no option meets every constraint."
    means = ", ".join(
        f"{titled(figures, name)} {number(found['mean'], unit(figures, name))}"
        for name, found in best["objectives"].items()
    )
    return f"{start}recommended is {best['option']}: {means}."
