"""Worker processes: started without a fork of a process with threads, and without the script."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import sim
from sim.experiment.execution import workers

SCRIPT = """\
import sim
print("once")
print(len(sim.run(sim.load("minimal"), runs=1001, workers=2).runs))
"""


def test_a_script_needs_no_guard_and_is_not_run_again_by_workers(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    ended = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:multiprocessing", "script.py"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert (ended.stdout, ended.stderr) == ("once\n1001\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
def test_what_workers_are_forked_from_has_one_thread(tmp_path):
    """With all that is loaded there: a fork with threads may lock for ever."""
    code = """\
import os
from multiprocessing import forkserver
from sim.experiment.execution import fork_server

fork_server.prepare_workers(("sim.experiment.execution.runner", "sim.report.plots"))
process = fork_server.CONTEXT.Process(target=os.getppid)
process.start()
process.join()
server = forkserver._forkserver._forkserver_pid
print(len(os.listdir(f"/proc/{server}/task")))
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert ended.stdout.splitlines()[0] == "1", ended.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
def test_a_worker_hears_no_interrupt_not_even_as_it_starts():
    """One that came before its first line of ours printed a traceback of the worker's."""
    given = dict.fromkeys(range(2), (signal.SIG_BLOCK, ()))
    for _, blocked in workers.spread(signal.pthread_sigmask, given, 2):
        assert signal.SIGINT in blocked
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_few_runs_start_no_workers_unless_they_are_asked_for(monkeypatch):
    def none(*_):
        raise AssertionError("a worker was started")

    war = sim.load("minimal")
    monkeypatch.setattr(workers, "cores", lambda: 2)
    monkeypatch.setattr(workers, "_pool", none)
    assert len(sim.run(war, runs=1000).runs) == 1000
    for runs, asked in ((1001, None), (1000, 2)):
        with pytest.raises(AssertionError, match="a worker was started"):
            sim.run(war, runs=runs, workers=asked)


def test_who_asks_keeps_its_script_while_workers_start():
    before = sys.modules["__main__"]
    given = dict.fromkeys(range(2), (os.getpid,))
    pids = {pid for _, pid in workers.spread(_called, given, 2)}
    assert sys.modules["__main__"] is before
    assert os.getpid() not in pids


def _called(call):
    return call()


def test_the_environment_of_whoever_asks_is_left_alone():
    list(workers.spread(_called, {0: (os.getpid,), 1: (os.getpid,)}, 2))
    assert "JE_ARROW_MALLOC_CONF" not in os.environ


def _wait(folder: Path, call: int) -> None:
    """Say that a call is begun; all but the first end when they may."""
    (folder / f"{call}.begun").touch()
    while call and not (folder / "go").exists():
        time.sleep(0.01)


def _begun(folder: Path) -> int:
    return len(list(folder.glob("*.begun")))


def test_calls_that_lie_ready_are_not_begun_once_others_were_stopped(tmp_path):
    """A worker ends with what it has in hand, not with what was handed to it ahead."""
    done = workers.spread(_wait, {call: (tmp_path, call) for call in range(8)}, 2)
    next(done)
    while _begun(tmp_path) < 3:
        time.sleep(0.01)
    closing = threading.Thread(target=done.close)
    closing.start()
    time.sleep(1.0)
    (tmp_path / "go").touch()
    closing.join()
    assert _begun(tmp_path) == 3
