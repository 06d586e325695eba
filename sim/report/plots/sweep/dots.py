"""Outcomes at every combination of settings of a sweep: dots with intervals."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.experiment.questions.surface import POINT_COLUMNS
from sim.report.plots.colours import BLUE, GREY, INK, PALE, SKY
from sim.report.plots.lettering import NOTE_PT, shortened, width_of
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.sweep.axes import lay_across
from sim.report.plots.sweep.factors import BAND, Levels, Sweep, evenly
from sim.report.plots.sweep.words import (
    BOLD,
    combinations_left_out,
    explain,
    first_fitting,
    listed,
    outcomes_left_out,
    words_of,
)
from sim.report.plots.words import sentence

_MOST_DOTS = 40
_DOT_IN = 0.19
_TALLEST_IN = 9.0


def draw_dots(sweep: Sweep) -> Picture:
    """Every combination of settings: mean with error, median and central 90 % of each outcome."""
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
    picture = Picture(title, 0.52 + blocks * block_in + 0.12)
    explain(
        picture,
        f"Dot: mean over {sweep.figures['runs']:,} runs, with its Monte Carlo error (95 %); "
        "stroke: median; line: 90 % of runs",
    )
    for place, outcome in enumerate(drawn):
        block, column = divmod(place, columns)
        left = names_in + column * (width + gap)
        top = 0.52 + block * block_in
        head = shortened(sentence(sweep.title(outcome)), width / BOLD)
        picture.write(left, top, head, weight="bold")
        axes = picture.axes_at(left, top + 0.18, width, len(rows) * _DOT_IN)
        _draw_panel(axes, sweep, rows, outcome)
        room = names_in - MARGIN_IN - 0.1
        axes.set_yticks(range(len(rows)), [shortened(label, room) for label in labels])
        axes.tick_params(axis="y", length=0, labelleft=column == 0)
    left_out = combinations_left_out(len(rows), len(every))
    left_out += outcomes_left_out(len(drawn), len(outcomes))
    picture.note(sweep.note(left_out, *drawn))
    return picture.described(*_words(sweep, rows, labels, drawn), *sweep.missing(*drawn))


def _factor_titles(sweep: Sweep) -> str:
    return listed([sweep.title(name) for name in sweep.settings] or ["nothing varied"])


def _draw_panel(axes: Axes, sweep: Sweep, rows: list[Levels], outcome: str) -> None:
    """One outcome, a row a combination."""
    points = pd.concat([sweep.at(levels) for levels in rows])
    mean, error, median, low, high = (
        points[f"{outcome}{what}"].to_numpy(np.float64) for what in list(POINT_COLUMNS)[:5]
    )
    lay_across(axes, axes.xaxis, np.concatenate([mean, low, high]), outcome)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=PALE, linewidth=0.4)
    axes.set_axisbelow(True)
    y = np.arange(len(rows))
    axes.hlines(y, low, high, color=SKY, linewidth=1.6)
    axes.plot(median, y, "|", color=BLUE, markersize=6.0)
    axes.errorbar(
        mean, y, xerr=np.nan_to_num(error), fmt="o", color=INK, markersize=3.0, elinewidth=0.8,
        zorder=3,
    )  # fmt: skip
    for place in np.flatnonzero(~np.isfinite(mean)):
        axes.text(
            0.5, float(place), "no value", ha="center", va="center", size=NOTE_PT, color=GREY,
            transform=axes.get_yaxis_transform(),
        )  # fmt: skip


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
