"""Draw the figures of stored results in other processes, so that the caller loads no matplotlib."""

from pathlib import Path

from sim.experiment.execution.workers import spread
from sim.experiment.storage.answer_files import answer_into
from sim.experiment.storage.store import Store

FIGURES = (
    "flow",  # these two grow with the number of runs
    "fates",
    "losses_against_reports",
    "cost_exchange",
    "map",
    "positions",
    "history",
)
"""The figures of a run by the names of their files, in the order in which they are started."""


def draw_stored(results: Path, folder: Path, workers: int | None = None) -> None:
    """Write every figure of stored results for a screen, one process per figure.

    They replace all figures drawn before, at once.
    """
    with answer_into(folder) as part:
        calls = {k: (results, part, name) for k, name in enumerate(FIGURES)}
        for _ in spread(_draw, calls, workers):
            pass


def _draw(results: Path, folder: Path, name: str) -> None:
    from sim.report.plots import write_figure
    from sim.report.plots.picture import SCREEN_FORMATS

    write_figure(Store.of_folder(results).read(), folder, name, SCREEN_FORMATS)
