"""Commands that say what is to come."""

import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.options import ScenarioTo, Shared, day_of, sharing_options
from sim.cli.terminal import (
    answering,
    load_scenario,
    publish_answer,
    show_answer,
    stop,
    waiting,
)
from sim.cli.weigh import Alone, File, Together, answer_of_weighing

_AS_OF = typer.Option(
    "--as-of",
    help="Last night to learn from. Default: the last night of the file.",
    parser=day_of,
    metavar="YYYY-MM-DD",
)


@sharing_options("out", "workers", "executor", "scheduler", "allow_code")
def nights(
    file: Annotated[str, typer.Argument(help="Nightly raids: a CSV file.", metavar="FILE.csv")],
    as_of: Annotated[datetime.date | None, _AS_OF] = None,
    launched: Annotated[
        list[str] | None,
        typer.Option(
            help="Number launched. Default: as on recent nights.", metavar="CLASS=LOW[:HIGH]"
        ),
    ] = None,
    log: Annotated[
        str | None,
        typer.Option(
            help="Append the forecasts to this file, one line for each.", metavar="FILE.jsonl"
        ),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            help="Write the defence that was learned as a scenario with the raids of this one.",
            metavar="NAME",
        ),
    ] = None,
    visibility: Annotated[
        str | None,
        typer.Option(
            help="Write the visibility of this scenario's waves at which its defence fits.",
            metavar="NAME",
        ),
    ] = None,
    to: ScenarioTo = None,
    *,
    shared: Shared,
) -> None:
    """Forecast how many drones and missiles come through.

    The forecast is for the next night and for 7 and 30 days ahead, from all nights before.
    """
    from sim.evidence.nights.forecasting import append_to_log, forecast_nights, sizes_told
    from sim.evidence.nights.rows import NightsError
    from sim.report.answers.forecast import NightsForecast

    if scenario and visibility:
        stop("--scenario and --visibility: both are given, expected one")
    if ((scenario or visibility) is None) != (to is None):
        stop("--to FILE goes with --scenario NAME or --visibility NAME: expected both or neither")
    try:
        sizes = sizes_told(launched or [])
        with waiting("learning night by night", shared.is_quiet):
            figures = forecast_nights(file, as_of, sizes)
            if scenario is not None and to is not None:
                _write_scenario(file, figures, scenario, to)
            if visibility is not None and to is not None:
                _write_visibility(file, figures, visibility, to)
    except NightsError as error:
        stop(str(error))
    if log is not None:
        try:
            append_to_log(log, figures, datetime.datetime.now(datetime.UTC))
        except OSError as error:
            stop(f"{log}: cannot be appended to ({error.strerror}), expected an ordinary file")
    answer = NightsForecast(NightsForecast.called, (), figures)
    publish_answer(answer, file, shared.publish)
    show_answer(answer, shared.quiet, shared.as_json)


@sharing_options()
def war(file: File, runs: Together = None, runs_alone: Alone = None, *, shared: Shared) -> None:
    """Forecast a war beyond its record.

    The forecast covers polls month by month, an end of the fighting, and counts of events.
    """
    from sim.report.questions import forecast

    counts = {"runs": runs, "runs_alone": runs_alone}
    answer_of_weighing(forecast, "forecast", file, counts, shared)


def _write_scenario(file: str, figures: dict[str, Any], name: str, to: str) -> None:
    """Write what is known of the defence as a scenario of another one's later raids."""
    from sim.evidence.nights import national_scenario as national
    from sim.evidence.nights.forecasting import learned_to
    from sim.experiment.storage.disk import replacing

    source, date = load_scenario(name, []), datetime.date.fromisoformat(figures["as_of"])
    later = {
        raid: at
        for raid, at in national.raids_of(source).items()
        if at.night > date and set(at.sizes) & set(figures["classes"])
    }
    if not later:
        stop(f"--scenario {name}: no raid after {date} of a class that is forecast, expected one")
    groups = {group for raid in later.values() for group in raid.sizes} & set(figures["classes"])
    learned = {group: learned_to(file, group, date) for group in sorted(groups)}
    words = f"nights of a file with SHA-256 {figures['sha256'][:12]}"
    text = national.as_yaml(f"{source.title}: one defence", learned, date, later, words)
    missing = {group for raid in later.values() for group in raid.sizes} - groups
    text += "".join(
        f"# {group}: left out, {figures['not_forecast'][group]}\n" for group in sorted(missing)
    )
    with answering(name, to), replacing(Path(to)) as part:
        part.write_text(text, encoding="utf-8")


def _write_visibility(file: str, figures: dict[str, Any], name: str, to: str) -> None:
    """Write how visible the later waves of a scenario must be to its own defence."""
    from sim.evidence.nights.forecasting import learned_to
    from sim.evidence.nights.visibility import as_lines, asked_of, visibilities
    from sim.experiment.storage.disk import replacing

    scenario, date = load_scenario(name, []), datetime.date.fromisoformat(figures["as_of"])
    asked = asked_of(scenario, date)
    known = [wave for wave in asked if wave.group in figures["classes"]]
    if not known:
        stop(f"--visibility {name}: no wave after {date} of a class that is forecast, expected one")
    learned = {group: learned_to(file, group, date) for group in {wave.group for wave in known}}
    found = visibilities(scenario, known, learned)
    words = {
        group: f"fitted to what is forecast from {_provenance(figures, group)} to {date}"
        for group in learned
    }
    with answering(name, to), replacing(Path(to)) as part:
        text = as_lines(found, words) + "".join(
            f"# {wave.path}: left out, {figures['not_forecast'][wave.group]}\n"
            for wave in asked
            if wave not in found
        )
        part.write_text(text, encoding="utf-8")


def _provenance(figures: dict[str, Any], group: str) -> str:
    """How many nights of a class were learned from, and of which file."""
    nights = figures["classes"][group]["nights"]
    return f"{nights} nights of a file with SHA-256 {figures['sha256'][:12]}"
