"""Promises that do not bind, and leaders who gamble, on one issue: who can still be satisfied."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_identity, of_number
from sim.evidence.verify.courses import SIDES, fought
from sim.evidence.verify.verdicts import of_verdicts
from sim.rules import bargaining

_ANY = "law: uniform, assumed: any of the range"
_RAIDS = f"raids: {{value: 5, low: 0, high: 10, {_ANY}}}"
_NO_PAUSE = "pause: {value: 0, assumed: not read}"
_RAIDS_SHOW_NOTHING = "raids: {value: 0, assumed: as the check has it}"
_STRUCK = (
    "events={blow: {kind: blow, title: Blow, on: underdog, date: 2025-01-01, "
    f"loss: {{value: 0.5, low: 0, high: 1, {_ANY}}}}}}}"
)
_KNOWN = (
    "mechanisms={commitment: {on: true, "
    f"patience: {{value: 0.8, low: 0.7, high: 0.9, {_ANY}}}, "
    f"guarantee: {{value: 0.3, low: 0, high: 0.6, {_ANY}}}, "
    "horizon: {value: 0, unit: day, assumed: not read}, share: {value: 0, assumed: not read}, "
    f"{_RAIDS}, "
    f"decisiveness: {{value: 1, assumed: as the check has it}}, {_NO_PAUSE}}}}}"
)


def _plain(value: float) -> str:
    return f"{{value: {value:g}, assumed: as the check has it}}"


def asks(_: Loader, __: int, ___: int) -> Iterator[Case]:
    """What is demanded now (rule), with the numbers of the literature's examples."""
    for now, later, patience, expected in (
        (0.5, 0.4, 0.9, 1.4),
        (0.5, 0.45, 0.9, 0.95),
        (0.5, 0.4, 0.9 * (1.0 - 2.0 / 27.0), 1.0),
        (0.5, 0.4, 0.9 * 0.5, 0.32 / 0.55),
    ):
        got = float(bargaining.asks_now(now, later, patience))
        name = f"asks now, {now:g} then {later:g}, d = {patience:.4g} (rule)"
        yield of_number(name, "powell2006", expected, got, 0.0)
    for patience, drop in ((0.9, 1 / 18), (0.8, 0.125), (0.95, 1 / 38)):
        got = float(bargaining.asks_now(0.5, 0.5 - drop, patience))
        name = f"a fall of {drop:.6f} takes all, d = {patience:g} (rule)"
        yield of_number(name, "powell2006", 1.0, got, 0.0)
    # the riser can fall back on all but the other's share tomorrow: the sum is 1 - s / (1 - d)
    falls, saved, d = 0.45, 0.2, 0.9
    both = bargaining.asks_now(falls, 0.4, d) + bargaining.asks_now(1 - saved - falls, 1 - 0.4, d)
    yield of_number(
        "demands of both sides together (rule)", "powell2004", 1 - saved / (1 - d), float(both), 0.0
    )
    # a costly lottery: the loser is eliminated and a share s of the pie is destroyed
    p, s, d = 0.3, 0.2, 0.9
    for later, war in ((0.8, True), (0.6, False)):
        asked = bargaining.asks_now((1 - p) * (1 - s), 1 - later * (1 - s), d)
        name = f"costly lottery, {later:g} tomorrow (rule)"
        expected = 1.0 + ((d * later - p) * (1 - s) - s) / (1 - d)
        yield of_number(name, "powell2004", expected, float(asked), 0.0)
        verdict = np.array([war])
        yield of_verdicts(f"{name}, war", "powell2004", verdict, np.array([asked > 1.0]))
    edge = (p + s / (1 - s)) / d
    asked = bargaining.asks_now((1 - p) * (1 - s), 1 - edge * (1 - s), d)
    yield of_number(
        f"costly lottery, knife edge at {edge:.5f} (rule)", "powell2004", 1.0, float(asked), 0.0
    )
    # preventive war: a riser goes from p1 to p2, war costs c once
    p1, c, d = 0.3, 1.0, 0.9
    threshold = (p1 + c * (1 - d) ** 2) / d
    later = 1 - threshold - c * (1 - d)
    asked = bargaining.asks_now(1 - p1 - c * (1 - d), later, d)
    name = f"preventive war from {threshold:.6f} on (rule)"
    yield of_number(name, "fearon1995", 1.0, float(asked), 0.0)


def shifts(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A blow seen by both: one falls as the other rises, and the only bound is all there is."""
    minds = ("minds.underdog.p_win=0.45", "minds.favourite.p_win=0.55")
    war = fought(load(*minds, _STRUCK, _KNOWN), runs, seed)
    table, sample = war.recorder.meetings(), war.sample
    # five raids of .1 foreseen, then one more: the mean becomes (.5 + loss) / 6
    shown = (sample["events.blow.loss"] - 0.1) / 6.0
    odds = 0.45 / 0.55 * np.exp(-sample["mechanisms.commitment.raids"] * shown)
    falls = 0.45 - odds / (1.0 + odds)
    d = sample["mechanisms.commitment.patience"] * (1.0 - sample["mechanisms.commitment.guarantee"])
    asked = 0.35 + d / (1.0 - d) * falls
    yield of_identity("the side struck demands more now", "powell2006", asked, table["r_u"])
    yield of_identity("the riser waits", "powell2006", 0.8 - asked, table["r_d"])
    z = np.full(len(asked), 0.2)
    yield of_identity("both see the same: Z stays", "powell2006", z, table["z"])
    possible = (asked <= 1.0) & (0.8 - asked <= 1.0)
    agreed = table["agreed"].astype(np.bool_)
    yield of_verdicts("signed unless a side demands everything", "powell2006", possible, agreed)
    critical = (1.0 - 0.35) * (1.0 - d) / d
    fell = falls > 0.0
    yield of_verdicts(
        "no deal once the fall is critical",
        "powell2006",
        falls[fell] <= critical[fell],
        agreed[fell],
    )


def pauses(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A side stops iff it holds what it asks of a line on which the other rearms."""
    rearms = f"pause: {{value: 0.3, low: 0, high: 0.6, {_ANY}}}"
    # a raid without effect is informative as well
    pausing = _KNOWN.replace(_NO_PAUSE, rearms).replace(_RAIDS, _RAIDS_SHOW_NOTHING)
    war = fought(load("end=2025-01-01", pausing), runs, seed)
    meetings, sample = war.recorder.meetings(), war.sample
    d = sample["mechanisms.commitment.patience"] * (1.0 - sample["mechanisms.commitment.guarantee"])
    held = sample["front.start"] / sample["front.rungs"]
    for (side, letter), share in zip(SIDES.items(), (held, 1.0 - held), strict=True):
        p, cost = (sample[f"minds.{side}.{word}"] for word in ("p_win", "cost"))
        odds = p / (1.0 - p) * np.exp(-sample["mechanisms.commitment.pause"])
        asked = p + d / (1.0 - d) * (p - odds / (1.0 + odds)) - cost
        name = f"a pause in which the other rearms, {side} stops"
        yield of_verdicts(name, "powell2006", asked < share, meetings[f"ceasefire_{letter}"])


def first_strikes(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Each may strike first: signed iff the advantage of striking first is at most both costs."""
    strike = f"{{value: 0.5, low: 0.3, high: 0.8, {_ANY}}}"
    war = fought(
        load(f"minds.underdog.p_win={strike}", f"minds.favourite.p_win={strike}"), runs, seed
    )
    table, sample = war.recorder.meetings(), war.sample
    first, second = sample["minds.underdog.p_win"], 1.0 - sample["minds.favourite.p_win"]
    possible = first - second <= 0.1 + 0.1
    agreed = table["agreed"].astype(np.bool_)
    yield of_verdicts("first-strike advantage", "fearon1995, powell2006", possible, agreed)


def gambles(load: Loader, seed: int, _: int) -> Iterator[Case]:
    """A line far above attracts by its spread; a line that covers everything dilutes the cost."""
    one = np.array(1.0)
    for spread, expected in ((1.0, 0.0668072), (2.0, 0.2266274)):
        got = float(bargaining.survival(-0.5, spread * one, one, 0.0 * one))
        name = f"a gap of 1 from -.5, spread {spread:g} (rule)"
        yield of_number(name, "downs_rocke1994", round(expected, 7), round(got, 7), 0.0)
    for office, expected in ((0.0, 0.3), (1.0, 0.4), (3.0, 0.45)):
        gambler = (
            "mechanisms={resurrection: {on: true, "
            f"office: {_plain(office)}, culpability: {_plain(1)}, line: {_plain(0.5)}, "
            f"doubt: {_plain(0.5)}, spread: {_plain(0)}, per_surprise: {_plain(0)}, "
            "lasts: {value: 1, unit: day, assumed: not read}}}"
        )
        war = fought(load("minds.underdog.p_win=0.5", "minds.underdog.cost=0.2", gambler), 1, seed)
        got = float(war.recorder.meetings()["r_u"][0])
        name = f"judged alike, office worth {office:g}"
        yield of_number(name, "debs_goemans2010", expected, got, 0.0)
    yield _pulled(load, seed)


def _pulled(load: Loader, seed: int) -> Case:
    """Below his line a leader fights on where his side would settle; above it he settles sooner."""
    anybody = f"{{value: 0.5, low: 0.2, high: 0.8, {_ANY}}}"
    gambler = (
        "mechanisms={resurrection: {on: true, "
        f"office: {{value: 0.5, low: 0.1, high: 0.9, {_ANY}}}, "
        f"culpability: {_plain(1)}, line: {_plain(0.4)}, doubt: {_plain(0)}, "
        f"spread: {{value: 0.3, low: 0.1, high: 0.5, {_ANY}}}, per_surprise: {_plain(0)}, "
        "lasts: {value: 1, unit: day, assumed: not read}}}"
    )
    war = fought(load(f"minds.underdog.p_win={anybody}", gambler), 500, seed)
    base: Floats = war.sample["minds.underdog.p_win"] - 0.1
    moved = war.recorder.meetings()["r_u"] - base
    name = "pulled to the line from both sides"
    return of_verdicts(name, "downs_rocke1994, goemans2000", base < 0.4, moved > 0.0)


CHECKS = (
    Check("bargaining", asks, runs=1),
    Check("bargaining", shifts, runs=500),
    Check("ceasefire", pauses, runs=1_000),
    Check("bargaining", first_strikes, runs=500),
    Check("bargaining", gambles, runs=1),
)
