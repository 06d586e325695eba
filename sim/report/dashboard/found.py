"""What workers compute for the page: results of wars, and maps of raids."""

import pickle
from collections.abc import Callable
from typing import NamedTuple

from sim.experiment.record import Record
from sim.report.dashboard.raid_view import map_of
from sim.report.dashboard.results import MapImage, Results, results_of
from sim.report.dashboard.results_view import Pages, pages_of


class Found(NamedTuple):
    """The results of some wars, their HTML without a pinned setting, and the size of both."""

    results: Results
    pages: Pages
    size_bytes: int


def found_of(record: Record) -> Found:
    """The results of a record, without maps: a map takes longer than two hundred wars."""
    results = results_of(record)
    pages = pages_of(results, None)
    return Found(results, pages, len(pickle.dumps((results, pages))))


class Drawing(NamedTuple):
    """A map to draw, of a raid in simulated wars."""

    results: Results
    raid: str

    def make(
        self, report_progress: Callable[[float, bool], None], is_stopped: Callable[[], bool]
    ) -> MapImage:
        """The map, drawn in one go: there is no progress to report and no point to stop at."""
        return map_of(self.results, self.raid)
