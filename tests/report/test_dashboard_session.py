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

import sim
from sim.experiment.record import Record
from sim.experiment.statistics.estimate import estimate
from sim.report.dashboard import run_processes as wars
from sim.report.dashboard.document import document_of
from sim.report.dashboard.found import Drawing
from sim.report.dashboard.link import link_of
from sim.report.dashboard.presence import Presence
from sim.report.dashboard.results import results_of
from sim.report.dashboard.results_view import pages_of
from sim.report.dashboard.run_processes import Failed, Job, Stopped, fight
from sim.report.dashboard.serve import offers_of
from sim.report.dashboard.session import Configuration, LastResults, Session, configure
from sim.report.numbers import error, number
from sim.scenario.text.document import LARGEST_FILE_BYTES

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
        self.drawings: list[Drawing] = []
        self.instead: Exception | None = None
        self.meanwhile: Callable[[], None] | None = None

    def do(
        self, job: Job | Drawing, tell: Any, is_stopped: Callable[[], bool], place: Any = None
    ) -> Any:
        if isinstance(job, Drawing):
            self.drawings.append(job)
            return job.make(tell, is_stopped)
        self.jobs.append(job)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        if is_stopped():
            raise Stopped
        if self.instead is not None:
            raise self.instead
        return job.make(tell, is_stopped)

    have_ended = False

    def are_awaited(self) -> bool:
        return False


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
def session(workers: _Workers, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr("sim.report.dashboard.session.threading.Thread", _Thread)
    monkeypatch.setattr("sim.report.dashboard.session._config", [])
    configure(Configuration(OFFERS, "minimal", workers))  # type: ignore[arg-type]
    session = Session("scenario=minimal&runs=4")
    yield session
    session.leave()


def test_a_number_of_wars_that_cannot_be_is_told_at_its_field(
    session: Session, workers: _Workers
) -> None:
    for name, text, said in (
        ("runs", "many", "expected"),
        ("runs", "0", "expected"),
        ("runs", "10001", "expected"),
        ("seed", "-1", "expected"),
    ):
        session.set_field({"name": name, "text": text})
        assert said in session.errors.value[name]
    assert not workers.jobs
    session.set_field({"name": "runs", "text": "3"})
    assert "runs" not in session.errors.value
    assert "seed" in session.errors.value  # what is told at another field stays
    assert [job.runs for job in workers.jobs] == [3]
    assert session.last.value is not None
    assert len(session.last.value.results.record.runs) == 3


def test_a_figure_out_of_its_bounds_is_told_and_nothing_is_fought(
    session: Session, workers: _Workers
) -> None:
    session.set_figure({"path": "weapons.drone.p_hit", "text": "1.5"})
    assert "weapons.drone.p_hit" in session.errors.value
    assert not workers.jobs
    session.reset("weapons.drone.p_hit")
    assert session.errors.value == {}


def test_a_file_that_is_no_scenario_leaves_what_is_on_the_screen(
    session: Session, workers: _Workers
) -> None:
    before = session.state.value
    session.open_yaml({"name": "mine.yaml", "text": "name: [\n"})
    assert session.wrong.value[0].startswith("mine.yaml: ")
    session.open_yaml({"name": "large.yaml", "text": None})
    assert session.wrong.value == [f"large.yaml: has over {LARGEST_FILE_BYTES} bytes"]
    session.choose("no such scenario")
    assert session.state.value == before
    assert not workers.jobs


def test_a_war_that_is_not_there_is_refused(session: Session, workers: _Workers) -> None:
    for text in ("4", "-1", "x", "", "²", "9" * 5000):
        session.open_war(text)
        assert session.diary.value.error == "expected 0 to 3"
    assert not workers.jobs
    session.open_war(" 3 ")
    assert session.diary.value.error == ""
    assert workers.jobs[-1].only == 3
    assert session.diary.value.days.count('"date"') == MINIMAL.days


def test_the_first_wars_are_shown_at_once_and_then_all_of_them(
    session: Session, workers: _Workers
) -> None:
    shown: list[tuple[int, bool, str]] = []

    def note(last: LastResults | None) -> None:
        assert last is not None
        shown.append((last.runs, last.is_of(session.state.value), last.pages.above))

    session.last.subscribe(note)
    session.set_field({"name": "runs", "text": "150"})
    assert [job.runs for job in workers.jobs] == [50, 150]
    assert [(runs, is_of) for runs, is_of, _ in shown] == [(50, True), (150, True)]
    for runs, _, page in shown:
        assert f"Key numbers of {runs} wars, seed 1." in page
        record = sim.run(MINIMAL, runs, seed=1, workers=1)
        known = estimate(record.runs["dawn_planes_hit"].to_numpy(float))
        told = f"{number(known['median'])} {error(known['median_error'])}"
        (cells,) = re.findall(r'data-outcome="dawn_planes_hit">(.*?)</tr>', page)
        assert f'<td class="now">{told}</td>' in cells
    assert session.progress.value.note.startswith("150 wars in ")


def test_a_map_is_drawn_of_all_wars_and_has_its_room_before(
    session: Session, workers: _Workers
) -> None:
    pages: list[str] = []
    session.raid.subscribe(lambda view: pages.append(view.page))
    session.set_field({"name": "runs", "text": "101"})
    first, whole, drawn = pages
    for page in (first, whole):
        assert '<p class="map note">' in page
        assert "<img" not in page
    assert '<img class="map"' in drawn
    assert [drawing.results.summary["runs"] for drawing in workers.drawings] == [101]
    session.set_field({"name": "runs", "text": "100"})  # few enough to come at once
    assert [job.runs for job in workers.jobs] == [50, 101, 100]
    session.set_field({"name": "runs", "text": "101"})
    assert len(workers.drawings) == 2
    assert session.raid.value.page == drawn


def test_first_wars_that_are_all_there_is_are_said_to_be(
    session: Session, workers: _Workers
) -> None:
    def end_the_second() -> None:
        workers.meanwhile = session.stop  # when it comes

    workers.meanwhile = end_the_second
    session.set_field({"name": "runs", "text": "300"})
    assert session.progress.value.note == (
        "Stopped. Run starts again. The numbers are from the first 50 of 300 wars."
    )
    assert session.last.value is not None
    assert session.last.value.runs == 50


def test_a_slider_that_moves_on_takes_its_wars_along(session: Session, workers: _Workers) -> None:
    shown: list[Any] = []
    session.last.subscribe(shown.append)
    path = "weapons.drone.p_hit"
    workers.meanwhile = lambda: session.set_figure({"path": path, "text": "0.6"})
    session.set_figure({"path": path, "text": "0.4"})
    assert [last.state.changes for last in shown] == [{path: 0.6}]
    assert session.state.value.changes == {path: 0.6}
    assert session.progress.value.note.startswith("4 wars in ")


def test_what_one_reader_asked_is_there_for_the_next(session: Session, workers: _Workers) -> None:
    session.set_figure({"path": "weapons.drone.p_hit", "text": "0.4"})
    other = Session(link_of(session.state.value))
    other.fight()
    assert len(workers.jobs) == 1
    assert session.last.value is not None
    assert other.last.value is not None
    assert other.last.value.results is session.last.value.results
    other.leave()


def test_scenarios_are_played_before_somebody_asks(
    session: Session, workers: _Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    offers = {name: OFFERS[name] for name in ("city-budget", "minimal")}
    monkeypatch.setattr(session.config, "offers", offers)
    session.config.prepare()
    assert [job.scenario.name for job in workers.jobs] == ["minimal", "city-budget"]
    opened = Session("scenario=city-budget")
    opened.fight()
    assert len(workers.jobs) == len(workers.drawings) == 2
    assert '<img class="map"' in opened.raid.value.page
    assert opened.progress.value.note.startswith("200 wars in ")
    opened.leave()


def test_what_fails_is_said_and_what_was_fought_stays(session: Session, workers: _Workers) -> None:
    session.fight()
    shown = session.last.value
    assert shown is not None
    workers.instead = Failed("the worker process died")
    session.set_field({"name": "seed", "text": "2"})
    assert session.progress.value.failed
    assert session.progress.value.note == "the worker process died"
    assert session.last.value is shown
    assert not shown.is_of(session.state.value)
    session.open_war("0")
    assert session.diary.value.error == "the worker process died"

    workers.instead = Stopped()
    session.fight()
    session.stop()
    assert session.progress.value.note == "Stopped. Run starts again."
    assert session.last.value is shown

    workers.instead = None
    session.set_field({"name": "seed", "text": "1"})  # remembered, and not fought again
    assert session.last.value is not None
    assert session.last.value.results is shown.results


def test_a_pinned_setting_is_fought_once_and_kept_apart(
    session: Session, workers: _Workers
) -> None:
    session.set_figure({"path": "weapons.drone.p_hit", "text": "0.4"})
    session.pin(None)
    assert len(workers.jobs) == 1  # it is what is on the screen
    session.set_figure({"path": "weapons.drone.p_hit", "text": "0.6"})
    assert [one.scenario.weapons["drone"].p_hit for one in workers.jobs] == [
        document_of(OFFERS["minimal"]).changed({"weapons.drone.p_hit": p}).weapons["drone"].p_hit
        for p in (0.4, 0.6)
    ]
    assert session.state.value.pinned == {"weapons.drone.p_hit": 0.4}
    session.unpin(None)
    assert session.state.value.pinned is None
    session.reset_all(None)
    assert session.state.value.changes == {}


def test_what_is_exported_can_be_opened_again(session: Session, workers: _Workers) -> None:
    session.flip({"path": "mechanisms.rally.on", "on": True})
    assert session.state.value.changes == {"mechanisms.rally.on": True}
    session.export_yaml(None)
    assert session.download.value is not None
    assert session.download.value["name"] == "minimal-changed.yaml"
    session.open_yaml({"name": "minimal-changed.yaml", "text": session.download.value["text"]})
    assert session.wrong.value == []
    assert session.state.value.changes == {}
    assert workers.jobs[-1].scenario.mechanisms == workers.jobs[0].scenario.mechanisms
    session.flip({"path": "mechanisms.rally.on", "on": False})
    session.flip({"path": "mechanisms.rally.on", "on": True})  # as the file has it: no change
    assert session.state.value.changes == {}


def test_a_raid_is_looked_at_without_fighting_again(session: Session, workers: _Workers) -> None:
    session.choose_raid("dawn")  # nothing was fought yet
    assert session.raid.value.raid == ""
    session.fight()
    session.choose_raid("no such raid")
    assert session.state.value.raid == ""
    session.choose_raid("dawn")
    assert session.raid.value.raid == "dawn"
    assert len(workers.jobs) == len(workers.drawings) == 1


def test_work_for_a_reader_who_is_gone_is_over(
    session: Session, workers: _Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session._presence, "away_s", lambda: 4.0)
    session.fight()
    assert session.progress.value.note.startswith("4 wars in ")
    monkeypatch.setattr(session._presence, "away_s", lambda: 6.0)
    session.set_field({"name": "seed", "text": "2"})
    assert session.progress.value.note == "Stopped, because nobody was connected. Run starts again."
    monkeypatch.setattr(session._presence, "away_s", lambda: 0.0)
    session.fight()
    assert session.progress.value.note.startswith("4 wars in ")


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
    monkeypatch.setattr("sim.report.dashboard.session.threading.Thread", _Thread)
    monkeypatch.setattr("sim.report.dashboard.session._config", [])
    offers, first = offers_of(file)
    configure(Configuration(offers, first, workers))  # type: ignore[arg-type]
    session = Session("runs=4")
    session.fight()
    was, now = "value: 0.5, low: 0.3", "value: 0.4, low: 0.3"
    file.write_text(text.replace(was, now))
    session.set_figure({"path": "weapons.drone.speed", "text": "100"})
    shown = session.last.value
    assert shown is not None
    assert shown.is_of(session.state.value)
    for scenario in (session.state.value.document.scenario, workers.jobs[-1].scenario):
        assert scenario.weapons["drone"].p_hit.value == 0.5
    session.export_yaml(None)
    assert session.download.value is not None
    assert was in session.download.value["text"]
    assert "mine: its file was edited since it was read." in session.wrong.value[0]
    session.choose("mine")
    assert session.wrong.value == []
    assert session.state.value.document.scenario.weapons["drone"].p_hit.value == 0.4
    assert workers.jobs[-1].scenario.weapons["drone"].p_hit.value == 0.4
    assert session.last.value is not None
    assert session.last.value.results is not shown.results
    session.leave()


def test_a_scenario_on_offer_that_cannot_be_read_any_more_is_told_and_not_shown(
    workers: _Workers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(document_of(OFFERS["minimal"]).text)
    monkeypatch.setattr("sim.report.dashboard.session._config", [])
    offers, first = offers_of(file)
    configure(Configuration(offers, first, workers))  # type: ignore[arg-type]
    session = Session("runs=4")
    before = session.state.value
    file.write_text("name: [")
    session.choose("mine")
    assert session.wrong.value[0].startswith("mine: line 2, column 1: ")
    assert session.state.value == before
    assert not workers.jobs


def test_a_long_scenario_of_ones_own_outlives_a_reload(session: Session) -> None:
    text = document_of(OFFERS["spiderweb"]).text
    session.open_yaml({"name": "mine.yaml", "text": text})
    link = link_of(session.state.value)
    assert link.startswith("kept=")
    again = Session(link)
    assert again.wrong.value == []
    assert again.state.value == session.state.value


def test_no_more_than_fifty_long_texts_are_kept() -> None:
    configuration = Configuration(OFFERS, "minimal", None)  # type: ignore[arg-type]
    for one in range(60):
        configuration.store_text(str(one))
    assert list(configuration.stored_texts.values()) == [str(one) for one in range(10, 60)]


def test_the_numbers_of_a_row_are_of_the_same_wars() -> None:
    """Against pandas: a raid that flies in other and fewer wars under the setting than pinned."""
    answers = []
    for flies_in, more in (((0, 1), 3.0), ((1, 2, 3), 0.0)):
        record = fight(Job(MINIMAL, 1, 40), lambda share, compiles: None, lambda: False)
        runs = record.runs.copy()
        grounded = ~(runs["run"] % 4).isin(flies_in)
        raids = [name for name in runs if name.startswith("dawn_")]
        runs["dawn_planes_hit"] += more
        runs.loc[grounded, raids] = 0
        runs.loc[grounded, ["z_before_dawn", "z_after_dawn"]] = np.nan
        frames = {**record.frames, "runs": runs}
        answers.append(results_of(replace(record, frames=frames)))
    now, pinned = answers
    page = pages_of(now, pinned).above
    ours, theirs = now.record.runs, pinned.record.runs
    both = (ours["dawn_flown"] > 0) & (theirs["dawn_flown"] > 0)
    assert both.sum() == 10
    assert "the 10 wars in which it flies under both settings" in page
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
