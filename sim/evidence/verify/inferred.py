"""What an answer to a ceasefire reveals: who holds back, what is learned, what is offered."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from sim.evidence.verify.case import Case, Check, Loader, of_identity, of_values
from sim.evidence.verify.courses import fought
from sim.evidence.verify.verdicts import of_verdicts
from sim.scenario.schema import Scenario
from sim.war.model import War

_SOURCE = "mastro2019"
_RANGE = "low: {0:g}, high: {1:g}, law: uniform, assumed: private"


def _figure(value: float, unit: str = "") -> str:
    return f"{{value: {value:g}{unit}, assumed: as the check has it}}"


def _each(underdog: float, favourite: float, unit: str = "") -> str:
    return f"{{underdog: {_figure(underdog, unit)}, favourite: {_figure(favourite, unit)}}}"


def _read(
    load: Loader, first: str, own: float, thought: tuple[float, float],
    inference: float, patience: float = 0.9,
) -> Scenario:  # fmt: skip
    """The favourite's reservation is uniform on .3 to .7, and so believed; the line leaves it .5.

    `own` is the underdog's reservation, `thought` the range that the favourite believes.
    """
    low, high = thought
    return load(
        "mechanisms.sacred.on=false", "front.start=10", "end=2025-01-02",
        "talks.meetings={first: 2025-01-01, second: 2025-01-02}",
        f"talks.protocol={{kind: screening, first: {first}, rounds: {_figure(1)}, "
        f"patience: {_each(patience, patience)}, bluff: {_each(0.4, high - low)}, "
        f"credence: {_each(0, 0)}, fades: {_each(0, 0, ', unit: 1/day')}, "
        f"inference: {_each(inference, inference)}}}",
        "minds.underdog.cost=0.1", "minds.favourite.cost=0.1",
        f"minds.underdog.p_win={own + 0.1:g}", f"minds.underdog.demand={high:g}",
        f"minds.favourite.p_win={{value: 0.6, {_RANGE.format(0.4, 0.8)}}}",
        "minds.favourite.demand=0.7",
    )  # fmt: skip


def inferences(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A side that would gain refuses if it can hope for more by being known as one that refused."""
    # It believes in .2 to .8: the other stops with chance .5 and can leave it .2 to .8. With gain g
    # an offer brings g^2 / .6 + g / 6 after a yes and .0375 + g / 2 after a no: .5 g must be .9
    # times what lies between these, 1.5 g^2 + .2 g = .03375.
    asked = (np.sqrt(0.04 + 6 * 0.03375) - 0.2) / 3.0
    for inference, least_gain in ((1.0, asked), (0.0, 0.0)):
        war = fought(_read(load, "underdog", 0.8, (0.2, 0.8), inference), runs, seed)
        table = war.recorder.meetings()
        at_first = table["day"] == 0
        gain = 0.5 - table["r_d"][at_first]
        name = f"inference {inference:g}, stops iff it gains {least_gain:.6f}"
        got = table["ceasefire_d"][at_first]
        yield of_verdicts(name, _SOURCE, gain >= least_gain, got)
        held_back = (gain > 0.0) & (gain < least_gain)
        name = f"inference {inference:g}, held back"
        yield of_verdicts(name, _SOURCE, held_back, table["held_back_d"][at_first])


def laws(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """What the other side believes afterwards: Bayes' rule, or part of the way towards it."""
    for inference in (1.0, 0.5):
        scenario = _read(load, "underdog", 0.8, (0.2, 0.8), inference, patience=0.0)
        war = War(scenario, runs, seed)
        war.step()
        least = war.negotiators["favourite"].reservation
        thought = war.negotiators["underdog"].estimate
        assert thought is not None
        stops, part = least <= 0.5, 0.2 * inference
        low, high = np.where(stops, 0.3, 0.3 + part), np.where(stops, 0.7 - part, 0.7)
        for word, expected, got in (("low", low, thought.low), ("high", high, thought.high)):
            name = f"inference {inference:g}, believed reservation, {word}"
            yield of_identity(name, "definition", expected, got)
        if inference == 1.0:
            place = (least - thought.low) / (thought.high - thought.low)
            name = "reservations of those who gave the same answer"
            yield of_values(name, "definition", "uniform", stats.uniform.cdf, place)


def offers(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A yes is answered by a lower offer, a no by a higher: .5 or .7 of .9, and not .6."""
    for inference, yes, no in ((1.0, 0.5, 0.7), (0.0, 0.6, 0.6)):
        # it believes that nothing can be left to it: it makes no offer and need not hold back
        war = fought(_read(load, "favourite", 0.1, (0.85, 0.9), inference), runs, seed)
        table = war.recorder.meetings()
        last = table["day"] == 1
        offered = np.where(table["r_d"][last] <= 0.5, yes, no)
        signed = table["agreed"][last].astype(np.bool_)
        name = f"inference {inference:g}, the next offer"
        yield of_verdicts(f"{name}, taken", "fearon1995", table["r_d"][last] <= offered, signed)
        kept = table["position_land"][last][signed]
        yield of_identity(f"{name}, kept", "fearon1995", 1.0 - offered[signed], kept)


CHECKS = (
    Check("ceasefire", inferences, runs=1_000),
    Check("ceasefire", laws, runs=1_000),
    Check("ceasefire", offers, runs=1_000),
)
