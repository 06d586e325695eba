"""One reader's page: its settings, what is being simulated, and what was simulated."""

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import solara

from sim.report.dashboard.charts import positions_charts
from sim.report.dashboard.choices import Chosen
from sim.report.dashboard.document import (
    OWN,
    Changes,
    FieldError,
    document_of,
    messages,
    own_document,
)
from sim.report.dashboard.found import Drawing, Found, found_of
from sim.report.dashboard.line import FIRST_NUMBERS, MAP, REST, Stopped
from sim.report.dashboard.link import digest_of, is_long, state_of
from sim.report.dashboard.presence import Presence
from sim.report.dashboard.raid_view import needs_map, raid_chosen, raid_page, raids_of
from sim.report.dashboard.results import MapImage, Results
from sim.report.dashboard.results_view import Pages, pages_of
from sim.report.dashboard.run_processes import Failed, Job, Makes, Workers
from sim.report.dashboard.shared import HowFar, Key, SharedResults, Stored
from sim.report.dashboard.state import Offers, State, runs_of, seed_of, war_of
from sim.report.timeline import diary_of
from sim.scenario.errors import ScenarioError
from sim.scenario.text.document import LARGEST_FILE_BYTES
from sim.scenario.text.regular_file import read_ordinary

FIRST_WARS = 50
"""The number of wars that are shown first, before the others are simulated."""

_MOST_TEXTS = 50  # for all readers, each of at most a million bytes
_AWAY_S = 5.0  # after which work for a reader whose browser is gone ends


@dataclass
class Configuration:
    """What all readers of a server share.

    `choices` are answers of `sim choose`, by scenario; `stored_texts` are texts too long for a
    link, by their digest.
    """

    offers: Offers
    first: str
    workers: Workers
    choices: Mapping[str, Sequence[Chosen]] = field(default_factory=dict)
    stored_texts: OrderedDict[str, str] = field(default_factory=OrderedDict)
    results: SharedResults = field(init=False)

    def __post_init__(self) -> None:
        self.results = SharedResults(self.workers)

    def prepare(self) -> None:
        """Simulate the scenarios on offer in advance, beginning with the one shown first."""
        names = sorted(self.offers, key=lambda name: name != self.first)
        self.results.prepare(self._questions(names))

    def _questions(self, names: Iterable[str]) -> Iterator[tuple[Key, Makes]]:
        """What each scenario's page asks first: its wars, and then the map of a raid."""
        for name in names:
            try:
                state = State(name, document_of(self.offers[name]))
            except ScenarioError:  # reported to the reader who chooses it
                continue
            key, job = _question(state)
            yield key, job
            if (stored := self.results.stored(key)) is not None:
                results = _found(stored).results
                raid = raid_chosen(results, "")
                if needs_map(results, raid):
                    yield _map_key(key, raid), Drawing(results, raid)

    def store_text(self, text: str) -> None:
        """Store a text while the server runs, or until many others have been stored after it."""
        digest = digest_of(text)
        self.stored_texts[digest] = text
        self.stored_texts.move_to_end(digest)
        if len(self.stored_texts) > _MOST_TEXTS:
            self.stored_texts.popitem(last=False)


_config: list[Configuration] = []


def configure(config: Configuration) -> None:
    """Set what is on offer and who simulates; call this before the first reader comes."""
    _config[:] = [config]


class Progress(NamedTuple):
    """The progress of the wars; `share` is None if none are under way."""

    share: float | None = None
    note: str = ""
    failed: bool = False


def _question(
    state: State, changes: Changes | None = None, runs: int | None = None
) -> tuple[Key, Job]:
    """The key of a state's wars and their job; optionally with other changes or fewer runs."""
    changes = state.changes if changes is None else changes
    runs = state.runs if runs is None else runs
    overrides = state.document.overrides(changes)
    key = state.document.text, *sorted(overrides), state.seed, runs
    return key, Job(state.document.changed(changes), state.seed, runs, then=found_of)


def _map_key(key: Key, raid: str) -> Key:
    """The key of the map of a raid in some wars."""
    return *key, "map", raid


def _found(stored: Stored) -> Found:
    assert isinstance(stored.made, Found)
    return stored.made


class RaidView(NamedTuple):
    """The raid shown, as HTML, and those to choose from."""

    raids: list[dict[str, str]]
    raid: str
    page: str


class Diary(NamedTuple):
    """One war day by day, its days as JSON; empty before a war is opened."""

    war: int
    days: str = "[]"
    sides: tuple[str, ...] = ("", "")
    charts: Sequence[dict[str, Any]] = ()
    busy: bool = False
    error: str = ""


@dataclass(frozen=True)
class LastResults:
    """What was simulated last: its state, its results, and these as HTML."""

    state: State
    results: Results
    pages: Pages

    @property
    def key(self) -> Key:
        """The key of its wars, whatever is pinned."""
        return _question(self.state, runs=self.runs)[0]

    @property
    def runs(self) -> int:
        """The number of wars: all, or the first ones."""
        return int(self.results.summary["runs"])

    def is_of(self, state: State) -> bool:
        """Whether it belongs to a state, whichever raid is shown."""
        return replace(self.state, raid=state.raid) == state


class Session:
    """One reader's page: its settings, what is running, and what was simulated."""

    def __init__(self, link: str) -> None:
        self.config = config = _config[0]
        state, wrong = state_of(link, config.offers, config.first, config.stored_texts)
        self.state = solara.reactive(state)
        self.wrong = solara.reactive(wrong)
        self.errors: solara.Reactive[dict[str, str]] = solara.reactive({})
        self.progress = solara.reactive(Progress())
        self.last: solara.Reactive[LastResults | None] = solara.reactive(None)
        self.raid = solara.reactive(RaidView([], "", ""))
        self.download: solara.Reactive[dict[str, Any] | None] = solara.reactive(None)
        self.diary = solara.reactive(Diary(0))
        self._stop, self._diary_stop, self._raid_stop = (threading.Event() for _ in range(3))
        self._presence = Presence()
        self._store_text()

    # settings

    def choose(self, name: str) -> None:
        """Switch to another scenario on offer."""
        if name in self.config.offers:
            self._open(name, name, lambda: document_of(self.config.offers[name]))

    def open_yaml(self, given: dict[str, Any]) -> None:
        """Open a file of the reader's, or report what is wrong with it."""
        name, text = given["name"], given["text"]
        if text is None:
            self.wrong.value = [f"{name}: has over {LARGEST_FILE_BYTES} bytes"]
        else:
            self._open(OWN, name, lambda: own_document(text))

    def _open(self, name: str, file: str, read: Callable[[], Any]) -> None:
        """Switch to a scenario, or report what is wrong with its file."""
        try:
            document = read()
        except ScenarioError as error:
            self.wrong.value = [f"{file}: {line}" for line in messages(error.problems)]
            return
        old = self.state.value
        self._put(State(name, document, old.runs, old.seed))

    def export_yaml(self, _: Any) -> None:
        """Offer the current scenario as YAML for download."""
        state = self.state.value
        heading = f"{state.scenario}, as it was on the dashboard"
        text = state.document.yaml(state.changes, heading)
        name = OWN if state.own_text else f"{state.scenario}-changed.yaml"
        self.download.value = {"name": name, "text": text, "at": time.time()}

    def set_field(self, given: dict[str, str]) -> None:
        """Set the number of wars or the seed, or report what is wrong with it."""
        name = given["name"]
        read = {"runs": runs_of, "seed": seed_of}[name]
        try:
            value = read(given["text"])
        except ValueError as error:
            self._set_error(name, str(error))
        else:
            self._accept(name, replace(self.state.value, **{name: value}))

    def set_figure(self, given: dict[str, str]) -> None:
        """Set a figure, or report what is wrong with it."""
        path, state = given["path"], self.state.value
        try:
            value = state.document.accept(path, given["text"], state.changes)
        except FieldError as error:
            self._set_error(path, str(error))
        else:
            self._accept(path, state.with_change(path, value))

    def flip(self, given: dict[str, Any]) -> None:
        """Switch a mechanism on or off, or report why it cannot be."""
        path, state = given["path"], self.state.value
        is_as_it_was = state.document.switches[path] == given["on"]
        changed = state.with_change(path, None if is_as_it_was else bool(given["on"]))
        try:
            state.document.changed(changed.changes)
        except ScenarioError as error:
            self._set_error(path, error.problems[0].message)
        else:
            self._accept(path, changed)

    def reset(self, path: str) -> None:
        """Reset a figure or switch to its value in the scenario."""
        self._accept(path, self.state.value.with_change(path, None))

    def reset_all(self, _: Any) -> None:
        """Reset everything to the scenario's values."""
        self._put(replace(self.state.value, changes={}))

    def pin(self, _: Any) -> None:
        """Pin the current setting, to compare with it."""
        state = self.state.value
        self._put(replace(state, pinned=dict(state.changes)), keeps_errors=True)

    def unpin(self, _: Any) -> None:
        """Stop comparing with a pinned setting."""
        self._put(replace(self.state.value, pinned=None), keeps_errors=True)

    def _accept(self, field: str, state: State) -> None:
        """Show a state in which a field is now correct."""
        self._set_error(field, None)
        self._put(state, keeps_errors=True)

    def _set_error(self, field: str, message: str | None) -> None:
        others = {name: old for name, old in self.errors.value.items() if name != field}
        self.errors.value = others if message is None else {**others, field: message}

    def _put(self, state: State, keeps_errors: bool = False) -> None:
        """Show a state; with `keeps_errors` the messages at the fields stay."""
        self.wrong.value = self._news_of(state)
        if not keeps_errors:
            self.errors.value = {}
        self.diary.value = Diary(self.diary.value.war)
        self._diary_stop.set()
        self.state.value = state
        self._store_text()
        self.fight()

    def _store_text(self) -> None:
        text = self.state.value.own_text
        if text and is_long(text):
            self.config.store_text(text)

    def _news_of(self, state: State) -> list[str]:
        """A note if the file of a state was edited after it was read, which has no effect here."""
        if state.own_text:
            return []
        try:
            now = read_ordinary(self.config.offers[state.scenario], LARGEST_FILE_BYTES)
        except OSError:
            now = b""
        if now == state.document.scenario.text.encode():
            return []
        return [
            f"{state.scenario}: its file was edited since it was read. This page shows the earlier "
            "version; the command below uses the present one. Choose the scenario again to reload."
        ]

    # wars

    def fight(self, _: Any = None) -> None:
        """Simulate the current state's wars in the background; those under way stop."""
        self._stop.set()
        stop = self._stop = threading.Event()
        self.progress.value = Progress(0.0, "starting …")
        _in_background(self._fight, self.state.value, stop)

    def stop(self, _: Any = None) -> None:
        """Stop the wars under way."""
        self._stop.set()
        self.progress.value = Progress(note=f"Stopped. Run starts again.{self._shown()}")

    def _fight(self, state: State, stop: threading.Event) -> None:
        """Show the results of the first wars, and then of all of them."""
        try:
            for runs in self._steps(state):
                last, seconds = self._show(state, runs, stop)
        except Stopped:
            note = f"Stopped, because nobody was connected. Run starts again.{self._shown()}"
            progress = Progress(note=note)
        except (Failed, ScenarioError) as error:
            progress = Progress(note=str(error), failed=True)
        else:
            progress = Progress(note=f"{state.runs:,} wars in {seconds:.1f} s")
            _in_background(self._show_raid, last, self._is_over(stop))
        if not stop.is_set():
            self.progress.value = progress

    def _steps(self, state: State) -> tuple[int, ...]:
        """The numbers of wars at which results are shown: only all if these are stored or few."""
        settings = [state.changes] if state.pinned is None else [state.changes, state.pinned]
        are_there = all(_question(state, one)[0] in self.config.results for one in settings)
        is_quick = are_there or state.runs <= 2 * FIRST_WARS
        return (state.runs,) if is_quick else (FIRST_WARS, state.runs)

    def _show(self, state: State, runs: int, stop: threading.Event) -> tuple[LastResults, float]:
        """Show the results of so many wars of a state; also returns the seconds they took."""
        pinned = None
        if state.pinned is not None:
            pinned = _found(self._stored(state, state.pinned, runs, "the pinned setting: ", stop))
        now = self._stored(state, state.changes, runs, "", stop)
        results, pages, _ = _found(now)
        if pinned is not None:
            pages = pages_of(results, pinned.results)
        last = LastResults(state, results, pages)
        if not stop.is_set():
            self.last.value, self.raid.value = last, self._raid_view(last)
        return last, now.seconds

    def _stored(
        self, state: State, changes: Changes, runs: int, what: str, stop: threading.Event
    ) -> Stored:
        """The results of so many wars of a setting, reporting their progress meanwhile."""

        def report(how_far: HowFar) -> None:
            if not stop.is_set():
                words = _in_words(how_far, runs, state.runs)
                note = f"{what}{words}.{self._shown(', being refined')}"
                self.progress.value = Progress(how_far.share or 0.0, note)

        urgency = FIRST_NUMBERS if runs < state.runs or state.runs <= 2 * FIRST_WARS else REST
        key, job = _question(state, changes, runs)
        return self.config.results.get(key, job, report, self._is_over(stop), urgency)

    def _shown(self, more: str = "") -> str:
        """A note if what is on the screen is from the first wars only."""
        last, state = self.last.value, self.state.value
        if last is None or not last.is_of(state) or last.runs == state.runs:
            return ""
        return f" The numbers are from the first {last.runs} of {state.runs:,} wars{more}."

    # one raid

    def choose_raid(self, name: str) -> None:
        """Show another raid of the simulated wars."""
        last = self.last.value
        if last is None or name not in last.results.raids:
            return
        self.state.value = replace(self.state.value, raid=name)
        self.raid.value = self._raid_view(last)
        self._raid_stop.set()
        stop = self._raid_stop = threading.Event()
        _in_background(self._show_raid, last, self._is_over(stop))

    def _raid_view(self, last: LastResults) -> RaidView:
        """The raid shown, with its map if that has been drawn."""
        raid = raid_chosen(last.results, self.state.value.raid)
        drawn = self.config.results.stored(_map_key(last.key, raid))
        if drawn is not None:
            assert isinstance(drawn.made, MapImage)
            last.results.maps[raid] = drawn.made
        return RaidView(raids_of(last.results), raid, raid_page(last.results, raid))

    def _show_raid(self, last: LastResults, is_over: Callable[[], bool]) -> None:
        """Draw the raid's map from all wars, if there is none yet, and show it."""
        raid = raid_chosen(last.results, self.state.value.raid)
        if last.runs < last.state.runs or not needs_map(last.results, raid):
            return
        drawing = Drawing(last.results, raid)
        try:
            self.config.results.get(
                _map_key(last.key, raid), drawing, lambda how_far: None, is_over, MAP
            )
        except Stopped:
            return
        except Failed as error:
            self.progress.value = Progress(note=str(error), failed=True)
            return
        view = self._raid_view(last)
        if self.last.value is last and view.raid == raid:
            self.raid.value = view

    # one war

    def open_war(self, text: str) -> None:
        """Simulate one war again day by day, by its number as typed."""
        state = self.state.value
        try:
            war = war_of(text, state.runs)
        except ValueError:
            error = f"expected 0 to {state.runs - 1:,}"
            self.diary.value = self.diary.value._replace(error=error)
            return
        self._diary_stop.set()
        stop = self._diary_stop = threading.Event()
        self.diary.value = Diary(war, busy=True)
        _in_background(self._open_war, state, war, stop)

    def _open_war(self, state: State, war: int, stop: threading.Event) -> None:
        try:
            job = Job(state.document.changed(state.changes), state.seed, state.runs, war)
            record = self.config.workers.do(job, lambda share, compiles: None, self._is_over(stop))
        except Stopped:
            return
        except (Failed, ScenarioError) as error:
            self.diary.value = Diary(war, error=str(error))
            return
        if not stop.is_set():
            days, charts = json.dumps(diary_of(record)), positions_charts(record)
            self.diary.value = Diary(war, days, record.scenario.titles, charts)

    def _is_over(self, stop: threading.Event) -> Callable[[], bool]:
        """Whether work can be ended: it was stopped, or its reader is gone."""
        return lambda: stop.is_set() or self._presence.away_s() > _AWAY_S

    def leave(self) -> None:
        """The reader has gone: end all work for them."""
        self._stop.set()
        self._diary_stop.set()
        self._raid_stop.set()


def _in_words(how_far: HowFar, runs: int, all_runs: int) -> str:
    """The progress of wars, as text for the status line."""
    if how_far.compiles:
        return "compiling the raid, the first time only"
    if how_far.share is not None:
        return f"{round(how_far.share * runs):,} of {all_runs:,} wars"
    if how_far.before:
        return f"waiting for a free processor, {how_far.before} before you"
    return "starting"


def _in_background(work: Callable[..., None], *args: Any) -> None:
    threading.Thread(target=work, args=args, daemon=True).start()
