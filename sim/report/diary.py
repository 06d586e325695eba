"""One war day by day: the events of each day and where both sides stood in its evening."""

import datetime
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from sim.experiment.record import Record
from sim.raid.arrays import FATES
from sim.report.numbers import number
from sim.scenario.schema import Scenario

Day = dict[str, Any]
_Row = Mapping[Hashable, Any]
_HITS = ("damaged_target", "destroyed_target")


def diary_of(record: Record) -> list[Day]:
    """The days of a record of a single run with its days: date, state, positions, events, terms."""
    scenario, days = record.scenario, record.days
    ours, theirs = (
        days[days["side"] == side].sort_values("day").to_dict("records")
        for side in (scenario.underdog, scenario.favourite)
    )
    return [
        {
            "date": (scenario.start + datetime.timedelta(day)).isoformat(),
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
            "events": [
                *_raids(record, day),
                *_collapse(own),
                *_events(scenario, day, ours),
                *_decision(scenario, day, ours),
                *_meetings(record, day, ours),
            ],
        }
        for day, (own, other) in enumerate(zip(ours, theirs, strict=True))
    ]


def _state(record: Record, day: int, row: _Row) -> str:
    deal_day = record.columns("runs", ["deal_day"])["deal_day"].iloc[0]
    if not row["at_war"]:
        return "settled" if deal_day <= day else "decided at the front"
    return "ceasefire" if row["ceasefire"] else "at war"


def _raids(record: Record, day: int) -> list[str]:
    lines: list[str] = []
    raids, losses = record.raids, record.losses
    if raids.empty:
        return lines
    for name, rows in raids[raids["day"] == day].groupby("raid", sort=False):
        scenario = record.scenario
        raid = scenario.raids[str(name)]
        lost = losses[(losses["day"] == day) & (losses["raid"] == name)]
        parts = [f"{rows[fate].sum():.0f} {fate.replace('_', ' ')}" for fate in FATES
                 if fate not in _HITS and rows[fate].sum() > 0]  # fmt: skip
        lines.append(
            f"{raid.title}: {rows['ordered'].sum():.0f} sent by {scenario.sides[raid.by].title} "
            f"({', '.join(parts) or 'none lost'}); {lost['destroyed'].sum():.0f} destroyed and "
            f"{lost['damaged'].sum():.0f} damaged: {number(lost['lost_usd'].sum(), 'USD')}."
        )
    return lines


def _collapse(row: _Row) -> list[str]:
    return ["The ceasefire collapses: a raid broke it."] if row["collapsed"] else []


def _at_war(day: int, ours: Sequence[_Row]) -> bool:
    """Whether the war goes on as a day begins."""
    return day == 0 or bool(ours[day - 1]["at_war"])


def _decision(scenario: Scenario, day: int, ours: Sequence[_Row]) -> list[str]:
    if scenario.front is None or not _at_war(day, ours) or 0.0 < ours[day]["share_held"] < 1.0:
        return []
    winner = scenario.underdog if ours[day]["share_held"] > 0.0 else scenario.favourite
    return [f"The war is decided at the front: {scenario.sides[winner].title} holds all."]


def _events(scenario: Scenario, day: int, ours: Sequence[_Row]) -> list[str]:
    if not _at_war(day, ours):
        return []
    return [
        f"Event: {event.title.rstrip('.')}."
        for event in scenario.events.values()
        if scenario.day_of(event.date) == day
    ]


def _meetings(record: Record, day: int, ours: Sequence[_Row]) -> list[str]:
    found = record.meetings
    in_force = day > 0 and ours[day - 1]["ceasefire"] and not ours[day]["collapsed"]
    lines = []
    for _, row in found[found["day"] == day].iterrows() if len(found) else ():
        if row["agreed"]:
            how = "they settle"
        elif in_force:
            how = "no settlement; the ceasefire goes on"
        elif row["ceasefire_u"] and row["ceasefire_d"]:
            how = "no settlement, but both cease fire on the line"
        else:
            how = f"no settlement; the zone is {row['z']:+.3f}".replace("-", "−")
        truce = ", with a local truce" if row["truce"] else ""
        lines.append(f"Meeting {row['meeting']}: {how}{truce}.")
    return lines
