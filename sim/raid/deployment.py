"""A side's deployment as records for the kernel: defence units, sites and assets."""

from typing import NamedTuple

import numpy as np

from sim import draws
from sim.raid import kernel
from sim.raid.arrays import ASSET, SITE, UNIT, Defence, Floats, Marks, Records, filled
from sim.scenario.sample import Sample
from sim.scenario.schema import Jammer, Scenario

_FIRE = {
    "shoot_look_shoot": kernel.SHOOT_LOOK_SHOOT,
    "coordinated": kernel.COORDINATED,
    "uncoordinated": kernel.UNCOORDINATED,
}
_TAKES = {"leaves_first": kernel.LEAVES_FIRST, "first_come": kernel.FIRST_COME}


class Deployment(NamedTuple):
    """A side's sites, units and asset classes, in the order in which they are numbered."""

    sites: tuple[str, ...]
    units: tuple[tuple[str, str], ...]  # (site, unit class)
    classes: tuple[str, ...]


def deployment_of(scenario: Scenario, side: str) -> Deployment:
    """A side's sites, defence units and asset classes in the order of the scenario."""
    sites = tuple(name for name, site in scenario.sites.items() if site.side == side)
    units = tuple((site, unit) for site in sites for unit in scenario.sites[site].defence)
    return Deployment(sites, units, tuple(scenario.assets))


def defence_of(scenario: Scenario, side: str, sample: Sample) -> Defence:
    """A side's defence in each run: intact, alert and fully stocked."""
    deployment = deployment_of(scenario, side)
    assets = _assets(deployment, sample)
    return Defence(
        units=_units(scenario, deployment, sample),
        sites=_sites(deployment, sample),
        assets=assets,
        marks=unmarked(assets),
        p_kill=_p_kill(scenario, deployment, sample),
    )


def _units(scenario: Scenario, deployment: Deployment, sample: Sample) -> Records:
    kinds = [scenario.units[unit] for _, unit in deployment.units]
    counts = [sample[f"sites.{site}.defence.{unit}.count"] for site, unit in deployment.units]

    def column(field: str) -> list[Floats]:
        return [sample.get(f"units.{unit}.{field}", 0.0) for _, unit in deployment.units]

    def of_all(field: str) -> list[Floats]:
        pairs = zip(column(field), counts, strict=True)
        return [np.where(count > 0.0, each, 0.0) * count for each, count in pairs]

    shooters = [None if isinstance(kind, Jammer) else kind for kind in kinds]
    return filled(
        np.zeros((len(sample.runs), len(kinds)), UNIT),
        {
            "actor": [
                draws.actor_id(f"sites.{site}.defence.{unit}") for site, unit in deployment.units
            ],
            "kind": [kernel.JAMMER if unit is None else kernel.SHOOTER for unit in shooters],
            "fire": [_FIRE[unit.fire] if unit else 0 for unit in shooters],
            "takes": [_TAKES[unit.takes] if unit else 0 for unit in shooters],
            "is_exponential": [
                bool(unit and unit.service_law == "exponential") for unit in shooters
            ],
            "channels": of_all("channels"),
            "rounds_left": of_all("magazine"),
            "max_shots": column("max_shots"),
            "salvo": column("salvo"),
            "range_km": column("range"),
            "looks_per_min": [rate / 60.0 for rate in of_all("detection_rate")],
            "losses_per_min": [rate / 60.0 for rate in of_all("loss_rate")],
            "reaction_min": column("reaction"),
            "service_min": column("service"),
            "alertness": [1.0] * len(kinds),
        },
    )


def _sites(deployment: Deployment, sample: Sample) -> Records:
    dummies = [sample.count(f"sites.{site}.decoy_targets") for site in deployment.sites]
    return filled(
        np.zeros((len(sample.runs), len(deployment.sites)), SITE), {"decoy_targets": dummies}
    )


def _assets(deployment: Deployment, sample: Sample) -> Records:
    records = np.zeros((len(sample.runs), len(deployment.sites), len(deployment.classes)), ASSET)
    for place, site in enumerate(deployment.sites):
        for kind, asset in enumerate(deployment.classes):
            path = f"sites.{site}.assets.{asset}"
            records["intact"][:, place, kind] = sample.count(f"{path}.count")
            records["protection"][:, place, kind] = sample.get(f"{path}.protection", 0.0)
    records["present"] = records["intact"]
    return records


def unmarked(assets: Records) -> Marks:
    """Marks of assets that nobody has hit, shape (R, M); sets `first_mark` in `assets`.

    M is a multiple of 8, so that the marks of a run can be viewed as 64-bit words.
    """
    standing = (assets["intact"] + assets["damaged"]).reshape(len(assets), -1)
    ends = standing.cumsum(axis=1)
    assets["first_mark"] = (ends - standing).reshape(assets.shape)
    most = int(ends.max(initial=0))
    return np.zeros((len(assets), most + -most % 8), np.uint8)


def _p_kill(scenario: Scenario, deployment: Deployment, sample: Sample) -> Floats:
    p_kill = np.zeros((len(sample.runs), len(deployment.units), len(scenario.weapons)))
    for place, (_, unit) in enumerate(deployment.units):
        for column, weapon in enumerate(scenario.weapons):
            p_kill[:, place, column] = sample.get(f"units.{unit}.p_kill.{weapon}", 0.0)
    return p_kill
