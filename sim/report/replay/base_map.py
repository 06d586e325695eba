"""The base map of a raid in pixels: coasts, borders and defence circles, as layers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.raid.arrays import Bools
from sim.report.plots.map.coast import Box, areas_within, laid_flat, lines_within, near, world
from sim.report.plots.map.globe import Projection, circle_about, projection_about
from sim.report.plots.map.scene import Scene, place_of, with_raider
from sim.report.plots.places import Floats
from sim.report.replay.flown_raid import FlownRaid

WIDTH = 760.0
_LEAST, _MOST = 300.0, 560.0
_SMALLEST_CIRCLE = 4.0
_MOVE_TO = 1  # matplotlib's code for the start of a ring


class Layer(NamedTuple):
    """A layer of the map: its class in the style sheet, and its SVG path."""

    kind: str
    path: str


@dataclass(frozen=True)
class BaseMap:
    """A section of the projected map and its scale."""

    projection: Projection
    box: Box
    km_per_px: float

    @property
    def height(self) -> float:
        """The height of the map, in pixels."""
        return (self.box.top - self.box.bottom) / self.km_per_px

    def px(self, flat: Floats) -> Floats:
        """Projected places (n, 2) in km as pixels from the upper left corner."""
        return (flat - (self.box.left, self.box.top)) * (1.0, -1.0) / self.km_per_px

    def at(self, lon_lat: Floats) -> Floats:
        """Places (n, 2) in degrees as pixels from the upper left corner."""
        return self.px(self.projection.flat(lon_lat))


def base_map_of(raid: FlownRaid) -> BaseMap:
    """The section of the map that contains the raid's sites, launch areas and defence circles.

    For a raid without legs, also the country of the side that flies it, as on the raid's picture.
    """
    places = np.array([place_of(place) for place in raid.scene.places])
    projection = projection_about(places)
    flat = projection.flat(np.vstack([places, *(ring for _, ring in _rings(raid))]))
    flat = with_raider(raid.scene, flat, projection)
    low, high = flat.min(axis=0), flat.max(axis=0)
    middle, size = (low + high) / 2, np.maximum(high - low, 30.0)
    width, height = size + 0.16 * size.max()
    paper = float(np.clip(WIDTH * height / width, _LEAST, _MOST))
    km_per_px = float(max(width / WIDTH, height / paper))
    half = np.array([WIDTH, paper]) * km_per_px / 2
    return BaseMap(projection, Box(*(middle - half), *(middle + half)), km_per_px)


def layers_of(base: BaseMap, raid: FlownRaid) -> Iterator[Layer]:
    """Land and sea, or a grid if places are fictitious, and the defence circles."""
    yield from _world(base, raid.scene) if raid.scene.is_real else _grid(base)
    for kind, ring in _rings(raid):
        points = base.at(ring)
        if np.ptp(points[:, 0]) > 2 * _SMALLEST_CIRCLE:
            yield Layer(f"reach {kind}", f"M{_steps(points)}z")


# --- land and sea ------------------------------------------------------------------------------


def _world(base: BaseMap, scene: Scene) -> Iterator[Layer]:
    step = 0.8 * base.km_per_px
    box = base.box.grown(5 * step)
    land, lakes, borders, disputed = (
        near(laid_flat(parts, base.projection), box)
        for parts in (world().land, world().lakes, world().borders, world().disputed)
    )
    yield Layer("sea", _whole(base))
    countries = [
        (f"land {scene.scenario.sides[side].role}", near(laid_flat(parts, base.projection), box))
        for side, parts in scene.countries.items()
    ]
    for kind, rings in (("land", land), *countries, ("sea", lakes)):
        outline = areas_within(rings, base.projection.opposite, box, step)
        if outline is not None:
            points = base.px(np.asarray(outline.vertices))
            yield Layer(kind, _rings_path(points, np.asarray(outline.codes) == _MOVE_TO))
    for kind, lines in (("shore", land), ("border", borders), ("disputed", disputed)):
        yield Layer(kind, _lines_path(base.px(lines_within(lines, box, step))))


def _whole(base: BaseMap) -> str:
    return f"M0 0H{WIDTH:g}V{base.height:.1f}H0z"


def _rings_path(points: Floats, starts: Bools) -> str:
    rings = np.split(points, np.flatnonzero(starts)[1:])
    return "".join(f"M{_steps(ring[:-1])}z" for ring in rings)


def _lines_path(points: Floats) -> str:
    """Lines separated by NaN as an SVG path."""
    gaps = np.isnan(points[:, 0])
    pieces = np.split(points, np.flatnonzero(gaps))
    wholes = [piece[~np.isnan(piece[:, 0])] for piece in pieces]
    return "".join(f"M{_steps(line)}" for line in wholes if len(line) > 1)


def _steps(points: Floats) -> str:
    """Successive places, to half a pixel, each as an offset from the last."""
    halves = np.rint(2.0 * points).astype(int)
    steps = np.diff(halves, axis=0)
    steps = steps[(steps != 0).any(axis=1)] / 2.0
    x, y = halves[0] / 2.0
    return f"{x:g} {y:g}" + ("l" if len(steps) else "") + " ".join(f"{a:g} {b:g}" for a, b in steps)


def _grid(base: BaseMap) -> Iterator[Layer]:
    """A grid of kilometres from the centre, for fictitious places."""
    step = round_km(110.0 * base.km_per_px)
    yield Layer("land", _whole(base))
    for k in range(-20, 21):
        ((x, y),) = base.px(np.array([[k * step, k * step]]))
        if 0.0 < x < WIDTH:
            yield Layer("grid", f"M{x:.1f} 0V{base.height:.1f}")
        if 0.0 < y < base.height:
            yield Layer("grid", f"M0 {y:.1f}H{WIDTH:g}")


def round_km(longest: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten km that does not exceed a length."""
    power = 10.0 ** np.floor(np.log10(longest))
    return float(max(k * power for k in (1.0, 2.0, 5.0) if k * power <= longest))


def _rings(raid: FlownRaid) -> Iterator[tuple[str, Floats]]:
    """The defence circles of the side raided: (kind of unit, places in degrees)."""
    enemy = raid.scenario.enemy_of(raid.definition.by)
    for name, site in raid.scenario.sites.items():
        if site.side == enemy:
            for kind, reach_km in raid.reaches[name]:
                yield kind, circle_about(place_of(site), reach_km)
