"""The command on what to choose."""

from typing import Annotated

import typer

from sim.cli.experiments import answer_of_file
from sim.cli.options import Shared, sharing_options
from sim.cli.terminal import show_answer
from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS


@sharing_options()
def choose(
    file: Annotated[str, typer.Argument(help="A choice or a game: a YAML file.", metavar="FILE")],
    runs: Annotated[
        int | None,
        typer.Option(
            help="Number of wars of each option or pair, in place of the file's.",
            min=20,
            max=MOST_EXPERIMENT_RUNS,
        ),
    ] = None,
    *,
    shared: Shared,
) -> None:
    """Find the best option, or what two opponents should choose.

    A file of kind choice compares options under uncertainty; one of kind game solves for the
    mixes of two sides that answer each other.
    """
    from sim.report.questions import choose as asked

    answer = answer_of_file(asked, "choose", file, {"runs": runs}, shared)
    show_answer(answer, shared.quiet, shared.as_json)
