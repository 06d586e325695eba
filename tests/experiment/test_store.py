"""Results on disk: named by content, whole or resumable, the same bytes however they came about."""

import datetime
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import sim
from sim.experiment.execution import runner
from sim.experiment.execution.runner import run_into
from sim.experiment.record import Record
from sim.experiment.storage import tables as experiment_tables
from sim.experiment.storage.store import Store
from sim.experiment.storage.version import model_version
from sim.report.answers.summary import summarise
from sim.scenario.schema import Scenario

RUNS = 170
CHUNK = 40  # from 30 runs on there is a split
TABLES = {"runs", "raids", "losses", "defence", "meetings", "fans", "split"}


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CHUNK_RUNS", CHUNK)


@pytest.fixture
def store(tmp_path: Path, tiny: Scenario) -> Store:
    return Store(tmp_path / "results", tiny, RUNS, 1, False)


class _Interrupt:
    """A progress callback that interrupts after so many chunks."""

    def __init__(self, chunks: int) -> None:
        self.left = chunks + 1  # the first call tells what was there

    def __call__(self, done: int, wanted: int) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def said(store: Store) -> dict[str, object]:
    """A manifest but for the moment at which it was written."""
    return {key: value for key, value in store.manifest().items() if key != "made"}


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.parquet"))}


def rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with words as plain text and its rows in the order of what they are about."""
    frame = frame.copy()
    for name in frame.select_dtypes("category"):
        frame[name] = frame[name].astype(str)
    return frame.sort_values(list(frame.columns), ignore_index=True)


def count_wars(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The first and last run of each chunk that is fought from now on."""
    fought: list[tuple[int, int]] = []

    def fight(scenario: Scenario, seed: int, first: int, last: int, with_days: bool) -> Any:
        fought.append((first, last))
        return run_chunk(scenario, seed, first, last, with_days)

    run_chunk = runner.run_chunk
    monkeypatch.setattr(runner, "run_chunk", fight)
    return fought


# --- a finished store --------------------------------------------------------------------------


def test_a_store_holds_its_tables_and_a_manifest(store: Store) -> None:
    run_into(store, 1)
    held = {path.name for path in store.folder.iterdir()}
    assert held == {f"{table}.parquet" for table in TABLES} | {"manifest.json"}


def test_the_manifest_says_what_was_run(store: Store, war_text: str) -> None:
    run_into(store, 1)
    made = json.loads((store.folder / "manifest.json").read_text())
    versions, drawn = made.pop("versions"), made.pop("drawn")
    commit, platform = made.pop("commit"), made.pop("platform")
    digests = made.pop("sha256")
    moment = datetime.datetime.fromisoformat(made.pop("made"))
    assert moment.utcoffset() == datetime.timedelta()
    assert made == {
        "scenario": "tiny",
        "wars": store.wars,
        "hash": store.hash,
        "complete": True,
        "runs": RUNS,
        "runs_done": RUNS,
        "seed": 1,
        "days": False,
        "overrides": [],
        "files": [
            *("runs.parquet", "raids.parquet", "losses.parquet", "defence.parquet"),
            *("meetings.parquet", "fans.parquet", "split.parquet"),
        ],
        "scenario_text": war_text,
        "scenario_as_run": store.scenario.model_dump(mode="json", exclude_none=True),
        "sources": store.scenario.cited,
        "code": {},
    }
    assert versions["raids-and-talks"] == sim.__version__
    assert versions["numpy"] == np.__version__
    assert set(versions) >= {"model", "python", "mesa", "numba", "scipy", "pandas", "pyarrow"}
    assert drawn["assets.plane.value"] == {
        "law": "lognormal",
        "value": 3e6,
        "low": 1e6,
        "high": 9e6,
        "unit": "USD",
    }
    assert drawn["weapons.dart.p_hit"]["law"] == "triangular"
    assert "weapons.dart.speed" not in drawn
    assert commit is None or len(commit) == 40
    assert platform
    for file, digest in digests.items():
        assert hashlib.sha256((store.folder / file).read_bytes()).hexdigest() == digest


def test_the_manifest_says_what_was_overridden(tmp_path: Path, read: Callable[..., Any]) -> None:
    war = read(overrides=["weapons.dart.p_hit=0.3"], without=["talks"])
    store = Store(tmp_path, war, RUNS, 1, False)
    run_into(store, 1)
    made = store.manifest()
    assert made["overrides"] == ["weapons.dart.p_hit=0.3", "without talks"]
    assert "weapons.dart.p_hit" not in made["drawn"]
    assert "meetings.parquet" not in made["files"]


def test_what_is_read_is_what_was_run(store: Store, tiny: Scenario) -> None:
    found, made = run_into(store, 1), sim.run(tiny, RUNS, 1, workers=1)
    assert found.is_complete
    assert set(found.frames) == set(made.frames) == TABLES
    for table in TABLES:
        pd.testing.assert_frame_equal(found.frames[table], made.frames[table])


def test_the_lines_of_the_page_read_a_table(store: Store) -> None:
    run_into(store, 1)
    page = (Path(__file__).parents[2] / "docs" / "reading-results.md").read_text()
    lines = re.findall(r"^```python\n(.*)\n```$", page, re.M)[:2]
    named = [line.replace("results/spiderweb-0123456789ab", str(store.folder)) for line in lines]
    by_pandas, by_duckdb = (eval(line, {"pandas": pd, "duckdb": duckdb}) for line in named)
    assert (
        by_pandas == by_duckdb.fetchall()[0][0] == store.read().runs["aircraft_destroyed"].median()
    )


def test_what_did_not_happen_is_null_in_every_file(store: Store) -> None:
    run_into(store, 1)
    missing = 0
    for table, frame in store.read().frames.items():
        file = store.folder / f"{table}.parquet"
        for name, column in zip(frame, pq.read_table(file).itercolumns(), strict=True):
            of_pandas = int(frame[name].isna().sum())
            assert of_pandas == column.null_count, (table, name)
            missing += of_pandas
            if pa.types.is_floating(column.type):
                assert frame[name].dtype == np.float64
                assert not pc.any(pc.is_nan(column)).as_py(), (table, name)
    assert missing > 0


def test_other_tools_say_of_what_did_not_happen_what_pandas_says(store: Store) -> None:
    run_into(store, 1)
    runs = store.read().runs
    for name in runs.columns[runs.isna().any()]:
        median, count, late = duckdb.sql(
            f"select median({name}), count({name}), count(*) filter ({name} > 2)"
            f" from '{store.folder}/runs.parquet'"
        ).fetchall()[0]
        column = pq.read_table(store.folder / "runs.parquet")[name]
        assert count == pc.count(column).as_py() == runs[name].count()
        assert late == (runs[name] > 2).sum()
        assert median == pytest.approx(runs[name].median()) if count else median is None


def test_a_finished_store_is_not_computed_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_into(store, 1)
    monkeypatch.setattr(runner, "run_chunk", None)
    assert len(run_into(store, 1).runs) == RUNS


@pytest.mark.parametrize("lost", ["runs.parquet", "fans.parquet", "manifest.json"])
def test_a_store_that_lost_a_file_is_not_complete(store: Store, lost: str) -> None:
    run_into(store, 1)
    before = bytes_of(store.folder)
    (store.folder / lost).unlink()
    assert not store.is_complete
    run_into(store, 1)
    assert store.is_complete
    assert bytes_of(store.folder) == before


@pytest.mark.parametrize("content", ["", "{", "[]", '{"hash": 1}', "\x00"])
def test_a_broken_manifest_counts_as_none(store: Store, content: str) -> None:
    run_into(store, 1)
    (store.folder / "manifest.json").write_text(content)
    assert not store.is_complete


def test_a_binary_manifest_counts_as_none(store: Store) -> None:
    run_into(store, 1)
    (store.folder / "manifest.json").write_bytes(b"\xff\xfe\x00")
    assert store.manifest() == {}


# --- chunks ------------------------------------------------------------------------------------


@pytest.fixture
def by_chunk(tiny: Scenario, monkeypatch: pytest.MonkeyPatch) -> dict[int, Record]:
    made = {}
    for size in (500, CHUNK):
        monkeypatch.setattr(runner, "CHUNK_RUNS", size)
        made[size] = sim.run(tiny, RUNS, 1, workers=1, with_days=True)
    return made


def test_chunks_do_not_show(by_chunk: dict[int, Record]) -> None:
    """But for the fans and the split, which are of the first chunk."""
    assert set(by_chunk[CHUNK].frames) == TABLES | {"days"}
    for table in TABLES - {"fans", "split"} | {"days"}:
        left, right = (rows(by_chunk[size].frames[table]) for size in (CHUNK, 500))
        pd.testing.assert_frame_equal(left, right)


def test_runs_are_in_order_whatever_the_chunks(by_chunk: dict[int, Record]) -> None:
    pd.testing.assert_frame_equal(by_chunk[CHUNK].runs, by_chunk[500].runs)
    assert list(by_chunk[CHUNK].runs["run"]) == list(range(RUNS))


def test_the_first_runs_of_many_are_the_runs_of_few(tiny: Scenario) -> None:
    few, many = (sim.run(tiny, runs, 1, workers=1) for runs in (5, RUNS))
    pd.testing.assert_frame_equal(few.runs, many.runs.iloc[:5])


def test_a_chunk_counts_only_with_its_marker(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_into(store, 1, _Interrupt(3))
    chunks = store.folder / "chunks"
    assert [store.has_chunk(first) for first in range(0, RUNS, CHUNK)] == [True] * 3 + [False] * 2
    (chunks / "000000040.done").unlink()
    (chunks / "000000040.runs.arrow").write_bytes(b"half a fi")
    computed = []
    chunk = runner.run_chunk
    runner.run_chunk = lambda *call: computed.append(call[2]) or chunk(*call)
    try:
        run_into(store, 1)
    finally:
        runner.run_chunk = chunk
    assert computed == [40, 120, 160]
    assert store.read().is_complete


@pytest.mark.parametrize("harm", ["a byte", "cut short", "gone", "marker"])
def test_a_chunk_that_was_harmed_is_computed_again_and_told(
    store: Store,
    tmp_path: Path,
    tiny: Scenario,
    harm: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    through = Store(tmp_path / "through", tiny, RUNS, 1, False)
    run_into(through, 1)
    with pytest.raises(KeyboardInterrupt):
        run_into(store, 1, _Interrupt(3))
    file = store.folder / "chunks" / "000000040.runs.arrow"
    whole = file.read_bytes()
    if harm == "a byte":
        file.write_bytes(whole[:900] + bytes([whole[900] ^ 1]) + whole[901:])
    elif harm == "cut short":
        file.write_bytes(whole[: len(whole) // 2])
    elif harm == "gone":
        file.unlink()
    else:
        file.with_name("000000040.done").write_text("{")
    run_into(store, 1)
    assert caplog.messages == [f"{store.folder}: part 40 is damaged, it is made anew"]
    assert bytes_of(store.folder) == bytes_of(through.folder)


def test_an_interrupted_store_is_readable_in_part(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_into(store, 1, _Interrupt(2))
    made, record = store.manifest(), store.read()
    assert (made["complete"], made["runs"], made["runs_done"]) == (False, RUNS, 80)
    assert not store.is_complete
    assert not record.is_complete
    assert list(record.runs["run"]) == list(range(80))
    assert record.runs_asked == RUNS


def test_an_interrupt_joins_no_more_chunks_than_one_waits_for(
    store: Store, tmp_path: Path, tiny: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large ensemble took minutes to be left; all of its chunks are kept."""
    monkeypatch.setattr("sim.experiment.storage.store.MOST_LEFT_RUNS", 1)
    with pytest.raises(KeyboardInterrupt):
        run_into(store, 1, _Interrupt(2))
    assert list(store.read().runs["run"]) == list(range(40))
    assert store.manifest()["runs_done"] == 40
    assert store.chunks.written() == [0, 40]
    run_into(store, 1)
    through = Store(tmp_path / "through", tiny, RUNS, 1, False)
    run_into(through, 1)
    assert bytes_of(store.folder) == bytes_of(through.folder)


def test_interrupted_before_the_first_chunk_nothing_is_read(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_into(store, 1, _Interrupt(0))
    assert (store.manifest().get("runs_done", 0), store.is_complete) == (0, False)


@pytest.mark.parametrize("interrupts", [(1,), (0, 2), (4,), (1, 1, 1)])
def test_a_resumed_store_has_the_bytes_of_one_gone_through(
    store: Store, tmp_path: Path, tiny: Scenario, interrupts: tuple[int, ...]
) -> None:
    through = Store(tmp_path / "through", tiny, RUNS, 1, False)
    run_into(through, 1)
    for chunks in interrupts:
        with pytest.raises(KeyboardInterrupt):
            run_into(store, 1, _Interrupt(chunks))
    run_into(store, 1)
    assert bytes_of(store.folder) == bytes_of(through.folder)
    assert said(store) == said(through)
    assert not (store.folder / "chunks").exists()


def test_progress_tells_runs_done_and_goes_on_where_it_was(store: Store) -> None:
    told: list[tuple[int, int]] = []
    with pytest.raises(KeyboardInterrupt):
        run_into(store, 1, _Interrupt(2))
    run_into(store, 1, lambda done, wanted: told.append((done, wanted)))
    assert told == [(80, 170), (120, 170), (160, 170), (170, 170)]


@pytest.mark.parametrize("before", [80, 250])
def test_wars_that_other_results_hold_are_not_fought_again(
    store: Store, tmp_path: Path, tiny: Scenario, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    fresh = Store(tmp_path / "fresh", tiny, RUNS, 1, False)
    run_into(fresh, 1)
    run_into(Store(store.out, tiny, before, 1, False), 1)
    fought = count_wars(monkeypatch)
    run_into(store, 1)
    assert fought == ([(80, 120), (120, 160), (160, 170)] if before == 80 else [(160, 170)])
    assert bytes_of(store.folder) == bytes_of(fresh.folder)


def test_nothing_is_taken_over_from_other_wars_or_damaged_results(
    store: Store, tiny: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_into(Store(store.out, tiny, 80, 2, False), 1)
    run_into(Store(store.out, tiny, 80, 1, True), 1)
    harmed = Store(store.out, tiny, 80, 1, False)
    run_into(harmed, 1)
    file = harmed.folder / "runs.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    fought = count_wars(monkeypatch)
    run_into(store, 1)
    assert len(fought) == 5


def test_a_large_table_is_read_no_further_than_is_asked_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_into(store, 1)
    whole = store.read()
    monkeypatch.setattr(experiment_tables, "_SMALL_CELLS", 0)
    monkeypatch.setattr(experiment_tables, "_ROW_GROUP", 50)
    again = Store(store.out, store.scenario, RUNS + 1, 1, False)
    run_into(again, 1)
    by_parts = again.read()
    assert len(list(by_parts.blocks("runs", ["run"]))) == 3
    assert by_parts.runs_done == RUNS + 1
    for table in TABLES - {"fans", "split"}:
        names = whole.names(table)
        one, other = whole.columns(table, names), by_parts.columns(table, names)
        pd.testing.assert_frame_equal(rows(one), rows(other[other["run"] < RUNS]))
        for name in names:
            pd.testing.assert_series_equal(by_parts.column(table, name), other[name])
            pd.testing.assert_series_equal(whole.column(table, name), one[name])
    raid = next(iter(store.scenario.raids))
    of_raid = by_parts.columns("raids", ["run"], ("raid", raid))
    assert len(of_raid) == sum(by_parts.raids.raid == raid)
    assert summarise(by_parts)["raids"].keys() == summarise(whole)["raids"].keys()


def test_a_temporary_file_left_behind_does_no_harm(store: Store) -> None:
    (store.folder / "chunks").mkdir(parents=True)
    left = [".runs.parquet.999.part", ".manifest.json.999.part"]
    for name in (*left, "chunks/.000000040.runs.arrow.999.part", ".mine.part"):
        (store.folder / name).write_bytes(b"half a fi")
    (store.folder / "chunks" / ".000000040.done.999.part").write_text("[]")
    assert not store.is_complete
    run_into(store, 1)
    assert store.is_complete
    assert not any((store.folder / name).exists() for name in left)
    assert (store.folder / ".mine.part").exists()  # of somebody else
    assert list(store.read().runs["run"]) == list(range(RUNS))
    assert pq.read_metadata(store.folder / "runs.parquet").num_rows == RUNS


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_do_not_show(store: Store, tmp_path: Path, tiny: Scenario, workers: int) -> None:
    run_into(store, 1)
    other = Store(tmp_path / "other", tiny, RUNS, 1, False)
    run_into(other, workers)
    assert bytes_of(other.folder) == bytes_of(store.folder)


def test_clear_drops_the_tables_and_no_answer_beside_them(store: Store) -> None:
    run_into(store, 1)
    before = bytes_of(store.folder)
    (store.folder / "discovery").mkdir()
    (store.folder / "discovery" / "answer.json").write_text("{}")
    store.clear()
    assert [str(p.relative_to(store.folder)) for p in store.folder.rglob("*.*")] == [
        "discovery/answer.json"
    ]
    run_into(store, 1)
    assert bytes_of(store.folder) == before


# --- names -------------------------------------------------------------------------------------


def test_the_folder_is_named_by_content(tmp_path: Path, read: Callable[..., Any]) -> None:
    war = read()
    one = Store(tmp_path, war, 10, 1, False)
    others = [
        Store(tmp_path, war, 11, 1, False),
        Store(tmp_path, war, 10, 2, False),
        Store(tmp_path, war, 10, 1, True),
        Store(tmp_path, read(overrides=["weapons.dart.p_hit=0.5"]), 10, 1, False),
        Store(tmp_path, read(without=["raids.dawn"]), 10, 1, False),
    ]
    assert one.folder == tmp_path / f"tiny-{one.hash[:12]}"
    assert len(one.hash) == 64
    assert len({one.folder, *(other.folder for other in others)}) == 6
    assert Store(tmp_path / "b", read(), 10, 1, False).hash == one.hash


def test_a_comment_does_not_change_the_folder(
    tmp_path: Path, war_text: str, read: Callable[..., Any]
) -> None:
    one, other = (
        Store(tmp_path, read(text), 10, 1, False) for text in (war_text, "# new\n" + war_text)
    )
    assert one.folder == other.folder


@pytest.mark.parametrize(
    ("part", "decides"),
    [
        ("draws.py", True),
        ("rules/laws.py", True),
        ("raid/kernel.py", True),
        ("scenario/sample.py", True),
        ("war/model.py", True),
        ("experiment/record.py", True),
        ("cli.py", False),
        ("report/answers/run.py", False),
    ],
)
def test_the_model_version_sees_the_code_that_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, decides: bool
) -> None:
    package = tmp_path / "sim"
    shutil.copytree(Path(sim.__file__).parent, package)
    monkeypatch.setattr(sim, "__file__", str(package / "__init__.py"))
    before = model_version.__wrapped__()
    with (package / part).open("a") as stream:
        stream.write("# changed\n")
    assert (model_version.__wrapped__() != before) == decides
