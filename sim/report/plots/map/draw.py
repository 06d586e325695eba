"""The figure of a raid on the map."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Patch
from matplotlib.path import Path as Outline

from sim.experiment.record import Record
from sim.report.plots.captions import ensemble, flown_words
from sim.report.plots.colours import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PAPER,
    PURPLE,
    SKY,
    VERMILION,
    YELLOW,
)
from sim.report.plots.lettering import NOTE_PT, shortened, width_of, wrapped
from sim.report.plots.map import base
from sim.report.plots.map.base import Frame
from sim.report.plots.map.coast import Box, Parts
from sim.report.plots.map.globe import Projection, circle_about, great_circle, projection_about
from sim.report.plots.map.labels import LabelLayout, around
from sim.report.plots.map.scene import Leg, Scene, place_of, scene_of, with_raider
from sim.report.plots.map.words import (
    credit_of,
    description_of,
    drones_words,
    explanation_of,
    far_words,
    loss_words,
    title_of,
)
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture, key_columns
from sim.report.plots.places import Floats
from sim.report.plots.style import house_style
from sim.report.plots.words import sentence
from sim.scenario.schema import Scenario

_LEFT_IN = 0.62
_MAP_IN = WIDTH_IN - _LEFT_IN - 0.2
_LEAST_IN, _MOST_IN = 3.0, 4.6
_BELOW_IN, _KEY_ROW_IN = 0.42, 0.15
_LINE_IN = 1.2 * NOTE_PT / 72
_WEAPONS = (PURPLE, GREEN, INK, SKY, GREY, YELLOW)
_REACH_STYLES: dict[str, Any] = {"shooter": "-", "jammer": (0, (4, 2))}
_MARKS, _BARE_MARK, _LAUNCH_MARK = "osD^vPX", "x", ">"
_LARGEST_IN, _MARK_IN, _SMALLEST_IN = 0.26, 0.07, 0.045
_LABEL_IN = 1.45
_TINTS = {"underdog": "#EBD488", "favourite": "#EFE6DA"}


@house_style()
def draw_map(what: Record | Scenario, raid: str | None = None) -> Picture | None:
    """A raid on the map: `raid`, or the one in focus, or the first that is flown.

    For a record it also shows losses, over the runs in which the raid was flown. None without a
    raid. A scenario with fictitious places is drawn on a plain grid.
    """
    scene = scene_of(what, raid)
    if scene is None:
        return None
    projection = projection_about(_every_place(scene))
    box, height = _fitting(_extent(scene, projection))
    picture = Picture(title_of(scene), explanation_of(scene))
    picture.top += 0.1085
    axes = picture.axes_at(_LEFT_IN, picture.top, _MAP_IN, height)
    picture.top += height + _BELOW_IN
    frame = Frame(axes, projection, box, (box.right - box.left) / _MAP_IN)
    axes.set(xlim=(box.left, box.right), ylim=(box.bottom, box.top))
    axes.spines[:].set_visible(True)
    tinted, seen = _tinted(scene), {}
    if scene.is_real:
        seen = base.draw_world(frame, tinted)
        base.label_degrees(frame)
    else:
        base.draw_grid(frame)
    _draw_scene(frame, scene, height, seen)
    entries = _key(scene, frame.km_per_in, {name: tinted[name][1] for name in seen})
    columns = min(5, key_columns(entries, _MAP_IN))
    picture.key(_LEFT_IN, picture.top, entries, columns)
    picture.top += -(-len(entries) // columns) * _KEY_ROW_IN
    words = credit_of(scene, list(seen))
    credit = wrapped(words, WIDTH_IN - 2 * MARGIN_IN - 1.7, NOTE_PT)
    picture.top += len(credit) * _LINE_IN
    look = {"va": "bottom", "size": NOTE_PT, "color": GREY, "linespacing": 1.2}
    picture.write(MARGIN_IN, picture.top + 0.05, "\n".join(credit), **look)
    note, flown = "as the scenario says, not run", []
    if isinstance(what, Record):
        note, flown = ensemble(what), [f"{sentence(flown_words(what, scene.raid))}."]
    return picture.finished(0.1, note, [*description_of(scene), *flown, words])


# --- the paper -------------------------------------------------------------------------------


def _every_place(scene: Scene) -> Floats:
    return np.array([place_of(place) for place in scene.places])


def _extent(scene: Scene, projection: Projection) -> Floats:
    """All places that the map has to show, projected: sites, launch areas, legs and circles.

    Also the country of the raiding side if distances are given from it and it is no larger.
    """
    places = [_every_place(scene)]
    places += [circle for name in scene.sites for _, circle in _rings(scene, name)]
    places += [_way(scene, leg) for leg in scene.legs]
    return with_raider(scene, projection.flat(np.vstack(places)), projection)


def _tinted(scene: Scene) -> dict[str, tuple[Parts, str]]:
    """The outlines and colours of the sides' countries, by title."""
    sides = {side: scene.scenario.sides[side] for side in scene.countries}
    return {sides[name].title: (parts, _TINTS[sides[name].role])
            for name, parts in scene.countries.items()}  # fmt: skip


def _rings(scene: Scene, site: str) -> list[tuple[str, Floats]]:
    """The defence circles of a site: (kind of unit, places)."""
    centre = place_of(scene.sites[site])
    return [(kind, circle_about(centre, radius)) for kind, radius in scene.circles(site)]


def _way(scene: Scene, leg: Leg) -> Floats:
    return great_circle(place_of(scene.areas[leg.area]), place_of(scene.sites[leg.site]))


def _fitting(flat: Floats) -> tuple[Box, float]:
    """The section of the projected map to show, and its height on paper, in inches."""
    low, high = flat.min(axis=0), flat.max(axis=0)
    middle = (low + high) / 2
    width, height = np.maximum(high - low, 30.0)
    margin = 0.09 * max(width, height)
    width, height = width + 2.2 * margin, height + 1.6 * margin
    paper = float(np.clip(_MAP_IN * height / width, _LEAST_IN, _MOST_IN))
    km_per_in = max(width / _MAP_IN, height / paper)
    half = np.array([_MAP_IN, paper]) * km_per_in / 2
    return Box(*(middle - half), *(middle + half)), paper


# --- raid and losses -------------------------------------------------------------------------


def _draw_scene(frame: Frame, scene: Scene, height: float, seen: Mapping[str, Outline]) -> None:
    layout = LabelLayout(_MAP_IN, height)
    circles = [ring for name in scene.sites for ring in _draw_circles(frame, scene, name)]
    layout.lines = np.vstack(
        [np.empty((0, 2)), *(_draw_leg(frame, scene, leg) for leg in scene.legs)]
    )
    marks = _draw_marks(frame, scene, layout)
    sides = [side.title for side in scene.scenario.sides.values()] if scene.is_real else []
    crossed = np.vstack([layout.lines, *circles])
    if scene.is_real:
        base.write_side_names(frame, layout, sides, seen, crossed)
        layout.lines = np.vstack([layout.lines, *_raider_on_paper(frame, scene)])
    base.draw_scale(frame, layout)
    for name, gap in marks.items():
        place = scene.sites[name] if name in scene.sites else scene.areas[name]
        spot = frame.on_paper(frame.flat(place_of(place)[None]))[0]
        _write_label(frame, layout, scene, name, spot, gap)
    if scene.is_real:
        base.write_other_names(frame, layout, sides, crossed)


def _raider_on_paper(frame: Frame, scene: Scene) -> list[Floats]:
    """The outline of the country from which distances are given; labels should avoid it."""
    if not scene.km_from_raider:
        return []
    return [frame.on_paper(frame.flat(scene.countries[scene.raider].points))]


def _draw_circles(frame: Frame, scene: Scene, name: str) -> list[Floats]:
    """The reach of a site's defence if larger than the mark; returns where the circles are."""
    drawn = []
    for (kind, radius), (_, ring) in zip(scene.circles(name), _rings(scene, name), strict=True):
        if radius < _MARK_IN * frame.km_per_in:
            continue
        style = _REACH_STYLES[kind]
        flat = frame.flat(ring)
        frame.axes.fill(*flat.T, color=BLUE, alpha=0.035, linewidth=0, zorder=1)
        frame.axes.plot(*flat.T, color=BLUE, alpha=0.75, linewidth=0.5, linestyle=style, zorder=1)
        drawn.append(frame.on_paper(flat))
    return drawn


def _colours(scene: Scene) -> dict[str, str]:
    weapons = dict.fromkeys(leg.weapon for leg in scene.legs)
    return {weapon: _WEAPONS[k % len(_WEAPONS)] for k, weapon in enumerate(weapons)}


def _width(drones: float) -> float:
    """The width of a leg, in points: proportional to the square root of drones, plus a minimum."""
    return 0.45 * float(np.sqrt(drones)) + 0.3


def _draw_leg(frame: Frame, scene: Scene, leg: Leg) -> Floats:
    """A leg, parallel to others between the same places; returns where it is on the paper."""
    flat = frame.flat(_way(scene, leg))
    parallel = [other for other in scene.legs if (other.area, other.site) == (leg.area, leg.site)]
    aside = (parallel.index(leg) - (len(parallel) - 1) / 2) * 0.055 * frame.km_per_in
    ahead = np.gradient(flat, axis=0)
    length = np.hypot(*ahead.T)[:, None]
    bow = np.sin(np.linspace(0.0, np.pi, len(flat)))[:, None] ** 0.5
    across = np.column_stack([-ahead[:, 1], ahead[:, 0]]) / np.maximum(length, 1e-9)
    flat = flat + aside * bow * across
    frame.axes.plot(
        *flat.T, color=_colours(scene)[leg.weapon], linewidth=_width(leg.drones), alpha=0.75,
        solid_capstyle="butt", zorder=2,
    )  # fmt: skip
    return frame.on_paper(flat)


def _marks(scene: Scene) -> dict[str, str]:
    """The marker of each group of assets on the map."""
    groups = dict.fromkeys(group for name in scene.sites if (group := _group(scene, name)))
    return {group: _MARKS[k % len(_MARKS)] for k, group in enumerate(groups)}


def _group(scene: Scene, name: str) -> str | None:
    """The largest group of assets at a site; None if there is only defence."""
    assets = scene.sites[name].assets
    sums: dict[str, float] = {}
    for asset, at_site in assets.items():
        group = scene.scenario.assets[asset].group
        sums[group] = sums.get(group, 0.0) + at_site.count.value
    return max(sums, key=lambda group: sums[group]) if sums else None


def _radius_of_one(scene: Scene) -> float:
    """The radius of a disc for one thing hit, in inches."""
    most = max((loss.hit[2] for loss in scene.losses.values()), default=0.0)
    return _LARGEST_IN / float(np.sqrt(max(most, 4.0)))


def _draw_marks(frame: Frame, scene: Scene, layout: LabelLayout) -> dict[str, float]:
    """Draw marks and losses; returns how far labels must stay from each, in inches."""
    marks, gaps = _marks(scene), {}
    for name, area in scene.areas.items():
        gaps[name] = _draw_mark(frame, layout, place_of(area), _LAUNCH_MARK, VERMILION, 4.0)
    for name, site in scene.sites.items():
        group = _group(scene, name)
        is_target = name in scene.targets
        colour = INK if is_target else GREY
        mark = marks[group] if group else _BARE_MARK
        gaps[name] = _draw_mark(frame, layout, place_of(site), mark, colour, 3.2)
        if name in scene.losses:
            gaps[name] = max(gaps[name], _draw_loss(frame, layout, scene, name))
    return gaps


def _draw_mark(
    frame: Frame, layout: LabelLayout, place: Floats, mark: str, colour: str, size: float
) -> float:
    (flat,) = frame.flat(place[None])
    frame.axes.plot(
        *flat, marker=mark, color=colour, markersize=size, zorder=4, **_edge(mark, colour)
    )
    (spot,) = frame.on_paper(flat[None])
    layout.taken.append(around(spot, 1.4 * _MARK_IN, 1.4 * _MARK_IN))
    return _MARK_IN


def _edge(mark: str, colour: str) -> dict[str, Any]:
    """The edge of a mark: paper-coloured, except for a mark that consists of its edge."""
    is_all_edge = mark == _BARE_MARK
    return {
        "markeredgecolor": colour if is_all_edge else PAPER,
        "markeredgewidth": 0.8 if is_all_edge else 0.4,
    }


def _draw_loss(frame: Frame, layout: LabelLayout, scene: Scene, name: str) -> float:
    """Discs with areas proportional to things hit and destroyed; returns the radius, in inches."""
    loss, one = scene.losses[name], _radius_of_one(scene)
    (flat,) = frame.flat(place_of(scene.sites[name])[None])
    looks = (
        (loss.hit[2], {"facecolor": "none", "edgecolor": VERMILION, "linestyle": (0, (2, 1.5))}),
        (loss.hit[1], {"facecolor": ORANGE, "edgecolor": "none", "alpha": 0.75}),
        (loss.destroyed[1], {"facecolor": VERMILION, "edgecolor": "none", "alpha": 0.9}),
    )
    for things, look in looks:
        if things > 0:
            radius = one * float(np.sqrt(things)) * frame.km_per_in
            frame.axes.add_patch(Circle(tuple(flat), radius, linewidth=0.7, zorder=3, **look))
    reach = one * float(np.sqrt(loss.hit[2]))
    (spot,) = frame.on_paper(flat[None])
    layout.taken.append(around(spot, 1.7 * reach, 1.7 * reach))
    return reach


def _write_label(
    frame: Frame, layout: LabelLayout, scene: Scene, name: str, spot: Floats, gap: float
) -> None:
    """The title of a mark and what was lost there, with a leader line if the label is far."""
    is_site = name in scene.sites
    title = scene.sites[name].title if is_site else scene.areas[name].title
    lines = _few_lines(title)
    if name in scene.km_from_raider:
        lines.append(far_words(scene, name))
    if name in scene.losses:
        lines.append(loss_words(scene.losses[name]))
    width = max(width_of(line, NOTE_PT) for line in lines) * 1.02 + 0.03
    height = len(lines) * _LINE_IN + 0.03
    box = layout.place(spot, gap + 0.03, width, height)
    if box is None:
        return
    nearest = np.clip(spot, (box.left, box.bottom), (box.right, box.top))
    if np.hypot(*(nearest - spot)) > gap + 0.16:
        ends = [frame.off_paper(tuple(spot)), frame.off_paper(tuple(nearest))]
        frame.axes.plot(*zip(*ends, strict=True), color=GREY, linewidth=0.4, zorder=3.5)
    colour = INK if is_site else VERMILION
    side = "left" if box.left >= spot[0] else "right" if box.right <= spot[0] else "center"
    inches = {"left": box.left + 0.015, "right": box.right - 0.015, "center": box.middle[0]}[side]
    x, y = frame.off_paper((inches, box.middle[1]))
    backing = {"facecolor": PAPER, "alpha": 0.6, "linewidth": 0, "pad": 0.6}
    frame.axes.text(
        x, y, "\n".join(lines), ha=side, va="center", size=NOTE_PT, color=colour, zorder=6,
        linespacing=1.2, bbox=backing,
    )  # fmt: skip


def _few_lines(title: str) -> list[str]:
    """A title in at most two lines."""
    lines = wrapped(title, _LABEL_IN, NOTE_PT)
    if len(lines) < 3:
        return lines
    return [lines[0], shortened(" ".join(lines[1:]), _LABEL_IN - 0.08, NOTE_PT)]


def _key(scene: Scene, km_per_in: float, tinted: Mapping[str, str]) -> dict[str, Artist]:
    """The legend of marks, lines, circles and tints."""
    marks = {group.replace("_", " "): (mark, INK) for group, mark in _marks(scene).items()}
    if any(_group(scene, name) is None for name in scene.sites):
        marks["defence only"] = (_BARE_MARK, GREY)
    if scene.areas:
        marks["launch area"] = (_LAUNCH_MARK, VERMILION)
    entries: dict[str, Artist] = {
        words: Line2D([], [], marker=mark, color=colour, markersize=4.0, linestyle="",
                      **_edge(mark, colour))
        for words, (mark, colour) in marks.items()
    }  # fmt: skip
    for weapon, colour in _colours(scene).items():
        drones = [leg.drones for leg in scene.legs if leg.weapon == weapon]
        title = shortened(scene.scenario.weapons[weapon].title.split(" (")[0].split(",")[0], 1.95)
        words = f"{title}, {drones_words(min(drones), max(drones))} a leg"
        entries[words] = Line2D([], [], color=colour, linewidth=_width(max(drones)), alpha=0.75)
    for country, colour in tinted.items():
        entries[country] = Patch(facecolor=colour, edgecolor=GREY, linewidth=0.4)
    kinds = {kind for name in scene.sites for kind, radius in scene.circles(name)
             if radius >= _MARK_IN * km_per_in}  # fmt: skip
    for kind, words in (("shooter", "reach of a defence"), ("jammer", "reach of jamming")):
        if kind in kinds:
            style = _REACH_STYLES[kind]
            entries[words] = Line2D([], [], color=BLUE, linewidth=0.6, linestyle=style)
    return entries
