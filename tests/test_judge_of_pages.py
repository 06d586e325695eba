"""What is on screens and pages traced back: the same numbers in every form, and in pictures' words.

That the sentences and tables themselves are right is held by the other judges; here they reach the
reader unchanged, with nothing added, and the words of pictures are traced to the raw tables.
"""

import html
import re
from collections import Counter
from pathlib import Path

import pytest
from judging import Number, err, fixed, num, trace, whole

import sim
from sim.experiment.runner import run_into
from sim.experiment.store import Store
from sim.report.page.contents import document_of
from sim.report.page.html import as_html
from sim.report.page.latex import as_latex
from sim.report.page.markdown import as_markdown
from sim.report.plots import DRAWINGS
from sim.scenario.schema import figures

ROOT = Path(__file__).parents[1]
DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
P_HIT, GUNS = "weapons.drone.p_hit", "sites.airfield.defence.gun.count"

THEORIES = """\
kind: theories
name: judged
title: Judged
question: Who hardens?
scenario: {scenarios}/minimal.yaml
mechanisms: [cost, rally]
region: {{half_width: 0.005, because: small}}
runs: 12
"""
IMPULSE = """\
kind: impulse
name: judged
title: Judged
question: What does each do?
scenario: {scenarios}/minimal.yaml
without: [raids.dawn]
mechanisms: [cost, rally]
stimuli:
  blow:
    title: A blow
    events:
      hit: {{kind: blow, title: Hit, on: mainland, date: 2025-01-05,
            loss: {{value: 0.1, assumed: as the test has it}}}}
predicted: {{cost: {{blow: ["0", "-"]}}}}
runs: 8
"""
ASKED = {
    "run": ("run", "minimal", "--runs", 60, "--seed", 2),
    "comparison": ("compare", "minimal", "--without", "raids.dawn", "--runs", 40),
    "sweep": ("sweep", "minimal", "--vary", f"{P_HIT}=0.2,0.5", "--vary", f"{GUNS}=0,3,9",
              "--outcome", "planes_destroyed", "--outcome", "deal_day", "--runs", 12),
    "sensitivity": ("sensitivity", "minimal", "--method", "morris", "--vary", f"{P_HIT}=0.1:0.9",
                    "--vary", "weapons.drone.p_works", "--outcome", "z_end", "--points", 3),
    "discovery": ("discover", "minimal", "--when", "z_end < 0.05", "--runs", 400),
    "theories": ("experiment", "theories.yaml"),
    "impulse": ("experiment", "impulse.yaml"),
}  # fmt: skip


@pytest.fixture(params=ASKED)
def answer(request, tmp_path, command, monkeypatch, sketched):
    """What the screen shows of a question of each kind, and the folder of its results."""
    monkeypatch.setenv("COLUMNS", "600")
    folder = tmp_path / "published"
    place = {"run": ("--out", tmp_path)}.get(request.param, ("--publish", folder))
    texts = {"theories": THEORIES, "impulse": IMPULSE}
    if request.param in texts:
        file = tmp_path / f"{request.param}.yaml"
        file.write_text(texts[request.param].format(scenarios=ROOT / "scenarios"))
    asked = [tmp_path / one if str(one).endswith(".yaml") else one for one in ASKED[request.param]]
    if asked[0] in ("sweep", "sensitivity", "discover", "experiment"):
        asked += ["--out", tmp_path]
    more = ["--full"] if request.param == "run" else []
    made = command(*asked, *place, *more, "--workers", 1)
    assert made.code == 0, made.err
    if request.param == "run":
        (folder,) = tmp_path.glob("minimal-*")
    return made.out, folder


def test_every_form_has_the_numbers_of_the_document_and_no_other(answer):
    screen, folder = answer
    document = document_of(folder)
    body = Counter()
    for part in document.parts:
        body += digits(part.heading, *(f"{shown.caption} {part.citation or document.citation}"
                                       for shown in part.figures))  # fmt: skip
        for section in part.sections:
            body += digits(*shown_of(section))
    assert digits(text_of_html(as_html(document))) == body
    head = digits(document.title, document.question, *document.answer)
    made = digits(*(f"{key}: {value}" for key, value in document.made), document.citation)
    assert digits(text_of_markdown(as_markdown(document))) == head + body + made
    tables = Counter()
    for part in document.parts:
        for section in part.sections:
            if section.rows:
                cited = part.citation or document.citation
                tables += digits(section.heading, cited, *section.columns,
                                 *(cell for row in section.rows for cell in row))  # fmt: skip
    assert digits(text_of_latex(as_latex(document))) == tables
    judge_register(document)
    judge_screen(screen, document, folder.parent)


def digits(*texts):
    return Counter(found for text in texts for found in DIGITS.findall(text))


def shown_of(section):
    """What a page shows of a section: nothing of one without words and rows."""
    lines = [line for line in section.lines if line]
    if not lines and not section.rows:
        return []
    heads = section.columns if section.rows else ()
    return [section.heading, *lines, *heads, *(cell for row in section.rows for cell in row)]


def text_of_html(page):
    main = page[page.index("<main>") : page.index("</main>")]
    main = re.sub(r"<svg.*?</svg>", " ", main, flags=re.DOTALL)
    main = re.sub(r"<b>(Figure|Table) \d+\.</b>", " ", main)
    main = main.replace("<wbr>", "")
    return html.unescape(re.sub(r"<[^>]*>", " ", main))


def text_of_markdown(page):
    page = re.sub(r"^!\[.*\]\(.*\)$", "", page, flags=re.MULTILINE)
    page = re.sub(r"\*\*(Figure|Table) \d+\.\*\*", " ", page)
    return html.unescape(re.sub(r"\\(.)", r"\1", page))


def text_of_latex(page):
    lines = [line for line in page.splitlines() if not line.startswith(("%", r"\begin{longtable}"))]
    return re.sub(r"\\url\{([^}]*)\}", r"\1", "\n".join(lines)).replace(r"\allowbreak{}", "")


def judge_register(document):
    """Each figure of the scenario beside its path: value and range."""
    known = dict(figures(sim.load(ROOT / "scenarios" / "minimal.yaml")))
    (part,) = (part for part in document.parts if part.heading == "Every figure used")
    (table,) = (s for s in part.sections if s.heading.startswith("Figures, with range"))
    seen = set()
    for path, value, span, unit, *_ in table.rows:
        one = known.get(path)
        if one is None:  # a figure of a mechanism that the experiment added
            continue
        seen.add(path)
        unit = "USD" if unit == "USD" else ""
        trace(value, [num(one.value)])
        trace(span, [] if one.low is None else [num(one.low), num(one.high)])
    assert len(seen) > len(known) / 2


def judge_screen(screen, document, place):
    """The screen shows no number that the page of the same results does not have."""
    page = digits(document.title, document.question, *document.answer)
    for part in document.parts:
        page += digits(part.heading)
        for section in part.sections:
            page += digits(*shown_of(section))
    lines = [line for line in screen.splitlines() if str(place) not in line]
    assert set(digits(*lines)) <= set(page)


# --- the words of pictures -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The raw tables of a run, and the words of its pictures by name."""
    folder = tmp_path_factory.mktemp("drawn")
    store = Store(folder, sim.load("minimal"), 60, 2, False)
    record = run_into(store, 1)
    said = {name: draw(record).description for name, draw in DRAWINGS.items()}
    tables = {name: getattr(record, name) for name in ("runs", "raids", "defence", "fans")}
    return tables, {name: " ".join(text.split()) for name, text in said.items()}


def two(value):
    """A number of a picture: two figures."""
    return err(value)


def ends(values):
    """Median, 5 % and 95 %, to two figures."""
    return [two(values.quantile(q)) for q in (0.5, 0.05, 0.95)]


def test_the_words_of_pictures_of_costs(drawn):
    tables, said = drawn
    runs, raids = tables["runs"], tables["raids"]
    hit = runs["dawn_first_damaged_target"] + runs["dawn_first_destroyed_target"]
    by_fate = {fate: raids[fate].mean() for fate in
               ("failed", "shot_down", "missed", "damaged_target", "destroyed_target")}  # fmt: skip
    trace(said["fates"], [two(hit.mean()), num(raids["ordered"].mean()),
                          *(two(mean) for mean in by_fate.values())])  # fmt: skip
    money = [two(runs["dawn_cost_exchange"].median())]
    for what in ("spent", "lost", "fired"):
        money += ends(runs[f"dawn_{what}_usd"])
    trace(said["cost_exchange"], money)
    losses = [n for what in ("hit", "destroyed") for n in whole_ends(runs[f"dawn_planes_{what}"])]
    trace(said["losses_against_reports"], losses, "90 %")
    stopped = raids["shot_down"] + raids["jammed"]
    flow = [whole(40), two(stopped.mean()), two(hit.mean()), whole(40), whole(40)]
    for fate, mean in by_fate.items():
        flow += [two(mean), *whole_ends(raids[fate])[1:]]
    gun = tables["defence"].groupby("run")["stopped"].sum()
    trace(said["flow"], [*flow, two(gun.mean()), *whole_ends(gun)[1:]])
    on_map = [n for what in ("hit", "destroyed") for n in whole_ends(runs[f"dawn_planes_{what}"])]
    trace(said["map"].replace("–", " to "), [whole(70), *on_map, whole(40), whole(70), whole(60)])


def whole_ends(values):
    """Median, 5 % and 95 % of a count: whole numbers."""
    return [Number(values.quantile(q), 0.5) for q in (0.5, 0.05, 0.95)]


def test_the_words_of_the_picture_of_positions(drawn):
    tables, said = drawn
    fans = tables["fans"].set_index(["position", "day"])["q50"]
    last = fans["z"].index.max()
    wanted = [fixed(fans["z"][day], 2) for day in (0, last)] + [whole(0)]
    wanted += [fixed(fans[r][day], 3) for r in ("r_u", "r_d") for day in (0, last)]
    trace(said["positions"].replace("\N{MINUS SIGN}", "-"), wanted, "5 Jan", "8 Jan")
