"""Dates along an axis."""

import datetime
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, num2date

from sim.report.plots.marks import word_ticks
from sim.report.plots.words import day_words
from sim.scenario.schema import Scenario

_FIRST = datetime.date(1970, 1, 1)


def place_of(date: datetime.date) -> int:
    """The position of a date in matplotlib: days since 1970."""
    return (date - _FIRST).days


class _DateLocator(AutoDateLocator):
    """A date locator for axes that end with the calendar: it clips them to the last date."""

    def __call__(self) -> Any:
        assert self.axis is not None
        ends = np.minimum(self.axis.get_view_interval(), place_of(datetime.date.max))
        return self.tick_values(*num2date(ends, self.tz))  # type: ignore[no-untyped-call]


def calendar_axis(axes: Axes, ticks: int = 4) -> None:
    """Dates below the axes, with at least `ticks` and at most twice as many ticks."""
    locator = AutoDateLocator(minticks=ticks, maxticks=2 * ticks)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))  # type: ignore[no-untyped-call]


def date_axis(axes: Axes, scenario: Scenario) -> None:
    """The days of a campaign as dates, below the axes."""
    is_long = scenario.days > 400
    locator = _DateLocator(tz=datetime.UTC, minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    word_ticks(axes.xaxis, lambda x: day_words(_FIRST + datetime.timedelta(x), is_long))
    years = dict.fromkeys(str(date.year) for date in (scenario.start, scenario.end))
    axes.set_xlabel("Date" if is_long else f"Date ({'–'.join(years)})")
