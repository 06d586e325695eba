"""What carries over from one raid to the next: alert, experience, dispersal, rounds, repairs."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from sim.evidence.verify.case import Case, Check, Loader, of_counts, of_identity, of_mean
from sim.evidence.verify.raids import Tables, per_run, tables

_DRONES, _PLANES = 40, 20
_WAY_MIN, _LOOKS_MIN = 30.0 / 3.0, 12.0 / 60.0
_ALERT = np.exp(-2.0 / 2.0)  # two days later, lasting two days
_EXPERIENCE = 0.5 * np.exp(-2.0 / 4.0)


def lasting(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """The second raid, two days after the first, with all effects but one switched off."""
    at_once = "units.gun.detection_rate=.inf"
    only_seen = ("units.gun.p_kill.drone=1", "units.gun.p_kill.probe=1")
    flown = tables(load(*only_seen), runs, seed)
    for raid, alert in (("probe", 0.0), ("raid", _ALERT)):
        p = -np.expm1(-_LOOKS_MIN * (0.3 + 0.7 * alert) * _WAY_MIN)
        yield from _shot(f"alert, seen by the {raid}", flown, raid, p)
    flown = tables(load(at_once), runs, seed)
    for raid, experience in (("probe", 0.0), ("raid", _EXPERIENCE)):
        p = 1.0 - 0.7 ** (1.0 + 2.0 * experience)
        yield from _shot(f"experience, shot of the {raid}", flown, raid, p)
    only_effect = "{experience_effect: {value: 2, assumed: as the check has it}}"
    untaught = tables(load(at_once, f"sides.defender.air_defence={only_effect}"), runs, seed)
    yield from _shot("an effect of no experience, shot of the raid", untaught, "raid", 0.3)
    none = ("units.gun.p_kill.drone=0", "units.gun.p_kill.probe=0")
    in_place = np.floor(_PLANES * (1.0 - 0.6 * _ALERT) + 0.5)
    destroyed = per_run(tables(load(*none), runs, seed)["losses"], "destroyed", raid="raid")
    yield of_identity(
        "dispersal, aeroplanes in place", "definition", np.full(runs, in_place), destroyed
    )
    few = (at_once, "units.gun.magazine=30")
    fired = tables(load(*few), runs, seed)["defence"]
    for raid, rounds in (("probe", 30.0), ("raid", np.floor(2 * 0.25 * 30.0))):
        spent = per_run(fired, "rounds_fired", raid=raid)
        yield of_identity(
            f"magazine, rounds left for the {raid}",
            "definition",
            np.full(runs, rounds),
            spent,
        )


def repaired(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Twenty aeroplanes, all damaged, then all destroyed: each costs its value once in total."""
    hit = (
        "weapons.probe.p_hit=1", "units.gun.p_kill.drone=0", "units.gun.p_kill.probe=0",
        "sites.target.dispersal=0",
    )  # fmt: skip
    wars = tables(load(*hit), runs, seed)["runs"]
    lost = wars["probe_lost_usd"].to_numpy()
    yield of_identity(
        "damage, repair at a quarter of the value", "definition", np.full(runs, 5.0), lost
    )
    unrepaired = _PLANES * (1.0 - 0.25) ** 2
    lost = wars["raid_lost_usd"].to_numpy()
    mean = _PLANES - 0.25 * unrepaired
    yield of_mean("damage, destroyed before repair", "definition", mean, lost)
    in_time = "assets.plane.repair_time={value: 0.5, unit: day, assumed: as the check has it}"
    lost = tables(load(*hit, in_time), runs, seed)["runs"]["raid_lost_usd"].to_numpy()
    yield of_identity(
        "damage, repaired in half a day", "definition", np.full(runs, float(_PLANES)), lost
    )


def _shot(name: str, flown: Tables, raid: str, p: float) -> Iterator[Case]:
    shot = per_run(flown["raids"], "shot_down", raid=raid)
    yield of_mean(f"{name}, share", "definition", p, shot / _DRONES)
    pmf = stats.binom(_DRONES, p).pmf(np.arange(_DRONES + 1))
    law = f"Binomial({_DRONES}, {p:.4g})"
    yield of_counts(f"{name}, number", "definition", law, pmf, np.bincount(shot))


CHECKS = (
    Check("between-raids", lasting, runs=1_000),
    Check("between-raids", repaired, runs=1_000),
)
