"""The options that several commands share."""

import datetime
import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sim.scenario.calls.limits import LARGEST_SEED, MOST_RUNS
from sim.scenario.text.dates import date_of

if TYPE_CHECKING:
    from sim.experiment.execution.workers import Workers as Executing


def day_of(written: str) -> datetime.date:
    """The day that an option says. Raises BadParameter."""
    try:
        return date_of(written)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _folder(written: str | None) -> str | None:
    from sim.scenario.calls.arguments import no_folder

    if written is not None and (wrong := no_folder(Path(written))):
        raise typer.BadParameter(wrong)
    return written


def _file(written: str | None) -> str | None:
    from sim.scenario.calls.arguments import no_file

    if written is not None and (wrong := no_file(Path(written))):
        raise typer.BadParameter(wrong)
    return written


TRAIN_UNTIL = typer.Option(
    "--train-until",
    help="Fit to the data of this day and before.",
    parser=day_of,
    metavar="YYYY-MM-DD",
)
TrainUntil = Annotated[datetime.date, TRAIN_UNTIL]
File = Annotated[str, typer.Argument(help="A scenario: a YAML file.", metavar="FILE")]
Runs = Annotated[int, typer.Option(help="Number of runs.", min=1, max=MOST_RUNS)]
Seed = Annotated[int, typer.Option(help="Seed of all random draws.", min=0, max=LARGEST_SEED)]
Overrides = Annotated[
    list[str],
    typer.Option(
        "--set",
        default_factory=list,
        show_default=False,
        help="Change a figure or a switch: PATH=VALUE; may be repeated.",
    ),
]
Outcomes = Annotated[
    list[str],
    typer.Option(
        "--outcome",
        default_factory=list,
        show_default=False,
        help="A column of runs.parquet; may be repeated. Default: losses, money and Z.",
    ),
]
AllowCode = Annotated[
    bool,
    typer.Option("--allow-code", help="Run the code of own mechanisms that the scenario names."),
]
Out = Annotated[str, typer.Option(help="Folder of the results.", callback=_folder)]
Publish = Annotated[
    str | None,
    typer.Option(
        help="Also write the answer into this folder: tables, pictures, manifest.", callback=_folder
    ),
]
ToFile = Annotated[
    str | None,
    typer.Option(
        "--to", help="File to write. Default: in the folder of the results.", callback=_file
    ),
]
ScenarioTo = Annotated[
    str | None,
    typer.Option("--to", help="File to write the scenario to.", callback=_file),
]
ToFolder = Annotated[
    str | None,
    typer.Option(
        "--to", help="Folder to write. Default: in the folder of the results.", callback=_folder
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        help="Number of worker processes. Default: one for each core, or none for up to 1,000 "
        "wars.",
        min=1,
    ),
]
Executor = Annotated[
    str, typer.Option(help="Who does the work: local (processes here) or dask (a cluster).")
]
Scheduler = Annotated[
    str | None, typer.Option(help="For dask: the address of its scheduler.", metavar="ADDRESS")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print no progress and no answer.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as one JSON object.")]


class Shared(NamedTuple):
    """What was given for the options that commands which fight wars share."""

    out: str
    publish: str | None
    workers: "Executing"
    allow_code: bool
    quiet: bool
    as_json: bool

    @property
    def processes(self) -> int | None:
        """How many processes of this machine may work; None for the default."""
        return self.workers if isinstance(self.workers, int) else None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is to be printed on the way."""
        return self.quiet or self.as_json


_SHARED: dict[str, tuple[Any, Any]] = {
    "out": (Out, "results"),
    "publish": (Publish, None),
    "workers": (Workers, None),
    "executor": (Executor, "local"),
    "scheduler": (Scheduler, None),
    "allow_code": (AllowCode, False),
    "quiet": (Quiet, False),
    "as_json": (AsJson, False),
}


_BY_NAME = inspect.Parameter.KEYWORD_ONLY


def sharing_options(*lacking: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options that commands which fight wars share, as its `shared`.

    `lacking` names those of them that it does not have.
    """
    offered = {name: option for name, option in _SHARED.items() if name not in lacking}

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def with_shared(**given: Any) -> None:
            options = {name: given.pop(name) for name in offered}
            command(**given, shared=_shared(options))

        own = [p for p in inspect.signature(command).parameters.values() if p.name != "shared"]
        parameters = [p.replace(kind=_BY_NAME) for p in own] + [
            inspect.Parameter(name, _BY_NAME, default=default, annotation=kind)
            for name, (kind, default) in offered.items()
        ]
        with_shared.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        with_shared.__annotations__ = {p.name: p.annotation for p in parameters}
        return with_shared

    return decorate


def _shared(options: dict[str, Any]) -> Shared:
    """What was given, of what a command offers; who does the work in one piece."""
    from sim.cli.terminal import workers_of

    given = {name: default for name, (_, default) in _SHARED.items()} | options
    who = [given.pop(name) for name in ("workers", "executor", "scheduler")]
    return Shared(workers=workers_of(*who) if "workers" in options else None, **given)
