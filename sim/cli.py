"""The commands. Each loads what it needs when it is called, so that help is quick."""

import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from sim.experiment.runner import Progress
    from sim.report.words import Section
    from sim.scenario.experiment import Impulse, Sweep, Theories
    from sim.scenario.schema import Scenario

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="What raids cost, and under which theories of bargaining they harden positions.",
)

validate = typer.Typer(
    no_args_is_help=True, help="Hold the model against what was observed, misses told as misses."
)
app.add_typer(validate, name="validate")

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
Publish = Annotated[
    str | None, typer.Option(help="Folder for the answer: tables, pictures, manifest.")
]
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
        unfinished.mkdir(exist_ok=True)  # of a war there may be nothing to draw
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
def experiment(
    file: Annotated[str, typer.Argument(help="An experiment: a YAML file.", metavar="FILE")],
    runs: Annotated[
        int | None, typer.Option(help="Fewer or more runs than the file says.", min=2)
    ] = None,
    out: Out = "results",
    publish: Publish = None,
    workers: Workers = None,
    allow_code: AllowCode = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Put an experiment's question to its scenario, and answer it."""
    from sim.experiment.errors import ExperimentError
    from sim.scenario.experiment import Sweep, Theories
    from sim.scenario.load import ScenarioError, load_experiment

    try:
        asked = load_experiment(file)
        if runs is not None:
            asked = asked.model_copy(update={"runs": runs})
        if isinstance(asked, Theories):
            _theories(asked, file, out, publish, workers, allow_code, quiet, as_json)
        elif isinstance(asked, Sweep):
            _sweep(asked, Path(file).parent, out, publish, workers, allow_code, quiet, as_json)
        else:
            _impulse(asked, file, publish, allow_code, quiet, as_json)
    except ScenarioError as error:
        _stop(str(error))
    except ExperimentError as error:
        _stop(f"{file}: {error}")
    except OSError as error:
        _stop(f"{error.filename or out}: cannot be written ({error.strerror}), expected room")


@app.command()
def sweep(
    file: File,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            default_factory=list,
            show_default=False,
            help="PATH=LOW:HIGH:POINTS, PATH=V1,V2,... or PATH alone for a figure's own range; "
            "may be repeated.",
        ),
    ],
    outcomes: Annotated[
        list[str],
        typer.Option(
            "--outcome",
            default_factory=list,
            show_default=False,
            help="A column of runs.parquet; may be repeated. Without: losses, money and Z.",
        ),
    ],
    overrides: Overrides,
    design: Annotated[str, typer.Option(help="Which points: grid, sobol, ...")] = "grid",
    points: Annotated[
        int | None, typer.Option(help="How many, for a design that samples.", min=1)
    ] = None,
    runs: Annotated[
        int, typer.Option(help="How many runs of each point.", min=2, max=10_000_000)
    ] = 200,
    seed: Seed = 1,
    out: Out = "results",
    publish: Publish = None,
    workers: Workers = None,
    allow_code: AllowCode = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run a scenario at many points of its figures and switches, on shared luck."""
    from sim.experiment.errors import ExperimentError
    from sim.experiment.sweep import asked_by_line
    from sim.scenario.load import ScenarioError

    scenario = _load(file, overrides, allow_code)
    try:
        asked = asked_by_line(scenario, file, vary, outcomes, overrides, design, points, runs, seed)
        _sweep(asked, Path(), out, publish, workers, allow_code, quiet, as_json)
    except ScenarioError as error:
        _stop(str(error))
    except ExperimentError as error:
        _stop(f"{file}: {error}")
    except OSError as error:
        _stop(f"{error.filename or out}: cannot be written ({error.strerror}), expected room")


def _sweep(
    asked: "Sweep", folder: Path, out: str, publish: str | None, workers: int | None,
    allow_code: bool, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    from sim.experiment.surface import answer
    from sim.experiment.sweep import question, run_into, store_of
    from sim.report.publish import publish_sweep
    from sim.report.sweep import sweep_in_words

    asks = question(asked, folder, allow_code)
    results = store_of(out, asks)
    is_quiet = quiet or as_json
    if not results.is_complete:
        _compile(asks.scenario, is_quiet)
        try:
            with _progress(asked.name, 1, is_quiet) as progress:
                run_into(results, asks, workers, progress)
        except KeyboardInterrupt:
            _stop("interrupted; the wars done are kept, and the same command goes on", 130)
    figures, table = answer(results, asks)
    for place in filter(None, (str(results.folder), publish)):
        publish_sweep(Path(place), results, asks, figures, table)
    if as_json:
        _print_json(figures | {"folder": str(results.folder), "table": table.to_dict("records")})
    elif not quiet:
        _print_sections(asked.title, sweep_in_words(table, figures))
        _say(f"\n{results.folder}", style="dim")
    failed = figures["failed"]
    if failed:
        _stop(
            f"{len(failed)} of {len(table):,} points failed; point {failed[0]['point']}, run "
            f"{failed[0]['run']}: {failed[0]['error']}; all are in failed.parquet",
            _SOME_FAILED,
        )


def _theories(
    asked: "Theories", file: str, out: str, publish: str | None, workers: int | None,
    allow_code: bool, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    from sim.experiment.signs import answer
    from sim.experiment.theories import Store, question, run_into
    from sim.report.publish import publish_theories
    from sim.report.theories import theories_in_words

    store = Store(out, question(asked, Path(file).parent, allow_code))
    scenario = store.question.scenario
    is_quiet = quiet or as_json
    if not store.is_complete:
        _compile(scenario, is_quiet)
        try:
            with _progress(asked.name, 1, is_quiet) as progress:
                run_into(store, workers, progress)
        except KeyboardInterrupt:
            _stop("interrupted; the wars done are kept, and the same command goes on", 130)
    figures, theories, decay = answer(store)
    for folder in filter(None, (str(store.folder), publish)):
        publish_theories(Path(folder), store, figures, theories, decay)
    if as_json:
        _print_json(figures | {"folder": str(store.folder)})
    elif not quiet:
        _print_sections(asked.title, theories_in_words(scenario, figures))
        _say(f"\n{store.folder}", style="dim")


def _impulse(
    asked: "Impulse", file: str, publish: str | None, allow_code: bool, quiet: bool, as_json: bool
) -> None:
    from sim.experiment.impulse import run_impulse
    from sim.report.impulse import impulse_in_words
    from sim.report.publish import publish_impulse

    with _progress(asked.name, 1, quiet or as_json) as progress:
        table, figures = run_impulse(asked, Path(file).parent, progress, allow_code)
    if publish is not None:
        publish_impulse(Path(publish), asked, figures, table)
    if as_json:
        _print_json(figures | {"table": table.to_dict("records")})
    elif not quiet:
        _print_sections(asked.title, impulse_in_words(table, figures))


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


_OPINION = "scenarios/public-opinion.yaml"


@validate.command()
def reported(
    files: Annotated[
        list[str] | None,
        typer.Argument(help="Scenarios, default all of scenarios/ that tell what was reported."),
    ] = None,
    runs: Runs = 1000,
    seed: Seed = 1,
    workers: Workers = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Each scenario against what was reported of it: inside or outside the model's 90 %."""
    scenarios = [_load(file, []) for file in files or _shipped_scenarios()]
    without = [scenario.name for scenario in scenarios if not scenario.reported]
    if files and without:
        _stop(f"{without[0]}: has no reported figures, expected a section reported")
    from sim.evidence.reported import hold_against
    from sim.report.reported import held_in_words

    is_quiet = quiet or as_json
    held = []
    for scenario in scenarios:
        if scenario.reported:
            _compile(scenario, is_quiet)
            with _progress(scenario.name, runs, is_quiet) as progress:
                held.append((scenario, hold_against(scenario, runs, seed, workers, progress)))
    if as_json:
        _print_json({figures["scenario"]: figures for _, figures in held})
    elif not quiet:
        _print_sections("The model beside what was reported", held_in_words(held))


def _shipped_scenarios() -> list[str]:
    """The scenarios beside the working directory."""
    found = sorted(str(file) for file in Path("scenarios").glob("*.yaml"))
    found = [file for file in found if Path(file).name != "sources.yaml"]
    if not found:
        _stop("scenarios: no such folder here, expected FILE...")
    return found


@validate.command()
def nights(
    file: Annotated[str, typer.Argument(help="Nightly raids: a CSV file.", metavar="FILE.csv")],
    until: Annotated[
        str, typer.Option("--train-until", help="Nights up to this day, YYYY-MM-DD, are fitted.")
    ],
    seed: Seed = 1,
    publish: Publish = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """A nation's defence fitted to the nights up to a day, and the later ones predicted."""
    from sim.evidence.nights import train_until, validate_nights
    from sim.evidence.nights_file import NightsError
    from sim.report.nights import nights_in_words

    try:
        figures = validate_nights(file, train_until(until), seed=seed)
    except NightsError as error:
        _stop(str(error))
    if publish is not None:
        from sim.report.publish import publish_nights

        try:
            publish_nights(Path(publish), figures)
        except OSError as error:
            _stop(f"{publish}: cannot be written ({error.strerror}), expected a folder with room")
    if as_json:
        _print_json(figures)
    elif not quiet:
        _print_sections("Nights the model has never seen", nights_in_words(figures))


@validate.command()
def polls(
    overrides: Overrides,
    file: Annotated[
        str | None, typer.Argument(help=f"A scenario with polls, default {_OPINION}.")
    ] = None,
    train_until: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Waves up to this day are fitted.")
    ] = "2024-12-31",  # type: ignore[assignment]
    runs: Annotated[
        int, typer.Option(help="How many runs of each round.", min=2, max=10_000_000)
    ] = 8000,
    seed: Seed = 1,
    publish: Publish = None,
    workers: Workers = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Two publics against polls, wave by wave: fitted up to a day, forecast after it."""
    if file is None and not Path(_OPINION).is_file():
        _stop(f"{_OPINION}: is not here, expected a FILE with polls")
    file = file or _OPINION
    scenario = _load(file, overrides)
    from sim.evidence.polls import Ensemble, EvidenceError, hold_against_polls
    from sim.report.polls import polls_in_words

    is_quiet = quiet or as_json
    try:
        with _progress(scenario.name, 1, is_quiet) as progress:
            ensemble = Ensemble(scenario, runs, seed, workers, progress)
            answer = hold_against_polls(ensemble, train_until.date())
    except EvidenceError as error:
        _stop(f"{file}: {error}")
    if publish is not None:
        from sim.report.publish import publish_polls

        try:
            publish_polls(Path(publish), scenario, answer)
        except OSError as error:
            _stop(f"{publish}: cannot be written ({error.strerror}), expected a folder with room")
    if as_json:
        _print_json(answer.figures)
    elif not quiet:
        _print_sections(scenario.title, polls_in_words(scenario, answer.figures))


_SOME_FAILED = 3
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
    from sim.report.as_json import as_json

    print(as_json(figures))


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
