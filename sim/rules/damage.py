"""Arrival: which asset a drone takes, and what it does to it."""

import math

from sim.compiled import compiled
from sim.rules import counting


@compiled
def pick_at_random(u, count):
    """One of `count` things by a uniform draw: floor(u * count)."""
    return min(int(math.floor(u * count)), count - 1)


@compiled
def p_effect(p_hit, protection):
    """Chance that an arriving drone hits and that no shelter stops the hit: p (1 - protection)."""
    return p_hit * (1.0 - protection)


def present(alive, dispersal, alert):
    """Assets still at a site whose owner is alert and disperses them, rounded to whole ones.

    Assumed, no count is public: a share that is dispersed in full only when fully alert.
    """
    return counting.whole(alive * (1.0 - dispersal * alert) + 0.5)
