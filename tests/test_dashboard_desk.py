"""A reader's page without a browser, and the worker behind it without a process of its own."""

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sim.experiment.record import Record
from sim.report.dashboard import wars
from sim.report.dashboard.desk import Desk, Stage, set_stage
from sim.report.dashboard.document import document_of
from sim.report.dashboard.serve import offers_of
from sim.report.dashboard.wars import Failed, Job, Stopped, fight
from sim.scenario.load import LARGEST_FILE_BYTES

OFFERS, _ = offers_of(None)
MINIMAL = document_of(OFFERS["minimal"]).scenario
JOB = Job(MINIMAL, 1, 5)
Said = list[tuple[str, Any]]


# --- the worker --------------------------------------------------------------------------------


def worked(client: Callable[[Any], None]) -> None:
    """Let a worker work in this process, for a client in another thread that ends by hanging up."""
    ours, theirs = multiprocessing.Pipe()
    wrong: list[BaseException] = []

    def talk() -> None:
        try:
            client(ours)
        except BaseException as error:  # to be raised where the test sees it
            wrong.append(error)
        finally:
            ours.close()

    thread = threading.Thread(target=talk)
    before = signal.getsignal(signal.SIGINT)
    thread.start()
    try:
        wars._work(theirs)  # returns when nobody listens any more
    finally:
        signal.signal(signal.SIGINT, before)
        thread.join()
    if wrong:
        raise wrong[0]


def answers(line: Any) -> Said:
    """What a worker says of a job, up to its last word."""
    said: Said = []
    while not said or said[-1][0] == "progress":
        assert line.poll(30)
        said.append(line.recv())
    return said


def runs_of_record(record: Record) -> int:
    return len(record.runs)


def two_lines(record: Record) -> int:
    raise ValueError("first line\n  and the second")


def test_a_worker_gives_what_is_made_of_the_record_and_outlives_what_fails() -> None:
    said: list[Said] = []

    def client(line: Any) -> None:
        line.send("stop")  # too late to stop anything: there is no job
        for then in (runs_of_record, two_lines, None):
            line.send(JOB._replace(then=then))
            said.append(answers(line))

    worked(client)
    counted, failed, plain = (one[-1] for one in said)
    assert counted == ("done", 5)
    assert failed == ("failed", "ValueError: first line and the second")
    assert plain[1].runs.equals(fight(JOB, lambda share, compiles: None, lambda: False).runs)


def test_a_worker_stops_in_the_midst_of_its_wars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wars, "_LOOK_S", 0.0)  # each day is told
    monkeypatch.setattr(wars, "needs_compiling", lambda: False)
    asked_to_stop = threading.Event()
    said: Said = []

    def fight_late(*call: Any) -> Record:
        assert asked_to_stop.wait(30)
        return fight(*call)

    monkeypatch.setattr(wars, "fight", fight_late)

    def client(line: Any) -> None:
        line.send(JOB)
        line.send("stop")  # is there when the first day is over
        asked_to_stop.set()
        said.extend(answers(line))

    worked(client)
    assert said == [("progress", (1 / MINIMAL.days, False)), ("stopped", None)]


def test_a_first_compilation_is_told_before_any_war(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wars, "needs_compiling", lambda: True)
    told: list[tuple[float, bool]] = []
    fight(JOB, lambda *said: told.append(said), lambda: False)
    assert told[0] == (0.0, True)
    assert not any(compiles for _, compiles in told[1:])


# --- the page ----------------------------------------------------------------------------------


class _Workers:
    """Fights in the reader's own thread, or does what a test wants instead."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.instead: Exception | None = None

    def do(self, job: Job, tell: Any, stop: threading.Event) -> Any:
        self.jobs.append(job)
        if self.instead is not None:
            raise self.instead
        record = fight(job, tell, stop.is_set)
        return record if job.then is None else job.then(record)


class _Thread:
    """A thread that is over when it has started."""

    def __init__(self, target: Callable[..., None], args: tuple[Any, ...], daemon: bool) -> None:
        self._work = lambda: target(*args)

    def start(self) -> None:
        self._work()


@pytest.fixture
def workers() -> _Workers:
    return _Workers()


@pytest.fixture
def desk(workers: _Workers, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr("sim.report.dashboard.desk.threading.Thread", _Thread)
    monkeypatch.setattr("sim.report.dashboard.desk._stage", [])
    set_stage(Stage(OFFERS, "minimal", workers))  # type: ignore[arg-type]
    desk = Desk("scenario=minimal&runs=4")
    yield desk
    desk.leave()


def test_a_number_of_wars_that_cannot_be_is_told_at_its_field(
    desk: Desk, workers: _Workers
) -> None:
    for name, text, said in (
        ("runs", "many", "expected"),
        ("runs", "0", "expected"),
        ("runs", "10001", "expected"),
        ("seed", "-1", "expected"),
    ):
        desk.set_field({"name": name, "text": text})
        assert said in desk.errors.value[name]
    assert not workers.jobs
    desk.set_field({"name": "runs", "text": "3"})
    assert "runs" not in desk.errors.value
    assert "seed" in desk.errors.value  # what is told at another field stays
    assert [job.runs for job in workers.jobs] == [3]
    assert desk.shown.value is not None
    assert len(desk.shown.value.answer.record.runs) == 3


def test_a_figure_out_of_its_bounds_is_told_and_nothing_is_fought(
    desk: Desk, workers: _Workers
) -> None:
    desk.set_figure({"path": "weapons.drone.p_hit", "text": "1.5"})
    assert "weapons.drone.p_hit" in desk.errors.value
    assert not workers.jobs
    desk.reset("weapons.drone.p_hit")
    assert desk.errors.value == {}


def test_a_file_that_is_no_scenario_leaves_what_is_on_the_screen(
    desk: Desk, workers: _Workers
) -> None:
    before = desk.state.value
    desk.open_yaml({"name": "mine.yaml", "text": "name: [\n"})
    assert desk.wrong.value[0].startswith("mine.yaml: ")
    desk.open_yaml({"name": "large.yaml", "text": None})
    assert desk.wrong.value == [f"large.yaml: has over {LARGEST_FILE_BYTES} bytes"]
    desk.choose("no such scenario")
    assert desk.state.value == before
    assert not workers.jobs


def test_a_war_that_is_not_there_is_refused(desk: Desk, workers: _Workers) -> None:
    for text in ("4", "-1", "x", "", "²", "9" * 5000):
        desk.open_war(text)
        assert desk.diary.value["error"] == "expected 0 to 3"
    assert not workers.jobs
    desk.open_war(" 3 ")
    assert desk.diary.value["error"] == ""
    assert workers.jobs[-1].only == 3
    assert desk.diary.value["days"].count('"date"') == MINIMAL.days


def test_what_fails_is_said_and_what_was_fought_stays(desk: Desk, workers: _Workers) -> None:
    desk.fight()
    shown = desk.shown.value
    assert shown is not None
    workers.instead = Failed("the worker process died")
    desk.set_field({"name": "seed", "text": "2"})
    assert desk.work.value.failed
    assert desk.work.value.note == "the worker process died"
    assert desk.shown.value is shown
    assert not shown.is_of(desk.state.value)
    desk.open_war("0")
    assert desk.diary.value["error"] == "the worker process died"

    workers.instead = Stopped()
    desk.fight()
    desk.stop()
    assert desk.work.value.note == "Stopped. Run starts anew."
    assert desk.shown.value is shown

    workers.instead = None
    desk.set_field({"name": "seed", "text": "1"})  # remembered, and not fought again
    assert desk.shown.value is not None
    assert desk.shown.value.answer is shown.answer


def test_a_pinned_setting_is_fought_once_and_kept_apart(desk: Desk, workers: _Workers) -> None:
    desk.set_figure({"path": "weapons.drone.p_hit", "text": "0.4"})
    desk.pin(None)
    assert len(workers.jobs) == 1  # it is what is on the screen
    desk.set_figure({"path": "weapons.drone.p_hit", "text": "0.6"})
    assert [one.scenario.weapons["drone"].p_hit for one in workers.jobs] == [
        document_of(OFFERS["minimal"]).changed({"weapons.drone.p_hit": p}).weapons["drone"].p_hit
        for p in (0.4, 0.6)
    ]
    assert desk.state.value.pinned == {"weapons.drone.p_hit": 0.4}
    desk.unpin(None)
    assert desk.state.value.pinned is None
    desk.reset_all(None)
    assert desk.state.value.changes == {}


def test_what_is_exported_can_be_opened_again(desk: Desk, workers: _Workers) -> None:
    desk.flip({"path": "mechanisms.rally.on", "on": True})
    assert desk.state.value.changes == {"mechanisms.rally.on": True}
    desk.export_yaml(None)
    assert desk.download.value is not None
    assert desk.download.value["name"] == "minimal-changed.yaml"
    desk.open_yaml({"name": "minimal-changed.yaml", "text": desk.download.value["text"]})
    assert desk.wrong.value == []
    assert desk.state.value.changes == {}
    assert workers.jobs[-1].scenario.mechanisms == workers.jobs[0].scenario.mechanisms
    desk.flip({"path": "mechanisms.rally.on", "on": False})
    desk.flip({"path": "mechanisms.rally.on", "on": True})  # as the file has it: no change
    assert desk.state.value.changes == {}


def test_a_raid_is_looked_at_without_fighting_again(desk: Desk, workers: _Workers) -> None:
    desk.choose_raid("dawn")  # nothing was fought yet
    assert desk.raid.value["raid"] == ""
    desk.fight()
    desk.choose_raid("no such raid")
    assert desk.state.value.raid == ""
    desk.choose_raid("dawn")
    assert (desk.raid.value["raid"], desk.raid.value["busy"]) == ("dawn", False)
    assert len(workers.jobs) == 1
