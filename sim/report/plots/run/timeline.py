"""The figure of one raid over time: one row per drone if they are few, else counts.

Drones are those of a replay (sim.war.event_log), in minutes after the raid's start.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.raid.arrays import FATES
from sim.report.plots.captions import short_title
from sim.report.plots.colours import FATE_COLOURS, GREY, INK, PALE, fate_look
from sim.report.plots.picture import MARGIN_IN, MOST_PANELS, Picture
from sim.report.plots.places import Floats
from sim.report.plots.run.fates import FATE_WORDS
from sim.report.plots.style import house_style
from sim.report.plots.words import counted, number
from sim.scenario.schema import Scenario

MOST_ROWS = 45
"""If a site has more drones, they are counted instead of drawn one by one."""

_LEFT_IN, _ROW_IN, _GAP_IN, _COUNTS_IN = 0.55, 0.052, 0.3, 0.95
_LOOKS = 161
"""The number of times at which drones are counted, from start to end."""
_HITS = ("damaged_target", "destroyed_target")
_MARKS = {
    "compromised": "P",
    "failed": "_",
    "jammed": "v",
    "shot_down": "X",
    "decoy_spent": "D",
    "missed": "^",
    "wasted": "s",
    "damaged_target": "p",
    "destroyed_target": "*",
}
_UNSEEN, _SEEN = PALE, GREY
_IN_THE_AIR: dict[str, dict[str, Any]] = {
    "in the air": {"facecolor": _UNSEEN, "linewidth": 0.0},
    "in the air, seen": {"facecolor": _SEEN, "linewidth": 0.0},
}


@house_style()
def draw_timeline(
    scenario: Scenario, raid: str, drones: pd.DataFrame, events: pd.DataFrame, note: str
) -> Picture:
    """When the drones of a raid were launched, seen, fired at and ended, one panel per site.

    `drones` and `events` are those of one raid on one day; `note` names the run.
    """
    timed = drones.assign(seen=_first(drones, events, "seen"))
    panels = dict(list(timed.groupby("site", sort=False, observed=True)))
    by_row = max(map(len, panels.values())) <= MOST_ROWS
    sites = list(panels)[:MOST_PANELS]
    picture = Picture(_title(scenario, raid, drones), _ROW_WORDS if by_row else _COUNT_WORDS)
    picture.top = 0.55
    end = float(drones["ended_min"].max()) * 1.02 or 1.0
    for site in sites:
        here = panels[site]
        height = max(len(here) * _ROW_IN, 0.4) if by_row else _COUNTS_IN
        title = scenario.sites[str(site)].title
        axes = picture.panel(title, _aside(here), _LEFT_IN, height, _GAP_IN)
        axes.set_xlim(0.0, end)
        if by_row:
            _draw_rows(axes, here, events)
        else:
            _draw_counts(axes, here, end)
        axes.tick_params(axis="x", labelbottom=site == sites[-1])
    axes.set_xlabel("Minutes after the start of the raid")
    axes.xaxis.set_major_locator(MaxNLocator(10, steps=[1, 2, 3, 5, 6, 10]))
    key = _key(drones, by_row)
    picture.key(MARGIN_IN, picture.top + 0.42, key, 4)
    left_out = "" if len(sites) == len(panels) else f"; {len(sites)} of {len(panels)} sites shown"
    sentences = (_described(scenario, str(site), panels[site]) for site in sites)
    return picture.finished(0.65 + 0.15 * -(-len(key) // 4), f"{note}{left_out}", sentences)


_ROW_WORDS = (
    "A row is a drone: pale in the air, dark once seen; ticks are shots at it, the mark at its end "
    "its fate"
)
_COUNT_WORDS = (
    "Drones that have met a fate, and on top of them those in the air (dark: seen, pale: not seen)"
)


def _first(drones: pd.DataFrame, events: pd.DataFrame, what: str) -> "pd.Series[float]":
    """When an event first happened to each drone, NaN if it never did."""
    first = events[events["what"] == what].groupby("drone", observed=True)["minute"].min()
    return drones["drone"].map(first).astype(float)


def _title(scenario: Scenario, raid: str, drones: pd.DataFrame) -> str:
    hits, n = int(drones["fate"].isin(_HITS).sum()), len(drones)
    last = number(round(float(drones["ended_min"].max())))
    return (
        f"{short_title(scenario, raid)}: {hits} of {n:,} hit a target, the last ends at {last} min"
    )


def _aside(drones: pd.DataFrame) -> str:
    hits = int(drones["fate"].isin(_HITS).sum())
    return f"{counted(len(drones), len(drones)).replace('runs', 'sent')}, {hits} hit"


# --- one row per drone -------------------------------------------------------------------------


def _draw_rows(axes: Axes, drones: pd.DataFrame, events: pd.DataFrame) -> None:
    """One line per drone in the order of launch, with its shots and its fate."""
    drones = drones.sort_values(["launched_min", "ended_min", "drone"]).reset_index(drop=True)
    seen = drones["seen"].fillna(drones["ended_min"]).clip(upper=drones["ended_min"])
    axes.hlines(drones.index, drones["launched_min"], seen, color=_UNSEEN, linewidth=1.2)
    axes.hlines(drones.index, seen, drones["ended_min"], color=_SEEN, linewidth=1.2)
    row = {drone: place for place, drone in enumerate(drones["drone"])}
    shots = events[(events["what"] == "fired_at") & events["drone"].isin(row)]
    axes.plot(shots["minute"], shots["drone"].map(row), "|", color=INK, markersize=2.6,
              markeredgewidth=0.5)  # fmt: skip
    for fate in FATES:
        ended = drones[drones["fate"] == fate]
        axes.plot(ended["ended_min"], ended.index, _MARKS[fate], **_look(fate), zorder=3,
                  clip_on=False)  # fmt: skip
    axes.set_ylim(len(drones) - 0.3, -0.7)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _look(fate: str) -> dict[str, Any]:
    """Colour and size of a fate's mark."""
    return {
        "color": FATE_COLOURS[fate],
        "markersize": 4.4 if fate == "destroyed_target" else 3.2,
        "markeredgecolor": FATE_COLOURS[fate] if _MARKS[fate] == "_" else INK,
        "markeredgewidth": 1.2 if _MARKS[fate] == "_" else 0.25,
    }


# --- counts ------------------------------------------------------------------------------------


def _draw_counts(axes: Axes, drones: pd.DataFrame, end: float) -> None:
    """Cumulative counts of each fate, hits at the bottom, and above them the drones in the air."""
    minutes = np.linspace(0.0, end, _LOOKS)
    ended = drones["ended_min"].to_numpy(float)
    seen = np.fmin(drones["seen"].to_numpy(float), ended)  # at its end if nobody sees it
    launched = _by_then(minutes, drones["launched_min"].to_numpy(float))
    seen_by_then = _by_then(minutes, seen)
    of_fate = drones["fate"].to_numpy()
    layers = [(_by_then(minutes, ended[of_fate == f]), fate_look(f)) for f in reversed(FATES)]
    layers += [
        (seen_by_then - _by_then(minutes, ended), _IN_THE_AIR["in the air, seen"]),
        (launched - seen_by_then, _IN_THE_AIR["in the air"]),
    ]
    base = np.zeros(_LOOKS)
    for count, look in layers:
        upper = base + count
        mask = count > 0
        mask[:-1] |= mask[1:]
        axes.fill_between(minutes, base, upper, mask, **look)
        base = upper
    axes.set_ylim(0.0, len(drones))
    axes.set_ylabel("Drones")
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))


def _by_then(minutes: Floats, times: Floats) -> Floats:
    """How many of some times have passed at each of some minutes."""
    return np.searchsorted(np.sort(times), minutes, side="right").astype(np.float64)


# --- words -------------------------------------------------------------------------------------


def _key(drones: pd.DataFrame, by_row: bool) -> dict[str, Artist]:
    found = [fate for fate in FATES if (drones["fate"] == fate).any()]
    if not by_row:
        looks = _IN_THE_AIR | {FATE_WORDS[fate]: fate_look(fate) for fate in found}
        return {words: Patch(**look) for words, look in looks.items()}
    entries: dict[str, Artist] = {
        "in the air": Line2D([], [], color=_UNSEEN, linewidth=1.6),
        "in the air, seen": Line2D([], [], color=_SEEN, linewidth=1.6),
        "a shot at it": Line2D([], [], marker="|", color=INK, markersize=4, linestyle=""),
    }
    marks = {
        FATE_WORDS[fate]: Line2D([], [], marker=_MARKS[fate], linestyle="", **_look(fate))
        for fate in found
    }
    return {**entries, **marks}


def _described(scenario: Scenario, site: str, drones: pd.DataFrame) -> str:
    fates = drones["fate"].value_counts()
    parts = ", ".join(f"{FATE_WORDS[fate]} {fates[fate]}" for fate in FATES if fates.get(fate, 0))
    first, last = float(drones["ended_min"].min()), float(drones["ended_min"].max())
    return (
        f"{scenario.sites[site].title}: {len(drones)} sent, ended between minute {number(first)} "
        f"and {number(last)} ({parts})."
    )
