"""The animation of a raid as a figure: what is seen without a script, and the film for the script.

It shows the end of the raid, with how many drones met which fate; the script of the page adds
what plays it.
"""

from collections.abc import Iterator
from html import escape

import numpy as np

from sim.raid.arrays import FATES
from sim.render.document import CaptionedSvg
from sim.report.plots.places import Floats
from sim.report.plots.words import number
from sim.report.replay.animation import Film, as_json, film_of, places_at_end
from sim.report.replay.base_map import WIDTH, ground_as_svg, ground_of, is_real
from sim.report.replay.drone_symbols import MARKS, UNDER_WAY, drawn_at, paint, swatch
from sim.report.replay.map_symbols import signs_as_svg
from sim.report.replay.panels import SIDE, panel_as_svg, panel_title
from sim.report.replay.raids import FlownRaid, apart_km

Places = dict[tuple[int, int], list[tuple[float, float]]]
"""Where drones lie, by view and fate, in pixels."""


def player_of(raid: FlownRaid) -> CaptionedSvg:
    """The figure of a raid that can be played."""
    ground = ground_of(raid)
    film = film_of(raid, ground)
    ended = places_at_end(film)
    words = f"Map of {raid.definition.title}: {_fates_in_words(raid)}"
    signs = signs_as_svg(ground, raid, _busy(film, ended))
    below = "".join([ground_as_svg(ground, raid), *_ways(film), signs])
    svg = _view(WIDTH, ground.height, words, below, film.radius, 0, ended)
    panels = f'<div class="panels">{_panels(raid, film, ended)}</div>' if film.panels else ""
    counts = f'<ul class="counts">{"".join(_counts(raid))}</ul>'
    data = f'<script type="application/json" class="film">{as_json(film)}</script>'
    return CaptionedSvg(
        file="stage",
        svg=f"{svg}{panels}{counts}{data}",
        title=f"{raid.definition.title}, drone by drone",
        description=words,
        caption=_caption(raid, film),
    )


def _view(
    width: float, height: float, words: str, below: str, radius: float, view: int, ended: Places
) -> str:
    """A picture with the marks of its drones at the end; each state is one path."""
    marks = "".join(
        f'<path class="mark" data-state="{fate}" '
        f'd="{drawn_at(ended.get((view, k), []), MARKS[fate].corners, radius)}" {paint(fate)}/>'
        for k, fate in enumerate(FATES)
    )
    marks += "".join(
        f'<path class="mark" data-state="{state}" d="" {paint(state)}/>' for state in UNDER_WAY
    )
    return (
        f'<svg class="view" viewBox="0 0 {width:g} {height:.1f}" role="img" '
        f'aria-label="{escape(words)}">{below}<g class="marks">{marks}</g></svg>'
    )


def _busy(film: Film, ended: Places) -> Floats:
    """Where something lies on the map that names should avoid, shape (n, 2)."""
    places = [np.array(found) for (view, _), found in ended.items() if view == 0]
    return np.vstack([np.empty((0, 2)), *(way for view, way in film.tracks if view == 0), *places])


def _ways(film: Film) -> Iterator[str]:
    """The legs on the map as faint lines."""
    for view, points in film.tracks:
        if view == 0:
            steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            yield f'<path class="way" d="M{steps}"/>'


def _panels(raid: FlownRaid, film: Film, ended: Places) -> str:
    pictures = []
    for k, site in enumerate(film.panels):
        words = f"{raid.scenario.sites[site].title}: {_fates_in_words(raid, site)}"
        below = panel_as_svg(raid, site)
        picture = _view(SIDE, SIDE, words, below, film.radius, 1 + k, ended)
        pictures.append(f"<div><h4>{panel_title(raid, site)}</h4>{picture}</div>")
    return "".join(pictures)


def _counts(raid: FlownRaid) -> Iterator[str]:
    """How many drones are in each state, those that are under way first."""
    fates = raid.drones["fate"].value_counts()
    for state in (*UNDER_WAY, *(fate for fate in FATES if fates.get(fate, 0))):
        n = int(fates.get(state, 0))
        words = MARKS[state].words
        yield f'<li data-state="{state}">{swatch(state)} <b>{n}</b> {escape(words)}</li>'


def _fates_in_words(raid: FlownRaid, site: str | None = None) -> str:
    """What became of the drones, of one site or of all, in words."""
    drones = raid.drones if site is None else raid.drones[raid.drones["site"] == site]
    fates = drones["fate"].value_counts()
    parts = [f"{fates[fate]} {MARKS[fate].words}" for fate in FATES if fates.get(fate, 0)]
    return f"of {len(drones)} drones and missiles {', '.join(parts)}."


def _caption(raid: FlownRaid, film: Film) -> str:
    """What is seen and how to take it."""
    parts = [f"{raid.definition.title}, {raid.date.day} {raid.date:%B %Y}: {_fates_in_words(raid)}"]
    if raid.is_direct:
        parts.append(
            "Drones fly the great circle from their launch area to their site at an even speed. "
            "Places beside the line and about a site only keep marks apart."
        )
        if film.panels:
            parts.append("A panel is the map about a site, larger and with north up.")
    else:
        parts.append(_of_panels(raid))
    parts.append("Diamonds are sites, triangles launch areas.")
    parts.append("Circles: reach of guns and missiles (solid) and of jammers (dashed) in this run.")
    parts.append(
        "Coasts and borders: Natural Earth, dotted where disputed; no claim is judged."
        if is_real(raid.scenario)
        else "Places are made up: only distances count."
    )
    return " ".join(parts)


def _of_panels(raid: FlownRaid) -> str:
    apart = f", up to {number(round(apart_km(raid), -2))} km apart" if len(raid.sites) > 1 else ""
    return (
        f"The map shows the sites{apart}; the drones start a few km from each, so every site has "
        "a panel. It shows to scale how far drones still have to go, and the reach of the defence. "
        "From which side they come is not in the model: directions are spread evenly and say "
        "nothing."
    )
