"""A local truce: when it is agreed, for how long the line stands still, and what continues."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import Case, Check, Floats, Loader
from sim.evidence.verify.courses import SIDES, course, fought
from sim.evidence.verify.verdicts import of_verdicts
from sim.raid.arrays import Bools
from sim.scenario.schema import Scenario
from sim.war.model import War

_ONE_CHANCE = "talks.patience={value: 1, assumed: as the check has it}"


def truces(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Agreed if both gain and there is nothing better; the line stands still, raids go on."""
    war = fought(load(), runs, seed)
    meets = _days_of(war.scenario)
    peace = _peace(war, meets)
    gains = [war.sample[f"talks.truce.gain.{side}"] > 0.0 for side in SIDES]
    wanted = np.array([gains[0] & gains[1] & ~peace[day + 1] for day in meets])
    got = _verdicts(war, meets, "truce")
    yield of_verdicts("truce, made where both gain", "definition", wanted, got)
    still = peace[:-1].copy()
    day, length = np.arange(war.scenario.days)[:, None], war.sample["talks.truce.length"]
    for agreed, met in zip(wanted, meets, strict=True):
        still |= agreed & (day > met) & (day <= met + length)
    moves = np.diff(_share_held(war), axis=0) != 0.0
    yield of_verdicts("truce, the line stands still", "definition", ~still, moves)
    raids = war.recorder.raids()
    flown = np.zeros(still.shape, np.bool_)
    flown[raids["day"], raids["run"]] = True
    yield of_verdicts("truce, raids go on", "definition", ~peace[:-1], flown)
    hasty = fought(load(_ONE_CHANCE), runs, seed)
    called = _verdicts(hasty, meets, "met")[1]
    expected = peace[meets[0] + 1] & ~_settled(war)
    yield of_verdicts("truce, not a success of the mediator", "definition", expected, called)


def _days_of(scenario: Scenario) -> list[int]:
    """The days of the meetings."""
    talks = scenario.talks
    return [scenario.day_of(date) for date in talks.meetings.values()] if talks else []


def _share_held(war: War) -> Floats:
    """The underdog's share of the line: at the start, then every evening, (days + 1, runs)."""
    start = war.sample["front.start"] / war.sample["front.rungs"]
    return np.vstack([start, course(war, "share_held_u")])


def _settled(war: War) -> Bools:
    """Whether the first meeting settles: if the reservations add up to no more than everything."""
    least = np.zeros(len(war.runs))
    for side in SIDES:
        base = war.sample[f"minds.{side}.p_win"] - war.sample[f"minds.{side}.cost"]
        least += np.maximum(base, war.sample["mechanisms.sacred.share"])
    return np.asarray(least <= 1.0)


def _peace(war: War, meets: list[int]) -> Bools:
    """Whether a settlement or a ceasefire holds each morning, (days + 1, runs)."""
    peace = np.zeros((war.scenario.days + 1, len(war.runs)), np.bool_)
    for met in meets:
        share = _share_held(war)[met + 1]
        stop = _settled(war)
        both = np.ones(len(war.runs), np.bool_)
        for side, own in zip(SIDES, (share, 1.0 - share), strict=True):
            expects, cost = (war.sample[f"minds.{side}.{word}"] for word in ("p_win", "cost"))
            both &= expects - own < cost
        peace[met + 1 :] |= stop | both
    return peace


def _verdicts(war: War, meets: list[int], word: str) -> Bools:
    """A verdict on each meeting, (meetings, runs); `met` is whether it took place."""
    table = war.recorder.meetings()
    rows = np.searchsorted(meets, table["day"])
    verdicts = np.zeros((len(meets), len(war.runs)), np.bool_)
    verdicts[rows, table["run"]] = True if word == "met" else table[word]
    return verdicts


CHECKS = (Check("truce", truces, runs=500),)
