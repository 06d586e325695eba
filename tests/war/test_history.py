"""A history that is read: what agents hear of it is what was recorded, and nothing else."""

import calendar
import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from strategies import figure, patron, war

from sim.experiment.execution.runner import run_chunk
from sim.experiment.record import split_of
from sim.scenario.consistency import contradictions
from sim.scenario.schema import Scenario
from sim.war.model import War
from sim.war.outcomes import Outcomes
from tests.examples import examples

START, END = "2025-01-01", "2025-02-28"


def series(rows: dict[str, Any], **provenance: Any) -> dict[str, Any]:
    return {"title": "T", "rows": rows, **(provenance or {"assumed": "guess"})}


def told(history: dict[str, Any], **changes: Any) -> Scenario:
    """A war without raids, events and chance that reads a history, for two months."""
    data = war(start=START, end=END, history=history)
    data |= {"raids": {}, "focus": None, "events": {}}
    for side in data["sides"].values():
        for policy in ("tempo", "retaliation"):
            side.pop(policy, None)
    for side in data["reports"].values():
        side |= {"overclaim": figure(1), "underclaim": figure(1)}
    data["front"] |= {"p_move": figure(0), "rungs": figure(100), "start": figure(50)}
    del data["talks"]
    return Scenario.model_validate(data | changes)


QUIET = {"mechanisms": {}, "publics": None}
"""Minds that nothing moves, where only what is heard is looked at."""


class Heard(Outcomes):
    """Writes down each evening what was lost and where the front stands."""

    def __init__(self, war: War) -> None:
        super().__init__(war)
        self.lost: list[dict[str, np.ndarray]] = []
        self.rung: list[np.ndarray] = []

    def end_of_day(self) -> None:
        super().end_of_day()
        assert self.war.history is not None
        self.lost.append({side: read.lost for side, read in self.war.history.losses.items()})
        self.rung.append(self.war.rung)


def heard(scenario: Scenario, runs: Any = 3) -> Heard:
    return War(scenario, runs, recorder=Heard).run().recorder


# --- made again, plainly -----------------------------------------------------------------------


def days_of(period: str) -> list[datetime.date]:
    """The days of a period, worked out without the schema."""
    if "/" in period:
        first, last = map(datetime.date.fromisoformat, period.split("/"))
    else:
        year, month = map(int, period.split("-"))
        first = datetime.date(year, month, 1)
        last = datetime.date(year, month, calendar.monthrange(year, month)[1])
    return [first + datetime.timedelta(n) for n in range((last - first).days + 1)]


def daily(rows: dict[str, Any]) -> dict[datetime.date, float]:
    """The amount of each day that is told."""
    amounts = {}
    for period, row in rows.items():
        days = days_of(period)
        amount = row["amount"] if isinstance(row, dict) else row
        amounts |= dict.fromkeys(days, amount / len(days))
    return amounts


PERIODS = (
    ("2025-01", "2025-02", "2025-03"),
    ("2024-12", "2025-02"),
    ("2024-12-20/2025-01-10", "2025-01-11/2025-02-03", "2025-02-05/2025-04-10"),
    ("2025-02-14/2025-02-14",),
)


@st.composite
def rows(draw: st.DrawFn, least: float = 0.0) -> dict[str, float]:
    periods = draw(st.sampled_from(PERIODS))
    return {period: draw(st.floats(least, 1000.0)) for period in periods}


@given(launched=rows(), stopped=st.floats(0.0, 1.0), places=rows(), soldiers=rows(), other=rows())
@examples(15)
def test_what_is_heard_is_what_was_recorded_made_again_day_by_day(
    launched, stopped, places, soldiers, other
):
    """Each side's losses by hand, day by day; places that are told take the place of raids."""
    neutralised = {period: stopped * amount for period, amount in launched.items()}
    history = {
        "raids": {
            "both": {
                "title": "B", "by": "defender", "launched": series(launched),
                "neutralised": series(neutralised), "through_per_told": figure(1.5),
                "places_per_through": figure(0.5),
            },
            "one": {
                "title": "O", "by": "attacker", "neutralised": series(other),
                "through_per_told": figure(0.1), "places_per_through": figure(2),
            },
        },
        "losses": {
            "attacker": {
                "places_hit": series(places), "loss_per_place": figure(1e-5),
                "soldiers": series(soldiers), "soldiers_per_told": figure(3),
                "loss_per_soldier": figure(1e-6),
            },
            "defender": {"loss_per_place": figure(2e-5)},
        },
    }  # fmt: skip
    read = heard(told(history, **QUIET), 2)
    of_raids = daily(launched), daily(neutralised)
    of_places, of_soldiers, of_other = daily(places), daily(soldiers), daily(other)
    attacker, defender = 0.0, 0.0
    day = datetime.date.fromisoformat(START)
    for evening in read.lost:
        through = of_raids[0].get(day, 0.0) - of_raids[1].get(day, 0.0)
        hit = of_places.get(day, 1.5 * 0.5 * through)
        attacker += hit * 1e-5 + of_soldiers.get(day, 0.0) * 3 * 1e-6
        defender += of_other.get(day, 0.0) * 0.1 * 2 * 2e-5
        assert evening["attacker"] == pytest.approx(np.full(2, attacker), abs=1e-12)
        assert evening["defender"] == pytest.approx(np.full(2, defender), abs=1e-12)
        day += datetime.timedelta(1)


@given(change=rows(least=-1000.0))
@examples(15)
def test_the_front_follows_the_record_to_less_than_a_rung(change):
    """What the rungs and the rest make up is what was recorded, each evening."""
    history = {"front": {"rung_km2": figure(40), "occupied_change_km2": series(change)}}
    scenario = told(history, **QUIET)
    read = heard(scenario)
    by_day, km2 = daily(change), 0.0
    for day, rung in enumerate(read.rung):
        km2 += by_day.get(scenario.date_of(day), 0.0)
        expected = 50 - km2 / 40
        if 0 < expected < 100:
            assert (np.abs(rung - expected) < 1 + 1e-9).all()
        else:
            break


def test_a_silent_record_is_not_heard_at_all():
    """With a history of which no day lies in the campaign a war is the one without."""
    empty = {"2023-01": 50.0}
    history = {
        "raids": {
            "both": {
                "title": "B", "by": "defender", "launched": series(empty),
                "neutralised": series({"2023-01": 10.0}), "through_per_told": figure(1),
                "places_per_through": figure(1),
            }
        },
        "losses": {
            "attacker": {"loss_per_place": figure(0.001)},
            "defender": {"loss_per_place": figure(0.001)},
        },
        "front": {"rung_km2": figure(1), "occupied_change_km2": series(empty)},
    }  # fmt: skip
    ladder = {"front": {**war()["front"], "p_move": figure(0.3)}}
    with_it = War(told(history, **ladder), 20, recorder=Outcomes).run()
    scenario = told(history, **ladder)
    without = Scenario.model_validate(
        scenario.model_dump(mode="json", exclude_none=True) | {"history": None}
    )
    plain = War(without, 20, recorder=Outcomes).run().recorder.runs()
    read = with_it.recorder.runs()
    assert not read["history_lost_u"].any()
    assert not read["history_lost_d"].any()
    for name, values in plain.items():
        np.testing.assert_array_equal(read[name], values, name)


def steady(**more: Any) -> dict[str, Any]:
    """Two months of losses on either side and of the front."""
    return {
        "losses": {
            side: {
                "soldiers": series({"2025-01": 310.0, "2025-02": 280.0}),
                "soldiers_per_told": {**figure(1), "low": 0.5, "high": 2.0},
                "loss_per_soldier": figure(1e-4),
            }
            for side in ("attacker", "defender")
        },
        "front": {
            "rung_km2": {**figure(10), "low": 5.0, "high": 20.0},
            "occupied_change_km2": series({"2025-01": 60.0, "2025-02": -20.0}),
        },
        **more,
    }


def test_a_month_surprises_and_teaches_once_on_its_last_day():
    """By the law of foresight, as one raid of the month's size does."""
    war = War(told(steady()), 5)
    leader = war.negotiators["defender"].believers["leader"]
    before = leader.foresight["own"].a.copy()
    for day in range(war.scenario.days):
        war.step()
        months = (day >= 30) + (day >= 58)
        np.testing.assert_allclose(leader.foresight["own"].a, before + months)


def test_a_month_that_is_cut_short_teaches_nothing():
    scenario = told(steady(), start="2025-01-02")
    war = War(scenario, 5)
    leader = war.negotiators["defender"].believers["leader"]
    before = leader.foresight["own"].a.copy()
    while war.scenario.date_of(war.day) < datetime.date(2025, 2, 27):
        war.step()
    np.testing.assert_array_equal(leader.foresight["own"].a, before)


def test_nothing_is_read_where_the_war_has_stopped():
    """Half of the runs stop on 10 January; they lose and move no more, the others as before."""
    war = War(told(steady()), 6, recorder=Heard)
    for _ in range(10):
        war.step()
    stopped = np.arange(6) < 3
    war.at_war = ~stopped
    rung, lost = war.rung.copy(), war.history.losses["attacker"].lost.copy()
    while war.running:
        war.step()
    read = war.history.losses["attacker"].lost
    np.testing.assert_array_equal(read[stopped], lost[stopped])
    np.testing.assert_array_equal(war.rung[stopped], rung[stopped])
    told_in_all = 590.0 * 1e-4 * war.sample["history.losses.attacker.soldiers_per_told"]
    np.testing.assert_allclose(read[~stopped], told_in_all[~stopped])


def test_a_run_is_the_same_in_any_ensemble():
    scenario = told(steady())
    whole = War(scenario, 9, recorder=Outcomes).run().recorder.runs()
    alone = War(scenario, np.array([7]), recorder=Outcomes).run().recorder.runs()
    for name, values in alone.items():
        np.testing.assert_array_equal(values, whole[name][7:8], name)


AID = {
    "title": "A", "to": "attacker", "allocated_bn_eur": series({"2025-01": 31.0, "2025-02": 0.0}),
    "arrives": {
        "counted_on_bn_eur": figure(365.25 / 12), "lasts": figure(20, "day"),
        "pauses": {"2025-01-10/2025-01-12": {"assumed": "guess"}},
    },
}  # fmt: skip
"""One thousand million EUR a day for a month, as counted on, and then none."""


def aid_by_day(war: War, by: str | None = None) -> np.ndarray:
    came = []
    while war.running:
        war.step()
        came.append(war.aid_read("attacker", by))
    return np.array(came)


def test_aid_comes_as_counted_on_stops_for_a_pause_and_fades_when_no_more_is_allocated():
    """Made again from all that was allocated: what was not sent on a day is sent on later ones."""
    came = aid_by_day(War(told({"aid": {"all": AID}}), 2))
    paused = np.isin(np.arange(59), (9, 10, 11))
    under_way, expected = 1.0 / (np.exp(1.0 / 20) - 1.0), []
    for day in range(59):
        under_way += 1.0 if day < 31 else 0.0
        sent = 0.0 if paused[day] else (1.0 - np.exp(-1.0 / 20)) * under_way
        under_way -= sent
        expected.append(sent)
    np.testing.assert_allclose(came[:, 0], expected, rtol=1e-12)
    np.testing.assert_allclose(came[:9, 0], 1.0, rtol=1e-12)
    np.testing.assert_allclose(came[32:, 0] / came[31:-1, 0], np.exp(-1.0 / 20), rtol=1e-12)
    assert came[12, 0] > came[8, 0]  # what was held back
    asked_once = War(told({"aid": {"all": AID}}), 2).run()
    np.testing.assert_array_equal(asked_once.aid_read("attacker"), came[-1])


def test_aid_is_read_no_more_where_the_war_has_stopped():
    war = War(told({"aid": {"all": AID}}), 4)
    for _ in range(40):
        war.step()
    war.at_war, stood = np.arange(4) < 2, war.aid_read("attacker")
    came = aid_by_day(war)
    assert (came[:, 2:] == stood[2:]).all()
    assert (came[0, :2] < stood[:2]).all()


def test_what_a_patron_gave_is_read_and_moves_its_client_by_what_rests_on_it():
    """s p0 (e - 1) and relief (e - 1), e being what comes; a patron that has left gives nothing."""
    aid = {"part": 0.5, "prospects": 0.4, "relief": 0.1, "foreseen": 1, "response": 0}
    left_out = ("threat", "sanctions", "counsel", "proposal", "guarantee")
    friend = patron(aid={word: figure(value) for word, value in aid.items()})
    friend = {word: value for word, value in friend.items() if word not in left_out}
    history = {"aid": {"friend": AID | {"by": "friend"}}}
    war = War(told(history, **QUIET, patrons={"friend": friend}), 2)
    while war.running:
        war.step()
        mind, e = war.negotiators["attacker"], war.aid_read("attacker", "friend")
        np.testing.assert_array_equal(war.patrons["friend"].given, e)
        if war.day > 0:  # minds hear of a day's aid on that day
            np.testing.assert_allclose(mind.p_win, mind.prior * (1.0 + 0.4 * (e - 1.0)))
            np.testing.assert_allclose(mind.cost, mind.cost_at_start - 0.1 * (e - 1.0), atol=1e-12)
    assert (e < 0.3).all()
    assert war.aid_read("attacker") is None
    war.patrons["friend"].withdrawn = np.array([True, False])
    assert war.patrons["friend"].given.tolist() == [0.0, e[1]]


def test_commitment_fears_tomorrow_when_the_aid_that_is_read_dries_up():
    words = {"patience": 0.8, "guarantee": 0, "share": 0.5, "raids": 0, "decisiveness": 1}
    figures = {word: figure(value) for word, value in words.items()}
    figures |= {"horizon": figure(100, "day"), "pause": figure(0)}
    on = {"mechanisms": {"commitment": {"on": True, **figures}}, "publics": None}
    sides = {"attacker": {"title": "A", "role": "underdog"}}
    sides |= {"defender": {"title": "D", "role": "favourite"}}
    war = War(told({"aid": {"all": AID}}, **on, sides=sides), 2).run()
    mind, comes = war.negotiators["attacker"], war.aid_read("attacker")
    odds = (1.0 - 0.5 * (1.0 - comes)) * mind.prior / (1.0 - mind.prior)
    fall = mind.prior - odds / (1.0 + odds)
    assert (fall > 0.05).all()
    np.testing.assert_allclose(mind.term("commitment"), 4.0 * fall)
    np.testing.assert_array_equal(war.negotiators["defender"].term("commitment"), 0.0)


@pytest.mark.parametrize(
    ("aid", "place", "words"),
    [
        ({"a": AID | {"by": "friend", "to": "defender"}}, "by", "friend backs attacker, expected"),
        ({"a": AID | {"by": "friend", "arrives": None}}, "by", "is not used, expected"),
        ({"a": AID, "b": AID}, "arrives", "a records the same aid, expected one of the two"),
    ],
)
def test_aid_that_cannot_be_read_is_refused(aid, place, words):
    scenario = told({"aid": aid}, patrons={"friend": patron()})
    found = {path[-1]: message for path, message in contradictions(scenario) if "aid" in path}
    assert words in found[place]


def test_a_pause_of_aid_says_where_it_comes_from():
    with pytest.raises(ValidationError, match="expected source: KEY or assumed: WHY"):
        told({"aid": {"a": AID | {"arrives": AID["arrives"] | {"pauses": {"2025-01": {}}}}}})


def test_a_war_without_chance_is_its_own_twin_and_one_with_chance_is_fought_again():
    """What luck decides is found by a second ensemble; where it decides nothing by none."""
    ladder = {"rungs": figure(100), "start": figure(50), "p_underdog_advances": figure(0.5)}
    for p_move, is_left in ((0.0, False), (0.5, True)):
        scenario = told(
            steady() | {"front": None}, **QUIET, front={**ladder, "p_move": figure(p_move)}
        )
        war, twin = (War(scenario, 40, recorder=Outcomes, luck=luck).run() for luck in (1, 2))
        one, other = war.recorder.runs(), twin.recorder.runs()
        differs = [name for name in one if not np.array_equal(one[name], other[name], True)]
        assert war.has_drawn == bool(differs) == is_left
        tables = run_chunk(scenario, 1, 0, 40, with_days=False)
        again = War(scenario, 40, luck=1 ^ (1 << 62)).run().recorder.runs()
        for name, column in split_of(tables["runs"], again).items():
            np.testing.assert_array_equal(tables["split"][name], column, name)


def test_days_that_nobody_asked_for_change_no_other_table():
    scenario = told(steady())
    asked, plain = (run_chunk(scenario, 1, 0, 5, with_days) for with_days in (True, False))
    assert asked.keys() - plain.keys() == {"days"}
    for table, columns in plain.items():
        for name, values in columns.items():
            np.testing.assert_array_equal(asked[table][name], values, f"{table}.{name}")


def test_it_does_not_matter_how_finely_a_row_is_written():
    """A month as one row, and as two with the same amount a day, are the same war to rounding."""
    fine = steady()
    for losses in fine["losses"].values():
        losses["soldiers"] = series(
            {"2025-01-01/2025-01-10": 100.0, "2025-01-11/2025-01-31": 210.0, "2025-02": 280.0}
        )
    one, other = (
        War(told(history), 5, recorder=Outcomes).run().recorder.runs()
        for history in (steady(), fine)
    )
    for name in ("history_lost_u", "r_u_end", "r_d_end", "share_held_u_end"):
        np.testing.assert_allclose(one[name], other[name], rtol=1e-9, atol=1e-12)


WRONG = (
    ({"2025-13": 1.0}, "is no period"),
    ({"2025-02-03/2025-02-01": 1.0}, "is no period"),
    ({"2025-01": 1.0, "2025-01-31/2025-02-02": 1.0}, "is in two rows"),
    ({"2025-02": {"amount": 1.0, "days_told": 29}}, "has more days_told than days"),
)


@pytest.mark.parametrize(("wrong", "message"), WRONG)
def test_rows_that_cannot_be_are_refused(wrong, message):
    history = steady()
    history["front"]["occupied_change_km2"] = series(wrong)
    with pytest.raises(ValueError, match=message):
        told(history)


def test_more_stopped_than_launched_is_refused():
    raid = {
        "title": "R", "by": "attacker", "launched": series({"2025-01": 3.0}),
        "neutralised": series({"2025-01": 4.0}), "through_per_told": figure(1),
        "places_per_through": figure(1),
    }  # fmt: skip
    with pytest.raises(ValueError, match="more are neutralised than launched"):
        told(steady(raids={"r": raid}))


def test_a_series_without_provenance_is_refused():
    history = steady()
    history["front"]["occupied_change_km2"] = {"title": "T", "rows": {"2025-01": 1.0}}
    with pytest.raises(ValueError, match="must say where it comes from"):
        told(history)
