"""What pictures say of Z and a deal: that of one issue, and no more."""

import pytest

import sim
from sim.report.plots.captions import deal_words, is_zone_enough, line_words


@pytest.mark.parametrize("name", ["minimal"])
def test_with_one_issue_a_deal_needs_a_zone(name):
    scenario = sim.load(name)
    assert deal_words(scenario) == "; a deal needs Z ≥ 0"
    assert line_words(scenario) == "a deal exists above 0"


@pytest.mark.parametrize("name", ["spiderweb", "istanbul-talks"])
def test_with_several_issues_room_decides(name):
    """Most settlements of spiderweb have Z < 0, and none has room < 0."""
    scenario = sim.load(name)
    assert len(scenario.talks.issues) > 1
    assert not is_zone_enough(scenario)
    assert deal_words(scenario) == "; a deal needs room ≥ 0, not Z ≥ 0"
    assert line_words(scenario).startswith("on one issue")


def test_what_is_offered_beside_the_table_counts():
    scenario = sim.load("minimal")
    offer = {
        "kind": "sweetener",
        "title": "Offer",
        "by": "island",
        "date": "2025-01-05",
        "worth": {"value": 0.1, "assumed": "x"},
        "price": {"value": 0.1, "assumed": "x"},
    }
    sweetened = type(scenario).model_validate(
        scenario.model_dump(mode="json", exclude_none=True) | {"events": {"offer": offer}}
    )
    assert not is_zone_enough(sweetened)


def test_without_talks_there_is_no_deal_to_speak_of():
    assert deal_words(sim.load("minimal", without=["talks"])) == ""
