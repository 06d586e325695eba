"""Robustness of options under deep uncertainty, by the established measures.

Options are compared over wars that differ in everything uncertain. `gains`, shape (options, wars),
are what is wanted, more being better: `gains_of` negates what should be small. Wars are paired: a
column has the same figures and the same random draws under each option. Source: mcphail2018.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Better = Literal["small", "large"]

_TAIL = 0.1  # the share of wars that percentile measures cut off at an end


class Measure(NamedTuple):
    """A measure of robustness: its title, and a score of each option from `gains`.

    Higher scores are better. `is_gain` says that the score follows the objective's own direction,
    so that for an objective that should be small it is shown with the opposite sign; `is_regret`
    that it is always shown with the opposite sign, as an amount that should be small.
    """

    title: str
    score: Callable[[Floats], Floats]
    is_gain: bool = False
    is_regret: bool = False

    def read(self, scores: Floats, better: Better) -> Floats:
        """Scores as shown to a reader: in the objective's own direction, regret at least 0."""
        is_turned = self.is_regret or (self.is_gain and better == "small")
        return 0.0 - scores if is_turned else scores


def gains_of(values: Floats, better: Better) -> Floats:
    """An objective's values as gains, of the same shape: negated if they should be small."""
    return 0.0 - values if better == "small" else values


def regret(gains: Floats) -> Floats:
    """How far each option falls short of the best option in each war, at least 0.

    Shape (options, wars). Source: savage1951.
    """
    return gains.max(axis=0) - gains


def expected_value(gains: Floats, chances: Floats | None = None) -> Floats:
    """The mean over wars, weighted by their `chances`, shape (wars,), or equally (Laplace).

    Wars drawn from the distributions of what is uncertain are equally likely.
    """
    return np.average(gains, axis=1, weights=chances)


def mean_variance(gains: Floats) -> Floats:
    """(mean + 1) / (standard deviation + 1); NaN where the mean is below 0.

    There it would reward spread. It depends on the unit; losses have `mean_variance_of_losses`.
    Source: kwakkel2016.
    """
    mean, spread = gains.mean(axis=1), _spread(gains)
    return np.where(mean >= 0.0, (mean + 1.0) / (spread + 1.0), np.nan)


def mean_variance_of_losses(gains: Floats) -> Floats:
    """-(mean loss + 1) (standard deviation + 1); NaN where the mean is a gain.

    Source: kwakkel2016.
    """
    loss, spread = -gains.mean(axis=1), _spread(gains)
    return np.where(loss >= 0.0, -(loss + 1.0) * (spread + 1.0), np.nan)


def undesirable_deviations(gains: Floats) -> Floats:
    """Minus the mean distance below the option's own median, over the worse half of wars.

    The source sums; a mean does not grow with the number of wars and ranks the same. Source:
    kwakkel2016.
    """
    below = np.median(gains, axis=1, keepdims=True) - np.sort(gains, axis=1)
    return 0.0 - below[:, : (gains.shape[1] + 1) // 2].mean(axis=1)


def maximin(gains: Floats) -> Floats:
    """The gain in the worst war. Source: wald1950."""
    return gains.min(axis=1)


def maximax(gains: Floats) -> Floats:
    """The gain in the best war."""
    return gains.max(axis=1)


def hurwicz(gains: Floats, optimism: float = 0.5) -> Floats:
    """The best and the worst war, the best weighted by `optimism`, 0 to 1. Source: hurwicz1953."""
    return optimism * maximax(gains) + (1.0 - optimism) * maximin(gains)


def minimax_regret(gains: Floats) -> Floats:
    """Minus the largest regret in any war. Source: savage1951."""
    return 0.0 - regret(gains).max(axis=1)


def percentile_regret(gains: Floats) -> Floats:
    """Minus the 90th percentile of regret. Source: mcphail2018."""
    return 0.0 - np.quantile(regret(gains), 1.0 - _TAIL, axis=1)


def percentile_skewness(gains: Floats) -> Floats:
    """How far the median lies towards the better end of the central 80 %, -1 to 1.

    Above 0 most wars lie at the good end. 0 where the 80 % have no width. Source: mcphail2018.
    """
    low, middle, high = np.quantile(gains, [_TAIL, 0.5, 1.0 - _TAIL], axis=1)
    half = 0.5 * (high - low)
    away = middle - 0.5 * (high + low)
    return np.divide(away, half, out=np.zeros_like(half), where=half > 0.0)


def percentile_peakedness(gains: Floats) -> Floats:
    """The width of the central 80 % over that of the central half, at least 1: larger is peakier.

    NaN if only the central half has no width; 1 if neither has. Source: mcphail2018.
    """
    low, lower, upper, high = np.quantile(gains, [_TAIL, 0.25, 0.75, 1.0 - _TAIL], axis=1)
    wide, inner = high - low, upper - lower
    without = np.where(wide > 0.0, np.nan, 1.0)
    return np.divide(wide, inner, out=without, where=inner > 0.0)


def starr(gains: Floats, least: float) -> Floats:
    """The share of wars in which an option gains at least `least`. Source: starr1963."""
    return (gains >= least).mean(axis=1)


def measures(better: Better, threshold: float | None = None, optimism: float = 0.5) -> dict[
    str, Measure
]:  # fmt: skip
    """The measures by name; Starr's criterion only with a `threshold`, in the objective's unit.

    Wars are drawn with their own probabilities, so the expected value and Laplace's criterion, by
    which all are equally likely, are the same number.
    """
    found = {
        "expected_value": Measure("expected value (Laplace)", expected_value, is_gain=True),
        "mean_variance": Measure(
            "mean-variance",
            mean_variance if better == "large" else mean_variance_of_losses,
            is_gain=True,
        ),
        "undesirable_deviations": Measure(
            "undesirable deviations", undesirable_deviations, is_regret=True
        ),
        "maximin": Measure("worst war (maximin)", maximin, is_gain=True),
        "maximax": Measure("best war (maximax)", maximax, is_gain=True),
        "hurwicz": Measure(
            f"Hurwicz, optimism {optimism:g}", lambda gains: hurwicz(gains, optimism), is_gain=True
        ),
        "minimax_regret": Measure("greatest regret", minimax_regret, is_regret=True),
        "percentile_regret": Measure("regret, 90th percentile", percentile_regret, is_regret=True),
        "percentile_skewness": Measure("percentile-based skewness", percentile_skewness),
        "percentile_peakedness": Measure("percentile-based peakedness", percentile_peakedness),
    }
    if threshold is not None:
        least = -threshold if better == "small" else threshold
        title = f"share of wars with {threshold:g} or better (Starr)"
        found["starr"] = Measure(title, lambda gains: starr(gains, least))
    return found


def _spread(gains: Floats) -> Floats:
    """The standard deviation over wars, 0 for a single one."""
    return gains.std(axis=1, ddof=1) if gains.shape[1] > 1 else np.zeros(len(gains))
