"""What it would be worth to know, before one chooses, what nobody knows.

Without it the option with the best expected gain is chosen; with it, the one that is best where
things stand so. The difference is never below 0, in the unit of the gains.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.linalg import block_diag

from sim.experiment.statistics.estimate import t95

Floats = NDArray[np.float64]

_SEED = 1  # of the draws of coefficients: no luck of the model
_DRAWS = 200
_DEGREE = 3
_KNOTS = 8  # of a spline, both ends included
_STIFFNESS = np.logspace(-6.0, 6.0, 25)  # that are tried, relative to what the data weigh
_RANK = 1e-12  # of the largest eigenvalue: what is below is a direction without data


class Worth(NamedTuple):
    """What information is worth, and how far a 95 % interval reaches to either side."""

    value: float
    error: float


def of_everything(gains: Floats) -> Worth:
    """What it would be worth to foresee a whole war, its luck included: EVPI.

    `gains`, shape (options, wars), more being better, in paired wars. No information is worth
    more. The error is Student's. Source: raiffa_schlaifer1961.
    """
    best = int(np.argmax(gains.mean(axis=1)))
    missed = gains.max(axis=0) - gains[best]
    wars = missed.size
    error = t95(wars) * missed.std(ddof=1) / np.sqrt(wars) if wars > 1 else np.nan
    return Worth(float(missed.mean()), float(error))


def of_figures(gains: Floats, figures: Floats) -> Worth:
    """What it would be worth to know some figures, and neither the others nor the luck: EVPPI.

    `gains`, shape (options, wars), more being better; `figures`, shape (wars, figures), are what
    the wars had. Each option's gain over the best one is regressed on the figures by a sum of
    penalised splines, one a figure, whose stiffness is that of least generalised cross-validation:
    figures that matter only together count for less than they are worth. The error is that of
    drawing the splines' coefficients from their law; noise in them adds to the value, so what is
    within its error of 0 is none. Raises ValueError where wars are fewer than twice the splines'
    coefficients, some ten a figure. Source: strong2014, eilers_marx1996.
    """
    best = int(np.argmax(gains.mean(axis=1)))
    others = np.delete(gains, best, axis=0) - gains[best]
    if len(others) == 0:
        return Worth(0.0, 0.0)
    basis, penalty = _splines(figures)
    wars, coefficients = basis.shape
    if wars < 2 * coefficients:
        raise ValueError(f"{wars} wars, expected at least {2 * coefficients} for these figures")
    fits = [_fit(basis, penalty, other) for other in others]
    fitted = np.array([basis @ fit.coefficients for fit in fits])
    of_splines = _redrawn(basis, fits, others - fitted).std(ddof=1)
    gained = np.maximum(fitted.max(axis=0), 0.0)
    of_wars = gained.std(ddof=1) / np.sqrt(gained.size)
    return Worth(float(_gained(fitted)), float(1.96 * np.hypot(of_splines, of_wars)))


class _Fit(NamedTuple):
    """Coefficients (k,), the root of their covariance but for the residual's, (k, k), and how many
    degrees of freedom are used."""

    coefficients: Floats
    root: Floats
    used: float


def _redrawn(basis: Floats, fits: list[_Fit], residual: Floats) -> Floats:
    """What the information is worth by splines drawn from their law, shape (draws,)."""
    together = residual @ residual.T / (residual.shape[1] - max(fit.used for fit in fits))
    spread, vectors = np.linalg.eigh(together)
    root = vectors * np.sqrt(np.maximum(spread, 0.0))
    rng = np.random.Generator(np.random.Philox(_SEED))
    luck = np.einsum("ij,jkd->ikd", root, rng.standard_normal((len(fits), basis.shape[1], _DRAWS)))
    coefficients = [
        fit.coefficients[:, None] + fit.root @ own for fit, own in zip(fits, luck, strict=True)
    ]
    return _gained(np.array([basis @ drawn for drawn in coefficients]))


def _gained(expected: Floats) -> Floats:
    """By choosing where figures are known over choosing at once.

    `expected`, shape (options, wars, ...), are gains over one more option; the mean over wars.
    """
    known = np.maximum(expected.max(axis=0), 0.0).mean(axis=0)
    return known - np.maximum(expected.mean(axis=1).max(axis=0), 0.0)


def _splines(figures: Floats) -> tuple[Floats, Floats]:
    """A constant and a centred cubic basis for each figure that varies, and what its bends cost.

    Knots lie at the figure's quantiles.
    """
    bases, costs = [np.ones((len(figures), 1))], [np.zeros((1, 1))]
    for figure in figures.T:
        knots = np.unique(np.quantile(figure, np.linspace(0.0, 1.0, _KNOTS)))
        if len(knots) > 1:
            basis, cost = _spline(figure, knots)
            bases.append(basis - basis.mean(axis=0))
            costs.append(cost)
    return np.hstack(bases), block_diag(*costs)


def _spline(figure: Floats, knots: Floats) -> tuple[Floats, Floats]:
    """B-splines (wars, k) on these knots, and the cost (k, k) of their coefficients' bends.

    A bend is the change of slope from one coefficient to the next, each at its own place (the
    mean of its knots), so that straight lines cost nothing.
    """
    around = np.concatenate([[knots[0]] * _DEGREE, knots, [knots[-1]] * _DEGREE])
    basis = BSpline.design_matrix(figure, around, _DEGREE).toarray()
    count = basis.shape[1]
    at = np.array([around[k + 1 : k + 1 + _DEGREE].mean() for k in range(count)])
    slopes = np.diff(np.eye(count), axis=0) / (np.diff(at) / (knots[-1] - knots[0]))[:, None]
    bends = np.diff(slopes, axis=0) / count
    return basis, bends.T @ bends


def _fit(basis: Floats, penalty: Floats, y: Floats) -> _Fit:
    """The penalised least-squares fit of the stiffness with the least generalised error."""
    wars = len(y)
    gram = basis.T @ basis / wars
    bends = penalty * (np.trace(gram) / max(float(np.trace(penalty)), _RANK))
    right = basis.T @ y / wars
    found, least = _Fit(right, gram, 0.0), np.inf
    for stiffness in _STIFFNESS:
        inverse = np.linalg.pinv(gram + stiffness * bends, rcond=_RANK, hermitian=True)
        used = float(np.trace(inverse @ gram))
        coefficients = inverse @ right
        off = y - basis @ coefficients
        score = float(off @ off) / (wars - used) ** 2
        if score < least:
            least, found = score, _Fit(coefficients, inverse, used)
    spread, vectors = np.linalg.eigh(0.5 * (found.root + found.root.T) / wars)
    return found._replace(root=vectors * np.sqrt(np.maximum(spread, 0.0)))
