"""What the judges of calibrations and polls share: laws by SciPy, and rounds aimed at what fits.

Luck is drawn at the addresses that docs/odd.md gives; nothing is shared with sim/evidence.
"""

import numpy as np
from scipy import optimize, special, stats

from sim import draws

Z95 = stats.norm.ppf(0.975)


def law_of(figure):
    """The inverse of a figure's law, from chances to values."""
    low, mode, high = figure.low, figure.value, figure.high
    width = high - low

    def cut(mean, sd, low, high):
        return stats.truncnorm((low - mean) / sd, (high - mean) / sd, mean, sd).ppf

    by_name = {
        "triangular": lambda: stats.triang((mode - low) / width, low, width).ppf,
        "uniform": lambda: stats.uniform(low, width).ppf,
        "pert": lambda: stats.beta(1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width,
                                   low, width).ppf,
        "normal": lambda: cut(mode, width / 2 / Z95, low, high),
        "lognormal": lambda: lambda u: np.exp(
            cut(np.log(mode), np.log(high / low) / 2 / Z95, np.log(low), np.log(high))(u)
        ),
    }  # fmt: skip
    law = by_name[figure.law or "triangular"]()
    return (lambda u: np.round(law(u))) if figure.is_count else law


def drawn(path, seed, runs, round_=0):
    """Where a figure stands in its law in each run."""
    return draws.uniforms(seed, runs, round_, draws.actor_id(path), draws.FIGURE, 1)[:, 0]


def worth(weight):
    """How many runs of equal weight are worth as much."""
    return 1 / np.sum(weight**2)


def power_for(logs, wanted):
    """The largest power up to 1 to which weights are raised so that enough runs weigh."""
    if worth(special.softmax(logs)) >= wanted:
        return 1.0
    finite = logs[np.isfinite(logs)]
    return optimize.brentq(lambda a: worth(special.softmax(a * finite)) - wanted, 0, 1, xtol=1e-14)


def aimed(paths, rounds, runs_of, seed, agreement):
    """Places (figures, runs) on the normal scale and weights of runs of so many rounds.

    The first round is the own laws; each later one is normal, about the weighed runs so far, with
    1.3 times their covariance. `agreement(round, runs, places)` is the log of how well runs agree.
    """
    size = len(paths)
    laws = [stats.multivariate_normal(np.zeros(size), np.eye(size))]
    places, agrees = np.empty((size, 0)), np.empty(0)
    while True:
        k = len(laws) - 1
        runs = runs_of(k)
        normal = stats.norm.ppf([drawn(path, seed, runs, k) for path in paths])
        root = np.linalg.cholesky(np.atleast_2d(laws[k].cov))
        place = np.reshape(laws[k].mean, (-1, 1)) + root @ normal
        places = np.hstack([places, place])
        agrees = np.append(agrees, agreement(k, runs, place))
        mixture = np.mean([law.pdf(places.T) for law in laws], axis=0)
        raw = agrees + np.log(laws[0].pdf(places.T) / mixture)
        if len(laws) == rounds:
            return places, special.softmax(raw)
        weight = special.softmax(raw * power_for(raw, 40.0 * size))
        mean = np.average(places, axis=1, weights=weight)
        spread = np.atleast_2d(np.cov(places, aweights=weight, ddof=0))
        laws.append(stats.multivariate_normal(mean, 1.3 * spread))


def kept(weight, size=2000):
    """Which runs are drawn by weight, at even steps."""
    return np.searchsorted(np.cumsum(weight), (np.arange(size) + 0.5) / size)
