"""Sensitivity analysis: on which figures an outcome depends.

`sobol` and `morris` lay out points of a sweep and analyse the mean outcome of each point over runs
with common random numbers. `delta` and `pawn` read a plain ensemble, in which each run draws its
figures, and analyse the outcome of a run, luck included.
"""

import contextlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.design import unit_cube
from sim.experiment.errors import ExperimentError
from sim.experiment.execution import runner
from sim.experiment.execution.runner import Progress
from sim.experiment.execution.workers import Workers, spread
from sim.experiment.questions import sweep
from sim.experiment.statistics.indices import MOST_FIGURES, of_given, of_points, places
from sim.experiment.storage.store import Store
from sim.scenario.calls.arguments import number_of, quoted, runs_of, seed_of, texts_of, whole
from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS
from sim.scenario.calls.spelling import argument, either, place
from sim.scenario.columns import usual_outcomes
from sim.scenario.figure import LARGEST, Figure, did_you_mean
from sim.scenario.load import unchanged_file_of
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario, figures
from sim.war.model import outcomes_of

Floats = NDArray[np.float64]
Figures = dict[str, Any]

DESIGNS = {"sobol": "saltelli", "morris": "morris"}
"""The methods that choose their own points, and their designs."""
METHODS = (*DESIGNS, "delta", "pawn")
MEASURES = {
    "sobol": ("total", "first"),
    "morris": ("effect",),
    "delta": ("index",),
    "pawn": ("index",),
}
"""What each method measures of a figure; rows are sorted by the first."""
_OVER_RESAMPLES = "1.96 standard deviations over resamples of the wars, no 95 % interval"
ERRORS = {
    "sobol": "half-width of the 95 % interval, by bootstrap",
    "morris": "half-width of the 95 % interval, Student's over paths",
    "delta": _OVER_RESAMPLES,
    "pawn": _OVER_RESAMPLES,
}
"""What ± means for each method."""
USUAL = {"sobol": (256, 16), "morris": (10, 8), "delta": (None, 2000), "pawn": (None, 2000)}
"""The default numbers of points and runs."""
SCREENING = (10, 8)
"""Paths and runs of the screening that selects figures for `sobol`."""

MOST_POINTS = 100_000
"""The most points, or paths of morris."""

_EXPECTED = ", expected a path that sim check lists"
_MOST_ALIKE = 0.2


class Request(NamedTuple):
    """A sensitivity analysis; `vary` are ranges LOW:HIGH by path, empty for a figure's own."""

    scenario: Scenario
    method: str
    vary: Mapping[str, str]
    outcomes: tuple[str, ...]
    points: int | None
    runs: int
    seed: int


def request_of(
    scenario: Scenario,
    method: str,
    vary: Mapping[str, Any],
    outcomes: Iterable[str],
    points: int | None,
    runs: int | None,
    seed: int,
) -> Request:
    """The request to analyse a scenario. Raises ExperimentError if the method cannot do it.

    `vary` are figures by path, each over LOW:HIGH, a pair of numbers, or None for its own range.
    """
    if method not in METHODS:
        raise ExperimentError(
            f"{place('method', method)}: no such method{did_you_mean(method, METHODS)}"
        )
    if method not in DESIGNS and points is not None:
        raise ExperimentError(
            f"{place('points')}: {method} reads a plain ensemble, expected {argument('runs')}"
        )
    usual_points, usual_runs = USUAL[method]
    points = usual_points if points is None else whole("points", points, 2, MOST_POINTS)
    if method == "sobol" and points is not None and points & (points - 1):
        raise ExperimentError(f"{place('points', points)}: is no power of two, as sobol expects")
    if not isinstance(vary, Mapping):
        raise ExperimentError(f"vary: {quoted(vary)}, expected ranges by path")
    ranges = {path: _ends(path, ends) for path, ends in vary.items()}
    _check_varied(scenario, method, ranges)
    return Request(
        scenario,
        method,
        ranges,
        texts_of("outcomes", outcomes) or usual_outcomes(scenario),
        points,
        usual_runs if runs is None else runs_of(runs, MOST_EXPERIMENT_RUNS, 2),
        seed_of(seed),
    )


def ranges_by_line(vary: Sequence[str]) -> dict[str, str]:
    """The ranges that `--vary` of a command line names, by path. Raises ExperimentError."""
    return dict(_range(written) for written in vary)


def _ends(path: str, ends: Any) -> str:
    if ends is None or isinstance(ends, str):
        return ends or ""
    if isinstance(ends, Sequence) and len(ends) == 2:
        low, high = (number_of(f"vary: {path}", end, -LARGEST, LARGEST) for end in ends)
        return f"{low!r}:{high!r}"
    raise ExperimentError(f"vary: {path}: {quoted(ends)}, expected (LOW, HIGH), or None")


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
                f"{place('vary', path)}: is no figure{did_you_mean(path, known) or _EXPECTED}"
            )
        if ends and method not in DESIGNS:
            raise ExperimentError(
                f"{place('vary', path)}={ends}: {method} reads figures as drawn, "
                f"expected {either('PATH alone', 'None, for its own range')}"
            )
        if not ends and not known[path].is_drawn:
            raise ExperimentError(
                f"{place('vary', path)}: has no range of its own, expected "
                f"{either('PATH=LOW:HIGH', '(LOW, HIGH)')}"
                if method in DESIGNS
                else f"{place('vary', path)}: has no range, expected a figure that is drawn"
            )


def drawn_figures(scenario: Scenario) -> dict[str, Figure]:
    """The figures that are drawn once per run, by path."""
    return {path: figure for path, figure in figures(scenario) if figure.is_drawn}


# --- the answer ------------------------------------------------------------------------------


def answer(
    request: Request,
    out: str | Path,
    workers: Workers = None,
    progress: Progress | None = None,
) -> tuple[Figures, pd.DataFrame, Path]:
    """The answer in figures, one row per outcome and figure, and the folder for them.

    Raises ExperimentError if an outcome is unknown, does not vary or is missing in some wars.
    """
    if not request.vary and not drawn_figures(request.scenario):
        raise ExperimentError(
            "no figure has a range, expected "
            + either("--vary PATH=LOW:HIGH", "vary={PATH: (LOW, HIGH)}")
        )
    of_method = _by_points if request.method in DESIGNS else _by_runs
    found, varied, screened, wars, folder = of_method(request, out, workers, progress)
    known = dict(figures(request.scenario))
    result = {
        "scenario": request.scenario.name,
        "method": request.method,
        "points": request.points,
        "runs": request.runs,
        "wars": wars,
        "seed": request.seed,
        "error_is": ERRORS[request.method],
        "varied": len(varied),
        "drawn": len(drawn_figures(request.scenario)),
        "screened": screened,
        "figures": {path: _range_of(known[path], request.vary.get(path, "")) for path in varied},
        "outcomes": found,
    }
    return result, table_of(result), folder


def _range_of(figure: Figure, written: str) -> Figures:
    """What a figure was varied over: its own range, or the one requested, as written."""
    own = {"low": figure.low, "high": figure.high, "unit": figure.unit, "value": figure.value}
    return own | {"asked": written or None}


def table_of(result: Figures) -> pd.DataFrame:
    """One row per outcome and figure, one column per measure."""
    rows = []
    for outcome, found in result["outcomes"].items():
        for row in found["figures"]:
            measures = {
                name if what == "value" else f"{name} {what}": value
                for name in MEASURES[result["method"]]
                for what, value in row[name].items()
            }
            rest = {key: value for key, value in row.items() if not isinstance(value, dict)}
            rows.append({"outcome": outcome, **rest, **measures})
    return pd.DataFrame(rows)


# --- points: Sobol' and Morris ---------------------------------------------------------------


def _by_points(
    request: Request, out: str | Path, workers: Workers, progress: Progress | None
) -> tuple[Figures, list[str], Figures | None, int, Path]:
    screened, wars = None, 0
    if request.vary:
        varied = dict(request.vary)
    elif request.method == "morris":
        varied = dict.fromkeys(drawn_figures(request.scenario), "")
    else:
        varied, screened = _screened(request, out, workers, progress)
        wars += screened["wars"]
    points = request.points or 0
    found, fought, folder = _indexed(request, varied, points, request.runs, out, workers, progress)
    return found, list(varied), screened, wars + fought, folder


def _screened(
    request: Request, out: str | Path, workers: Workers, progress: Progress | None
) -> tuple[dict[str, str], Figures]:
    """The figures that stand out from luck by elementary effects, the outcomes taking turns.

    Source: morris1991.
    """
    paths, runs = SCREENING
    every = dict.fromkeys(drawn_figures(request.scenario), "")
    of_morris = request._replace(method="morris")
    found, wars, _ = _indexed(of_morris, every, paths, runs, out, workers, progress)
    ranked = [
        [row["figure"] for row in one["figures"] if row["effect"]["verdict"] != "nothing"]
        for one in found.values()
    ]
    in_turn = [path for some in itertools.zip_longest(*ranked) for path in some if path]
    standing_out = list(dict.fromkeys(in_turn))
    if not standing_out:
        raise ExperimentError(
            "no figure stands out from luck in the screening, expected "
            f"{either('--vary PATH ...', 'vary={PATH: None, ...}')}"
        )
    taken = standing_out[:MOST_FIGURES]
    return dict.fromkeys(taken, ""), {
        "of": len(every), "stood_out": len(standing_out), "kept": len(taken), "paths": paths,
        "runs": runs, "wars": wars,
    }  # fmt: skip


def _indexed(
    request: Request,
    varied: Mapping[str, str],
    points: int,
    runs: int,
    out: str | Path,
    workers: Workers,
    progress: Progress | None,
) -> tuple[Figures, int, Path]:
    """By outcome, the indices of the varied figures; the number of wars used, and their folder.

    Raises ExperimentError if a point failed.
    """
    design = DESIGNS[request.method]
    experiment = sweep.sweep_of(
        name=f"{request.scenario.name[:50]}-{request.method}",
        title=f"{request.scenario.title}: sensitivity by {request.method}",
        question="Which figures does the mean outcome hang on?",
        scenario=unchanged_file_of(request.scenario),
        design=design,
        points=points,
        uncertainties=dict(varied),
        without=request.scenario.left_out,
        constants=sweep.constants_of(request.scenario),
        outcomes=request.outcomes,
        runs=runs,
        seed=request.seed,
    )
    question = sweep.question(experiment, Path(), bool(request.scenario.code))
    results = sweep.store_of(out, question)
    sweep.run_into(results, question, workers, progress)
    failed = results.table("failed")
    if len(failed):
        raise ExperimentError(
            f"{len(failed)} points failed, the first with {failed['error'].iloc[0]}, expected "
            "narrower ranges"
        )
    wars = results.table("outcomes")
    u = unit_cube(design, len(varied), points, request.seed)
    found = {}
    for outcome in request.outcomes:
        y, luck = mean_and_luck(wars, outcome)
        found[outcome] = of_points(request.method, list(varied), u, y, luck, points)
    return found, len(wars), results.folder


def mean_and_luck(wars: pd.DataFrame, outcome: str) -> tuple[Floats, Floats]:
    """An outcome's mean at each point, and the luck that is left in it.

    The luck is half the difference of the means of even and of odd runs: as large as in the mean,
    and without the effect of figures.
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
            f"{place('outcomes', outcome)}: is missing in {missing:,} of {len(values):,} wars, "
            "where it did not happen; expected an outcome that every war has, such as z_end"
        )


def _check_density(values: pd.Series, outcome: str) -> None:
    """Delta compares densities; if many wars share one value there is none to estimate."""
    shares = values.value_counts(normalize=True)
    if len(shares) > 1 and shares.iloc[0] > _MOST_ALIKE:
        raise ExperimentError(
            f"{place('outcomes', outcome)}: is {shares.index[0]:g} in "
            f"{100 * shares.iloc[0]:.0f} % of the wars, which has no density for delta; "
            f"expected {argument('method')} pawn"
        )


# --- given data: delta and PAWN --------------------------------------------------------------


def _by_runs(
    request: Request, out: str | Path, workers: Workers, progress: Progress | None
) -> tuple[Figures, list[str], Figures | None, int, Path]:
    """The answer from a plain ensemble, the same as `sim run` stores."""
    known = outcomes_of(request.scenario)
    for outcome in request.outcomes:
        if outcome not in known:
            hint = did_you_mean(outcome, known) or ", expected a column of runs.parquet"
            raise ExperimentError(f"{place('outcomes', outcome)}: no such outcome{hint}")
    store = Store(out, request.scenario, request.runs, request.seed, False)
    record = runner.run_into(store, workers, progress)
    for outcome in request.outcomes:
        _check_whole(record.runs[outcome], outcome)
        if request.method == "delta":
            _check_density(record.runs[outcome], outcome)
    sample = Sample(request.scenario, request.seed, record.runs["run"].to_numpy(np.int64))
    paths = list(request.vary or sample.drawn)
    u = places(np.column_stack([sample[path] for path in paths]))
    calls = {
        number: (request.method, paths, u, record.runs[outcome].to_numpy(np.float64))
        for number, outcome in enumerate(request.outcomes)
    }
    with contextlib.closing(spread(of_given, calls, workers)) as done:
        by_number = dict(done)
    found = {outcome: by_number[number] for number, outcome in enumerate(request.outcomes)}
    return found, paths, None, len(record.runs), store.folder / "sensitivity" / request.method
