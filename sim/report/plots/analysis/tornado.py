"""The figure of a sensitivity analysis: a tornado an outcome, with the index of each bar."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.report.plots.colours import BLUE, GREY, INK, ORANGE, PALE, SKY
from sim.report.plots.lettering import LINE_IN, NOTE_PT, shortened, width_of, wrapped
from sim.report.plots.picture import MARGIN_IN, MOST_PANELS, WIDTH_IN, Picture
from sim.report.plots.style import house_style
from sim.report.plots.words import dollars, number, rough

Figures = dict[str, Any]

_MOST_BARS = 10
_FIRST_IN, _ROW_IN, _GAP_IN = 0.62, 0.16, 0.62
_NAMES_IN, _BARS_IN, _INDEX_IN = 2.55, 2.2, 1.75
_INDEX = {
    "sobol": ("Share of variance", ("total", "first")),
    "morris": ("Size of effect", ("effect",)),
    "delta": ("Delta", ("index",)),
    "pawn": ("PAWN index", ("index",)),
}
_METHODS = {
    "sobol": "Sobol' indices", "morris": "elementary effects (Morris)", "delta": "delta",
    "pawn": "PAWN",
}  # fmt: skip


@house_style()
def draw_tornado(figures: Figures, title: str) -> Picture | None:
    """Bars from the mean outcome at a figure's low end to that at its high end, largest first.

    `figures` is the answer of a sensitivity analysis, `title` the scenario's. Next to each bar
    stand its indices with their 95 % intervals, or where they have none 1.96 standard deviations
    over resamples; hollow marks are not distinct from chance or luck.
    None where no outcome varies.
    """
    every = {name: found for name, found in figures["outcomes"].items() if found["figures"]}
    if not every:
        return None
    drawn = dict(list(every.items())[:MOST_PANELS])
    bars = {name: found["figures"][:_MOST_BARS] for name, found in drawn.items()}
    heights = {name: len(rows) * _ROW_IN for name, rows in bars.items()}
    height = _FIRST_IN + sum(heights.values()) + len(drawn) * _GAP_IN + 0.15
    room = WIDTH_IN - 2.2
    heading = f"What it hangs on: {shortened(title, room)}, by {_METHODS[figures['method']]}"
    picture = Picture(heading, height)
    picture.write(MARGIN_IN, 0.27, "\n".join(_explained(figures)), color=GREY, linespacing=1.1)
    top = _FIRST_IN
    for place, (name, rows) in enumerate(bars.items()):
        _panel(picture, top, figures, name, drawn[name], rows, place == 0)
        top += heights[name] + _GAP_IN
    picture.note(_note(figures, len(drawn), len(every)))
    return picture.described(*_described(bars))


def _explained(figures: Figures) -> list[str]:
    text = (
        "Bars run from the mean outcome with the figure in the lowest fifth of its range (blue) to "
        "that in the highest (orange), the others anywhere. "
    )
    if figures["method"] == "morris":
        text = "Bars are the mean effect of a figure across its range, about the mean outcome. "
    of_wars = figures["points"] is None
    whiskers = "are 1.96 sd over resamples, no 95 % interval" if of_wars else "hold 95 %"
    return wrapped(
        f"{text}Whiskers {whiskers}; grey ticks: what luck alone gives; hollow: not told from "
        f"{'chance' if of_wars else '0 or luck'}.",
        WIDTH_IN - 2 * MARGIN_IN,
    )


def _note(figures: Figures, drawn: int, of: int) -> str:
    left_out = f"{drawn} of {of} outcomes shown; " if drawn < of else ""
    points = "" if figures["points"] is None else f"{figures['points']:,} points, "
    return (
        f"{left_out}{points}{figures['runs']:,} runs, {figures['wars']:,} wars, "
        f"seed {figures['seed']}"
    )


def _panel(
    picture: Picture, top: float, figures: Figures, outcome: str, found: Figures,
    rows: list[Figures], is_first: bool,
) -> None:  # fmt: skip
    height = len(rows) * _ROW_IN
    money = outcome.endswith("_usd")
    aside = f"mean {dollars(found['mean']) if money else number(found['mean'])}"
    picture.heading(top, outcome.replace("_", " "), aside)
    left = picture.axes_at(_NAMES_IN, top + 0.17, _BARS_IN, height)
    _bars(left, rows, found["mean"])
    names = [_fitting(row["figure"], _NAMES_IN - MARGIN_IN - 0.1) for row in rows]
    left.set_yticks(range(len(rows)), names, fontsize=NOTE_PT)
    left.tick_params(axis="y", length=0)
    left.set_xlabel("Mean outcome")
    left.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    write = dollars if money else number
    left.xaxis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))
    right = picture.axes_at(_NAMES_IN + _BARS_IN + 0.25, top + 0.17, _INDEX_IN, height)
    label, measures = _INDEX[figures["method"]]
    for measure, colour in zip(measures, (INK, BLUE), strict=False):
        _indices(right, rows, measure, colour, 0.14 if measure == "first" else -0.14 * len(measures)
                 + 0.14)  # fmt: skip
    right.set(ylim=(len(rows) - 0.5, -0.5), xlabel=label)
    right.set_xlim(left=min(0.0, right.get_xlim()[0]))
    right.set_yticks([])
    right.axvline(0.0, color=PALE, linewidth=0.6, zorder=0)
    right.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    if money and figures["method"] == "morris":
        right.xaxis.set_major_formatter(FuncFormatter(lambda value, _: dollars(value)))
    if is_first and len(measures) > 1:
        marks = {
            name: Line2D([], [], color=colour, marker="o", markersize=3, linewidth=0.8)
            for name, colour in zip(measures, (INK, BLUE), strict=True)
        }
        picture.key(_NAMES_IN + _BARS_IN + _INDEX_IN - 0.55, top - LINE_IN / 2 - 0.06, marks, 2)
    if is_first:
        ends = {"low end": Patch(facecolor=SKY), "high end": Patch(facecolor=ORANGE)}
        picture.key(_NAMES_IN + 0.4, top - LINE_IN / 2 - 0.06, ends, 2)


def _bars(axes: Axes, rows: list[Figures], mean: float) -> None:
    for place, row in enumerate(rows):
        for end, colour in (("at low", SKY), ("at high", ORANGE)):
            axes.barh(place, row[end] - mean, 0.72, mean, color=colour)
    axes.axvline(mean, color=INK, linewidth=0.6)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.spines["left"].set_visible(False)


def _indices(axes: Axes, rows: list[Figures], measure: str, colour: str, shift: float) -> None:
    for place, row in enumerate(rows):
        index = row[measure]
        axes.errorbar(
            index["value"], place + shift, xerr=index["±"], color=colour, marker="o", markersize=3,
            markerfacecolor=colour if index["verdict"] != "nothing" else "white", linewidth=0.8,
        )  # fmt: skip
        axes.plot(
            [index["chance"]] * 2, [place + shift - 0.2, place + shift + 0.2], color=GREY,
            linewidth=0.8,
        )  # fmt: skip


def _fitting(path: str, width_in: float) -> str:
    """A dotted path; what has no room is left out at its start."""
    short = path
    while width_of(short, NOTE_PT) > width_in:
        short = f"…{short.lstrip('…')[1:]}"
    return short


def _described(bars: dict[str, list[Figures]]) -> list[str]:
    sentences = []
    for outcome, rows in bars.items():
        name = next(iter(key for key, value in rows[0].items() if isinstance(value, dict)))
        first = "; ".join(f"{row['figure']} {rough(row[name]['value'])}" for row in rows[:3])
        index = name if name == "index" else f"{name} index"
        sentences.append(f"{outcome.replace('_', ' ').capitalize()}: {index}, {first}.")
    return sentences
