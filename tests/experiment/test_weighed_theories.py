"""Theories weighed by a record's odds: closed forms, a plain second count, and what ships."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.experiment.questions.theories import switches_of
from sim.experiment.questions.weighed import theory_weights, weighed
from sim.scenario.experiment import Odds
from sim.scenario.load import load_experiment
from tests.examples import examples
from tests.pages import ROOT

NAMES = ("a", "b", "c")
SWITCHES = switches_of(np.arange(8), NAMES)
TIMES = st.floats(0.01, 100)


@given(st.fixed_dictionaries(dict.fromkeys(NAMES, TIMES)))
@examples(20)
def test_a_mechanism_acts_in_as_much_of_the_weight_as_its_odds_say(odds):
    weight = theory_weights(SWITCHES, odds)
    assert weight.sum() == pytest.approx(1.0)
    for name, times in odds.items():
        assert weight[SWITCHES[name]].sum() == pytest.approx(times / (1.0 + times))


def test_even_odds_and_none_weigh_all_alike():
    for odds in ({}, dict.fromkeys(NAMES, 1.0)):
        np.testing.assert_allclose(theory_weights(SWITCHES, odds), 1 / 8)


def asked(times):
    odds = Odds(times=times, because="x") if times else None
    experiment = SimpleNamespace(odds=odds)
    return SimpleNamespace(experiment=experiment, mechanisms=NAMES, region=0.1, moments={"then": 0})


def wars(rng, runs=20):
    rows = pd.DataFrame(
        {"run": np.repeat(np.arange(runs), 8), "theory": np.tile(np.arange(8), runs)}
    )
    for word in ("r_u", "r_d", "z"):
        rows[f"{word}, then"] = rng.normal(0, 0.2, len(rows))
    return rows


def test_shares_are_those_of_a_plain_count_theory_by_theory():
    effects, odds = wars(np.random.default_rng(1)), {"a": 3.0, "c": 0.5}
    told = weighed(effects, asked(odds))["then"]
    expected = {"r_u": 0.0, "r_d": 0.0, "both": 0.0, "z": 0.0}
    for theory, own in effects.groupby("theory"):
        weight = 1.0
        for place, name in enumerate(NAMES):
            p = odds.get(name, 1.0) / (1.0 + odds.get(name, 1.0))
            weight *= p if theory >> place & 1 else 1.0 - p
        up, down = own["r_u, then"] > 0.1, own["r_d, then"] > 0.1
        expected["r_u"] += weight * up.mean()
        expected["r_d"] += weight * down.mean()
        expected["both"] += weight * (up & down).mean()
        expected["z"] += weight * (own["z, then"] < -0.1).mean()
    for word, share in expected.items():
        assert told[word]["weighed"]["share"] == pytest.approx(share)
        assert (
            told[word]["alike"]["share"]
            < told[word]["alike"]["share"] + told[word]["alike"]["error"]
        )


def test_the_error_is_that_of_runs_drawn_anew():
    """The interval by leaving out tenths holds the share of very many runs in about 95 %."""
    rng, odds = np.random.default_rng(2), {"a": 3.0}
    truth = 0.3085  # P(N(0, .2) > .1)
    found = [weighed(wars(rng, 40), asked(odds))["then"]["r_u"]["weighed"] for _ in range(60)]
    held = np.mean([abs(one["share"] - truth) <= one["error"] for one in found])
    assert 0.85 <= held <= 1.0


def test_without_odds_nothing_is_weighed_and_few_runs_have_no_error():
    assert weighed(wars(np.random.default_rng(3)), asked(None)) is None
    told = weighed(wars(np.random.default_rng(3), 4), asked({"a": 2.0}))["then"]
    assert told["r_u"]["weighed"]["error"] is None


def test_the_shipped_odds_are_those_of_the_shipped_weighing():
    odds = load_experiment("theories").odds.times
    table = pd.read_csv(ROOT / "results" / "weighing" / "mechanisms.csv", index_col="mechanism")
    assert odds.keys() == set(table.index)
    for name, times in odds.items():
        assert times == pytest.approx(table.loc[name, "bayes_factor"], abs=0.005 + 1e-9)
