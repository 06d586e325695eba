"""What leaders and publics believe at the start, and what reaches them of the war."""

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
    """What a belief is mixed of; the weights are scaled to add up to 1."""

    truth: NonNegative
    own_report: NonNegative
    enemy_report: NonNegative


class Reporting(Block):
    """What a side publishes, and what its leader and its public make of what is published."""

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


class Public(Block):
    """A side's public: the share that would give way, as a poll asks for it, on the logit scale.

    It grows by `per_decade` of days of war since `onset`; surprise at home rallies it (of either
    sign, fading), and believed losses count as sunk, by `sunk` at the most.
    """

    soft: OpenProbability
    per_decade: Real
    onset: PositiveDays
    rally: Real
    rally_lasts: PositiveDays
    sunk: NonNegative
    sunk_scale: Positive
