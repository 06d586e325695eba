"""The base of the map of a raid: coasts and borders, degrees or kilometres, names, a scale."""

import functools
import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from sim.report.plots.colours import INK, PALE, PAPER
from sim.report.plots.lettering import NOTE_PT, width_of
from sim.report.plots.map.coast import (
    Box,
    FlatParts,
    Parts,
    areas_within,
    laid_flat,
    lines_within,
    near,
    world,
)
from sim.report.plots.map.globe import Projection
from sim.report.plots.map.labels import LabelLayout, Rectangle, around
from sim.report.plots.places import Floats
from sim.report.plots.words import number

_NAME_PT, _NAME_IN, _NAME_COLOUR, _SIDE_COLOUR = NOTE_PT + 1.0, 0.14, "#8C8678", "#4A463C"
_LAND, _SEA, _SHORE, _BORDER = "#FAF9F6", "#E3ECF2", "#8FA3B0", "#9A9A9A"
_DOTTED: Any = (0, (1.0, 1.6))


@dataclass(frozen=True)
class Frame:
    """A section of the projected map and the axes in which it is drawn."""

    axes: Axes
    projection: Projection
    box: Box
    km_per_in: float

    @functools.cached_property
    def lines(self) -> dict[str, FlatParts]:
        """Land, lakes, borders and disputed lines of the world on the projected map."""
        return {
            name: laid_flat(getattr(world(), name), self.projection)
            for name in ("land", "lakes", "borders", "disputed")
        }

    def flat(self, lon_lat: Floats) -> Floats:
        """Places (n, 2) in degrees as km on the projected map."""
        return self.projection.flat(lon_lat)

    def on_paper(self, flat: Floats) -> Floats:
        """Projected places in inches from the lower left corner of the map."""
        return (flat - (self.box.left, self.box.bottom)) / self.km_per_in

    def off_paper(self, inches: tuple[float, float]) -> tuple[float, float]:
        """The projected place, in km, of a place on the paper."""
        left, bottom = self.box.left, self.box.bottom
        return left + inches[0] * self.km_per_in, bottom + inches[1] * self.km_per_in


def draw_world(frame: Frame, tinted: Mapping[str, tuple[Parts, str]]) -> dict[str, Outline]:
    """Land, lakes, coasts and borders within the frame.

    `tinted` are the outlines and colours of some countries. Returns the visible part of each,
    projected.
    """
    axes, step = frame.axes, frame.km_per_in / 150
    box = frame.box.grown(5 * step)
    axes.set_facecolor(_SEA)
    land, lakes, borders, disputed = (near(parts, box) for parts in frame.lines.values())
    areas = [
        (name, near(laid_flat(parts, frame.projection), box), colour)
        for name, (parts, colour) in tinted.items()
    ]
    seen: dict[str, Outline] = {}
    for name, rings, colour in (("land", land, _LAND), *areas, ("lakes", lakes, _SEA)):
        outline = areas_within(rings, frame.projection.opposite, box, step)
        if outline is not None:
            axes.add_artist(PathPatch(outline, facecolor=colour, edgecolor="none", zorder=0))
            seen[name] = outline
    for name, lines, colour, width, style in (
        ("coast", land, _SHORE, 0.5, "-"),
        ("lake", lakes, _SHORE, 0.25, "-"),
        ("border", borders, _BORDER, 0.6, "-"),
        ("disputed", disputed, _BORDER, 0.9, _DOTTED),
    ):
        x, y = lines_within(lines, box, step).T
        axes.plot(x, y, color=colour, linewidth=width, linestyle=style, zorder=0.5, gid=name)
    return {name: seen[name] for name in tinted if name in seen}


def label_degrees(frame: Frame) -> None:
    """A graticule, labelled at the lower and left edges of the map."""
    axes, box = frame.axes, frame.box
    part = np.linspace(0.0, 1.0, 101)[:, None]
    corners = [(box.left, box.bottom), (box.right, box.bottom), (box.right, box.top),
               (box.left, box.top), (box.left, box.bottom)]  # fmt: skip
    edges = [start + part * (np.array(end) - start) for start, end in itertools.pairwise(corners)]
    places = [frame.projection.degrees(edge) for edge in edges]
    low, high = (edge(np.vstack(places), axis=0) for edge in (np.min, np.max))
    for k, sides, line, edge in ((0, "EW", places[0], edges[0]), (1, "NS", places[3], edges[3])):
        step = _degree_step(float(np.ptp(line[:, k])))
        levels = np.arange(np.floor(low[k] / step), high[k] / step + 1.0) * step
        for level in levels:
            way = low + part * (high - low)
            way[:, k] = level
            axes.plot(*frame.flat(way).T, color=PAPER, linewidth=0.5, zorder=0.2)
        order = np.argsort(line[:, k])
        first, last = line[order[[0, -1]], k]
        named = [level for level in levels if first <= level <= last]
        where = np.interp(named, line[order, k], edge[order, k])
        (axes.set_xticks if k == 0 else axes.set_yticks)(
            where, [_degrees(float(v), sides) for v in named]
        )
    axes.set_xlabel("Longitude")
    axes.set_ylabel("Latitude")


def _degree_step(span: float) -> float:
    """The finest round step with at most seven marks in a span."""
    steps = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0)
    return next((step for step in steps if span <= 7.0 * step), steps[-1])


def _degrees(value: float, sides: str) -> str:
    """A longitude or latitude with its side: 40°E."""
    value = (value + 180.0) % 360.0 - 180.0
    return f"{number(abs(value))}°{sides[value < 0] if value else ''}"


def draw_grid(frame: Frame) -> None:
    """A grid of kilometres from the centre, for fictitious places."""
    frame.axes.grid(color=PALE, linewidth=0.4)
    frame.axes.set_axisbelow(True)
    frame.axes.set_xlabel("km to the east")
    frame.axes.set_ylabel("km to the north")


def draw_scale(frame: Frame, layout: LabelLayout) -> None:
    """A scale bar of a round length, in the emptiest corner."""
    longest = 1.3 * frame.km_per_in
    power = 10.0 ** np.floor(np.log10(longest))
    length = max(k * power for k in (1.0, 2.0, 5.0) if k * power <= longest)
    width, words = length / frame.km_per_in, f"{number(length)} km"
    box = layout.corner(max(width, width_of(words, NOTE_PT)) + 0.1, 0.26, 0.06)
    middle = box.middle[0]
    ends = [frame.off_paper((middle + sign * width / 2, box.bottom + 0.06)) for sign in (-1, 1)]
    frame.axes.plot(
        *zip(*ends, strict=True), color=INK, linewidth=1.6, solid_capstyle="butt", zorder=5
    )
    x, y = frame.off_paper((middle, box.bottom + 0.09))
    frame.axes.text(x, y, words, ha="center", va="bottom", size=NOTE_PT, zorder=5)


def write_side_names(
    frame: Frame,
    layout: LabelLayout,
    sides: Collection[str],
    seen: Mapping[str, Outline],
    crossed: Floats,
) -> None:
    """The names of the sides that are countries, avoiding what is `crossed` if possible.

    Each is inside the part of its country that is `seen`, if that is known and has room. Otherwise
    it is placed like the names of other countries, even if its middle is off the map, and if there
    is no place, on the middle itself.
    """
    rest = []
    for name in sides:
        width = width_of(name.upper(), _NAME_PT) + 0.05
        box = None
        if name in seen:
            area = Outline(frame.on_paper(np.asarray(seen[name].vertices)), seen[name].codes)
            box = layout.within(area, width, _NAME_IN, crossed)
        if box is not None:
            _write_name(frame, box, name, _SIDE_COLOUR)
        elif name in world().names:
            rest.append(name)
    spots = _spots(frame, rest)
    for name in _write_names(frame, layout, spots, crossed, _SIDE_COLOUR):
        width = width_of(name.upper(), _NAME_PT) + 0.05
        if name in seen and (box := layout.take(around(spots[name], width, _NAME_IN))):
            _write_name(frame, box, name, _SIDE_COLOUR)


def write_other_names(
    frame: Frame, layout: LabelLayout, sides: Collection[str], crossed: Floats
) -> None:
    """The names of the other countries whose middle is on the map and free.

    Each is at the free place nearest to its middle that no coast or border, disputed or not,
    separates from it, avoiding what is `crossed` if possible.
    """
    spots = _spots(frame, [name for name in world().names if name not in sides])
    free = {name: spot for name, spot in spots.items() if layout.is_free(around(spot, 0.01, 0.01))}
    _write_names(frame, layout, free, crossed, _NAME_COLOUR)


def _spots(frame: Frame, names: Sequence[str]) -> dict[str, Floats]:
    """The middles of countries on the paper."""
    if not names:
        return {}
    spots = frame.on_paper(frame.flat(np.array([world().names[name] for name in names])))
    return dict(zip(names, spots, strict=True))


def _write_names(
    frame: Frame, layout: LabelLayout, spots: Mapping[str, Floats], crossed: Floats, colour: str
) -> list[str]:
    """Write names near their spots; returns those for which there is no place."""
    walls = _walls(frame, spots.values()) if spots else np.empty((0, 2, 2))
    left_out = []
    for name, spot in spots.items():
        width = width_of(name.upper(), _NAME_PT) + 0.05
        box = layout.nearest(spot, width, _NAME_IN, walls, crossed)
        if box is None:
            left_out.append(name)
        else:
            _write_name(frame, box, name, colour)
    return left_out


def _write_name(frame: Frame, box: Rectangle, name: str, colour: str) -> None:
    x, y = frame.off_paper(box.middle)
    frame.axes.text(
        x, y, name.upper(), ha="center", va="center", size=_NAME_PT, color=colour, zorder=0.8
    )


def _walls(frame: Frame, spots: Iterable[Floats]) -> Floats:
    """Coasts and borders of the map, and of everything between it and some spots on the paper.

    Line segments, shape (n, 2, 2), in inches.
    """
    box = frame.box
    for x, y in (frame.off_paper((float(x), float(y))) for x, y in spots):
        box = Box(min(box.left, x), min(box.bottom, y), max(box.right, x), max(box.top, y))
    pieces = []
    for name in ("land", "borders", "disputed"):
        lines = lines_within(near(frame.lines[name], box), box, frame.km_per_in / 20)
        pieces.append(np.stack([lines[:-1], lines[1:]], axis=1))
    walls = np.concatenate(pieces)
    return frame.on_paper(walls[~np.isnan(walls).any(axis=(1, 2))])
