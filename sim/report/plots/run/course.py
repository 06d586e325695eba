"""The figure of one war's positions: what each side would accept and demands, day by day."""

import datetime

import numpy as np
import pandas as pd

from sim.experiment.record import Record
from sim.report.plots.captions import deal_words, short_title
from sim.report.plots.lettering import NOTE_PT, shortened
from sim.report.plots.picture import Picture
from sim.report.plots.run.position_panels import Mark, draw_panels, marked_words
from sim.report.plots.run.positions import FAN, lines_of, moves_of, quantiles
from sim.report.plots.style import house_style
from sim.report.plots.words import decimal, readable, sentence

_EXPLAINED = (
    "Line: the least a side would accept; thin line: what it demands in public; "
    "vertical: raids (solid), meetings (dashed)"
)


@house_style()
def draw_course(record: Record, note: str) -> Picture | None:
    """The positions in the record of a single run with its days; None without talks."""
    scenario = record.scenario
    if scenario.talks is None:
        return None
    fans, marks = _fans(record), _marks(record)
    first, last = (decimal(fans["z"]["q50"].iloc[day]) for day in (0, -1))
    title = f"In this war the zone Z moves from {first} to {last}{deal_words(scenario)}"
    picture = Picture(title, _EXPLAINED)
    draw_panels(picture, scenario, lines_of(record, fans), quantiles(fans["z"]), marks)
    return picture.finished(0.55, note, [*moves_of(record, fans), *marked_words(marks)])


def _fans(record: Record) -> dict[str, pd.DataFrame]:
    """For each position a fan in which every quantile is its value in the one war."""
    ours, theirs = (
        record.days[record.days["side"] == side].sort_values("day")
        for side in (record.scenario.underdog, record.scenario.favourite)
    )
    values = {"z": ours["z"], "r_u": ours["r"], "r_d": theirs["r"]}
    values |= {"demand_u": ours["demand"], "demand_d": theirs["demand"]}
    return {
        name: pd.DataFrame(dict.fromkeys(FAN, own.to_numpy(np.float64)))
        for name, own in values.items()
    }


def _marks(record: Record) -> list[Mark]:
    """The raids that flew and the meetings that were held, by date."""
    scenario = record.scenario
    marks = []
    if not record.raids.empty:
        for day, raid in record.raids[["day", "raid"]].drop_duplicates().itertuples(index=False):
            label = shortened(short_title(scenario, raid), 1.5, NOTE_PT)
            marks.append(Mark(scenario.start + datetime.timedelta(int(day)), label, "raid"))
    if not record.meetings.empty:
        for day, name in record.meetings[["day", "meeting"]].itertuples(index=False):
            date = scenario.start + datetime.timedelta(int(day))
            marks.append(Mark(date, sentence(readable(name)), "meeting"))
    return sorted(marks, key=lambda mark: (mark.date, mark.kind, mark.label))
