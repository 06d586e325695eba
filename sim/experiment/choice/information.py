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
    smooth = _Smoother(basis, penalty)
    fit = smooth.fitted(others)
    expected = smooth.values(fit.scores)
    residual = others - expected
    near = _near(expected, 3.0 * smooth.errors(fit, residual))
    of_splines = _redrawn(smooth, fit.of(near), residual[near]).std(ddof=1)
    gained = np.maximum(expected.max(axis=0), 0.0)
    of_wars = gained.std(ddof=1) / np.sqrt(gained.size)
    return Worth(float(_gained(expected)), float(1.96 * np.hypot(of_splines, of_wars)))


class _Fit(NamedTuple):
    """Of each option its scores (options, k) on the axes of a smoother, and how far these are drawn
    towards 0 by the penalty, from 1, not at all, to 0."""

    scores: Floats
    kept: Floats

    def of(self, some: NDArray[np.bool_]) -> "_Fit":
        """Some of the options."""
        return _Fit(self.scores[some], self.kept[some])


class _Smoother:
    """Penalised splines on axes on which data and penalty are both diagonal.

    Each option has the stiffness of its least generalised cross-validation.
    """

    def __init__(self, basis: Floats, penalty: Floats) -> None:
        wars = len(basis)
        gram = basis.T @ basis / wars
        bends = penalty * (np.trace(gram) / max(float(np.trace(penalty)), _RANK))
        weight, axes = np.linalg.eigh(gram)
        has_data = weight > _RANK * weight.max()
        white = axes[:, has_data] / np.sqrt(weight[has_data])
        # what no data decide lies so that the rest bends least: a straight line costs nothing
        free = axes[:, ~has_data]
        across = white.T @ bends @ free
        least = np.linalg.pinv(free.T @ bends @ free, rcond=_RANK, hermitian=True)
        self._bends, turn = np.linalg.eigh(white.T @ bends @ white - across @ least @ across.T)
        onto_axes = white @ turn
        self._axes = basis @ onto_axes  # (wars, k), orthonormal over wars
        self._wars = wars
        # which way axes point is the processor's choice, so luck is drawn in steps of the basis
        triangle = np.linalg.qr(basis / np.sqrt(wars), mode="r")
        upright = np.where(np.diag(triangle) < 0.0, -1.0, 1.0)[:, None] * triangle
        self._turn = upright @ onto_axes  # (coefficients, k), columns orthonormal

    def fitted(self, y: Floats) -> _Fit:
        """The fit of each option's `y`, shape (options, wars)."""
        raw = y @ self._axes / self._wars
        kept = 1.0 / (1.0 + _STIFFNESS[:, None] * np.maximum(self._bends, 0.0))  # (stiffness, k)
        off = (y**2).mean(axis=1) - ((2.0 - kept[:, None]) * kept[:, None] * raw**2).sum(axis=2)
        score = off / (self._wars - kept.sum(axis=1))[:, None] ** 2
        chosen = kept[score.argmin(axis=0)]
        return _Fit(chosen * raw, chosen)

    def values(self, scores: Floats) -> Floats:
        """What scores (options, k, ...) come to in each war, shape (options, wars, ...)."""
        return np.tensordot(scores, self._axes, axes=(1, 1)).swapaxes(1, -1)

    def errors(self, fit: _Fit, residual: Floats) -> Floats:
        """The standard error of each fit in each war, shape (options, wars)."""
        spread = np.sqrt((residual**2).mean(axis=1, keepdims=True) / self._wars)
        return spread * np.sqrt(fit.kept @ (self._axes**2).T)

    @property
    def coefficients(self) -> int:
        """How many coefficients the basis has."""
        return len(self._turn)

    def drawn(self, fit: _Fit, luck: Floats) -> Floats:
        """Fits that differ by `luck` (options, coefficients, draws), in standard deviations."""
        aside = np.sqrt(fit.kept / self._wars)[:, :, None] * (self._turn.T @ luck)
        return self.values(fit.scores[:, :, None] + aside)

    def used(self, fit: _Fit) -> float:
        """The most degrees of freedom that an option's fit uses."""
        return float(fit.kept.sum(axis=1).max())


def _near(expected: Floats, reach: Floats) -> NDArray[np.bool_]:
    """Which options may be the best in some war, their fits being within `reach` of the truth."""
    best = np.maximum((expected - reach).max(axis=0), 0.0)
    near = (expected + reach >= best).any(axis=1)
    return near if near.any() else np.ones(len(near), np.bool_)


def _redrawn(smooth: _Smoother, fit: _Fit, residual: Floats) -> Floats:
    """What the information is worth by splines drawn from their law, shape (draws,)."""
    together = residual @ residual.T / (residual.shape[1] - smooth.used(fit))
    spread, vectors = np.linalg.eigh(together)
    root = vectors * np.sqrt(np.maximum(spread, 0.0)) @ vectors.T  # the one symmetric root
    rng = np.random.Generator(np.random.Philox(_SEED))
    draws = rng.standard_normal((len(residual), smooth.coefficients, _DRAWS))
    return _gained(smooth.drawn(fit, np.tensordot(root, draws, axes=(1, 0))))


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
