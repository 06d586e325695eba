"""What is said of minds after a raid on many days: of its first day, and of the whole war."""

import numpy as np
import pytest

import sim
from sim.report.answers.run import answer_sections
from sim.report.answers.summary import summarise


def test_a_raid_on_many_days_is_told_of_its_first_and_of_the_war():
    scenario = sim.load("karabakh-2020")
    record = sim.run(scenario, 40, 1, workers=1)
    name = scenario.focus
    raid = summarise(record)["raids"][name]
    column, runs = name.replace("-", "_"), record.runs
    flown = runs[runs[f"{column}_flown"] > 0]
    whole = flown["z_end"] - flown[f"z_before_{column}"]
    assert raid["to_the_end"]["z"]["mean"] == pytest.approx(whole.mean(), abs=1e-12)
    assert raid["days_flown"]["median"] == np.median(flown[f"{column}_flown"]) > 1
    words = " ".join(answer_sections(scenario, summarise(record)).lines)
    assert "That is the first of" in words
    assert f"by all that happened, is {whole.mean():.3f}" in words


def test_a_raid_of_one_day_is_told_of_it_alone():
    scenario = sim.load("minimal")
    words = " ".join(
        answer_sections(scenario, summarise(sim.run(scenario, 20, 1, workers=1))).lines
    )
    assert "The day hardened" in words
    assert "That is the first of" not in words
