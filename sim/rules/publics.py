"""The two attitudes of a side's public, each the share of it that is ready for something."""

import numpy as np


def logit(share):
    """The log odds of a share, infinite at 0 and 1."""
    with np.errstate(divide="ignore"):
        return np.log(share) - np.log1p(-share)


def readiness(start, decades, per_decade, against):
    """The share of a public that is ready, on the logit scale.

    logit(share) = start + per_decade * decades - against. `start` is the logit of the share at the
    start, `decades` comes from `decades_of_war`, and `against` is the effect of rally or of sunk
    costs, in logits. Source: mueller1973 (a logarithm of casualties, not of days).
    """
    with np.errstate(over="ignore"):  # far below 0 the share is 0
        return 1.0 / (1.0 + np.exp(-(start + per_decade * decades - against)))


def decades_of_war(days, days_at_start, onset):
    """Decimal logarithm of the days of war relative to the start, without those before `onset`.

    log10(max(days, onset) / max(days at the start, onset)). Mueller's logarithm is of casualties;
    using days instead is this project's step. Source: mueller1973.
    """
    return np.log10(np.maximum(days, onset) / np.maximum(days_at_start, onset))


def rally(was, per_surprise, lasts, surprise):
    """How far news at home lowers the wish to end the war, in logits; it fades over days.

    f = f exp(-1/lasts) + per_surprise * S, with either sign. Source: mueller1970, seo_horiuchi2024.
    """
    return was * np.exp(-1.0 / lasts) + per_surprise * surprise


def sunk(most, loss, scale):
    """How far losses believed since the start lower the readiness to concede, in logits.

    most (1 - exp(-loss / scale)). The wish that losses were not in vain is a reason not to concede,
    but not a reason to fight on. Source: arkes_blumer1985, schott2011, hirsch_hoefler2016.
    """
    return most * -np.expm1(-loss / scale)


def hardness(ready, ready_at_start):
    """The share of a public that would not concede, relative to that at the start."""
    return (1.0 - ready) / (1.0 - ready_at_start)
