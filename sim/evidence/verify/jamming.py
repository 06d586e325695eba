"""Jamming: a constant hazard in the circle, and a race between units."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_counts, of_mean, of_values
from sim.evidence.verify.raids import drones, fate, per_run, tables

_DWELL_MIN = 2.0 * np.sqrt(30.0**2 - 10.0**2) / 3.0
_ENTERS_MIN = 0.5 * np.pi / 180.0 * 6371.0088 / 3.0 - _DWELL_MIN / 2.0
_DRONES = 30
_HAZARDS_MIN = {"weak": 3.0 / 60.0, "strong": 6.0 / 60.0, "gun": 4.0 / 60.0}


def one_jammer(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A jammer alone: how many drones are lost, when, and what determines the hazard."""
    alone = ("sites.gate.defence.weak.count=0", "sites.gate.defence.gun.count=0")
    for name, overrides, hazard_min in (
        ("jamming", (), 0.1),
        ("jamming, half as susceptible", ("weapons.drone.jam_susceptibility=0.5",), 0.05),
        ("jamming, two jammers", ("sites.gate.defence.strong.count=2",), 0.2),
    ):
        fates, ended_min = drones(load(*alone, *overrides), runs, seed)
        jammed = fates == fate("jammed")
        p = -np.expm1(-hazard_min * _DWELL_MIN)
        yield of_counts(
            f"{name}, number", "cox1984", f"Binomial({_DRONES}, {p:.7g})",
            stats.binom(_DRONES, p).pmf(np.arange(_DRONES + 1)), np.bincount(jammed.sum(axis=1)),
        )  # fmt: skip

        def cdf(minutes: Floats, hazard: float = hazard_min, p: float = p) -> Floats:
            return -np.expm1(-hazard * np.clip(minutes - _ENTERS_MIN, 0.0, _DWELL_MIN)) / p

        law = f"exponential cut at {_DWELL_MIN:.4g}"
        yield of_values(f"{name}, time", "cox1984", law, cdf, ended_min[jammed])


def race(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Two jammers and a gun at once: each wins in proportion to its hazard."""
    table = tables(load(), runs, seed)["defence"]
    total = sum(_HAZARDS_MIN.values())
    p_any = -np.expm1(-total * _DWELL_MIN)
    for unit, hazard_min in _HAZARDS_MIN.items():
        p = hazard_min / total * p_any
        stopped = per_run(table, "stopped", unit=unit)
        name = f"exponential race, {unit}"
        yield of_mean(f"{name}, share", "cox1984", p, stopped / _DRONES)
        pmf = stats.binom(_DRONES, p).pmf(np.arange(_DRONES + 1))
        yield of_counts(
            f"{name}, number", "cox1984", f"Binomial({_DRONES}, {p:.7g})", pmf, np.bincount(stopped)
        )


CHECKS = (
    Check("jamming", one_jammer, runs=600),
    Check("jamming", race, runs=2_000),
)
