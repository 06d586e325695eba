"""One raid in the wars on the screen: its map, its losses against reports, its fates."""

import base64
from html import escape

import pandas as pd

from sim.experiment.record import Record
from sim.raid.arrays import FATES
from sim.report.dashboard.answer import Answer, answer_of
from sim.report.dashboard.tracks import tracks
from sim.report.numbers import chance
from sim.report.plots.colours import FATE_COLOURS
from sim.report.plots.map import draw_map
from sim.report.plots.run.fates import FATE_WORDS
from sim.scenario.schema import Scenario

_MAP_DPI = 150
_HITS = ["damaged_target", "destroyed_target"]


def answer_with_map(record: Record, raid: str) -> Answer:
    """The answer of a record, with the map of the raid that is looked at drawn."""
    answer = answer_of(record)
    chosen = raid_chosen(answer, raid)
    if chosen in answer.fates:
        map_of(answer, chosen)
    return answer


def raids_of(answer: Answer) -> list[dict[str, str]]:
    """The raids to choose from, that in focus first: name and title."""
    scenario = answer.record.scenario
    order = sorted(scenario.raids, key=lambda name: name != scenario.focus)
    return [
        {
            "name": name,
            "title": scenario.raids[name].title + ("" if name in answer.fates else " (not flown)"),
        }
        for name in order
    ]


def raid_chosen(answer: Answer, wanted: str) -> str:
    """The raid that is wanted, or the first that was flown; nothing where there is none."""
    names = [raid["name"] for raid in raids_of(answer)]
    if wanted in names:
        return wanted
    return next((name for name in names if name in answer.fates), next(iter(names), ""))


def raid_page(answer: Answer, raid: str) -> str:
    """A raid as HTML; every word from a scenario is escaped."""
    if not raid:
        return ""
    flown_share = answer.summary["raids"][raid]["flown"]
    if raid not in answer.fates:
        return '<p class="note">It is not flown in any of these wars.</p>'
    return (
        f'<p class="note">Flown in {chance(flown_share)} of the wars.</p>'
        f"{map_of(answer, raid)}{tracks(answer, raid)}{_fates(answer, raid)}"
    )


def map_of(answer: Answer, raid: str) -> str:
    """The map of a raid that was flown; drawn once and stored."""
    if raid not in answer.maps:
        picture = draw_map(answer.record, raid)
        assert picture is not None  # it was flown
        coded = base64.b64encode(picture.as_png(_MAP_DPI)).decode()
        answer.maps[raid] = (
            f'<img class="map" alt="{escape(picture.description)}" '
            f'src="data:image/png;base64,{coded}"/>'
        )
    return answer.maps[raid]


# --- fates -------------------------------------------------------------------------------------


def _fates(answer: Answer, raid: str) -> str:
    """What became of the drones: a bar a site, as long as what was sent there."""
    scenario, table = answer.record.scenario, answer.fates[raid]
    most = max(float(table.sum(axis=1).max()), 1.0)
    seen = [fate for fate in FATES if table[fate].sum() > 0]
    legend = "".join(
        f'<li><span class="fate" style="background:{FATE_COLOURS[fate]}"></span>'
        f"{FATE_WORDS[fate]} {_mean(table[fate].sum())}</li>"
        for fate in seen
    )
    rows = "".join(_site(scenario, str(site), fates, most) for site, fates in table.iterrows())
    return (
        "<h4>What became of the drones, in the mean each time it is flown</h4>"
        f'<ul class="legend">{legend}</ul>{rows}'
    )


def _site(scenario: Scenario, site: str, fates: "pd.Series[float]", most: float) -> str:
    sent, hit = float(fates.sum()), float(fates[_HITS].sum())
    parts = {fate: float(fates[fate]) for fate in FATES if fates[fate] > 0}
    bars = "".join(
        f'<span class="fate" style="width:{100 * drones / most:.2f}%;'
        f'background:{FATE_COLOURS[fate]}" title="{FATE_WORDS[fate]}: {_mean(drones)}"></span>'
        for fate, drones in parts.items()
    )
    description = ", ".join(f"{FATE_WORDS[fate]} {_mean(drones)}" for fate, drones in parts.items())
    title = escape(scenario.sites[site].title)
    return (
        f'<div class="track"><span class="name">{title}</span>'
        f'<span class="said">{_mean(hit)} of {_mean(sent)} hit</span>'
        f'<span class="bar" role="img" aria-label="{title}: {description}">{bars}</span></div>'
    )


def _mean(drones: float) -> str:
    """A mean number of drones, to a tenth."""
    return f"{drones:,.1f}".removesuffix(".0")
