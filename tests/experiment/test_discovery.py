"""Scenario discovery: conditions mean what they say, and a planted box is found and no other."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import figure, war

from sim.experiment.errors import ExperimentError
from sim.experiment.questions import discovery
from sim.experiment.questions.condition import Condition
from sim.experiment.questions.discovery import Wars
from sim.report.answers.discovery import Discovery, limits_text
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("sketched")

COLUMNS = ("a", "b", "never_seen")
P_HIT = "weapons.fpv.p_hit"

# --- conditions ------------------------------------------------------------------------------

NUMBERS = st.one_of(
    st.sampled_from(COLUMNS),
    st.integers(0, 9).map(str),
    st.sampled_from(("0.5", "2.", ".25", "1e1")),
)
SUMS = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(" ".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-({text})"),
    ),
    max_leaves=5,
)
CONDITIONS = st.recursive(
    st.one_of(
        st.tuples(SUMS, st.sampled_from(("<", "<=", ">", ">=", "==", "!=")), SUMS).map(" ".join),
        st.tuples(SUMS, SUMS, SUMS).map(" < ".join),
        st.sampled_from(COLUMNS).map(lambda column: f"never({column})"),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(("and", "or")), inner).map(" ".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"not ({text})"),
    ),
    max_leaves=6,
)
VALUES = st.one_of(st.integers(-3, 3).map(float), st.just(math.nan))


@examples(300)
@given(CONDITIONS, st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=4))
def test_a_condition_agrees_with_python(written, rows):
    """The grammar is a part of Python's, so that for a test Python can be the judge."""
    columns = {
        "a": np.array([a for a, _ in rows]),
        "b": np.array([b for _, b in rows]),
        "never_seen": np.full(len(rows), math.nan),
    }
    holds = Condition(written, columns).holds(columns)
    for run in range(len(rows)):
        names = {name: float(values[run]) for name, values in columns.items()}
        wanted = eval(written, {"never": math.isnan, "__builtins__": {}}, names)
        assert bool(holds[run]) is bool(wanted)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("a < 2", [True, False, False]),
        ("a <= 2", [True, True, False]),
        ("a > 2", [False, False, True]),
        ("a >= 2", [False, True, True]),
        ("a == 2", [False, True, False]),
        ("a != 2", [True, False, True]),
        ("a - 1 - 1 == 0", [False, True, False]),
        ("8 / a / 2 == 2", [False, True, False]),
        ("1 + a * 2 == 5", [False, True, False]),
        ("--a == 2 and not a < 2 or a == 1", [True, True, False]),
        ("1 < a <= 3", [False, True, True]),
    ],
)
def test_signs_and_their_order(written, wanted):
    columns = {"a": np.array([1.0, 2.0, 3.0])}
    assert Condition(written, columns).holds(columns).tolist() == wanted


def test_what_never_happened_is_in_no_comparison():
    columns = {"deal_day": np.array([10.0, 70.0, math.nan])}
    assert Condition("deal_day > 60", columns).holds(columns).tolist() == [False, True, False]
    late = Condition("deal_day > 60 or never(deal_day)", columns)
    assert late.holds(columns).tolist() == [False, True, True]
    assert late.columns == ("deal_day",)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "character 1: 'the end'"),
        ("a", "character 1: 'a' is a number"),
        ("a <", "character 4: 'the end'"),
        ("a < 1 1", "character 7: '1' comes too late"),
        ("a = 1", "character 3: '=' is no part"),
        ("c < 1", "character 1: 'c' is no column"),
        ("never_sen < 1", "did you mean 'never_seen'"),
        ("never a", "expected '('"),
        ("never(1)", "'1' is no column"),
        ("(a < 1) + 1 < 2", "begins a condition"),
        ("a < 1 and b", "character 11: 'b' is a number"),
        ("not a", "'a' is a number"),
        ("a < 1 and", "'the end' does not fit"),
        ("__import__('os').system('x')", "no part of a condition"),
        ("__import__ < 1", "'__import__' is no column"),
        ("a.__class__ < 1", "no part of a condition"),
        ("(" * 200 + "a < 1", "nested too deep"),
        ("a < " + "1" * 3000, "at most 2,000"),
    ],
)
def test_a_bad_condition_is_one_line_with_its_place(written, said):
    with pytest.raises(ExperimentError) as error:
        Condition(written, COLUMNS)
    assert said in str(error.value)
    assert "--when" in str(error.value)
    assert "\n" not in str(error.value)


@given(st.text(st.sampled_from("ab<>=!()+-*/ 01.and or not never"), max_size=30))
def test_any_text_is_a_condition_or_is_refused(written):
    columns = {name: np.array([0.0, math.nan]) for name in COLUMNS}
    try:
        condition = Condition(written, columns)
    except ExperimentError:
        return
    assert condition.holds(columns).shape == (2,)


# --- a planted box ---------------------------------------------------------------------------


def planted(seed, runs=2000, figures=80, luck=0.1):
    """Wars in which it happens, but for luck, iff two figures lie in a box; 78 do nothing."""
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.random((runs, figures)), columns=[f"f{k}" for k in range(figures)])
    x["f1"] = rng.integers(0, 10, runs).astype(float)
    within = (x["f0"] < 0.4) & (x["f1"] >= 5.0)
    return Wars(x, rng.random(runs) < np.where(within, 1.0 - luck, luck))


@pytest.mark.parametrize("seed", range(4))
def test_a_planted_box_is_found_without_spurious_figures(seed):
    found, trajectory = discovery.discover(planted(seed), "prim")
    box = found["boxes"][0]
    assert set(box["box"]) == {"f0", "f1"}
    assert box["box"]["f0"][0] is None
    assert box["box"]["f0"][1] == pytest.approx(0.4, abs=0.06)
    assert box["box"]["f1"][0] == pytest.approx(4.5, abs=0.6)
    assert box["coverage"] == pytest.approx(0.2 * 0.9 / (0.2 * 0.9 + 0.8 * 0.1), abs=0.12)
    assert box["density"] > 0.75
    assert max(box["quasi_p"].values()) < 1e-6
    assert len(found["boxes"]) == 1
    first = trajectory.iloc[0]
    assert (first["coverage"], first["mass"], first["restricted"]) == (1.0, 1.0, 0)
    assert trajectory["taken"].sum() >= 1


def test_of_nothing_planted_nothing_is_found():
    rng = np.random.default_rng(3)
    x = pd.DataFrame(rng.random((2000, 80)), columns=[f"f{k}" for k in range(80)])
    wars = Wars(x, rng.random(2000) < 0.3)
    assert discovery.discover(wars, "prim")[0]["boxes"] == []
    rules = discovery.discover(wars, "cart")[0]["rules"]
    assert all(rule["box"] == {} for rule in rules)


@pytest.mark.parametrize("seed", range(4))
def test_rules_of_a_tree_hold_the_planted_box(seed):
    rules = discovery.discover(planted(seed), "cart")[0]["rules"]
    assert set(rules[0]["box"]) == {"f0", "f1"}
    assert rules[0]["density"] > 0.8
    assert {path for rule in rules for path in rule["box"]} == {"f0", "f1"}
    assert sum(rule["coverage"] for rule in rules) == pytest.approx(1.0)
    assert sum(rule["mass"] for rule in rules) == pytest.approx(1.0)


def test_a_threshold_is_the_density_asked_for():
    wars = planted(1)
    loose, tight = (discovery.discover(wars, "prim", d)[0]["boxes"][0] for d in (0.4, 0.85))
    assert loose["learned"]["density"] < tight["learned"]["density"]
    assert loose["coverage"] > tight["coverage"]
    assert not discovery.discover(wars, "prim", 1.0)[0]["boxes"][0]["is_dense_enough"]


def test_coverage_density_and_quasi_p_by_hand():
    x = pd.DataFrame({"f": [0.0, 1.0, 2.0, 3.0]})
    wars = Wars(x, np.array([True, False, True, True]))
    box = {"f": (2.0, np.inf)}
    assert discovery.worth(wars, box) == {
        "coverage": 2 / 3, "density": 1.0, "mass": 0.5, "wars": 2
    }  # fmt: skip
    assert discovery.quasi_p(wars, box, "f") == pytest.approx(0.75**2)


def test_limits_stand_in_the_scenarios_words():
    figures = {
        "figures": {
            "weapons.fpv.speed": {"low": 40.0, "high": 90.0, "unit": "km/h", "is_count": False},
            "units.gun.count": {"low": 0.0, "high": 9.0, "unit": "1", "is_count": True},
            "cost": {"low": 1e6, "high": 3e6, "unit": "USD", "is_count": False},
        }
    }
    box = {
        "weapons.fpv.speed": [None, 62.5],
        "units.gun.count": [2.5, 6.5],
        "cost": [2e6, None],
    }
    assert limits_text(figures, box) == [
        "weapons.fpv.speed at most 62.5 km/h (of 40 to 90)",
        "units.gun.count from 3 to 6 (of 0 to 9)",
        "cost at least $2 M USD (of $1 M to $3 M)",
    ]


# --- the whole -------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """A short war in which a drone's chance to hit is not known; JSON is YAML."""
    data = war()
    data["minds"]["defender"]["p_win"] = figure(0.9)
    for name in ("commitment", "resurrection"):
        data["mechanisms"][name]["on"] = False
    data["weapons"]["fpv"]["p_hit"] = figure(0.5, low=0.1, high=0.9)
    (tmp_path / "war.yaml").write_text(json.dumps(data, default=str))
    return tmp_path


@pytest.mark.parametrize(("method", "file"), [("prim", "trajectory.csv"), ("cart", "rules.csv")])
def test_a_new_user_gets_the_answer(folder, here, method, file):
    line = ("discover", "war.yaml", "--when", "things_destroyed > 9", "--method", method,
            "--runs", "400")  # fmt: skip
    told = here(*line, "--publish", "shown")
    assert told.code == 0, told.err
    for words in ("things_destroyed > 9 in", f"Where {P_HIT} at least", "Coverage"):
        assert words in told.out
    names = {path.name for path in (folder / "shown").iterdir()}
    assert {"answer.json", "manifest.json", file} <= names
    assert ("discovery.svg" in names) is (method == "prim")
    found = here(*line, "--json").json
    assert found["runs"] == 400
    assert list((found["boxes"] or found["rules"])[0]["box"]) == [P_HIT]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--when", "z_ned < 0"), "did you mean 'z_end'"),
        (("--when", "z_end < 99"), "in all of 60 wars"),
        (("--when", "z_end > 99"), "in none of 60 wars"),
        (("--when", "things_destroyed > 2"), "expected at least 40 wars with and without"),
        (("--when", "z_end < 0", "--method", "pram"), "did you mean 'prim'"),
    ],
)
def test_a_wrong_line_is_one_line_and_exit_2(folder, here, words, said):
    told = here("discover", "war.yaml", "--runs", "60", *words)
    assert told.code == 2
    assert said in told.err
    assert len(told.err.strip().splitlines()) == 1


def test_boxes_are_told_over_all_wars_and_add_up():
    """Two corners in which it happens: each box's coverage and mass are of all wars, on both
    halves, so that what the boxes hold together is their sum."""
    rng = np.random.default_rng(5)
    x = pd.DataFrame(rng.random((8000, 2)), columns=["a", "b"])
    corners = ((x["a"] < 0.3) & (x["b"] < 0.5)) | ((x["a"] > 0.8) & (x["b"] > 0.5))
    happens = (corners & (rng.random(8000) < 0.9)).to_numpy()
    found, table = discovery.discover(Wars(x, happens), "prim", 0.97)
    assert len(found["boxes"]) >= 2
    for half, told in (
        (1, found["boxes"]), (0, [box["learned"] for box in found["boxes"]])
    ):  # fmt: skip
        wars = Wars(x, happens).half(half)
        left = np.ones(len(wars.happens), bool)
        for box, own in zip(found["boxes"], told, strict=True):
            limits = [(path, *ends) for path, ends in box["box"].items()]
            here = left.copy()
            for path, low, high in limits:
                values = wars.x[path].to_numpy()
                here &= (values >= (-np.inf if low is None else low)) & (
                    values <= (np.inf if high is None else high)
                )
            assert own["coverage"] == pytest.approx(
                (wars.happens & here).sum() / wars.happens.sum()
            )
            assert own["mass"] == pytest.approx(here.mean())
            assert own["density"] == pytest.approx(wars.happens[here].mean())
            left &= ~here
    first = table[table["step"] == 0]
    assert first["mass"].is_monotonic_decreasing
    assert first["mass"].iloc[1] == pytest.approx(1.0 - found["boxes"][0]["mass"])


def test_the_densest_is_said_of_the_densest_once():
    box = {"box": {"a": [None, 0.3]}, "coverage": 0.4, "density": 0.78, "mass": 0.2, "wars": 100,
           "is_dense_enough": False, "quasi_p": {"a": 0.0}, "among": 0.2,
           "learned": {"coverage": 0.4, "density": 0.8}}  # fmt: skip
    figures = {"method": "prim", "when": "z_end < 0", "share": 0.2, "runs": 1000, "kept": ["a"],
               "boxes": [box, box | {"density": 0.83}, box | {"density": 0.59}], "rules": [],
               "threshold": 0.95, "looked_at": 1, "missing": {}, "seed": 1, "learned": 500,
               "judged": 500,
               "figures": {"a": {"low": 0, "high": 1, "unit": "1", "is_count": False}}}  # fmt: skip
    words = " ".join(Discovery("", (), figures, {"trajectory": pd.DataFrame()}).sections()[0].lines)
    assert words.count("the densest") == 1
    assert "box 2 is the densest" in words
