"""One reader's page: what is set, what is being fought, and what was fought."""

import functools
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import solara

from sim.report.dashboard.answer import Answer
from sim.report.dashboard.charts import LEFT, NARROW, RIGHT, WIDE, positions_chart
from sim.report.dashboard.document import (
    OWN,
    Changes,
    FieldError,
    messages,
    own_document,
)
from sim.report.dashboard.presence import Presence
from sim.report.dashboard.raid import answer_with_map, raid_chosen, raid_page, raids_of
from sim.report.dashboard.results_view import Pages, pages_of
from sim.report.dashboard.run_processes import Failed, Job, Stopped, Workers
from sim.report.dashboard.state import (
    Offers,
    State,
    digest_of,
    is_long,
    runs_of,
    seed_of,
    state_of,
    war_of,
)
from sim.report.diary import diary_of
from sim.scenario.errors import ScenarioError
from sim.scenario.text.document import LARGEST_FILE_BYTES
from sim.scenario.text.regular_file import read_ordinary

_MOST_ANSWERS = 3  # answers a reader can come back to without fighting again
_MOST_TEXTS = 50  # of all readers, each of at most a million bytes
_AWAY_S = 5.0  # after which nothing is fought for a reader whose browser is gone


@dataclass
class Configuration:
    """What all readers of a server share.

    `stored_texts` are texts too long for a link, by their digest.
    """

    offers: Offers
    first: str
    workers: Workers
    stored_texts: OrderedDict[str, str] = field(default_factory=OrderedDict)

    def store_text(self, text: str) -> None:
        """Store a text while the server runs, or until many others were stored after it."""
        digest = digest_of(text)
        self.stored_texts[digest] = text
        self.stored_texts.move_to_end(digest)
        while len(self.stored_texts) > _MOST_TEXTS:
            self.stored_texts.popitem(last=False)


_config: list[Configuration] = []


def configure(config: Configuration) -> None:
    """Set what is on offer and who fights; before the first reader comes."""
    _config[:] = [config]


@dataclass(frozen=True)
class Work:
    """How far the wars are: none under way if `share` is None."""

    share: float | None = None
    note: str = ""
    failed: bool = False


@dataclass(frozen=True)
class LastAnswer:
    """What was fought last: of which state, its answer, and the answer as HTML."""

    state: State
    answer: Answer
    pages: Pages

    def is_of(self, state: State) -> bool:
        """Whether it is the answer of a state, whichever raid is looked at."""
        return replace(self.state, raid=state.raid) == state and self.state.read == state.read


class Session:
    """One reader's page: what is set, what runs, and what was fought."""

    def __init__(self, link: str) -> None:
        self.config = _config[0]
        config = self.config
        state, wrong = state_of(link, config.offers, config.first, config.stored_texts)
        self.state = solara.reactive(state)
        self.wrong = solara.reactive(wrong)
        self.errors: solara.Reactive[dict[str, str]] = solara.reactive({})
        self.work = solara.reactive(Work())
        self.last_answer: solara.Reactive[LastAnswer | None] = solara.reactive(None)
        self.raid: solara.Reactive[dict[str, Any]] = solara.reactive(_no_raid())
        self.download: solara.Reactive[dict[str, Any] | None] = solara.reactive(None)
        self.diary: solara.Reactive[dict[str, Any]] = solara.reactive(_no_diary(0))
        self._answers: OrderedDict[str, tuple[Answer, float]] = OrderedDict()
        self._stop = threading.Event()
        self._diary_stop = threading.Event()
        self._presence = Presence()
        if state.text and is_long(state):
            self.config.store_text(state.text)

    # settings

    def choose(self, name: str) -> None:
        """Turn to another scenario on offer."""
        if name in self.config.offers:
            old = self.state.value
            self._put(State(name, runs=old.runs, seed=old.seed))

    def open_yaml(self, given: dict[str, Any]) -> None:
        """Open a file of the reader's, or report what is wrong with it."""
        text = given["text"]
        if text is None:
            self.wrong.value = [f"{given['name']}: has over {LARGEST_FILE_BYTES} bytes"]
            return
        try:
            own_document(text)
        except ScenarioError as error:
            self.wrong.value = [f"{given['name']}: {line}" for line in messages(error.problems)]
            return
        old = self.state.value
        self._put(State(OWN, text, old.runs, old.seed))

    def export_yaml(self, _: Any) -> None:
        """Offer the YAML of what is on the screen for download."""
        state = self.state.value
        text = state.document(self.config.offers).yaml(
            state.changes, f"{state.scenario}, as it was on the dashboard"
        )
        name = OWN if state.text else f"{state.scenario}-changed.yaml"
        self.download.value = {"name": name, "text": text, "at": time.time()}

    def set_field(self, given: dict[str, str]) -> None:
        """Take the number of runs, or the seed, as it was typed."""
        name, text, state = given["name"], given["text"], self.state.value
        try:
            if name == "runs":
                state = replace(state, runs=runs_of(text))
            else:
                state = replace(state, seed=seed_of(text))
        except ValueError as error:
            self._set_error(name, str(error))
            return
        self._set_error(name, None)
        self._put(state, keeps_errors=True)

    def set_figure(self, given: dict[str, str]) -> None:
        """Take a figure as it was typed, or report at its field what is wrong."""
        path, state = given["path"], self.state.value
        try:
            value = state.document(self.config.offers).accept(path, given["text"], state.changes)
        except FieldError as error:
            self._set_error(path, str(error))
            return
        self._set_error(path, None)
        self._put(state.with_change(path, value), keeps_errors=True)

    def flip(self, given: dict[str, Any]) -> None:
        """Switch a mechanism on or off, or report why it cannot be."""
        path, state = given["path"], self.state.value
        document = state.document(self.config.offers)
        is_as_it_was = document.switches[path] == given["on"]
        changed = state.with_change(path, None if is_as_it_was else bool(given["on"]))
        try:
            document.changed(changed.changes)
        except ScenarioError as error:
            self._set_error(path, error.problems[0].message)
            return
        self._set_error(path, None)
        self._put(changed, keeps_errors=True)

    def reset(self, path: str) -> None:
        """Put a figure or switch back to its value in the scenario."""
        self._set_error(path, None)
        self._put(self.state.value.with_change(path, None), keeps_errors=True)

    def reset_all(self, _: Any) -> None:
        """Put everything back to the scenario's values."""
        self._put(replace(self.state.value, changes={}))

    def _set_error(self, field: str, message: str | None) -> None:
        others = {name: old for name, old in self.errors.value.items() if name != field}
        self.errors.value = others if message is None else {**others, field: message}

    def _put(self, state: State, keeps_errors: bool = False) -> None:
        """Put a state on the screen; with `keeps_errors` the messages at the fields stay."""
        document = state.document(self.config.offers)
        state = replace(state, read=document)
        if state.text and is_long(state):
            self.config.store_text(state.text)
        self.wrong.value = self._news_of(state)
        if not keeps_errors:
            self.errors.value = {}
        self.diary.value = _no_diary(self.diary.value["war"])
        self._diary_stop.set()
        self.state.value = state
        self.fight()

    def _news_of(self, state: State) -> list[str]:
        """That the file of a state was edited since it was read, which changes nothing here."""
        if state.text or state.read is None:
            return []
        try:
            now = read_ordinary(self.config.offers[state.scenario], LARGEST_FILE_BYTES)
        except OSError:
            now = b""
        if now == state.read.scenario.text.encode():
            return []
        return [
            f"{state.scenario}: its file was edited since it was read. All here is of what it said "
            "then; the command below is of what it says now. Choose it again to read it anew."
        ]

    # wars

    def fight(self, _: Any = None) -> None:
        """Fight the wars of what is on the screen, in the background; those under way stop."""
        self._stop.set()
        stop = self._stop = threading.Event()
        self.work.value = Work(0.0, "starting …")
        threading.Thread(target=self._fight, args=(self.state.value, stop), daemon=True).start()

    def stop(self, _: Any = None) -> None:
        """Stop the wars under way."""
        self._stop.set()
        self.work.value = Work(note="Stopped. Run starts anew.")

    def _fight(self, state: State, stop: threading.Event) -> None:
        try:
            pinned = None
            if state.pinned is not None:
                pinned, _ = self._answer(state, state.pinned, "the pinned setting: ", stop)
            now, seconds = self._answer(state, state.changes, "", stop)
            last_answer = LastAnswer(state, now, pages_of(now, pinned))
            raid = _raid_view(now, self.state.value.raid)
        except Stopped:
            if not stop.is_set():
                self.work.value = Work(note="Stopped, as nobody was here. Run starts anew.")
            return
        except (Failed, ScenarioError) as error:
            if not stop.is_set():
                self.work.value = Work(note=str(error), failed=True)
            return
        if not stop.is_set():
            self.last_answer.value = last_answer
            self.raid.value = raid
            self.work.value = Work(note=f"{state.runs:,} wars in {seconds:.1f} s")

    def _answer(
        self, state: State, changes: Changes, what: str, stop: threading.Event
    ) -> tuple[Answer, float]:
        """The answer of a setting, fought or remembered, and the seconds it took."""
        document = state.document(self.config.offers)
        key = repr((document.text, state.runs, state.seed, sorted(changes.items())))
        if key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]

        def report_progress(share: float, compiles: bool) -> None:
            if not stop.is_set():
                note = f"{what}{round(share * state.runs):,} of {state.runs:,} wars"
                if compiles:
                    note = "compiling the raid, the first time only …"
                self.work.value = Work(share, note)

        started = time.monotonic()
        scenario = document.changed(changes)
        then = functools.partial(answer_with_map, raid=state.raid)
        job = Job(scenario, state.seed, state.runs, then=then)
        answer = self.config.workers.do(job, report_progress, self._is_over(stop))
        self._answers[key] = (answer, time.monotonic() - started)
        while len(self._answers) > _MOST_ANSWERS:
            self._answers.popitem(last=False)
        return self._answers[key]

    def pin(self, _: Any) -> None:
        """Pin the setting on the screen, to compare with it."""
        state = self.state.value
        self._put(replace(state, pinned=dict(state.changes)), keeps_errors=True)

    def unpin(self, _: Any) -> None:
        """Compare with nothing any more."""
        self._put(replace(self.state.value, pinned=None), keeps_errors=True)

    # one raid

    def choose_raid(self, name: str) -> None:
        """Look at another raid of the wars that were fought."""
        last_answer, state = self.last_answer.value, self.state.value
        if last_answer is None or name not in last_answer.answer.record.scenario.raids:
            return
        self.state.value = replace(state, raid=name)
        self.raid.value = {**self.raid.value, "raid": name, "busy": True}
        threading.Thread(target=self._show_raid, args=(last_answer, name), daemon=True).start()

    def _show_raid(self, last_answer: LastAnswer, name: str) -> None:
        view = _raid_view(last_answer.answer, name)
        if self.last_answer.value is last_answer and self.state.value.raid == name:
            self.raid.value = view

    # one war

    def open_war(self, text: str) -> None:
        """Fight one war again day by day, by its number as it was typed."""
        state = self.state.value
        try:
            war = war_of(text, state.runs)
        except ValueError:
            error = f"expected 0 to {state.runs - 1:,}"
            self.diary.value = {**self.diary.value, "error": error}
            return
        self._diary_stop.set()
        stop = self._diary_stop = threading.Event()
        self.diary.value = {**_no_diary(war), "busy": True}
        threading.Thread(target=self._open_war, args=(state, war, stop), daemon=True).start()

    def _open_war(self, state: State, war: int, stop: threading.Event) -> None:
        try:
            scenario = state.document(self.config.offers).changed(state.changes)
            job = Job(scenario, state.seed, state.runs, war)
            record = self.config.workers.do(job, lambda share, compiles: None, self._is_over(stop))
        except Stopped:
            return
        except (Failed, ScenarioError) as error:
            self.diary.value = {**_no_diary(war), "error": str(error)}
            return
        charts = [
            {"kind": kind, "svg": positions_chart(record, None, width), "width": width}
            | {"left": LEFT, "right": RIGHT}
            for kind, width in (("wide", WIDE), ("narrow", NARROW))
        ]
        sides = [scenario.sides[s].title for s in (scenario.underdog, scenario.favourite)]
        if not stop.is_set():
            self.diary.value = {
                **_no_diary(war),
                "days": json.dumps(diary_of(record)),
                "sides": sides,
                "charts": [chart for chart in charts if chart["svg"]],
            }

    def _is_over(self, stop: threading.Event) -> Callable[[], bool]:
        """Whether work need not go on: stopped, or for a reader who is gone."""
        return lambda: stop.is_set() or self._presence.away_s() > _AWAY_S

    def leave(self) -> None:
        """The reader has gone: nothing need be fought for them any more."""
        self._stop.set()
        self._diary_stop.set()


def _no_raid() -> dict[str, Any]:
    return {"raids": [], "raid": "", "page": "", "busy": False}


def _raid_view(answer: Answer, wanted: str) -> dict[str, Any]:
    raid = raid_chosen(answer, wanted)
    page = raid_page(answer, raid)
    return {"raids": raids_of(answer), "raid": raid, "page": page, "busy": False}


def _no_diary(war: int) -> dict[str, Any]:
    return {"days": "[]", "sides": ["", ""], "charts": [], "war": war, "busy": False, "error": ""}
