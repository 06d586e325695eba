"""The command that holds the model against closed forms and published tables."""

from typing import Annotated

import typer

from sim.cli.options import AsJson, Quiet, Seed
from sim.cli.terminal import progress_bar, show_answer

_DIFFERS = 1  # the exit code where a case differs


def verify(
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Use many times as many runs, for tighter bounds.")
    ] = False,
    seed: Seed = 1,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Compare the program with closed forms and published tables.

    The exit code is 1 if any differs.
    """
    from sim.evidence.verify.suite import THOROUGH, verify
    from sim.report.answers.verification import Verification, cases_in_figures

    with progress_bar("verify", 1, quiet or as_json) as progress:
        cases = list(verify(seed, THOROUGH if thorough else 1, progress=progress))
    figures = cases_in_figures(cases)
    show_answer(Verification("The model compared with what is known", (), figures), quiet, as_json)
    if figures["agree"] < figures["all"]:
        raise typer.Exit(_DIFFERS)
