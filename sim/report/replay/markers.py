"""Markers on the base map of a raid: sites and launch areas with their names, a scale."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.report.plots.lettering import shortened, width_of
from sim.report.plots.map.labels import LabelLayout, around
from sim.report.plots.map.scene import place_of
from sim.report.plots.places import Floats
from sim.report.plots.words import number
from sim.report.replay.base_map import WIDTH, BaseMap, round_km
from sim.report.replay.flown_raid import FlownRaid
from sim.scenario.schema import LaunchArea, Site

LETTERS_PX = {"wide": 13.0, "narrow": 23.0}
"""The size of names on a screen, and on a phone, where the map is half as wide."""
_PER_INCH = 100.0
_FAR_IN = 0.25
_SHAPES = {"area": "l5 9h-10z"}  # a triangle
_DIAMOND = "l5 5l-5 5l-5 -5z"


class Marker(NamedTuple):
    """A place on the map: its kind, its name, and its position in pixels."""

    kind: str
    title: str
    place: Floats

    @property
    def path(self) -> str:
        """A triangle for a launch area, a diamond for a site."""
        x, y = self.place
        return f"M{x:.1f} {y - 5:.1f}{_SHAPES.get(self.kind, _DIAMOND)}"


class Label(NamedTuple):
    """A name on the map with its lower left corner, and its leader line if it has one."""

    kind: str
    text: str
    x: float
    y: float
    line: str


def markers_of(base: BaseMap, raid: FlownRaid) -> list[Marker]:
    """Raided sites first, numbered if each has a panel; then launch areas and other sites."""
    scene, raided = raid.scene, raid.sites
    numbers = {site: "" if raid.is_direct else f"{k} " for k, site in enumerate(raided, 1)}
    others = [name for name in scene.sites if name not in raided]
    return [
        *(_marker(base, "site raided", scene.sites[name], numbers[name]) for name in raided),
        *(_marker(base, "area", area) for area in scene.areas.values()),
        *(_marker(base, "site", scene.sites[name]) for name in others),
    ]


def _marker(base: BaseMap, kind: str, of: Site | LaunchArea, number: str = "") -> Marker:
    (place,) = base.at(place_of(of)[None])
    return Marker(kind, f"{number}{of.title.split(',')[0]}", place)


def labels_of(base: BaseMap, markers: list[Marker], busy: Floats, size: float) -> Iterator[Label]:
    """The scale, and names next to their markers, the raided first, `size` pixels high.

    They avoid the `busy` places (n, 2), in pixels; a name without room is left out.
    """
    points = 72.0 * size / _PER_INCH
    layout = LabelLayout(WIDTH / _PER_INCH, base.height / _PER_INCH)
    spots = [_on_paper(base, marker.place[None])[0] for marker in markers]
    layout.lines = _on_paper(base, busy)
    layout.taken += [around(spot, 0.16, 0.16) for spot in spots]
    yield _scale(base, layout, size)
    for marker, spot in zip(markers, spots, strict=True):
        text = shortened(marker.title, 0.11 * size, points)
        box = layout.place(spot, 0.14, width_of(text, points) + 0.04, 1.15 * size / _PER_INCH)
        if box is not None:
            x, y = _PER_INCH * box.left + 2, base.height - _PER_INCH * box.bottom - 0.25 * size
            line = _lead(marker.place, np.clip(spot, box[:2], box[2:]) - spot)
            yield Label(marker.kind, text, x, y, line)


def _lead(place: Floats, away: Floats) -> str:
    """A leader line to a name that is far from its marker, `away` in inches; else empty."""
    if away @ away <= _FAR_IN**2:
        return ""
    x, y = place
    by_x, by_y = _PER_INCH * away * (1.0, -1.0)
    return f"M{x:.1f} {y:.1f}l{by_x:.1f} {by_y:.1f}"


def _on_paper(base: BaseMap, places: Floats) -> Floats:
    """Places in pixels from the upper left, converted to inches from the lower left."""
    return np.column_stack([places[:, 0], base.height - places[:, 1]]) / _PER_INCH


def _scale(base: BaseMap, layout: LabelLayout, size: float) -> Label:
    """A scale bar of a round length, in the emptiest corner."""
    length = round_km(130.0 * base.km_per_px)
    words, wide = f"{number(length)} km", length / base.km_per_px
    height = 1.4 * size + 8
    room = max(wide, _PER_INCH * width_of(words, 72.0 * size / _PER_INCH)) + 10
    box = layout.corner(room / _PER_INCH, height / _PER_INCH, 0.08)
    x, y = _PER_INCH * box.left + 5, base.height - _PER_INCH * box.bottom - 6
    return Label("scale", words, x, y - 5, f"M{x:.1f} {y:.1f}h{wide:.1f}")
