"""The command on what to choose."""

from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.experiments import experiment_of
from sim.cli.options import Shared, sharing_options
from sim.cli.terminal import answering, fighting, resumable, show_answer
from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


@sharing_options()
def choose(
    file: Annotated[str, typer.Argument(help="A choice or a game: a YAML file.", metavar="FILE")],
    runs: Annotated[
        int | None,
        typer.Option(
            help="Fewer or more wars of each option, or pair, than the file says.",
            min=20,
            max=MOST_EXPERIMENT_RUNS,
        ),
    ] = None,
    *,
    shared: Shared,
) -> None:
    """What to choose under uncertainty, or against an opponent who chooses too."""
    from sim.report.questions import choose as asked
    from sim.scenario.load import load
    from sim.scenario.shipped import named

    place = named(file, "experiments")
    with answering(str(place), shared.out), resumable():
        experiment = experiment_of(str(place))

        def scenario() -> "Scenario":
            return load(place.parent / experiment.scenario, allow_code=shared.allow_code)

        label = f"{experiment.name} choose"
        with fighting(label, 1, scenario, shared.is_quiet, shared.workers) as progress:
            answer = asked(
                place, runs=runs, allow_code=shared.allow_code, out=shared.out,
                publish=shared.publish, workers=shared.workers, progress=progress,
            )  # fmt: skip
    show_answer(answer, shared.quiet, shared.as_json)
