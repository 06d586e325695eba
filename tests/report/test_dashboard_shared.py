"""What readers of the dashboard share, and how they wait for it: by events, without a clock."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.report.dashboard import shared
from sim.report.dashboard.assets import Assets
from sim.report.dashboard.document import document_of
from sim.report.dashboard.found import Found
from sim.report.dashboard.line import FIRST_NUMBERS, IDLE, REST, Line, Place, Stopped
from sim.report.dashboard.run_processes import Failed, Job
from sim.report.dashboard.serve import offers_of
from sim.report.dashboard.shared import HowFar, SharedResults

OFFERS, _ = offers_of(None)
JOB = Job(document_of(OFFERS["minimal"]).scenario, 1, 5)
PATIENCE_S = 30


def never() -> bool:
    return False


def silent(how_far: HowFar) -> None:
    pass


# --- the line ----------------------------------------------------------------------------------


def served(line: Line[str]) -> list[int]:
    """In which order those who wait are served, by who came when."""
    for place in line._waiting:
        line._is_turn_of(place)
    return [place.number for place in sorted(line._waiting, key=lambda place: place.before)]


def test_first_numbers_go_before_the_rest_and_that_before_what_nobody_asked() -> None:
    line: Line[str] = Line([])
    idle, rest, first, second = (
        Place(lambda urgency=urgency: urgency)
        for urgency in (IDLE, REST, FIRST_NUMBERS, FIRST_NUMBERS)
    )
    line._waiting += [idle, rest, first, second]
    assert served(line) == [place.number for place in (first, second, rest, idle)]
    assert [place.before for place in (first, second, rest, idle)] == [0, 1, 2, 3]
    assert line.is_awaited()
    line._waiting = [idle]
    assert not line.is_awaited()


def test_a_place_moves_up_when_its_work_becomes_urgent() -> None:
    line: Line[str] = Line([])
    urgency = [IDLE]
    idle, rest = Place(lambda: urgency[0]), Place(lambda: REST)
    line._waiting += [idle, rest]
    assert served(line) == [rest.number, idle.number]
    urgency[0] = FIRST_NUMBERS
    assert served(line) == [idle.number, rest.number]


def test_who_no_longer_wants_it_leaves_the_line_and_others_move_up() -> None:
    line: Line[str] = Line([])
    gone, stays = Place(), Place()
    line._waiting.append(stays)
    with pytest.raises(Stopped):
        line.take(gone, lambda: True)
    assert line._waiting == [stays]
    line._waiting.remove(stays)
    line.put_back("thing")
    assert line.take(stays, never) == "thing"
    assert line._waiting == []


# --- shared answers ----------------------------------------------------------------------------


class _Workers:
    """Answers a job when a test lets it; counts what it was given and what was given up."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.places: list[Place] = []
        self.has_come, self.may_go = threading.Event(), threading.Event()
        self.given_up = threading.Event()
        self.instead: Exception | None = None
        self.is_awaited = False

    def do(self, job: Job, report: Any, is_stopped: Callable[[], bool], place: Place) -> Found:
        self.jobs.append(job)
        self.places.append(place)
        self.has_come.set()
        while not self.may_go.wait(0.001):
            if is_stopped():
                self.given_up.set()
                raise Stopped
        if self.instead is not None:
            raise self.instead
        return Found(None, None, job.runs)  # type: ignore[arg-type]

    have_ended = False

    def are_awaited(self) -> bool:
        return self.is_awaited


class _Reader:
    """Asks in a thread of its own, and notes what came."""

    def __init__(self, results: SharedResults, key: str, job: Job = JOB, urgency: int = REST):
        self.stop, self.has_heard = threading.Event(), threading.Event()
        self.heard: list[HowFar] = []
        self.got: Any = None
        self._ask = lambda: results.get((key,), job, self._hear, self.stop.is_set, urgency)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _hear(self, how_far: HowFar) -> None:
        self.heard.append(how_far)
        self.has_heard.set()

    def _run(self) -> None:
        try:
            self.got = self._ask()
        except Exception as error:
            self.got = error

    def end(self) -> Any:
        """What it got, once it has."""
        self._thread.join(PATIENCE_S)
        return self.got


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Workers]:
    monkeypatch.setattr(shared, "_LOOK_S", 0.001)
    monkeypatch.setattr(shared, "_QUIET_S", 0.001)
    workers = _Workers()
    yield workers
    workers.may_go.set()


@pytest.fixture
def results(workers: _Workers) -> SharedResults:
    return SharedResults(workers, most_bytes=100)  # type: ignore[arg-type]


def waits(*readers: _Reader) -> None:
    """Each reader is waiting for its work."""
    for reader in readers:
        assert reader.has_heard.wait(PATIENCE_S)


def test_equal_questions_are_one_piece_of_work(results: SharedResults, workers: _Workers) -> None:
    readers = [_Reader(results, "same") for _ in range(3)]
    waits(*readers)
    workers.may_go.set()
    first, *others = [reader.end() for reader in readers]
    assert all(one is first for one in others)
    assert _Reader(results, "same").end() is first
    assert len(workers.jobs) == 1
    assert _Reader(results, "another").end() is not first
    assert len(workers.jobs) == 2


def test_work_goes_on_until_the_last_who_wants_it_has_gone(
    results: SharedResults, workers: _Workers
) -> None:
    one, other = _Reader(results, "same"), _Reader(results, "same")
    waits(one, other)
    one.stop.set()
    assert isinstance(one.end(), Stopped)
    assert not workers.given_up.is_set()
    other.stop.set()
    assert isinstance(other.end(), Stopped)
    assert workers.given_up.wait(PATIENCE_S)

    workers.given_up.clear()
    third = _Reader(results, "same")  # of work that was given up nothing is left
    waits(third)
    workers.may_go.set()
    assert third.end().made.size_bytes == JOB.runs
    assert len(workers.jobs) == 2


def test_work_is_as_urgent_as_to_who_wants_it_most(
    results: SharedResults, workers: _Workers
) -> None:
    slow = _Reader(results, "same", urgency=IDLE)
    waits(slow)
    (place,) = workers.places
    assert place.urgency() == IDLE
    fast = _Reader(results, "same", urgency=FIRST_NUMBERS)
    waits(fast)
    assert place.urgency() == FIRST_NUMBERS


def test_who_waits_hears_how_many_are_before(results: SharedResults, workers: _Workers) -> None:
    reader = _Reader(results, "same")
    waits(reader)
    assert reader.heard == [HowFar(0)]
    reader.has_heard.clear()
    workers.places[0].before = 3
    waits(reader)
    assert reader.heard == [HowFar(0), HowFar(3)]


def test_what_fails_is_told_to_all_who_asked_and_is_not_stored(
    results: SharedResults, workers: _Workers
) -> None:
    workers.instead = Failed("no memory")
    one, other = _Reader(results, "same"), _Reader(results, "same")
    waits(one, other)
    workers.may_go.set()
    assert [str(reader.end()) for reader in (one, other)] == ["no memory"] * 2
    workers.instead = None
    assert _Reader(results, "same").end().made.size_bytes == JOB.runs


def test_the_latest_answers_are_stored_while_there_is_room(
    results: SharedResults, workers: _Workers
) -> None:
    workers.may_go.set()
    for key, size in (("a", 40), ("b", 50), ("a", 40), ("c", 30), ("d", 200)):
        _Reader(results, key, JOB._replace(runs=size)).end()
        if key == "c":  # b was longest not asked for
            assert [name for name in "abc" if (name,) in results] == ["a", "c"]
    assert [name for name in "abcd" if (name,) in results] == ["d"]
    assert len(workers.jobs) == 4


def test_what_nobody_asked_makes_way_for_readers_and_is_done_later(
    results: SharedResults, workers: _Workers
) -> None:
    questions = [(("first",), JOB), (("second",), JOB)]
    preparing = threading.Thread(target=results.prepare, args=(questions,))
    preparing.start()
    assert workers.has_come.wait(PATIENCE_S)
    workers.is_awaited = True
    assert workers.given_up.wait(PATIENCE_S)
    assert ("first",) not in results
    workers.is_awaited = False
    workers.may_go.set()
    preparing.join(PATIENCE_S)
    assert ("first",) in results
    assert ("second",) in results


def test_a_scenario_that_cannot_be_played_does_not_keep_the_others_waiting(
    results: SharedResults, workers: _Workers
) -> None:
    workers.may_go.set()
    workers.instead = Failed("no")
    results.prepare([(("first",), JOB)])
    workers.instead = None
    results.prepare([(("second",), JOB)])
    assert ("second",) in results


# --- files and scenarios -----------------------------------------------------------------------


def asked(app: Assets, path: str, *headers: tuple[str, str]) -> list[dict[str, Any]]:
    """What is sent to one who asks for a path."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    coded = [(name.encode(), value.encode()) for name, value in headers]
    scope = {"type": "http", "method": "GET", "path": path, "headers": coded}
    asyncio.run(app(scope, None, send))  # type: ignore[arg-type]
    return sent


def test_a_file_is_packed_once_for_all_and_nothing_else_is_stored() -> None:
    paths: list[str] = []

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        paths.append(scope["path"])
        status = 404 if "missing" in scope["path"] else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"one, ", "more_body": True})
        await send({"type": "http.response.body", "body": str(len(paths)).encode()})

    app = Assets(serve)
    packed = ("accept-encoding", "gzip, br")
    first = asked(app, "/static/main.js", packed)
    assert first[1]["body"] == b"one, 1"
    assert dict(first[0]["headers"])[b"content-length"] == b"6"
    assert asked(app, "/static/main.js", packed) == first
    assert asked(app, "/static/main.js")[1]["body"] == b"one, 2"  # not packed
    for path, header in (
        ("/static/main.js", ("if-none-match", "x")),
        ("/static/missing.js", packed),
        ("/", packed),
    ):
        before = len(paths)
        for _ in range(2):
            asked(app, path, header)
        assert paths[before:] == [path, path]


def test_a_scenario_is_read_once_until_it_or_its_sources_are_edited(tmp_path: Path) -> None:
    file, register = tmp_path / "mine.yaml", tmp_path / "sources.yaml"
    text = OFFERS["air-base"].read_text()
    file.write_text(text)
    register.write_text(OFFERS["air-base"].with_name("sources.yaml").read_text())
    first = document_of(file)
    assert document_of(file) is first
    assert first.changed({}) is first.changed({})
    file.write_text(text.replace("title: ", "title: Another, ", 1))
    second = document_of(file)
    assert second.scenario.title == f"Another, {first.scenario.title}"
    register.write_text(register.read_text() + "\n# more\n")
    assert document_of(file) is not second


def test_nothing_is_prepared_for_a_server_that_has_ended(
    results: SharedResults, workers: _Workers
) -> None:
    workers.have_ended = True
    results.prepare([(("first",), JOB)])
    assert workers.jobs == []
