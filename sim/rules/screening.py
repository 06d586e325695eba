"""Offers to a side whose reservation is unknown: a smaller offer may be refused.

The side that offers believes that the other's reservation is uniform from `low` to `high`; `most`
is what the other would get if the offerer got exactly its own reservation. So most - low is the
most that there may be to share. All amounts are utilities of the other side, as arrays over runs.
With several issues the frontier between `low` and `most` is taken to be straight. The belief
changes with the other's refusals, offers, and answers to a ceasefire.
Source: fearon1995, sobel_takahashi1983, fudenberg1985, mastro2019.
"""

import numpy as np

_ROUNDING = 1e-12
"""Ends of a belief that lie closer are equal: whoever refuses what all accept ends at `high`."""


def demands(offers, patience, patience_other):
    """The fraction of most - low that is demanded, for each number of offers left.

    It also returns c, which decides who accepts: see `gives_way`. a_1 = 1/2,
    c_n = 1 - d' + d' a_(n-1), a_n = c_n^2 / (2 c_n - d a_(n-1)), for a belief that extends to
    sides with which there is nothing to share. d is the offerer's patience for one offer, d' that
    of the other side. Returns (a, c), each of shape (offers, ...), the last offer first.
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
    """The utility offered: `most` less the demanded part, from 0 to what every side accepts.

    With one offer left this is clip((most + low) / 2, low, high). Source: fearon1995.
    """
    return np.maximum(0.0, np.minimum(most - demand * (most - low), np.maximum(high, low)))


def gives_way(most, high, offer, next_demand, keeps, patience_other):
    """The highest reservation that accepts an offer rather than waiting for the next one.

    A side with v = most - reservation accepts iff v - price >= d' (v - next price). The next price
    is `next_demand` times the lowest v that waits, or most - max(high, 0) if that is more, since no
    offer is below 0. `keeps` is c of `demands`; if no offer follows, it is 1 and d' counts as 0.
    Source: sobel_takahashi1983.
    """
    price, sure = most - offer, np.maximum(most - np.maximum(high, 0.0), 0.0)
    waits = np.where(next_demand > 0.0, patience_other, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        for_the_sure = np.where(waits < 1.0, (price - waits * sure) / (1.0 - waits), np.inf)
    return most - np.minimum(price / keeps, for_the_sure)


def at_least(low, high, least):
    """The belief (low, high) about a side that accepts no less than `least`.

    If the whole range lies below `least`, it moves up.

    Source: slantchev2003.
    """
    raised = np.maximum(low, least)
    return raised, np.where(raised >= high - _ROUNDING, raised + (high - low), high)


def at_most(low, high, most):
    """The belief (low, high) about a side that accepts `most`.

    If the whole range lies above `most`, only that value is left.

    Source: slantchev2003.
    """
    lowered = np.minimum(high, most)
    return np.minimum(low, lowered), lowered


def read(low, high, bound, stops, inference):
    """The belief (low, high) about a side that has answered whether it stops on a line.

    `stops` is the answer. The side gains by stopping iff its reservation is no more than `bound`.
    By Bayes' rule a yes therefore excludes what lies above `bound`, and a no what lies below. Both
    ends move by the fraction `inference` of this change, so the mean is as if the answer were
    informative with that probability and uninformative otherwise.
    Source: mastro2019, mastro_siegel2023.
    """
    yes, no = at_most(low, high, bound), at_least(low, high, bound)
    return tuple(
        end + inference * (np.where(stops, if_yes, if_no) - end)
        for end, if_yes, if_no in zip((low, high), yes, no, strict=True)
    )


def p_below(low, high, bound):
    """Chance that a reservation uniform in (low, high) is at most `bound`. Source: fearon1995."""
    width = high - low
    part = np.divide(bound - low, width, out=np.where(bound >= low, 1.0, 0.0), where=width > 0.0)
    return np.clip(part, 0.0, 1.0)


def expected_gain(least, low, high, demand, most_low, most_high):
    """The surplus over its `least` that a side may expect from one offer, as in `offered`.

    The offerer believes that the side's reservation is uniform in (low, high). What it can leave
    the side at most is uniform from `most_low` to `most_high`; if that is no more than `low`, it
    makes no offer.
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
    """How much better than fighting on a line must be for a side whose answer is read.

    A yes costs `given_away` in any case, and brings the line only if the other side stops too, so
    it pays iff probability times gain is at least that cost. A side that gives nothing away needs
    no more than a gain of 0. No side says yes to a line that is worse than fighting on.
    Source: mastro2019.
    """
    lost = np.maximum(0.0, given_away)
    never = np.where(lost > 0.0, np.inf, 0.0)
    with np.errstate(over="ignore"):
        return np.divide(lost, p_other_stops, out=never, where=p_other_stops > 0.0)
