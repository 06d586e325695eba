"""The news of one side day by day, recomputed from the scenario and the moves of the front."""

from typing import NamedTuple

import numpy as np

from sim.evidence.verify.case import Floats
from sim.evidence.verify.courses import course
from sim.scenario.schema import Blow
from sim.war.model import War


class News(NamedTuple):
    """The news of one side, recomputed from the scenario: shape (days, runs) each."""

    day: Floats
    loss: Floats
    enemy_loss: Floats
    surprise: Floats
    good: Floats
    bad: Floats
    moved: Floats
    offered: Floats
    soothed: Floats
    foreseen_loss: Floats  # of the next raid, on each evening
    foreseen_gain: Floats


def news_of(war: War, side: str) -> News:
    """The news of a side if all reports are true."""
    enemy, scenario = war.scenario.enemy_of(side), war.scenario
    days, runs = scenario.days, len(war.runs)
    own, others = _losses(war, side), _losses(war, enemy)
    rungs_held = course(war, "share_held_u") * war.sample["front.rungs"]
    moves = np.diff(rungs_held, axis=0, prepend=war.sample["front.start"][None, :])
    advances = moves if side == "underdog" else -moves
    surprise, rank = _foreseen(war, side, "expected_loss", own)
    _, success = _foreseen(war, side, "expected_gain", others)
    raided, raids = own > 0.0, others > 0.0
    won, lost = (np.where(went, 1.0, 0.0) for went in (advances > 0.0, advances < 0.0))
    return News(
        day=np.broadcast_to(np.arange(days, dtype=np.float64)[:, None], (days, runs)),
        loss=own,
        enemy_loss=others,
        surprise=surprise,
        good=won + np.where(raids, success, 0.0) + np.where(raided, 1.0 - rank, 0.0),
        bad=lost + np.where(raids, 1.0 - success, 0.0) + np.where(raided, rank, 0.0),
        moved=np.abs(moves),
        offered=_worth(war, "offer", side),
        soothed=_worth(war, "apology", side),
        foreseen_loss=_expected(war, side, "expected_loss", own),
        foreseen_gain=_expected(war, side, "expected_gain", others),
    )


def faded(news: News, pulses: Floats, lasts: Floats) -> Floats:
    """What is left on each evening of all pulses so far, each fading from its own day on."""
    summed: Floats = np.cumsum(pulses * np.exp(news.day / lasts), axis=0)
    return summed * np.exp(-news.day / lasts)


def _losses(war: War, side: str) -> Floats:
    losses = np.zeros((war.scenario.days, len(war.runs)))
    for name, event in war.scenario.events.items():
        if isinstance(event, Blow) and event.on == side:
            losses[war.scenario.day_of(event.date)] = war.sample[f"events.{name}.loss"]
    return losses


def _worth(war: War, event: str, side: str) -> Floats:
    """The worth of the underdog's event to a side, on its day."""
    worth = np.zeros((war.scenario.days, len(war.runs)))
    if side == "favourite":
        day = war.scenario.day_of(war.scenario.events[event].date)
        worth[day] = war.sample[f"events.{event}.worth"]
    return worth


def _foreseen(war: War, side: str, loss: str, losses: Floats) -> tuple[Floats, Floats]:
    """Surprise at each loss in digits, and its rank, under the forecast from earlier losses."""
    raids = war.sample[f"minds.{side}.foresight"]
    struck = losses > 0.0
    a = raids + 1.0 + np.cumsum(struck, axis=0) - struck
    b = raids * war.sample[f"minds.{side}.{loss}"] + np.cumsum(losses, axis=0) - losses
    tail = (b / (b + losses)) ** a
    return -np.log10(tail), 1.0 - tail


def _expected(war: War, side: str, loss: str, losses: Floats) -> Floats:
    """The mean loss forecast: the prior counts as so many raids of its own mean."""
    raids, prior = war.sample[f"minds.{side}.foresight"], war.sample[f"minds.{side}.{loss}"]
    seen = np.cumsum(losses > 0.0, axis=0)
    return (raids * prior + np.cumsum(losses, axis=0)) / (raids + seen)
