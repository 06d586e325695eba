"""One-wave-ahead forecasts by every model, and their scores.

A model is a set of wars: all mechanisms together, all without one, one alone, or none (a random
walk). Its wars are weighted by the earlier waves, and their forecast of the next wave is scored.
The log scores of a model add up to its marginal likelihood; stacking instead finds the mixture of
models that would have forecast best. Source: dawid1984, yao2018, gneiting_raftery2007.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logsumexp, softmax

from sim.evidence.polls.forecast import (
    Law,
    carried_forward,
    crps,
    resampled,
    trend,
)
from sim.evidence.weighing.measurement import Attitude, hear
from sim.evidence.weighing.names import CARRIED, EVERYTHING, LINE, NONE
from sim.evidence.weighing.weighing import Observed, Together, Weighed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Figures = dict[str, Any]

_PARTS = 500  # components of the mixture by which a forecast is scored
_LEAST_BEFORE = 3  # earlier waves of an item, to fit a line
_STEPS = 5000


class Wave(NamedTuple):
    """A wave: the number of its attitude, its number there, its day, and whether it is scored."""

    attitude: int
    place: int
    day: int
    is_scored: bool


class Model(NamedTuple):
    """The source of some wars, and their log importance ratios under the prior."""

    source: str
    log_prior: Floats


class Waves(NamedTuple):
    """Likelihood and forecast of each wave given all before, in each war: (waves, runs) each."""

    log: Floats
    mean: Floats
    sd: Floats


def waves_of(observed: Observed) -> list[Wave]:
    """All waves in the order of their days."""
    scenario, experiment = observed.question.scenario, observed.question.experiment
    first = scenario.day_of(experiment.scored_from)
    found = []
    for number, attitude in enumerate(observed.attitudes):
        for place, day in enumerate(attitude.day):
            before = attitude.item[:place] == attitude.item[place]
            is_scored = day >= first and before.sum() >= _LEAST_BEFORE
            found.append(Wave(number, place, int(day), bool(is_scored)))
    return sorted(found, key=lambda wave: (wave.day, wave.attitude, wave.place))


def heard(observed: Observed, weighed: Weighed, waves: list[Wave], seed: int) -> Waves:
    """Process the waves in order, in each war."""
    rng = np.random.default_rng(seed)
    each = []
    for attitude in observed.attitudes:
        reservations = observed.reservations(attitude, weighed.wars)
        luck = rng.random(reservations.shape)
        each.append(hear(attitude, reservations, observed.candidates, luck))
    return Waves(
        *(
            np.array([getattr(each[wave.attitude], word)[wave.place] for wave in waves])
            for word in ("log", "mean", "sd")
        )
    )


def models_of(
    together: Together, alone: Mapping[str, Weighed], observed: Observed
) -> dict[str, Model]:
    """All models: everything, without each mechanism, each alone, and none."""
    weighed = together.weighed
    models = {EVERYTHING: Model(EVERYTHING, weighed.log_prior)}
    for place, name in enumerate(observed.question.mechanisms):
        without = weighed.wars.strengths[place] == 0.0
        models[f"without {name}"] = Model(EVERYTHING, np.where(without, weighed.log_prior, -np.inf))
    for name, one in alone.items():
        models[name if name == NONE else f"{name} alone"] = Model(name, one.log_prior)
    return models


class Scored(NamedTuple):
    """The scores of the models, one row per model, and of every wave by every model."""

    models: pd.DataFrame
    waves: pd.DataFrame


def scored(
    together: Together, alone: Mapping[str, Weighed], observed: Observed, seed: int
) -> Scored:
    """Score all models and the baselines on the waves that all can forecast.

    Columns of `models`: `model`, `log_score` (mean log density in logits, high is good), `crps` in
    points (low is good), `inside` (coverage of 90 % intervals), `waves`, `evidence` (the log Bayes
    factor of all waves against none), and for the models of one mechanism, of none and of
    everything `averaged` (Bayesian, from equal priors) and `stacked`, each adding up to 1.
    """
    waves = waves_of(observed)
    sources = {EVERYTHING: heard(observed, together.weighed, waves, seed)}
    for number, (name, weighed) in enumerate(alone.items()):
        sources[name] = heard(observed, weighed, waves, seed + 1 + number)
    models = models_of(together, alone, observed)
    rows: list[Figures] = []
    densities: dict[str, list[float]] = {}
    evidence: dict[str, float] = {}
    for name, model in models.items():
        one = sources[model.source]
        known = model.log_prior
        densities[name] = []
        start = before = logsumexp(known)
        for number, wave in enumerate(waves):
            known_before, known = known, known + one.log[number]
            chance = logsumexp(known)
            if wave.is_scored:
                density = float(chance - before)
                law = _law(one, number, np.exp(known_before - before))
                rows.append(_row(name, observed.attitudes, wave, law, density))
                densities[name].append(density)
            before = chance
        evidence[name] = float(before) - float(start)
    rows += [row for wave in waves if wave.is_scored for row in _baselines(observed, wave)]
    each = pd.DataFrame(rows)
    rivals = [name for name in models if not name.startswith("without ")]
    averaged = softmax([evidence[name] for name in rivals])
    stacked = stack(np.array([densities[name] for name in rivals]).T)
    told = each.groupby("model", sort=False).agg(
        log_score=("log_score", "mean"), crps=("crps", "mean"), inside=("inside", "mean"),
        waves=("crps", "size"),
    ).reset_index()  # fmt: skip
    for word, values in (
        ("evidence", {name: evidence[name] - evidence[NONE] for name in models}),
        ("averaged", dict(zip(rivals, averaged, strict=True))),
        ("stacked", dict(zip(rivals, stacked, strict=True))),
    ):
        told[word] = told["model"].map(values)
    return Scored(told, each)


def _law(one: Waves, number: int, weight: Floats) -> Law:
    drawn = resampled(weight, _PARTS)
    return Law(one.mean[number, drawn], one.sd[number, drawn])


def _row(
    model: str, attitudes: tuple[Attitude, ...], wave: Wave, law: Law, density: float
) -> Figures:
    attitude = attitudes[wave.attitude]
    seen = float(expit(attitude.logit[wave.place]))
    low, median, high = 100.0 * expit(law.quantiles())
    return {
        "model": model,
        "side": attitude.side,
        "asks": attitude.asks,
        "item": attitude.items[attitude.item[wave.place]],
        "day": wave.day,
        "seen": 100.0 * seen,
        "low": float(low),
        "median": float(median),
        "high": float(high),
        "inside": bool(low <= 100.0 * seen <= high),
        "crps": 100.0 * crps(law, seen),
        "log_score": density,
    }


def _baselines(observed: Observed, wave: Wave) -> list[Figures]:
    """The last wave of the item carried forward, and a straight line through the earlier waves."""
    attitude = observed.attitudes[wave.attitude]
    place = wave.place
    before = np.flatnonzero(attitude.item[:place] == attitude.item[place])
    last = before[-1]
    share = expit(attitude.logit)
    laws = {
        CARRIED: carried_forward(
            float(share[last]), float(attitude.n[last]), float(attitude.n[place]),
            float(attitude.times[place]),
        ),
        LINE: trend(
            attitude.day[before].astype(np.float64), share[before], attitude.sd[before],
            float(attitude.day[place]),
        ),
    }  # fmt: skip
    density = {name: law.log_density(float(attitude.logit[place])) for name, law in laws.items()}
    return [_row(name, observed.attitudes, wave, law, density[name]) for name, law in laws.items()]


def stack(densities: Floats) -> Floats:
    """The mixture of models that would have forecast best: weights (models,), adding up to 1.

    `densities` (waves, models) are log densities. The mean log score of the mixture is concave, and
    each step of the EM algorithm raises it. Source: yao2018.
    """
    ratio = np.exp(densities - densities.max(axis=1, keepdims=True))
    weight = np.full(ratio.shape[1], 1.0 / ratio.shape[1])
    for _ in range(_STEPS):
        weight = weight * (ratio / (ratio @ weight)[:, None]).mean(axis=0)
    return weight / weight.sum()
