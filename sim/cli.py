"""The commands. Each loads what it needs when it is called, so that help is quick."""

import json
import math
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from sim.experiment.runner import Progress
    from sim.report.words import Section
    from sim.scenario.schema import Scenario

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="What raids cost, and under which theories of bargaining they harden positions.",
)

File = Annotated[str, typer.Argument(help="A scenario: a YAML file.", metavar="FILE")]
Runs = Annotated[int, typer.Option(help="How many runs.", min=1, max=100_000_000)]
Seed = Annotated[int, typer.Option(help="The seed of all luck.", min=0, max=2**62 - 1)]
Overrides = Annotated[
    list[str],
    typer.Option(
        "--set",
        default_factory=list,
        show_default=False,
        help="PATH=VALUE, changes a figure or a switch; may be repeated.",
    ),
]
AllowCode = Annotated[
    bool, typer.Option("--allow-code", help="Run mechanisms of your own that the scenario names.")
]
Out = Annotated[str, typer.Option(help="Folder that results go to.")]
Workers = Annotated[int | None, typer.Option(help="Worker processes, default all cores.", min=1)]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")]
AsJson = Annotated[bool, typer.Option("--json", help="The figures as one JSON object.")]


@app.command()
def run(
    file: File,
    overrides: Overrides,
    runs: Runs = 1000,
    seed: Seed = 1,
    out: Out = "results",
    days: Annotated[bool, typer.Option("--days", help="Keep every day: days.parquet.")] = False,
    workers: Workers = None,
    force: Annotated[bool, typer.Option("--force", help="Compute even what is there.")] = False,
    allow_code: AllowCode = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run a scenario and answer its question."""
    scenario = _load(file, overrides, allow_code)
    from sim.experiment.store import Store
    from sim.report.summary import summarise
    from sim.report.words import summary_in_words

    store = Store(out, scenario, runs, seed, days)
    if force:
        store.clear()
    found = store.is_complete
    is_quiet = quiet or as_json
    started = time.perf_counter()
    if not found:
        from sim.experiment.runner import run_into

        _compile(scenario, is_quiet)
        try:
            with _progress(scenario.name, runs, is_quiet) as progress:
                run_into(store, workers, progress)
        except KeyboardInterrupt:
            _stop("interrupted; the runs done are kept, and the same command goes on", 130)
        except OSError as error:
            _stop(f"{out}: cannot be written ({error.strerror}), expected a folder with room")
    record = store.read()
    plots = store.folder / "plots"
    if not found or not plots.exists():
        from sim.report.plots import draw_all

        unfinished = store.folder / ".plots"
        draw_all(record, unfinished)
        shutil.rmtree(plots, ignore_errors=True)
        unfinished.rename(plots)
    summary = summarise(record) | {
        "folder": str(store.folder),
        "hash": store.hash,
        "found": found,
        "seconds": round(time.perf_counter() - started, 3),
    }
    if as_json:
        _print_json(summary)
    elif not quiet:
        _print_sections(scenario.title, summary_in_words(scenario, summary))
        how = "found" if found else f"computed in {summary['seconds']:.1f} s"
        _say(f"\n{how}: {store.folder}", style="dim")


@app.command()
def compare(
    file: File,
    without: Annotated[
        list[str],
        typer.Option(
            "--without",
            default_factory=list,
            show_default=False,
            help="PATH of a part to leave out, such as raids.NAME; may be repeated.",
        ),
    ],
    overrides: Overrides,
    runs: Runs = 1000,
    seed: Seed = 1,
    workers: Workers = None,
    allow_code: AllowCode = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """What leaving a part out, or setting it otherwise, makes of a war, on shared luck."""
    if not without and not overrides:
        _stop("nothing to compare with, expected --without PATH or --set PATH=VALUE")
    as_is = _load(file, [], allow_code)
    changed = _load(file, overrides, allow_code, without)
    if (changed.start, changed.end) != (as_is.start, as_is.end):
        _stop("the campaigns differ, expected the same start and end on both sides")
    from sim.experiment import runner
    from sim.experiment.contrast import Contrast
    from sim.report.comparison import compare_in_figures
    from sim.report.words import contrast_in_words

    is_quiet = quiet or as_json
    _compile(as_is, is_quiet)
    records = []
    for scenario, label in ((as_is, "as it is"), (changed, "changed")):
        with _progress(f"{as_is.name} {label}", runs, is_quiet) as progress:
            records.append(
                runner.run(scenario, runs, seed, workers, with_days=True, progress=progress)
            )
    figures = compare_in_figures(Contrast(*records), without, overrides)
    if as_json:
        _print_json(figures)
    elif not quiet:
        _print_sections(f"{as_is.title}: as it is, minus changed", contrast_in_words(figures))


@app.command()
def check(
    file: File,
    overrides: Overrides,
    allow_code: AllowCode = False,
    as_json: AsJson = False,
) -> None:
    """Check a scenario and print its register of figures."""
    scenario = _load(file, overrides, allow_code)
    from sim.report.register import register, register_totals

    rows, totals = register(scenario), register_totals(scenario)
    if as_json:
        _print_json({"scenario": scenario.name, "figures": rows, "totals": totals})
        return
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("path", "value", "range", "unit", "source or assumption"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "path")
    for row in rows:
        span = "" if row["low"] is None else f"{row['low']:g} to {row['high']:g}"
        span += f" {row['law']}" if row["law"] else ""
        unit = "" if row["unit"] == "1" else row["unit"]
        table.add_row(row["path"], f"{row['value']:g}", span, unit, row["provenance"])
    _console().print(table, markup=False)
    _say(
        f"\n{totals['figures']} figures: {totals['sourced']} with a source, "
        f"{totals['assumed']} assumed, {totals['ranged']} with a range drawn once a run; "
        f"{totals['sources']} sources cited."
    )


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenarios."""
    from sim.scenario.schema import Scenario

    _print_json(Scenario.model_json_schema())


_READER_GONE = 1  # what typer exits with when nobody reads the output any more


def main() -> None:
    """Run a command; bad input is one line and exit code 2, an interrupt 130."""
    try:
        code = app(standalone_mode=False)
    except ValueError as error:
        from sim.scenario.code import CodeError

        if not isinstance(error, CodeError):
            raise
        _stop(str(error))
    except (typer.Abort, KeyboardInterrupt):
        _stop("interrupted", 130)
    except typer.TyperException as error:
        message = getattr(error, "format_message", error.__str__)()
        _stop(message if message.startswith("Usage:") else f"sim: {message}")
    except SystemExit as stop:
        if stop.code != _READER_GONE:
            raise
        code = 0
    sys.exit(code if isinstance(code, int) else 0)


def _load(
    file: str, overrides: list[str], allow_code: bool = False, without: Sequence[str] = ()
) -> "Scenario":
    from sim.scenario.load import ScenarioError, load

    try:
        return load(file, overrides, without, allow_code)
    except ScenarioError as error:
        _stop(str(error))


def _stop(message: str, code: int = 2) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(code)


def _compile(scenario: "Scenario", is_quiet: bool) -> None:
    """Compile the raid if this machine never has, and say so."""
    from sim.experiment.runner import compile_first, needs_compiling

    if not needs_compiling():
        return
    started = time.perf_counter()
    if not is_quiet:
        print("first run with this code: compiling the raid ...", file=sys.stderr, flush=True)
    compile_first(scenario)
    if not is_quiet:
        print(f"compiled in {time.perf_counter() - started:.1f} s", file=sys.stderr)


_WORDY = ("who says so", "is, used for", "90 %")
_WIDTH_OF_A_FILE = 160


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_OF_A_FILE)


def _say(line: str, style: str = "") -> None:
    _console().print(line, style=style, markup=False)


def _print_json(figures: Any) -> None:
    print(json.dumps(_jsonable(figures), indent=1, allow_nan=False, default=str))


def _jsonable(figures: Any) -> Any:
    """The same with a rate without end as the word inf, which JSON has no number for."""
    if isinstance(figures, dict):
        return {key: _jsonable(value) for key, value in figures.items()}
    if isinstance(figures, list):
        return [_jsonable(value) for value in figures]
    return "inf" if figures == math.inf else figures


def _print_sections(title: str, sections: "list[Section]") -> None:
    from rich.table import Table

    console = _console()
    console.print(title, style="bold", markup=False)
    for section in sections:
        if not section.lines and not section.rows:
            continue
        console.print(f"\n{section.heading}", style="bold", markup=False)
        for line in section.lines:
            console.print(line, markup=False)
        if section.rows:
            table = Table(box=None, pad_edge=False, header_style="dim")
            for place, column in enumerate(section.columns):
                is_number = place > 0 and column not in _WORDY
                table.add_column(
                    column,
                    justify="right" if is_number else "left",
                    no_wrap=column != "who says so",
                )
            for row in section.rows:
                table.add_row(*row)
            console.print(table, markup=False)


@contextmanager
def _progress(label: str, wanted: int, is_quiet: bool) -> "Iterator[Progress | None]":
    """A bar with rate and time left, on a terminal only."""
    if is_quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f} runs"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    # No refreshing thread: worker processes are forked while the bar is shown.
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as bar:
        task = bar.add_task(label, total=wanted, rate="")
        started = time.perf_counter()
        found: list[int] = []

        def show(done: int, wanted: int) -> None:
            found.append(done)
            rate = (done - found[0]) / max(1e-9, time.perf_counter() - started)
            bar.update(task, completed=done, total=wanted, rate=f"{rate:,.0f} runs/s", refresh=True)

        yield show


if __name__ == "__main__":
    main()
