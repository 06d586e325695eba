"""A ceasefire: who stops on the line, how soon it is broken, and how long it holds."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from sim.evidence.verify.case import Case, Check, Ints, Loader, of_counts
from sim.evidence.verify.courses import SIDES, fought
from sim.evidence.verify.raids import tables
from sim.evidence.verify.verdicts import of_verdicts
from sim.scenario.schema import figures

_WEARY = (
    "front.start=10",
    *(f"minds.{side}.p_win=0.4" for side in SIDES),
    *(f"minds.{side}.cost=0.1" for side in SIDES),
)


def stopping(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A side stops iff its expected gain from fighting on is less than its cost."""
    war = fought(load("end=2025-01-01"), runs, seed)
    meetings = war.recorder.meetings()
    share_held = war.sample["front.start"] / war.sample["front.rungs"]
    stops = []
    for (side, letter), share in zip(SIDES.items(), (share_held, 1.0 - share_held), strict=True):
        expects, cost = (war.sample[f"minds.{side}.{word}"] for word in ("p_win", "cost"))
        stops.append(expects - share < cost)
        got = meetings[f"ceasefire_{letter}"]
        yield of_verdicts(f"ceasefire, {side} stops", "fearon1995", stops[-1], got)
    agreed = np.isfinite(war.recorder.runs()["ceasefire_day"])
    yield of_verdicts("ceasefire, made", "definition", stops[0] & stops[1], agreed)


def breaking(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A daily chance of a breach, and of each being the last: three geometric distributions."""
    scenario = load(*_WEARY)
    figure = dict(figures(scenario))
    p_violation, p_collapse = (
        figure[f"talks.ceasefire.{name}"].value for name in ("p_violation", "p_collapse")
    )
    flown = tables(scenario, runs, seed)
    ended = flown["runs"].set_index("run")["collapse_day"]
    raids = flown["raids"][["run", "day"]].join(ended, on="run")
    raids = raids[raids["day"] > 0]
    first = raids.groupby("run")["day"].min().to_numpy(np.int64)
    last = raids["run"][raids["day"] <= raids["collapse_day"]]
    breaches = np.unique(last, return_counts=True)[1]
    days = np.nan_to_num(ended.to_numpy(), nan=scenario.days).astype(np.int64)
    for name, p, counts in (
        ("days to the first breach", p_violation, first),
        ("breaches to collapse", p_collapse, breaches),
        ("days to collapse", p_violation * p_collapse, days),
    ):
        yield _geometric(f"ceasefire, {name}", p, counts)


def _geometric(name: str, p: float, counts: Ints) -> Case:
    """Counts from 1 on; everything beyond the largest observed is one class."""
    seen = np.bincount(counts)
    law = stats.geom(p)
    expected = np.append(law.pmf(np.arange(len(seen))), law.sf(len(seen) - 1))
    return of_counts(name, "feller1968", f"geometric({p:g})", expected, seen)


CHECKS = (Check("ceasefire", stopping, runs=1_000), Check("ceasefire", breaking, runs=1_000))
