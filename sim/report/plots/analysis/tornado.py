"""The figure of a sensitivity analysis: one tornado per outcome, with the index of each bar."""

from collections.abc import Callable

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.render.document import Figures
from sim.report.plots.colours import BLUE, GREY, INK, ORANGE, PALE
from sim.report.plots.lettering import LINE_IN, NOTE_PT, fitting_path
from sim.report.plots.marks import name_rows, round_ticks, word_ticks
from sim.report.plots.picture import MARGIN_IN, MOST_PANELS, Picture, title_before
from sim.report.plots.style import house_style
from sim.report.plots.words import amount_of, readable, rough, sentence, some_of

_MOST_BARS, _FEWEST_BARS = 10, 3
_PAGE_IN = 9.2
"""The height available for the bars of all outcomes on a page."""
_FIRST_IN, _ROW_IN, _GAP_IN = 0.7, 0.16, 0.62
_NAMES_IN, _BARS_IN, _INDEX_IN = 2.55, 2.2, 1.75
_INDEX = {
    "sobol": ("Share of variance", ("total", "first")),
    "morris": ("Size of effect", ("effect",)),
    "delta": ("Delta", ("index",)),
    "pawn": ("PAWN index", ("index",)),
}
_LOOKS = ((INK, "o"), (BLUE, "s"))
_METHODS = {
    "sobol": "Sobol' indices", "morris": "elementary effects (Morris)", "delta": "delta",
    "pawn": "PAWN",
}  # fmt: skip


@house_style()
def draw_tornado(figures: Figures, title: str) -> Picture | None:
    """Bars from the mean outcome at a figure's low end to that at its high end, largest first.

    `figures` is the answer of a sensitivity analysis, `title` the scenario's. Next to each bar are
    its indices with their 95 % intervals, or if they have none, 1.96 standard deviations over
    resamples; hollow marks are not distinct from chance or luck. None if no outcome varies.
    """
    every = {name: found for name, found in figures["outcomes"].items() if found["figures"]}
    if not every:
        return None
    drawn = dict(list(every.items())[:MOST_PANELS])
    method = figures["method"]
    heading = title_before(f"What it depends on: {title}", f", by {_METHODS[method]}")
    picture = Picture(heading, _explained(figures))
    bars = min(_MOST_BARS, max(_FEWEST_BARS, int((_PAGE_IN / len(drawn) - _GAP_IN) / _ROW_IN)))
    picture.top = _FIRST_IN
    _draw_keys(picture, _INDEX[method][1])
    for outcome, found in drawn.items():
        write = amount_of(outcome)
        picture.heading(_outcome_title(outcome), f"mean {write(found['mean'])}")
        _draw_outcome(picture, method, found | {"figures": found["figures"][:bars]}, write)
    points = "" if figures["points"] is None else f"{figures['points']:,} points, "
    note = (
        f"{some_of(len(drawn), len(every), 'outcomes')}{_cut(drawn, bars)}{points}"
        f"{figures['runs']:,} runs, {figures['wars']:,} wars, seed {figures['seed']}"
    )
    sentences = (_words(outcome, found["figures"]) for outcome, found in drawn.items())
    return picture.finished(0.15, note, sentences)


def _outcome_title(outcome: str) -> str:
    unit = ", USD" if outcome.endswith("_usd") else ""
    return f"{sentence(readable(outcome.removesuffix('_usd')))}{unit}"


def _cut(drawn: dict[str, Figures], bars: int) -> str:
    """A note that figures are left out, or nothing."""
    is_cut = any(len(found["figures"]) > bars for found in drawn.values())
    return f"the {bars} largest of each outcome; " if is_cut else ""


def _explained(figures: Figures) -> str:
    text = (
        "Bars run from the mean outcome with the figure in the lowest fifth of its range (blue) to "
        "that in the highest (orange), the others anywhere. "
    )
    if figures["method"] == "morris":
        text = "Bars are the mean effect of a figure across its range, about the mean outcome. "
    of_wars = figures["points"] is None
    whiskers = "are 1.96 sd over resamples, no 95 % interval" if of_wars else "hold 95 %"
    chance = "chance" if of_wars else "0 or luck"
    return (
        f"{text}Whiskers {whiskers}; grey ticks: what luck alone gives; hollow: not "
        f"distinguishable from {chance}."
    )


def _draw_keys(picture: Picture, measures: tuple[str, ...]) -> None:
    top = picture.top - LINE_IN / 2 - 0.06
    ends = {"low end": Patch(facecolor=BLUE), "high end": Patch(facecolor=ORANGE)}
    picture.key(_NAMES_IN + 0.4, top, ends, 2)
    marks: dict[str, Artist] = {
        name: Line2D([], [], color=colour, marker=marker, markersize=3, linewidth=0.8)
        for name, (colour, marker) in zip(measures, _LOOKS, strict=False)
    }
    if len(measures) > 1:
        picture.key(_NAMES_IN + _BARS_IN + _INDEX_IN - 0.55, top, marks, 2)


def _draw_outcome(
    picture: Picture, method: str, found: Figures, write: Callable[[float], str]
) -> None:
    """The bars of one outcome, with their indices to the right."""
    rows = found["figures"]
    height = len(rows) * _ROW_IN
    left = picture.axes_at(_NAMES_IN, picture.top + 0.17, _BARS_IN, height)
    _draw_bars(left, rows, found["mean"])
    word_ticks(left.xaxis, write)
    right = picture.axes_at(_NAMES_IN + _BARS_IN + 0.25, picture.top + 0.17, _INDEX_IN, height)
    label, measures = _INDEX[method]
    for measure, look in zip(measures, _LOOKS, strict=False):
        aside = 0.0 if len(measures) == 1 else 0.14 if measure == "first" else -0.14
        _draw_indices(right, rows, measure, look, aside)
    right.set(ylim=(len(rows) - 0.5, -0.5), xlabel=label, yticks=[])
    right.set_xlim(left=min(0.0, right.get_xlim()[0]))
    right.axvline(0.0, color=PALE, linewidth=0.6, zorder=0)
    round_ticks(right.xaxis, 4)
    if method == "morris":
        word_ticks(right.xaxis, write)
    picture.top += height + _GAP_IN


def _draw_bars(axes: Axes, rows: list[Figures], mean: float) -> None:
    for place, row in enumerate(rows):
        for end, colour in (("at low", BLUE), ("at high", ORANGE)):
            axes.barh(place, row[end] - mean, 0.72, mean, color=colour)
    axes.axvline(mean, color=INK, linewidth=0.6)
    room = _NAMES_IN - MARGIN_IN - 0.1
    name_rows(axes, [fitting_path(row["figure"], room) for row in rows], fontsize=NOTE_PT)
    axes.set_xlabel("Mean outcome")
    round_ticks(axes.xaxis, 4)


def _draw_indices(
    axes: Axes, rows: list[Figures], measure: str, look: tuple[str, str], aside: float
) -> None:
    colour, marker = look
    for place, row in enumerate(rows):
        index, y = row[measure], place + aside
        axes.errorbar(
            index["value"], y, xerr=index["±"], color=colour, marker=marker, markersize=3,
            markerfacecolor=colour if index["verdict"] != "nothing" else "white", linewidth=0.8,
        )  # fmt: skip
        axes.plot([index["chance"]] * 2, [y - 0.2, y + 0.2], color=GREY, linewidth=0.8)


def _words(outcome: str, rows: list[Figures]) -> str:
    name = next(key for key, value in rows[0].items() if isinstance(value, dict))
    first = "; ".join(f"{row['figure']} {rough(row[name]['value'])}" for row in rows[:3])
    index = name if name == "index" else f"{name} index"
    return f"{readable(outcome).capitalize()}: {index}, {first}."
