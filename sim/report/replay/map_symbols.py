"""What stands on the ground of a raid: marks of sites and launch areas, their names, a scale."""

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

import numpy as np

from sim.report.plots.lettering import shortened, width_of
from sim.report.plots.map.labels import LabelLayout, around
from sim.report.plots.places import Floats
from sim.report.plots.words import number
from sim.report.replay.base_map import WIDTH, Ground, round_km
from sim.report.replay.raids import FlownRaid, areas_of
from sim.scenario.schema import LaunchArea, Site

_LETTERS = {"wide": 13.0, "narrow": 23.0}
"""The size of names on a screen, and on a phone, where the map is half as wide; in pixels."""
_PER_INCH = 100.0
_FAR_IN = 0.25


class Sign(NamedTuple):
    """A mark on the map: what it stands for, its name, and where it is, in pixels."""

    kind: str
    title: str
    place: Floats


def signs_as_svg(ground: Ground, raid: FlownRaid, busy: Floats) -> str:
    """Marks with their names, which avoid the `busy` places (n, 2), in pixels, if they can."""
    signs = list(_signs(ground, raid))
    parts = [_mark(sign) for sign in signs]
    for width, size in _LETTERS.items():
        names = "".join(_names(ground, signs, busy, size))
        parts.append(f'<g class="labels {width}">{names}</g>')
    return "".join(parts)


def _signs(ground: Ground, raid: FlownRaid) -> Iterator[Sign]:
    """The raided sites first, numbered where each has a panel; launch areas; other sites."""
    scenario, raided = raid.scenario, raid.sites
    for k, name in enumerate(raided):
        number_words = "" if raid.is_direct else f"{k + 1} "
        yield _sign(ground, scenario.sites[name], "site raided", number_words)
    for name in areas_of(raid):
        yield _sign(ground, scenario.launch_areas[name], "area")
    enemy = scenario.enemy_of(raid.definition.by)
    for name, site in scenario.sites.items():
        if site.side == enemy and name not in raided:
            yield _sign(ground, site, "site")


def _sign(ground: Ground, of: Site | LaunchArea, kind: str, before: str = "") -> Sign:
    (place,) = ground.at(np.array([[of.position.lon, of.position.lat]]))
    return Sign(kind, f"{before}{of.title.split(',')[0]}", place)


def _mark(sign: Sign) -> str:
    """A triangle for a launch area, a diamond for a site."""
    shape = "l5 9h-10z" if sign.kind == "area" else "l5 5l-5 5l-5 -5z"
    x, y = sign.place
    return f'<path class="{sign.kind}" d="M{x:.1f} {y - 5:.1f}{shape}"/>'


def _names(ground: Ground, signs: list[Sign], busy: Floats, size: float) -> Iterator[str]:
    """Names next to their marks, the raided first; one that finds no room is left out."""
    points = 72.0 * size / _PER_INCH
    layout = LabelLayout(WIDTH / _PER_INCH, ground.height / _PER_INCH)
    spots = [_on_paper(ground, sign.place[None])[0] for sign in signs]
    layout.lines = _on_paper(ground, busy)
    layout.taken += [around(spot, 0.16, 0.16) for spot in spots]
    yield _scale(ground, layout, size)
    for sign, spot in zip(signs, spots, strict=True):
        text = shortened(sign.title, 0.11 * size, points)
        box = layout.place(spot, 0.14, width_of(text, points) + 0.04, 1.15 * size / _PER_INCH)
        if box is not None:
            yield _lead(ground, spot, np.clip(spot, box[:2], box[2:]) - spot)
            x, y = _PER_INCH * box.left + 2, ground.height - _PER_INCH * box.bottom - 0.25 * size
            yield f'<text class="{sign.kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _lead(ground: Ground, spot: Floats, away: Floats) -> str:
    """A thin line to a name that is far from its mark."""
    if away @ away <= _FAR_IN**2:
        return ""
    x, y = _PER_INCH * spot[0], ground.height - _PER_INCH * spot[1]
    by_x, by_y = _PER_INCH * away * (1.0, -1.0)
    return f'<path class="lead" d="M{x:.1f} {y:.1f}l{by_x:.1f} {by_y:.1f}"/>'


def _on_paper(ground: Ground, places: Floats) -> Floats:
    """Places in pixels from the upper left as inches from the lower left."""
    return np.column_stack([places[:, 0], ground.height - places[:, 1]]) / _PER_INCH


def _scale(ground: Ground, layout: LabelLayout, size: float) -> str:
    """A bar of a round length in the corner with most room."""
    length = round_km(130.0 * ground.km_per_px)
    words, wide = f"{number(length)} km", length / ground.km_per_px
    height = 1.4 * size + 8
    room = max(wide, _PER_INCH * width_of(words, 72.0 * size / _PER_INCH)) + 10
    box = layout.corner(room / _PER_INCH, height / _PER_INCH, 0.08)
    x, y = _PER_INCH * box.left + 5, ground.height - _PER_INCH * box.bottom - 6
    return (
        f'<path class="scale" d="M{x:.1f} {y:.1f}h{wide:.1f}"/>'
        f'<text class="scale" x="{x:.1f}" y="{y - 5:.1f}">{words}</text>'
    )
