"""A tiny valid war as YAML text, and ways to put it on disk, load it and run the command line."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import settings

from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.load import load
from sim.scenario.schema import Scenario
from tests import examples, pages

SOURCES = """\
field2025: {title: A report from the field}
price2024: {title: A price list}
"""

# Two sides, two sites, one raid, two meetings. Tests name lines and columns of this text.
WAR = """\
# a comment in line 1
name: tiny
title: A tiny war
question: What does one raid do to two meetings?
sources: sources.yaml
start: 2025-01-01
end: 2025-01-10
sides:
  hares:
    title: Hares
    role: underdog
    arsenal:
      dart: {stock: {value: 40, low: 30, high: 50, assumed: guess}}
  bears: {title: Bears, role: favourite}
weapons:
  dart:
    title: Dart
    unit_cost: {value: 2, low: 1, high: 4, unit: kUSD, source: price2024}
    speed: {value: 120, unit: km/h, assumed: guess}
    p_works: {value: 0.9, low: 0.8, high: 1, assumed: guess}
    signature: {value: 1, assumed: the reference}
    jam_susceptibility: {value: 1, assumed: the reference}
    p_hit: {value: 0.5, low: 0.2, high: 0.7, source: field2025}
    p_destroy: {value: 0.4, source: [field2025, price2024]}
assets:
  plane:
    title: Plane
    group: aircraft
    value: {value: 3, low: 1, high: 9, law: lognormal, unit: MUSD, assumed: guess}
    repair_cost: {value: 20, unit: percent, assumed: guess}
    repair_time: {value: 2, unit: week, assumed: guess}
units:
  gun:
    kind: shooter
    title: Gun
    range: {value: 4, unit: km, assumed: guess}
    detection_rate: {value: 60, unit: 1/h, assumed: guess}
    reaction: {value: 6, unit: s, assumed: guess}
    channels: {value: 1, assumed: guess}
    service: {value: 0.5, unit: min, assumed: guess}
    max_shots: {value: 2, assumed: guess}
    salvo: {value: 1, assumed: guess}
    magazine: {value: 10, assumed: guess}
    round_cost: {value: 100, unit: USD, assumed: guess}
    p_kill: {dart: {value: 0.3, low: 0.1, high: 0.5, assumed: guess}}
sites:
  north:
    title: North
    side: bears
    position: {lat: 51.0, lon: 37.0, assumed: made up}
    assets: {plane: {count: {value: 6, assumed: guess}}}
    defence: {gun: {count: {value: 2, assumed: guess}}}
  south:
    title: South
    side: bears
    position: {lat: 50.5, lon: 36.5, assumed: made up}
    assets: {plane: {count: {value: 4, low: 2, high: 8, assumed: guess}}}
launch_areas:
  wood: {title: Wood, side: hares, position: {lat: 50.2, lon: 36.0, assumed: made up}}
raids:
  dawn:
    title: Dawn
    by: hares
    date: 2025-01-05
    delivery: {kind: direct}
    waves:
      first: {weapon: dart, count: {value: 20, assumed: guess}, at: [north, south], launch_from: \
wood}
reports:
  hares:
    overclaim: {value: 1.5, assumed: guess}
    underclaim: {value: 0.5, assumed: guess}
    leader: {truth: {value: 1, assumed: guess}, own_report: {value: 0, assumed: guess}, \
enemy_report: {value: 0, assumed: guess}}
    public: {truth: {value: 0, assumed: guess}, own_report: {value: 1, assumed: guess}, \
enemy_report: {value: 1, assumed: guess}}
  bears:
    overclaim: {value: 1.2, assumed: guess}
    underclaim: {value: 0.4, assumed: guess}
    leader: {truth: {value: 1, assumed: guess}, own_report: {value: 1, assumed: guess}, \
enemy_report: {value: 0, assumed: guess}}
    public: {truth: {value: 0, assumed: guess}, own_report: {value: 1, assumed: guess}, \
enemy_report: {value: 0, assumed: guess}}
front:
  rungs: {value: 10, assumed: guess}
  start: {value: 5, assumed: guess}
  p_move: {value: 0.1, assumed: guess}
  p_underdog_advances: {value: 0.4, assumed: guess}
minds:
  hares:
    p_win: {value: 0.6, low: 0.4, high: 0.7, assumed: guess}
    confidence: {value: 10, assumed: guess}
    cost: {value: 0.15, assumed: guess}
    demand: {value: 0.9, assumed: guess}
    expected_loss: {value: 0.02, assumed: guess}
    expected_gain: {value: 0.02, assumed: guess}
    foresight: {value: 5, assumed: guess}
  bears:
    p_win: {value: 0.7, low: 0.5, high: 0.8, assumed: guess}
    confidence: {value: 10, assumed: guess}
    cost: {value: 0.1, assumed: guess}
    demand: {value: 0.9, assumed: guess}
    expected_loss: {value: 0.01, assumed: guess}
    expected_gain: {value: 0.02, assumed: guess}
    foresight: {value: 5, assumed: guess}
mechanisms:
  cost:
    on: true
    per_loss: {value: 0.5, low: 0.1, high: 2, assumed: guess}
    lasts: {value: 2, unit: month, assumed: guess}
  rally:
    on: false
    per_surprise: {value: 0.01, low: -0.02, high: 0.06, assumed: guess}
    lasts: {value: 45, unit: day, assumed: guess}
talks:
  meetings: {before: 2025-01-03, after: 2025-01-07}
  protocol: {kind: nash, underdog_weight: {value: 0.5, assumed: guess}}
  issues:
    land:
      title: Land
      ideal: {hares: {value: 1, assumed: guess}, bears: {value: 0, assumed: guess}}
      salience: {hares: {value: 1, assumed: guess}, bears: {value: 1, assumed: guess}}
  ceasefire: {p_violation: {value: 0.3, assumed: guess}}
reported:
  their_count:
    outcome: dawn_aircraft_hit
    by: the hares
    kind: claim
    used_for: validation
    figure: {value: 6, source: field2025}
"""

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Load the profile of examples, unless `--hypothesis-profile` names one."""
    settings.load_profile(config.getoption("hypothesis_profile") or examples.SUITE)


class Outcome(NamedTuple):
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(scope="session")
def war_text() -> str:
    return WAR


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Puts a scenario beside its register of sources and gives its path."""
    (tmp_path / "sources.yaml").write_text(SOURCES)

    def write(text: str | bytes) -> Path:
        path = tmp_path / "war.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


@pytest.fixture
def read(write: Callable[[str | bytes], Path]) -> Callable[..., Scenario]:
    """Loads a scenario from its text."""

    def read(
        text: str | bytes = WAR, overrides: Iterable[str] = (), without: Iterable[str] = ()
    ) -> Scenario:
        return load(write(text), overrides, without)

    return read


@pytest.fixture
def problems(read: Callable[..., Scenario]) -> Callable[..., tuple[Problem, ...]]:
    """What is wrong with a scenario's text; fails where nothing is."""

    def problems(
        text: str | bytes = WAR, overrides: Iterable[str] = (), without: Iterable[str] = ()
    ) -> tuple[Problem, ...]:
        with pytest.raises(ScenarioError) as error:
            read(text, overrides, without)
        assert str(error.value) == "\n".join(str(problem) for problem in error.value.problems)
        return error.value.problems

    return problems


@pytest.fixture
def tiny(read: Callable[..., Scenario]) -> Scenario:
    return read()


@pytest.fixture(scope="session")
def heeded() -> Iterator[None]:
    """Interrupts reach the commands that tests start, also where the suite was told to ignore them.

    A child inherits what is ignored (`nohup`, `&` in a script) and nothing else.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs `sim ...` in this process."""

    def command(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = pages.exit_code(list(map(str, arguments)))
        return Outcome(code, *capfd.readouterr())

    return command


@pytest.fixture
def here(tmp_path: Path) -> Callable[..., Outcome]:
    """Runs `sim ...` in the test's folder, in this process."""
    return lambda *arguments: Outcome(*pages.called(list(map(str, arguments)), tmp_path))


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs and reports have no pictures: for tests that look at none, as they take seconds."""
    monkeypatch.setattr("sim.report.plots.DRAWINGS", {})


@pytest.fixture
def sketched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are drawn as SVG alone, in this process; their PNG and PDF are empty files."""
    from sim.report import plots
    from sim.report.plots.picture import Picture

    save, spread = Picture._save, plots.spread

    def save_svg(picture: Picture, file: Path, form: str) -> None:
        if form == "svg":
            save(picture, file, form)
        else:
            file.touch()

    monkeypatch.setattr(Picture, "_save", save_svg)
    monkeypatch.setattr(plots, "spread", lambda work, calls, _: spread(work, calls, 1))


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., Outcome]:
    """Runs `sim ...` in a process of its own."""

    def process(*arguments: object) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "sim.cli", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=tmp_path,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return process


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, which speaks to nobody of its own accord; without one the test is skipped."""
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.skip("there is no Chromium here, expected apt-get install chromium")
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        yield browser
        browser.close()
