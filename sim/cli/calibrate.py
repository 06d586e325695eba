"""The command on which figures reproduce what was reported."""

from typing import Annotated

import typer

from sim.cli.options import File, Overrides, Seed, Shared, sharing_options
from sim.cli.terminal import (
    answering,
    fighting,
    load_scenario,
    resumable,
    show_answer,
)
from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS


@sharing_options()
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
        int,
        typer.Option(
            help="How many wars in all, in eight rounds.", min=1, max=MOST_EXPERIMENT_RUNS
        ),
    ] = 20_000,
    seed: Seed = 1,
    *,
    shared: Shared,
) -> None:  # fmt: skip
    """Which figures reproduce what was reported, and what the reports tell nothing about."""
    scenario = load_scenario(file, overrides, shared.allow_code)
    from sim.report.questions import calibrate as run_calibration

    label = f"{scenario.name} calibrate"
    bar = fighting(label, runs, lambda: scenario, shared.is_quiet, shared.workers)
    with answering(file, shared.out), resumable(), bar as progress:
        answer = run_calibration(
            scenario, vary=vary, against=against, spend_validation=spend_validation,
            error=error, runs=runs, seed=seed, out=shared.out, publish=shared.publish,
            workers=shared.workers, progress=progress,
        )  # fmt: skip
    show_answer(answer, shared.quiet, shared.as_json)
