"""Signals: whatever ends a command, what is done is kept, and one line says how to go on."""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from sim.cli.interrupts import Ended, code_of, signals_that_end
from tests.tiny import write_questions

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals, and looks at /proc")

KEPT = "interrupted; finished wars are stored, and the same command resumes\n"
NOT_KEPT = "interrupted; nothing is stored, so the same command starts again\n"


def begun(war, out, **how):
    """A long run with two workers, in a group of its own, some chunks of which are done."""
    command = [sys.executable, "-m", "sim.cli", "run", str(war), "--runs", "200000"]
    running = subprocess.Popen(
        [*command, "--workers", "2", "--out", str(out)], start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", **how,
    )  # fmt: skip
    until = time.monotonic() + 90
    while not list(out.glob("*/chunks/*.done")) and time.monotonic() < until:
        assert running.poll() is None, running.communicate()
        time.sleep(0.02)
    return running


def ended(running, out, number):
    """Holds a run that a signal ended to what it promises."""
    try:
        shown, told = running.communicate(timeout=90)
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
    assert (running.returncode, shown) == (128 + number, ""), told
    # Python's tracker of resources, and a worker that was being started, may say how they ended
    assert KEPT in told
    assert "/sim/" not in told.replace(KEPT, "") or number == signal.SIGHUP, told
    (folder,) = out.iterdir()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["complete"] is False
    assert len(pd.read_parquet(folder / "runs.parquet")) == manifest["runs_done"] >= 500
    assert all_end(running.pid)  # the workers are of its group


def is_there(group):
    """Whether a process of a group lives: zombies do not, which nobody here may have buried."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, of_group = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[:3]
            if int(of_group) == group and state != "Z":
                return True
    return False


def all_end(group):
    until = time.monotonic() + 20
    while is_there(group) and time.monotonic() < until:
        time.sleep(0.05)
    return not is_there(group)


@pytest.mark.parametrize(
    "to_all",
    [
        pytest.param(False, id="kill"),
        pytest.param(True, id="scheduler", marks=pytest.mark.thorough),
    ],
)
def test_sigterm_ends_with_143_and_results_to_go_on_from(write, war_text, tmp_path, to_all):
    """As `kill` and `docker stop` send it, to the command; and as schedulers do, to all of it."""
    running = begun(write(war_text), tmp_path / "out")
    (os.killpg if to_all else os.kill)(running.pid, signal.SIGTERM)
    ended(running, tmp_path / "out", signal.SIGTERM)


@pytest.mark.thorough
def test_a_terminal_that_is_closed_ends_as_ctrl_c_does(write, war_text, tmp_path):
    running = begun(write(war_text), tmp_path / "out")
    os.killpg(running.pid, signal.SIGHUP)
    ended(running, tmp_path / "out", signal.SIGHUP)


def ignoring(*numbers):
    """What `nohup` and shells that put a command into the background do before it starts."""

    def ignore():
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)

    return ignore


def test_what_a_command_is_started_to_ignore_it_ignores(write, war_text, tmp_path):
    """In the background a Ctrl-C is meant for others, and `nohup` outlives its terminal."""
    out = tmp_path / "out"
    ignore = ignoring(signal.SIGINT, signal.SIGHUP)
    running = begun(write(war_text), out, preexec_fn=ignore)
    os.killpg(running.pid, signal.SIGINT)
    os.killpg(running.pid, signal.SIGHUP)
    before = len(list(out.glob("*/chunks/*.done")))
    until = time.monotonic() + 60
    while len(list(out.glob("*/chunks/*.done"))) < before + 4 and time.monotonic() < until:
        assert running.poll() is None
        time.sleep(0.02)
    assert running.poll() is None
    os.kill(running.pid, signal.SIGTERM)
    ended(running, out, signal.SIGTERM)


def started_and_wait(module):
    with signals_that_end():
        importlib.import_module(module)
        time.sleep(10)  # the signal arrives within


def test_a_signal_within_an_import_ends_what_follows_it(tmp_path, monkeypatch, heeded):
    """Extensions that are interrupted while they start abort the process."""
    text = "import os, signal; os.kill(os.getpid(), signal.SIGTERM); started = True"
    (tmp_path / "starts_slowly.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(Ended) as ended:
        started_and_wait("starts_slowly")
    assert sys.modules["starts_slowly"].started
    assert code_of(ended.value) == 143


@pytest.mark.parametrize(
    ("told", "arguments"),
    [
        (KEPT, "run war.yaml --runs 20"),
        (KEPT, "run war.yaml --until mean(z_end)+-0.1"),
        (KEPT, "sweep war.yaml --vary weapons.dart.p_hit=0.1,0.5 --runs 5"),
        (KEPT, "sensitivity war.yaml --method morris --vary weapons.dart.p_hit --points 2"),
        (KEPT, "discover war.yaml --when z_end>0 --runs 20"),
        (KEPT, "calibrate war.yaml --against their_count --spend-validation --runs 800"),
        (KEPT, "experiment theories.yaml"),
        (NOT_KEPT, "experiment impulse.yaml"),
        (NOT_KEPT, "compare war.yaml --without raids.dawn --runs 20"),
        (NOT_KEPT, "validate reported war.yaml --runs 20"),
        (NOT_KEPT, "validate polls --runs 20"),
        (NOT_KEPT, "verify"),
    ],
)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_every_command_that_fights_wars_says_how_to_go_on(
    command, write, war_text, tmp_path, monkeypatch, heeded, arguments, told, number, code
):
    from sim.war.model import War

    def stopped(war):
        os.kill(os.getpid(), number)
        time.sleep(10)  # the signal arrives within

    write(war_text)
    write_questions(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.experiment.execution.runner.needs_compiling", lambda: False)
    monkeypatch.setattr(War, "run", stopped)
    before = signal.getsignal(signal.SIGTERM)
    more = () if "impulse" in arguments or arguments == "verify" else ("--workers", 1)
    done = command(*arguments.split(), *more)
    assert (done.code, done.out, done.err.lstrip("\n")) == (code, "", told)
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize(
    ("number", "code"),
    [pytest.param(signal.SIGINT, 0, marks=pytest.mark.thorough), (signal.SIGTERM, 143)],
)
def test_the_dashboard_ends_with_its_workers(tmp_path, heeded, number, code):
    pytest.importorskip("solara", reason="the extra dashboard is not installed")
    server = subprocess.Popen(
        [sys.executable, "-m", "sim.cli", "dashboard", "minimal", "--no-open"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", cwd=tmp_path,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert server.stdout.readline().startswith("http://")
        server.send_signal(number)
        shown, told = server.communicate(timeout=60)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
    assert (server.returncode, told) == (code, "stopped\n" if code else "")
    assert ("stopped" in shown.splitlines()) == (code == 0)
    assert all_end(server.pid)


@pytest.mark.thorough
def test_the_suite_gives_the_same_however_it_was_started(tmp_path):
    """A test that interrupts a command, run where the suite was told to ignore interrupts."""
    asked = "tests/cli/test_cli.py::test_ctrl_c_ends_with_130_and_a_store_to_resume"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", asked],
        cwd=ROOT, capture_output=True, encoding="utf-8", timeout=300,
        preexec_fn=ignoring(signal.SIGINT, signal.SIGHUP),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
