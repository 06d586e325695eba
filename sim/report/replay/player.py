"""The animation of a raid as a figure: a static picture, and the data for the script.

It shows the end of the raid, with the number of drones by fate; the page's script adds the
controls.
"""

from collections.abc import Collection
from pathlib import Path

import numpy as np

from sim.raid.arrays import FATES
from sim.render.document import CaptionedSvg
from sim.render.template import fill
from sim.report.numbers import full_date
from sim.report.plots.map.scene import span_km
from sim.report.plots.map.words import lines_words
from sim.report.plots.places import Floats
from sim.report.plots.words import number
from sim.report.replay.animation import Animation, animation_of, as_json, places_at_end
from sim.report.replay.base_map import WIDTH, base_map_of, layers_of
from sim.report.replay.flown_raid import FlownRaid
from sim.report.replay.markers import LETTERS_PX, labels_of, markers_of
from sim.report.replay.panels import MIDDLE, SIDE, circles_of, panel_title
from sim.report.replay.symbols import SYMBOLS, UNDER_WAY

_TEMPLATES = Path(__file__).with_name("templates")

_TINTS = {"land underdog": "yellow", "land favourite": "beige"}

Places = dict[tuple[int, int], list[tuple[float, float]]]
"""Where drones lie, by view and fate, in pixels."""


def player_of(raid: FlownRaid) -> CaptionedSvg:
    """The animated figure of a raid."""
    base = base_map_of(raid)
    layers = list(layers_of(base, raid))
    animation = animation_of(raid, base)
    ended, markers = places_at_end(animation), markers_of(base, raid)
    busy = _busy(animation, ended)
    words = f"Map of {raid.definition.title}: {_fates_in_words(raid)}"
    figure = fill(
        _TEMPLATES / "player.html",
        words=words,
        width=WIDTH,
        height=base.height,
        layers=layers,
        ways=[way for view, way in animation.tracks if view == 0],
        markers=markers,
        labels={k: list(labels_of(base, markers, busy, px)) for k, px in LETTERS_PX.items()},
        drawn=_drawn(ended, 0, animation.radius),
        panels=[
            {
                "title": panel_title(raid, site),
                "words": f"{raid.scenario.sites[site].title}: {_fates_in_words(raid, site)}",
                "circles": list(circles_of(raid, site)),
                "drawn": _drawn(ended, 1 + k, animation.radius),
            }
            for k, site in enumerate(animation.panels)
        ],
        side=SIDE,
        middle=MIDDLE,
        counts=_counts(raid),
        symbols=SYMBOLS,
        data=as_json(animation),
    )
    caption = _caption(raid, bool(animation.panels), {layer.kind for layer in layers})
    return CaptionedSvg(
        "player", figure, f"{raid.definition.title}, drone by drone", words, caption
    )


def _drawn(ended: Places, view: int, radius: float) -> dict[str, str]:
    """The symbols of a view's drones at the end: one path per state, empty for those in flight."""
    fates = {
        fate: SYMBOLS[fate].drawn_at(ended.get((view, k), []), radius)
        for k, fate in enumerate(FATES)
    }
    return fates | dict.fromkeys(UNDER_WAY, "")


def _busy(animation: Animation, ended: Places) -> Floats:
    """Occupied places on the map that names should avoid, shape (n, 2)."""
    places = [np.array(found) for (view, _), found in ended.items() if view == 0]
    ways = [way for view, way in animation.tracks if view == 0]
    return np.vstack([np.empty((0, 2)), *ways, *places])


def _counts(raid: FlownRaid) -> dict[str, int]:
    """How many drones are in each state, those in flight first."""
    fates = raid.drones["fate"].value_counts()
    return dict.fromkeys(UNDER_WAY, 0) | {f: int(fates[f]) for f in FATES if fates.get(f, 0)}


def _fates_in_words(raid: FlownRaid, site: str | None = None) -> str:
    """The fates of the drones, of one site or of all, as text."""
    drones = raid.drones if site is None else raid.drones[raid.drones["site"] == site]
    fates = drones["fate"].value_counts()
    parts = [f"{fates[fate]} {SYMBOLS[fate].words}" for fate in FATES if fates.get(fate, 0)]
    return f"of {len(drones)} drones and missiles {', '.join(parts)}."


def _caption(raid: FlownRaid, has_panels: bool, layers: Collection[str]) -> str:
    """What is shown and how to read it."""
    parts = [f"{raid.definition.title}, {full_date(raid.date)}: {_fates_in_words(raid)}"]
    if raid.is_direct:
        parts.append(
            "Drones fly along the great circle from their launch area to their site at constant "
            "speed. Offsets beside the line and around a site only keep symbols apart."
        )
        if has_panels:
            parts.append("A panel shows the map around a site, enlarged and with north up.")
    else:
        parts.append(_of_panels(raid))
    parts.append("Diamonds are sites, triangles launch areas.")
    parts.append("Circles: reach of guns and missiles (solid) and of jammers (dashed) in this run.")
    if raid.scene.is_real:
        sides = {f"land {side.role}": side.title for side in raid.scenario.sides.values()}
        tinted = {kind: sides[kind] for kind in _TINTS if kind in layers}
        parts += [f"{title} is {_TINTS[kind]}." for kind, title in tinted.items()]
        parts.append(lines_words(list(tinted.values())))
    else:
        parts.append("The places are fictional; only distances matter.")
    return " ".join(parts)


def _of_panels(raid: FlownRaid) -> str:
    far = number(round(span_km(raid.scene), -2))
    apart = f", up to {far} km apart" if len(raid.sites) > 1 else ""
    return (
        f"The map shows the sites{apart}; the drones start a few km from each, so every site has "
        "a panel. It shows to scale how far drones still have to go, and the reach of the defence. "
        "The model does not contain the direction from which they come: directions are spread "
        "evenly and mean nothing."
    )
