"""What a side's public thinks: the share that would give way, as polls ask for it."""

import numpy as np


def soft_share(soft_at_start, decades, per_decade, rally, sunk):
    """The share of a public that would give way, on the logit scale.

    logit(soft) = logit(soft at the start) + per_decade * decades - rally - sunk, `decades` being
    those of days of war since weariness began. Source: mueller1973 (a logarithm of casualties, not
    of days), mueller1970 (the rally).
    """
    with np.errstate(divide="ignore"):
        start = np.log(soft_at_start) - np.log1p(-soft_at_start)
    with np.errstate(over="ignore"):  # far below 0 the share is 0
        return 1.0 / (1.0 + np.exp(-(start + per_decade * decades - rally - sunk)))


def decades_of_war(days, days_at_start, onset):
    """Decades of days of war since the start, those before `onset` not counting.

    log10(max(days, onset) / max(days at the start, onset)). His logarithm is of casualties; that
    days stand for them is this project's step. Source: mueller1973.
    """
    return np.log10(np.maximum(days, onset) / np.maximum(days_at_start, onset))


def hardness(soft, soft_at_start):
    """The share of a public that would not give way, over that of the start."""
    return (1.0 - soft) / (1.0 - soft_at_start)
