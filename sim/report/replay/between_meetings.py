"""The days between two meetings: raids with their losses, events, ceasefire and front."""

import datetime

import pandas as pd

from sim.experiment.record import Record
from sim.raid.arrays import THROUGH
from sim.render.document import Section
from sim.report.numbers import number
from sim.scenario.sample import Sample

_Row = tuple[int, str, str]
"""A day, what came to pass on it, and what it brought."""


def between(record: Record, after: int, until: int, since: str) -> Section:
    """The days after one and until another, as a table: what a side knew as it came to talk."""
    in_order = _raids(record), _collapses(record), _events(record), _front(record)  # of a day
    rows = sorted((row for rows in in_order for row in rows), key=lambda row: row[0])
    found = [row for row in rows if after < row[0] <= until]
    lines = [] if found else ["No raid, no event and no move of the front."]
    dated = [(_date(record, day), what, brought) for day, what, brought in found]
    columns = ("date", "what", "what it brought")
    return Section(f"What happened since {since}", lines, columns, dated)


def _date(record: Record, day: int) -> str:
    date = record.scenario.start + datetime.timedelta(day)
    return f"{date.day} {date:%b %Y}"


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
        counts = " and ".join(f"{n} {word}" for word, n in numbers.items() if n)
        if counts:
            parts.append(f"{str(group).replace('_', ' ')}: {counts}")
    if not parts:
        return "nothing was hit"
    return f"{', '.join(parts)} ({number(lost['lost_usd'].sum(), 'USD')})"


def in_force_since(record: Record, day: int) -> int | None:
    """The day on which the ceasefire began that is in force as the talks of a day begin, if any."""
    since = None
    days = _by_day(record)
    for at, fell, stands in zip(
        map(int, days.index), days["collapsed"], days["ceasefire"], strict=True
    ):
        if fell and at <= day:
            since = None
        if stands and at < day and since is None:
            since = at
    return since


def last_day_of_war(record: Record) -> int:
    """The day on which the war was settled or decided, or the last of the campaign."""
    days = _by_day(record)
    over = days.index[~days["at_war"].astype(bool)]
    return int(over[0] if len(over) else days.index[-1])


def _by_day(record: Record) -> pd.DataFrame:
    """The days as the underdog has them: `share_held`, and the state of the war."""
    return record.days[record.days["side"] == record.scenario.underdog].set_index("day")


def _collapses(record: Record) -> list[_Row]:
    days = _by_day(record)
    fell = days.index[days["collapsed"].astype(bool)]
    return [(int(day), "The ceasefire collapses", "a raid of the day broke it") for day in fell]


def _events(record: Record) -> list[_Row]:
    """The events that came to pass: those after the end of the war do not."""
    scenario, end = record.scenario, last_day_of_war(record)
    rows = []
    for event in scenario.events.values():
        if scenario.day_of(event.date) > end:
            continue
        by = event.on if event.kind == "blow" else event.by
        kind = {"blow": "a blow to", "sweetener": "an offer by", "gesture": "a gesture by"}[
            event.kind
        ]
        what = f"{kind} {scenario.sides[by].title}"
        rows.append((scenario.day_of(event.date), event.title, what))
    return rows


def _front(record: Record) -> list[_Row]:
    """Moves of the front: who took ground, what the underdog holds then, and whether it is all."""
    scenario = record.scenario
    if scenario.front is None:
        return []
    days = _by_day(record)["share_held"]
    moves = days.diff().fillna(days.iloc[0] - _share_at_start(record))
    underdog, favourite = (scenario.sides[s].title for s in (scenario.underdog, scenario.favourite))
    return [
        (
            day,
            f"The front moves: {underdog if by > 0 else favourite} takes ground",
            _share_left(underdog, favourite, days[day]),
        )
        for day, by in zip(map(int, days.index), moves, strict=True)
        if abs(by) > 1e-9
    ]


def _share_left(underdog: str, favourite: str, share: float) -> str:
    """What a move of the front leaves; the war is decided where one side has it all."""
    if share in (0.0, 1.0):
        return f"the war is decided: {underdog if share else favourite} holds all that is contested"
    return f"{underdog} holds {100 * share:.0f} % of what is contested"


def _share_at_start(record: Record) -> float:
    """The underdog's share of the front before the first day, as drawn for this run."""
    sample = Sample(record.scenario, record.seed, record.runs["run"].to_numpy())
    return float(sample.count("front.start")[0] / sample.count("front.rungs", 1)[0])
