"""What polls say of a public is read as an item of its side's reservation, and of what wanders.

Each respondent has a reservation of his own. They lie about their side's, by a logistic law of a
`spread` s, and a question asks where they stand on that scale (a graded response). On the day t
the share that is ready, in logits, is seen as

    a - r(t) / s + w(t) + e,

r the side's reservation, a of the item (its wording, its pollster: N(0, 2^2), so that no level
counts, only changes), e the error of the wave, and w a random walk of `wander` a year from the
first day on, which carries what no mechanism here moves. Each attitude of a side, to end the war
or to concede, has an s and a w of its own. Given these two, waves are jointly normal; over the
candidates of both the likelihood is summed. Source: samejima1969, kennedy_ohagan2001.
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
"""Of an item's level, in logits: from 12 to 88 % of an even split, two thirds of the time."""
_YEAR_DAYS = 365.25
_LOG_2PI = float(np.log(2.0 * np.pi))


class Attitude(NamedTuple):
    """All waves of one attitude of a side, by day: arrays over its N waves.

    `day`, `item` (a number), `logit` as seen, `sd` of its error in logits, `n` respondents, `times`
    that of a simple random sample's error a wave's is.
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
        """The side and what it is asked."""
        return f"{self.side}.{self.asks}"


def attitudes_of(scenario: Scenario, polls: Mapping[str, Poll]) -> tuple[Attitude, ...]:
    """The attitudes that polls ask for, in order of side and attitude."""
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
    """A spread and a wander."""

    spread: float
    wander: float


def candidates_of(spreads: Sequence[float], wanders: Sequence[float]) -> tuple[Candidate, ...]:
    """Every spread with every wander."""
    return tuple(Candidate(s, w) for w in wanders for s in spreads)


def covariance(attitude: Attitude, wander: float) -> Floats:
    """That of the waves about the rule: errors, the walk, and the items' levels, shape (N, N)."""
    day, same = attitude.day.astype(np.float64), attitude.item[:, None] == attitude.item
    walk = wander**2 * np.minimum.outer(day, day) / _YEAR_DAYS
    return np.diag(attitude.sd**2) + walk + ITEM_SD**2 * same


class Whitened(NamedTuple):
    """The waves of an attitude made independent, for each wander: what each adds to those before.

    `scale` (N,) are the standard deviations of each wave given all before it, `seen` (N,) the waves
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
    """What waves say of runs, one after the other.

    `log` (N, runs) are the log chances of each wave given all before it; `mean`, `sd` (N, runs) its
    law in logits as one candidate drawn by what was heard before has it. `weight` (candidates,
    runs) is what all waves leave of the candidates.
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
    """Hear the waves of an attitude in the order of their days, in every run.

    `reservations` (N, runs) are those of its side on these days, `luck` (N, runs) uniform draws by
    which a candidate is chosen. A run that ran away (not a number) has no chance of any wave.
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
    """The number of a candidate drawn in each run, by its weight."""
    below = np.cumsum(np.exp(log_weights), axis=0)
    return np.minimum((below < luck).sum(axis=0), len(log_weights) - 1)


def log_likelihood(
    attitude: Attitude, reservations: Floats, candidates: Sequence[Candidate]
) -> Floats:
    """The log chance of all waves of an attitude, shape (runs,), summed over the candidates.

    As the sum of `hear(...).log`, without going through the waves one by one.
    """
    return summed(log_likelihoods(attitude, reservations, candidates))


def summed(logs: Floats) -> Floats:
    """Log chances (candidates, runs) summed over candidates, each as likely before: (runs,)."""
    return logsumexp(logs, axis=0) - np.log(len(logs))


def log_likelihoods(
    attitude: Attitude, reservations: Floats, candidates: Sequence[Candidate]
) -> Floats:
    """The log chance of all waves by each candidate, shape (candidates, runs)."""
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
    """The number of a candidate in each run, drawn by what all waves say of it, shape (runs,)."""
    return drawn_by(log_likelihoods(attitude, reservations, candidates), luck)


def drawn_by(logs: Floats, luck: Floats) -> Ints:
    """The number of a candidate in each run, drawn by `logs`, log chances (candidates, runs)."""
    known = np.where(np.isfinite(logs), logs, 0.0)
    return _chosen(known - logsumexp(known, axis=0), luck)


class Latent(NamedTuple):
    """What a run foresees of an item before a wave's own error, in logits, shape (M, runs) each."""

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
    """An item on M later days, in each run with one candidate drawn by what all waves say of it.

    `reservations` (N, runs) are those on the days of the waves, `ahead` (M, runs) those of the
    later days `day` (M,), `luck` (runs,) uniform draws. The item has waves before. A conditional
    normal law.
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
    """Logits that waves would show, shape (N,), of one run whose reservations are these (N,)."""
    root = np.linalg.cholesky(covariance(attitude, candidate.wander))
    return -reservations / candidate.spread + root @ rng.standard_normal(len(attitude.day))
