"""What leaders and publics believe at the start, and what reaches them of the war."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.figure import (
    Block,
    NonNegative,
    OpenProbability,
    Positive,
    PositiveDays,
    Probability,
    Real,
)


class Weights(Block):
    """The weights of a belief, scaled to add up to 1."""

    truth: NonNegative
    own_report: NonNegative
    enemy_report: NonNegative


class Reporting(Block):
    """What a side publishes, and what its leader and its public believe."""

    overclaim: NonNegative
    underclaim: NonNegative
    leader: Weights
    public: Weights


class Mind(Block):
    """What a side's leader believes and bears at the start, in shares of the stakes.

    `p_win` is the share it expects from fighting on, `confidence` how many outcomes that belief
    is worth, `cost` what fighting on costs it, `demand` what it publicly demands.
    `expected_loss` and `expected_gain` are the mean loss of a raid (share of the value at stake)
    it foresees for itself and for the enemy, and `foresight` how many raids that is worth.
    """

    p_win: Probability
    confidence: Positive
    cost: NonNegative
    demand: Probability
    expected_loss: Positive
    expected_gain: Positive
    foresight: Positive


Attitude = Literal["end_war", "concede"]
ATTITUDES: tuple[Attitude, ...] = get_args(Attitude)
"""What a public holds, in the order of its block."""


class EndWar(Block):
    """The wish to end the war: the share that would rather talk than fight on, as a poll asks.

    On the logit scale it grows by `per_decade` of days of war since `onset`, and surprise at home
    rallies the public, so that the wish falls by `rally` (of either sign, fading).
    """

    share: OpenProbability
    per_decade: Real
    onset: PositiveDays
    rally: Real
    rally_lasts: PositiveDays


class Concede(Block):
    """The readiness to give something up for an end: the share that would, as a poll asks.

    On the logit scale it grows by `per_decade` of days of war since `onset`, and believed losses
    count as sunk, by `sunk` at the most.
    """

    share: OpenProbability
    per_decade: Real
    onset: PositiveDays
    sunk: NonNegative
    sunk_scale: Positive


class Public(Block):
    """A side's public, which holds two attitudes: to end the war, and to concede for it."""

    end_war: EndWar
    concede: Concede

    @model_validator(mode="before")
    @classmethod
    def _holds_two(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and "soft" in given:
            raise PydanticCustomError(
                "attitudes",
                "holds one attitude (soft ...), expected two blocks: end_war (share, per_decade, "
                "onset, rally, rally_lasts) and concede (share, per_decade, onset, sunk, "
                "sunk_scale), soft being the share of the one that was meant",
            )
        return given
