"""The ground below a raid as SVG, in pixels: coasts and borders, circles, sites, launch areas."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.raid.arrays import Bools
from sim.report.plots.map.coast import Box, areas_within, lines_within, near, world
from sim.report.plots.map.globe import Projection, circle_about, projection_about
from sim.report.plots.map.scene import FICTITIOUS
from sim.report.plots.places import Floats
from sim.report.replay.raids import FlownRaid, places_in
from sim.scenario.schema import LaunchArea, Scenario, Site

WIDTH = 760.0
_LEAST, _MOST = 300.0, 560.0
_SMALLEST_CIRCLE = 4.0
_MOVE_TO = 1  # matplotlib's code where a ring begins


@dataclass(frozen=True)
class Ground:
    """A piece of the flat map and how large it is drawn."""

    projection: Projection
    box: Box
    km_per_px: float

    @property
    def height(self) -> float:
        """How high the map is, in pixels."""
        return (self.box.top - self.box.bottom) / self.km_per_px

    def px(self, flat: Floats) -> Floats:
        """Flat places (n, 2) in km as pixels from the upper left corner."""
        return (flat - (self.box.left, self.box.top)) * (1.0, -1.0) / self.km_per_px

    def at(self, lon_lat: Floats) -> Floats:
        """Places (n, 2) in degrees as pixels from the upper left corner."""
        return self.px(self.projection.flat(lon_lat))


def ground_of(raid: FlownRaid) -> Ground:
    """The piece of the map that holds the raid's sites, launch areas and defence circles."""
    places = places_in(raid)
    projection = projection_about(places)
    flat = projection.flat(np.vstack([places, *(ring for _, ring in _rings(raid))]))
    low, high = flat.min(axis=0), flat.max(axis=0)
    middle, size = (low + high) / 2, np.maximum(high - low, 30.0)
    width, height = size + 0.16 * size.max()
    paper = float(np.clip(WIDTH * height / width, _LEAST, _MOST))
    km_per_px = float(max(width / WIDTH, height / paper))
    half = np.array([WIDTH, paper]) * km_per_px / 2
    return Ground(projection, Box(*(middle - half), *(middle + half)), km_per_px)


def ground_as_svg(ground: Ground, raid: FlownRaid) -> str:
    """Land and sea, or a grid where places are fictitious, and the defence circles."""
    lie_of_land = _world(ground) if is_real(raid.scenario) else _grid(ground)
    return "".join([*lie_of_land, *_circles(ground, raid)])


def is_real(scenario: Scenario) -> bool:
    """Whether the scenario is set on the globe: none of its places is marked as fictitious."""
    places: list[Site | LaunchArea] = [*scenario.sites.values(), *scenario.launch_areas.values()]
    assumptions = [place.position.assumed or "" for place in places]
    return not any(word in text for text in assumptions for word in FICTITIOUS)


# --- land and sea ------------------------------------------------------------------------------


def _world(ground: Ground) -> Iterator[str]:
    step = 0.8 * ground.km_per_px
    box = ground.box.grown(5 * step)
    land, lakes, borders, disputed = (
        near(parts, ground.projection, box)
        for parts in (world().land, world().lakes, world().borders, world().disputed)
    )
    yield f'<rect class="sea" width="{WIDTH:g}" height="{ground.height:.1f}"/>'
    for kind, rings in (("land", land), ("sea", lakes)):
        outline = areas_within(rings, ground.projection.opposite, box, step)
        if outline is not None:
            points = ground.px(np.asarray(outline.vertices))
            starts = np.asarray(outline.codes) == _MOVE_TO
            yield f'<path class="{kind}" d="{_rings_path(points, starts)}"/>'
    for kind, lines in (("shore", land), ("border", borders), ("disputed", disputed)):
        points = ground.px(lines_within(lines, box, step))
        yield f'<path class="{kind}" d="{_lines_path(points)}"/>'


def _rings_path(points: Floats, starts: Bools) -> str:
    rings = np.split(points, np.flatnonzero(starts)[1:])
    return "".join(f"M{steps(ring[:-1])}z" for ring in rings)


def _lines_path(points: Floats) -> str:
    """Lines with gaps (nan) between them as a path."""
    gaps = np.isnan(points[:, 0])
    pieces = np.split(points, np.flatnonzero(gaps))
    wholes = [piece[~np.isnan(piece[:, 0])] for piece in pieces]
    return "".join(f"M{steps(line)}" for line in wholes if len(line) > 1)


def steps(points: Floats) -> str:
    """Successive places, to half a pixel, each as its offset from the last."""
    halves = np.rint(2.0 * points).astype(int)
    steps = np.diff(halves, axis=0)
    steps = steps[(steps != 0).any(axis=1)] / 2.0
    x, y = halves[0] / 2.0
    return f"{x:g} {y:g}" + ("l" if len(steps) else "") + " ".join(f"{a:g} {b:g}" for a, b in steps)


def _grid(ground: Ground) -> Iterator[str]:
    """Kilometres from the middle, for places that are nowhere."""
    step = round_km(110.0 * ground.km_per_px)
    yield f'<rect class="land" width="{WIDTH:g}" height="{ground.height:.1f}"/>'
    for k in range(-20, 21):
        ((x, y),) = ground.px(np.array([[k * step, k * step]]))
        if 0.0 < x < WIDTH:
            yield f'<path class="grid" d="M{x:.1f} 0V{ground.height:.1f}"/>'
        if 0.0 < y < ground.height:
            yield f'<path class="grid" d="M0 {y:.1f}H{WIDTH:g}"/>'


def round_km(longest: float) -> float:
    """The longest of 1, 2 or 5 times a power of ten km that is not over a length."""
    power = 10.0 ** np.floor(np.log10(longest))
    return float(max(k * power for k in (1.0, 2.0, 5.0) if k * power <= longest))


# --- defence circles ----------------------------------------------------------------------------


def _rings(raid: FlownRaid) -> Iterator[tuple[str, Floats]]:
    """The defence circles of the side raided: (kind of unit, places in degrees)."""
    enemy = raid.scenario.enemy_of(raid.definition.by)
    for name, site in raid.scenario.sites.items():
        if site.side == enemy:
            centre = np.array([site.position.lon, site.position.lat])
            for kind, reach_km in raid.reaches[name]:
                yield kind, circle_about(centre, reach_km)


def _circles(ground: Ground, raid: FlownRaid) -> Iterator[str]:
    for kind, ring in _rings(raid):
        points = ground.at(ring)
        if np.ptp(points[:, 0]) > 2 * _SMALLEST_CIRCLE:
            yield f'<path class="reach {kind}" d="M{steps(points)}z"/>'
