"""The front as a ladder of rungs: a war is a walk between two defeats.

Source: smith_stam2004, slantchev2003.
"""

import numpy as np


def p_underdog_advances(p_even, strength_underdog, strength_favourite, effect):
    """Chance that a move goes the underdog's way, given what is left of each side's strength.

    Each side weighs by its strength: p = p_even s_U^e / (p_even s_U^e + (1 - p_even) s_D^e), e the
    effect; with nothing left on either side p = p_even. Source: skaperdas1996 (the ratio form),
    clark_riis1998 (weights that differ by side).
    """
    underdog = p_even * strength_underdog**effect
    favourite = (1.0 - p_even) * strength_favourite**effect
    both = underdog + favourite
    with np.errstate(invalid="ignore"):
        return np.where(both > 0.0, underdog / both, p_even)


def moved(rung, rungs, moves, advances):
    """The rung after a day; 0 and `rungs` are the two ends, which are not left again."""
    decided = (rung <= 0) | (rung >= rungs)
    return rung + np.where(moves & ~decided, np.where(advances, 1, -1), 0)


def recorded(rung, rungs, favourite_took_km2, rung_km2):
    """The rung after what the favourite took is counted off, and the rest that is no whole rung.

    n = trunc(area / area of a rung); the rung falls by n, the rest is area - n * area of a rung. It
    stays on the ladder. Assumed: the share at stake is even over the area fought over.
    """
    whole = np.trunc(favourite_took_km2 / rung_km2)
    left = np.clip(rung - whole.astype(np.int64), 0, rungs)
    return left, favourite_took_km2 - whole * rung_km2
