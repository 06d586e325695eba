"""Optimal computing budget allocation (OCBA): how many more wars each option should get.

Wars are spent where they help to find the best: on options close to it, and on those that vary
much.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_STILL = 1e-12  # of the largest variance: the least that a variance counts as
_TIE = 1e-6  # of the largest distance: the least that a distance counts as


def allocated(means: Floats, variances: Floats, counts: Ints, more: int) -> Ints:
    """How many of `more` wars each option gets with independent draws, shape (options,).

    `means`, more being better, and `variances` are of the `counts` wars so far. Total wars are
    proportional to (sd / distance to the best)² for all but the best, and for the best to its sd
    times the root of the sum of (wars / sd)²; an option that has too many already gets none.
    Source: chen2000, chen_lee2010.
    """
    best = int(np.argmax(means))
    spread = _floored(variances)
    ratio = _over_distance(spread, means[best] - means, best)
    ratio[best] = np.sqrt(spread[best] * np.sum(ratio**2 / spread))
    return _spent(ratio, best, counts, more)


def allocated_in_pairs(gains: list[Floats], more: int) -> Ints:
    """How many of `more` wars each option gets with common random numbers, shape (options,).

    `gains` are those of each option in its wars so far, from the first: option i has n_i of them,
    two or more, and war k has the same draws for all. What counts is the variance of the difference
    from the best in the wars that both have: the others' totals are proportional to (sd of the
    difference / distance)², and the best gets as many as the largest. Raises ValueError below two
    wars. Source: fu2007, in the limit of one pair.
    """
    counts = np.array([len(option) for option in gains])
    if counts.min() < 2:
        raise ValueError(f"an option with {counts.min()} wars, expected two or more of each")
    best = best_in_pairs(gains)
    shared = [min(len(option), len(gains[best])) for option in gains]
    apart = [gains[best][:n] - option[:n] for option, n in zip(gains, shared, strict=True)]
    distance = np.array([difference.mean() for difference in apart])
    spread = _floored(np.array([difference.var(ddof=1) for difference in apart]))
    ratio = _over_distance(spread, np.maximum(distance, 0.0), best)
    ratio[best] = ratio.max(initial=0.0)
    return _spent(ratio, best, counts, more)


def best_in_pairs(gains: list[Floats]) -> int:
    """The option furthest ahead of the one with the most wars, in the wars that both have.

    Means over different wars would differ by chance, which paired wars share.
    """
    most = max(gains, key=len)
    return int(np.argmax([(option - most[: len(option)]).mean() for option in gains]))


def _floored(variances: Floats) -> Floats:
    """Variances above 0, so that rounding does not leave out an option that never varied."""
    return np.maximum(variances, _STILL * (float(variances.max()) or 1.0))


def _over_distance(variances: Floats, distance: Floats, best: int) -> Floats:
    """Variance over squared distance, up to a factor, 0 for the best: ties get the most."""
    least = _TIE * (float(distance.max()) or 1.0)
    ratio = variances / np.maximum(distance, least) ** 2
    ratio[best] = 0.0
    return ratio / max(float(ratio.max()), 1e-300)


def _spent(ratio: Floats, best: int, counts: Ints, more: int) -> Ints:
    """New wars by shares of all wars; none is taken back, and the best gets the remainder."""
    total = int(counts.sum()) + more
    is_open = np.ones(len(ratio), np.bool_)
    wished = counts.copy()
    while True:
        left = total - int(counts[~is_open].sum())
        weight = float(ratio[is_open].sum())
        if weight > 0.0:
            wished[is_open] = np.floor(left * ratio[is_open] / weight).astype(np.int64)
        over = is_open & (wished < counts)
        if not over.any() or weight <= 0.0:
            break
        is_open &= ~over
        wished[over] = counts[over]
    new = np.maximum(wished - counts, 0)
    new[best] += more - int(new.sum())
    return new
