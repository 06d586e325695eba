"""Documents of results: whole, self-contained, true to the figures, for every kind of question."""

import json
import re
import shutil
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from sim.experiment.execution.runner import run_into
from sim.experiment.storage.store import Store
from sim.render.html import as_html
from sim.render.latex import as_latex
from sim.render.markdown import as_markdown
from sim.report.answers.summary import summarise
from sim.report.numbers import number
from sim.report.page.captions import caption_of
from sim.report.page.contents import document_of
from sim.report.plots import DRAWINGS
from sim.scenario.load import load
from sim.scenario.schema import figures

pytestmark = pytest.mark.usefixtures("sketched")

ROOT = Path(__file__).parents[2]

_EMPTY = {"meta", "link", "br", "wbr", "img", "hr", "input"}
_EMPTY |= {"path", "use", "rect", "circle", "line"}


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
        "The paired effect",
        "How sure",
        "Every figure used",
        "What the model is not",
    ]
    figures = [shown for part in document.parts for shown in part.figures]
    assert len(figures) >= 3
    assert all(shown.title and shown.description for shown in figures)
    for path in ("weapons.drone.p_hit", "minds.island.p_win"):
        assert f">{path}</th>" in text.replace("<wbr>", "")
    assert "teaching example" in text
    assert escape(document.citation) in text


def test_captions_are_short_and_descriptions_are_for_those_who_cannot_see(ran):
    document = document_of(ran)
    text, markdown, latex = as_html(document), as_markdown(document), as_latex(document)
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", text, re.S)
    figures = [shown for part in document.parts for shown in part.figures]
    assert len(captions) == len(figures)
    for figure, caption in zip(figures, captions, strict=True):
        assert figure.caption.startswith(figure.title)
        assert len(figure.caption) < 400
        assert figure.caption in unescape(caption)
        assert document.citation in unescape(caption)
        assert f"<desc>{escape(figure.description, quote=False)}</desc>" in text
        assert figure.description not in caption
        assert f"![{figure.description}]({figure.file}.svg)" in markdown
        assert (ran / f"{figure.file}.svg").exists()
        assert f"% \\includegraphics[width=\\textwidth]{{{figure.file}}}" in latex
        assert (ran / f"{figure.file}.pdf").exists()


def test_links_lead_to_the_pictures_from_wherever_the_document_lies(ran, tmp_path, command):
    for form, link in (("md", r"\]\(([^)]+\.svg)\)"), ("tex", r"includegraphics.*?\{([^}]+)\}")):
        file = tmp_path / "my paper" / f"it.{form}"
        told = command("report", ran, "--format", form, "--to", file)
        assert told.code == 0, told.err
        found = re.findall(link, file.read_text())
        assert found
        for place in found:
            there = (file.parent / unquote(place)).with_suffix(".svg")
            assert there.exists(), place


def test_every_figure_has_its_caption():
    for name in (*DRAWINGS, *(file.stem for file in ROOT.glob("results/*/*.svg"))):
        assert len(caption_of(name, "Title")) > len("Title. ")
    assert caption_of("points_z_end", "Z.").startswith("Z. ")
    assert caption_of("front", "Where to shelter?").startswith("Where to shelter? ")
    with pytest.raises(KeyError, match="nobody"):
        caption_of("nobody", "Title")


def test_answers_beside_a_run_stand_in_its_page(tmp_path, command):
    run = command("run", "minimal", "--runs", 60, "--out", tmp_path, "--json")
    folder = Path(json.loads(run.out)["folder"])
    first = as_markdown(document_of(folder))
    line = "sim compare minimal --without raids.dawn --publish FOLDER"
    assert line in first
    assert "sim sensitivity minimal --method pawn --runs 60 --seed 1 asks" in first

    without = ("compare", "minimal", "--without", "raids.dawn", "--publish")
    told = command(*without, tmp_path / "without", "--runs", 40, "--json")
    command(*without, tmp_path / "fewer", "--runs", 20)
    command("compare", "minimal", "--set", "mechanisms.cost.on=false", "--runs", 80,
            "--publish", tmp_path / "other")  # fmt: skip
    asked = ("sensitivity", "minimal", "--outcome", "z_end", "--out", tmp_path)
    few = ("--method", "morris", "--points", 2, "--runs", 2)
    command(*asked, "--method", "pawn", "--runs", 60, "--publish", tmp_path / "again")
    lonely = tmp_path / "lonely"
    shutil.copytree(tmp_path / "again", lonely / "published")
    shutil.copytree(folder, lonely / folder.name, ignore=shutil.ignore_patterns("sensitivity"))
    command(*asked, *few)
    command(*asked, *few, "--set", "weapons.drone.p_hit=0.4")
    document = document_of(folder)
    check_page(as_html(document))
    assert line not in as_markdown(document)
    assert "was not asked" not in as_markdown(document)
    effect = json.loads(told.out)["days"]["2025-01-05"]["effects"]["r_d"]
    paired = next(part for part in document.parts if part.heading == "The paired effect")
    assert f"by {abs(effect['mean']):.4f}" in " ".join(paired.sections[0].lines)
    assert "result without" in paired.citation
    assert [shown.file for shown in paired.figures] == ["../without/effects"]
    headings = [part.heading for part in document.parts if "depends on" in part.heading]
    assert headings[0] == "What it depends on (pawn)"
    beside = [part.heading for part in document_of(lonely / folder.name).parts]
    assert "What it depends on (pawn, published)" in beside
    assert [h.split("-")[0] for h in headings[1:]] == ["What it depends on (morris, minimal"]


def test_a_sweep_shows_what_its_outcomes_hang_on(tmp_path, command):
    swept = command("sweep", "minimal", "--vary", "weapons.drone.p_hit=0.3:0.6:2", "--runs", 4,
                    "--outcome", "z_end", "--out", tmp_path, "--json")  # fmt: skip
    folder = Path(json.loads(swept.out)["folder"])
    line = "sim sensitivity minimal. Its answer then appears here"
    assert line in as_html(document_of(folder))
    asked = ("sensitivity", "minimal", "--outcome", "z_end", "--runs", 2, "--out", tmp_path)
    told = command(*asked, "--method", "morris", "--points", 2, "--publish", tmp_path / "shown",
                   "--json")  # fmt: skip
    document = document_of(folder)
    check_page(as_html(document))
    assert any(part.heading.startswith("What it depends on (morris") for part in document.parts)
    assert line not in as_html(document)
    for own in (json.loads(told.out)["folder"], tmp_path / "shown"):
        document = document_of(Path(own))
        check_page(as_html(document))
        assert "z end" in document.answer[0]


def register_of(folder):
    """The tables of the register by heading, and the whole page as Markdown."""
    document = document_of(folder)
    check_page(as_html(document))
    part = next(part for part in document.parts if part.heading == "Every figure used")
    return {section.heading: section for section in part.sections}, as_markdown(document)


def paths_in(tables):
    return {row[0] for row in tables["Figures, with range and provenance"].rows}


@pytest.mark.parametrize("within", ["", "discovery/cart"])
def test_an_analysis_has_the_register_wherever_it_lies(tmp_path, command, within):
    asked = ("sensitivity", "minimal", "--method", "morris", "--points", 2, "--outcome", "z_end",
             "--runs", 2)  # fmt: skip
    if within:
        asked = ("discover", "minimal", "--when", "planes_hit > 14", "--method", "cart",
                 "--runs", 200)  # fmt: skip
    told = command(*asked, "--set", "weapons.drone.p_works=0.8", "--out", tmp_path / "own",
                   "--publish", tmp_path / "shown", "--json")  # fmt: skip
    assert told.code == 0, told.err
    own = Path(json.loads(told.out)["folder"])
    assert own.as_posix().endswith(within)
    for folder in (own, tmp_path / "shown"):
        tables, text = register_of(folder)
        assert paths_in(tables) == {path for path, _ in figures(load("minimal"))}
        assert "| weapons.drone.p_works | 0.8 |  |  |  | assumed: set by an override |" in text
        assert text.startswith("# A small war with one raid and one meeting: ")


IMPULSE = """
kind: impulse
name: strikes
title: A strike
question: What does a strike do?
scenario: minimal.yaml
without: [raids, focus, talks]
mechanisms: [cost]
stimuli:
  silence: {title: Nothing happens}
  strike:
    title: A strike
    set: {mechanisms.cost.lasts: 30}
    events:
      first: {kind: blow, title: Strike, on: mainland, date: 2025-01-05,
              loss: {value: 0.05, low: 0.01, high: 0.1, assumed: "a twentieth"}}
runs: 4
"""


def test_an_impulse_has_the_figures_of_its_war_and_of_each_stimulus(tmp_path, command):
    for name in ("minimal.yaml", "sources.yaml"):
        (tmp_path / name).write_bytes((ROOT / "scenarios" / name).read_bytes())
    (tmp_path / "strikes.yaml").write_text(IMPULSE)
    told = command("experiment", tmp_path / "strikes.yaml", "--publish", tmp_path / "shown")
    assert told.code == 0, told.err
    tables, _ = register_of(tmp_path / "shown")
    assert tables["What the stimuli set"].rows == [
        ("strike", "events.first.loss", "0.05", "0.01 to 0.1", "", "triangular",
         "assumed: a twentieth"),
        ("strike", "mechanisms.cost.lasts", "30", "", "day", "",
         "assumed: set by an override"),
    ]  # fmt: skip
    assert "mechanisms.cost.per_loss" in paths_in(tables)
    assert not any(path.startswith("raids.") for path in paths_in(tables))


SWEEP = """
kind: sweep
name: guns
title: Guns
question: How many guns?
scenario: minimal.yaml
levers:
  weapons.drone.p_hit: [0.3, 0.6]
  mechanisms.cost.on: [true, false]
  guns:
    none: {sites.airfield.defence: {}}
    many: {sites.airfield.defence.gun.count: {value: 9, low: 8, high: 12, assumed: "many"}}
titles: {guns: guns at the airfield}
outcomes: [z_end]
runs: 4
"""


def test_a_sweep_has_what_it_varies_in_its_register_and_names_its_switches(tmp_path, command):
    for name in ("minimal.yaml", "sources.yaml"):
        (tmp_path / name).write_bytes((ROOT / "scenarios" / name).read_bytes())
    (tmp_path / "guns.yaml").write_text(SWEEP)
    told = command("experiment", tmp_path / "guns.yaml", "--out", tmp_path, "--publish",
                   tmp_path / "shown")  # fmt: skip
    assert told.code == 0, told.err
    tables, text = register_of(tmp_path / "shown")
    setting = "set by the experiment"
    assert tables["What was varied"].rows == [
        ("weapons.drone.p_hit", "each", "weapons.drone.p_hit", "0.3, 0.6", "", "", setting),
        ("mechanisms.cost.on", "each", "mechanisms.cost.on", "true, false", "", "", setting),
        ("guns at the airfield", "none", "sites.airfield.defence", "none", "", "", setting),
        ("guns at the airfield", "many", "sites.airfield.defence.gun.count", "9", "8 to 12", "",
         "assumed: many"),
    ]  # fmt: skip
    noted = {row[0]: row[-1] for row in tables["Figures, with range and provenance"].rows}
    assert noted["weapons.drone.p_hit"].endswith("; varied here")
    assert not noted["weapons.drone.p_destroy"].endswith("varied here")
    assert "|  | mechanisms.cost on | mechanisms.cost off |" in text
    assert "| weapons.drone.p_hit 0.3, guns at the airfield none |" in text
    assert "mechanisms.cost off" in told.out
    assert "True" not in told.out


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
    assert "with minus without" in document.answer[0]
    assert "the least share Mainland accepts falls by" in document.answer[0]
    assert document.question == "What does The raid at dawn make of the war?"


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
    (tmp_path / "empty" / "manifest.json").write_text('{"scenario": "minimal", "rounds": 8}')
    told = command("report", tmp_path / "empty")
    assert told.code == 2
    assert "'an answer of this kind' has no report" in told.err


def test_a_number_that_rounds_to_nothing_has_no_sign():
    assert number(-0.0004, "share") == "0.000"
    assert number(-0.0006, "share") == "-0.001"
