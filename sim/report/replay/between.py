"""What happened between two meetings: raids with their losses, events, moves of the front."""

import datetime

import pandas as pd

from sim.experiment.record import Record
from sim.raid.records import THROUGH
from sim.report.words import Section, number
from sim.scenario.sample import Sample

_Row = tuple[int, str, str]
"""A day, what came to pass on it, and what it brought."""


def between(record: Record, after: int, until: int, since: str) -> Section:
    """The days after one and until another, as a table: what a side knew as it came to talk."""
    rows = sorted([*_raids(record), *_events(record), *_front(record)], key=lambda row: row[0])
    found = [row for row in rows if after < row[0] <= until]
    lines = [] if found else ["No raid, no event and no move of the front."]
    told = [(_date(record, day), what, brought) for day, what, brought in found]
    return Section(f"What happened since {since}", lines, ("date", "what", "what it brought"), told)


def _date(record: Record, day: int) -> str:
    return f"{record.scenario.start + datetime.timedelta(day):%-d %b %Y}"


def _raids(record: Record) -> list[_Row]:
    if record.raids.empty:
        return []
    scenario, losses = record.scenario, record.losses
    rows = []
    for (day, name), sent in record.raids.groupby(["day", "raid"], sort=False):
        raid = scenario.raids[str(name)]
        lost = losses[(losses["day"] == day) & (losses["raid"] == name)]
        through = int(sent[list(THROUGH)].to_numpy().sum())
        brought = (
            f"sent {int(sent['ordered'].sum()):,}, of which {through:,} came through; "
            f"{_losses(record, lost)}"
        )
        rows.append((int(str(day)), f"{raid.title} ({scenario.sides[raid.by].title})", brought))
    return rows


def _losses(record: Record, lost: pd.DataFrame) -> str:
    """What a raid destroyed and damaged, by group, and what that is worth."""
    groups = lost["asset"].map(lambda asset: record.scenario.assets[str(asset)].group)
    parts = []
    for group, rows in lost.groupby(groups, sort=False):
        numbers = {word: int(rows[word].sum()) for word in ("destroyed", "damaged")}
        told = " and ".join(f"{n} {word}" for word, n in numbers.items() if n)
        if told:
            parts.append(f"{str(group).replace('_', ' ')}: {told}")
    if not parts:
        return "nothing was hit"
    return f"{', '.join(parts)} ({number(lost['lost_usd'].sum(), 'USD')})"


def _events(record: Record) -> list[_Row]:
    scenario = record.scenario
    rows = []
    for event in scenario.events.values():
        by = event.on if event.kind == "blow" else event.by
        kind = {"blow": "a blow to", "sweetener": "an offer by", "gesture": "a gesture by"}[
            event.kind
        ]
        what = f"{kind} {scenario.sides[by].title}"
        rows.append((scenario.day_of(event.date), event.title, what))
    return rows


def _front(record: Record) -> list[_Row]:
    """Moves of the front: who took ground, and what the underdog holds then."""
    scenario = record.scenario
    if scenario.front is None:
        return []
    days = record.days[record.days["side"] == scenario.underdog].set_index("day")["share_held"]
    moves = days.diff().fillna(days.iloc[0] - _held_at_start(record))
    underdog, favourite = (scenario.sides[s].title for s in (scenario.underdog, scenario.favourite))
    return [
        (
            day,
            f"The front moves: {underdog if by > 0 else favourite} takes ground",
            f"{underdog} holds {100 * days[day]:.0f} % of what is contested",
        )
        for day, by in zip(map(int, days.index), moves, strict=True)
        if abs(by) > 1e-9
    ]


def _held_at_start(record: Record) -> float:
    """The underdog's share of the front before the first day, as drawn for this run."""
    sample = Sample(record.scenario, record.seed, record.runs["run"].to_numpy())
    return float(sample.count("front.start")[0] / sample.count("front.rungs", 1)[0])
