"""The front as a ladder of rungs: a war is a random walk between two defeats.

Source: smith_stam2004, slantchev2003.
"""

import numpy as np


def p_underdog_advances(p_even, strength_underdog, strength_favourite, effect):
    """Probability that a move is an advance of the underdog, given each side's remaining strength.

    p = p_even s_U^e / (p_even s_U^e + (1 - p_even) s_D^e) with e the effect; p = p_even if neither
    side has any strength left. Source: skaperdas1996 (the ratio form),
    clark_riis1998 (weights that differ by side).
    """
    underdog = p_even * strength_underdog**effect
    favourite = (1.0 - p_even) * strength_favourite**effect
    both = underdog + favourite
    with np.errstate(invalid="ignore"):
        return np.where(both > 0.0, underdog / both, p_even)


def moved(rung, rungs, moves, advances):
    """The rung after a day; 0 and `rungs` are absorbing."""
    decided = (rung <= 0) | (rung >= rungs)
    return rung + np.where(moves & ~decided, np.where(advances, 1, -1), 0)


def recorded(rung, rungs, favourite_took_km2, rung_km2):
    """The rung after the favourite has taken an area, and the area left over.

    n = trunc(area / area of a rung); the rung falls by n and stays on the ladder, and area - n *
    area of a rung is left over. Assumed: the stakes are spread evenly over the contested area.
    """
    whole = np.trunc(favourite_took_km2 / rung_km2)
    left = np.clip(rung - whole.astype(np.int64), 0, rungs)
    return left, favourite_took_km2 - whole * rung_km2
