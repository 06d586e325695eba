"""The figures of a record, one module each, named like the files that are written."""

from collections.abc import Callable, Sequence
from pathlib import Path

from sim.experiment.record import Record
from sim.experiment.storage.answer_files import answer_into, is_whole, sums_of
from sim.report.plots import backend  # noqa: F401  before anything else imports matplotlib
from sim.report.plots.map import draw_map
from sim.report.plots.picture import PAPER_FORMATS, Picture
from sim.report.plots.run.cost_exchange import draw_cost_exchange
from sim.report.plots.run.fates import draw_fates
from sim.report.plots.run.flow import draw_flow
from sim.report.plots.run.history import draw_history
from sim.report.plots.run.losses_against_reports import draw_losses_against_reports
from sim.report.plots.run.positions import draw_positions

__all__ = ["DRAWINGS", "draw_all", "draw_missing", "write_figure"]

DRAWINGS: dict[str, Callable[[Record], Picture | None]] = {
    "losses_against_reports": draw_losses_against_reports,
    "fates": draw_fates,
    "flow": draw_flow,
    "history": draw_history,
    "positions": draw_positions,
    "cost_exchange": draw_cost_exchange,
    "map": draw_map,
}
"""The figures by the names of their files."""


def draw_all(record: Record, folder: Path) -> list[Path]:
    """Write all figures for which the record has data, in formats for a paper; return the files."""
    return [file for name in DRAWINGS for file in write_figure(record, folder, name, PAPER_FORMATS)]


def draw_missing(record: Record, folder: Path) -> None:
    """Write the figures in formats for a paper, unless a folder already has them complete."""
    drawn = sums_of(folder) or {}
    names = {file.partition(".")[0] for file in drawn}
    is_for_paper = all(f"{name}.{form}" in drawn for name in names for form in PAPER_FORMATS)
    if not (is_whole(folder) and is_for_paper):
        with answer_into(folder) as part:
            draw_all(record, part)


def write_figure(record: Record, folder: Path, name: str, formats: Sequence[str]) -> list[Path]:
    """Write a figure if the record has data for it; returns its files."""
    picture = DRAWINGS[name](record)
    return [] if picture is None else picture.write_to(folder, name, formats)
