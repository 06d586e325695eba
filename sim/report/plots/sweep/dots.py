"""Outcomes at all combinations of settings of a sweep: dots with intervals."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.experiment.questions.surface import POINT_COLUMNS
from sim.report.plots.colours import BLUE, INK, PALE, SKY
from sim.report.plots.lettering import BOLD, shortened, width_of
from sim.report.plots.marks import name_rows, say_no_value
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture, first_fitting
from sim.report.plots.sweep.axes import lay_across
from sim.report.plots.sweep.factors import BAND, Levels, Sweep, evenly
from sim.report.plots.words import sentence, some_of, words_of
from sim.report.words import listed

_MOST_DOTS = 40
_DOT_IN = 0.19
_TALLEST_IN = 9.0


def draw_dots(sweep: Sweep) -> Picture:
    """All combinations of settings: mean with error, median and central 90 % of each outcome."""
    every = sweep.combinations()
    rows = evenly(every, _MOST_DOTS)
    labels = [sentence(sweep.in_words(levels)) or "As it stands" for levels in rows]
    names_in = min(2.4, max(width_of(label) for label in labels) + 0.15) + MARGIN_IN
    outcomes = sweep.figures["outcomes"]
    columns = 2 if len(outcomes) == 4 else min(3, len(outcomes))
    block_in = len(rows) * _DOT_IN + 0.55
    blocks = min(-(-len(outcomes) // columns), max(1, int((_TALLEST_IN - 0.6) / block_in)))
    drawn = outcomes[: blocks * columns]
    gap = 0.2
    width = (WIDTH_IN - names_in - MARGIN_IN) / columns - gap
    title = first_fitting(
        sentence(f"{listed([sweep.title(o) for o in drawn])} by {_factor_titles(sweep)}"),
        f"{len(drawn)} outcomes by {_factor_titles(sweep)}",
        f"{len(drawn)} outcomes under {len(every):,} combinations of settings",
    )
    picture = Picture(title, _explained(sweep))
    picture.top = 0.52
    room = names_in - MARGIN_IN - 0.1
    places = picture.panels(len(drawn), columns, names_in, (width + gap, block_in))
    for (column, left, top), outcome in zip(places, drawn, strict=True):
        head = shortened(sentence(sweep.title(outcome)), width / BOLD)
        picture.write(left, top, head, weight="bold")
        axes = picture.axes_at(left, top + 0.18, width, len(rows) * _DOT_IN)
        name_rows(axes, [shortened(label, room) for label in labels])
        axes.tick_params(axis="y", labelleft=column == 0)
        _draw_panel(axes, pd.concat([sweep.at(levels) for levels in rows]), outcome)
    left_out = some_of(len(rows), len(every), "combinations")
    left_out += some_of(len(drawn), len(outcomes), "outcomes")
    sentences = [*_words(sweep, rows, labels, drawn), *sweep.missing(*drawn)]
    return picture.finished(0.12, sweep.note(left_out, *drawn), sentences)


def _explained(sweep: Sweep) -> str:
    return (
        f"Dot: mean over {sweep.figures['runs']:,} runs, with its Monte Carlo error (95 %); "
        "stroke: median; line: 90 % of runs"
    )


def _factor_titles(sweep: Sweep) -> str:
    return listed([sweep.title(name) for name in sweep.settings] or ["nothing varied"])


def _draw_panel(axes: Axes, points: pd.DataFrame, outcome: str) -> None:
    """One outcome, one row per combination."""
    mean, error, median, low, high = (
        points[f"{outcome}{what}"].to_numpy(np.float64) for what in list(POINT_COLUMNS)[:5]
    )
    lay_across(axes, axes.xaxis, np.concatenate([mean, low, high]), outcome)
    axes.grid(axis="x", color=PALE, linewidth=0.4)
    axes.set_axisbelow(True)
    y = np.arange(len(points))
    axes.hlines(y, low, high, color=SKY, linewidth=1.6)
    axes.plot(median, y, "|", color=BLUE, markersize=6.0)
    axes.errorbar(
        mean, y, xerr=np.nan_to_num(error), fmt="o", color=INK, markersize=3.0, elinewidth=0.8,
        zorder=3,
    )  # fmt: skip
    for row in np.flatnonzero(~np.isfinite(mean)):
        say_no_value(axes, float(row))


def _words(
    sweep: Sweep, rows: list[Levels], labels: list[str], outcomes: Sequence[str]
) -> Iterator[str]:
    for outcome in outcomes:
        parts = []
        for label, levels in zip(labels, rows, strict=True):
            point = sweep.at(levels).iloc[0]
            mean, low, high = (words_of(outcome, point[f"{outcome}{w}"]) for w in BAND)
            parts.append(f"{label} {mean} ({low} to {high})")
        yield f"{sentence(sweep.title(outcome))}: {'; '.join(parts)}."
