"""The common layout of figures of nights: one panel per class of weapons, over dates."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from sim.evidence.nights.titles import CLASSES
from sim.render.document import Figures
from sim.report.plots.dates import calendar_axis
from sim.report.plots.picture import MARGIN_IN, Picture


def class_panels(
    picture: Picture, marks: Mapping[str, Artist], classes: Mapping[str, Figures]
) -> Iterator[tuple[Figures, Axes]]:
    """A legend, and below it one panel per class; yields the figures of each class and its axes."""
    picture.key(MARGIN_IN, picture.top + 0.02, marks, len(marks))
    picture.top += 0.3
    for name, entry in classes.items():
        nights = f"{entry['nights']:,} nights"
        axes = picture.panel(CLASSES[name], nights, left=0.55, height=1.45, gap=0.55)
        yield entry, axes
        calendar_axis(axes)


def dates_of(rows: list[Figures], key: str = "night") -> Any:
    """The dates of rows, (rows,)."""
    return np.array([datetime.date.fromisoformat(row[key]) for row in rows])
