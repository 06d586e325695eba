"""Recovery: which theories the available polls could tell apart, if one of them were true.

For each model of one mechanism, for none, and for some pairs, synthetic records are made: a war,
with answers at the dates and with the errors of the real polls. Each is weighed as the real record
is. The result is a confusion matrix: how probable each model is when another is true. Theories that
the polls confuse form a family. Source: talts2018 for the ranks of the strengths.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.special import logsumexp
from scipy.stats import chi2

from sim.evidence.polls.forecast import effective_runs, weights
from sim.evidence.weighing.measurement import Candidate, simulated, whitened
from sim.evidence.weighing.models import TOLD_BY, bayes_factor
from sim.evidence.weighing.names import NONE
from sim.evidence.weighing.weighing import Observed, Together, Weighed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Figures = dict[str, Any]

TOLD_APART = 0.8
"""Two theories are told apart if the true one is the likelier in this share of synthetic records.

Theories are merged into families while on average over their pairs they are not told apart.
"""
LEAST_EFFECTIVE = 100.0
"""The least effective number of wars with which a synthetic record is weighed."""
_LOG_2PI = float(np.log(2.0 * np.pi))
_BINS = 10


class Reader:
    """Computes the likelihood of any answers to the waves in the same wars, for many answers."""

    def __init__(self, observed: Observed, reservations: list[Floats]) -> None:
        self.candidates = observed.candidates
        self.there = np.all([np.isfinite(each).all(axis=0) for each in reservations], axis=0)
        self._parts = []
        for attitude, each in zip(observed.attitudes, reservations, strict=True):
            kept = np.where(self.there, each, 0.0)
            by_wander = {}
            for wander in {candidate.wander for candidate in self.candidates}:
                scale, _, rule = whitened(attitude, wander, kept)
                root = whitened(attitude, wander, np.eye(len(attitude.day))).rule
                by_wander[wander] = (np.log(scale).sum(), root, rule, (rule**2).sum(axis=0))
            self._parts.append(by_wander)

    def log_likelihood(self, answers: list[Floats]) -> Floats:
        """The log likelihood in each war, shape (runs,), of answers: logits (N,) by attitude."""
        total = np.where(self.there, 0.0, -np.inf)
        for by_wander, seen in zip(self._parts, answers, strict=True):
            logs = np.empty((len(self.candidates), len(total)))
            white = {w: root @ seen for w, (_, root, _, _) in by_wander.items()}
            cross = {w: 2.0 * (white[w] @ rule) for w, (_, _, rule, _) in by_wander.items()}
            for log, (spread, wander) in zip(logs, self.candidates, strict=True):
                size, _, _, squared = by_wander[wander]
                left = white[wander] @ white[wander] + cross[wander] / spread + squared / spread**2
                log[:] = -0.5 * (left + len(seen) * _LOG_2PI) - size
            largest = logs.max(axis=0)
            np.exp(np.subtract(logs, largest, out=logs), out=logs)
            total += largest + np.log(logs.mean(axis=0))
        return total


class Recovered(NamedTuple):
    """The probability of each model when another is true, and what follows from it.

    `held` (true, held) is the mean probability of a model over synthetic records of another; `told`
    (models, models) the share of records in which the true one of two is the likelier, either being
    true; `families` the number of the family of each model except the pairs, which are the last of
    `models` and in no family.
    """

    models: tuple[str, ...]
    held: Floats
    first: Floats
    told: Floats
    families: Ints

    def matrix(self) -> pd.DataFrame:
        """One row per pair of models: `true`, `held`, mean probability, how often it is first."""
        pairs = [(t, h) for t in range(len(self.models)) for h in range(len(self.models))]
        return pd.DataFrame(
            {
                "true": [self.models[t] for t, _ in pairs],
                "held": [self.models[h] for _, h in pairs],
                "chance": [float(self.held[t, h]) for t, h in pairs],
                "first": [float(self.first[t, h]) for t, h in pairs],
                "told apart": [float(self.told[t, h]) for t, h in pairs],
            }
        )

    def family(self, model: str) -> str:
        """The name of a model's family: `none` if that is in it, else its members in order."""
        number = self.families[self.models.index(model)]
        members = [m for m, k in zip(self.models, self.families, strict=False) if k == number]
        return NONE if NONE in members else "/".join(members)

    @property
    def members(self) -> list[list[str]]:
        """The families in order, each as a list of its members."""
        found: dict[int, list[str]] = {}
        for model, number in zip(self.models, self.families.tolist(), strict=False):
            found.setdefault(number, []).append(model)
        return list(found.values())


def recover(
    alone: Mapping[str, Weighed],
    pairs: Mapping[str, Weighed],
    observed: Observed,
    repeats: int,
    seed: int,
) -> Recovered:
    """Make `repeats` synthetic records of each model, alone or a pair, and weigh each by all."""
    rng = np.random.default_rng([seed, 1])
    weighed = {**alone, **pairs}
    models = tuple(weighed)
    reservations = [
        np.concatenate([observed.reservations(each, one.wars) for one in weighed.values()], axis=1)
        for each in observed.attitudes
    ]
    bounds = np.cumsum([0, *(len(one.wars.runs) for one in weighed.values())])
    reader = Reader(observed, reservations)
    evidence = np.empty((len(models), repeats, len(models)))
    for true in range(len(models)):
        able = np.flatnonzero(reader.there[bounds[true] : bounds[true + 1]]) + bounds[true]
        for repeat in range(repeats):
            run = int(rng.choice(able))
            logs = reader.log_likelihood(_made_up(observed, reservations, run, rng))
            logs[run] = -np.inf  # exclude the war that the record was made from
            for model in range(len(models)):
                own = logs[bounds[model] : bounds[model + 1]]
                evidence[true, repeat, model] = logsumexp(own) - np.log(len(own) - (model == true))
    return _recovered(models, len(alone), evidence)


def _recovered(models: tuple[str, ...], singles: int, evidence: Floats) -> Recovered:
    """The summary of log evidence (true, repeats, held); families are of the first `singles`."""
    chance = np.exp(evidence - logsumexp(evidence, axis=2, keepdims=True))
    is_first = evidence.argmax(axis=2)
    first = np.stack([(is_first == m).mean(axis=1) for m in range(len(models))], axis=1)
    own = np.take_along_axis(evidence, np.arange(len(models))[:, None, None], axis=2)
    beats = (own > evidence).mean(axis=1) + 0.5 * (own == evidence).mean(axis=1)
    told = 0.5 * (beats + beats.T)
    families = families_of(told[:singles, :singles])
    return Recovered(models, chance.mean(axis=1), first, told, families)


def families_of(told: Floats) -> Ints:
    """Families of models, by average linkage of how often the true one of two is found.

    Numbered from 0 in the order of their first members.
    """
    apart = np.clip(told - 0.5, 0.0, 0.5)
    np.fill_diagonal(apart, 0.0)
    joined = linkage(squareform(apart, checks=False), "average")
    numbers = fcluster(joined, TOLD_APART - 0.5, "distance")
    order = {number: place for place, number in enumerate(dict.fromkeys(numbers.tolist()))}
    return np.array([order[number] for number in numbers.tolist()])


def _made_up(
    observed: Observed, reservations: list[Floats], run: int, rng: np.random.Generator
) -> list[Floats]:
    """Synthetic answers to all waves in one war, with a candidate drawn for each attitude."""
    answers = []
    for attitude, each in zip(observed.attitudes, reservations, strict=True):
        candidate: Candidate = observed.candidates[rng.integers(len(observed.candidates))]
        answers.append(simulated(attitude, each[:, run], candidate, rng))
    return answers


class Ranks(NamedTuple):
    """The rank of the true strength in its posterior, for each synthetic record.

    `ranks` (mechanisms, records) are uniform between 0 and 1 if the weighing is right; `p` is the
    p-value of a chi-square test over ten classes. `left_out` records could not be weighed.
    """

    mechanisms: tuple[str, ...]
    ranks: Floats
    p: Floats
    left_out: int

    def table(self) -> pd.DataFrame:
        """One row per mechanism and record."""
        count = self.ranks.shape[1]
        return pd.DataFrame(
            {
                "mechanism": np.repeat(self.mechanisms, count),
                "record": np.tile(np.arange(count), len(self.mechanisms)),
                "rank": self.ranks.reshape(-1),
            }
        )


class _Weigher:
    """Weighs synthetic records by the joint wars that were drawn from the prior."""

    def __init__(self, together: Together, observed: Observed) -> None:
        self.observed = observed
        self.wars = together.weighed.wars.of(np.arange(together.by_prior))
        self.reservations = [observed.reservations(each, self.wars) for each in observed.attitudes]
        self._reader = Reader(observed, self.reservations)
        self.able = np.flatnonzero(self._reader.there)

    def weight(self, answers: list[Floats], but: int | None = None) -> Floats | None:
        """The weight of each war, one of them left out; None if too few effective wars remain."""
        logs = self._reader.log_likelihood(answers)
        if but is not None:
            logs[but] = -np.inf
        weight = weights(logs)
        return weight if effective_runs(weight) >= LEAST_EFFECTIVE else None


def ranks(together: Together, observed: Observed, records: int, seed: int) -> Ranks:
    """Ranks of the true strengths in synthetic records of joint wars. Source: talts2018.

    A strength of 0 ties with all that are 0 and is placed among them at random. A record with fewer
    than LEAST_EFFECTIVE effective wars is left out; this depends on the record alone, so the ranks
    of the others are still uniform.
    """
    rng = np.random.default_rng([seed, 2])
    weigher = _Weigher(together, observed)
    strengths = weigher.wars.strengths
    found: list[Floats] = []
    for _ in range(records):
        run = int(rng.choice(weigher.able))
        answers = _made_up(observed, weigher.reservations, run, rng)
        luck = rng.random(len(strengths))
        weight = weigher.weight(answers, but=run)
        if weight is not None:
            true = strengths[:, run : run + 1]
            found.append((strengths < true) @ weight + luck * ((strengths == true) @ weight))
    kept = np.array(found).reshape(-1, len(strengths)).T
    expected = max(kept.shape[1], 1) / _BINS
    counts = np.stack([np.histogram(r, _BINS, (0.0, 1.0))[0] for r in kept])
    p = chi2.sf(((counts - expected) ** 2 / expected).sum(axis=1), _BINS - 1)
    return Ranks(observed.question.mechanisms, kept, p, records - kept.shape[1])


def news(
    together: Together,
    models: Mapping[str, Weighed],
    acting: Mapping[str, tuple[int, ...]],
    observed: Observed,
    records: int,
    seed: int,
) -> pd.DataFrame:
    """Which mechanisms synthetic records speak for by a factor of TOLD_BY, weighed as the real one.

    `acting` are the numbers of the mechanisms that act in each of the `models`, of which one is
    that of none. One row per model: `true`, how many `records` were weighed and how many were
    `left_out`; in what share of them the weighing speaks for a mechanism that acts (`found`), for
    all of them (`all_found`), and for one that does not act (`false`); then the share by mechanism.
    """
    rng = np.random.default_rng([seed, 7])
    weigher = _Weigher(together, observed)
    acts = weigher.wars.strengths > 0.0
    rows: list[Figures] = []
    for model in (NONE, *(name for name in models if name != NONE)):
        wars = models[model].wars
        reservations = [observed.reservations(each, wars) for each in observed.attitudes]
        able = np.flatnonzero(np.all([np.isfinite(r).all(axis=0) for r in reservations], axis=0))
        told: list[NDArray[np.bool_]] = []
        for _ in range(records):
            run = int(rng.choice(able))
            weight = weigher.weight(_made_up(observed, reservations, run, rng))
            if weight is not None:
                told.append(np.array([bayes_factor(float(p)) >= TOLD_BY for p in acts @ weight]))
        spoken = np.array(told).reshape(-1, len(acts))
        rows.append(
            {"true": model, "records": len(spoken), "left_out": records - len(spoken)}
            | _news(spoken, np.isin(np.arange(len(acts)), acting[model]))
            | dict(zip(observed.question.mechanisms, _shares(spoken), strict=True))
        )
    return pd.DataFrame(rows)


def _news(spoken: NDArray[np.bool_], is_true: NDArray[np.bool_]) -> Figures:
    """The shares of records (rows) that speak for one acting mechanism, all acting, one not acting.

    NaN if there are no records, and the first two also if none acts.
    """
    found, false = spoken[:, is_true], spoken[:, ~is_true]
    some, every, other = _shares(
        np.column_stack([found.any(axis=1), found.all(axis=1), false.any(axis=1)])
    )
    return {
        "found": some if is_true.any() else np.nan,
        "all_found": every if is_true.any() else np.nan,
        "false": other,
    }


def _shares(of: NDArray[np.bool_]) -> list[float]:
    """The share of rows in which each column holds."""
    return list(map(float, of.mean(axis=0))) if len(of) else [float("nan")] * of.shape[1]
