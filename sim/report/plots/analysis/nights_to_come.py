"""The figure of nights to come: the last nights as they were, and a fan of those forecast."""

import datetime
from typing import Any

import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.evidence.nights.titles import CLASSES
from sim.report.plots.colours import BLUE, INK
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.style import house_style

Figures = dict[str, Any]

_LEFT_IN, _PANEL_IN, _GAP_IN = 0.55, 1.45, 0.55
_BANDS = {"90": (0.25, 3.0), "50": (0.6, 3.0)}


@house_style()
def draw_nights_to_come(figures: Figures) -> Picture:
    """What came through lately, and 50 and 90 % of what may 1, 7 and 30 days on."""
    picture = Picture(
        f"Come through after {figures['as_of']}", "The nights of late, and 1, 7 and 30 days ahead"
    )
    marks = {
        "came": Line2D([], [], color=INK, marker="o", linestyle="", markersize=2.5),
        "50 % of the forecast": Patch(color=BLUE, alpha=0.6),
        "90 %": Patch(color=BLUE, alpha=0.25),
    }
    picture.key(MARGIN_IN, picture.top + 0.02, marks, 3)
    picture.top += 0.3
    for name, entry in figures["classes"].items():
        picture.heading(CLASSES[name], f"{entry['nights']:,} nights learned from")
        wide = WIDTH_IN - _LEFT_IN - MARGIN_IN
        axes = picture.axes_at(_LEFT_IN, picture.top + 0.2, wide, _PANEL_IN)
        picture.top += _PANEL_IN + _GAP_IN
        came = [row["leaked"] for row in entry["lately"]]
        axes.plot(_dates(entry["lately"], "night"), came, "o", color=INK, markersize=2.5)
        ahead = list(entry["ahead"].values())
        dates = _dates(ahead, "date")
        for level, (alpha, width) in _BANDS.items():
            low, high = ([one[f"{end}_{level}"] for one in ahead] for end in ("low", "high"))
            axes.vlines(dates, low, high, color=BLUE, alpha=alpha, linewidth=width)
        axes.plot(dates, [one["median"] for one in ahead], "_", color=BLUE, markersize=7)
        axes.set_ylim(bottom=-0.5)
        axes.set_ylabel("Come through")
        locator = AutoDateLocator(minticks=4, maxticks=8)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))  # type: ignore[no-untyped-call]
    sentences = (
        f"{CLASSES[name]}, {entry['ahead']['1']['date']}: {entry['ahead']['1']['median']} "
        f"({entry['ahead']['1']['low_90']} to {entry['ahead']['1']['high_90']})."
        for name, entry in figures["classes"].items()
    )
    return picture.finished(0.0, f"{figures['rows']:,} rows", sentences)


def _dates(rows: list[Figures], key: str) -> Any:
    return np.array([datetime.date.fromisoformat(row[key]) for row in rows])
