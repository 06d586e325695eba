"""Sensitivity: indices with closed forms, intervals that say nothing said so, and the command."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import figure, war

from sim.experiment import design
from sim.experiment.design import Factor, how_many, points_of, unit_cube
from sim.experiment.errors import ExperimentError
from sim.experiment.questions import sensitivity
from sim.experiment.statistics import indices
from sim.report.answers.sensitivity import Sensitivity
from sim.report.plots.analysis.tornado import draw_tornado
from sim.scenario.load import load

pytestmark = pytest.mark.usefixtures("sketched")

P_HIT = "weapons.fpv.p_hit"
READINESS = "sites.base.readiness"
OF_ISHIGAMI = {  # a = 7, b = 0.1, in closed form
    "first": np.array([0.3139, 0.4424, 0.0]),
    "total": np.array([0.5576, 0.4424, 0.2437]),
}


def ishigami(x):
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def at_points(name, factors, points, function, seed=1):
    """The indices of a function, by the points and the code that wars go through."""
    made = pd.DataFrame(points_of(name, [], factors, points, seed)).to_numpy()
    y = function(made)
    u = unit_cube(name, len(factors), points, seed)
    method = next(m for m, design_of in sensitivity.DESIGNS.items() if design_of == name)
    paths = [factor.name for factor in factors]
    found = indices.of_points(method, paths, u, y, np.zeros(len(y)), points)
    return {row["figure"]: row for row in found["figures"]}


CIRCLE = [Factor(f"x{k}", (), -np.pi, np.pi) for k in range(3)]


# --- points ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", design.BY_LAW)
def test_points_are_counted_and_lie_in_the_ranges(name):
    factors = [Factor("a", (), 2.0, 3.0, base=2.5), Factor("n", (), 0.0, 4.0, is_count=True)]
    made = pd.DataFrame(points_of(name, [], factors, 16, 1))
    assert len(made) == how_many(name, [], factors, 16)
    assert made["a"].between(2.0, 3.0).all()
    assert set(made["n"]) <= {0.0, 1.0, 2.0, 3.0, 4.0}


def test_a_range_of_its_own_is_taken_by_its_law():
    peaked = Factor("a", (), 0.0, 1.0, base=0.5, law="triangular")
    u = np.linspace(0.0, 1.0, 101)
    values = np.array(peaked.at(u))
    assert values[[0, 50, 100]] == pytest.approx([0.0, 0.5, 1.0])
    assert values[25] == pytest.approx(np.sqrt(0.25 * 0.5))


# --- closed forms ----------------------------------------------------------------------------


def test_ishigamis_indices():
    found = at_points("saltelli", CIRCLE, 2048, ishigami)
    for name, wanted in OF_ISHIGAMI.items():
        told = np.array([found[f"x{k}"][name]["value"] for k in range(3)])
        np.testing.assert_allclose(told, wanted, atol=0.03)
        errors = np.array([found[f"x{k}"][name]["±"] for k in range(3)])
        assert (np.abs(told - wanted) < 2.0 * errors).all()
        assert (errors < 0.08).all()
    assert found["x2"]["first"]["verdict"] == "nothing"
    assert found["x2"]["total"]["verdict"] == "told"


def test_a_linear_model_has_the_squares_of_its_slopes():
    slopes = np.array([4.0, 2.0, 1.0])
    factors = [Factor(f"x{k}", (), 0.0, 1.0) for k in range(3)]
    found = at_points("saltelli", factors, 1024, lambda x: x @ slopes)
    for name in ("first", "total"):
        told = np.array([found[f"x{k}"][name]["value"] for k in range(3)])
        np.testing.assert_allclose(told, slopes**2 / (slopes**2).sum(), atol=0.02)
    low, high = (np.array([found[f"x{k}"][end] for k in range(3)]) for end in ("at low", "at high"))
    np.testing.assert_allclose(high - low, 0.8 * slopes, rtol=0.02)


def test_elementary_effects_of_a_linear_model_are_its_slopes():
    factors = [Factor(f"x{k}", (), 0.0, 1.0) for k in range(4)]
    found = at_points("morris", factors, 10, lambda x: x @ [3.0, -2.0, 1.0, 0.0])
    assert [found[f"x{k}"]["mean effect"] for k in range(4)] == pytest.approx([3, -2, 1, 0])
    assert [found[f"x{k}"]["effect"]["value"] for k in range(4)] == pytest.approx([3, 2, 1, 0])
    assert max(row["spread"] for row in found.values()) == pytest.approx(0.0, abs=1e-9)
    assert found["x3"]["effect"]["verdict"] == "nothing"
    assert found["x3"]["effect"]["needs"] is None


def test_the_ends_of_elementary_effects_were_seen():
    """Of an outcome that is never below 0 neither end is, however large the effect."""
    factors = [Factor(f"x{k}", (), 0.0, 1.0) for k in range(3)]
    found = at_points("morris", factors, 20, lambda x: 12.0 * x.prod(axis=1))
    for row in found.values():
        assert 0.0 <= row["at low"] < row["at high"] <= 12.0
        assert row["at high"] - row["at low"] == pytest.approx(row["mean effect"] * 2.0 / 3.0)


@given(st.integers(0, 1000))
def test_ends_lie_within_what_was_seen(seed):
    rng = np.random.default_rng(seed)
    u = rng.random((40, 5))
    y = rng.poisson(np.exp(2.0 * u[:, 0] - 2.0 * u[:, 1])).astype(float)
    for end in indices.ends(u, y):
        assert ((end >= y.min()) & (end <= y.max())).all()


@pytest.mark.parametrize("method", ["pawn", "delta"])
def test_given_data_find_what_matters_and_nothing_else(method):
    rng = np.random.default_rng(5)
    u = indices.places(rng.random((600, 5)))
    y = np.exp(3.0 * u[:, 3]) + u[:, 1]  # skewed
    found = indices.of_given(method, list("abcde"), u, y)
    told = [r["figure"] for r in found["figures"] if r["index"]["verdict"] != "nothing"]
    assert found["figures"][0]["figure"] == "d"
    assert set(told) <= {"b", "d"}
    assert "d" in told


@pytest.mark.parametrize("runs", [30, 400])
def test_pawn_is_what_salib_makes_of_the_same_runs(runs):
    from SALib.analyze import pawn

    rng = np.random.default_rng(8)
    u = indices.places(rng.random((runs, 4)))
    for y in (u[:, 0] + rng.normal(size=runs), np.floor(5 * u[:, 1]), u[:, 2] > 0.9):
        theirs = pawn.analyze(design.cube(4), u, y.astype(float), S=10)["median"]
        assert indices._pawn(u, y.astype(float)) == pytest.approx(theirs, rel=1e-12, abs=1e-12)


def test_delta_leaves_the_process_as_it_was():
    np.random.seed(3)
    wanted = np.random.random()
    np.random.seed(3)
    form, filters = warnings.formatwarning, list(warnings.filters)
    rng = np.random.default_rng(1)
    indices.of_given("delta", ["a"], indices.places(rng.random((200, 1))), rng.random(200))
    assert np.random.random() == wanted
    assert warnings.formatwarning is form
    assert warnings.filters == filters


# --- what can be told ------------------------------------------------------------------------


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 0.5), st.integers(2, 10_000))
def test_the_points_needed_would_do(value, error, floor, points):
    verdict = indices.verdict(value, error, floor)
    needs = indices.needed(value, error, floor, points)
    if verdict == "told":
        assert needs == points
        assert value - error > floor
    elif needs is not None:
        assert needs >= points
        then = error * np.sqrt(points / needs)
        assert indices.verdict(value, then * (1 - 1e-6), floor) != verdict


def test_luck_that_is_left_is_a_floor_under_total_indices():
    """Of a function of nothing but luck no total index can be told, though each is about 1."""
    rng = np.random.default_rng(2)
    u = unit_cube("saltelli", 3, 128, 1)
    even, odd = rng.normal(size=(2, len(u)))
    found = indices.of_points("sobol", list("abc"), u, (even + odd) / 2, (even - odd) / 2, 128)
    assert min(row["total"]["value"] for row in found["figures"]) > 0.5
    assert {row["total"]["verdict"] for row in found["figures"]} == {"nothing"}


def test_luck_is_half_the_difference_of_two_halves():
    wars = pd.DataFrame({"point": [0, 0, 0, 0, 1, 1, 1, 1], "run": [0, 1, 2, 3] * 2})
    wars["y"] = [1.0, 3.0, 1.0, 3.0, 5.0, 5.0, 5.0, 9.0]
    mean, luck = sensitivity.mean_and_luck(wars, "y")
    assert mean.tolist() == [2.0, 6.0]
    assert luck.tolist() == [-1.0, -1.0]


# --- the whole -------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """A short war of two drawn figures that matter; JSON is YAML."""
    data = war()
    data["minds"]["defender"]["p_win"] = figure(0.9)
    for name in ("commitment", "resurrection"):
        data["mechanisms"][name]["on"] = False
    data["weapons"]["fpv"]["p_hit"] = {"value": 0.5, "low": 0.1, "high": 0.9, "assumed": "x"}
    (tmp_path / "war.yaml").write_text(json.dumps(data, default=str))
    return tmp_path


LINE = ("sensitivity", "war.yaml", "--vary", P_HIT, "--vary", f"{READINESS}=0.1:0.9",
        "--outcome", "strike_leak_share", "--outcome", "z_end")  # fmt: skip


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_a_new_user_gets_the_answer(folder, here, method):
    told = here(*LINE, "--method", method, "--points", "8", "--runs", "6", "--publish", "shown")
    assert told.code == 0, told.err
    for words in ("depends most on", P_HIT, "0.1 to 0.9", "four times the points"):
        assert words in told.out
    names = {path.name for path in (folder / "shown").iterdir()}
    pictures = {f"tornado.{form}" for form in ("png", "svg", "pdf", "txt")}
    assert names == {"answer.json", "indices.csv", "manifest.json", "SHA256SUMS"} | pictures
    again = here(*LINE, "--method", method, "--points", "8", "--runs", "6", "--json")
    wars = 6 * 8 * (4 if method == "sobol" else 3)
    assert again.json["wars"] == wars
    assert again.json["outcomes"]["z_end"]["figures"][0]["figure"] in (P_HIT, READINESS)


def test_without_figures_named_the_first_of_a_screening_are_varied(folder, here):
    told = here("sensitivity", "war.yaml", "--outcome", "things_destroyed", "--points", "4",
                   "--runs", "4")  # fmt: skip
    assert told.code == 0, told.err
    assert "Screened first" in told.out
    assert P_HIT in told.out


P_WIN = "minds.defender.p_win"


@pytest.mark.parametrize(
    ("method", "outcome", "hangs_on"),
    [("pawn", "things_destroyed", P_HIT), ("delta", "r_d_start", P_WIN)],
)
def test_a_plain_ensemble_is_read(folder, here, method, outcome, hangs_on):
    told = here("sensitivity", "war.yaml", "--method", method, "--outcome", outcome, "--runs",
                   "400", "--json", "--vary", hangs_on, "--set",
                   f"{P_WIN}={{value: 0.9, low: 0.8, high: 0.95, assumed: x}}")  # fmt: skip
    assert told.code == 0, told.err
    assert told.json["wars"] == 400
    assert "no 95 % interval" in told.json["error_is"]
    rows = told.json["outcomes"][outcome]["figures"]
    assert rows[0]["figure"] == hangs_on
    assert rows[0]["index"]["verdict"] != "nothing"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--method", "sobl"), "did you mean 'sobol'"),
        (("--vary", "weapons.fpv.p_hti"), "did you mean 'weapons.fpv.p_hit'"),
        (("--vary", READINESS), "has no range of its own"),
        (("--vary", f"{P_HIT}=0.1"), "expected PATH=LOW:HIGH"),
        (("--vary", f"{P_HIT}=0.1:0.2", "--method", "pawn"), "expected PATH alone"),
        (("--points", "8", "--method", "pawn"), "expected --runs"),
        (("--points", "6"), "power of two"),
        (("--vary", P_HIT, "--outcome", "z_ned", "--points", "2"), "did you mean 'z_end'"),
        (("--vary", P_HIT, "--outcome", "deal_day", "--points", "2", "--runs", "4"), "is missing"),
        (("--method", "pawn", "--outcome", "z_ned", "--runs", "20"), "did you mean 'z_end'"),
        (("--method", "delta", "--outcome", "things_destroyed", "--runs", "60"), "method pawn"),
    ],
)
def test_a_wrong_line_is_one_line_and_exit_2(folder, here, words, said):
    told = here("sensitivity", "war.yaml", *words)
    assert told.code == 2
    assert said in told.err
    assert len(told.err.strip().splitlines()) == 1


def test_an_index_that_says_nothing_says_so(folder):
    scenario = load(folder / "war.yaml")
    vary = sensitivity.ranges_by_line([P_HIT, f"{READINESS}=0.49:0.51"])
    asked = sensitivity.request_of(scenario, "sobol", vary, ["things_destroyed"], 4, 4, 1)
    figures, table, _ = sensitivity.answer(asked, folder / "out", 1)
    words = [
        line
        for part in Sensitivity("", (), figures).sections()
        for row in part.rows
        for line in row
    ]
    assert any("cannot be told from 0" in cell for cell in words)
    assert set(table["figure"]) == {P_HIT, READINESS}
    picture = draw_tornado(figures, scenario.title)
    assert P_HIT in picture.description


def test_what_does_not_vary_is_told():
    u = unit_cube("saltelli", 1, 2, 1)
    found = indices.of_points("sobol", ["a"], u, np.ones(6), np.zeros(6), 2)
    assert (found["mean"], found["figures"]) == (1.0, [])


def test_no_figure_to_vary(folder):
    scenario = load(folder / "war.yaml", [f"{P_HIT}=0.3"])
    assert not sensitivity.drawn_figures(scenario)
    asked = sensitivity.request_of(scenario, "morris", {}, [], None, None, 1)
    with pytest.raises(ExperimentError, match="no figure has a range"):
        sensitivity.answer(asked, folder)
