"""Shots and jamming: what stops a drone before it arrives."""

import math

from sim.compiled import compiled


@compiled
def p_kill_of_salvo(p_kill, rounds):
    """Chance that at least one of n independent rounds kills: 1 - (1 - p)^n.

    Source: washburn_kress2009.
    """
    return 1.0 - (1.0 - p_kill) ** rounds


@compiled
def exponential_service_min(u, mean_min):
    """Time a channel is bound by a shot of exponential service, by inverse cdf."""
    return -mean_min * math.log1p(-u)


@compiled
def time_to_jamming_min(u, loss_rate_per_min, susceptibility):
    """Time to loss inside a jammer's circle ~ Exp(strength * susceptibility). Source: cox1984.

    Assumed, as only totals of drones lost to jamming are public: a hazard that stays the same.
    """
    hazard = loss_rate_per_min * susceptibility
    if hazard <= 0.0:
        return math.inf
    return -math.log1p(-u) / hazard


def p_kill_of_experienced(p_kill, experience, effect):
    """Kill chance of a defence that has learned: 1 - (1 - p)^(1 + effect * experience).

    Assumed, for want of a series by crew: learning counts like more shots of the same chance.
    """
    return 1.0 - (1.0 - p_kill) ** (1.0 + effect * experience)
