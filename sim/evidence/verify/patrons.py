"""Patrons: the worth of threats and aid to both sides, when each is credible, what follows."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.evidence.verify.case import (
    Case,
    Check,
    Floats,
    Loader,
    of_identity,
    of_number,
    of_share,
)
from sim.evidence.verify.courses import SIDES, course, fought
from sim.evidence.verify.verdicts import of_verdicts
from sim.rules import screening
from sim.war.model import War

_PATRON = "patrons.friend"
_TWO_NUMBERS = (
    *(f"minds.{side}.p_win=0.5" for side in SIDES),
    "minds.underdog.cost=0.15",
    "minds.favourite.cost=0.1",
    f"{_PATRON}.aid.prospects=0.2",
    f"{_PATRON}.aid.relief=0.05",
    f"{_PATRON}.stake=0",
    f"{_PATRON}.price=0.1",
)
_CAN_LEAVE = (f"{_PATRON}.stake=0", f"{_PATRON}.price=0.1")
_CANNOT_LEAVE = (f"{_PATRON}.stake=1", f"{_PATRON}.price=0", f"{_PATRON}.entrapment.per_loss=0")
_QUIET = ("end=2025-01-02", "talks.meetings={only: 2025-01-02}", "events={}", "front.p_move=0")
_DEAR = (
    "events={offer: {kind: sweetener, title: Offer, by: favourite, date: 2025-01-02, "
    "worth: {value: 0, assumed: none}, "
    "price: {value: 0.2, low: 0, high: 0.4, law: uniform, assumed: any}}}"
)
"""An offer that costs one side and is worth nothing to the other: a settlement may fail."""
_ANY_SHARE = "{value: 0.5, low: 0.05, high: 1, law: uniform, assumed: any}"


def _of(war: War, *names: str) -> tuple[Floats, ...]:
    return tuple(war.sample[f"{_PATRON}.{name}"] for name in names)


# --- the threat and the zone -------------------------------------------------------------------


def threat(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """r_U .35 and r_D .40 without it; aid is worth .15 to the client and up to .10 to r_D."""
    table = {
        (0.0, 1.0): (0.35, 0.40, 0.25),
        (0.5, 1.0): (0.275, 0.45, 0.275),
        (0.5, 0.0): (0.275, 0.40, 0.325),
        (1.0, 1.0): (0.20, 0.50, 0.30),
        (1.0, 0.0): (0.20, 0.40, 0.40),
    }
    for (chance, foreseen), expected in table.items():
        figures = (f"{_PATRON}.threat.credibility={chance}", f"{_PATRON}.aid.foreseen={foreseen}")
        runs_of = fought(load(*_TWO_NUMBERS, *_QUIET, *figures), 1, seed).recorder.runs()
        how = "foreseen" if foreseen else "unforeseen"
        for word, number in zip(("r_u", "r_d", "z"), expected, strict=True):
            name = f"threat of {chance:g}, {how}, {word}"
            yield of_number(name, "beardsley2008", number, float(runs_of[f"{word}_start"][0]), 0.0)
    yield from _widens_by_what_it_costs(load, seed, runs)
    yield from _is_credible_where_leaving_pays(load, seed, runs)


def _widens_by_what_it_costs(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Any figures: both reservations, and a foreseen threat widens Z by the cost that it adds."""
    war = fought(load(*_QUIET, *_CAN_LEAVE), runs, seed)
    at, sample = war.recorder.runs(), war.sample
    p, c = sample["minds.underdog.p_win"], sample["minds.underdog.cost"]
    p_enemy, c_enemy = sample["minds.favourite.p_win"], sample["minds.favourite.cost"]
    s, relief, foreseen, chance = _of(
        war, "aid.prospects", "aid.relief", "aid.foreseen", "threat.credibility"
    )
    expected_u = p * (1.0 - s * chance) - (c + relief * chance)
    expected_d = p_enemy + foreseen * s * (1.0 - p_enemy) * chance - c_enemy
    yield of_identity("threat, any figures, r_U", "beardsley2008", expected_u, at["r_u_start"])
    yield of_identity("threat, any figures, r_D", "beardsley2008", expected_d, at["r_d_start"])
    common = _fought_with_a_common_prior(load, seed, runs, *_CAN_LEAVE)
    z = common.sample["minds.underdog.cost"] + common.sample["minds.favourite.cost"]
    relief, chance = _of(common, "aid.relief", "threat.credibility")
    yield of_identity(
        "threat, foreseen, widens Z by its cost",
        "benson2016",
        z + chance * relief,
        common.recorder.runs()["z_start"],
    )


def _fought_with_a_common_prior(load: Loader, seed: int, runs: int, *more: str) -> War:
    """Wars in which both sides have the same beliefs, and the enemy foresees all effects of aid."""
    scenario = load(*_QUIET, f"{_PATRON}.aid.foreseen=1", *more)
    p = fought(scenario, runs, seed).sample["minds.underdog.p_win"]
    return fought(scenario, runs, seed, {"minds.favourite.p_win": 1.0 - p})


def _is_credible_where_leaving_pays(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A threat has an effect only if leaving costs the patron less than it saves."""
    war = fought(load(*_QUIET), runs, seed)
    stake, s, belief, price = _of(war, "stake", "aid.prospects", "p_win", "price")
    pays = price / s > stake * belief
    pressed = war.recorder.runs()["pressure_friend_start"] > 0.0
    yield of_verdicts("threat, credible iff leaving pays", "snyder1984", pays, pressed)


# --- moral hazard ------------------------------------------------------------------------------


def moral_hazard(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Aid raises the client's demand by its worth; only the cost it saves makes war more likely."""
    without = _fought_with_a_common_prior(load, seed, runs, *_CAN_LEAVE)
    backed = _fought_with_a_common_prior(load, seed, runs, *_CANNOT_LEAVE)
    spares_nothing = f"{_PATRON}.aid.relief=0"
    pure = [
        _fought_with_a_common_prior(load, seed, runs, spares_nothing, _DEAR, *stays)
        for stays in (_CAN_LEAVE, _CANNOT_LEAVE)
    ]
    s, chance = _of(backed, "aid.prospects", "threat.credibility")
    worth = chance * s * backed.sample["minds.underdog.p_win"]
    r_u = [war.recorder.runs()["r_u_start"] for war in pure]
    yield of_identity(
        "aid expected, raises the demand by its worth", "benson2016", worth, r_u[1] - r_u[0]
    )
    one, other = (war.recorder.meetings() for war in pure)
    signed = one["agreed"], other["agreed"]
    moved = (other["position_land"] - one["position_land"])[signed[0]]
    yield of_identity("aid expected, the share signed", "nash1950", worth[signed[0]], moved)
    yield of_verdicts("aid expected, settled all the same", "benson2016", signed[0], signed[1])
    z = [war.recorder.runs()["z_start"] for war in (without, backed)]
    relief = chance * _of(backed, "aid.relief")[0]
    yield of_identity("aid that spares cost narrows Z by it", "rauchhaus2009", -relief, z[1] - z[0])
    yield from _with_private_costs()


def _with_private_costs() -> Iterator[Case]:
    """One offer under a hidden cost of the enemy, uniform on [0, .4]: p .5, c .1, aid .1."""
    rows = (
        ("none", 0.5, 0.1, 0.65, 0.375),
        ("foreseen", 0.6, 0.1, 0.75, 0.375),
        ("that spares half the cost", 0.6, 0.05, 0.775, 0.4375),
    )
    for name, p, cost, demand, war in rows:
        # the enemy's reservation is 1 - p - .4 to 1 - p; the side asks for the rest
        most, low, high = (np.array([x]) for x in (1.0 - p + cost, 0.6 - p, 1.0 - p))
        offer = screening.offered(most, low, high, 0.5)
        got = 1.0 - offer, 1.0 - (offer - low) / 0.4
        for what, expected, value in zip(("demand", "war"), (demand, war), got, strict=True):
            label = f"hidden cost, aid {name}, {what}"
            yield of_number(label, "fearon1995, benson2016", expected, float(value[0]), 0.0)


# --- the cards, and what follows from them -----------------------------------------------------


class _Cards(NamedTuple):
    """A patron's belief, and the risk it sees, on each evening: shape (days, runs)."""

    belief: Floats
    risk: Floats


def _cards(war: War) -> _Cards:
    """The same, recomputed from the losses and the moves of the front."""
    days, runs = war.scenario.days, len(war.runs)
    day = np.arange(days)[:, None]
    losses = {name: np.zeros((days, runs)) for name in war.scenario.events}
    for name, event in war.scenario.events.items():
        losses[name][war.scenario.day_of(event.date)] = war.sample[f"events.{name}.loss"]
    foresight, gain, loss = _of(war, "foresight", "expected_gain", "expected_loss")
    success = 1.0 - (1.0 + losses["raid"] / (foresight * gain)) ** -(foresight + 1.0)
    failure = 1.0 - (1.0 + losses["assault"] / (foresight * loss)) ** -(foresight + 1.0)
    rungs = course(war, "share_held_u") * war.sample["front.rungs"]
    moves = np.diff(rungs, axis=0, prepend=war.sample["front.start"][None, :])
    good = success + np.where(losses["assault"] > 0.0, 1.0 - failure, 0.0) + (moves > 0.5)
    bad = np.where(losses["raid"] > 0.0, 1.0 - success, 0.0) + failure + (moves < -0.5)
    n, prior, weight, per_loss, lasts = _of(
        war, "confidence", "p_win", "weight", "entrapment.per_loss", "entrapment.lasts"
    )
    good, bad = weight * good.cumsum(axis=0), weight * bad.cumsum(axis=0)
    struck = per_loss * losses["raid"] * np.exp(day / lasts)
    risk = struck.cumsum(axis=0) * np.exp(-day / lasts)
    return _Cards((prior * n + good) / (n + good + bad), risk)


def cards(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """The belief follows raids and front, aid follows the belief, and pressure the stakes."""
    nothing_proposed = ("minds.underdog.p_win=0.9", "minds.favourite.p_win=0.9")
    follows = f"{_PATRON}.aid.response={_ANY_SHARE}"
    forgiving = f"{_PATRON}.patience={{value: 1, assumed: acts at once}}"
    idle = f"{_PATRON}.threat.credibility=0"
    war = fought(load(follows, forgiving, idle, *nothing_proposed), runs, seed)
    held = _cards(war)
    got = course(war, "p_friend")
    yield of_identity("cards, the patron's belief", "gelman2013", held.belief.ravel(), got.ravel())
    prior, response, part, s, relief = _of(
        war, "p_win", "aid.response", "aid.part", "aid.prospects", "aid.relief"
    )
    given = (held.belief / prior) ** response
    term = (given - 1.0) * (s * war.sample["minds.underdog.p_win"] + relief)
    limit = 1.0 - war.sample["minds.underdog.p_win"]
    free = (given - 1.0) * s * war.sample["minds.underdog.p_win"] <= limit
    got = np.where(free, course(war, "h_patrons_u"), term)
    yield of_identity("cards, what aid adds to r_U", "fearon1995", term.ravel(), got.ravel())
    yield of_identity("cards, the supply", "definition", *_supply(war, given, part))
    yield from _pressure(load, seed, runs)


def _supply(war: War, given: Floats, part: Floats) -> tuple[Floats, Floats]:
    """Production with aid that comes partly from the patron, as of the evening before."""
    sample, path = war.sample, "sides.underdog"
    share, response, daily = (
        sample[f"{path}.{name}"]
        for name in ("aid.share", "aid.response", "arsenal.drone.production")
    )
    expects = course(war, "p_u") / sample["minds.underdog.p_win"]
    rest, of_patron = (np.vstack([np.ones(len(part)), x[:-1]]) for x in (expects**response, given))
    aid = 1.0 - share + share * (rest + part * (of_patron - rest))
    return (daily * aid).sum(axis=0), war.attackers["underdog"].stock["drone"]


def _pressure(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A raid raises both the cards and the risk of entrapment; the pressure depends on both."""
    war = fought(load("talks.meetings={}", f"{_PATRON}.proposal.lean=0"), runs, seed)
    held = _cards(war)
    stake, s, price, chance = _of(war, "stake", "aid.prospects", "price", "threat.credibility")
    expected = np.where(stake * s * held.belief - held.risk < price, chance, 0.0)
    got = course(war, "pressure_friend")
    yield of_identity("pressure on each evening", "snyder1984", expected.ravel(), got.ravel())
    raid = war.scenario.day_of(war.scenario.events["raid"].date)
    fell, rose = (
        int((change > 0.0).sum())
        for change in (expected[raid - 1] - expected[raid], expected[raid] - expected[raid - 1])
    )
    both = np.array([fell > 0, rose > 0])
    yield of_verdicts("a raid lowers the pressure in some, raises it in others", "snyder1984",
                      np.array([True, True]), both)  # fmt: skip


# --- counsel -----------------------------------------------------------------------------------


def counsel(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Advice of restraint is believed if the patron loses by false advice and knows more."""
    own = f"{_PATRON}.counsel.own_source"
    mute = f"{_PATRON}.threat.credibility=0"
    war = fought(load(*_QUIET, mute, f"{own}={_ANY_SHARE}"), runs, seed)
    k, n, b, stake, price = _of(war, "counsel.own_source", "confidence", "p_win", "stake", "price")
    p, n_client = (war.sample[f"minds.underdog.{word}"] for word in ("p_win", "confidence"))
    believed = (p > b) & (stake * (p - b) >= price)
    expected = np.where(believed, p + (b - p) * k * n / (k * n + n_client), p)
    got = war.recorder.runs()["p_u_start"]
    yield of_identity("counsel of restraint", "kydd2003", expected, got)
    unbiased, relayed = f"{_PATRON}.stake=0", f"{own}=0"
    for name, source, more in (
        ("without a stake", "kydd2003", (f"{own}={_ANY_SHARE}", unbiased)),
        ("without a source of its own", "fey_ramsay2010", (relayed,)),
    ):
        war = fought(load(*_QUIET, mute, f"{_PATRON}.price=0.001", *more), runs, seed)
        p = war.sample["minds.underdog.p_win"]
        got = war.recorder.runs()["p_u_start"]
        yield of_identity(f"counsel {name} is not believed", source, p, got)


# --- at the table ------------------------------------------------------------------------------


def proposals(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A refusing side is pressed with the threatened chance, and only once patience is spent."""
    greedy = ("minds.underdog.p_win=0.9", "minds.favourite.p_win=0.9")
    twice = f"{_PATRON}.patience={{value: 2, assumed: the second refusal}}"
    chance = f"{_PATRON}.threat.credibility=0.6"
    poor = (f"{_PATRON}.p_win=0.2", f"{_PATRON}.proposal.lean=-0.2")
    still = ("events={}", "front.p_move=0", *_CAN_LEAVE, *poor, chance)
    war = fought(load(*greedy, twice, *still), runs, seed)
    dates = war.scenario.talks.meetings if war.scenario.talks else {}
    meetings = {name: war.scenario.day_of(date) for name, date in dates.items()}
    left = war.recorder.runs()["friend_withdrawn_day"]
    yield of_share("withdrawn at the second refusal", "definition", 0.6,
                   int((left == meetings["second"]).sum()), runs)  # fmt: skip
    yield of_share("withdrawn at the third", "definition", 0.24,
                   int((left == meetings["third"]).sum()), runs)  # fmt: skip
    gone = np.isfinite(left)
    guaranteed = war.guarantee("underdog")
    one, other = (war.sample[f"patrons.{name}.guarantee"] for name in ("friend", "bystander"))
    expected = np.where(gone, other, one + other - one * other)
    yield of_identity("guarantee of two patrons, then of one", "walter1997", expected, guaranteed)
    yield from _proposed(load, seed, runs)
    yield from _sanctions(load, seed, runs)


def _proposed(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A division by the patron's cards, accepted by each side if no worse than fighting on."""
    war = fought(load(*_QUIET, f"{_PATRON}.threat.credibility=0"), runs, seed)
    table = war.recorder.meetings()
    belief, lean = _of(war, "p_win", "proposal.lean")
    share = np.clip(belief + lean, 0.0, 1.0)
    settled = table["agreed"]
    for letter, worth in (("u", share), ("d", 1.0 - share)):
        expected = ~settled & (worth >= table[f"r_{letter}"])
        got = table[f"friend_accepted_{letter}"]
        name = f"proposal, accepted by the {'client' if letter == 'u' else 'enemy'}"
        yield of_verdicts(name, "fearon1995", expected, got)


def _sanctions(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A ceasefire that the client accepts and the enemy refuses is sanctioned as threatened."""
    will_and_will_not = (
        "minds.underdog.p_win=0.45", "minds.underdog.cost=0.1", "minds.favourite.p_win=0.9",
    )  # fmt: skip
    load_it = load(
        *will_and_will_not,
        *_CANNOT_LEAVE,
        "events={}",
        "front.p_move=0",
        f"{_PATRON}.proposal={{kind: ceasefire}}",
        f"{_PATRON}.sanctions.credibility=0.3",
        f"{_PATRON}.sanctions.cost=0.04",
    )
    war = fought(load_it, runs, seed)
    at, cost = war.recorder.runs(), war.sample["minds.favourite.cost"]
    imposed = np.isfinite(at["friend_sanctioned_day"])
    yield of_share(
        "sanctioned in three refusals", "definition", 1.0 - 0.7**3, int(imposed.sum()), runs
    )
    first = 0.9 - cost - 0.3 * 0.04
    yield of_identity("sanctions threatened, r_D", "fearon1995", first, at["r_d_start"])
    last = 0.9 - cost - np.where(imposed, 1.0, 0.3) * 0.04
    yield of_identity("sanctions imposed, r_D", "fearon1995", last, at["r_d_end"])


CHECKS = (
    Check("patrons", threat, runs=200),
    Check("patrons", moral_hazard, runs=200),
    Check("patrons", cards, runs=200),
    Check("patrons", counsel, runs=200),
    Check("patrons", proposals, runs=2_000),
)
