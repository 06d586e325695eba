"""The right-hand side of the page as HTML: the current wars, compared with the pinned ones."""

from pathlib import Path
from typing import Any, NamedTuple

from sim.render.document import Figures, Section
from sim.render.template import fill
from sim.report.answers.run import Run
from sim.report.dashboard.charts import positions_charts
from sim.report.dashboard.key_numbers import key_numbers, median
from sim.report.dashboard.losses import tracks_of
from sim.report.dashboard.results import Results
from sim.report.dashboard.weighed_raid import beside_the_record
from sim.report.numbers import chance, percent
from sim.report.plots.captions import deal_words

_TEMPLATES = Path(__file__).with_name("templates")
_FAN_RUNS = 500  # runs from which the bands of positions are computed


class Pages(NamedTuple):
    """The results as HTML: above the raid shown, below it, and the rest."""

    above: str
    below: str
    rest: str


def pages_of(now: Results, pinned: Results | None) -> Pages:
    """The results as HTML."""
    answer, *others = Run("", (now.scenario,), now.summary).sections()
    above = fill(
        _TEMPLATES / "answer.html",
        **_lead(answer),
        weighed=beside_the_record(now),
        titles=now.scenario.titles,
        charts=positions_charts(now.record, None if pinned is None else pinned.record),
        deal_words=deal_words(now.scenario),
        fan_runs=min(_FAN_RUNS, now.summary["runs"]),
        groups=list(key_numbers(now, pinned)),
        summary=now.summary,
        is_compared=pinned is not None,
    )
    below = fill(
        _TEMPLATES / "talks.html",
        tracks=tracks_of(now, None),
        talks=Section.of("Talks", [], _meetings(now, pinned)),
        is_compared=pinned is not None,
    )
    shown = [section for section in others if section.lines or section.rows]
    return Pages(above, below, fill(_TEMPLATES / "numbers.html", sections=shown))


def _lead(answer: Section) -> dict[str, Any]:
    """The question, the first sentence with its numbers, and the rest as a paragraph per raid."""
    question, _, first, *lines = answer.lines
    paragraphs = [text for text in "\n".join(lines).split("\n\n") if text]
    return {"question": question, "headline": first, "paragraphs": paragraphs}


# --- the meetings ------------------------------------------------------------------------------


def _meetings(now: Results, pinned: Results | None) -> list[dict[str, str]]:
    """Cells by heading, one row per meeting; of a meeting that no war holds only the name."""
    rows = []
    for name, meeting in now.summary["meetings"].items():
        cells = {"meeting": f"{name}, {meeting['date']}", "held": percent(meeting["held"])}
        if meeting["held"]:
            theirs = None if pinned is None else pinned.summary["meetings"].get(name, {})
            cells |= _what_came_of(now, meeting, theirs)
        rows.append(cells)
    return rows


def _what_came_of(now: Results, meeting: Figures, pinned: Figures | None) -> dict[str, str]:
    """The results of a meeting and what both sides would accept, with Z of the pinned setting."""
    scenario, (underdog, favourite) = now.scenario, now.scenario.titles
    heads = {"r_u": f"{underdog} r_U", "r_d": f"{favourite} r_D", "z": "zone Z"}
    cells = {"settled": chance(meeting["agreed"])}
    cells |= {head: median(meeting[position], "share") for position, head in heads.items()}
    if pinned is not None:
        cells["held, pinned"] = percent(pinned.get("held", 0.0))
        cells["Z of these"] = median(pinned.get("z"), "share")
    if scenario.talks is not None and scenario.talks.ceasefire is not None:
        for letter, title in zip("ud", scenario.titles, strict=True):
            cells[f"{title} would cease fire"] = percent(meeting[f"ceasefire_{letter}"]["share"])
    cells["minutes"] = median(meeting["minutes"], "")
    for column in scenario.exchanged:
        cells[f"{column.removesuffix('_exchanged')} exchanged"] = median(meeting[column], "")
    return cells
