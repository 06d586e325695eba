"""The documents as a site: built without a warning, whole, and readable without a network."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import typer

import sim
from sim.cli import app
from sim.scenario.load import load
from sim.scenario.schema import Scenario, figures
from tests.pages import ROOT
from tests.tiny import SOURCES

sys.path.insert(0, str(ROOT / "docs"))
import reference

# What a page needs to be displayed, by tag: where a link only leads away is not among it.
NEEDED = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "input": "src",
    "object": "data",
    "script": "src",
    "source": "src",
    "video": "src",
}


class Page(HTMLParser):
    """What a page needs, where it leads, what can be led to, and its words by heading."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.needs: list[str] = []
        self.leads: list[str] = []
        self.ids: set[str] = set()
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.leads.append(given["href"])
        if tag == "link":
            leads_away = given["rel"] in ("next", "prev", "index", "search")
            (self.leads if leads_away else self.needs).append(given["href"])
        if NEEDED.get(tag) in given:
            self.needs.append(given[NEEDED[tag]])
        self.needs += re.findall(r"url\(([^)]+)\)", given.get("style", ""))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it."""
    to = tmp_path_factory.mktemp("site")
    told = re.search(r"-m sphinx (.*) docs site$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert told
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *told[1].split(), "docs", str(to)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"TOUR": "unrun"},  # tests/project/test_tour.py runs it
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return to


@cache
def page(file: Path) -> Page:
    return Page(file.read_text())


def pages(site: Path) -> Iterator[Path]:
    return site.rglob("*.html")


def test_every_document_is_a_page(site: Path) -> None:
    for file in (ROOT / "docs").glob("*.md"):
        assert (site / f"{file.stem}.html").is_file(), file.name


def test_every_link_leads_to_a_place_that_is_there(site: Path) -> None:
    led = 0
    for file in pages(site):
        for link in page(file).leads:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            led += 1
            there = file.parent / unquote(parts.path) if parts.path else file
            assert there.is_file(), f"{file.name}: {link}"
            if parts.fragment and there.suffix == ".html":
                assert unquote(parts.fragment) in page(there).ids, f"{file.name}: {link}"
    assert led > 1000


def test_nothing_needs_a_network_to_be_displayed(site: Path) -> None:
    for file in pages(site):
        for need in page(file).needs:
            parts = urlsplit(need)
            assert parts.scheme in ("", "data"), f"{file.name}: {need}"
            assert not parts.netloc, f"{file.name}: {need}"
            assert parts.scheme or (file.parent / unquote(parts.path)).is_file(), need
    for file in site.rglob("*.css"):
        for need in re.findall(r"url\(['\"]?([^)'\"]+)|@import\s+['\"]([^'\"]+)", file.read_text()):
            assert not urlsplit("".join(need)).netloc, f"{file.name}: {need}"
    for file in site.rglob("*.js"):
        loads = r"(?:import|fetch|importScripts|\.src\s*=)[\s(]*['\"`](?:https?:)?//"
        assert not re.search(loads, file.read_text()), file.name


def test_a_page_that_needs_a_network_would_be_seen() -> None:
    seen = Page('<img src="//a/b.png"><link rel="stylesheet" href="https://a/b.css"><a href="x">')
    assert seen.needs == ["//a/b.png", "https://a/b.css"]


def test_equations_are_drawn_by_the_browser_alone(site: Path) -> None:
    text = (site / "theories.html").read_text()
    blocks = re.findall(r"^```math$", (ROOT / "docs" / "theories.md").read_text(), re.MULTILINE)
    assert text.count('<div class="math"><math') == len(blocks)
    assert "mathjax" not in text.lower()


def words_of(site: Path, name: str) -> str:
    return " ".join(" ".join(page(site / f"{name}.html").words).split())


def sections(name: str) -> dict[str, str]:
    """A page written from the code, by its headings of the second level."""
    parts = re.split(r"^## (.*)$", reference.PAGES[name](), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_command_and_option_is_in_the_reference(site: Path) -> None:
    told = sections("command-line")

    def look(command: Any, name: str) -> None:
        inner = getattr(command, "commands", {})
        if not inner:
            for parameter in command.params:
                for option in parameter.opts:
                    if option.startswith("--") and option != "--help":
                        assert re.search(rf"^\| `{option}[ `]", told[name], re.MULTILINE), option
            assert name in words_of(site, "command-line")
        for word, one in inner.items():
            look(one, f"{name} {word}")

    look(typer.main.get_command(app), "sim")


def test_every_key_of_the_json_schema_is_in_the_reference(site: Path) -> None:
    schema = Scenario.model_json_schema()
    rows = re.findall(r"^\| `(\w+)` \|", reference.PAGES["scenario-file"](), re.MULTILINE)
    blocks = {name: one for name, one in schema["$defs"].items() if name != "Figure"}
    for block in [schema, *blocks.values()]:
        for key in block.get("properties", {}):
            assert key in rows or key == "kind", key
    keys = sum(len(b.get("properties", {})) for b in [schema, *blocks.values()])
    kinds = sum("const" in b.get("properties", {}).get("kind", {}) for b in blocks.values())
    assert len([row for row in rows if row != "NAME"]) == keys - kinds


def test_every_figure_of_the_fullest_scenario_is_in_the_reference(tmp_path: Path) -> None:
    """By its unit: the unit said for its key is the one the figure has."""
    told = reference.PAGES["scenario-file"]()
    (tmp_path / "sources.yaml").write_text(SOURCES)
    shutil.copy(ROOT / "tests" / "everything.yaml", tmp_path)
    for path, figure in figures(load(tmp_path / "everything.yaml")):
        names = path.split(".")
        key = next(name for name in reversed(names) if re.search(rf"^\| `{name}` \|", told, re.M))
        said = [row.split(" | ")[1] for row in re.findall(rf"^\| `{key}` \|.*$", told, re.M)]
        unit = "" if figure.unit == "1" else f"`{figure.unit}`"
        assert any("figure" in words and unit in words for words in said), path


def test_units_and_bounds_are_those_that_the_schema_holds() -> None:
    told = sections("scenario-file")
    for place, key, words in (
        ("weapons.NAME", "speed", "figure, `km/h`, from 1 to 100,000"),
        ("weapons.NAME", "p_hit", "figure, from 0 to 1"),
        ("units.NAME, kind: shooter", "detection_rate", "figure, `1/h`, from 0, may be `.inf`"),
        ("units.NAME, kind: shooter", "p_kill", "by weapon: figure, from 0 to 1"),
        ("mechanisms.rally", "per_surprise", "figure, from -1 to 1; one, or one a side"),
        ("sites.NAME.position", "lat", "number, from -90 to 90"),
        ("talks.issues.NAME", "ideal", "by side: figure, any size"),
    ):
        assert f"| `{key}` | {words} |" in told[place]


def test_the_public_names_in_python_are_in_the_reference(site: Path) -> None:
    told = words_of(site, "python-interface")
    for name in sim.__all__:
        assert f"sim.{name}" in told


def test_every_source_and_rule_has_its_entry(site: Path) -> None:
    anchors = page(site / "sources.html").ids
    assert {key.replace("_", "-") for key in reference.register()} <= anchors
    assert len(re.findall(r"^### ", reference.rules(), re.MULTILINE)) > 60


@pytest.mark.parametrize("name", reference.WRITTEN)
def test_a_page_in_the_repository_says_what_the_code_says(name: str) -> None:
    written = (ROOT / "docs" / f"{name}.md").read_text()
    assert written == reference.WRITTEN[name](), "write it anew: make reference"


@pytest.mark.parametrize("name", reference.DRAWN)
def test_a_flow_chart_is_that_of_the_code(name: str) -> None:
    drawn = (ROOT / "docs" / f"{name}.svg").read_text()
    assert drawn == reference.DRAWN[name](), "draw it anew: make reference"


def test_a_flow_chart_has_the_steps_in_the_order_in_which_they_are_called() -> None:
    called: list[str] = []
    of_the_day = [name for name in dir(sim.War) if name.startswith("_") and name.islower()]

    class Watched(sim.War):
        def __getattribute__(self, name: str) -> Any:
            if name in of_the_day and not name.startswith("__"):
                called.append(f"War.{name}")
            return super().__getattribute__(name)

    war = Watched(sim.load("minimal"))
    called.clear()
    war.step()
    chart = (ROOT / "docs" / "day.svg").read_text()
    steps = re.findall(r'class="name"[^>]*>(War\.\w+)<', chart)
    assert [name for name in called if name in steps] == [n for n in steps if n in called]
    assert {"War._events", "War._minds", "War._talk"} <= set(called)


def test_only_a_page_that_says_another_thing_is_written_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reference, "ROOT", tmp_path)
    monkeypatch.setattr(reference, "WRITTEN", {"a": lambda: "new\n", "b": lambda: "same\n"})
    monkeypatch.setattr(reference, "DRAWN", {})
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "b.md").write_text("same\n")
    assert reference.write() == ["a.md"]
    assert (tmp_path / "docs" / "a.md").read_text() == "new\n"
    assert reference.write() == []


def test_what_says_nothing_of_itself_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.rules.money.bought.__doc__", None)
    with pytest.raises(reference.UntoldError, match=r"sim\.rules\.money\.bought"):
        reference.rules()
    monkeypatch.setattr(sim.War.step, "__doc__", " ")
    with pytest.raises(reference.UntoldError, match=r"sim\.War\.step"):
        reference.python()
    monkeypatch.setattr(reference, "_places", dict)
    with pytest.raises(reference.UntoldError, match="no scenario has"):
        reference.scenario()
