"""The figure of fates of all drones and missiles."""

from collections import Counter

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from sim.experiment.record import Record
from sim.raid.arrays import FATES
from sim.report.plots.captions import ensemble, flown_words, short_title
from sim.report.plots.colours import FATE_COLOURS, FATE_HATCHES, fate_look
from sim.report.plots.lettering import shortened
from sim.report.plots.marks import Part, draw_parts, name_rows, round_ticks
from sim.report.plots.picture import MARGIN_IN, MOST_PANELS, WIDTH_IN, Picture
from sim.report.plots.run.occasions import occasions_of
from sim.report.plots.style import house_style
from sim.report.plots.words import number, rough

_SITES_IN, _BAR_IN, _TOTAL_IN = 2.15, 0.22, 0.35
_BARS_IN = WIDTH_IN - _SITES_IN - _TOTAL_IN - MARGIN_IN
FATE_WORDS = {
    "compromised": "lost with its carrier",
    "failed": "failed",
    "jammed": "jammed or lost",
    "shot_down": "shot down",
    "decoy_spent": "decoy that came through",
    "missed": "missed",
    "wasted": "target already dead",
    "damaged_target": "damaged a target",
    "destroyed_target": "destroyed a target",
}


def mean_fates(record: Record) -> dict[str, pd.DataFrame]:
    """Mean number of drones by site and fate each time a raid is flown, by raid."""
    parts: dict[str, list[pd.DataFrame]] = {}
    occasions: Counter[str] = Counter()
    for block in record.blocks("raids", ["run", "day", "raid", "site", *FATES]):
        for raid, rows in block.groupby("raid", sort=False, observed=True):
            by_site = rows.groupby("site", sort=False, observed=True)
            parts.setdefault(str(raid), []).append(by_site[list(FATES)].sum())
            occasions[str(raid)] += 1 + int(occasions_of(rows).max())
    return {
        raid: pd.concat(each).groupby("site", sort=False, observed=True).sum() / occasions[raid]
        for raid, each in parts.items()
    }


@house_style()
def draw_fates(record: Record) -> Picture | None:
    """The fates of the drones at each site, one panel per raid."""
    flown = mean_fates(record)
    if not flown:
        return None
    names = [raid for raid in record.scenario.raids if raid in flown]
    fates = {raid: flown[raid] for raid in names[:MOST_PANELS]}
    words = "Mean number each time the raid is flown, by the site they were sent to"
    picture = Picture("Every drone and missile has one fate: what became of them", words)
    picture.top = 0.64
    for raid, table in fates.items():
        heading, aside = _fates_sentence(record, raid, table), flown_words(record, raid)
        height, right = len(table) * _BAR_IN, _TOTAL_IN + MARGIN_IN
        _draw_sites(picture.panel(heading, aside, _SITES_IN, height, 0.75, right), record, table)
    seen = [fate for fate in FATES if any(table[fate].sum() > 0 for table in fates.values())]
    entries = {FATE_WORDS[fate]: _patch(fate) for fate in seen}
    picture.key(MARGIN_IN, picture.top - 0.02, entries, 5)
    sentences = (_fates_words(record, *item) for item in fates.items())
    return picture.finished(0.4, ensemble(record, len(fates), len(names)), sentences)


def _fates_sentence(record: Record, raid: str, table: pd.DataFrame) -> str:
    total, hits = table.to_numpy().sum(), table[["damaged_target", "destroyed_target"]].sum().sum()
    title = short_title(record.scenario, raid)
    return f"{title}: {rough(hits)} of {number(total)} hit a target on average"


def _draw_sites(axes: Axes, record: Record, table: pd.DataFrame) -> None:
    """One bar per site, divided by fate, with the total."""
    longest = float(table.sum(axis=1).max())
    axes.set(xlim=(0.0, longest), xlabel="Drones and missiles, mean number")
    round_ticks(axes.xaxis, 8)
    room = _SITES_IN - MARGIN_IN - 0.1
    name_rows(axes, [shortened(record.scenario.sites[str(s)].title, room) for s in table.index])
    per_in = longest / _BARS_IN
    for row, (_, found) in enumerate(table.iterrows()):
        parts = [_part(fate, float(found[fate])) for fate in FATES]
        end = draw_parts(axes, row, parts, 0.78, per_in)
        axes.text(end + 0.05 * per_in, row, number(end), ha="left", va="center")


def _part(fate: str, drones: float) -> Part:
    words = f"{drones:.{0 if drones >= 9.95 else 1}f}"
    return Part(drones, FATE_COLOURS[fate], words, FATE_HATCHES.get(fate, ""))


def _patch(fate: str) -> Patch:
    return Patch(**fate_look(fate))


def _fates_words(record: Record, raid: str, table: pd.DataFrame) -> str:
    sums = table.sum()
    parts = [f"{FATE_WORDS[fate]} {rough(sums[fate])}" for fate in FATES if sums[fate] > 0]
    return f"{_fates_sentence(record, raid, table)} ({', '.join(parts)})."
