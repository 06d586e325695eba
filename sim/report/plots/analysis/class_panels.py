"""What figures of nights share: a panel a class of weapons, over dates."""

import datetime
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from sim.render.document import Figures
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture

_LEFT_IN, _PANEL_IN, _GAP_IN = 0.55, 1.45, 0.55
_WIDE_IN = WIDTH_IN - _LEFT_IN - MARGIN_IN


def panel(picture: Picture, heading: str, aside: str) -> Axes:
    """The next panel down a picture, over its whole width."""
    picture.heading(heading, aside)
    axes = picture.axes_at(_LEFT_IN, picture.top + 0.2, _WIDE_IN, _PANEL_IN)
    picture.top += _PANEL_IN + _GAP_IN
    return axes


def calendar_axis(axes: Axes, ticks: int = 4) -> None:
    """Dates below the axes, at least so many and at most twice as many."""
    locator = AutoDateLocator(minticks=ticks, maxticks=2 * ticks)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))  # type: ignore[no-untyped-call]


def dates_of(rows: list[Figures], key: str = "night") -> Any:
    """The dates of rows, (rows,)."""
    return np.array([datetime.date.fromisoformat(row[key]) for row in rows])
