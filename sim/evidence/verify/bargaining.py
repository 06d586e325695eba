"""One issue at the table: the division by each protocol, and the risk of a single offer."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sim.evidence.verify.case import (
    Case,
    Check,
    Loader,
    of_identity,
    of_mean,
    of_number,
    of_share,
)
from sim.evidence.verify.courses import fought
from sim.evidence.verify.verdicts import of_verdicts
from sim.scenario.schema import Scenario

_ANY_PATIENCE = "{value: 0.5, low: 0.01, high: 0.99, law: uniform, assumed: any}"
_ANY_SHARE = "{value: 0.4, low: 0.1, high: 0.7, law: uniform, assumed: any}"
_ANY_WORTH = "{value: 0.1, low: 0, high: 0.2, law: uniform, assumed: any}"
_EXPECTS = ("minds.underdog.p_win", "minds.favourite.p_win")
_ANYBODY = tuple(f"{path}={_ANY_SHARE}" for path in _EXPECTS)
_WHOLE_PIE = (
    *(f"{path}=0.5" for path in _EXPECTS),
    "minds.underdog.cost=0.5",
    "minds.favourite.cost=0.5",
)


def _signed(scenario: Scenario, runs: int, seed: int) -> pd.DataFrame:
    """The meeting of each run; if it is signed, `position_land` is the underdog's share."""
    return pd.DataFrame(fought(scenario, runs, seed).recorder.meetings())


# --- Fearon and Nash ---------------------------------------------------------------------------


def fearon(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A zone as wide as both costs, divided in the middle by the symmetric Nash solution."""
    lottery = ("minds.underdog.p_win=0.6", "minds.favourite.p_win=0.4")
    meeting = _signed(load(*lottery, "minds.favourite.cost=0.15"), 1, seed).iloc[0]
    for name, expected, got in (
        ("zone from", 0.5, meeting["r_u"]),
        ("zone to", 0.75, 1.0 - meeting["r_d"]),
        ("Nash", 0.625, meeting["position_land"]),
    ):
        yield of_number(f"Fearon's war, {name}", "fearon1995", expected, float(got), 0.0)
    weight = "talks.protocol.underdog_weight"
    war = fought(load(*_ANYBODY, f"{weight}={_ANY_PATIENCE}"), runs, seed)
    table = war.recorder.meetings()
    agreed = table["agreed"].astype(np.bool_)
    expected = table["r_u"] + war.sample[weight] * table["z"]
    got = table["position_land"]
    yield of_identity(
        "Nash, any weight", "harsanyi_selten1972, kalai1977", expected[agreed], got[agreed]
    )
    yield of_verdicts("signed where Z >= 0", "fearon1995", table["z"] >= 0.0, agreed)
    yield from _with_a_standing_offer(load, seed, runs)


def _with_a_standing_offer(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A standing offer adds to any package, for one side and against the other.

    The position is where the share lies between any two ideals.
    """
    ideals = {side: f"talks.issues.land.ideal.{side}" for side in ("underdog", "favourite")}
    offer = (
        "events={offer: {kind: sweetener, title: Offer, by: favourite, date: 2025-01-01, "
        f"worth: {_ANY_WORTH}, price: {_ANY_WORTH}}}}}"
    )
    anywhere = tuple(f"{path}={_ANY_SHARE}" for path in ideals.values())
    war = fought(load(*_ANYBODY, offer, *anywhere), runs, seed)
    table = war.recorder.meetings()
    worth, price = (war.sample[f"events.offer.{word}"] for word in ("worth", "price"))
    room = table["z"] + worth - price
    agreed = table["agreed"].astype(np.bool_)
    yield of_verdicts("an offer beside the table, signed", "definition", room >= 0.0, agreed)
    share = table["r_u"] - worth + 0.5 * room
    best, worst = (war.sample[path] for path in ideals.values())
    position = worst + share * (best - worst)
    yield of_identity(
        "an offer beside the table, Nash", "nash1950",
        position[agreed], table["position_land"][agreed],
    )  # fmt: skip


# --- alternating offers ------------------------------------------------------------------------


def _plain(value: float) -> str:
    return f"{{value: {value:g}, assumed: as the check has it}}"


def _both(one: str, other: str) -> str:
    return f"{{underdog: {one}, favourite: {other}}}"


def _alternating(one: str, other: str, first: str = "underdog", rounds: int | None = None) -> str:
    """A protocol of alternating offers, given both sides' patience."""
    ends = "" if rounds is None else f", rounds: {_plain(rounds)}"
    return (
        f"talks.protocol={{kind: rubinstein, first: {first}, patience: {_both(one, other)}{ends}}}"
    )


def rubinstein(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """The first mover's share of the whole pie, with and without a last round."""
    for one, other in ((0.9, 0.9), (0.9, 0.8), (0.8, 0.9)):
        expected = (1.0 - other) / (1.0 - one * other)
        meeting = _signed(
            load(*_WHOLE_PIE, _alternating(_plain(one), _plain(other))), 1, seed
        ).iloc[0]
        yield of_number(
            f"alternating offers, {one:g} and {other:g}", "rubinstein1982",
            expected, float(meeting["position_land"]), 0.0,
        )  # fmt: skip
    for rounds in (1, 2, 3, 5, 11, 51):
        scenario = load(*_WHOLE_PIE, _alternating(_plain(0.9), _plain(0.8), rounds=rounds))
        got = float(_signed(scenario, 1, seed).iloc[0]["position_land"])
        expected = _walked_back(0.9, 0.8, rounds)
        yield of_number(f"alternating offers, {rounds} rounds", "stahl1972", expected, got, 0.0)
    for first, second in (("underdog", "favourite"), ("favourite", "underdog")):
        protocol = _alternating(_ANY_PATIENCE, _ANY_PATIENCE, first)
        war = fought(load(*_ANYBODY, protocol), runs, seed)
        table = war.recorder.meetings()
        agreed = table["agreed"].astype(np.bool_)
        d, d_other = (war.sample[f"talks.protocol.patience.{side}"] for side in (first, second))
        part = (1.0 - d_other) / (1.0 - d * d_other) * table["z"]
        own = table["r_u"] if first == "underdog" else table["r_d"]
        share = table["position_land"] if first == "underdog" else 1.0 - table["position_land"]
        yield of_identity(
            f"alternating offers, any two, {first} first", "rubinstein1982",
            (own + part)[agreed], share[agreed],
        )  # fmt: skip


def _walked_back(first: float, second: float, rounds: int) -> float:
    """The first mover's share, by backward induction from the last offer, which takes all."""
    part = 1.0
    for number in range(rounds - 1, 0, -1):
        waits = second if number % 2 else first
        part = 1.0 - waits * part
    return part


# --- concessions in the course of a meeting ----------------------------------------------------


def _conceding(exponent: float) -> str:
    exponents = _both(_plain(exponent), _plain(exponent))
    return f"talks.protocol={{kind: concession, exponent: {exponents}}}"


def concession(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Two sides that concede alike meet after (1 / (2 - r_U - r_D))^(1/e) of the meeting."""
    for exponent in (0.25, 1, 4):
        scenario = load(_conceding(exponent))
        meeting = _signed(scenario, 1, seed).iloc[0]
        name = f"two conceders, e = {exponent:g}"
        share, minutes = float(meeting["position_land"]), float(meeting["minutes"])
        yield of_number(f"{name}, share", "faratin1998", 0.36, share, 0.0)
        part = 0.8 ** (1.0 / exponent)
        yield of_number(f"{name}, part of the meeting", "faratin1998", part, minutes / 100.0, 0.0)
        table = _signed(load(*_ANYBODY, _conceding(exponent)), runs, seed)
        table = table[table["agreed"]]
        meet = 1.0 / (2.0 - table["r_u"] - table["r_d"])
        parts = (meet ** (1.0 / exponent)).to_numpy()
        got = table["minutes"].to_numpy() / 100.0
        yield of_identity(f"{name}, any reservations", "faratin1998", parts, got)
    yield from _walk_out(load, seed, runs)


def _walk_out(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A side that sees no deal coming leaves sooner for a wider gap; here the underdog first."""
    table = _signed(load(*_ANYBODY), runs, seed)
    failed = table[~table["agreed"]]
    part = np.maximum(0.0, 1.0 + failed["z"].to_numpy() / 0.5)
    got = failed["minutes"].to_numpy() / 100.0
    yield of_identity("walking out of a meeting", "definition", part, got)


# --- private information -----------------------------------------------------------------------


def private_cost(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A single offer to a side whose cost of war, 0 to .4, is unknown: .75 is best.

    The offer is the least that its maker accepts; the other's cost is drawn.
    """
    cost = "minds.favourite.cost={value: 0.2, low: 0, high: 0.4, law: uniform, assumed: private}"
    lottery = (
        "minds.favourite.p_win=0.4",
        cost,
        _alternating(_plain(1), _plain(1), "favourite", rounds=1),
    )
    for demand in (0.65, 0.75, 0.85):
        meetings = _signed(load(*lottery, f"minds.underdog.p_win={demand + 0.1:g}"), runs, seed)
        refused = ~meetings["agreed"].to_numpy()
        p_war = (demand - 0.6) / 0.4
        name = f"only offer of {demand:g}"
        yield of_share(f"{name}, war", "fearon1995", p_war, int(refused.sum()), runs)
        worth = np.where(refused, 0.6 - 0.1, meetings["position_land"].to_numpy())
        expected = demand * (1.0 - p_war) + 0.5 * p_war
        yield of_mean(f"{name}, worth", "fearon1995", expected, worth)


CHECKS = (
    Check("bargaining", fearon, runs=500),
    Check("bargaining", rubinstein, runs=500),
    Check("bargaining", concession, runs=500),
    Check("bargaining", private_cost, runs=5_000),
)
