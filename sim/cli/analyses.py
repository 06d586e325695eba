"""Commands on what decides an outcome: which figures, and in which wars."""

from typing import Annotated

import typer

from sim.cli.options import File, Outcomes, Overrides, Seed, Shared, sharing_options
from sim.cli.terminal import (
    answering,
    fighting,
    load_scenario,
    resumable,
    show_answer,
)
from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS


@sharing_options()
def sensitivity(
    file: File,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            default_factory=list,
            show_default=False,
            help="Vary the figure PATH over its own range, or PATH=LOW:HIGH; may be repeated. "
            "Default: all figures with a range (sobol: the first of these in a screening).",
        ),
    ],
    outcomes: Outcomes,
    overrides: Overrides,
    method: Annotated[
        str,
        typer.Option(
            help="sobol (shares of variance), morris (screening), delta or pawn (any law)."
        ),
    ] = "sobol",
    points: Annotated[
        int | None,
        typer.Option(
            help="Number of points: for sobol a power of two, default 256; for morris the number "
            "of paths, default 10.",
            min=2, max=100_000, show_default=False,
        ),
    ] = None,
    runs: Annotated[
        int | None,
        typer.Option(
            help="Number of runs: at each point for sobol (default 16) and morris (8); in all for "
            "delta and pawn (2000).",
            min=2, max=MOST_EXPERIMENT_RUNS, show_default=False,
        ),
    ] = None,
    seed: Seed = 1,
    *,
    shared: Shared,
) -> None:  # fmt: skip
    """Find the figures on which outcomes depend most."""
    scenario = load_scenario(file, overrides, shared.allow_code)
    from sim.experiment.questions.sensitivity import ranges_by_line
    from sim.report.questions import sensitivity as run_sensitivity

    with answering(file, shared.out), resumable():
        ranges, label = ranges_by_line(vary), f"{scenario.name} {method}"
        with fighting(label, 1, lambda: scenario, shared.is_quiet, shared.workers) as progress:
            answer = run_sensitivity(
                scenario, outcomes, vary=ranges, method=method, points=points, runs=runs, seed=seed,
                out=shared.out, publish=shared.publish, workers=shared.workers, progress=progress,
            )  # fmt: skip
    show_answer(answer, shared.quiet, shared.as_json)


@sharing_options()
def discover(
    file: File,
    when: Annotated[
        str,
        typer.Option(
            help="What happens, as a condition on columns of runs.parquet: "
            "'deal_day > 60 or never(deal_day)'.",
            metavar="CONDITION",
        ),
    ],
    overrides: Overrides,
    method: Annotated[str, typer.Option(help="prim (a box) or cart (rules of a tree).")] = "prim",
    threshold: Annotated[
        float | None,
        typer.Option(
            help="For prim: the density wanted. Default: the box with most cases beyond its size.",
            min=0.0, max=1.0, show_default=False,
        ),
    ] = None,
    runs: Annotated[
        int, typer.Option(help="Number of runs.", min=2, max=MOST_EXPERIMENT_RUNS)
    ] = 2000,
    seed: Seed = 1,
    *,
    shared: Shared,
) -> None:  # fmt: skip
    """Find the wars in which something happens.

    They are described by ranges of the scenario's figures.
    """
    scenario = load_scenario(file, overrides, shared.allow_code)
    from sim.report.questions import discover as run_discovery

    bar = fighting(scenario.name, runs, lambda: scenario, shared.is_quiet, shared.workers)
    with answering(file, shared.out), resumable(), bar as progress:
        answer = run_discovery(
            scenario, when, method=method, threshold=threshold, runs=runs, seed=seed,
            out=shared.out, publish=shared.publish, workers=shared.workers, progress=progress,
        )  # fmt: skip
    show_answer(answer, shared.quiet, shared.as_json)
