"""What lies under the map of a raid: coasts and borders, degrees or kilometres, names, a scale."""

import itertools
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch

from sim.report.plots.colours import INK, PALE, PAPER
from sim.report.plots.lettering import NOTE_PT, width_of
from sim.report.plots.map.coast import Box, areas_within, lines_within, near, world
from sim.report.plots.map.globe import Projection
from sim.report.plots.map.labels import LabelLayout, around
from sim.report.plots.places import Floats
from sim.report.plots.words import number

_NAME_PT, _NAME_IN, _NAME_COLOUR = NOTE_PT + 1.0, 0.14, "#A8A294"
_LAND, _SEA, _SHORE, _BORDER = "#F3F0E8", "#E3ECF2", "#8FA3B0", "#9A9A9A"
_DOTTED: Any = (0, (1.0, 1.6))


@dataclass(frozen=True)
class Frame:
    """A piece of the flat map and the axes it is drawn in."""

    axes: Axes
    projection: Projection
    box: Box
    km_per_in: float

    def flat(self, lon_lat: Floats) -> Floats:
        """Places (n, 2) in degrees as km on the flat map."""
        return self.projection.flat(lon_lat)

    def on_paper(self, flat: Floats) -> Floats:
        """Flat places in inches from the lower left corner of the map."""
        return (flat - (self.box.left, self.box.bottom)) / self.km_per_in

    def off_paper(self, inches: tuple[float, float]) -> tuple[float, float]:
        """A place on the paper as a flat one, in km."""
        left, bottom = self.box.left, self.box.bottom
        return left + inches[0] * self.km_per_in, bottom + inches[1] * self.km_per_in


def draw_world(frame: Frame) -> None:
    """Land, lakes, coasts and borders, as far as the frame shows them."""
    axes, step = frame.axes, frame.km_per_in / 150
    box = frame.box.grown(5 * step)
    axes.set_facecolor(_SEA)
    land, lakes, borders, disputed = (
        near(parts, frame.projection, box)
        for parts in (world().land, world().lakes, world().borders, world().disputed)
    )
    for rings, colour in ((land, _LAND), (lakes, _SEA)):
        outline = areas_within(rings, frame.projection.opposite, box, step)
        if outline is not None:
            axes.add_artist(PathPatch(outline, facecolor=colour, edgecolor="none", zorder=0))
    for name, lines, colour, width, style in (
        ("coast", land, _SHORE, 0.5, "-"),
        ("lake", lakes, _SHORE, 0.25, "-"),
        ("border", borders, _BORDER, 0.6, "-"),
        ("disputed", disputed, _BORDER, 0.9, _DOTTED),
    ):
        x, y = lines_within(lines, box, step).T
        axes.plot(x, y, color=colour, linewidth=width, linestyle=style, zorder=0.5, gid=name)


def label_degrees(frame: Frame) -> None:
    """A grid of degrees, named where it leaves the map below and at the left."""
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
    """The finest round step with which a span has at most seven marks."""
    steps = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0)
    return next((step for step in steps if span <= 7.0 * step), steps[-1])


def _degrees(value: float, sides: str) -> str:
    """A longitude or latitude with its side: 40°E."""
    value = (value + 180.0) % 360.0 - 180.0
    return f"{number(abs(value))}°{sides[value < 0] if value else ''}"


def draw_grid(frame: Frame) -> None:
    """Kilometres from the middle, for places that are nowhere."""
    frame.axes.grid(color=PALE, linewidth=0.4)
    frame.axes.set_axisbelow(True)
    frame.axes.set_xlabel("km to the east")
    frame.axes.set_ylabel("km to the north")


def draw_scale(frame: Frame, layout: LabelLayout) -> None:
    """A bar of a round length, in the corner with most room."""
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


def write_names(frame: Frame, layout: LabelLayout, sides: Collection[str], crossed: Floats) -> None:
    """The names of countries, where there is room at the middle of each.

    The `sides`, where they are countries, come first. They are named at the place nearest to the
    middle with no coast and no border, disputed or not, between, and off what is `crossed`.
    """
    names = world().names
    spots = frame.on_paper(frame.flat(np.array(list(names.values()))))
    of_sides = [k for k, name in enumerate(names) if name in sides]
    walls = _walls(frame, spots[of_sides]) if of_sides else np.empty((0, 2, 2))
    for name, spot in sorted(zip(names, spots, strict=True), key=lambda pair: pair[0] not in sides):
        if name not in sides and not layout.is_free(around(spot, 0.01, 0.01)):
            continue
        width = width_of(name.upper(), _NAME_PT) + 0.05
        if name in sides:
            box = layout.nearest(spot, width, _NAME_IN, walls, crossed)
        else:
            box = layout.take(around(spot, width, _NAME_IN))
        if box is not None:
            x, y = frame.off_paper(box.middle)
            frame.axes.text(
                x, y, name.upper(), ha="center", va="center", size=_NAME_PT,
                color=_NAME_COLOUR, zorder=0.8,
            )  # fmt: skip


def _walls(frame: Frame, spots: Floats) -> Floats:
    """Coasts and borders of the map and of all that lies between it and spots on the paper.

    Pieces of lines, shape (n, 2, 2), in inches.
    """
    box = frame.box
    for x, y in (frame.off_paper((float(x), float(y))) for x, y in spots):
        box = Box(min(box.left, x), min(box.bottom, y), max(box.right, x), max(box.top, y))
    pieces = []
    for parts in (world().land, world().borders, world().disputed):
        lines = lines_within(near(parts, frame.projection, box), box, frame.km_per_in / 20)
        pieces.append(np.stack([lines[:-1], lines[1:]], axis=1))
    walls = np.concatenate(pieces)
    return frame.on_paper(walls[~np.isnan(walls).any(axis=(1, 2))])
