"""The figure of polls: each wave with its error, over the model before and after the waves."""

import datetime
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from sim.evidence.polls.polls import poll_errors
from sim.report.plots.colours import BLUE, GREY, INK, PALE, VERMILION
from sim.report.plots.lettering import NOTE_PT
from sim.report.plots.picture import MARGIN_IN, Picture
from sim.report.plots.style import house_style
from sim.report.plots.words import day_words
from sim.scenario.schema import Scenario

Figures = dict[str, Any]

_FIRST = datetime.date(1970, 1, 1)
_TOP_IN, _PANEL_IN, _GAP_IN, _LEFT_IN = 0.75, 1.9, 0.6, 0.5


@house_style()
def draw_polls(scenario: Scenario, figures: Figures, fans: dict[str, pd.DataFrame]) -> Picture:
    """A panel a poll: prior and fitted fans, the waves, and the date the fit ends at."""
    picture = Picture(_title(figures), _TOP_IN + (_PANEL_IN + _GAP_IN) * len(fans))
    _key(picture)
    until = datetime.date.fromisoformat(figures["train_until"])
    sentences = []
    for place, (name, fan) in enumerate(fans.items()):
        poll, poll_figures = scenario.polls[name], figures["polls"][name]
        top = _TOP_IN + (_PANEL_IN + _GAP_IN) * place
        aside = f"{poll_figures['effective_runs']:,.0f} runs' worth"
        picture.heading(top - 0.2, f"{scenario.sides[poll.of].title}: {poll.title}", aside)
        axes = picture.axes_at(_LEFT_IN, top, picture.width_in - _LEFT_IN - MARGIN_IN, _PANEL_IN)
        _fans(axes, fan)
        _points(axes, scenario, name, until)
        _frame(axes, scenario, until)
        sentences.append(_words(poll.by, poll_figures))
    picture.note(f"bands and bars hold 90 %; {figures['wars']:,} wars, seed {figures['seed']}")
    return picture.described(*sentences)


def _title(figures: Figures) -> str:
    forecasts = [p["forecast"]["model"] for p in figures["polls"].values() if p["forecast"]]
    if not forecasts:
        return "Two publics fitted to polls"
    inside, waves = (sum(each[word] for each in forecasts) for word in ("inside", "waves"))
    return f"{inside} of {waves} later waves lie where the publics were forecast to be"


def _key(picture: Picture) -> None:
    entries = {
        "Model before any wave": Patch(color=PALE),
        "Model after the waves fitted": Patch(color=BLUE, alpha=0.35),
        "Wave fitted": Line2D([], [], color=INK, marker="o", markersize=3.0),
        "Wave forecast": Line2D([], [], color=VERMILION, marker="D", markersize=3.0),
    }
    picture.key(MARGIN_IN, 0.27, entries, 4)


def _fans(axes: Axes, fan: pd.DataFrame) -> None:
    days = [_place(date) for date in fan["date"]]
    axes.fill_between(days, fan["prior_low"], fan["prior_high"], color=PALE, linewidth=0)
    axes.fill_between(
        days, fan["fitted_low"], fan["fitted_high"], color=BLUE, alpha=0.35, linewidth=0
    )
    axes.plot(days, fan["fitted_median"], color=BLUE)


def _points(axes: Axes, scenario: Scenario, name: str, until: datetime.date) -> None:
    for date, value, low, high in poll_errors(scenario.polls[name]):
        colour, marker = (INK, "o") if date <= until else (VERMILION, "D")
        x = _place(date)
        axes.plot([x, x], [low, high], color=colour, linewidth=0.9, zorder=3)
        axes.plot([x], [value], color=colour, marker=marker, markersize=3.0, zorder=4)


def _frame(axes: Axes, scenario: Scenario, until: datetime.date) -> None:
    x = _place(until)
    axes.axvline(x, color=GREY, linestyle=(0, (3, 2)), linewidth=0.8)
    axes.annotate(
        "fit ends", (x, 1.0), (-3.0, -3.0), xycoords=("data", "axes fraction"), ha="right",
        va="top", textcoords="offset points", color=GREY, size=NOTE_PT,
    )  # fmt: skip
    axes.set(xlim=(_place(scenario.start), _place(scenario.end)), ylim=(0.0, 100.0))
    axes.set_ylabel("would give way (%)")
    axes.xaxis.set_major_locator(AutoDateLocator(minticks=4, maxticks=9))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(FuncFormatter(_day_words))


def _place(date: datetime.date) -> int:
    """A date on the axis: days since 1970."""
    return (date - _FIRST).days


def _day_words(x: float, _: int | None = None) -> str:
    return day_words(_FIRST + datetime.timedelta(x), True)


def _words(by: str, poll_figures: Figures) -> str:
    last = poll_figures["waves"][-1]
    return (
        f"{by}: the last wave, {last['date']}, shows {last['poll']:.0f} %, the model's median is "
        f"{last['model']['median']:.0f} % and its 90 % interval {last['model']['low']:.0f} to "
        f"{last['model']['high']:.0f} %."
    )
