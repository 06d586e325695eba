"""Detection by continuous looking: which drones are detected in a circle, and when."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from sim.evidence.verify.case import (
    Case,
    Check,
    Floats,
    Loader,
    of_counts,
    of_identity,
    of_mean,
    of_number,
    of_values,
)
from sim.evidence.verify.raids import drones, fate, per_run, tables
from sim.scenario.schema import Scenario

_EARTH_KM = 6371.0088
_DEGREE_KM = np.pi / 180.0 * _EARTH_KM
_SPEED_KM_MIN = 3.0
_HALF_CHORD_KM = np.sqrt(30.0**2 - 10.0**2)
_RATE_MIN = 12.0 / 60.0
_DRONES = 40
_HARD_TO_SEE = "raids.raid.waves.first.visibility={value: 0.25, assumed: any}"


def detection(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Number and time of detections on a chord, and what changes them."""
    middle_km, leg_km = 0.5 * _DEGREE_KM, _DEGREE_KM
    enters, leaves = middle_km - _HALF_CHORD_KM, middle_km + _HALF_CHORD_KM
    early, late = 0.1 * _DEGREE_KM, 0.9 * _DEGREE_KM
    own = ("raids.raid.waves.first.at=[gate]",)
    to_gate_km = _EARTH_KM * np.arccos(np.cos(middle_km / _EARTH_KM) * np.cos(10.0 / _EARTH_KM))
    for name, overrides, entry_km, exit_km, rate_min, reaction_min in (
        ("on a chord", (), enters, leaves, _RATE_MIN, 0.0),
        ("after a reaction", ("units.gun.reaction=5",), enters, leaves, _RATE_MIN, 5.0),
        ("a small signature", ("weapons.drone.signature=0.25",), enters, leaves, 0.05, 0.0),
        ("a wave hard to see", (_HARD_TO_SEE,), enters, leaves, 0.05, 0.0),
        ("an unready site", ("sites.gate.readiness=0.4",), enters, leaves, 0.08, 0.0),
        ("two guns", ("sites.gate.defence.gun.count=2",), enters, leaves, 0.4, 0.0),
        ("launched inside", ("sites.gate.position.lon=0.1",), 0.0, early + _HALF_CHORD_KM,
         _RATE_MIN, 0.0),
        ("a target inside", ("sites.gate.position.lon=0.9",), late - _HALF_CHORD_KM, leg_km,
         _RATE_MIN, 0.0),
        ("a gun at the target", own, to_gate_km - 30.0, to_gate_km, _RATE_MIN, 0.0),
    ):  # fmt: skip
        entry_min, exit_min = entry_km / _SPEED_KM_MIN, exit_km / _SPEED_KM_MIN
        yield from _exponential(
            f"detection, {name}", load(*overrides), seed, runs,
            entry_min + reaction_min, exit_min - entry_min - reaction_min, rate_min,
        )  # fmt: skip
    fates, _ = drones(load("units.gun.range=9"), runs, seed)
    seen = float((fates == fate("shot_down")).sum())
    yield of_number("detection, a circle that is missed", "definition", 0.0, seen, 0.0)


def dealt(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A wave at two sites is split between them, the odd drone going to the one named first."""
    odd = (
        "raids.raid.waves.first.at=[target, gate]",
        f"raids.raid.waves.first.count={_DRONES - 1}",
    )
    raids = tables(load(*odd), runs, seed)["raids"]
    for site, expected in (("target", _DRONES // 2), ("gate", _DRONES // 2 - 1)):
        ordered = per_run(raids, "ordered", site=site)
        name = f"dealt over two sites, the {site}"
        yield of_identity(name, "definition", np.full(runs, expected), ordered)


def _exponential(
    name: str,
    scenario: Scenario,
    seed: int,
    runs: int,
    from_min: float,
    dwell_min: float,
    rate: float,
) -> Iterator[Case]:
    """Detections are binomial with 1 - exp(-rate dwell), their times truncated exponential."""
    fates, ended_min = drones(scenario, runs, seed)
    shot = fates == fate("shot_down")
    p = -np.expm1(-rate * dwell_min)
    law = stats.binom(_DRONES, p)
    counts = shot.sum(axis=1)
    yield of_mean(f"{name}, share", "koopman1956", p, counts / _DRONES)
    yield of_counts(
        f"{name}, number", "koopman1956", f"Binomial({_DRONES}, {p:.7g})",
        law.pmf(np.arange(_DRONES + 1)), np.bincount(counts),
    )  # fmt: skip

    def cdf(minutes: Floats) -> Floats:
        waited = np.clip(minutes - from_min, 0.0, dwell_min)
        return -np.expm1(-rate * waited) / p

    yield of_values(
        f"{name}, time", "koopman1956", f"exponential cut at {dwell_min:.4g}",
        cdf, ended_min[shot],
    )  # fmt: skip


CHECKS = (Check("detection", detection, runs=500), Check("detection", dealt, runs=10))
