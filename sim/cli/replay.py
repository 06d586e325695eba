"""The command that fights one run of results again and shows it."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import AllowCode, AsJson, Out, Quiet, ToFolder
from sim.cli.terminal import answering, called_folder, give_answer, stop, waiting


def replay(
    result: Annotated[
        str,
        typer.Argument(
            help="A folder of results or the start of its name; the newest if several fit.",
            metavar="RESULT",
        ),
    ],
    run: Annotated[int | None, typer.Option(help="Number of the run, default 0.")] = None,
    median: Annotated[
        str | None,
        typer.Option(
            help="Replay the run nearest to the median of this outcome.", metavar="OUTCOME"
        ),
    ] = None,
    worst: Annotated[
        str | None,
        typer.Option(
            help="Replay the run with the smallest value of this outcome.", metavar="OUTCOME"
        ),
    ] = None,
    best: Annotated[
        str | None,
        typer.Option(
            help="Replay the run with the largest value of this outcome.", metavar="OUTCOME"
        ),
    ] = None,
    to: ToFolder = None,
    out: Out = "results",
    allow_code: AllowCode = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Replay one war: its raids on the map and its talks."""
    chosen = {"median": median, "worst": worst, "best": best}
    by = [(how, outcome) for how, outcome in chosen.items() if outcome is not None]
    if len(by) + (run is not None) > 1:
        stop("--run, --median, --worst, --best: more than one is given, expected one of them")
    from sim.experiment.replay import replay as fight_again
    from sim.report.replay.save import figures_of, replay_sections, write_replay

    folder = called_folder(result, out)
    with answering(str(folder), to or str(folder)), waiting("simulating", quiet or as_json):
        again = fight_again(folder, run or 0, by[0] if by else None, allow_code)
        page = write_replay(again, Path(to) if to else folder / "replays" / f"run-{again.run}")
    title = f"{again.record.scenario.title}: {again.chosen}"
    figures, where = figures_of(again) | {"page": str(page)}, page.parent if as_json else page
    give_answer(title, figures, lambda: replay_sections(again), where, quiet, as_json)
