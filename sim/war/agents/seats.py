"""Seats at the table: who may take one, and what a negotiator of the user's own may answer."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.raid.arrays import Bools, Floats
from sim.rules import bargaining
from sim.scenario.calls.arguments import quoted
from sim.scenario.errors import ExperimentError
from sim.scenario.figure import did_you_mean
from sim.scenario.schema import Scenario
from sim.war.agents.agent import World
from sim.war.agents.negotiator import Negotiator

Seats = Mapping[str, type[Negotiator]]
"""Negotiators of one's own, by the side each sits for."""

FARTHEST = 1.0
"""How far beyond nothing and everything a reservation may lie, in shares of the stakes."""


def seats_of(scenario: Scenario, given: Any) -> Seats:
    """The negotiator of each side. Raises ExperimentError if a side or a class is not valid."""
    if given is not None and not isinstance(given, Mapping):
        raise ExperimentError(f"negotiators: {quoted(given)}, expected {{SIDE: CLASS}}")
    for side, kind in (given or {}).items():
        if side not in scenario.sides:
            hint = did_you_mean(side, scenario.sides)
            raise ExperimentError(f"negotiators: {side!r} is no side of {scenario.name}{hint}")
        if not (isinstance(kind, type) and issubclass(kind, Negotiator)):
            raise ExperimentError(
                f"negotiators: {side}: {quoted(kind)}, expected a subclass of sim.Negotiator"
            )
    return dict(given or {})


def check_position(war: World, negotiator: Negotiator) -> None:
    """Hold what a negotiator of one's own thinks to what a position can be.

    A reservation is from -1 to 2, or what the house's rule makes of prospects, cost and hardening;
    a demand from 0 to 1, or up to a reservation above that. Raises ExperimentError.
    """
    place = f"negotiators: {negotiator.side}: {type(negotiator).__name__}"
    least = _position(place, "reservation", negotiator.reservation, war)
    demand = _position(place, "demand", negotiator.demand, war)
    house = bargaining.reservation(negotiator.p_win, negotiator.cost, negotiator.hardening)
    is_share = (least >= -FARTHEST) & (least <= 1.0 + FARTHEST)
    _refuse(place, "reservation", least, ~is_share & (least != house), war, "a share from -1 to 2")
    is_share = (demand >= 0.0) & (demand <= np.maximum(1.0, least))
    _refuse(place, "demand", demand, ~is_share, war, "a share from 0 to 1")


def _position(place: str, word: str, values: Any, war: World) -> Floats:
    _check_answer(f"{place}.{word}", values, war, "iuf", "one number")
    position: Floats = values
    _refuse(place, word, position, ~np.isfinite(position), war, "a number")
    return position


def _refuse(place: str, word: str, values: Floats, wrong: Bools, war: World, expected: str) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        when = "on the eve" if war.day < 0 else f"on day {war.day}"
        raise ExperimentError(
            f"{place}.{word}: {values[row]:g} in run {war.runs[row]} {when}, expected {expected}"
        )


def answer_of(negotiator: Negotiator, question: str, offered: Floats) -> Bools:
    """A negotiator's answer to an offer, True or False in each run.

    `question` is `accepts_package` or `accepts_ceasefire`. Raises ExperimentError where the answer
    is none.
    """
    answer = getattr(negotiator, question)(offered)
    place = f"negotiators: {negotiator.side}: {type(negotiator).__name__}.{question}"
    _check_answer(place, answer, negotiator.model, "b", "one True or False")
    checked: Bools = answer
    return checked


def _check_answer(place: str, answer: Any, war: World, kinds: str, what: str) -> None:
    if isinstance(answer, np.ndarray):
        if answer.shape == war.runs.shape and answer.dtype.kind in kinds:
            return
        given = f"an array of {answer.dtype} of shape {answer.shape}"
    else:
        given = quoted(answer)
    raise ExperimentError(
        f"{place}: {given}, expected an array of shape {war.runs.shape}: {what} a run"
    )
