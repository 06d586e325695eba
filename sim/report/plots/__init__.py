"""The figures of a record, one a file, each named as the files it is written to."""

from collections.abc import Callable
from pathlib import Path

from sim.experiment.record import Record
from sim.report.plots.cost_exchange import draw_cost_exchange
from sim.report.plots.fates import draw_fates
from sim.report.plots.losses_against_reports import draw_losses_against_reports
from sim.report.plots.positions import draw_positions
from sim.report.plots.style import Picture

__all__ = ["DRAWINGS", "draw_all"]

DRAWINGS: dict[str, Callable[[Record], Picture | None]] = {
    "losses_against_reports": draw_losses_against_reports,
    "fates": draw_fates,
    "positions": draw_positions,
    "cost_exchange": draw_cost_exchange,
}
"""The figures by the name of their files."""


def draw_all(record: Record, folder: Path) -> list[Path]:
    """Write every figure the record has something for as PNG and SVG; return the files."""
    files: list[Path] = []
    for name, draw in DRAWINGS.items():
        picture = draw(record)
        if picture is not None:
            files += picture.write_to(folder, name)
    return files
