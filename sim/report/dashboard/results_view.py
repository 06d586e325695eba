"""The right-hand side of the page as HTML: the wars on the screen, compared with those pinned."""

from pathlib import Path
from typing import Any, NamedTuple

from sim.render.document import Figures, Section
from sim.render.template import fill
from sim.report.answers.run import summary_sections
from sim.report.dashboard.charts import positions_charts
from sim.report.dashboard.key_numbers import key_numbers, median
from sim.report.dashboard.losses import tracks_of
from sim.report.dashboard.results import Results
from sim.report.dashboard.weighed_raid import beside_the_record
from sim.report.numbers import chance, percent
from sim.report.plots.captions import deal_words

_TEMPLATES = Path(__file__).with_name("templates")
_FAN_RUNS = 500  # the runs that the bands of positions are of


class Pages(NamedTuple):
    """The results as HTML: what stands above the raid that is looked at, below it, and the rest."""

    above: str
    below: str
    rest: str


def pages_of(now: Results, pinned: Results | None) -> Pages:
    """The results as HTML."""
    answer, *others = summary_sections(now.scenario, now.summary)
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
        columns=_meeting_columns(now, pinned),
        rows=_meeting_rows(now, pinned),
        is_compared=pinned is not None,
    )
    shown = [section for section in others if section.lines or section.rows]
    return Pages(above, below, fill(_TEMPLATES / "numbers.html", sections=shown))


def _lead(answer: Section) -> dict[str, Any]:
    """The question, the first sentence with its numbers, and the rest a paragraph a raid."""
    question, _, first, *lines = answer.lines
    paragraphs = [text for text in "\n".join(lines).split("\n\n") if text]
    return {"question": question, "headline": first, "paragraphs": paragraphs}


# --- the meetings ------------------------------------------------------------------------------


def _meeting_columns(now: Results, pinned: Results | None) -> list[str]:
    scenario, (underdog, favourite) = now.scenario, now.scenario.titles
    heads = ["meeting", "held", "settled", f"{underdog} r_U", f"{favourite} r_D", "zone Z"]
    if pinned is not None:
        heads += ["held, pinned", "Z of these"]
    if _has_ceasefire(now):
        heads += [f"{title} would cease fire" for title in (underdog, favourite)]
    exchanged = [column.removesuffix("_exchanged") for column in scenario.exchanged]
    return [*heads, "minutes", *(f"{who} exchanged" for who in exchanged)]


def _meeting_rows(now: Results, pinned: Results | None) -> list[list[str]]:
    """A row a meeting; one that no war holds has no more than its name."""
    rows = []
    for name, meeting in now.summary["meetings"].items():
        cells = [f"{name}, {meeting['date']}", percent(meeting["held"])]
        if meeting["held"]:
            theirs = None if pinned is None else pinned.summary["meetings"].get(name, {})
            cells += _meeting_cells(now, meeting, theirs)
        rows.append(cells)
    return rows


def _meeting_cells(now: Results, meeting: Figures, pinned: Figures | None) -> list[str]:
    """What came of a meeting and what both sides would accept, with Z under the pinned setting."""
    cells = [chance(meeting["agreed"])]
    cells += [median(meeting[position], "share") for position in ("r_u", "r_d", "z")]
    if pinned is not None:
        cells += [percent(pinned.get("held", 0.0)), median(pinned.get("z"), "share")]
    if _has_ceasefire(now):
        cells += [percent(meeting[f"ceasefire_{letter}"]["share"]) for letter in "ud"]
    columns = ("minutes", *now.scenario.exchanged)
    return [*cells, *(median(meeting[column], "") for column in columns)]


def _has_ceasefire(results: Results) -> bool:
    talks = results.scenario.talks
    return talks is not None and talks.ceasefire is not None
