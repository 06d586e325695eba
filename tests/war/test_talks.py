"""Talks in a war: protocols, what is signed, ceasefires, truces, exchanges, how long it takes."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import optimize
from strategies import PROTOCOLS, RAID, figure, mechanisms, side_by_side, war, wars

import sim
from sim.scenario.schema import Scenario
from sim.war.model import War
from tests.examples import examples

few = examples(20)
SIDES = ("attacker", "defender")
KNOWING = [each for each in PROTOCOLS if each["kind"] != "screening"]  # test_screening has that
FIRST, SECOND, THIRD = 0, 9, 24  # the days of the meetings


def record_of(data, runs=4, seed=3, **more):
    scenario = Scenario.model_validate(data)
    return sim.run(scenario, runs, seed, workers=1, with_days=True, **more)


def meetings_of(data, runs=4, **more):
    return record_of(data, runs, **more).meetings


def table(r_u=0.4, r_d=0.4, *, one_issue=True, **talks):
    """A war of talks alone: nothing flies, nothing moves, no mechanism acts.

    With costs of .1, reservations of r_u and r_d.
    """
    data = war(mechanisms=mechanisms(), events={}, raids={}, publics=None)
    for side in data["sides"].values():
        side.pop("tempo", None), side.pop("retaliation", None)
    for side, r in zip(SIDES, (r_u, r_d), strict=True):
        data["minds"][side] |= {"p_win": figure(round(r + 0.1, 12)), "cost": figure(0.1)}
    data["front"]["p_move"] = figure(0)
    if one_issue:
        data["talks"]["issues"].pop("status")
    for part in ("ceasefire", "truce", "length"):
        data["talks"].pop(part)
    data["talks"]["exchanges"] = {}
    data["talks"] |= talks
    return data


def conceding(attacker, defender=None):
    exponents = side_by_side(attacker=attacker, defender=defender or attacker)
    return {"kind": "concession", "exponent": exponents}


def alternating(attacker, defender, first, **more):
    patience = side_by_side(attacker=attacker, defender=defender)
    return {"kind": "rubinstein", "patience": patience, "first": first, **more}


def nash(weight=0.5):
    return {"kind": "nash", "underdog_weight": figure(weight)}


# --- the protocols and their closed forms ------------------------------------------------------


def test_fearons_war_is_settled_in_the_middle_of_its_zone():
    # p = .6, costs .1 and .15: the zone is (.5, .75)
    data = table(0.5, 0.3, protocol=nash())
    data["minds"]["defender"] |= {"p_win": figure(0.4), "cost": figure(0.15)}
    data["minds"]["attacker"] |= {"p_win": figure(0.6), "cost": figure(0.1)}
    meetings = meetings_of(data)
    assert meetings["agreed"].all()
    np.testing.assert_allclose(meetings["r_u"], 0.5)
    np.testing.assert_allclose(1 - meetings["r_d"], 0.75)
    np.testing.assert_allclose(meetings["position_land"], 0.625)


@pytest.mark.parametrize(
    ("protocol", "share"),
    [
        (nash(0.3), 0.2 + 0.3 * 0.25),
        (nash(0.0), 0.2),
        (nash(1.0), 0.45),
        ({"kind": "mediator"}, 0.325),
        (conceding(0.25), 0.36),
        (conceding(1), 0.36),
        (conceding(4), 0.36),
        (alternating(0.9, 0.8, "attacker"), 0.2 + 0.714286 * 0.25),
        (alternating(0.9, 0.8, "defender"), 0.45 - 0.357143 * 0.25),
        (alternating(0.9, 0.8, "attacker", rounds=figure(2)), 0.2 + 0.2 * 0.25),
        (alternating(0.9, 0.8, "attacker", rounds=figure(5)), 0.2 + 0.8624 * 0.25),
        # take it or leave it: who makes the only offer leaves the other its reservation
        (alternating(0.9, 0.8, "attacker", rounds=figure(1)), 0.45),
        (alternating(0.9, 0.8, "defender", rounds=figure(1)), 0.2),
    ],
)
def test_a_protocol_gives_what_its_closed_form_says(protocol, share):
    meetings = meetings_of(table(0.2, 0.55, protocol=protocol))
    assert meetings["agreed"].all()
    assert (meetings["meeting"] == "first").all()
    np.testing.assert_allclose(meetings["position_land"], share, atol=1e-6)


@pytest.mark.parametrize(("exponent", "time"), [(0.25, 0.4096), (1, 0.8), (4, 0.945742)])
def test_two_who_concede_meet_after_their_part_of_the_meeting(exponent, time):
    length = {"most": figure(100, "min"), "hopeless": side_by_side(attacker=1, defender=1)}
    data = table(0.2, 0.55, protocol=conceding(exponent), length=length)
    np.testing.assert_allclose(meetings_of(data)["minutes"], 100 * time, atol=1e-4)


def test_who_concedes_early_gets_less_at_the_table():
    early, late = (
        meetings_of(table(0.2, 0.2, protocol=conceding(*pair)))["position_land"].iloc[0]
        for pair in ((0.5, 2.0), (2.0, 0.5))
    )
    assert early < 0.5 < late


# --- laws of all protocols ---------------------------------------------------------------------


@st.composite
def talking(draw):
    """Random wars that talk, with random saliences, costs and protocols, and no gate."""
    data = draw(wars())
    assume("talks" in data and "front" in data)
    data["mechanisms"]["ripeness"]["on"] = False
    share = st.floats(0.1, 0.9)
    for issue in data["talks"]["issues"].values():
        issue["salience"] = side_by_side(**{side: draw(share) for side in SIDES})
    data["talks"]["protocol"] = draw(
        st.one_of(
            st.sampled_from(KNOWING),
            share.map(nash),
            st.builds(conceding, st.floats(0.2, 5), st.floats(0.2, 5)),
            st.builds(alternating, share, share, st.sampled_from(SIDES)),
            st.builds(
                lambda one, other, first, n: alternating(one, other, first, rounds=figure(n)),
                share, share, st.sampled_from(SIDES), st.integers(1, 6),
            ),
        )
    )  # fmt: skip
    for mind in data["minds"].values():
        mind["cost"] = figure(draw(st.sampled_from((0.0, 0.1, 0.3, 0.5))))
    return data


def saliences(data):
    """Each side's weights of land and status, adding up to 1, and whether land goes over first."""
    u, d = (
        np.array([data["talks"]["issues"][issue]["salience"][side]["value"]
                  for issue in ("land", "status")])
        for side in SIDES
    )  # fmt: skip
    return u / u.sum(), d / d.sum()


def at_best(u, d, least_d):
    """The most the underdog can have where the favourite has a utility: a linear programme."""
    if least_d > 1.0:
        return -np.inf
    return -optimize.linprog(-u, A_ub=[d], b_ub=[1 - least_d], bounds=(0, 1)).fun


@few
@given(talking())
def test_a_deal_is_struck_iff_there_is_one_and_nobody_signs_below_their_reservation(data):
    meetings = meetings_of(data, 6)
    offers = np.where((meetings["day"] >= 4) & ("events" in data), 1.0, 0.0)
    u, d = saliences(data)
    least_u = meetings["r_u"] + 0.02 * offers  # what the attacker's sweetener costs it
    least_d = meetings["r_d"] - 0.05 * offers
    for row, (r_u, r_d) in enumerate(zip(least_u, least_d, strict=True)):
        best = at_best(u, d, r_d)
        if abs(best - r_u) > 1e-6:
            assert meetings["agreed"].iloc[row] == (best > r_u)
    signed = meetings["agreed"]
    x = meetings.loc[signed, ["position_land", "position_status"]].to_numpy()
    assert (x @ u >= least_u[signed] - 1e-9).all()
    assert ((1 - x) @ d >= least_d[signed] - 1e-9).all()


@few
@given(talking())
def test_a_dominated_package_is_never_signed(data):
    meetings = meetings_of(data, 6)
    signed = meetings[meetings["agreed"]]
    u, d = saliences(data)
    for x in signed[["position_land", "position_status"]].to_numpy()[:4]:
        assert u @ x == pytest.approx(at_best(u, d, d @ (1 - x)), abs=1e-6)


@few
@given(talking())
def test_what_is_signed_is_what_the_protocol_divides(data):
    """Each protocol against a slow reckoning of its own, on the frontier of a linear programme."""
    data.pop("events", None)
    meetings = meetings_of(data, 6)
    u, d = saliences(data)
    protocol = data["talks"]["protocol"]
    for _, row in meetings[meetings["agreed"]].head(3).iterrows():
        r_u, r_d = row["r_u"], row["r_d"]
        x = row[["position_land", "position_status"]].to_numpy(float)
        gain_u, gain_d = u @ x - r_u, d @ (1 - x) - r_d
        if protocol["kind"] == "rubinstein":
            assert gain_u == pytest.approx(by_turns(protocol, u, d, r_u, r_d), abs=1e-5)
        elif protocol["kind"] == "concession":
            # both are as far from all as each other's time allows: the same t
            times = [
                ((1 - r - gain) / (1 - r)) ** (1 / protocol["exponent"][side]["value"])
                for r, gain, side in zip((r_u, r_d), (gain_u, gain_d), SIDES, strict=True)
            ]
            assert times[0] == pytest.approx(times[1], abs=1e-6)
        else:
            w = protocol.get("underdog_weight", {"value": 0.5})["value"]
            rivals = np.linspace(0, 1, 41)
            rivals = np.array([(a, b) for a in rivals for b in rivals])
            gains = np.maximum(rivals @ u - r_u, 0), np.maximum((1 - rivals) @ d - r_d, 0)
            best = gain_u**w * gain_d ** (1 - w) if min(gain_u, gain_d) > 0 else 0.0
            assert (gains[0] ** w * gains[1] ** (1 - w)).max() <= best + 1e-7


def by_turns(protocol, u, d, r_u, r_d):
    """What the underdog gains when offers alternate, walked back from the last (or a far) offer."""
    patience = {side: protocol["patience"][side]["value"] for side in SIDES}
    rounds = int(protocol.get("rounds", {"value": 120})["value"])
    gains = at_best(u, d, r_d) - r_u if offers(protocol, rounds) == "attacker" else 0.0
    for number in range(rounds - 1, 0, -1):
        if offers(protocol, number) == "attacker":
            left = patience["defender"] * (at_best(d, u, r_u + gains) - r_d)
            gains = at_best(u, d, r_d + left) - r_u
        else:
            gains *= patience["attacker"]
    return gains


def offers(protocol, number):
    """Who makes an offer, the first being number 1."""
    other = next(side for side in SIDES if side != protocol["first"])
    return protocol["first"] if number % 2 == 1 else other


@given(st.floats(0.05, 0.95), st.sampled_from(KNOWING), st.sampled_from([0.0, 0.1]))
@examples(40)
def test_with_a_common_prior_and_nothing_on_every_protocol_settles_at_the_first_meeting(
    p, protocol, cost
):
    data = table(protocol=protocol)
    data["minds"]["attacker"] |= {"p_win": figure(p), "cost": figure(cost)}
    data["minds"]["defender"] |= {"p_win": figure(1.0 - p), "cost": figure(cost)}
    record = record_of(data, 2)
    assert (record.runs["deal_day"] == FIRST).all()


@pytest.mark.parametrize("protocol", KNOWING, ids=lambda p: p["kind"])
@pytest.mark.parametrize("who", SIDES)
def test_an_agreement_needs_both(protocol, who):
    class Stubborn(sim.Negotiator):
        """Signs nothing."""

        def accepts_package(self, utility):
            return np.zeros(len(utility), bool)

    data = table(protocol=protocol)
    assert meetings_of(data)["agreed"].all()
    meetings = meetings_of(data, negotiators={who: Stubborn})
    assert len(meetings) == 12
    assert not meetings["agreed"].any()


def test_what_is_not_in_the_zone_of_one_issue_may_be_had_by_trading_two():
    data = table(0.55, 0.5, one_issue=False, protocol=nash())
    issues = data["talks"]["issues"]
    issues["land"]["salience"] = side_by_side(attacker=0.8, defender=0.2)
    issues["status"]["salience"] = side_by_side(attacker=0.2, defender=0.8)
    meetings = meetings_of(data)
    assert (meetings["z"] < 0).all()
    assert meetings["agreed"].all()
    assert (meetings["position_land"] > meetings["position_status"]).all()


@pytest.mark.parametrize("protocol", KNOWING, ids=lambda p: p["kind"])
def test_a_sweetener_stands_beside_any_package(protocol):
    # Z is -.03: worth .05 to the defender and .02 to the attacker it opens by .03
    offer = {"kind": "sweetener", "title": "Offer", "by": "attacker", "date": "2025-01-05"}
    settled = {}
    for worth in (0.0, 0.04, 0.06):
        data = table(0.43, 0.6, protocol=protocol)
        data["events"] = {"offer": offer | {"worth": figure(worth), "price": figure(0.02)}}
        settled[worth] = record_of(data).runs["deal_day"]
    assert settled[0.0].isna().all()
    assert settled[0.04].isna().all()
    assert (settled[0.06] == SECOND).all()


# --- meetings ----------------------------------------------------------------------------------


class Proud(sim.Negotiator):
    """Signs no package."""

    def accepts_package(self, utility):
        return np.zeros(len(utility), bool)


PROUD = {"attacker": Proud}


LENGTH = {"most": figure(120, "min"), "hopeless": side_by_side(attacker=0.4, defender=0.8)}


def test_a_meeting_is_shorter_where_the_zone_is_emptier():
    minutes = []
    for gap in (0.0, 0.05, 0.1, 0.3, 0.39, 0.5):
        meetings = meetings_of(table(0.75, 0.25 + gap + 1e-9, length=LENGTH))
        assert not meetings["agreed"].any()
        minutes.append(meetings["minutes"].iloc[0])
    # the attacker, for whom .4 is hopeless, leaves first
    assert minutes == pytest.approx([120, 105, 90, 30, 3, 0], abs=1e-4)


@pytest.mark.parametrize(("one", "other", "leaves"), [(0.4, 0.8, "u"), (0.8, 0.4, "d")])
def test_who_has_less_hope_walks_out(one, other, leaves):
    length = LENGTH | {"hopeless": side_by_side(attacker=one, defender=other)}
    meetings = meetings_of(table(0.5, 0.6, length=length))
    stays = "d" if leaves == "u" else "u"
    assert meetings[f"walked_out_{leaves}"].all()
    assert not meetings[f"walked_out_{stays}"].any()
    np.testing.assert_allclose(meetings["minutes"], 120 * 0.75)


def test_nobody_walks_out_of_a_settlement():
    for protocol, minutes in ((nash(), 120.0), (conceding(1), 100.0)):
        meetings = meetings_of(table(length=LENGTH, protocol=protocol))
        assert meetings["agreed"].all()
        np.testing.assert_allclose(meetings["minutes"], minutes)
        assert not (meetings["walked_out_u"] | meetings["walked_out_d"]).any()


def test_who_sees_room_and_signs_nothing_stays_to_the_end():
    meetings = record_of(table(length=LENGTH), negotiators=PROUD).meetings
    assert not meetings["agreed"].any()
    assert (meetings["minutes"] == 120).all()
    assert not (meetings["walked_out_u"] | meetings["walked_out_d"]).any()


def test_the_mediator_gives_up_after_so_many_meetings_in_vain():
    for patience, held in ((1, 1), (2, 2), (3, 3), (9, 3)):
        meetings = meetings_of(table(0.6, 0.6, patience=figure(patience)))
        assert (meetings.groupby("run").size() == held).all()


def test_a_settlement_ends_the_war():
    record = record_of(table())
    assert (record.meetings.groupby("run").size() == 1).all()
    at_war = record.days.groupby("day")["at_war"]
    assert not at_war.any().any()  # settled on the first day


# --- ceasefire ---------------------------------------------------------------------------------


def frozen(held=5, p=0.55, cost=0.1, **ceasefire):
    """No package, as both vow to have much; on a line of half to half both would stop."""
    figures = {"p_violation": figure(0), "p_collapse": figure(0)} | ceasefire
    data = table(ceasefire=figures, protocol=nash())
    for side in SIDES:
        data["minds"][side] |= {"p_win": figure(p), "cost": figure(cost)}
    data["front"]["start"] = figure(held)
    return data


@pytest.mark.parametrize(
    ("held", "p", "cost", "underdog", "favourite"),
    [
        (5, 0.55, 0.1, True, True),
        (5, 0.65, 0.1, False, False),
        (5, 0.65, 0.2, True, True),
        (2, 0.55, 0.1, False, True),  # who holds little has much to gain
        (8, 0.55, 0.1, True, False),
    ],
)
def test_who_gains_more_by_fighting_on_than_it_costs_refuses_a_ceasefire(
    held, p, cost, underdog, favourite
):
    record = record_of(frozen(held, p, cost), negotiators=PROUD)
    assert (record.meetings["ceasefire_u"] == underdog).all()
    assert (record.meetings["ceasefire_d"] == favourite).all()
    stopped = record.runs["ceasefire_day"] == FIRST
    assert (stopped == (underdog and favourite)).all()


@pytest.mark.parametrize("who", SIDES)
def test_a_ceasefire_needs_both_and_no_package(who):
    class Fighter(Proud):
        """Stops on no line."""

        def accepts_ceasefire(self, held):
            return np.zeros(len(held), bool)

    other = next(side for side in SIDES if side != who)
    assert (record_of(frozen(), negotiators=PROUD).runs["ceasefire_day"] == FIRST).all()
    refused = record_of(frozen(), negotiators={other: Proud, who: Fighter}).runs
    assert refused["ceasefire_day"].isna().all()
    # and where a package is signed the war is over and no ceasefire needed
    settled = record_of(frozen()).runs
    assert (settled["deal_day"] == FIRST).all()
    assert settled["ceasefire_day"].isna().all()


def under_ceasefire(p_violation, p_collapse, per_day=1.0):
    """A ceasefire on day 0, and a raid a day from then on that would fly."""
    data = frozen(p_violation=figure(p_violation), p_collapse=figure(p_collapse))
    data["raids"] = war()["raids"]
    data["raids"][RAID].pop("date")
    data["sides"]["attacker"] |= {
        "tempo": {"raid": RAID, "per_day": figure(per_day * 700, "1/day")},
        "arsenal": {},
    }
    data["front"] |= {"p_move": figure(1), "rungs": figure(1000), "start": figure(500)}
    return data


def fought(data, runs=200):
    """Day by day: whether a ceasefire holds, raids flown on the day, the rung of the front."""
    model = War(Scenario.model_validate(data), runs, 5, negotiators=PROUD)
    state = {"ceasefire": [], "flown": [], "rung": []}
    flown = np.zeros(runs)
    while model.running:
        model.step()
        now = model.recorder.runs()[f"{RAID}_flown"]
        state["flown"].append(now - flown)
        state["ceasefire"].append(model.ceasefire.copy())
        state["rung"].append(model.rung.copy())
        flown = now
    return {name: np.array(values) for name, values in state.items()}, model


def test_a_ceasefire_that_is_kept_stops_raids_and_the_front():
    state, _ = fought(under_ceasefire(0.0, 1.0))
    assert state["ceasefire"].all()
    assert (state["flown"][0] == 1).all()  # in the morning, before the meeting
    assert (state["flown"][1:] == 0).all()
    assert (state["rung"] == state["rung"][0]).all()


def test_a_violated_ceasefire_may_hold():
    state, model = fought(under_ceasefire(0.3, 0.0))
    assert state["ceasefire"].all()
    assert state["flown"][1:].mean() == pytest.approx(0.3, abs=0.03)
    assert (state["rung"] == state["rung"][0]).all()
    assert np.isnan(model.recorder.runs()["collapse_day"]).all()


def test_after_a_settlement_nothing_flies_and_nothing_moves():
    record = record_of(under_ceasefire(1.0, 1.0))  # no one is too proud to sign
    assert (record.runs["deal_day"] == FIRST).all()
    assert (record.runs[f"{RAID}_flown"] == 1).all()  # in the morning
    assert (record.days.groupby(["run", "side"], observed=True)["share_held"].nunique() == 1).all()


def test_a_settlement_is_no_ceasefire_and_what_comes_later_moves_nobody():
    data = frozen()
    data["mechanisms"]["cost"]["on"] = data["mechanisms"]["learning"]["on"] = True
    blow = {"kind": "blow", "title": "Blow", "on": "defender", "loss": figure(0.2)}
    data["events"] = {"late": blow | {"date": "2025-01-03"}}
    record = record_of(data)
    assert (record.runs["deal_day"] == FIRST).all()
    assert not record.days["ceasefire"].any()
    struck = record_of(data, negotiators=PROUD).days
    for name in ("h_cost", "h_learning"):
        assert (record.days[name] == 0.0).all()
        assert (struck[name] < 0.0).any()


def test_a_ceasefire_that_holds_is_no_failure_of_the_mediators():
    data = frozen()
    data["talks"]["patience"] = figure(1)
    assert len(record_of(data, negotiators=PROUD).meetings) == 12


def test_the_first_violation_ends_a_brittle_ceasefire():
    data = under_ceasefire(0.3, 1.0)
    data["talks"]["meetings"] = {"first": "2025-01-01"}
    state, model = fought(data)
    columns = model.recorder.runs()
    collapsed = columns["collapse_day"]
    days = np.arange(31)[:, None]
    first = np.where((state["flown"] > 0) & (days > 0), days, 99).min(axis=0)
    np.testing.assert_array_equal(np.where(np.isnan(collapsed), 99, collapsed), first)
    assert (columns["ceasefire_day"] == 0).all()
    over = days >= first
    np.testing.assert_array_equal(state["ceasefire"], ~over)
    assert (state["flown"][over & (days > first)] == 1).all()  # raids fly again
    moved = np.diff(state["rung"], axis=0) != 0
    np.testing.assert_array_equal(moved, over[1:])  # and so does the front


def test_each_violation_ends_a_ceasefire_with_its_chance():
    data = under_ceasefire(1.0, 0.25)
    data["talks"]["meetings"] = {"first": "2025-01-01"}
    _, model = fought(data, runs=2000)
    lasted = model.recorder.runs()["collapse_day"]
    assert np.nanmin(lasted) == 1
    assert np.mean(lasted == 1) == pytest.approx(0.25, abs=0.04)
    assert np.mean(lasted == 2) == pytest.approx(0.25 * 0.75, abs=0.04)


def test_a_ceasefire_that_collapsed_can_be_made_again():
    state, model = fought(under_ceasefire(1.0, 1.0))
    assert (model.recorder.runs()["collapse_day"] == 1).all()
    for day in (FIRST, SECOND, THIRD):
        assert state["ceasefire"][day].all()
        assert not state["ceasefire"][day + 1].any()


def test_without_a_collapse_block_a_ceasefire_holds():
    data = under_ceasefire(1.0, 1.0)
    del data["talks"]["ceasefire"]["p_collapse"]
    state, _ = fought(data, runs=20)
    assert state["ceasefire"].all()
    assert (state["flown"] == 1).all()


# --- breakdown, truces and exchanges -----------------------------------------------------------


def test_after_a_breakdown_the_tempo_rises_until_the_next_meeting_succeeds():
    def flown(**changes):
        data = under_ceasefire(0.0, 0.0, per_day=0.1 / 700)
        data["sides"]["attacker"]["tempo"]["after_breakdown"] = figure(5)
        data["talks"] |= changes
        return fought(data, 2000)[0]["flown"].mean(axis=1)

    calm, broken = 1 - np.exp(-0.1), 1 - np.exp(-0.5)
    late = {"only": "2025-01-10"}
    failed = flown(meetings=late, ceasefire=None)  # .55 + .55 - .2 leaves room, which is not taken
    assert failed[: SECOND + 1].mean() == pytest.approx(calm, abs=0.01)
    assert failed[SECOND + 1 :].mean() == pytest.approx(broken, abs=0.01)
    kept = flown(meetings=late)
    assert kept[: SECOND + 1].mean() == pytest.approx(calm, abs=0.01)
    assert (kept[SECOND + 1 :] == 0).all()


def truce(length=3, attacker=0.1, defender=0.1):
    gain = side_by_side(attacker=attacker, defender=defender)
    return {"length": figure(length, "day"), "gain": gain}


def at_truce(**changes):
    """A war of moving fronts in which no package is signed."""
    data = table(0.7, 0.7, truce=truce(**changes))
    data["front"] |= {"p_move": figure(1), "rungs": figure(1000), "start": figure(500)}
    return data


def still(record):
    """The days on which the front stood, which were to move it each day."""
    held = record.days[record.days["side"] == "attacker"].pivot(
        index="day", columns="run", values="share_held"
    )
    stood = held.diff().iloc[1:].abs() < 1e-12
    assert (stood.nunique(axis=1) == 1).all()
    return stood.index[stood[0]].tolist()


def test_a_truce_holds_the_front_for_its_length():
    record = record_of(at_truce(length=3))
    assert record.meetings["truce"].all()
    assert still(record) == [1, 2, 3, 10, 11, 12, 25, 26, 27]
    assert record.runs["ceasefire_day"].isna().all()
    assert record.runs["deal_day"].isna().all()


@pytest.mark.parametrize("gains", [(0.1, 0.0), (-0.1, 0.1), (0.0, 0.1)])
def test_a_truce_needs_a_gain_on_both_sides(gains):
    record = record_of(at_truce(attacker=gains[0], defender=gains[1]))
    assert not record.meetings["truce"].any()
    assert still(record) == []


def test_under_a_truce_raids_go_on():
    data = at_truce(length=30)
    raiding = under_ceasefire(0.0, 0.0)
    data["raids"], data["sides"] = raiding["raids"], raiding["sides"]
    record = record_of(data)
    assert (record.runs[f"{RAID}_flown"] == 31).all()
    assert len(still(record)) == 30


def test_no_truce_beside_a_settlement_or_under_a_ceasefire():
    settled = record_of(table(truce=truce()))
    assert settled.meetings["agreed"].all()
    assert not settled.meetings["truce"].any()
    data = frozen()
    data["talks"]["truce"] = truce()
    stopped = record_of(data, negotiators=PROUD).meetings
    assert (stopped["ceasefire_u"] & stopped["ceasefire_d"]).all()
    assert not stopped["truce"].any()


def test_no_truce_while_a_ceasefire_holds():
    class Once(Proud):
        """Stops on the line on the first day and would not again."""

        def accepts_ceasefire(self, held):
            return np.full(len(held), self.model.day == FIRST)

    data = frozen()
    data["talks"]["truce"] = truce()
    record = record_of(data, negotiators=dict.fromkeys(SIDES, Once))
    assert record.days["ceasefire"].all()
    assert len(record.meetings) == 12
    assert not record.meetings["truce"].any()


def exchange(attacker, defender, most, gains=(0.1, 0.1)):
    return {
        "held": side_by_side(attacker=attacker, defender=defender),
        "most": figure(most),
        "gain": side_by_side(attacker=gains[0], defender=gains[1]),
    }


def test_prisoners_and_bodies_go_home_without_peace():
    exchanges = {
        "prisoners": exchange(40, 30, 12),
        "bodies": exchange(100, 900, 600),
        "children": exchange(5, 50, 9, gains=(0.1, 0.0)),
        "the-sick": exchange(5, 50, 9, gains=(-0.1, 0.1)),
    }
    record = record_of(table(0.7, 0.7, exchanges=exchanges))
    by_meeting = record.meetings[record.meetings["run"] == 0].set_index("meeting")
    assert not by_meeting["agreed"].any()
    # one for one, as many as there are: 12, 12 and the 6 of 30 that are left
    assert by_meeting["prisoners_exchanged"].tolist() == [12, 12, 6]
    assert by_meeting["bodies_exchanged"].tolist() == [100, 0, 0]
    assert (by_meeting["children_exchanged"] == 0).all()
    assert (by_meeting["the_sick_exchanged"] == 0).all()
    assert (record.runs["prisoners_exchanged"] == 30).all()
    assert (record.runs["bodies_exchanged"] == 100).all()


def test_an_exchange_moves_no_position_and_saves_no_mediator():
    exchanges = {"prisoners": exchange(40, 30, 12)}
    with_it = record_of(table(0.7, 0.7, exchanges=exchanges, patience=figure(2)))
    without = record_of(table(0.7, 0.7, patience=figure(2)))
    assert with_it.days["r"].equals(without.days["r"])
    assert (with_it.meetings.groupby("run").size() == 2).all()
    assert (with_it.runs["prisoners_exchanged"] == 24).all()


def test_a_settlement_brings_its_exchange_too():
    exchanges = {"prisoners": exchange(40, 30, 12)}
    model = War(Scenario.model_validate(table(exchanges=exchanges)), 3, 1).run()
    assert (model.recorder.runs()["deal_day"] == FIRST).all()
    assert (model.recorder.runs()["prisoners_exchanged"] == 12).all()
    # and none at the meetings that are not held any more
    assert (model.mediator.held["prisoners", "defender"] == 18).all()
