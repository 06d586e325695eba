"""A reader's page without a browser, and the worker behind it without a process of its own."""

import multiprocessing
import re
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from solara.server import kernel_context

from sim.experiment.record import Record
from sim.report.dashboard import wars
from sim.report.dashboard.answer import answer_of
from sim.report.dashboard.desk import Desk, Stage, set_stage
from sim.report.dashboard.document import document_of
from sim.report.dashboard.presence import Presence
from sim.report.dashboard.serve import offers_of
from sim.report.dashboard.sheet import pages_of
from sim.report.dashboard.state import link_of
from sim.report.dashboard.wars import Failed, Job, Stopped, fight
from sim.report.words import number
from sim.scenario.document import LARGEST_FILE_BYTES

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

    def do(self, job: Job, tell: Any, is_stopped: Callable[[], bool]) -> Any:
        self.jobs.append(job)
        if self.instead is not None:
            raise self.instead
        record = fight(job, tell, is_stopped)
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


def test_work_for_a_reader_who_is_gone_is_over(
    desk: Desk, workers: _Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk._presence, "away_s", lambda: 4.0)
    desk.fight()
    assert desk.work.value.note.startswith("4 wars in ")
    monkeypatch.setattr(desk._presence, "away_s", lambda: 6.0)
    desk.set_field({"name": "seed", "text": "2"})
    assert desk.work.value.note == "Stopped, as nobody was here. Run starts anew."
    monkeypatch.setattr(desk._presence, "away_s", lambda: 0.0)
    desk.fight()
    assert desk.work.value.note.startswith("4 wars in ")


def test_a_reader_is_gone_once_no_page_is_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("sim.report.dashboard.presence.time.monotonic", lambda: now[0])
    status = kernel_context.PageStatus
    presence = Presence()
    assert presence.away_s() == 0.0  # without a browser nobody leaves
    presence._pages = {"a": status.CONNECTED, "b": status.CLOSED}
    assert presence.away_s() == 0.0
    presence._pages["a"] = status.DISCONNECTED
    assert presence.away_s() == 0.0
    now[0] += 7.0
    assert presence.away_s() == 7.0
    presence._pages["c"] = status.CONNECTED
    assert presence.away_s() == 0.0


def test_a_file_that_is_edited_while_it_is_open_changes_nothing_until_it_is_chosen_again(
    workers: _Workers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "mine.yaml"
    text = document_of(OFFERS["minimal"]).text
    file.write_text(text)
    monkeypatch.setattr("sim.report.dashboard.desk.threading.Thread", _Thread)
    monkeypatch.setattr("sim.report.dashboard.desk._stage", [])
    offers, first = offers_of(file)
    set_stage(Stage(offers, first, workers))  # type: ignore[arg-type]
    desk = Desk("runs=4")
    desk.fight()
    was, now = "value: 0.5, low: 0.3", "value: 0.4, low: 0.3"
    file.write_text(text.replace(was, now))
    desk.set_figure({"path": "weapons.drone.speed", "text": "100"})
    shown = desk.shown.value
    assert shown is not None
    assert shown.is_of(desk.state.value)
    for scenario in (desk.state.value.document(offers).scenario, workers.jobs[-1].scenario):
        assert scenario.weapons["drone"].p_hit.value == 0.5
    desk.export_yaml(None)
    assert desk.download.value is not None
    assert was in desk.download.value["text"]
    assert "mine: its file was edited since it was read." in desk.wrong.value[0]
    desk.choose("mine")
    assert desk.wrong.value == []
    assert desk.state.value.document(offers).scenario.weapons["drone"].p_hit.value == 0.4
    assert workers.jobs[-1].scenario.weapons["drone"].p_hit.value == 0.4
    assert desk.shown.value is not None
    assert desk.shown.value.answer is not shown.answer
    desk.leave()


def test_a_long_scenario_of_ones_own_outlives_a_reload(desk: Desk) -> None:
    text = document_of(OFFERS["spiderweb"]).text
    desk.open_yaml({"name": "mine.yaml", "text": text})
    link = link_of(desk.state.value)
    assert link.startswith("kept=")
    again = Desk(link)
    assert again.wrong.value == []
    assert again.state.value == desk.state.value


def test_no_more_than_fifty_long_texts_are_kept() -> None:
    stage = Stage(OFFERS, "minimal", None)  # type: ignore[arg-type]
    for one in range(60):
        stage.keep(str(one))
    assert list(stage.kept.values()) == [str(one) for one in range(10, 60)]


def test_the_numbers_of_a_row_are_of_the_same_wars() -> None:
    """Against pandas: a raid that flies in fewer wars under the setting than under the pinned."""
    answers = []
    for share_flown, more in ((0.5, 3.0), (0.75, 0.0)):
        record = fight(Job(MINIMAL, 1, 40), lambda share, compiles: None, lambda: False)
        runs = record.runs.copy()
        grounded = runs["run"] % 4 >= 4 * share_flown
        raids = [name for name in runs if name.startswith("dawn_")]
        runs["dawn_planes_hit"] += more
        runs.loc[grounded, raids] = 0
        runs.loc[grounded, ["z_before_dawn", "z_after_dawn"]] = np.nan
        frames = {**record.frames, "runs": runs}
        answers.append(answer_of(replace(record, frames=frames)))
    now, pinned = answers
    page = pages_of(now, pinned).above
    ours, theirs = now.record.runs, pinned.record.runs
    both = (ours["dawn_flown"] > 0) & (theirs["dawn_flown"] > 0)
    assert both.sum() == 20
    assert "the 20 wars in which it flies under both settings" in page
    cells = dict(re.findall(r'data-outcome="(\w+)">(.*?)</tr>', page))
    flown = re.findall(r"<td[^>]*>(.*?)</td>", cells["dawn_flown"])
    assert [cell.split(" ")[0] for cell in flown] == ["50.0", "−25", "75.0", "of"]
    row = re.findall(r"<td[^>]*>(.*?)</td>", cells["dawn_planes_hit"])
    hit, before = ours.loc[both, "dawn_planes_hit"], theirs.loc[both, "dawn_planes_hit"]
    wanted = [hit.median(), before.median()]
    assert [row[0].split(" ")[0], row[2].split(" ")[0]] == [number(value) for value in wanted]
    assert row[1].startswith("+3 ")
    assert (hit - before).mean() == 3.0
    assert row[3] == f"{number(hit.quantile(0.05))} to {number(hit.quantile(0.95))}"
    assert "At the end, 2025-01-10, all wars" in page
