"""The value of information: what knowing more before choosing would be worth.

Without information one chooses the option with the best expected gain; with it, the option that is
best given what is known. The difference is never below 0, in the unit of the gains.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.linalg import block_diag

from sim.experiment.statistics.estimate import t95

Floats = NDArray[np.float64]

_SEED = 1  # for drawing coefficients, not for the model
_DRAWS = 200
_DEGREE = 3
_KNOTS = 8  # of a spline, both ends included
_STIFFNESS = np.logspace(-6.0, 6.0, 25)  # tried, relative to the weight of the data
_RANK = 1e-12  # of the largest eigenvalue: a direction below it has no data


class Worth(NamedTuple):
    """The value of information, and the half-width of its 95 % interval."""

    value: float
    error: float


def of_everything(gains: Floats) -> Worth:
    """The expected value of perfect information (EVPI): foreseeing a whole war, chance included.

    `gains`, shape (options, wars), more being better, in paired wars. No information is worth more.
    The error is Student's. Source: raiffa_schlaifer1961.
    """
    best = int(np.argmax(gains.mean(axis=1)))
    missed = gains.max(axis=0) - gains[best]
    wars = missed.size
    error = t95(wars) * missed.std(ddof=1) / np.sqrt(wars) if wars > 1 else np.nan
    return Worth(float(missed.mean()), float(error))


def of_figures(gains: Floats, figures: Floats) -> Worth:
    """The expected value of partial perfect information (EVPPI): knowing some figures only.

    `gains`, shape (options, wars), more being better; `figures`, shape (wars, figures), are their
    values in these wars. Each option's gain over the best one is regressed on the figures by a sum
    of penalised splines, one per figure, with the stiffness of least generalised cross-validation:
    figures that matter only jointly are undervalued. The error combines redrawing the splines'
    coefficients from their distribution and the sampling of wars; noise in the coefficients adds to
    the value, so a value within its error of 0 counts as none. Raises ValueError if there are fewer
    wars than twice the splines' coefficients, about ten per figure. Source: strong2014,
    eilers_marx1996.
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
    """A fit of each option: `scores` (options, k) on the axes of a smoother, and shrinkage `kept`.

    `kept` (options, k) says how much of each score the penalty leaves, from 1, all, to 0.
    """

    scores: Floats
    kept: Floats

    def of(self, some: NDArray[np.bool_]) -> "_Fit":
        """The fits of some of the options."""
        return _Fit(self.scores[some], self.kept[some])


class _Smoother:
    """Penalised splines in a basis that makes both data and penalty diagonal.

    Each option gets the stiffness of least generalised cross-validation.
    """

    def __init__(self, basis: Floats, penalty: Floats) -> None:
        wars = len(basis)
        gram = basis.T @ basis / wars
        bends = penalty * (np.trace(gram) / max(float(np.trace(penalty)), _RANK))
        weight, axes = np.linalg.eigh(gram)
        has_data = weight > _RANK * weight.max()
        white = axes[:, has_data] / np.sqrt(weight[has_data])
        # directions without data are set so that the rest bends least: straight lines cost nothing
        free = axes[:, ~has_data]
        across = white.T @ bends @ free
        least = np.linalg.pinv(free.T @ bends @ free, rcond=_RANK, hermitian=True)
        self._bends, turn = np.linalg.eigh(white.T @ bends @ white - across @ least @ across.T)
        onto_axes = white @ turn
        self._axes = basis @ onto_axes  # (wars, k), orthonormal over wars
        self._wars = wars
        # the axes' signs depend on the processor, so noise is drawn for the basis, not for the axes
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
        """The fitted values of scores (options, k, ...) in each war, shape (options, wars, ...)."""
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
        """Fitted values plus noise `luck` (options, coefficients, draws) in standard deviations."""
        aside = np.sqrt(fit.kept / self._wars)[:, :, None] * (self._turn.T @ luck)
        return self.values(fit.scores[:, :, None] + aside)

    def used(self, fit: _Fit) -> float:
        """The most degrees of freedom that an option's fit uses."""
        return float(fit.kept.sum(axis=1).max())


def _near(expected: Floats, reach: Floats) -> NDArray[np.bool_]:
    """Which options may be the best in some war, if their fits are within `reach` of the truth."""
    best = np.maximum((expected - reach).max(axis=0), 0.0)
    near = (expected + reach >= best).any(axis=1)
    return near if near.any() else np.ones(len(near), np.bool_)


def _redrawn(smooth: _Smoother, fit: _Fit, residual: Floats) -> Floats:
    """The value of information with splines redrawn from their distribution, shape (draws,)."""
    together = residual @ residual.T / (residual.shape[1] - smooth.used(fit))
    spread, vectors = np.linalg.eigh(together)
    root = vectors * np.sqrt(np.maximum(spread, 0.0)) @ vectors.T  # the one symmetric root
    rng = np.random.Generator(np.random.Philox(_SEED))
    draws = rng.standard_normal((len(residual), smooth.coefficients, _DRAWS))
    return _gained(smooth.drawn(fit, np.tensordot(root, draws, axes=(1, 0))))


def _gained(expected: Floats) -> Floats:
    """The mean gain of choosing when figures are known over choosing at once.

    `expected`, shape (options, wars, ...), are gains over one further option; the mean is over
    wars.
    """
    known = np.maximum(expected.max(axis=0), 0.0).mean(axis=0)
    return known - np.maximum(expected.mean(axis=1).max(axis=0), 0.0)


def _splines(figures: Floats) -> tuple[Floats, Floats]:
    """A constant and a centred cubic basis for each figure that varies, and the penalties on bends.

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
    """B-splines (wars, k) on these knots, and the penalty (k, k) on bends of their coefficients.

    A bend is the change of slope from one coefficient to the next, each placed at the mean of its
    knots, so that straight lines cost nothing.
    """
    around = np.concatenate([[knots[0]] * _DEGREE, knots, [knots[-1]] * _DEGREE])
    basis = BSpline.design_matrix(figure, around, _DEGREE).toarray()
    count = basis.shape[1]
    at = np.array([around[k + 1 : k + 1 + _DEGREE].mean() for k in range(count)])
    slopes = np.diff(np.eye(count), axis=0) / (np.diff(at) / (knots[-1] - knots[0]))[:, None]
    bends = np.diff(slopes, axis=0) / count
    return basis, bends.T @ bends
