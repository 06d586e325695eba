"""Commands that put a question to many wars: experiments and sweeps."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import (
    AllowCode,
    AsJson,
    Executor,
    File,
    Out,
    Outcomes,
    Overrides,
    Publish,
    Quiet,
    Scheduler,
    Seed,
    Workers,
)
from sim.cli.terminal import (
    SOME_FAILED,
    answering,
    compile_raid,
    give_answer,
    keeping_wars,
    load_scenario,
    print_json,
    print_sections,
    progress_bar,
    stop,
    stop_unread,
    tell_silent,
    workers_of,
)
from sim.scenario.limits import MOST_ASKED

if TYPE_CHECKING:
    from sim.experiment.workers import Workers as Hands
    from sim.scenario.experiment import Experiment, Impulse, Sweep, Theories


def experiment(
    file: Annotated[str, typer.Argument(help="An experiment: a YAML file.", metavar="FILE")],
    runs: Annotated[
        int | None, typer.Option(help="Fewer or more runs than the file says.", min=2)
    ] = None,
    out: Out = "results",
    publish: Publish = None,
    workers: Workers = None,
    executor: Executor = "local",
    scheduler: Scheduler = None,
    allow_code: AllowCode = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Put an experiment's question to its scenario, and answer it."""
    hands = workers_of(workers, executor, scheduler)
    from sim.scenario.experiment import Sweep, Theories
    from sim.scenario.shipped import named

    file = str(named(file, "experiments"))
    with answering(file, out):
        asked = _experiment_of(file)
        if runs is not None:
            asked = asked.model_copy(update={"runs": runs})
        if isinstance(asked, Theories):
            with keeping_wars():
                _theories(asked, file, out, publish, hands, allow_code, quiet, as_json)
        elif isinstance(asked, Sweep):
            with keeping_wars():
                _sweep(asked, Path(file).parent, out, publish, hands, allow_code, quiet, as_json)
        elif scheduler is not None:
            stop(f"{file}: an impulse experiment needs one process, expected no --executor dask")
        else:
            _impulse(asked, file, publish, allow_code, quiet, as_json)


def sweep(
    file: File,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            default_factory=list,
            show_default=False,
            help="PATH=LOW:HIGH:POINTS, PATH=V1,V2,... or PATH alone for a figure's own range; "
            "may be repeated.",
        ),
    ],
    outcomes: Outcomes,
    overrides: Overrides,
    design: Annotated[str, typer.Option(help="Which points: grid, sobol, ...")] = "grid",
    points: Annotated[
        int | None, typer.Option(help="How many, for a design that samples.", min=1)
    ] = None,
    runs: Annotated[
        int, typer.Option(help="How many runs of each point.", min=2, max=MOST_ASKED)
    ] = 200,
    seed: Seed = 1,
    out: Out = "results",
    publish: Publish = None,
    workers: Workers = None,
    executor: Executor = "local",
    scheduler: Scheduler = None,
    allow_code: AllowCode = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run a scenario at many points of its figures and switches, on shared luck."""
    hands = workers_of(workers, executor, scheduler)
    from sim.experiment.sweep import asked_by_line

    scenario = load_scenario(file, overrides, allow_code)
    with answering(file, out), keeping_wars():
        asked = asked_by_line(scenario, file, vary, outcomes, overrides, design, points, runs, seed)
        warnings = tell_silent(quiet or as_json, scenario)
        _sweep(asked, Path(), out, publish, hands, allow_code, quiet, as_json, warnings)


def _sweep(
    asked: "Sweep", folder: Path, out: str, publish: str | None, workers: "Hands",
    allow_code: bool, quiet: bool, as_json: bool,
    warnings: list[str] | None = None,
) -> None:  # fmt: skip
    from sim.experiment.surface import answer
    from sim.experiment.sweep import question, run_into, store_of
    from sim.report.publish import publish_sweep
    from sim.report.sweep import sweep_in_words

    asks = question(asked, folder, allow_code)
    results = store_of(out, asks)
    is_quiet = quiet or as_json
    with results.writing():
        if not results.find():
            compile_raid(asks.scenario, is_quiet, workers)
            with progress_bar(asked.name, 1, is_quiet) as progress:
                run_into(results, asks, workers, progress)
    figures, table = answer(results, asks)
    for place in filter(None, (str(results.folder), publish)):
        publish_sweep(Path(place), results, asks, figures, table)
    told = figures | {"table": table.to_dict("records")}
    if warnings is not None:
        told["warnings"] = warnings
    words = partial(sweep_in_words, table, figures)
    give_answer(asked.title, told, words, results.folder, quiet, as_json)
    failed = figures["failed"]
    if failed:
        stop(
            f"{len(failed)} of {len(table):,} points failed; point {failed[0]['point']}, run "
            f"{failed[0]['run']}: {failed[0]['error']}; all are in failed.parquet",
            SOME_FAILED,
        )


def _experiment_of(file: str) -> "Experiment":
    """The experiment of a file; what is wrong with it ends the command."""
    from sim.scenario.load import ScenarioError, load_experiment

    try:
        return load_experiment(file)
    except ScenarioError as error:
        stop_unread(str(error), file, "experiments")


def _theories(
    asked: "Theories", file: str, out: str, publish: str | None, workers: "Hands",
    allow_code: bool, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    from sim.experiment.signs import answer
    from sim.experiment.theories import Store, question, run_into
    from sim.report.publish import publish_theories
    from sim.report.theories import theories_in_words

    store = Store(out, question(asked, Path(file).parent, allow_code))
    scenario = store.question.scenario
    is_quiet = quiet or as_json
    with store.writing():
        if not store.find():
            compile_raid(scenario, is_quiet, workers)
            with progress_bar(asked.name, 1, is_quiet) as progress:
                run_into(store, workers, progress)
    figures, theories, decay = answer(store)
    for folder in filter(None, (str(store.folder), publish)):
        publish_theories(Path(folder), store, figures, theories, decay)
    words = partial(theories_in_words, scenario, figures)
    give_answer(asked.title, figures, words, store.folder, quiet, as_json)


def _impulse(
    asked: "Impulse", file: str, publish: str | None, allow_code: bool, quiet: bool, as_json: bool
) -> None:
    from sim.experiment.impulse import run_impulse, wars_of
    from sim.report.impulse import impulse_in_words
    from sim.report.publish import publish_impulse

    with progress_bar(asked.name, 1, quiet or as_json) as progress:
        table, figures = run_impulse(asked, Path(file).parent, progress, allow_code)
    if publish is not None:
        wars = wars_of(asked, Path(file).parent, allow_code)
        publish_impulse(Path(publish), asked, wars, figures, table)
    if as_json:
        print_json(figures | {"table": table.to_dict("records")})
    elif not quiet:
        print_sections(asked.title, impulse_in_words(table, figures))
