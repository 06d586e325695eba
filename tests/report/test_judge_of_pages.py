"""What is on screens and pages traced back: the same numbers in every form, and in pictures' words.

That the sentences and tables themselves are right is held by the other judges; here they reach the
reader unchanged, with nothing added, and the words of pictures are traced to the raw tables.
"""

import html
import json
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from judging import Number, err, fixed, num, per_cent, trace, trace_picture, whole

import sim
from sim.experiment.execution.runner import run_into
from sim.experiment.storage.store import Store
from sim.render.html import as_html
from sim.render.latex import as_latex
from sim.render.markdown import as_markdown
from sim.report.page.contents import document_of
from sim.report.plots import DRAWINGS
from sim.report.plots.picture import Picture
from sim.scenario.schema import figures

ROOT = Path(__file__).parents[2]
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
    """What the screen shows of a question of each kind, the folder of its results, and pictures."""
    monkeypatch.setenv("COLUMNS", "600")
    pictures, write_to = {}, Picture.write_to

    def kept(picture, place, name, *formats):
        pictures[name] = picture
        return write_to(picture, place, name, *formats)

    monkeypatch.setattr(Picture, "write_to", kept)
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
    return made.out, folder, request.param, pictures


def test_every_form_has_the_numbers_of_the_document_and_no_other(answer):
    screen, folder, kind, pictures = answer
    document = document_of(folder)
    body = Counter()
    for part in document.parts:
        body += digits(part.heading, *(f"{shown.caption} {part.citation or document.citation}"
                                       for shown in part.figures))  # fmt: skip
        for section in part.sections:
            body += digits(*shown_of(section))
    assert digits(text_of_html(as_html(document))) == body
    head = digits(document.title, document.question, *document.answer)
    made = digits(*(f"{key}: {value}" for key, value in document.provenance), document.citation)
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
    if kind in PICTURED:
        judge_pictures(kind, folder, pictures)


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
    pictures = {name: draw(record) for name, draw in DRAWINGS.items() if name != "history"}
    said = {name: picture.description for name, picture in pictures.items()}
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


# --- the words of pictures of answers --------------------------------------------------------


def judge_pictures(kind, folder, pictures):
    told = json.loads((folder / "answer.json").read_text())
    wanted = PICTURED[kind](told, folder)
    assert set(pictures) == set(wanted)
    for name, (numbers, others, names) in wanted.items():
        trace_picture(pictures[name], numbers, others, names)


def counts(told, *keys):
    return [whole(told[key]) for key in keys]


def of_comparison(told, _):
    """Effects by day, of plain runs with and without."""
    war = sim.load("minimal")
    pair = sim.compare(sim.load("minimal", without=["raids.dawn"]), war, runs=told["runs"])
    days = {word: [pair.effect_on_day(word, day) for day in range(war.days)]
            for word in ("r_u", "r_d", "z")}  # fmt: skip
    numbers = [fixed(days["z"][-1]["mean"], 2)]
    for course in days.values():
        most = max(course, key=lambda one: abs(one["mean"]))
        ends = (course[0]["mean"], course[-1]["mean"], course[-1]["median"], most["mean"])
        numbers += [fixed(value, 2) for value in ends]
    return {"effects": (numbers, counts(told, "runs", "seed"), ["95 %", "(2025)"])}


def of_sweep(told, folder):
    """Least and largest mean of the points, and in how many wars it happened."""
    points, found = pd.read_csv(folder / "points.csv"), {}
    others = [whole(len(points)), *counts(told, "runs", "seed")]
    for outcome in ("planes_destroyed", "deal_day"):
        ends = [fixed(end, 1) for end in (points[outcome].min(), points[outcome].max())]
        numbers = ends * 2
        if outcome == "deal_day":
            wars = points["deal_day wars"]
            numbers += [whole(wars.min()), whole(wars.max()), whole(told["runs"])]
        found[f"map_{outcome}"] = (numbers, others, [])
    return found


def of_sensitivity(told, _):
    entry = told["outcomes"]["z_end"]
    numbers = [err(row["effect"]["value"]) for row in entry["figures"][:3]]
    others = [num(entry["mean"]), *counts(told, "points", "runs", "wars", "seed")]
    return {"tornado": (numbers, others, ["Whiskers hold 95 %", "distinguishable from 0 or luck"])}


def of_discovery(told, _):
    (box,) = told["boxes"]
    numbers = [fixed(box[key], 2) for key in ("coverage", "density")]
    others = [per_cent(told["share"]), *counts(told, "runs", "seed")]
    for path, ends in box["box"].items():
        whole_range = (told["figures"][path]["low"], told["figures"][path]["high"])
        others += [num(one if end is None else end)
                   for end, one in zip(ends, whole_range, strict=True)]  # fmt: skip
        others += map(num, whole_range)
    return {"discovery": (numbers, others, [told["when"]])}


def of_theories(told, folder):
    table = pd.read_csv(folder / "theories.csv")
    first, day = "the raid's day", told["verdicts"]["the raid's day"]
    sides, words = ("r_u", "r_d"), ("r_u", "r_d", "z")
    numbers = [per_cent(day[side]["hardens"]) for side in sides] + [per_cent(day["both harden"])]
    others = [*counts(told, "theories", "wars", "runs", "seed"), whole(len(told["mechanisms"])),
              Number(told["region"]["half_width"])]  # fmt: skip
    for one in told["verdicts"].values():
        numbers += [per_cent(one[word][way]) for word in words for way in ("hardens", "softens")]
        others += [per_cent(one[key]) for key in ("both harden", "both soften", "opposite")]
        others += [per_cent(one[word]["no effect"]) for word in words]
    effects = table[[f"{side}, {first}" for side in sides]].to_numpy()
    told_of = table[[f"{side}, {first} verdict" for side in sides]].isin(["hardens", "softens"])
    for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        there = (effects * signs > 1e-9).all(axis=1)
        numbers.append(per_cent(there.mean()))
        others.append(per_cent((there & told_of.all(axis=1)).mean()))
    last, medians = decayed(told)
    for word in words:
        numbers += [fixed(median, 3) for median in medians[word]] + [whole(last)]
    others += [whole(last)]
    for word in words:
        decide = told["mechanisms_decide"][word][first].values()
        largest = sorted(decide, key=lambda one: -abs(one["effect"]))[:3]
        numbers += [fixed(one["effect"], 3) for one in largest]
        others += [per_cent(value) for one in decide for key, value in one.items()
                   if key != "effect" and isinstance(value, float)]  # fmt: skip
    names = ["on an axis 100 %", "bands: 50 and 90 %"]
    return {"theories": (numbers, others, names)}


def decayed(told):
    """The last day that is shown, and medians over theories on the raid's day and on that."""
    war = sim.load(ROOT / "scenarios" / "minimal.yaml", without=["raids.dawn"])
    means = {word: [] for word in ("r_u", "r_d", "z")}
    for k in range(4):
        on = [f"mechanisms.{name}.on={str(bool(k >> place & 1)).lower()}"
              for place, name in enumerate(told["mechanisms"])]  # fmt: skip
        pair = sim.compare(sim.load("minimal", on, without=["raids.dawn"]),
                           sim.load("minimal", on), runs=told["runs"])  # fmt: skip
        for word, found in means.items():
            found.append([pair.effect_on_day(word, day)["mean"] for day in (4, war.days - 1)])
    medians = {word: pd.DataFrame(found).median().tolist() for word, found in means.items()}
    return war.days - 1 - 4, medians


def of_impulse(told, folder):
    table = pd.read_csv(folder / "impulse.csv", dtype={"sign": str, "predicted": str})
    signs = table["predicted"] != "0"
    hold = table["sign"] == table["predicted"]
    numbers = [whole((signs & hold).sum()), whole(signs.sum()), whole((~signs & hold).sum()),
               whole((~signs).sum())]  # fmt: skip
    found = table[table["sign"] != "0"]
    numbers += [err(100 * size) for size in found["size"]]
    assert found["half-life, days"].isna().all()  # else their days stand in the words too
    return {"impulse": (numbers, counts(told, "runs", "seed"), [])}


PICTURED = {
    "comparison": of_comparison,
    "sweep": of_sweep,
    "sensitivity": of_sensitivity,
    "discovery": of_discovery,
    "theories": of_theories,
    "impulse": of_impulse,
}
