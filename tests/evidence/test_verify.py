"""The verification: it agrees, would not if a rule were wrong, and its tests of laws can fail."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.evidence.verify import (
    arrival,
    between_raids,
    interception,
    queues,
    salvo,
    suite,
)
from sim.evidence.verify.case import (
    MOST_Z,
    of_counts,
    of_identity,
    of_mean,
    of_number,
    of_report,
    of_share,
    of_values,
    of_variance,
)
from sim.evidence.verify.raids import drones, fate, per_run, tables
from sim.experiment.execution.runner import run
from sim.raid import fly as flying
from sim.raid import orders
from sim.raid.arrays import FATES
from sim.rules import damage, money
from sim.scenario.load import load
from sim.scenario.sources import read_sources
from sim.war.model import War
from tests.verified import verified

ROOT = Path(__file__).parents[2]
seeds = st.integers(0, 2**32 - 1)
lucky = 6.0  # what |z| hypothesis may come across in many examples


@pytest.fixture(scope="module")
def cases():
    return verified()


# --- the whole of it ---------------------------------------------------------------------------


def test_the_model_agrees_with_what_is_known_of_it(command, cases, monkeypatch):
    asked = []

    def verified(seed, times, **_):
        asked.append((seed, times))
        return iter(cases)

    monkeypatch.setattr(suite, "verify", verified)
    outcome = command("verify", "--json")
    assert asked == [(1, 1)]
    figures = json.loads(outcome.out)
    assert [row for row in figures["cases"] if row["verdict"] != "agrees"] == []
    assert figures["agree"] == figures["all"] == len(figures["cases"]) > 100
    assert outcome.code == 0
    keys = {"case", "source", "expected", "got", "mc_error", "z", "verdict"}
    assert all(set(row) == keys for row in figures["cases"])


def test_a_case_has_a_name_of_its_own_and_a_source(cases):
    names = [case.name for case in cases]
    assert len(set(names)) == len(names)
    known = {"definition", *read_sources(ROOT / "scenarios" / "sources.yaml")}
    assert {key for case in cases for key in case.source.split(", ")} <= known


def test_every_scenario_of_a_check_is_shipped_and_used():
    used = {check.scenario for check in suite.CHECKS if check.scenario is not None}
    shipped = {file.stem for file in (ROOT / "scenarios" / "verify").glob("*.yaml")}
    assert shipped <= used
    for name in used - shipped:
        assert load(name).reported


def test_another_seed_is_another_luck():
    one, other = (list(suite.verify(seed, 1, salvo.CHECKS)) for seed in (1, 2))
    assert [case.expected for case in one] == [case.expected for case in other]
    assert [case.got for case in one] != [case.got for case in other]


def test_more_runs_make_the_error_smaller():
    one, four = (list(suite.verify(1, times, salvo.CHECKS)) for times in (1, 4))
    assert four[0].error == pytest.approx(one[0].error / 2, rel=0.1)


def test_a_rule_that_is_wrong_is_caught(command, monkeypatch):
    checks = functools.partial(suite.verify, checks=between_raids.CHECKS)
    monkeypatch.setattr(suite, "verify", checks)
    assert command("verify", "--json").code == 0
    right = damage.present
    monkeypatch.setattr(damage, "present", lambda alive, *rest: right(alive + 5, *rest))
    outcome = command("verify", "--json")
    assert outcome.code == 1
    differ = [row["case"] for row in outcome.json["cases"] if row["verdict"] == "DIFFERS"]
    assert "dispersal, aeroplanes in place" in differ
    assert "DIFFERS" in command("verify").out


def test_a_dollar_too_much_is_caught(monkeypatch):
    from sim.evidence.verify import money as check

    right = money.lost_usd
    monkeypatch.setattr(money, "lost_usd", lambda *given: right(*given) * 1.001)
    differ = {case.name for case in suite.verify(checks=check.CHECKS) if not case.agrees}
    assert differ == {
        "money, lost: destroyed and repaired",
        "money, the defender's account of losses",
        "money, loss exchange",
        "money, cost exchange",
    }


def test_a_drone_too_many_is_caught(monkeypatch):
    from sim.evidence.verify import money as check

    right = money.bought
    monkeypatch.setattr(money, "bought", lambda *given: right(*given) + 1)
    differ = {case.name for case in suite.verify(checks=check.CHECKS) if not case.agrees}
    assert differ == {"a budget buys whole drones"}


def test_a_drone_that_nobody_counts_is_caught(monkeypatch):
    from sim.evidence.verify import reported as check

    right = orders.flight_sizes

    def lost(*given):
        return np.maximum(0, right(*given) - 1)

    monkeypatch.setattr(orders, "flight_sizes", lost)
    differ = {case.name for case in suite.verify(checks=check.CHECKS) if not case.agrees}
    assert "Hmeimim 2018, each drone has one fate" in differ


def test_there_is_room_for_a_shot_of_every_channel_in_a_war_alone(monkeypatch):
    right, found = flying._room, []

    def watched(orders, defence, rows):
        room = right(orders, defence, rows)
        found.append((len(room.shot_min), defence.units["channels"].sum(axis=1).max()))
        return room

    monkeypatch.setattr(flying, "_room", watched)
    War(load("massive-assault"), 1, 1).run()
    assert found
    assert all(room >= channels > 1 for room, channels in found)


# --- the wars of a check -----------------------------------------------------------------------


def test_a_check_flies_the_war_that_a_run_flies():
    scenario = suite.load_check("money")
    flown, record = tables(scenario, 30, 5), run(scenario, 30, 5, workers=1)
    for name, table in flown.items():
        same = record.frames[name].sort_values([*record.frames[name].columns[:1]], kind="stable")
        assert (table == same.reset_index(drop=True)).fillna(True).to_numpy().mean() > 0.5
        for column in table.select_dtypes("number"):
            np.testing.assert_array_equal(table[column], same[column])


def test_what_is_told_of_each_drone_is_what_the_war_counts():
    scenario = suite.load_check("salvo")
    fates, _ = drones(scenario, 200, 3)
    raids = tables(scenario, 200, 3)["raids"]
    for name in FATES:
        np.testing.assert_array_equal((fates == fate(name)).sum(axis=1), per_run(raids, name))


# --- the closed forms, against the numbers published or worked out by hand ----------------------


def test_closed_forms_give_the_published_numbers():
    assert queues.erlang_b(4, 3.0) == pytest.approx(0.206107, abs=5e-7)
    number = np.arange(21)
    for rounds, leakers in ((100, 1.8), (30, 1.81671), (20, 6.0), (10, 13.0)):
        law = interception.leak_law_of_magazine(20, 0.7, rounds)
        assert law @ number == pytest.approx(leakers, abs=5e-6)
    at_random = interception.leak_law_at_random(20, 30, 0.7)
    assert at_random @ number == pytest.approx(20 * (1 - 0.7 / 20) ** 30)
    assert salvo.leak_law(20, 0.9, 20, 0.85) @ number == pytest.approx(1.4069, abs=5e-5)
    for shots, p_shot, p_stop, lost in ((4, 0.6429, 0.2857, 1.5166), (6, 0.4762, 0.4286, 1.4399)):
        carriers = [salvo.carriers_lost(through) for through in range(shots + 1)]
        assert salvo.leak_law(shots, p_shot, 2, p_stop) @ carriers == pytest.approx(lost, abs=5e-5)
    assert arrival.occupancy(20, 10) @ np.arange(11) == pytest.approx(10 * (1 - 0.9**20))


@given(st.floats(0.05, 3.0).filter(lambda load: abs(load - 1.0) > 1e-3), st.floats(0.0, 20.0))
def test_loss_of_the_impatient_at_one_channel_by_barrers_formula(load, patience):
    far = np.exp(-(1.0 - load) * patience)
    expected = load * (1.0 - load) * far / (1.0 - load**2 * far)
    assert queues.barrer_loss(1, load, 1.0, patience) == pytest.approx(expected, rel=1e-6)


def test_loss_of_the_impatient_where_the_load_is_as_large_as_the_channels():
    near, at = (queues.barrer_loss(3, rate, 1.0, 2.0) for rate in (3.0 - 1e-7, 3.0))
    assert at == pytest.approx(near, rel=1e-6)


@given(st.integers(1, 8), st.floats(0.1, 6.0))
def test_without_patience_it_is_erlangs_loss_and_with_much_nobody_is_lost(channels, load):
    assert queues.barrer_loss(channels, load, 1.0, 0.0) == pytest.approx(
        queues.erlang_b(channels, load)
    )
    patient = queues.barrer_loss(channels, load, 1.0, 100.0)
    assert patient == pytest.approx(max(0.0, 1.0 - channels / load), abs=0.02)


# --- the tests of numbers and laws: they pass what is right and catch what is wrong --------------


@given(seeds, st.floats(0.2, 0.8))
def test_a_law_of_counts_is_told_from_another(seed, p):
    law = stats.binom(20, p)
    seen = np.bincount(law.rvs(4_000, random_state=np.random.default_rng(seed)))
    right = of_counts("", "", "", law.pmf(np.arange(21)), seen)
    wrong = of_counts("", "", "", stats.binom(20, p + 0.05).pmf(np.arange(21)), seen)
    assert abs(right.z) < lucky
    assert not wrong.agrees


@given(seeds)
def test_a_law_of_the_same_mean_is_told_from_another(seed):
    seen = np.bincount(np.random.default_rng(seed).poisson(5.0, 4_000))
    other = stats.binom(10, 0.5).pmf(np.arange(11))
    assert not of_counts("", "", "", other, seen).agrees


def test_what_is_impossible_is_caught_however_rare():
    pmf = np.array([0.5, 0.5, 0.0])
    assert of_counts("", "", "", pmf, np.array([500, 500])).agrees
    assert not of_counts("", "", "", pmf, np.array([500, 500, 1])).agrees
    assert not of_counts("", "", "", pmf, np.array([500, 500, 0, 1])).agrees


def test_a_law_that_cannot_be_tested_is_refused():
    with pytest.raises(ValueError, match="too few runs"):
        of_counts("few", "", "", np.array([0.5, 0.5]), np.array([2, 3]))
    with pytest.raises(ValueError, match="add up"):
        of_counts("short", "", "", np.array([0.5, 0.4]), np.array([500, 400]))


@given(seeds, st.floats(0.1, 10.0))
def test_a_continuous_law_is_told_from_another(seed, mean):
    values = np.random.default_rng(seed).exponential(mean, 4_000)
    assert abs(of_values("", "", "", stats.expon(scale=mean).cdf, values).z) < lucky
    assert not of_values("", "", "", stats.expon(scale=1.2 * mean).cdf, values).agrees
    assert not of_values("", "", "", stats.gamma(1.6, scale=mean / 1.6).cdf, values).agrees


@given(seeds)
def test_a_mean_and_a_variance_are_known_to_their_error(seed):
    values = np.random.default_rng(seed).normal(3.0, 2.0, 4_000)
    assert abs(of_mean("", "", 3.0, values).z) < lucky
    assert not of_mean("", "", 3.3, values).agrees
    assert abs(of_variance("", "", 4.0, values).z) < lucky
    assert not of_variance("", "", 5.0, values).agrees


def test_errors_are_standard_errors():
    luck = np.random.default_rng(1)
    z = [of_mean("", "", 0.5, luck.random(200)).z for _ in range(2_000)]
    z += [of_share("", "", 0.3, luck.binomial(200, 0.3), 200).z for _ in range(2_000)]
    z += [of_variance("", "", 1.0, luck.normal(size=500)).z for _ in range(2_000)]
    assert np.std(z) == pytest.approx(1.0, abs=0.05)


def test_a_number_without_an_error_must_hold_to_rounding():
    assert of_number("", "", 0.1 + 0.2, 0.3, 0.0).z == 0.0
    assert not of_number("", "", 1.0, 1.000001, 0.0).agrees
    assert not of_number("", "", 0.0, float("nan"), 0.0).agrees
    assert of_number("", "", 5.0, 5.0 + MOST_Z * 0.1, 0.1000001).agrees
    assert not of_number("", "", 5.0, 5.0 - MOST_Z * 0.1, 0.0999999).agrees


def test_an_identity_is_told_where_it_is_off_the_most():
    case = of_identity("", "", np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.1, 3.0]))
    assert (case.expected, case.got, case.agrees) == ("2", "2.1 at worst of 3", False)
    assert of_identity("", "", np.arange(3), np.arange(3)).agrees


def test_a_reported_figure_is_inside_or_outside():
    values = np.arange(100.0)
    for reported, inside in (
        (0, False),
        (3, False),
        (6, True),
        (50, True),
        (93, True),
        (97, False),
    ):
        assert of_report("", "", reported, values).agrees is inside
    assert of_report("", "", 1.0, np.ones(50)).agrees
    assert not of_report("", "", 2.0, np.ones(50)).agrees
