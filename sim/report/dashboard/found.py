"""What a worker makes of its wars for the page."""

import pickle
from typing import NamedTuple

from sim.experiment.record import Record
from sim.report.dashboard.raid_view import results_with_map
from sim.report.dashboard.results import Results, results_of
from sim.report.dashboard.results_view import Pages, pages_of


class Found(NamedTuple):
    """What some wars come to, that as HTML without a pinned setting, and the bytes of both."""

    results: Results
    pages: Pages
    size_bytes: int


def found_of(record: Record, raid: str) -> Found:
    """What a record comes to, with the map of the raid that is looked at."""
    return _found(results_with_map(record, raid))


def found_without_map(record: Record) -> Found:
    """The same as soon as can be: drawing a map takes longer than fifty wars."""
    return _found(results_of(record))


def _found(results: Results) -> Found:
    pages = pages_of(results, None)
    return Found(results, pages, len(pickle.dumps((results, pages))))
