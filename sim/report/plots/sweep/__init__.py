"""The figures of a sweep: maps, lines, dots with intervals or clouds of points."""

import pandas as pd

from sim.render.document import Figures
from sim.report.plots.picture import Picture
from sim.report.plots.style import house_style
from sim.report.plots.sweep.clouds import draw_clouds
from sim.report.plots.sweep.contrast_map import draw_contrast_map
from sim.report.plots.sweep.dots import draw_dots
from sim.report.plots.sweep.factors import Titles, read_sweep
from sim.report.plots.sweep.field_map import draw_field_map
from sim.report.plots.sweep.lines import draw_lines

__all__ = ["draw_sweep"]


@house_style()
def draw_sweep(figures: Figures, table: pd.DataFrame, titles: Titles) -> dict[str, Picture]:
    """The results of a sweep as pictures, by the names of their files.

    `figures` and `table` are the answer of a sweep; `titles` are those of factors and outcomes as
    used within a sentence; a name without one is made readable. A grid with a contrast gives one
    map per outcome with the difference next to it, a grid of two ranges one map per outcome, of one
    range lines, of none dots with intervals. Other designs give a cloud of points per outcome.
    """
    sweep = read_sweep(figures, table, titles)
    outcomes = figures["outcomes"]
    if figures["design"] != "grid":
        return {f"points_{outcome}": draw_clouds(sweep, outcome) for outcome in outcomes}
    if len(sweep.ranges) >= 2 and sweep.contrast is not None:
        contrast = sweep.contrast
        return {
            f"map_{outcome}": draw_contrast_map(sweep, outcome, contrast) for outcome in outcomes
        }
    if len(sweep.ranges) >= 2:
        return {f"map_{outcome}": draw_field_map(sweep, outcome) for outcome in outcomes}
    if sweep.ranges:
        return {"lines": draw_lines(sweep)}
    return {"settings": draw_dots(sweep)}
