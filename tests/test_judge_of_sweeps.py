"""Sweeps made a second time in the plainest way, and equal in every number.

The judge runs one scenario with `sim.run` for each point, and takes means and differences of the
raw column. It shares no code with what it judges but `sim.load` and `sim.run`.
"""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import RAID, figure, war

import sim
from sim.experiment import surface, sweep
from sim.scenario.experiment import Sweep

RUNS = 6
P_HIT, READY, SPEED = "weapons.fpv.p_hit", "sites.base.readiness", "weapons.fpv.speed"
WAVE = f"raids.{RAID}.waves.wave"
COUNT = f"{WAVE}.count"
OUTCOMES = ("z_end", "r_u_end", "things_hit", "strike_leak_share", "deal_day", "ceasefire_day")

FIGURES = {
    P_HIT: [0.1, 0.5, "90 percent"],
    READY: [0.0, 0.6],
    SPEED: [50, "20 m/s"],
    COUNT: [2, 25],
    "front.p_move": [0.0, 0.5],
    "minds.defender.p_win": [0.4, 0.9],
}
PARTS = {f"{WAVE}.aim": ["assigned", "opportune"], "mechanisms.audience.on": [True, False]}
SETTINGS = {
    "theory": {
        "none": {"mechanisms.cost.on": False, "mechanisms.image.on": False},
        "learning": {"mechanisms.learning.on": True, "mechanisms.cost.on": False},
        "as it is": {},
    },
    "guns": {
        "few": {"sites.base.defence.gun.count": 1},
        "many": {"sites.base.defence.gun.count": 5, "units.gun.range": 20},
    },
}
"""What is varied: figures, parts and settings, none of which sets what another does."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    data = war()
    data["minds"]["defender"]["p_win"] = figure(0.8, low=0.5, high=0.95)
    data["weapons"]["fpv"]["p_hit"] = figure(0.5, low=0.2, high=0.8)
    for name in ("image", "learning"):  # so that settings turn some on, some off
        data["mechanisms"][name]["on"] = False
    place = tmp_path_factory.mktemp("judge")
    (place / "war.yaml").write_text(json.dumps(data, default=str))
    return place


# --- what is asked ---------------------------------------------------------------------------


@st.composite
def sweeps(draw):
    """Sweeps of every design that lists its levels, over one to three things."""
    names = draw(st.permutations([*SETTINGS, *FIGURES, *PARTS]).map(lambda every: every[:3]))
    names = names[: draw(st.sampled_from((1, 2, 2, 2, 3)))]
    levels = {n: (FIGURES | PARTS | SETTINGS)[n] for n in names}
    design = draw(st.sampled_from(("grid", "one_at_a_time", "factorial")))
    if design == "factorial":
        levels = {
            name: dict(list(one.items())[:2]) if isinstance(one, dict) else one[:2]
            for name, one in levels.items()
        }
    two = [name for name, one in levels.items() if len(one) == 2 and design != "one_at_a_time"]
    constants = {"reports.attacker.overclaim": 2.0} if draw(st.booleans()) else {}
    without = ["sides.attacker.tempo"] if draw(st.booleans()) else []
    return {
        "design": design,
        "levers": levels,
        "contrast": draw(st.sampled_from(two)) if two and draw(st.booleans()) else None,
        "constants": constants,
        "without": without,
        "outcomes": draw(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=2, unique=True)),
        "seed": draw(st.integers(1, 9)),
    }


# --- the judge -------------------------------------------------------------------------------


def judged_points(asked):
    """The levels of each point as written, None where a factor is left as it stands."""
    levels = {name: list(one) for name, one in asked["levers"].items()}
    if asked["design"] == "one_at_a_time":
        nothing = dict.fromkeys(levels)
        return [nothing, *(nothing | {n: one} for n, some in levels.items() for one in some)]
    return [dict(zip(levels, one, strict=True)) for one in itertools.product(*levels.values())]


def judged_runs(folder, asked, point):
    """The raw runs of one scenario, loaded with what the point sets."""
    sets = dict(asked["constants"])
    for name, level in point.items():
        if level is not None:
            one = asked["levers"][name]
            sets |= one[level] if isinstance(one, dict) else {name: level}
    written = [f"{k}={v if isinstance(v, str) else json.dumps(v)}" for k, v in sets.items()]
    scenario = sim.load(folder / "war.yaml", written, asked["without"])
    return sim.run(scenario, RUNS, asked["seed"], workers=1).runs.sort_values("run")


def answered(folder, asked):
    asks = sweep.question(
        Sweep(kind="sweep", name="judged", title="t", question="q", scenario="war.yaml",
              runs=RUNS, **asked), folder,
    )  # fmt: skip
    tables = [pd.DataFrame(sweep.run_chunk(*call)["outcomes"]) for call in sweep._calls(asks)]

    class Results:
        def table(self, name):
            return pd.concat(tables) if name == "outcomes" else pd.DataFrame()

    return surface.answer(Results(), asks)


def number(level):
    """A level of a figure in the scenario's unit: those of FIGURES by hand."""
    return {"90 percent": 0.9, "20 m/s": 72.0}.get(level, level)


def same(found, wanted):
    if np.isnan(wanted):
        return found is None or np.isnan(found)
    return found == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked=sweeps())
def test_every_number_of_a_sweep_is_that_of_plain_runs(folder, asked):
    figures, table = answered(folder, asked)
    raw = [judged_runs(folder, asked, point) for point in judged_points(asked)]
    points = judged_points(asked)
    if asked["design"] == "one_at_a_time":
        judge_one_at_a_time(figures, asked, points, raw)
    else:
        assert len(table) == len(points)
        judge_points(table, asked, points, raw)
        judge_alone(figures, asked, points, raw)
    if asked["contrast"] is not None:
        judge_contrast(figures["contrast"], asked, points, raw)


def judge_points(table, asked, points, raw):
    for point, runs in zip(points, raw, strict=True):
        row = table
        for name, level in point.items():
            row = row[row[name] == number(level)]
        (row,) = row.to_dict("records")
        for outcome in asked["outcomes"]:
            values = runs[outcome].dropna()
            assert row[f"{outcome} wars"] == len(values)
            assert same(row[outcome], values.mean())
            assert same(row[f"{outcome} median"], values.median())
            assert same(row[f"{outcome} 5 %"], values.quantile(0.05))
            assert same(row[f"{outcome} 95 %"], values.quantile(0.95))


def judge_alone(figures, asked, points, raw):
    for name, outcome in itertools.product(asked["levers"], asked["outcomes"]):
        told = figures["alone"][outcome][name]
        levels = list(asked["levers"][name])
        assert len(told) == len(levels)
        for level in levels:
            here = [r[outcome] for p, r in zip(points, raw, strict=True) if p[name] == level]
            means = [runs.mean() for runs in here]
            (found,) = (one for word, one in told.items() if word in words_of(level))
            assert found["wars"] == sum(runs.count() for runs in here)
            assert found["of"] == RUNS * len(here)
            assert same(found["mean"], pd.Series(means).mean())


def words_of(level):
    read = number(level)
    return {str(read)} | ({str(float(read))} if isinstance(read, int | float) else set())


def judge_one_at_a_time(figures, asked, points, raw):
    base = raw[0]
    for point, runs in zip(points[1:], raw[1:], strict=True):
        ((name, level),) = ((n, one) for n, one in point.items() if one is not None)
        for outcome in asked["outcomes"]:
            alone = figures["alone"][outcome][name]
            (word,) = words_of(level) & set(alone)
            assert same(alone[word]["mean"], runs[outcome].mean())
            change = runs[outcome].to_numpy(float) - base[outcome].to_numpy(float)
            moved = figures["moved"][outcome].get(name, {})
            if word in moved:
                assert same(moved[word]["mean"], pd.Series(change).mean())
                assert moved[word]["runs"] == (~np.isnan(change)).sum()
            else:  # it is how the scenario stands
                assert np.nan_to_num(change) == pytest.approx(np.zeros(RUNS))


def judge_contrast(contrast, asked, points, raw):
    name = asked["contrast"]
    one, other = asked["levers"][name]
    for outcome in asked["outcomes"]:
        places = contrast[outcome]["places"]
        judged = [(p, r) for p, r in zip(points, raw, strict=True) if p[name] == one]
        assert len(places) == len(judged)
        for point, runs in judged:
            against = next(
                r for p, r in zip(points, raw, strict=True) if p == point | {name: other}
            )
            difference = runs[outcome].to_numpy(float) - against[outcome].to_numpy(float)
            rest = {n: number(level) for n, level in point.items() if n != name}
            (place,) = (p for p in places if all(p[n] == level for n, level in rest.items()))
            assert place["runs"] == (~np.isnan(difference)).sum()
            assert same(place["mean"], pd.Series(difference).mean())


# --- other ways to the same answer -----------------------------------------------------------


@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked=sweeps(), rows=st.integers(1, 40))
def test_how_a_sweep_is_split_does_not_matter(folder, asked, rows):
    with pytest.MonkeyPatch.context() as patch:
        whole = answered(folder, asked)
        patch.setattr(sweep, "_ROWS", rows)
        parts = answered(folder, asked)
    pd.testing.assert_frame_equal(whole[1], parts[1], check_exact=True)
    assert repr(whole[0]) == repr(parts[0])
