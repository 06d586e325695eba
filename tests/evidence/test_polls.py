"""Publics held against polls: weighing, forecast, verdicts, the file and the command."""

import datetime
import functools
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import multivariate_normal, norm, t

from sim.evidence.calibration.aim import at_prior, figures_at, log_rarity
from sim.evidence.polls import ensemble as ensembles
from sim.evidence.polls.ensemble import Ensemble
from sim.evidence.polls.forecast import (
    Law,
    carried_forward,
    crps,
    effective_runs,
    error_of,
    resampled,
    trend,
    weights,
)
from sim.evidence.polls.polls import compare_with_polls, poll_errors
from sim.evidence.polls.public_fit import EvidenceError, verdict
from sim.evidence.polls.residuals import Residuals, Waves
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load
from sim.scenario.sample import Sample
from sim.scenario.schema import ATTITUDES, Scenario
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("sketched")

SHIPPED = Path(__file__).parents[2] / "scenarios" / "public-opinion.yaml"
TRAINED = datetime.date(2024, 12, 31)

KIIS = {
    "2022-05-16": (10, 82), "2022-07-13": (10, 84), "2022-09-10": (8, 87), "2022-12-15": (8, 85),
    "2023-02-18": (9, 87), "2023-05-31": (10, 84), "2023-10-05": (14, 80), "2023-12-04": (19, 74),
    "2024-02-15": (26, None), "2024-05-19": (32, 55), "2024-10-01": (32, 58),
    "2024-12-10": (38, 51), "2025-02-23": (39, 50), "2025-05-25": (38, 52), "2025-09-27": (38, 54),
    "2025-12-12": (33, 53),
}  # fmt: skip
LEVADA = {
    "2022-08": (44, 48), "2022-09": (48, 44), "2022-10": (57, 36), "2022-11": (53, 41),
    "2022-12": (50, 40), "2023-05": (45, 48), "2023-06": (53, 39), "2023-08": (50, 38),
    "2023-09": (51, 39), "2023-10": (55, 38), "2023-11": (57, 36), "2024-06": (58, 37),
    "2024-07": (58, 34), "2024-08": (50, 41), "2024-09": (54, 38), "2024-10": (55, 36),
    "2025-02": (59, 31), "2025-03": (58, 34), "2025-05": (64, 28), "2025-07": (63, 31),
    "2025-08": (66, None), "2025-10": (62, 30), "2025-12": (66, 25),
}  # fmt: skip


@functools.cache
def shipped() -> Scenario:
    return load(SHIPPED)


# --- the rules -------------------------------------------------------------------------------


def test_the_error_of_a_share_is_that_of_its_sample_times_the_factor():
    assert error_of(0.5, 1600, 1.0) == pytest.approx(4 / np.sqrt(1600) / 2)
    points = 100 * error_of(0.38, 1000, 2.0) * 0.38 * 0.62
    assert points == pytest.approx(200 * np.sqrt(0.38 * 0.62 / 1000))


@st.composite
def residuals(draw):
    """Waves of two items on any days, one measuring the attitude, and what three runs leave."""
    size = draw(st.integers(1, 5))
    days = draw(st.lists(st.integers(0, 1000), min_size=size, max_size=size))
    items = draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    errors = draw(st.lists(st.floats(0.05, 0.5), min_size=size, max_size=size))
    left = draw(st.lists(st.floats(-2, 2), min_size=3 * size, max_size=3 * size))
    offset = draw(st.floats(0.1, 1.5))
    waves = Waves(
        np.array(days, float), np.array(items), offset * np.array(items, float), np.array(errors)
    )
    return waves, offset, np.array(left).reshape(size, 3), np.array([0.0, 0.3, 1.2])


def dense(waves, sd, level=0.0):
    walked = np.minimum.outer(waves.days, waves.days) / 365.25
    same = np.equal.outer(waves.items, waves.items) * waves.offsets**2
    return sd**2 * walked + same + level**2 + np.diag(waves.errors**2)


@given(residuals(), st.sampled_from([0.0, 5.0]))
def test_residuals_weigh_runs_as_the_normal_law_of_all_waves_does(drawn, level):
    waves, _, left, sds = drawn
    wanted = [
        multivariate_normal(cov=dense(waves, sd, level)).logpdf(one)
        for sd, one in zip(sds, left.T, strict=True)
    ]
    found = Residuals(waves, level).log_likelihood(left, sds)
    assert found - found[0] == pytest.approx(np.array(wanted) - wanted[0], abs=1e-6)


@given(residuals(), st.integers(0, 1500))
def test_what_a_wave_is_beyond_the_rule_is_the_normal_law_given_the_others(drawn, day):
    waves, offset, left, sds = drawn
    law = Residuals(waves)
    for item, spread in ((0, 0.0), (1, offset)):
        mean, sd = law.of_wave(left, sds, day, item, spread)
        for run, walk in enumerate(sds):
            shared = walk**2 * np.minimum(waves.days, day) / 365.25
            shared = shared + (waves.items == item) * spread**2
            weight = np.linalg.solve(dense(waves, walk), shared)
            assert mean[run] == pytest.approx(weight @ left[:, run], abs=1e-8)
            after = walk**2 * day / 365.25 + spread**2 - weight @ shared
            assert sd[run] ** 2 == pytest.approx(max(after, 0.0), abs=1e-8)


@given(residuals())
def test_walk_and_offset_add_up_to_what_the_item_is_beyond_the_rule(drawn):
    waves, offset, left, sds = drawn
    law = Residuals(waves)
    whole, _ = law.of_wave(left, sds, 400, 1, offset)
    walk, _ = law.of_walk(left, sds, 0, 400)
    assert whole == pytest.approx(walk + law.of_offset(left, sds, 1, offset)[0], abs=1e-9)
    parts = [law.of_walk(left, sds, *days)[0] for days in ((0, 100), (100, 400))]
    assert sum(parts) == pytest.approx(walk, abs=1e-9)


def test_a_walk_that_has_heard_nothing_spreads_with_the_root_of_time():
    unheard = Waves(np.empty(0), np.empty(0, int), np.empty(0), np.empty(0))
    law = Residuals(unheard)
    nothing, sd = np.empty((0, 1)), np.array([0.4])
    for years in (1, 4):
        mean, spread = law.of_walk(nothing, sd, 0, years * 365.25)
        assert mean == 0.0
        assert spread == pytest.approx(0.4 * np.sqrt(years))
    assert law.log_likelihood(nothing, sd) == 0.0


def test_a_walk_goes_on_from_where_the_waves_leave_it():
    """Known to a hair on day 100, it stays there on average, and spreads from there on."""
    waves = Waves(np.array([100.0]), np.array([0]), np.array([0.0]), np.array([1e-6]))
    mean, spread = Residuals(waves).of_walk(np.array([[0.7]]), np.array([0.5]), 0, 100 + 365.25)
    assert mean == pytest.approx(0.7)
    assert spread == pytest.approx(0.5)


@pytest.mark.parametrize("freedom", [np.inf, 3])
def test_the_log_density_is_that_of_the_mixture(freedom):
    law = Law(np.array([-0.2, 0.4]), np.array([0.3, 0.1]), freedom)
    parts = norm if np.isinf(freedom) else t(freedom)
    wanted = np.mean(parts.pdf((0.1 - law.means) / law.sds) / law.sds)
    assert law.log_density(0.1) == pytest.approx(np.log(wanted))


def test_effective_runs_count_equal_weights_in_full_and_one_heavy_run_as_one():
    assert effective_runs(np.full(50, 0.02)) == pytest.approx(50)
    assert effective_runs(np.array([1.0, 0.0, 0.0])) == 1


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=30), st.integers(1, 400))
def test_a_run_is_kept_as_often_as_it_weighs(raw, size):
    weight = np.array(raw) / np.sum(raw)
    counts = np.bincount(resampled(weight, size), minlength=len(weight))
    assert counts.sum() == size
    assert np.all(np.abs(counts - size * weight) < 1.0 + 1e-9)


def test_a_mixture_has_the_quantiles_of_its_parts():
    one = Law(np.array([0.4]), np.array([0.2]))
    assert one.quantiles() == pytest.approx(0.4 + 0.2 * norm.ppf([0.05, 0.5, 0.95]), abs=1e-9)
    two = Law(np.array([-5.0, 5.0]), np.array([0.1, 0.1]))
    assert two.quantiles((0.25, 0.75)) == pytest.approx([-5.0, 5.0], abs=1e-9)


def test_the_score_of_a_sure_forecast_is_its_distance():
    sure = Law(logit(np.array([0.3])), np.array([1e-4]))
    assert crps(sure, 0.45) == pytest.approx(0.15, abs=0.003)
    assert crps(sure, 0.3) == pytest.approx(0.0, abs=0.003)


@examples(20)
@given(st.floats(-1.5, 1.5), st.floats(0.05, 1.0), st.floats(0.05, 0.95))
def test_the_score_is_the_mean_distance_less_half_the_spread(mean, sd, seen):
    """CRPS = E|X - y| - E|X - X'| / 2. Source: gneiting_raftery2007."""
    drawn = expit(mean + sd * norm.ppf((np.arange(4000) + 0.5) / 4000))
    order = 2 * np.arange(1, 4001) - 4001
    spread = 2 * np.sum(order * np.sort(drawn)) / 4000**2
    wanted = np.mean(np.abs(drawn - seen)) - spread / 2
    assert crps(Law(np.array([mean]), np.array([sd])), seen) == pytest.approx(wanted, abs=2e-3)


def test_the_baselines_are_what_they_say():
    seen, days = expit(np.array([-2.0, -1.0, 0.0])), np.array([0.0, 100.0, 200.0])
    ahead = trend(days, seen, np.array([0.1, 0.1, 0.1]), 300.0)
    assert (ahead.means[0], ahead.freedom) == (pytest.approx(1.0), 1)
    # on the line to the digit: the error of a wave, 0.1, and that of a line of three, drawn on
    assert ahead.sds[0] == pytest.approx(0.1 * np.sqrt(1 + 1 / 3 + 200**2 / (2 * 100**2)))
    scattered = trend(days, expit(np.array([-2.0, 0.0, 0.0])), np.full(3, 1e-9), 100.0)
    assert scattered.sds[0] == pytest.approx(np.sqrt(2 / 3) * np.sqrt(1 + 1 / 3))
    kept = carried_forward(0.2, 1000.0, 500.0, 2.0)
    assert kept.means[0] == pytest.approx(logit(0.2))
    assert kept.sds[0] == pytest.approx(2.0 * np.sqrt((1 / 1000 + 1 / 500) / (0.2 * 0.8)))


def test_a_law_of_students_has_his_quantiles_and_their_mixtures():
    for freedom in (1, 2, 5):
        one = Law(np.array([0.4]), np.array([0.2]), freedom)
        wanted = 0.4 + 0.2 * t.ppf([0.05, 0.5, 0.95], freedom)
        assert one.quantiles() == pytest.approx(wanted, abs=1e-8)


@pytest.mark.parametrize("waves", [3, 4, 6, 12])
@pytest.mark.parametrize("scatter", [1.0, 3.0])
def test_a_baseline_holds_90_of_100_new_waves_however_few_were_seen(waves, scatter):
    """400 lines of known course: a new wave lies in the straight line's 90 % in 90 % or more.

    In many more where the scatter is no larger than the waves' own errors, which are its floor.
    """
    luck, n, held = np.random.default_rng(5), 1000.0, 0
    days = np.linspace(0.0, 300.0, waves)
    course = -1.0 + 0.002 * np.append(days, 400.0)
    sd = scatter * error_of(expit(course), n, 2.0)
    for _ in range(400):
        seen = expit(course + sd * luck.normal(size=waves + 1))
        law = trend(days, seen[:-1], error_of(seen[:-1], n, 2.0), 400.0)
        low, _, high = law.quantiles()
        held += low <= logit(seen[-1]) <= high
    assert 0.87 <= held / 400 <= (0.94 if scatter == 3.0 and waves > 3 else 1.0)


def test_a_last_wave_carried_forward_holds_90_of_100_where_nothing_moves():
    luck, n, held = np.random.default_rng(6), np.array([1000.0, 500.0]), 0
    for _ in range(400):
        last, new = expit(logit(0.15) + error_of(0.15, n, 2.0) * luck.normal(size=2))
        low, _, high = carried_forward(last, *n, 2.0).quantiles()
        held += low <= logit(new) <= high
    assert 0.87 <= held / 400 <= 0.93


def test_waves_that_are_equal_leave_a_straight_line_that_can_be_scored():
    """Told in whole per cent, three waves are easily one number: the line is no surer for it."""
    seen, days = np.array([0.25, 0.25, 0.25]), np.array([0.0, 58.0, 117.0])
    law = trend(days, seen, error_of(seen, 1000.0, 2.0), 213.0)
    low, middle, high = expit(law.quantiles())
    assert middle == pytest.approx(0.25)
    assert low < 0.23 < high
    assert 0.0 < crps(law, 0.23) < 0.2


@pytest.mark.parametrize(
    ("change", "error", "own", "low", "high", "told"),
    [
        (-8.0, 6.0, -6.0, -12.0, 0.0, "met"),
        (-8.0, 6.0, -1.0, -9.0, 6.0, "unexplained"),
        (-8.0, 6.0, 2.0, -9.0, 9.0, "unexplained"),
        (-8.0, 6.0, 0.0, -7.0, 6.0, "missed"),
        (0.0, 4.0, 1.0, -3.0, 5.0, "met"),
        (0.0, 4.0, 9.0, 5.0, 14.0, "missed"),
    ],
)
def test_a_pattern_is_met_missed_or_met_without_the_rule(change, error, own, low, high, told):
    assert verdict(change, error, own, low, high) == told


# --- the aim ---------------------------------------------------------------------------------


def test_the_aim_at_the_prior_draws_what_a_war_draws_itself():
    scenario, runs = shipped(), np.arange(200)
    paths = (
        "publics.russia.end_war.share",
        "publics.russia.end_war.rally_lasts",
        "minds.russia.foresight",
    )
    aim = at_prior(paths)
    places = aim.places(3, runs)
    ours, theirs = figures_at(scenario, aim, places), Sample(scenario, 3, runs)
    for path in paths:
        np.testing.assert_allclose(ours[path], theirs[path], rtol=1e-6)
    np.testing.assert_allclose(log_rarity([aim], places), 0.0, atol=1e-9)


def test_an_aimed_ensemble_weighed_is_the_law_it_is_aimed_at():
    """A normal prior and a normal likelihood have a normal posterior of known mean and spread."""
    runs, aims = np.arange(10_000), [at_prior(("one", "other"))]
    seen, sd = 2.0, 0.25
    places = aims[0].places(1, runs)
    for _ in range(3):
        log_weights = log_rarity(aims, places) + norm.logpdf(seen, places[0], sd)
        aims.append(aims[-1].nearer(places, log_weights))
        places = np.concatenate([places, aims[-1].places(1, runs)], axis=1)
    rarity = log_rarity(aims, places)
    weight = weights(rarity + norm.logpdf(seen, places[0], sd))
    mean, spread = seen / (1 + sd**2), sd / np.sqrt(1 + sd**2)
    assert places[0] @ weight == pytest.approx(mean, abs=0.01)
    assert np.sqrt((places[0] - mean) ** 2 @ weight) == pytest.approx(spread, rel=0.03)
    assert places[1] @ weight == pytest.approx(0.0, abs=0.04)  # what is not asked stays the prior
    assert np.sqrt(places[1] ** 2 @ weight) == pytest.approx(1.0, rel=0.04)
    assert effective_runs(weight) > 10_000
    assert np.max(rarity) <= np.log(4) + 1e-9  # no run weighs more than four times its likelihood


# --- the whole -------------------------------------------------------------------------------


def planted(scenario: Scenario, line, n: int = 1000) -> Scenario:
    """The scenario with the KIIS waves showing a line of shares, and no other poll."""
    poll = scenario.polls["kiis"]
    waves = tuple(
        wave.model_copy(
            update={
                "soft": wave.soft.model_copy(update={"value": float(share)}),
                "hard": None,
                "n": poll.n.model_copy(update={"value": float(n)}),
            }
        )
        for wave, share in zip(poll.waves, line, strict=True)
    )
    return scenario.model_copy(update={"polls": {"kiis": poll.model_copy(update={"waves": waves})}})


@functools.cache
def truth(run: int) -> tuple[float, ...]:
    """The share of Ukraine's public at the KIIS waves in one run of the war."""
    return tuple(_lines()[:, run])


def asked_days():
    """The days of the KIIS waves."""
    scenario = shipped()
    return np.array([scenario.day_of(wave.date) for wave in scenario.polls["kiis"].waves], float)


@functools.cache
def _lines():
    scenario = shipped()
    ensemble = Ensemble(scenario, 5000, 99, 1)
    lines = ensemble.lines(at_prior(("publics.ukraine.concede.share",)), 0)["ukraine", "concede"]
    return lines[np.searchsorted(ensemble.days, asked_days())]


def still(scenario: Scenario) -> Scenario:
    """The scenario with no discrepancy: what no rule moves stands still."""
    nothing = {
        side: one.model_copy(
            update={
                attitude: getattr(one, attitude).model_copy(
                    update={"value": 0.0, "low": None, "high": None, "law": None}
                )
                for attitude in ATTITUDES
            }
        )
        for side, one in (scenario.discrepancy or {}).items()
    }
    return scenario.model_copy(update={"discrepancy": nothing})


def usual_runs() -> list[int]:
    """Runs whose line stays where a poll can see it."""
    lines = _lines()
    return [k for k in range(50) if np.all((lines[:, k] > 0.03) & (lines[:, k] < 0.95))]


def test_the_truth_of_a_run_that_wanders_is_covered_about_as_often_as_is_said():
    """Waves made from a run of the model and a walk of its own: 90 % of later ones in 90 %."""
    lines, rng, n = _lines(), np.random.default_rng(3), 300.0  # few are asked, so that many weigh
    days = asked_days()
    luck = np.random.default_rng(4)
    sd = 0.3 * np.exp(luck.normal(size=lines.shape[1]) / 2.0)
    inside, halves = [], []
    for run in range(100):
        keep = np.arange(lines.shape[1]) != run
        steps = np.sqrt(np.diff(days, prepend=0.0) / 365.25) * rng.normal(size=len(days))
        course = expit(logit(lines[:, run]) + sd[run] * np.cumsum(steps))
        shown = logit(course) + error_of(course, n, 2.0) * rng.normal(size=len(days))
        errors = error_of(expit(shown), n, 2.0)
        law = Residuals(Waves(days[:12], np.zeros(12, int), np.zeros(12), errors[:12]))
        left = shown[:12, None] - logit(lines[:12, keep])
        weight = weights(law.log_likelihood(left, sd[keep]))
        if effective_runs(weight) < 50:
            continue
        rows = resampled(weight, 1000)
        for place in range(12, 16):
            beyond, spread = law.of_wave(left[:, rows], sd[keep][rows], days[place], 0, 0.0)
            middle = logit(lines[place, keep])[rows] + beyond
            foreseen = Law(middle, np.hypot(spread, error_of(expit(middle), n, 2.0)))
            ends = foreseen.quantiles((0.05, 0.25, 0.75, 0.95))
            inside.append(ends[0] <= shown[place] <= ends[3])
            halves.append(ends[1] <= shown[place] <= ends[2])
    assert len(inside) > 300
    assert np.mean(inside) == pytest.approx(0.9, abs=0.05)
    assert np.mean(halves) == pytest.approx(0.5, abs=0.1)


@functools.cache
def held_own():
    """The model's own line held against the model that it is of."""
    line = np.array(truth(usual_runs()[0]))
    return compare_with_polls(Ensemble(planted(shipped(), line), 2000, 5, 1), TRAINED)


@pytest.mark.thorough
def test_the_models_own_line_is_met_and_a_planted_shift_is_missed():
    line = np.array(truth(usual_runs()[0]))
    own = held_own()
    kiis = own.figures["polls"]["kiis"]
    assert all(wave["model"]["inside"] for wave in kiis["waves"])
    assert {pattern["verdict"] for pattern in kiis["patterns"].values()} <= {"met", "unexplained"}
    shifted = line.copy()
    shifted[-1] = expit(logit(line[-1]) - 2.5)
    told = compare_with_polls(Ensemble(planted(shipped(), shifted), 2000, 5, 1), TRAINED)
    kiis = told.figures["polls"]["kiis"]
    assert not kiis["waves"][-1]["model"]["inside"]
    assert kiis["patterns"]["plateau"]["verdict"] == "missed"
    assert kiis["waves"][-2]["model"] == own.figures["polls"]["kiis"]["waves"][-2]["model"]


def test_a_later_wave_has_no_part_in_the_fit():
    line = np.array(truth(usual_runs()[0]))
    moved = line.copy()
    moved[-4:] = 0.5
    one = held_own()
    other = compare_with_polls(Ensemble(planted(shipped(), moved), 2000, 5, 1), TRAINED)
    for ours, theirs in zip(
        *(each.figures["polls"]["kiis"]["waves"] for each in (one, other)), strict=True
    ):
        for law in ours.keys() & {"model", "carried", "walk", "trend"}:
            for end in ("low", "median", "high") if law != "model" else ("median",):
                assert ours[law][end] == theirs[law][end], (law, end)
    assert one.fans["ukraine.concede"].equals(other.fans["ukraine.concede"])


@pytest.mark.thorough
def test_workers_do_not_show_in_the_answer(monkeypatch):
    monkeypatch.setattr(ensembles, "_CHUNK_RUNS", 700)
    scenario = planted(shipped(), truth(usual_runs()[0]), n=100)
    one, two = (
        compare_with_polls(Ensemble(scenario, 1500, 5, workers), TRAINED) for workers in (1, 2)
    )
    assert one.figures == two.figures


def test_too_few_runs_that_weigh_are_refused():
    line = np.array(truth(usual_runs()[0]))
    line[::2] = 0.9  # no run jumps to and fro
    line[1::2] = 0.1
    with pytest.raises(EvidenceError, match="expected at least 100: more --runs"):
        compare_with_polls(Ensemble(still(planted(shipped(), line)), 200, 5, 1), TRAINED)


def test_fewer_runs_than_figures_are_refused_before_any_is_made():
    with pytest.raises(EvidenceError, match="--runs 18: too few, expected more than the 18"):
        compare_with_polls(Ensemble(shipped(), 18, 5, 1), TRAINED)


def test_too_few_waves_and_no_polls_are_refused():
    early = datetime.date(2022, 8, 1)
    with pytest.raises(
        EvidenceError, match=r"publics.russia: 0 waves of its polls by 2022-08-01, exp"
    ):
        compare_with_polls(Ensemble(shipped(), 200, 1, 1), early)
    without = shipped().model_copy(update={"polls": {}})
    with pytest.raises(EvidenceError, match="has no polls"):
        compare_with_polls(Ensemble(without, 200, 1, 1), TRAINED)


# --- the file --------------------------------------------------------------------------------


def test_the_waves_shipped_are_those_published():
    found = {
        name: {
            str(wave.date): (
                round(100 * wave.soft.value, 6),
                None if wave.hard is None else round(100 * wave.hard.value, 6),
            )
            for wave in poll.waves
        }
        for name, poll in shipped().polls.items()
    }
    assert found["kiis"] == KIIS
    assert {date[:7]: shares for date, shares in found["levada"].items()} == LEVADA
    assert len(found["levada"]) == len(LEVADA)


def test_every_wave_shipped_has_a_source():
    for poll in shipped().polls.values():
        assert all(wave.soft.sources for wave in poll.waves)
        assert all(wave.hard.sources for wave in poll.waves if wave.hard is not None)


def test_both_publics_are_given_the_same_ranges_but_for_the_start():
    one, other = (dict(public) for public in shipped().publics.values())
    for attitude in ATTITUDES:
        ours, theirs = dict(one[attitude]), dict(other[attitude])
        for name in ours.keys() - {"share"}:
            assert (ours[name].low, ours[name].high) == (theirs[name].low, theirs[name].high)


def test_the_error_bars_hold_the_wave():
    for _, value, low, high in poll_errors(shipped().polls["levada"]):
        assert low < value < high
        assert high - low == pytest.approx(2 * 1.645 * 200 * np.sqrt(0.24 / 1600), rel=0.1)


_PUBLICS = """\
publics:
  hares: {P}
  bears: {P}
polls:
  count:
    title: Count
    of: bears
    asks: end_war
    by: owls
    question: Enough?
    wording: {value: 0, assumed: guess}
    n: {value: 1000, assumed: guess}
    error_times: {value: 1, assumed: guess}
    waves:
      - {date: 2025-01-02, soft: {value: 0.4, assumed: guess}, hard: {value: 0.5, assumed: guess}}
      - {date: 2025-01-08, soft: {value: 0.5, assumed: guess}}
    patterns:
      rise: {title: Rise, first: 2025-01-02, last: 2025-01-08}
discrepancy:
  hares: {end_war: {value: 0, assumed: guess}, concede: {value: 0, assumed: guess}}
  bears: {end_war: {value: 0.3, assumed: guess}, concede: {value: 0.3, assumed: guess}}
""".replace(
    "{P}",
    "{end_war: {T, rally: {value: 0, assumed: g}, rally_lasts: {value: 9, unit: day, assumed: g}}, "
    "concede: {T, sunk: {value: 0, assumed: g}, sunk_scale: {value: 1, assumed: g}}}",
)
_PUBLICS = _PUBLICS.replace(
    "T,",
    "share: {value: 0.4, assumed: g}, per_decade: {value: 1, assumed: g}, "
    "onset: {value: 1, unit: day, assumed: g},",
)


def test_polls_of_a_small_war_are_read(read, war_text):
    scenario = read(war_text + _PUBLICS)
    assert [wave.n for wave in scenario.polls["count"].waves] == [None, None]


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ("of: bears", "of: wolves", "polls.count.of", "'wolves' is not in sides"),
        ("2025-01-08, soft", "2025-01-02, soft", "polls.count.waves.1", "is not after the wave"),
        ("2025-01-08, soft", "2026-01-08, soft", "polls.count.waves.1.date", "is outside the camp"),
        ("hard: {value: 0.5", "hard: {value: 0.7", "polls.count.waves.0", "more than 1 together"),
        ("last: 2025-01-08", "last: 2025-01-07", "polls.count.patterns.rise.last", "is no wave"),
        ("soft: {value: 0.5", "soft: {value: 1", "polls.count.waves.1.soft", "out of bounds"),
        ("n: {value: 1000", "n: {value: 0.5", "polls.count.n", "expected"),
        ("0.5, assumed: guess}}\n    p", "0.5}}\n    p", "polls.count.waves.1.soft", "source: KEY"),
    ],
)
def test_a_wrong_poll_is_told_by_its_place(problems, war_text, old, new, path, message):
    assert old in _PUBLICS
    told = problems(war_text + _PUBLICS.replace(old, new))
    assert any(problem.path == path and message in problem.message for problem in told), told


@pytest.mark.parametrize(
    ("part", "words"), [("publics", "no publics to ask"), ("discrepancy", "has no discrepancy")]
)
def test_a_fit_needs_publics_and_how_far_what_no_rule_moves_may_go(part, words):
    scenario = load(SHIPPED, without=[part])
    with pytest.raises(EvidenceError, match=words):
        compare_with_polls(SimpleNamespace(scenario=scenario), datetime.date(2024, 12, 31))


def test_the_scenario_shipped_is_a_whole_war(here):
    done = here("run", SHIPPED, "--runs", 20, "--out", "out", "--json")
    assert done.code == 0, done.err
    assert done.json["scenario"] == "public-opinion"


# --- the command -----------------------------------------------------------------------------


@pytest.mark.thorough
def test_the_command_tells_waves_patterns_and_misses(tmp_path, here):
    line = ("validate", "polls", SHIPPED, "--runs", 4000, "--workers", 1)
    early = ("--train-until", "2023-12-31", "--set", "polls.levada.error_times=4")
    done = here(*line, *early, "--publish", "shown")
    assert done.code == 0, done.err
    text = " ".join(done.out.split())
    for words in (
        "waves after 2023-12-31 lie in the model's 90 % interval",
        "2024-12-10 forecast 38",
        "Plateau of 2025 2024-12-10 2025-12-12 forecast -5 ±7",
        "a random walk without a rule",
        "the last wave fitted, carried forward",
    ):
        assert words in text
    files = {file.name for file in (tmp_path / "shown").iterdir()}
    pictures = {f"polls.{form}" for form in ("png", "svg", "pdf", "txt")}
    assert files == {"answer.json", "manifest.json", "SHA256SUMS"} | pictures
    answer = json.loads((tmp_path / "shown" / "answer.json").read_text())
    assert answer["polls"]["kiis"]["waves"][0]["part"] == "fit"
    assert str(tmp_path) not in (tmp_path / "shown" / "manifest.json").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((SHIPPED, "--train-until", "soon"), "'soon'"),
        ((SHIPPED, "--train-until", "2022-06-01"), "waves of its polls by 2022-06-01"),
        ((SHIPPED.with_name("spiderweb.yaml"),), "has no polls"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(here, arguments, message):
    told = here("validate", "polls", *arguments)
    assert told.code == 2
    assert message in told.err
    assert len(told.err.strip().splitlines()) == 1


def test_lists_of_waves_can_be_left_out(read, war_text):
    assert not read(war_text).polls
    text = war_text + _PUBLICS[: _PUBLICS.index("    waves:")] + "    waves: []\n"
    with pytest.raises(ScenarioError, match="at least 1"):
        read(text)
