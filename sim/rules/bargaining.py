"""Reservations, the zone of agreement, and what the talks can settle."""

import numpy as np

_HALVINGS = 60
_ROUNDING = 1e-12


def reservation(p_win, cost, hardening):
    """The least share that a side accepts: r = p - c + h, its prospects less the cost of fighting.

    Source: fearon1995.
    """
    return p_win - cost + hardening


def zone(reservation_underdog, reservation_favourite):
    """Z = 1 - (r_U + r_D); a division that both accept exists iff Z >= 0. Source: fearon1995."""
    return 1.0 - (reservation_underdog + reservation_favourite)


def asks_now(now, later, patience):
    """The least share that a side accepts today if any settlement is reopened tomorrow.

    `now` and `later` are the shares that fighting, or its next best choice, brings a side in each
    period if it fights today or from tomorrow on. x + d later / (1 - d) = now / (1 - d) gives
    x = (now - d later) / (1 - d). No settlement satisfies a side with x > 1. Source: powell2004,
    powell2006; fearon1995 (preventive war).
    """
    return now + patience / (1.0 - patience) * (now - later)


def survival(mean, spread, line, doubt):
    """A leader's chance of staying in office after a war whose outcome is N(mean, spread).

    After an outcome y the chance is clip((y - line + doubt) / (2 doubt), 0, 1); if doubt is 0, the
    leader stays iff y reaches the line. Source: downs_rocke1994.
    """
    from scipy.special import ndtr

    wide, sure = np.maximum(spread, 1e-12), doubt <= 0.0
    half = np.where(sure, 1.0, doubt)
    low, high, sharp = ((mean - at) / wide for at in (line - half, line + half, line))
    above_low, above_high = (
        wide * (np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi) + z * ndtr(z)) for z in (low, high)
    )
    return np.where(sure, ndtr(sharp), np.clip((above_low - above_high) / (2.0 * half), 0.0, 1.0))


def leaders_least(value_of_war, office, line, doubt):
    """The least share x that a leader accepts: x + B L(x) = value of war, B the worth of office.

    L is the chance of staying after x, as in `survival`. With v the value of war, x is v if v lies
    below line - doubt (the leader is removed in either case), v - B if the office is safe, and
    (v (2 doubt) + B (line - doubt)) / (2 doubt + B) between these.
    Source: downs_rocke1994, goemans2000.
    """
    width = 2.0 * doubt + office
    between = np.divide(
        2.0 * doubt * value_of_war + office * (line - doubt), width,
        out=np.array(value_of_war, dtype=float), where=width > 0.0,
    )  # fmt: skip
    return np.clip(between, value_of_war - office, value_of_war)


def room(reservation_underdog, reservation_favourite, salience_underdog, salience_favourite):
    """How far the underdog can get above its reservation if the favourite gets exactly its own.

    Issues are on the last axis, where saliences add up to 1. The Pareto frontier of linear
    utilities gives the underdog the issues in descending order of salience_underdog /
    salience_favourite, so its height at the favourite's reservation is a sum. A package that both
    accept exists iff the result is >= 0; with one issue and non-negative reservations it equals Z.
    If the favourite wants more than everything, the excess is subtracted, and a low reservation
    of the underdog cannot make up for it. Source: raiffa1982.
    """
    underdog, favourite, before = _frontier(salience_underdog, salience_favourite)
    out_of_reach = np.maximum(reservation_favourite - 1.0, 0.0)
    to_give = 1.0 - reservation_favourite[..., None] - before
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(favourite > 0.0, to_give / favourite, np.where(to_give >= 0.0, 1.0, 0.0))
    reached = (underdog * np.clip(part, 0.0, 1.0)).sum(axis=-1)
    wanted = np.where(
        out_of_reach > 0.0, np.maximum(reservation_underdog, 0.0), reservation_underdog
    )
    return reached - out_of_reach - wanted


def most_left(least, salience_other, salience_own):
    """The highest utility that a side can leave the other while it gets its own least utility.

    Negative if the side wants more than everything. Source: raiffa1982.
    """
    return room(np.zeros_like(least), least, salience_other, salience_own)


def nash(
    reservation_underdog, reservation_favourite, salience_underdog, salience_favourite, weight
):
    """The package that maximises (u_U - r_U)^w (u_D - r_D)^(1 - w), over the issues.

    Returns the underdog's share of each issue, shape (..., issues); meaningful only where `room`
    is >= 0. On a segment of the frontier on which one issue passes from side to side, the optimum
    satisfies w s_U (u_D - r_D) = (1 - w) s_D (u_U - r_U). Source: nash1950 (even weights),
    harsanyi_selten1972 and kalai1977 (any weights).
    """
    underdog, favourite, before = _frontier(salience_underdog, salience_favourite)
    gained = np.cumsum(underdog, axis=-1) - underdog
    a = gained - reservation_underdog[..., None]
    b = 1.0 - before - reservation_favourite[..., None]
    w = np.asarray(weight)[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        best = (w * underdog * b - (1.0 - w) * favourite * a) / (underdog * favourite)
        best = np.where(favourite <= 0.0, 1.0, np.where(underdog <= 0.0, 0.0, best))
        least = np.where(underdog > 0.0, -a / underdog, 0.0)
        most = np.where(favourite > 0.0, b / favourite, 1.0)
    best = np.clip(best, np.clip(least, 0.0, 1.0), np.clip(most, 0.0, 1.0))
    order = _order(salience_underdog, salience_favourite)
    shares = np.empty_like(best)
    np.put_along_axis(shares, order, best, axis=-1)
    return shares


def alternating_offers(
    reservation_underdog,
    reservation_favourite,
    salience_underdog,
    salience_favourite,
    patience_underdog,
    patience_favourite,
    underdog_first,
    rounds,
):
    """The utility that the underdog gets if offers alternate and each delay discounts a surplus.

    The side that offers stays on the frontier and leaves the other exactly what it would get by
    waiting: with g(s) the favourite's surplus where the underdog's is s, the underdog offers a with
    g(a) = d_F g(d_U a), and the favourite b = d_U a. With one issue the first side keeps
    (1 - d2) / (1 - d1 d2) of the surplus. If `rounds` is finite, the last offer takes all, and the
    same rule is applied backwards from there. If waiting costs neither side anything and rounds
    are unlimited, the result is the Nash package of equal weights, the limit of equal patience.
    Meaningful only where `room` is >= 0.
    Source: rubinstein1982, stahl1972, binmore1986.
    """
    weights = salience_underdog, salience_favourite
    least = reservation_underdog, reservation_favourite
    d_u, d_f = patience_underdog, patience_favourite
    most = np.maximum(0.0, room(*least, *weights))

    low, high = np.zeros_like(most), most
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        now, later = (_left(own, *least, *weights) for own in (middle, d_u * middle))
        leaves_too_much = now > d_f * later
        low, high = np.where(leaves_too_much, middle, low), np.where(leaves_too_much, high, middle)
    endless = np.where(underdog_first, high, d_u * high)
    even = nash(*least, *weights, np.full_like(most, 0.5))
    patient = utility(even, salience_underdog) - reservation_underdog
    surplus = np.where(d_u * d_f < 1.0, endless, patient)
    ends = np.isfinite(rounds)
    last = np.where(ends, rounds, 1.0)
    walked = np.where((last % 2.0 == 1.0) == underdog_first, most, 0.0)
    for before in range(1, int(last.max(initial=1.0))):
        number = last - before
        left = d_f * _left(walked, *least, *weights) + reservation_favourite
        offered = room(reservation_underdog, left, *weights)
        underdog_offers = (number % 2.0 == 1.0) == underdog_first
        earlier = np.where(underdog_offers, offered, d_u * walked)
        walked = np.where(number >= 1.0, earlier, walked)
    return reservation_underdog + np.where(ends, walked, surplus)


def _left(
    surplus_underdog, reservation_underdog, reservation_favourite, salience_underdog,
    salience_favourite,
):  # fmt: skip
    """The favourite's surplus on the frontier where the underdog has a surplus."""
    package = frontier(
        reservation_underdog + surplus_underdog, salience_underdog, salience_favourite
    )
    return utility(1.0 - package, salience_favourite) - reservation_favourite


def concession(
    reservation_underdog,
    reservation_favourite,
    salience_underdog,
    salience_favourite,
    exponent_underdog,
    exponent_favourite,
):
    """When two sides that concede over time agree, and the utility that the underdog then gets.

    At time t of a meeting, from 0 to 1, a side asks for a = 1 - (1 - r) t^e; e < 1 makes a
    conceder, e > 1 a boulware negotiator. They agree at the first t at which some package gives
    both what they ask for. Returns (t, utility of the underdog); t is infinite without agreement.
    Source: faratin1998.
    """

    weights = salience_underdog, salience_favourite
    early = np.zeros_like(reservation_underdog)
    late = np.ones_like(reservation_underdog)
    for _ in range(_HALVINGS):
        middle = 0.5 * (early + late)
        both = (
            asked(reservation_underdog, middle**exponent_underdog),
            asked(reservation_favourite, middle**exponent_favourite),
        )
        meet = room(*both, *weights) >= 0.0
        early, late = np.where(meet, early, middle), np.where(meet, middle, late)
    end = room(reservation_underdog, reservation_favourite, *weights)
    time = np.where(end >= -_ROUNDING, late, np.inf)
    return time, asked(reservation_underdog, late**exponent_underdog)


def asked(reservation, conceded):
    """What a side asks for after conceding a fraction of all that it can concede, 1 - r.

    The result is 1 - (1 - r) conceded: everything if it has conceded nothing, and its reservation
    if it has conceded all. Source: faratin1998.
    """
    return 1.0 - (1.0 - reservation) * conceded


def conceded(demand, reservation):
    """The fraction of all it can concede, 1 - r, that a demand concedes: (1 - d) / (1 - r).

    0 if the side demands everything; 1 if it demands no more than its reservation or can concede
    nothing. The inverse of `asked`. Source: faratin1998.
    """
    left, most = np.maximum(0.0, 1.0 - demand), np.maximum(0.0, 1.0 - reservation)
    least = np.where(left > 0.0, 1.0, 0.0)
    return np.divide(left, most, out=least, where=left < most)


def stays(shortfall, hopeless):
    """The share of a meeting's time after which a side that expects no deal walks out.

    The side estimates how far apart the last offers will be, with an error that shrinks during the
    meeting: at time t it cannot distinguish a shortfall below hopeless * (1 - t) from none. So it
    leaves at t = 1 - shortfall / hopeless, or at once if the shortfall is at least `hopeless`.
    Assumed: the form.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(shortfall > 0.0, shortfall / hopeless, 0.0)
    return 1.0 - np.minimum(1.0, lost)


def frontier(utility_underdog, salience_underdog, salience_favourite):
    """The package on the Pareto frontier that gives the underdog this utility, cut to [0, 1].

    Returns the underdog's share of each issue, shape (..., issues). Source: raiffa1982.
    """
    underdog, _, _ = _frontier(salience_underdog, salience_favourite)
    before = np.cumsum(underdog, axis=-1) - underdog
    given = np.clip((utility_underdog[..., None] - before) / underdog, 0.0, 1.0)
    shares = np.empty_like(given)
    np.put_along_axis(shares, _order(salience_underdog, salience_favourite), given, axis=-1)
    return shares


def utility(shares, salience):
    """A side's utility from a package: its shares of the issues, weighted by their salience."""
    return (shares * salience).sum(axis=-1)


def _order(underdog, favourite):
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(favourite > 0.0, underdog / favourite, np.inf)
    return np.argsort(-ratio, axis=-1, kind="stable")


def _frontier(underdog, favourite):
    """Both saliences in the order issues pass over, and what the favourite gave before each."""
    order = _order(underdog, favourite)
    underdog = np.take_along_axis(underdog, order, axis=-1)
    favourite = np.take_along_axis(favourite, order, axis=-1)
    return underdog, favourite, np.cumsum(favourite, axis=-1) - favourite


def accepts_ceasefire(held, p_win, cost):
    """Whether fighting on is expected to gain less than it costs: p - held < c.

    `held` is the side's own share if the front is frozen. The side with momentum refuses. A
    ceasefire leaves all claims open, so hardening (h) does not enter. Assumed: the inequality is
    this project's own; it compares a reservation in the manner of fearon1995 with the line held.
    """
    return p_win - held < cost


def both_gain(gain_one, gain_other):
    """Whether a partial agreement is made: both sides must gain by it alone."""
    return (gain_one > 0.0) & (gain_other > 0.0)


def exchanged(held_one, held_other, most, gain_one, gain_other):
    """The number exchanged one for one: as many as both hold, up to `most`, if both sides gain."""
    number = np.minimum(np.minimum(held_one, held_other), most)
    return np.where(both_gain(gain_one, gain_other), number, 0)
