"""Arrival: which asset a drone attacks, and what it does to it."""

import math

from sim.compiled import compiled
from sim.rules import counting


@compiled
def pick_at_random(u, count):
    """One of `count` things by a uniform draw: floor(u * count)."""
    return min(int(math.floor(u * count)), count - 1)


@compiled
def p_effect(p_hit, protection):
    """Probability that an arriving drone hits and no shelter stops it: p (1 - protection)."""
    return p_hit * (1.0 - protection)


def present(alive, dispersal, alert):
    """Assets that stay at a site whose owner is alert and disperses them, as a whole number.

    Assumed, because no count is public: the dispersed share is proportional to the alert.
    """
    return counting.whole(alive * (1.0 - dispersal * alert) + 0.5)
