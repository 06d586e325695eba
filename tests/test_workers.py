"""Worker processes: started without a fork of a process with threads, and without the script."""

import os
import subprocess
import sys

import pytest

from sim.experiment import workers

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
from sim.experiment import workers

workers.prepare_workers(("sim.experiment.runner", "sim.report.plots"))
process = workers.CONTEXT.Process(target=os.getppid)
process.start()
process.join()
server = forkserver._forkserver._forkserver_pid
print(len(os.listdir(f"/proc/{server}/task")))
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert ended.stdout.splitlines()[0] == "1", ended.stderr


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
