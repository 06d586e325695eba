"""Laws that every war obeys, over generated wars."""

import copy
import gc
import inspect
import types
import weakref
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import (
    MECHANISMS,
    RAID,
    figure,
    mechanisms,
    position,
    side_by_side,
    site,
    war,
    wars,
    wave,
)

import sim
from sim.experiment.execution import runner
from sim.raid.arrays import FATES
from sim.raid.fly import fly
from sim.raid.results import results_of
from sim.scenario.schema import Scenario
from sim.war.model import War
from tests.examples import examples

few = examples(25)
fewer = examples(8)  # of laws looked at run by run


def scenario(data):
    return Scenario.model_validate(data)


def fought(data, runs=12, seed=3):
    return War(scenario(data), runs, seed).run()


def frames(data, runs=12, seed=3):
    return dict(sim.run(scenario(data), runs, seed, workers=1, with_days=True).frames)


def assert_same(ours, theirs, but=()):
    assert set(ours) == set(theirs)
    for name in ours:
        one, other = (f[name].drop(columns=list(but), errors="ignore") for f in (ours, theirs))
        pd.testing.assert_frame_equal(one, other)


def test_a_war_that_is_over_leaves_the_memory(tiny):
    over = weakref.ref(War(tiny, 3, 1).run())
    gc.collect()
    assert over() is None


# --- conservation ------------------------------------------------------------------------------


@few
@given(wars())
def test_every_drone_has_exactly_one_fate(data):
    raids = frames(data).get("raids")
    if raids is not None:
        assert (raids[list(FATES)].to_numpy().sum(axis=1) == raids["ordered"]).all()
        assert (raids[list(FATES)].to_numpy() >= 0).all()


@few
@given(wars())
def test_nothing_is_negative_and_nothing_comes_from_nowhere(data):
    model = War(scenario(data), 12, 3)
    start = {side: total(model.defenders[side]) for side in model.defenders}
    full = {side: defender.rounds_left for side, defender in model.defenders.items()}
    while model.running:
        model.step()
        for side, defender in model.defenders.items():
            for state in ("intact", "damaged", "destroyed"):
                assert (getattr(defender, state) >= 0).all()
            assert (total(defender) == start[side]).all()
            assert (defender.rounds_left >= 0).all()
            assert (defender.rounds_left <= full[side]).all()
            assert ((defender.alert >= 0) & (defender.alert <= 1)).all()
            assert ((defender.experience >= 0) & (defender.experience <= 1)).all()
            assert all((stock >= 0).all() for stock in model.attackers[side].stock.values())
        assert all((held >= 0).all() for held in model.mediator.held.values())
        assert ((model.rung >= 0) & (model.rung <= model.rungs)).all()


def total(defender):
    return defender.intact + defender.damaged + defender.destroyed


@few
@given(wars())
def test_drones_come_out_of_stock(data):
    model = fought(data)
    arsenal = "sides.attacker.arsenal.fpv"
    made = model.scenario.days * model.sample[f"{arsenal}.production"]
    flown = model.recorder.runs()[f"{RAID}_wave_ordered"]
    left = model.attackers["attacker"].stock["fpv"]
    np.testing.assert_allclose(left + flown, model.sample[f"{arsenal}.stock"] + made)


MINIMAL = Path(__file__).parents[2] / "scenarios" / "minimal.yaml"
DECOY = (
    "weapons.dummy={title: D, decoy: true, unit_cost: {value: 10000 USD, X}, "
    "speed: {value: 100 km/h, X}, p_works: {value: 1, X}, signature: {value: 1, X}, "
    "jam_susceptibility: {value: 1, X}}"
)
PRICE = "weapons.drone.unit_cost={value: %s, X}"
BUYS = "raids.dawn.waves.first={weapon: drone, at: [airfield], launch_from: coast, %s}"
MADE = "sides.island.arsenal={drone: {stock: {value: 0, X}, production: {value: %s, X}}}"
SHARE = "decoys: {weapon: dummy, share: {value: .45, X}}"


@pytest.mark.parametrize(
    ("ordered", "changes"),
    [
        (1, (MADE % "0.1/day", "raids.dawn.date=2025-01-10")),
        (1, (MADE % "1/week", "raids.dawn.date=2025-01-07")),
        (82, (PRICE % ".1 MUSD", BUYS % "budget: {value: 8.2 MUSD, X}")),
        (82, (PRICE % "100000 USD", BUYS % "budget: {value: 8200 kUSD, X}")),
        (10, (PRICE % "50000 USD", BUYS % f"budget: {{value: 320000 USD, X}}, {SHARE}")),
    ],
)
def test_whole_drones_do_not_hang_on_binary_fractions(ordered, changes):
    """A tenth a day for ten days is one, and money buys the same in any unit."""
    overrides = [change.replace("X", "assumed: for a test") for change in (DECOY, *changes)]
    war = War(sim.load(MINIMAL, overrides, without=["talks"]), 3).run()
    assert war.recorder.runs()["dawn_ordered"].tolist() == [ordered] * 3


@few
@given(wars())
def test_money_adds_up(data):
    found = frames(data)
    runs = found["runs"]
    for side in data["sides"]:
        mine = [n for n, raid in data["raids"].items() if raid["by"] == side]
        theirs = [n for n in data["raids"] if n not in mine]
        spent = sum(runs[f"{name}_spent_usd"] for name in mine)
        lost = sum(runs[f"{name}_lost_usd"] for name in theirs)
        np.testing.assert_allclose(runs[f"{side}_spent_usd"], spent)
        np.testing.assert_allclose(runs[f"{side}_lost_usd"], lost)
    for table, column in (("raids", "spent_usd"), ("losses", "lost_usd"), ("defence", "fired_usd")):
        if table in found:
            by_row = found[table].groupby("run")[column].sum().reindex(runs["run"], fill_value=0.0)
            by_run = sum(runs[f"{name}_{column}"] for name in data["raids"])
            np.testing.assert_allclose(by_row.to_numpy(), by_run.to_numpy(), atol=1e-6)


@few
@given(wars())
def test_no_more_assets_are_hit_than_stood_there(data):
    """Each asset counts once: by a raid on all its days, and by all raids."""
    for kind in data["assets"].values():  # mended soon, so that assets are hit again
        kind["repair_time"] = figure(1, "day")
    model = fought(data)
    runs, losses = model.recorder.runs(), pd.DataFrame(model.recorder.losses())
    groups = {name: kind["group"] for name, kind in data["assets"].items()}
    classes = list(data["assets"])
    for group in set(groups.values()):
        kinds = [classes.index(name) for name in classes if groups[name] == group]
        sides = model.defenders
        stood = {side: total(d)[:, :, kinds].sum(axis=(1, 2)) for side, d in sides.items()}
        ever = [d.destroyed + d.damaged for d in sides.values()]
        least = sum(each[:, :, kinds].sum(axis=(1, 2)) for each in ever)
        hit = runs[f"{group}_hit"]
        assert (hit <= sum(stood.values())).all()
        assert (least <= hit).all()
        columns = [group]
        for name, raid in data["raids"].items():
            enemy = next(side for side in sides if side != raid["by"])
            assert (runs[f"{name}_{group}_hit"] <= stood[enemy]).all()
            assert (runs[f"{name}_{group}_hit"] <= hit).all()
            columns.append(f"{name}_{group}")
        for column in columns:
            destroyed = runs[f"{column}_destroyed"]
            assert ((destroyed >= 0) & (destroyed <= runs[f"{column}_hit"])).all()
            np.testing.assert_array_equal(
                runs[f"{column}_damaged"] + destroyed, runs[f"{column}_hit"]
            )
        by_raids = sum(runs[f"{name}_{group}_hit"] for name in data["raids"])
        assert (hit <= by_raids).all()
        if len(losses):
            mine = losses[losses["asset"].map(groups) == group]
            by_row = mine.groupby("run")["first_hit"].sum().reindex(runs["run"], fill_value=0)
            np.testing.assert_array_equal(by_row, hit)


def test_an_asset_counts_once_however_often_it_is_hit():
    """By hand: each of six planes is damaged every day, and mended before the next raid."""
    data = war()
    data["weapons"]["fpv"] |= {"p_works": figure(1), "p_hit": figure(1), "p_destroy": figure(0)}
    data["sites"]["base"]["defence"] = {}
    data["assets"]["plane"]["repair_time"] = figure(1, "day")
    data["sides"]["attacker"] |= {
        "tempo": {"raid": RAID, "per_day": figure(700, "1/day")},
        "arsenal": {},
    }
    data["reports"]["attacker"]["overclaim"] = figure(3)
    del data["front"], data["talks"]
    model = fought(data)
    runs, losses = model.recorder.runs(), pd.DataFrame(model.recorder.losses())
    assert (runs[f"{RAID}_flown"] == model.scenario.days).all()
    by_run = losses[losses["raid"] == RAID].groupby("run")
    assert (by_run["damaged"].sum() == 6 * model.scenario.days).all()
    for column in ("first_hit", "first_hit_by_raid"):
        assert (by_run[column].sum() == 6).all()
    (group,) = {data["assets"]["plane"]["group"]}
    assert (runs[f"{RAID}_{group}_hit"] == 6).all()
    assert (runs[f"{RAID}_{group}_damaged"] == 6).all()
    np.testing.assert_allclose(runs[f"{RAID}_claimed_hit"], 18)


@few
@given(wars())
def test_losses_are_what_the_drones_did(data):
    found = frames(data)
    if "losses" in found:
        lost = found["losses"].groupby(["run", "day", "site"], observed=True)["destroyed"].sum()
        done = found["raids"].groupby(["run", "day", "site"], observed=True)["destroyed_target"]
        pd.testing.assert_series_equal(lost, done.sum(), check_names=False)


def test_magazines_fill_by_whole_rounds_and_keep_the_rest():
    model, everywhere = War(scenario(war()), 1, 1), np.ones(1, bool)
    defender = model.defenders["defender"]
    orders, defence = (
        model.attackers["attacker"].commit(RAID, everywhere),
        defender.stand_to(model.runs),
    )
    assert defender.rounds_left.tolist() == [[12]]
    orders.flights["drones"] = 0
    nothing_done, _ = fly(1, model.runs, 0, everywhere, orders, defence)
    defence.units["rounds_left"] = 0
    defender.take_stock(model.runs, results_of(nothing_done))
    seen = []
    for _ in range(5):  # .3 of 12 is 3.6 a day
        defender.supply()
        seen.append(int(defender.rounds_left[0, 0]))
    assert seen == [3, 7, 10, 12, 12]


def test_a_raid_puts_only_the_raided_runs_on_alert():
    model = War(scenario(war()), 60, 1)
    defender = model.defenders["defender"]
    while model.running:
        model.step()
        never = model.recorder.runs()[f"{RAID}_flown"] == 0
        assert (defender.alert[never] == 0).all()
        if model.day == 0:
            assert never.any()


def handed_out(thing):
    """All arrays that can be read of a model or an agent by public names, by name."""
    if isinstance(thing, np.ndarray):
        return {"": thing}
    if isinstance(thing, dict):
        parts = thing.items()
    elif isinstance(thing, tuple | list):
        parts = enumerate(thing)
    else:
        return {}
    return {f"[{key}]{name}": a for key, part in parts for name, a in handed_out(part).items()}


def public_parts_of(model):
    """What a user who steps a model by hand can keep of a day: attributes, properties, tables."""
    named = {"model": model, "mediator": model.mediator}
    for group in ("attackers", "defenders", "negotiators"):
        named |= {f"{group}.{side}": agent for side, agent in getattr(model, group).items()}
    publics = {side: mind.public for side, mind in model.negotiators.items() if mind.public}
    named |= {f"publics.{side}": public for side, public in publics.items()}
    kept = {"runs": model.recorder.runs(), "days": model.recorder.days()}
    for owner, thing in named.items():
        state = property, types.MemberDescriptorType
        kind = type(thing)
        declared = (n for n in dir(kind) if isinstance(inspect.getattr_static(kind, n), state))
        own = {*vars(thing), *declared}
        kept |= {f"{owner}.{n}": getattr(thing, n) for n in own if not n.startswith("_")}
    return {what: handed_out(thing) for what, thing in kept.items()}


@fewer
@given(wars())
def test_what_is_handed_out_stays_as_it_was(data):
    model = War(scenario(data), 8, 1)
    kept = []
    while model.running:
        parts = public_parts_of(model)
        kept.append((parts, copy.deepcopy(parts)))
        model.step()
    assert "defenders.defender.lost_usd" in kept[0][0]
    for day, (parts, as_they_were) in enumerate(kept):
        for what, arrays in parts.items():
            for name, array in arrays.items():
                was = as_they_were[what][name]
                np.testing.assert_array_equal(array, was, err_msg=f"{what}{name}, day {day}")


def test_a_step_after_the_last_day_is_refused():
    model = War(scenario(war()), 2, 1).run()
    last = model.day
    with pytest.raises(RuntimeError, match=f"day {last} was the last .* expected no step after it"):
        model.step()
    assert model.day == last


class Watched(War):
    """A war that looks, after each raid, at what changed in the runs in which it did not fly."""

    looked_at = 0

    def _raid(self, name, flown):
        before = state_of(self)
        flown_before = before[f"recorder.{name}_flown"]
        super()._raid(name, flown)
        now = state_of(self)
        flew = now[f"recorder.{name}_flown"] > flown_before
        assert not (flew & ~flown).any()
        for what, after in now.items():
            np.testing.assert_array_equal(after[~flew], before[what][~flew], err_msg=what)
            self.looked_at += int((~flew).sum())


def state_of(model):
    """All that a war keeps of its runs, by name, the run first."""
    kept = {"ceasefire": model.ceasefire, "collapsed": model.collapsed_today}
    kept |= {f"recorder.{name}": column for name, column in model.recorder.runs().items()}
    for side in model.scenario.sides:
        attacker, defender, mind = (
            agents[side] for agents in (model.attackers, model.defenders, model.negotiators)
        )
        never = np.zeros(len(model.runs), bool)
        for day in range(model.scenario.days):
            kept[f"{side}.due.{day}"] = attacker.due.get(day, never)
        kept |= {f"{side}.stock.{name}": stock for name, stock in attacker.stock.items()}
        for agent in (attacker, defender, mind):
            kept |= {
                f"{side}.{name}": value
                for name in type(agent).__slots__
                if isinstance(value := getattr(agent, name), np.ndarray)
            }
        for state in ("rounds_left", "intact", "damaged", "destroyed"):
            kept[f"{side}.{state}"] = getattr(defender, state)
        for name in ("own_loss", "surprise"):
            kept |= {f"{side}.{name}.{of}": v for of, v in getattr(mind, name).items()}
        kept |= believed(side, mind.believers)
    for name, patron in model.patrons.items():
        kept |= believed(name, {"patron": patron.believer})
        kept |= {
            f"{name}.{word}": value
            for word in type(patron).__slots__
            if isinstance(value := getattr(patron, word), np.ndarray)
        }
    return {name: values.copy() for name, values in kept.items()}


def believed(whose, believers):
    """What believers have heard and foresee."""
    kept = {}
    for holder, believer in believers.items():
        kept |= {f"{whose}.{holder}.good": believer.good, f"{whose}.{holder}.bad": believer.bad}
        for of, foresight in believer.foresight.items():
            kept |= {f"{whose}.{holder}.{of}.{x}": getattr(foresight, x) for x in "ab"}
    return kept


@fewer
@given(wars())
def test_a_raid_touches_only_the_runs_in_which_it_flies(data):
    Watched(scenario(data), 12, 3).run()


def test_of_which_there_are_many():
    """The law above is not empty."""
    assert Watched(scenario(war()), 30, 1).run().looked_at > 10_000


@few
@given(wars())
def test_who_has_nothing_to_lose_loses_nothing(data):
    data["sites"]["base"]["assets"] = {}
    model = War(scenario(data), 12, 3).run()
    runs = model.recorder.runs()
    assert (runs["defender_lost_usd"] == 0).all()
    assert (runs[f"{RAID}_loss_exchange"][runs[f"{RAID}_spent_usd"] > 0] == 0).all()
    assert (model.defenders["defender"].strength() == 1).all()
    for name in ("r_u_end", "r_d_end", "z_end", "demand_u_end", "demand_d_end"):
        assert np.isfinite(runs[name]).all()


@fewer
@given(wars())
def test_a_run_says_what_was_so_on_the_day(data):
    """Positions about a first raid, and when what came to an end, as the days and meetings say."""
    found = frames(data)
    runs, days = found["runs"].set_index("run"), found["days"]
    eve = {f"r_{letter}": runs[f"r_{letter}_start"] for letter in "ud"}
    eve |= {f"demand_{letter}": runs[f"demand_{letter}_start"] for letter in "ud"}
    eve["z"] = runs["z_start"]
    sides = {"u": "attacker", "d": "defender"}
    minds = War(scenario(data), 12, 3).negotiators
    raids = found.get("raids", pd.DataFrame({"raid": [], "run": [], "day": []}))
    by_side = {
        letter: days[days["side"] == side].set_index(["run", "day"])
        for letter, side in sides.items()
    }
    for raid in data["raids"]:
        first = raids[raids["raid"] == raid].groupby("run")["day"].min()
        for run in runs.index:
            for word in eve:
                kind, _, letter = word.partition("_")
                told = by_side[letter or "u"][kind]
                before, after = (runs.loc[run, f"{word}_{when}_{raid}"] for when in WHENS)
                if run not in first:
                    assert np.isnan([before, after]).all()
                    continue
                day = first[run]
                assert after == told[run, day]
                assert before == (told[run, day - 1] if day else eve[word][run])
            for letter, rows in by_side.items():
                for name in (column for column in rows if column.startswith("h_")):
                    change = runs.loc[run, f"{name}_{letter}_by_{raid}"]
                    if run not in first:
                        assert np.isnan(change)
                        continue
                    told, mind = rows[name], minds[sides[letter]]
                    before = mind.term(name.removeprefix("h_"))[run]
                    was = told[run, first[run] - 1] if first[run] else before
                    assert change == told[run, first[run]] - was
    last = days[days["day"] == days["day"].max()]
    for letter, side in sides.items():
        end = last[last["side"] == side].set_index("run")
        for word in ("r", "demand"):
            assert (runs[f"{word}_{letter}_end"] == end[word]).all()
    line = by_side["u"]["share_held"]
    assert (runs["share_held_u_end"] == line.xs(days["day"].max(), level="day")).all()
    if "front" in data:
        over = line[(line == 0) | (line == 1)].reset_index("day").groupby("run")["day"].min()
        pd.testing.assert_series_equal(
            runs["decided_day"].dropna(), over.astype(float), check_names=False
        )


WHENS = ("before", "after")


# --- one run, whatever its company -------------------------------------------------------------


@few
@given(wars(), st.integers(0, 11))
def test_a_run_alone_is_that_run_of_the_ensemble(data, k):
    together = War(scenario(data), 12, 3).run().recorder.runs()
    alone = War(scenario(data), np.array([k]), 3).run().recorder.runs()
    for column, values in alone.items():
        np.testing.assert_array_equal(values[0], together[column][k], err_msg=column)


@pytest.mark.parametrize("chunk", [1, 5, 500])
def test_chunks_do_not_matter(monkeypatch, chunk):
    whole = frames(war(), runs=11)
    monkeypatch.setattr(runner, "CHUNK_RUNS", chunk)
    parts = frames(war(), runs=11)
    for first in (whole, parts):  # these are of the first chunk only
        first.pop("fans")
        first.pop("split", None)
    assert_same(whole, parts)


def test_workers_do_not_matter(monkeypatch):
    monkeypatch.setattr(runner, "CHUNK_RUNS", 4)
    one = sim.run(scenario(war()), 10, 3, workers=1)
    two = sim.run(scenario(war()), 10, 3, workers=2)
    assert_same(one.frames, two.frames)


@few
@given(wars())
def test_a_raid_that_never_flies_changes_nothing(data):
    more = copy.deepcopy(data)
    more["raids"]["idle"] = copy.deepcopy(data["raids"]["answer"]) | {"title": "Idle"}
    ours, theirs = frames(data), frames(more)
    theirs["runs"] = theirs["runs"][ours["runs"].columns]
    theirs.pop("split", None), ours.pop("split", None)
    assert_same(ours, theirs)


@few
@given(wars())
def test_a_site_out_of_the_way_changes_nobody_elses_luck(data):
    more = copy.deepcopy(data)
    more["sites"]["far"] = site((10.0, 10.0), defence={"gun": {"count": figure(3)}})
    assert_same(frames(data), frames(more))


def test_another_wave_changes_nobody_elses_luck():
    data = war(talks=None, front=None)
    more = copy.deepcopy(data)
    more["sites"]["other"] = site((51.5, 40.0), assets={"radar": {"count": figure(4)}})
    more["launch_areas"]["far"] = {
        "title": "far", "side": "attacker", "position": position(52.0, 41.0)
    }  # fmt: skip
    more["raids"][RAID]["waves"]["second"] = wave(5, ["other"], launch_from="far")
    more["sides"]["attacker"]["arsenal"] = {}
    data["sides"]["attacker"]["arsenal"] = {}
    ours, theirs = frames(data)["raids"], frames(more)["raids"]
    ours, theirs = (found[(found["raid"] == RAID) & (found["site"] == "base")]
                    for found in (ours, theirs))  # fmt: skip
    for column in ("ordered", *FATES):
        assert ours[column].tolist() == theirs[column].tolist()


# --- symmetry ----------------------------------------------------------------------------------


@few
@given(wars())
def test_the_sides_names_do_not_matter(data):
    def renamed(part):
        if isinstance(part, dict):
            return {_other(k): renamed(v) for k, v in part.items()}
        if isinstance(part, list):
            return [renamed(v) for v in part]
        return _other(part)

    for side in data["sides"]:  # figures named by a side are drawn by that name: make them sure
        for block in (data["minds"][side], data["reports"][side], data["sides"][side]):
            _make_sure(block)
    ours, theirs = frames(data), frames(renamed(data))
    theirs["runs"] = theirs["runs"].rename(columns=_renamed_column)[ours["runs"].columns]
    theirs["days"]["side"] = theirs["days"]["side"].map(_other)
    pd.testing.assert_frame_equal(ours["runs"], theirs["runs"], check_exact=False, atol=1e-12)
    pd.testing.assert_frame_equal(
        ours["days"].sort_values(["run", "day", "r"]).reset_index(drop=True),
        theirs["days"].sort_values(["run", "day", "r"]).reset_index(drop=True),
        check_categorical=False, check_dtype=False, atol=1e-12,
    )  # fmt: skip


def _other(word):
    return {"attacker": "defender", "defender": "attacker"}.get(word, word)


def _renamed_column(column):
    first, _, rest = column.partition("_")
    return f"{_other(first)}_{rest}" if rest else column


def _make_sure(block):
    for part in block.values():
        if isinstance(part, dict):
            part.pop("low", None), part.pop("high", None), part.pop("law", None)
            _make_sure(part)


@few
@given(wars())
def test_swapping_underdog_and_favourite_swaps_the_positions(data):
    swapped = copy.deepcopy(data)
    for side in swapped["sides"].values():
        side["role"] = {"underdog": "favourite", "favourite": "underdog"}[side["role"]]
    for part in (data, swapped):
        part.pop("front", None)  # the front is the underdog's
        part.get("history", {}).pop("front", None)
        part.pop("talks", None)
    ours, theirs = frames(data)["runs"], frames(swapped)["runs"]
    for when in ("start", f"before_{RAID}", f"after_{RAID}", "end"):
        np.testing.assert_array_equal(ours[f"r_u_{when}"], theirs[f"r_d_{when}"])
        np.testing.assert_array_equal(ours[f"demand_d_{when}"], theirs[f"demand_u_{when}"])
        np.testing.assert_array_equal(ours[f"z_{when}"], theirs[f"z_{when}"])


# --- minds and talks ---------------------------------------------------------------------------


@few
@given(wars())
def test_z_is_one_minus_both_reservations_every_day(data):
    days = frames(data)["days"]
    both = days.groupby(["run", "day"]).agg(r=("r", "sum"), z=("z", "first"))
    np.testing.assert_allclose(both["z"], 1.0 - both["r"], atol=1e-12)


@few
@given(wars())
def test_the_terms_add_up_to_the_reservation(data):
    model = War(scenario(data), 12, 3)
    while model.running:
        model.step()
        for negotiator in model.negotiators.values():
            terms = sum(negotiator.term(name) for name in (*negotiator.mechanisms, "patrons"))
            np.testing.assert_allclose(negotiator.reservation, negotiator.base() + terms)
            assert (negotiator.demand >= negotiator.reservation).all()


costs = st.just(0.0) | st.floats(1e-9, 0.3)


@given(st.floats(0.05, 0.95), costs, costs)
@examples(30)
def test_with_a_common_prior_and_nothing_on_there_is_a_deal_at_the_first_meeting(p, one, other):
    data = war(mechanisms=mechanisms())
    data["minds"]["attacker"] |= {"p_win": figure(p), "cost": figure(one)}
    data["minds"]["defender"] |= {"p_win": figure(1.0 - p), "cost": figure(other)}
    found = frames(data, runs=3)
    assert (found["runs"]["deal_day"] == 0).all()
    meetings = found["meetings"]
    assert (meetings["meeting"] == "first").all()
    assert (meetings["agreed"]).all()


@few
@given(wars())
def test_nobody_signs_below_their_reservation_and_a_deal_is_struck_iff_there_is_room(data):
    assume("talks" in data and data["talks"]["protocol"]["kind"] != "screening")
    meetings = frames(data).get("meetings")
    in_earnest = meetings["earnest_u"] & meetings["earnest_d"]
    assert (meetings["agreed"] == (meetings["room"] >= 0) & in_earnest).all()
    agreed = meetings[meetings["agreed"]]
    offered = (agreed["day"] >= 4) & ("events" in data)  # the attacker's sweetener stands
    land, status = agreed["position_land"], agreed["position_status"]
    u = 0.7 * land + 0.3 * status
    d = 0.6 * (1 - land) + 0.4 * (1 - status)
    assert (u - 0.02 * offered >= agreed["r_u"] - 1e-9).all()
    assert (d + 0.05 * offered >= agreed["r_d"] - 1e-9).all()


@few
@given(wars())
def test_the_line_stays_under_a_ceasefire_and_after_the_end(data):
    assume("front" in data)
    days = frames(data)["days"]
    days = days[days["side"] == "attacker"].set_index(["run", "day"]).unstack("run")
    stopped = days["ceasefire"] | ~days["at_war"]
    still = stopped.shift(1, fill_value=False) & stopped  # not broken off in the morning
    moved = days["share_held"].diff().abs() > 1e-12
    assert not (moved & still).any(axis=None)


def test_vows_can_block_a_settlement_and_let_a_ceasefire_pass():
    # fighting on gains .12 of .5 held and costs .15; vows to demand .8 shut the zone by .05
    data = war(mechanisms=mechanisms("audience"), publics=None, events={})
    data["minds"]["attacker"] |= {"p_win": figure(0.62), "cost": figure(0.15)}
    data["minds"]["defender"] |= {"p_win": figure(0.62), "cost": figure(0.15)}
    data["talks"]["ceasefire"]["p_violation"] = figure(0)
    data["talks"]["issues"].pop("status")  # one issue: nothing to trade
    data["front"]["p_move"] = figure(0)
    for side in data["sides"].values():  # nothing flies in the morning of the first meeting
        side.pop("tempo", None)
    runs = frames(data)["runs"]
    assert (runs["ceasefire_day"] == 0).all()
    assert runs["deal_day"].isna().all()
    assert runs[f"{RAID}_flown"].sum() == 0


def test_a_raid_that_does_better_than_foreseen_teaches_both_sides_who_wins():
    data = war(mechanisms=mechanisms("learning"), talks=None, front=None)
    for side in data["sides"].values():  # no other raid on the day
        del side["tempo"]
    for mind in data["minds"].values():  # a loss of a hundredth is foreseen
        mind |= {"expected_loss": figure(0.01), "expected_gain": figure(0.01)}
    runs = frames(data, runs=60)["runs"]
    lost = runs[f"{RAID}_lost_usd"] > 0.3 * 6e6
    assert lost.any()
    assert (runs.loc[lost, f"h_learning_u_by_{RAID}"] > 0).all()
    assert (runs.loc[lost, f"h_learning_d_by_{RAID}"] < 0).all()


def test_the_spiral_answers_the_enemy_and_not_oneself():
    spiral = {
        "on": True,
        "reaction": figure(0.1, "1/day"),
        "fatigue": figure(0, "1/day"),
        "grievance": {"attacker": figure(0.01, "1/day"), "defender": figure(0, "1/day")},
    }
    data = war(mechanisms=mechanisms() | {"spiral": spiral}, talks=None, front=None)
    model = War(scenario(data), 1, 1)
    model.step()
    # the eve: (.01, 0); day 0: (.01 + .01 + .1 * 0, 0 + .1 * .01)
    assert model.negotiators["attacker"].term("spiral")[0] == pytest.approx(0.02)
    assert model.negotiators["defender"].term("spiral")[0] == pytest.approx(0.001)


@few
@given(wars())
def test_prisoners_who_went_home_are_held_no_more(data):
    assume("talks" in data)
    model = fought(data)
    for exchange, attacker, defender in (("prisoners", 40.0, 30.0), ("bodies", 100.0, 900.0)):
        home = model.recorder.runs()[f"{exchange}_exchanged"]
        np.testing.assert_array_equal(model.mediator.held[exchange, "attacker"] + home, attacker)
        np.testing.assert_array_equal(model.mediator.held[exchange, "defender"] + home, defender)


def test_alternating_offers_divide_the_surplus_by_patience():
    data = war(mechanisms=mechanisms(), front=None, events={})
    del data["talks"]["ceasefire"], data["talks"]["truce"]
    data["talks"]["issues"].pop("status")
    data["minds"]["attacker"] |= {"p_win": figure(0.5), "cost": figure(0.2)}
    data["minds"]["defender"] |= {"p_win": figure(0.5), "cost": figure(0.1)}
    shares = {}
    for first in ("attacker", "defender"):
        data["talks"]["protocol"] = {
            "kind": "rubinstein",
            "patience": side_by_side(attacker=0.9, defender=0.8),
            "first": first,
        }
        meetings = frames(data)["meetings"]
        assert meetings["agreed"].all()
        shares[first] = meetings["position_land"].iloc[0]
    # the zone is (.3, .6): the attacker keeps .714286 of it offering first, 1 - .357143 second
    assert shares["attacker"] == pytest.approx(0.3 + 0.714286 * 0.3, abs=1e-6)
    assert shares["defender"] == pytest.approx(0.3 + (1 - 0.357143) * 0.3, abs=1e-6)


@few
@given(wars())
def test_after_a_settlement_nothing_flies(data):
    found = frames(data)
    if "raids" in found:
        deal = found["runs"].set_index("run")["deal_day"].fillna(np.inf)
        assert (found["raids"]["day"] <= found["raids"]["run"].map(deal)).all()


def test_all_mechanisms_off_leaves_positions_where_they_were():
    days = frames(war(mechanisms=mechanisms(), talks=None))["days"]
    assert (days.groupby(["run", "side"], observed=True)["r"].nunique() == 1).all()


@pytest.mark.parametrize("name", MECHANISMS)
def test_each_mechanism_alone_brings_only_its_own_term(name):
    days = frames(war(mechanisms=mechanisms(name), talks=None))["days"]
    terms = [column for column in days if column.startswith("h_")]
    assert terms == [f"h_{name}"]
    assert (days[f"h_{name}"].abs().max() > 0) == (name != "ripeness")  # a gate has no term


def test_a_public_that_reads_its_own_side_believes_its_own_side():
    """At home the defender's admission, abroad the attacker's claim: the same raid, two stories."""
    believing = {"truth": figure(0), "own_report": figure(1), "enemy_report": figure(0)}
    data = war(mechanisms=mechanisms("cost"), talks=None, front=None)
    data["reports"]["defender"] |= {"leader": believing, "underclaim": figure(0.25)}
    data["mechanisms"]["cost"]["per_loss"] = figure(1)
    del data["sides"]["attacker"]["tempo"]
    runs = frames(data, runs=40)["runs"]
    at_stake = 6e6  # six planes
    admitted = 0.25 * runs[f"{RAID}_lost_usd"] / at_stake
    np.testing.assert_allclose(-runs[f"h_cost_d_by_{RAID}"], admitted)
    assert admitted.max() > 0


# --- monotonicity ------------------------------------------------------------------------------


def test_more_guns_never_raise_expected_leakers():
    through = []
    for guns in (0, 1, 3, 9):
        data = war(talks=None)
        data["sites"]["base"]["defence"]["gun"]["count"] = figure(guns)
        runs = frames(data, runs=400)["runs"]
        through.append(runs[f"{RAID}_wave_through"].mean())
    assert through == sorted(through, reverse=True)
    assert through[0] > through[-1]


# --- for users ---------------------------------------------------------------------------------


class Stubborn(sim.Negotiator):
    """Signs nothing."""

    def accepts_package(self, utility):
        return np.zeros(len(utility), bool)


def test_a_negotiator_of_ones_own_sits_at_the_table():
    data = war(mechanisms=mechanisms())
    data["minds"]["attacker"] |= {"p_win": figure(0.5), "cost": figure(0.2)}
    data["minds"]["defender"] |= {"p_win": figure(0.5), "cost": figure(0.2)}
    assert sim.run(scenario(data), 5).runs["deal_day"].notna().all()
    stubborn = sim.run(scenario(data), 5, negotiators={"defender": Stubborn})
    assert stubborn.runs["deal_day"].isna().all()


def test_a_war_can_be_stepped_by_hand():
    model = War(scenario(war()), runs=4, seed=1)
    assert model.day == -1
    model.step()
    assert model.day == 0
    assert model.running
    assert {type(agent).__name__ for agent in model.agents} == {
        "Attacker", "Defender", "Negotiator", "Mediator", "Public"
    }  # fmt: skip
    while model.running:
        model.step()
    assert model.day == 30
