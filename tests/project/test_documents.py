"""The documents say what there is: commands, options, paths, files, links and Python as written."""

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

import sim
from sim.cli import app
from sim.scenario.load import load_experiment
from sim.war.model import War
from sim.war.outcomes import Outcomes

ROOT = Path(__file__).parents[2]
PAGES = [
    *(
        ROOT / name
        for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "results/README.md")
    ),
    *sorted((ROOT / "docs").glob("*.md")),
]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
OF_THE_READER = ("nights.csv", "mine/")
"""Files that the reader has or makes: other tests run what is said of them."""
PROGRAM = typer.main.get_command(app)


class Line(NamedTuple):
    """A command line of a page: the page and its words."""

    page: str
    words: tuple[str, ...]


def blocks(page: str, kind: str) -> list[str]:
    """The fenced blocks of a kind, in the order of the page."""
    found = re.findall(rf"^```{kind}\n(.*?)^```$", (ROOT / page).read_text(), re.M | re.S)
    return [str(block) for block in found]


def lines(page: str) -> Iterator[list[str]]:
    """The command lines in the sh blocks of a page, in words."""
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words:
                yield words


def prose(text: str) -> str:
    """The text of a page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def inline(page: str) -> Iterator[list[str]]:
    """What is named in the text of a page as `sim ...`."""
    for code in re.findall(r"`(sim [^`]+)`", prose((ROOT / page).read_text())):
        yield shlex.split(" ".join(code.split()))


LINES = list(
    dict.fromkeys(
        Line(page, tuple(words[1:])) for page in NAMES for words in lines(page) if words[0] == "sim"
    )
)


def parsed(words: tuple[str, ...]) -> tuple[Any, dict[str, Any]]:
    """The command that words call, and what it would be given. Raises what `sim` would."""
    words = tuple(word for word in words[: words.index(">")]) if ">" in words else words
    command, context, rest = PROGRAM, None, list(words)
    while True:
        context = command.make_context(command.name, rest, parent=context)
        if not hasattr(command, "commands") or not context._protected_args:
            return command, context.params
        rest = [*context._protected_args, *context.args]
        _, command, rest = command.resolve_command(context, rest)


def leaves(command: Any, name: str = "sim") -> Iterator[tuple[str, Any]]:
    """Every command that does something, by the words that call it."""
    inner = getattr(command, "commands", {})
    if not inner or getattr(command, "invoke_without_command", False):
        yield name, command
    for word, one in inner.items():
        yield from leaves(one, f"{name} {word}")


COMMANDS = dict(leaves(PROGRAM))


def options(command: Any) -> set[str]:
    """The options of a command, help aside."""
    return {
        name
        for parameter in command.params
        for name in parameter.opts
        if name.startswith("--") and name != "--help"
    }


# --- command lines -----------------------------------------------------------------------------


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.page}: {' '.join(line.words)}")
def test_a_command_line_is_understood_and_its_files_are_there(line: Line) -> None:
    _, given = parsed(line.words)
    files = given.get("files") or [given.get("file")]
    for file in filter(None, files):
        assert file.startswith(OF_THE_READER) or (ROOT / file).is_file(), file


@cache
def columns(file: str) -> frozenset[str]:
    """The columns of runs.parquet of a scenario."""
    return frozenset(Outcomes(War(sim.load(ROOT / file), 1)).runs())


@pytest.mark.parametrize(
    "line",
    [line for line in LINES if any(re.match(r"scenarios/.*\.yaml$", word) for word in line.words)],
    ids=lambda line: f"{line.page}: {' '.join(line.words)}",
)
def test_what_a_command_line_sets_varies_and_asks_is_in_the_scenario(line: Line) -> None:
    _, given = parsed(line.words)
    for file in filter(None, given.get("files") or [given.get("file")]):
        over, without = given.get("overrides", ()), given.get("without", ())
        sim.load(ROOT / file, list(over), tuple(without))
        for written in given.get("vary", ()):
            path, _, levels = written.partition("=")
            sim.load(ROOT / file, [f"{path}={re.split('[:,]', levels)[0]}"] if levels else [])
        asked = {*given.get("outcomes", ()), *re.findall(r"\b[a-z]+_\w+", given.get("when") or "")}
        assert asked <= columns(file)


def test_there_are_command_lines() -> None:
    assert len(LINES) > 40


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("run", "a.yaml", "--rnus", "3"),
        ("walk", "a.yaml"),
        ("validate", "polls", "--train-until", "soon"),
        ("results", "hide"),
    ],
)
def test_a_wrong_command_line_would_be_seen(words: tuple[str, ...]) -> None:
    with pytest.raises(typer.TyperException):
        parsed(words)


@pytest.mark.parametrize("page", NAMES)
def test_commands_named_in_the_text_are_there(page: str) -> None:
    for words in inline(page):
        name = max(
            (n for n in COMMANDS if words[: len(n.split())] == n.split()), key=len, default=None
        )
        group = " ".join(words) in ("sim validate", "sim COMMAND --help", "sim --help")
        assert name or group, " ".join(words)
        if name:
            said = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert said <= options(COMMANDS[name]) | {"--help"}, " ".join(words)


@pytest.mark.parametrize("page", NAMES)
def test_targets_of_make_are_there(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = [words[1] for words in lines(page) if words[0] == "make" and len(words) > 1]
    named += re.findall(r"`make ([a-z]+)", (ROOT / page).read_text())
    assert set(named) <= targets


# --- every command has its section -------------------------------------------------------------


def sections() -> dict[str, str]:
    """docs/commands.md by the heading of each command."""
    text = (ROOT / "docs" / "commands.md").read_text()
    parts = re.split(r"^## (.*)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_command_has_its_section_and_no_other() -> None:
    assert {name for name in sections() if name.startswith("sim ")} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_names_the_options_of_its_command(name: str) -> None:
    """Both ways, of those in its table, in the line of shared ones, and in its examples."""
    rows = re.findall(r"^\| `(--[a-z-]+)", sections()[name], re.MULTILINE)
    shared = re.search(r"Shared: (.*?)\.(?:\s|$)", sections()[name], re.DOTALL)
    named = set(rows) | set(re.findall(r"`(--[a-z-]+)`", shared[1] if shared else ""))
    assert named == options(COMMANDS[name])


def test_shared_options_are_told_what_they_do() -> None:
    told = set(re.findall(r"^\| `(--[a-z-]+)", sections()["What they share"], re.MULTILINE))
    for name in COMMANDS:
        shared = re.search(r"Shared: (.*?)\.(?:\s|$)", sections()[name], re.DOTALL)
        assert set(re.findall(r"`(--[a-z-]+)`", shared[1] if shared else "")) <= told


# --- scenarios, experiments, files, links ------------------------------------------------------


def test_the_page_of_scenarios_names_every_one_once() -> None:
    table = (ROOT / "docs" / "scenarios.md").read_text()
    named = re.findall(r"^\| `([a-z0-9-]+\.yaml)`", table, re.MULTILINE)
    there = {file.name for file in (ROOT / "scenarios").glob("*.yaml")} - {"sources.yaml"}
    assert sorted(named) == sorted(there)


ASKED_BY = {"weighing": "weigh", "choice": "choose", "game": "choose"}


def test_each_experiment_has_its_section_question_and_command() -> None:
    page = (ROOT / "docs" / "experiments.md").read_text()
    words = " ".join(page.split())
    for file in sorted((ROOT / "experiments").glob("*.yaml")):
        assert re.search(rf"^## {file.stem}: ", page, re.MULTILINE), file.stem
        asked = load_experiment(file)
        assert " ".join(asked.question.split()) in words, file.stem
        command = ASKED_BY.get(asked.kind, "experiment")
        line = f"sim {command} experiments/{file.name} --publish results/{file.stem}"
        assert line in words, file.stem


def test_the_experiment_of_the_page_can_be_read(tmp_path: Path) -> None:
    (block,) = blocks("docs/experiments.md", "yaml")
    (tmp_path / "own.yaml").write_text(block)
    asked = load_experiment(tmp_path / "own.yaml")
    assert (ROOT / "experiments" / asked.scenario).is_file()


@pytest.mark.parametrize("page", NAMES)
def test_links_lead_somewhere(page: str) -> None:
    text = prose((ROOT / page).read_text())
    for target in re.findall(r"\]\((?!https://)([^)#]+)(?:#[^)]*)?\)", text):
        assert (ROOT / page).parent.joinpath(target).exists(), target


def anchors(text: str) -> set[str]:
    """What leads to the headings of a page where the code is hosted."""
    headings = re.findall(r"^#+ (.*)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", NAMES)
def test_links_within_a_page_lead_to_a_heading(page: str) -> None:
    text = prose((ROOT / page).read_text())
    for target, anchor in re.findall(r"\]\((?!https://)([^)#]*)#([^)]+)\)", text):
        led_to = (ROOT / page).parent / target if target else ROOT / page
        assert anchor in anchors(led_to.read_text()), f"{target}#{anchor}"


def test_a_link_to_no_heading_would_be_seen() -> None:
    assert anchors("# A b: c.d\n\n```sh\n# no heading\n```\n") == {"a-b-cd"}


@pytest.mark.parametrize("page", NAMES)
def test_files_of_the_project_named_in_the_text_are_there(page: str) -> None:
    text = (ROOT / page).read_text()
    folders = "sim|docs|tests|scenarios|experiments|benchmarks|requirements"
    made = ("scenarios/.schema.json",)
    for file in re.findall(rf"`((?:{folders})/[\w./-]*\w/?)`", text):
        assert (ROOT / file).exists() or file in made, file


def test_the_layout_names_what_is_there() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text()
    block = page.partition("## Layout")[2].partition("```\n")[2]
    rows = [re.match(r"^( *)(\S+/?)  ", line) for line in block.partition("```")[0].splitlines()]
    inner = {row[2].rstrip("/") for row in rows if row and row[1]}
    there = {path.name for path in (ROOT / "sim").iterdir() if not path.name.startswith("__")}
    assert inner == there - {"py.typed"}
    assert all((ROOT / row[2]).exists() for row in rows if row and not row[1])


# --- Python ------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", NAMES)
def test_python_in_a_page_is_python(page: str) -> None:
    for block in blocks(page, "python"):
        ast.parse(block)


@pytest.mark.parametrize(("page", "there"), [("README.md", 1), ("docs/python.md", 4)])
def test_python_runs_as_it_stands(page: str, there: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Block after block, with fewer runs; what needs results or a cluster is left out."""
    monkeypatch.chdir(ROOT)
    known: dict[str, Any] = {}
    elsewhere = ("0123456789ab", "SLURMCluster")
    ran = [b for b in blocks(page, "python") if not any(word in b for word in elsewhere)]
    for block in ran:
        exec(re.sub(r"runs=\d+", "runs=20", block), known)
    assert len(ran) == there


def test_each_word_of_the_glossary_is_at_home_where_it_says() -> None:
    glossary = (ROOT / "CONTRIBUTING.md").read_text().split("## Glossary")[1].split("\n## ")[0]
    homes = re.findall(r"`([a-z_/]+(?:\.py|/))`(?:, `([a-z_/]+\.py)`)? \|$", glossary, re.MULTILINE)
    files = [file for pair in homes for file in pair if file]
    assert len(homes) == glossary.count("\n| ") - 1 > 20
    assert [file for file in files if not (ROOT / "sim" / file).exists()] == []
