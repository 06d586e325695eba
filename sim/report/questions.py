"""Questions put to many wars, each with its answer: the commands and the functions in Python.

With a folder `out` the wars are stored there, named by a hash of all their inputs, and found again;
without it nothing stays on disk. `publish` is a folder for the answer: tables, pictures, manifest.
"""

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from sim.evidence.calibration import calibration
from sim.evidence.weighing import answer as weighing
from sim.experiment.errors import ExperimentError
from sim.experiment.execution.cluster import Cluster
from sim.experiment.execution.runner import Progress
from sim.experiment.execution.workers import Workers, workers_of
from sim.experiment.questions import choose as choices
from sim.experiment.questions import discovery, impulse, play, signs, surface, theories
from sim.experiment.questions import sensitivity as indices
from sim.experiment.questions import sweep as sweeps
from sim.experiment.record import with_units
from sim.experiment.storage.manifest import provenance, read_manifest
from sim.render.document import Figures
from sim.report.answer import Answer
from sim.report.answers.calibration import Calibration, calibration_tables
from sim.report.answers.choice import Choice as ChoiceAnswer
from sim.report.answers.discovery import Discovery
from sim.report.answers.game import Game as GameAnswer
from sim.report.answers.impulse import Impulse as ImpulseAnswer
from sim.report.answers.kind import Kind
from sim.report.answers.register import register
from sim.report.answers.sensitivity import Sensitivity
from sim.report.answers.sweep import Sweep as SweepAnswer
from sim.report.answers.theories import Theories as TheoriesAnswer
from sim.report.answers.war_forecast import WarForecast
from sim.report.answers.weighing import Weighing as WeighingAnswer
from sim.report.publish import publish as publish_answer
from sim.report.stored_answer import store_answer
from sim.scenario.calls.arguments import (
    called_back,
    folder_of,
    quoted,
    runs_of,
    scenario_of,
    switch_of,
    whole,
)
from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS
from sim.scenario.calls.spelling import either
from sim.scenario.experiment import Choice, Game, Impulse, Sweep, Theories, Weighing
from sim.scenario.load import load_experiment
from sim.scenario.schema import Scenario
from sim.scenario.schema import figures as figures_of
from sim.scenario.shipped import named
from sim.scenario.stored import stored
from sim.scenario.without_effect import silent_meanings

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
    """Run a scenario at many points of its figures and switches, with common random numbers.

    `vary` has levels by path: a list of values, `"LOW:HIGH:POINTS"`, or None for a figure's own
    range. The default `outcomes` are what is destroyed, spent and lost, and the zone at the end.
    Tables: `points`, one row per point with the mean, error, median and central 90 % of every
    outcome; `outcomes`, one row per point and run; `failed`, the points that failed. With a folder
    `out` the wars are stored there and found again; without one nothing is stored. `publish` is a
    folder for the answer. Raises ScenarioError or ExperimentError if the question is not valid.
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
    """Answer the question of an experiment's file, or of a shipped experiment by its name.

    `runs` replaces the number in the file. Tables: for a sweep as in `sweep`; for theories
    `theories`, one row per theory, and `decay`, one per theory and day; for an impulse `responses`,
    one per mechanism, stimulus and side. `out` and `publish` as for `sweep`. Raises ScenarioError
    or ExperimentError if the question is not valid.
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
    if isinstance(experiment, Weighing):
        raise ExperimentError(
            "this is a weighing, expected "
            + either(f"`sim weigh {quoted(str(file))}`", f"sim.weigh({str(file)!r})")
        )
    if isinstance(experiment, Choice | Game):
        raise ExperimentError(
            f"this is a {experiment.kind}, expected "
            + either(f"`sim choose {quoted(str(file))}`", f"sim.choose({str(file)!r})")
        )
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
    """Find the figures on which outcomes depend, with the interval of each index.

    `vary` are figures by path, each over a pair (low, high), `"LOW:HIGH"`, or None for its own
    range; the default is all that have a range (for `sobol` the first of a screening). `method` is
    sobol, morris, delta or pawn. Table: `indices`, one row per outcome and figure; effects of
    `morris` are in the unit of the outcome. `out` and `publish` as for `sweep`. Raises
    ScenarioError or ExperimentError if the question is not valid.
    """
    scenario = scenario_of("scenario", scenario)
    _check_help(out, publish, workers, progress)
    ranges = {} if vary is None else vary
    request = indices.request_of(scenario, method, ranges, outcomes, points, runs, seed)
    with _place(out) as place:
        figures, table, folder = indices.answer(request, place, workers, progress)
        title, frames = f"{scenario.title}: what it depends on", {"indices": with_units(table)}
        answer = Sensitivity(title, (scenario,), figures, frames)
        return _given(answer, folder, out, publish)


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
    """Find the wars in which something happens, as ranges of the scenario's figures.

    `when` is a condition such as `"deal_day > 60 or never(deal_day)"`; `method` is prim (boxes) or
    cart (rules); `threshold` is the density that a box must have. Table: `trajectory`, one row per
    step of PRIM, or `rules`, one per rule. `out` and `publish` as for `sweep`. Raises
    ExperimentError if the condition cannot be read or does not divide the wars.
    """
    scenario = scenario_of("scenario", scenario)
    _check_help(out, publish, workers, progress)
    with _place(out) as place:
        figures, table, folder = discovery.answer(
            scenario, when, method, runs, seed, threshold, place, workers, progress
        )
        frames = {"trajectory" if method == "prim" else "rules": with_units(table)}
        figures = figures | {"table": table.to_dict("records")}
        answer = Discovery(f"{scenario.title}: when", (scenario,), figures, frames)
        return _given(answer, folder, out, publish)


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
    """Find figures that reproduce what was reported, and those that the reports leave unchanged.

    `vary` are paths of figures with a range, by default those on which the reports depend;
    `against` are names of reports, by default all for tuning; `error` is that of a figure reported
    without a range, as a share of it. Tables: `draws` of the figures from the posterior, one row
    per draw; `posterior`, one per figure, before and after; `reports`, one per report. `out` and
    `publish` as for `sweep`. Raises ExperimentError if the question is not valid or the reports
    cannot be met.
    """
    scenario = scenario_of("scenario", scenario)
    _check_help(out, publish, workers, progress)
    request = calibration.request_of(scenario, vary, against, spend_validation, runs, seed, error)
    with _place(out) as place:
        figures, draws, folder = calibration.answer(request, place, workers, progress)
        units = {path: figure.unit for path, figure in figures_of(scenario)}
        frames = {"draws": with_units(draws, units)}
        frames |= {name: with_units(table) for name, table in calibration_tables(figures).items()}
        answer = Calibration(f"{scenario.title}: calibrated", (scenario,), figures, frames)
        return _given(answer, folder, out, publish)


def weigh(
    file: str | Path,
    *,
    runs: int | None = None,
    runs_alone: int | None = None,
    recover: int = 0,
    what_next: bool = False,
    allow_code: bool = False,
    out: Folder = None,
    publish: Folder = None,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Answer:
    """Weigh the theories by the record of a war, from a weighing's file or a shipped one.

    `runs` and `runs_alone` replace the numbers of wars in the file; `recover` is the number of
    synthetic records of each model to weigh too; `what_next` ranks possible future observations.
    Tables: `mechanisms`, one row per mechanism; `scores`, one per model; `waves`, one per wave and
    model; with `recover` also `matrix`, one row per true model and candidate, `news`, one per true
    model, and `ranks`, one per mechanism and synthetic record; with `what_next` also `next`, one
    per observation.
    `figures["is_converged"]` is False if the effective number of wars is too small. `out` and
    `publish` as for `sweep`. Raises ScenarioError, EvidenceError or ExperimentError if the question
    is not valid.
    """
    _check_help(out, publish, workers, progress)
    recover = whole("recover", recover, 0, 10_000)
    experiment = _weighing(file, runs, runs_alone)
    allow_code = switch_of("allow_code", allow_code)
    with _place(out) as place:
        found = weighing.answer(
            experiment, named(file, "experiments").parent, place, recover,
            switch_of("what_next", what_next), allow_code, workers, progress,
        )  # fmt: skip
        answer = _of_weighing(WeighingAnswer, experiment, found)
        return _given(answer, found.folder, out, publish, read_manifest(found.folder))


def forecast(
    file: str | Path,
    *,
    runs: int | None = None,
    runs_alone: int | None = None,
    allow_code: bool = False,
    out: Folder = None,
    publish: Folder = None,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Answer:
    """Forecast what comes after the record of a weighing's file or a shipped one (its `ahead`).

    It uses the wars of `weigh`, which are stored in the folder `out` and found there. Tables:
    `items`, one row per model, item and month; `chances`, one per model, event and day; `counts`,
    one per kind of event and day. Arguments and errors are those of `weigh`.
    """
    _check_help(out, publish, workers, progress)
    experiment = _weighing(file, runs, runs_alone)
    allow_code = switch_of("allow_code", allow_code)
    with _place(out) as place:
        found = weighing.forecast(
            experiment, named(file, "experiments").parent, place, allow_code, workers, progress
        )
        answer = _of_weighing(WarForecast, experiment, found)
        if publish is not None:
            frozen = {
                file: sha256(text.encode()).hexdigest() for file, text in answer.files().items()
            }
            made_of = read_manifest(found.folder) | {"kind": answer.kind, "sha256": frozen}
            publish_answer(Path(publish), answer, None, made_of)
        return answer


def choose(
    file: str | Path,
    *,
    runs: int | None = None,
    allow_code: bool = False,
    out: Folder = None,
    publish: Folder = None,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Answer:
    """Find what to choose, from the file of a choice or of a game, or from a shipped one.

    `runs` replaces the file's number of wars of each option, or in a game of each pair. Tables: for
    a choice `options`, one row per budget and option, and `worth`, one per budget and figure; for a
    game `mixes`, one per budget, player and option played, and `pairs`, one per simulated pair.
    `out` and `publish` as for `sweep`. Raises ScenarioError or ExperimentError if the question is
    not valid.
    """
    _check_help(out, publish, workers, progress)
    experiment = load_experiment(file)
    if not isinstance(experiment, Choice | Game):
        raise ExperimentError(f"kind: {experiment.kind}, expected a choice or a game")
    if runs is not None:
        experiment = experiment.model_copy(update={"runs": runs_of(runs, MOST_EXPERIMENT_RUNS, 20)})
    allow_code, folder = switch_of("allow_code", allow_code), named(file, "experiments").parent
    question = (
        choices.Question(experiment, folder, allow_code)
        if isinstance(experiment, Choice)
        else play.Question(experiment, folder, allow_code)
    )
    kind: type[Kind] = ChoiceAnswer if isinstance(experiment, Choice) else GameAnswer
    with _place(out) as place:
        found = question.answer(place, workers, progress)
        frames = {name: with_units(table) for name, table in found.frames.items()}
        answer = kind(experiment.title, (question.wars.scenario,), found.figures, frames)
        return _given(answer, found.folder, out, publish, read_manifest(found.folder))


def _weighing(file: str | Path, runs: int | None, runs_alone: int | None) -> Weighing:
    """A weighing's file with the numbers of wars replaced."""
    experiment = load_experiment(file)
    if not isinstance(experiment, Weighing):
        raise ExperimentError(f"kind: {experiment.kind}, expected a weighing")
    wanted = {"runs": (runs, 800), "runs_alone": (runs_alone, 100)}
    changed = {
        word: runs_of(count, MOST_EXPERIMENT_RUNS, least)
        for word, (count, least) in wanted.items()
        if count is not None
    }
    return experiment.model_copy(update=changed)


def _of_weighing(kind: type[Kind], experiment: Weighing, found: weighing.Answer) -> Kind:
    """The result of a weighing as an answer of some kind."""
    frames = {name: with_units(table) for name, table in found.frames.items()}
    return kind(experiment.title, (found.question.scenario,), found.figures, frames)


def _sweep(
    question: sweeps.Question, out: Folder, publish: Folder, workers: Workers,
    progress: Progress | None, more: Figures,
) -> Answer:  # fmt: skip
    units = {path: unit for path, unit in question.units.items() if unit}
    with _place(out) as place:
        results = sweeps.store_of(place, question)
        sweeps.run_into(results, question, workers, progress)
        figures, points = surface.answer(results, question)
        frames = {
            "points": with_units(points, units),
            "outcomes": with_units(results.table("outcomes")),
            "failed": results.table("failed"),
        }
        figures = figures | {"table": points.to_dict("records")} | more
        answer = SweepAnswer(question.experiment.title, (question.scenario,), figures, frames)
        made_of = read_manifest(results.folder)
        return _given(answer, results.folder, out, publish, made_of, ("outcomes", "failed"))


def _theories(
    experiment: Theories, folder: Path, allow_code: bool, out: Folder, publish: Folder,
    workers: Workers, progress: Progress | None,
) -> Answer:  # fmt: skip
    question = theories.question(experiment, folder, allow_code)
    with _place(out) as place:
        store = theories.Store(place, question)
        theories.run_into(store, workers, progress)
        figures, by_theory, decay = signs.answer(store)
        frames = {"theories": with_units(by_theory), "decay": with_units(decay)}
        answer = TheoriesAnswer(experiment.title, (question.scenario,), figures, frames)
        return _given(answer, store.folder, out, publish, read_manifest(store.folder))


def _impulse(
    experiment: Impulse, folder: Path, allow_code: bool, publish: Folder, progress: Progress | None
) -> Answer:
    table, figures = impulse.run_impulse(experiment, folder, progress, allow_code)
    wars = impulse.wars_of(experiment, folder, allow_code)
    figures = figures | {"table": table.to_dict("records")}
    frames = {"responses": with_units(table)}
    answer = ImpulseAnswer(experiment.title, (wars.plain,), figures, frames)
    if publish is not None:  # the only place where it is stored
        publish_answer(Path(publish), answer, manifest=_made_of(experiment, wars))
        store_answer(Path(publish), answer)
    return answer


def _made_of(experiment: Impulse, wars: impulse.Wars) -> Figures:
    """The war in which nothing happens, and the figures in which the stimuli differ."""
    plain = register(wars.plain)
    stimuli = {
        word: [row for row in register(war) if row not in plain] for word, war in wars.under.items()
    }
    what = {
        "experiment": experiment.name,
        "kind": experiment.kind,
        "runs": experiment.runs,
        "seed": experiment.seed,
    }
    return what | stored(wars.plain) | {"stimuli": stimuli} | provenance()


def _check_help(out: Folder, publish: Folder, workers: Workers, progress: Any) -> None:
    """Check the folders, the workers, and the callback for progress."""
    folder_of("out", out)
    folder_of("publish", publish)
    workers_of(workers)
    called_back("progress", progress)


@contextlib.contextmanager
def _place(out: Folder) -> Iterator[Path]:
    """The folder where wars are stored during an analysis: the given one, or a temporary one."""
    if out is not None:
        yield Path(out)
        return
    with tempfile.TemporaryDirectory(prefix="sim-") as folder:
        yield Path(folder)


def _given(
    answer: Kind, folder: Path, out: Folder, publish: Folder, made_of: Figures | None = None,
    of_results: Sequence[str] = (),
) -> Answer:  # fmt: skip
    """Publish an answer if asked to, and store it with its wars if these are stored.

    Its figures name that folder; `of_results` are the tables that are already there.
    """
    stays = out is not None
    answer = replace(
        answer,
        figures=answer.figures | {"folder": str(folder) if stays else None},
        folder=folder if stays else None,
    )
    for to in (folder if stays else None, publish):
        if to is not None:
            publish_answer(Path(to), answer, folder, made_of)
    if stays:
        store_answer(folder, answer, of_results)
    return answer
