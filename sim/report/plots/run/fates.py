"""The figure of fates: what became of every drone and missile."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.experiment.record import Record
from sim.raid.arrays import FATES
from sim.report.plots.captions import ensemble, flown_words, short_title
from sim.report.plots.colours import FATE_COLOURS, GREY, INK, PAPER, dark
from sim.report.plots.lettering import NOTE_PT, shortened, width_of
from sim.report.plots.picture import MARGIN_IN, MOST_PANELS, Picture
from sim.report.plots.style import house_style
from sim.report.plots.words import number, rough

_SITES_IN, _BAR_IN, _TOTAL_IN = 2.15, 0.22, 0.35
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


def mean_fates(record: Record, raid: str) -> pd.DataFrame:
    """Mean number of drones by site and fate, each time a raid is flown."""
    parts, occasions = [], 0
    for block in record.blocks("raids", ["run", "day", "raid", "site", *FATES]):
        rows = block[block["raid"] == raid]
        occasions += len(rows[["run", "day"]].drop_duplicates())
        parts.append(rows.groupby("site", sort=False, observed=True)[list(FATES)].sum())
    return pd.concat(parts).groupby("site", sort=False, observed=True).sum() / max(occasions, 1)


@house_style()
def draw_fates(record: Record) -> Picture | None:
    """What became of the drones at each site, one panel a raid."""
    raids_flown = {
        raid for block in record.blocks("raids", ["raid"]) for raid in block["raid"].unique()
    }
    if not raids_flown:
        return None
    names = [raid for raid in record.scenario.raids if raid in raids_flown]
    fates = {raid: mean_fates(record, raid) for raid in names[:MOST_PANELS]}
    gap, first = 0.75, 0.64
    height = first + sum(len(table) * _BAR_IN + gap for table in fates.values()) + 0.4
    picture = Picture("Every drone and missile has one fate: what became of them", height)
    words = "Mean number each time the raid is flown, by the site they were sent to"
    picture.write(MARGIN_IN, 0.27, words, color=GREY)
    top = first
    for raid, table in fates.items():
        _fates_panel(picture, record, raid, table, top)
        top += len(table) * _BAR_IN + gap
    seen = [fate for fate in FATES if any(table[fate].sum() > 0 for table in fates.values())]
    entries = {FATE_WORDS[fate]: Patch(facecolor=FATE_COLOURS[fate]) for fate in seen}
    picture.key(MARGIN_IN, height - 0.42, entries, 5)
    picture.note(ensemble(record, len(fates), len(names)))
    return picture.described(*(_fates_words(record, *item) for item in fates.items()))


def _fates_sentence(record: Record, raid: str, table: pd.DataFrame) -> str:
    total, hits = table.to_numpy().sum(), table[["damaged_target", "destroyed_target"]].sum().sum()
    title = short_title(record.scenario, raid)
    return f"{title}: {rough(hits)} of {number(total)} hit a target on average"


def _fates_panel(
    picture: Picture, record: Record, raid: str, table: pd.DataFrame, top: float
) -> None:
    """One raid: a bar a site, its parts the fates in their order."""
    picture.heading(top, _fates_sentence(record, raid, table), flown_words(record, raid))
    width = picture.width_in - _SITES_IN - _TOTAL_IN - MARGIN_IN
    axes = picture.axes_at(_SITES_IN, top + 0.2, width, len(table) * _BAR_IN)
    longest = float(table.sum(axis=1).max())
    axes.set(xlim=(0.0, longest), ylim=(len(table) - 0.5, -0.5))
    axes.set_xlabel("Drones and missiles, mean number")
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    titles = [record.scenario.sites[str(site)].title for site in table.index]
    room = _SITES_IN - MARGIN_IN - 0.1
    axes.set_yticks(range(len(table)), [shortened(title, room) for title in titles])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for place, (_, row) in enumerate(table.iterrows()):
        _fate_bar(axes, place, row, longest / width)


def _fate_bar(axes: Axes, place: int, row: "pd.Series[float]", per_inch: float) -> None:
    """One site: parts with their numbers where these fit, and the sum."""
    start = 0.0
    for fate in FATES:
        part, colour = float(row[fate]), FATE_COLOURS[fate]
        axes.barh(place, part, 0.78, start, color=colour, edgecolor=PAPER, linewidth=0.4)
        text = f"{part:.0f}" if part >= 9.95 else f"{part:.1f}"
        if width_of(text, NOTE_PT) + 0.06 < part / per_inch:
            ink = PAPER if dark(colour) else INK
            axes.text(
                start + part / 2, place, text, ha="center", va="center", color=ink, size=NOTE_PT
            )
        start += part
    axes.text(start + 0.05 * per_inch, place, number(start), ha="left", va="center")


def _fates_words(record: Record, raid: str, table: pd.DataFrame) -> str:
    sums = table.sum()
    parts = [f"{FATE_WORDS[fate]} {rough(sums[fate])}" for fate in FATES if sums[fate] > 0]
    return f"{_fates_sentence(record, raid, table)} ({', '.join(parts)})."
