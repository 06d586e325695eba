"""The front as a ladder of rungs: a war is a walk between two defeats.

Source: smith_stam2004, slantchev2003.
"""

import numpy as np


def p_underdog_advances(p_even, strength_underdog, strength_favourite, effect):
    """Chance that a move goes the underdog's way, given what is left of each side's strength.

    logit p = logit p_even + effect * ln(strength_underdog / strength_favourite)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(effect > 0.0, strength_underdog / strength_favourite, 1.0) ** effect
        odds = p_even / (1.0 - p_even) * ratio
        return np.where(np.isinf(odds), 1.0, odds / (1.0 + odds))


def moved(rung, rungs, moves, advances):
    """The rung after a day; 0 and `rungs` are the two ends, which are not left again."""
    decided = (rung <= 0) | (rung >= rungs)
    return rung + np.where(moves & ~decided, np.where(advances, 1, -1), 0)
