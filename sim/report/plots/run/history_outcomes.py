"""The results of a history in the model: agreements month by month, and what publics want."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from sim.experiment.record import Record
from sim.report.plots.captions import side_title
from sim.report.plots.colours import BLUE, VERMILION
from sim.report.plots.places import Floats, interval
from sim.report.plots.words import number
from sim.scenario.schema import Scenario
from sim.scenario.schema.minds import ATTITUDES

_WANT = {"end_war": "end the war", "concede": "concede for it"}
_LOOKS = {"end_war": ("o", "-"), "concede": ("D", (0, (2, 1.5)))}
_ASIDE_DAYS = 12.0
"""The distance between marks at the same end."""


class Wanting(NamedTuple):
    """The share of a public that is ready for something: 5 %, median and 95 % of the runs."""

    attitude: str
    side: str
    colour: str
    start: tuple[float, float, float]
    end: tuple[float, float, float]


def agreed_by(record: Record, last_days: Sequence[int]) -> dict[str, Floats]:
    """The share of runs with an agreement by each of some days, in per cent.

    A settlement, a ceasefire and, if the talks have them, a local truce; days count from 0.
    """
    runs = record.columns("runs", ["run", "deal_day", "ceasefire_day"])
    first = {"settlement": runs["deal_day"], "ceasefire": runs["ceasefire_day"]}
    talks = record.scenario.talks
    if talks is not None and talks.truce is not None:
        meetings = record.columns("meetings", ["run", "day", "truce"])
        truces = meetings[meetings["truce"].astype(bool)].groupby("run")["day"].min()
        first["local truce"] = runs["run"].map(truces)
    return {
        words: np.array([100.0 * float((days <= last).mean()) for last in last_days])
        for words, days in first.items()
    }


def wanting_of(record: Record) -> list[Wanting]:
    """What each public is ready for at the start and at the end; empty without publics."""
    scenario = record.scenario
    found = []
    for letter, side, colour in (
        ("u", scenario.underdog, BLUE),
        ("d", scenario.favourite, VERMILION),
    ):
        if (scenario.publics or {}).get(side) is None:
            continue
        for attitude in ATTITUDES:
            columns = [f"{attitude}_{letter}_{when}" for when in ("start", "end")]
            start, end = (
                interval(100.0 * values.to_numpy(np.float64))
                for _, values in record.columns("runs", columns).items()
            )
            found.append(Wanting(attitude, side, colour, start, end))
    return found


def draw_wanting(axes: Axes, wanting: Sequence[Wanting], ends: tuple[float, float]) -> None:
    """Medians with 90 % intervals at both `ends` of the campaign, joined by a line."""
    for k, one in enumerate(wanting):
        mark, style = _LOOKS[one.attitude]
        x = ends[0] + _ASIDE_DAYS * (k + 1), ends[1] - _ASIDE_DAYS * (len(wanting) - k)
        low, middle, high = zip(one.start, one.end, strict=True)
        axes.vlines(x, low, high, color=one.colour, linewidth=0.9)
        axes.plot(
            x, middle, color=one.colour, linestyle=style, linewidth=0.8, marker=mark, markersize=3
        )
    axes.set_ylim(0.0, 100.0)


def name_of(scenario: Scenario, one: Wanting) -> str:
    """Whose public is ready for what."""
    return f"{side_title(scenario, one.side)}: {_WANT[one.attitude]}"


def wanting_words(scenario: Scenario, one: Wanting) -> str:
    """The same in a sentence with numbers."""
    shares = (
        f"{number(round(middle))} % ({number(round(low))} to {number(round(high))})"
        for low, middle, high in (one.start, one.end)
    )
    return f"Public of {name_of(scenario, one)}, {' at the start, '.join(shares)} at the end."
