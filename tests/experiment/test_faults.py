"""Faults: killed at any moment, a full disk, a worker that dies; nothing is lost, bytes agree."""

import functools
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.experiment.errors import WorkerError
from sim.experiment.execution import runner
from sim.experiment.execution.fork_server import CONTEXT, prepare_workers
from sim.experiment.execution.runner import run_chunk, run_into
from sim.experiment.storage.store import Store

RUNS, CHUNK = 480, 40
KILLS = 50
SERVERS = 2  # beside the workers: the process they are forked from, and one that counts resources


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(runner, "CHUNK_RUNS", CHUNK)


def bytes_of(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.parquet"))}


def started(war, out, workers=1, runs=RUNS):
    return subprocess.Popen(
        [sys.executable, "-m", "sim.cli", "run", str(war), "--runs", str(runs), "--out", str(out),
         "--workers", str(workers), "--quiet"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.fixture
def war_file(write, war_text):
    return write(war_text)


@pytest.fixture
def through(tmp_path, tiny):
    """The same, gone through without a fault."""
    store = Store(tmp_path / "through", tiny, RUNS, 1, False)
    run_into(store, 1)
    return bytes_of(store.folder)


def _go_on(store):
    """One life of a process that works at results."""
    runner.CHUNK_RUNS = CHUNK
    run_into(store, 1)


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="a life takes too long to begin elsewhere")
def test_killed_fifty_times_at_random_moments_the_bytes_agree(tmp_path, tiny, through):
    """Each life goes on from the chunks of the last; a life that ends by itself starts anew."""
    luck = random.Random(1)
    store = Store(tmp_path / "results", tiny, RUNS, 1, False)
    prepare_workers()

    def life():
        process = CONTEXT.Process(target=_go_on, args=(store,))
        process.start()
        return process

    begun = time.monotonic()
    life().join()
    lasts = time.monotonic() - begun
    assert bytes_of(store.folder) == through
    store.clear()
    kills = 0
    while kills < KILLS:
        one = life()
        one.join(luck.uniform(0.02, 0.4) * lasts)
        if one.is_alive():
            one.kill()
            one.join()
            kills += 1
        elif store.is_complete:
            assert bytes_of(store.folder) == through
            store.clear()
    run_into(store, 1)
    assert bytes_of(store.folder) == through
    assert not (store.folder / "chunks").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_workers_end_with_a_parent_that_was_killed(tmp_path, war_file):
    life = started(war_file, tmp_path / "results", workers=2, runs=200_000)
    below = []
    deadline = time.monotonic() + 100
    while len(below) < 2 + SERVERS and time.monotonic() < deadline:
        time.sleep(0.05)
        below = [child for child in _descendants(life.pid) if life.poll() is None]
    life.kill()
    life.communicate(timeout=100)
    assert len(below) == 2 + SERVERS
    deadline = time.monotonic() + 10
    while any(map(_is_alive, below)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_is_alive, below))


def _descendants(pid):
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [below for child in map(int, listed) for below in (child, *_descendants(child))]


def _is_alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def _dies_at_one_chunk(scenario, seed, first, last, with_days, once=None):
    """A chunk that takes its process with it: for good, or once where a file is told to be left."""
    if first == 200 and not (once and once.exists()):
        if once:
            once.touch()
        os._exit(9)
    return run_chunk(scenario, seed, first, last, with_days)


def test_what_a_dead_worker_left_undone_is_done_by_others(tmp_path, tiny, through, monkeypatch):
    store = Store(tmp_path / "results", tiny, RUNS, 1, False)
    dies_once = functools.partial(_dies_at_one_chunk, once=tmp_path / "died")
    monkeypatch.setattr(runner, "run_chunk", dies_once)
    run_into(store, 2)
    assert (tmp_path / "died").exists()
    assert bytes_of(store.folder) == through


def test_workers_that_die_over_and_over_are_told_and_what_is_done_is_kept(
    tmp_path, tiny, through, monkeypatch
):
    store = Store(tmp_path / "results", tiny, RUNS, 1, False)
    monkeypatch.setattr(runner, "run_chunk", _dies_at_one_chunk)
    with pytest.raises(WorkerError, match="3 times in a row"):
        run_into(store, 2)
    assert len(store.chunks.written()) >= 4
    monkeypatch.setattr(runner, "run_chunk", run_chunk)
    run_into(store, 2)
    assert bytes_of(store.folder) == through


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="a small file system is made by mount")
def test_a_full_disk_is_told_and_the_work_goes_on_when_there_is_room(tmp_path, war_file):
    small, roomy = tmp_path / "small", tmp_path / "roomy"
    small.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", small], check=False)
    if made.returncode:
        pytest.skip("no right to mount a small file system here")
    try:
        full = started(war_file, small, workers=2, runs=4000)
        said = full.communicate(timeout=100)[1].decode()
        assert full.returncode == 2
        assert len(said.strip().splitlines()) == 1
        assert "No space left" in said
        subprocess.run(["mount", "-o", "remount,size=200m", small], check=True)
        for out in (small, roomy):
            life = started(war_file, out, workers=2, runs=4000)
            assert life.communicate(timeout=100)[1] == b""
            assert life.returncode == 0
        (folder,), (whole,) = small.iterdir(), roomy.iterdir()
        assert bytes_of(folder) == bytes_of(whole)
        assert {file.suffix for file in folder.iterdir()} == {".parquet", ".json", ""}
    finally:
        subprocess.run(["umount", small], check=True)
