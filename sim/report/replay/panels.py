"""Panels of sites: a raided site in the middle, with the reach of its defence to scale.

For a direct raid, a panel is a section of the map, north up, if the reach is too small to be seen
on the whole map. For a covert raid it shows the remaining distance of the drones: the model has no
directions, so these are spread evenly and mean nothing.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.report.plots.map.globe import Projection, great_circle
from sim.report.plots.map.scene import place_of
from sim.report.plots.places import Floats
from sim.report.plots.words import rough
from sim.report.replay.base_map import BaseMap
from sim.report.replay.flown_raid import FlownRaid

SIDE = 300.0
"""The width and height of a panel, in pixels."""
MIDDLE, _EDGE = SIDE / 2, SIDE / 2 - 26.0
_SEEN_FROM = 45.0
_NAMED_FROM = 16.0
_GOLDEN_TURN = math.pi * (3.0 - math.sqrt(5.0))


class Circle(NamedTuple):
    """A circle about the site of a panel, in pixels, and its label with a height, if any."""

    kind: str
    radius: float
    y: float
    words: str


def sites_with_panels(raid: FlownRaid, base: BaseMap) -> list[str]:
    """All sites of a covert raid; for a direct one those whose defence is too small on the map."""
    if not raid.is_direct:
        return raid.sites
    reaches = {site: [km for _, km in raid.reaches[site]] for site in raid.sites}
    return [site for site, km in reaches.items()
            if km and max(km) < _SEEN_FROM * base.km_per_px]  # fmt: skip


def way_in(raid: FlownRaid, site: str, number_there: int, leg_km: float) -> Floats:
    """The path of a covert raid's n-th drone to a site, to the middle: (2, 2), in pixels."""
    away, turn = leg_km / _km_per_px(raid, site), number_there * _GOLDEN_TURN
    start = (MIDDLE + away * math.sin(turn), MIDDLE - away * math.cos(turn))
    return np.array([start, (MIDDLE, MIDDLE)])


def way_closely(raid: FlownRaid, area: str, site: str) -> Floats:
    """The great circle from a launch area to a site, on the site's panel: (n, 2), in pixels."""
    start, end = place_of(raid.scene.areas[area]), place_of(raid.scene.sites[site])
    flat = Projection(*end).flat(great_circle(start, end)) / _km_per_px(raid, site)
    return np.asarray(MIDDLE + flat * (1.0, -1.0))


def circles_of(raid: FlownRaid, site: str) -> Iterator[Circle]:
    """The circles of a panel: defence to scale, and for a covert raid where drones start."""
    km_per_px = _km_per_px(raid, site)
    for kind, reach_km in raid.reaches[site]:
        radius = reach_km / km_per_px
        words = f"{rough(reach_km)} km" if radius > _NAMED_FROM else ""
        yield Circle(f"reach {kind}", radius, MIDDLE - radius - 3.0, words)
    if not raid.is_direct:
        leg_km = _leg_km(raid, site)
        radius = leg_km / km_per_px
        yield Circle("start", radius, MIDDLE + radius + 17.0, f"start, {rough(leg_km)} km")


def panel_title(raid: FlownRaid, site: str) -> str:
    """The site of a panel, and how many drones were sent there."""
    sent = int((raid.drones["site"] == site).sum())
    number = "" if raid.is_direct else f"{raid.sites.index(site) + 1} "
    return f"{number}{raid.scenario.sites[site].title}: {sent} sent"


def _km_per_px(raid: FlownRaid, site: str) -> float:
    """The scale of a panel, such that defence, or the start of covert drones, reaches its edge."""
    lengths = [reach_km for _, reach_km in raid.reaches[site]]
    if not raid.is_direct:
        lengths.append(_leg_km(raid, site))
    return max(lengths) / _EDGE


def _leg_km(raid: FlownRaid, site: str) -> float:
    return float(raid.drones.loc[raid.drones["site"] == site, "leg_km"].max())
