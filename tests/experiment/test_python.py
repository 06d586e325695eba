"""What calls in Python are given: what cannot be is refused in one line, and nothing is guessed."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.experiment.contrast import Contrast
from sim.experiment.errors import ExperimentError
from sim.experiment.execution import runner
from sim.experiment.record import Record
from sim.experiment.storage.store import Store
from sim.scenario.calls.limits import LARGEST_SEED, MOST_RUNS
from sim.scenario.schema import Scenario

ROWS = 4
P_HIT = "weapons.drone.p_hit"


@pytest.fixture(scope="module")
def war() -> Scenario:
    return sim.load("minimal")


@pytest.fixture(scope="module")
def record(war: Scenario) -> Record:
    return sim.run(war, 20, with_days=True)


def refused(call: Callable[[], Any], *words: str) -> None:
    """Refused in one line that names the place, the value and the remedy."""
    with pytest.raises((ExperimentError, sim.ScenarioError)) as error:
        call()
    said = str(error.value)
    assert "\n" not in said
    assert "expected" in said or "did you mean" in said
    assert all(word in said for word in words), said


class Never(sim.Negotiator):
    """Signs nothing."""

    def accepts_package(self, utility):
        return np.zeros(len(utility), bool)


def thinking(word: str, number: float, day: int = 0) -> type[sim.Negotiator]:
    """A negotiator with one position of its own from a day on."""

    class Own(sim.Negotiator):
        def think(self, other):
            super().think(other)
            if self.model.day >= day:
                setattr(self, word, np.full(len(self.model.runs), number))

    return Own


def answering(word: str, answer: Callable[[Any], Any]) -> type[sim.Negotiator]:
    """A negotiator that answers so to every offer."""
    return type("Own", (sim.Negotiator,), {word: lambda self, offered: answer(offered)})


@pytest.mark.parametrize("runs", [0, -3, True, 2.5, "5", None, MOST_RUNS + 1, np.nan])
def test_how_many_runs_is_a_whole_number_within_the_bounds_of_the_command(war, runs):
    refused(lambda: sim.run(war, runs), "runs", repr(runs), "1 to 100,000,000")
    refused(lambda: sim.compare(war, war, runs), "runs", repr(runs))
    refused(lambda: sim.War(war, runs), "runs", repr(runs))


def test_numbers_of_numpy_are_numbers(war):
    assert len(sim.run(war, np.int64(3), np.uint8(4)).runs) == 3


@pytest.mark.parametrize("seed", [-1, True, 1.5, "1", None, LARGEST_SEED + 1])
def test_a_seed_is_one_that_the_command_takes(war, seed):
    for call in (sim.run, sim.War, lambda *a, **k: sim.compare(war, *a, **k)):
        refused(lambda call=call: call(war, 2, seed), "seed", repr(seed))


@pytest.mark.parametrize("workers", [0, -1, True, 1.5, "2"])
def test_workers_are_one_or_more(war, workers):
    refused(lambda: sim.run(war, 2, workers=workers), "workers", repr(workers))


def test_no_word_stands_for_true(war):
    refused(lambda: sim.run(war, 2, with_days="no"), "with_days", "'no'")
    refused(lambda: sim.load("minimal", allow_code="no"), "allow_code", "'no'")


def test_a_scenario_is_loaded_before_it_is_run(war):
    refused(lambda: sim.run("minimal", 2), "scenario", "'minimal'", "sim.load")
    refused(lambda: sim.War("minimal"), "scenario", "'minimal'", "sim.load")
    refused(lambda: sim.compare(war, "minimal", 2), "changed", "'minimal'", "sim.load")


def test_one_text_is_not_several(war):
    refused(lambda: sim.load("minimal", "seed=1"), "overrides", "['seed=1']")
    refused(lambda: sim.load("minimal", without="raids.dawn"), "without", "['raids.dawn']")
    refused(lambda: sim.load("minimal", [5]), "overrides", "5")
    refused(lambda: sim.load(None), "path", "None")
    changed = sim.load("minimal", (text for text in [f"{P_HIT}=0.5"]))
    assert changed.overrides == (f"{P_HIT}=0.5",)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"Mainland": Never}, ("'Mainland'", "did you mean 'mainland'")),
        ({"mainland": dict}, ("mainland", "dict", "sim.Negotiator")),
        ({"mainland": "Never"}, ("mainland", "'Never'")),
        ([Never], ("SIDE: CLASS",)),
        (0, ("0",)),
    ],
)
def test_a_seat_is_for_a_side_and_a_negotiator(war, given, words):
    for call in (sim.run, sim.War):
        refused(lambda call=call: call(war, 2, negotiators=given), "negotiators", *words)
    refused(lambda: sim.compare(war, war, 2, negotiators=(None, given)), "negotiators", *words)
    refused(lambda: sim.compare(war, war, 2, negotiators=(None,) * 3), "negotiators", "3")


@pytest.mark.parametrize("number", [np.nan, np.inf, 5.0, -3.0])
@pytest.mark.parametrize("word", ["reservation", "demand"])
@pytest.mark.parametrize(("day", "when"), [(-1, "on "), (4, "on day 4")])
def test_a_position_is_a_share_of_the_stakes(war, word, number, day, when):
    seats = {"mainland": thinking(word, number, day)}
    told = ("mainland: Own", word, f"{number:g}", "in run 0", when)
    refused(lambda: sim.run(war, 2, negotiators=seats), *told)


def test_positions_that_the_house_would_take_are_no_error(war):
    """A war that costs three times the stakes has the house at a reservation of -2 and less."""
    dear = sim.load("minimal", ["minds.mainland.cost=3"])
    assert sim.run(dear, 2, negotiators={"mainland": Never}).runs.r_d_end.max() < -1.5
    modest = sim.run(war, 2, negotiators={"mainland": thinking("reservation", 0.0)})
    assert (modest.runs.r_d_end == 0.0).all()


@pytest.mark.parametrize(
    "answer",
    [lambda u: True, lambda u: u, lambda u: None, lambda u: np.ones(3, bool), lambda u: [True] * 2],
)
@pytest.mark.parametrize("word", ["accepts_package", "accepts_ceasefire"])
def test_an_answer_is_true_or_false_in_each_run(war, word, answer):
    seats = {"mainland": answering(word, answer)}
    place = (f"mainland: Own.{word}", "shape (2,)")
    refused(lambda: sim.run(war, 2, negotiators=seats), *place)


@pytest.mark.parametrize(
    ("path", "values", "words"),
    [
        ("weapons.drone.p_hut", np.full(ROWS, 0.5), ("did you mean 'weapons.drone.p_hit'",)),
        (P_HIT, np.full(ROWS, 7.0), ("7", "from 0 to 1")),
        (P_HIT, np.array([0.5, 0.5, np.nan, 0.5]), ("nan", "from 0 to 1")),
        (P_HIT, np.array([0.5, 0.5, -0.1, 0.5]), ("-0.1", "from 0 to 1")),
        (P_HIT, np.full(3, 0.5), ("shape (3,)", "shape (4,)")),
        (P_HIT, np.full((ROWS, 1), 0.5), ("shape (4, 1)", "shape (4,)")),
        (P_HIT, np.full(ROWS, "0.5"), ("shape (4,)",)),
        (P_HIT, 0.5, ("0.5", "shape (4,)")),
        (P_HIT, [0.5] * ROWS, ("shape (4,)",)),
        ("sites.airfield.defence.gun.count", np.array([1, 2, 1.5, 2]), ("1.5", "whole number")),
        ("sites.airfield.defence.gun.count", np.full(ROWS, np.inf), ("inf",)),
        ("weapons.drone.unit_cost", np.full(ROWS, 2e15), ("2e+15",)),
    ],
)
def test_figures_by_row_are_held_to_the_bounds_of_the_file(war, path, values, words):
    refused(lambda: sim.War(war, ROWS, figures={path: values}), "figures", path, *words)


def test_figures_by_row_contradict_each_other_no_more_than_in_a_file():
    war = sim.load("spiderweb")
    given = {"front.rungs": np.array([6.0, 10, 10]), "front.start": np.array([3.0, 3, 11])}
    refused(lambda: sim.War(war, 3, figures=given), "front.start 11", "above rungs")
    sim.War(war, 2, figures={path: values[:2] for path, values in given.items()})


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("cots", np.zeros(ROWS, bool), ("'cots'", "cost")),
        ("rally", np.zeros(ROWS, bool), ("'rally'", "that is on")),
        ("cost", np.zeros(3, bool), ("shape (3,)", "shape (4,)")),
        ("cost", np.full(ROWS, -0.5), ("-0.5", "0 to")),
        ("cost", np.full(ROWS, np.nan), ("nan", "0 to")),
        ("cost", np.full(ROWS, "on"), ("one number from 0 on",)),
        ("cost", False, ("False",)),
    ],
)
def test_strengths_are_of_mechanisms_that_are_on(war, name, values, words):
    refused(lambda: sim.War(war, ROWS, strengths={name: values}), "strengths", *words)


@pytest.mark.parametrize("runs", [[-1], [0.5], [2**32], [], [[1, 2]]])
def test_run_numbers_are_those_that_a_draw_has_room_for(war, runs):
    refused(lambda: sim.War(war, np.array(runs)), "runs")


def test_what_a_contrast_pairs_are_the_same_runs(war, record):
    longer = sim.load("minimal", ["end=2025-02-10"])
    refused(lambda: sim.compare(war, longer, 2), "2025-01-10", "2025-02-10")
    refused(lambda: Contrast(record, sim.run(longer, 20)), "campaign", "2025-02-10")
    refused(lambda: Contrast(record, sim.run(war, 20, seed=2)), "seed", "1", "2")
    refused(lambda: Contrast(record, sim.run(war, 10)), "runs", "20", "10")
    refused(lambda: Contrast(record, war), "changed", "sim.run")


@pytest.mark.parametrize("day", [-1, 99, 5.0, 5.5, True, "3"])
def test_a_day_is_one_of_the_war(record, day):
    refused(lambda: Contrast(record, record).effect_on_day("z", day), "day", repr(day), "0 to 9")


@pytest.mark.parametrize(
    "ask",
    [
        lambda war, model, record: war.enemy_of("Mainland"),
        lambda war, model, record: model.share_held("Mainland"),
        lambda war, model, record: model.raids_allowed("dwn"),
        lambda war, model, record: model.negotiators["mainland"].term("rallye"),
        lambda war, model, record: model.defenders["mainland"].kinds_of("plans"),
        lambda war, model, record: record.names("rums"),
        lambda war, model, record: list(record.blocks("runs", ["rnu"])),
        lambda war, model, record: record.column("rums", "run"),
        lambda war, model, record: record.column("runs", "z_nd"),
        lambda war, model, record: record.columns("rums", ["run"]),
        lambda war, model, record: record.columns("runs", ["z_nd"]),
        lambda war, model, record: record.columns("meetings", ["day"], ("metting", "first")),
        lambda war, model, record: Contrast(record, record).effect_on("z_nd"),
        lambda war, model, record: Contrast(record, record).effect_on_day("h_cots_d", 5),
    ],
)
def test_a_mistyped_name_is_a_key_error_with_the_nearest(war, record, ask):
    with pytest.raises(KeyError, match="did you mean"):
        ask(war, sim.War(war, 2), record)


def test_a_pair_of_seats_compares_negotiators(war):
    pairs = sim.compare(war, war, 40, negotiators=(None, {"mainland": Never}))
    assert pairs.changed.runs["deal_day"].isna().all()
    assert pairs.base.runs.equals(sim.run(war, 40, with_days=True).runs)
    both = sim.compare(war, war, 40, negotiators={"mainland": Never})
    assert both.base.runs.equals(both.changed.runs)
    assert both.base.runs.equals(pairs.changed.runs)


def test_runs_are_fought_again_for_the_split_when_it_is_asked_for(war, monkeypatch, tmp_path):
    """What is then found is what a store has, whose readers all see it."""
    stored = runner.run_into(Store(tmp_path, war, 40, 1, False), 1)
    fought = []
    fight = runner.War
    monkeypatch.setattr(runner, "War", lambda *a, **k: fought.append(a[1]) or fight(*a, **k))
    record = sim.run(war, 40, workers=1)
    assert record.names("raids") == stored.names("raids")
    assert record.runs.equals(stored.runs)
    assert len(fought) == 1
    pd.testing.assert_frame_equal(record.split, stored.split, check_exact=True)
    assert len(record.split) > 10
    assert [list(runs) for runs in fought] == 2 * [list(range(40))]


def test_too_few_runs_for_a_split_are_fought_once(war, monkeypatch):
    fought = []
    fight = runner.War
    monkeypatch.setattr(runner, "War", lambda *a, **k: fought.append(a[1]) or fight(*a, **k))
    record = sim.run(war, 29, workers=1)
    assert record.split.empty
    assert "split" not in record.frames
    assert len(fought) == 1


def test_progress_of_a_comparison_counts_both_wars(war):
    told: list[tuple[int, int]] = []
    sim.compare(war, war, 20, progress=lambda done, wanted: told.append((done, wanted)))
    assert told == [(20, 40), (40, 40)]


def test_errors_pass_from_process_to_process():
    with pytest.raises(sim.ScenarioError) as error:
        sim.load("minimal", without=["raids.dwn", "sites.x"])
    again = pickle.loads(pickle.dumps(error.value))
    assert (str(again), again.problems) == (str(error.value), error.value.problems)
    assert str(pickle.loads(pickle.dumps(ExperimentError("why")))) == "why"
