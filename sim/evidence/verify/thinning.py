"""Drones that fail independently: the number of failures is binomial."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from sim.evidence.verify.case import Case, Check, Loader, of_counts, of_mean
from sim.experiment.execution.runner import run
from sim.scenario.schema import figures


def thinning(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """The distribution of the number of failures, and its mean."""
    scenario = load()
    figure = dict(figures(scenario))
    drones = int(figure["raids.raid.waves.first.count"].value)
    p_fails = 1.0 - figure["weapons.drone.p_works"].value
    failed = run(scenario, runs, seed, workers=1).raids.groupby("run").failed.sum().to_numpy()
    law = stats.binom(drones, p_fails)
    seen = np.bincount(failed, minlength=drones + 1)
    pmf = law.pmf(np.arange(drones + 1))
    yield of_mean("thinning, mean", "definition", law.mean(), failed.astype(np.float64))
    yield of_counts("thinning, law", "definition", f"Binomial({drones}, .3)", pmf, seen)


CHECKS = (Check("thinning", thinning, runs=4_000),)
