"""Results whose files were harmed: told in a line, never taken for what was written."""

import errno
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.experiment.errors import ExperimentError
from sim.experiment.execution import runner
from sim.experiment.execution.runner import run_into
from sim.experiment.storage import answer_files as answers
from sim.experiment.storage.check import check
from sim.experiment.storage.disk import digest
from sim.experiment.storage.manifest import read_manifest
from sim.experiment.storage.store import Store, read
from sim.experiment.storage.version import model_version
from sim.scenario.schema import Scenario

RUNS = 40
P_HIT = "weapons.drone.p_hit"
HARMED = "is not as it was written: its SHA-256 is another"


def a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def rows_lost(file: Path) -> None:
    """The table that a command would have written of fewer runs."""
    pq.write_table(pq.read_table(file).slice(0, RUNS // 2), file)


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def gone(file: Path) -> None:
    file.unlink()


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


HARMS = {
    a_bit: HARMED,
    rows_lost: HARMED,
    cut_short: HARMED,
    gone: "is missing",
    a_folder: "cannot be read (is a folder, expected a file)",
}
harms = pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Whole results, to be copied and harmed."""
    from sim.scenario.load import load

    folder = tmp_path_factory.mktemp("made")
    run_into(Store(folder, load("minimal"), RUNS, 1, False), 1)
    return next(folder.iterdir())


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "results" / made.name))


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("*.parquet")}


@harms
def test_harmed_results_are_told_and_made_anew(
    folder: Path, made: Path, harm: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    harm(folder / "runs.parquet")
    store = Store.of_folder(made)
    again = Store(folder.parent, store.scenario, RUNS, 1, False)
    assert not again.is_complete
    run_into(again, 1)
    assert caplog.messages == [f"{folder}: runs.parquet {HARMS[harm]}; it is made anew"]
    assert bytes_of(folder) == bytes_of(made)


@harms
def test_what_reads_harmed_results_refuses_in_one_line(
    folder: Path, harm: Callable[[Path], None], command: Any
) -> None:
    harm(folder / "losses.parquet")
    for words in (("report",), ("replay",), ("results", "show")):
        told = command(*words, folder)
        assert (told.code, told.out) == (2, ""), words
        assert told.err == (
            f"{folder}: losses.parquet {HARMS[harm]}, "
            f"expected `sim run minimal --runs {RUNS} --seed 1`, which makes it anew\n"
        )
    with pytest.raises(ExperimentError, match=r"losses\.parquet"):
        read(folder)


def test_harmed_results_lend_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_bit(folder / "raids.parquet")
    monkeypatch.setattr(runner, "CHUNK_RUNS", RUNS)
    scenario = Store.of_folder(folder).scenario
    with Store(folder.parent, scenario, 2 * RUNS, 1, False).lender() as other:
        assert other is None


def test_a_run_that_was_found_is_as_it_was_written(
    folder: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way: the bit of the issue, and the numbers of the first time again."""
    monkeypatch.setattr("sim.report.drawing.FIGURES", ())
    monkeypatch.setattr("sim.report.plots.DRAWINGS", {})
    words = ("run", "minimal", "--runs", RUNS, "--out", folder.parent, "--json", "--workers", 1)
    first = command(*words).json
    assert first["found"] is True
    a_bit(folder / "runs.parquet")
    again = command(*words).json
    assert again["found"] is False
    assert again["outcomes"] == first["outcomes"]


def test_what_the_manifest_says_is_held_against_its_hash(folder: Path) -> None:
    file = folder / "manifest.json"
    text = file.read_text()
    assert '"seed": 1' in text
    file.write_text(text.replace('"seed": 1', '"seed": 3'))
    with pytest.raises(ExperimentError, match=r"manifest\.json is not as it was written"):
        read(folder)
    assert check(folder).state == "damaged"


def test_a_table_that_the_manifest_does_not_name_is_not_read(folder: Path) -> None:
    shutil.copy(folder / "runs.parquet", folder / "days.parquet")
    (folder / "._runs.parquet").write_bytes(b"\0\5\26\7")
    record = read(folder)
    assert record.days.empty
    told = check(folder)
    assert told.state == "whole"
    assert told.notes == [
        "._runs.parquet is not of these results; it is left alone",
        "days.parquet is not of these results; it is left alone",
    ]


def test_foreign_files_among_chunks_do_no_harm(tmp_path: Path, tiny: Scenario) -> None:
    """Macs leave such beside each file on a disk that is not theirs."""
    store = Store(tmp_path, tiny, RUNS, 1, False)
    chunks = store.folder / "chunks"
    chunks.mkdir(parents=True)
    for name in (
        "._000000000.done",
        "._000000000.runs.parquet",
        ".DS_Store",
        "notes.done",
        "1.done",
    ):
        (chunks / name).write_bytes(b"\0\5\26\7")
    assert store.chunks.written() == []
    run_into(store, 1)
    assert store.is_complete
    assert not chunks.exists()


FOREIGN: list[Any] = [
    {"wars": True},
    {"runs": None},
    {"runs": -5},
    {"runs": 10**30},
    {"files": ["../../etc/passwd"]},
    {"sha256": {"runs.parquet": 3}},
    {"complete": "yes"},
    {"hash": 1},
    {"versions": ["1.0"]},
]


@pytest.mark.parametrize("said", FOREIGN, ids=str)
def test_a_manifest_of_somebody_else_keeps_no_war_from_being_fought(
    folder: Path, said: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "CHUNK_RUNS", RUNS)
    kept = read_manifest(folder)
    scenario = Store.of_folder(folder).scenario
    (folder / "manifest.json").write_text(json.dumps(kept | said))
    other = folder.with_name("minimal-of-somebody")
    other.mkdir()
    (other / "manifest.json").write_text(json.dumps(kept | said))
    for runs in (RUNS, RUNS + 1):
        store = Store(folder.parent, scenario, runs, 1, False)
        assert run_into(store, 1).runs_done == runs
        assert store.is_complete
    check(other)


def test_a_copy_is_found_and_checked_elsewhere(
    folder: Path, tmp_path: Path, tiny: Scenario
) -> None:
    there = tmp_path / "elsewhere" / "results"
    shutil.copytree(folder.parent, there)
    shutil.rmtree(folder.parent)
    (copy,) = there.iterdir()
    assert check(copy).state == "whole"
    assert read(copy).runs_done == RUNS
    assert Store(there, Store.of_folder(copy).scenario, RUNS, 1, False).is_complete
    assert str(tmp_path) not in (copy / "manifest.json").read_text()


@pytest.mark.parametrize("what", ["folder", "chunks", "manifest.json", "runs.parquet", "plots"])
def test_force_works_through_links(
    folder: Path, made: Path, what: str, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link to a folder could not be removed as one: the old chunks were taken for new."""
    monkeypatch.setattr("sim.report.drawing.FIGURES", ())
    monkeypatch.setattr("sim.report.plots.DRAWINGS", {})
    place = folder if what == "folder" else folder / what
    if what in ("chunks", "plots"):
        place.mkdir()
    else:
        a_bit(folder / "runs.parquet")
    real = folder.parent.parent / "real"
    place.rename(real)
    place.symlink_to(real)
    words = ("run", "minimal", "--runs", RUNS, "--out", folder.parent, "--json", "--workers", 1)
    told = command(*words, "--force")
    assert (told.code, told.json["found"]) == (0, False)
    assert bytes_of(folder) == bytes_of(made)
    assert check(folder).state == "whole"
    assert real.exists()


@pytest.mark.parametrize("refuses", ["unlink", "replace", "mkdir"])
def test_what_cannot_be_written_is_one_line(
    folder: Path, refuses: str, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a folder that is only to be read, whoever runs the tests."""

    def refused(path: Any, *_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr("sim.report.drawing.FIGURES", ())
    monkeypatch.setattr("sim.report.plots.DRAWINGS", {})
    words = ("run", "minimal", "--runs", RUNS, "--out", folder.parent, "--force", "--workers", 1)
    monkeypatch.setattr(os, refuses, refused)
    told = command(*words)
    monkeypatch.undo()
    assert (told.code, told.out) == (2, "")
    assert told.err.count("\n") == 1
    assert "cannot be written (Read-only file system)" in told.err


def of_another_version(folder: Path, *lacks: str) -> None:
    """Results as they would lie there if another version had made them, without some columns."""
    file = folder / "losses.parquet"
    pq.write_table(pq.read_table(file).drop_columns(list(lacks)), file)
    said = read_manifest(folder)
    said["sha256"][file.name] = digest(file)
    said["versions"]["model"] = "0.1.0+abcdef012345"
    (folder / "manifest.json").write_text(json.dumps(said))


def test_results_of_another_version_that_lack_a_column_are_told_so(
    folder: Path, command: Any
) -> None:
    """It was called damaged, with the name of an error."""
    of_another_version(folder, "first_hit_by_raid")
    told = command("report", folder)
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        f"{folder}: made by another version of the model (0.1.0+abcdef012345), which kept other "
        f"columns than this one ({model_version()}) reads, expected "
        f"`sim run minimal --runs {RUNS} --seed 1`, which makes it anew\n"
    )


def test_results_of_another_version_that_lack_nothing_are_read(
    folder: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.report.drawing.FIGURES", ())
    monkeypatch.setattr("sim.report.plots.DRAWINGS", {})
    of_another_version(folder)
    assert command("report", folder, "--format", "md").code == 0
    assert check(folder).state == "whole"


def test_a_scenario_of_another_version_that_cannot_be_read_is_told_so(folder: Path) -> None:
    of_another_version(folder)
    said = read_manifest(folder)
    said["scenario_as_run"] = {"title": "what a scenario was once"}
    (folder / "manifest.json").write_text(json.dumps(said))
    with pytest.raises(ExperimentError, match="made by another version of the model"):
        read(folder)


# --- answers -----------------------------------------------------------------------------------


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    folder = tmp_path / "answer"
    with answers.answer_into(folder) as part:
        (part / "answer.json").write_text('{"method": "prim"}')
        (part / "picture.svg").write_text("<svg/>")
    return folder


def test_an_answer_replaces_all_of_the_one_before_and_no_file_of_others(answer: Path) -> None:
    (answer / "mine.svg").write_text("mine")
    with answers.answer_into(answer) as part:
        (part / "answer.json").write_text("{}")
    assert {file.name for file in answer.iterdir()} == {"answer.json", "mine.svg", answers.SUMS}
    assert answers.is_whole(answer)


def test_an_answer_that_fails_leaves_the_one_before(answer: Path) -> None:
    with pytest.raises(FileNotFoundError), answers.answer_into(answer) as part:  # noqa: PT012
        (part / "answer.json").write_text("{}")
        (part / "nowhere" / "picture.svg").write_text("")
    assert (answer / "answer.json").read_text() == '{"method": "prim"}'
    assert answers.is_whole(answer)
    assert len(list(answer.iterdir())) == 3


@pytest.mark.parametrize("name", ["answer.json", "picture.svg", answers.SUMS])
@pytest.mark.parametrize("harm", [a_bit, gone], ids=lambda harm: harm.__name__)
def test_a_harmed_answer_is_refused(answer: Path, name: str, harm: Callable[[Path], None]) -> None:
    harm(answer / name)
    assert not answers.is_whole(answer)
    if (harm, name) != (gone, answers.SUMS):  # an answer of an earlier version has no list
        with pytest.raises(ExperimentError, match="expected the command"):
            answers.check_answer(answer)


def test_another_tool_checks_an_answer(answer: Path) -> None:
    import subprocess

    subprocess.run(["sha256sum", "--check", "--quiet", answers.SUMS], cwd=answer, check=True)


class Stub:
    """What stands for a picture."""

    def write_to(self, folder: Path, name: str) -> None:
        (folder / f"{name}.svg").write_text("<svg/>")


@pytest.mark.parametrize(
    ("words", "other", "drawing"),
    [
        (
            ("discover", "--when", "planes_destroyed > 7"),
            ("--when", "run > 50"),
            "discovery.draw_discovery",
        ),
        (
            ("sensitivity", "--method", "pawn", "--vary", P_HIT, "--outcome", "z_end"),
            ("--outcome", "r_u_end"),
            "tornado.draw_tornado",
        ),
    ],
    ids=["discover", "sensitivity"],
)
def test_asked_otherwise_nothing_of_the_first_answer_is_left(
    tmp_path: Path,
    command: Any,
    monkeypatch: pytest.MonkeyPatch,
    words: Any,
    other: Any,
    drawing: str,
) -> None:
    """The first has a picture, the second none."""
    words = (words[0], "minimal", *words[1:], "--runs", 100, "--out", tmp_path, "--workers", 1)
    monkeypatch.setattr(f"sim.report.plots.analysis.{drawing}", lambda *_: Stub())
    first = command(*words, "--json").json
    place = Path(first["folder"])
    assert len(list(place.glob("*.svg"))) == 1
    monkeypatch.setattr(f"sim.report.plots.analysis.{drawing}", lambda *_: None)
    second = command(*words, *other, "--json").json
    assert second["folder"] == first["folder"]
    assert second != first
    assert not list(place.glob("*.svg"))
    assert answers.is_whole(place)


# --- the check ---------------------------------------------------------------------------------


def test_whole_results_are_told_so(folder: Path, command: Any) -> None:
    told = command("results", "check", "--out", folder.parent, "--json")
    assert told.code == 0
    (one,) = told.json
    assert (one["state"], one["runs"], one["is_well"]) == ("whole", RUNS, True)
    assert one["files"] == len(bytes_of(folder))


@harms
def test_harmed_results_are_told_so(
    folder: Path, command: Any, harm: Callable[[Path], None]
) -> None:
    harm(folder / "runs.parquet")
    told = command("results", "check", folder)
    assert told.code == 1
    assert f"runs.parquet {HARMS[harm]}" in told.out
    assert told.err == "1 of 1 not complete, expected their commands to be run again\n"


def test_the_check_changes_nothing(folder: Path) -> None:
    a_bit(folder / "runs.parquet")
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    check(folder)
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("*")} == before


def test_unfinished_results_are_told_so(tmp_path: Path, tiny: Scenario) -> None:
    store = Store(tmp_path, tiny, RUNS, 1, False)
    with store.writing():
        store.chunks.write(0, {"runs": pd.DataFrame({"run": [0]}).to_dict("series")})
    assert check(store.folder).state == "unfinished"
    assert check(store.folder).notes == ["chunks/ holds 1 parts; the same command resumes"]


# --- the page ----------------------------------------------------------------------------------


def test_each_promise_of_the_page_names_tests_that_there_are() -> None:
    tests = Path(__file__).parents[1]
    page = (tests.parent / "docs" / "results.md").read_text()
    promises = page.partition("## The guarantees")[2].partition("## What is not")[0]
    for promise in promises.strip().split("\n\n"):
        named = re.findall(r"`tests/([\w/]+\.py)::(\w+)`", promise)
        assert named, promise
        for file, test in named:
            assert f"def {test}(" in (tests / file).read_text(), (file, test)
