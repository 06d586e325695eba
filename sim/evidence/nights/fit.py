"""Fit the law of a night to the nights up to a date, and forecast later ones from their sizes.

The drift is a stationary walk over weeks. Given the figures, it is integrated out by Laplace's
approximation about its most likely path. The figures maximise this marginal likelihood times their
priors (penalised maximum likelihood); draws come from the normal approximation about the maximum
and are weighted by importance. Sources: tierney_kadane1986, rue2009 (nested Laplace approximation),
ionides2008 (truncated weights).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import ndtri

from sim import draws
from sim.evidence.nights import beta_binomial
from sim.evidence.nights.file import Nights
from sim.evidence.nights.national_defence import Law, Shares, Values, shares, spread
from sim.evidence.polls import walk

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_FARTHEST = 5.0  # prior standard deviations of a figure from its guess
_MOST_STEPS = 60
_ENOUGH = 1e-8  # of the log evidence
_DRIFT_STEP = 1e-3  # for derivatives of the likelihood in the drift
_END = 1e-9  # shares stay this far from 0 and 1


class Path(NamedTuple):
    """The most likely drift, one number per week, its precision as a band, and the log evidence."""

    drift: Floats
    precision: Floats
    log_evidence: float


@dataclass(frozen=True)
class Fit:
    """A law fitted to nights: `best` figures, and weighted draws from their posterior.

    `best` (figures,) and `z` (draws, figures) are in prior standard deviations, `drift` (draws,) is
    that of the last week, `weight` (draws,) adds up to 1. `counts_lost`: whether the last reports
    count drones lost without a shot among the neutralised.
    """

    law: Law
    best: Floats
    z: Floats
    drift: Floats
    weight: Floats
    last_day: int
    counts_lost: bool

    @property
    def even_draws(self) -> float:
        """The effective number of draws. Source: kong1994."""
        return float(1.0 / (self.weight**2).sum())


class Forecast(NamedTuple):
    """Mean probability to leak and spread of later nights, (nights, draws); weights, (draws,)."""

    p: Floats
    spread: Floats
    weight: Floats

    def cumulative(self, launched: Ints) -> list[Floats]:
        """The cumulative distribution of leakers on each night, exact given the draws."""
        return [
            beta_binomial.cumulative(int(number), self.p[k], self.spread[k], self.weight)
            for k, number in enumerate(launched)
        ]

    def where(self, chosen: Bools) -> "Forecast":
        """The nights where `chosen`."""
        return Forecast(self.p[chosen], self.spread[chosen], self.weight)

    def share(self, launched: Ints) -> float:
        """The expected share of all launched that leaks."""
        return float(launched @ (self.p @ self.weight) / launched.sum())


def fit(law: Law, nights: Nights, count: int, seed: int, name: str) -> Fit:
    """Fit a law to nights and draw `count` times; `name` is part of the address of the draws."""
    size = len(law.figures)
    loss = _Loss(law, nights)
    found = optimize.minimize(
        loss,
        np.zeros(size),
        jac=lambda z: _slope(loss, z),
        method="L-BFGS-B",
        bounds=[(-_FARTHEST, _FARTHEST)] * size,
        options={"gtol": 0.02, "ftol": 1e-9},
    )
    normal = _normal(seed, f"nights.{name}.figures", count, size + 1)
    z = found.x + normal[:, :size] @ _root(_curvature(loss, found.x)).T
    start = path(law, found.x, nights).drift
    paths = [path(law, one, nights, start) for one in z]
    evidence = np.array([one.log_evidence for one in paths])
    log_weight = evidence - 0.5 * (z**2).sum(axis=1) + 0.5 * (normal[:, :size] ** 2).sum(axis=1)
    ends = [
        one.drift[-1] + walk.last_sd(one.precision) * normal[k, size] for k, one in enumerate(paths)
    ]
    return Fit(
        law,
        found.x,
        z,
        np.array(ends),
        _cut_weights(log_weight),
        int(nights.day[-1]),
        bool(nights.counts_lost[-1]),
    )


def forecast(fitted: Fit, later: Nights, seed: int, name: str, **changed: float) -> Forecast:
    """Forecast later nights from their launched counts alone; `changed` overrides figures."""
    values = {**fitted.law.values(fitted.z), **changed}
    week = (later.day - fitted.last_day + walk.WEEK_DAYS - 1) // walk.WEEK_DAYS
    luck = _normal(seed, f"nights.{name}.drift", len(fitted.z), int(week.max()))
    drift = walk.ahead(fitted.drift, values["drift"], values["drift_days"], luck)[week]
    launched = later.launched[:, None]
    mean = shares(values, later.day[:, None], launched, later.tempo[:, None], drift)
    p = _called_leaked(mean, np.array(fitted.counts_lost))
    return Forecast(p, np.broadcast_to(spread(values, launched), p.shape), fitted.weight)


def _normal(seed: int, actor: str, rows: int, columns: int) -> Floats:
    """Standard normal draws at an address, (rows, columns)."""
    u = draws.uniforms(seed, np.arange(rows), 0, draws.actor_id(actor), draws.FIGURE, columns)
    return np.asarray(ndtri(np.maximum(u, 2.0**-54)))


# --- the evidence of figures -------------------------------------------------------------------


class _Loss:
    """The negative log of prior times evidence, as a function of z."""

    def __init__(self, law: Law, nights: Nights) -> None:
        self._law, self._nights = law, nights
        self._start: Floats | None = None

    def __call__(self, z: Floats) -> float:
        found = path(self._law, z, self._nights, self._start)
        self._start = found.drift
        return 0.5 * float(z @ z) - found.log_evidence


def path(law: Law, z: Floats, nights: Nights, start: Floats | None = None) -> Path:
    """The most likely drift under given figures, by Newton's method from `start`."""
    values = law.values(z)
    week = _weeks(nights)
    weeks = int(week[-1]) + 1
    prior = walk.precision(values["drift"], values["drift_days"], weeks)
    x = np.zeros(weeks) if start is None else start
    here = _look(values, nights, week, prior, x)
    for _ in range(_MOST_STEPS):
        move = np.clip(walk.solve(here.precision, here.slope), -1.0, 1.0)
        if here.slope @ move < _ENOUGH:
            break
        ahead = _look(values, nights, week, prior, x + move)
        while ahead.height < here.height - _ENOUGH:
            move = 0.5 * move
            ahead = _look(values, nights, week, prior, x + move)
        x, here = x + move, ahead
    determinants = walk.log_determinant(prior) - walk.log_determinant(here.precision)
    return Path(x, here.precision, here.height + 0.5 * determinants)


class _Look(NamedTuple):
    """Log of prior times likelihood at a drift, its gradient and (banded) negative Hessian."""

    height: float
    slope: Floats
    precision: Floats


def _look(values: Values, nights: Nights, week: Ints, prior: Floats, x: Floats) -> _Look:
    steps = _DRIFT_STEP * np.array([-1.0, 0.0, 1.0])[:, None]
    low, middle, high = _log_likelihood(values, nights, x[week] + steps)
    pull = walk.times(prior, x)
    slope = np.bincount(week, (high - low) / (2.0 * _DRIFT_STEP), len(x)) - pull
    turns = (2.0 * middle - low - high) / _DRIFT_STEP**2
    bend = np.asarray(np.bincount(week, turns, len(x)), np.float64)
    return _Look(float(middle.sum() - 0.5 * x @ pull), slope, _bent(prior, bend))


def _bent(prior: Floats, bend: Floats) -> Floats:
    """The prior precision plus the likelihood's curvature, or its positive part if indefinite."""
    band = prior.copy()
    band[1] += bend
    if not walk.is_positive(band):
        band[1] = prior[1] + np.maximum(bend, 0.0)
    return band


def _weeks(nights: Nights) -> Ints:
    """The week of each night, from 0; the last week ends with the last night."""
    back = (nights.day[-1] - nights.day) // walk.WEEK_DAYS
    return np.asarray(back[0] - back)


def _log_likelihood(values: Values, nights: Nights, drift: Floats) -> Floats:
    """Log likelihood of the reports of each night, up to a constant, shape of `drift`.

    Of leakers among the launched and, if reported, of the lost among the neutralised.
    """
    mean = shares(values, nights.day, nights.launched, nights.tempo, drift)
    log_p = beta_binomial.log_weight(
        nights.leaked,
        nights.launched,
        _called_leaked(mean, nights.counts_lost),
        spread(values, nights.launched),
    )
    is_reported = ~np.isnan(nights.lost)
    if "lost_spread" in values and is_reported.any():
        stopped = (nights.launched - nights.leaked)[is_reported]
        lost = _inside(mean.lost[..., is_reported] / (1.0 - mean.leaked[..., is_reported]))
        log_p[..., is_reported] += beta_binomial.log_weight(
            nights.lost[is_reported], stopped, lost, values["lost_spread"]
        )
    return np.asarray(log_p)


def _called_leaked(mean: Shares, counts_lost: Bools) -> Floats:
    """The share that reports count as leaked: all that is not shot if the lost are not counted."""
    return _inside(np.where(counts_lost, mean.leaked, 1.0 - mean.shot))


def _inside(share: Floats) -> Floats:
    return np.clip(share, _END, 1.0 - _END)


# --- about the maximum -------------------------------------------------------------------------

Function = Callable[[Floats], float]


def _slope(loss: Function, at: Floats, step: float = 1e-3) -> Floats:
    """First derivatives by central differences."""
    return np.array([loss(at + s) - loss(at - s) for s in step * np.eye(len(at))]) / (2.0 * step)


def _curvature(loss: Function, at: Floats, step: float = 0.1) -> Floats:
    """Second derivatives by central differences."""
    size = len(at)
    steps = step * np.eye(size)
    middle = loss(at)
    up = np.array([loss(at + one) for one in steps])
    down = np.array([loss(at - one) for one in steps])
    found = np.diag(up + down - 2.0 * middle)
    for i in range(size):
        for j in range(i):
            both = loss(at + steps[i] + steps[j]) + loss(at - steps[i] - steps[j])
            one_each = up[i] + up[j] + down[i] + down[j] - 2.0 * middle
            found[i, j] = found[j, i] = 0.5 * (both - one_each)
    return np.asarray(found / step**2)


def _root(curvature: Floats) -> Floats:
    """A square root of the inverse; eigenvalues are at least half of the prior's, which are 1."""
    value, vector = np.linalg.eigh(curvature)
    return np.asarray(vector / np.sqrt(np.maximum(value, 0.5)))


def _cut_weights(log_weight: Floats) -> Floats:
    """Weights that add up to 1, truncated at the mean times the square root of their number."""
    weight = np.exp(log_weight - log_weight.max())
    weight = np.minimum(weight, weight.mean() * np.sqrt(len(weight)))
    return np.asarray(weight / weight.sum())
