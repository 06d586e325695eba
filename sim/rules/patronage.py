"""Patrons: what aid is worth, when leaving is believed, and when a counsel is.

Shares of the stakes throughout; `stake` is what a unit of its client's share is worth to a patron,
and `saved` what it is spared by the end of its part in the war, both in shares of the stakes.
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
    """Aid as a multiple of that of the start: (belief / prior)^response, 1 where nothing was held.

    It follows what the patron itself believes that its client gets by fighting on. Assumed: the
    form, that of the aid of a side without patrons.
    """
    held = np.divide(belief, prior, out=np.ones(np.shape(prior)), where=prior > 0.0)
    return held**response


def aid_under_way(lasts):
    """What is under way at the start, in days of the aid counted on: so that 1 a day comes.

    1 / (e^(1/lasts) - 1), about `lasts`. Assumed, as `aid_arriving`.
    """
    return np.exp(-1.0 / lasts) / -np.expm1(-1.0 / lasts)


def aid_arriving(under_way, allocated, lasts, is_paused):
    """What comes on a day of all that is under way, today's among it, and what stays so.

    In days of the aid counted on. 1 - exp(-1/lasts) of it comes, nothing on a day of a pause, by
    which nothing is lost. Assumed: the form, for what is allocated is sent over months.
    """
    there = under_way + allocated
    stays = np.where(is_paused, there, there * np.exp(-1.0 / lasts))
    return there - stays, stays


def leaves(stake, rests_on_aid, belief, saved):
    """Whether leaving costs a patron less than it saves: stake * s * p < saved.

    Without the aid the client's share falls from p to p (1 - s), s the share of p that rests on it
    and p the patron's own belief. So a patron that thinks more of its client's cards has more to
    lose by leaving. Source: snyder1984 (dependence, abandonment and entrapment); assumed: the form.
    """
    return stake * rests_on_aid * belief < saved


def aid_expected(given, p_withdrawn):
    """The aid reckoned with, as a multiple of that of the start: what is given, unless withdrawn.

    Source: fearon1995 (expected utility of fighting on).
    """
    return given * (1.0 - p_withdrawn)


def backed(prior, rests_on_aid, relief, expected):
    """What aid makes of its client's war: s p0 (e - 1) of its share, -relief (e - 1) of its cost.

    e is the aid expected over that of the start. A threat with chance t and no other news has
    e = 1 - t: the reservation falls by t (s p0 + relief). Source: fearon1995 (it is p - c),
    beardsley2008 (leverage adds to the cost of refusing), werner_yuen2005 (pressure from outside).
    """
    return Backing(rests_on_aid * prior * (expected - 1.0), -relief * (expected - 1.0))


def opposed(prior, rests_on_aid, foreseen, expected, sanctions):
    """What it makes of the enemy's war: -foreseen * s (1 - p0) (e - 1) of its share.

    p0 is the enemy's own share expected at the start, so 1 - p0 is what it leaves the client.
    `sanctions` are a cost. What aid moves of p moves both sides alike and leaves Z as it is; only
    what it spares of the cost, and what is not foreseen, changes Z. Source: benson2016 (a
    shift of power that both foresee leaves the chance of war as it is, if it alters no cost).
    """
    return Backing(-foreseen * rests_on_aid * (1.0 - prior) * (expected - 1.0), sanctions)


def restrained(p_win, belief, weight, stake, saved):
    """What a patron's counsel of restraint adds to its client's share: weight (belief - p).

    Only where it thinks less of the cards than the client does, and is believed: a patron that
    would gain by ending a war that its client could win, stake * (p - belief) < saved, would say so
    anyhow. So one without a stake never is. Source: kydd2003, of whose game this is a reduced form.
    """
    believed = (belief < p_win) & (stake * (p_win - belief) >= saved)
    return np.where(believed, weight * (belief - p_win), 0.0)


def counsel_weight(confidence, own_source, confidence_of_client):
    """How much of a counsel a client takes over: k n / (k n + n'), n and n' how sure both are.

    k is the part of what the patron knows that its client does not. One who only passes on what
    the parties say has k = 0 and adds nothing, whatever its bias. Source: fey_ramsay2010, and
    gelman2013 for the weight.
    """
    own = own_source * confidence
    return own / (own + confidence_of_client)


def guaranteed(p_kept):
    """The chance that one guarantee at least is kept, of several along the first axis.

    1 - (1 - g1)(1 - g2)...; no guarantee is 0. Source: walter1997 (that an outsider's guarantee is
    what makes a promise one). Assumed: guarantors fail independently.
    """
    return 1.0 - np.prod(1.0 - np.asarray(p_kept), axis=0)
