"""Two commands at one folder: one writes, the other waits for it, and nothing is lost."""

import contextlib
import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.experiment.execution import runner
from sim.experiment.execution.fork_server import CONTEXT, prepare_workers
from sim.experiment.execution.runner import run_into
from sim.experiment.storage import disk
from sim.experiment.storage.disk import LOCK, reading_from, writing_into
from sim.experiment.storage.store import Store
from sim.scenario.schema import Scenario

RUNS, CHUNK = 120, 40


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CHUNK_RUNS", CHUNK)


@contextlib.contextmanager
def written_by_another(folder: Path) -> Iterator[threading.Event]:
    """Within it somebody else holds a folder, until the event that it gives is set."""
    holds, ends = threading.Event(), threading.Event()

    def hold() -> None:
        with writing_into(folder):
            holds.set()
            ends.wait(60)

    other = threading.Thread(target=hold)
    other.start()
    holds.wait(60)
    try:
        yield ends
    finally:
        ends.set()
        other.join()


def test_the_second_waits_and_says_so_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with written_by_another(tmp_path) as ends:
        timer = threading.Timer(0.2, ends.set)
        timer.start()
        with writing_into(tmp_path):
            assert ends.is_set()
            assert (tmp_path / LOCK).exists()  # its own: the first has removed that of both
    assert caplog.messages == [f"{tmp_path}: another command works here, waiting for it"]
    assert not (tmp_path / LOCK).exists()


def test_who_only_reads_need_not_wait(tmp_path: Path) -> None:
    with reading_from(tmp_path) as one, reading_from(tmp_path) as other:
        assert one
        assert other
    with written_by_another(tmp_path), reading_from(tmp_path, waits=False) as is_free:
        assert not is_free
    with reading_from(tmp_path / "nowhere") as is_free:
        assert is_free
    assert not list(tmp_path.iterdir())


HOLDS = """
import sys, time
from pathlib import Path
from sim.experiment.storage.disk import writing_into
with writing_into(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(100)
"""


def test_a_lock_ends_with_its_holder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, tmp_path], stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert (tmp_path / LOCK).exists()
    holder.kill()
    holder.communicate()
    with writing_into(tmp_path):
        pass
    assert caplog.messages == []


def test_an_interrupt_of_the_second_leaves_all_to_the_first(tmp_path: Path, tiny: Scenario) -> None:
    """Its manifest became `complete: false`, and rows were lost."""
    store = Store(tmp_path, tiny, RUNS, 1, False)
    run_into(store, 1)
    before = {file.name: file.read_bytes() for file in store.folder.iterdir()}

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    was = signal.signal(signal.SIGALRM, interrupt)
    try:
        with written_by_another(store.folder), pytest.raises(KeyboardInterrupt):  # noqa: PT012
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            run_into(Store(tmp_path, tiny, RUNS, 1, False), 1)
    finally:
        signal.signal(signal.SIGALRM, was)
    assert {file.name: file.read_bytes() for file in store.folder.iterdir()} == before


def _go_on(store: Store) -> None:
    runner.CHUNK_RUNS = CHUNK
    run_into(store, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="a process takes too long to begin elsewhere")
def test_equal_commands_at_once_give_the_bytes_of_one(tmp_path: Path, tiny: Scenario) -> None:
    alone = Store(tmp_path / "alone", tiny, RUNS, 1, False)
    run_into(alone, 1)
    prepare_workers()
    stores = [Store(tmp_path / "both", tiny, RUNS, 1, False) for _ in range(3)]
    processes = [CONTEXT.Process(target=_go_on, args=(store,)) for store in stores]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert stores[0].is_complete
    one, other = (
        {file.name: file.read_bytes() for file in store.folder.iterdir() if "json" not in file.name}
        for store in (alone, stores[0])
    )
    assert one == other


def test_where_there_are_no_locks_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    with writing_into(tmp_path):
        (tmp_path / "file").touch()
    assert caplog.messages == [
        f"{tmp_path}: no locks on this file system, expected no other command"
    ]


def test_a_folder_that_is_not_ours_is_read_without_a_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: Scenario
) -> None:
    """As on a disk that is mounted to be read."""
    store = Store(tmp_path, tiny, RUNS, 1, False)
    run_into(store, 1)
    opened = os.open

    def open_to_read(path: Path, flags: int, *more: int) -> int:
        if flags & (os.O_RDWR | os.O_WRONLY):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return opened(path, flags, *more)

    def refused(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(disk.os, "open", open_to_read)
    for name in ("replace", "unlink", "rmdir"):
        monkeypatch.setattr(disk.os, name, refused)
    assert run_into(Store(tmp_path, tiny, RUNS, 1, False), 1).runs_done == RUNS
