"""The command that asks which figures reproduce what was reported."""

from typing import Annotated

import typer

from sim.cli.options import (
    AllowCode,
    AsJson,
    Executor,
    File,
    Out,
    Overrides,
    Publish,
    Quiet,
    Scheduler,
    Seed,
    Workers,
)
from sim.cli.terminal import (
    answering,
    fighting,
    keeping_wars,
    load_scenario,
    show_answer,
    workers_of,
)
from sim.scenario.limits import MOST_ASKED


def calibrate(
    file: File,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            default_factory=list,
            show_default=False,
            help="PATH of a figure with a range; may be repeated. Without: those that the "
            "outcomes reported hang on, at most 12.",
        ),
    ],
    against: Annotated[
        list[str],
        typer.Option(
            "--against",
            default_factory=list,
            show_default=False,
            help="NAME of a report; may be repeated. Without: all that are marked for tuning.",
            metavar="NAME",
        ),
    ],
    overrides: Overrides,
    spend_validation: Annotated[
        bool,
        typer.Option(
            "--spend-validation",
            help="Lets --against name reports kept for validation; they can then validate no more.",
        ),
    ] = False,
    error: Annotated[
        float,
        typer.Option(
            help="How far off a figure reported without a range may be: its standard error, as a "
            "share of it.",
            min=0.001, max=10.0,
        ),
    ] = 0.2,
    runs: Annotated[
        int, typer.Option(help="How many wars in all, in eight rounds.", min=1, max=MOST_ASKED)
    ] = 20_000,
    seed: Seed = 1,
    out: Out = "results",
    publish: Publish = None,
    workers: Workers = None,
    executor: Executor = "local",
    scheduler: Scheduler = None,
    allow_code: AllowCode = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Which figures reproduce what was reported, and what the reports tell nothing about."""
    hands = workers_of(workers, executor, scheduler)
    scenario = load_scenario(file, overrides, allow_code)
    from sim.report.questions import calibrate as ask

    label = f"{scenario.name} calibrate"
    is_quiet = quiet or as_json
    bar = fighting(label, runs, lambda: scenario, is_quiet, hands)
    with answering(file, out), keeping_wars(), bar as progress:
        answer = ask(
            scenario, vary=vary, against=against, spend_validation=spend_validation,
            error=error, runs=runs, seed=seed, out=out, publish=publish, workers=hands,
            progress=progress,
        )  # fmt: skip
    show_answer(answer, quiet, as_json)
