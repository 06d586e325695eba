"""Results on the shelf: listed, shown, and dropped where nothing finds them again."""

import json
import os
from datetime import datetime

import pytest

from sim.cli.terminal import called_folder
from sim.experiment.execution.runner import run_into
from sim.experiment.storage.catalogue import called, entries
from sim.experiment.storage.manifest import read_manifest
from sim.experiment.storage.store import Store

pytestmark = pytest.mark.usefixtures("sketched_throughout")


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


def test_the_commands_list_show_and_drop(shelf, here):
    whole, unfinished, old = shelf
    listed = here("results", "--json").json
    assert {row["name"]: row["complete"] for row in listed} == {
        whole.folder.name: True, unfinished.folder.name: False, old.folder.name: True
    }  # fmt: skip
    shown = here("results", "show", whole.folder.name)
    assert shown.code == 0
    assert "runs.parquet" in shown.out
    named = here("results", "gc")
    assert old.folder.name in named.out
    assert old.folder.exists()
    here("results", "gc", "--yes")
    assert not old.folder.exists()
    assert whole.folder.exists()
    assert unfinished.folder.exists()


def test_of_several_results_the_one_made_last_is_taken_and_said(
    shelf, tmp_path, monkeypatch, capsys, here
):
    """Last by what the manifests say, whatever the times of the files."""
    whole, unfinished, old = shelf
    for store, made in ((whole, "2026-03-01"), (unfinished, "2026-01-01"), (old, "2026-02-01")):
        _made(store.folder, f"{made}T10:00:00.000000+00:00", overrides=["sides.a.x=1"])
    os.utime(old.folder / "manifest.json")
    monkeypatch.chdir(tmp_path)
    assert called_folder("tiny", "results").name == whole.folder.name
    head, *choices = capsys.readouterr().err.splitlines()
    assert head == (
        "tiny: there are 3 results of this name in results; using the newest, " + whole.folder.name
    )
    assert [line.split(":")[0].strip() for line in choices] == [
        store.folder.name for store in (whole, old, unfinished)
    ]
    assert choices[0].endswith("5 runs, seed 1, made 2026-03-01 10:00:00 UTC, set sides.a.x=1")
    assert "by another version of the model" in choices[1]
    assert "unfinished" in choices[2]
    listed = here("results")
    assert "2026-03-01 10:00:00" in listed.out
    assert "sides.a.x=1" in listed.out
    assert here("replay", "tiny", "--quiet").err.splitlines() == [head, *choices]


def test_where_no_manifest_says_which_was_made_last_there_is_a_choice(shelf, here):
    for store in shelf:
        _made(store.folder, None)
    told = here("report", "tiny")
    assert told.code == 2
    assert len(told.err.splitlines()) == 4
    for store in shelf:
        assert f"{store.folder.name}: {store.runs} runs, seed 1" in told.err


def _made(folder, made, **more):
    manifest = read_manifest(folder) | {"made": made} | more
    kept = {key: value for key, value in manifest.items() if value is not None}
    (folder / "manifest.json").write_text(json.dumps(kept))


def test_results_say_when_they_were_made(shelf):
    made = [store.manifest()["made"] for store in shelf[:2]]
    assert made == sorted(made)
    assert all(datetime.fromisoformat(one).tzinfo is not None for one in made)


def test_results_that_are_not_found_say_where_they_were_looked_for(
    shelf, tmp_path, monkeypatch, capsys, here
):
    for words in (("results", "show"), ("report",), ("replay",)):
        told = here(*words, "kestrel")
        assert told.code == 2
        assert len(told.err.strip().splitlines()) == 1
        assert f"in results ({tmp_path / 'results'}), which holds " in told.err
        assert shelf[0].folder.name in told.err
        assert "--out FOLDER" in told.err
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for out, there in (("empty", "which holds none"), ("nowhere", "which does not exist")):
        with pytest.raises(SystemExit):
            called_folder("kestrel", out)
        assert there in capsys.readouterr().err


def test_a_published_answer_is_found_by_its_name(shelf, here, tmp_path):
    published = tmp_path / "results" / "theories"
    published.mkdir()
    (published / "manifest.json").write_text(json.dumps({"kind": "theories"}))
    told = here("results", "show", "theories", "--json")
    assert (told.code, told.json) == (0, {"kind": "theories"})


def test_a_published_answer_is_no_entry_and_is_never_dropped(shelf, tmp_path, here):
    published = tmp_path / "results" / "theories"
    published.mkdir()
    (published / "manifest.json").write_text(json.dumps({"versions": {"model": "old"}}))
    assert "theories" not in {entry.name for entry in entries(tmp_path / "results")}
    here("results", "gc", "--yes")
    assert (published / "manifest.json").exists()


def test_a_whole_name_goes_before_one_that_begins_alike(shelf, tmp_path, here):
    whole = shelf[0].folder
    longer = whole.with_name(f"{whole.name}-0123456789ab")
    longer.mkdir()
    (longer / "manifest.json").write_text("{}")
    assert here("results", "show", whole.name).code == 0


def test_runs_of_a_war_go_before_analyses_of_it(tmp_path):
    names = [f"tiny-{'a' * 12}", f"tiny-{'b' * 12}", f"tiny-morris-{'c' * 12}"]
    for name in names:
        (tmp_path / name / "chunks").mkdir(parents=True)
    here = entries(tmp_path)
    assert [entry.name for entry in called("tiny", here)] == names[:2]
    assert [entry.name for entry in called("tiny-morris", here)] == names[2:]
    assert [entry.name for entry in called("tin", here)] == names
    assert [entry.name for entry in called(names[1], here)] == names[1:2]
