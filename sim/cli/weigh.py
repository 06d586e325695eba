"""The command on what the record says of the theories."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.experiments import answer_of_file
from sim.cli.options import Shared, sharing_options
from sim.cli.terminal import NOT_CONVERGED, show_answer, stop

if TYPE_CHECKING:
    from sim.report.answer import Answer


File = Annotated[str, typer.Argument(help="A weighing: a YAML file.", metavar="FILE")]
Together = Annotated[
    int | None,
    typer.Option(help="Number of wars with several mechanisms, in place of the file's.", min=800),
]
Alone = Annotated[
    int | None,
    typer.Option(help="Number of wars with each mechanism alone, in place of the file's.", min=100),
]


@sharing_options()
def weigh(
    file: File,
    runs: Together = None,
    runs_alone: Alone = None,
    recover: Annotated[
        int,
        typer.Option(
            help="Also weigh this number of made-up records of each theory and of the file's "
            "pairs, which shows what these polls could tell apart.",
            min=0, max=10_000,
        ),
    ] = 0,
    what_next: Annotated[
        bool, typer.Option("--next", help="Also rank future observations by what they would tell.")
    ] = False,
    *,
    shared: Shared,
) -> None:  # fmt: skip
    """Weigh the theories by the record of a war.

    The answer says what the record tells about each mechanism, and what it cannot tell.
    """
    from sim.report.questions import weigh as asked

    wanted = {"runs": runs, "runs_alone": runs_alone, "recover": recover, "what_next": what_next}
    answer_of_weighing(asked, "weigh", file, wanted, shared)


def answer_of_weighing(
    asked: Callable[..., "Answer"],
    word: str,
    file: str,
    wanted: Mapping[str, int | None],
    shared: Shared,
) -> None:
    """Print what is asked of a weighing's wars; wars that cannot be relied on end the command."""
    answer = answer_of_file(asked, word, file, wanted, shared)
    show_answer(answer, shared.quiet, shared.as_json)
    if not answer.figures["is_converged"]:
        stop(
            f"not converged: {answer.figures['effective']:.0f} effective wars, tail "
            f"{answer.figures['tail']:.2f}; expected more --runs",
            NOT_CONVERGED,
        )
