"""The tiny war put on disk and loaded, the command line run, a browser, and how tests are run."""

import functools
import gc
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import settings

from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.load import load
from sim.scenario.schema import Scenario
from tests import examples, pages
from tests.pages import Outcome
from tests.tiny import SOURCES, WAR

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Load the profile of examples, unless `--hypothesis-profile` names one; compile the raid."""
    settings.load_profile(config.getoption("hypothesis_profile") or examples.SUITE)
    typer.main.get_command = functools.cache(typer.main.get_command)  # one tree for all calls
    gc.disable()  # nothing that is collected becomes garbage, and looking for it takes seconds
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        compile_meanwhile(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that need a browser come first, so that no two workers get a part of one.

    Each would start the server and the browser of that file; what is shared out in parts lies
    in the middle and at the end.
    """
    files = {item.path for item in items if "browser" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: item.path not in files)


def pytest_collection_finish() -> None:
    gc.freeze()  # what all tests share is no garbage, and takes half a second to go through
    gc.enable()


def compile_meanwhile(config: pytest.Config) -> None:
    """Compile the raid once, while the workers of xdist collect the tests, and not once in each."""
    from sim.compiled import is_warm

    if not is_warm():
        fly = "import sim; sim.run(sim.load('minimal'), 2, workers=1)"
        flying = subprocess.Popen([sys.executable, "-c", fly], stdout=subprocess.DEVNULL)
        config.add_cleanup(flying.wait)


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
    return lambda *arguments: pages.called(list(map(str, arguments)), tmp_path)


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs and reports have no pictures: for tests that look at none, as they take seconds."""
    monkeypatch.setattr("sim.report.drawing.FIGURES", ())
    monkeypatch.setattr("sim.report.plots.DRAWINGS", {})


@pytest.fixture
def sketched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are drawn as SVG alone, in this process; their PNG and PDF are empty files."""
    sketch(monkeypatch)


@pytest.fixture(scope="module")
def sketched_throughout() -> Iterator[None]:
    """The same for a whole file: for what its tests share, which is made before `sketched` acts."""
    with pytest.MonkeyPatch.context() as patch:
        sketch(patch)
        yield


def sketch(patch: pytest.MonkeyPatch) -> None:
    from sim.report import drawing
    from sim.report.plots.picture import Picture

    save, spread = Picture._save, drawing.spread

    def save_svg(picture: Picture, file: Path, form: str) -> None:
        if form == "svg":
            save(picture, file, form)
        else:
            file.touch()

    patch.setattr(Picture, "_save", save_svg)
    patch.setattr(drawing, "spread", lambda work, calls, _: spread(work, calls, 1))


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
