"""Numbers from runs: known values, and errors that hold what they promise."""

import math

import numpy as np
import pytest

from sim.experiment.contrast import paired
from sim.experiment.estimate import estimate, percentile, share
from sim.experiment.record import split_of
from sim.experiment.significance import told_from_zero


def test_the_numbers_of_0_to_100() -> None:
    made = estimate(np.arange(101))
    assert made["runs"] == 101
    assert (made["mean"], made["median"], made["low"], made["high"]) == (50.0, 50.0, 5.0, 95.0)
    # 1.96 standard errors of 101 numbers of sample variance 101 * 102 / 12
    assert made["mean_error"] == pytest.approx(1.959963985 * math.sqrt(102 / 12), rel=1e-9)
    # places 101/2 -+ 1.96 sqrt(101/4), rounded outwards: 40 and 61
    assert made["median_error"] == 10.5
    # places 5.05 -+ 4.29: 0 and 10
    assert made["low_error"] == 5.0


def test_the_order_of_runs_plays_no_part() -> None:
    values = np.random.default_rng(1).normal(size=500)
    assert estimate(values) == estimate(values[::-1]) == estimate(np.sort(values))


def test_runs_without_the_outcome_are_left_out() -> None:
    values = np.arange(101.0)
    gaps = np.full(300, np.nan)
    gaps[50:151] = values
    assert estimate(gaps) == estimate(values)


def test_no_run_has_no_numbers() -> None:
    for values in (np.array([]), np.full(9, np.nan)):
        made = estimate(values)
        assert made.pop("runs") == 0
        assert set(made.values()) == {None}
        assert set(made) >= {"mean", "median_error", "low", "high_error"}


def test_one_run_has_numbers_and_no_errors() -> None:
    made = estimate(np.array([3.5]))
    assert made["runs"] == 1
    assert {made[name] for name in ("mean", "median", "low", "high")} == {3.5}
    assert {made[f"{name}_error"] for name in ("mean", "median", "low", "high")} == {None}


def test_too_few_runs_have_no_error_at_the_ends() -> None:
    made = estimate(np.arange(40.0))
    assert made["median_error"] is not None
    assert (made["low_error"], made["high_error"]) == (None, None)


@pytest.mark.parametrize("constant", [0.0, 0.9, 1 / 3, 1e9])
def test_a_constant_is_certain(constant: float) -> None:
    made = estimate(np.full(1000, constant))
    assert {made[name] for name in ("median", "low", "high")} == {constant}
    assert made["mean"] == pytest.approx(constant, rel=1e-14)
    assert {made[f"{name}_error"] for name in ("mean", "median", "low", "high")} == {0.0}


def test_the_error_shrinks_with_the_root_of_the_runs() -> None:
    values = np.random.default_rng(2).normal(size=40_000)
    few, many = estimate(values[:400]), estimate(values)
    for name in ("mean", "median", "low", "high"):
        assert few[f"{name}_error"] / many[f"{name}_error"] == pytest.approx(10.0, rel=0.35)


def test_the_errors_hold_the_truth_in_95_per_cent() -> None:
    """600 ensembles of 400 lognormal runs; the true numbers are known."""
    z95 = 1.6448536269514722
    truths = {"mean": math.exp(0.5), "median": 1.0, "low": math.exp(-z95), "high": math.exp(z95)}
    ensembles = np.random.default_rng(3).lognormal(size=(600, 400))
    held = dict.fromkeys(truths, 0)
    for values in ensembles:
        made = estimate(values)
        for name, truth in truths.items():
            held[name] += abs(made[name] - truth) <= made[f"{name}_error"]
    for name, count in held.items():
        assert 0.91 <= count / 600 <= 0.985, (name, count / 600)


def test_wilsons_error_of_a_share() -> None:
    made = share(np.array([True] * 30 + [False] * 70))
    # Wilson's interval of 30 in 100 is 0.2189 to 0.3958
    assert (made["runs"], made["share"]) == (100, 0.3)
    assert made["share_error"] == pytest.approx((0.39585 - 0.21895) / 2, abs=2e-5)


@pytest.mark.parametrize("happens", [True, False])
def test_a_share_of_none_or_all_has_an_error(happens: bool) -> None:
    # Wilson's interval of 0 in 10 is 0 to 0.2775
    made = share(np.full(10, happens))
    assert made["share"] == float(happens)
    assert made["share_error"] == pytest.approx(0.2775 / 2, abs=2e-5)


def test_a_share_of_no_runs_is_none() -> None:
    assert share(np.array([])) == {"runs": 0, "share": None, "share_error": None}


def test_a_number_has_a_place_in_a_distribution() -> None:
    values = np.array([1.0, 2.0, 2.0, 3.0, np.nan])
    assert percentile(values, 2.0) == {"below": 0.25, "reached": 0.75}
    assert percentile(values, 9.0) == {"below": 1.0, "reached": 0.0}


# --- pairs -------------------------------------------------------------------------------------


def test_a_paired_effect_is_the_difference_run_by_run() -> None:
    made = paired(np.array([1.0, 2.0, 3.0]), np.array([3.0, 5.0, 9.0]))
    assert (made["runs"], made["mean"], made["median"]) == (3, 11 / 3, 3.0)
    assert (made["base"]["mean"], made["changed"]["mean"]) == (2.0, 17 / 3)
    assert (made["above_zero"], made["below_zero"]) == (1.0, 0.0)
    # variances 56/9 and 2/3 apart, 26/9 of the differences 2, 3, 6
    assert made["variance_saved"] == pytest.approx((56 / 9 + 6 / 9) / (26 / 9), rel=1e-12)


def test_a_mean_above_zero_may_be_of_wars_most_of_which_are_below() -> None:
    made = paired(np.zeros(5), np.array([9.0, -1.0, -1.0, 0.0, np.nan]))
    assert (made["runs"], made["mean"], made["median"]) == (4, 1.75, -0.5)
    assert (made["above_zero"], made["below_zero"]) == (0.25, 0.5)
    nothing = paired(np.full(2, np.nan), np.zeros(2))
    assert (nothing["above_zero"], nothing["below_zero"]) == (None, None)


def test_pairing_saves_nothing_on_independent_runs_and_much_on_like_ones() -> None:
    ours, theirs = np.random.default_rng(4).normal(size=(2, 20_000))
    assert paired(ours, theirs)["variance_saved"] == pytest.approx(1.0, abs=0.05)
    assert paired(ours, ours + 0.1 * theirs)["variance_saved"] == pytest.approx(201.0, rel=0.05)


def test_pairing_constants_saves_nothing() -> None:
    assert paired(np.ones(9), np.zeros(9))["variance_saved"] is None


# --- what is not known, and luck ---------------------------------------------------------------


def test_the_epistemic_share_is_what_twins_have_in_common() -> None:
    """Y = X + luck with var(X) = 3 var(luck): three quarters."""
    made = np.random.default_rng(5).normal(size=(3, 20_000))
    known = math.sqrt(3.0) * made[0]
    ours = {"run": np.arange(20_000), "y": known + made[1], "x": known, "luck": made[1]}
    twin = {"run": np.arange(20_000), "y": known + made[2], "x": known, "luck": made[2]}
    split = split_of(ours, twin)
    found = dict(zip(split["outcome"], split["epistemic_share"], strict=True))
    assert found["y"] == pytest.approx(0.75, abs=0.02)
    assert found["x"] == pytest.approx(1.0, abs=1e-9)
    assert found["luck"] == pytest.approx(0.0, abs=0.02)
    assert set(found) == {"y", "x", "luck"}


@pytest.mark.parametrize("constant", [1.0, 0.9])
def test_what_never_varies_has_no_epistemic_share(constant: float) -> None:
    table = {"run": np.arange(500), "y": np.full(500, constant)}
    assert len(split_of(table, table)["outcome"]) == 0


def test_of_one_war_nothing_is_told() -> None:
    told = told_from_zero(np.array([0.5]), np.array([np.nan]), np.array([1]))
    assert not told.any()
