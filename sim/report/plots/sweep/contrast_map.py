"""Maps of two settings of a sweep and of their difference."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.collections import QuadMesh
from matplotlib.colors import AsinhNorm, Colormap, LinearSegmentedColormap, Normalize
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.render.document import Figures
from sim.report.plots.colours import BLUE, INK, PAPER, VERMILION
from sim.report.plots.lettering import BOLD, shortened
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture, first_fitting
from sim.report.plots.sweep import cells
from sim.report.plots.sweep.axes import is_log
from sim.report.plots.sweep.factors import Levels, Sweep, points_at
from sim.report.plots.words import sentence, some_of

_DIFFERENCES = LinearSegmentedColormap.from_list(
    "differences", ["#003A5C", BLUE, "#F5F5F5", VERMILION, "#6B2E00"]
)
_FIRST_IN = 0.6
_MOST_ROWS = 4
_COLUMN_IN = (WIDTH_IN - cells.LEFT_IN - 2 * cells.GAP_IN - 2 * cells.SCALE_ROOM_IN) / 3


class _Row(NamedTuple):
    """A row of maps of a contrast: its fixed levels, both settings, and their difference."""

    levels: Levels
    first: cells.Grid
    second: cells.Grid
    difference: cells.Grid

    @property
    def verdicts(self) -> tuple[int, int, int]:
        """At how many places the first setting is above, below or not distinct from the second."""
        values, clear = self.difference.values, ~self.difference.unclear
        above, below = (int((clear & (sign * values > 0.0)).sum()) for sign in (1.0, -1.0))
        return above, below, int(np.isfinite(values).sum()) - above - below


def draw_contrast_map(sweep: Sweep, outcome: str, contrast: Figures) -> Picture:
    """Maps of two settings and of their difference, one row for each level of other factors."""
    others = sweep.ranges[2:]
    every = _rows(sweep, contrast, outcome, sweep.combinations(others, contrast["lever"]))
    some = sweep.combinations(others, contrast["lever"], _MOST_ROWS)
    rows = [row for row in every if row.levels in some]
    names = [sweep.setting(contrast["lever"], contrast[which]) for which in ("first", "second")]
    picture = Picture(_title(sweep, outcome, names, every), _explained(sweep, contrast, names))
    picture.key(MARGIN_IN, _FIRST_IN, _key(rows), 4)
    for column, words in enumerate((*names, f"{names[0]} − {names[1]}")):
        middle = _column_left(column) + _COLUMN_IN / 2
        text = shortened(sentence(words), _COLUMN_IN / BOLD)
        picture.write(middle, _FIRST_IN + 0.22, text, ha="center", weight="bold")
    looks = _looks(rows)
    picture.top = _FIRST_IN + 0.36
    for row in rows:
        picture.top += 0.28 if row.levels else 0.1
        words = shortened(sentence(sweep.in_words(row.levels)), WIDTH_IN - cells.LEFT_IN)
        picture.write(cells.LEFT_IN, picture.top - 0.17, words)
        meshes = _draw_row(picture, row, looks, row is rows[-1])
        for column in (1, 2) if row is rows[0] else ():
            left = _column_left(column) + _COLUMN_IN + 0.08
            cells.draw_scale(picture, meshes[column], left, picture.top, cells.HEIGHT_IN, outcome)
        picture.top += cells.HEIGHT_IN
    note = sweep.note(some_of(len(rows), len(every), "rows"), outcome)
    sentences = [*_words(sweep, outcome, names, every), *sweep.missing(outcome)]
    return picture.finished(0.55, note, sentences)


def _rows(sweep: Sweep, contrast: Figures, outcome: str, combinations: list[Levels]) -> list[_Row]:
    x, y, *_ = sweep.ranges
    places: pd.DataFrame = contrast["told"][outcome]
    rows = []
    for levels in combinations:
        one, other = (
            cells.grid_of(x, y, sweep.at(levels | {contrast["lever"]: contrast[which]}), outcome)
            for which in ("first", "second")
        )
        here = points_at(places[places["compared"]], levels)
        clear = cells.laid_out(x, y, here.assign(told=here["told"].astype(float)), "told") == 1.0
        rows.append(
            _Row(levels, one, other, replace(cells.grid_of(x, y, here, "mean"), unclear=~clear))
        )
    return rows


def _column_left(column: int) -> float:
    """The left edge of a column of maps, in inches; the means' colour bar is before the third."""
    return (
        cells.LEFT_IN
        + column * (_COLUMN_IN + cells.GAP_IN)
        + (cells.SCALE_ROOM_IN if column == 2 else 0)
    )


def _looks(rows: list[_Row]) -> list[tuple[Normalize, Colormap]]:
    """A common colour scale for both settings, and one centred at zero for their difference."""
    means = cells.norm_of(np.array([(row.first.values, row.second.values) for row in rows]))
    differences = np.array([row.difference.values for row in rows])
    far = float(np.max(np.abs(differences), where=np.isfinite(differences), initial=0.0)) or 1.0
    around: Normalize = Normalize(-far, far)
    clear = [np.abs(row.difference.values[~row.difference.unclear]) for row in rows]
    if is_log(np.concatenate(clear)):
        around = AsinhNorm(far / cells.FINE, -far, far)
    return [(means, cells.MEANS), (means, cells.MEANS), (around, _DIFFERENCES)]


def _draw_row(
    picture: Picture, row: _Row, looks: list[tuple[Normalize, Colormap]], is_last: bool
) -> list[QuadMesh]:
    """Three maps side by side."""
    meshes = []
    grids = (row.first, row.second, row.difference)
    for column, (grid, look) in enumerate(zip(grids, looks, strict=True)):
        axes = picture.axes_at(_column_left(column), picture.top, _COLUMN_IN, cells.HEIGHT_IN)
        meshes.append(cells.paint(axes, grid, *look))
        sides = ("y" if column == 0 else "") + ("x" if is_last else "")
        cells.frame_map(axes, grid, _COLUMN_IN, cells.HEIGHT_IN, sides)
    cells.hatch_below_zero(axes, meshes[-1], row.difference)
    cells.draw_zero_line(axes, row.difference)
    return meshes


def _key(rows: list[_Row]) -> dict[str, Artist]:
    """The legend of the lines and marks in use."""
    key: dict[str, Artist] = {}
    if any(cells.turns_sign(row.difference) for row in rows):
        key["no difference"] = Line2D([], [], color=INK, linewidth=1.1)
    if any((row.difference.values < 0.0).any() for row in rows):
        key["below zero"] = Patch(facecolor=BLUE, edgecolor=PAPER, hatch=cells.HATCH, linewidth=0)
    if any((row.difference.unclear & np.isfinite(row.difference.values)).any() for row in rows):
        key["not distinguishable from zero"] = Line2D([], [], **cells.UNCLEAR)
    grids = [grid for row in rows for grid in (row.first, row.second, row.difference)]
    return key | cells.empty_key(grids)


def _explained(sweep: Sweep, contrast: Figures, names: list[str]) -> str:
    return (
        f"Means over {sweep.figures['runs']:,} runs at each place, under both settings of "
        f"{sweep.title(contrast['lever'])}; right: {names[0]} minus {names[1]}, run by run "
        "on shared luck. Of the differences called distinguishable from zero 5 % are false on "
        "average."
    )


def _title(sweep: Sweep, outcome: str, names: list[str], rows: list[_Row]) -> str:
    above, below, neither = (sum(row.verdicts[k] for row in rows) for k in range(3))
    of = above + below + neither
    title, (one, other) = sentence(sweep.title(outcome)), names
    swap = _overtaking(rows) if above and below else None
    if swap is not None:
        words = f"{title}: {one} {swap[0]} {other} {swap[1]}"
        return first_fitting(words, words.rpartition(" (")[0])
    return first_fitting(
        f"{title}: {one} above {other} at {above:,} of {of:,} places, below at {below:,}, "
        f"no clear difference at {neither:,}",
        f"{title}: {one} above {other} at {above:,} of {of:,} places, below at {below:,}",
        f"{title}: {one} against {other}",
    )


def _overtaking(rows: list[_Row]) -> tuple[str, str] | None:
    """How and where the mean difference changes sign along the first range, if always once."""
    x = rows[0].difference.x
    at: list[float] = []
    rises = set()
    for line in np.concatenate([row.difference.values for row in rows]):
        seen = np.isfinite(line) & (line != 0.0)
        place, y = x.place(x.levels)[seen], line[seen]
        (turns,) = np.nonzero(np.sign(y[:-1]) != np.sign(y[1:]))
        if len(turns) != 1:
            return None
        k = turns[0]
        zero = place[k] - y[k] * (place[k + 1] - place[k]) / (y[k + 1] - y[k])
        at.append(10.0**zero if x.is_log else zero)
        rises.add(bool(y[k] < 0.0))
    if len(rises) > 1:
        return None
    ends = dict.fromkeys((x.words(min(at)), x.words(max(at))))
    where = f"at {' to '.join(ends)}{x.unit_suffix} ({x.title})"
    return ("rises above" if rises.pop() else "falls below"), where


def _words(sweep: Sweep, outcome: str, names: list[str], rows: list[_Row]) -> Iterator[str]:
    for row in rows:
        above, below, neither = row.verdicts
        spans = " and ".join(
            f"{name} {cells.span_words(outcome, grid)}"
            for name, grid in zip(names, (row.first, row.second), strict=True)
        )
        where = f"{sentence(sweep.in_words(row.levels))}: " if row.levels else ""
        yield (
            f"{where}{spans}; {names[0]} above at {above}, below at {below}, no clear difference "
            f"at {neither} places."
        )
