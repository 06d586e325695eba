"""Commands that put a question to many wars: experiments and sweeps."""

import contextlib
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import File, Outcomes, Overrides, Seed, Shared, sharing_options
from sim.cli.terminal import (
    SOME_FAILED,
    answering,
    fighting,
    load_scenario,
    resumable,
    show_answer,
    stop,
    stop_unread,
    warn_of_no_effect,
)
from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.report.answer import Answer
    from sim.scenario.experiment import Experiment
    from sim.scenario.schema import Scenario


@sharing_options()
def experiment(
    file: Annotated[str, typer.Argument(help="An experiment: a YAML file.", metavar="FILE")],
    runs: Annotated[
        int | None, typer.Option(help="Number of runs, in place of the file's.", min=2)
    ] = None,
    *,
    shared: Shared,
) -> None:
    """Answer the question of an experiment file."""
    from sim.report.questions import run_experiment
    from sim.scenario.load import load
    from sim.scenario.shipped import named

    place = named(file, "experiments")
    with answering(str(place), shared.out):
        question = experiment_of(str(place))
        keeping = resumable() if question.kind != "impulse" else contextlib.nullcontext()

        def scenario() -> "Scenario":
            return load(place.parent / question.scenario, allow_code=shared.allow_code)

        with (
            keeping,
            fighting(question.name, 1, scenario, shared.is_quiet, shared.workers) as progress,
        ):
            answer = run_experiment(
                place, runs=runs, allow_code=shared.allow_code, out=shared.out,
                publish=shared.publish, workers=shared.workers, progress=progress,
            )  # fmt: skip
    show_answer(answer, shared.quiet, shared.as_json)
    _stop_if_failed(answer)


@sharing_options()
def sweep(
    file: File,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            default_factory=list,
            show_default=False,
            help="Vary a figure or switch: PATH=LOW:HIGH:POINTS, PATH=V1,V2,... or PATH alone for "
            "the figure's own range; may be repeated.",
        ),
    ],
    outcomes: Outcomes,
    overrides: Overrides,
    design: Annotated[str, typer.Option(help="Design of the points: grid, sobol, ...")] = "grid",
    points: Annotated[
        int | None, typer.Option(help="Number of points, for a design that samples.", min=1)
    ] = None,
    runs: Annotated[
        int, typer.Option(help="Number of runs at each point.", min=2, max=MOST_EXPERIMENT_RUNS)
    ] = 200,
    seed: Seed = 1,
    *,
    shared: Shared,
) -> None:
    """Run a scenario at many settings of its figures and switches.

    All settings share the same luck.
    """
    scenario = load_scenario(file, overrides, shared.allow_code)
    from sim.experiment.questions.sweep import check_varied, levels_by_line
    from sim.report.questions import sweep as run_sweep

    with answering(file, shared.out), resumable():
        levels = levels_by_line(vary, outcomes, overrides)
        check_varied(levels, design)
        warn_of_no_effect(shared.is_quiet, scenario)
        with fighting(
            scenario.name, 1, lambda: scenario, shared.is_quiet, shared.workers
        ) as progress:
            answer = run_sweep(
                scenario, levels, outcomes, design=design, points=points, runs=runs, seed=seed,
                out=shared.out, publish=shared.publish, workers=shared.workers, progress=progress,
            )  # fmt: skip
    show_answer(answer, shared.quiet, shared.as_json)
    _stop_if_failed(answer)


def answer_of_file(
    asked: "Callable[..., Answer]",
    word: str,
    file: str,
    wanted: "Mapping[str, int | None]",
    shared: Shared,
) -> "Answer":
    """What is asked of an experiment's file, whose wars are kept and gone on from."""
    from sim.scenario.load import load
    from sim.scenario.shipped import named

    place = named(file, "experiments")
    with answering(str(place), shared.out), resumable():
        experiment = experiment_of(str(place))

        def scenario() -> "Scenario":
            return load(place.parent / experiment.scenario, allow_code=shared.allow_code)

        label = f"{experiment.name} {word}"
        with fighting(label, 1, scenario, shared.is_quiet, shared.workers) as progress:
            return asked(
                place, **wanted, allow_code=shared.allow_code, out=shared.out,
                publish=shared.publish, workers=shared.workers, progress=progress,
            )  # fmt: skip


def _stop_if_failed(answer: "Answer") -> None:
    """End a command with what failed of a sweep."""
    failed = answer.figures.get("failed")
    if failed:
        stop(
            f"{len(failed)} of {len(answer.frames['points']):,} points failed; point "
            f"{failed[0]['point']}, run {failed[0]['run']}: {failed[0]['error']}; all are in "
            "failed.parquet",
            SOME_FAILED,
        )


def experiment_of(file: str) -> "Experiment":
    """The experiment of a file; what is wrong with it ends the command."""
    from sim.scenario.errors import ScenarioError
    from sim.scenario.load import load_experiment

    try:
        return load_experiment(file)
    except ScenarioError as error:
        stop_unread(str(error), file, "experiments")
