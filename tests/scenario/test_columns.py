"""No two names of a scenario make one column, and every column can be named by every command."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sim.experiment.questions.condition import Condition
from sim.scenario.columns import (
    columns_of_meetings,
    columns_of_runs,
    doubles,
    raids_by_column,
)
from sim.scenario.consistency import contradictions
from sim.scenario.schema import Scenario, snake
from sim.war.model import War, outcomes_of
from tests.examples import examples

EVERYTHING = (Path(__file__).parents[1] / "everything.yaml").read_text()
TRICKY = (
    *("dawn", "dawn-first", "dawn_first", "first", "first-planes", "planes", "dawn-planes"),
    *("claimed", "hughes", "loss", "h", "h-cost-u", "u-by-dawn", "u-end", "end", "r", "z", "run"),
    *("a-b", "a_b", "hares", "hit", "x-exchanged", "x", "position", "deal", "collapse", "u"),
)


def renamed(entries: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """The same entries under other names, as many as there are names."""
    return dict(zip(names, entries.values(), strict=False))


@st.composite
def named_wars(draw: st.DrawFn) -> Scenario:
    """A war with everything in it, its parts named as badly as may be."""

    def names(count: int) -> list[str]:
        return draw(st.lists(st.sampled_from(TRICKY), min_size=count, max_size=count, unique=True))

    data = YAML(typ="safe").load(EVERYTHING)
    raids = names(3)
    data["focus"], data["sides"]["hares"]["tempo"]["raid"] = raids[0], raids[1]
    data["sides"]["bears"]["retaliation"]["raid"] = raids[2]
    data["raids"] = renamed(data["raids"], raids)
    for raid in data["raids"].values():
        raid["waves"] = renamed(raid["waves"], names(len(raid["waves"])))
    for asset, group in zip(data["assets"].values(), names(2), strict=True):
        asset["group"] = group
    talks = data["talks"]
    talks["meetings"] = renamed(talks["meetings"], names(2))
    talks["issues"] = renamed(talks["issues"], names(2))
    exchange = talks["exchanges"]["prisoners"]
    talks["exchanges"] = dict.fromkeys(names(2), exchange)
    return Scenario.model_validate(data)


@examples(60)
@given(named_wars())
def test_names_make_columns_that_are_distinct_or_are_refused(scenario: Scenario) -> None:
    for columns in (columns_of_runs, columns_of_meetings):
        made = [column.name for column in columns(scenario)]
        told = {name for name, _, _ in doubles(scenario)}
        assert (len(set(made)) < len(made)) <= bool(told)
        for name in made:
            assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
            assert Condition(f"{name} > 0", made).columns == (name,)
    refused = [path for path, message in contradictions(scenario) if "the column" in message]
    for _, *owners in doubles(scenario):
        assert {owner for owner in owners if owner} <= set(refused)
    if not refused:
        assert set(outcomes_of(scenario)) == {c.name for c in columns_of_runs(scenario)}


def test_the_columns_of_the_tables_are_those_of_the_list() -> None:
    scenario = Scenario.model_validate(YAML(typ="safe").load(EVERYTHING))
    recorder = War(scenario, 20).run().recorder
    for table, columns in ((recorder.runs(), columns_of_runs), (recorder.meetings(),
                           columns_of_meetings)):  # fmt: skip
        assert sorted(table) == sorted(column.name for column in columns(scenario))


SECOND = (
    "raids.{}={{title: S, by: hares, date: 2025-01-06, delivery: {{kind: direct}}, waves: {{only: "
    "{{weapon: dart, count: {{value: 1, assumed: x}}, at: [north], launch_from: wood}}}}}}"
)
DEPOT = (
    "assets.depot={{title: D, group: {}, value: {{value: 1 USD, assumed: x}}, "
    "repair_cost: {{value: 0, assumed: x}}}}"
)
ISSUE = (
    "talks.issues.{}={{title: I, ideal: {{hares: {{value: 1, assumed: x}}, bears: {{value: 0, "
    "assumed: x}}}}, salience: {{hares: {{value: 1, assumed: x}}, bears: {{value: 1, "
    "assumed: x}}}}}}"
)
CLASHES = {
    "a raid and a wave": (
        [SECOND.format("dawn-first")],
        ("dawn_first_ordered", "raids.dawn.waves.first", "raids.dawn-first"),
    ),
    "a raid and a side": (
        [SECOND.format("bears")],
        ("bears_spent_usd", "raids.bears", "sides.bears"),
    ),
    "two raids": ([SECOND.format("a-b"), SECOND.format("a_b")],
        ("a_b_flown", "raids.a-b", "raids.a_b")),
    "a group and a raid's word": (
        ["assets.plane.group=claimed"],
        ("dawn_claimed_hit", "raids.dawn", "assets.plane.group"),
    ),
    "a group and a group of a raid": (
        [DEPOT.format("dawn_aircraft")],
        ("dawn_aircraft_damaged", "assets.plane.group", "assets.depot.group"),
    ),
    "two groups": (
        ["assets.plane.group=fast-jets", DEPOT.format("fast_jets")],
        ("dawn_fast_jets_damaged", "assets.plane.group", "assets.depot.group"),
    ),
    "two meetings": (
        ["talks.meetings.a-b=2025-01-09", "talks.meetings.a_b=2025-01-10"],
        ("a_b_minutes", "talks.meetings.a-b", "talks.meetings.a_b"),
    ),
    "two issues": (
        [ISSUE.format("a-b"), ISSUE.format("a_b")],
        ("position_a_b", "talks.issues.a-b", "talks.issues.a_b"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("clash", CLASHES)
def test_a_clash_is_told_with_both_names(
    clash: str, war_text: str, problems: Callable[..., tuple[Any, ...]]
) -> None:
    overrides, (column, one, other) = CLASHES[clash]
    found = problems(war_text, overrides=overrides)
    message = f"gives the column '{column}', as {{}} does, expected another name"
    assert (one, message.format(other)) in [(p.path, p.message) for p in found]
    assert (other, message.format(one)) in [(p.path, p.message) for p in found]


def test_a_dash_in_a_group_is_a_word_of_a_column(read: Callable[..., Scenario]) -> None:
    scenario = read(overrides=["assets.plane.group=fast-jets"], without=["reported"])
    table = War(scenario, 30).run().recorder.runs()
    assert table["fast_jets_hit"].sum() > 0
    assert Condition("fast_jets_hit > 0", table).holds(table).any()


def test_a_column_is_told_of_its_own_raid(read: Callable[..., Scenario]) -> None:
    """Not of one whose name it begins with: a group may be called `dawn_planes`."""
    overrides = ["assets.plane.group=dawn_jets", SECOND.format("dawn-second")]
    scenario = read(overrides=overrides, without=["reported"])
    raids = raids_by_column(scenario)
    assert "dawn_jets_hit" not in raids
    assert raids["dawn_dawn_jets_hit"] == "dawn"
    assert raids["dawn_second_through"] == "dawn-second"
    assert raids["r_u_after_dawn_second"] == "dawn-second"
    assert "z_end" not in raids
    assert snake("dawn-second") == "dawn_second"
