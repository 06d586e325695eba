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
            help="Fit the figure PATH, which needs a range; may be repeated. Default: those on "
            "which the reported outcomes depend, at most 12.",
        ),
    ],
    against: Annotated[
        list[str],
        typer.Option(
            "--against",
            default_factory=list,
            show_default=False,
            help="Fit to the report of this name; may be repeated. Default: all reports that are "
            "marked for tuning.",
            metavar="NAME",
        ),
    ],
    overrides: Overrides,
    spend_validation: Annotated[
        bool,
        typer.Option(
            "--spend-validation",
            help="Let --against name reports kept for validation, which can then no longer serve "
            "as a test.",
        ),
    ] = False,
    error: Annotated[
        float,
        typer.Option(
            help="Standard error of a figure that was reported without a range, as a share of it.",
            min=0.001, max=10.0,
        ),
    ] = 0.2,
    runs: Annotated[
        int,
        typer.Option(
            help="Number of wars in all eight rounds.", min=1, max=MOST_EXPERIMENT_RUNS
        ),
    ] = 20_000,
    seed: Seed = 1,
    *,
    shared: Shared,
) -> None:  # fmt: skip
    """Find figures that reproduce what was reported.

    The answer also says about which figures the reports tell nothing.
    """
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
