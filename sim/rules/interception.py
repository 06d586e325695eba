"""Shots and jamming, which stop a drone before it arrives."""

import math

from sim.compiled import compiled


@compiled
def p_kill_of_salvo(p_kill, rounds):
    """Probability that at least one of n independent rounds kills: 1 - (1 - p)^n.

    Source: washburn_kress2009.
    """
    return 1.0 - (1.0 - p_kill) ** rounds


@compiled
def exponential_service_min(u, mean_min):
    """Time for which a shot with exponential service occupies a channel, by inversion."""
    return -mean_min * math.log1p(-u)


@compiled
def time_to_jamming_min(u, loss_rate_per_min, susceptibility):
    """Time to loss inside a jammer's circle ~ Exp(strength * susceptibility). Source: cox1984.

    Assumed, because only totals of drones lost to jamming are public: the hazard is constant.
    """
    hazard = loss_rate_per_min * susceptibility
    if hazard <= 0.0:
        return math.inf
    return -math.log1p(-u) / hazard


def p_kill_of_experienced(p_kill, experience, effect):
    """Kill probability of an experienced defence: 1 - (1 - p)^(1 + effect * experience).

    Assumed, because no data by crew exist: experience acts like additional shots with the same
    probability.
    """
    return 1.0 - (1.0 - p_kill) ** (1.0 + effect * experience)
