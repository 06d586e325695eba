"""The sides: their arsenals, their policies of when to raid, and how their air defence learns."""

from typing import Literal

from sim.scenario.figure import (
    Block,
    Count,
    Days,
    Exponent,
    NonNegative,
    PerDay,
    Positive,
    PositiveDays,
    Probability,
)
from sim.scenario.schema.references import RaidName, Text, WeaponName


class Arsenal(Block):
    """A side's stock of one weapon at the start, and what is added each day."""

    stock: Count
    production: PerDay | None = None


class Aid(Block):
    """Production that outsiders pay for, which follows the leader's prospects."""

    share: Probability
    response: Exponent


class Tempo(Block):
    """A policy of raids at random days: copies of an undated raid of the scenario."""

    raid: RaidName
    per_day: PerDay
    after_breakdown: Positive | None = None


class Retaliation(Block):
    """A policy that answers a raid with a copy of an undated raid after a delay."""

    raid: RaidName
    p_answers: Probability
    delay: Days


class AirDefence(Block):
    """How a side's defence learns: alert after a raid, and experience, both fading."""

    alert_lasts: PositiveDays | None = None
    experience_per_raid: Probability | None = None
    experience_effect: NonNegative | None = None
    experience_lasts: PositiveDays | None = None


class Side(Block):
    """A belligerent. The underdog's share of the stakes is x, the favourite's 1 - x."""

    title: Text
    role: Literal["underdog", "favourite"]
    arsenal: dict[WeaponName, Arsenal] = {}
    aid: Aid | None = None
    tempo: Tempo | None = None
    retaliation: Retaliation | None = None
    air_defence: AirDefence = AirDefence()
