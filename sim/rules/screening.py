"""Offers to one whose reservation is not known: more for oneself, at the risk of refusal.

Who offers takes the other's reservation for uniform from `low` to `high`; `most` is what the other
would get at the offerer's own reservation. So most - low is all there may be to share. All are
utilities of the other side, arrays over runs. With several issues the frontier between `low` and
`most` is taken for straight.
A law is moved by what the other refuses, offers, or says to a ceasefire.
Source: fearon1995, sobel_takahashi1983, fudenberg1985, mastro2019.
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


def at_least(low, high, least):
    """The law (low, high) of one who accepts no less than this; where all lay below it moves up.

    Source: slantchev2003.
    """
    raised = np.maximum(low, least)
    return raised, np.where(raised >= high, raised + (high - low), high)


def at_most(low, high, most):
    """The law (low, high) of one who accepts that much; where all lay above only that is left.

    Source: slantchev2003.
    """
    lowered = np.minimum(high, most)
    return np.minimum(low, lowered), lowered


def read(low, high, bound, stops, inference):
    """The law (low, high) of one who says whether it stops on a line; `stops` is the answer.

    It gains by stopping iff its reservation is no more than `bound`, so that by Bayes' rule a yes
    takes what lies above away and a no what lies below. Both ends go the part `inference` of that
    way: the mean is as if this were so with that chance, and the answer said nothing else.
    Source: mastro2019, mastro_siegel2023.
    """
    yes, no = at_most(low, high, bound), at_least(low, high, bound)
    return tuple(
        end + inference * (np.where(stops, if_yes, if_no) - end)
        for end, if_yes, if_no in zip((low, high), yes, no, strict=True)
    )


def p_below(low, high, bound):
    """The chance of a reservation up to `bound`, uniform in (low, high). Source: fearon1995."""
    width = high - low
    part = np.divide(bound - low, width, out=np.where(bound >= low, 1.0, 0.0), where=width > 0.0)
    return np.clip(part, 0.0, 1.0)


def expected_gain(least, low, high, demand, most_low, most_high):
    """What one with this least may expect to get above it by one offer, as in `offered`.

    The offerer believes the law (low, high) of it, and may leave it anything from `most_low` to
    `most_high`, each alike likely; where that is no more than `low` it is silent.
    Source: fearon1995.
    """
    slope, cap = 1.0 - demand, np.maximum(0.0, np.maximum(high, low))
    floor, top = np.maximum(0.0, -least), np.maximum(0.0, cap - least)

    offers = (low, demand, least)
    first, last = (_uncut(np.maximum(most, low), *offers) for most in (most_low, most_high))
    width, middle = most_high - most_low, 0.5 * (most_low + most_high)
    sure = np.where(middle > low, np.clip(_uncut(middle, *offers), floor, top), 0.0)
    gained = _summed(last, floor, top) - _summed(first, floor, top)
    return np.divide(gained, slope * width, out=sure, where=width > 1e-9)


def _uncut(most, low, demand, least):
    """An offer above a least, before it is cut to nothing and to what the hardest accepts."""
    return most - demand * (most - low) - least


def _summed(gain, floor, top):
    """The integral of a gain that is cut to `floor` and `top`."""
    inside = np.clip(gain, floor, top)
    below, above = np.minimum(gain - floor, 0.0), np.maximum(gain - top, 0.0)
    return 0.5 * inside * inside + floor * below + top * above


def asked_of_a_line(given_away, p_other_stops):
    """By how much a line must be better than fighting on for one whose answer is read.

    A yes gives `given_away` away in any case, and brings the line only if the other stops too, so
    that it pays iff chance times gain is no less. One that gives nothing away asks for nothing
    more, and nobody says yes to a line that is worse than fighting on, to look modest.
    Source: mastro2019.
    """
    lost = np.maximum(0.0, given_away)
    never = np.where(lost > 0.0, np.inf, 0.0)
    return np.divide(lost, p_other_stops, out=never, where=p_other_stops > 0.0)
