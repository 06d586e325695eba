"""What is known of the defence, carried from night to night: learned from each, then moved on.

A member of a filter has a state with a normal law, which wanders from day to day. It gives the log
odds that a drone of the next night leaks, and a night differs from its odds by a beta-binomial law.
What came moves the log odds by quadrature, and the state along with them: a dynamic generalised
linear model, or, where the odds are the law of a night and no straight line, an extended one.
Members differ in how fast the state wanders and how much nights differ. Each counts by how likely
it made the nights before, older ones less. Sources: west1985, raftery2010.
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
"""How much of a member's log score of a day before is left: half of it after five weeks."""

_NODES, _CHANCES = np.polynomial.hermite_e.hermegauss(15)
_CHANCES = _CHANCES / _CHANCES.sum()
_END = 1e-7
_LEAST_VARIANCE = 1e-8
_LEAST_WEIGHT = 1e-3  # of a member in a forecast; all others share what it had


class Raid(NamedTuple):
    """What is known of a night before its outcome; `extras` are what else odds may hang on."""

    day: int
    launched: int
    tempo: float
    counts_lost: bool
    extras: Floats


class Look(NamedTuple):
    """Log odds to leak by member, (members,), and their slope in the state, (members, states)."""

    log_odds: Floats
    slope: Floats


@dataclass(frozen=True)
class Family:
    """Members that see a raid in one way.

    `mean` and `sd` of the state at the start and what it wanders a day (the root of its variance),
    (members, states) each; `spread` (members,) of a night, falling with its size as the law of a
    night has it: spread / (1 + n / spread_half).
    """

    name: str
    look: Callable[[Raid, Floats], Look]
    mean: Floats
    sd: Floats
    wander: Floats
    spread: Floats
    spread_half: float

    def spread_of(self, launched: int) -> Floats:
        """The spread of a raid of a size, by member."""
        return self.spread / (1.0 + launched / self.spread_half)


class State(NamedTuple):
    """A family's states after the nights up to a day: (members, states), covariances beside."""

    day: int
    mean: Floats
    covariance: Floats

    def at(self, family: Family, day: int) -> "State":
        """The same some days later, when nothing more was seen: it has wandered."""
        wandered = (day - self.day) * family.wander**2
        return State(
            day, self.mean, self.covariance + wandered[:, :, None] * np.eye(len(wandered[0]))
        )


class Known(NamedTuple):
    """What filters know after the nights up to one: states by family, and log weights."""

    states: tuple[State, ...]
    log_score: Floats

    @property
    def day(self) -> int:
        """The day of the last night that was learned from."""
        return self.states[0].day


def unlearned(families: Sequence[Family], day: int) -> Known:
    """What is known before any night: families count alike, and so do the members of each."""
    states = tuple(
        State(day, family.mean, (family.sd**2)[:, :, None] * np.eye(family.sd.shape[1]))
        for family in families
    )
    return Known(states, np.zeros(sum(len(family.spread) for family in families)))


def learned(families: Sequence[Family], known: Known, raid: Raid, leaked: int) -> Known:
    """What is known after a night."""
    states, evidence = [], []
    for family, state in zip(families, known.states, strict=True):
        moved, log_p = _learned(family, state.at(family, raid.day), raid, leaked)
        states.append(moved)
        evidence.append(log_p)
    faded = known.log_score * REMEMBERED_A_DAY ** (raid.day - known.day)
    return Known(tuple(states), faded + np.concatenate(evidence))


def _learned(family: Family, state: State, raid: Raid, leaked: int) -> tuple[State, Floats]:
    """The state after a night, and the log chance that it gave to what came, by member."""
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
    """A forecast of a night: log odds and spread of some laws, and their weights, (laws,) each."""

    log_odds: Floats
    spread: Floats
    weight: Floats

    def cumulative(self, launched: int) -> Floats:
        """The law of the leaked, (launched + 1,)."""
        return beta_binomial.cumulative(launched, _chance(self.log_odds), self.spread, self.weight)

    @property
    def p(self) -> float:
        """The mean chance to leak."""
        return float(_chance(self.log_odds) @ self.weight)


def forecast(families: Sequence[Family], known: Known, raid: Raid) -> Odds:
    """What is to be expected of a raid from what is known on an earlier day."""
    parts = [
        _forecast(family, state.at(family, raid.day), raid, weight)
        for family, state, weight in zip(
            families, known.states, weights(families, known), strict=True
        )
    ]
    odds, spread, weight = (np.concatenate(values) for values in zip(*parts, strict=True))
    return Odds(odds, spread, weight / weight.sum())


def weights(families: Sequence[Family], known: Known) -> list[Floats]:
    """How much each member counts, by family; all add up to 1."""
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
