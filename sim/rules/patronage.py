"""Patrons: what aid is worth, and when a threat to leave or a counsel is believed.

All amounts are in shares of the stakes. `stake` is what a unit of its client's share is worth to a
patron, and `saved` is what the patron saves by ending its part in the war.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Backing(NamedTuple):
    """What outsiders make of a side's war, over runs: they add to its share and to its cost."""

    prospects: Floats
    cost: Floats


def aid_given(belief, prior, response):
    """Aid relative to the start: (belief / prior)^response, or 1 if the prior is 0.

    `belief` is the share that the patron expects its client to get by fighting on. Assumed: the
    form, which is that of the aid of a side without patrons.
    """
    held = np.divide(belief, prior, out=np.ones(np.shape(prior)), where=prior > 0.0)
    return held**response


def aid_under_way(lasts):
    """The aid under way at the start, in days of the expected aid, such that 1 arrives per day.

    1 / (e^(1/lasts) - 1), about `lasts`. Assumed, like `aid_arriving`.
    """
    return np.exp(-1.0 / lasts) / -np.expm1(-1.0 / lasts)


def aid_arriving(under_way, allocated, lasts, is_paused):
    """The aid that arrives on a day, and the aid that is still under way afterwards.

    Both are in days of the expected aid. Of all that is under way, today's allocation included,
    1 - exp(-1/lasts) arrives; on a day of a pause nothing arrives and nothing is lost. Assumed: the
    form, because what is allocated is sent over months.
    """
    there = under_way + allocated
    stays = np.where(is_paused, there, there * np.exp(-1.0 / lasts))
    return there - stays, stays


def leaves(stake, rests_on_aid, belief, saved):
    """Whether leaving costs a patron less than it saves: stake * s * p < saved.

    Without the aid the client's share falls from p to p (1 - s), where s is the part of p that
    rests on the aid and p is the patron's own belief. So a patron that rates its client's chances
    higher has more to lose by leaving. Source: snyder1984 (dependence, abandonment and entrapment);
    assumed: the form.
    """
    return stake * rests_on_aid * belief < saved


def aid_expected(given, p_withdrawn):
    """The expected aid relative to the start: what is given, times the chance that it continues.

    Source: fearon1995 (expected utility of fighting on).
    """
    return given * (1.0 - p_withdrawn)


def backed(prior, rests_on_aid, relief, expected):
    """The effect of aid on the client: s p0 (e - 1) on its share, -relief (e - 1) on its cost.

    e is the expected aid relative to the start. With a threat of probability t and no other news,
    e = 1 - t and the reservation falls by t (s p0 + relief). Source: fearon1995 (r is p - c),
    beardsley2008 (leverage adds to the cost of refusing), werner_yuen2005 (pressure from outside).
    """
    return Backing(rests_on_aid * prior * (expected - 1.0), -relief * (expected - 1.0))


def opposed(prior, rests_on_aid, foreseen, expected, sanctions):
    """The effect of aid on the enemy: -foreseen * s (1 - p0) (e - 1) on its share.

    p0 is the share that the enemy expected for itself at the start, so 1 - p0 is what it leaves the
    client. `sanctions` are a cost. A foreseen change of p affects both sides equally and does not
    change Z; only spared costs and unforeseen changes do. Source: benson2016 (a shift of power that
    both foresee does not change the probability of war if it changes no cost).
    """
    return Backing(-foreseen * rests_on_aid * (1.0 - prior) * (expected - 1.0), sanctions)


def restrained(p_win, belief, weight, stake, saved):
    """The change of a client's share by its patron's counsel of restraint: weight (belief - p).

    It applies only if the patron rates the client's chances lower than the client does and is
    believed. A patron with stake * (p - belief) < saved would gain by ending a war that its client
    could win, and would counsel restraint in any case; so it is not believed, and one without a
    stake never is. Source: kydd2003, of whose game this is a reduced form.
    """
    believed = (belief < p_win) & (stake * (p_win - belief) >= saved)
    return np.where(believed, weight * (belief - p_win), 0.0)


def counsel_weight(confidence, own_source, confidence_of_client):
    """The weight of a counsel for a client: k n / (k n + n'), n and n' the confidence of both.

    k is the part of the patron's knowledge that its client lacks. A patron that only passes on what
    the parties say has k = 0 and adds nothing, whatever its bias. Source: fey_ramsay2010, and
    gelman2013 for the weight.
    """
    own = own_source * confidence
    return own / (own + confidence_of_client)


def guaranteed(p_kept):
    """The probability that at least one of the guarantees along the first axis is kept.

    1 - (1 - g1)(1 - g2)..., or 0 without a guarantee. Source: walter1997 (an outsider's guarantee
    makes a promise credible). Assumed: guarantors fail independently.
    """
    return 1.0 - np.prod(1.0 - np.asarray(p_kept), axis=0)
