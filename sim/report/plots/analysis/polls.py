"""The figure of polls: each wave with its error, over the model before and after the waves."""

import datetime
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.evidence.polls.polls import poll_errors
from sim.report.plots.colours import BLUE, GREY, INK, PALE, VERMILION
from sim.report.plots.dates import date_axis, place_of
from sim.report.plots.lettering import NOTE_PT
from sim.report.plots.marks import DASHED
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.style import house_style
from sim.scenario.schema import Scenario

Figures = dict[str, Any]

_PANEL_IN, _GAP_IN, _LEFT_IN = 1.9, 0.6, 0.5
_FITTED: dict[str, Any] = {"color": INK, "marker": "o", "markersize": 3.0}
_FORECAST: dict[str, Any] = {"color": VERMILION, "marker": "D", "markersize": 3.0}
_AFTER: dict[str, Any] = {"color": BLUE, "alpha": 0.35}


@house_style()
def draw_polls(scenario: Scenario, figures: Figures, fans: dict[str, pd.DataFrame]) -> Picture:
    """A panel a poll: prior and fitted fans, the waves, and the date the fit ends at."""
    picture = Picture(_title(figures))
    entries = {
        "Model before any wave": Patch(color=PALE),
        "Model after the waves fitted": Patch(**_AFTER),
        "Wave fitted": Line2D([], [], **_FITTED),
        "Wave forecast": Line2D([], [], **_FORECAST),
    }
    picture.key(MARGIN_IN, 0.27, entries, 4)
    picture.top = 0.55
    until = datetime.date.fromisoformat(figures["train_until"])
    for name, fan in fans.items():
        poll, worth = scenario.polls[name], figures["polls"][name]["effective_runs"]
        heading = f"{scenario.sides[poll.of].title}: {poll.title}"
        picture.heading(heading, f"{worth:,.0f} runs' worth")
        place = picture.top + 0.2
        axes = picture.axes_at(_LEFT_IN, place, WIDTH_IN - _LEFT_IN - MARGIN_IN, _PANEL_IN)
        _draw_poll(axes, scenario, name, fan, until)
        picture.top += _PANEL_IN + _GAP_IN
    note = f"bands and bars hold 90 %; {figures['wars']:,} wars, seed {figures['seed']}"
    sentences = (_words(scenario.polls[name].by, figures["polls"][name]) for name in fans)
    return picture.finished(0.2, note, sentences)


def _title(figures: Figures) -> str:
    forecasts = [p["forecast"]["model"] for p in figures["polls"].values() if p["forecast"]]
    if not forecasts:
        return "Two publics fitted to polls"
    inside, waves = (sum(each[word] for each in forecasts) for word in ("inside", "waves"))
    return f"{inside} of {waves} later waves lie where the publics were forecast to be"


def _draw_poll(
    axes: Axes, scenario: Scenario, name: str, fan: pd.DataFrame, until: datetime.date
) -> None:
    days = [place_of(date) for date in fan["date"]]
    axes.fill_between(days, fan["prior_low"], fan["prior_high"], color=PALE, linewidth=0)
    axes.fill_between(days, fan["fitted_low"], fan["fitted_high"], linewidth=0, **_AFTER)
    axes.plot(days, fan["fitted_median"], color=BLUE)
    for date, value, low, high in poll_errors(scenario.polls[name]):
        look, x = _FITTED if date <= until else _FORECAST, place_of(date)
        axes.plot([x, x], [low, high], color=look["color"], linewidth=0.9, zorder=3)
        axes.plot([x], [value], zorder=4, **look)
    axes.axvline(place_of(until), color=GREY, linestyle=DASHED, linewidth=0.8)
    axes.annotate(
        "fit ends", (place_of(until), 1.0), (-3.0, -3.0), xycoords=("data", "axes fraction"),
        ha="right", va="top", textcoords="offset points", color=GREY, size=NOTE_PT,
    )  # fmt: skip
    axes.set(xlim=(place_of(scenario.start), place_of(scenario.end)), ylim=(0.0, 100.0))
    axes.set_ylabel("would give way (%)")
    date_axis(axes, scenario)


def _words(by: str, poll_figures: Figures) -> str:
    last = poll_figures["waves"][-1]
    return (
        f"{by}: the last wave, {last['date']}, shows {last['poll']:.0f} %, the model's median is "
        f"{last['model']['median']:.0f} % and its 90 % interval {last['model']['low']:.0f} to "
        f"{last['model']['high']:.0f} %."
    )
