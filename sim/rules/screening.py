"""Offers to one whose reservation is not known: more for oneself, at the risk of refusal.

Who offers takes the other's reservation for uniform from `low` to `high`; `most` is what the other
would get at the offerer's own reservation. So most - low is all there may be to share. All are
utilities of the other side, arrays over runs. With several issues the frontier between `low` and
`most` is taken for straight.
Source: fearon1995, sobel_takahashi1983, fudenberg1985.
"""

import numpy as np


def demands(offers, patience, patience_other):
    """The part of what there may be to share that is demanded, by how many offers are left.

    And the part below which a rest is not sold, on which the other waits for the next offer:
    a_1 = 1/2, c_n = 1 - d' + d' a_(n-1), a_n = c_n^2 / (2 c_n - d a_(n-1)), where a law reaches
    down to those with whom there is nothing to share. d is the offerer's patience for one offer, d'
    the other's. Returns (a, c), shape (offers, ...) each, the last offer first.
    Source: sobel_takahashi1983.
    """
    a = np.full(np.broadcast(patience, patience_other).shape, 0.5)
    c = np.ones_like(a)
    parts = [(a, c)]
    for _ in range(1, offers):
        c = 1.0 - patience_other + patience_other * a
        a = c * c / (2.0 * c - patience * a)
        parts.append((a, c))
    every_a, every_c = zip(*parts, strict=True)
    return np.array(every_a), np.array(every_c)


def offered(most, low, high, demand):
    """The utility offered: `most` less the part demanded, no more than the hardest accepts, from 0.

    With one offer left this is clip((most + low) / 2, low, high). Source: fearon1995.
    """
    return np.maximum(0.0, np.minimum(most - demand * (most - low), np.maximum(high, low)))


def gives_way(most, high, offer, next_demand, keeps, patience_other):
    """The highest reservation that accepts an offer rather than wait for the next one.

    A value v = most - reservation accepts iff v - price >= d' (v - next price), the next price
    being `next_demand` of the least v that waits, or all that the hardest leaves if that is more.
    `keeps` is c of `demands`; it is 1, and d' counts as 0, where no offer follows.
    Source: sobel_takahashi1983.
    """
    price, sure = most - offer, np.maximum(most - high, 0.0)
    waits = np.where(next_demand > 0.0, patience_other, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        for_the_sure = np.where(waits < 1.0, (price - waits * sure) / (1.0 - waits), np.inf)
    return most - np.minimum(price / keeps, for_the_sure)
