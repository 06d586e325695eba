"""Patrons in whole wars: what they leave alone, record and supply; what no scenario may say."""

import copy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from strategies import figure, patron, war

from sim.experiment.questions import theories
from sim.experiment.record import tables_of
from sim.scenario.errors import ExperimentError, ScenarioError
from sim.scenario.experiment import Theories
from sim.scenario.load import load
from sim.scenario.schema import Scenario
from sim.war.agents.kept import Kept
from sim.war.agents.negotiator import Negotiator
from sim.war.model import War

FOLDER = Path(__file__).parents[2] / "scenarios"


def fought(runs=12, **patrons):
    return War(Scenario.model_validate(war(patrons=patrons)), runs, 3).run()


def tables(model):
    return {name: pd.DataFrame(table) for name, table in tables_of(model.recorder, True).items()}


def test_one_that_is_off_leaves_every_byte():
    plain, off = (tables(fought(**patrons)) for patrons in ({}, {"friend": patron(on=False)}))
    for name, table in plain.items():
        pd.testing.assert_frame_equal(table, off[name], check_exact=True)


def test_one_that_gives_and_threatens_nothing_moves_nothing():
    nothing = {word: figure(0) for word in ("part", "prospects", "relief", "foreseen", "response")}
    idle = patron(aid=nothing, threat=None, sanctions=None, counsel=None, proposal=None)
    idle["guarantee"] = figure(0)
    plain, backed = (tables(fought(**patrons)) for patrons in ({}, {"friend": idle}))
    for name, table in plain.items():
        pd.testing.assert_frame_equal(table, backed[name][list(table)], check_exact=True)


def test_reservations_are_what_they_are_made_of_with_patrons_too():
    model = fought(friend=patron(), uncle=patron(backs="defender", counsel=None))
    days = tables(model)["days"]
    terms = days[[name for name in days if name.startswith("h_")]].sum(axis=1)
    for side in model.scenario.sides:
        mind = model.scenario.minds[side]
        rows = days["side"] == side
        expected = mind.p_win.value - mind.cost.value + terms[rows]
        np.testing.assert_allclose(days["r"][rows], expected, atol=1e-12)


def test_a_run_alone_is_that_run_of_many():
    scenario = Scenario.model_validate(war(patrons={"friend": patron()}))
    many = pd.DataFrame(War(scenario, 12, 3).run().recorder.runs())
    alone = pd.DataFrame(War(scenario, np.array([7]), 3).run().recorder.runs())
    pd.testing.assert_frame_equal(many[7:8].reset_index(drop=True), alone, check_exact=True)


def test_the_mirror_of_a_war_has_the_mirror_of_its_patron():
    """A client is a client on either side: roles swapped, what it does to both is swapped."""
    nobody = {"events": {}, "raids": {}, "mechanisms": {}}
    data = war(**nobody, patrons={"friend": patron(counsel=None)})
    for side in data["sides"].values():
        side |= {"tempo": None, "retaliation": None}
    data["front"]["p_move"] = figure(0)
    data["minds"]["attacker"] = data["minds"]["defender"]
    plain = War(Scenario.model_validate(data), 5, 3)
    data["patrons"]["friend"]["backs"] = "defender"
    mirrored = War(Scenario.model_validate(data), 5, 3)
    one, other = (model.negotiators for model in (plain, mirrored))
    for side, opposite in (("attacker", "defender"), ("defender", "attacker")):
        got = other[opposite].reservation
        np.testing.assert_array_equal(one[side].reservation, got)


def test_who_is_guaranteed_by_nobody_is_not():
    model = fought(friend=patron())
    assert (model.guarantee("defender") == 0).all()
    with pytest.raises(KeyError, match="enemy"):
        model.guarantee("enemy")


class Watcher(Negotiator):
    """A negotiator of one's own, whose mind may hang on what it has and gets."""

    __slots__ = ("told",)

    def think(self, other):
        super().think(other)
        self.told = self.news(other)


def test_a_negotiator_of_ones_own_is_told_what_it_has_and_gets():
    """One of the house that holds no mechanism which looks ahead is not, as nothing reads it."""
    data = war(mechanisms={}, patrons={"friend": patron(guarantee=figure(0.3))})
    model = War(Scenario.model_validate(data), 3, negotiators={"attacker": Watcher})
    model.step()
    mind = model.negotiators["attacker"]
    assert (model.guarantee("attacker") > 0.0).all()
    np.testing.assert_array_equal(mind.told.guarantee, model.guarantee("attacker"))
    np.testing.assert_array_equal(mind.told.stock_usd, model.stock_usd("attacker"))


def test_what_a_patron_does_is_worked_out_again_once_anything_of_it_has_moved():
    """What is kept from day to day gives what would be worked out anew, on every day."""
    patrons = {
        "friend": patron(stake=figure(0), proposal={"kind": "division", "lean": figure(-1)}),
        "uncle": patron(backs="defender", patience=figure(2)),
    }
    model = War(Scenario.model_validate(war(patrons=patrons)), 4, 3)
    moved = 0
    while model.running:
        model.step()
        for name, outsider in model.patrons.items():
            kept = [getattr(outsider, what) for what in KEPT]
            anew = copy.copy(outsider)
            for what in ("_given", "_pressure", "_punishes", "_guarantee"):
                setattr(anew, what, Kept())
            for was, now in zip(kept, [getattr(anew, what) for what in KEPT], strict=True):
                np.testing.assert_array_equal(was, now, err_msg=name)
            moved += bool((outsider.p_withdraws > 0.0).any())
    assert moved


KEPT = ("given", "p_withdraws", "p_sanctions", "guarantee")


def test_supply_follows_the_patron():
    """From the day after it has withdrawn, no part of its aid comes."""
    leaves = {"threat": {"credibility": figure(0.5)}, "stake": figure(0), "counsel": None}
    data = war(patrons={"friend": patron(**leaves)}, mechanisms={})
    data["sides"]["attacker"]["aid"] = {"share": figure(1), "response": figure(1)}
    data["patrons"]["friend"]["aid"]["part"] = figure(1)
    data["patrons"]["friend"]["proposal"]["lean"] = figure(-1)
    data["minds"]["attacker"]["p_win"] = data["minds"]["defender"]["p_win"] = figure(0.9)
    data["raids"], data["events"] = {}, {}
    for side in data["sides"].values():
        side |= {"tempo": None, "retaliation": None}
    model = War(Scenario.model_validate(data), 6, 3)
    model.step()  # the first meeting
    assert model.patrons["friend"].withdrawn.any()
    gone = model.patrons["friend"].withdrawn
    before = model.attackers["attacker"].stock["fpv"]
    model.step()
    grown = model.attackers["attacker"].stock["fpv"] - before
    assert (grown[gone] == 0).all()
    assert (grown[~gone] > 0).all()


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["patrons.moon.proposal=null"], "depends on the patron's proposal"),
        (["patrons.moon.hears.truth=0", "patrons.moon.hears.own_report=0"], "all weights may be 0"),
        (["patrons.moon.backs=nobody"], "'nobody' is not in sides"),
        (["patrons.moon.proposal={kind: ceasefire}", "talks.ceasefire=null"], "talks.ceasefire"),
        (["patrons.moon.threat.made=2026-01-01"], "outside the campaign"),
    ],
)
def test_what_a_scenario_may_not_say_of_a_patron(everything, overrides, said):
    with pytest.raises(ScenarioError, match=said):
        load(everything, overrides)


def test_a_side_has_no_more_to_rest_on_aid_than_all(everything):
    second = "patrons={" + ", ".join(
        f"{name}: {{title: T, 'on': true, backs: hares, p_win: {x}, confidence: {x}, weight: {x}, "
        f"hears: {{truth: {x}, own_report: {x}, enemy_report: {x}}}, expected_loss: {x}, "
        f"expected_gain: {x}, foresight: {x}, stake: {x}, price: {x}, aid: {{part: {x}, "
        f"prospects: {x}, relief: {x}, foreseen: {x}, response: {x}}}}}"
        for name, x in (("one", "{value: 0.6, assumed: x}"), ("two", "{value: 0.5, assumed: x}"))
    ) + "}"  # fmt: skip
    with pytest.raises(ScenarioError, match=r"patrons.two.aid.prospects: may add up to 1.1"):
        load(everything, [second])


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    from pathlib import Path

    folder = tmp_path_factory.mktemp("patrons")
    (folder / "sources.yaml").write_text("field2025: {title: A}\nprice2024: {title: B}\n")
    here = Path(__file__).parents[1] / "everything.yaml"
    (folder / "everything.yaml").write_text(here.read_text())
    return folder / "everything.yaml"


STOPS = {"kind": "ceasefire"}


@pytest.mark.parametrize("proposal", [{"kind": "division", "lean": figure(0.05)}, STOPS])
def test_one_that_stands_aside_in_a_row_leaves_every_byte_of_it(proposal):
    """Rows in turn without it, and with: as the wars without it, and as those with it."""
    data = war(patrons={"friend": patron(proposal=proposal)})
    runs = np.repeat(np.arange(8), 2)
    acts = np.tile((False, True), 8)
    both = War(Scenario.model_validate(data), runs, 3, strengths={"patrons.friend": acts}).run()
    got = both.recorder.runs()
    for on in (False, True):
        data = war(patrons={"friend": patron(proposal=proposal, on=on)})
        alone = War(Scenario.model_validate(data), 8, 3).run().recorder.runs()
        for name, values in alone.items():
            np.testing.assert_array_equal(got[name][acts == on], values, f"{name}, {on}")
    assert (got["friend_withdrawn_day"][~acts] != got["friend_withdrawn_day"][~acts]).all()


def test_how_strongly_a_patron_acts_is_0_or_1():
    scenario = Scenario.model_validate(war(patrons={"friend": patron()}))
    with pytest.raises(ExperimentError, match="a patron acts or not, expected 0 or 1 a row"):
        War(scenario, 2, strengths={"patrons.friend": np.array([0.5, 1.0])})
    with pytest.raises(ExperimentError, match="no mechanism or patron that is on"):
        War(scenario, 2, strengths={"patrons.uncle": np.ones(2)})


def test_theories_may_switch_a_patron():
    """Beside mechanisms, as `patrons.NAME`: on in the war, and named in its tables."""
    asked = {
        "kind": "theories", "name": "cards", "title": "T", "question": "Q?", "runs": 2,
        "scenario": "spiderweb.yaml", "mechanisms": ["cost", "patrons.united-states"],
        "region": {"half_width": 0.01, "because": "a guess"},
    }  # fmt: skip
    question = theories.question(Theories.model_validate(asked), FOLDER)
    assert list(question.scenario.patrons_on) == ["united-states"]
    assert question.scenario.mechanisms.switched_on == ("cost",)
    every = np.array([[False, False], [True, False], [False, True], [True, True]])
    effects = theories.run_chunk(question, np.arange(12), every)["effects"]
    plain = load(FOLDER / "spiderweb.yaml")
    off = {name: np.zeros(12, np.bool_) for name in plain.mechanisms.switched_on}
    alone, without = (
        War(scenario, 12, 1, strengths=off).run().recorder.daily[question.day]["r_u"]
        for scenario in (plain, load(FOLDER / "spiderweb.yaml", without=[f"raids.{plain.focus}"]))
    )
    silent = effects["theory"] == 0
    np.testing.assert_array_equal(
        effects["r_u, the raid's day"][silent], (alone - without).astype(np.float32)
    )
    assert effects["flown"].any()
    moved = effects["r_u, the raid's day"]
    assert (moved[effects["theory"] == 2] != moved[silent]).any()


def test_theories_may_not_switch_what_is_not_there():
    asked = {
        "kind": "theories", "name": "cards", "title": "T", "question": "Q?", "runs": 2,
        "scenario": "spiderweb.yaml", "mechanisms": ["patrons.united-state"],
        "region": {"half_width": 0.01, "because": "a guess"},
    }  # fmt: skip
    with pytest.raises(ExperimentError, match=r"did you mean 'patrons\.united-states'"):
        theories.question(Theories.model_validate(asked), FOLDER)
