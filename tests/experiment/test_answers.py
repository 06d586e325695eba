"""Answers in Python: those of the commands; they compare, pickle, and show themselves."""

import json
import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.experiment.record import TABLES
from sim.experiment.storage.store import Store
from sim.report.stored_answer import store_answer

pytestmark = pytest.mark.usefixtures("sketched_throughout")

P_HIT, P_WORKS = "weapons.drone.p_hit", "weapons.drone.p_works"
FILE = sim.__file__
EXPERIMENT = f"""\
kind: sweep
name: small
title: A <small> sweep
question: What?
scenario: minimal
levers: {{{P_HIT}: [0.2, 0.8]}}
outcomes: [planes_destroyed]
contrast: {P_HIT}
runs: 3
"""


@pytest.fixture(scope="module")
def war() -> sim.Scenario:
    return sim.load("minimal")


@pytest.fixture(scope="module")
def record(war: sim.Scenario) -> sim.Record:
    return sim.run(war, 40, with_days=True)


@pytest.fixture(scope="module")
def swept(war: sim.Scenario) -> sim.Answer:
    return sim.sweep(war, {P_HIT: np.array([0.2, 0.8])}, ["planes_destroyed", "deal_day"], runs=3)


@pytest.mark.parametrize(
    ("ask", "line", "tables"),
    [
        (
            lambda war, out: sim.sweep(war, {P_HIT: (0.2, 0.8)}, ["z_end"], runs=3, out=out),
            ["sweep", "minimal", "--vary", f"{P_HIT}=0.2,0.8", "--outcome", "z_end", "--runs", 3],
            {"points", "outcomes", "failed"},
        ),
        (
            lambda war, out: sim.sensitivity(
                war, ["planes_destroyed"], vary={P_HIT: (0, 1), P_WORKS: None}, method="morris",
                points=2, runs=2, out=out,
            ),
            ["sensitivity", "minimal", "--vary", f"{P_HIT}=0.0:1.0", "--vary", P_WORKS, "--method",
             "morris", "--points", 2, "--runs", 2, "--outcome", "planes_destroyed"],
            {"indices"},
        ),
        (  # the scenario as it stands has words where others have numbers
            lambda war, out: sim.sweep(
                war, {P_HIT: (0.2, 0.8), P_WORKS: None}, ["z_end"], design="one_at_a_time", runs=3,
                out=out,
            ),
            ["sweep", "minimal", "--vary", f"{P_HIT}=0.2,0.8", "--vary", P_WORKS, "--design",
             "one_at_a_time", "--outcome", "z_end", "--runs", 3],
            {"points", "outcomes", "failed"},
        ),
        (
            lambda war, out: sim.discover(war, "planes_destroyed > 8", runs=200, out=out),
            ["discover", "minimal", "--when", "planes_destroyed > 8", "--runs", 200],
            {"trajectory"},
        ),
    ],
)  # fmt: skip
def test_an_answer_is_that_of_the_command(
    command: Callable[..., Any], war: sim.Scenario, tmp_path: Path,
    ask: Callable[..., sim.Answer], line: list[object], tables: set[str],
) -> None:  # fmt: skip
    answer = ask(war, tmp_path / "out")
    assert answer.to_json() + "\n" == command(*line, "--out", tmp_path / "out", "--json").out
    assert answer.folder is not None
    assert (answer.folder / "answer.json").exists()
    assert set(answer.frames) == tables
    again = sim.read(str(answer.folder))
    assert (again, again.to_json()) == (answer, answer.to_json())
    assert [again.frames[name].attrs for name in tables] == [
        answer.frames[name].attrs for name in tables
    ]
    nowhere = ask(war, None)
    assert nowhere.folder is None
    assert nowhere.figures["folder"] is None
    assert nowhere.frames.keys() == answer.frames.keys()
    assert all(nowhere.frames[name].equals(frame) for name, frame in answer.frames.items())


def test_a_table_of_numbers_and_words_is_read_as_it_was(swept: sim.Answer, tmp_path: Path) -> None:
    columns = {"a": ["as it stands", 0.1, None], "b": [3, None, 10**40]}
    points = pd.DataFrame({name: pd.Series(v, dtype=object) for name, v in columns.items()})
    answer = replace(swept, frames={"points": points}, figures={})
    (tmp_path / "SHA256SUMS").touch()
    store_answer(tmp_path, answer)
    assert sim.read(tmp_path).frames["points"].equals(points)


def test_an_experiment_of_a_file_is_answered(command: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    war = Path(sim.__file__).parents[1] / "scenarios" / "minimal.yaml"
    file.write_text(EXPERIMENT.replace("minimal", str(war)))
    out = tmp_path / "out"
    answer = sim.run_experiment(file, out=out, publish=tmp_path / "published")
    assert answer.to_json() + "\n" == command("experiment", file, "--out", out, "--json").out
    assert (tmp_path / "published" / "points.csv").exists()
    assert sim.read(answer.folder) == answer
    with pytest.raises(sim.ExperimentError, match="published answer, whose tables are rounded"):
        sim.read(tmp_path / "published")
    assert len(sim.run_experiment(file, runs=2).frames["outcomes"]) == 4


def test_an_impulse_is_answered_by_its_name(tmp_path: Path) -> None:
    answer = sim.run_experiment("impulse", runs=2, publish=tmp_path)
    again = sim.read(tmp_path)
    assert (again, again.to_json()) == (answer, answer.to_json())
    assert set(answer.frames) == {"responses"}
    assert answer.frames["responses"].attrs["units"]["half-life, days"] == "day"
    assert answer.kind == "impulse"
    assert pickle.loads(pickle.dumps(answer)) == answer


def test_a_sweep_is_of_the_scenario_as_it_was_changed(war: sim.Scenario, tmp_path: Path) -> None:
    changed = sim.load("minimal", [f"{P_WORKS}=0.5"], ["talks"])
    answer = sim.sweep(changed, {P_HIT: [0.3]}, ["planes_destroyed"], runs=3)
    (point,) = (sim.run(sim.load("minimal", [f"{P_WORKS}=0.5", f"{P_HIT}=0.3"], ["talks"]), 3),)
    assert answer.frames["outcomes"]["planes_destroyed"].tolist() == (
        point.runs["planes_destroyed"].tolist()
    )
    mine = tmp_path / "mine.yaml"
    mine.write_text(war.text.replace("sources: sources.yaml", "sources: {}"))
    loaded = sim.load(mine)
    mine.write_text(f"{mine.read_text()}# a word more\n")
    for ask in (sim.sweep, lambda war, vary: sim.sensitivity(war, vary={P_HIT: None})):
        with pytest.raises(sim.ScenarioError, match=r"mine\.yaml: has changed since it was loaded"):
            ask(loaded, {P_HIT: [0.3]})


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda war: sim.sweep(war, [P_HIT]), ("vary", "levels by path")),
        (lambda war: sim.sweep(war, {}), ("nothing is varied",)),
        (lambda war: sim.sweep(war, {"weapons.drone.p_hut": [0.1, 0.2]}, runs=2), ("p_hut",)),
        (lambda war: sim.sweep(war, {P_HIT: [0.1, 7.0]}, runs=2), ("7", "from 0 to 1")),
        (lambda war: sim.sweep(war, {P_HIT: 0.1}, runs=2), (P_HIT, "0.1")),
        (lambda war: sim.sweep(war, {P_HIT: [0.1]}, "z_end"), ("outcomes", "['z_end']")),
        (lambda war: sim.sweep(war, {P_HIT: [0.1]}, ["z_nd"], runs=2), ("'z_nd'", "'z_end'")),
        (lambda war: sim.sweep(war, {P_HIT: [0.1]}, runs=1), ("runs", "1", "from 2")),
        (lambda war: sim.sweep(war, {P_HIT: [0.1]}, seed=-1), ("seed", "-1")),
        (lambda war: sim.sweep(war, {P_HIT: [0.1]}, design="grd"), ("grd", "grid")),
        (lambda war: sim.sweep(war, {P_HIT: [0.1]}, points=True), ("points", "True")),
        (lambda war: sim.sweep(war, {P_HIT: [0.1]}, workers=0), ("workers", "0")),
        (lambda war: sim.sweep(war, {P_HIT: [0.1]}, out=5), ("out", "5")),
        (lambda war: sim.sweep(war, {P_HIT: [0.1]}, publish=5), ("publish", "5")),
        (lambda war: sim.sweep(war, {P_HIT: [0.1]}, progress=5), ("progress", "5")),
        (lambda war: sim.run(war, 5, progress=5), ("progress", "5")),
        (lambda war: sim.compare(war, war, 5, progress=5), ("progress", "5")),
        (lambda war: sim.run(war, 5, workers=sim.Cluster(5)), ("workers", "address")),
        (lambda war: sim.sweep("minimal", {P_HIT: [0.1]}), ("scenario", "sim.load")),
        (lambda war: sim.sensitivity(war, method="sobl"), ("sobl", "sobol")),
        (lambda war: sim.sensitivity(war, vary={P_HIT: (0, "x")}), (P_HIT, "'x'")),
        (lambda war: sim.sensitivity(war, vary={P_HIT: 0.5}), (P_HIT, "0.5", "(LOW, HIGH)")),
        (lambda war: sim.sensitivity(war, vary=[P_HIT]), ("vary", "by path")),
        (lambda war: sim.sensitivity(war, points=1), ("points", "1")),
        (lambda war: sim.sensitivity(war, points=3), ("points: 3", "power of two")),
        (lambda war: sim.discover(war, 5), ("when", "5")),
        (lambda war: sim.discover(war, "z_nd > 0"), ("z_nd", "z_end")),
        (lambda war: sim.discover(war, "z_end > 0", threshold=7), ("threshold", "7")),
        (lambda war: sim.discover(war, "z_end > 0", runs=0), ("runs", "0")),
        (lambda war: sim.calibrate(war, error=np.nan), ("error", "nan")),
        (lambda war: sim.calibrate(war, runs=0), ("runs", "0")),
        (lambda war: sim.calibrate(war, vary=P_HIT), ("vary", f"['{P_HIT}']")),
        (lambda war: sim.calibrate(war, spend_validation="no"), ("spend_validation", "'no'")),
        (lambda war: sim.run_experiment("minimal"), ("is a scenario", "sim.run")),
        (lambda war: sim.discover(war, "z_end > 9", runs=100), ("when: holds in none",)),
        (lambda war: sim.sensitivity(war, vary={P_HIT: (0, 1)}, method="pawn"), ("vary: ", "None")),
        (lambda war: sim.sensitivity(war, points=3, method="pawn"), ("points: ", "runs=")),
        (lambda war: sim.calibrate(war, runs=300), ("runs: 300",)),
        (lambda war: sim.calibrate(war, against=["hut"]), ("reported: section",)),
        (lambda war: sim.sweep(war, {P_HIT: [0.2]}, out=FILE), (f"out: {FILE} is a file",)),
        (
            lambda war: sim.discover(war, "z_end > 0", out=f"{FILE}/a/b"),
            (f"out: {FILE} is a file",),
        ),
        (lambda war: sim.calibrate(war, publish=FILE), (f"publish: {FILE} is a file",)),
        (lambda war: sim.sensitivity(war, publish="a\0b"), ("publish: 'a\\x00b'",)),
        (lambda war: sim.load("minimal", ["raids.dwn.x=1"]), ("overrides: raids.dwn.x=1",)),
        (lambda war: sim.load("minimal", without=["raids.dwn"]), ("without: raids.dwn",)),
        (lambda war: sim.load("impulse"), ("is an experiment", "sim.run_experiment")),
        (lambda war: sim.run_experiment("impulse", runs=1), ("runs", "1")),
        (lambda war: sim.run_experiment("impulse", allow_code="no"), ("allow_code", "'no'")),
    ],
)
def test_what_cannot_be_asked_is_one_line(war, tmp_path, monkeypatch, ask, words) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((sim.ExperimentError, sim.ScenarioError)) as error:
        ask(war)
    assert "\n" not in str(error.value)
    assert all(word in str(error.value) for word in words), str(error.value)
    assert not re.search("--[a-z]", str(error.value))  # options are of the commands
    assert not any(tmp_path.iterdir())  # nothing half-written


def test_an_answer_is_read_as_it_was_written_or_not_at_all(war, tmp_path) -> None:
    """Each file is held against its digest, and both forms of the answer are of one call."""
    answer = sim.sweep(war, {P_HIT: [0.2]}, ["z_end"], runs=2, out=tmp_path)
    assert answer.folder is not None
    files = ["outcomes.parquet", "points.csv", "answer/points.parquet", "answer/answer.json"]
    for file in (answer.folder / name for name in files):
        content = file.read_bytes()
        file.write_bytes(content[:-2] + b"\n\n")
        with pytest.raises(sim.ExperimentError, match=f"{file.name} .*expected"):
            sim.read(answer.folder)
        file.write_bytes(content)
    assert sim.read(answer.folder) == answer
    sums = answer.folder / "SHA256SUMS"
    sums.write_text("".join(sorted(sums.read_text().splitlines(keepends=True), reverse=True)))
    with pytest.raises(sim.ExperimentError, match="another answer than that beside it"):
        sim.read(answer.folder)
    (answer.folder / "answer").rename(tmp_path / "elsewhere")
    with pytest.raises(sim.ExperimentError, match="wars without their answer, expected"):
        sim.read(answer.folder)
    with pytest.raises(sim.ExperimentError, match="is no folder, expected"):
        sim.read(sim.__file__)


@pytest.mark.parametrize(
    ("one", "other", "line"),
    [
        (([], ["raids.dawn"]), ([], []), ["--without", "raids.dawn"]),
        (([], []), ([f"{P_HIT}=0.9"], []), ["--set", f"{P_HIT}=0.9"]),
        (([], []), ([f"{P_HIT}=0.9"], ["talks"]),
         ["--set", f"{P_HIT}=0.9", "--without", "talks"]),
    ],
)  # fmt: skip
def test_a_contrast_has_the_json_of_the_command(command, one, other, line) -> None:
    wars = (sim.load("minimal", *changes) for changes in (one, other))
    told = sim.compare(*wars, 10, 3).to_json()
    assert (
        told + "\n" == command("compare", "minimal", *line, "--runs", 10, "--seed", 3, "--json").out
    )


def test_a_contrast_says_which_war_is_taken_from_which(war, record) -> None:
    without = sim.load("minimal", without=["raids.dawn"])
    said = json.loads(sim.compare(war, without, 5).to_json())
    assert (said["direction"], said["changes"]) == (
        "changed minus as it is",
        ["without raids.dawn"],
    )
    said = json.loads(sim.Contrast(record, record).to_json())
    assert (said["direction"], said["changes"]) == ("changed minus as it is", [])
    assert said["losses"]["planes_destroyed"]["mean"] == 0.0
    apart = sim.Contrast(sim.run(war, 5), sim.run(war, 5))
    with pytest.raises(sim.ExperimentError, match="no days were stored"):
        apart.to_json()


def test_records_scenarios_contrasts_and_answers_compare_and_pickle(war, record, swept) -> None:
    pairs = sim.Contrast(record, record)
    for one in (war, record, pairs, swept, war.weapons["drone"].p_hit):
        again = pickle.loads(pickle.dumps(one))
        assert again == one
        assert one != "another thing"
    assert record == sim.run(sim.load("minimal"), 40, with_days=True)
    assert record != sim.run(war, 40)
    assert record != sim.run(war, 40, seed=2, with_days=True)
    assert swept != sim.sweep(war, {P_HIT: [0.2, 0.7]}, ["planes_destroyed", "deal_day"], runs=3)


def test_scenarios_are_equal_and_hash_alike_where_they_say_the_same(war) -> None:
    again, other = sim.load("minimal"), sim.load("minimal", [f"{P_HIT}=0.5"])
    assert war == again
    assert hash(war) == hash(again)
    assert len({war, again, other}) == 2
    respelled = sim.load("minimal", ["title=A"])
    assert respelled == sim.load("minimal", ["title=B", "title=A"])
    with pytest.raises(TypeError, match="unhashable"):
        hash(sim.run(war, 1))


def test_a_record_on_disk_is_that_in_memory(war, record, tmp_path) -> None:
    from sim.experiment.execution.runner import run_into

    store = Store(tmp_path, war, 40, 1, True)
    run_into(store, 1)
    kept = sim.read(str(store.folder))
    assert kept == record
    assert record == kept
    assert pickle.loads(pickle.dumps(kept)) == record
    assert "40" in kept._repr_html_()
    with pytest.raises(sim.ScenarioError, match="was read from results"):
        sim.sweep(kept.scenario, {P_HIT: [0.2]})
    file = store.folder / "runs.parquet"
    file.write_bytes(file.read_bytes()[:-1])
    for folder in (store.folder, tmp_path, tmp_path / "nowhere"):
        with pytest.raises(sim.ExperimentError, match=f"^{folder}: .*expected"):
            sim.read(folder)
    with pytest.raises(sim.ExperimentError, match="folder: None, expected"):
        sim.read(None)


def test_tables_have_units(record, swept) -> None:
    units = record.runs.attrs["units"]
    assert (units["island_spent_usd"], units["deal_day"], units["z_end"]) == ("USD", "day", "1")
    assert record.meetings.attrs["units"]["minutes"] == "min"
    assert "meeting" not in record.meetings.attrs["units"]
    units = swept.frames["points"].attrs["units"]
    assert units["deal_day ±"] == "day"
    assert units["planes_destroyed wars"] == "1"
    speed = sim.sweep(sim.load("minimal"), {"weapons.drone.speed": [90, 120]}, runs=2)
    assert speed.frames["points"].attrs["units"]["weapons.drone.speed"] == "km/h"
    assert speed.frames["points"].attrs["units"]["mainland_lost_usd 5 %"] == "USD"
    for table in TABLES:
        assert isinstance(getattr(record, table), pd.DataFrame)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_notebook_shows_words_and_tables_and_nothing_of_a_strangers(war, record, swept) -> None:
    hostile = sim.load("minimal", ["title='<script>alert(1)</script>'"])
    shown = [record, sim.Contrast(record, record), swept, sim.run(hostile, 2)]
    shown.append(sim.sweep(hostile, {P_HIT: [0.2]}, ["z_end"], runs=2))
    for one in shown:
        page = one._repr_html_()
        tags = _Tags()
        tags.feed(page)
        assert not tags.open
        assert {"table", "h3", "td"} <= tags.seen
        assert tags.seen <= {"div", "h3", "h4", "p", "table", "thead", "tbody", "tr", "th", "td"}
        assert "nan" not in page
    assert "planes_destroyed" in record._repr_html_()
    assert "A small war" in repr(swept)
    assert repr(record) == "<Record: minimal, 40 of 40 runs, seed 1>"


def test_stable_names_are_there_and_no_others() -> None:
    for name in sim.__all__:
        assert getattr(sim, name).__name__ == name
    with pytest.raises(AttributeError, match="'nobody'"):
        sim.nobody  # noqa: B018
