"""The options that several commands share."""

import datetime
from pathlib import Path
from typing import Annotated

import typer

from sim.scenario.dates import date_of
from sim.scenario.limits import LARGEST_SEED, MOST_RUNS


def _day(written: str) -> datetime.date:
    try:
        return date_of(written)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _folder(written: str | None) -> str | None:
    from sim.scenario.arguments import no_folder

    if written is not None and (wrong := no_folder(Path(written))):
        raise typer.BadParameter(wrong)
    return written


def _file(written: str | None) -> str | None:
    from sim.scenario.arguments import no_file

    if written is not None and (wrong := no_file(Path(written))):
        raise typer.BadParameter(wrong)
    return written


TrainUntil = Annotated[
    datetime.date,
    typer.Option(
        "--train-until",
        help="What is of this day or before is fitted.",
        parser=_day,
        metavar="YYYY-MM-DD",
    ),
]
File = Annotated[str, typer.Argument(help="A scenario: a YAML file.", metavar="FILE")]
Runs = Annotated[int, typer.Option(help="How many runs.", min=1, max=MOST_RUNS)]
Seed = Annotated[int, typer.Option(help="The seed of all luck.", min=0, max=LARGEST_SEED)]
Overrides = Annotated[
    list[str],
    typer.Option(
        "--set",
        default_factory=list,
        show_default=False,
        help="PATH=VALUE, changes a figure or a switch; may be repeated.",
    ),
]
Outcomes = Annotated[
    list[str],
    typer.Option(
        "--outcome",
        default_factory=list,
        show_default=False,
        help="A column of runs.parquet; may be repeated. Without: losses, money and Z.",
    ),
]
AllowCode = Annotated[
    bool, typer.Option("--allow-code", help="Run mechanisms of your own that the scenario names.")
]
Out = Annotated[str, typer.Option(help="Folder that results go to.", callback=_folder)]
Publish = Annotated[
    str | None,
    typer.Option(help="Folder for the answer: tables, pictures, manifest.", callback=_folder),
]
ToFile = Annotated[
    str | None,
    typer.Option("--to", help="The file to write, default in the folder.", callback=_file),
]
ToFolder = Annotated[
    str | None,
    typer.Option(
        "--to", help="The folder to write, default in that of the results.", callback=_folder
    ),
]
Workers = Annotated[int | None, typer.Option(help="Worker processes, default all cores.", min=1)]
Executor = Annotated[
    str, typer.Option(help="Who does the work: local (processes here) or dask (a cluster).")
]
Scheduler = Annotated[
    str | None, typer.Option(help="Of dask: ADDRESS of its scheduler.", metavar="ADDRESS")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")]
AsJson = Annotated[bool, typer.Option("--json", help="The figures as one JSON object.")]
