"""Documents of results: whole, self-contained, true to the figures, for every kind of question."""

import json
import re
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sim.experiment.runner import run_into
from sim.experiment.store import Store
from sim.report.page.contents import document_of
from sim.report.page.html import as_html
from sim.report.page.latex import as_latex
from sim.report.page.markdown import as_markdown
from sim.report.summary import summarise
from sim.scenario.load import load

ROOT = Path(__file__).parents[1]

_EMPTY = {"meta", "link", "br", "img", "hr", "input", "path", "use", "rect", "circle", "line"}


class _Reader(HTMLParser):
    """Checks that tags close, that ids are of one thing, and that what is referred to is there."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.wanted, self.loads = [], [], set(), []

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        if tag not in _EMPTY:
            self.open.append(tag)
        if "id" in said:
            self.ids.append(said["id"])
        for name, value in attributes:
            if name.endswith("href") and value.startswith("#"):
                self.wanted.add(value[1:])
            self.wanted |= set(re.findall(r"url\(#([^)]*)\)", value or ""))
            if name in ("src", "href", "data") and tag != "a" and not value.startswith("#"):
                self.loads.append(value)

    def handle_endtag(self, tag):
        if tag not in _EMPTY:
            assert self.open.pop() == tag


def check_page(text):
    reader = _Reader()
    reader.feed(text)
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    assert reader.wanted <= set(reader.ids)
    assert reader.loads == []
    assert "<script" not in text


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A folder with runs of the smallest war."""
    store = Store(tmp_path_factory.mktemp("ran"), load("minimal"), 60, 1, False)
    run_into(store, 1)
    return store.folder


def test_a_run_is_told_whole(ran):
    document = document_of(ran)
    text = as_html(document)
    check_page(text)
    record = Store.of_folder(ran).read()
    destroyed = summarise(record)["raids"]["dawn"]["losses"]["planes"]["destroyed"]
    assert f"destroys {destroyed['median']:.3g}" in document.answer[0]
    assert "hardens" in document.answer[1]
    assert [part.heading for part in document.parts] == [
        "What happened",
        "What it did to the talks",
        "How sure",
        "Every figure used",
        "What the model is not",
    ]
    figures = [shown for part in document.parts for shown in part.figures]
    assert len(figures) >= 3
    assert all(shown.title and shown.description for shown in figures)
    for path in ("weapons.drone.p_hit", "minds.island.p_win"):
        assert path in text
    assert "teaching example" in text
    assert escape(document.citation) in text


def test_what_is_read_back_is_what_was_run(ran):
    kept, fresh = Store.of_folder(ran).scenario, load("minimal")
    assert kept.model_dump() == fresh.model_dump()
    assert (kept.text, kept.cited, kept.code) == (fresh.text, fresh.cited, fresh.code)


def test_the_same_results_make_the_same_page(ran):
    assert as_html(document_of(ran)) == as_html(document_of(ran))


def test_tables_for_a_paper_hold_every_row(ran):
    document = document_of(ran)
    tables = [section for part in document.parts for section in part.sections if section.rows]
    markdown, latex = as_markdown(document), as_latex(document)
    rows = sum(len(section.rows) for section in tables)
    assert len(re.findall(r"^\| ", markdown, re.M)) == rows + len(tables)
    assert latex.count(r"\begin{longtable}") == latex.count(r"\end{longtable}") == len(tables)
    assert latex.count(r" \\") == rows + len(tables)
    assert not re.search(r"(?<!\\)[&%#_](?=\w)", re.sub(r"^%.*|&", "", latex, flags=re.M))


def test_a_comparison_tells_the_effect_first(tmp_path, command):
    folder = tmp_path / "answer"
    told = command("compare", "minimal", "--without", "raids.dawn", "--runs", 60, "--publish",
                   folder, "--json")  # fmt: skip
    figures = json.loads(told.out)
    document = document_of(folder)
    check_page(as_html(document))
    effect = figures["days"]["2025-01-05"]["effects"]["r_d"]
    assert f"{abs(effect['mean']):.4f}" in document.answer[0]
    assert "lowers the least share Mainland accepts" in document.answer[0]


@pytest.mark.parametrize("name", ["cheap-against-dear", "saturation-or-precision", "impulse"])
def test_a_shipped_answer_has_its_document(name, tmp_path, command):
    file = tmp_path / "page.html"
    told = command("report", ROOT / "results" / name, "--to", file)
    assert told.code == 0, told.err
    text = file.read_text()
    check_page(text)
    answer = json.loads((ROOT / "results" / name / "answer.json").read_text())
    assert " ".join(answer["question"].split())[:40] in text


def test_what_has_no_document_is_said_in_a_line(tmp_path, command):
    (tmp_path / "empty").mkdir()
    for name, words in (("empty", "no results here"), ("nowhere", "no such folder")):
        told = command("report", tmp_path / name, "--out", tmp_path)
        assert (told.code, told.err.count("\n")) == (2, 1)
        assert words in told.err
    (tmp_path / "empty" / "manifest.json").write_text('{"kind": "dream"}')
    told = command("report", tmp_path / "empty")
    assert told.code == 2
    assert "'dream' has no report" in told.err
