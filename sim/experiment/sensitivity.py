"""Which figures an outcome hangs on: Sobol' indices, elementary effects, and given data.

`sobol` and `morris` lay out points of a sweep; what is indexed is the mean outcome of each point
over runs on shared luck. `delta` and `pawn` read a plain ensemble, in which each run draws its
figures; what is indexed is the outcome of a run, luck included.
"""

import contextlib
import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim.experiment import runner, sweep
from sim.experiment.design import MORRIS_LEVELS, cube, unit_cube
from sim.experiment.errors import ExperimentError
from sim.experiment.runner import Progress, Workers
from sim.experiment.store import Store
from sim.scenario.experiment import Sweep
from sim.scenario.figure import Figure, did_you_mean
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario, figures
from sim.war.model import outcomes_of

Floats = NDArray[np.float64]
Figures = dict[str, Any]

DESIGNS = {"sobol": "saltelli", "morris": "morris"}
"""The methods that choose their points, and the design of these."""
METHODS = (*DESIGNS, "delta", "pawn")
MEASURES = {
    "sobol": ("total", "first"),
    "morris": ("effect",),
    "delta": ("index",),
    "pawn": ("index",),
}
"""What each method tells of a figure; the first decides the order."""
USUAL = {"sobol": (256, 16), "morris": (10, 8), "delta": (None, 2000), "pawn": (None, 2000)}
"""How many points and runs, where none are asked for."""
MOST_FIGURES = 12
"""So many figures are looked at closely where none are named."""
SCREENING = (6, 8)
"""Paths and runs of the screening that finds them."""

_EXPECTED = ", expected a path that sim check lists"
_SEED = 1  # of the bootstrap: no luck of the model
_RESAMPLES = 200
_RESAMPLES_OF_GIVEN = 40
_SHUFFLED = {"pawn": 200, "delta": 12}
_SLICES = 10
_MOST_ALIKE = 0.2
_STILL = 1e-12


class Asked(NamedTuple):
    """What is asked of a scenario; `vary` are paths, alone or as PATH=LOW:HIGH."""

    scenario: Scenario
    file: str
    method: str
    vary: Mapping[str, str]
    outcomes: tuple[str, ...]
    overrides: tuple[str, ...]
    points: int | None
    runs: int
    seed: int
    allow_code: bool = False


class Told(NamedTuple):
    """One measure of each figure, shape (figures,): its value and the half-width of its 95 %
    interval; what luck or chance alone shows, and `least`, which of chance one in a hundred
    reaches."""

    value: Floats
    error: Floats
    floor: Floats
    least: Floats


def asked_by_line(
    scenario: Scenario,
    file: str,
    method: str,
    vary: Sequence[str],
    outcomes: Sequence[str],
    overrides: Sequence[str],
    points: int | None,
    runs: int | None,
    seed: int,
    allow_code: bool = False,
) -> Asked:
    """What a command line asks for. Raises ExperimentError where a method cannot do it."""
    if method not in METHODS:
        raise ExperimentError(f"--method {method}: no such method{did_you_mean(method, METHODS)}")
    if method not in DESIGNS and points is not None:
        raise ExperimentError(f"--points: {method} reads a plain ensemble, expected --runs")
    if method == "sobol" and points is not None and points & (points - 1):
        raise ExperimentError(f"--points {points}: is no power of two, as sobol expects")
    usual_points, usual_runs = USUAL[method]
    ranges = dict(_range(written) for written in vary)
    _check_varied(scenario, method, ranges)
    return Asked(
        scenario,
        file,
        method,
        ranges,
        tuple(dict.fromkeys(outcomes)) or sweep.usual_outcomes(scenario),
        tuple(overrides),
        points or usual_points,
        runs or usual_runs,
        seed,
        allow_code,
    )


def _range(written: str) -> tuple[str, str]:
    path, sign, ends = (part.strip() for part in written.partition("="))
    low, colon, high = ends.partition(":")
    if not path or (sign and not (low and colon and high and ":" not in high)):
        raise ExperimentError(f"--vary {written}: expected PATH=LOW:HIGH, or PATH alone")
    return path, ends


def _check_varied(scenario: Scenario, method: str, ranges: Mapping[str, str]) -> None:
    known = dict(figures(scenario))
    for path, ends in ranges.items():
        if path not in known:
            raise ExperimentError(
                f"--vary {path}: is no figure{did_you_mean(path, known) or _EXPECTED}"
            )
        if ends and method not in DESIGNS:
            raise ExperimentError(
                f"--vary {path}={ends}: {method} reads figures as drawn, expected PATH alone"
            )
        if not ends and not known[path].is_drawn:
            raise ExperimentError(
                f"--vary {path}: has no range of its own, expected PATH=LOW:HIGH"
                if method in DESIGNS
                else f"--vary {path}: has no range, expected a figure that is drawn"
            )


def drawn_figures(scenario: Scenario) -> dict[str, Figure]:
    """The figures that are drawn once a run, by path."""
    return {path: figure for path, figure in figures(scenario) if figure.is_drawn}


# --- the answer ------------------------------------------------------------------------------


def answer(
    asked: Asked,
    out: str | Path,
    workers: Workers = None,
    progress: Progress | None = None,
) -> tuple[Figures, pd.DataFrame, Path]:
    """The answer in figures, one row an outcome and figure, and the folder that is theirs.

    Raises ExperimentError where an outcome is unknown, does not vary or is missing in some wars.
    """
    if not asked.vary and not drawn_figures(asked.scenario):
        raise ExperimentError("no figure has a range, expected --vary PATH=LOW:HIGH")
    of_method = _of_points if asked.method in DESIGNS else _of_given
    found, varied, screened, wars, folder = of_method(asked, out, workers, progress)
    known = dict(figures(asked.scenario))
    result = {
        "scenario": asked.scenario.name,
        "method": asked.method,
        "points": asked.points,
        "runs": asked.runs,
        "wars": wars,
        "seed": asked.seed,
        "varied": len(varied),
        "drawn": len(drawn_figures(asked.scenario)),
        "screened": screened,
        "figures": {path: _range_of(known[path], asked.vary.get(path, "")) for path in varied},
        "outcomes": found,
    }
    return result, table_of(result), folder


def _range_of(figure: Figure, asked: str) -> Figures:
    """What a figure was varied over: its own range, or the one asked for, as written."""
    own = {"low": figure.low, "high": figure.high, "unit": figure.unit, "value": figure.value}
    return own | {"asked": asked or None}


def table_of(result: Figures) -> pd.DataFrame:
    """One row an outcome and figure, its measures side by side."""
    rows = []
    for outcome, found in result["outcomes"].items():
        for row in found["figures"]:
            measures = {
                name if what == "value" else f"{name} {what}": told
                for name in MEASURES[result["method"]]
                for what, told in row[name].items()
            }
            rest = {key: value for key, value in row.items() if not isinstance(value, dict)}
            rows.append({"outcome": outcome, **rest, **measures})
    return pd.DataFrame(rows)


def verdict(value: float, error: float, floor: float, least: float = 0.0) -> str:
    """`nothing` where the interval reaches what chance shows, or the value does not reach `least`;
    `rough` where the interval is wider than the index itself; else `told`."""
    if value - error <= floor + _STILL or value <= least:
        return "nothing"
    return "rough" if 2.0 * error > abs(value) else "told"


def needed(value: float, error: float, floor: float, points: int, least: float = 0.0) -> int | None:
    """How many points, or runs, would tell an index of this size; None where none would.

    An error halves with four times the points.
    """
    found = verdict(value, error, floor, least)
    if found == "nothing":
        gap, wanted = value - floor - _STILL, max(error, least - floor)
        return None if gap <= 0.0 else int(np.ceil(points * (wanted / gap) ** 2)) + 1
    return int(np.ceil(points * (2.0 * error / value) ** 2)) if found == "rough" else points


def rows_of(
    paths: Sequence[str],
    measures: Mapping[str, Told],
    ends: tuple[Floats, Floats],
    points: int,
    extra: Mapping[str, Floats] | None = None,
) -> list[Figures]:
    """One row a figure, the largest first measure at the top."""
    rows = []
    for place, path in enumerate(paths):
        row: Figures = {"figure": path}
        for name, told in measures.items():
            value, error, floor, least = (float(column[place]) for column in told)
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


def _of_points(
    asked: Asked, out: str | Path, workers: Workers, progress: Progress | None
) -> tuple[Figures, list[str], Figures | None, int, Path]:
    screened, wars = None, 0
    if asked.vary:
        varied = dict(asked.vary)
    elif asked.method == "morris":
        varied = dict.fromkeys(drawn_figures(asked.scenario), "")
    else:
        varied, screened = _screened(asked, out, workers, progress)
        wars += screened["wars"]
    points = asked.points or 0
    found, fought, folder = indices(asked, varied, points, asked.runs, out, workers, progress)
    return found, list(varied), screened, wars + fought, folder


def _screened(
    asked: Asked, out: str | Path, workers: Workers, progress: Progress | None
) -> tuple[dict[str, str], Figures]:
    """The figures that stand out of luck by elementary effects, the first of each outcome in turn.

    Source: morris1991.
    """
    paths, runs = SCREENING
    every = dict.fromkeys(drawn_figures(asked.scenario), "")
    of_morris = asked._replace(method="morris")
    found, wars, _ = indices(of_morris, every, paths, runs, out, workers, progress)
    ranked = [
        [row["figure"] for row in one["figures"] if row["effect"]["verdict"] != "nothing"]
        for one in found.values()
    ]
    in_turn = [path for some in itertools.zip_longest(*ranked) for path in some if path]
    kept = list(dict.fromkeys(in_turn))
    if not kept:
        raise ExperimentError(
            "no figure stands out of luck in the screening, expected --vary PATH ..."
        )
    shown = kept[:MOST_FIGURES]
    return dict.fromkeys(shown, ""), {
        "of": len(every), "stood_out": len(kept), "kept": len(shown), "paths": paths, "runs": runs,
        "wars": wars,
    }  # fmt: skip


def indices(
    asked: Asked,
    varied: Mapping[str, str],
    points: int,
    runs: int,
    out: str | Path,
    workers: Workers,
    progress: Progress | None,
) -> tuple[Figures, int, Path]:
    """By outcome, the indices of the figures varied; how many wars they took, and their folder.

    Raises ExperimentError where a point failed.
    """
    design = DESIGNS[asked.method]
    constants = dict(override.split("=", 1) for override in asked.overrides)
    question = sweep.question(
        Sweep(
            kind="sweep",
            name=f"{asked.scenario.name[:50]}-{asked.method}",
            title=f"{asked.scenario.title}: sensitivity by {asked.method}",
            question="Which figures does the mean outcome hang on?",
            scenario=asked.file,
            design=design,
            points=points,
            uncertainties=dict(varied),
            constants=constants,
            outcomes=asked.outcomes,
            runs=runs,
            seed=asked.seed,
        ),
        Path(),
        asked.allow_code,
    )
    results = sweep.store_of(out, question)
    if not results.is_complete:
        sweep.run_into(results, question, workers, progress)
    failed = results.table("failed")
    if len(failed):
        raise ExperimentError(
            f"{len(failed)} points failed, the first with {failed['error'].iloc[0]}, expected "
            "narrower ranges"
        )
    wars = results.table("outcomes")
    u = unit_cube(design, len(varied), points, asked.seed)
    found = {}
    for outcome in asked.outcomes:
        y, luck = mean_and_luck(wars, outcome)
        found[outcome] = of_outcome(asked.method, list(varied), u, y, luck, points)
    return found, len(wars), results.folder


def mean_and_luck(wars: pd.DataFrame, outcome: str) -> tuple[Floats, Floats]:
    """An outcome's mean at each point, and half the difference of the means of its even runs and
    its odd runs: what is left of luck, as large as in the mean and with none of the figures in it.
    """
    _check_whole(wars[outcome], outcome)
    halves = wars.groupby(["point", wars["run"] % 2])[outcome].mean().unstack()
    even, odd = (halves[half].to_numpy(np.float64) for half in (0, 1))
    mean = wars.groupby("point")[outcome].mean().to_numpy(np.float64)
    return mean, (even - odd) / 2.0


def _check_whole(values: pd.Series, outcome: str) -> None:
    missing = int(values.isna().sum())
    if missing:
        raise ExperimentError(
            f"--outcome {outcome}: is missing in {missing:,} of {len(values):,} wars, where it did "
            "not happen; expected an outcome that every war has, such as z_end"
        )


def _check_density(values: pd.Series, outcome: str) -> None:
    """Delta compares densities; where many wars share one value there is none to estimate."""
    shares = values.value_counts(normalize=True)
    if len(shares) > 1 and shares.iloc[0] > _MOST_ALIKE:
        raise ExperimentError(
            f"--outcome {outcome}: is {shares.index[0]:g} in {100 * shares.iloc[0]:.0f} % of the "
            "wars, which has no density for delta; expected --method pawn"
        )


def of_outcome(
    method: str, paths: Sequence[str], u: Floats, y: Floats, luck: Floats, points: int
) -> Figures:
    """The indices of one outcome over points of the unit cube `u`, its luck beside them."""
    if np.ptp(y) <= _STILL * max(1.0, float(np.abs(y).max())):
        return {"mean": float(y.mean()), "sd": 0.0, "luck": None, "figures": []}
    extra: dict[str, Floats] = {}
    if method == "sobol":
        measures, both = sobol_indices(y, luck, len(paths)), ends(u, y)
    else:
        told, extra = elementary_effects(u, y, luck)
        measures, half = {"effect": told}, extra["mean effect"] / 2.0
        both = (y.mean() - half, y.mean() + half)
    return {
        "mean": float(y.mean()),
        "sd": float(y.std()),
        "luck": float(luck.var() / y.var()),
        "figures": rows_of(paths, measures, both, points, extra),
    }


def sobol_indices(y: Floats, luck: Floats, dimensions: int) -> dict[str, Told]:
    """First and total indices of outcomes at the points of the design `saltelli`.

    A first index is the share of the variance that a figure takes away if it is known, a total
    one what is left if all others are. What is left of luck looks like figures acting together,
    so it is the floor of the total index. Sources: sobol1993, saltelli2010.
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
        "total": Told(found["ST"], found["ST_conf"], by_luck, none),
        "first": Told(found["S1"], found["S1_conf"], none, none),
    }


def elementary_effects(u: Floats, y: Floats, luck: Floats) -> tuple[Told, dict[str, Floats]]:
    """Mean sizes of effects along the paths of the design `morris`; their mean and their spread.

    An effect is what a step of two thirds of a figure's range does, put to the whole range. One
    that depends on the others, or bends, has a spread. Sources: morris1991, campolongo2007.
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
    told = Told(size, column(found["mu_star_conf"]), floor, np.zeros(len(size)))
    return told, {"mean effect": column(found["mu"]), "spread": column(found["sigma"])}


def ends(u: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The mean outcome where a figure is in the lowest and in the highest fifth of its range.

    The others' part in it is taken out by a linear fit over all figures.
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
    return low, high


# --- given data: delta and PAWN --------------------------------------------------------------


def _of_given(
    asked: Asked, out: str | Path, workers: Workers, progress: Progress | None
) -> tuple[Figures, list[str], Figures | None, int, Path]:
    """From a plain ensemble, the same as `sim run` keeps."""
    known = outcomes_of(asked.scenario)
    for outcome in asked.outcomes:
        if outcome not in known:
            hint = did_you_mean(outcome, known) or ", expected a column of runs.parquet"
            raise ExperimentError(f"--outcome {outcome}: no such outcome{hint}")
    store = Store(out, asked.scenario, asked.runs, asked.seed, False)
    record = runner.run_into(store, workers, progress)
    for outcome in asked.outcomes:
        _check_whole(record.runs[outcome], outcome)
        if asked.method == "delta":
            _check_density(record.runs[outcome], outcome)
    sample = Sample(asked.scenario, asked.seed, record.runs["run"].to_numpy(np.int64))
    paths = list(asked.vary or sample.drawn)
    u = places(np.column_stack([sample[path] for path in paths]))
    calls = {
        number: (asked.method, paths, u, record.runs[outcome].to_numpy(np.float64))
        for number, outcome in enumerate(asked.outcomes)
    }
    with contextlib.closing(runner.spread(of_given, calls, workers)) as made:
        told = dict(made)
    found = {outcome: told[number] for number, outcome in enumerate(asked.outcomes)}
    return found, paths, None, len(record.runs), store.folder / "sensitivity" / asked.method


def places(x: Floats) -> Floats:
    """Each column's ranks as places from 0 to 1: what a figure's law does not matter for."""
    ranks = stats.rankdata(x, method="ordinal", axis=0)
    return np.asarray((ranks - 0.5) / len(x), np.float64)


def of_given(method: str, paths: Sequence[str], u: Floats, y: Floats) -> Figures:
    """The indices of one outcome over runs; of many figures those with the largest by PAWN.

    `chance` is what the index of a figure that does nothing comes to. Sources: borgonovo2007,
    plischke2013, pianosi2018.
    """
    if np.ptp(y) == 0.0:
        return {"mean": float(y.mean()), "sd": 0.0, "chance": None, "figures": []}
    rough = _pawn(u, y)
    first = np.argsort(-rough)[:MOST_FIGURES]
    index_of: Callable[..., Told] = _delta_told if method == "delta" else _pawn_told
    told = index_of(u[:, first], y)
    low, high = ends(u, y)
    kept = [paths[place] for place in first]
    return {
        "mean": float(y.mean()),
        "sd": float(y.std()),
        "chance": float(told.least[0]),
        "figures": rows_of(kept, {"index": told}, (low[first], high[first]), len(y)),
    }


def _shuffled(method: str, runs: int) -> Floats:
    """Places of figures that do nothing, shape (runs, figures)."""
    rng = np.random.Generator(np.random.Philox(_SEED))
    return places(rng.random((runs, _SHUFFLED[method])))


def _pawn(u: Floats, y: Floats) -> Floats:
    from SALib.analyze import pawn

    return np.asarray(pawn.analyze(cube(u.shape[1]), u, y, S=_SLICES)["median"], np.float64)


def _pawn_told(u: Floats, y: Floats) -> Told:
    """The median over slices of a figure of the distance between the outcome's laws."""
    rng = np.random.Generator(np.random.Philox(_SEED))
    again = rng.integers(len(y), size=(_RESAMPLES_OF_GIVEN, len(y)))
    resampled = np.array([_pawn(places(u[rows]), y[rows]) for rows in again])
    chance = _pawn(_shuffled("pawn", len(y)), y)
    return Told(_pawn(u, y), 1.96 * resampled.std(axis=0, ddof=1), *_by_chance(chance, u))


def _delta_told(u: Floats, y: Floats) -> Told:
    """Half the mean area between the outcome's density and that with the figure known."""
    value, error = _delta(u, y, _RESAMPLES_OF_GIVEN)
    return Told(value, error, *_by_chance(_delta(_shuffled("delta", len(y)), y, 5)[0], u))


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
    """Keep what SALib's delta sets for the whole process: luck, warnings; one thread is faster."""
    from threadpoolctl import threadpool_limits

    state, form = np.random.get_state(), warnings.formatwarning
    try:
        with warnings.catch_warnings(), threadpool_limits(1):
            yield
    finally:
        np.random.set_state(state)
        warnings.formatwarning = form
