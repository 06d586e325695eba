"""What is said of outsiders: the cards of a raid's day, the paired effect, table and replay."""

import re

import pytest
from strategies import RAID, patron, war

from sim.experiment.contrast import compare
from sim.experiment.execution.runner import run
from sim.report.answers.comparison import Comparison
from sim.report.answers.run import Run
from sim.report.dashboard.document import _document
from sim.report.dashboard.settings import switches_of
from sim.report.numbers import number
from sim.report.replay.meetings import meetings_of
from sim.report.replay.patrons import patron_sections
from sim.scenario.load import load
from sim.scenario.schema import Scenario


def backed(**changes):
    """A war with an outsider of each side."""
    friends = {
        "friend": patron(title="Friend"),
        "uncle": patron(
            title="Uncle", backs="defender", proposal={"kind": "ceasefire"}, threat=None
        ),
    }
    return Scenario.model_validate(war(focus=RAID, patrons=friends) | changes)


@pytest.fixture(scope="module")
def answer():
    return Run.of(run(backed(), 60, 3, workers=1))


def words_of(sections):
    return "\n".join(line for section in sections for line in section.lines)


def test_the_day_of_a_raid_is_told_in_the_eyes_of_each(answer):
    cards = answer.figures["raids"][RAID]["cards"]
    told = words_of(answer.sections())
    for word in ("p_u", "p_d", "p_friend", "p_uncle"):
        change = cards[word]["change"]
        assert f"{number(change['mean'], 'share')} ±" in told, word
    assert "what Friend thinks Attacker gets by it" in told
    assert "what Uncle thinks Defender gets by it" in told
    rose = 100 * cards["pressure_friend"]["raised"]["share"]
    assert re.search(rf"that of Friend rose in {rose:.1f} ±", told)
    assert "that of Uncle" not in told  # it threatens nobody
    added = answer.figures["raids"][RAID]["terms"]["patrons"]["u"]["mean"]
    assert f"then added {added:.3f} ±" in told


def test_the_headline_says_in_whose_eyes(answer):
    assert any("as each side and patron sees them" in line for line in answer.headline())


def test_what_patrons_did_and_were_answered_is_told(answer):
    told = words_of(answer.sections())
    left = 100 * answer.figures["patrons"]["friend"]["withdrawn"]["share"]
    assert f"Friend withdrew its aid in {left:.1f} ±" in told
    meeting = answer.figures["meetings"]["first"]
    accepted = 100 * meeting["friend_accepted_u"]["share"]
    assert f"would accept a division that Friend proposes: Attacker {accepted:.1f} ±" in told
    assert "would accept a ceasefire that Uncle proposes" in told


def test_without_patrons_nothing_is_said_of_them():
    answer = Run.of(run(Scenario.model_validate(war(focus=RAID)), 12, 3, workers=1))
    assert "cards" not in answer.figures["raids"][RAID]
    assert "patrons" not in answer.figures
    assert "eyes" not in words_of(answer.sections()) + " ".join(answer.headline())


def test_a_comparison_tells_the_cards_the_pressure_and_the_table():
    with_it, without = backed(), backed(raids={"answer": war()["raids"]["answer"]}, focus=None)
    answer = Comparison.of(compare(without, with_it, runs=40, seed=3, workers=1))
    last = list(answer.figures["days"].values())[-1]["effects"]
    told = " ".join(answer.headline())
    for word in ("p_u", "p_d", "p_friend", "p_uncle", "pressure_friend", "h_patrons_u"):
        assert f"{number(last[word]['mean'], 'share')} ±" in told, word
    assert "Through outsiders come" in told


def test_a_patron_switched_on_is_compared_with_none():
    """Where one war has no patrons their belief is missing there, and the term is 0."""
    off = {name: p.model_copy(update={"on": False}) for name, p in backed().patrons.items()}
    base = backed().model_copy(update={"patrons": off})
    found = compare(base, backed(), runs=12, seed=3, workers=1)
    assert found.effect_on_day("p_friend", 5)["runs"] == 0
    changed = found.changed.days.query("day == 5 and side == 'attacker'")["h_patrons"]
    assert found.effect_on_day("h_patrons_u", 5)["mean"] == pytest.approx(changed.mean())


def test_a_replay_says_who_holds_the_cards():
    record = run(backed(), 12, 3, workers=1)
    meetings = [row for row in meetings_of(record) if not row["agreed"]]
    assert meetings
    for meeting in meetings:
        told = words_of(patron_sections(record.scenario, meeting))
        assert f"Friend thinks that Attacker gets {meeting['p_friend']:.2f}." in told
        will = "would accept" if meeting["friend_accepted_u"] else "does not"
        assert f"It proposes a division according to this belief: Attacker {will}" in told
        presses = meeting["pressure_friend"] > 0
        assert ("A refusal would end its aid" in told) == presses
    assert not list(patron_sections(Scenario.model_validate(war()), {}))


def test_the_dashboard_has_a_switch_for_each():
    switches = switches_of(_document(load("spiderweb")))
    named = {one["path"]: (one["name"], one["on"]) for one in switches}
    assert named["patrons.united-states.on"] == ("Washington", False)
    assert named["patrons.europe.on"] == ("Europe", False)
    odds = {one["path"]: one["odds"] for one in switches}
    assert odds["mechanisms.cost.on"].startswith("×")
    assert odds["patrons.europe.on"] == ""
