"""Results on the shelf: listed, shown, and dropped where nothing finds them again."""

import json

import pytest

from sim.experiment.runner import run_into
from sim.experiment.shelf import called, entries
from sim.experiment.store import Store


@pytest.fixture
def shelf(tmp_path, tiny):
    """One whole result, one unfinished, one that another version of the model made."""
    out = tmp_path / "results"
    whole, unfinished, old = (Store(out, tiny, runs, 1, False) for runs in (5, 6, 7))
    run_into(whole, 1)
    run_into(old, 1)
    manifest = old.manifest()
    manifest["versions"]["model"] = "0" * 12
    (old.folder / "manifest.json").write_text(json.dumps(manifest))
    unfinished.leave()
    (out / "plots-of-mine").mkdir()  # no results
    return whole, unfinished, old


def test_each_folder_of_results_is_an_entry(shelf, tmp_path):
    whole, unfinished, _ = shelf
    found = {entry.name: entry for entry in entries(tmp_path / "results")}
    assert set(found) == {store.folder.name for store in shelf}
    assert found[whole.folder.name].is_complete
    assert not found[unfinished.folder.name].is_complete
    assert [found[s.folder.name].is_current for s in shelf] == [True, True, False]
    assert found[whole.folder.name].size_bytes > 1000


def test_no_folder_holds_no_results(tmp_path):
    assert entries(tmp_path / "none") == []


def test_the_commands_list_show_and_drop(shelf, process):
    whole, unfinished, old = shelf
    listed = process("results", "--json").json
    assert {row["name"]: row["complete"] for row in listed} == {
        whole.folder.name: True, unfinished.folder.name: False, old.folder.name: True
    }  # fmt: skip
    shown = process("results", "show", whole.folder.name)
    assert shown.code == 0
    assert "runs.parquet" in shown.out
    named = process("results", "gc")
    assert old.folder.name in named.out
    assert old.folder.exists()
    process("results", "gc", "--yes")
    assert not old.folder.exists()
    assert whole.folder.exists()
    assert unfinished.folder.exists()


def test_a_name_that_is_none_or_many_is_one_line_and_exit_2(shelf, process):
    for name in ("tiny", "other"):
        told = process("results", "show", name)
        assert told.code == 2
        assert len(told.err.strip().splitlines()) == 1


def test_a_published_answer_is_no_entry_and_is_never_dropped(shelf, tmp_path, process):
    published = tmp_path / "results" / "theories"
    published.mkdir()
    (published / "manifest.json").write_text(json.dumps({"versions": {"model": "old"}}))
    assert "theories" not in {entry.name for entry in entries(tmp_path / "results")}
    process("results", "gc", "--yes")
    assert (published / "manifest.json").exists()


def test_a_whole_name_goes_before_one_that_begins_alike(shelf, tmp_path, process):
    whole = shelf[0].folder
    longer = whole.with_name(f"{whole.name}-0123456789ab")
    longer.mkdir()
    (longer / "manifest.json").write_text("{}")
    assert process("results", "show", whole.name).code == 0


def test_runs_of_a_war_go_before_analyses_of_it(tmp_path):
    names = [f"tiny-{'a' * 12}", f"tiny-{'b' * 12}", f"tiny-morris-{'c' * 12}"]
    for name in names:
        (tmp_path / name / "chunks").mkdir(parents=True)
    here = entries(tmp_path)
    assert [entry.name for entry in called("tiny", here)] == names[:2]
    assert [entry.name for entry in called("tiny-morris", here)] == names[2:]
    assert [entry.name for entry in called("tin", here)] == names
    assert [entry.name for entry in called(names[1], here)] == names[1:2]
