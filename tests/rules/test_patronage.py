"""What patrons are worth: the closed forms of the rules, and the laws they obey."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import bargaining, patronage

shares = st.floats(0.0, 1.0)


def a(*values):
    return np.array(values, float)


@pytest.mark.parametrize(
    ("chance", "foreseen", "r_u", "r_d"),
    [(0.0, 1.0, 0.35, 0.40), (0.5, 1.0, 0.275, 0.45), (0.5, 0.0, 0.275, 0.40),
     (1.0, 1.0, 0.20, 0.50), (1.0, 0.0, 0.20, 0.40)],
)  # fmt: skip
def test_a_threat_moves_both_reservations(chance, foreseen, r_u, r_d):
    """Aid worth .15 to the client, .10 of it prospects, of which the enemy foresees a part."""
    expected = patronage.aid_expected(a(1), a(chance))
    client = patronage.backed(a(0.5), a(0.2), a(0.05), expected)
    enemy = patronage.opposed(a(0.5), a(0.2), a(foreseen), expected, a(0))
    got = [
        bargaining.reservation(a(0.5) + side.prospects, cost + side.cost, 0.0)[0]
        for side, cost in ((client, 0.15), (enemy, 0.10))
    ]
    assert got == pytest.approx([r_u, r_d])


@given(shares, shares, shares, st.floats(0, 3))
def test_what_both_foresee_of_the_prospects_leaves_the_zone(p, rests_on_aid, relief, expected):
    """With a common prior Z changes by the cost alone, whichever way aid goes."""
    client = patronage.backed(a(p), a(rests_on_aid), a(relief), a(expected))
    enemy = patronage.opposed(a(1 - p), a(rests_on_aid), a(1), a(expected), a(0))
    moved = client.prospects - client.cost + enemy.prospects - enemy.cost
    assert moved[0] == pytest.approx(relief * (expected - 1), abs=1e-12)


@given(shares, shares, shares, shares)
def test_who_thinks_more_of_the_cards_leaves_no_sooner(stake, rests_on_aid, belief, saved):
    better = min(1.0, belief + 0.1)
    leaves = [patronage.leaves(stake, rests_on_aid, b, saved) for b in (belief, better)]
    assert leaves[0] or not leaves[1]


def test_who_loses_nothing_by_leaving_leaves():
    assert patronage.leaves(0.0, 0.2, 0.5, 0.01)
    assert not patronage.leaves(0.5, 0.2, 0.5, 0.05)  # .05 is lost and .05 saved
    assert patronage.leaves(0.5, 0.2, 0.5, 0.0501)


def test_aid_follows_the_belief():
    given_aid = patronage.aid_given(a(0.6, 0.2, 0.7), a(0.4, 0.4, 0.0), a(2, 1, 3))
    np.testing.assert_allclose(given_aid, [2.25, 0.5, 1.0])


@pytest.mark.parametrize(
    ("belief", "stake", "saved", "moved"),
    [(0.4, 0.5, 0.0499, -0.05), (0.4, 0.5, 0.0501, 0.0), (0.4, 0.0, 0.01, 0.0), (0.6, 9, 0.0, 0.0)],
)
def test_counsel_is_taken_from_who_loses_by_it(belief, stake, saved, moved):
    """p .5: only restraint is counselled, and .1 of the stakes at half their worth is .05."""
    got = patronage.restrained(a(0.5), a(belief), a(0.5), a(stake), a(saved))
    assert got[0] == pytest.approx(moved, abs=1e-9)


def test_who_only_passes_on_adds_nothing():
    assert patronage.counsel_weight(40.0, 0.0, 10.0) == 0.0
    assert patronage.counsel_weight(20.0, 0.5, 30.0) == 0.25


@given(st.lists(shares, max_size=5))
def test_guarantees_fail_each_by_itself(kept):
    left = 1.0
    for chance in kept:
        left *= 1.0 - chance
    got = patronage.guaranteed(np.reshape(np.array(kept), (len(kept), 1)))
    assert got[0] == pytest.approx(1.0 - left)
