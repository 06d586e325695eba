"""Spoiled input by the thousand: it is refused in clear lines, or it keeps every stated bound.

Each batch is seeded by its number. What once failed is kept in tests/corpus and told again here.
"""

import functools
import random
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mutations import (
    Trees,
    spoiled_condition,
    spoiled_path,
    spoiled_text,
    spoiled_value,
    spoiled_word,
    text_of,
)
from stated import bounds_of, check_drawn, check_outcomes, check_scenario

from sim.experiment.errors import ExperimentError
from sim.experiment.execution import stopping_rule as until
from sim.experiment.questions import impulse, sensitivity, sweep, theories
from sim.experiment.questions.condition import Condition
from sim.scenario.calls.spelling import spelled_as_options
from sim.scenario.errors import ScenarioError
from sim.scenario.experiment import Sweep, Theories
from sim.scenario.load import load, load_experiment
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario, figures
from sim.scenario.text import document as documents
from sim.war.model import War
from sim.war.outcomes import Outcomes
from tests.pages import Outcome
from tests.project.test_odd import figures_of
from tests.tiny import SOURCES, WAR

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parents[1]
SOUND = {
    "minimal": (ROOT / "scenarios" / "minimal.yaml").read_text(),
    "tiny": WAR,
    "everything": (HERE / "everything.yaml").read_text(),
}
KNOWN_SOURCES = set(re.findall(r"^(\w+):", SOURCES, re.MULTILINE))
SECONDS = 20.0
"""Of a core, for one case: what takes longer hangs."""


class TooSlow(BaseException):
    """A case that did not end in its time; no handler of errors takes it for one."""


@contextmanager
def within_its_time() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)


# --- what is asked of every case ---------------------------------------------------------------

_REMEDY = re.compile(r"expect(ed|s)|did you mean|should (be|have)|must|needs?\b")


def check_refusal(error: Exception) -> None:
    """One clear line for each thing that is wrong."""
    is_list = isinstance(error, ScenarioError)
    for line in str(error).split("\n") if is_list else [str(error)]:
        assert line.isprintable(), line
        assert not is_list or ": " in line, line
        assert _REMEDY.search(line), line


def told_of(scenario: Scenario) -> dict[str, Any]:
    told = scenario.model_dump()
    told["mechanisms"] = scenario.mechanisms.model_dump()
    return told


def check_accepted(scenario: Scenario, is_fought: bool) -> None:
    """What is accepted keeps its bounds, and if it is small a war of it can be fought."""
    told = told_of(scenario)
    sources = KNOWN_SOURCES if scenario.sources else set()
    check_scenario(told, sources)
    runs = np.arange(3)
    sample = Sample(scenario, 1, runs)
    check_drawn(told, {path: sample[path] for path, _ in figures(scenario)})
    if is_fought and is_small(told):
        war = War(scenario, 3, recorder=Outcomes).run()
        check_outcomes(told, war.recorder.runs())


def is_small(told: dict[str, Any]) -> bool:
    """Whether its wars are cheap: what no bound is there for, but time."""
    days = (told["end"] - told["start"]).days
    drones = [most(wave["count"]) if wave["count"] else most(wave["budget"])
              / least(told["weapons"][wave["weapon"]]["unit_cost"])
              for raid in told["raids"].values() for wave in raid["waves"].values()]  # fmt: skip
    things = [most(kind["count"]) for site in told["sites"].values()
              for kind in (*site["assets"].values(), *site["defence"].values())]  # fmt: skip
    carriers = [most(raid["delivery"]["carriers_per_site"]) for raid in told["raids"].values()
                if raid["delivery"]["kind"] == "covert"]  # fmt: skip
    return days < 60 and sum(drones) < 500 and sum(things) < 5000 and sum(carriers) < 1000


def most(figure: dict[str, Any]) -> float:
    return figure["value"] if figure["high"] is None else figure["high"]


def least(figure: dict[str, Any]) -> float:
    return (figure["value"] if figure["low"] is None else figure["low"]) or 1e-300


trees_of = functools.cache(Trees)


# --- the cases ---------------------------------------------------------------------------------


class Cases:
    """Spoils what lies in a folder: one method a kind of case, each says what it tried."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        (folder / "sources.yaml").write_text(SOURCES)
        for name, text in SOUND.items():
            (folder / f"{name}.yaml").write_text(text)
        self.trees = {name: trees_of(text) for name, text in SOUND.items()}
        self.paths = {name: paths_of(folder / f"{name}.yaml") for name in SOUND}
        self.asked = {name: trees_of(text) for name, text in EXPERIMENTS.items()}
        self.scenario = load(folder / "everything.yaml")
        self.columns = list(Outcomes(War(self.scenario, 1)).runs())
        self.ranged = list(figures(self.scenario))
        self.tried = ""
        self.patch = monkeypatch

    def text(self, luck: random.Random) -> Scenario:
        raw = spoiled_text(SOUND[luck.choice(("minimal", "tiny"))], luck)
        self.tried = repr(raw)
        (self.folder / "spoiled.yaml").write_bytes(raw)
        return load(self.folder / "spoiled.yaml")

    def tree(self, luck: random.Random) -> Scenario:
        name = luck.choice(("minimal", "tiny", "everything"))
        tree = self.trees[name].spoiled(luck)
        with self._stands_for(SOUND[name], tree):
            return load(self.folder / f"{name}.yaml")

    def override(self, luck: random.Random) -> Scenario:
        name = luck.choice(("minimal", "minimal", "everything"))
        overrides, without = [], []
        for _ in range(luck.choice((1, 1, 2))):
            path = spoiled_path(self.paths[name], luck)
            if luck.random() < 0.1:
                without.append(path)
            elif luck.random() < 0.05:
                overrides.append(spoiled_word(path, luck))
            else:
                overrides.append(f"{path}={spoiled_value(luck)}")
        self.tried = f"{name}: {overrides!r} without {without!r}"
        return load(self.folder / f"{name}.yaml", overrides, without)

    def extreme(self, luck: random.Random) -> Scenario:
        """Figures at the ends of what is stated of them, and anywhere between."""
        overrides = []
        for _ in range(luck.choice((1, 1, 2, 4))):
            path, figure = luck.choice(self.ranged)
            value = extreme_value(path, luck)
            unit = "" if figure.unit == "1" else f", unit: {figure.unit}"
            ends = sorted((value, extreme_value(path, luck)))
            law = luck.choice(("triangular", "uniform", "pert", "normal", "lognormal"))
            span = f"low: {ends[0]!r}, high: {ends[1]!r}, law: {law}, "
            span = span if luck.random() < 0.3 else ""
            overrides.append(f"{path}={{value: {value!r}{unit}, {span}assumed: x}}")
        self.tried = repr(overrides)
        return load(self.folder / "everything.yaml", overrides)

    def experiment(self, luck: random.Random) -> None:
        name = luck.choice(list(EXPERIMENTS))
        if luck.random() < 0.3:
            raw = spoiled_text(EXPERIMENTS[name], luck)
            self.tried = repr(raw)
            path = self.folder / "asked.yaml"
            path.write_bytes(raw)
            return self._ask(load_experiment(path))
        path = self.folder / f"{name}.yaml"
        path.write_text(EXPERIMENTS[name])
        tree = self.asked[name].spoiled(luck)
        with self._stands_for(EXPERIMENTS[name], tree):
            return self._ask(load_experiment(path))

    def _ask(self, asked: Any) -> None:
        assert asked.runs >= 2
        if isinstance(asked, Sweep):
            sweep.question(asked, self.folder)
        elif isinstance(asked, Theories):
            theories.question(asked, self.folder)
        elif asked.runs <= 4:
            impulse.run_impulse(asked, self.folder)

    def line(self, luck: random.Random) -> None:
        """Words of a command line: --vary, --outcome, --until, --when."""
        kind = luck.choice(("sweep", "sensitivity", "until", "until", "when", "when", "when"))
        if kind == "when":
            self.tried = spoiled_condition(self.columns, luck)
            condition = Condition(self.tried, self.columns)
            columns = {name: np.array([np.nan, 0.0, 5.0]) for name in self.columns}
            assert condition.holds(columns).shape == (3,)
        elif kind == "until":
            inside = spoiled_condition(self.columns, luck)
            word = luck.choice((f"mean({luck.choice(self.columns)})", f"share({inside})"))
            width = luck.choice(("0.1", "0.1", "inf", "-1", spoiled_value(luck)))
            self.tried = f"{word} +- {width}"
            if luck.random() < 0.3:
                self.tried = spoiled_word(self.tried, luck)
            asked = until.wanted(self.tried, self.scenario)
            assert 0.0 < asked.half_width < np.inf
        else:
            self._varied(kind, luck)

    def _varied(self, kind: str, luck: random.Random) -> None:
        path = spoiled_path([path for path, _ in self.ranged], luck)
        ends = [spoiled_value(luck)[:60] for _ in range(luck.randint(1, 3))]
        vary = luck.choice((path, f"{path}={':'.join(ends)}", f"{path}={','.join(ends)}"))
        outcome = luck.choice((luck.choice(self.columns), spoiled_word("z_end", luck)))
        points = luck.choice((None, 1, 2, 3, 8))
        self.tried = f"{kind} --vary {vary!r} --outcome {outcome!r} --points {points}"
        if kind == "sensitivity":
            method = luck.choice((*sensitivity.METHODS, "nobody"))
            ranges = sensitivity.ranges_by_line([vary])
            sensitivity.request_of(self.scenario, method, ranges, [outcome], points, None, 1)
            return
        design = luck.choice(("grid", "random", "sobol", "morris", "one_at_a_time", "x"))
        levels = sweep.levels_by_line([vary], [outcome], [])
        asked = sweep.request_of(self.scenario, levels, [outcome], design, points, 2, 1)
        asks = sweep.question(asked, Path())
        assert len(asks.points) > 0

    @contextmanager
    def _stands_for(self, text: str, tree: Any) -> Iterator[None]:
        """Let a text be read as a spoiled tree, without writing and parsing it."""
        read = documents.nodes
        self.tried = lambda: text_of(tree)
        with self.patch.context() as patch:
            patch.setattr(documents, "nodes", lambda told: tree if told == text else read(told))
            yield


def extreme_value(path: str, luck: random.Random) -> float:
    """A number within a figure's stated bounds, its ends as likely as all between."""
    least, most, is_whole = bounds_of(path)
    between = 10.0 ** luck.uniform(-15 if not is_whole else 0, 15)
    value = luck.choice((least, most, 0.0, 1.0, luck.random(), between, -between, 1e-15))
    value = min(most, max(least, value))
    return float(round(value)) if is_whole and value < 1e300 else value


def paths_of(file: Path) -> list[str]:
    """Every dotted path of a scenario as it is written."""
    document = documents.Document(str(file))
    document.read(file)
    return [".".join(map(str, path)) for path in document.positions if path]


EXPERIMENTS = {
    "asks-sweep": """\
kind: sweep
name: asks
title: A sweep
question: What varies?
scenario: minimal.yaml
design: grid
levers:
  mechanisms.cost.on: [true, false]
  raids.dawn.waves.first.count: "10:40:3"
  plan: {near: {weapons.drone.speed: 100 km/h}, far: {weapons.drone.speed: 200 km/h}}
uncertainties:
  weapons.drone.p_hit:
  weapons.drone.p_works: 0.5:0.9
constants: {front: {}, mechanisms.rally.on: true}
outcomes: [planes_destroyed, z_end]
contrast: plan
titles: {plan: The plan}
runs: 2
seed: 3
""".replace("{front: {}, mechanisms", "{mechanisms"),
    "asks-sampled": """\
kind: sweep
name: asks
title: A sweep
question: What varies?
scenario: tiny.yaml
design: sobol
points: 4
uncertainties: {weapons.dart.p_hit: , weapons.dart.p_works: "0.5:0.9"}
outcomes: [aircraft_destroyed]
runs: 2
""",
    "asks-theories": """\
kind: theories
name: asks
title: Theories
question: Which?
scenario: everything.yaml
mechanisms: [cost, rally, sunk]
region: {half_width: 0.005, because: a small effect}
runs: 2
seed: 1
""",
    "asks-impulse": """\
kind: impulse
name: asks
title: Impulses
question: Which?
scenario: minimal.yaml
without: [raids.dawn]
set: {talks.meetings: {}}
mechanisms: [cost, rally]
stimuli:
  blow:
    title: A blow
    events:
      hit: {kind: blow, title: Hit, on: island, date: 2025-01-03, loss: {value: 1, assumed: x}}
    set: {mechanisms.cost.per_loss: 0.7}
  silence: {title: Silence}
predicted: {cost: {blow: ["-", "0"]}}
runs: 2
""",
}


def run_cases(
    kind: str, seed: str, cases: int, folder: Path, patch: pytest.MonkeyPatch
) -> dict[str, int]:
    """So many cases of a kind; returns how many were accepted and refused. Stops at a failure."""
    made, ended = Cases(folder, patch), {"accepted": 0, "refused": 0}
    for number in range(cases):
        luck = random.Random(f"{kind} {seed} {number}")
        try:
            with within_its_time():
                accepted = getattr(made, kind)(luck)
                if accepted is not None:
                    check_accepted(accepted, is_fought=kind == "extreme" or luck.random() < 0.1)
            ended["accepted"] += 1
        except (ScenarioError, ExperimentError) as error:
            try:
                check_refusal(error)
            except AssertionError as unclear:
                raise FailedError(kind, seed, number, made.tried, unclear) from unclear
            ended["refused"] += 1
        except (Exception, TooSlow) as error:
            raise FailedError(kind, seed, number, made.tried, error) from error
    return ended


class FailedError(AssertionError):
    """A case that failed: enough to do it again, and to keep it in the corpus."""

    def __init__(self, kind: str, seed: str, number: int, tried: Any, error: BaseException) -> None:
        self.key = f"{type(error).__name__}: {str(error)[:200]}"
        told = tried() if callable(tried) else tried
        super().__init__(f"{kind} {seed}, case {number}: {self.key}\n{told}")


KINDS = {
    "text": 1000,
    "tree": 4000,
    "override": 2000,
    "extreme": 500,
    "experiment": 1000,
    "line": 1000,
}
BATCH, FIRST = 500, 60
BATCHES = [
    *(pytest.param(kind, 0, FIRST, marks=pytest.mark.slow) for kind in KINDS),
    *(
        pytest.param(kind, seed, BATCH, marks=pytest.mark.thorough)
        for kind, cases in KINDS.items()
        for seed in range(cases // BATCH)
    ),
]


@pytest.mark.parametrize(("kind", "seed", "cases"), BATCHES)
def test_spoiled_input_is_refused_or_keeps_every_bound(
    kind: str, seed: int, cases: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = run_cases(kind, str(seed), cases, tmp_path, monkeypatch)
    assert min(ended.values()) > cases // 20, ended


# --- what once failed --------------------------------------------------------------------------

CORPUS = HERE / "corpus"
KEPT = sorted(path for path in CORPUS.iterdir() if path.suffix != ".expected")


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.name)
def test_what_once_failed_is_refused_as_expected_or_runs(kept: Path, tmp_path: Path) -> None:
    """`NAME.set` are overrides of everything.yaml, a line each; `NAME.until` is what is asked.

    `NAME.expected` holds the error without its folder, or the word `runs`.
    """
    for name, text in (*SOUND.items(), *EXPERIMENTS.items(), ("sources", SOURCES)):
        (tmp_path / f"{name}.yaml").write_text(text)
    sound = tmp_path / "everything.yaml"
    told = "runs"
    try:
        with within_its_time(), spelled_as_options():
            if kept.suffix == ".until":
                until.wanted(kept.read_text(), load(sound))
            else:
                check_accepted(load(sound, kept.read_text().splitlines()), is_fought=True)
    except (ScenarioError, ExperimentError) as error:
        check_refusal(error)
        told = str(error).replace(f"{tmp_path}/", "")
    assert told == kept.with_suffix(".expected").read_text().strip()


def test_each_kept_case_has_what_is_expected_and_the_other_way_round() -> None:
    assert KEPT
    assert {path.stem for path in KEPT} == {path.stem for path in CORPUS.glob("*.expected")}


# --- the mutated scenario has everything -------------------------------------------------------


def test_every_figure_of_the_schema_is_there_to_be_spoiled(tmp_path: Path) -> None:
    """Both everything.yaml and the stated bounds have it, but for protocols that it cannot have."""
    (tmp_path / "sources.yaml").write_text(SOURCES)
    (tmp_path / "everything.yaml").write_text(SOUND["everything"])
    paths = [path for path, _ in figures(load(tmp_path / "everything.yaml"))]
    missing = set()
    for place, field in figures_of(Scenario):
        pattern = rf"{place}(\.\d+)?\.{field}(\..+)?".replace("NAME", "[^.]+")
        if not any(re.fullmatch(pattern, path) for path in paths):
            missing.add((place, field))
    others = ("underdog_weight", "exponent", "bluff", "credence", "fades", "inference")
    assert missing == {("talks.protocol", name) for name in others}
    assert all(bounds_of(path) for path in paths)


# --- the command line --------------------------------------------------------------------------

BAD_FILES = {
    "folder.yaml": None,
    "empty.yaml": b"",
    "binary.yaml": bytes(range(256)) * 40,
    "utf16.yaml": WAR.encode("utf-16"),
    "list.yaml": b"- a\n- b\n",
    "cut.yaml": WAR.encode()[:700],
    "deep.yaml": b"a: " + b"[" * 1000,
    "bomb.yaml": b"a: &a [x, x]\nb: &b [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]\n",
    "huge.yaml": b"# " + b"x" * 1_000_001,
}
NO_FILES = ("absent.yaml", "results", "/dev/zero", "", ".", "a\0b", "x" * 300, "é\n.yaml")
COMMANDS = {
    "run": ("--runs", "2"),
    "compare": ("--without", "talks", "--runs", "2"),
    "check": (),
    "sweep": ("--vary", "weapons.dart.p_hit", "--runs", "2"),
    "sensitivity": ("--method", "pawn", "--runs", "2"),
    "discover": ("--when", "z_end < 0", "--runs", "2"),
    "experiment": (),
}


@pytest.fixture
def bad_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of bad files, where commands are run."""
    for name, content in BAD_FILES.items():
        if content is None:
            (tmp_path / name).mkdir()
        else:
            (tmp_path / name).write_bytes(content)
    (tmp_path / "results" / "tiny").mkdir(parents=True)
    (tmp_path / "results" / "tiny" / "manifest.json").write_text("{}")
    (tmp_path / "in-the-way").write_text("a file")
    (tmp_path / "war.yaml").write_text(WAR)
    (tmp_path / "sources.yaml").write_text(SOURCES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_bad_file_is_told_in_a_line_and_nothing_is_written(
    command: Callable[..., Outcome], bad_folder: Path, name: str
) -> None:
    before = written_in(bad_folder)
    for file in (*BAD_FILES, *NO_FILES):
        done = command(name, file, *COMMANDS[name])
        assert (done.code, done.out) == (2, ""), file
        for line in done.err.splitlines():
            assert line.isprintable(), (file, line)
            assert re.search("^  |expected|did you mean|needs", line), (file, line)
        assert 1 <= len(done.err.splitlines()) <= 40, file
    assert written_in(bad_folder) == before


BAD_LINES = (
    "run war.yaml --out in-the-way --runs 2",
    "run war.yaml --out in-the-way/deeper --runs 2",
    "run war.yaml --runs 0",
    "run war.yaml --runs 1e3",
    "run war.yaml --runs 99999999999999999999",
    "run war.yaml --seed -1",
    "run war.yaml --seed 4611686018427387904",
    "run war.yaml --workers 0",
    "run war.yaml --set",
    "run war.yaml --set =",
    "run war.yaml --set weapons=[",
    "run war.yaml --until mean(z_end)",
    "run war.yaml --until mean(z_end)+-0",
    "run war.yaml --until share(z_end)+-1",
    "compare war.yaml",
    "compare war.yaml --without nothing",
    "sweep war.yaml",
    "sweep war.yaml --vary",
    "sweep war.yaml --vary weapons.dart.p_hit=0:1:1000001",
    "sweep war.yaml --vary weapons.dart.p_hit=1:0",
    "sweep war.yaml --vary weapons.dart.p_hit --design nobody",
    "sweep war.yaml --vary weapons.dart.p_hit --design sobol --points 3",
    "sweep war.yaml --vary weapons.dart.p_hit --outcome nothing",
    "sweep war.yaml --vary weapons.dart.p_hit=0.1,0.2 --runs 2 --out in-the-way",
    "sensitivity war.yaml --method nobody",
    "sensitivity war.yaml --vary nothing",
    "sensitivity war.yaml --method pawn --outcome nothing",
    "discover war.yaml --when",
    "discover war.yaml --when z_end",
    "discover war.yaml --when z_end<0 --method nobody",
    "experiment war.yaml",
    "experiment war.yaml --runs 1",
    "check war.yaml --set a.b.c=1",
    "results show nothing",
    "validate nobody",
    "nobody",
)


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_line_is_told_in_a_line_and_nothing_is_written(
    command: Callable[..., Outcome], bad_folder: Path, line: str
) -> None:
    before = written_in(bad_folder)
    done = command(*line.split(" "))
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert done.err.strip().isprintable()
    assert written_in(bad_folder) == before


@pytest.mark.parametrize("file", ["folder.yaml", "deep.yaml"])
def test_a_process_ends_with_2_on_a_bad_file(
    process: Callable[..., Outcome], bad_folder: Path, file: str
) -> None:
    done = process("run", file)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "Traceback" not in done.err
