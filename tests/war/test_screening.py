"""Talks between sides that do not know each other's reservation, against a slow making of them."""

import copy

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import sim
from sim.report.answers.run import answer_sections, talks_sections
from sim.report.answers.summary import summarise
from sim.report.replay.meetings import _outcome
from sim.rules import screening
from sim.scenario.schema import Scenario
from sim.war.model import War
from tests.examples import examples
from tests.strategies import figure, mechanisms, side_by_side, war, wars

SIDES = ("attacker", "defender")


def hidden(rounds=1, first="attacker", bluff=0.5, **changes):
    """A protocol of offers to one whose reservation is not known."""
    return {
        "kind": "screening",
        "first": first,
        "rounds": figure(rounds),
        "patience": side_by_side(attacker=0.9, defender=0.8),
        "bluff": side_by_side(attacker=bluff, defender=bluff),
        "credence": side_by_side(attacker=0.5, defender=0.5),
        "fades": {side: figure(0.001, "1/day") for side in SIDES},
        "inference": side_by_side(attacker=0.6, defender=1),
    } | changes


def a(*values):
    return np.array(values, float)


# --- the rules -----------------------------------------------------------------------------------


@given(st.floats(0.1, 1), st.floats(0, 0.6), st.floats(0.01, 0.4), st.floats(0, 0.9))
def test_no_other_single_offer_is_better(most, low, width, own):
    """The offer maximises what it leaves the offerer, times the chance that it is taken."""
    high = low + width
    top = 1.0 - own
    if top <= low:
        return
    offer = screening.offered(a(top), a(low), a(high), 0.5)[0]

    def worth(offers):
        return (top - offers) * np.clip((offers - low) / width, 0.0, 1.0)

    assert worth(offer) >= worth(np.linspace(0.0, 1.0, 2001)).max() - 1e-12
    taken = screening.gives_way(a(top), a(high), a(offer), a(0.0), a(1.0), a(most))[0]
    assert taken == pytest.approx(offer)  # with no further offer who answers takes what is enough


@given(
    st.floats(0, 0.99),
    st.floats(0, 0.99),
    st.integers(2, 6),
    st.floats(0.2, 1),
    st.floats(0.3, 1.2),
)
def test_who_just_gives_way_is_as_well_off_to_wait(d, other, offers, most, high):
    """The cutoff is where taking this offer is worth waiting for the next one."""
    demand, keeps = screening.demands(offers, a(d), a(other))
    n = offers - 1
    offer = screening.offered(a(most), a(0.0), a(high), demand[n])
    cutoff = screening.gives_way(a(most), a(high), offer, demand[n - 1], keeps[n], a(other))
    value = most - cutoff[0]
    following = screening.offered(a(most), cutoff, a(high), demand[n - 1])[0]
    assert offer[0] - cutoff[0] == pytest.approx(other * (following - cutoff[0]), abs=1e-12)
    assert value >= -1e-12


@example(d=0.9, other=0.9, offers=3, most=0.6, low=-1.1, width=1.0)  # all believed below 0
@given(
    d=st.floats(0, 0.99),
    other=st.floats(0, 0.99),
    offers=st.integers(1, 6),
    most=st.floats(0, 1),
    low=st.floats(-1.2, 1),
    width=st.floats(0.01, 1),
)
def test_nobody_accepts_less_than_its_reservation(d, other, offers, most, low, width):
    if most <= low:
        return
    demand, keeps = screening.demands(offers, a(d), a(other))
    offer = screening.offered(a(most), a(low), a(low + width), demand[-1])
    following = demand[-2] if offers > 1 else a(0.0)
    taken = screening.gives_way(a(most), a(low + width), offer, following, keeps[-1], a(other))
    assert taken[0] <= offer[0] + 1e-12


@given(st.floats(0, 0.99), st.floats(0, 0.99), st.integers(1, 8))
def test_demands_come_down_from_offer_to_offer(d, other, offers):
    demand, keeps = screening.demands(offers, a(d), a(other))
    value, course = 1.0, []
    for left in range(offers - 1, -1, -1):
        course.append(float(demand[left, 0] * value))
        value *= float(demand[left, 0] / keeps[left, 0])
    assert course == sorted(course, reverse=True)
    assert all(0.0 < asked < 1.0 for asked in course)


laws = st.tuples(st.floats(-0.2, 0.9), st.floats(0.01, 0.8))  # from where, how wide


@given(laws, st.floats(-0.3, 1.2), st.floats(0, 1))
def test_an_answer_leaves_a_law_within_the_one_before_and_nothing_is_read_without_inference(
    law, share, inference
):
    low, high = a(law[0]), a(law[0] + law[1])
    bound = low + share * (high - low)
    for stops in (True, False):
        unread = screening.read(low, high, bound, stops, a(0.0))
        assert np.allclose(unread, (low, high), atol=1e-15)
        new_low, new_high = screening.read(low, high, bound, stops, a(inference))
        assert new_low <= new_high + 1e-12
        if 0.0 < share < 1.0 - 1e-9:
            assert new_low >= low - 1e-12
            assert new_high <= high + 1e-12


@given(laws, st.floats(0, 1), st.floats(0, 1))
def test_both_answers_together_say_nothing_on_average(law, share, inference):
    """The mean of what is thought after an answer, by the chance of each, is what was thought."""
    low, high = a(law[0]), a(law[0] + law[1])
    bound = low + share * (high - low)
    p_yes = screening.p_below(low, high, bound)
    yes, no = (sum(screening.read(low, high, bound, says, inference)) / 2 for says in (1, 0))
    assert p_yes * yes + (1 - p_yes) * no == pytest.approx((low + high) / 2, abs=1e-12)


@given(
    laws,
    st.floats(-0.3, 1.1),
    st.floats(0.01, 0.99),
    st.floats(-0.2, 1),
    st.one_of(st.just(0.0), st.floats(0.01, 0.8)),
)
def test_what_an_offer_may_bring_is_the_mean_over_those_who_may_offer(
    law, least, demand, most, width
):
    low, high = law[0], law[0] + law[1]
    place = (np.arange(20_000) + 0.5) / 20_000
    mosts = most + width * place
    offers = screening.offered(mosts, low, high, demand)
    gains = np.where(mosts > low, np.maximum(0.0, offers - least), 0.0)
    got = screening.expected_gain(a(least), a(low), a(high), a(demand), a(most), a(most + width))
    assert got[0] == pytest.approx(gains.mean(), abs=2e-4)


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_line_is_asked_more_of_the_less_the_other_is_thought_to_stop(given_away, p, more):
    asked, sooner = (
        screening.asked_of_a_line(a(given_away), a(chance))[0] for chance in (p, min(1.0, p + more))
    )
    assert 0.0 <= sooner <= asked
    assert (asked == 0.0) == (given_away <= 0.0)


# --- in a war ------------------------------------------------------------------------------------


@st.composite
def screened(draw):
    """Random wars with one issue, no standing offer, gate or patron, under the protocol."""
    data = draw(wars())
    data.setdefault("talks", copy.deepcopy(TALKS))
    if "front" not in data:
        data["talks"].pop("ceasefire")
    data["events"] = {}
    data["patrons"] = {name: one | {"on": False} for name, one in data["patrons"].items()}
    for name in ("ripeness", "commitment"):
        data["mechanisms"][name]["on"] = False
    data["talks"]["issues"] = {
        "land": {
            "title": "land",
            "ideal": side_by_side(attacker=1, defender=0),
            "salience": side_by_side(attacker=1, defender=1),
        }
    }
    read = draw(st.integers(0, 100)) / 100
    data["talks"]["protocol"] = hidden(
        draw(st.integers(1, 4)), draw(st.sampled_from(SIDES)), draw(st.floats(0.05, 1)),
        inference=side_by_side(attacker=read, defender=1),
    )  # fmt: skip
    for mind in data["minds"].values():
        mind["cost"] = figure(draw(st.sampled_from((0.1, 0.2, 0.4))))
    return data


TALKS = {
    "meetings": {"first": "2025-01-02", "second": "2025-01-12"},
    "length": {"most": figure(100, "min"), "hopeless": side_by_side(attacker=0.5, defender=1)},
    "ceasefire": {"p_violation": figure(0.3), "p_collapse": figure(0.4)},
}
PATIENCE = {"attacker": 0.9, "defender": 0.8}


class Law:
    """One side's law of the other's reservation, in plain numbers."""

    def __init__(self, demand, bluff, p_win):
        self.low, self.high = demand - bluff, demand
        self.demand, self.p_win = demand, p_win

    def day(self, demand, p_win):
        moved = 0.5 * (demand - self.demand) - (p_win - self.p_win)
        self.high = min(self.high + moved + 0.001, demand)
        self.low = min(self.low + moved - 0.001, self.high)
        self.demand, self.p_win = demand, p_win


def parts(offers, d, other):
    """(a, c) with one, two ... offers left."""
    found = [(0.5, 1.0)]
    while len(found) < offers:
        c = 1 - other + other * found[-1][0]
        found.append((c * c / (2 * c - d * found[-1][0]), c))
    return found


def one_meeting(laws, least, offerer, rounds):
    """Who gets what, and when: one side offers, the other compares each offer with the next."""
    other = SIDES[1 - SIDES.index(offerer)]
    law = laws[offerer]
    steps = parts(rounds, PATIENCE[offerer], PATIENCE[other])
    most = 1 - max(0.0, least[offerer]) if least[offerer] <= 1 else -np.inf
    for number in range(1, rounds + 1):
        left = rounds - number + 1
        if most <= law.low:
            return None, None
        offer = max(0.0, min(most - steps[left - 1][0] * (most - law.low), max(law.high, law.low)))
        price, sure = most - offer, max(0.0, most - max(0.0, law.high))
        value = price / steps[left - 1][1]
        if left > 1:
            waits = PATIENCE[other]
            value = min(value, (price - waits * sure) / (1 - waits))
        if least[other] <= most - value + 1e-12:
            return (1 - offer if offerer == "attacker" else offer), number / rounds
        answering = laws[other]
        answering.high = min(answering.high, 1 - offer)
        answering.low = min(answering.low, answering.high)
        width = law.high - law.low
        law.low = max(law.low, most - value)
        if law.low >= law.high - 1e-12:  # an offer that all accept ends at high, but for rounding
            law.high = law.low + width
    return None, None


def answers(laws, least, gains, inference, rounds):
    """Who would stop on the line, and who is held back; None where it is too close to call."""
    was = {side: (law.low, law.high) for side, law in laws.items()}
    said = {}
    for side, other in (SIDES, SIDES[::-1]):
        (low, high), (own_low, own_high) = was[other], was[side]
        bound, others = least[side] + gains[side], least[other] + gains[other]
        after = {
            True: (min(low, bound), min(high, bound)),
            False: (bound, bound + high - low) if bound >= high else (max(low, bound), high),
        }
        part = inference[other]
        ends = {
            says: tuple(old + part * (new - old) for old, new in zip((low, high), law, strict=True))
            for says, law in after.items()
        }
        bad, good = (1 - max(0.0, end) for end in (own_high, own_low))
        most = bad + (good - bad) * (np.arange(4_000) + 0.5) / 4_000
        step = parts(rounds, PATIENCE[other], PATIENCE[side])[-1][0]
        hoped = {}
        for says, (lowest, highest) in ends.items():
            offer = np.maximum(0.0, np.minimum(most - step * (most - lowest), highest))
            gained = np.where(most > lowest, np.maximum(0.0, offer - least[side]), 0.0)
            hoped[says] = gained.mean()
        given_away = PATIENCE[side] * (hoped[False] - hoped[True])
        p_stops = min(1.0, max(0.0, (others - own_low) / max(own_high - own_low, 1e-300)))
        left = p_stops * gains[side] - max(0.0, given_away)
        stops = gains[side] > 0 and left >= 0
        close = abs(gains[side]) < 1e-9 or (gains[side] > 0 and abs(left) < 1e-3)
        said[side] = (stops, gains[side] > 0 and not stops, close, ends)
    return said


@examples(15)
@given(screened())
def test_every_meeting_is_what_a_slow_making_says(data):
    war = War(Scenario.model_validate(data), 3, 5).run()
    meetings = war.recorder.meetings()
    rows = {
        (meetings["run"][row], meetings["day"][row]): row
        for row in range(len(meetings.get("run", ())))
    }
    protocol, letters = data["talks"]["protocol"], dict(zip(SIDES, "ud", strict=True))
    rounds, first = int(protocol["rounds"]["value"]), SIDES.index(protocol["first"])
    dates = [war.scenario.day_of(date) for date in war.scenario.talks.meetings.values()]
    start, none = war.recorder.runs(), np.zeros(3)
    for run in range(3):
        prior = {side: war.sample[f"minds.{side}.p_win"][run] for side in SIDES}
        said = {side: war.sample[f"minds.{side}.demand"][run] for side in SIDES}
        laws = {
            side: Law(said[SIDES[1 - k]], protocol["bluff"][side]["value"], prior[side])
            for k, side in enumerate(SIDES)
        }
        for k, side in enumerate(SIDES):
            laws[side].day(said[SIDES[1 - k]], prior[side])
        said = {side: start[f"demand_{letters[side]}_start"][run] for side in SIDES}
        for day, state in enumerate(war.recorder.daily):
            for k, side in enumerate(SIDES):
                learned = state.get(f"h_learning_{letters[side]}", none)[run]
                laws[side].day(said[SIDES[1 - k]], prior[side] + learned)
            said = {side: state[f"demand_{letters[side]}"][run] for side in SIDES}
            if (run, day) not in rows:
                continue
            least = {side: state[f"r_{letters[side]}"][run] for side in SIDES}
            offers = SIDES[(first + dates.index(day)) % 2]
            share, time = one_meeting(laws, least, offers, rounds)
            row = rows[run, day]
            assert meetings["agreed"][row] == (share is not None)
            before = war.recorder.daily[day - 1]["ceasefire"][run] if day else False
            if (
                "ceasefire" in data["talks"]
                and share is None
                and not (before and not state["collapsed"][run])
            ):
                held = {
                    SIDES[0]: state["share_held_u"][run],
                    SIDES[1]: 1 - state["share_held_u"][run],
                }
                gains = {
                    side: held[side] - least[side] + hardening(state, letters[side], run)
                    for side in SIDES
                }
                part = {k: v["value"] for k, v in protocol["inference"].items()}
                answered = answers(laws, least, gains, part, rounds)
                for side, (stops, held_back, close, ends) in answered.items():
                    if close:
                        stops = bool(meetings[f"ceasefire_{letters[side]}"][row])
                    else:
                        assert meetings[f"ceasefire_{letters[side]}"][row] == stops
                        assert meetings[f"held_back_{letters[side]}"][row] == held_back
                    reader = laws[SIDES[1 - SIDES.index(side)]]
                    reader.low, reader.high = ends[stops]
            if share is not None:
                assert meetings["position_land"][row] == pytest.approx(share, abs=1e-9)
                assert meetings["minutes"][row] == pytest.approx(100 * time)


def hardening(state, letter, run):
    """All that moves a reservation but prospects and costs."""
    apart = ("cost", "learning", "patrons")
    return sum(
        terms[run]
        for word, terms in state.items()
        if word.startswith("h_") and word.endswith(f"_{letter}") and word[2:-2] not in apart
    )


def hoping(**changes):
    """The record of two who leave .2 between them and demand .9; mechanisms are off."""
    data = war(mechanisms=mechanisms(), events={}, raids={}, publics=None)
    for side in data["sides"].values():
        side.pop("tempo", None), side.pop("retaliation", None)
    for side, least in (("attacker", 0.5), ("defender", 0.3)):
        data["minds"][side] |= {
            "p_win": figure(least + 0.1), "cost": figure(0.1), "demand": figure(0.9),
        }  # fmt: skip
    data["front"]["p_move"] = figure(0)
    data["talks"]["issues"].pop("status")
    data["talks"].pop("ceasefire")
    data["talks"] |= {
        "protocol": hidden(**changes),
        "meetings": {"first": "2025-01-01", "second": "2025-01-02", "third": "2025-01-03"},
    }
    return sim.run(Scenario.model_validate(data), 1, 1, workers=1)


def test_talks_fail_though_a_deal_is_possible_until_a_refusal_has_taught():
    # from 0 to .9 is thought of the other: .25 is offered, and .3 is its least
    record = hoping(bluff=0.9)
    meetings = record.meetings
    assert (meetings["room"] > 0.19).all()
    assert list(meetings["agreed"]) == [False, False, True]  # the attacker offers first and third
    assert meetings["position_land"].iloc[2] == pytest.approx(
        1 - (0.5 + 0.25 - 0.003) / 2, abs=2e-3
    )
    summary = summarise(record)
    said = " ".join(answer_sections(record.scenario, summary).lines)
    assert (
        "Talks failed although a deal was possible, and because none was, in first 100.0 " in said
    )
    failed = {n: meeting["failed_with_room"]["share"] for n, meeting in summary["meetings"].items()}
    assert failed == {"first": 1.0, "second": 1.0, "third": 0.0}


def held_back():
    """The defender would gain .05 by the line, and hopes for more by an offer."""
    data = war(mechanisms=mechanisms(), events={}, raids={}, publics=None)
    for side in data["sides"].values():
        side.pop("tempo", None), side.pop("retaliation", None)
    for side, least, demand in (("attacker", 0.8, 0.8), ("defender", 0.45, 0.7)):
        data["minds"][side] |= {
            "p_win": figure(least + 0.1), "cost": figure(0.1), "demand": figure(demand),
        }  # fmt: skip
    data["front"] |= {"p_move": figure(0), "rungs": figure(20), "start": figure(10)}
    data["talks"]["issues"].pop("status")
    data["talks"]["protocol"] = hidden(
        bluff=0.4, inference=side_by_side(attacker=1, defender=1)
    ) | {"bluff": side_by_side(attacker=0.4, defender=0.6)}
    data["talks"]["meetings"] = {"first": "2025-01-01"}
    return sim.run(Scenario.model_validate(data), 1, 1, workers=1, with_days=True)


def test_who_is_held_back_by_what_a_yes_would_show_is_told():
    record = held_back()
    (row,) = record.meetings.to_dict("records")
    assert (row["ceasefire_d"], row["held_back_d"]) == (False, True)
    assert (row["ceasefire_u"], row["held_back_u"]) == (False, False)  # it would lose by the line
    summary = summarise(record)
    assert summary["meetings"]["first"]["held_back_d"]["share"] == 1.0
    told = " ".join(talks_sections(record.scenario, summary).lines)
    assert "Defender would but for what a yes shows: 100.0 " in told
    sentences = list(_outcome(record, row))
    assert "Defender would gain by it, but for what a yes shows." in " ".join(sentences)


def test_whoever_thinks_the_other_hard_offers_enough_at_once():
    assert list(hoping(bluff=0.55).meetings["agreed"]) == [True]  # from .35 on is thought


def test_no_offer_is_made_where_nothing_is_thought_to_be_left():
    # from .6 on is thought: the attacker can spare .5 and is silent, the defender .7 and is not
    meetings = hoping(bluff=0.3).meetings
    assert list(meetings["agreed"]) == [False, True]
    assert meetings["position_land"].iloc[1] == pytest.approx((0.7 + 0.6) / 2, abs=2e-3)
