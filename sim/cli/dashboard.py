"""The command that serves the page."""

from importlib.util import find_spec
from typing import Annotated

import typer

from sim.cli.interrupts import CTRL_C, code_of
from sim.cli.options import Out
from sim.cli.terminal import load_scenario, stop
from sim.render.terminal import print_line

_ONLY_HERE = ("127.0.0.1", "localhost", "::1")


def dashboard(
    scenario: Annotated[
        str | None, typer.Argument(help="Scenario to show first: a name or a YAML file.")
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen at. Any other address can be reached from other machines."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(help="Port. Default: 8765 or, if it is taken, a free one.", min=1, max=65535),
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
    out: Out = "results",
) -> None:
    """Open a page in the browser to move figures and watch."""
    if any(find_spec(name) is None for name in ("solara", "solara_assets")):
        stop("Solara or its assets are missing, expected pip install 'raids-and-talks[dashboard]'")
    if scenario is not None:
        load_scenario(scenario, [])
    from sim.report.dashboard.serve import ServeError, listening, serve
    from sim.scenario.shipped import named

    try:
        listens = listening(host, port)
    except ServeError as error:
        stop(str(error))
    if host not in _ONLY_HERE:
        print_line(
            f"anybody who can reach {host} and has the link can use the page; it is not encrypted"
        )

    def print_link(address: str) -> None:
        print(address, flush=True)  # whole, however narrow the terminal
        print_line("press Ctrl-C to stop")

    try:
        first = None if scenario is None else named(scenario)
        serve(first, host, listens, not no_open, print_link, out)
    except KeyboardInterrupt as interrupt:
        if code_of(interrupt) != CTRL_C:
            stop("stopped", code_of(interrupt))
    print_line("stopped")
