"""One raid in the current wars: its map, its losses compared with reports, its fates."""

import base64
from pathlib import Path
from typing import Any

from sim.render.template import fill
from sim.report.dashboard.losses import tracks_of
from sim.report.dashboard.results import MapImage, Results
from sim.report.numbers import chance
from sim.report.plots.colours import FATE_COLOURS
from sim.report.plots.map import draw_map
from sim.report.plots.run.fates import FATE_WORDS
from sim.scenario.columns import FATES, HITS

_TEMPLATES = Path(__file__).with_name("templates")
_MAP_DPI = 150


def raids_of(results: Results) -> list[dict[str, str]]:
    """The raids to choose from, the one in focus first: name and title."""
    titles = {name: raid.title for name, raid in results.scenario.raids.items()}
    return [
        {
            "name": name,
            "title": titles[name] + ("" if name in results.fates else " (not flown)"),
        }
        for name in results.raids
    ]


def raid_chosen(results: Results, wanted: str) -> str:
    """The wanted raid, or the first that was flown; empty if there is none."""
    if wanted in results.raids:
        return wanted
    return next(iter([*(n for n in results.raids if n in results.fates), *results.raids, ""]))


def raid_page(results: Results, raid: str) -> str:
    """A raid as HTML, with its map or a space for it; empty if the scenario has none."""
    if not raid:
        return ""
    is_flown = raid in results.fates
    return fill(
        _TEMPLATES / "raid.html",
        flown=chance(results.summary["raids"][raid]["flown"]) if is_flown else "",
        is_flown=is_flown,
        map=results.maps.get(raid),
        tracks=tracks_of(results, raid) if is_flown else [],
        fates=_fates(results, raid) if is_flown else {},
    )


def needs_map(results: Results, raid: str) -> bool:
    """Whether a raid was flown but has no map yet."""
    return raid in results.fates and raid not in results.maps


def map_of(results: Results, raid: str) -> MapImage:
    """The map of a raid that was flown; drawing it takes longer than 200 wars."""
    picture = draw_map(results.record, raid)
    assert picture is not None  # it was flown
    png = base64.b64encode(picture.as_png(_MAP_DPI)).decode()
    return MapImage(png, picture.description)


def _fates(results: Results, raid: str) -> dict[str, Any]:
    """The fates of the drones: in total, and a bar per site, as long as what was sent there."""
    table = results.fates[raid]
    longest = max(float(table.sum(axis=1).max()), 1.0)
    sites = [
        {
            "title": results.scenario.sites[str(site)].title,
            "hit": float(fates[list(HITS)].sum()),
            "sent": float(fates.sum()),
            "parts": {fate: float(fates[fate]) for fate in FATES if fates[fate] > 0},
        }
        for site, fates in table.iterrows()
    ]
    return {
        "sums": {fate: float(table[fate].sum()) for fate in FATES if table[fate].sum() > 0},
        "sites": sites,
        "longest": longest,
        "words": FATE_WORDS,
        "colours": FATE_COLOURS,
        "mean": _mean,
    }


def _mean(drones: float) -> str:
    """A mean number of drones, with one decimal."""
    return f"{drones:,.1f}".removesuffix(".0")
