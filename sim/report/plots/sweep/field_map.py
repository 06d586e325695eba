"""Maps of an outcome over two ranges of a sweep."""

import numpy as np

from sim.report.plots.lettering import LINE_IN, shortened, wrapped
from sim.report.plots.picture import MOST_PANELS, WIDTH_IN, Picture
from sim.report.plots.sweep.factors import Levels, Sweep
from sim.report.plots.sweep.grid import (
    BAR_ROOM_IN,
    MAP_GAP_IN,
    MAP_HEIGHT_IN,
    MAP_LEFT_IN,
    MEANS,
    Grid,
    draw_bar,
    empty_key,
    frame_map,
    grid_of,
    norm_of,
    paint,
    span_words,
)
from sim.report.plots.sweep.words import explain, first_fitting, words_of
from sim.report.plots.words import sentence


def draw_field_map(sweep: Sweep, outcome: str) -> Picture:
    """An outcome over two ranges, a map for each level of what else varies."""
    x, y, *others = sweep.ranges
    every = sweep.combinations(others)
    drawn = sweep.combinations(others, most=MOST_PANELS)
    grids = [grid_of(x, y, sweep.at(levels), outcome) for levels in drawn]
    columns = 2 if len(drawn) == 4 else min(3, len(drawn))
    room = WIDTH_IN - MAP_LEFT_IN - BAR_ROOM_IN - (columns - 1) * MAP_GAP_IN
    width = min(4.4, room / columns)
    height = (2.6, 1.9, MAP_HEIGHT_IN)[columns - 1]
    lines = [_head(sweep, levels, width) for levels in drawn]
    head_in = max(len(head) for head in lines) * LINE_IN + 0.12
    rows = -(-len(drawn) // columns)
    top = 0.42
    picture = Picture(_title(sweep, outcome, grids), top + rows * (head_in + height) + 0.55)
    explain(picture, f"Mean over {sweep.figures['runs']:,} runs at each place")
    picture.key(WIDTH_IN - 1.0, 0.27, empty_key(grids), 1)
    norm = norm_of(np.array([grid.values for grid in grids]))
    for place, (grid, head) in enumerate(zip(grids, lines, strict=True)):
        row, column = divmod(place, columns)
        left = MAP_LEFT_IN + column * (width + MAP_GAP_IN)
        here = top + head_in + row * (head_in + height)
        picture.write(left, here - 0.06, "\n".join(head), va="bottom", linespacing=1.1)
        axes = picture.axes_at(left, here, width, height)
        mesh = paint(axes, grid, norm, MEANS)
        is_lowest = place + columns >= len(grids)
        sides = ("x" if is_lowest else "") + ("y" if column == 0 else "")
        frame_map(axes, grid, width, height, sides)
        if place == columns - 1:
            draw_bar(picture, mesh, left + width + 0.08, here, height, outcome)
    left_out = f"{len(drawn)} of {len(every)} panels shown; " if len(drawn) < len(every) else ""
    picture.note(sweep.note(left_out, outcome))
    words = (
        f"{sentence(sweep.in_words(levels)) or 'The mean'}: {span_words(outcome, grid)}."
        for levels, grid in zip(drawn, grids, strict=True)
    )
    return picture.described(*words, *sweep.missing(outcome))


def _head(sweep: Sweep, levels: Levels, width: float) -> list[str]:
    """What a panel holds fixed, in two lines at most."""
    if not levels:
        return []
    lines = wrapped(sentence(sweep.in_words(levels)), width)
    return lines if len(lines) <= 2 else [lines[0], shortened(" ".join(lines[1:]), width - 0.1)]


def _title(sweep: Sweep, outcome: str, grids: list[Grid]) -> str:
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
