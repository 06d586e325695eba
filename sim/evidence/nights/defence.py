"""A filter's estimate of the defence on a day: teams, channels, jammers, decoys, with ranges."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.evidence.nights.families import MECHANISM, figures_of
from sim.evidence.nights.filter import Family, Known, weights
from sim.evidence.nights.national_defence import (
    DAYS_A_YEAR,
    LAWS,
    REFERENCE_DAY,
    REFERENCE_TEMPO,
    Law,
)

Floats = NDArray[np.float64]

_WIDTH = 1.645  # standard deviations, half the width of a 90 % interval
_GROWN = ("looks", "channels", "jam")
_DRIFTING = ("looks", "channels")


def defence(
    name: str, families: Sequence[Family], known: Known, tempo: float
) -> dict[str, dict[str, float]]:
    """`low`, `median` and `high` (90 %) of each figure of a class's defence on its last known day.

    Looks, channels and jamming include growth up to that day; looks and channels include the drift,
    and channels the response to `tempo` launched a day. Massing, which a nation adds against large
    raids, is a figure of its own and not included in them.
    """
    law = figures_of(LAWS[name])
    place = [family.name for family in families].index(MECHANISM)
    mean, covariance = _pooled(known.states[place], weights(families, known)[place])
    found = {}
    for figure in law.figures:
        middle, slope = _straight(law, figure, known.day, tempo)
        slope = np.concatenate([slope, np.zeros(len(mean) - len(slope))])
        sd = float(np.sqrt(slope @ covariance @ slope))
        ends = middle + slope @ mean + sd * np.array([-_WIDTH, 0.0, _WIDTH])
        found[figure] = dict(
            zip(("low", "median", "high"), _as_is(law, figure, ends).tolist(), strict=True)
        )
    return found


def state_of(families: Sequence[Family], known: Known) -> Floats:
    """The mean state of the members that use the mechanism, (states,)."""
    place = [family.name for family in families].index(MECHANISM)
    return _pooled(known.states[place], weights(families, known)[place])[0]


def _pooled(state: Any, weight: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance of the mixture of members."""
    weight = weight / weight.sum()
    mean = weight @ state.mean
    apart = state.mean - mean
    between = np.einsum("m,mi,mj->ij", weight, apart, apart)
    return mean, np.einsum("m,mij->ij", weight, state.covariance) + between


def _straight(law: Law, name: str, day: int, tempo: float) -> tuple[float, Floats]:
    """A figure on its own scale as a linear function of the state: intercept and slope."""
    places = {figure: k for k, figure in enumerate(law.figures)}
    figure, slope = law.figures[name], np.zeros(len(places) + 1)
    middle = {"log": np.log, "logit": logit, "plain": float}[figure.scale](figure.guess)
    slope[places[name]] = figure.sd
    if name in _GROWN and "growth" in places:
        years = (day - REFERENCE_DAY) / DAYS_A_YEAR
        middle += law.figures["growth"].guess * years
        slope[places["growth"]] += law.figures["growth"].sd * years
    if name in _DRIFTING:
        slope[-1] = 1.0
    if name == "channels" and "response" in places:
        more = np.log(tempo / REFERENCE_TEMPO)
        middle += law.figures["response"].guess * more
        slope[places["response"]] += law.figures["response"].sd * more
    return float(middle), slope


def _as_is(law: Law, name: str, values: Floats) -> Floats:
    scale = law.figures[name].scale
    return np.asarray({"log": np.exp, "logit": expit, "plain": np.asarray}[scale](values))
