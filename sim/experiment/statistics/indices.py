"""Sensitivity indices, each with its error and what chance alone shows.

Sobol' indices and elementary effects need points laid out for them; delta and PAWN read any runs.
"""

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.experiment.design import MORRIS_LEVELS, cube
from sim.experiment.statistics.estimate import t95

Floats = NDArray[np.float64]
Figures = dict[str, Any]

MOST_FIGURES = 12
"""How many figures are analysed closely if none are named."""

_SEED = 1  # for the bootstrap, not for the model
_RESAMPLES = 200
_RESAMPLES_OF_GIVEN = 40
_SHUFFLED = {"pawn": 200, "delta": 12}
_SLICES = 10
_STILL = 1e-12


class Measure(NamedTuple):
    """One measure of each figure, every field of shape (figures,).

    The `error` is the half-width of its 95 % interval, or for delta and PAWN 1.96 standard
    deviations over resamples; `floor` is what luck or chance alone shows, and `least` what chance
    exceeds once in a hundred times.
    """

    value: Floats
    error: Floats
    floor: Floats
    least: Floats


def verdict(value: float, error: float, floor: float, least: float = 0.0) -> str:
    """How well an index is known: `nothing`, `rough` or `told`.

    `nothing` if the interval reaches what chance shows, or the value does not exceed `least`;
    `rough` if the interval is wider than the index itself; else `told`.
    """
    if value - error <= floor + _STILL or value <= least:
        return "nothing"
    return "rough" if 2.0 * error > abs(value) else "told"


def needed(value: float, error: float, floor: float, points: int, least: float = 0.0) -> int | None:
    """How many points or runs give an index of this size a better verdict; None if none will.

    An error halves with four times the points.
    """
    found = verdict(value, error, floor, least)
    if found == "nothing":
        gap, wanted = value - floor - _STILL, max(error, least - floor)
        return None if gap <= 0.0 else int(np.ceil(points * (wanted / gap) ** 2)) + 1
    return int(np.ceil(points * (2.0 * error / value) ** 2)) if found == "rough" else points


def rows_of(
    paths: Sequence[str],
    measures: Mapping[str, Measure],
    ends: tuple[Floats, Floats],
    points: int,
    extra: Mapping[str, Floats] | None = None,
) -> list[Figures]:
    """One row per figure, sorted by the first measure, the largest on top."""
    rows = []
    for place, path in enumerate(paths):
        row: Figures = {"figure": path}
        for name, measure in measures.items():
            value, error, floor, least = (float(column[place]) for column in measure)
            row[name] = {
                "value": value,
                "±": error,
                "chance": max(floor, least),
                "verdict": verdict(value, error, floor, least),
                "needs": needed(value, error, floor, points, least),
            }
        row |= {"at low": float(ends[0][place]), "at high": float(ends[1][place])}
        row |= {name: float(column[place]) for name, column in (extra or {}).items()}
        rows.append(row)
    leading = next(iter(measures))
    return sorted(rows, key=lambda row: -row[leading]["value"])


# --- points: Sobol' and Morris ---------------------------------------------------------------


def of_points(
    method: str, paths: Sequence[str], u: Floats, y: Floats, luck: Floats, points: int
) -> Figures:
    """The indices of one outcome over points of the unit cube `u`, and luck's share of variance."""
    if np.ptp(y) <= _STILL * max(1.0, float(np.abs(y).max())):
        return {"mean": float(y.mean()), "sd": 0.0, "luck": None, "figures": []}
    extra: dict[str, Floats] = {}
    if method == "sobol":
        measures, both = sobol_indices(y, luck, len(paths)), ends(u, y)
    else:
        effects, extra = elementary_effects(u, y, luck)
        measures, both = {"effect": effects}, step_ends(u, y)
    return {
        "mean": float(y.mean()),
        "sd": float(y.std()),
        "luck": float(luck.var() / y.var()),
        "figures": rows_of(paths, measures, both, points, extra),
    }


def sobol_indices(y: Floats, luck: Floats, dimensions: int) -> dict[str, Measure]:
    """First-order and total indices of outcomes at the points of the design `saltelli`.

    A first-order index is the share of the variance that knowing a figure removes, a total index
    the share that is left if all others are known. What is left of luck looks like interactions of
    figures, so it is the floor of the total index. Sources: sobol1993, saltelli2010.
    """
    from SALib.analyze import sobol

    found = sobol.analyze(
        cube(dimensions), y, calc_second_order=False, num_resamples=_RESAMPLES, seed=_SEED
    )
    step = dimensions + 2
    place = luck.reshape(-1, step)
    both = np.concatenate([y[::step], y[step - 1 :: step]])
    none = np.zeros(dimensions)
    by_luck = 0.5 * np.mean((place[:, 1:-1] - place[:, :1]) ** 2, axis=0) / both.var()
    return {
        "total": Measure(found["ST"], found["ST_conf"], by_luck, none),
        "first": Measure(found["S1"], found["S1_conf"], none, none),
    }


def elementary_effects(u: Floats, y: Floats, luck: Floats) -> tuple[Measure, dict[str, Floats]]:
    """Mean absolute effects on the paths of the design `morris`; their mean and their spread.

    An effect is the change by a step of two thirds of a figure's range, scaled to the whole range.
    Interactions and curvature show as a spread. Paths are independent, so the error of a mean
    absolute effect is Student's over them. Sources: morris1991, campolongo2007, student1908.
    """
    from SALib.analyze import morris

    found, by_luck = (
        morris.analyze(
            cube(u.shape[1]), u, values, num_resamples=_RESAMPLES, num_levels=MORRIS_LEVELS,
            seed=_SEED,
        )
        for values in (y, luck)
    )  # fmt: skip

    def column(values: Any) -> Floats:
        return np.ma.getdata(values).astype(np.float64)

    size, floor = column(found["mu_star"]), column(by_luck["mu_star"])
    mean, spread, paths = column(found["mu"]), column(found["sigma"]), len(y) // (len(size) + 1)
    of_sizes = spread**2 + paths / (paths - 1.0) * (mean**2 - size**2)  # variance of the sizes
    error = t95(paths) * np.sqrt(np.maximum(0.0, of_sizes) / paths)
    effects = Measure(size, error, floor, np.zeros(len(size)))
    return effects, {"mean effect": mean, "spread": spread}


def step_ends(u: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The mean outcome at the lower and at the upper end of a figure's steps on `morris` paths.

    A step goes from the lower half of the range to the upper or back, with all others fixed.
    """
    step = u.shape[1] + 1
    moves = np.diff(u.reshape(-1, step, u.shape[1]), axis=1)
    before, after = y.reshape(-1, step)[:, :-1], y.reshape(-1, step)[:, 1:]
    low, high = np.empty(u.shape[1]), np.empty(u.shape[1])
    for place in range(u.shape[1]):
        moved, is_up = moves[:, :, place] != 0.0, moves[:, :, place] > 0.0
        low[place] = np.where(is_up, before, after)[moved].mean()
        high[place] = np.where(is_up, after, before)[moved].mean()
    return low, high


def ends(u: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The mean outcome where a figure is in the lowest and in the highest fifth of its range.

    The contribution of the others is removed by a linear fit over all figures, within the range of
    observed outcomes.
    """
    centred = u - u.mean(axis=0)
    slope, *_ = np.linalg.lstsq(centred, y - y.mean(), rcond=None)
    rest = y - centred @ slope
    low, high = np.empty(u.shape[1]), np.empty(u.shape[1])
    for place in range(u.shape[1]):
        own = rest + centred[:, place] * slope[place]
        fifth, last = np.quantile(u[:, place], (0.2, 0.8))
        low[place] = own[u[:, place] <= fifth].mean()
        high[place] = own[u[:, place] >= last].mean()
    return np.clip(low, y.min(), y.max()), np.clip(high, y.min(), y.max())


# --- given data: delta and PAWN --------------------------------------------------------------


def places(x: Floats) -> Floats:
    """Each column's ranks, scaled to 0 to 1, so that the laws of figures do not matter."""
    ranks = stats.rankdata(x, method="ordinal", axis=0)
    return np.asarray((ranks - 0.5) / len(x), np.float64)


def of_given(method: str, paths: Sequence[str], u: Floats, y: Floats) -> Figures:
    """The indices of one outcome over runs; of many figures those with the largest PAWN index.

    `chance` is what the index of a figure that does nothing exceeds once in a hundred times.
    Sources: borgonovo2007, plischke2013, pianosi2018.
    """
    if np.ptp(y) == 0.0:
        return {"mean": float(y.mean()), "sd": 0.0, "chance": None, "figures": []}
    rough = _pawn(u, y)
    first = np.argsort(-rough)[:MOST_FIGURES]
    index_of: Callable[..., Measure] = _delta_index if method == "delta" else _pawn_index
    index = index_of(u[:, first], y)
    low, high = ends(u, y)
    largest = [paths[place] for place in first]
    return {
        "mean": float(y.mean()),
        "sd": float(y.std()),
        "chance": float(index.least[0]),
        "figures": rows_of(largest, {"index": index}, (low[first], high[first]), len(y)),
    }


def _shuffled(method: str, runs: int) -> Floats:
    """Places of figures that do nothing, shape (runs, figures)."""
    rng = np.random.Generator(np.random.Philox(_SEED))
    return places(rng.random((runs, _SHUFFLED[method])))


def _pawn(u: Floats, y: Floats) -> Floats:
    """The PAWN index of each column of `u`, as in SALib, without the p-value of each distance.

    Slices are between quantiles of a figure, each without its upper end. The distance of a slice is
    the largest gap between the outcome's cumulative shares in it and in all runs.
    """
    values, value = np.unique(y, return_inverse=True)
    shares = np.bincount(value, minlength=len(values)).cumsum() / len(y)
    index = np.empty(u.shape[1])
    for place, x in enumerate(u.T):
        edges = np.quantile(x, np.arange(_SLICES + 1) * (1.0 / _SLICES))
        inside = x < edges[-1]
        part = np.searchsorted(edges, x[inside], "right") - 1
        cells = np.bincount(part * len(values) + value[inside], minlength=_SLICES * len(values))
        counts = cells.reshape(_SLICES, -1).cumsum(axis=1)
        counts = counts[counts[:, -1] > 0]
        index[place] = np.median(np.abs(counts / counts[:, -1:] - shares).max(axis=1))
    return index


def _pawn_index(u: Floats, y: Floats) -> Measure:
    """The median over a figure's slices of the distance between the outcome's distributions."""
    rng = np.random.Generator(np.random.Philox(_SEED))
    again = rng.integers(len(y), size=(_RESAMPLES_OF_GIVEN, len(y)))
    resampled = np.array([_pawn(places(u[rows]), y[rows]) for rows in again])
    chance = _pawn(_shuffled("pawn", len(y)), y)
    return Measure(_pawn(u, y), 1.96 * resampled.std(axis=0, ddof=1), *_by_chance(chance, u))


def _delta_index(u: Floats, y: Floats) -> Measure:
    """Half the mean area between the outcome's density and its density given the figure."""
    value, error = _delta(u, y, _RESAMPLES_OF_GIVEN)
    return Measure(value, error, *_by_chance(_delta(_shuffled("delta", len(y)), y, 5)[0], u))


def _by_chance(index: Floats, u: Floats) -> tuple[Floats, Floats]:
    """The mean and the 99 % point of the indices of figures that do nothing, for each figure."""
    figures_too = np.ones(u.shape[1])
    return index.mean() * figures_too, np.quantile(index, 0.99) * figures_too


def _delta(u: Floats, y: Floats, resamples: int) -> tuple[Floats, Floats]:
    from SALib.analyze import delta

    with _own_state():
        found = delta.analyze(
            cube(u.shape[1]), u, y, num_resamples=resamples, seed=_SEED, method="delta"
        )
    return found["delta_raw"], found["delta_raw_conf"]


@contextlib.contextmanager
def _own_state() -> Iterator[None]:
    """Undo what SALib's delta sets globally: random state, warnings; one thread is faster."""
    from threadpoolctl import threadpool_limits

    state, form = np.random.get_state(), warnings.formatwarning
    try:
        with warnings.catch_warnings(), threadpool_limits(1):
            yield
    finally:
        np.random.set_state(state)
        warnings.formatwarning = form
