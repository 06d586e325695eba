"""Questions put to many wars, each with its answer: what the commands and calls in Python do.

With a folder `out` the wars are stored there, named by what decides them, and found again; without
one nothing is left on the disk. `publish` is a folder for the answer: tables, pictures, manifest.
What publishes also draws, and is imported only where something is published.
"""

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sim.evidence.calibration import calibration
from sim.experiment.errors import ExperimentError
from sim.experiment.execution.cluster import Cluster
from sim.experiment.execution.runner import Progress
from sim.experiment.execution.workers import Workers, workers_of
from sim.experiment.questions import discovery, impulse, signs, surface, theories
from sim.experiment.questions import sensitivity as indices
from sim.experiment.questions import sweep as sweeps
from sim.experiment.record import with_units
from sim.report.answer import Answer, Kind
from sim.report.answers.calibration import calibration_tables
from sim.report.stored_answer import store_answer
from sim.scenario.calls.arguments import called_back, folder_of, runs_of, scenario_of, switch_of
from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS
from sim.scenario.calls.spelling import either
from sim.scenario.experiment import Impulse, Sweep, Theories
from sim.scenario.load import load_experiment
from sim.scenario.schema import Scenario
from sim.scenario.schema import figures as figures_of
from sim.scenario.shipped import named
from sim.scenario.without_effect import silent_meanings

Figures = dict[str, Any]
Folder = str | Path | None


def sweep(
    scenario: Scenario,
    vary: Mapping[str, Any],
    outcomes: Iterable[str] = (),
    *,
    design: str = "grid",
    points: int | None = None,
    runs: int = 200,
    seed: int = 1,
    out: Folder = None,
    publish: Folder = None,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Answer:
    """Outcomes at many points of a scenario's figures and switches, on shared luck.

    `vary` has levels by path: a list of values, `"LOW:HIGH:POINTS"`, or None for a figure's own
    range. Without `outcomes` they are what is destroyed, spent and lost, and the zone at the end.
    Tables: `points`, one row a point with every outcome's mean, error, median and central 90 %;
    `outcomes`, one row a point and run; `failed`, the points that failed. With a folder `out` the
    wars are stored there and found again, without one nothing stays; `publish` is a folder for the
    answer. Raises ScenarioError or ExperimentError where the question is not a valid one.
    """
    scenario = scenario_of("scenario", scenario)
    _check_help(out, publish, workers, progress)
    request = sweeps.request_of(scenario, vary, outcomes, design, points, runs, seed)
    question = sweeps.question(request, Path(), bool(scenario.code))
    warnings = list(dict.fromkeys(silent_meanings(scenario)))
    return _sweep(question, out, publish, workers, progress, {"warnings": warnings})


def run_experiment(
    file: str | Path,
    *,
    runs: int | None = None,
    allow_code: bool = False,
    out: Folder = None,
    publish: Folder = None,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Answer:
    """The answer to the question of an experiment's file, or of one that comes along, by name.

    `runs` are fewer or more than the file has. Tables: of a sweep as `sweep` has them; of theories
    `theories`, one row a theory, and `decay`, one a theory and day; of an impulse `responses`, one
    a mechanism, stimulus and side. `out` and `publish` as for `sweep`. Raises ScenarioError or
    ExperimentError where the question is not a valid one.
    """
    allow_code = switch_of("allow_code", allow_code)
    _check_help(out, publish, workers, progress)
    experiment = load_experiment(file)
    folder = named(file, "experiments").parent
    if runs is not None:
        experiment = experiment.model_copy(update={"runs": runs_of(runs, MOST_EXPERIMENT_RUNS, 2)})
    if isinstance(experiment, Sweep):
        question = sweeps.question(experiment, folder, allow_code)
        return _sweep(question, out, publish, workers, progress, {})
    if isinstance(experiment, Theories):
        return _theories(experiment, folder, allow_code, out, publish, workers, progress)
    if isinstance(workers, Cluster):
        raise ExperimentError(
            "an impulse experiment needs one process, expected "
            + either("no --executor dask", "workers= that is no Cluster")
        )
    return _impulse(experiment, folder, allow_code, publish, progress)


def sensitivity(
    scenario: Scenario,
    outcomes: Iterable[str] = (),
    *,
    vary: Mapping[str, Any] | None = None,
    method: str = "sobol",
    points: int | None = None,
    runs: int | None = None,
    seed: int = 1,
    out: Folder = None,
    publish: Folder = None,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Answer:
    """Which figures the outcomes hang on, with the interval of each index.

    `vary` are figures by path, each over a pair (low, high), `"LOW:HIGH"`, or None for its own
    range; without, all that have a range (of `sobol` the first of a screening). `method` is sobol,
    morris, delta or pawn. Table: `indices`, one row an outcome and figure; effects of `morris` are
    in the unit of the outcome. `out` and `publish` as for `sweep`. Raises ScenarioError or
    ExperimentError where the question is not a valid one.
    """
    scenario = scenario_of("scenario", scenario)
    _check_help(out, publish, workers, progress)
    ranges = {} if vary is None else vary
    request = indices.request_of(scenario, method, ranges, outcomes, points, runs, seed)
    with _place(out) as place:
        figures, table, folder = indices.answer(request, place, workers, progress)
        for to in _folders(folder, out, publish):
            from sim.report.publish import publish_sensitivity

            publish_sensitivity(to, folder, scenario, figures, table)
    title = f"{scenario.title}: what it hangs on"
    return _answer(
        "sensitivity", title, scenario, figures, {"indices": with_units(table)}, folder, out
    )


def discover(
    scenario: Scenario,
    when: str,
    *,
    method: str = "prim",
    threshold: float | None = None,
    runs: int = 2000,
    seed: int = 1,
    out: Folder = None,
    publish: Folder = None,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Answer:
    """In which wars something happens, as ranges of the scenario's figures.

    `when` is a condition such as `"deal_day > 60 or never(deal_day)"`; `method` is prim (boxes) or
    cart (rules); `threshold` is the density a box must have. Table: `trajectory`, one row a step of
    PRIM, or `rules`, one a rule. `out` and `publish` as for `sweep`. Raises ExperimentError where
    the condition cannot be read, or does not divide the wars.
    """
    scenario = scenario_of("scenario", scenario)
    _check_help(out, publish, workers, progress)
    with _place(out) as place:
        figures, table, folder = discovery.answer(
            scenario, when, method, runs, seed, threshold, place, workers, progress
        )
        for to in _folders(folder, out, publish):
            from sim.report.publish import publish_discovery

            publish_discovery(to, folder, scenario, figures, table)
    name = "trajectory" if method == "prim" else "rules"
    figures = figures | {"table": table.to_dict("records")}
    title = f"{scenario.title}: when"
    return _answer("discovery", title, scenario, figures, {name: with_units(table)}, folder, out)


def calibrate(
    scenario: Scenario,
    *,
    vary: Iterable[str] = (),
    against: Iterable[str] = (),
    spend_validation: bool = False,
    error: float = 0.2,
    runs: int = 20_000,
    seed: int = 1,
    out: Folder = None,
    publish: Folder = None,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Answer:
    """Which figures reproduce what was reported, and which the reports leave as they were.

    `vary` are paths of figures with a range, without: those that the reports hang on; `against` are
    names of reports, without: all for tuning; `error` is that of a figure reported without a range,
    as a share of it. Tables: `draws` of the figures from the posterior, one row a draw;
    `posterior`, one a figure, before and after; `reports`, one a report. `out` and `publish` as for
    `sweep`. Raises ExperimentError where the question is not valid, or the reports cannot be met.
    """
    scenario = scenario_of("scenario", scenario)
    _check_help(out, publish, workers, progress)
    request = calibration.request_of(scenario, vary, against, spend_validation, runs, seed, error)
    with _place(out) as place:
        figures, draws, folder = calibration.answer(request, place, workers, progress)
        for to in _folders(folder, out, publish):
            from sim.report.publish import publish_calibration

            publish_calibration(to, folder, scenario, figures, draws)
    units = {path: figure.unit for path, figure in figures_of(scenario)}
    frames = {"draws": with_units(draws, units)}
    frames |= {name: with_units(table) for name, table in calibration_tables(figures).items()}
    title = f"{scenario.title}: calibrated"
    return _answer("calibration", title, scenario, figures, frames, folder, out)


def _sweep(
    question: sweeps.Question, out: Folder, publish: Folder, workers: Workers,
    progress: Progress | None, more: Figures,
) -> Answer:  # fmt: skip
    with _place(out) as place:
        results = sweeps.store_of(place, question)
        sweeps.run_into(results, question, workers, progress)
        figures, points = surface.answer(results, question)
        for to in _folders(results.folder, out, publish):
            from sim.report.publish import publish_sweep

            publish_sweep(to, results, question, figures, points)
        wars, failed = results.table("outcomes"), results.table("failed")
    units = {path: unit for path, unit in question.units.items() if unit}
    frames = {
        "points": with_units(points, units), "outcomes": with_units(wars), "failed": failed
    }  # fmt: skip
    figures = figures | {"table": points.to_dict("records")} | more
    title = question.experiment.title
    tables = ("outcomes", "failed")
    return _answer("sweep", title, question.scenario, figures, frames, results.folder, out, tables)


def _theories(
    experiment: Theories, folder: Path, allow_code: bool, out: Folder, publish: Folder,
    workers: Workers, progress: Progress | None,
) -> Answer:  # fmt: skip
    question = theories.question(experiment, folder, allow_code)
    with _place(out) as place:
        store = theories.Store(place, question)
        theories.run_into(store, workers, progress)
        figures, by_theory, decay = signs.answer(store)
        for to in _folders(store.folder, out, publish):
            from sim.report.publish import publish_theories

            publish_theories(to, store, figures, by_theory, decay)
    frames = {"theories": with_units(by_theory), "decay": with_units(decay)}
    title = experiment.title
    return _answer("theories", title, question.scenario, figures, frames, store.folder, out)


def _impulse(
    experiment: Impulse, folder: Path, allow_code: bool, publish: Folder, progress: Progress | None
) -> Answer:
    table, figures = impulse.run_impulse(experiment, folder, progress, allow_code)
    wars = impulse.wars_of(experiment, folder, allow_code)
    if publish is not None:
        from sim.report.publish import publish_impulse

        publish_impulse(Path(publish), experiment, wars, figures, table)
    figures = figures | {"table": table.to_dict("records")}
    frames = {"responses": with_units(table)}
    answer = Answer("impulse", experiment.title, wars.plain, figures, frames, None)
    if publish is not None:  # which is the one place it is stored
        store_answer(Path(publish), answer)
    return answer


def _check_help(out: Folder, publish: Folder, workers: Workers, progress: Any) -> None:
    """Check the folders, who does the work, and the callback for progress."""
    folder_of("out", out)
    folder_of("publish", publish)
    workers_of(workers)
    called_back("progress", progress)


@contextlib.contextmanager
def _place(out: Folder) -> Iterator[Path]:
    """Where wars are stored while they are analysed: the folder named, or a temporary one."""
    if out is not None:
        yield Path(out)
        return
    with tempfile.TemporaryDirectory(prefix="sim-") as folder:
        yield Path(folder)


def _folders(own: Path, out: Folder, publish: Folder) -> list[Path]:
    """Where an answer is written: with its wars where these stay, and where it is published."""
    return [*([] if out is None else [own]), *([] if publish is None else [Path(publish)])]


def _answer(
    kind: Kind, title: str, scenario: Scenario, figures: Figures,
    frames: dict[str, pd.DataFrame], folder: Path, out: Folder, of_results: Sequence[str] = (),
) -> Answer:  # fmt: skip
    stored_in = None if out is None else folder
    figures = figures | {"folder": None if stored_in is None else str(stored_in)}
    answer = Answer(kind, title, scenario, figures, frames, stored_in)
    if stored_in is not None:
        store_answer(stored_in, answer, of_results)
    return answer
