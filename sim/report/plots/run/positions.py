"""The figure of positions: what each side would accept over time, and the zone between."""

import datetime

import pandas as pd

from sim.experiment.record import FAN_QUANTILES, Record
from sim.report.plots.captions import deal_words, ensemble, flown_runs, short_title, side_title
from sim.report.plots.colours import BLUE, VERMILION
from sim.report.plots.lettering import NOTE_PT, shortened
from sim.report.plots.picture import Picture
from sim.report.plots.places import Floats
from sim.report.plots.run.position_panels import Line, Mark, draw_panels, marked_words
from sim.report.plots.style import house_style
from sim.report.plots.words import decimal, number, readable, sentence

_EXPLAINED = (
    "Line: median; bands: 50 % and 90 % of runs; thin line: median public demand; "
    "vertical: raids (solid), meetings (dashed)"
)
FAN = [f"q{round(100 * q):02d}" for q in FAN_QUANTILES]
"""The columns of a fan, from low to high."""


@house_style()
def draw_positions(record: Record) -> Picture | None:
    """What each side would accept over time, and the zone of agreement between."""
    scenario = record.scenario
    if record.fans.empty or scenario.talks is None:
        return None
    fans, marks = fans_of(record), marks_of(record)
    first, last = (decimal(fans["z"]["q50"].iloc[day]) for day in (0, -1))
    title = f"The median zone of agreement Z moves from {first} to {last}{deal_words(scenario)}"
    picture = Picture(title, _EXPLAINED)
    draw_panels(picture, scenario, lines_of(record, fans), quantiles(fans["z"]), marks)
    runs = int(record.fans["runs"].iloc[0])
    note = f"{ensemble(record)}; quantiles of the first {runs:,} runs, wars that ended included"
    return picture.finished(0.5, note, [*moves_of(record, fans), *marked_words(marks)])


def fans_of(record: Record) -> dict[str, pd.DataFrame]:
    """The daily quantiles of each position."""
    return {
        str(name): fan.sort_values("day")
        for name, fan in record.fans.groupby("position", observed=True)
    }


def quantiles(fan: pd.DataFrame) -> Floats:
    """A fan as quantiles over runs from low to high, shape (quantiles, days)."""
    return fan[FAN].to_numpy(float).T


def of_underdog(fan: pd.DataFrame) -> pd.DataFrame:
    """A fan of the favourite's shares, converted to the underdog's."""
    return 1.0 - fan[FAN[::-1]].set_axis(FAN, axis=1)


def lines_of(record: Record, fans: dict[str, pd.DataFrame]) -> list[Line]:
    """The least that the underdog accepts, the most that the favourite grants, and both demands."""
    scenario = record.scenario
    ours, theirs = (side_title(scenario, s) for s in (scenario.underdog, scenario.favourite))
    granted, demanded = of_underdog(fans["r_d"]), of_underdog(fans["demand_d"])
    return [
        Line(quantiles(fans["r_u"]), BLUE, f"{ours} accepts no less (r_u)", 1.3),
        Line(quantiles(granted), VERMILION, f"{theirs} grants no more (1\u00a0−\u00a0r_d)", 1.3),
        Line(fans["demand_u"][["q50"]].to_numpy(float).T, BLUE, f"{ours} demands", 0.7),
        Line(demanded[["q50"]].to_numpy(float).T, VERMILION, f"{theirs} demands the rest", 0.7),
    ]


def marks_of(record: Record) -> list[Mark]:
    """Raids and meetings by date; a raid in retaliation at the median of its days."""
    scenario = record.scenario
    marks = []
    for name, raid in scenario.raids.items():
        title = shortened(short_title(scenario, name), 1.5, NOTE_PT)
        if raid.date and len(flown_runs(record, name)):
            marks.append(Mark(raid.date, title, "raid"))
        elif not raid.date and (day := _usual_day(record, name)) is not None:
            date = scenario.start + datetime.timedelta(day)
            marks.append(Mark(date, f"{title} (median day)", "raid"))
    if scenario.talks:
        marks += [
            Mark(date, sentence(readable(name)), "meeting")
            for name, date in scenario.talks.meetings.items()
        ]
    return sorted(marks, key=lambda mark: (mark.date, mark.kind, mark.label))


def _usual_day(record: Record, raid: str) -> int | None:
    """The median day of a raid that is flown at most once per run."""
    parts = [
        block.loc[block["raid"] == raid, ["run", "day"]].drop_duplicates()
        for block in record.blocks("raids", ["run", "day", "raid"])
    ]
    if not parts:
        return None
    rows = pd.concat(parts)
    return int(rows["day"].median()) if len(rows) and rows["run"].is_unique else None


def moves_of(record: Record, fans: dict[str, pd.DataFrame]) -> list[str]:
    """The start and end of the median reservations, or those of one war, a sentence per side."""
    scenario, of = record.scenario, " (medians)" if record.runs_done > 1 else ""
    ends = {name: [number(fan["q50"].iloc[day]) for day in (0, -1)] for name, fan in fans.items()}
    return [
        f"{scenario.sides[side].title}'s reservation {name} moves from {ends[name][0]} "
        f"to {ends[name][1]}{of}."
        for side, name in ((scenario.underdog, "r_u"), (scenario.favourite, "r_d"))
    ]
