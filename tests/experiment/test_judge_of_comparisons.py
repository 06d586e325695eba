"""A paired comparison made a second time: two plain runs, and the differences of raw columns."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging import (
    Figures,
    Number,
    differ,
    effect,
    err,
    few,
    fixed,
    num,
    per_cent,
    trace,
    trace_rows,
    whole,
)
from strategies import RAID, war, wars

import sim
from sim.experiment.comparison import compare_in_figures
from sim.report.answers.comparison import Comparison
from sim.scenario.schema import Scenario

POSITIONS = ("r_u", "r_d", "z", "demand_u", "demand_d")
CHANGES: dict[str, dict[str, Any]] = {
    "without the strike": {"without": RAID},
    "better aim": {"set": {"weapons.fpv.p_hit": 0.9}},
    "no image": {"set": {"mechanisms.image.on": False}},
    "fewer, at an opportunity": {
        "set": {f"raids.{RAID}.waves.wave.count": 3, f"raids.{RAID}.waves.wave.aim": "opportune"}
    },
}


def changed(data: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """A war with a part left out or set otherwise, by hand."""
    made: dict[str, Any] = eval(repr(data), {"inf": float("inf")})  # a copy all the way down
    if "without" in change:
        del made["raids"][RAID]
        del made["sides"]["attacker"]["tempo"]
        made.pop("focus", None)
    for path, value in change.get("set", {}).items():
        *way, last = path.split(".")
        block = made
        for name in way:
            block = block[name]
        old = block.get(last)
        block[last] = old | {"value": value} if isinstance(old, dict) else value
    return made


# --- the judge -----------------------------------------------------------------------------------


def judged(one: Scenario, other: Scenario, runs: int, seed: int, is_left_out: bool) -> Figures:
    """The answer from two plain runs; `one` is the war as it is."""
    as_is, changed = (sim.run(war, runs, seed, workers=1, with_days=True) for war in (one, other))
    base, now = (changed, as_is) if is_left_out else (as_is, changed)

    def column(name: str) -> Figures:
        return effect(*(r.runs.get(name, pd.Series(np.full(runs, np.nan))) for r in (base, now)))

    raids = [raid for raid in one.raids if raid in other.raids]
    exchanges = [f"{name}_exchanged" for name in ("prisoners", "bodies")] if one.talks else []
    length = one.days
    return {
        "runs": runs,
        "seed": seed,
        "days": {
            str(one.start + pd.Timedelta(day, "D")): {
                "day": day, "what": ", ".join(what), "effects": on_day(base, now, day)
            }
            for day, what in moments(one, other).items()
        },
        "raids": {f"{raid}_{w}": column(f"{raid}_{w}")
                  for raid in raids for w in ("through", "lost_usd", "fired_usd")},
        "losses": {name: column(name)
                   for name in (*(f"things_{w}" for w in ("destroyed", "damaged", "hit")),
                                *(f"{side}_{w}_usd" for side in one.sides
                                  for w in ("spent", "lost", "fired")))},
        "settlement": {
            "deal_share": effect(*(r.runs["deal_day"].notna() for r in (base, now))),
            "ceasefire_share": effect(*(r.runs["ceasefire_day"].notna() for r in (base, now))),
            "days_to_deal": effect(*(r.runs["deal_day"].fillna(length) for r in (base, now))),
            **{name: column(name) for name in exchanges},
        },
    }  # fmt: skip


def on_day(base: Any, now: Any, day: int) -> Figures:
    """The effects on each position and term on the evening of a day; a term that is off is 0."""
    on = {name for r in (base, now) for name, block in r.scenario.mechanisms if block and block.on}
    letters = {"u": base.scenario.underdog, "d": base.scenario.favourite}
    patrons = base.scenario.patrons
    whole = ["z", *(f"{w}_{p}" for w in ("p", "pressure") for p in patrons)]
    on |= {"patrons"} if patrons else set()
    cards = [*(["p_u", "p_d"] if patrons else []), *whole[1:]]
    evenings = [record.days[record.days["day"] == day] for record in (base, now)]
    sides = [
        {side: rows[rows["side"] == side].sort_values("run") for side in letters.values()}
        for rows in evenings
    ]
    made = {}
    for name in (*POSITIONS, *cards, *(f"h_{mechanism}_{x}" for mechanism in on for x in "ud")):
        values = []
        for by_side in sides:
            side = letters.get(name[-1], letters["u"]) if name not in whole else letters["u"]
            rows = by_side[side]
            word = name if name in whole else name[:-2]
            values.append(rows[word] if word in rows else np.zeros(len(rows)))
        made[name] = effect(*(np.asarray(one, float) for one in values))
    return made


def moments(one: Scenario, other: Scenario) -> dict[int, list[str]]:
    """The day of a dated raid that differs, later meetings, and the last day."""
    found: dict[int, list[str]] = {}
    for name, raid in one.raids.items():
        if raid.date and (name not in other.raids or other.raids[name] != raid):
            found.setdefault((raid.date - one.start).days, []).append(name)
    first = min(found, default=0)
    for name, date in one.talks.meetings.items() if one.talks else ():
        if (date - one.start).days >= first:
            found.setdefault((date - one.start).days, []).append(name)
    found.setdefault(one.days - 1, []).append("last day")
    return dict(sorted(found.items()))


def answered(one: Scenario, other: Scenario, runs: int, seed: int, what: str) -> Figures:
    """The answer that is judged, as `sim compare` makes it."""
    change = CHANGES[what]
    left_out = [f"raids.{RAID}"] if "without" in change else []
    set_there = [f"{path}={value}" for path, value in change.get("set", {}).items()]
    both = (sim.run(war, runs, seed, workers=1, with_days=True) for war in (one, other))
    base, now = both if set_there else reversed(list(both))
    return compare_in_figures(base, now, one, left_out, set_there)


@few(5)
@given(data=wars(), what=st.sampled_from(tuple(CHANGES)), seed=st.integers(1, 99))
def test_every_effect_is_that_of_two_plain_runs(data: dict[str, Any], what: str, seed: int) -> None:
    one, other = (Scenario.model_validate(d) for d in (data, changed(data, CHANGES[what])))
    found = answered(one, other, 9, seed, what)
    assert found.pop("scenario") == "small"
    is_left_out = "without" in CHANGES[what]
    wanted = "with minus without" if is_left_out else "changed minus as it is"
    assert found.pop("direction") == wanted
    assert len(found.pop("changes")) == len(CHANGES[what].get("set", [0]))
    assert list(differ(found, judged(one, other, 9, seed, is_left_out))) == []


# --- its words -----------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["without the strike", "better aim"])
def told(request: pytest.FixtureRequest) -> tuple[Scenario, Figures, Figures]:
    data = war()
    one, other = (Scenario.model_validate(d) for d in (data, changed(data, CHANGES[request.param])))
    found = answered(one, other, 60, 4, request.param)
    return one, found, judged(one, other, 60, 4, "without" in CHANGES[request.param])


def unit_of(name: str) -> str:
    if name.endswith("_usd"):
        return "USD"
    return "share" if name in POSITIONS or name.startswith("h_") or name.endswith("_share") else ""


def row_of(name: str, one: Figures) -> tuple[str, list[Number]]:
    """Wars, mean with its error, median and 90 %, up and down, both sides, what pairing saves."""
    unit = unit_of(name)
    if not one["runs"]:
        return name, [whole(0), *[Number(None)] * 9]
    numbers = [whole(one["runs"]), num(one["mean"], unit), err(one["mean_error"])]
    numbers += [num(one[key], unit) for key in ("median", "low", "high")]
    numbers += [per_cent(one[key]) for key in ("above_zero", "below_zero")]
    numbers += [num(one[key]["mean"], unit) for key in ("base", "changed")]
    saved = one["variance_saved"]
    return name, [*numbers, *([] if saved is None else [fixed(saved, 1)])]


def test_every_row_of_a_comparison(told: tuple[Scenario, Figures, Figures]) -> None:
    _, found, made = told
    changes, *tables, sure = Comparison("", (), found).sections()
    assert changes.lines == found["changes"]
    parts = [day["effects"] for day in made["days"].values()]
    parts += [made["raids"], made["losses"], made["settlement"]]
    for table, effects in zip(tables, parts, strict=True):
        by_name = dict(row_of(*pair) for pair in effects.items())
        trace_rows(
            [(row[0], *(cell.removesuffix(" none") for cell in row[1:])) for row in table.rows],
            [(row[0], by_name[row[0]]) for row in table.rows],
        )
        assert len(by_name) == len(table.rows)
        for row in table.rows:
            one = effects[row[0]]
            told_apart = one["runs"] and abs(one["mean"]) <= (one["mean_error"] or 0.0)
            assert row[2].endswith(" none") == bool(told_apart)
        up, down = table.columns[8:10]
        assert (up, down) == (("without", "with") if found["direction"].startswith("with")
                              else ("as it is", "changed"))  # fmt: skip
    trace(sure.lines[0], [whole(60), whole(4)], "95 %", "above and below 0", "that are 0")


def test_the_headline_of_a_comparison(told: tuple[Scenario, Figures, Figures]) -> None:
    scenario, found, made = told
    dates = list(made["days"])
    for line, date in zip(
        Comparison("", (scenario,), found).headline(), (dates[0], dates[-1]), strict=True
    ):
        wanted: list[Number] = []
        for position in ("r_u", "r_d", "z"):
            one = made["days"][date]["effects"][position]
            is_known = abs(one["mean"]) > one["mean_error"]
            wanted += [fixed(abs(one["mean"]), 4)] if is_known else []
            wanted += [err(one["mean_error"]), fixed(one["median"], 4)]
            wanted += [per_cent(one["above_zero"]), per_cent(one["below_zero"])]
            wanted += [whole(one["runs"])]
        trace(line, wanted, *dates)
        verbs = [word for word in line.replace(";", " ").split() if word in ("rises", "falls")]
        known = [made["days"][date]["effects"][p] for p in ("r_u", "r_d", "z")]
        assert verbs == ["rises" if one["mean"] > 0 else "falls" for one in known
                         if abs(one["mean"]) > one["mean_error"]]  # fmt: skip
