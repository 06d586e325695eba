"""Several issues at the table: a package is signed if and only if an acceptable one exists."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_identity
from sim.evidence.verify.courses import SIDES, fought
from sim.evidence.verify.verdicts import of_verdicts
from sim.raid.arrays import Bools
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario
from sim.war.model import War

_ISSUES = ("land", "status", "bases")
_STEPS = 20  # per issue, on the grid of packages
_BY_SIDE = (
    "{{underdog: {{value: {0}, assumed: as the check has it}}, "
    "favourite: {{value: {1}, assumed: as the check has it}}}}"
)
_PROTOCOLS = {
    "nash": (),
    "mediator": ("talks.protocol={kind: mediator}",),
    "rubinstein": (
        "talks.protocol={kind: rubinstein, first: favourite, patience: "
        + _BY_SIDE.format(0.9, 0.8)
        + "}",
    ),
    "concession": ("talks.protocol={kind: concession, exponent: " + _BY_SIDE.format(0.5, 2) + "}",),
}


def log_rolling(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """All packages of a grid, compared with what is signed."""
    for name, overrides in _PROTOCOLS.items():
        war = fought(load(*overrides), runs, seed)
        signed = np.isfinite(war.recorder.runs()["deal_day"])
        best = np.array([np.minimum(*gains).max() for gains in _on_grid(war)])
        # the nearest package on the grid is worth at most half a step less than any other
        is_decided = (best >= 0.0) | (best < -0.5 / _STEPS)
        yield of_verdicts(
            f"{name}: signed where a package is found",
            "raiffa1982",
            best[is_decided] >= 0.0,
            signed[is_decided],
        )
        if name == "nash":
            yield _best(war, signed)


def _on_grid(war: War) -> Iterator[tuple[Floats, Floats]]:
    """For each run, both sides' gains over their reservations from each package of the grid."""
    grid = np.array(list(itertools.product(np.linspace(0.0, 1.0, _STEPS + 1), repeat=len(_ISSUES))))
    one, other = (_stakes(war, side) for side in SIDES)
    for run in range(len(war.runs)):
        yield (
            grid @ one.weights[run] - one.least[run],
            (1.0 - grid) @ other.weights[run] - other.least[run],
        )


class _Stakes(NamedTuple):
    """The weights of the issues, shape (runs, issues), and the reservation, (runs,)."""

    weights: Floats
    least: Floats


def _stakes(war: War, side: str) -> _Stakes:
    columns = [war.sample[f"talks.issues.{issue}.salience.{side}"] for issue in _ISSUES]
    salience = np.column_stack(columns)
    least = war.sample[f"minds.{side}.p_win"] - war.sample[f"minds.{side}.cost"]
    return _Stakes(salience / salience.sum(axis=1, keepdims=True), least)


def _best(war: War, signed: Bools) -> Case:
    """No package of the grid has a greater Nash product than the signed one."""
    table = war.recorder.meetings()
    first = table["meeting"] == "first"
    shares = np.column_stack([table[f"position_{issue}"][first] for issue in _ISSUES])
    weight = war.sample["talks.protocol.underdog_weight"]
    one, other = (_stakes(war, side) for side in SIDES)
    own = (shares * one.weights).sum(axis=1) - one.least
    others = ((1.0 - shares) * other.weights).sum(axis=1) - other.least
    beaten = [
        _product(gains, weight[run]).max() - _product((own[run], others[run]), weight[run])
        for run, gains in enumerate(_on_grid(war))
        if signed[run]
    ]
    worst = np.maximum(0.0, beaten)
    source = "harsanyi_selten1972, kalai1977"
    return of_identity("nash: no package is better", source, np.zeros_like(worst), worst)


def _product(gains: tuple[Floats, Floats], weight: float) -> Floats:
    """The Nash product, 0 if a side loses by a package."""
    own, others = (np.maximum(0.0, gain) for gain in gains)
    product: Floats = own**weight * others ** (1.0 - weight)
    return product


def common_prior(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Sides with a common prior, and nothing else on, always settle at the first meeting."""
    for name, overrides in _PROTOCOLS.items():
        scenario = load(*overrides)
        war = fought(scenario, runs, seed, _agreed_odds(scenario, runs, seed))
        at_first = war.recorder.runs()["deal_day"] == 0.0
        always = np.ones(runs, np.bool_)
        yield of_verdicts(f"{name}: a common prior settles", "fearon1995", always, at_first)


def _agreed_odds(scenario: Scenario, runs: int, seed: int) -> dict[str, Floats]:
    sample = Sample(scenario, seed, np.arange(runs))
    return {"minds.favourite.p_win": 1.0 - sample["minds.underdog.p_win"]}


CHECKS = (
    Check("packages", log_rolling, runs=300),
    Check("packages", common_prior, runs=300),
)
