"""What commands do at the terminal: read, print, show, wait, and stop."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sim.cli.interrupts import code_of
from sim.render.json import print_json
from sim.render.lines import written_out as plain
from sim.render.terminal import print_line, print_sections

if TYPE_CHECKING:
    from sim.experiment.execution.runner import Progress
    from sim.experiment.execution.workers import Workers
    from sim.render.document import Section
    from sim.report.answer import Answer
    from sim.report.answers.kind import Kind as KindOfAnswer
    from sim.scenario.schema import Scenario
    from sim.scenario.shipped import Kind

_MOST_NAMED = 12
SOME_FAILED = 3
"""The exit code where some points failed and the others went on."""
NOT_REACHED = 4
"""The exit code where `--until` was not reached."""
NOT_CONVERGED = 5
"""The exit code where the wars of a weighing are worth too few."""


def load_scenario(
    file: str, overrides: list[str], allow_code: bool = False, without: Sequence[str] = ()
) -> "Scenario":
    """The scenario of a file; what is wrong with it ends the command."""
    from sim.scenario.errors import ScenarioError
    from sim.scenario.load import load

    try:
        return load(file, overrides, without, allow_code)
    except ScenarioError as error:
        stop_unread(str(error), file, "scenarios")


def stop_unread(error: str, file: str, kind: "Kind") -> NoReturn:
    """End the command with what is wrong with a file; where it is only a name, with what there is.

    A name of the other kind is reported with the command that takes it.
    """
    from sim.scenario.shipped import is_name, named, titles

    if not is_name(file) or named(file, kind).exists():
        stop(error)
    other: Kind = "experiments" if kind == "scenarios" else "scenarios"
    if named(file, other).exists():
        what, command = (
            ("a scenario", "run") if kind == "experiments" else ("an experiment", "experiment")
        )
        stop(f"{file}: this is {what}, run it with `sim {command} {file}`")
    offered = [f"  {name:<24}{title}" for name, title in titles(kind).items()]
    stop("\n".join([error, f"expected a file, or one of the shipped {kind}:", *offered]))


def warn_of_no_effect(is_quiet: bool, *scenarios: "Scenario") -> list[str]:
    """Print on standard error what of scenarios has no effect, or one not to be expected.

    What has none is only named: why, and all of it line by line, is returned.
    """
    from sim.scenario.without_effect import NO_EFFECT, silent_meanings

    found = [line for scenario in scenarios for line in silent_meanings(scenario)]
    found = list(dict.fromkeys(found))
    if not is_quiet:
        idle = [line.split(f": {NO_EFFECT}")[0] for line in found if NO_EFFECT in line]
        lines = [line for line in found if NO_EFFECT not in line]
        if idle:
            lines.append(f"without effect: {', '.join(idle)} (run sim check to see why)")
        for line in lines:
            print(plain(line), file=sys.stderr)
    return found


def stop(message: str, code: int = 2) -> NoReturn:
    """End the command with a message on standard error."""
    with suppress(OSError):  # of a terminal that was closed
        print(plain(message), file=sys.stderr)
    sys.exit(code)


@contextmanager
def resumable() -> "Iterator[None]":
    """While wars are fought into results, an interrupt ends the command, which can go on."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        stop(
            "interrupted; finished wars are stored, and the same command resumes",
            code_of(interrupt),
        )


@contextmanager
def not_resumable() -> "Iterator[None]":
    """While a command does what cannot be resumed, an interrupt ends it."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        stop("interrupted; nothing is stored, so the same command starts again", code_of(interrupt))


@contextmanager
def answering(file: str, out: str) -> "Iterator[None]":
    """What goes wrong while a question to `file` is answered into `out`, in one line each."""
    from sim.experiment.errors import ExperimentError
    from sim.scenario.errors import ScenarioError

    try:
        yield
    except ScenarioError as error:
        stop(str(error))
    except ExperimentError as error:
        stop(f"{file}: {error}")
    except BrokenPipeError:  # nobody reads the answer any more
        raise
    except OSError as error:
        place = error.filename or out
        stop(f"{place}: cannot be written ({error.strerror}), expected a folder with free space")


def called_folder(result: str, out: str) -> Path:
    """The folder of results of a name, or of the start of one, or that is the folder itself.

    Of several the one made last, which is named on standard error with the others.
    """
    from sim.experiment.storage.catalogue import called, entries, latest
    from sim.report.answers.catalogue import choice_text

    if (folder := Path(result)).is_dir():
        return folder
    found = entries(out)
    chosen = called(result, found)
    if len(chosen) == 1:
        return chosen[0].folder
    if not chosen and (published := Path(out) / result).is_dir():
        return published
    if not chosen:
        stop(_not_found(result, out, [entry.name for entry in found]))
    last, choice = latest(chosen), "\n".join(choice_text(chosen))
    many = f"{result}: there are {len(chosen)} results of this name in {out}"
    if last is None:
        stop(f"{many}, and none says when it was made; expected one of\n{choice}")
    print(plain(f"{many}; using the newest, {last.name}\n{choice}"), file=sys.stderr)
    return last.folder


def _not_found(result: str, out: str, names: Sequence[str]) -> str:
    """Where results of a name were looked for, what is there, and how to name another place."""
    named = ", ".join(names[:_MOST_NAMED]) + (", ..." if len(names) > _MOST_NAMED else "")
    there = f"holds {named}" if names else "holds none"
    if not Path(out).is_dir():
        there = "does not exist"
    return (
        f"{result}: no such folder, and no results of this name in {out} ({Path(out).absolute()}), "
        f"which {there}; expected the name or the path of a folder of results, or --out FOLDER "
        "that contains them"
    )


def workers_of(workers: int | None, executor: str, scheduler: str | None) -> "Workers":
    """Who does the work, by the three options on it."""
    from sim.experiment.execution.fork_server import cores, prepare_workers

    if executor not in ("local", "dask"):
        stop(f"--executor {executor}: no such executor, expected local or dask")
    if executor == "local":
        if scheduler is not None:
            stop(f"--scheduler {scheduler}: only dask has one, expected --executor dask too")
        if (workers or cores()) > 1:
            prepare_workers(("sim.experiment.execution.runner", "sim.report.plots"))
        return workers
    if scheduler is None:
        stop("--executor dask: no scheduler is given, expected --scheduler ADDRESS too")
    if workers is not None:
        stop(f"--workers {workers}: a cluster has its own, expected no --workers with dask")
    from sim.experiment.execution.cluster import Cluster

    return Cluster(scheduler)


def compile_raid(scenario: "Scenario", is_quiet: bool, workers: "Workers" = None) -> None:
    """Compile the raid if this machine never has, with a notice; on a cluster workers do so."""
    from sim.experiment.execution.cluster import Cluster
    from sim.experiment.execution.runner import compile_first, needs_compiling

    if isinstance(workers, Cluster) or not needs_compiling():
        return
    started = time.perf_counter()
    if not is_quiet:
        print("first run: compiling the raid, once ...", file=sys.stderr, flush=True)
    compile_first(scenario)
    if not is_quiet:
        print(f"compiled in {time.perf_counter() - started:.1f} s", file=sys.stderr)


def give_answer(
    title: str, figures: "dict[str, Any]", words: "Callable[[], list[Section]]", folder: object,
    quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """An answer as one JSON object, or in words with where it is stored, or not at all."""
    if as_json:
        print_json(figures | {"folder": str(folder)})
    elif not quiet:
        print_sections(title, words())
        print_line(f"\n{folder}", style="dim")


def publish_answer(answer: "KindOfAnswer", file: str, to: str | None) -> None:
    """Publish an answer to a question to `file`, where a folder for it is given."""
    if to is not None:
        from sim.report.publish import publish

        with answering(file, to):
            publish(Path(to), answer)


def show_answer(answer: "Answer", quiet: bool, as_json: bool) -> None:
    """An answer as one JSON object, or in words with where it is stored, or not at all."""
    if as_json:
        print(answer.to_json())
    elif not quiet:
        print_sections(answer.title, answer.sections())
        if answer.folder is not None:
            print_line(f"\n{answer.folder}", style="dim")


@contextmanager
def fighting(
    label: str, wanted: int, scenario: "Callable[[], Scenario]", is_quiet: bool, workers: "Workers"
) -> "Iterator[Progress]":
    """A bar of wars; before the first is fought the raid is compiled, if this machine never has."""
    with progress_bar(label, wanted, is_quiet) as bar:
        is_begun = False

        def report_progress(done: int, wanted: int) -> None:
            nonlocal is_begun
            if not is_begun:
                is_begun = True
                compile_raid(scenario(), is_quiet, workers)
            if bar is not None:
                bar(done, wanted)

        yield report_progress


@contextmanager
def progress_bar(label: str, wanted: int, is_quiet: bool) -> "Iterator[Progress | None]":
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


@contextmanager
def waiting(label: str, is_quiet: bool) -> "Iterator[None]":
    """A word on what takes a while and cannot be counted, on a terminal only."""
    if is_quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    console = Console(stderr=True)
    console.print(f"{label} ...", end="\r", style="dim", markup=False)
    yield
    console.print(" " * (len(label) + 4), end="\r")
