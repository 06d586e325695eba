"""What a choice says of robustness, in numbers that a reader can read; a page asks once."""

import re
from pathlib import Path

import pandas as pd
import pytest

from sim.experiment.storage.manifest import read_manifest
from sim.render.document import Section
from sim.report.numbers import number
from sim.report.page.contents import document_of
from sim.report.page.related import answer_at

RESULTS = Path(__file__).parents[2] / "results"


def robustness(name: str) -> tuple[Section, pd.DataFrame]:
    """The section of the largest budget, and the options beside each other in it."""
    answer = answer_at(RESULTS / name, read_manifest(RESULTS / name))
    (section,) = (
        one for one in answer.budget_sections(len(answer.figures["budgets"]) - 1)
        if one.heading.startswith("Robustness")
    )  # fmt: skip
    options = answer.frames["options"]
    if (budget := answer.figures["budgets"][-1]["budget_usd"]) is not None:
        options = options[options["budget_usd"] == budget]
    return section, options.set_index("option").loc[list(section.columns[1:])]


def test_mean_variance_of_a_loss_is_read_by_its_root() -> None:
    section, options = robustness("air-base")
    (row,) = (row for row in section.rows if row[0].startswith("mean-variance"))
    assert row[0] == "mean-variance, its square root"
    assert list(row[1:]) == [number(value**0.5, "USD") for value in options["mean_variance"]]
    assert any("its square root has the unit of the loss" in line for line in section.lines)


def test_mean_variance_of_a_gain_is_a_plain_number() -> None:
    section, options = robustness("when-to-talk")
    (row,) = (row for row in section.rows if row[0].startswith("mean-variance"))
    assert row[0] == "mean-variance"
    assert [float(cell) for cell in row[1:]] == pytest.approx(options["mean_variance"], rel=5e-3)


@pytest.mark.parametrize("name", ["air-base", "when-to-talk"])
def test_no_measure_is_written_with_an_exponent(name: str) -> None:
    section, _ = robustness(name)
    assert not [cell for row in section.rows for cell in row if re.search(r"\de[+-]?\d", cell)]


def test_a_page_lists_what_each_option_sets() -> None:
    """What nets are, and that the figures of the scenario are not those of every option."""
    manifest = read_manifest(RESULTS / "air-base")
    (part,) = (one for one in document_of(RESULTS / "air-base").parts if "figure" in one.heading)
    options, register, _ = part.sections
    asked = manifest["asked"]
    levers = {**asked["options"]["levers"], "raid": ["covert, chance 0.5", "direct, chance 0.5"]}
    assert {row[:2] for row in options.rows} == {(k, level) for k in levers for level in levers[k]}
    protection = "sites.base.assets.fighter.protection"
    nets = [row[3:5] for row in options.rows if row[:3] == ("shelters", "nets", protection)]
    assert nets == [("0.25", "0.1 to 0.4")]
    marked = {row[0] for row in register.rows if row[-1].endswith("varied here")}
    assert protection in marked
    assert "assets.fighter.value" not in marked
    (part,) = (one for one in document_of(RESULTS / "city-budget").parts if "figure" in one.heading)
    bought = ("sites.city.defence.guns.count", "what the share buys")
    assert bought in [row[2:4] for row in part.sections[0].rows]


@pytest.mark.parametrize("name", ["air-base", "saturation-game", "weighing", "forecast-2026"])
def test_a_page_asks_its_question_once(name: str) -> None:
    answer = answer_at(RESULTS / name, read_manifest(RESULTS / name))
    assert answer.question() not in answer.headline()
    assert all(answer.headline())
