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
    int | None, typer.Option(help="Fewer or more wars together than the file says.", min=800)
]
Alone = Annotated[
    int | None, typer.Option(help="Fewer or more wars of each mechanism alone.", min=100)
]


@sharing_options()
def weigh(
    file: File,
    runs: Together = None,
    runs_alone: Alone = None,
    recover: Annotated[
        int,
        typer.Option(
            help="How many made-up records of each theory, and of the file's pairs, to weigh, "
            "which says what these polls could tell apart.",
            min=0, max=10_000,
        ),
    ] = 0,
    what_next: Annotated[
        bool, typer.Option("--next", help="Rank what might be observed next by what it would tell.")
    ] = False,
    *,
    shared: Shared,
) -> None:  # fmt: skip
    """What the record of a war says of each mechanism, and what it cannot say."""
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
            f"{answer.figures['tail']:.2f}; more --runs",
            NOT_CONVERGED,
        )
