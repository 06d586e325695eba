"""A real dask scheduler and workers on loopback: the same bytes, whoever dies in the middle."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import sim
from sim.experiment.errors import WorkerError
from sim.experiment.execution import cluster, runner
from sim.experiment.execution.cluster import Cluster
from sim.experiment.execution.stopping_rule import run_until, wanted
from sim.experiment.questions import choose, sweep, theories
from sim.experiment.storage.store import Store
from sim.scenario.experiment import Sweep, Theories
from sim.scenario.load import load, load_experiment
from tests.tiny import write_questions

IMPULSE = Path(__file__).parents[2] / "experiments" / "impulse.yaml"

PATIENCE_S = 120
NOBODY = "tcp://127.0.0.1:1"
DASK = ("--executor", "dask", "--scheduler")
POINTS = 20  # of which each is a chunk
SWEEP = ("--vary", f"weapons.dart.p_hit=0.2:0.6:{POINTS}", "--runs", 1000, "--quiet")
ENDLESS = ("--vary", "weapons.dart.p_hit=0.2:0.6:2000", "--runs", 1000, "--quiet")
OWN = """\
mechanisms:
  mine:
    on: true
    path: my_file.py:grudge
    per_loss: {value: 9, low: 1, high: 10, assumed: mine}
"""
GRUDGE = """\
def grudge(was, news, figures):
    return {"term": was["term"] + figures["per_loss"] * news.own_loss}
"""


class Dask:
    """A scheduler and its workers, in a folder where there is nothing; all end with it."""

    def __init__(self, folder, **environment):
        self.folder, self.environment, self._begun = folder, environment, []
        self.folder.mkdir()
        told = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", told
        )
        self.address = until(lambda: _address(told))
        self.cluster = Cluster(self.address)

    def worker(self, *arguments, threads=1):
        """One more worker, when it is there."""
        there = self.cluster.threads()
        process = self._start(
            "worker", self.address, "--no-nanny", "--nthreads", str(threads), *arguments
        )
        until(lambda: process.poll() is not None or self.cluster.threads() == there + threads)
        assert process.poll() is None
        return process

    def lose(self, process):
        """Kill one, and wait until the scheduler knows."""
        there = self.cluster.threads()
        process.kill()
        process.wait()
        until(lambda: self.cluster.threads() < there)

    def is_idle(self):
        """Whether nothing is left to do or kept for anybody."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            return client.run_on_scheduler(lambda dask_scheduler: not dask_scheduler.tasks)

    def _start(self, role, *arguments):
        with (self.folder / f"{role}-{len(self._begun)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{role}", *map(str, arguments),
                 "--dashboard-address", "127.0.0.1:0"],
                stdout=log, stderr=log, cwd=self.folder, env=os.environ | self.environment,
            )  # fmt: skip
        self._begun.append(process)
        return process

    def end(self):
        for process in reversed(self._begun):
            process.kill()
            process.wait()


def _address(told):
    with contextlib.suppress(OSError, ValueError):
        return json.loads(told.read_text())["address"]


def until(condition):
    """What a condition gives once it holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    """Two workers, one of which does two things at a time."""
    made = Dask(tmp_path_factory.mktemp("dask") / "empty")
    try:
        made.worker(threads=1)
        made.worker(threads=2)
        yield made
    finally:
        made.end()


@pytest.fixture(scope="module")
def lone(tmp_path_factory):
    """A scheduler without workers, which gives up what takes one worker with it."""
    made = Dask(
        tmp_path_factory.mktemp("lone") / "empty", DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0"
    )
    yield made
    made.end()


@pytest.fixture
def another(tmp_path):
    """Makes a scheduler of one's own."""
    with contextlib.ExitStack() as ends:

        def another(**environment):
            made = Dask(tmp_path / "another", **environment)
            ends.callback(made.end)
            return made

        yield another


@pytest.fixture
def war(write, war_text):
    return write(war_text)


@pytest.fixture
def begin(war, tmp_path):
    """Begins a sweep in a process of its own."""
    running = []

    def start(dask, asked=ENDLESS):
        arguments = ("sweep", war, *asked, *DASK, dask.address, "--out", tmp_path / "dask")
        process = subprocess.Popen(
            [sys.executable, "-m", "sim.cli", *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def through(tmp_path_factory):
    """The bytes of the long sweep made here, once."""
    return {}


def made_here(command, war, tmp_path, through):
    if not through:
        done = command("sweep", war, *SWEEP, "--workers", 1, "--out", tmp_path / "local")
        assert done.code == 0
        through.update(bytes_of(tmp_path / "local"))
    return through


def bytes_of(out):
    (folder,) = out.iterdir()
    assert not (folder / "chunks").exists()
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.parquet"))}


def chunks(out):
    return len(list(out.glob("*/chunks/*.done")))


def in_the_middle(process, out):
    """Wait until some chunks are written, and the work goes on."""
    until(lambda: process.poll() is not None or chunks(out) >= 2)
    assert process.poll() is None, process.communicate()


# --- the same bytes ----------------------------------------------------------------------------


def of_a_run(out, folder, workers):
    runner.run_into(Store(out, load(folder / "war.yaml"), 130, 1, True), workers)


def of_a_run_until(out, folder, workers):
    pool = Store(out, load(folder / "war.yaml"), 2000, 1, False)
    asked = wanted("mean(aircraft_destroyed) +- 0.35", pool.scenario)
    _, reached = run_until(pool, asked, workers, None)
    assert 40 < reached.runs < 2000


def of_own_code(out, folder, workers):
    war = load(folder / "own.yaml", allow_code=True)
    runner.run_into(Store(out, war, 130, 1, True), workers)


def of_a_sweep(out, folder, workers):
    dates = {"raids.dawn.date": ["2025-01-04", "2025-01-05"], "weapons.dart.p_hit": "0.2:0.6:3"}
    asked = Sweep(
        kind="sweep", name="small", title="Small", question="When?", scenario="war.yaml",
        levers=dates, outcomes=("aircraft_hit", "z_end"), runs=20,
    )  # fmt: skip
    asks = sweep.question(asked, folder)
    sweep.run_into(sweep.store_of(out, asks), asks, workers)


def of_theories(out, folder, workers):
    asked = Theories(
        kind="theories", name="small", title="Small", question="Who?", scenario="focus.yaml",
        mechanisms=["cost", "rally"], runs=3,
        region={"half_width": 0.005, "because": "small"},
    )  # fmt: skip
    store = theories.Store(out, theories.question(asked, folder))
    theories.run_into(store, workers)


def of_a_choice(out, folder, workers):
    write_questions(folder)
    asked = load_experiment(folder / "choice.yaml")
    choose.Question(asked, folder).answer(out, workers)


@pytest.mark.parametrize(
    "work",
    [of_a_run, of_a_run_until, of_own_code, of_a_sweep, of_theories, of_a_choice],
    ids=lambda w: w.__name__,
)
def test_the_bytes_are_those_of_this_machine(war, war_text, tmp_path, dask, monkeypatch, work):
    monkeypatch.setattr(runner, "CHUNK_RUNS", 40)
    (tmp_path / "my_file.py").write_text(GRUDGE)
    (tmp_path / "own.yaml").write_text(war_text.replace("mechanisms:\n", OWN))
    (tmp_path / "focus.yaml").write_text(war_text.replace("question:", "focus: dawn\nquestion:"))
    for out, workers in (("local", 1), ("dask", dask.cluster)):
        work(tmp_path / out, tmp_path, workers)
    assert bytes_of(tmp_path / "local")
    assert bytes_of(tmp_path / "dask") == bytes_of(tmp_path / "local")


def test_a_cluster_is_a_value_of_the_library(tiny, dask, monkeypatch):
    monkeypatch.setattr(runner, "CHUNK_RUNS", 40)
    ours, theirs = (sim.run(tiny, 130, 1, workers) for workers in (1, dask.cluster))
    for table, frame in ours.frames.items():
        assert frame.equals(theirs.frames[table])


def test_all_workers_work_and_find_no_file(dask):
    assert dask.cluster.threads() == 3
    processes = {pid for _, pid in dask.cluster.spread(os.getpid, dict.fromkeys(range(60), ()))}
    assert len(processes) == 2
    listed = dict(dask.cluster.spread(os.listdir, {0: (".",), 1: (".",)}))
    assert not any(name.endswith((".yaml", ".py")) for found in listed.values() for name in found)


def test_an_error_of_the_work_comes_back_as_it_is(dask):
    with pytest.raises(ZeroDivisionError):
        list(dask.cluster.spread(divmod, {0: (1, 0), 1: (2, 0)}))
    until(dask.is_idle)


# --- who dies ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_is_made_good(command, war, tmp_path, dask, through):
    expected = made_here(command, war, tmp_path, through)
    third = dask.worker()
    with ThreadPoolExecutor(1) as meanwhile:
        written = meanwhile.submit(kill_in_the_middle, third, tmp_path / "dask")
        done = command("sweep", war, *SWEEP, *DASK, dask.address, "--out", tmp_path / "dask")
    assert 2 <= written.result() < POINTS
    assert done == (0, "", "")
    assert bytes_of(tmp_path / "dask") == expected


def kill_in_the_middle(process, out):
    """Kill a process once some chunks are written, and say how many were when it was dead."""
    until(lambda: chunks(out) >= 2)
    process.kill()
    process.wait()
    return chunks(out)


@pytest.mark.thorough
def test_a_client_killed_in_the_middle_is_gone_on_from(
    command, war, tmp_path, dask, begin, through
):
    expected = made_here(command, war, tmp_path, through)
    client = begin(dask, SWEEP)
    in_the_middle(client, tmp_path / "dask")
    client.kill()
    client.communicate()
    assert chunks(tmp_path / "dask") >= 2
    until(dask.is_idle)
    again = begin(dask, SWEEP)
    out, err = again.communicate(timeout=PATIENCE_S)
    assert (again.returncode, out, err) == (0, "", "")
    assert bytes_of(tmp_path / "dask") == expected


@pytest.mark.slow
def test_an_interrupt_keeps_what_is_done_and_leaves_the_workers_free(tmp_path, dask, begin, heeded):
    client = begin(dask)
    in_the_middle(client, tmp_path / "dask")
    client.send_signal(signal.SIGINT)
    out, err = client.communicate(timeout=PATIENCE_S)
    assert (client.returncode, out) == (130, "")
    assert err == "interrupted; finished wars are stored, and the same command resumes\n"
    assert chunks(tmp_path / "dask") >= 2
    until(dask.is_idle)


@pytest.mark.thorough
def test_a_scheduler_that_goes_is_told_in_one_line_and_what_is_done_is_kept(
    tmp_path, another, begin
):
    dask = another()
    dask.worker()
    client = begin(dask)
    in_the_middle(client, tmp_path / "dask")
    dask.scheduler.kill()
    out, err = client.communicate(timeout=PATIENCE_S)
    assert (client.returncode, out) == (2, "")
    assert err == (
        f"{dask.address}: the scheduler is gone; finished chunks are stored, and the same command "
        "resumes\n"
    )
    assert chunks(tmp_path / "dask") >= 2


def test_without_workers_it_waits_and_says_so(lone, caplog):
    made = lone.cluster.spread(divmod, {0: (7, 2)})
    with contextlib.closing(made), caplog.at_level("WARNING", "sim"):
        threading.Thread(
            target=lambda: (until(lambda: caplog.records), lone.worker()), daemon=True
        ).start()
        assert next(made) == (0, (3, 1))
    assert [record.getMessage() for record in caplog.records] == [
        f"{lone.address}: no workers there, waiting for some"
    ]


def test_work_that_kills_its_workers_is_given_up(lone):
    if not lone.cluster.threads():
        lone.worker()
    with pytest.raises(WorkerError, match="died repeatedly at the same runs"):
        list(lone.cluster.spread(os._exit, {0: (9,)}))


# --- who is refused ----------------------------------------------------------------------------


CHANGED = """\
from sim.experiment.execution import cluster
cluster.work_version = lambda: "0.1.0+another"
"""


@pytest.mark.thorough
def test_another_version_is_refused_and_says_who_has_what(command, war, tmp_path, dask, begin):
    changed = tmp_path / "changed.py"
    changed.write_text(CHANGED)
    client = begin(dask)
    in_the_middle(client, tmp_path / "dask")
    odd = dask.worker("--preload", changed)  # joins late
    try:
        out, err = client.communicate(timeout=PATIENCE_S)
        here = cluster.work_version()
        refusal = f"has raids-and-talks 0.1.0+another (here {here}), expected the same there as "
        assert (client.returncode, out) == (2, "")
        assert err.startswith("worker tcp://127.0.0.1:")
        assert err.endswith(f" {refusal}here\n")
        assert len(err.splitlines()) == 1
        assert chunks(tmp_path / "dask") >= 2
        done = command("run", war, "--out", tmp_path / "none", *DASK, dask.address)
        assert (done.code, done.out) == (2, "")
        assert refusal in done.err
        assert len(done.err.splitlines()) == 1
        assert not (tmp_path / "none").exists()
    finally:
        dask.lose(odd)


def test_differences_are_all_named():
    here = {"python": "3.11", "numpy": "2.4.6", "mesa": "3.3.1"}
    assert cluster._unlike(here, here) == ""
    told = cluster._unlike({"python": "3.12", "numpy": "2.4.6"}, here)
    assert told == "has python 3.12 (here 3.11), mesa none (here 3.3.1)"
    assert "No module named 'sim'" in cluster._unlike(ImportError("No module named 'sim'"), here)


WITH_WORKERS = [
    ("run", "war.yaml"),
    ("compare", "war.yaml", "--without", "raids.dawn"),
    ("sweep", "war.yaml", "--vary", "weapons.dart.p_hit"),
    ("experiment", "theories.yaml"),
    ("choose", "choice.yaml"),
    ("sensitivity", "war.yaml"),
    ("discover", "war.yaml", "--when", "z_end > 0"),
    ("calibrate", "war.yaml", "--against", "their_count", "--spend-validation"),
    ("validate", "reported", "war.yaml"),
    ("validate", "polls"),
]


@pytest.mark.parametrize("arguments", WITH_WORKERS, ids=" ".join)
@pytest.mark.parametrize(
    ("who", "said"),
    [
        (("--scheduler", NOBODY), f"--scheduler {NOBODY}: only dask has one, expected"),
        (("--executor", "dask"), "--executor dask: no scheduler is given, expected"),
        (("--executor", "slurm"), "--executor slurm: no such executor, expected local or dask"),
        (
            (*DASK, NOBODY, "--workers", 2),
            "--workers 2: a cluster has its own, expected no --workers",
        ),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else "",
)
def test_half_a_choice_is_refused(command, war, monkeypatch, arguments, who, said):
    monkeypatch.chdir(war.parent)
    done = command(*arguments, *who)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("arguments", WITH_WORKERS, ids=" ".join)
def test_each_command_goes_to_the_scheduler_it_is_told(command, war, monkeypatch, arguments):
    write_questions(war.parent)
    monkeypatch.setattr(cluster, "_PATIENCE_S", 0.3)
    monkeypatch.chdir(war.parent)
    done = command(*arguments, *DASK, NOBODY)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"{NOBODY}: no dask scheduler answers (")
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("address", [NOBODY, "nonsense", "http://127.0.0.1:1"])
def test_where_no_scheduler_answers_is_told(command, war, tmp_path, monkeypatch, address):
    monkeypatch.setattr(cluster, "_PATIENCE_S", 0.3)
    done = command("run", war, "--out", tmp_path / "none", *DASK, address)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"{address}: no dask scheduler answers (")
    assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "none").exists()


def test_something_else_that_listens_is_told(command, war, dask, monkeypatch):
    monkeypatch.setattr(cluster, "_PATIENCE_S", 0.3)
    from distributed import Client

    with Client(dask.address, set_as_default=False) as client:
        worker = next(iter(client.nthreads()))
    with pytest.raises(WorkerError, match=r"no dask scheduler answers \(a Worker does\)"):
        Cluster(worker).threads()


def test_without_the_library_the_remedy_is_told(command, war, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = command("run", war, *DASK, NOBODY)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "dask is not installed here, expected `pip install 'raids-and-talks[cluster]'`\n"
    )


def test_an_impulse_experiment_is_not_sent(command):
    """It is refused before anybody is asked: nobody listens here."""
    done = command("experiment", IMPULSE, *DASK, NOBODY)
    assert (done.code, done.out) == (2, "")
    assert "an impulse experiment needs one process, expected no --executor dask" in done.err
