"""The verification of reports, the front, minds and talks: it agrees, and catches what is wrong."""

import functools

import numpy as np
import pytest

from sim import draws
from sim.evidence.verify import (
    bargaining,
    ceasefire,
    exchanges,
    front,
    history,
    inferred,
    landmarks,
    learning,
    mechanisms,
    packages,
    patience,
    patrons,
    policies,
    promises,
    publics,
    reports,
    spiral,
    suite,
    surprise,
    truces,
    unknown,
    weighed,
)
from sim.evidence.verify.courses import course, fought, uniform
from sim.evidence.verify.verdicts import of_verdicts
from sim.rules import bargaining as table
from sim.rules import beliefs, hardening, patronage
from sim.rules import front as ladder
from sim.rules import publics as people
from sim.rules import reports as words
from sim.rules import screening as offers
from sim.war.agents.attacker import Attacker
from sim.war.agents.mediator import Mediator
from sim.war.agents.negotiator import Negotiator
from sim.war.history import HistoryRead, LossesRead
from sim.war.model import War
from tests.verified import checks_of, verified


@pytest.fixture(autouse=True, scope="module")
def loaded_once():
    """Each scenario of a check is read once for all tests: they break rules, not figures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suite, "load_check", functools.cache(suite.load_check))
        yield


def cases():
    return {case.name: case for case in verified()}


def differ(group):
    """The names of the cases of a group that do not agree."""
    return _differ(group.CHECKS)


def is_caught(group, *names):
    """Whether none of these cases of a group agrees; its checks that make others are left out."""
    return set(names) <= _differ(checks_of(names, group.CHECKS))


def _differ(checks):
    return {case.name for case in suite.verify(checks=checks) if not case.agrees}


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("gambler's ruin, p = 0.3, won", 0.014252),
        ("gambler's ruin, p = 0.3, days", 12.1437),
        ("gambler's ruin, p = 0.55, won", 0.731717),
        ("gambler's ruin, p = 0.55, days", 23.1717),
        ("Richardson settles, underdog", 3),
        ("Richardson settles, favourite", 2),
        ("battles until the zone is open", 15),
        ("end_war, logit a month after", -0.08),
        ("alternating offers, 0.9 and 0.9", 0.526316),
        ("alternating offers, 0.9 and 0.8", 0.714286),
        ("alternating offers, 0.8 and 0.9", 0.357143),
        ("alternating offers, 2 rounds", 0.2),
        ("alternating offers, 3 rounds", 0.92),
        ("alternating offers, 5 rounds", 0.8624),
        ("alternating offers, 11 rounds", 0.769569),
        ("alternating offers, 51 rounds", 0.714363),
        ("Fearon's war, zone from", 0.5),
        ("Fearon's war, zone to", 0.75),
        ("Fearon's war, Nash", 0.625),
        ("only offer of 0.75, war", 0.375),
        ("two conceders, e = 0.25, part of the meeting", 0.4096),
        ("two conceders, e = 1, part of the meeting", 0.8),
        ("two conceders, e = 4, part of the meeting", 0.945742),
        ("two conceders, e = 4, share", 0.36),
    ],
)
def test_what_is_expected_is_what_is_published(name, published):
    assert float(cases()[name].expected) == pytest.approx(published, rel=4e-5)


def test_the_law_of_a_ruin_has_the_chance_and_the_mean_of_its_closed_form():
    for p in (0.3, 0.55):
        law = front._law(p, 10, 5, 400)
        p_win, mean = front._closed_forms(p, 10, 5)
        days = np.repeat(np.arange(1, 401), 2)
        assert law[1::2].sum() == pytest.approx(p_win)
        assert law[:-1] @ days == pytest.approx(mean)


def test_the_law_of_a_run_of_failures_has_the_mean_of_its_closed_form():
    for p, row in ((0.5, 1), (0.5, 3), (0.3, 2)):
        law = patience.run_law(p, row, 2_000)
        assert law.sum() == pytest.approx(1.0)
        assert law @ np.arange(2_001) == pytest.approx((p**-row - 1) / (1 - p))
    np.testing.assert_allclose(patience.run_law(0.5, 2, 4), [0, 0, 0.25, 0.125, 0.625])


def test_a_verdict_that_differs_once_is_caught():
    yes = np.array([True, False, True])
    assert of_verdicts("", "", yes, yes.copy()).agrees
    other = of_verdicts("", "", yes, np.array([True, True, True]))
    assert not other.agrees
    assert (other.expected, other.got) == ("in 2 of 3", "in 3, 1 differ")


# --- each is caught where its rule is wrong ------------------------------------------------------


def slightly(rule):
    """A rule that gives 1 % too much."""
    return functools.wraps(rule)(lambda *given: 1.01 * rule(*given))


@pytest.mark.parametrize("name", [name for name in hardening.MECHANISMS if name != "ripeness"])
def test_a_mechanism_that_is_one_per_cent_off_is_caught_alone(monkeypatch, name):
    right = hardening.MECHANISMS[name]

    @functools.wraps(right)
    def wrong(was, news, figures):
        remembered = right(was, news, figures)
        return remembered | {"term": 1.01 * remembered["term"]}

    monkeypatch.setitem(hardening.MECHANISMS, name, wrong)
    in_company = {
        "learning": {"learning, each side by its own weight"},
        "commitment": {"commitment, with learning beside it"},
    }
    assert differ(mechanisms) == {f"{name} alone"} | in_company.get(name, set())


def test_a_history_that_is_heard_otherwise_is_caught(monkeypatch):
    """Losses a hundredth too large, a month that counts though it was not heard, a line rounded."""
    names = {case.name for case in cases().values() if case.name.startswith("history")}
    assert len(names) == 8
    losses = names - {"history, the front in whole rungs", "history, aid that comes at the end"}
    with monkeypatch.context() as patch:
        patch.setattr(LossesRead, "of", slightly(LossesRead.of))
        assert differ(history) == losses
    with monkeypatch.context() as patch:
        close = LossesRead.close
        patch.setattr(LossesRead, "close", lambda read, days: close(read, read.days_heard))
        assert differ(history) == {
            name for name in names if name.endswith("a month surprises once")
        }
    with monkeypatch.context() as patch:
        moved = HistoryRead.move_front
        patch.setattr(HistoryRead, "move_front", lambda *given: moved(*given) + 1)
        assert differ(history) == {"history, the front in whole rungs"}


def test_a_gate_that_opens_a_day_late_is_caught(monkeypatch):
    right = hardening.MECHANISMS["ripeness"]

    def late(was, news, figures):
        return right(was, news, figures | {"still_for": figures["still_for"] + 1.0})

    monkeypatch.setitem(hardening.MECHANISMS, "ripeness", late)
    assert differ(mechanisms) == {"ripeness alone, in earnest"}


@pytest.mark.parametrize("name", ["cost", "image", "rally", "sacred"])
def test_what_fades_too_fast_is_caught_by_its_half_life(monkeypatch, name):
    right = hardening.MECHANISMS[name]

    @functools.wraps(right)
    def fleeting(was, news, figures):
        return right(was, news, figures | {"lasts": 0.99 * figures["lasts"]})

    monkeypatch.setitem(hardening.MECHANISMS, name, fleeting)
    assert differ(landmarks) == {f"half-life of {name}"}


def test_a_vow_that_does_not_follow_is_caught(monkeypatch):
    right = hardening.MECHANISMS["audience"]

    @functools.wraps(right)
    def fickle(was, news, figures):
        return right(was, news._replace(demand=np.minimum(news.demand, 0.7)), figures)

    monkeypatch.setitem(hardening.MECHANISMS, "audience", fickle)
    assert is_caught(landmarks, "audience, a vow that follows")


def hears_no_enemy(truth, own, enemy, weights):
    return (weights[0] * truth + weights[1] * own) / (weights[0] + weights[1])


def forgets_the_raid(a, b, loss):
    return a, b + loss


def forgets_the_loss(a, b, loss):
    return a + 1.0, b


def counts_one_more(p, n, good, bad):
    return (p * n + good) / (1.0 + n + good + bad)


def waves_bad_news_away(p, n, good, bad):
    return (p * n + good) / (n + good + 0.5 * bad)


def tires_at_once(days, start, onset):
    return np.log10(days / start)


def gives_each_its_weight(least, other, salience, *rest):
    return np.ones_like(salience) * (0.5 + 0.5 * (least - other))[:, None] * 1.01


def stops_too_soon(held, p, cost):
    return p - held < 1.1 * cost


def gives_way_late(most, high, offer, next_demand, keeps, patience_other):
    return offer + 0.0 * most


def reads_nothing(low, high, *_):
    return low, high


def gain_together(one, other):
    return one + other > 0.0


def leaves_always(stake, *_):
    return np.ones(len(stake), np.bool_)


def forgets_the_cost(prior, rests_on_aid, _, expected):
    return patronage.Backing(rests_on_aid * prior * (expected - 1.0), np.zeros(len(prior)))


def believes_all(p_win, belief, weight, *_):
    return weight * (belief - p_win)


def gives_alike(utility, salience, other):
    return np.ones_like(salience) * utility[:, None]


@pytest.mark.parametrize(
    ("group", "home", "rule", "wrong", "caught"),
    [
        (reports, words, "claimed", slightly, "claim"),
        (reports, words, "admitted", slightly, "admission"),
        (reports, words, "believed", hears_no_enemy, "belief of the leader who struck"),
        (surprise, beliefs, "surprise", slightly, "surprise beyond a threshold"),
        (surprise, beliefs, "foresight_after", forgets_the_raid, "surprise at the third blow"),
        (surprise, beliefs, "foresight_after", forgets_the_loss, "surprises of three blows, sum"),
        (front, ladder, "p_underdog_advances", lambda p, *_: p, "strength against half of it, won"),
        (learning, beliefs, "p_win", counts_one_more, "belief gap"),
        (learning, beliefs, "p_win", waves_bad_news_away, "Z with a common prior and news"),
        (publics, people, "decades_of_war", slightly, "end_war, logit a month after"),
        (publics, people, "decades_of_war", tires_at_once, "concede, first year"),
        (publics, people, "rally", slightly, "a public struck, end_war"),
        (publics, people, "sunk", slightly, "a public struck, concede"),
        (bargaining, table, "nash", gives_each_its_weight, "Nash, any weight"),
        (bargaining, table, "alternating_offers", slightly, "alternating offers, 51 rounds"),
        (bargaining, table, "stays", slightly, "walking out of a meeting"),
        (promises, table, "asks_now", slightly, "the side struck demands more now"),
        (promises, table, "survival", slightly, "a gap of 1 from -.5, spread 2 (rule)"),
        (promises, table, "leaders_least", slightly, "judged alike, office worth 1"),
        (unknown, offers, "offered", slightly, "one offer from 0.4 to 0.1-0.5, kept"),
        (unknown, offers, "gives_way", gives_way_late, "3 offers, accepted by number 1"),
        (inferred, offers, "expected_gain", slightly, "inference 1, held back"),
        (inferred, offers, "read", reads_nothing, "inference 1, believed reservation, high"),
        (inferred, offers, "read", reads_nothing, "inference 1, the next offer, kept"),
        (inferred, offers, "p_below", slightly, "inference 1, stops iff it gains 0.097481"),
        (packages, table, "frontier", gives_alike, "rubinstein: signed where a package is found"),
        (packages, table, "nash", gives_each_its_weight, "nash: no package is better"),
        (packages, table, "nash", gives_each_its_weight, "nash: a common prior settles"),
        (ceasefire, table, "accepts_ceasefire", stops_too_soon, "ceasefire, made"),
        (exchanges, table, "both_gain", gain_together, "exchange of prisoners"),
        (truces, table, "both_gain", gain_together, "truce, made where both gain"),
        (weighed, people, "hardness", slightly, "image, weighed by the public"),
        (weighed, people, "hardness", slightly, "audience, weighed by the public"),
        (bargaining, table, "nash", gives_each_its_weight, "an offer beside the table, Nash"),
        (exchanges, table, "exchanged", slightly, "exchange of fallen"),
        (patrons, patronage, "leaves", leaves_always, "threat, credible iff leaving pays"),
        (patrons, patronage, "backed", forgets_the_cost, "threat of 0.5, foreseen, z"),
        (patrons, patronage, "backed", forgets_the_cost, "aid that spares cost narrows Z by it"),
        (patrons, patronage, "restrained", believes_all, "counsel of restraint"),
        (patrons, patronage, "aid_given", slightly, "cards, the supply"),
        (patrons, patronage, "guaranteed", slightly, "guarantee of two patrons, then of one"),
    ],
)  # fmt: skip
def test_a_rule_that_is_wrong_is_caught(monkeypatch, group, home, rule, wrong, caught):
    right = getattr(home, rule)
    monkeypatch.setattr(home, rule, slightly(right) if wrong is slightly else wrong)
    assert is_caught(group, caught)


def test_conceders_who_meet_late_are_caught(monkeypatch):
    right = table.concession

    def late(*given):
        time, utility = right(*given)
        return 1.01 * time, utility

    monkeypatch.setattr(table, "concession", late)
    assert is_caught(bargaining, "two conceders, e = 1, part of the meeting")


def test_a_spiral_that_answers_too_much_is_caught(monkeypatch):
    right = hardening.MECHANISMS["spiral"]

    @functools.wraps(right)
    def louder(was, news, figures):
        return right(was, news, figures | {"reaction": 1.11 * figures["reaction"]})

    monkeypatch.setitem(hardening.MECHANISMS, "spiral", louder)
    assert is_caught(
        spiral,
        "Richardson settles, underdog",
        "Richardson's course",
        "rate of growth or decay",
        "fades, near the line",
    )


@pytest.mark.parametrize(
    ("group", "purpose", "caught"),
    [
        (front, draws.FRONT_DIRECTION, "gambler's ruin, p = 0.55, law of end and day"),
        (ceasefire, draws.VIOLATION, "ceasefire, days to the first breach"),
        (ceasefire, draws.COLLAPSE, "ceasefire, breaches to collapse"),
        (policies, draws.TEMPO, "tempo after a breakdown"),
        (policies, draws.RETALIATION, "retaliation, answered"),
        (patrons, draws.WITHDRAWAL, "withdrawn at the second refusal"),
        (patrons, draws.SANCTIONS, "sanctioned in three refusals"),
    ],
)
def test_luck_that_is_not_even_is_caught(monkeypatch, group, purpose, caught):
    right = War.draw

    def crooked(war, actor, what):
        drawn = right(war, actor, what)
        return drawn**1.5 if what == purpose else drawn

    monkeypatch.setattr(War, "draw", crooked)
    assert is_caught(group, caught)


def test_an_answer_that_comes_a_day_late_is_caught(monkeypatch):
    right = Attacker.retaliate

    def late(attacker, where):
        before = attacker.due
        right(attacker, where)
        added = {day: due & ~before.get(day, np.False_) for day, due in attacker.due.items()}
        attacker.due = before | {
            day + 1: before.get(day + 1, False) | due for day, due in added.items()
        }

    monkeypatch.setattr(Attacker, "retaliate", late)
    assert differ(policies) == {"retaliation, its day", "retaliation, its delay"}


def test_a_mediator_who_tries_once_more_is_caught(monkeypatch):
    monkeypatch.setattr(
        Mediator, "invites", lambda mediator: mediator.failures <= mediator.patience
    )
    assert is_caught(patience, *(f"meetings until {row} in a row fail, law" for row in (1, 2, 3)))


def test_a_mediator_who_counts_all_failures_is_caught(monkeypatch):
    def learn(mediator, met, succeeded):
        mediator.failures = mediator.failures + (met & ~succeeded)

    monkeypatch.setattr(Mediator, "learn", learn)
    caught = differ(patience)
    assert "meetings until 3 in a row fail, law" in caught
    assert "meetings until 1 in a row fail, law" not in caught


def test_a_truce_that_a_mediator_takes_for_success_is_caught(monkeypatch):
    right = War._talk

    def lenient(war):
        before = war.truce_ends
        right(war)
        war.mediator.failures = np.where(war.truce_ends > before, 0.0, war.mediator.failures)

    monkeypatch.setattr(War, "_talk", lenient)
    assert differ(truces) == {"truce, not a success of the mediator"}


def test_a_truce_that_ends_a_day_early_is_caught(monkeypatch):
    right = War._move_front

    def hasty(war):
        war.truce_ends = war.truce_ends - 1.0
        right(war)
        war.truce_ends = war.truce_ends + 1.0

    monkeypatch.setattr(War, "_move_front", hasty)
    assert differ(truces) == {"truce, the line stands still"}


def test_who_signs_without_earnest_is_caught(monkeypatch):
    everywhere = property(lambda negotiator: np.ones(len(negotiator.prior), np.bool_))
    monkeypatch.setattr(Negotiator, "in_earnest", everywhere)
    assert is_caught(
        patience,
        "not in earnest, favourite does not stop",
        *(f"{name}: settled when first in earnest" for name in ("mediator", "nash")),
    )


def test_an_offer_that_is_forgotten_at_the_table_is_caught(monkeypatch):
    right = Mediator.hold

    def forgetful(mediator, name):
        mediator.offered = {side: 0.5 * worth for side, worth in mediator.offered.items()}
        return right(mediator, name)

    monkeypatch.setattr(Mediator, "hold", forgetful)
    assert is_caught(
        bargaining, "an offer beside the table, signed", "an offer beside the table, Nash"
    )


def test_a_demand_that_does_not_follow_is_caught(monkeypatch):
    right = Negotiator._demand

    def still(negotiator):
        before = negotiator.demand
        right(negotiator)
        negotiator.demand = np.maximum(before, negotiator.reservation)

    monkeypatch.setattr(Negotiator, "_demand", still)
    assert is_caught(landmarks, "a demand keeps its share of the range")


def test_a_demand_at_a_distance_is_caught(monkeypatch):
    def distant(negotiator):
        mind = f"minds.{negotiator.side}"
        start = negotiator.model.sample[f"{mind}.demand"]
        negotiator.demand = np.clip(negotiator.reservation + start - negotiator.base(), 0.0, 1.0)
        negotiator.demand = np.maximum(negotiator.demand, negotiator.reservation)

    monkeypatch.setattr(Negotiator, "_demand", distant)
    assert is_caught(
        landmarks, "a demand keeps its share of the range", "audience, what is left after a vow"
    )


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        ("cost", "softens the struck, fades"),
        ("image", "hardens the struck, fades"),
        ("rally", "hardens the struck, fades"),
        ("audience", "hardens the struck, for good"),
        ("threshold", "softens the struck, for good"),
        ("sunk", "hardens the struck, for good"),
        ("turbulence", "softens both, fades"),
    ],
)
def test_a_mechanism_turned_round_is_caught_by_one_strike(monkeypatch, name, effect):
    right = hardening.MECHANISMS[name]

    @functools.wraps(right)
    def round_about(was, news, figures):
        remembered = right(was, news, figures)
        return remembered | {"term": -remembered["term"]}

    monkeypatch.setitem(hardening.MECHANISMS, name, round_about)
    assert is_caught(landmarks, f"one strike, {name} {effect}")


def test_aid_that_does_not_follow_is_caught(monkeypatch):
    monkeypatch.setattr(War, "aid", lambda war, side: 1.0)
    assert differ(policies) == {"aid follows prospects"}


def test_a_reservation_that_forgets_a_term_is_caught(monkeypatch):
    right = table.reservation
    monkeypatch.setattr(table, "reservation", lambda p, c, h: right(p, c, 0.99 * h))
    assert is_caught(landmarks, "Z with all mechanisms on")


# --- the wars of a check -----------------------------------------------------------------------


def test_a_course_is_what_days_parquet_says():
    war = fought(suite.load_check("mechanisms", "mechanisms.cost.on=true"), 3, 2)
    days = war.recorder.days()
    theirs = days["side"] == "favourite"
    terms = course(war, "h_cost_d")
    assert terms.shape == (59, 3)
    for run in range(3):
        np.testing.assert_array_equal(terms[:, run], days["h_cost"][theirs & (days["run"] == run)])


def test_numbers_of_a_check_are_uniform_and_their_own():
    one, other = uniform(1, 20_000, "one"), uniform(1, 20_000, "other")
    assert abs(one.mean() - 0.5) < 0.01
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03
    np.testing.assert_array_equal(one[:100], uniform(1, 100, "one"))
