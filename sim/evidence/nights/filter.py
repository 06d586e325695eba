"""A filter for the strength of the defence, updated after each night and propagated to the next.

Each member of a filter has a normal state that follows a random walk from day to day. The state
gives the log odds that a drone of the next night leaks, and the leakers of a night are
beta-binomial about these odds. An outcome updates the log odds by quadrature, and the state with
them: a dynamic generalised linear model, or an extended one if the odds follow the law of a night,
which is not linear. Members differ in how fast the state moves and how much nights differ. Each is
weighted by the likelihood it gave to earlier nights, older ones discounted. Sources: west1985,
raftery2010.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from sim.evidence.nights import beta_binomial

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REMEMBERED_A_DAY = 0.98
"""The discount of a member's log score per day: it halves in five weeks."""

_NODES, _CHANCES = np.polynomial.hermite_e.hermegauss(15)
_CHANCES = _CHANCES / _CHANCES.sum()
_END = 1e-7
_LEAST_VARIANCE = 1e-8
_LEAST_WEIGHT = 1e-3  # of a member used in a forecast; the weights of the rest are renormalised


class Raid(NamedTuple):
    """What is known of a night before its outcome; `extras` are further regressors."""

    day: int
    launched: int
    tempo: float
    counts_lost: bool
    extras: Floats


class Look(NamedTuple):
    """Log odds to leak by member, (members,), and their gradient, (members, states)."""

    log_odds: Floats
    slope: Floats


@dataclass(frozen=True)
class Family:
    """Members that map a raid to log odds in the same way.

    `mean` and `sd` of the initial state and the standard deviation `wander` of its daily change,
    (members, states) each; `spread` (members,) of a night, which falls with its size as in the law
    of a night: spread / (1 + n / spread_half).
    """

    name: str
    look: Callable[[Raid, Floats], Look]
    mean: Floats
    sd: Floats
    wander: Floats
    spread: Floats
    spread_half: float

    def spread_of(self, launched: int) -> Floats:
        """The spread of a raid of a given size, by member."""
        return self.spread / (1.0 + launched / self.spread_half)


class State(NamedTuple):
    """A family's states after the nights up to a day: means (members, states), and covariances."""

    day: int
    mean: Floats
    covariance: Floats

    def at(self, family: Family, day: int) -> "State":
        """The state some days later if nothing more was observed: its variance has grown."""
        wandered = (day - self.day) * family.wander**2
        return State(
            day, self.mean, self.covariance + wandered[:, :, None] * np.eye(len(wandered[0]))
        )


class Known(NamedTuple):
    """What filters know after a night: states by family, and log weights of members."""

    states: tuple[State, ...]
    log_score: Floats

    @property
    def day(self) -> int:
        """The day of the last night that was learned from."""
        return self.states[0].day


def unlearned(families: Sequence[Family], day: int) -> Known:
    """The prior, before any night: equal weight for each family, and for each member within it."""
    states = tuple(
        State(day, family.mean, (family.sd**2)[:, :, None] * np.eye(family.sd.shape[1]))
        for family in families
    )
    return Known(states, np.zeros(sum(len(family.spread) for family in families)))


def learned(families: Sequence[Family], known: Known, raid: Raid, leaked: int) -> Known:
    """What is known after the outcome of a night."""
    states, evidence = [], []
    for family, state in zip(families, known.states, strict=True):
        moved, log_p = _learned(family, state.at(family, raid.day), raid, leaked)
        states.append(moved)
        evidence.append(log_p)
    faded = known.log_score * REMEMBERED_A_DAY ** (raid.day - known.day)
    return Known(tuple(states), faded + np.concatenate(evidence))


def _learned(family: Family, state: State, raid: Raid, leaked: int) -> tuple[State, Floats]:
    """The state after a night, and the log likelihood of its outcome, by member."""
    look = family.look(raid, state.mean)
    pull = np.einsum("mij,mj->mi", state.covariance, look.slope)
    before = np.maximum((look.slope * pull).sum(1), _LEAST_VARIANCE)
    log_odds = look.log_odds[:, None] + np.sqrt(before)[:, None] * _NODES
    p, spread = _chance(log_odds), family.spread_of(raid.launched)[:, None]
    log_p = beta_binomial.log_chance(float(leaked), float(raid.launched), p, spread)
    top = log_p.max(axis=1, keepdims=True)
    weight = np.exp(log_p - top) * _CHANCES
    sums = weight.sum(1)
    weight /= sums[:, None]
    centre = (weight * log_odds).sum(1)
    after = (weight * (log_odds - centre[:, None]) ** 2).sum(1)
    step = pull / before[:, None]
    mean = state.mean + step * (centre - look.log_odds)[:, None]
    shrunk = (before - np.maximum(after, _LEAST_VARIANCE))[:, None, None]
    covariance = state.covariance - shrunk * step[:, :, None] * step[:, None, :]
    return State(raid.day, mean, covariance), np.log(sums) + top[:, 0]


class Odds(NamedTuple):
    """A forecast of a night as a mixture: log odds, spreads and weights, (laws,) each."""

    log_odds: Floats
    spread: Floats
    weight: Floats

    def cumulative(self, launched: int) -> Floats:
        """The cumulative distribution of leakers, (launched + 1,)."""
        return beta_binomial.cumulative(launched, _chance(self.log_odds), self.spread, self.weight)

    @property
    def p(self) -> float:
        """The mean probability to leak."""
        return float(_chance(self.log_odds) @ self.weight)


def forecast(families: Sequence[Family], known: Known, raid: Raid) -> Odds:
    """The forecast of a raid from what is known on an earlier day."""
    parts = [
        _forecast(family, state.at(family, raid.day), raid, weight)
        for family, state, weight in zip(
            families, known.states, weights(families, known), strict=True
        )
    ]
    odds, spread, weight = (np.concatenate(values) for values in zip(*parts, strict=True))
    return Odds(odds, spread, weight / weight.sum())


def weights(families: Sequence[Family], known: Known) -> list[Floats]:
    """The weight of each member, by family; all add up to 1."""
    sizes = [len(family.spread) for family in families]
    weight = np.exp(known.log_score - known.log_score.max())
    weight = weight / np.repeat(sizes, sizes)
    return np.split(weight / weight.sum(), np.cumsum(sizes)[:-1])


def _forecast(family: Family, state: State, raid: Raid, weight: Floats) -> Odds:
    chosen = weight > _LEAST_WEIGHT
    look = family.look(raid, state.mean[chosen])
    variance = np.einsum("mi,mij,mj->m", look.slope, state.covariance[chosen], look.slope)
    sd = np.sqrt(np.maximum(variance, _LEAST_VARIANCE))
    return Odds(
        (look.log_odds[:, None] + sd[:, None] * _NODES).ravel(),
        np.repeat(family.spread_of(raid.launched)[chosen], len(_NODES)),
        (weight[chosen][:, None] * _CHANCES).ravel(),
    )


def _chance(log_odds: Floats) -> Floats:
    return np.clip(expit(log_odds), _END, 1.0 - _END)
