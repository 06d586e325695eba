"""The figure of one war's positions: what each side would accept and demands, day by day."""

import datetime

import numpy as np
import pandas as pd

from sim.experiment.record import Record
from sim.report.plots.captions import deal_words, short_title, side_title
from sim.report.plots.colours import BLUE, VERMILION
from sim.report.plots.lettering import NOTE_PT, shortened
from sim.report.plots.picture import Picture
from sim.report.plots.places import Floats
from sim.report.plots.run.position_panels import Line, Mark, draw_panels, marked_words
from sim.report.plots.style import house_style
from sim.report.plots.words import decimal, number, readable, sentence

_EXPLAINED = (
    "Line: the least a side would accept; thin line: what it demands in public; "
    "vertical: raids (solid), meetings (dashed)"
)


@house_style()
def draw_course(record: Record, note: str) -> Picture | None:
    """The positions of a record of a single run with its days; none without talks."""
    scenario = record.scenario
    if scenario.talks is None:
        return None
    ours, theirs = (
        record.days[record.days["side"] == side].sort_values("day")
        for side in (scenario.underdog, scenario.favourite)
    )
    first, last = (decimal(ours["z"].iloc[day]) for day in (0, -1))
    title = f"In this war the zone Z moves from {first} to {last}{deal_words(scenario)}"
    picture = Picture(title, _EXPLAINED)
    marks = _marks(record)
    draw_panels(picture, scenario, _lines(record, ours, theirs), _row(ours["z"]), marks)
    return picture.finished(0.55, note, [*_moves(record, ours, theirs), *marked_words(marks)])


def _row(values: "pd.Series[float]") -> Floats:
    """The days of a run as a fan of one quantile."""
    return np.asarray(values, np.float64)[None]


def _lines(record: Record, ours: pd.DataFrame, theirs: pd.DataFrame) -> list[Line]:
    """Shares of the underdog: what it would accept, and what the favourite would leave it."""
    scenario = record.scenario
    accepts = f"{side_title(scenario, scenario.underdog)} would accept"
    leaves = f"{side_title(scenario, scenario.favourite)} would leave"
    return [
        Line(_row(ours["r"]), BLUE, accepts, 1.3),
        Line(_row(ours["demand"]), BLUE, "", 0.6),
        Line(_row(1.0 - theirs["r"]), VERMILION, leaves, 1.3),
        Line(_row(1.0 - theirs["demand"]), VERMILION, "", 0.6),
    ]


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


def _moves(record: Record, ours: pd.DataFrame, theirs: pd.DataFrame) -> list[str]:
    scenario = record.scenario
    return [
        f"{scenario.sides[side].title} would accept {number(table['r'].iloc[0])} of the stakes on "
        f"the first day and {number(table['r'].iloc[-1])} on the last."
        for side, table in ((scenario.underdog, ours), (scenario.favourite, theirs))
    ]
