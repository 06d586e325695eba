"""Commands about one scenario: run it, compare, check, print the schema."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import AllowCode, AsJson, File, Overrides, Runs, Seed, Shared, sharing_options
from sim.cli.terminal import (
    NOT_REACHED,
    answering,
    compile_raid,
    load_scenario,
    progress_bar,
    publish_answer,
    resumable,
    show_answer,
    stop,
    waiting,
    warn_of_no_effect,
)
from sim.render.json import print_json
from sim.render.terminal import cell, open_console, print_line, print_sections
from sim.scenario.calls.limits import MOST_RUNS

if TYPE_CHECKING:
    from sim.experiment.execution.stopping_rule import Reached
    from sim.experiment.execution.workers import Workers as Executor
    from sim.experiment.record import Record
    from sim.experiment.storage.store import Store
    from sim.report.answers.run import Run


@sharing_options("publish")
def run(
    file: File,
    overrides: Overrides,
    table: Annotated[
        list[str],
        typer.Option(
            "--table",
            default_factory=list,
            show_default=False,
            help="Show this table instead of the answer: history, reported, drones, money, "
            "positions, mechanisms, cards, talks or campaign; may be repeated.",
            metavar="NAME",
        ),
    ],
    runs: Annotated[
        int | None,
        typer.Option(
            help="Number of runs, default 1000; with --until the largest number, default 100000.",
            min=1,
            max=MOST_RUNS,
            show_default=False,
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            help="Stop when this is known so well: 'mean(OUTCOME) +- WIDTH' or "
            "'share(CONDITION) +- WIDTH'."
        ),
    ] = None,
    seed: Seed = 1,
    days: Annotated[bool, typer.Option("--days", help="Store every day in days.parquet.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Compute again even if the results exist.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Show the answer and every table.")] = (
        False
    ),
    *,
    shared: Shared,
) -> None:
    """Run a scenario and answer its question."""
    _known_tables(table)
    scenario = load_scenario(file, overrides, shared.allow_code)
    from sim.experiment.storage.store import Store
    from sim.report.answers.run import Run

    warnings = warn_of_no_effect(shared.is_quiet, scenario)
    started = time.perf_counter()
    most = runs or (1000 if until is None else 100_000)
    with answering(file, shared.out), resumable():
        store = Store(shared.out, scenario, most, seed, days)
        store, record, found, reached = _find_or_run(store, until, force, shared)
        with waiting("summing up", shared.is_quiet):
            answer = Run.of(record)
    more = {
        "folder": str(store.folder),
        "hash": store.hash,
        "found": found,
        "warnings": warnings,
        **({} if reached is None else {"until": {"asked": until, **reached._asdict()}}),
        "seconds": round(time.perf_counter() - started, 3),
    }
    answer = replace(answer, figures=answer.figures | more)
    if shared.as_json:
        show_answer(answer, shared.quiet, as_json=True)
    elif not shared.quiet:
        words = "" if reached is None else _reached(until, reached)
        _print_run(answer, full, table, words)
    with answering(file, shared.out), resumable():
        _draw(store, shared.processes, shared.is_quiet)
    if reached is not None and not reached.is_enough:
        stop(
            f"--until {until}: not reached after {reached.runs:,} runs, which are stored; expected "
            "more --runs or a wider interval",
            NOT_REACHED,
        )


def _find_or_run(
    store: "Store", until: str | None, force: bool, shared: Shared
) -> "tuple[Store, Record, bool, Reached | None]":
    """The runs of a store, found there or run; and whether they were found.

    With `until` the store is that of as many runs as were enough, and what was reached with them.
    """
    from sim.experiment.storage.disk import remove

    reached = None
    with store.writing():
        if force:
            store.clear()
            remove(store.folder / "plots")
        found = until is None and store.find()
        if until is not None:
            store, reached = _run_until(store, until, shared.workers, shared.is_quiet)
        elif not found:
            _run_all(store, shared.workers, shared.is_quiet)
        with store.writing():
            return store, store.read(), found, reached


def _print_run(answer: "Run", full: bool, tables: list[str], reached: str) -> None:
    """The short answer, or all of it or some of its tables, and where the results lie."""
    summary, every = answer.figures, answer.sections()
    there = dict.fromkeys(s.name for s in every if s.name and (s.lines or s.rows))
    sections = every if full or tables else answer.brief()
    print_sections(answer.title, [s for s in sections if not tables or s.name in tables])
    for name in tables:
        if name not in there:
            print_line(f"{name}: these wars have no such table, only {', '.join(there)}")
    if reached:
        print_line(reached)
    how = "found" if summary["found"] else f"computed in {summary['seconds']:.1f} s"
    more = f"\nFor every table add --full, for one of them --table {'|'.join(there)}"
    print_line("" if full or tables else more)
    print_line(f"{how}: {summary['folder']}", style="dim")


def _known_tables(names: list[str]) -> None:
    """An unknown name of a table ends the command before anything is run."""
    from sim.report.answers.run import TABLES

    for name in names:
        if name not in TABLES:
            stop(f"--table {name}: no such table, expected one of {', '.join(TABLES)}")


def _run_all(store: "Store", workers: "Executor", is_quiet: bool) -> None:
    from sim.experiment.execution.runner import run_into

    compile_raid(store.scenario, is_quiet, workers)
    with progress_bar(store.scenario.name, store.runs, is_quiet) as progress:
        run_into(store, workers, progress)


def _run_until(
    pool: "Store", until: str, workers: "Executor", is_quiet: bool
) -> "tuple[Store, Reached]":
    from sim.experiment.execution.stopping_rule import run_until, wanted

    rule = wanted(until, pool.scenario)
    compile_raid(pool.scenario, is_quiet, workers)
    with progress_bar(pool.scenario.name, pool.runs, is_quiet) as progress:
        return run_until(pool, rule, workers, progress)


def _draw(store: "Store", workers: int | None, is_quiet: bool) -> None:
    """Draw the pictures of what is stored, unless they stand there, or somebody makes it anew."""
    from sim.experiment.storage.answer_files import is_whole

    plots = store.folder / "plots"
    with store.writing():
        if is_whole(plots) or not store.manifest():
            return
        from sim.report.drawing import draw_stored

        with waiting("drawing", is_quiet):
            draw_stored(store.folder, plots, workers)


def _reached(until: str | None, reached: "Reached") -> str:
    """What was wanted and what was reached, in words."""
    known = f"{reached.value:.6g} ±{reached.half_width:.3g}"
    how = "reached" if reached.is_enough else "NOT reached"
    return (
        f"\n{until}: {how} after {reached.runs:,} runs, {known} (a 95 % interval that holds at "
        "whichever number of runs it stops)"
    )


@sharing_options("out")
def compare(
    file: File,
    without: Annotated[
        list[str],
        typer.Option(
            "--without",
            default_factory=list,
            show_default=False,
            help="Leave out the part at this PATH, such as raids.NAME; may be repeated.",
        ),
    ],
    overrides: Overrides,
    runs: Runs = 1000,
    seed: Seed = 1,
    *,
    shared: Shared,
) -> None:
    """Compare a war with and without a change, on the same luck.

    Effects are the changed war minus the original one. With --without alone they are the effects
    of the part that is left out: with it minus without it.
    """
    if not without and not overrides:
        stop("nothing to compare with, expected --without PATH or --set PATH=VALUE")
    as_is = load_scenario(file, [], shared.allow_code)
    changed = load_scenario(file, overrides, shared.allow_code, without)
    from sim.experiment.contrast import compare as fight_both
    from sim.report.answers.comparison import Comparison

    is_quiet = shared.is_quiet
    warn_of_no_effect(is_quiet, as_is, *([changed] if overrides else []))
    wars = (as_is, changed) if overrides else (changed, as_is)
    with answering(file, shared.publish or file):
        compile_raid(as_is, is_quiet, shared.workers)
        with progress_bar(as_is.name, 2 * runs, is_quiet) as progress:
            contrast = fight_both(*wars, runs, seed, shared.workers, progress=progress)
    answer = Comparison.of(contrast)
    publish_answer(answer, file, shared.publish)
    show_answer(answer, shared.quiet, shared.as_json)


def check(
    file: File,
    overrides: Overrides,
    allow_code: AllowCode = False,
    as_json: AsJson = False,
) -> None:
    """Check a scenario and list its figures with their sources."""
    scenario = load_scenario(file, overrides, allow_code)
    from sim.report.answers.history import history_sections, series_read
    from sim.report.answers.register import register, register_totals

    rows, totals = register(scenario), register_totals(scenario)
    warnings = warn_of_no_effect(True, scenario)
    if as_json:
        figures = {
            "scenario": scenario.name,
            "figures": rows,
            "totals": totals,
            "series": series_read(scenario),
            "warnings": warnings,
        }
        print_json(figures)
        return
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("path", "value", "range", "unit", "source or assumption"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "path")
    for row in rows:
        span = "" if row["low"] is None else f"{row['low']:.10g} to {row['high']:.10g}"
        span += f" {row['law']}" if row["law"] else ""
        unit = "" if row["unit"] == "1" else row["unit"]
        words = row["path"], f"{row['value']:.10g}", span, unit, row["provenance"]
        table.add_row(*map(cell, words))
    open_console().print(table, markup=False)
    print_line(
        f"\n{totals['figures']} figures: {totals['sourced']} with a source, "
        f"{totals['assumed']} assumed, {totals['ranged']} with a range drawn once a run; "
        f"{totals['sources']} sources cited."
    )
    for line in warnings:
        print_line(line)
    if scenario.history is not None:
        print_sections("", history_sections(scenario))


def schema() -> None:
    """Print the JSON Schema of scenarios."""
    from sim.scenario.schema import Scenario

    print_json(Scenario.model_json_schema())
