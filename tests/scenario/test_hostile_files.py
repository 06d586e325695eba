"""Pipes, devices, folders and foreign files of a file's name: one line at once, none of content."""

import json
import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.experiment.errors import ExperimentError
from sim.experiment.execution.runner import run_into
from sim.experiment.storage.manifest import read_manifest
from sim.experiment.storage.store import Store
from sim.report.page.contents import document_of
from sim.report.page.picture import svg_of
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load
from sim.scenario.sources import read_sources

pytestmark = pytest.mark.usefixtures("sketched_throughout")

ROOT = Path(__file__).parents[2]
SECRET = "hunter2"
AT_ONCE_S = 60  # a test of many commands, on a busy machine


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    """Whoever waits for a pipe or reads without end is stopped, and fails."""

    def late(*_: object) -> None:
        raise TimeoutError("waited for a file that never ends")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(AT_ONCE_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_folder(path: Path) -> None:
    path.mkdir()


def a_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's name must be short
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


STRANGE = [a_pipe, a_device, a_folder, a_socket]
Put = Callable[[Path], None]


def replaced(path: Path, put: Put) -> Path:
    path.unlink(missing_ok=True)
    put(path)
    return path


def check_one_line(told: Any) -> None:
    assert told.code == 2, told
    assert told.out == ""
    assert told.err.count("\n") == 1, told.err
    assert len(told.err) < 400
    assert "expected" in told.err
    assert "Traceback" not in told.err
    assert SECRET not in told.err


@pytest.mark.parametrize("put", STRANGE)
def test_a_named_file_that_is_none_ends_the_command(
    put: Put, tmp_path: Path, command: Callable[..., Any]
) -> None:
    file = replaced(tmp_path / "strange.yaml", put)
    for words in (
        ("check", file),
        ("run", file),
        ("experiment", file),
        ("validate", "polls", file),
        ("validate", "reported", file),
        ("calibrate", file),
        ("validate", "nights", file, "--train-until", "2024-01-01"),
    ):
        check_one_line(command(*words))


@pytest.mark.parametrize("put", STRANGE)
def test_a_file_that_a_file_names_and_that_is_none_ends_the_command(
    put: Put, tmp_path: Path, write: Any, war_text: str, command: Callable[..., Any]
) -> None:
    experiment = (ROOT / "experiments" / "covert-or-direct.yaml").read_text()
    asked = tmp_path / "asked.yaml"
    named = next(line for line in experiment.splitlines() if line.startswith("scenario:"))
    asked.write_text(experiment.replace(named, "scenario: strange.yaml"))
    replaced(tmp_path / "strange.yaml", put)
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        check_one_line(command("experiment", asked))
    finally:
        os.chdir(here)

    own = war_text.replace("talks:\n", "  mine: {on: true, path: strange.py:f}\ntalks:\n", 1)
    replaced(tmp_path / "strange.py", put)
    check_one_line(command("check", write(own), "--allow-code"))
    replaced(tmp_path / "sources.yaml", put)
    check_one_line(command("check", write(war_text)))


FOREIGN = {
    "passwords": f"root:{SECRET}:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n",
    "another's settings": f"{SECRET}:\n  user: {SECRET}\nother: [{SECRET}]\nthird: 1\n",
    "broken": f"a: {{{SECRET}\nb: ]",
    "an alias": f"a: *{SECRET}\n",
    "a tag": f"a: !{SECRET} 1\nb: !!int {SECRET}\n",
    "twice": f"{SECRET}: 1\n{SECRET}: 2\n",
    "a list": f"- {SECRET}\n",
    "a word": SECRET,
    "control": f"{SECRET}\x07",
    "bytes": f"{SECRET}\xff",
    "a number": f"{SECRET}: {{title: 1}}\n",
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_named_as_register_is_not_repeated(
    content: str, tmp_path: Path, write: Any, war_text: str, command: Callable[..., Any]
) -> None:
    foreign = tmp_path / "shadow"
    foreign.write_bytes(content.encode("latin-1"))
    war = write(war_text.replace("sources: sources.yaml", f"sources: {foreign}"))
    told = command("check", war)
    check_one_line(told)
    assert str(foreign) in told.err


def test_a_register_with_faults_says_where_the_first_is(tmp_path: Path) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text("one: {title: A}\ntwo: {url: x}\nthree: 3\n")
    with pytest.raises(ScenarioError) as error:
        read_sources(file)
    assert str(error.value) == (
        f"{file}:2:1: is no source, expected KEY: {{title: ..., url: ...}} for each; "
        "1 more such places"
    )


# --- results from elsewhere --------------------------------------------------------------------


RUNS = 20


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results of the smallest war, with its report and its pictures."""
    store = Store(tmp_path_factory.mktemp("results"), load("minimal"), RUNS, 1, False)
    run_into(store)
    document_of(store.folder)
    return store.folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of them, to be damaged."""
    return Path(shutil.copytree(made, tmp_path / "results" / made.name))


def check_told(folder: Path, command: Callable[..., Any], *sure: str) -> None:
    """No command on a damaged folder does worse than a line; those `sure` to notice have one."""
    for words in (
        ("report", folder, "--to", folder.parent.parent / "page.html"),
        ("replay", folder, "--run", 0, "--to", folder.parent.parent / "again"),
        ("results", "show", folder.name, "--out", folder.parent),
        ("results", "--out", folder.parent),
    ):
        told = command(*words)
        if told.code or words[0] in sure:
            check_one_line(told)


@pytest.mark.parametrize("put", STRANGE)
@pytest.mark.parametrize("name", ["manifest.json", "runs.parquet"])
def test_a_strange_file_in_a_folder_of_results_is_a_line(
    name: str, put: Put, folder: Path, command: Callable[..., Any]
) -> None:
    replaced(folder / name, put)
    check_told(folder, command, "report")


@pytest.mark.parametrize("put", [a_pipe, a_device, a_socket])
def test_a_strange_picture_is_drawn_anew(
    put: Put, folder: Path, command: Callable[..., Any]
) -> None:
    """Pictures are drawn of the tables, and another than was drawn is as good as none."""
    before = (folder / "plots/positions.svg").read_bytes()
    replaced(folder / "plots/positions.svg", put)
    told = command("report", folder, "--to", folder.parent / "page.html")
    assert (told.code, told.err) == (0, "")
    assert (folder / "plots/positions.svg").read_bytes() == before


GONE = object()
WRONG: list[Any] = [GONE, "x", ["x"], {"x": 1}]


def test_a_damaged_manifest_is_a_line(folder: Path, command: Callable[..., Any]) -> None:
    file = folder / "manifest.json"
    whole = json.loads(file.read_text())
    for text in ("", "{", "[]", "3", "null", "[" * 100_000, "\x00", file.read_text()[:-9]):
        file.write_text(text)
        check_told(folder, command, "report", "replay")
    file.write_bytes(b"\xff\xfe")
    check_told(folder, command, "report", "replay")
    for key in whole:
        for wrong in WRONG:
            changed = {name: said for name, said in whole.items() if name != key}
            file.write_text(json.dumps(changed if wrong is GONE else {**changed, key: wrong}))
            told = command("results", "--out", folder.parent)
            assert (told.code, told.err) == (0, "")
            shown = command("results", "show", folder.name, "--out", folder.parent)
            if shown.code:
                check_one_line(shown)
            if read_manifest(folder):  # else refused, as above
                told = command("report", folder, "--format", "md", "--to", folder.parent / "a.md")
                if told.code:
                    check_one_line(told)


def test_versions_that_are_a_list_are_a_damaged_manifest(
    folder: Path, command: Callable[..., Any]
) -> None:
    file = folder / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "versions": ["1.0"]}))
    told = command("report", folder)
    check_one_line(told)
    assert "no results here, expected the manifest.json that a command wrote" in told.err


def test_a_manifest_names_no_file_outside_its_folder(folder: Path) -> None:
    file = folder / "manifest.json"
    whole = json.loads(file.read_text())
    assert read_manifest(folder) == whole
    for key, wrong in (
        ("files", ["../runs.parquet"]),
        ("files", ["/dev/zero"]),
        ("sha256", {"/dev/zero": "0"}),
        ("sha256", {"runs.parquet/..": "0"}),
    ):
        file.write_text(json.dumps({**whole, key: wrong}))
        assert read_manifest(folder) == {}


@pytest.mark.parametrize(
    "inner",
    [
        "<script>1</script>",
        "<foreignObject/>",
        '<g onclick="1"/>',
        '<a href="#x"/>',
        '<use href="https://x.org/a.svg#b"/>',
        '<image href="file:///etc/passwd"/>',
        '<g style="fill: url(https://x.org)"/>',
        '<g fill="URL( https://x.org )"/>',
        "<style>@import 'https://x.org'</style>",
        "<style>g {fill: u\\72l(https://x.org)}</style>",
        "<!--><script>1</script>-->",
        "<desc><![CDATA[><script>1</script>]]></desc>",
        "<?x ><script>1</script>?>",
        "<animate attributeName='href'/>",
        "<g>",
    ],
)
def test_a_picture_from_elsewhere_that_does_more_than_draw_is_refused(
    inner: str, tmp_path: Path
) -> None:
    file = tmp_path / "map.svg"
    around = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'
    file.write_text(around.format('<!-- a --><g fill="url(#a)"><title>a &lt; b</title></g>'))
    assert "a &lt; b" in svg_of(file)
    file.write_text(around.format(inner))
    with pytest.raises(ExperimentError, match="is no picture a command drew, expected it removed"):
        svg_of(file)
