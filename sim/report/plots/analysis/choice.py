"""The front of a choice: the options in two objectives, and the recommendation by budget."""

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.render.document import Figures
from sim.report.choice_names import objective_title, objective_unit
from sim.report.numbers import number
from sim.report.plots.colours import BLUE, GREY, INK, ORANGE, PALE
from sim.report.plots.lettering import LINE_IN, NOTE_PT, shortened, wrapped
from sim.report.plots.marks import round_ticks, word_ticks
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.style import house_style
from sim.report.plots.words import amount_of, sentence

_LEFT_IN, _HEIGHT_IN, _LIST_IN = 0.85, 3.2, 2.6
_PRICE = "price_usd"
_LOOKS = {"off the front": (PALE, "o"), "open": (GREY, "D"), "on the front": (BLUE, "o")}


@house_style()
def draw_front(figures: Figures, options: pd.DataFrame, title: str) -> Picture | None:
    """All options as points, the recommended ones ringed and named; None with one objective.

    The x axis is the price if it is an objective.
    """
    objectives = list(figures["objectives"])
    if len(objectives) < 2:
        return None
    y = next(name for name in objectives if figures["objectives"][name]["weight"])
    others = [name for name in objectives if name != y]
    x = _PRICE if _PRICE in others else others[0]
    picture = Picture(
        shortened(title, WIDTH_IN - 0.5),
        "Each point is an option, with 95 % Monte Carlo errors. On the front: no other is better "
        "in all objectives; off it: one is; open: undecided.",
    )
    picture.top += 0.22
    last = figures["budgets"][-1]["budget_usd"]
    shown = options if last is None else options[options["budget_usd"] == last]
    _keys(picture, shown)
    width = WIDTH_IN - _LEFT_IN - _LIST_IN - 0.25
    axes = picture.axes_at(_LEFT_IN, picture.top + 0.3, width, _HEIGHT_IN)
    _points(axes, shown, x, y)
    axes.set_xlabel(_axis_title(figures, x))
    axes.set_ylabel(_axis_title(figures, y))
    for axis, name in ((axes.xaxis, x), (axes.yaxis, y)):
        round_ticks(axis, 4)
        if objective_unit(figures, name) == "USD":
            word_ticks(axis, amount_of(name))
    _recommended(picture, axes, figures, (x, y))
    picture.top += _HEIGHT_IN + 0.85
    note = f"{figures['options']:,} options, {figures['wars']:,} wars, seed {figures['seed']}"
    return picture.finished(0.1, note, (_words(figures, budget) for budget in figures["budgets"]))


def _axis_title(figures: Figures, name: str) -> str:
    better = "less" if figures["objectives"][name]["better"] == "small" else "more"
    return f"{sentence(objective_title(figures, name))} ({better} is better)"


def _keys(picture: Picture, table: pd.DataFrame) -> None:
    """The legend of the marks in use."""
    marks: dict[str, Artist] = {
        words: Line2D([], [], color=colour, marker=marker, markersize=4, linestyle="")
        for words, (colour, marker) in reversed(_LOOKS.items())
        if (table["place"] == words).any()
    }
    ring = Line2D(
        [], [], marker="o", linestyle="", markersize=8, markerfacecolor="none", color=ORANGE
    )
    picture.key(MARGIN_IN, picture.top, marks | {"recommended": ring}, 4)


def _points(axes: Axes, table: pd.DataFrame, x: str, y: str) -> None:
    for place, (colour, marker) in _LOOKS.items():
        rows = table[table["place"] == place]
        axes.errorbar(
            rows[x], rows[y], xerr=rows[f"{x} ±"], yerr=rows[f"{y} ±"], color=colour,
            marker=marker, markersize=3, linestyle="", linewidth=0.6,
        )  # fmt: skip


def _recommended(
    picture: Picture, axes: Axes, figures: Figures, objectives: tuple[str, str]
) -> None:
    """A ring and a number for the recommendation by budget, and its name at the right."""
    top, left = picture.top + 0.3, WIDTH_IN - _LIST_IN
    for k, budget in enumerate(figures["budgets"], 1):
        best, usd = budget["best"], budget["budget_usd"]
        if best is None:
            name = "no option meets every constraint"
        else:
            name = best["option"]
            place = tuple(best["objectives"][objective]["mean"] for objective in objectives)
            axes.plot(*place, marker="o", markersize=9, markerfacecolor="none", color=ORANGE)
            axes.annotate(str(k), place, (5, 5), textcoords="offset points", size=NOTE_PT)
        heading = "Recommended" if usd is None else f"With {number(usd, 'USD')}"
        picture.write(left, top, f"{k}  {heading}", size=NOTE_PT, weight="bold", color=INK)
        lines = wrapped(name, _LIST_IN - 0.3)
        text = "\n".join(lines)
        picture.write(left + 0.14, top + LINE_IN, text, size=NOTE_PT, linespacing=1.1)
        top += LINE_IN * (1.4 + len(lines))


def _words(figures: Figures, budget: Figures) -> str:
    best = budget["best"]
    usd = budget["budget_usd"]
    start = "" if usd is None else f"With {number(usd, 'USD')}: "
    if best is None:
        return f"{start}no option meets every constraint."
    means = ", ".join(
        f"{objective_title(figures, name)} {number(found['mean'], objective_unit(figures, name))}"
        for name, found in best["objectives"].items()
    )
    return f"{start}recommended is {best['option']}: {means}."
