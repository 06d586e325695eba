"""Words from strangers, through every format by its own rule and every command that writes."""

import csv
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hostile import WORDS, is_refused, with_words
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sim.render.document import CaptionedSvg, Document, Part, Section
from sim.render.html import as_html
from sim.render.latex import as_latex
from sim.render.lines import in_one_line, written_out
from sim.render.markdown import as_markdown
from sim.report.as_csv import as_csv, from_csv
from sim.scenario.text.document import plain
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("sketched")

READ = tuple(word for word in WORDS if not is_refused(word))
ANY_WORDS = st.sampled_from(WORDS) | st.text(max_size=40) | st.text("\\{}%$#&_^~\n<>[]()`*|!-")
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>a picture</title></svg>'


def document(word: str) -> Document:
    """A document with the word wherever a scenario's words may stand."""
    table = Section(word, [word, f"a {word}"], (word, "n"), [(word, "1"), (f"  {word}", word)])
    shown = CaptionedSvg("plots/map", SVG, word, word, word)
    part = Part(word, [shown], [table, Section(word, [word])], word)
    return Document(word, word, [word, word], [part], word, [(word, word)])


# --- LaTeX -------------------------------------------------------------------------------------

HOUSE_COMMANDS = {
    "begin", "end", "caption", "toprule", "midrule", "bottomrule", "endhead", "url", "textwidth",
    "raggedright", "arraybackslash", "allowbreak", "textbackslash", "textasciitilde",
    "textasciicircum", "pm", "times", "ge", "le",
}  # fmt: skip


def check_latex(text: str) -> None:
    """What TeX reads, read by its rules: the house's commands alone, and every group closed."""
    depth = 0
    for line in text.split("\n"):
        assert line.isprintable(), line
        place = 0
        while place < len(line):
            here = line[place]
            if here == "%":
                break
            if here == "\\":
                command = re.match(r"\\([A-Za-z]+|.)", line[place:])
                assert command, line
                name = command[1]
                assert name in HOUSE_COMMANDS or name in r"\&%$#_{}", line
                place += command.end()
                if name == "url":
                    address = re.match(r"\{([^{}\\^]*)\}", line[place:])
                    assert address, line
                    place += address.end()
                continue
            assert here not in "^#~", line
            depth += {"{": 1, "}": -1}.get(here, 0)
            assert depth >= 0, line
            place += 1
    assert depth == 0


@given(ANY_WORDS)
@examples(150)
def test_latex_reads_no_command_out_of_words(word: str) -> None:
    check_latex(as_latex(document(word)))


@pytest.mark.parametrize("word", WORDS)
def test_latex_of_the_corpus(word: str) -> None:
    check_latex(as_latex(document(word)))


def test_the_check_of_latex_can_fail() -> None:
    for text in ("% a\n\\input{x}", "\\url{a}\\input{b}", "a } b", "^^5c"):
        with pytest.raises(AssertionError):
            check_latex(text)


# --- HTML --------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a browser makes of a page: its elements, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def check_html(text: str, like: str) -> None:
    """The same elements as a page of harmless words, but for links and parts of cells."""
    ours, house = Page(text), Page(like)
    loose = ("a", "wbr", "p", "span")
    tags = [tag for tag, _ in ours.elements if tag not in loose]
    assert tags == [tag for tag, _ in house.elements if tag not in loose]
    for _, attributes in ours.elements:
        assert not any(name.startswith("on") or name == "src" for name in attributes)
        assert re.match(r"(#|https?://|$)", attributes.get("href") or "")


@pytest.mark.parametrize("word", WORDS)
def test_html_of_the_corpus(word: str) -> None:
    text = as_html(document(word))
    check_html(text, as_html(document("harmless words")))
    assert word in " ".join(Page(text).said) or "\x00" in word or "\r" in word


# --- Markdown ----------------------------------------------------------------------------------


def check_markdown(text: str, like: str) -> None:
    """The same blocks as of harmless words, no HTML, no links, no pictures but the house's."""
    for dialect in ("commonmark", "gfm-like"):
        reader = MarkdownIt(dialect, {"linkify": False}).enable("table")
        ours, house = reader.parse(text), reader.parse(like)
        assert [token.type for token in ours] == [token.type for token in house]
        for token in ours:
            for inner in token.children or ():
                assert inner.type not in ("html_inline", "link_open", "code_inline", "s_open")
                if inner.type == "image":
                    assert inner.attrs["src"] == "plots/map.svg"
            assert token.type not in ("html_block", "fence", "code_block")


@pytest.mark.parametrize("word", WORDS)
def test_markdown_of_the_corpus(word: str) -> None:
    text = as_markdown(document(word), ".")
    check_markdown(text, as_markdown(document("harmless words"), "."))


def test_markdown_shows_what_was_written() -> None:
    for word in WORDS:
        title = as_markdown(document(word)).split("\n")[0]
        inner = MarkdownIt("commonmark").parse(title)[1].children or []
        shown = "".join(token.content for token in inner)
        wanted = " ".join(written_out(in_one_line(word)).split())
        assert " ".join(shown.split()) == wanted


# --- spreadsheets ------------------------------------------------------------------------------


def test_no_word_of_a_table_is_a_formula() -> None:
    words = [word for word in READ if "\n" not in word and "\r" not in word]
    signs = ["+", "-", "+-", "-0.5", "+3", "-1e-05"]
    table = pd.DataFrame({"=1+1": [*words, *signs], "number": -np.arange(len(words) + len(signs))})
    text = as_csv(table)
    head, *rows = csv.reader(StringIO(text, newline=""))
    assert head == ["'=1+1", "number"]
    for (shown, _), word in zip(rows, words, strict=False):
        assert shown[:1] not in ("=", "+", "-", "@", "\t")
        assert shown.lstrip("'") == word.lstrip("'")
    assert [shown for shown, _ in rows[len(words) :]] == signs
    again = from_csv(text)
    assert again["=1+1"].tolist() == table["=1+1"].tolist()
    assert again["number"].tolist() == table["number"].tolist()


def test_labels_of_an_experiment_are_no_formulas(command, write, war_text, tmp_path) -> None:
    write(war_text)
    label = "=cmd|' /C calc'!A0"
    asked = {
        "kind": "sweep", "name": "hostile", "title": "t", "question": "q", "scenario": "war.yaml",
        "levers": {"@SUM": {label: {"weapons.dart.p_hit": 0.2}, "b": {"weapons.dart.p_hit": 0.5}}},
        "outcomes": ["z_end"], "runs": 2,
    }  # fmt: skip
    (tmp_path / "hostile.yaml").write_text(json.dumps(asked))
    told = command(
        "experiment", tmp_path / "hostile.yaml", "--out", tmp_path / "out", "--publish",
        tmp_path / "pub", "--workers", 1,
    )  # fmt: skip
    assert told.code == 0, told
    with (tmp_path / "pub" / "points.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'@SUM" in cells
    assert f"'{label}" in cells
    assert not [cell for cell in cells if cell[:1] in "=+@" and cell]
    assert (
        command("report", tmp_path / "pub", "--format", "md", "--to", tmp_path / "p.md").code == 0
    )
    assert "'=cmd" not in (tmp_path / "p.md").read_text()


# --- through the commands ----------------------------------------------------------------------


def scenario_of(war_text: str, first: int) -> str:
    """The tiny war as JSON, which is YAML, with the corpus in its words from a place on."""
    words = [*READ[first:], *READ[:first]]
    data = with_words(plain(war_text), words)
    return json.dumps(data, default=str)


@pytest.mark.parametrize("word", [word for word in WORDS if is_refused(word)])
def test_words_that_nobody_can_read_are_refused(
    word: str, tmp_path: Path, write: Any, war_text: str, command: Callable[..., Any]
) -> None:
    for place in ("title: A tiny war", "question: What does one raid do to two meetings?"):
        file = write(war_text.replace(place, f"{place.split(':')[0]}: {json.dumps(word)}"))
        told = command("check", file)
        check_terminal(told)
        assert told.code == 2
        assert "holds the character '\\x" in told.err
    file = write(war_text)
    (tmp_path / "sources.yaml").write_text(
        json.dumps({key: {"title": word} for key in ("field2025", "price2024")})
    )
    told = command("check", file)
    check_terminal(told)
    assert told.code == 2


def check_terminal(told: Any) -> None:
    for text in (told.out, told.err):
        assert all(c == "\n" or c.isprintable() for c in text), text
    assert "Traceback" not in told.err


@pytest.mark.thorough
def test_every_command_that_prints_or_writes_takes_the_corpus(
    tmp_path: Path, war_text: str, command: Callable[..., Any], monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    words = list(READ)
    register = with_words({"field2025": {"title": "", "url": "", "note": ""}}, words)
    register |= with_words({"price2024": {"title": "", "url": "", "note": ""}}, words)
    (tmp_path / "sources.yaml").write_text(json.dumps(register))
    folders = []
    for first in (0, len(READ) // 2):
        file = tmp_path / f"war{first}.yaml"
        file.write_text(scenario_of(war_text, first))
        told = command("check", file)
        check_terminal(told)
        assert told.code == 0
        told = command("run", file, "--runs", 20, "--out", "out")
        check_terminal(told)
        assert told.code == 0
    folders = sorted(Path("out").iterdir())
    assert len(folders) == 2
    for place, folder in enumerate(folders):
        for form, check in (
            ("tex", check_latex), ("html", check_page), ("md", check_no_html)
        ):  # fmt: skip
            told = command("report", folder, "--format", form, "--to", f"page.{form}")
            check_terminal(told)
            assert told.code == 0, told
            check(Path(f"page.{form}").read_text())
        for svg in folder.rglob("*.svg"):
            root = ElementTree.fromstring(svg.read_text())
            assert not [e for e in root.iter() if e.tag.endswith(("script", "foreignObject"))]
        told = command("results", "show", folder.name, "--out", "out")
        check_terminal(told)
        told = command("replay", folder, "--run", place, "--to", "again")
        check_terminal(told)
        assert told.code == 0, told
        for page in Path("again").glob("*.html"):
            elements = Page(page.read_text()).elements
            scripts = [attributes for tag, attributes in elements if tag == "script"]
            assert scripts == [{"type": "application/json", "class": "animation"}, {}]
            assert not any(name.startswith("on") for _, said in elements for name in said)
        for table in Path("again").glob("*.csv"):
            with table.open(newline="") as stream:
                assert len({len(row) for row in csv.reader(stream)}) == 1
    check_terminal(command("results", "--out", "out"))
    told = command("validate", "reported", file, "--runs", 20)
    check_terminal(told)
    told = command("compare", file, "--without", "raids.dawn", "--runs", 20, "--publish", "pub")
    check_terminal(told)
    assert told.code == 0
    told = command("report", "pub", "--format", "tex", "--to", "pub.tex")
    assert told.code == 0
    check_latex(Path("pub.tex").read_text())
    assert not Path("hacked").exists()


def check_page(text: str) -> None:
    elements = Page(text).elements
    assert "script" not in {tag for tag, _ in elements}
    for _, attributes in elements:
        assert not any(name.startswith("on") for name in attributes)


def check_no_html(text: str) -> None:
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        assert token.type != "html_block"
        assert not any(inner.type == "html_inline" for inner in token.children or ())
