"""Results of experiments with known answers: drones that fail independently."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from sim.evidence.verify.case import Case, Check, Loader, of_identity, of_number
from sim.experiment.contrast import Contrast
from sim.experiment.execution.runner import run
from sim.experiment.questions import discovery, surface, sweep
from sim.experiment.questions.prim import Wars
from sim.experiment.statistics import indices
from sim.experiment.statistics.estimate import t95
from sim.scenario.experiment import Sweep
from sim.scenario.sample import Sample

_P_WORKS, _COST = "weapons.drone.p_works", "weapons.drone.unit_cost"
_COUNT = "raids.raid.waves.first.count"
_DRONES = 50
_LEVELS = (0.3, 0.6)


def _question(seed: int, runs: int, outcome: str, **keys: Any) -> sweep.Question:
    return sweep.question(
        Sweep(kind="sweep", name="answers", title="Answers", question="Are they right?",
              scenario="verify/thinning", outcomes=(outcome,), runs=runs, seed=seed, **keys),
        Path(),
    )  # fmt: skip


def _wars(question: sweep.Question) -> pd.DataFrame:
    """The wars of a sweep, one row per point and run."""
    tables = (sweep.run_chunk(*call)["outcomes"] for call in sweep.calls_of(question))
    return pd.concat([pd.DataFrame(table) for table in tables], ignore_index=True)


def points(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A sweep of two levels: each war, the mean of each point and the contrast of the levels."""
    question = _question(seed, runs, "raid_through", levers={_P_WORKS: list(_LEVELS)},
                         contrast=_P_WORKS)  # fmt: skip
    wars = _wars(question)
    table = surface.table_of_points(wars, question)
    for row, level in zip(table.to_dict("records"), _LEVELS, strict=True):
        plain = run(load(f"{_P_WORKS}={level}"), runs, seed, workers=1).runs["raid_through"]
        swept = wars.loc[wars["point"] == row["point"], "raid_through"]
        name = f"a sweep, {level:g} work"
        yield of_identity(f"{name}, run by run", "definition", plain.to_numpy(), swept.to_numpy())
        error = row["raid_through ±"] / t95(runs)
        yield of_number(f"{name}, mean", "definition", _DRONES * level, row["raid_through"], error)
    (place,) = surface.contrast_of(wars, question)["raid_through"]["places"]
    apart = _DRONES * (_LEVELS[0] - _LEVELS[1])
    error = place["±"] / t95(runs)
    yield of_number("a contrast of two levels", "definition", apart, place["mean"], error)


def pairs(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Two wars on shared luck: the effect, changed minus base."""
    base, changed = (run(load(f"{_P_WORKS}={level}"), runs, seed, workers=1) for level in _LEVELS)
    effect = Contrast(base, changed).effect_on("raid_through")
    apart = _DRONES * (_LEVELS[1] - _LEVELS[0])
    error = effect["mean_error"] / t95(runs)
    yield of_number("a paired effect", "definition", apart, effect["mean"], error)


def sensitivity(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Money spent is a number times a price: Sobol' indices of a product of two uniforms."""
    n = 64
    question = _question(seed, runs, "raid_spent_usd", design="saltelli", points=n,
                         uncertainties={_COST: "1:3", _COUNT: "20:60"})  # fmt: skip
    y = _wars(question).groupby("point")["raid_spent_usd"].mean().to_numpy()
    found = indices.sobol_indices(y, np.zeros_like(y), 2)
    cost, count = (2.0**2 / 12.0, 2.0), (40.0**2 / 12.0, 40.0)  # variance and mean of each
    alone = np.array([cost[0] * count[1] ** 2, count[0] * cost[1] ** 2])
    both = cost[0] * count[0]
    expected = {"first": alone, "total": alone + both}
    for measure, of in expected.items():
        for k, what in enumerate(("price", "number")):
            error = found[measure].error[k] / 1.96
            name = f"Sobol' {measure} of the {what}"
            share = of[k] / (alone.sum() + both)
            yield of_number(name, "sobol1993", share, found[measure].value[k], error)


def box(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Where more than half come through: the density of the box found, given its limits."""
    any_chance = "{value: 0.5, low: 0, high: 1, law: uniform, assumed: any}"
    scenario = load(f"{_P_WORKS}={any_chance}")
    record = run(scenario, runs, seed, workers=1).runs
    x = pd.DataFrame({_P_WORKS: Sample(scenario, seed, record["run"].to_numpy())[_P_WORKS]})
    happens = (record["raid_through"] > _DRONES / 2).to_numpy()
    found, _ = discovery.discover(Wars(x, happens), "prim")
    first = found["boxes"][0]
    low, high = first["box"][_P_WORKS]
    p = np.linspace(0.0 if low is None else low, 1.0 if high is None else high, 20_001)
    true = float(stats.binom.sf(_DRONES // 2, _DRONES, p).mean())
    error = float(np.sqrt(true * (1.0 - true) / first["wars"]))
    yield of_number("density of a box", "bryant_lempert2010", true, first["density"], error)


CHECKS = (
    Check("thinning", points, runs=300),
    Check("thinning", pairs, runs=300),
    Check("thinning", sensitivity, runs=2),
    Check("thinning", box, runs=1_000),
)
