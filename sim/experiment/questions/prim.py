"""The patient rule induction method (PRIM): boxes in which something happens more often.

From all wars a small share is peeled off at a time, at either end of one figure, until few are
left; then slices that make the box denser are pasted back. Only the order of a figure's values
matters. Sources: friedman_fisher1999, bryant_lempert2010.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim.experiment.statistics.estimate import share

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Figures = dict[str, Any]
Box = dict[str, tuple[float, float]]
"""The limits, both inclusive, of each figure that a box restricts; infinite if open."""


class Wars(NamedTuple):
    """Figures of wars, a column each, and in which of them something happens."""

    x: pd.DataFrame
    happens: Bools

    def half(self, odd: int) -> "Wars":
        """Every other war: from the second if `odd` is 1, from the first if it is 0."""
        return Wars(self.x.iloc[odd::2].reset_index(drop=True), self.happens[odd::2])

    def where(self, chosen: Bools) -> "Wars":
        """Some of the wars."""
        return Wars(self.x[chosen].reset_index(drop=True), self.happens[chosen])


# --- what a box is worth ---------------------------------------------------------------------


def inside(x: pd.DataFrame, box: Box) -> Bools:
    """Which wars lie in a box, shape (runs,)."""
    found = np.ones(len(x), np.bool_)
    for path, (low, high) in box.items():
        values = x[path].to_numpy()
        found &= (values >= low) & (values <= high)
    return found


def worth(wars: Wars, box: Box, whole: Wars | None = None) -> Figures:
    """Coverage, density and mass of a box.

    Coverage is the share of all cases that the box holds, density the share of its wars that are
    cases, mass the share of all wars in it. `wars` may be those that earlier boxes leave of the
    `whole`, to which all cases and all wars refer. Source: bryant_lempert2010.
    """
    of = wars if whole is None else whole
    within = inside(wars.x, box)
    hits = int((wars.happens & within).sum())
    return {
        "coverage": hits / max(1, int(of.happens.sum())),
        "density": hits / int(within.sum()) if within.any() else None,
        "mass": int(within.sum()) / len(of.happens),
        "wars": int(within.sum()),
    }


def worth_with_errors(wars: Wars, box: Box, whole: Wars | None = None) -> Figures:
    """What a box is worth on wars that it was not found on, with errors of coverage and density.

    On the wars it was found on it looks better than it is, and no error says by how much.
    """
    of = wars if whole is None else whole
    hits = wars.happens & inside(wars.x, box)
    coverage = share(np.arange(of.happens.sum()) < hits.sum())
    density = share(wars.happens[inside(wars.x, box)])
    return worth(wars, box, whole) | {
        "coverage_error": coverage["share_error"], "density_error": density["share_error"]
    }  # fmt: skip


def quasi_p(wars: Wars, box: Box, path: str) -> float:
    """The probability that chance alone makes a box as dense as one of its restrictions does.

    A one-sided binomial test of the wars in the box against the density of the box without the
    restriction. Source: bryant_lempert2010.
    """
    wider = {name: limits for name, limits in box.items() if name != path}
    within, around = inside(wars.x, box), inside(wars.x, wider)
    if not within.any():
        return 1.0
    p = float(wars.happens[around].mean())
    return float(stats.binom.sf((wars.happens & within).sum() - 1, within.sum(), p))


# --- the way to it ---------------------------------------------------------------------------


class _Move(NamedTuple):
    """A moved limit, `end` 0 for the lower and 1 for the upper: wars and cases then in the box."""

    figure: int
    end: int
    limit: int
    wars: int
    cases: int

    @property
    def density(self) -> float:
        return self.cases / self.wars


def peeled(wars: Wars, share: float, fewest: int) -> list[Box]:
    """Each box of a trajectory, from all wars to the densest of at least `fewest`, then the pasted.

    At most `share` of the wars in the box are peeled at a time, or the wars of one value if they
    are more. The peel is taken that raises the density most per war removed, so that a figure of
    few values has no advantage by its larger peels. Peels after the densest box would only lose
    cases, and are left out. Half that share is pasted at a time: a finer slice finds the edge that
    a peel overshot. Source: friedman_fisher1999.
    """
    values, places = _ranked(wars.x)
    limits = np.array([[0, len(column) - 1] for column in values], np.int64)
    way, densities = [limits], [float(wars.happens.mean())]
    while move := _best_peel(places, wars.happens, way[-1], share, fewest):
        way.append(_moved(way[-1], move))
        densities.append(move.density)
    way = way[: int(np.argmax(densities)) + 1]
    while move := _best_paste(places, wars.happens, way[-1], share / 2.0):
        way.append(_moved(way[-1], move))
    return [_box(wars.x, values, limits) for limits in way]


def _ranked(x: pd.DataFrame) -> tuple[list[NDArray[Any]], Ints]:
    """The sorted values of each figure, and the rank of each war among them, shaped as x."""
    columns = [np.unique(x[path].to_numpy(), return_inverse=True) for path in x]
    return [values for values, _ in columns], np.column_stack([place for _, place in columns])


def _best_peel(
    places: Ints, happens: Bools, limits: Ints, share: float, fewest: int
) -> _Move | None:
    within = _within(places, limits).all(axis=1)
    x, y = places[within], happens[within]
    wars, cases = len(y), int(y.sum())
    moves = []
    for figure, end in np.ndindex(limits.shape):
        levels, number, hits = _levels(x[:, figure], y, from_top=end == 1)
        last = _reached(number, share * wars)
        left = wars - int(number[: last + 1].sum())
        if left >= fewest:
            limit = _between(int(levels[last + 1]), int(levels[last]))
            moves.append(_Move(figure, end, limit, left, cases - int(hits[: last + 1].sum())))
    return max(
        moves,
        key=lambda move: (move.density - cases / wars) / (wars - move.wars),
        default=None,
    )


def _best_paste(places: Ints, happens: Bools, limits: Ints, share: float) -> _Move | None:
    """The paste that gives the densest box, if it is denser than the present one."""
    is_within = _within(places, limits)
    misses = (~is_within).sum(axis=1)
    wars, cases = int((misses == 0).sum()), int(happens[misses == 0].sum())
    moves = []
    for figure, end in np.ndindex(limits.shape):
        column, limit = places[:, figure], limits[figure, end]
        beyond = (misses == 1) & (column > limit if end else column < limit)
        levels, number, hits = _levels(column[beyond], happens[beyond], from_top=end == 0)
        if not len(levels):
            continue
        last = _reached(number, share * wars)
        is_all = last + 1 == len(levels)
        to = int(column.max() if end else 0) if is_all else _between(*map(int, levels[last:][:2]))
        more = int(number[: last + 1].sum()), int(hits[: last + 1].sum())
        moves.append(_Move(figure, end, to, wars + more[0], cases + more[1]))
    best = max(moves, key=lambda move: move.density, default=None)
    return best if best and best.density > cases / wars else None


def _within(places: Ints, limits: Ints) -> Bools:
    """Which wars are in the box by each figure, shape (runs, figures)."""
    is_within: Bools = (places >= limits[:, 0]) & (places <= limits[:, 1])
    return is_within


def _levels(column: Ints, happens: Bools, from_top: bool) -> tuple[Ints, Ints, Ints]:
    """The ranks that occur, from one end, and the wars and cases at each."""
    number = np.bincount(column)
    levels = np.flatnonzero(number)[:: -1 if from_top else 1]
    return levels, number[levels], np.bincount(column[happens], minlength=len(number))[levels]


def _reached(number: Ints, most: float) -> int:
    """The last level of a slice of at most so many wars; the first if even that has more."""
    return max(0, int(np.searchsorted(np.cumsum(number), most, side="right")) - 1)


def _between(inner: int, outer: int) -> int:
    """A limit halfway from the last place in the box to the first that is not."""
    return (inner + outer + (inner > outer)) // 2


def _moved(limits: Ints, move: _Move) -> Ints:
    new = limits.copy()
    new[move.figure, move.end] = move.limit
    return new


def _box(x: pd.DataFrame, values: list[NDArray[Any]], limits: Ints) -> Box:
    """The restrictions of a box, each limit halfway between two values."""
    box: Box = {}
    for path, column, (low, high) in zip(x.columns, values, limits.tolist(), strict=True):
        if low > 0 or high < len(column) - 1:
            box[str(path)] = (
                -np.inf if low == 0 else _halfway(column[low], column[low - 1]),
                np.inf if high == len(column) - 1 else _halfway(column[high], column[high + 1]),
            )
    return box


def _halfway(inner: float, outer: float) -> float:
    """Halfway between two values; the inner one if no number lies between them."""
    middle = float(inner) / 2.0 + float(outer) / 2.0
    return middle if middle != outer else float(inner)
