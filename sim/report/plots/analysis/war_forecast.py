"""Fans of poll forecasts after the record, next to the waves of the record."""

from typing import Any

import pandas as pd

from sim.evidence.weighing.names import EVERYTHING
from sim.render.document import Figures
from sim.report.plots.colours import BLUE, GREY, INK
from sim.report.plots.dates import calendar_axis, place_of
from sim.report.plots.picture import Picture
from sim.report.plots.style import house_style
from sim.scenario.schema import Scenario

_LEFT_IN, _RIGHT_IN, _HEIGHT_IN = 0.62, 0.25, 1.05
_DAYS_BEFORE = 3 * 365


@house_style()
def draw_items(figures: Figures, items: pd.DataFrame, scenario: Scenario) -> Picture:
    """One panel per item: its waves, and the monthly forecast with 50 and 90 % intervals."""
    picture = Picture(
        f"Polls after {figures['record_to']}",
        "Points: waves of the record. Blue: forecast by all mechanisms together, median, 50 and "
        "90 %; grey lines: 90 % of the forecast by a random walk without any.",
    )
    picture.top += 0.12
    every = items[items["model"] == EVERYTHING]
    for item, fan in every.groupby("item", sort=False):
        name = str(item)
        side = scenario.sides[str(fan["side"].iloc[0])].title
        title = f"{side}: {figures['items'][name]}, per cent"
        axes = picture.panel(title, "", _LEFT_IN, _HEIGHT_IN, 0.57, _RIGHT_IN)
        _fan(axes, fan, items[(items["model"] == "none") & (items["item"] == item)])
        waves = figures["seen_waves"][name]
        axes.scatter(
            [place_of(pd.Timestamp(date).date()) for date, _ in waves],
            [share for _, share in waves], color=INK, s=10, zorder=3,
        )  # fmt: skip
        last = place_of(pd.Timestamp(figures["until"]).date())
        axes.set_xlim(last - _DAYS_BEFORE - 181, last + 5)
        calendar_axis(axes)
    words = (
        f"{row['item']}, {row['month']}: {row['q50']:.0f} ({row['q05']:.0f} to {row['q95']:.0f})."
        for row in every.to_dict("records")
    )
    note = (
        f"{figures['runs']:,} wars, effective number {figures['effective']:,.0f}; nothing "
        f"after {figures['record_to']} is in it; seed {figures['seed']}"
    )
    return picture.finished(0.15, note, words)


def _fan(axes: Any, fan: pd.DataFrame, none: pd.DataFrame) -> None:
    x = [place_of(pd.Timestamp(date).date()) for date in fan["date"]]
    axes.fill_between(x, fan["q05"], fan["q95"], color=BLUE, alpha=0.2, linewidth=0)
    axes.fill_between(x, fan["q25"], fan["q75"], color=BLUE, alpha=0.35, linewidth=0)
    axes.plot(x, fan["q50"], color=BLUE, linewidth=1.2)
    for end in ("q05", "q95"):
        axes.plot(x, none[end], color=GREY, linewidth=0.8)
