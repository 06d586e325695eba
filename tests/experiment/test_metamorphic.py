"""What must not change an answer: the order of what is asked, its names, how runs are split, luck.

That an unused key is refused is held by test_experiment_keys.py, and that the way a sweep is cut
into chunks does not matter by test_judge_of_sweeps.py.
"""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging import differ, few
from strategies import figure, war

import sim
from sim.experiment.execution.runner import run_chunk
from sim.experiment.questions import surface, sweep
from sim.scenario.experiment import Sweep

P_HIT, READY, COUNT = (
    "weapons.fpv.p_hit", "sites.base.readiness", "raids.strike.waves.wave.count",
)  # fmt: skip
GUNS = {
    "few": {"sites.base.defence.gun.count": 1},
    "many": {"sites.base.defence.gun.count": 5, "units.gun.range": 20},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    data = war()
    data["minds"]["defender"]["p_win"] = figure(0.8, low=0.5, high=0.95)
    place = tmp_path_factory.mktemp("metamorphic")
    (place / "war.yaml").write_text(json.dumps(data, default=str))
    return place


def answered(folder, levers, outcomes=("things_hit", "z_end"), contrast=None, runs=6, seed=1):
    asks = sweep.question(
        Sweep(kind="sweep", name="asked", title="t", question="q", scenario="war.yaml",
              levers=levers, outcomes=outcomes, contrast=contrast, runs=runs, seed=seed), folder,
    )  # fmt: skip
    tables = [pd.DataFrame(sweep.run_chunk(*call)["outcomes"]) for call in sweep.calls_of(asks)]

    class Results:
        def table(self, name):
            return pd.concat(tables) if name == "outcomes" else pd.DataFrame()

    return surface.answer(Results(), asks)


def by_place(table, factors, relabel=None):
    """Every number of a table of points, by the point's levels."""
    relabel = relabel or {}
    return {
        tuple(relabel.get(row[name], row[name]) for name in factors): {
            key: value for key, value in row.items() if key not in (*factors, "point")
        }
        for row in table.to_dict("records")
    }


@few(3)
@given(order=st.permutations([P_HIT, "guns", READY]), turned=st.booleans())
def test_the_order_of_factors_and_levels_does_not_matter(folder, order, turned):
    levers = {P_HIT: [0.2, 0.8], "guns": GUNS, READY: [0.0, 0.6]}
    first, table = answered(folder, levers, contrast="guns")
    asked = {name: levers[name] for name in order}
    if turned:
        asked[P_HIT] = asked[P_HIT][::-1]
    second, again = answered(folder, asked, ("z_end", "things_hit"), contrast="guns")
    assert list(differ(by_place(again, list(levers)), by_place(table, list(levers)))) == []
    for outcome in first["outcomes"]:
        for name, levels in first["alone"][outcome].items():
            assert list(differ(second["alone"][outcome][name], levels)) == []
        places = [
            {(one[P_HIT], one[READY]): one for one in told["contrast"][outcome]["places"]}
            for told in (first, second)
        ]
        assert list(differ(places[1], places[0])) == []


def test_names_of_settings_do_not_matter(folder):
    renamed = {"a": GUNS["few"], "b": GUNS["many"]}
    first, table = answered(folder, {"guns": GUNS, P_HIT: [0.2, 0.8]}, contrast="guns")
    second, again = answered(folder, {"weapons": renamed, P_HIT: [0.2, 0.8]}, contrast="weapons")
    back = {"a": "few", "b": "many"}
    told = by_place(again, ["weapons", P_HIT], back), by_place(table, ["guns", P_HIT])
    assert list(differ(*told)) == []
    for outcome in first["outcomes"]:
        one, other = (told["contrast"][outcome]["places"] for told in (first, second))
        assert list(differ(other, one)) == []


def test_settings_the_other_way_round_turn_the_sign(folder):
    first, _ = answered(folder, {"guns": GUNS}, contrast="guns")
    second, _ = answered(folder, {"guns": dict(reversed(GUNS.items()))}, contrast="guns")
    for outcome in first["outcomes"]:
        (one,), (other,) = (told["contrast"][outcome]["places"] for told in (first, second))
        assert other["mean"] == pytest.approx(-one["mean"])
        assert other["±"] == pytest.approx(one["±"])


def test_a_title_moves_no_number(folder):
    """Nor does one more thing that is asked about: each outcome is as it is alone."""
    _, both = answered(folder, {P_HIT: [0.2, 0.8]})
    _, alone = answered(folder, {P_HIT: [0.2, 0.8]}, ("z_end",))
    assert list(differ(alone["z_end"].tolist(), both["z_end"].tolist())) == []


@pytest.mark.parametrize("at", [1, 17, 39])
def test_how_runs_are_split_does_not_matter(folder, at):
    scenario = sim.load(folder / "war.yaml")
    whole = run_chunk(scenario, 5, 0, 40, True)
    parts = [run_chunk(scenario, 5, first, last, True) for first, last in ((0, at), (at, 40))]
    for name in ("runs", "raids", "losses", "meetings", "days"):
        together = pd.concat([pd.DataFrame(part[name]) for part in parts if name in part])
        pd.testing.assert_frame_equal(
            together.reset_index(drop=True), pd.DataFrame(whole[name]), check_exact=True
        )


def test_more_runs_narrow_and_do_not_move(folder):
    """The first runs are the same; an error falls with the root of the runs."""
    scenario = sim.load(folder / "war.yaml")
    few_runs, many = (sim.run(scenario, runs, 3, workers=1).runs for runs in (100, 400))
    pd.testing.assert_frame_equal(few_runs, many.iloc[:100].reset_index(drop=True))
    _, one = answered(folder, {P_HIT: [0.3, 0.6]}, runs=100, seed=3)
    _, other = answered(folder, {P_HIT: [0.3, 0.6]}, runs=400, seed=3)
    for outcome in ("things_hit", "z_end"):
        narrower = (other[f"{outcome} ±"] / one[f"{outcome} ±"]).to_numpy()
        assert narrower == pytest.approx(0.5, abs=0.2)
        moved = (other[outcome] - one[outcome]).abs().to_numpy()
        assert (moved <= 2.0 * one[f"{outcome} ±"].to_numpy()).all()


def test_another_seed_agrees_within_errors(folder):
    tables = [answered(folder, {P_HIT: [0.3, 0.6]}, runs=200, seed=s)[1] for s in (1, 2, 3)]
    for outcome in ("things_hit", "z_end"):
        means = np.array([table[outcome] for table in tables])
        errors = np.array([table[f"{outcome} ±"] for table in tables])
        apart = np.abs(means[:, None] - means[None, :])
        assert (apart <= 2.0 * np.hypot(errors[:, None], errors[None, :])).all()
        assert (apart[0, 1] > 0.0).all()
