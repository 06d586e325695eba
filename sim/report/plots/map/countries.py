"""The outlines of countries that are sides of shipped wars, and distances from them.

`countries.npz` is cut from the lines of `coast.npz`: coasts, borders and disputed lines divide the
land into pieces; ends of lines up to 4 km short of a coast are extended to it, and two that are 1
km apart in Assam are joined. A piece belongs to the country in which Natural Earth 4.1.0 (public
domain, from the package world-atlas 2.0.2) has its middle, except Crimea, which is Ukraine's
according to the General Assembly of the United Nations (resolution 68/262). Nagorno-Karabakh is
Azerbaijan's, as it is there, too. For Kashmir no border is agreed upon: India and Pakistan meet at
the line of control, and India and China at the line that separates what each of them holds.
"""

import functools
from collections.abc import Iterable
from importlib import resources

import numpy as np

from sim.report.plots.map.coast import Parts, parts_of
from sim.report.plots.map.globe import on_sphere
from sim.report.plots.places import Floats
from sim.rules.geometry import EARTH_RADIUS_KM

_STATUS = {
    "Ukraine": "Crimea as Ukraine's",
    "Azerbaijan": "Nagorno-Karabakh as Azerbaijan's",
    "India": "Kashmir up to the line of control",
    "Pakistan": "Kashmir up to the line of control",
}


@functools.cache
def countries() -> dict[str, Parts]:
    """The outline of each country by its name, as rings, including islands."""
    with (resources.files(__package__) / "countries.npz").open("rb") as file, np.load(file) as data:
        rings = parts_of(data["steps"], data["lengths"])
        ends = np.cumsum(data["rings"].astype(np.int64))
        return {
            str(name): _some(rings, int(end - count), int(end))
            for name, end, count in zip(data["names"], ends, data["rings"], strict=True)
        }


def _some(rings: Parts, first: int, last: int) -> Parts:
    starts = np.append(rings.starts, len(rings.points))
    points = rings.points[starts[first] : starts[last]]
    return Parts(points, starts[first:last] - starts[first])


def status_of(names: Iterable[str]) -> list[str]:
    """What the outlines of some countries include although it is disputed, as text."""
    return list(dict.fromkeys(_STATUS[name] for name in names if name in _STATUS))


def km_from(outline: Parts, place: Floats) -> float:
    """The distance of a place (longitude and latitude, in degrees) from a country; 0 within it.

    Along the great circle to the nearest point of its borders and coasts.
    """
    start, end = _sides(outline)
    if _is_within(start, end, place):
        return 0.0
    return EARTH_RADIUS_KM * float(_angles(on_sphere(start), on_sphere(end), place).min())


def _sides(outline: Parts) -> tuple[Floats, Floats]:
    """The start and the end of every side of the rings, (n, 2) in degrees each."""
    is_side = np.ones(len(outline.points) - 1, bool)
    is_side[outline.starts[1:] - 1] = False
    return outline.points[:-1][is_side], outline.points[1:][is_side]


def _is_within(start: Floats, end: Floats, place: Floats) -> bool:
    """Whether an odd number of sides lies east of a place; no ring crosses 180 degrees."""
    is_level = (start[:, 1] > place[1]) != (end[:, 1] > place[1])
    start, end = start[is_level], end[is_level]
    part = (place[1] - start[:, 1]) / (end[:, 1] - start[:, 1])
    return bool((start[:, 0] + part * (end[:, 0] - start[:, 0]) > place[0]).sum() % 2)


def _angles(start: Floats, end: Floats, place: Floats) -> Floats:
    """The angle between a place and the nearest point of each great-circle segment, (n,)."""
    (spot,) = on_sphere(place[None])
    normal = np.cross(start, end)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    height = normal @ spot
    foot = spot - height[:, None] * normal
    is_after_start = (np.cross(start, foot) * normal).sum(axis=1) >= 0.0
    is_before_end = (np.cross(foot, end) * normal).sum(axis=1) >= 0.0
    to_ends = [2.0 * np.arcsin(np.linalg.norm(spot - ends, axis=1) / 2.0) for ends in (start, end)]
    return np.where(is_after_start & is_before_end, np.arcsin(np.abs(height)), np.minimum(*to_ends))
