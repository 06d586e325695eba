"""Polls of a public as measurements of its side's reservation, plus a random walk.

Each respondent has a reservation. They are logistically distributed about their side's, with a
`spread` s, and a question asks where they stand on that scale (a graded response). On day t the
share that is ready, in logits, is

    a - r(t) / s + w(t) + e,

where r is the side's reservation, a is the level of the item (its wording, its pollster: N(0, 2^2),
so that only changes count), e is the error of the wave, and w is a random walk with `wander` per
year from the first day on, which covers what no mechanism here moves. Each attitude of a side, to
end the war or to concede, has its own s and w. Given s and `wander`, waves are jointly normal; the
likelihood is averaged over candidates for both. Source: samejima1969, kennedy_ohagan2001.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import logit, logsumexp

from sim.evidence.polls.forecast import error_of
from sim.scenario.schema import Poll, Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ITEM_SD = 2.0
"""Prior sd of an item's level, in logits: from an even split to 12 or 88 % within one sd."""
_YEAR_DAYS = 365.25
_LOG_2PI = float(np.log(2.0 * np.pi))


class Attitude(NamedTuple):
    """All waves of one attitude of a side, by day: arrays over its N waves.

    `day`, `item` (a number), observed `logit`, `sd` of its error in logits, `n` respondents,
    `times` its error relative to a simple random sample.
    """

    side: str
    asks: str
    items: tuple[str, ...]
    day: Ints
    item: Ints
    logit: Floats
    sd: Floats
    n: Floats
    times: Floats

    @property
    def name(self) -> str:
        """The side and the question."""
        return f"{self.side}.{self.asks}"


def attitudes_of(scenario: Scenario, polls: Mapping[str, Poll]) -> tuple[Attitude, ...]:
    """The attitudes that polls ask about, in order of side and attitude."""
    asked = sorted({(list(scenario.sides).index(p.of), p.asks) for p in polls.values()})
    return tuple(_attitude(scenario, polls, list(scenario.sides)[k], asks) for k, asks in asked)


def _attitude(scenario: Scenario, polls: Mapping[str, Poll], side: str, asks: str) -> Attitude:
    own = {name: poll for name, poll in polls.items() if poll.of == side and poll.asks == asks}
    rows = sorted(
        (scenario.day_of(wave.date), number, wave.soft.value, (wave.n or poll.n).value,
         poll.error_times.value)
        for number, poll in enumerate(own.values())
        for wave in poll.waves
    )  # fmt: skip
    day, item, share, n, times = np.array(rows, np.float64).T
    return Attitude(
        side, asks, tuple(own), day.astype(np.int64), item.astype(np.int64), logit(share),
        error_of(share, n, times), n, times,
    )  # fmt: skip


class Candidate(NamedTuple):
    """A candidate pair of spread and wander."""

    spread: float
    wander: float


def candidates_of(spreads: Sequence[float], wanders: Sequence[float]) -> tuple[Candidate, ...]:
    """Every combination of spread and wander."""
    return tuple(Candidate(s, w) for w in wanders for s in spreads)


def covariance(attitude: Attitude, wander: float) -> Floats:
    """The covariance of the waves about the rule: errors, walk and item levels, shape (N, N)."""
    day, same = attitude.day.astype(np.float64), attitude.item[:, None] == attitude.item
    walk = wander**2 * np.minimum.outer(day, day) / _YEAR_DAYS
    return np.diag(attitude.sd**2) + walk + ITEM_SD**2 * same


class Whitened(NamedTuple):
    """The waves of an attitude, whitened for a value of wander: the innovation of each.

    `scale` (N,) has the standard deviation of each wave given all before it, `seen` (N,) the waves
    and `rule` (N, runs) the reservations on their days, both whitened.
    """

    scale: Floats
    seen: Floats
    rule: Floats


def whitened(attitude: Attitude, wander: float, reservations: Floats) -> Whitened:
    """Waves and reservations (N, runs) whitened by the waves' covariance."""
    root = np.linalg.cholesky(covariance(attitude, wander))
    return Whitened(
        np.diag(root),
        solve_triangular(root, attitude.logit, lower=True),
        solve_triangular(root, reservations, lower=True),
    )


class Heard(NamedTuple):
    """The likelihood of successive waves in each run.

    `log` (N, runs) is the log likelihood of each wave given all before it; `mean`, `sd` (N, runs)
    its forecast in logits, by one candidate drawn from its posterior before the wave. `weight`
    (candidates, runs) is the posterior of the candidates after all waves.
    """

    log: Floats
    mean: Floats
    sd: Floats
    weight: Floats


def hear(
    attitude: Attitude,
    reservations: Floats,
    candidates: Sequence[Candidate],
    luck: Floats,
) -> Heard:
    """Process the waves of an attitude in the order of their days, in every run.

    `reservations` (N, runs) are its side's on these days, `luck` (N, runs) are uniform draws that
    choose a candidate. A run that diverged (NaN) has likelihood 0.
    """
    runs = reservations.shape[1]
    there = np.isfinite(reservations).all(axis=0)
    kept = np.where(there, reservations, 0.0)
    by_wander = {w: whitened(attitude, w, kept) for w in {c.wander for c in candidates}}
    known = np.zeros((len(candidates), runs))
    log, mean, sd = (np.empty((len(attitude.day), runs)) for _ in range(3))
    for wave, seen in enumerate(attitude.logit):
        before = logsumexp(known, axis=0)
        chosen = _chosen(known - before, luck[wave])
        for place, (spread, wander) in enumerate(candidates):
            scale, whole, rule = by_wander[wander]
            left = whole[wave] + rule[wave] / spread
            is_chosen = chosen == place
            mean[wave, is_chosen] = seen - left[is_chosen] * scale[wave]
            sd[wave, is_chosen] = scale[wave]
            known[place] += -0.5 * (left**2 + _LOG_2PI) - np.log(scale[wave])
        log[wave] = np.where(there, logsumexp(known, axis=0) - before, -np.inf)
    return Heard(log, mean, sd, np.exp(known - logsumexp(known, axis=0)))


def _chosen(log_weights: Floats, luck: Floats) -> Ints:
    """The number of a candidate drawn in each run, by weight."""
    below = np.cumsum(np.exp(log_weights), axis=0)
    return np.minimum((below < luck).sum(axis=0), len(log_weights) - 1)


def log_likelihood(
    attitude: Attitude, reservations: Floats, candidates: Sequence[Candidate]
) -> Floats:
    """The log likelihood of all waves of an attitude, shape (runs,), averaged over candidates.

    Equals the sum of `hear(...).log`, without processing the waves one by one.
    """
    return summed(log_likelihoods(attitude, reservations, candidates))


def summed(logs: Floats) -> Floats:
    """Log likelihoods (candidates, runs) averaged over equally likely candidates: (runs,)."""
    return logsumexp(logs, axis=0) - np.log(len(logs))


def log_likelihoods(
    attitude: Attitude, reservations: Floats, candidates: Sequence[Candidate]
) -> Floats:
    """The log likelihood of all waves under each candidate, shape (candidates, runs)."""
    there = np.isfinite(reservations).all(axis=0)
    kept = np.where(there, reservations, 0.0)
    by_wander = {w: whitened(attitude, w, kept) for w in {c.wander for c in candidates}}
    logs = []
    for spread, wander in candidates:
        scale, seen, rule = by_wander[wander]
        left = ((seen[:, None] + rule / spread) ** 2).sum(axis=0)
        logs.append(-0.5 * (left + len(seen) * _LOG_2PI) - np.log(scale).sum())
    return np.where(there, np.array(logs), -np.inf)


def candidate_drawn(
    attitude: Attitude, reservations: Floats, candidates: Sequence[Candidate], luck: Floats
) -> Ints:
    """The number of a candidate in each run, drawn from its posterior after all waves, (runs,)."""
    return drawn_by(log_likelihoods(attitude, reservations, candidates), luck)


def drawn_by(logs: Floats, luck: Floats) -> Ints:
    """The number of a candidate in each run, drawn by log likelihoods `logs` (candidates, runs)."""
    known = np.where(np.isfinite(logs), logs, 0.0)
    return _chosen(known - logsumexp(known, axis=0), luck)


class Latent(NamedTuple):
    """The forecast of an item in each run without a wave's error, in logits, (M, runs) each."""

    mean: Floats
    sd: Floats


def foreseen(
    attitude: Attitude,
    item: int,
    day: Ints,
    reservations: Floats,
    ahead: Floats,
    candidates: Sequence[Candidate],
    luck: Floats,
) -> Latent:
    """An item on M later days in each run, with one candidate drawn from its posterior.

    `reservations` (N, runs) are those on the days of the waves, `ahead` (M, runs) those on the
    later days `day` (M,), `luck` (runs,) are uniform draws. The item must have earlier waves. A
    conditional normal distribution.
    """
    chosen = candidate_drawn(attitude, reservations, candidates, luck)
    later = day.astype(np.float64)
    same = ITEM_SD**2 * (attitude.item == item)
    mean, sd = np.full((2, *ahead.shape), np.nan)
    for wander in {candidate.wander for candidate in candidates}:
        rate = wander**2 / _YEAR_DAYS
        with_waves = rate * np.minimum.outer(later, attitude.day.astype(np.float64)) + same
        gain = np.linalg.solve(covariance(attitude, wander), with_waves.T).T
        left = rate * later + ITEM_SD**2 - (gain * with_waves).sum(axis=1)
        for place, (spread, own) in enumerate(candidates):
            if own == wander:
                runs = chosen == place
                left_over = attitude.logit[:, None] + reservations[:, runs] / spread
                mean[:, runs] = gain @ left_over - ahead[:, runs] / spread
                sd[:, runs] = np.sqrt(left)[:, None]
    return Latent(mean, sd)


def simulated(
    attitude: Attitude, reservations: Floats, candidate: Candidate, rng: np.random.Generator
) -> Floats:
    """Simulated logits of the waves, shape (N,), in one run with reservations (N,)."""
    root = np.linalg.cholesky(covariance(attitude, candidate.wander))
    return -reservations / candidate.spread + root @ rng.standard_normal(len(attitude.day))
