"""Reservations unknown to the other side: what is offered, how often it is refused, and when."""

from collections.abc import Iterator

import numpy as np

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
from sim.rules import screening

_SOURCE = "sobel_takahashi1983"


def _plain(value: float) -> str:
    return f"{{value: {value:g}, assumed: as the check has it}}"


def _screening(rounds: int, patience: float = 0.9, bluff: float = 0.4) -> str:
    """The underdog offers; it believes the favourite accepts from `bluff` below its demand on."""
    both = f"{{underdog: {_plain(patience)}, favourite: {_plain(patience)}}}"
    none = f"{{underdog: {_plain(0)}, favourite: {_plain(0)}}}"
    daily = "{value: 0, unit: 1/day, assumed: as the check has it}"
    return (
        f"talks.protocol={{kind: screening, first: underdog, rounds: {_plain(rounds)}, "
        f"patience: {both}, bluff: {{underdog: {_plain(bluff)}, favourite: {_plain(bluff)}}}, "
        f"credence: {none}, fades: {{underdog: {daily}, favourite: {daily}}}}}"
    )


def _drawn(low: float, high: float) -> str:
    middle = 0.5 * (low + high)
    return f"{{value: {middle:g}, low: {low:g}, high: {high:g}, law: uniform, assumed: private}}"


def one_offer(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Fearon's offer in a war: the other's reservation is drawn from the believed distribution."""
    for own, low, high, offer, taken in (
        (0.4, 0.1, 0.5, 0.35, 0.625),
        (0.45, 0.3, 0.5, 0.425, 0.625),
        (0.6, 0.3, 0.5, 0.35, 0.25),
        (0.2, 0.1, 0.3, 0.3, 1.0),
    ):
        scenario = load(
            _screening(1, bluff=high - low),
            f"minds.underdog.p_win={own + 0.1:g}", f"minds.favourite.demand={high:g}",
            f"minds.favourite.p_win={_drawn(low + 0.1, high + 0.1)}",
        )  # fmt: skip
        table = fought(scenario, runs, seed).recorder.meetings()
        agreed = table["agreed"].astype(np.bool_)
        name = f"one offer from {own:g} to {low:g}-{high:g}"
        yield of_share(f"{name}, taken", "fearon1995", taken, int(agreed.sum()), runs)
        got = table["position_land"][agreed]
        yield of_identity(f"{name}, kept", "fearon1995", np.full(len(got), 1.0 - offer), got)
        possible = 1.0 - own - table["r_d"] >= 0.0
        verdict = f"{name}, refused though possible"
        yield of_verdicts(
            verdict, "fearon1995", (table["r_d"] > offer) & possible, ~agreed & possible
        )
    yield from _worth(load, seed, runs)


def _worth(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """The value of the offer: p + (C - c)^2 / 4C, p = .5, C = .4, c = .1."""
    scenario = load(
        _screening(1), "minds.underdog.p_win=0.5", "minds.favourite.demand=0.5",
        "minds.favourite.p_win=0.5", f"minds.favourite.cost={_drawn(0, 0.4)}",
    )  # fmt: skip
    table = fought(scenario, runs, seed).recorder.meetings()
    agreed = table["agreed"].astype(np.bool_)
    worth = np.where(agreed, table["position_land"], 0.4)
    yield of_mean("one offer to an unknown cost, worth", "fearon1995", 0.55625, worth)


def offers_in_turn(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Successive offers at one meeting: the part of the distribution that each has covered."""
    known = {1: (0.5,), 2: (0.153846, 0.576923), 3: (0.161591, 0.290577, 0.645289)}
    for rounds, by_then in known.items():
        scenario = load(
            _screening(rounds, bluff=1.0), "minds.underdog.p_win=0.1", "minds.favourite.demand=1",
            f"minds.favourite.p_win={_drawn(0.1, 1.0)}", "minds.favourite.cost=0.1",
        )  # fmt: skip
        # the believed range is the whole pie, but reservations are drawn from .0 to .9
        table = fought(scenario, runs, seed).recorder.meetings()
        agreed = table["agreed"].astype(np.bool_)
        part = table["minutes"] / 100.0
        for number, expected in enumerate(by_then, 1):
            done = agreed & (part <= number / rounds + 1e-9)
            name = f"{rounds} offer{'s' * (rounds > 1)}, accepted by number {number}"
            yield of_share(name, _SOURCE, min(1.0, expected / 0.9), int(done.sum()), runs)
    yield from _rule()


def _rule() -> Iterator[Case]:
    """Demands and cutoffs (rule), up to infinitely many offers."""
    d = np.array(0.9)
    for offers, demands in (
        (1, (0.5,)),
        (2, (0.465385, 0.423077)),
        (3, (0.435005, 0.390183, 0.354711)),
    ):
        value, got = 1.0, []
        a, c = screening.demands(offers, d, d)
        for left in range(offers, 0, -1):
            got.append(float(a[left - 1] * value))
            value *= float(a[left - 1] / c[left - 1])
        for number, (expected, asked) in enumerate(zip(demands, got, strict=True), 1):
            name = f"{offers} offer{'s' * (offers > 1)}, demand {number} (rule)"
            yield of_number(name, _SOURCE, expected, round(asked, 6), 0.0)
    a, c = screening.demands(2_000, d, d)
    endless = (np.sqrt(0.1) - 0.1) / 0.9
    yield of_number("offers without end, share (rule)", "fudenberg1985", endless, float(a[-1]), 0.0)
    cutoff = (1.0 - np.sqrt(0.1)) / 0.9
    last = float(a[-1] / c[-1])
    yield of_number("offers without end, cutoff (rule)", "fudenberg1985", cutoff, last, 0.0)


def sequential(_: Loader, __: int, ___: int) -> Iterator[Case]:
    """No other sequence of demands earns more (rule): by search, the other waiting if it pays."""
    d = 0.9
    a, c = screening.demands(2, np.array(d), np.array(d))
    best = _value(float(a[1] / c[1]), d)
    others = np.array([_value(cutoff, d) for cutoff in np.linspace(0.05, 1.0, 381)])
    name = "2 offers, no cutoff earns more (rule)"
    yield of_verdicts(name, _SOURCE, np.ones(len(others), np.bool_), others <= best + 1e-12)


def _value(cutoff: float, d: float) -> float:
    """The value of two offers if all above a cutoff take the first, priced to keep them."""
    second = 0.5 * cutoff
    first = cutoff - d * (cutoff - second)
    return first * (1.0 - cutoff) + d * second * (cutoff - second)


def refusals_and_zones(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """With known reservations talks fail only without a zone; if unknown, also with one."""
    minds = (
        f"minds.underdog.p_win={_drawn(0.3, 0.7)}",
        f"minds.favourite.p_win={_drawn(0.3, 0.7)}",
    )
    known = fought(load(*minds), runs, seed).recorder.meetings()
    agreed = known["agreed"].astype(np.bool_)
    yield of_verdicts("known: signed iff Z >= 0", "fearon1995", known["z"] >= 0.0, agreed)
    hidden = fought(load(*minds, _screening(1), "minds.favourite.demand=0.6"), runs, seed)
    table = hidden.recorder.meetings()
    agreed = table["agreed"].astype(np.bool_)
    # believed and drawn from .2 to .6: offers are (1 - r_U + .2) / 2
    offer = np.clip(0.5 * (1.0 - table["r_u"] + 0.2), 0.2, 0.6)
    yield of_verdicts(
        "unknown: signed iff offered enough", "fearon1995", table["r_d"] <= offer, agreed
    )


CHECKS = (
    Check("bargaining", one_offer, runs=5_000),
    Check("bargaining", offers_in_turn, runs=5_000),
    Check("bargaining", sequential, runs=1),
    Check("bargaining", refusals_and_zones, runs=1_000),
)
