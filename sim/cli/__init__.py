"""The commands. Each loads what it needs when it is called, so that help is quick."""

import errno
import gc
import os
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from sim.cli import (
    analyses,
    calibrate,
    choose,
    dashboard,
    experiments,
    forecast,
    replay,
    report,
    results,
    validate,
    verify,
    wars,
    weigh,
)
from sim.cli.interrupts import code_of, signals_that_end
from sim.cli.streams import give_up_output, replace_unprintable
from sim.cli.terminal import not_resumable, stop
from sim.scenario.calls.spelling import spelled_as_options

_ORDER = (
    *("run", "check", "report"),
    *("compare", "sweep", "experiment", "sensitivity", "discover"),
    *("calibrate", "validate", "verify", "weigh", "forecast", "choose"),
    *("replay", "dashboard", "results", "schema"),
)


class _Ordered(TyperGroup):
    """A group whose help lists the commands in the order in which a newcomer meets them."""

    def list_commands(self, context: Any) -> list[str]:
        return sorted(super().list_commands(context), key=_ORDER.index)


app = typer.Typer(
    cls=_Ordered,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Simulate drone raids and the peace talks beside them: what raids cost each side, and "
    "under which theories of bargaining they harden positions. Start with: sim run minimal",
)
_validate = typer.Typer(no_args_is_help=True, help="Compare the model with what was observed.")
_forecast = typer.Typer(no_args_is_help=True, help="Forecast raids of coming nights, or a war.")
_results = typer.Typer(
    invoke_without_command=True, help="List stored results; show, check or remove some."
)
_results.callback()(results.listing)


def _offer(place: typer.Typer, *commands: Callable[..., None]) -> None:
    for command in commands:
        place.command()(not_resumable()(command))


_offer(app, wars.run, wars.compare, experiments.sweep, experiments.experiment)
_offer(app, analyses.sensitivity, analyses.discover, calibrate.calibrate, weigh.weigh)
_offer(app, choose.choose)
_offer(app, report.report, replay.replay, verify.verify, wars.check, wars.schema)
_offer(app, dashboard.dashboard)
_offer(_validate, validate.reported, validate.polls, validate.nights)
_offer(_forecast, forecast.nights, forecast.war)
_offer(_results, results.show, results.check, results.gc)
app.add_typer(_validate, name="validate")
app.add_typer(_forecast, name="forecast")
app.add_typer(_results, name="results")

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_GARBAGE_EVERY = 50_000
"""New objects between two looks for garbage: imports leave none, and to look as often as Python
does by itself takes a fifth of `sim check`."""

_READER_GONE = 1  # what typer exits with when nobody reads the output any more


def main() -> None:
    """Run a command; bad input is one line and exit code 2, an interrupt 130, SIGTERM 143."""
    gc.set_threshold(_GARBAGE_EVERY)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads wait here, and move last digits
    replace_unprintable()
    with signals_that_end(), spelled_as_options():
        try:
            _run()
        finally:
            gc.freeze()  # a last look for garbage, as Python ends, takes up to .2 s


def _run() -> None:
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except (typer.Abort, KeyboardInterrupt) as interrupt:
        stop("interrupted", code_of(interrupt))
    except (ValueError, RuntimeError) as error:
        from sim.experiment.errors import SettingsError, WorkerError
        from sim.scenario.code import CodeError

        if not isinstance(error, CodeError | SettingsError | WorkerError):
            raise
        stop(str(error))
    except typer.TyperException as error:
        message = getattr(error, "format_message", error.__str__)()
        stop(message if message.startswith("Usage:") else f"sim: {message}")
    except OSError as error:
        if error.errno not in _FULL or error.filename is not None:
            raise
        give_up_output()
        stop(f"standard output: cannot be written ({error.strerror}), expected free space")
    except SystemExit as ended:
        if ended.code != _READER_GONE:
            raise
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
