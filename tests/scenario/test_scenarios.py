"""The shipped scenarios: each is whole, runs, and answers its question; shared figures agree."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.experiment.record import Record
from sim.report.answers.run import Run
from sim.report.answers.summary import summarise
from sim.scenario.schema import Scenario, figures

FOLDER = Path(__file__).parents[2] / "scenarios"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "sources")
Command = Callable[..., Any]


@cache
def shipped(name: str) -> Scenario:
    return sim.load(FOLDER / f"{name}.yaml")


@cache
def record_of(name: str) -> Record:
    return sim.run(shipped(name), runs=40, seed=1, workers=1)


def told(name: str) -> str:
    """All that `sim run` says on the screen, as one text."""
    sections = Run.of(record_of(name)).sections()
    lines = [line for section in sections for line in (section.heading, *section.lines)]
    cells = [" ".join(row) for section in sections for row in section.rows]
    return "\n".join(lines + cells)


# --- every scenario ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_says_what_it_asks(name: str) -> None:
    scenario = shipped(name)
    first = (FOLDER / f"{name}.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=.schema.json"
    assert scenario.name == name
    assert scenario.title
    assert scenario.question.endswith("?")


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_runs_and_answers(name: str) -> None:
    scenario, record = shipped(name), record_of(name)
    assert len(record.runs) == 40
    assert set(record.raids["raid"] if len(record.raids) else ()) <= set(scenario.raids)
    words = told(name)
    assert " ".join(scenario.question.split()) in words
    for title in (raid.title for raid in scenario.raids.values() if raid.date):
        assert title in words
    for meeting in scenario.talks.meetings if scenario.talks else ():
        assert f"{meeting}, " in words
    assert not re.search(r"\bnan\b", words)
    assert "None" not in words


@pytest.mark.parametrize("name", NAMES)
def test_what_was_reported_is_held_against_a_column_there_is(name: str) -> None:
    runs, summary, words = record_of(name).runs, summarise(record_of(name)), told(name)
    for key, report in shipped(name).reported.items():
        assert report.outcome in runs, key
        assert summary["reported"][key]["model"] is not None, key
        assert report.by in words, key


@pytest.mark.parametrize("name", NAMES)
def test_check_counts_every_figure_of_a_scenario(command: Command, name: str) -> None:
    counted = command("check", FOLDER / f"{name}.yaml", "--json").json
    totals = counted["totals"]
    assert totals["figures"] == len(counted["figures"]) == len(list(figures(shipped(name))))
    assert totals["sourced"] + totals["assumed"] == totals["figures"]
    assert all(row["sources"] or row["assumed"] for row in counted["figures"])


# --- figures that scenarios of one war share ---------------------------------------------------

PLACES = ("launch_areas",)
"""Sections without figures."""
WHOLE = ("weapons", "assets", "units", "sites", *PLACES, "raids", "reports", "minds", "reported")
"""Sections of which a block that stands in two files is the same in both."""
SHARED = {
    "massive-assault": (*WHOLE, "sides"),
    "istanbul-talks": (
        "reports",
        "front",
        "minds",
        "mechanisms",
        "patrons",
        "talks",
        "reported",
    ),
}
OWN = {"massive-assault": (), "istanbul-talks": ("talks.exchanges.prisoners.gain.",)}
"""What a file says otherwise, on purpose."""


@pytest.mark.parametrize("name", SHARED)
def test_shared_figures_are_the_same(name: str) -> None:
    ours, theirs = dict(figures(shipped(name))), dict(figures(shipped("spiderweb")))
    shared = [path for path in ours if path in theirs and not path.startswith(OWN[name])]
    assert {path.split(".")[0] for path in shared} == set(SHARED[name]) - set(PLACES)
    assert {path: ours[path] for path in shared} == {path: theirs[path] for path in shared}


@pytest.mark.parametrize("name", SHARED)
@pytest.mark.parametrize("section", WHOLE)
def test_shared_blocks_are_the_same(name: str, section: str) -> None:
    ours, theirs = (getattr(shipped(which), section) for which in (name, "spiderweb"))
    shared = set(ours) & set(theirs)
    assert bool(shared) == (section in SHARED[name])
    for block in shared:
        assert ours[block] == theirs[block], block


NIGHTS = ("massive-assault", "second-night", "third-night", "reprisal")
FORECAST = {
    "massive_assault_shahed_through": (10, 33, 69),
    "massive_assault_cruise_through": (3, 13, 29),
    "massive_assault_iskander_through": (2, 7, 9),
    "second_night_shahed_through": (12, 40, 81),
    "second_night_cruise_through": (0, 2, 6),
    "third_night_shahed_through": (0, 7, 22),
}
"""5, 50 and 95 % of what is foreseen to come through, from the nights to 24 May 2025."""


@pytest.mark.parametrize("name", ["massive-assault", "spiderweb"])
def test_the_nights_of_one_defence_are_tuned_to_none_of_them(name: str) -> None:
    scenario = shipped(name)
    for raid in set(NIGHTS) & set(scenario.raids):
        for wave in scenario.raids[raid].waves.values():
            assert wave.visibility is not None
            assert wave.visibility.is_drawn
        of_raid = raid.replace("-", "_")
        assert not [
            key
            for key, report in scenario.reported.items()
            if report.outcome.startswith(of_raid) and report.used_for == "tuning"
        ]


def test_the_defence_flown_lets_through_what_was_forecast() -> None:
    """Middle by rank, and the upper end, within what 300 wars can tell and one law for the rest."""
    war = sim.load(FOLDER / "massive-assault.yaml")
    runs = sim.run(war, runs=300, seed=2, workers=1).runs
    for column, (_, median, high) in FORECAST.items():
        came = runs[column].to_numpy()
        below, upto = (came < median).mean(), (came <= median).mean()
        assert below - 0.17 <= 0.5 <= upto + 0.17, column
        assert (came > high).mean() <= 0.12, column


# --- what a summary leaves unsaid --------------------------------------------------------------


def test_without_a_mechanism_nobody_is_said_to_harden() -> None:
    assert "All this under no mechanism" in told("massive-assault")
    assert "hardened" not in told("massive-assault")
    assert "The day hardened" in told("minimal")


def test_where_every_war_softens_it_is_said_that_they_soften() -> None:
    """Under punishment alone a raid softens whom it hits: 0.0 % hardened is half an answer."""
    record = record_of("minimal")
    raid, words = summarise(record)["raids"]["dawn"], " ".join(told("minimal").split())
    rose = record.runs["r_d_after_dawn"] - record.runs["r_d_before_dawn"]
    assert (rose < -1e-9).all()
    assert raid["favourite_softened"]["share"] == 1.0
    for what in ("underdog", "favourite"):
        ways = [raid[f"{what}_{way}"]["share"] for way in ("hardened", "unmoved", "softened")]
        assert sum(ways) == 1.0
    assert sum(raid[f"zone_{way}"]["share"] for way in ("narrowed", "unmoved", "widened")) == 1.0
    assert "left it unmoved in 0.0" in words
    assert re.search(r"it hardened Mainland in 0\.0 \S+ %, .* softened it in 100\.0", words)
    assert re.search(r"Z narrowed in 0\.0 \S+ %, stayed in 0\.0 \S+ % and widened in 100\.0", words)


def test_without_raids_no_money_is_told() -> None:
    assert "usd" not in told("istanbul-talks")
    assert "usd" in told("minimal")


def test_without_a_ceasefire_on_offer_nobody_ceases_fire() -> None:
    war = sim.load(FOLDER / "spiderweb.yaml", without=["talks.ceasefire", "patrons"])
    assert sim.run(war, runs=40, seed=1, workers=1).runs["ceasefire_day"].isna().all()
    assert record_of("spiderweb").runs["ceasefire_day"].notna().any()
    assert "cease" not in told("minimal")
    assert "would cease fire" in told("istanbul-talks")


# --- what a head promises ----------------------------------------------------------------------


def test_every_protocol_settles_the_same_wars() -> None:
    """As istanbul-talks says: a protocol divides what there is, it does not make it."""
    each = "{ukraine: {value: 0.9, assumed: try}, russia: {value: 0.9, assumed: try}}"
    protocols = (
        "{kind: mediator}",
        f"{{kind: rubinstein, first: russia, patience: {each}}}",
        f"{{kind: concession, exponent: {each}}}",
    )
    settled = record_of("istanbul-talks").runs["deal_day"].notna()
    assert settled.any()
    for protocol in protocols:
        war = sim.load(FOLDER / "istanbul-talks.yaml", [f"talks.protocol={protocol}"])
        others = sim.run(war, runs=40, seed=1, workers=1).runs["deal_day"].notna()
        assert (others == settled).all(), protocol


def test_who_does_not_know_the_other_settles_some_of_the_same_wars() -> None:
    """The protocol `screening` as it stands in the head of istanbul-talks."""
    text = (FOLDER / "istanbul-talks.yaml").read_text()
    text = re.sub(r"\n# +", " ", text)
    block = re.search(r"\{kind: screening.*?\}\}\}", text)
    inference = re.search(r"inference: \{.*?\}\}", text)
    assert block
    assert inference
    read = f"talks.protocol={block.group()[:-1]}, {inference.group()}}}"
    assert sim.load(FOLDER / "istanbul-talks.yaml", [read]).talks.protocol.inference["russia"].high
    knowing, hidden = (
        sim.run(sim.load(FOLDER / "istanbul-talks.yaml", protocol), 400, 1, workers=1).runs
        for protocol in ([], [f"talks.protocol={block.group()}"])
    )
    settled = hidden["deal_day"].notna()
    assert 0.01 < settled.mean() < 0.5 * knowing["deal_day"].notna().mean()
    assert not (settled & knowing["deal_day"].isna()).any()


def test_the_rival_theory_of_the_tutorial_turns_the_answer() -> None:
    rival = ["mechanisms.cost.on=false", "mechanisms.rally.on=true"]
    war = sim.load(FOLDER / "minimal.yaml", rival)
    without = sim.load(FOLDER / "minimal.yaml", without=["raids.dawn"])
    rivals, quiet = (
        sim.run(scenario, runs=400, seed=1, workers=1).runs["deal_day"].notna().mean()
        for scenario in (war, without)
    )
    assert rivals < quiet < record_of("minimal").runs["deal_day"].notna().mean()


def test_the_first_night_wears_the_defence_down() -> None:
    """As massive-assault says: the second night's column with and without the first one."""
    fresh = sim.load(FOLDER / "massive-assault.yaml", without=["raids.massive-assault"])
    column = "second_night_through"
    rested = sim.run(fresh, runs=40, seed=1, workers=1).runs[column]
    assert record_of("massive-assault").runs[column].mean() > rested.mean()


def test_the_whole_war_can_be_talked_about_in_ignorance() -> None:
    """The protocol `screening` as it stands above the one of the whole war."""
    file = FOLDER / "ukraine-2022-2025.yaml"
    block = re.search(r"\{kind: screening.*?\}\}\}", re.sub(r"\n *# +", " ", file.read_text()))
    assert block
    talks = sim.load(file, [f"talks.protocol={block.group()}"]).talks
    assert talks is not None
    assert talks.protocol.kind == "screening"
