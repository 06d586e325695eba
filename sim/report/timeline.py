"""One war day by day: what happened, and each side's position on every evening."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from sim.experiment.record import Record
from sim.raid.arrays import FATES, THROUGH
from sim.report.numbers import number, signed
from sim.scenario.columns import HITS
from sim.scenario.sample import Sample

Day = dict[str, Any]
_Row = Mapping[Hashable, Any]
_KINDS = {"blow": "a blow to", "sweetener": "an offer by", "gesture": "a gesture by"}


class Event(NamedTuple):
    """Something that happened on a day, and its result."""

    day: int
    title: str
    outcome: str

    @property
    def line(self) -> str:
        """The event as a sentence."""
        return f"{self.title.rstrip('.')}: {self.outcome}."


def timeline(record: Record) -> list[Event]:
    """Raids, broken ceasefires, events and moves of the front of a single run, in order.

    `record` is of that run alone and includes its days. Events after the end of the war do not
    happen.
    """
    found = [*_raids(record), *_collapses(record), *_events(record), *_front(record)]
    return sorted(found, key=lambda event: event.day)


def diary_of(record: Record) -> list[Day]:
    """The days of a single run: date, state, positions, terms, and events including meetings."""
    scenario, days = record.scenario, record.days.sort_values("day")
    sides = scenario.underdog, scenario.favourite
    ours, theirs = (days[days["side"] == side].to_dict("records") for side in sides)
    events = sorted([*timeline(record), *_meetings(record)], key=lambda event: event.day)
    return [
        {
            "date": scenario.date_of(day).isoformat(),
            "state": _state(record, day, own),
            "positions": {
                "r_u": own["r"],
                "r_d": other["r"],
                "z": own["z"],
                "demand_u": own["demand"],
                "demand_d": other["demand"],
                "held_u": own["share_held"] if scenario.front else None,
            },
            "terms": [
                [str(term).removeprefix("h_"), own[term], other[term]]
                for term in own
                if str(term).startswith("h_")
            ],
            "events": [event.line for event in events if event.day == day],
        }
        for day, (own, other) in enumerate(zip(ours, theirs, strict=True))
    ]


def in_force_since(record: Record, day: int) -> int | None:
    """The day on which the ceasefire in force at the start of a day's talks began, if any."""
    since = None
    days = _by_day(record)
    flags = zip(map(int, days.index), days["collapsed"], days["ceasefire"], strict=True)
    for at, fell, stands in flags:
        if fell and at <= day:
            since = None
        if stands and at < day and since is None:
            since = at
    return since


def last_day_of_war(record: Record) -> int:
    """The day on which the war was settled or decided, or the last day of the campaign."""
    days = _by_day(record)
    over = days.index[~days["at_war"].astype(bool)]
    return int(over[0] if len(over) else days.index[-1])


def _by_day(record: Record) -> pd.DataFrame:
    """The underdog's rows of the days: `share_held`, and the state of the war."""
    return record.days[record.days["side"] == record.scenario.underdog].set_index("day")


def _state(record: Record, day: int, row: _Row) -> str:
    (deal_day,) = record.runs["deal_day"]
    if not row["at_war"]:
        return "settled" if deal_day <= day else "decided at the front"
    return "ceasefire" if row["ceasefire"] else "at war"


# --- what happened -----------------------------------------------------------------------------


def _raids(record: Record) -> Iterator[Event]:
    if record.raids.empty:
        return
    scenario, losses = record.scenario, record.losses
    for (day, name), sent in record.raids.groupby(["day", "raid"], sort=False, observed=True):
        raid = scenario.raids[str(name)]
        lost = losses[(losses["day"] == day) & (losses["raid"] == name)]
        fates = f"of {int(sent['ordered'].sum()):,} sent {_fates(sent)}"
        title = f"{raid.title} ({scenario.sides[raid.by].title})"
        yield Event(int(str(day)), title, f"{fates}; {_losses(record, lost)}")


def _fates(sent: pd.DataFrame) -> str:
    """The fates of the drones of a raid: first those stopped, then those that came through."""

    def counted(fates: Iterable[str]) -> list[str]:
        numbers = {fate: int(sent[fate].sum()) for fate in fates}
        return [f"{n:,} {fate.replace('_', ' ')}" for fate, n in numbers.items() if n]

    through = f"{int(sent[list(THROUGH)].to_numpy().sum()):,} came through"
    without_hit = ", ".join(counted(fate for fate in THROUGH if fate not in HITS))
    stopped = counted(fate for fate in FATES if fate not in THROUGH)
    return ", ".join([*stopped, f"{through} ({without_hit})" if without_hit else through])


def _losses(record: Record, lost: pd.DataFrame) -> str:
    """What a raid destroyed and damaged, by group, and its value."""
    groups = lost["asset"].map(lambda asset: record.scenario.assets[str(asset)].group)
    parts = []
    for group, rows in lost.groupby(groups, sort=False, observed=True):
        numbers = {word: int(rows[word].sum()) for word in ("destroyed", "damaged")}
        counts = " and ".join(f"{n} {word}" for word, n in numbers.items() if n)
        if counts:
            parts.append(f"{str(group).replace('_', ' ')}: {counts}")
    if not parts:
        return "nothing was hit"
    return f"{', '.join(parts)} ({number(lost['lost_usd'].sum(), 'USD')})"


def _collapses(record: Record) -> Iterator[Event]:
    days = _by_day(record)
    for day in days.index[days["collapsed"].astype(bool)]:
        yield Event(int(day), "The ceasefire collapses", "a raid of the day broke it")


def _events(record: Record) -> Iterator[Event]:
    scenario, end = record.scenario, last_day_of_war(record)
    for event in scenario.events.values():
        day = scenario.day_of(event.date)
        side = event.on if event.kind == "blow" else event.by
        if day <= end:
            yield Event(day, event.title, f"{_KINDS[event.kind]} {scenario.sides[side].title}")


def _front(record: Record) -> Iterator[Event]:
    """Moves of the front: who took ground, what the underdog then holds, and if that is all."""
    if record.scenario.front is None:
        return
    share = _by_day(record)["share_held"]
    moves = share.diff().fillna(share.iloc[0] - _share_at_start(record))
    underdog, favourite = record.scenario.titles
    (decided,) = record.runs["decided_day"]
    for day, by in zip(map(int, share.index), moves, strict=True):
        outcome = f"{underdog} holds {100 * share[day]:.0f} % of what is contested"
        if day == decided:
            winner = underdog if share[day] else favourite
            outcome = f"the war is decided at the front: {winner} holds all that is contested"
        if abs(by) > 1e-9:
            who = underdog if by > 0 else favourite
            yield Event(day, f"{who} takes ground at the front", outcome)
        elif day == decided:
            yield Event(day, "The front stays where it was", outcome)


def _share_at_start(record: Record) -> float:
    """The underdog's share of the front before the first day, as drawn for this run."""
    sample = Sample(record.scenario, record.seed, record.runs["run"].to_numpy())
    return float(sample.count("front.start")[0] / sample.count("front.rungs", 1)[0])


def _meetings(record: Record) -> Iterator[Event]:
    for row in record.meetings.to_dict("records") if len(record.meetings) else ():
        if row["agreed"]:
            how = "they settle"
        elif in_force_since(record, row["day"]) is not None:
            how = "no settlement; the ceasefire goes on"
        elif row["ceasefire_u"] and row["ceasefire_d"]:
            how = "no settlement, but both cease fire on the line"
        else:
            how = f"no settlement; the zone is {signed(row['z'])}"
        truce = ", with a local truce" if row["truce"] else ""
        yield Event(int(row["day"]), f"Meeting {row['meeting']}", f"{how}{truce}")
