"""Every write of every command fails once: nothing is lost, and the same command goes on.

A command is run through with each of its writes counted: files opened to be written, renamed,
removed and flushed, folders made and removed, tables closed. Then it is run once for each of these
writes, which fails in one of the ways of `FAULTS`, and once more without a fault. What then lies
there must be, to the byte, what the command leaves that nothing befell.

What draws and fights is quick here, and writes through the same code. All writes of all commands
take minutes; the quick part takes the first of each kind.
"""

import builtins
import errno
import io
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest

from sim.evidence.polls.polls import Answer
from sim.experiment.execution import runner
from sim.experiment.storage.catalogue import entries
from sim.experiment.storage.check import check
from sim.experiment.storage.disk import LOCK
from sim.report.plots.picture import Picture
from sim.report.stored_answer import STORED
from tests.pages import written_by_options
from tests.small_record import record
from tests.tiny import write_questions

CHUNK = 40
NUMBERS = re.compile(r"\d+")


class Killed(BaseException):
    """The process is no more: nothing that would be written after this is."""


class Write(NamedTuple):
    """A write: what is done, to a file in which folder, but for numbers."""

    what: str
    folder: str
    name: str

    @property
    def kind(self) -> tuple[str, str]:
        """What is done where."""
        return self.what, self.folder


class Disk:
    """Counts the writes below a folder, and lets one of them fail."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.root = str(root)
        self.seen: list[Write] = []
        self.fails_at: int | None = None
        self.fault: Callable[[Disk, str, tuple[Any, ...]], None] | None = None
        self.is_dead = False
        self.flushed: set[str] = set()
        for name in ("replace", "rename", "unlink", "remove", "mkdir", "rmdir"):
            patch.setattr(os, name, self._guarded(name, getattr(os, name)))
        patch.setattr(os, "fsync", self._fsync(os.fsync))
        opened = self._opening(builtins.open)
        patch.setattr(builtins, "open", opened)
        patch.setattr(io, "open", opened)
        patch.setattr(os, "open", self._opening_low(os.open))
        patch.setattr(pq.ParquetWriter, "close", self._closing(pq.ParquetWriter.close))
        patch.setattr(pq.ParquetWriter, "__init__", self._making(pq.ParquetWriter.__init__))

    def begin(self, fails_at: int | None = None, fault: Any = None) -> None:
        self.seen, self.fails_at, self.fault = [], fails_at, fault
        self.is_dead = False
        self.flushed = set()

    def write(self, what: str, path: Any, *more: Any) -> None:
        """A write is about to be done."""
        if not isinstance(path, str | os.PathLike):
            return
        path = os.path.abspath(path)
        if "dir_fd" not in more and not path.startswith(self.root):
            return
        if self.is_dead:
            raise Killed
        here = len(self.seen)
        place = Path(path)
        self.seen.append(Write(what, NUMBERS.sub("#", place.parent.name), place.name))
        stays = self.fault is full and here > (self.fails_at or 0)
        if self.fault and (here == self.fails_at or stays):
            self.fault(self, what, (path, *more))

    def _guarded(self, what: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(path: Any, *more: Any, **how: Any) -> Any:
            self.write(what, path, *more, *how)
            return real(path, *more, **how)

        return guarded

    def _fsync(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def fsync(descriptor: int) -> None:
            path = os.readlink(f"/proc/self/fd/{descriptor}")
            self.write("fsync", path)
            real(descriptor)
            self.flushed.add(path)

        return fsync

    def _opening(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", *more: Any, **how: Any) -> Any:
            if set(mode) & set("wax+"):
                self.write("open", file)
            return real(file, mode, *more, **how)

        return opened

    def _opening_low(self, real: Callable[..., int]) -> Callable[..., int]:
        def opened(path: Any, flags: int, *more: Any, **how: Any) -> int:
            if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
                self.write("open", path)
            return real(path, flags, *more, **how)

        return opened

    def _making(self, real: Callable[..., None]) -> Callable[..., None]:
        def made(writer: Any, where: Any, *more: Any, **how: Any) -> None:
            self.write("open", where)
            writer.told_place = where
            real(writer, where, *more, **how)

        return made

    def _closing(self, real: Callable[..., None]) -> Callable[..., None]:
        def closed(writer: Any) -> None:
            if getattr(writer, "is_open", False) and not self.is_dead:
                self.write("close", writer.told_place)
            real(writer)

        return closed


def killed(disk: Disk, what: str, call: tuple[Any, ...]) -> None:
    """Before the write, by whatever ends a process at once."""
    disk.is_dead = True
    raise Killed


def power_cut(disk: Disk, what: str, call: tuple[Any, ...]) -> None:
    """After a rename, of which the disk knows, while it never got half of what was not flushed."""
    if what == "replace" and Path(call[0]).is_file() and call[0] not in disk.flushed:
        os.truncate(call[0], os.path.getsize(call[0]) // 2)
        shutil.copyfile(call[0], call[1])
    disk.is_dead = True
    raise Killed


def full(disk: Disk, what: str, call: tuple[Any, ...]) -> None:
    """A disk on which nothing new finds room from then on; what is there can be removed."""
    if what in ("open", "mkdir", "close", "fsync"):
        raise OSError(errno.ENOSPC, "No space left on device", str(call[0]))


def broken(disk: Disk, what: str, call: tuple[Any, ...]) -> None:
    """A write that the disk refuses, once."""
    raise OSError(errno.EIO, "Input/output error", str(call[0]))


FAULTS = (killed, power_cut, full, broken)


class Case(NamedTuple):
    """A command, and what is run before it."""

    command: str
    before: tuple[str, ...] = ()


RUN = "run war.yaml --runs 50"
CASES = {
    "run": Case(RUN),
    "run, wars borrowed": Case(RUN, ("run war.yaml --runs 40",)),
    "run --force": Case(f"{RUN} --force", (RUN,)),
    "run --until": Case("run war.yaml --until mean(z_end)+-0.5 --runs 200"),
    "report": Case("report tiny", (RUN,)),
    "replay": Case("replay tiny --run 3", (RUN,)),
    "sweep": Case("sweep war.yaml --vary weapons.dart.p_hit=0.2,0.8 --runs 4 --outcome z_end"),
    "sweep --publish": Case(
        "sweep war.yaml --vary weapons.dart.p_hit=0.2,0.8 --runs 4 --outcome z_end --publish out"
    ),
    "experiment": Case("experiment theories.yaml"),
    "discover": Case("discover war.yaml --when run>45 --runs 90"),
    "discover, asked otherwise": Case(
        "discover war.yaml --when run>45 --runs 90", ("discover war.yaml --when run>44 --runs 90",)
    ),
    "sensitivity": Case(
        "sensitivity war.yaml --method morris --vary weapons.dart.p_hit=0:1 --outcome z_end "
        "--points 3 --runs 4"
    ),
    "compare": Case("compare war.yaml --without raids.dawn --runs 40 --publish out"),
    "calibrate": Case(
        "calibrate war.yaml --against their_count --spend-validation --error 5 --runs 800 "
        "--vary weapons.dart.p_hit"
    ),
    "experiment, impulse": Case("experiment impulse.yaml --publish out"),
    "validate polls": Case("validate polls war.yaml --publish out"),
    "validate nights": Case("validate nights nights.csv --train-until 2025-01-01 --publish out"),
    "forecast nights": Case("forecast nights nights.csv --publish out"),
    "weigh": Case("weigh small.yaml"),
    "choose": Case("choose choice.yaml --publish out"),
    "forecast war": Case("forecast war small.yaml --publish out"),
    "validate nights, one by one": Case("validate nights nights.csv --sequential --publish out"),
}
ONLY_READ = ("", "results", "results show", "results check", "dashboard")
ONLY_REMOVES = ("results gc",)  # what nothing finds again
QUICK = [
    ("run", killed),
    ("replay", broken),
]
OF_POLLS = dict.fromkeys(("scenario", "runs", "wars", "seed", "train_until"), 1)
OF_NIGHTS = dict.fromkeys(("file", "train_until", "first", "last", "rows", "seed", "draws"), 1)


class Stub:
    """What stands for a picture: it is written as one."""

    description = "A picture."
    write_to = Picture.write_to

    def _save(self, file: Path, form: str) -> None:
        file.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"></svg>')


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fought, learned or drawn twice."""
    monkeypatch.setattr(runner, "CHUNK_RUNS", CHUNK)
    fought: dict[tuple[str, int], Any] = {}

    def write(chunks: Any, chunk: int, work: Callable[..., Any], *call: Any) -> None:
        key = chunks.folder.name, chunk
        fought[key] = fought.get(key) or work(*call)
        chunks.write(chunk, fought[key])

    def once(name: str) -> None:
        module, _, function = name.rpartition(".")
        real, made = getattr(__import__(module, fromlist=["x"]), function), []

        def answered(*call: Any, **more: Any) -> Any:
            made[:] = made or [real(*call, **more)]
            return made[0]

        monkeypatch.setattr(name, answered)

    monkeypatch.setattr(runner, "_write", write)
    monkeypatch.setattr("sim.report.drawing.FIGURES", ("map",))
    monkeypatch.setattr("sim.report.plots.DRAWINGS", {"map": lambda _: Stub()})
    for name in (
        "impulse",
        "polls",
        "nights",
        "theories",
        "effects",
        "discovery",
        "tornado",
        "corner",
    ):
        monkeypatch.setattr(f"sim.report.plots.analysis.{name}.draw_{name}", lambda *_: Stub())
    for name in ("strengths", "scores", "events", "matrix", "ranks"):
        place = f"sim.report.plots.analysis.weighing.draw_{name}"
        monkeypatch.setattr(place, lambda *_: Stub())
    monkeypatch.setattr("sim.report.plots.analysis.war_forecast.draw_items", lambda *_: Stub())
    monkeypatch.setattr("sim.report.plots.analysis.choice.draw_front", lambda *_: Stub())
    once("sim.evidence.weighing.scores.scored")
    once("sim.evidence.weighing.headline.headline")
    once("sim.evidence.weighing.studies.foretold")
    monkeypatch.setattr("sim.report.plots.sweep.draw_sweep", lambda *_: {"sweep": Stub()})
    monkeypatch.setattr("sim.report.replay.save.as_page", lambda _: "<html/>")
    once("sim.report.answers.run.summarise")
    monkeypatch.setattr("sim.experiment.storage.manifest._commit", lambda: None)
    once("sim.experiment.questions.discovery.discover")
    once("sim.experiment.questions.impulse.run_impulse")
    answered = Answer(OF_POLLS, {})
    monkeypatch.setattr("sim.evidence.polls.polls.compare_with_polls", lambda *_: answered)
    monkeypatch.setattr(
        "sim.evidence.nights.validation.validate_nights", lambda *_, **__: OF_NIGHTS
    )


@pytest.fixture
def sim_here(
    tmp_path: Path, war_text: str, write: Any, command: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Any]:
    """Runs a command in a folder with a war and an experiment, on one worker."""
    write(war_text)
    write_questions(tmp_path)
    record(tmp_path)
    monkeypatch.chdir(tmp_path)

    def run(words: str) -> Any:
        is_told = words.split()[0] in ("report",)
        alone = words.split()[0] not in ("report", "replay") and "nights" not in words
        more = [*([] if is_told else ["--quiet"]), *(["--workers", "1"] if alone else [])]
        return command(*words.split(), *more)

    return run


def left(root: Path) -> dict[str, bytes]:
    """All that lies there, but for the moments in manifests."""
    found = {}
    for file in sorted(root.rglob("*")):
        if file.is_file() and file.name != LOCK:  # which is empty, and holds nobody
            content = file.read_bytes()
            if file.name == "manifest.json":
                said = json.loads(content)
                said.pop("made", None)
                content = json.dumps(said).encode()
            found[file.relative_to(root).as_posix()] = content
    return found


def chosen(writes: list[Write], is_thorough: bool) -> Iterator[int]:
    """The numbers of the writes that fail: of all, or of the first of each kind."""
    kinds = [write.kind for write in writes]
    for number, kind in enumerate(kinds):
        if is_thorough or kind not in kinds[:number]:
            yield number


def hold(name: str, fault: Any, sim_here: Any, root: Path, patch: Any, is_thorough: bool) -> int:
    """Hold a command to the promise; returns how many writes failed."""
    case, disk = CASES[name], Disk(root, patch)

    def prepared() -> None:
        disk.begin()
        for place in ("results", "out"):
            shutil.rmtree(root / place, ignore_errors=True)
        for words in case.before:
            assert sim_here(words).code == 0, words

    prepared()
    disk.begin()
    told = sim_here(case.command)
    assert told.code == 0, told
    wanted, writes = left(root), disk.seen
    assert len(writes) > 5
    tried = 0
    for number in chosen(writes, is_thorough):
        if fault is power_cut and writes[number].what != "replace":
            continue
        prepared()
        disk.begin(number, fault)
        place = f"{fault.__name__} at write {number}, {writes[number]}"
        try:
            told = sim_here(case.command)
        except Killed:
            pass
        else:
            assert told.code in (0, 2), (place, told)
            lines = told.err.strip().splitlines()
            assert len(lines) == (told.code == 2), (place, told)
        disk.begin()
        for entry in entries("results") if (root / "results").exists() else ():
            faults = check(entry.folder).faults
            # an answer is not whole until its last file is there, as its SHA256SUMS says
            harmed = [f for f in faults if ".parquet" in f and f"{STORED}/" not in f]
            assert not harmed or fault is power_cut, (place, harmed)
        told = sim_here(case.command)
        assert told.code == 0, (place, told)
        found = left(root)
        assert found.keys() == wanted.keys(), (place, found.keys() ^ wanted.keys())
        assert found == wanted, (place, [key for key in found if found[key] != wanted[key]])
        assert all(check(entry.folder).state == "whole" for entry in entries("results")), place
        tried += 1
    return tried


def test_each_command_that_writes_has_a_case() -> None:
    writing = {" ".join(words) for words, _ in written_by_options()}
    tried = {
        words for words in writing for case in CASES.values() if case.command.startswith(words)
    }
    assert writing - {*ONLY_READ, *ONLY_REMOVES} == tried - {*ONLY_READ, *ONLY_REMOVES}


@pytest.mark.parametrize(("name", "fault"), QUICK, ids=lambda one: getattr(one, "__name__", one))
def test_the_first_write_of_each_kind(
    name: str, fault: Any, sim_here: Any, quickly: None, tmp_path: Path, monkeypatch: Any
) -> None:
    assert hold(name, fault, sim_here, tmp_path, monkeypatch, is_thorough=False) > 0


@pytest.mark.thorough
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("name", CASES)
def test_every_write(
    name: str, fault: Any, sim_here: Any, quickly: None, tmp_path: Path, monkeypatch: Any
) -> None:
    tried = hold(name, fault, sim_here, tmp_path, monkeypatch, is_thorough=True)
    print(f"{name}: {fault.__name__} at {tried} writes")
