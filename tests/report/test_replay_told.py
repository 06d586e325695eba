"""What a replay says, sentence by sentence, against the tables and against the war stepped anew."""

import datetime
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from sim.experiment.execution.runner import run_into
from sim.experiment.replay import Replay, replay
from sim.experiment.storage.store import Store
from sim.render.document import Part
from sim.report.replay.ending import end_of, talks_in_short
from sim.report.replay.meetings import protocol_of
from sim.report.timeline import diary_of
from sim.scenario.load import load
from sim.scenario.schema import Scenario
from sim.scenario.shipped import shipped
from sim.war.model import War

RUNS = {"karabakh-2020": (0, 5, 11), "spiderweb": (0, 14), "istanbul-talks": (0, 19)}
"""Runs that are told wherever they were told wrongly once; of the others the first two."""

SHIPPED = sorted(file.stem for file in shipped("scenarios").glob("*.yaml"))

Told = list[tuple[Replay, "Stepped"]]


@pytest.fixture(scope="module", params=[name for name in SHIPPED if name != "sources"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The replays of some runs of a shipped scenario, each with its war stepped anew."""
    store = Store(tmp_path_factory.mktemp("told"), load(request.param), 20, 1, False)
    run_into(store, 1)
    fights = [replay(store.folder, run) for run in RUNS.get(request.param, (0, 1))]
    return [(fight, Stepped(fight)) for fight in fights]


class Stepped:
    """The same war stepped by hand: terms of the eve, and on which days a ceasefire stood."""

    def __init__(self, fight: Replay) -> None:
        scenario = self.scenario = fight.record.scenario
        war = War(scenario, np.array([fight.run]), fight.record.seed)
        self.letters = {"u": scenario.underdog, "d": scenario.favourite}
        self.names = war.negotiators[scenario.underdog].mechanisms
        self.eve = {
            (letter, name): war.negotiators[side].term(name)[0]
            for letter, side in self.letters.items()
            for name in self.names
        }
        self.start = {x: war.negotiators[s].reservation[0] for x, s in self.letters.items()}
        self.in_force: list[bool] = []  # as the talks of the day begin
        self.fell: list[int] = []
        self.over: int | None = None
        self.held = [war.share_held(scenario.underdog)[0]]
        while war.running:
            stood = bool(war.ceasefire[0])
            war.step()
            self.in_force.append(stood and not war.collapsed_today[0])
            self.held.append(war.share_held(scenario.underdog)[0])
            if war.collapsed_today[0]:
                self.fell.append(war.day)
            if self.over is None and not war.at_war[0]:
                self.over = war.day
        self.last = war.day if self.over is None else self.over


def lines_of(part: Part) -> str:
    return " ".join(line for section in part.sections for line in section.lines)


def minus(text: str) -> str:
    return text.replace("\u2212", "-")


def rows_of(parts: list[Part]) -> Iterator[tuple[str, str, str]]:
    for part in parts:
        for section in part.sections:
            if section.heading.startswith("What happened since"):
                yield from section.rows


def date_of(scenario: Scenario, day: int, month: str = "%b") -> str:
    return f"{scenario.start + datetime.timedelta(int(day)):%-d {month} %Y}"


def test_everything_that_happened_is_told_once_and_nothing_else(told: Told) -> None:
    for fight, war in told:
        scenario, record = fight.record.scenario, fight.record
        found = sorted(rows_of([*protocol_of(fight), *end_of(fight)]))
        wanted = []
        if len(record.raids):
            for (day, name), sent in record.raids.groupby(["day", "raid"], sort=False):
                raid, lost = scenario.raids[name], record.losses
                lost = lost[(lost["day"] == day) & (lost["raid"] == name)]
                (row,) = [
                    row
                    for row in found
                    if row[0] == date_of(scenario, day) and row[1].startswith(raid.title)
                ]
                assert row[2].startswith(f"of {sent['ordered'].sum():,} sent ")
                destroyed = sum(map(int, re.findall(r"(\d+) destroyed", row[2])))
                damaged = sum(map(int, re.findall(r"(\d+) damaged", row[2])))
                assert (destroyed, damaged) == (lost["destroyed"].sum(), lost["damaged"].sum())
                wanted.append(row[:2])
        for event in scenario.events.values():
            if scenario.day_of(event.date) <= war.last:
                wanted.append((date_of(scenario, scenario.day_of(event.date)), event.title))
        wanted += [(date_of(scenario, day), "The ceasefire collapses") for day in war.fell]
        for day, (before, after) in enumerate(zip(war.held[:-1], war.held[1:], strict=True)):
            if before != after:
                side = scenario.underdog if after > before else scenario.favourite
                title = scenario.sides[side].title
                wanted.append((date_of(scenario, day), f"{title} takes ground at the front"))
        assert sorted(wanted) == sorted(row[:2] for row in found)


def test_numbers_and_claims_of_each_meeting_are_those_of_the_war(told: Told) -> None:
    for fight, war in told:
        scenario = fight.record.scenario
        meetings = fight.record.meetings
        held = meetings.sort_values("day").to_dict("records") if len(meetings) else []
        parts = [part for part in protocol_of(fight) if part.heading.startswith("Talks")]
        before = {f"h_{name}_{x}": term for (x, name), term in war.eve.items()}
        before |= {f"r_{x}": start for x, start in war.start.items()}
        for part, meeting in zip(parts, held, strict=True):
            lines = minus(lines_of(part))
            assert date_of(scenario, meeting["day"], "%B") in part.heading
            check_position(lines, meeting)
            for letter, side in war.letters.items():
                check_change(lines, scenario.sides[side].title, letter, meeting, before, war.names)
            check_outcome(lines, scenario, meeting, war.in_force[meeting["day"]])
            before = meeting


def check_position(lines: str, meeting: Any) -> None:
    for letter in "ud":
        demand, least = meeting[f"demand_{letter}"], meeting[f"r_{letter}"]
        assert f"demands {demand:.2f} of the stakes in public and would accept {least:.2f}" in lines
    assert f"want at least {1 - meeting['z']:.2f}" in lines
    room = meeting["room"]
    assert ("No package gives both" in lines) == (room < 0.0)
    assert (f"{-room:.2f} is missing" if room < 0.0 else f"{room:.2f} to spare") in lines


def check_change(
    lines: str, title: str, letter: str, meeting: Any, before: Any, names: tuple[str, ...]
) -> None:
    """The sentence on what moved a side: its way, its size and each mechanism's part."""
    names = tuple(name for name in names if name != "ripeness")
    if not names:
        assert "No mechanism is switched on" in lines
        return
    moved = meeting[f"r_{letter}"] - before[f"r_{letter}"]
    ways = "harder|softer|as hard|nothing"
    (sentence,) = re.findall(rf"{re.escape(title)}: ((?:{ways}).*?\.)(?: |$)", lines)
    if abs(moved) >= 5e-4:
        way = "harder" if moved > 0.0 else "softer"
        assert sentence.startswith(f"{way} by {abs(moved):.3f} since ")
    else:
        assert sentence.startswith(("as hard as at", "nothing moved it"))
    parts = {name: meeting[f"h_{name}_{letter}"] - before[f"h_{name}_{letter}"] for name in names}
    for name, part in parts.items():
        assert (f"{name} {part:+.3f}" in sentence) == (abs(part) >= 5e-4), (sentence, name, part)


def check_outcome(lines: str, scenario: Scenario, meeting: Any, in_force: bool) -> None:
    assert ("They settle: " in lines) == meeting["agreed"]
    stops = [bool(meeting["ceasefire_u"]), bool(meeting["ceasefire_d"])]
    asked = scenario.talks.ceasefire is not None and not meeting["agreed"]
    assert ("A ceasefire on the line begins" in lines) == (asked and not in_force and all(stops))
    assert ("No ceasefire: " in lines) == (asked and not in_force and not all(stops))
    assert ("goes on: " in lines) == (asked and in_force)
    assert ("goes on: both would" in lines) == (asked and in_force and all(stops))
    assert ("A local truce is made" in lines) == bool(meeting["truce"])
    assert ("walks out" in lines) == bool(meeting["walked_out_u"] or meeting["walked_out_d"])
    if not np.isnan(meeting["minutes"]):
        assert f"It lasts {meeting['minutes']:.0f} minutes" in lines
    for name in scenario.talks.exchanges:
        number = int(meeting[f"{name.replace('-', '_')}_exchanged"])
        assert (f"{number:,} exchanged each" if number else "none exchanged") in lines


def test_the_end_and_the_talks_in_short_are_those_of_the_run(told: Told) -> None:
    for fight, war in told:
        scenario = fight.record.scenario
        (run,) = fight.record.runs.to_dict("records")
        (end,) = end_of(fight)
        how, short = lines_of(end), talks_in_short(fight)
        assert date_of(scenario, war.last, "%B") in end.heading
        assert ("settled" in how) == (run["deal_day"] >= 0)
        assert ("decided at the front" in how) == (run["decided_day"] >= 0)
        assert ("under the ceasefire" in how) == (war.over is None and ceasefire_at_end(fight))
        if scenario.talks is None:
            continue
        for column, words in (
            ("deal_day", "they settle on"),
            ("ceasefire_day", "a ceasefire from"),
            ("collapse_day", "broken first on"),
            ("decided_day", "the front decides on"),
        ):
            happened = run[column] >= 0
            assert (words in short) == happened
            assert not happened or f"{words} {date_of(scenario, run[column], '%B')}" in short


def ceasefire_at_end(fight: Replay) -> bool:
    days = fight.record.days
    return bool(days[days["day"] == days["day"].max()]["ceasefire"].iloc[0])


def test_the_diary_tells_collapses_decisions_and_events_of_the_war_alone(told: Told) -> None:
    for fight, war in told:
        scenario = fight.record.scenario
        days = diary_of(fight.record)
        said = [(day, line) for day, each in enumerate(days) for line in each["events"]]
        assert [day for day, line in said if "The ceasefire collapses" in line] == war.fell
        decided = [day for day, line in said if "decided at the front" in line]
        assert decided == [int(day) for day in fight.record.runs["decided_day"].dropna()]
        events = [
            day for day, line in said if re.search(r": (a blow to|an offer by|a gesture by) ", line)
        ]
        dates = sorted(scenario.day_of(event.date) for event in scenario.events.values())
        assert events == [day for day in dates if day <= war.last]
        if len(fight.record.meetings):
            for meeting in fight.record.meetings.to_dict("records"):
                (line,) = [x for d, x in said if d == meeting["day"] and x.startswith("Meeting ")]
                on = war.in_force[meeting["day"]] and not meeting["agreed"]
                assert ("the ceasefire goes on" in line) == on
