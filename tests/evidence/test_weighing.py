"""Weighing: its law, measurement and scores in closed form, and a small one from end to end."""

import datetime
import itertools
import json
from hashlib import sha256
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import logsumexp
from scipy.stats import halfnorm, multivariate_normal, norm

import sim
from sim.evidence.polls.public_fit import EvidenceError
from sim.evidence.weighing import (
    counts,
    headline,
    meetings,
    models,
    recovery,
    scores,
    studies,
    worth,
)
from sim.evidence.weighing import strengths as law
from sim.evidence.weighing.ensemble import Ensemble
from sim.evidence.weighing.measurement import (
    Attitude,
    Candidate,
    candidates_of,
    covariance,
    foreseen,
    hear,
    log_likelihood,
    log_likelihoods,
    simulated,
)
from sim.evidence.weighing.question import question
from sim.evidence.weighing.weighing import observed_of, weigh_together
from sim.scenario.experiment import Came, Candidates, Counts, Table
from sim.scenario.load import load_experiment
from sim.scenario.schema.history import Series
from sim.scenario.shipped import named
from tests.examples import examples
from tests.small_record import COUNTS, record

pytestmark = pytest.mark.usefixtures("sketched_throughout")
RNG = np.random.default_rng(5)
CANDIDATES = candidates_of((0.1, 0.4), (0.2, 0.8))


def attitude(day=(10, 40, 40, 200, 600), item=(0, 0, 1, 0, 1)):
    n = len(day)
    return Attitude(
        "u", "concede", ("one", "other"), np.array(day), np.array(item), RNG.normal(size=n),
        RNG.uniform(0.05, 0.3, n), np.full(n, 1000.0), np.full(n, 2.0),
    )  # fmt: skip


# --- the law of the strengths --------------------------------------------------------------------


def test_a_strength_is_off_in_half_the_places_and_half_normal_in_the_others():
    u = (np.arange(20_000) + 0.5) / 20_000
    strengths = law.together(norm.ppf(u)[None], np.full(20_000, 0.5))[0]
    assert (strengths == 0.0).mean() == 0.5
    acts = strengths[strengths > 0.0]
    for p in (0.1, 0.5, 0.9):
        assert np.quantile(acts, p) == pytest.approx(halfnorm.ppf(p, scale=0.5), rel=1e-3)


def test_alone_are_those_named_for_sure_and_no_other():
    places = RNG.normal(size=(3, 50))
    strengths = law.alone(places, np.ones(50), (1,))
    assert (strengths[1] > 0.0).all()
    assert not strengths[[0, 2]].any()
    pair = law.alone(places, np.ones(50), (1, 2))
    assert (pair[1] == strengths[1]).all()
    assert (pair[2] > 0.0).all()
    assert not pair[0].any()
    assert not law.alone(places, np.ones(50), ()).any()


@given(scales=st.integers(1, 5))
@examples(10)
def test_each_scale_is_as_likely(scales):
    u = (np.arange(6000) + 0.5) / 6000
    counts = np.bincount(law.scale_numbers(norm.ppf(u), scales), minlength=scales)
    assert np.ptp(counts) <= 1


# --- the measurement -----------------------------------------------------------------------------


def slowly(waves, reservations, candidate):
    """The log density of all waves of one run, by SciPy's own law, cell by cell."""
    size = len(waves.day)
    spread = np.empty((size, size))
    for one, other in itertools.product(range(size), repeat=2):
        spread[one, other] = candidate.wander**2 * min(waves.day[one], waves.day[other]) / 365.25
        spread[one, other] += 4.0 * (waves.item[one] == waves.item[other])
        spread[one, other] += waves.sd[one] ** 2 * (one == other)
    return multivariate_normal(-reservations / candidate.spread, spread).logpdf(waves.logit)


def test_the_chance_of_all_waves_is_that_of_a_joint_normal_law():
    waves, reservations = attitude(), RNG.uniform(0.2, 0.9, (5, 7))
    found = log_likelihood(waves, reservations, CANDIDATES)
    for run in range(7):
        each = [slowly(waves, reservations[:, run], candidate) for candidate in CANDIDATES]
        assert found[run] == pytest.approx(logsumexp(each) - np.log(4), rel=1e-9)


def test_waves_heard_one_by_one_say_what_all_say_together():
    waves, reservations = attitude(), RNG.uniform(0.2, 0.9, (5, 7))
    heard = hear(waves, reservations, CANDIDATES, RNG.random((5, 7)))
    whole = log_likelihood(waves, reservations, CANDIDATES)
    np.testing.assert_allclose(heard.log.sum(axis=0), whole, rtol=1e-9)
    np.testing.assert_allclose(heard.weight.sum(axis=0), 1.0)


def test_a_forecast_is_the_law_given_what_was_heard():
    waves, reservations = attitude(), RNG.uniform(0.2, 0.9, (5, 3))
    (candidate,) = candidates_of((0.2,), (0.4,))
    heard = hear(waves, reservations, (candidate,), RNG.random((5, 3)))
    spread, mean = covariance(waves, 0.4), -reservations / 0.2
    known = np.linalg.solve(spread[:4, :4], spread[:4, 4])
    for run in range(3):
        left = waves.logit[:4] - mean[:4, run]
        assert heard.mean[4, run] == pytest.approx(mean[4, run] + known @ left, rel=1e-8)
    assert heard.sd[4, 0] ** 2 == pytest.approx(spread[4, 4] - known @ spread[:4, 4], rel=1e-8)


def test_no_level_counts_only_changes():
    waves, reservations = attitude(), RNG.uniform(0.2, 0.9, (5, 4))
    wide = log_likelihood(waves, reservations, CANDIDATES)
    shifted = log_likelihood(waves, reservations + 0.05, CANDIDATES)
    np.testing.assert_allclose(wide, shifted, atol=0.3)
    moved = reservations + np.linspace(0.0, 3.0, 5)[:, None]
    assert (log_likelihood(waves, moved, CANDIDATES) < wide - 1.0).all()


def test_a_war_that_ran_away_has_no_chance():
    waves, reservations = attitude(), RNG.uniform(0.2, 0.9, (5, 4))
    reservations[2, 1] = np.nan
    log = log_likelihood(waves, reservations, CANDIDATES)
    assert np.isneginf(log[1])
    assert np.isfinite(np.delete(log, 1)).all()


def test_made_up_waves_have_the_law_they_are_read_by():
    waves, reservations = attitude(), RNG.uniform(0.2, 0.9, 5)
    candidate = Candidate(0.2, 0.4)
    made = np.array([simulated(waves, reservations, candidate, RNG) for _ in range(40_000)])
    np.testing.assert_allclose(made.mean(axis=0), -reservations / 0.2, atol=0.06)
    np.testing.assert_allclose(np.cov(made.T), covariance(waves, 0.4), atol=0.15)


# --- event studies -------------------------------------------------------------------------------


def test_a_step_is_what_a_grid_of_steps_says():
    """Every step tried, with each wander, by SciPy's joint normal law."""
    waves, wanders = attitude((10, 40, 70, 90, 130), (0, 0, 0, 1, 1)), (0.2, 0.8)
    found = studies.step(waves, 0, 60, 60, wanders)
    tried = np.linspace(-5.0, 5.0, 4001)
    shape = np.array([0.0, 0.0, 1.0, 0.0, 0.0])
    density = np.zeros(len(tried))
    for wander in wanders:
        joint = multivariate_normal(np.zeros(5), covariance(waves, wander))
        density += joint.pdf(waves.logit - tried[:, None] * shape) * norm.pdf(tried)
    density /= density.sum()
    assert found.law.means.mean() == pytest.approx(tried @ density, abs=2e-3)
    ends = np.interp([0.025, 0.975], np.cumsum(density), tried)
    assert found.law.quantiles((0.025, 0.975)) == pytest.approx(ends, abs=1e-2)
    assert found.waves == 1


def test_there_is_no_step_without_waves_before_and_after():
    waves = attitude((10, 40, 70, 90, 130), (0, 0, 0, 1, 1))
    assert studies.step(waves, 0, 75, 60, (0.2,)) is None
    assert studies.step(waves, 1, 50, 60, (0.2,)) is None


# --- meetings ------------------------------------------------------------------------------------


def table(blur=(0.1,), p_deal=(0.5,)):
    return Table(
        p_deal=Candidates(values=p_deal, because="a test"),
        blur=Candidates(values=blur, because="a test"),
        meetings={"one": Came(settled=False)},
    )


def test_what_came_of_a_meeting_by_the_zone_and_the_gain():
    held = meetings.Held("one", Came(settled=False, stops={"u": True, "d": False}), 3)
    reservations, gains = np.array([[0.4, 0.6], [0.5, 0.7]]), np.array([[0.1, -0.1], [0.2, 0.0]])
    parts = meetings.log_chances(held, table(), reservations, gains, ("u", "d"))
    zone = np.array([0.1, -0.3])
    np.testing.assert_allclose(np.exp(parts["settled"][0]), 1.0 - 0.5 * norm.cdf(zone / 0.1))
    np.testing.assert_allclose(np.exp(parts["u"][0]), norm.cdf([1.0, -1.0]))
    np.testing.assert_allclose(np.exp(parts["d"][0]), norm.cdf([-2.0, 0.0]))
    settled = meetings.log_chances(
        held._replace(came=Came(settled=True)), table(), reservations, gains, ("u", "d")
    )
    both = np.exp(settled["settled"]) + np.exp(parts["settled"])
    np.testing.assert_allclose(both, 1.0)


def test_candidates_are_as_likely_and_hold_for_all_meetings():
    held = [meetings.Held(name, Came(settled=False), 1) for name in ("one", "other")]
    both = table((0.1, 0.4), (0.1, 0.9))
    reservations, gains = np.array([[0.3], [0.3]]), np.zeros((2, 1))
    parts = {
        one.name: meetings.log_chances(one, both, reservations, gains, ("u", "d"))["settled"]
        for one in held
    }
    each = [(1.0 - p * norm.cdf(0.4 / blur)) ** 2 for blur in (0.1, 0.4) for p in (0.1, 0.9)]
    assert np.exp(meetings.log_likelihood(parts))[0] == pytest.approx(np.mean(each))


# --- what is made of it --------------------------------------------------------------------------


def test_chances_of_equal_wars_have_the_error_of_a_share():
    where = np.arange(1000) < 300
    found = models.chance(np.full(1000, 1e-3), where)
    assert found.value == pytest.approx(0.3)
    assert found.error == pytest.approx(1.96 * np.sqrt(0.3 * 0.7 / 1000), rel=1e-3)


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [(0.5, 0.01, "silent"), (0.76, 0.001, "for"), (0.76, 0.05, "silent"), (0.2, 0.01, "against")],
)
def test_a_verdict_is_beyond_a_factor_of_three_and_its_error(value, error, said):
    assert models.verdict(models.Chance(value, error)) == said


def test_nothing_is_learned_where_weights_are_as_before():
    strength = np.abs(RNG.normal(size=500)) * (RNG.random(500) < 0.5)
    even = np.full(500, 1 / 500)
    assert models.bits(strength, even, even) == pytest.approx(0.0)
    known = even * (strength > 0.0)
    share = (strength > 0.0).mean()
    assert models.bits(strength, known / known.sum(), even) == pytest.approx(-np.log2(share))


@pytest.mark.parametrize("shape", [0.2, 0.5, 0.9])
def test_the_tail_of_weights_is_found(shape):
    weights = np.random.default_rng(2).pareto(1.0 / shape, 40_000) + 1.0
    assert models.pareto_tail(np.log(weights)) == pytest.approx(shape, abs=0.1)


def test_stacking_finds_the_mixture_that_forecast_best():
    densities = np.log(np.array([[0.9, 0.1], [0.2, 0.6], [0.5, 0.4], [0.1, 0.8]]))
    share = np.linspace(0.0, 1.0, 100_001)
    told = np.log(np.exp(densities) @ np.stack([share, 1.0 - share])).mean(axis=0)
    assert scores.stack(densities)[0] == pytest.approx(share[told.argmax()], abs=1e-3)


def test_one_model_that_is_always_better_gets_all():
    densities = np.log(np.array([[0.9, 0.1], [0.6, 0.2]]))
    np.testing.assert_allclose(scores.stack(densities), [1.0, 0.0], atol=1e-6)


def test_families_are_what_is_not_told_apart_on_average():
    told = np.full((4, 4), 0.95)
    told[0, 1] = told[1, 0] = 0.6
    np.fill_diagonal(told, 0.5)
    assert recovery.families_of(told).tolist() == [0, 0, 1, 2]
    told[:] = 0.55
    assert recovery.families_of(told).tolist() == [0, 0, 0, 0]


def test_odds_of_a_step_foretold_are_those_of_a_normal_law():
    """What waves say of a step, its prior taken out, at the step foretold over that at none."""
    seen, error = 0.3, 0.2
    precision = error**-2 + studies.STEP_SD**-2
    law = studies.Law(np.array([seen / error**2 / precision]), np.array([precision**-0.5]))
    for foretold in (-0.4, 0.0, 0.3):
        odds = norm.logpdf(seen, foretold, error) - norm.logpdf(seen, 0.0, error)
        found = studies._log_odds(studies.Step(law, 1), np.array([foretold]))
        assert found == pytest.approx(odds)


def test_records_of_no_mechanism_seldom_speak_for_one(weighed):
    """False news: the record of the fixture is weighed as made-up ones of no mechanism are."""
    news = weighed[0].frames["news"].set_index("true")
    assert (news["records"] + news["left_out"] == 20).all()
    none = news.loc["none"]
    assert none["records"] >= 10
    assert none["false"] <= 0.3  # 5 % in the long run; 6 of 20 has then a chance below 1 in 1,000
    assert none["false"] >= none[["cost", "weariness", "rally"]].max()
    assert np.isnan(none["found"])
    best = news.loc[["cost", "weariness", "rally"], "found"].max()
    assert f"in at most {100 * best:.0f} % of made-up records" in " ".join(
        line for section in weighed[0].sections() for line in section.lines
    )


def test_a_pair_is_both_of_its_mechanisms_in_wars_of_their_own(weighed):
    """Wars of the pair act by both and no other, and share no run with any that was there."""
    answer, file, out = weighed
    asked = question(load_experiment(file), file.parent)
    pairs, alone = Ensemble(asked, out, 1, None, of_pairs=True), Ensemble(asked, out, 1, None)
    assert pairs.models == ("cost+weariness",)
    with pairs.writing():
        both = pairs.alone()["cost+weariness"]
    with alone.writing():
        singles = alone.alone()
        assert answer.folder == alone.results.folder
    acts = both.strengths > 0.0
    assert acts[[asked.mechanisms.index(name) for name in ("cost", "weariness")]].all()
    assert not acts[asked.mechanisms.index("rally")].any()
    runs = np.concatenate([wars.runs for wars in singles.values()])
    assert not np.intersect1d(both.runs, runs).size
    assert both.runs.min() > runs.max()


def test_answers_made_up_are_read_as_those_of_the_record_are():
    """Two attitudes, a war that ran away, and answers other than the attitudes' own."""
    both = [attitude(), attitude((20, 50, 300), (0, 1, 0))]
    reservations = [RNG.uniform(0.2, 0.9, (len(each.day), 6)) for each in both]
    reservations[1][0, 3] = np.nan
    reader = recovery.Reader(SimpleNamespace(candidates=CANDIDATES, attitudes=both), reservations)
    answers = [RNG.normal(size=len(each.day)) for each in both]
    wanted = sum(
        log_likelihood(each._replace(logit=seen), own, CANDIDATES)
        for each, seen, own in zip(both, answers, reservations, strict=True)
    )
    assert np.isneginf(reader.log_likelihood(answers)[3])
    np.testing.assert_allclose(reader.log_likelihood(answers), wanted, rtol=1e-9)


def test_families_are_of_single_theories_and_pairs_stand_beside_them():
    """Two theories told apart, and a pair that is told from neither: it joins nobody."""
    models = ("one", "other", "none", "one+other")
    rng = np.random.default_rng(4)
    evidence = rng.normal(size=(4, 200, 4))
    for true, apart in enumerate((8.0, 8.0, 8.0)):
        evidence[true, :, true] += apart
    found = recovery._recovered(models, 3, evidence)
    assert found.members == [["one"], ["other"], ["none"]]
    assert found.family("other") == "other"
    table = found.matrix().set_index(["true", "held"])
    np.testing.assert_allclose(table.groupby("true")["chance"].sum(), 1.0)
    assert table.loc[("one", "other"), "told apart"] > 0.99
    assert table.loc[("one+other", "one+other"), "first"] == pytest.approx(0.25, abs=0.1)


def test_news_are_of_what_acts_of_all_that_acts_and_of_what_does_not():
    spoken = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]], bool)
    told = recovery._news(spoken, np.array([True, True, False]))
    assert told == {"found": 0.5, "all_found": 0.25, "false": 0.25}
    none = recovery._news(spoken, np.zeros(3, bool))
    assert none["false"] == 0.75
    assert np.isnan([none["found"], none["all_found"]]).all()


# --- after the record ----------------------------------------------------------------------------


def test_what_is_foreseen_is_the_joint_normal_law_given_the_waves():
    """By SciPy's covariance of all waves and one more, conditioned by the plain formula."""
    waves, day = attitude(), np.array([650, 700])
    reservations, ahead = RNG.normal(0, 0.2, (5, 3)), RNG.normal(0, 0.2, (2, 3))
    one = Candidate(0.4, 0.8)
    found = foreseen(waves, 1, day, reservations, ahead, (one,), np.full(3, 0.5))
    for later in range(2):
        days = np.append(waves.day, day[later])
        items = np.append(waves.item, 1)
        errors = np.append(waves.sd, 0.0)
        cov = one.wander**2 * np.minimum.outer(days, days) / 365.25
        cov = cov + 4.0 * (items[:, None] == items) + np.diag(errors**2)
        gain = cov[-1, :-1] @ np.linalg.inv(cov[:-1, :-1])
        for run in range(3):
            left = waves.logit + reservations[:, run] / one.spread
            mean = gain @ left - ahead[later, run] / one.spread
            assert found.mean[later, run] == pytest.approx(mean)
            var = cov[-1, -1] - gain @ cov[:-1, -1]
            assert found.sd[later, run] == pytest.approx(np.sqrt(var))


def test_a_candidate_is_drawn_by_what_the_waves_say_of_it():
    waves = attitude()._replace(logit=np.array([0.0, 0.1, 0.6, 0.4, 0.2]))
    reservations, luck = np.zeros((5, 40_000)), (np.arange(40_000) + 0.5) / 40_000
    found = foreseen(
        waves, 0, np.array([700]), reservations, np.zeros((1, 40_000)), CANDIDATES, luck
    )
    logs = log_likelihoods(waves, reservations[:, :1], CANDIDATES)[:, 0]
    share = np.exp(logs - logsumexp(logs))
    steady = share[[c.wander == 0.2 for c in CANDIDATES]].sum()
    assert 0.1 < steady < 0.9
    drawn = np.isclose(found.sd[0], found.sd.min()).mean()
    assert drawn == pytest.approx(steady, abs=1e-3)


def test_a_run_that_ran_away_foresees_nothing_and_disturbs_nobody():
    waves, luck = attitude(), np.full(2, 0.5)
    reservations = np.zeros((5, 2))
    reservations[2, 0] = np.nan
    ahead = np.array([[np.nan, 0.1]])
    found = foreseen(waves, 0, np.array([700]), reservations, ahead, CANDIDATES, luck)
    assert np.isnan(found.mean[0, 0])
    assert np.isfinite(found.mean[0, 1])


@given(shape=st.floats(0.5, 20), days=st.floats(10, 2000), ahead=st.floats(1, 400))
@examples(20)
def test_nothing_within_some_days_is_a_negative_binomial_of_nothing(shape, days, ahead):
    rate = counts.Rate(shape, days)
    assert rate.none_within(ahead) == pytest.approx(float(rate.number(ahead).pmf(0)))
    assert float(rate.number(ahead).mean()) == pytest.approx(shape * ahead / days)


def test_a_rate_forgets_by_half_in_a_half_life():
    """Without forgetting it is the count and a half over the days; else older days weigh less."""
    series = Counts.model_validate(COUNTS).numbers
    end = datetime.date(2025, 3, 31)
    still = counts.rate_of(series, end, 1e9)
    assert (still.shape, still.days) == pytest.approx((6.5, 90.0))
    once = Series.model_validate(
        {"title": "N", "rows": {"2025-01-01/2025-01-01": 4}, "assumed": "made up"}
    )
    aged = counts.rate_of(once, datetime.date(2025, 4, 1), 90.0)
    assert (aged.shape, aged.days) == pytest.approx((0.5 + 4 * 0.5, 0.5))


def test_a_meeting_ends_the_fighting_as_those_of_the_record_are_read():
    table = Table(
        p_deal=Candidates(values=(0.3, 0.9), because="x"),
        blur=Candidates(values=(0.1, 0.4), because="x"),
        meetings={"round": Came(settled=True)},
    )
    reservations, gains = np.array([[0.3, 0.5], [0.2, 0.7]]), np.array([[0.1, -0.2], [-0.1, 0.3]])
    found = meetings.endings(table, reservations, gains)
    place = 0
    for blur in (0.1, 0.4):
        for p in (0.3, 0.9):
            settle = norm.cdf((1 - reservations.sum(axis=0)) / blur)
            stop = norm.cdf(gains[0] / blur) * norm.cdf(gains[1] / blur)
            np.testing.assert_allclose(found.settlement[place], p * settle)
            np.testing.assert_allclose(found.ceasefire[place], p * stop)
            either = p * (settle + stop - settle * stop)
            np.testing.assert_allclose(found.either[place], either)
            place += 1
    held = meetings.Held("round", Came(settled=True), 0)
    logs = meetings.log_chances(held, table, reservations, gains, ("u", "d"))["settled"]
    np.testing.assert_allclose(np.exp(logs), found.settlement)


def test_the_record_goes_on_at_its_mean_and_stands_still_on_quiet_days(tmp_path):
    experiment = load_experiment(record(tmp_path))
    asked = question(experiment, tmp_path)
    series = asked.scenario.history.losses["attacker"].places_hit
    days = [datetime.date(2025, 4, 1), datetime.date(2025, 5, 31)]
    assert series.amount(*days) == pytest.approx(2000 / 59 * 61)
    assert asked.scenario.end == days[1]
    after = asked.after(experiment.next.steps["truce"])
    still = after.scenario.history.losses["attacker"].places_hit
    assert still.amount(datetime.date(2025, 4, 1), datetime.date(2025, 4, 20)) == 0.0
    assert still.amount(*days) == pytest.approx(2000 / 59 * 41)
    past = datetime.date(2025, 1, 1), datetime.date(2025, 3, 31)
    assert still.amount(*past) == series.amount(*past) == 3000.0


# --- what would settle it ------------------------------------------------------------------------


def test_the_information_of_a_normal_outcome_of_two_theories_is_the_known_integral():
    """Two theories as likely, outcomes N(-d, 1) and N(d, 1): 1 less E log2(1 + exp(-2 d y))."""
    for d in (0.2, 1.0, 3.0):
        edges = np.linspace(-12, 12, 2001)
        cells = np.array([np.diff(norm.cdf(edges - m)) for m in (-d, d)])
        found = worth.information(cells, np.array([0.5, 0.5]))
        integral, _ = quad(
            lambda y, d=d: norm.pdf(y - d) * np.logaddexp(0.0, -2 * d * y) / np.log(2), -12, 12
        )
        assert found == pytest.approx(1.0 - integral, abs=1e-4)


@given(
    chances=st.lists(st.lists(st.floats(0.01, 1), min_size=4, max_size=4), min_size=2, max_size=5),
    seed=st.integers(0, 99),
)
@examples(25)
def test_information_is_none_of_the_same_and_at_most_what_is_unknown(chances, seed):
    told = np.array(chances)
    told /= told.sum(axis=1, keepdims=True)
    p = np.random.default_rng(seed).dirichlet(np.ones(len(told)))
    assert 0.0 - 1e-12 <= worth.information(told, p) <= worth.entropy(p) + 1e-12
    assert worth.information(np.repeat(told[:1], len(p), axis=0), p) == pytest.approx(0, abs=1e-12)
    apart = np.eye(len(p))
    assert worth.information(apart, p) == pytest.approx(worth.entropy(p))


def test_few_wars_of_the_same_law_tell_nothing_once_their_bias_is_taken_away():
    """Models that differ by luck alone: the plain estimate is biased up, the jackknife's is not."""
    rng = np.random.default_rng(3)
    plain, told = [], []
    p = np.full(4, 0.25)
    for _ in range(40):
        models = [
            (np.eye(6)[:, rng.integers(0, 6, 64)], np.ones(64), np.arange(64) % worth.GROUPS)
            for _ in range(4)
        ]
        whole = np.array([chances.mean(axis=1) for chances, _, _ in models])
        plain.append(worth.information(whole, p))
        told.append(worth.jackknifed(models, p).value)
    assert np.mean(plain) > 0.03
    assert np.mean(told) < 0.5 * np.mean(plain)


# --- from end to end -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def weighed(tmp_path_factory):
    """A small record that says nothing, weighed, its file, and the folder of its results."""
    folder = tmp_path_factory.mktemp("weighing")
    file = record(folder)
    return (
        sim.weigh(file, recover=2, what_next=True, out=folder / "out", workers=1),
        file,
        folder / "out",
    )


def test_a_weighing_answers_in_tables_and_in_words(weighed):
    answer, _, _ = weighed
    assert answer.figures["is_converged"]
    assert set(answer.frames["mechanisms"]["mechanism"]) == {"cost", "weariness", "rally"}
    rivals = answer.frames["scores"].dropna(subset="averaged")
    assert rivals["averaged"].sum() == pytest.approx(1.0)
    assert rivals["stacked"].sum() == pytest.approx(1.0)
    np.testing.assert_allclose(answer.frames["matrix"].groupby("true")["chance"].sum(), 1.0)
    assert sum(map(len, answer.figures["families"])) == 4
    assert len(answer.frames["matrix"]) == 5**2  # three alone, none, and a pair
    assert "mechanisms" in " ".join(answer.headline())


def test_what_a_mechanism_foretold_is_the_change_of_its_rule(weighed):
    """None foretells nothing; weariness, which only softens, a rise of readiness to concede."""
    told = weighed[0].frames["foretold"].set_index("mechanism")
    assert (told.loc["none", ["effect", "low", "high", "log_odds"]] == 0.0).all(axis=None)
    tired = told.loc["weariness"]
    assert (tired["low"] > 0.0).all()
    assert (tired["effect"] < tired["high"]).all()


def test_observations_are_ranked_by_what_they_would_tell(weighed):
    answer, _, _ = weighed
    table = answer.frames["next"]
    assert table["bits"].is_monotonic_decreasing
    assert (table["bits"] <= answer.figures["unknown_bits"]).all()
    asked = table.groupby(["kind", "step"]).size()
    assert asked["poll", "none"] == 4  # two items in two months
    assert asked["poll", "truce"] == 2  # the middle of the first lies within it
    assert ("round", "none") not in asked  # no meeting of the record is read
    assert "bits that are unknown" in " ".join(answer.headline())


def test_what_is_to_come_is_foreseen_by_the_same_wars(weighed, command):
    """Each item and month by three models; without meetings nothing ends the fighting."""
    _, file, out = weighed
    there = sorted(out.iterdir())
    to = file.parent / "ahead"
    told = command("forecast", "war", str(file), "--out", str(out), "--publish", str(to))
    assert told.code == 0
    assert sorted(out.iterdir()) == there  # no war was flown anew
    items = pd.read_csv(to / "items.csv")
    assert items.groupby("model").size().to_dict() == {"everything": 4, "none": 4, "last wave": 4}
    order = ["q05", "q25", "q50", "q75", "q95"]
    assert (items[order].diff(axis=1).iloc[:, 1:] > 0).all(axis=None)
    assert items[items["seen"]]["item"].unique().tolist() == ["attacker"]
    rows = pd.read_csv(to / "counts.csv")
    assert rows["any"].is_monotonic_increasing
    assert not (to / "chances.csv").exists()
    made = json.loads((to / "manifest.json").read_text())
    assert made["sha256"]["items.csv"] == sha256((to / "items.csv").read_bytes()).hexdigest()
    assert command("report", str(to)).code == 0
    assert "Swaps by 2025-05-31" in told.out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ahead": {"until": "2025-03-01"}}, "is not after the record's end"),
        ({"ahead": {"as_in": "2024-01-01/2024-02-01"}}, "lies outside"),
        ({"ahead": {"by": ["2025-03-31"]}}, "ahead.by"),
        ({"ahead": {"seen": {"nobody": ["2025-04"]}}}, "no item"),
        ({"next": {"steps": {"late": {"title": "L", "quiet": "2025-06-01/2025-06-02"}}}}, "steps"),
        ({"ahead": None}, "next: stands without ahead"),
    ],
)
def test_what_cannot_be_ahead_is_one_line(tmp_path, change, words):
    file = record(tmp_path)
    data = json.loads(file.read_text())
    for word, part in change.items():
        data[word] = data[word] | part if part else None
    file.write_text(json.dumps(data))
    with pytest.raises(EvidenceError, match=words) as wrong:
        question(load_experiment(file), tmp_path)
    assert "\n" not in str(wrong.value)


def test_a_page_is_made_of_a_weighing(weighed, command):
    """Its answer comes first, then its pictures with their captions, then how sure it is."""
    answer, _, _ = weighed
    assert command("report", str(answer.folder)).code == 0
    page = (answer.folder / "report.html").read_text(encoding="utf-8")
    assert page.index("hardened the underdog") < page.index("record changes the odds")
    assert page.index("for which these were taken") < page.index("lies at a rank among those")
    assert "of 30 counts of ranks" in (answer.folder / "ranks.txt").read_text(encoding="utf-8")
    assert "How sure" in page


def test_flat_waves_speak_against_a_mechanism_that_moves_and_for_none(weighed):
    answer, _, _ = weighed
    told = answer.frames["mechanisms"].set_index("mechanism")
    assert told.loc["weariness", "bayes_factor"] < 1.0
    assert (told["verdict"] != "for").all()


def test_the_raid_is_asked_about_by_strengths_before_and_after(weighed):
    """Strengths of weariness fall, and rally is as before; what no raid moves is not moved."""
    answer, _, _ = weighed
    table = answer.frames["headline"].set_index(["law", "moment", "of"])
    assert set(table.index.get_level_values("law")) == {"before", "after"}
    assert ((table["harder"] >= 0.0) & (table["harder"] + table["softer"] <= 1.0)).all()
    assert (table["low"] <= table["median"]).all()
    assert (table["median"] <= table["high"]).all()
    assert answer.figures["headline"]["carried"] == 3
    assert "hardened the underdog" in " ".join(answer.headline())


def test_without_any_mechanism_the_raid_moves_nobody(weighed):
    """Wars of the ensemble in which none acts, drawn on purpose."""
    _, file, out = weighed
    asked = question(load_experiment(file), file.parent)
    ensemble = Ensemble(asked, out, 1, None)
    with ensemble.writing():
        together = weigh_together(ensemble, observed_of(asked))
    still = np.flatnonzero((together.weighed.wars.strengths == 0.0).all(axis=0))[:20]
    raid = headline.raid_of(asked, file.parent, False)
    found = headline.effects(raid, asked, together, still, 1)
    assert found.flown.any()
    assert not found.path[0].any()
    moving = np.flatnonzero(together.weighed.wars.strengths[0] > 0.5)[:20]
    assert headline.effects(raid, asked, together, moving, 1).path[0].any()


def test_a_planted_mechanism_is_found(tmp_path):
    """Waves of a public that tires by the rule itself: a tenth of a decade, over a spread."""
    file = record(tmp_path, lambda asked: 0.25 * np.log10(asked + 1.0) / 0.1 - 4.0)
    told = sim.weigh(file, out=tmp_path / "out", workers=1).frames["mechanisms"]
    told = told.set_index("mechanism")
    assert told.loc["weariness", "verdict"] == "for"
    assert told.loc["weariness", "bayes_factor"] > 3.0 * told.loc["rally", "bayes_factor"]


def test_a_random_walk_scores_as_it_is_heard_in_one_war(weighed):
    """None has no figure that moves: any of its wars says what all say."""
    answer, _, _ = weighed
    waves = answer.frames["waves"]
    none = waves[waves["model"] == "none"]
    told = answer.frames["scores"].set_index("model")
    assert told.loc["none", "log_score"] == pytest.approx(none["log_score"].mean())
    assert told.loc["last wave", "waves"] == len(none)


def test_what_was_weighed_is_found_again_and_is_the_same_by_two_workers(weighed, tmp_path):
    answer, file, out = weighed
    told = answer.frames["mechanisms"].drop(columns="family")
    again = sim.weigh(file, out=out, workers=1)
    assert again.folder == answer.folder
    pd.testing.assert_frame_equal(again.frames["mechanisms"], told)
    other = sim.weigh(file, out=tmp_path, workers=2)
    assert (other.folder / "draws.parquet").read_bytes() == (
        answer.folder / "draws.parquet"
    ).read_bytes()
    pd.testing.assert_frame_equal(other.frames["mechanisms"], told)


def test_fewer_wars_than_the_weights_need_are_told_as_not_converged(tmp_path, command):
    file = record(tmp_path, lambda asked: np.where(asked < 40, 0.0, 3.0))
    few = ("--runs", "800", "--runs-alone", "100", "--out", str(tmp_path), "--quiet")
    ended = command("weigh", str(file), *few)
    assert ended.code == 5
    assert "not converged" in ended.err


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("mechanisms", ["cost", "weariness"]),
        ("pairs", [["rally", "weariness"]]),
        ("without", ["sides.attacker.air_defence"]),
        ("set", {"front.start": 40}),
        ("scales", {"values": [2], "because": "a test"}),
        ("spreads", {"values": [0.3], "because": "a test"}),
        ("wanders", {"values": [0.3], "because": "a test"}),
        ("scored_from", "2025-02-11"),
        (
            "headline",
            {"scenario": "x.yaml", "region": {"half_width": 0.01, "because": "x"}, "draws": 100},
        ),
        ("studies", {"x": {"title": "X", "date": "2025-02-01", "days": 20}}),
        ("runs", 900),
        ("runs_alone", 300),
        ("seed", 2),
    ],
)
def test_another_value_of_any_key_is_another_weighing(tmp_path, key, value):
    def folder(file):
        asked = question(load_experiment(file), tmp_path)
        return Ensemble(asked, tmp_path, 1, None).results.folder

    file = record(tmp_path)
    as_it_is = folder(file)
    file.write_text(json.dumps(json.loads(file.read_text()) | {key: value}), encoding="utf-8")
    assert folder(file) != as_it_is


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("mechanisms", ["ripeness"], "has no term"),
        ("mechanisms", ["sunk"], "'sunk' has no figures"),
        ("pairs", [["cost", "sunk"]], "'sunk' is none"),
        ("pairs", [["cost", "cost"]], "beside itself"),
        ("pairs", [["cost", "rally"], ["rally", "cost"]], "stand twice"),
        ("scales", {"values": [1, 0.5], "because": "a test"}, "do not rise"),
        ("runs", 100, "800"),
        ("polls", "nowhere.yaml", "nowhere"),
        ("scenario", "shipped", "shipped"),
    ],
)
def test_what_cannot_be_weighed_is_refused_in_one_line(tmp_path, key, value, words):
    file = record(tmp_path)
    file.write_text(json.dumps(json.loads(file.read_text()) | {key: value}), encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        sim.weigh(file, workers=1)


def test_the_shipped_weighing_can_be_read():
    """Every mechanism with a term is weighed; every poll, meeting and event lies in its war."""
    asked = question(load_experiment("weighing"), named("weighing", "experiments").parent)
    known = [name for name, block in asked.recorded.mechanisms if block is not None]
    assert asked.mechanisms == tuple(name for name in known if name != "ripeness")
    observed = observed_of(asked)
    assert sum(len(each.day) for each in observed.attitudes) == 51
    assert len(observed.held) == len(asked.recorded.talks.meetings)
    told = studies.studied(observed)
    assert set(told["event"]) == set(asked.experiment.studies)


def test_an_experiment_that_is_a_weighing_says_how_it_is_run():
    with pytest.raises(sim.ExperimentError, match=r"sim\.weigh"):
        sim.run_experiment("weighing")
    with pytest.raises(sim.ExperimentError, match="expected a weighing"):
        sim.weigh("theories")
