"""The figure of polls: waves with errors, over the fan of each attitude before and after."""

import datetime
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.evidence.polls.polls import poll_errors
from sim.render.document import Figures
from sim.report.plots.colours import BLUE, GREY, INK, PALE, PAPER, VERMILION
from sim.report.plots.dates import date_axis, place_of
from sim.report.plots.lettering import NOTE_PT
from sim.report.plots.marks import DASHED
from sim.report.plots.picture import MARGIN_IN, Picture
from sim.report.plots.style import house_style
from sim.report.words import within
from sim.scenario.schema import Poll, Scenario

_PANEL_IN, _GAP_IN, _LEFT_IN = 1.9, 0.6, 0.5
_MARKERS = "oDs^v"
_FITTED: dict[str, Any] = {"color": INK, "markersize": 3.0}
_FORECAST: dict[str, Any] = {"color": VERMILION, "markersize": 3.0, "markerfacecolor": PAPER}
_AFTER: dict[str, Any] = {"color": BLUE, "alpha": 0.35}
_ATTITUDES = {"end_war": "to end the war", "concede": "to concede for an end"}


@house_style()
def draw_polls(scenario: Scenario, figures: Figures, fans: dict[str, pd.DataFrame]) -> Picture:
    """One panel per attitude: prior and fitted fans, the rule alone, waves, end of the fit."""
    picture = Picture(_title(figures))
    entries = {
        "Before any poll": Patch(color=PALE),
        "Rule and discrepancy, fitted": Patch(**_AFTER),
        "The rule alone": Line2D([], [], color=BLUE, linestyle=DASHED),
        "Poll, fitted": Line2D([], [], marker="o", linestyle="", **_FITTED),
        "Poll, forecast": Line2D([], [], marker="o", linestyle="", **_FORECAST),
    }
    picture.key(MARGIN_IN, 0.27, entries, 5)
    picture.top = 0.55
    until = datetime.date.fromisoformat(figures["train_until"])
    for held, fan in fans.items():
        side, attitude = held.split(".")
        polls = _asked(scenario, figures, side, attitude)
        worth = figures["publics"][side]["effective_runs"]
        heading = f"{scenario.sides[side].title}: {_ATTITUDES[attitude]}"
        aside = f"effective number of runs {worth:,.0f}"
        axes = picture.panel(heading, aside, _LEFT_IN, _PANEL_IN, _GAP_IN)
        _draw_fan(axes, fan)
        for (poll, told), marker in zip(polls, _MARKERS * len(polls), strict=False):
            _draw_waves(axes, poll, told, until, marker)
        _finish(axes, scenario, until, polls)
    note = f"bands and bars hold 90 %; {figures['wars']:,} wars, seed {figures['seed']}"
    sentences = (_words(poll) for poll in figures["polls"].values())
    return picture.finished(0.2, note, sentences)


def _title(figures: Figures) -> str:
    forecasts = [p["forecast"]["model"] for p in figures["polls"].values() if p["forecast"]]
    if not forecasts:
        return "Two publics fitted to polls"
    inside, waves = (sum(each[word] for each in forecasts) for word in ("inside", "waves"))
    return f"{inside} of {waves} later waves of polls lie inside the 90 % of their forecast"


def _asked(
    scenario: Scenario, figures: Figures, side: str, attitude: str
) -> list[tuple[Poll, Figures]]:
    """The polls about an attitude, as in the scenario and as in the answer."""
    return [
        (poll, figures["polls"][name])
        for name, poll in scenario.polls.items()
        if (poll.of, poll.asks) == (side, attitude)
    ]


def _draw_fan(axes: Axes, fan: pd.DataFrame) -> None:
    days = [place_of(date) for date in fan["date"]]
    axes.fill_between(days, fan["prior_low"], fan["prior_high"], color=PALE, linewidth=0)
    axes.fill_between(days, fan["fitted_low"], fan["fitted_high"], linewidth=0, **_AFTER)
    axes.plot(days, fan["fitted_median"], color=BLUE)
    axes.plot(days, fan["rule_median"], color=BLUE, linestyle=DASHED, linewidth=0.8)


def _draw_waves(axes: Axes, poll: Poll, told: Figures, until: datetime.date, marker: str) -> None:
    """The waves of an item, with the effect of its wording subtracted."""
    offset = told["offset"]["median"] if told["offset"] else 0.0
    for date, value, low, high in poll_errors(poll, offset):
        look, x = _FITTED if date <= until else _FORECAST, place_of(date)
        axes.plot([x, x], [low, high], color=look["color"], linewidth=0.9, zorder=3)
        axes.plot([x], [value], marker=marker, zorder=4, **look)


def _finish(
    axes: Axes, scenario: Scenario, until: datetime.date, polls: list[tuple[Poll, Figures]]
) -> None:
    axes.axvline(place_of(until), color=GREY, linestyle=DASHED, linewidth=0.8)
    axes.annotate(
        "fit ends", (place_of(until), 1.0), (-3.0, -3.0), xycoords=("data", "axes fraction"),
        ha="right", va="top", textcoords="offset points", color=GREY, size=NOTE_PT,
    )  # fmt: skip
    handles = [
        Line2D([], [], color=GREY, marker=marker, linestyle="", markersize=3.0, label=_item(*poll))
        for poll, marker in zip(polls, _MARKERS * len(polls), strict=False)
    ]
    axes.legend(handles=handles, loc="upper left", frameon=False, fontsize=NOTE_PT)
    axes.set(xlim=(place_of(scenario.start), place_of(scenario.end)), ylim=(0.0, 100.0))
    axes.set_ylabel("Ready (%)")
    date_axis(axes, scenario)


def _item(poll: Poll, told: Figures) -> str:
    moved = ", corrected for its wording" if told["offset"] else ""
    return f"{poll.by}: {within(poll.title)}{moved}"


def _words(poll: Figures) -> str:
    last = poll["waves"][-1]
    return (
        f"{poll['by']}, {within(poll['title'])}: the last wave, "
        f"{last['date']}, shows {last['poll']:.0f} %, the model's median is "
        f"{last['model']['median']:.0f} % and its 90 % interval {last['model']['low']:.0f} to "
        f"{last['model']['high']:.0f} %."
    )
