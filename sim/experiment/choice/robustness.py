"""How well an option stands up to what nobody knows, by the measures that have names.

Options are compared over wars that differ in all that is unknown. `gains`, shape (options, wars),
are what is wanted, more being better: `gains_of` turns what should be small. Wars are paired: a
column is the same figures and the same luck under each option. Source: mcphail2018.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Better = Literal["small", "large"]

_TAIL = 0.1  # beyond which a percentile measure does not look


class Measure(NamedTuple):
    """A measure of robustness: its title, and a score of each option from `gains`, more being
    better.

    `is_gain` says that the score is in the objective's own unit and direction, so that of an
    objective that should be small it is read with the other sign; `is_regret` that it is
    read with the other sign always, as an amount that one would like to be small.
    """

    title: str
    score: Callable[[Floats], Floats]
    is_gain: bool = False
    is_regret: bool = False

    def read(self, scores: Floats, better: Better) -> Floats:
        """Scores as a reader has them: in the objective's own direction, regret at least 0."""
        is_turned = self.is_regret or (self.is_gain and better == "small")
        return 0.0 - scores if is_turned else scores


def gains_of(values: Floats, better: Better) -> Floats:
    """An objective's values as gains, of the same shape: turned where it should be small."""
    return 0.0 - values if better == "small" else values


def regret(gains: Floats) -> Floats:
    """What each option misses in each war against the best option there, at least 0.

    Shape (options, wars). Source: savage1951.
    """
    return gains.max(axis=0) - gains


def expected_value(gains: Floats, chances: Floats | None = None) -> Floats:
    """The mean over wars, each with its chance, shape (wars,); without, each as likely (Laplace).

    Wars drawn from the laws of what is unknown are as likely, each, as any other.
    """
    return np.average(gains, axis=1, weights=chances)


def mean_variance(gains: Floats) -> Floats:
    """(mean + 1) / (standard deviation + 1); not a number where the mean is below 0.

    There spread would be rewarded. It hangs on the unit; losses have `mean_variance_of_losses`.
    Source: kwakkel2016.
    """
    mean, spread = gains.mean(axis=1), _spread(gains)
    return np.where(mean >= 0.0, (mean + 1.0) / (spread + 1.0), np.nan)


def mean_variance_of_losses(gains: Floats) -> Floats:
    """-(mean loss + 1) (standard deviation + 1); not a number where there are gains on average.

    Source: kwakkel2016.
    """
    loss, spread = -gains.mean(axis=1), _spread(gains)
    return np.where(loss >= 0.0, -(loss + 1.0) * (spread + 1.0), np.nan)


def undesirable_deviations(gains: Floats) -> Floats:
    """Minus how far below its own median an option is, on average of the worse half of wars.

    The source sums; a mean does not grow with the number of wars, and ranks the same.
    Source: kwakkel2016.
    """
    below = np.median(gains, axis=1, keepdims=True) - np.sort(gains, axis=1)
    return 0.0 - below[:, : (gains.shape[1] + 1) // 2].mean(axis=1)


def maximin(gains: Floats) -> Floats:
    """The worst war. Source: wald1950."""
    return gains.min(axis=1)


def maximax(gains: Floats) -> Floats:
    """The best war."""
    return gains.max(axis=1)


def hurwicz(gains: Floats, optimism: float = 0.5) -> Floats:
    """Between the worst war and the best by `optimism`, 0 to 1. Source: hurwicz1953."""
    return optimism * maximax(gains) + (1.0 - optimism) * maximin(gains)


def minimax_regret(gains: Floats) -> Floats:
    """Minus the greatest regret of any war. Source: savage1951."""
    return 0.0 - regret(gains).max(axis=1)


def percentile_regret(gains: Floats) -> Floats:
    """Minus the regret that one war in ten goes beyond. Source: mcphail2018."""
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
    """The central 80 % over the central half, at least 1: the greater, the more wars are alike.

    Not a number where the half has no width and the 80 % have; 1 where neither has.
    Source: mcphail2018.
    """
    low, lower, upper, high = np.quantile(gains, [_TAIL, 0.25, 0.75, 1.0 - _TAIL], axis=1)
    wide, inner = high - low, upper - lower
    without = np.where(wide > 0.0, np.nan, 1.0)
    return np.divide(wide, inner, out=without, where=inner > 0.0)


def starr(gains: Floats, least: float) -> Floats:
    """The share of wars in which an option gains at least so much. Source: starr1963."""
    return (gains >= least).mean(axis=1)


def measures(better: Better, threshold: float | None = None, optimism: float = 0.5) -> dict[
    str, Measure
]:  # fmt: skip
    """The measures by name; Starr's criterion only with a `threshold`, in the objective's unit.

    An expected value has the wars' own chances; as Laplace has it, each is as likely: one number.
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
    """The standard deviation over wars, 0 of a single one."""
    return gains.std(axis=1, ddof=1) if gains.shape[1] > 1 else np.zeros(len(gains))
