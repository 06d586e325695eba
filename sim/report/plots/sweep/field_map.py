"""Maps of an outcome over two ranges of a sweep."""

import numpy as np

from sim.report.plots.lettering import LINE_IN, shortened, wrapped
from sim.report.plots.picture import MOST_PANELS, WIDTH_IN, Picture, first_fitting
from sim.report.plots.sweep import cells
from sim.report.plots.sweep.factors import Levels, Sweep
from sim.report.plots.words import sentence, some_of, words_of


def draw_field_map(sweep: Sweep, outcome: str) -> Picture:
    """An outcome over two ranges, one map for each level of the other factors."""
    x, y, *others = sweep.ranges
    every = sweep.combinations(others)
    drawn = sweep.combinations(others, most=MOST_PANELS)
    grids = [cells.grid_of(x, y, sweep.at(levels), outcome) for levels in drawn]
    columns = 2 if len(drawn) == 4 else min(3, len(drawn))
    room = WIDTH_IN - cells.LEFT_IN - cells.SCALE_ROOM_IN - (columns - 1) * cells.GAP_IN
    width = min(4.4, room / columns)
    height = (2.6, 1.9, cells.HEIGHT_IN)[columns - 1]
    heads = [_head(sweep, levels, width) for levels in drawn]
    head_in = max(map(len, heads)) * LINE_IN + 0.12
    picture = Picture(
        _title(sweep, outcome, grids), f"Mean over {sweep.figures['runs']:,} runs at each place"
    )
    picture.key(WIDTH_IN - 1.0, 0.27, cells.empty_key(grids), 1)
    picture.top = 0.42
    norm = cells.norm_of(np.array([grid.values for grid in grids]))
    steps = (width + cells.GAP_IN, head_in + height)
    places = picture.panels(len(grids), columns, cells.LEFT_IN, steps)
    for k, (column, left, top) in enumerate(places):
        here = top + head_in
        picture.write(left, here - 0.06, "\n".join(heads[k]), va="bottom", linespacing=1.1)
        axes = picture.axes_at(left, here, width, height)
        mesh = cells.paint(axes, grids[k], norm, cells.MEANS)
        sides = ("x" if k + columns >= len(grids) else "") + ("y" if column == 0 else "")
        cells.frame_map(axes, grids[k], width, height, sides)
        if k == columns - 1:
            cells.draw_scale(picture, mesh, left + width + 0.08, here, height, outcome)
    sentences = [
        f"{sentence(sweep.in_words(levels)) or 'The mean'}: {cells.span_words(outcome, grid)}."
        for levels, grid in zip(drawn, grids, strict=True)
    ]
    note = sweep.note(some_of(len(drawn), len(every), "panels"), outcome)
    return picture.finished(0.55, note, [*sentences, *sweep.missing(outcome)])


def _head(sweep: Sweep, levels: Levels, width: float) -> list[str]:
    """The fixed levels of a panel, in at most two lines."""
    if not levels:
        return []
    lines = wrapped(sentence(sweep.in_words(levels)), width)
    return lines if len(lines) <= 2 else [lines[0], shortened(" ".join(lines[1:]), width - 0.1)]


def _title(sweep: Sweep, outcome: str, grids: list[cells.Grid]) -> str:
    x, y, *_ = sweep.ranges
    title = sentence(sweep.title(outcome))
    plain = sentence(f"{title} by {x.title} and {y.title}")
    values = np.array([grid.values for grid in grids])
    if not np.isfinite(values).any():
        return first_fitting(plain)
    least, most = (
        f"{words_of(outcome, values[at])} ({x.in_words(x.levels[at[2]])}, "
        f"{y.in_words(y.levels[at[1]])})"
        for at in (
            np.unravel_index(pick(values), values.shape) for pick in (np.nanargmin, np.nanargmax)
        )
    )
    low, high = (words_of(outcome, float(pick(values))) for pick in (np.nanmin, np.nanmax))
    return first_fitting(
        f"{title}: {least} to {most}", f"{plain}: {low} to {high}", f"{title}: {low} to {high}"
    )
