"""The pictures of a weighing and of choices, drawn of the shipped answers: no text over another."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from test_plots import check_texts, texts_of

from sim.report.plots.analysis import weighing
from sim.report.plots.analysis.choice import draw_front
from sim.report.plots.analysis.game import draw_mixes
from sim.report.plots.picture import Picture

RESULTS = Path(__file__).parents[2] / "results"
WEIGHED = {
    "strengths": (weighing.draw_strengths, "mechanisms"),
    "events": (weighing.draw_events, "studies"),
    "matrix": (weighing.draw_matrix, "matrix"),
    "ranks": (weighing.draw_ranks, "ranks"),
}
CHOSEN = {
    "air-base": (draw_front, "options"),
    "when-to-talk": (draw_front, "options"),
    "city-budget": (draw_mixes, "mixes"),
    "saturation-game": (draw_mixes, "mixes"),
}


def shipped(folder: str, table: str) -> tuple[Any, pd.DataFrame]:
    """The figures of a shipped answer, and one of its tables."""
    place = RESULTS / folder
    figures = json.loads((place / "answer.json").read_text(encoding="utf-8"))
    return figures, pd.read_csv(place / f"{table}.csv")


def weighed(name: str) -> Picture:
    draw, table = WEIGHED[name]
    picture = draw(*shipped("weighing", table))
    assert picture is not None
    return picture


@pytest.mark.parametrize("name", [name for name in WEIGHED if name != "matrix"])
def test_no_text_of_a_weighing_lies_over_another(name: str) -> None:
    check_texts(weighed(name))


@pytest.mark.parametrize("name", CHOSEN)
def test_no_text_of_a_choice_lies_over_another(name: str) -> None:
    draw, table = CHOSEN[name]
    title = json.loads((RESULTS / name / "manifest.json").read_text(encoding="utf-8"))
    picture = draw(*shipped(name, table), title["asked"]["title"])
    assert picture is not None
    check_texts(picture)


def test_steps_say_how_many_placebos_are_as_large() -> None:
    _, studies = shipped("weighing", "studies")
    said = [text.get_text() for text in texts_of(weighed("events"))]
    assert said.count("no placebo") == (studies["placebos"] == 0).sum() > 0
    counted = [text for text in said if re.fullmatch(r"\d+ of \d+", text)]
    assert len(counted) == (studies["placebos"] > 0).sum()
    assert "as large at placebos" in said


@pytest.mark.parametrize("name", WEIGHED)
def test_every_axis_of_a_weighing_is_named_as_a_sentence_begins(name: str) -> None:
    named = [axes.get_xlabel() or axes.get_ylabel() for axes in weighed(name).axes]
    assert all(words and words[0].isupper() for words in named)


def test_money_on_an_axis_is_written_as_beside_it() -> None:
    picture = draw_front(*shipped("air-base", "options"), "Where to shelter?")
    assert picture is not None
    said = [text.get_text() for text in texts_of(picture)]
    assert any("With $30 M" in text for text in said)
    picture.canvas.draw()
    ticks = [tick.get_text() for tick in picture.axes[0].get_yticklabels()]
    assert "$200 M" in ticks
