"""The value of information: what each observation not yet made would tell about the theories.

The unknown is which of the models of one mechanism, or none, holds, with the probabilities that the
record leaves. The worth of an observation is its expected information about that, in bits: 0 if all
models forecast the same, at most the entropy of the unknown. In addition, in joint wars, what it
would tell about whether one mechanism acts. Source: lindley1956.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, log_ndtr, ndtr, ndtri, softmax

from sim.evidence.polls.forecast import error_of, resampled
from sim.evidence.weighing import meetings
from sim.evidence.weighing.ensemble import Wars, days_ahead, days_kept
from sim.evidence.weighing.measurement import Attitude, Latent, foreseen
from sim.evidence.weighing.question import Question
from sim.evidence.weighing.weighing import Observed, Together, Weighed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Figures = dict[str, Any]

GROUPS = 8
"""The number of groups of the jackknife, for error and bias (tukey1958)."""
NO_STEP = "none"
_CELLS = 240
_Z95 = float(ndtri(0.975))
_TOGETHER_NAME = "everything"
_TOGETHER = 4000  # joint wars used
_REACH = 6.0  # standard deviations beyond nearly all means, to bound the answers


# --- information ---------------------------------------------------------------------------------


def information(chances: Floats, p: Floats) -> float:
    """The expected information of an observation about which of M models holds, in bits.

    `chances` (M, outcomes) are those of each outcome under each model, adding up to 1 over
    outcomes, `p` (M,) the prior probabilities of the models. This is their mutual information.
    """
    whole = p @ chances
    there = chances > 0.0
    ratio = np.divide(chances, whole, out=np.ones_like(chances), where=there & (whole > 0.0))
    return float(np.sum(p[:, None] * chances * np.log2(ratio)))


class Bits(NamedTuple):
    """Information with its small-sample bias removed, and 95 % of its Monte Carlo error."""

    value: float
    error: float


def jackknifed(models: list[tuple[Floats, Floats, Ints]], p: Floats) -> Bits:
    """The information if each model is represented by wars: chances, weights, and their groups.

    For each model chances (outcomes, runs), weights (runs,) and group numbers (runs,) below GROUPS.
    With few wars, models differ by chance; the jackknife removes this bias.
    """
    sums = np.array([_grouped(*model) for model in models])  # (models, groups, outcomes + 1)
    whole = sums.sum(axis=1)
    every = information(_shares(whole), p)
    left = np.array([information(_shares(whole - sums[:, g]), p) for g in range(GROUPS)])
    value = GROUPS * every - (GROUPS - 1) * left.mean()
    error = np.sqrt((GROUPS - 1) / GROUPS * np.sum((left - left.mean()) ** 2))
    return Bits(float(max(value, 0.0)), _Z95 * float(error))


def _grouped(chances: Floats, weight: Floats, group: Ints) -> Floats:
    """Weighted chances and weights summed by group, shape (groups, outcomes + 1)."""
    told = np.vstack([chances * weight, weight])
    return np.stack([told[:, group == g].sum(axis=1) for g in range(GROUPS)])


def _shares(sums: Floats) -> Floats:
    return sums[:, :-1] / np.maximum(sums[:, -1:], 1e-300)


# --- what may be observed ------------------------------------------------------------------------


class Asked(NamedTuple):
    """A possible observation: its kind, its item or offer, its month, and the step before it."""

    kind: str  # poll, round
    of: str
    month: str
    step: str


class Foreseen(NamedTuple):
    """The chances of its outcomes in each war, by source of the wars: (outcomes, runs)."""

    asked: Asked
    chances: dict[str, Floats]


def observations(
    observed: Observed, sources: Mapping[str, Wars], step: str, seed: int
) -> Iterator[Foreseen]:
    """All polls and rounds that may be observed in wars of these sources, after a step or none."""
    question = observed.question
    days = _days_after(question, step)
    yield from _polls(observed, sources, step, days, seed)
    if step == NO_STEP:
        yield from _rounds(observed, sources, days)


def _days_after(question: Question, step: str) -> Ints:
    """The months ahead whose middle is after the end of a step."""
    days, asked = days_ahead(question), question.experiment.next
    assert asked is not None
    return (
        days[days > question.scenario.day_of(asked.steps[step].last)] if step != NO_STEP else days
    )


def _polls(
    observed: Observed, sources: Mapping[str, Wars], step: str, days: Ints, seed: int
) -> Iterator[Foreseen]:
    question, asked = observed.question, observed.question.experiment.next
    assert asked is not None
    side_of = list(question.scenario.sides)
    places = np.searchsorted(days_kept(question), days)
    for number, attitude in enumerate(observed.attitudes):
        side = side_of.index(attitude.side)
        for item, name in enumerate(attitude.items):
            laws = {}
            for source, wars in sources.items():
                luck = np.random.default_rng([seed, 5, number, item]).random(len(wars.runs))
                latent = foreseen(
                    attitude, item, days, observed.reservations(attitude, wars),
                    wars.reservations[side, places], observed.candidates, luck,
                )  # fmt: skip
                laws[source] = latent.mean, _with_error(attitude, item, latent, asked.respondents)
            for place, day in enumerate(days):
                told = {source: (mean[place], sd[place]) for source, (mean, sd) in laws.items()}
                month = f"{question.scenario.date_of(int(day)):%Y-%m}"
                yield Foreseen(Asked("poll", name, month, step), _cells(told))


def _with_error(attitude: Attitude, item: int, latent: Latent, respondents: int) -> Floats:
    """The standard deviation of a poll with so many respondents, its own error included."""
    times = float(np.median(attitude.times[attitude.item == item]))
    return np.hypot(latent.sd, error_of(expit(latent.mean), float(respondents), times))


def _cells(laws: Mapping[str, tuple[Floats, Floats]]) -> dict[str, Floats]:
    """Normal distributions, one per war, as chances of cells common to all sources."""
    means = np.concatenate([mean for mean, _ in laws.values()])
    sds = np.concatenate([sd for _, sd in laws.values()])
    there = np.isfinite(means)
    ends = np.nanquantile(means[there], (0.001, 0.999))
    reach = _REACH * float(np.median(sds[there]))
    edges = np.linspace(ends[0] - reach, ends[1] + reach, _CELLS + 1)
    return {source: _in_cells(edges, mean, sd) for source, (mean, sd) in laws.items()}


def _in_cells(edges: Floats, mean: Floats, sd: Floats) -> Floats:
    """The chance of each cell in each war; the outermost cells are unbounded."""
    there = np.isfinite(mean)
    below = ndtr((edges[1:-1, None] - np.where(there, mean, 0.0)) / np.where(there, sd, 1.0))
    whole = np.vstack([np.zeros(len(mean)), below, np.ones(len(mean))])
    return np.diff(whole, axis=0)


def _rounds(observed: Observed, sources: Mapping[str, Wars], days: Ints) -> Iterator[Foreseen]:
    """In a round each side accepts or rejects a share of what is at stake: four outcomes."""
    question, asked = observed.question, observed.question.experiment.next
    table = question.experiment.table
    assert asked is not None
    if table is None:
        return
    kept = days_kept(question)
    weight = {
        source: meetings.candidate_weights(observed.meeting_parts(wars))
        for source, wars in sources.items()
    }
    for day in days:
        month = f"{question.scenario.date_of(int(day)):%Y-%m}"
        for offer in asked.offers:
            told = {
                source: _answers(
                    table.blur.values, len(table.p_deal.values), weight[source],
                    wars.reservations[:, np.searchsorted(kept, day)], offer,
                )
                for source, wars in sources.items()
            }  # fmt: skip
            yield Foreseen(Asked("round", f"{offer:g}", month, NO_STEP), told)


def _answers(
    blurs: tuple[float, ...], deals: int, weight: Floats, reservations: Floats, offer: float
) -> Floats:
    """Chances of yes and no of both sides to an offer, (4, runs): a yes is Phi((x - r) / blur)."""
    shares = np.array([[offer], [1.0 - offer]])
    found = np.zeros((4, reservations.shape[1]))
    kept = np.where(np.isfinite(reservations), reservations, 0.0)
    for place, blur in enumerate(blurs):
        own = weight[place * deals : (place + 1) * deals].sum(axis=0)
        first, second = np.exp(log_ndtr((shares - kept) / blur))
        for cell, chance in enumerate(
            (first * second, first * (1 - second), (1 - first) * second, (1 - first) * (1 - second))
        ):
            found[cell] += own * chance
    return found


# --- the ranking ---------------------------------------------------------------------------------


def chances_of(alone: Mapping[str, Weighed]) -> Floats:
    """The posterior probability of each model, from equal priors, shape (models,)."""
    return softmax([one.log_evidence(one.log_seen) for one in alone.values()])


def entropy(p: Floats) -> float:
    """The entropy in bits: -sum p log2 p."""
    return float(-np.sum(p * np.log2(np.where(p > 0.0, p, 1.0))))


def ranked(
    together: Together,
    alone: Mapping[str, Weighed],
    observed: Observed,
    after: Mapping[str, tuple[Observed, Mapping[str, Weighed]]],
    seed: int,
) -> pd.DataFrame:
    """One row per observation, the most informative first.

    `after` has, by step, the observations and the wars alone in which the step was done. Columns:
    `kind`, `of` (an item or an offer), `month`, `step` (or none), `bits` with `bits ±` (95 %) about
    which model holds, and `most`, `most_bits`, `most_bits ±`: the mechanism about which an
    observation tells most in joint wars (empty after a step).
    """
    p = chances_of(alone)
    drawn = resampled(together.weighed.weight(), _TOGETHER)
    everything = together.weighed.wars.of(drawn)
    sources = {name: one.wars for name, one in alone.items()} | {_TOGETHER_NAME: everything}
    rows = [
        _row(found, alone, p) | _of_mechanisms(found, everything, observed)
        for found in observations(observed, sources, NO_STEP, seed)
    ]
    for step, (seen, own) in after.items():
        wars = {name: one.wars for name, one in own.items()}
        rows += [_row(found, own, p) for found in observations(seen, wars, step, seed)]
    table = pd.DataFrame(rows)
    return table.sort_values("bits", ascending=False, kind="stable", ignore_index=True)


def _row(found: Foreseen, models: Mapping[str, Weighed], p: Floats) -> Figures:
    told = [
        (found.chances[name], _finite(one), one.wars.runs % GROUPS) for name, one in models.items()
    ]
    bits = jackknifed(told, p)
    return found.asked._asdict() | {"bits": bits.value, "bits ±": bits.error}


def _finite(one: Weighed) -> Floats:
    """The weight of each war, 0 if it diverged."""
    ran_away = np.isnan(one.wars.reservations).any(axis=(0, 1))
    return one.weight(np.asarray(~ran_away))


def _of_mechanisms(found: Foreseen, wars: Wars, observed: Observed) -> Figures:
    """The mechanism about whose acting an observation tells most."""
    chances = found.chances[_TOGETHER_NAME]
    group = wars.runs % GROUPS
    best = ("", Bits(0.0, 0.0))
    for place, name in enumerate(observed.question.mechanisms):
        acts = wars.strengths[place] > 0.0
        share = float(acts.mean())
        if not 0.0 < share < 1.0:
            continue
        sets = [(chances[:, own], np.ones(own.sum()), group[own]) for own in (acts, ~acts)]
        bits = jackknifed(sets, np.array([share, 1.0 - share]))
        if bits.value > best[1].value:
            best = (name, bits)
    name, bits = best
    return {"most": name, "most_bits": bits.value, "most_bits ±": bits.error}
