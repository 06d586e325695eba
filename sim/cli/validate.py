"""Commands that compare the model with what was observed, misses reported as misses."""

import datetime
from typing import Annotated

import typer

from sim.cli.options import (
    TRAIN_UNTIL,
    Overrides,
    Runs,
    Seed,
    Shared,
    TrainUntil,
    sharing_options,
)
from sim.cli.terminal import (
    compile_raid,
    load_scenario,
    progress_bar,
    publish_answer,
    show_answer,
    stop,
    waiting,
)
from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS

_OPINION = "public-opinion"


@sharing_options("out", "publish", "allow_code")
def reported(
    files: Annotated[
        list[str] | None,
        typer.Argument(help="Scenarios. Default: all shipped ones with reported figures."),
    ] = None,
    runs: Runs = 1000,
    seed: Seed = 1,
    *,
    shared: Shared,
) -> None:
    """Compare scenarios with reported figures.

    Each reported figure lies inside or outside the model's 90 %.
    """
    scenarios = [load_scenario(file, []) for file in files or _shipped_scenarios()]
    without = [scenario.name for scenario in scenarios if not scenario.reported]
    if files and without:
        stop(f"{without[0]}: has no reported figures, expected a section reported")
    from sim.evidence.reported import compare_with_reports
    from sim.report.answers.reported import Reported

    asked = [scenario for scenario in scenarios if scenario.reported]
    twice = [one.name for k, one in enumerate(asked) if one.name in (s.name for s in asked[:k])]
    if twice:
        stop(f"{twice[0]}: named twice, expected scenarios of different names")
    figures = {}
    for scenario in asked:
        compile_raid(scenario, shared.is_quiet, shared.workers)
        with progress_bar(scenario.name, runs, shared.is_quiet) as progress:
            figures[scenario.name] = compare_with_reports(
                scenario, runs, seed, shared.workers, progress
            )
    answer = Reported("The model compared with what was reported", tuple(asked), figures)
    show_answer(answer, shared.quiet, shared.as_json)


def _shipped_scenarios() -> list[str]:
    """The names of the scenarios that come with the package."""
    from sim.scenario.shipped import shipped

    found = sorted(file.stem for file in shipped("scenarios").glob("*.yaml"))
    return [name for name in found if name != "sources"]


@sharing_options("out", "workers", "executor", "scheduler", "allow_code")
def nights(
    file: Annotated[str, typer.Argument(help="Nightly raids: a CSV file.", metavar="FILE.csv")],
    until: Annotated[datetime.date | None, TRAIN_UNTIL] = None,
    seed: Seed = 1,
    sequential: Annotated[
        bool,
        typer.Option(
            "--sequential", help="Forecast each night from all nights before, then learn from it."
        ),
    ] = False,
    elsewhere: Annotated[
        str | None,
        typer.Option(help="Forecast the raids on other countries in this file.", metavar="CSV"),
    ] = None,
    *,
    shared: Shared,
) -> None:
    """Compare forecasts of nightly raids with what came.

    A nation's defence is fitted to the nights up to a day, or learned night by night.
    """
    from sim.evidence.nights.rows import NightsError
    from sim.evidence.nights.sequential import validate_sequentially
    from sim.evidence.nights.transfer import forecast_elsewhere
    from sim.evidence.nights.validation import validate_nights
    from sim.report.answers.kind import Kind
    from sim.report.answers.nights import Nights
    from sim.report.answers.sequential import Sequential
    from sim.report.answers.transfer import Transfer

    if elsewhere is not None and (sequential or until is not None):
        stop("--elsewhere: goes with neither --sequential nor --train-until, expected it alone")
    if until is None and not sequential and elsewhere is None:
        stop("--train-until: not given, expected a date, or --sequential to learn night by night")
    answer: Kind
    try:
        if elsewhere is not None:
            with waiting("learning night by night", shared.is_quiet):
                figures = forecast_elsewhere(file, elsewhere)
            answer = Transfer(Transfer.called, (), figures)
        elif sequential:
            with waiting("learning night by night", shared.is_quiet):
                figures = validate_sequentially(file, until)
            answer = Sequential(Sequential.called, (), figures)
        else:
            assert until is not None
            answer = Nights(Nights.called, (), validate_nights(file, until, seed=seed))
    except NightsError as error:
        stop(str(error))
    publish_answer(answer, file, shared.publish)
    show_answer(answer, shared.quiet, shared.as_json)


@sharing_options("out", "allow_code")
def polls(
    overrides: Overrides,
    file: Annotated[
        str | None, typer.Argument(help=f"A scenario with polls. Default: {_OPINION}.")
    ] = None,
    until: TrainUntil = datetime.date(2024, 12, 31),
    runs: Annotated[
        int, typer.Option(help="Number of runs in each round.", min=2, max=MOST_EXPERIMENT_RUNS)
    ] = 8000,
    seed: Seed = 1,
    *,
    shared: Shared,
) -> None:
    """Compare two publics with polls, wave by wave.

    Polls up to a day are fitted, later ones are forecast.
    """
    file = file or _OPINION
    scenario = load_scenario(file, overrides)
    from sim.evidence.polls.ensemble import Ensemble
    from sim.evidence.polls.polls import compare_with_polls
    from sim.evidence.polls.public_fit import EvidenceError
    from sim.report.answers.polls import Polls

    is_quiet = shared.is_quiet
    try:
        with progress_bar(scenario.name, 1, is_quiet) as progress:
            ensemble = Ensemble(scenario, runs, seed, shared.workers, progress)
            figures, fans = compare_with_polls(ensemble, until)
    except EvidenceError as error:
        stop(f"{file}: {error}")
    answer = Polls(scenario.title, (scenario,), figures, fans)
    publish_answer(answer, file, shared.publish)
    show_answer(answer, shared.quiet, shared.as_json)
