"""What a worker makes for the page: what wars come to, and maps of raids."""

import pickle
from collections.abc import Callable
from typing import NamedTuple

from sim.experiment.record import Record
from sim.report.dashboard.raid_view import map_of
from sim.report.dashboard.results import MapImage, Results, results_of
from sim.report.dashboard.results_view import Pages, pages_of


class Found(NamedTuple):
    """What some wars come to, that as HTML without a pinned setting, and the bytes of both."""

    results: Results
    pages: Pages
    size_bytes: int


def found_of(record: Record) -> Found:
    """What a record comes to, without maps: a map takes longer than two hundred wars."""
    results = results_of(record)
    pages = pages_of(results, None)
    return Found(results, pages, len(pickle.dumps((results, pages))))


class Drawing(NamedTuple):
    """A map to draw, of a raid in wars that were fought."""

    results: Results
    raid: str

    def make(
        self, report_progress: Callable[[float, bool], None], is_stopped: Callable[[], bool]
    ) -> MapImage:
        """The map; in one go, so that there is nothing to report and nothing to stop."""
        return map_of(self.results, self.raid)
