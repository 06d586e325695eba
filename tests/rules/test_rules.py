"""Rules against closed forms and published numbers, and the laws they must obey."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from sim.rules import (
    bargaining,
    beliefs,
    counting,
    damage,
    detection,
    front,
    geometry,
    hardening,
    interception,
    money,
    publics,
    reports,
    salvo,
)
from tests.examples import examples

shares = st.floats(0.0, 1.0)


def a(*values):
    return np.array(values, float)


# --- geometry ----------------------------------------------------------------------------------


def test_a_quarter_of_the_equator():
    quarter = np.pi / 2 * geometry.EARTH_RADIUS_KM
    assert geometry.distance_km(0, 0, 0, 90) == pytest.approx(quarter)
    assert geometry.nearest_approach_km((0, 0, 0, 90), 10, 30) == pytest.approx(
        (quarter / 3, 10 / 90 * quarter)
    )


def test_a_leg_of_no_length_is_as_near_as_its_place():
    along, offset = geometry.nearest_approach_km((50, 30, 50, 30), 51, 32)
    assert along == 0.0
    assert offset == geometry.distance_km(50, 30, 51, 32) > 100.0


def test_a_place_a_quarter_of_the_globe_beside_a_leg():
    quarter = np.pi / 2 * geometry.EARTH_RADIUS_KM
    assert geometry.nearest_approach_km((0, 0, 0, 7), 90, 0)[1] == pytest.approx(quarter)


def test_a_place_behind_the_start_is_passed_before_it():
    along, _ = geometry.nearest_approach_km((50, 30, 50, 40), 50, 25)
    assert along < 0


@given(
    st.tuples(*[st.floats(-60, 60), st.floats(-60, 60)] * 3),
)
def test_the_three_sides_of_a_right_triangle(numbers):
    lat1, lon1, lat2, lon2, lat, lon = numbers
    if geometry.distance_km(lat1, lon1, lat2, lon2) < 1.0:
        return
    along, offset = geometry.nearest_approach_km((lat1, lon1, lat2, lon2), lat, lon)
    radius = geometry.EARTH_RADIUS_KM
    cosine = np.cos(along / radius) * np.cos(offset / radius)
    expected = np.cos(geometry.distance_km(lat1, lon1, lat, lon) / radius)
    assert cosine == pytest.approx(expected, abs=1e-9)


def test_a_chord():
    assert geometry.half_chord_km(5.0, 3.0) == 4.0
    assert geometry.half_chord_km(3.0, 3.0) == 0.0


# --- detection and interception ----------------------------------------------------------------


def test_detection_on_a_chord_by_koopman():
    # 12 looks an hour, a circle of 30 km passed at 10 km, 180 km/h
    dwell_min = 2 * geometry.half_chord_km(30.0, 10.0) / 3.0
    u = (np.arange(100_000) + 0.5) / 100_000
    times = np.array([detection.time_to_detection_min(x, 12 / 60) for x in u])
    assert np.mean(times <= dwell_min) == pytest.approx(0.9769764, abs=1e-5)


def test_detection_at_once_and_never():
    assert detection.time_to_detection_min(0.5, np.inf) == 0.0
    assert detection.time_to_detection_min(0.5, 0.0) == np.inf
    assert interception.time_to_jamming_min(0.5, 0.1, 0.0) == np.inf


def test_a_salvo_kills_unless_every_round_misses():
    assert interception.p_kill_of_salvo(0.7, 3) == pytest.approx(1 - 0.3**3)


@given(shares, st.floats(0, 1), st.floats(0, 3))
def test_experience_never_hurts(p, experience, effect):
    learned = interception.p_kill_of_experienced(p, experience, effect)
    assert p - 1e-12 <= learned <= 1.0


@given(shares, shares)
def test_alertness_lies_between_readiness_and_full(readiness, alert):
    assert readiness <= detection.alertness(readiness, alert) + 1e-12 <= 1.0 + 2e-12


@given(st.integers(0, 50), shares, shares)
def test_dispersal_leaves_whole_assets(alive, dispersal, alert):
    left = damage.present(alive, dispersal, alert)
    assert left == int(left)
    assert 0 <= left <= alive
    assert abs(left - alive * (1 - dispersal * alert)) <= 0.5


@given(st.fractions(0, 100, max_denominator=1000), st.integers(1, 500))
def test_whole_things_come_out_of_a_sum_as_its_digits_say(part, days):
    """By exact fractions: what is added day by day in binary makes as many whole things."""
    stock = 0.0
    for _ in range(days):
        stock += float(part)
    assert counting.whole(stock) == (part * days) // 1


@given(st.integers(1, 10_000), st.decimals("0.01", "9999", places=2), st.integers(0, 3))
def test_a_budget_buys_what_it_is_the_price_of(count, price, places):
    """And a cent less buys one less."""
    scale = 10**places
    budget = float(price * count / scale)
    assert money.bought(budget, float(price / scale)) == count
    assert money.bought(float((price * count - price / 100) / scale), float(price / scale)) < count


def test_half_of_what_may_disperse_is_rounded_by_its_digits():
    assert damage.present(5, 0.9, 1.0) == 1  # 5 (1 - .9) is .49999999999999989
    assert damage.present(15, 0.3, 1.0) == 11


@given(st.floats(0.05, 0.95), st.floats(0.0, 0.9), shares)
def test_learning_hardens_above_what_was_expected_of_the_war(p, discount, rank):
    """By the bound of docs/theories.md, for a striker of one raid."""
    bound = p * (1.0 - discount) / (1.0 - p * discount)
    assume(abs(rank - bound) > 1e-6)
    after = beliefs.p_win(p, 20.0, rank, (1.0 - discount) * (1.0 - rank))
    assert (after > p) == (rank > bound)


def test_a_raid_that_does_less_than_foreseen_softens_both():
    """Half the loss foreseen: the striker expected .45 of the war, the struck .75."""
    rank = beliefs.p_no_larger(*beliefs.foresight_prior(0.005, 5.0), 0.0025)
    assert rank == pytest.approx(0.4355, abs=1e-4)
    struck = beliefs.p_win(0.75, 20.0, 1.0 - rank, 0.6 * rank)
    assert struck - 0.75 == pytest.approx(-0.0026, abs=5e-5)
    assert beliefs.p_win(0.45, 20.0, rank, 1.0 - rank) < 0.45


# --- reports and beliefs -----------------------------------------------------------------------


@given(shares, shares, shares, st.tuples(st.floats(0.1, 5), st.floats(0, 5), st.floats(0, 5)))
def test_a_belief_lies_among_what_is_said(truth, own, enemy, weights):
    belief = reports.believed(truth, own, enemy, weights)
    assert min(truth, own, enemy) - 1e-9 <= belief <= max(truth, own, enemy) + 1e-9


def test_a_belief_weighs_truth_own_and_enemy_reports():
    assert reports.believed(10.0, 4.0, 40.0, (2.0, 1.0, 1.0)) == pytest.approx(16.0)
    assert reports.believed(10.0, 4.0, 40.0, (0.0, 3.0, 1.0)) == pytest.approx(13.0)


def test_claims_exaggerate_and_admissions_shrink():
    assert (reports.claimed(10.0, 3.0), reports.admitted(10.0, 0.4)) == (30.0, 4.0)


def test_surprise_is_exponential_when_the_foreseen_law_is_true():
    prior = beliefs.foresight_prior(0.02, 6.0)
    rng = np.random.default_rng(1)
    losses = rng.exponential(1.0 / rng.gamma(prior[0], 1.0 / prior[1], 20_000))
    s = beliefs.surprise(*prior, losses)
    assert stats.kstest(s, "expon", args=(0, 1 / np.log(10))).pvalue > 1e-3


def test_the_foreseen_law_has_the_mean_it_was_given():
    a_, b_ = beliefs.foresight_prior(0.03, 4.0)
    tail, _ = integrate.quad(lambda x: 10 ** -beliefs.surprise(a_, b_, x), 0, np.inf)
    assert tail == pytest.approx(0.03)


def test_foresight_becomes_the_mean_of_what_was_seen():
    # prior mean .02 worth 4 raids; after raids of .1 and .3 the mean is (4 * .02 + .4) / 6
    belief = beliefs.foresight_prior(0.02, 4.0)
    for loss in (0.1, 0.3):
        belief = beliefs.foresight_after(*belief, loss)
    assert belief[1] / (belief[0] - 1.0) == pytest.approx(0.08)


def test_success_is_one_minus_the_tail():
    a_, b_ = beliefs.foresight_prior(0.03, 4.0)
    loss = a(0.0, 0.01, 0.2)
    tail = 10.0 ** -beliefs.surprise(a_, b_, loss)
    np.testing.assert_allclose(beliefs.p_no_larger(a_, b_, loss), 1 - tail)


def test_the_belief_gap_closes_by_information_alone():
    # Beta(8, 2) and Beta(2, 8) on one common signal differ by 6 / (10 + n), whatever happened
    for good, bad in [(0, 14), (7, 7), (14, 0)]:
        gap = beliefs.p_win(0.8, 10.0, good, bad) - beliefs.p_win(0.2, 10.0, good, bad)
        assert gap == pytest.approx(6 / 24)


# --- the front ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "p_win", "mean_days"), [(0.3, 0.014252, 12.1437), (0.55, 0.731717, 23.1717)]
)
def test_gamblers_ruin(p, p_win, mean_days):
    runs, rung, days = 40_000, np.full(40_000, 5), np.zeros(40_000)
    rng = np.random.default_rng(7)
    always = np.ones(runs, bool)
    while np.any((rung > 0) & (rung < 10)):
        days += (rung > 0) & (rung < 10)
        rung = front.moved(rung, 10, always, rng.random(runs) < p)
    error = 4 * np.sqrt(p_win * (1 - p_win) / runs)
    assert np.mean(rung == 10) == pytest.approx(p_win, abs=error)
    assert days.mean() == pytest.approx(mean_days, abs=4 * days.std() / np.sqrt(runs))


def test_an_end_of_the_ladder_is_not_left():
    rung = front.moved(np.array([0, 10, 5]), 10, np.ones(3, bool), np.ones(3, bool))
    assert rung.tolist() == [0, 10, 6]


@given(st.floats(0.05, 0.95), st.floats(0.1, 1), st.floats(0.1, 1), st.floats(0.01, 3))
def test_strength_pulls_the_front(p, mine, theirs, effect):
    with_strength = front.p_underdog_advances(p, mine, theirs, effect)
    assert (with_strength >= p - 1e-12) == (mine >= theirs) or mine == pytest.approx(theirs)
    swapped = front.p_underdog_advances(1 - p, theirs, mine, effect)
    assert with_strength == pytest.approx(1 - swapped)


def test_with_nothing_left_the_front_is_even_handed():
    assert front.p_underdog_advances(a(0.3), a(0.0), a(0.0), a(2.0)) == pytest.approx(0.3)


def test_without_effect_strength_does_not_matter():
    assert front.p_underdog_advances(a(0.4), a(0.0), a(1.0), a(0.0)) == pytest.approx(0.4)


# --- bargaining --------------------------------------------------------------------------------


def test_fearons_example():
    r_u = bargaining.reservation(0.6, 0.1, 0.0)
    r_d = bargaining.reservation(0.4, 0.15, 0.0)
    assert (r_u, 1 - r_d) == pytest.approx((0.5, 0.75))
    share = bargaining.nash(a(r_u), a(r_d), a(1.0)[:, None], a(1.0)[:, None], a(0.5))
    assert share[0, 0] == pytest.approx(0.625)


@given(shares, shares, shares, shares, st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_z_is_an_identity(p_u, p_d, c_u, c_d, h_u, h_d):
    r_u = bargaining.reservation(p_u, c_u, h_u)
    r_d = bargaining.reservation(1 - p_d, c_d, h_d)
    expected = c_u + c_d - (p_u - p_d) - h_u - h_d
    assert bargaining.zone(r_u, r_d) == pytest.approx(expected, abs=1e-12)


@given(st.floats(0, 1.2), st.floats(0, 1.2))
def test_room_of_one_issue_is_z(r_u, r_d):
    one = np.ones((1, 1))
    assert bargaining.room(a(r_u), a(r_d), one, one)[0] == pytest.approx(
        bargaining.zone(r_u, r_d), abs=1e-12
    )


saliences = st.lists(st.floats(0.05, 1.0), min_size=2, max_size=5)


def _packages(w_u, w_d):
    """Saliences of equal length, adding up to 1."""
    count = min(len(w_u), len(w_d))
    u, d = np.array(w_u[:count]), np.array(w_d[:count])
    return (u / u.sum())[None], (d / d.sum())[None]


@given(saliences, saliences, st.floats(0, 1), st.floats(0, 1))
def test_room_is_what_a_linear_programme_finds(w_u, w_d, r_u, r_d):
    u, d = _packages(w_u, w_d)
    room = bargaining.room(a(r_u), a(r_d), u, d)[0]
    # the most for the underdog such that the favourite gets its reservation: d (1 - x) >= r_d
    best = optimize.linprog(-u[0], A_ub=d, b_ub=[1 - r_d], bounds=(0, 1))
    assert room == pytest.approx(-best.fun - r_u, abs=1e-6)  # the solver's


@pytest.mark.parametrize(
    ("least", "most"), [((0.0, 1.0), 0.5), ((1.0, 0.0), 0.5), ((0.2, 0.3), 0.5)]
)
def test_what_only_one_cares_for_goes_to_that_one(least, most):
    # the first issue is nothing to the favourite, the second nothing to the underdog
    r_u, r_d = (np.array([r]) for r in least)
    w_u, w_d = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    assert bargaining.room(r_u, r_d, w_u, w_d) == pytest.approx(1.0 - r_u)
    np.testing.assert_array_equal(bargaining.nash(r_u, r_d, w_u, w_d, most), [[1.0, 0.0]])


@given(saliences, saliences, st.floats(0, 0.7), st.floats(0, 0.7), st.floats(0.05, 0.95))
def test_the_nash_package_is_feasible_efficient_and_best(w_u, w_d, r_u, r_d, weight):
    u, d = _packages(w_u, w_d)
    if bargaining.room(a(r_u), a(r_d), u, d)[0] < 1e-6:
        return
    x = bargaining.nash(a(r_u), a(r_d), u, d, a(weight))
    gain_u = bargaining.utility(x, u)[0] - r_u
    gain_d = bargaining.utility(1 - x, d)[0] - r_d
    assert gain_u >= -1e-9
    assert gain_d >= -1e-9

    def product(y):
        one = max(0.0, float(u[0] @ y) - r_u)
        other = max(0.0, float(d[0] @ (1 - y)) - r_d)
        return one**weight * other ** (1 - weight)

    rng = np.random.default_rng(0)
    rivals = np.clip(x[0] + rng.normal(0, 0.2, (60, x.shape[1])), 0, 1)
    assert all(product(y) <= product(x[0]) + 1e-9 for y in [*rivals, *rng.random((60, len(x[0])))])


def kept_of_one_pie(first, second, rounds):
    """What the first to offer keeps of one issue, nobody having anything else."""
    one = np.ones((1, 1))
    kept = bargaining.alternating_offers(
        a(0.0), a(0.0), one, one, a(first), a(second), True, a(float(rounds))
    )
    return kept[0]


@pytest.mark.parametrize(
    ("first", "second", "kept"), [(0.9, 0.9, 0.526316), (0.9, 0.8, 0.714286), (0.8, 0.9, 0.357143)]
)
def test_rubinsteins_endless_offers(first, second, kept):
    assert kept_of_one_pie(first, second, np.inf) == pytest.approx(kept, abs=1e-6)


@pytest.mark.parametrize(
    ("rounds", "kept"), [(1, 1.0), (2, 0.2), (3, 0.92), (5, 0.8624), (11, 0.769569), (51, 0.714363)]
)
def test_offers_that_end(rounds, kept):
    assert kept_of_one_pie(0.9, 0.8, rounds) == pytest.approx(kept, abs=1e-6)


def test_two_who_can_wait_for_ever_share_alike():
    assert kept_of_one_pie(1.0, 1.0, np.inf) == pytest.approx(0.5)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 30))
def test_offers_that_end_by_walking_back_from_the_last(first, second, rounds):
    kept = 1.0
    for left in range(1, rounds):  # who hears the offer with `left` offers after it
        hears_first = (rounds - left) % 2 == 0
        kept = 1.0 - (first if hears_first else second) * kept
    assert kept_of_one_pie(first, second, rounds) == pytest.approx(kept, abs=1e-6)


bargains = (saliences, saliences, st.floats(0, 0.6), st.floats(0, 0.6), st.floats(0.05, 0.99))


def _surpluses(w_u, w_d, r_u, r_d, patience, first, rounds=np.inf):
    """What each side gets above its reservation when the underdog (or not) offers first."""
    u, d = _packages(w_u, w_d)
    if bargaining.room(a(r_u), a(r_d), u, d)[0] < 1e-3:
        return None
    utility = bargaining.alternating_offers(
        a(r_u), a(r_d), u, d, a(patience[0]), a(patience[1]), first, a(rounds)
    )
    x = bargaining.frontier(utility, u, d)
    return bargaining.utility(x, u)[0] - r_u, bargaining.utility(1 - x, d)[0] - r_d


@given(*bargains, st.floats(0.05, 0.99))
def test_each_offer_leaves_the_other_just_what_waiting_would_bring(w_u, w_d, r_u, r_d, d_u, d_f):
    one = _surpluses(w_u, w_d, r_u, r_d, (d_u, d_f), True)
    other = _surpluses(w_u, w_d, r_u, r_d, (d_u, d_f), False)
    if one is not None:
        assert one[1] == pytest.approx(d_f * other[1], abs=1e-8)
        assert other[0] == pytest.approx(d_u * one[0], abs=1e-8)
        assert min(*one, *other) >= -1e-9


@given(*bargains, st.floats(0.05, 0.99))
def test_who_is_called_underdog_does_not_matter_to_offers(w_u, w_d, r_u, r_d, d_u, d_f):
    one = _surpluses(w_u, w_d, r_u, r_d, (d_u, d_f), True)
    other = _surpluses(w_d, w_u, r_d, r_u, (d_f, d_u), False)
    if one is not None:
        assert one == pytest.approx((other[1], other[0]), abs=1e-7)


def test_many_rounds_are_as_good_as_endless_on_a_bent_frontier():
    bent = ((0.8, 0.2), (0.2, 0.8), 0.5, 0.5, (0.9, 0.9), True)
    assert _surpluses(*bent, 301) == pytest.approx(_surpluses(*bent), abs=1e-6)
    assert _surpluses(*bent)[0] == pytest.approx(0.306, abs=1e-3)


@given(saliences, saliences, st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_a_package_both_accept_exists_iff_there_is_room(w_u, w_d, r_u, r_d):
    u, d = _packages(w_u, w_d)
    room = bargaining.room(a(r_u), a(r_d), u, d)[0]
    # u x >= r_u and d (1 - x) >= r_d
    found = optimize.linprog(
        np.zeros(u.shape[1]), A_ub=np.vstack([-u, d]), b_ub=[-r_u, 1 - r_d], bounds=(0, 1)
    )
    assume(abs(room) > 1e-6)  # the solver's
    assert (room > 0) == (found.status == 0)


def test_no_modesty_helps_against_who_wants_more_than_there_is():
    # Z is .1, but the favourite wants 1.2 of 1
    one = np.ones((1, 1))
    assert bargaining.room(a(-0.3), a(1.2), one, one)[0] == pytest.approx(-0.2)
    assert bargaining.room(a(1.2), a(-0.3), one, one)[0] == pytest.approx(-0.2)


@given(saliences, saliences, shares)
def test_a_package_of_the_frontier_is_dominated_by_none(w_u, w_d, wanted):
    u, d = _packages(w_u, w_d)
    x = bargaining.frontier(a(wanted), u, d)
    assert bargaining.utility(x, u)[0] == pytest.approx(wanted, abs=1e-9)
    best = optimize.linprog(d[0], A_ub=-u, b_ub=[-wanted], bounds=(0, 1))
    assert bargaining.utility(1 - x, d)[0] == pytest.approx(1 - best.fun, abs=1e-6)


@given(st.floats(-1, 0.99), st.floats(1e-9, 1), st.floats(0, 0.009))
def test_who_concedes_a_part_concedes_it_of_whatever_is_left(r, part, harder):
    demand = bargaining.asked(a(r), a(part))
    assert bargaining.conceded(demand, a(r))[0] == pytest.approx(part, abs=1e-12)
    assert r - 1e-15 <= demand[0] < 1.0
    later = bargaining.asked(a(r + harder), a(part))
    assert later[0] - demand[0] == pytest.approx(harder * part, abs=1e-12)


def test_who_demands_its_least_concedes_all_and_who_demands_everything_nothing():
    demand, least = a(0.5, 0.4, 1.0, 0.9, 1.0, 1.2), a(0.5, 0.5, 0.5, 1.2, 1.2, 1.2)
    np.testing.assert_array_equal(
        bargaining.conceded(demand, least), [1.0, 1.0, 0.0, 1.0, 0.0, 0.0]
    )


def meet(r_u, r_d, u, d, e_u, e_d):
    time, utility = bargaining.concession(a(r_u), a(r_d), u, d, a(e_u), a(e_d))
    return time[0], utility[0]


@pytest.mark.parametrize(("exponent", "time"), [(0.25, 0.4096), (1.0, 0.8), (4.0, 0.945742)])
def test_two_who_concede_alike_meet_where_the_closed_form_says(exponent, time):
    # 1 - .8 t^e + 1 - .45 t^e = 1 at t^e = 1 / 1.25, where the underdog asks for 1 - .64
    one = np.ones((1, 1))
    assert meet(0.2, 0.55, one, one, exponent, exponent) == pytest.approx((time, 0.36), abs=1e-6)


@given(
    saliences, saliences, st.floats(0, 0.8), st.floats(0, 0.8), st.floats(0.2, 5), st.floats(0.2, 5)
)
def test_who_concede_meet_when_the_frontier_first_gives_both_what_they_ask(
    w_u, w_d, r_u, r_d, e_u, e_d
):
    u, d = _packages(w_u, w_d)
    time, utility = meet(r_u, r_d, u, d, e_u, e_d)
    room = bargaining.room(a(r_u), a(r_d), u, d)[0]
    assume(abs(room) > 1e-9)
    assert np.isfinite(time) == (room > 0)
    if room < 0:
        return

    def lacking(t):
        asked = 1 - (1 - r_u) * t**e_u, 1 - (1 - r_d) * t**e_d
        best = optimize.linprog(-u[0], A_ub=d, b_ub=[1 - asked[1]], bounds=(0, 1))
        return asked[0] + best.fun

    if time < 1.0:  # at 1 both have come to their reservations
        assert lacking(time) == pytest.approx(0.0, abs=1e-6)
    assert lacking(0.9 * time) > 0.0
    assert utility == pytest.approx(1 - (1 - r_u) * time**e_u)


def test_who_concedes_early_gets_less():
    one = np.ones((1, 1))
    _, soft = meet(0.2, 0.2, one, one, 0.5, 2.0)
    _, hard = meet(0.2, 0.2, one, one, 2.0, 0.5)
    assert soft < 0.5 < hard
    assert soft + hard == pytest.approx(1.0)


def test_those_who_agree_only_at_their_reservations_meet_at_the_end():
    one = np.ones((1, 1))
    third = 1.0 / 3.0
    assert meet(third, 1.0 - third, one, one, 1.0, 1.0) == pytest.approx((1.0, third))
    time, _ = meet(0.5, 0.6, one, one, 1.0, 1.0)
    assert time == np.inf


def test_one_leaves_the_sooner_the_further_the_offers_are_apart():
    # at once at a gap of .4, never at none
    stays = bargaining.stays(a(0.0, 0.1, 0.2, 0.4, 0.9), a(0.4))
    assert stays.tolist() == pytest.approx([1.0, 0.75, 0.5, 0.0, 0.0])


@pytest.mark.parametrize(
    ("one", "other", "made"), [(0.1, 0.1, True), (0.1, 0, False), (0, 0.1, False)]
)
def test_a_partial_agreement_needs_a_gain_on_both_sides(one, other, made):
    assert bargaining.both_gain(a(one), a(other))[0] == made


def test_no_ceasefire_for_the_side_with_momentum():
    # both expect 70 % of the stakes; one holds a fifth, the other four fifths; costs of .1
    assert not bargaining.accepts_ceasefire(0.2, 0.7, 0.1)
    assert bargaining.accepts_ceasefire(0.8, 0.7, 0.1)


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.floats(-1, 1), st.floats(-1, 1))
def test_prisoners_go_one_for_one_if_both_gain(one, other, most, gain, gain_other):
    number = bargaining.exchanged(one, other, most, gain, gain_other)
    assert number == (min(one, other, most) if gain > 0 and gain_other > 0 else 0)


@pytest.mark.parametrize("shape", [(), (2, 3)])
def test_the_table_takes_runs_in_any_shape(shape):
    """Issues lie along the last axis, and what is said of one run does not hang on its company."""
    rng = np.random.default_rng(7)
    n = max(1, int(np.prod(shape)))
    least = rng.uniform(0.1, 0.4, (2, n))
    weights = rng.dirichlet([1, 1, 1], (2, n))
    rules = {
        "room": lambda r, w: bargaining.room(*r, *w),
        "nash": lambda r, w: bargaining.nash(*r, *w, 0.4),
        "frontier": lambda r, w: bargaining.frontier(r[0], *w),
        "utility": lambda r, w: bargaining.utility(*w),
        "by turns": lambda r, w: bargaining.alternating_offers(
            *r, *w, np.full_like(r[0], 0.9), np.full_like(r[0], 0.8), True, np.full_like(r[0], 4.0)
        ),
        "conceding": lambda r, w: np.stack(bargaining.concession(*r, *w, 0.5, 2.0)),
    }
    for name, rule in rules.items():
        listed = rule(least, weights)
        shaped = rule(least.reshape(2, *shape), weights.reshape(2, *shape, 3))
        assert shaped.size == listed.size
        np.testing.assert_array_equal(shaped.ravel(), listed.ravel(), err_msg=name)


# --- publics -----------------------------------------------------------------------------------


def test_a_public_starts_where_its_poll_stood():
    assert publics.readiness(publics.logit(a(0.3)), 0.0, 2.0, 0.0) == pytest.approx(0.3)


def test_a_public_moves_on_the_logit_scale():
    # odds of 1 to 3; half a decade at ln 4 and what takes off ln 2 cancel
    start, ln4, ln2 = publics.logit(a(0.25)), np.log(4.0), np.log(2.0)
    assert publics.readiness(start, 1.0, ln4, 0.0) == pytest.approx(4 / 7)
    assert publics.readiness(start, 1.0, ln4, ln2) == pytest.approx(0.4)
    assert publics.readiness(start, 0.5, ln4, ln2) == pytest.approx(0.25)


def test_a_rally_adds_up_and_fades_by_1_over_e_in_its_time():
    first = publics.rally(a(0.0), 0.2, 10.0, a(1.5))
    assert first == pytest.approx(0.3)
    for _ in range(10):
        first = publics.rally(first, 0.2, 10.0, a(0.0))
    assert first == pytest.approx(0.3 / np.e)
    assert publics.rally(a(0.3), -0.1, 1e9, a(2.0)) == pytest.approx(0.1)


def test_sunk_costs_bind_up_to_their_most():
    assert publics.sunk(a(0.5), 0.0, 0.1) == 0.0
    assert publics.sunk(a(0.5), 0.1, 0.1) == pytest.approx(0.5 * (1 - np.exp(-1)))
    assert publics.sunk(a(0.5), 50.0, 0.1) == pytest.approx(0.5)


def test_weariness_of_a_public_starts_at_its_onset():
    assert publics.decades_of_war(a(90.0), 10.0, a(100.0)) == 0.0
    assert publics.decades_of_war(a(1000.0), 10.0, a(100.0)) == pytest.approx(1.0)
    assert publics.decades_of_war(a(1000.0), 200.0, a(100.0)) == pytest.approx(np.log10(5.0))


def test_hardness_is_the_share_that_would_not_concede_over_that_of_the_start():
    assert publics.hardness(a(0.3), a(0.3)) == pytest.approx(1.0)
    assert publics.hardness(a(0.6), a(0.2)) == pytest.approx(0.5)


# --- hardening ---------------------------------------------------------------------------------


def news(**changes):
    zero = a(0.0)
    plain = hardening.News(
        days_of_war=100.0,
        days_of_war_at_start=100.0,
        prior=a(0.5),
        confidence=a(10.0),
        p_win=a(0.5),
        cost=a(0.1),
        own_loss=zero,
        enemy_loss=zero,
        surprise=zero,
        surprise_of_public=zero,
        hard_public=a(1.0),
        good=zero,
        bad=zero,
        moves=zero,
        sweetener=zero,
        gesture=zero,
        left=a(0.3),
        demand=a(0.6),
        other_hardening=zero,
        foreseen_loss=a(0.05),
        foreseen_gain=a(0.02),
        stock_usd=a(1e6),
        production_usd=a(1e4),
        aid=a(1.0),
        guarantee=zero,
        base=a(0.4),
    )
    return plain._replace(**changes)


class Nothing(dict):
    def __missing__(self, key):
        return a(0.0)


FIGURES = {
    "commitment": {
        "patience": a(0.9),
        "guarantee": a(0.0),
        "horizon": a(100.0),
        "share": a(0.5),
        "raids": a(4.0),
        "decisiveness": a(0.5),
        "pause": a(0.1),
    },
    "resurrection": {
        "office": a(0.3),
        "culpability": a(1.0),
        "line": a(0.5),
        "doubt": a(0.1),
        "spread": a(0.2),
        "per_surprise": a(0.02),
        "lasts": a(30.0),
    },
    "cost": {"per_loss": a(0.5), "lasts": a(30.0)},
    "learning": {"weight": a(2.0), "discount": a(0.0)},
    "image": {"per_surprise": a(0.05), "threshold": a(1.0), "lasts": a(30.0)},
    "rally": {"per_surprise": a(0.05), "lasts": a(30.0)},
    "threshold": {"strength": a(0.5), "turns_at": a(0.3)},
    "sunk": {"most": a(0.2), "scale": a(0.1)},
    "weariness": {"per_decade": a(0.2), "days_per_loss": a(100.0)},
    "reference": {
        "loss_aversion": a(1.0),
        "sensitivity": a(1.0),
        "rises": a(0.1),
        "falls": a(0.02),
    },
    "turbulence": {
        "strength": a(0.1),
        "many_moves": a(1.0),
        "many_losses": a(0.1),
        "lasts": a(30.0),
    },
    "sacred": {
        "share": a(0.5),
        "stake": a(0.5),
        "backlash": a(0.5),
        "relief": a(0.1),
        "lasts": a(30.0),
    },
    "ripeness": {"hurts_at": a(0.1), "still_for": a(2.0), "sees_over": a(0.2)},
    "spiral": {"reaction": a(0.01), "fatigue": a(0.02), "grievance": a(0.0)},
    "audience": {"cost_below_vow": a(0.25), "vow_per_surprise": a(0.05)},
}


# a vow and a line at home are there from the eve on
@pytest.mark.parametrize(
    "name", [n for n in hardening.MECHANISMS if n not in ("audience", "resurrection")]
)
def test_nothing_happens_on_a_quiet_first_day(name):
    term = hardening.MECHANISMS[name](Nothing(), news(), FIGURES[name])["term"]
    assert term == pytest.approx(0.0)


@pytest.mark.parametrize("name", hardening.MECHANISMS)
def test_who_does_not_look_ahead_reads_nothing_of_what_a_side_has_and_gets(name):
    """A side that holds none of those that do is not told."""
    untold = news(**dict.fromkeys(hardening.OUTLOOK))
    if name in hardening.LOOK_AHEAD:
        with pytest.raises(TypeError):
            hardening.MECHANISMS[name](Nothing(), untold, FIGURES[name])
    else:
        hardening.MECHANISMS[name](Nothing(), untold, FIGURES[name])


@pytest.mark.parametrize(
    ("name", "stricken", "sign"),
    [
        ("cost", {"own_loss": a(0.1)}, -1),
        ("learning", {"bad": a(1.0)}, -1),
        ("learning", {"good": a(1.0)}, 1),
        ("image", {"surprise": a(2.0)}, 1),
        ("image", {"surprise": a(0.9)}, 0),
        ("rally", {"surprise_of_public": a(2.0)}, 1),
        ("threshold", {"own_loss": a(0.1)}, -1),
        ("threshold", {"own_loss": a(0.3)}, 0),
        ("threshold", {"own_loss": a(0.6)}, 1),
        ("sunk", {"own_loss": a(0.1)}, 1),
        ("weariness", {"days_of_war": 200.0}, -1),
        ("weariness", {"own_loss": a(0.1)}, -1),
        ("spiral", {"other_hardening": a(0.1)}, 1),
        ("turbulence", {"moves": a(5.0)}, -1),
        ("turbulence", {"own_loss": a(1.0)}, -1),
        ("turbulence", {"moves": a(5.0), "enemy_loss": a(1.0)}, 1),
        ("sacred", {"sweetener": a(0.1)}, 1),
        ("sacred", {"gesture": a(0.1)}, -1),
        ("sacred", {"base": a(0.2)}, 1),
        ("reference", {"good": a(1.0)}, 0),
    ],
)
def test_each_mechanism_answers_its_own_news(name, stricken, sign):
    term = hardening.MECHANISMS[name](Nothing(), news(**stricken), FIGURES[name])["term"][0]
    assert np.sign(round(term, 12)) == sign


def had(**numbers):
    return Nothing({key: a(value) for key, value in numbers.items()})


E1 = float(np.exp(-0.25))  # a day's fading where a term lasts four days


@pytest.mark.parametrize(
    ("name", "was", "heard", "figures", "remembered"),
    [
        ("cost", {"term": -0.2}, {"own_loss": 0.3, "enemy_loss": 9, "surprise": 9},
         {"per_loss": 0.5, "lasts": 4}, {"term": -0.2 * E1 - 0.15}),
        # Beta: (.4 * 10 + 1 + 2 * .7) / (10 + 1 + 2 * .7 + .5 + 2 * .75 * .3) - .4
        ("learning", {"good": 1, "bad": 0.5}, {"good": 0.7, "bad": 0.3, "prior": 0.4},
         {"weight": 2, "discount": 0.25},
         {"term": 6.4 / 13.35 - 0.4, "good": 2.4, "bad": 0.95}),
        ("image", {"term": 0.1}, {"surprise": 2.5, "surprise_of_public": 9, "hard_public": 0.8},
         {"per_surprise": 0.05, "threshold": 1, "lasts": 4}, {"term": 0.1 * E1 + 0.05 * 1.5 * 0.8}),
        ("rally", {"term": 0.1}, {"surprise_of_public": 2.5, "surprise": 9, "hard_public": 9},
         {"per_surprise": -0.05, "lasts": 4}, {"term": 0.1 * E1 - 0.125}),
        ("threshold", {"loss": 0.1}, {"own_loss": 0.3, "enemy_loss": 9},
         {"strength": 0.5, "turns_at": 0.2}, {"term": 0.5 * 0.4 * 1.0, "loss": 0.4}),
        ("sunk", {"loss": 0.1}, {"own_loss": 0.3, "enemy_loss": 9}, {"most": 0.2, "scale": 0.4},
         {"term": 0.2 * (1 - np.exp(-1.0)), "loss": 0.4}),
        # (100 + 250 * .4) days after 20 are a decade
        ("weariness", {"loss": 0.1}, {"own_loss": 0.3, "days_of_war": 100.0,
                                      "days_of_war_at_start": 20.0},
         {"per_decade": 0.3, "days_per_loss": 250}, {"term": -0.3, "loss": 0.4}),
        ("turbulence", {"moves": 1, "losses": 0.2},
         {"moves": 2, "own_loss": 0.1, "enemy_loss": 0.3},
         {"strength": 0.1, "many_moves": 2, "many_losses": 0.5, "lasts": 4},
         {"moves": E1 + 2, "losses": 0.2 * E1 + 0.4,
          "term": 0.1 * (3 * (1 - np.exp(-(E1 + 2) / 2)) * (1 - np.exp(-(0.2 * E1 + 0.4) / 0.5))
                         - (1 - np.exp(-(E1 + 2) / 2)) - (1 - np.exp(-(0.2 * E1 + 0.4) / 0.5)))}),
        ("spiral", {"term": 0.2}, {"other_hardening": 0.5},
         {"reaction": 0.1, "fatigue": 0.25, "grievance": 0.03}, {"term": 0.2 + 0.05 - 0.05 + 0.03}),
        ("sacred", {"insult": 0.2}, {"sweetener": 0.3, "gesture": 0.5, "base": 0.1},
         {"share": 0.5, "stake": 0.6, "backlash": 0.7, "relief": 0.2, "lasts": 4},
         {"insult": 0.2 * E1 + 0.21 - 0.1, "term": 0.2 + 0.5 * (0.2 * E1 + 0.11)}),
        ("sacred", {}, {"base": 0.7},
         {"share": 0.5, "stake": 0.6, "backlash": 0, "relief": 0, "lasts": 4}, {"term": 0}),
        # odds of 1 become twice e^(5 (.01 - .05)): 4 million in the horizon, 2 were counted on
        ("commitment", {"began": 1, "counted_on": 2e6, "loss_before": 0.02, "gain_before": 0.02},
         {"foreseen_loss": 0.07, "foreseen_gain": 0.03, "stock_usd": 3e6, "production_usd": 1e4},
         {"patience": 0.8, "guarantee": 0.25, "horizon": 100, "share": 1, "raids": 5,
          "decisiveness": 1, "pause": 0.3},
         {"began": 1, "counted_on": 2e6, "loss_before": 0.02, "gain_before": 0.02,
          "term": 1.5 * (0.5 - 2 * np.exp(-0.2) / (1 + 2 * np.exp(-0.2))),
          "paused": 1.5 * (0.5 - 2 * np.exp(-0.5) / (1 + 2 * np.exp(-0.5)))}),
        # on the eve it remembers what it counts on; with no arsenal there is nothing to compare
        ("commitment", {}, {"foreseen_loss": 0.07, "stock_usd": 0, "production_usd": 0},
         {"patience": 0.8, "guarantee": 0, "horizon": 100, "share": 1, "raids": 5,
          "decisiveness": 1, "pause": 0},
         {"began": 1, "counted_on": 0, "loss_before": 0.07, "term": 0}),
        # without arsenals half of the aid counted on is half of strength; p has taken in half of it
        ("commitment", {"began": 1, "loss_before": 0.05, "gain_before": 0.02},
         {"stock_usd": 0, "production_usd": 0, "aid": 0.5, "prior": 0.5,
          "p_win": np.sqrt(0.5) / (1 + np.sqrt(0.5))},
         {"patience": 0.5, "guarantee": 0, "horizon": 100, "share": 1, "raids": 5,
          "decisiveness": 1, "pause": 0},
         {"counted_on": 0, "term": np.sqrt(0.5) / (1 + np.sqrt(0.5)) - 1 / 3}),
        # B = .4; the line .5 + .1 e^(-1/4) + .05 is out of reach: x = v = base + B / 2
        ("resurrection", {"anger": 0.1},
         {"surprise_of_public": 0.5, "surprise": 9, "base": 0.1, "p_win": 0.55 + 0.1 * E1},
         {"office": 0.5, "culpability": 0.8, "line": 0.5, "doubt": 0.2, "spread": 0.1,
          "per_surprise": 0.1, "lasts": 4}, {"anger": 0.1 * E1 + 0.05, "term": 0.2}),
        # safe either way: what office is worth cancels but for the chance to lose it in war
        ("resurrection", {}, {"base": 0.9, "p_win": 0.5},
         {"office": 0.4, "culpability": 1, "line": 0.5, "doubt": 0.1, "spread": 0.2,
          "per_surprise": 0, "lasts": 4}, {"anger": 0, "term": -0.2}),
        # between: .2 v + B .4 over .2 + B with v = .5 + B / 2
        ("resurrection", {}, {"base": 0.5, "p_win": 0.5},
         {"office": 0.4, "culpability": 1, "line": 0.5, "doubt": 0.1, "spread": 0.2,
          "per_surprise": 0, "lasts": 4}, {"term": (0.2 * 0.7 + 0.4 * 0.4) / 0.6 - 0.5}),
        # without doubt the line itself
        ("resurrection", {}, {"base": 0.45, "p_win": 0.5},
         {"office": 0.4, "culpability": 1, "line": 0.5, "doubt": 0, "spread": 0.2,
          "per_surprise": 0, "lasts": 4}, {"term": 0.05}),
        # a is .5 * .6; of the .3 that a vow of .7 leaves, anger takes all but exp(-.1 * 1.5)
        ("audience", {"vow": 0.7}, {"demand": 0.6, "surprise_of_public": 1.5, "hard_public": 0.6,
                                    "base": 0.4, "surprise": 9},
         {"cost_below_vow": 0.5, "vow_per_surprise": 0.1},
         {"vow": 1 - 0.3 * np.exp(-0.15), "term": 0.3 * (0.6 - 0.3 * np.exp(-0.15)) / 1.3}),
        # a demand above the vow is the new vow, and what anger takes from
        ("audience", {"vow": 0.3}, {"demand": 0.6, "surprise_of_public": 2, "base": 0.4},
         {"cost_below_vow": 0.25, "vow_per_surprise": 0.1},
         {"vow": 1 - 0.4 * np.exp(-0.2), "term": 0.25 * (0.6 - 0.4 * np.exp(-0.2)) / 1.25}),
        ("audience", {"vow": 0.3}, {"demand": 0.3, "base": 0.4},
         {"cost_below_vow": 0.5, "vow_per_surprise": 0.1}, {"vow": 0.3, "term": 0}),
        # a demand above all there is, is a vow too, whatever anger adds
        ("audience", {"vow": 0.7}, {"demand": 1.2, "surprise_of_public": 1, "base": 1.0},
         {"cost_below_vow": 1, "vow_per_surprise": 0.1}, {"vow": 1.2, "term": 0.1}),
        ("audience", {"vow": 1.1}, {"surprise_of_public": 2, "base": 1.0},
         {"cost_below_vow": 1, "vow_per_surprise": 0.1}, {"vow": 1.1, "term": 0.05}),
    ],
)  # fmt: skip
def test_a_mechanism_remembers_what_its_equation_says(name, was, heard, figures, remembered):
    day = {k: v if k.startswith("days") else a(v) for k, v in heard.items()}
    figures = {key: a(value) for key, value in figures.items()}
    found = hardening.MECHANISMS[name](had(**was), news(**day), figures)
    for key, value in remembered.items():
        assert found[key][0] == pytest.approx(value, abs=1e-12), key


# --- promises that do not bind, and leaders who gamble


@given(prior=st.floats(0.05, 0.95), p=st.floats(0.05, 0.95), k=st.floats(-5, 5))
def test_no_shift_counts_twice(prior, p, k):
    later = beliefs.shifted(a(p), beliefs.still_to_come(a(prior), a(p), a(k)))[0]
    whole = beliefs.shifted(a(prior), a(k))[0]
    if (p - prior) * k <= 0.0:  # nothing of it is in p yet
        assert later == pytest.approx(beliefs.shifted(a(p), a(k))[0])
    else:  # what is in p is no longer to come, and nothing is taken back
        assert abs(later - prior) == pytest.approx(max(abs(whole - prior), abs(p - prior)))


@pytest.mark.parametrize(("prior", "p"), [(0.0, 0.3), (0.0, 0.0), (1.0, 0.9), (1.0, 1.0)])
@pytest.mark.parametrize("k", [-700.0, -1.0, 0.0, 1.0, 700.0])
def test_a_shift_of_a_certain_share_is_a_share(prior, p, k):
    later = beliefs.shifted(a(p), beliefs.still_to_come(a(prior), a(p), a(k)))[0]
    assert 0.0 <= later <= 1.0


@given(
    value=st.floats(-1, 2),
    office=st.floats(0, 2),
    line=st.floats(0, 1),
    doubt=st.just(0.0) | st.floats(1e-3, 0.5),
)
def test_a_leader_accepts_the_least_share_that_keeps_him_as_well_off(value, office, line, doubt):
    least = bargaining.leaders_least(a(value), a(office), a(line), a(doubt))[0]

    def is_enough(x):
        stays = np.clip((x - line + doubt) / (2 * doubt), 0, 1) if doubt else float(x >= line)
        return x + office * stays >= value

    assert is_enough(least + 1e-9)
    assert not is_enough(least - 1e-9)


@pytest.mark.parametrize("doubt", [0.0, 0.1, 0.5])
def test_a_leader_survives_by_the_outcomes_of_war(doubt):
    outcomes = stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000, 0.45, 0.2)
    stays = np.clip((outcomes - 0.5 + doubt) / (2 * doubt), 0, 1) if doubt else outcomes >= 0.5
    survives = bargaining.survival(a(0.45), a(0.2), a(0.5), a(doubt))[0]
    assert survives == pytest.approx(stays.mean(), abs=1e-5)
    sure = bargaining.survival(a(0.45), a(0.0), a(0.4), a(doubt))[0]
    assert sure == pytest.approx(min(1.0, (0.05 + doubt) / (2 * doubt)) if doubt else 1.0)


# --- the reference-dependence trap

PROSPECT = {"loss_aversion": 2.25, "sensitivity": 0.88, "rises": 0.0, "falls": 0.0}


def valued(p=0.5, cost=0.1, shift=0.0, **changes):
    """What prospect theory adds to p - c, and the reference point, from a prior of .5."""
    figures = {key: a(value) for key, value in (PROSPECT | changes).items()}
    heard = {key: a(figures.pop(key)[0]) for key in ("good", "bad") if key in figures}
    state = hardening.reference(had(shift=shift), news(p_win=a(p), cost=a(cost), **heard), figures)
    return state["term"][0], 0.5 + state["shift"][0]


chances, weights = st.floats(0.05, 0.95), st.floats(1.0, 4.0)
points, bends = st.floats(-0.4, 0.4), st.floats(0.5, 1.0)


@given(chances, st.floats(0, 0.4), points, weights, weights, bends)
def test_at_a_fixed_reference_point_loss_aversion_never_hardens(p, cost, shift, one, other, bend):
    low, high = (
        valued(p, cost, shift, loss_aversion=weight, sensitivity=bend)[0]
        for weight in sorted((one, other))
    )
    assert high <= low + 1e-9


def test_at_a_fixed_reference_point_loss_aversion_softens():
    # the certain x is a loss from R = .5: -l (.5 - x) = .5 * .4 - l .5 * .6
    assert valued(loss_aversion=2.0, sensitivity=1.0)[0] == pytest.approx(0.3 - 0.4)
    assert valued(loss_aversion=1.0, sensitivity=1.0)[0] == pytest.approx(0.0)


@given(chances, st.floats(0, 0.4), points, weights, bends)
def test_a_certain_share_is_worth_the_gamble_of_war(p, cost, shift, weight, bend):
    term, point = valued(p, cost, shift, loss_aversion=weight, sensitivity=bend)

    def value(z):
        return z**bend if z >= 0 else -weight * (-z) ** bend

    war = p * value(1 - cost - point) + (1 - p) * value(-cost - point)
    certain = optimize.brentq(lambda x: value(x - point) - war, -3, 3, xtol=1e-14)
    assert term == pytest.approx(certain - (p - cost), abs=1e-6)


@given(st.floats(1.05, 4.0), st.floats(0.01, 0.4))
def test_hardening_by_reference_comes_from_the_point_that_rises(weight, shift):
    risen, _ = valued(shift=shift, loss_aversion=weight, sensitivity=1.0)
    still, _ = valued(loss_aversion=weight, sensitivity=1.0)
    # in the frame of losses x = p R (1 - 1 / l) + what does not depend on R
    assert risen - still == pytest.approx(0.5 * shift * (1 - 1 / weight))


def test_the_point_rises_to_all_with_success_and_falls_to_nothing_with_failure():
    moves = {"rises": 0.2, "falls": 0.1, "good": 0.5, "bad": 0.5}
    assert valued(shift=0.1, **moves)[1] == pytest.approx(0.6 + 0.1 * 0.4 - 0.05 * 0.6)
    assert valued(shift=0.1, rises=0.2, good=9.0)[1] == pytest.approx(1.0)
    assert valued(shift=0.1, falls=0.2, bad=9.0)[1] == pytest.approx(0.0)


def test_a_success_and_a_failure_leave_the_point_higher_where_it_falls_slowly():
    moves = {"rises": 0.2, "falls": 0.02}
    _, after_success = valued(good=1.0, **moves)
    _, after_both = valued(bad=1.0, shift=after_success - 0.5, **moves)
    assert after_both > 0.5


# --- turbulence, sacred values, ripeness


@given(st.floats(0.5, 4), st.floats(0.05, 0.5))
def test_turbulence_in_its_corners(many_moves, many_losses):
    figures = {
        "strength": a(0.1), "many_moves": a(many_moves), "many_losses": a(many_losses),
        "lasts": a(30.0),
    }  # fmt: skip
    for moves, loss, term in [(0, 0, 0), (1e3, 0, -0.1), (0, 1e3, -0.1), (1e3, 1e3, 0.1)]:
        for side in ("own_loss", "enemy_loss"):
            heard = news(moves=a(moves), **{side: a(loss)})
            found = hardening.turbulence(Nothing(), heard, figures)["term"][0]
            assert found == pytest.approx(term)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(-0.5, 1))
def test_what_is_sacred_is_a_floor_under_the_reservation(share, stake, base):
    figures = FIGURES["sacred"] | {"share": a(share), "stake": a(stake)}
    term = hardening.sacred(Nothing(), news(base=a(base)), figures)["term"][0]
    assert base + term == pytest.approx(max(base, share * stake))


def test_an_insult_and_a_relief_fade():
    state = hardening.sacred(Nothing(), news(sweetener=a(0.2)), FIGURES["sacred"])
    assert state["insult"][0] == pytest.approx(0.1)
    for _ in range(30):
        state = hardening.sacred(state, news(), FIGURES["sacred"])
    assert state["insult"][0] == pytest.approx(0.1 * np.exp(-1))


@pytest.mark.parametrize(
    ("heard", "still", "opens"),
    [
        ({}, 5.0, True),
        ({"cost": a(0.09)}, 5.0, False),  # it does not hurt
        ({"cost": a(0.1)}, 5.0, True),
        ({}, 0.0, False),  # still for a day only
        ({}, 1.0, True),
        ({"moves": a(1.0)}, 5.0, False),  # the front moves
        ({"base": a(0.51)}, 5.0, False),  # .3 is left of what must be .51: too far over
        ({"base": a(0.49)}, 5.0, True),
        ({"left": a(0.1)}, 5.0, False),
    ],
)
def test_ripeness_needs_hurt_and_stalemate_and_a_way_out(heard, still, opens):
    state = hardening.ripeness(had(still=still), news(**heard), FIGURES["ripeness"])
    assert state["earnest"][0] == opens
    assert state["term"][0] == 0.0
    assert state["still"][0] == (0.0 if "moves" in heard else still + 1.0)


def test_a_fading_term_halves_in_its_half_life():
    figures = {"per_surprise": a(0.04), "lasts": a(20.0)}
    state = hardening.rally(Nothing(), news(surprise_of_public=a(1.0)), figures)
    assert state["term"][0] == pytest.approx(0.04)
    for _ in range(20):
        state = hardening.rally(state, news(), figures)
    assert state["term"][0] == pytest.approx(0.04 * np.exp(-1))


@pytest.mark.parametrize("name", ["threshold", "sunk"])
def test_losses_add_up_and_do_not_fade(name):
    at_once = hardening.MECHANISMS[name](Nothing(), news(own_loss=a(0.25)), FIGURES[name])
    state = Nothing()
    for loss in (0.1, 0.0, 0.15):
        state = hardening.MECHANISMS[name](state, news(own_loss=a(loss)), FIGURES[name])
    later = hardening.MECHANISMS[name](state, news(), FIGURES[name])
    assert later["term"] == state["term"] == pytest.approx(at_once["term"])


def test_violence_softens_most_halfway_to_the_turning_point():
    losses = np.linspace(0.0, 0.3, 301)
    term = hardening.threshold(Nothing(), news(own_loss=losses), FIGURES["threshold"])["term"]
    assert losses[np.argmin(term)] == pytest.approx(0.15)
    assert term.min() == pytest.approx(-0.5 * 0.15 * 0.5)


@given(st.floats(0, 10), st.floats(0, 1))
def test_sunk_costs_saturate(loss, most):
    figures = {"most": a(most), "scale": a(0.1)}
    term = hardening.sunk(Nothing(), news(own_loss=a(loss)), figures)["term"][0]
    assert 0.0 <= term <= most


def test_a_vow_costs_what_the_inequality_says():
    # x - a (v - x) >= base with base .4, vow .6, a = .25: x >= (.4 + .25 * .6) / 1.25 = .44
    state = hardening.audience(Nothing(), news(), FIGURES["audience"])
    assert 0.4 + state["term"][0] == pytest.approx(0.44)


def test_vows_only_ratchet():
    figures = FIGURES["audience"]
    state = hardening.audience(Nothing(), news(demand=a(0.9)), figures)
    later = hardening.audience(state, news(demand=a(0.2)), figures)
    assert later["vow"] == state["vow"] == pytest.approx(0.9)
    angered = hardening.audience(later, news(demand=a(0.2), surprise_of_public=a(5.0)), figures)
    assert angered["vow"] == pytest.approx(1.0 - 0.1 * np.exp(-0.25))
    furious = hardening.audience(angered, news(surprise_of_public=a(500.0)), figures)
    assert angered["vow"] < furious["vow"] < 1.0


def test_richardson_settles_where_the_closed_form_says():
    # k = l = 1, a = b = 2, g = 4, h = 1 settles at (3, 2); in steps of a hundredth
    one, other = Nothing(), Nothing()
    step = 0.01
    rates = {"reaction": a(1.0 * step), "fatigue": a(2.0 * step)}
    for _ in range(5000):
        h_one, h_other = one["term"], other["term"]
        one = hardening.spiral(
            one, news(other_hardening=h_other), rates | {"grievance": a(4 * step)}
        )
        other = hardening.spiral(other, news(other_hardening=h_one), rates | {"grievance": a(step)})
    assert (one["term"][0], other["term"][0]) == pytest.approx((3.0, 2.0), abs=1e-6)


@given(st.floats(0, 0.4), st.floats(0, 0.4), st.floats(0.05, 0.4), st.floats(0.05, 0.4))
@examples(25)
def test_an_arms_race_is_stable_iff_the_fatigues_outweigh_the_reactions(k, other_k, f, other_f):
    assume(abs(f * other_f - k * other_k) > 0.01)
    one, other = had(term=0.1), had(term=0.1)
    for _ in range(1500):
        h, other_h = one["term"], other["term"]
        rates = {"reaction": a(k), "fatigue": a(f), "grievance": a(0.0)}
        others = {"reaction": a(other_k), "fatigue": a(other_f), "grievance": a(0.0)}
        one = hardening.spiral(one, news(other_hardening=other_h), rates)
        other = hardening.spiral(other, news(other_hardening=h), others)
        if abs(one["term"][0]) > 1e9:
            break
    assert (abs(one["term"][0]) < 0.1) == (f * other_f > k * other_k)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.1, 5), st.floats(1, 40))
def test_with_a_common_prior_and_common_news_learning_leaves_z_where_it_was(p, o, weight, n):
    figures = {"weight": a(weight), "discount": a(0.0)}
    mine = news(prior=a(p), confidence=a(n), good=a(o), bad=a(1 - o))
    theirs = news(prior=a(1 - p), confidence=a(n), good=a(1 - o), bad=a(o))
    moved = [hardening.learning(Nothing(), side, figures)["term"][0] for side in (mine, theirs)]
    assert sum(moved) == pytest.approx(0.0, abs=1e-12)


# --- money -------------------------------------------------------------------------------------


def test_a_damaged_asset_costs_its_repair():
    assert money.lost_usd(a(2.0), a(3.0), a(0.0), a(100.0), a(0.2)) == pytest.approx(260.0)


@given(st.integers(0, 5), st.integers(0, 5), shares)
def test_damaging_first_and_finishing_later_costs_the_asset_once(once, later, repair):
    first = money.lost_usd(a(0.0), a(once + later), a(0.0), a(100.0), a(repair))
    second = money.lost_usd(a(later), a(0.0), a(later), a(100.0), a(repair))
    assert first + second == pytest.approx(100 * later + 100 * repair * once)


def test_drones_decoys_and_carriers_are_paid_for():
    paid = money.spent_usd(a(3.0), a(10.0), a(2.0), a(4.0), a(1.0), a(7.0))
    assert paid == pytest.approx(45.0)


def test_no_ratio_without_spending():
    ratio = money.exchange_ratio(a(5.0, 5.0, 5.0), a(0.0, 2.0, 0.5))
    assert np.isnan(ratio[0])
    assert ratio[1:] == pytest.approx([2.5, 10.0])


# --- salvo models ------------------------------------------------------------------------------


def test_twenty_shots_against_twenty_stops():
    numbers = a(20.0), a(0.9), a(20.0), a(0.85)
    assert salvo.hughes_leakers(*numbers) == pytest.approx(1.0)
    # exact enumeration gives 1.4069; the normal approximation is off by one in a hundred
    hits, stops = np.arange(21), np.arange(21)
    joint = np.outer(stats.binom.pmf(hits, 20, 0.9), stats.binom.pmf(stops, 20, 0.85))
    exact = (joint * np.maximum(hits[:, None] - stops, 0)).sum()
    assert exact == pytest.approx(1.4069, abs=1e-4)
    assert salvo.armstrong_leakers(*numbers)[0] == pytest.approx(exact, rel=0.015)
