"""Choices and games put to wars: planted ones are found, and what must not matter does not."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from strategies import figure, position, scenario, shooter, site, wave, weapon

import sim
from sim.experiment.choice.options import Catalogue
from sim.experiment.choice.robustness import maximin, regret
from sim.experiment.errors import ExperimentError
from sim.experiment.questions.choose import Question as Choosing
from sim.experiment.questions.play import Question as Playing
from sim.scenario.errors import ScenarioError
from sim.scenario.experiment import Choice, Game, Options
from sim.scenario.load import load_experiment

VALUES = {"large": 10, "middle": 6, "small": 3}
PLACES = {"large": (50.0, 36.0), "middle": (51.0, 37.0), "small": (52.0, 38.0)}
GUARD = {"gun": {"count": figure(1)}}


def three_sites(p_kill: float = 1.0) -> dict[str, Any]:
    """Three sites with one thing each, of different value, and a raid of one drone at one of them.

    A gun kills the drone with a chance, otherwise it destroys what is there.
    """
    sites = {
        name: site(place, assets={"plane": {"count": figure(1)}}) | {"defence": {}}
        for name, place in PLACES.items()
    }
    built = scenario(
        sites=sites,
        waves={"one": wave(1, ["large"], launch="simultaneous", launch_from="wood")},
        launch_areas={"wood": {"title": "wood", "side": "attacker", "position": position(51, 35)}},
        units={
            "gun": shooter(
                p_kill={"fpv": figure(p_kill)},
                max_shots=figure(1),
                detection_rate=figure(1e6, "1/h"),
            )
        },
        weapons={"fpv": weapon()},
    )
    data = built.model_dump(mode="json", exclude_unset=True)
    for name, value in VALUES.items():
        data["assets"][name] = data["assets"]["plane"] | {"value": figure(value * 1e6, "USD")}
        data["sites"][name]["assets"] = {name: {"count": figure(1)}}
        data["sites"][name]["title"] = name
    return data


def written(folder: Path, war: dict[str, Any], name: str = "war") -> Path:
    (folder / f"{name}.yaml").write_text(json.dumps(war, default=str))
    return folder


def guards() -> dict[str, Any]:
    return {name: {"set": {f"sites.{name}.defence": GUARD}} for name in VALUES}


def targets() -> dict[str, Any]:
    return {name: {"set": {"raids.strike.waves.one.at": [name]}} for name in VALUES}


def game(folder: Path, runs: int = 20, **changes: Any) -> Game:
    asked = {
        "kind": "game", "name": "guard", "title": "One guard", "question": "Where?",
        "scenario": "war.yaml", "runs": runs,
        "players": {
            "guard": {
                "options": {"levers": {"guard": guards()}},
                "wants": {"outcome": "strike_lost_usd", "better": "small"},
            },
            "raider": {
                "options": {"levers": {"target": targets()}},
                "wants": {"outcome": "strike_lost_usd", "better": "large"},
            },
        },
    } | changes  # fmt: skip
    (folder / "game.yaml").write_text(json.dumps(asked))
    read = load_experiment(folder / "game.yaml")
    assert isinstance(read, Game)
    return read


def choice(folder: Path, **changes: Any) -> Choice:
    """Where to put one gun if the raid comes at each site with some chance."""
    asked = {
        "kind": "choice", "name": "guard", "title": "One guard", "question": "Where?",
        "scenario": "war.yaml", "runs": 200, "more": 0,
        "options": {"levers": {"guard": guards()}},
        "uncertainties": {
            "target": {
                name: {"chance": chance, "because": "a test", **targets()[name]}
                for name, chance in (("large", 0.2), ("middle", 0.3), ("small", 0.5))
            }
        },
        "objectives": {"strike_lost_usd": {"better": "small"}},
    } | changes  # fmt: skip
    (folder / "choice.yaml").write_text(json.dumps(asked))
    read = load_experiment(folder / "choice.yaml")
    assert isinstance(read, Choice)
    return read


# --- games ---------------------------------------------------------------------------------------


def test_one_guard_and_three_sites_are_worth_what_is_known_of_them(tmp_path):
    """The security game of section 13, fought: values 10, 6, 3: 3.75, cover .625, .375, 0."""
    read = game(written(tmp_path, three_sites()))
    found = Playing(read, tmp_path).answer(tmp_path / "out", workers=1)
    (told,) = found.figures["budgets"]
    assert told["value"] == pytest.approx(3.75e6)
    assert told["low"] == pytest.approx(3.75e6)
    assert told["high"] == pytest.approx(3.75e6)
    assert told["mixes"][0] == {"large": pytest.approx(0.625), "middle": pytest.approx(0.375)}
    assert told["as_good"] == [2, 2]  # a guard of the smallest saves nothing that is attacked
    assert told["seen_first"]["option"] == "large"
    assert told["seen_first"]["answer"] == "middle"
    assert told["seen_first"]["value"] == pytest.approx(6e6)


def test_a_game_with_luck_holds_the_known_value_and_says_how_sure(tmp_path):
    """A gun that misses every other time: a guard halves what is lost; 5.625 by hand."""
    written(tmp_path, three_sites(0.5))
    value = 1e6 * (1.5 / (1 / 10 + 1 / 6))  # two sites: cover c with v (1 - c / 2) equal
    read = game(tmp_path, runs=400)
    (told,) = Playing(read, tmp_path).answer(tmp_path / "out", workers=1).figures["budgets"]
    assert told["low"] <= value <= told["high"]
    assert told["high"] - told["low"] < 2e6
    table = Playing(read, tmp_path).answer(tmp_path / "out", workers=1).frames["mixes"]
    own = table[table["player"] == "guard"].set_index("option")
    assert abs(own.loc["large", "chance"] - (2 - 2 * value / 1e7)) < 2 * own.loc["large", "±"] + 0.1


@pytest.mark.thorough
def test_whatever_the_seed_the_interval_holds_the_known_value(tmp_path):
    """5.625, as above; of twenty seeds at most two may miss, where one is expected."""
    written(tmp_path, three_sites(0.5))
    held = 0
    for seed in range(1, 21):
        read = game(tmp_path, runs=120, seed=seed)
        out = tmp_path / f"seed-{seed}"
        (told,) = Playing(read, tmp_path).answer(out, workers=1).figures["budgets"]
        held += told["low"] <= 5.625e6 <= told["high"]
    assert held >= 18


@pytest.mark.thorough
def test_whatever_the_seed_a_wrong_option_is_never_surely_the_best(tmp_path):
    """A gun at the largest saves 2.0 of 5.3 million on average, at the middle one 1.8."""
    written(tmp_path, three_sites())
    right = {"large": 3.3e6, "middle": 3.5e6}
    for seed in range(1, 11):
        read = choice(tmp_path, runs=400, seed=seed)
        found = Choosing(read, tmp_path).answer(tmp_path / f"seed-{seed}", workers=1)
        best = found.figures["budgets"][0]["best"]
        assert best["option"] == "large" or best["p_best"] < 0.95
        lost = best["objectives"]["strike_lost_usd"]
        assert abs(lost["mean"] - right[best["option"]]) < 2.0 * lost["error"]


def test_convergence_is_what_is_answered_when_asked_for_fewer_wars(tmp_path):
    """Each line of it is the answer to the same question asked with so many wars."""
    limit = {"few": {"outcome": "strike_lost_usd", "at_most": 5e6, "in_share": 0.65}}
    changes = {"constraints": limit, "seed": 3}
    written(tmp_path, three_sites())
    whole = Choosing(choice(tmp_path, runs=160, more=300, **changes), tmp_path)
    (told,) = whole.answer(tmp_path / "out", workers=1).figures["budgets"]
    assert [one["fewest_wars"] for one in told["convergence"]] == [20, 40, 80, 160, 160]
    for line in told["convergence"][:-1]:
        asked = choice(tmp_path, runs=line["fewest_wars"], more=0, **changes)
        found = Choosing(asked, tmp_path).answer(tmp_path / "fewer", workers=1)
        (then,) = found.figures["budgets"]
        assert line["best"] == (then["best"] and then["best"]["option"])
        places = list(found.frames["options"]["place"])
        assert line["on_front"] == places.count("on the front")
        assert line["open"] == places.count("open")
    assert told["convergence"][-1]["best"] == told["best"]["option"]
    assert told["convergence"][-1]["most_wars"] > 160


def test_pairs_that_nobody_would_come_to_are_not_fought(tmp_path):
    worse = {f"bad {k}": {"set": {"sites.small.decoy_targets": figure(0)}} for k in range(9)}
    players = game(written(tmp_path, three_sites())).model_dump(mode="json")["players"]
    players["guard"]["options"]["levers"] = {"guard": guards() | worse}
    read = game(tmp_path, players=players)
    found = Playing(read, tmp_path).answer(tmp_path / "out", workers=1)
    assert found.figures["budgets"][0]["value"] == pytest.approx(3.75e6)
    assert found.figures["pairs"] == 36
    assert found.figures["pairs_fought"] < 36


def test_wants_that_are_not_opposed_end_where_nobody_gains_by_another_option(tmp_path):
    """The raider wants a spread of ruin for its own money: both outcomes are told."""
    players = game(written(tmp_path, three_sites())).model_dump(mode="json")["players"]
    players["raider"]["wants"] = {"outcome": "strike_spent_usd", "better": "small"}
    found = Playing(game(tmp_path, players=players), tmp_path).answer(tmp_path / "out", workers=1)
    (told,) = found.figures["budgets"]
    assert found.figures["is_opposed"] is False
    assert max(told["gain_by_deviating"]) < 1e5
    assert found.figures["pairs_fought"] == 9
    assert "bound" in told


def test_money_over_several_wars_is_divided_and_what_is_lost_adds_up(tmp_path):
    """Ten drones at a site of ten things: one a night for ten nights is as much as ten at once."""
    war = three_sites()
    war["sites"]["large"]["assets"]["large"]["count"] = figure(1000)
    war["raids"]["strike"]["waves"]["one"] |= {"budget": figure(0, "USD"), "aim": "opportune"}
    del war["raids"]["strike"]["waves"]["one"]["count"]
    players = game(written(tmp_path, war)).model_dump(mode="json")["players"]
    players["guard"]["options"] = {"levers": {"guard": {"none": {}}}}
    drones = {"set": "raids.strike.waves.one.budget"}
    nothing = {"set": "assets.plane.value"}  # of which there is none
    written(tmp_path, war)
    players["raider"]["options"] = {
        "budget": ["10 USD"],
        "levers": {"nights": {"one": {}, "ten": {"wars": 10}}},
        "shares": {"parts": 1, "classes": {"drones": drones, "nothing": nothing}},
    }
    question = Playing(game(tmp_path, players=players), tmp_path)
    found = question.answer(tmp_path / "out", workers=1)
    lost = found.frames["pairs"].set_index("raider")["strike_lost_usd"]
    assert lost["one; drones"] == pytest.approx(lost["ten; drones"], rel=0.02)
    assert lost["one; nothing"] == lost["ten; nothing"] == 0.0


# --- choices -------------------------------------------------------------------------------------


def test_the_best_option_is_that_which_saves_most_by_hand(tmp_path):
    """Expected loss with a gun at each site: all of 2 + 1.8 + 1.5 but what is saved there."""
    read = choice(written(tmp_path, three_sites()), runs=2000)
    found = Choosing(read, tmp_path).answer(tmp_path / "out", workers=1)
    (told,) = found.figures["budgets"]
    assert told["best"]["option"] == "large"
    table = found.frames["options"].set_index("option")
    wars = np.arange(2000)
    held = Choosing(read, tmp_path).wars.worlds.settings(wars)["target"]
    names = sorted(VALUES)
    lost = {
        own: np.array([0.0 if names[k] == own else 1e6 * VALUES[names[k]] for k in held])
        for own in VALUES
    }
    for own, values in lost.items():
        assert table.loc[own, "strike_lost_usd"] == pytest.approx(values.mean())
        assert table.loc[own, "maximin"] == values.max()
    gains = -np.stack([lost[name] for name in table.index])
    assert list(table["minimax_regret"]) == list(regret(gains).max(axis=1))
    assert list(-table["maximin"]) == list(maximin(gains))
    share = np.bincount(held, minlength=3) / 2000
    assert np.abs(share - [0.2, 0.3, 0.5]).max() < 0.04
    known = found.frames["worth"].set_index("figure")["worth"]
    everything = told["evpi"]["value"]
    assert everything == pytest.approx(lost["large"].mean())  # who knows the target loses nothing
    assert known.max() <= everything + 1.0


def test_what_does_not_matter_changes_nothing(tmp_path):
    """The order of options and levers in the file, and a free option that sets nothing new."""
    written(tmp_path, three_sites(0.5))
    turned = {
        "options": {"levers": {"guard": dict(reversed(guards().items()))}},
        "uncertainties": {
            "target": dict(
                reversed(choice(tmp_path).model_dump()["uncertainties"]["target"].items())
            )
        },
    }
    one, other = (
        Choosing(choice(tmp_path, more=300, **changed), tmp_path).answer(tmp_path / out, workers=1)
        for changed, out in (({}, "one"), (turned, "other"))
    )
    assert one.figures == other.figures
    pd.testing.assert_frame_equal(one.frames["options"], other.frames["options"])
    free = {"options": {"levers": {"guard": guards() | {"twin": guards()["large"]}}}}
    third = Choosing(choice(tmp_path, **free), tmp_path).answer(tmp_path / "third", workers=1)
    rows = third.frames["options"].set_index("option")
    assert rows.loc["twin", "strike_lost_usd"] == rows.loc["large", "strike_lost_usd"]
    assert rows.loc["twin", "place"] == rows.loc["large", "place"]


PRICED = {
    "strike_lost_usd": {"better": "small", "weight": 1},
    "price_usd": {"title": "price", "better": "small"},
}


@pytest.mark.parametrize("more", [0, 300])
def test_of_options_as_good_in_every_war_the_dearer_is_never_chosen(tmp_path, more):
    """A dominated option, though its name comes first and whatever wars it gets."""
    twin = guards()["large"] | {"price": {"buying": figure(1e6, "USD")}}
    options = {"levers": {"guard": guards() | {"a gilded one": twin}}}
    read = choice(
        written(tmp_path, three_sites(0.5)), objectives=PRICED, more=more, options=options
    )
    found = Choosing(read, tmp_path).answer(tmp_path / "out", workers=1)
    (told,) = found.figures["budgets"]
    table = found.frames["options"].set_index("option")
    assert table.loc["a gilded one", "place"] == "off the front"
    assert told["best"]["option"] == "large"
    assert told["convergence"][-1]["best"] == "large"
    assert "a gilded one" not in [line["best"] for line in told["convergence"]]
    assert told["best"]["next"] == {"option": "a gilded one", "behind": 0.0, "error": 0.0}
    answer = sim.choose(tmp_path / "choice.yaml", out=tmp_path / "out", workers=1)
    assert "a gilded one, is as good in every war" in "".join(answer.sections()[0].lines)
    (of_options,) = (one for one in answer.sections() if one.heading == "Options")
    assert of_options.rows[0][0] == "large"


def unsure_guns(p_kill: dict[str, Any] | None = None) -> dict[str, Any]:
    """A gun that may be as good as none or never miss, or a middling one that is known."""
    of_a_gun = {"sites.large.defence": GUARD}
    known = {"units.gun.p_kill.fpv": figure(0.5)}
    unsure = {"units.gun.p_kill.fpv": figure(0.4, low=0.0, high=1.0) | (p_kill or {})}
    return {
        "known": {"set": of_a_gun | known},
        "unsure": {"set": of_a_gun | unsure},
    }


def of_guns(tmp_path: Path, guns: dict[str, Any], out: str) -> Any:
    read = choice(
        written(tmp_path, three_sites()), options={"levers": {"gun": guns}}, uncertainties={},
        runs=1000,
    )  # fmt: skip
    return Choosing(read, tmp_path).answer(tmp_path / out, workers=1)


def test_a_figure_that_an_option_sets_is_worth_knowing_whoever_fought_the_wars(tmp_path):
    """A gun that misses half of the time against one of an unknown chance p, mean (0 + .4 + 1) / 3.

    To know p is worth 10 million times the mean of what p is above 1/2: with the triangle's density
    2 (1 - p) / .6 there, ∫ (p - 1/2) (1 - p) / .3 = 1/14.4. Without it the known gun is taken.
    """
    first, again = (of_guns(tmp_path, unsure_guns(), "out") for _ in range(2))
    worth = first.frames["worth"].set_index("figure").loc["units.gun.p_kill.fpv"]
    assert abs(worth["worth"] - 1e7 / 14.4) < 1.5 * worth["±"]
    assert worth["worth"] > 2 * worth["±"]
    for name, table in first.frames.items():
        pd.testing.assert_frame_equal(table, again.frames[name])
    assert first.figures == again.figures
    (rival,) = first.figures["budgets"][0]["overturned"]
    assert set(rival["box"]) == {"units.gun.p_kill.fpv"}


def test_a_figure_with_several_ranges_is_known_by_its_quantile(tmp_path):
    better = {"value": 0.5, "low": 0.2, "high": 1.0}
    guns = unsure_guns() | {"better": unsure_guns(better)["unsure"]}
    found = of_guns(tmp_path, guns, "out")
    worth = found.frames["worth"].set_index("figure")
    assert "units.gun.p_kill.fpv" not in worth.index
    assert worth.loc["units.gun.p_kill.fpv (quantile)", "±"] > 0.0
    figures = Choosing(choice(tmp_path), tmp_path).wars.figures(np.arange(9))
    assert not [name for name in figures if "quantile" in name]


def test_a_box_is_judged_on_the_wars_that_it_was_not_found_on(tmp_path):
    found = of_guns(tmp_path, unsure_guns(), "out")
    (rival,) = found.figures["budgets"][0]["overturned"]
    ((low, high),) = rival["box"].values()
    read = choice(tmp_path, options={"levers": {"gun": unsure_guns()}}, uncertainties={}, runs=1000)
    question = Choosing(read, tmp_path)
    question.answer(tmp_path / "out", workers=1)
    known = question.wars.figures(np.arange(1000))["units.gun.p_kill.fpv"]
    within = (known >= (low or 0.0)) & (known <= (high or 1.0))
    lost = [question.wars.values((k, 0))[:, 0] for k in (0, 1)]  # known, unsure
    judged = np.arange(1000) % 2 == 1
    assert rival["mass"] == pytest.approx(within[judged].mean())
    assert rival["gain"] == pytest.approx((lost[0] - lost[1])[judged & within].mean())


def test_workers_and_what_is_found_again_give_the_same(tmp_path):
    read = choice(written(tmp_path, three_sites(0.5)), more=400, runs=60)
    first = Choosing(read, tmp_path).answer(tmp_path / "out", workers=2)
    again = Choosing(read, tmp_path).answer(tmp_path / "out", workers=1)  # all of it is found
    alone = Choosing(read, tmp_path).answer(tmp_path / "alone", workers=1)
    for other in (again, alone):
        assert first.figures == other.figures
        for name, table in first.frames.items():
            pd.testing.assert_frame_equal(table, other.frames[name])
    assert first.figures["wars"] == 60 * 3 + 400


def test_more_wars_go_where_they_decide(tmp_path):
    """Two options that are close, and one that is far behind, which gets no more."""
    war = three_sites(0.5)
    war["assets"]["middle"]["value"] = figure(9.5e6, "USD")
    written(tmp_path, war)
    even = {
        "target": {
            name: {"chance": 1 / 3, "because": "a test", **targets()[name]} for name in VALUES
        }
    }
    read = choice(tmp_path, runs=40, more=900, uncertainties=even)
    table = Choosing(read, tmp_path).answer(tmp_path / "out", workers=1).frames["options"]
    wars = table.set_index("option")["wars"]
    assert wars["large"] + wars["middle"] > 6 * wars["small"]


def test_a_constraint_rules_out_what_does_not_meet_it(tmp_path):
    few = {"few": {"outcome": "strike_lost_usd", "at_most": 6e6, "in_share": 0.95}}
    read = choice(written(tmp_path, three_sites()), constraints=few)
    (told,) = Choosing(read, tmp_path).answer(tmp_path / "out", workers=1).figures["budgets"]
    assert told["best"]["option"] == "large"
    assert told["fitting"] == 1
    none = {"none": {"outcome": "strike_lost_usd", "at_most": 0.0, "in_share": 0.95}}
    read = choice(tmp_path, constraints=none)
    (told,) = Choosing(read, tmp_path).answer(tmp_path / "out", workers=1).figures["budgets"]
    assert told["best"] is None
    assert told["fitting"] == 0


def priced(*budgets: str, parts: int = 2) -> dict[str, Any]:
    """Guns at any of two sites, at a million each, more or less."""
    each = {"value": 1e6, "low": 5e5, "high": 2e6, "unit": "USD", "assumed": "a test"}
    classes = {
        name: {"set": f"sites.{name}.defence.gun.count", "price": {"buying": each}}
        for name in ("large", "middle")
    }
    return {"budget": list(budgets), "shares": {"parts": parts, "classes": classes}}


@pytest.fixture
def armed(tmp_path):
    war = three_sites(0.2)
    for place in war["sites"].values():
        place["defence"] = {"gun": {"count": figure(0)}}
    return written(tmp_path, war)


def test_more_budget_is_never_worse(armed):
    """Options of a smaller budget are options of a larger one, so the best of it is as good."""
    budgets = ("1 MUSD", "3 MUSD", "9 MUSD")
    read = choice(armed, options=priced(*budgets), runs=100)
    found = Choosing(read, armed).answer(armed / "out", workers=1)
    best = [
        told["best"]["objectives"]["strike_lost_usd"]["mean"] for told in found.figures["budgets"]
    ]
    assert best[0] >= best[1] >= best[2]
    assert best[0] > best[2]
    table = found.frames["options"]
    within = table.groupby("budget_usd").size()
    assert within.to_list() == [3, 6, 9]


@pytest.mark.parametrize("seed", [1, 6])
def test_more_budget_is_never_told_to_be_worse_by_luck(armed, seed):
    """Where more wars were fought of one budget's best option than of another's."""
    budgets = ("1 MUSD", "1.5 MUSD", "3 MUSD", "4 MUSD", "9 MUSD")
    read = choice(armed, options=priced(*budgets, parts=3), runs=40, more=6000, seed=seed)
    found = Choosing(read, armed).answer(armed / "out", workers=1)
    best = [told["best"] for told in found.figures["budgets"]]
    means = [one["objectives"]["strike_lost_usd"]["mean"] for one in best]
    assert means == sorted(means, reverse=True)
    assert len({one["wars"] for one in best}) == 1


def test_a_share_of_the_budget_buys_whole_pieces_at_the_price_of_the_war():
    asked = Options.model_validate(priced("10 MUSD", parts=4) | {"years": 3})
    shares = asked.shares
    assert shares is not None
    yearly = {"value": 1e5, "unit": "USD", "assumed": "a test"}
    both = {"price": shares.classes["large"].price, "rounds": yearly}
    assert both["price"] is not None
    catalogue = Catalogue(asked, "options")
    runs = np.arange(500)
    for option in catalogue.options:
        bought = catalogue.bought(option, 1, runs)
        for name, parts in option.parts:
            counts = bought.figures[f"sites.{name}.defence.gun.count"]
            price = catalogue.block.shares.classes[name].price  # type: ignore[union-attr]
            assert price is not None
            each = catalogue._price(price, f"options.shares.classes.{name}.price", 1, runs)
            assert (counts == np.floor(1e7 * parts / 4 / each)).all()
        assert (bought.price_usd <= 1e7 + 1e-6).all()
        assert (bought.price_usd > 0.0).all()


def test_years_count_for_manning_and_rounds_alone():
    each = {"value": 100.0, "unit": "USD", "assumed": "a test"}
    level = {"count": figure(3), "price": {"buying": each, "manning": each, "rounds": each}}
    levers = {"levers": {"guns": {"none": {}, "some": level}}, "years": 2.5}
    catalogue = Catalogue(Options.model_validate(levers), "options")
    prices = [catalogue.bought(option, 1, np.arange(3)).price_usd for option in catalogue.options]
    assert [price.tolist() for price in prices] == [[0.0] * 3, [3 * (100 + 2.5 * 200)] * 3]


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"options": {"levers": {"a": {"b": {"wars": 0}}}}}, "wars"),
        ({"options": {}}, "no options, expected levers or shares"),
        ({"options": {"levers": {"a": {}}}}, "without levels"),
        ({"options": {"budget": ["2 MUSD", "1 MUSD"], "levers": {"a": {"b": {}}}}}, "do not rise"),
        ({"options": {"budget": "2 MUSD", "levers": {"a": {"b": {}}}}}, "'2 MUSD' is no list"),
        ({"options": {"budget": ["2"], "levers": {"a": {"b": {}}}}}, "unit is missing"),
        ({"options": {"budget": ["2 km"], "levers": {"a": {"b": {}}}}}, "expected"),
        ({"options": {"levers": {"a": {"b": {"count": figure(2)}}}}}, "a count without a price"),
        ({"options": {"levers": {"a": {"b": {"price": {}}}}}}, "nothing has a price"),
        ({"uncertainties": {"t": {"a": {"chance": 0.5, "because": "x"}}}}, "add up to 0.5"),
        ({"constraints": {"c": {"outcome": "z_end", "in_share": 0.5}}}, "at_most or at_least"),
        ({"objectives": {}}, "at least 1"),
    ],
)  # fmt: skip
def test_a_file_that_makes_no_choice_is_refused_with_its_place(tmp_path, changed, told):
    written(tmp_path, three_sites())
    with pytest.raises(ScenarioError, match=told):
        choice(tmp_path, **changed)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"options": priced("1 USD") | {"levers": {"a": {"b": {"count": figure(9), "price": {
            "buying": figure(9, "USD")}}}}}}, "no option can be paid for"),
        ({"options": {"levers": {"a": {str(k): {} for k in range(50)},
                                 "b": {str(k): {} for k in range(50)}}}}, "expected at most"),
        ({"options": {"levers": {"a": {"b": {"set": {"raids.strike.waves.one.at": ["small"]}}}}}},
         "set by one of them"),
        ({"options": {"budget": ["9 MUSD"], "shares": {"parts": 1, "classes": {
            "a": {"set": "no.such"}, "b": {"set": "weapons.fpv.p_hit"}}}}}, "is no figure"),
        ({"objectives": {"no_such": {"better": "small"}}}, "no 'no_such' among"),
        ({"objectives": {"run": {"better": "small"}}}, "no 'run' among"),
        ({"options": {"levers": {"a": {"b": {"set": {"sites.lage.defence.gun.count": 2}}}}}},
         r"options\.levers\.a\.b: sites\.lage\.defence\.gun\.count: no 'lage' in sites, did"),
        ({"uncertainties": {"u": {"v": {"chance": 1, "because": "x",
                                        "set": {"weapons.fpv.p_hit": 7}}}}},
         r"uncertainties\.u\.v: weapons\.fpv\.p_hit: value 7 is out of bounds"),
        ({"options": {"budget": ["9 MUSD"], "shares": {"parts": 1, "classes": {
            "a": {"set": "sites.large.defence.gun.count"}, "b": {"set": "assets.plane.value"}}}},
          "constants": {"sites.large.defence": GUARD}},
         "classes.a: without a price .* expected a price, or a figure in USD"),
        ({"options": {"budget": ["9 MUSD"], "shares": {"parts": 1, "classes": {
            "a": {"set": "weapons.fpv.p_hit", "price": {"buying": figure(9, "USD")}},
            "b": {"set": "assets.plane.value"}}}}},
         "classes.a: weapons.fpv.p_hit would be set to what is bought, expected a count"),
        ({"options": {"levers": {"a": {"b": {"title": "it"}, "c": {"title": "it"}}}}},
         "2 options are called 'it', expected titles that differ"),
    ],
)  # fmt: skip
def test_a_choice_that_fits_no_war_is_refused_and_nothing_is_left(tmp_path, changed, told):
    written(tmp_path, three_sites())
    read = choice(tmp_path, **changed)
    with pytest.raises(ExperimentError, match=told):
        Choosing(read, tmp_path).answer(tmp_path / "out", workers=1)
    assert not list(tmp_path.glob("out/*/*.parquet"))


def test_an_objective_that_some_wars_do_not_have_is_refused(tmp_path):
    read = choice(written(tmp_path, three_sites()), objectives={"deal_day": {"better": "small"}})
    with pytest.raises(ExperimentError, match="did not happen in 200 of 200"):
        Choosing(read, tmp_path).answer(tmp_path / "out", workers=1)


def test_an_objective_may_be_whether_something_happens(tmp_path):
    objectives = {
        "deal_day": {"better": "large", "happens": True, "weight": 1.0},
        "strike_lost_usd": {"better": "small"},
    }
    read = choice(written(tmp_path, three_sites()), objectives=objectives, runs=40)
    table = Choosing(read, tmp_path).answer(tmp_path / "out", workers=1).frames["options"]
    assert table["deal_day"].tolist() == [0.0, 0.0, 0.0]


def test_both_sides_cannot_spread_their_money(tmp_path):
    players = game(written(tmp_path, three_sites())).model_dump(mode="json")["players"]
    for player, lever in (("guard", "guard"), ("raider", "target")):
        players[player]["options"]["levers"][lever]["large"]["wars"] = 3
    with pytest.raises(ExperimentError, match="both spread money"):
        Playing(game(tmp_path, players=players), tmp_path)


def test_the_command_answers_in_words_and_a_sweep_sends_there(tmp_path, here, sketched):
    choice(written(tmp_path, three_sites()), runs=40)
    told = here("choose", "choice.yaml", "--publish", "published")
    assert told.code == 0, told.err
    assert "choose large" in told.out
    assert (tmp_path / "published" / "options.csv").is_file()
    found = here("choose", "choice.yaml", "--json")
    assert json.loads(found.out)["budgets"][0]["best"]["option"] == "large"
    told = here("experiment", "choice.yaml")
    assert told.code == 2
    assert "sim choose" in told.err
    read = sim.choose(tmp_path / "choice.yaml", runs=40, out=tmp_path / "results", workers=1)
    assert sim.read(read.folder) == read
