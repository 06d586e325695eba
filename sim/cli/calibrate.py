"""The command that asks which figures reproduce what was reported."""

from functools import partial
from pathlib import Path
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
    compile_raid,
    give_answer,
    keeping_wars,
    load_scenario,
    progress_bar,
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
    from sim.evidence.calibration import answer, asked_by_line
    from sim.report.calibration import calibration_in_words
    from sim.report.publish import publish_calibration

    scenario = load_scenario(file, overrides, allow_code)
    is_quiet = quiet or as_json
    with answering(file, out), keeping_wars():
        asked = asked_by_line(scenario, vary, against, spend_validation, runs, seed, error)
        compile_raid(scenario, is_quiet, hands)
        with progress_bar(f"{scenario.name} calibrate", runs, is_quiet) as progress:
            figures, posterior, folder = answer(asked, out, hands, progress)
        for place in filter(None, (str(folder), publish)):
            publish_calibration(Path(place), folder, scenario, figures, posterior)
    title, words = f"{scenario.title}: calibrated", partial(calibration_in_words, figures)
    give_answer(title, figures, words, folder, quiet, as_json)
