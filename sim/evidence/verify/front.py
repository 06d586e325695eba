"""A moving front: the gambler's ruin, and the influence of strength."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import (
    Case,
    Check,
    Floats,
    Loader,
    of_counts,
    of_mean,
    of_share,
)
from sim.raid.arrays import Bools
from sim.scenario.schema import Scenario, figures
from sim.war.model import War
from sim.war.outcomes import Outcomes

_WIDTH = 2_000  # wars per ensemble
_SOURCE = "feller1968"


def ruin(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Who wins, and after how many days, on a front that moves one rung a day."""
    for p in (0.3, 0.55):
        scenario = load(f"front.p_underdog_advances={p}")
        yield from _walk(f"gambler's ruin, p = {p:g}", scenario, p, seed, runs)


def strength(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A side at half its strength makes one of three moves of an otherwise even walk."""
    yield from _walk("strength against half of it", load(), 2.0 / 3.0, seed, runs)


def _walk(name: str, scenario: Scenario, p: float, seed: int, runs: int) -> Iterator[Case]:
    figure = dict(figures(scenario))
    rungs, start = (int(figure[f"front.{word}"].value) for word in ("rungs", "start"))
    days, won = _decided(scenario, runs, seed)
    p_win, mean = _closed_forms(p, rungs, start)
    yield of_share(f"{name}, won", _SOURCE, p_win, int(won.sum()), runs)
    yield of_mean(f"{name}, days", _SOURCE, mean, days)
    law = _law(p, rungs, start, scenario.days)
    over = np.where(np.isnan(days), 2.0 * scenario.days, 2.0 * (days - 1.0) + won)
    seen = np.bincount(over.astype(np.int64), minlength=len(law))
    yield of_counts(f"{name}, law of end and day", _SOURCE, "powers of the walk", law, seen)


def _decided(scenario: Scenario, runs: int, seed: int) -> tuple[Floats, Bools]:
    """How many days each war took, NaN if it did not end, and who won it."""
    days, won = [], []
    for first in range(0, runs, _WIDTH):
        numbers = np.arange(first, min(first + _WIDTH, runs))
        war = War(scenario, numbers, seed, recorder=Outcomes)
        while war.running and war.at_war.any():
            war.step()
        days.append(war.recorder.runs()["decided_day"] + 1.0)
        won.append(war.rung == war.rungs)
    return np.concatenate(days), np.concatenate(won)


def _closed_forms(p: float, rungs: int, start: int) -> tuple[float, float]:
    """The chance to win and the mean duration of an uneven walk."""
    ratio = (1.0 - p) / p
    p_win = (1.0 - ratio**start) / (1.0 - ratio**rungs)
    return p_win, (start - rungs * p_win) / (1.0 - 2.0 * p)


def _law(p: float, rungs: int, start: int, days: int) -> Floats:
    """Chances of a defeat and a victory on each day in turn, and of no end by the last day."""
    inner = rungs - 1
    step = np.diag(np.full(inner - 1, p), 1) + np.diag(np.full(inner - 1, 1.0 - p), -1)
    at = np.zeros(inner)
    at[start - 1] = 1.0
    law = np.zeros(2 * days + 1)
    for day in range(days):
        law[2 * day], law[2 * day + 1] = (1.0 - p) * at[0], p * at[-1]
        at = at @ step
    law[-1] = at.sum()
    return law


CHECKS = (Check("front", ruin, runs=5_000), Check("strength", strength, runs=4_000))
