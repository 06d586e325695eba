"""One war day by day: what each day says of the war, the talks and what happened."""

from pathlib import Path
from typing import Any

import pytest

from sim.report.dashboard.run_processes import Job, fight
from sim.report.timeline import diary_of
from sim.scenario.load import load
from sim.scenario.shipped import named

MINIMAL = named("minimal").read_text()
HALF_HELD = """
front: {rungs: {value: 2, assumed: t}, start: {value: 1, assumed: t},
  p_move: {value: %d, assumed: t}, p_underdog_advances: {value: 1, assumed: t}}
"""
GRIEVANCE = (
    "mechanisms:\n  spiral: {on: true, reaction: {value: 0, unit: 1/day, assumed: t},"
    " fatigue: {value: 0, unit: 1/day, assumed: t}, grievance: {value: 0.3, unit: 1/day,"
    " assumed: t}}"
)
GAIN = "gain: {island: {value: 0.1, assumed: t}, mainland: {value: 0.1, assumed: t}}"
STOPS = (
    "talks:\n  ceasefire: {p_violation: {value: 0, assumed: t}, p_collapse: {value: 0, assumed: t}}"
)
TRUCE = f"talks:\n  truce: {{length: {{value: 3, unit: day, assumed: t}}, {GAIN}}}"
BLOW = """
events:
  fire: {kind: blow, title: Great fire., on: mainland, date: 2025-01-03,
    loss: {value: 0.1, assumed: t}}
"""
EVEN = ("minds.island.p_win=0.5", "minds.mainland.p_win=0.55")


@pytest.fixture
def diary(tmp_path: Path) -> Any:
    def diary(*changes: tuple[str, str], more: str = "", overrides: tuple[str, ...] = ()) -> Any:
        text = MINIMAL + more
        for old, new in changes:
            assert text.count(f"\n{old}\n") == 1
            text = text.replace(f"\n{old}\n", f"\n{new}\n")
        file = tmp_path / "war.yaml"
        file.write_text(text)
        job = Job(load(file, list(overrides)), 1, 1, only=0)
        return diary_of(fight(job, lambda share, compiles: None, lambda: False))

    return diary


def of_meetings(day: Any) -> list[str]:
    return [line for line in day["events"] if line.startswith("Meeting ")]


def test_a_settlement_ends_the_war_on_the_day_of_the_meeting(diary: Any) -> None:
    days = diary(overrides=("minds.island.p_win=0.1", "minds.mainland.p_win=0.5"))
    assert [day["state"] for day in days] == ["at war"] * 7 + ["settled"] * 3
    assert of_meetings(days[7]) == ["Meeting meeting: they settle."]
    assert not any(of_meetings(day) for day in days[:7] + days[8:])


def test_a_meeting_without_a_settlement_tells_the_zone(diary: Any) -> None:
    days = diary(overrides=("minds.island.p_win=0.9", "minds.mainland.p_win=0.9"))
    z = days[7]["positions"]["z"]
    assert z < 0.0
    said = f"no settlement; the zone is −{abs(z):.3f}."
    assert of_meetings(days[7]) == [f"Meeting meeting: {said}"]
    assert {day["state"] for day in days} == {"at war"}


def test_a_war_decided_at_the_front_has_no_meeting_any_more(diary: Any) -> None:
    days = diary(more=HALF_HELD % 1, overrides=EVEN)
    assert {day["state"] for day in days} == {"decided at the front"}
    assert [day["positions"]["held_u"] for day in days] == [1.0] * 10
    assert not any(of_meetings(day) for day in days)
    assert not any("raid at dawn" in line for day in days for line in day["events"])


def test_a_ceasefire_and_a_truce_are_told_apart(diary: Any) -> None:
    hard = ("mechanisms:", GRIEVANCE)
    days = diary(hard, ("talks:", STOPS), more=HALF_HELD % 0, overrides=EVEN)
    (line,) = of_meetings(days[7])
    assert line == "Meeting meeting: no settlement, but both cease fire on the line."
    assert [day["state"] for day in days] == ["at war"] * 7 + ["ceasefire"] * 3

    days = diary(hard, ("talks:", TRUCE), more=HALF_HELD % 0, overrides=EVEN)
    (line,) = of_meetings(days[7])
    assert "no settlement; the zone is −" in line
    assert line.endswith(", with a local truce.")
    assert {day["state"] for day in days} == {"at war"}


def test_an_event_stands_on_its_day_and_no_other(diary: Any) -> None:
    days = diary(more=BLOW)
    told = [
        sum(line == "Great fire: a blow to Mainland." for line in day["events"]) for day in days
    ]
    assert told == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]


def test_a_raid_that_loses_nothing_says_so(diary: Any) -> None:
    sure = ("p_works=1", "p_hit=1", "p_destroy=1")
    overrides = (*(f"weapons.drone.{one}" for one in sure), "units.gun.p_kill.drone=0")
    (line,) = diary(overrides=overrides)[4]["events"]
    assert ": of 40 sent 40 came through; planes: 40 destroyed ($" in line
