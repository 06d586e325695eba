"""Surprise if losses follow the forecast distribution: exponential, with rate ln 10."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from sim.evidence.verify.case import Case, Check, Loader, of_mean, of_values
from sim.evidence.verify.courses import course, fought, uniform
from sim.scenario.schema import figures

_BLOWS = ("first", "second", "third")
_SCALE = 1.0 / np.log(10.0)
_SOURCE = "shannon1948"


def surprise(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Surprises at losses drawn from the forecast distribution, which is updated after each.

    The rate of the losses is drawn from its gamma distribution and each loss from that rate, so
    that each loss follows the public's forecast given those before. The last case needs no such
    losses.
    """
    scenario = load()
    figure = dict(figures(scenario))
    raids = figure["minds.favourite.foresight"].value
    a, b = raids + 1.0, raids * figure["minds.favourite.expected_loss"].value
    rate = stats.gamma(a, scale=1.0 / b).ppf(uniform(seed, runs, "rate"))
    losses = {
        f"events.{blow}.loss": -np.log1p(-uniform(seed, runs, blow)) / rate for blow in _BLOWS
    }
    digits = course(fought(scenario, runs, seed, losses), "h_rally_d")
    law = stats.expon(scale=_SCALE).cdf
    for blow, values in zip(_BLOWS, digits, strict=True):
        yield of_values(f"surprise at the {blow} blow", _SOURCE, "Exp(ln 10)", law, values)
    yield of_mean("surprise, mean", _SOURCE, _SCALE, digits[0])
    together = stats.gamma(len(_BLOWS), scale=_SCALE).cdf
    yield of_values(
        "surprises of three blows, sum", _SOURCE, "Gamma(3, ln 10)", together, digits.sum(axis=0)
    )
    beyond = course(fought(scenario, runs, seed), "h_image_d")[0]
    yield of_values("surprise beyond a threshold", _SOURCE, "Exp(ln 10)", law, beyond)


CHECKS = (Check("surprise", surprise, runs=10_000),)
