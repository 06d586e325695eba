"""Numbers from runs: known values, and errors that hold what they promise."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.experiment.contrast import Contrast, compare
from sim.experiment.record import split_of
from sim.experiment.statistics.estimate import _bracket as bracket
from sim.experiment.statistics.estimate import estimate, percentile, share
from sim.experiment.statistics.paired import paired
from sim.experiment.statistics.significance import differ_from_zero
from sim.scenario.load import load

MINIMAL = Path(__file__).parents[2] / "scenarios" / "minimal.yaml"


def test_the_numbers_of_0_to_100() -> None:
    made = estimate(np.arange(101))
    assert made["runs"] == 101
    assert (made["mean"], made["median"], made["low"], made["high"]) == (50.0, 50.0, 5.0, 95.0)
    # Student's 97.5 % of 100 degrees of freedom, sample variance 101 * 102 / 12
    assert made["mean_error"] == pytest.approx(1.983971519 * math.sqrt(102 / 12), rel=1e-9)
    # of 101 throws of a coin 40 or fewer, and 61 or more, are heads with 2.3 % each, 41 with 3.6 %
    assert made["median_error"] == 10.0
    # of 101 with a chance of 5 %, none with 0.6 % and 10 or more with 2.9 %, 11 or more with 1.2 %
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


REPEATS = 400
Z95 = 1.6448536269514722
E = math.exp(0.5)
LAWS = {
    # a law, and the mean, median, 5 % and 95 % it has
    "lognormal": (lambda luck, n: luck.lognormal(size=n), (E, 1.0, math.exp(-Z95), math.exp(Z95))),
    "poisson": (lambda luck, n: luck.poisson(2.7, n), (2.7, 3.0, 0.0, 6.0)),
    "many poisson": (lambda luck, n: luck.poisson(55.0, n), (55.0, 55.0, 43.0, 67.0)),
    "nearly even": (lambda luck, n: 6.0 + (luck.random(n) < 0.48), (6.48, 6.0, 6.0, 7.0)),
    "mostly none": (lambda luck, n: (luck.random(n) < 0.1) * 4.0, (0.4, 0.0, 0.0, 4.0)),
}


@pytest.mark.parametrize("runs", [10, 200])
@pytest.mark.parametrize("law", LAWS)
def test_errors_cover_the_truth_of_counts_and_of_amounts(law: str, runs: int) -> None:
    """In 400 ensembles the truth lies within the error in 95 %; of counts in more, never fewer."""
    draw, told = LAWS[law]
    truths = dict(zip(("mean", "median", "low", "high"), told, strict=True))
    luck, held, of = np.random.default_rng(3), dict.fromkeys(truths, 0), dict.fromkeys(truths, 0)
    for _ in range(REPEATS):
        made = estimate(draw(luck, runs))
        for name, truth in truths.items():
            if made[f"{name}_error"] is not None:
                of[name] += 1
                held[name] += abs(made[name] - truth) <= made[f"{name}_error"] + 1e-9
    skewed = runs == 10 and law in ("lognormal", "mostly none")  # no law of the mean holds here
    for name, count in held.items():
        if of[name] and not (skewed and name == "mean"):
            assert count / of[name] >= 0.92, (name, count / of[name])
    assert of["mean"] == of["median"] == REPEATS
    assert (of["low"] == REPEATS) == (runs == 200)


def test_the_median_of_a_count_may_be_either_of_two() -> None:
    made = estimate(np.repeat([6, 7], [96, 104]))
    assert (made["median"], made["median_error"]) == (7.0, 1.0)
    assert estimate(np.repeat([6, 7], [60, 140]))["median_error"] == 0.0


@given(st.lists(st.floats(-1e12, 1e12) | st.integers(0, 9).map(float), min_size=1, max_size=60))
def test_quantiles_are_those_of_numpy_to_the_bit(values: list[float]) -> None:
    made = estimate(np.array(values))
    expected = np.quantile(values, [0.05, 0.5, 0.95])
    assert [made[name] for name in ("low", "median", "high")] == list(expected)


@given(st.integers(1, 400), st.sampled_from([0.05, 0.5, 0.95]))
def test_brackets_are_the_narrowest_that_hold_a_quantile(count: int, q: float) -> None:
    """Against the binomial law, added up term by term."""
    terms = [math.comb(count, k) * q**k * (1.0 - q) ** (count - k) for k in range(count + 1)]
    lower, upper = bracket(count, q)
    if (lower, upper) == (-1, count):
        assert max(terms[0], terms[-1]) > 0.025
        return
    assert sum(terms[: lower + 1]) <= 0.025 + 1e-9 < sum(terms[: lower + 2])
    assert sum(terms[upper + 1 :]) <= 0.025 + 1e-9 < sum(terms[upper:])


@pytest.mark.parametrize("runs", [10, 50, 200, 1000])
def test_the_error_of_a_share_covers_it_however_rare(runs: int) -> None:
    """Exactly, by the binomial law of how many runs have it."""
    hits = np.arange(runs + 1)
    told = [share(np.arange(runs) < k) for k in hits]
    found = np.array([one["share"] for one in told])
    plus = np.array([one["share_error"] for one in told])
    for truth in (*(np.linspace(0.05, 6.0, 60) / runs), *np.linspace(0.01, 0.99, 60)):
        covered = stats.binom.pmf(hits, runs, truth)[np.abs(found - truth) <= plus].sum()
        assert covered >= 0.915, truth


def test_wilsons_error_of_a_share() -> None:
    made = share(np.array([True] * 30 + [False] * 70))
    # Wilson's interval of 30 in 100 is 0.2189 to 0.3958
    assert (made["runs"], made["share"]) == (100, 0.3)
    assert made["share_error"] == pytest.approx(0.39585 - 0.3, abs=2e-5)


@pytest.mark.parametrize("happens", [True, False])
def test_a_share_of_none_or_all_has_an_error(happens: bool) -> None:
    # Wilson's interval of 0 in 10 is 0 to 0.2775
    made = share(np.full(10, happens))
    assert made["share"] == float(happens)
    assert made["share_error"] == pytest.approx(0.2775, abs=1e-4)


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
    told = differ_from_zero(np.array([0.5]), np.array([np.nan]), np.array([1]))
    assert not told.any()


# --- contrasts ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pairs() -> Contrast:
    war = load(MINIMAL)
    calm = load(MINIMAL, ["mechanisms.cost.on=false"], ["raids.dawn"])
    return compare(calm, war, runs=40, workers=1)


def test_an_effect_on_a_day_is_the_difference_of_that_sides_rows(pairs: Contrast) -> None:
    """Of the side its name says, run by run; a mechanism that is off adds nothing."""
    scenario, last = pairs.base.scenario, pairs.base.scenario.days - 1
    sides = {"u": scenario.underdog, "d": scenario.favourite}
    for letter, side in sides.items():
        for word in ("r", "demand", "share_held", "h_cost"):
            columns = []
            for record in (pairs.base, pairs.changed):
                days = record.days
                rows = days[(days["day"] == last) & (days["side"] == side)].sort_values("run")
                columns.append(rows[word].to_numpy(float) if word in rows else np.zeros(40))
            told = pairs.effect_on_day(f"{word}_{letter}", last)
            assert told["mean"] == pytest.approx((columns[1] - columns[0]).mean(), abs=1e-12)
    assert pairs.effect_on_day("z", last)["runs"] == 40


@pytest.mark.parametrize(
    "name", ["r_mainland", "h_cots_d", "r", "z_u", "h_cost", "demand", "d", "", "h_cost_x"]
)
def test_a_position_that_is_none_is_an_error(pairs: Contrast, name: str) -> None:
    with pytest.raises(KeyError, match="no position"):
        pairs.effect_on_day(name, 5)


def test_a_day_that_is_none_is_an_error(pairs: Contrast) -> None:
    for day in (-1, pairs.base.scenario.days):
        with pytest.raises(ValueError, match="expected a whole number from 0 to"):
            pairs.effect_on_day("z", day)


def test_what_one_war_leaves_out_is_missing_and_no_zero(pairs: Contrast) -> None:
    """The position after a raid that does not fly is no position of 0."""
    told = pairs.effect_on("r_d_after_dawn")
    assert (told["runs"], told["mean"], told["base"]["runs"]) == (0, None, 0)
    assert told["changed"]["runs"] > 0
    with pytest.raises(KeyError, match="did you mean 'z_end'"):
        pairs.effect_on("z_ende")
