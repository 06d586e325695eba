"""One question has one name, however it is spelled."""

from pathlib import Path
from typing import Any

import pytest

from sim.experiment.questions.sweep import levels_by_line, question, request_of, store_of
from sim.experiment.storage.store import Store
from sim.report.page.related import _deciding_inputs
from sim.scenario.load import load
from sim.scenario.stored import stored

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SPELLED = [
    ("minimal", ["weapons.drone.p_hit=0.3", "weapons.drone.speed=300 m/s"]),
    ("./minimal.yaml", ["weapons.drone.p_hit=.30", "weapons.drone.speed=300 m/s"]),
    ("../scenarios/minimal.yaml", ["weapons.drone.p_hit=+0.3", "weapons.drone.speed=300.0 m/s"]),
    ("minimal.yaml", ["weapons.drone.p_hit = 3e-1", "weapons.drone.speed=1080 km/h"]),
    ("minimal.yaml", ["weapons.drone.speed=300 m/s", "weapons.drone.p_hit=0.3"]),
]


def test_one_question_has_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SCENARIOS)
    names = {
        Store("results", load(file, overrides), 10, 1, False).folder for file, overrides in SPELLED
    }
    assert len(names) == 1
    other = load("minimal", ["weapons.drone.p_hit=0.31", "weapons.drone.speed=300 m/s"])
    assert Store("results", other, 10, 1, False).folder not in names


def swept(file: str, overrides: list[str], vary: list[str]) -> Any:
    scenario = load(file, overrides)
    outcomes = ["z_end"]
    levels = levels_by_line(vary, outcomes, overrides)
    asked = request_of(scenario, levels, outcomes, "grid", None, 4, 1)
    return asked, question(asked, Path())


def test_one_sweep_has_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SCENARIOS)
    sets = ["weapons.drone.p_works=0.8", "weapons.drone.p_destroy=0.5"]
    names = {
        store_of("results", swept(file, overrides, vary)[1]).folder
        for file, overrides, vary in (
            ("minimal", sets, ["weapons.drone.p_hit=0.3,0.5"]),
            ("./minimal.yaml", sets[::-1], ["weapons.drone.p_hit=.30, 5e-1"]),
            ("../scenarios/minimal.yaml", sets, ["weapons.drone.p_hit=0.3:0.5:2"]),
        )
    }
    assert len(names) == 1
    _, other = swept("minimal", sets, ["weapons.drone.p_hit=0.3,0.51"])
    assert store_of("results", other).folder not in names


def test_what_lies_beside_is_known_by_what_it_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sensitivity analysis with `.30` stands in the report of a run with `0.3`."""
    monkeypatch.chdir(SCENARIOS)
    run = stored(load("minimal", ["weapons.drone.p_hit=0.3", "mechanisms.cost.on=false"]))
    asked, _ = swept(
        "./minimal.yaml",
        ["mechanisms.cost.on=false", "weapons.drone.p_hit=.30"],
        ["weapons.drone.p_works=0.3,0.5"],
    )
    sweep = run | {"overrides": [], "asked": asked.model_dump(mode="json")}
    assert _deciding_inputs(run) == _deciding_inputs(sweep)
    assert _deciding_inputs(run) != _deciding_inputs(
        run | {"overrides": ["weapons.drone.p_hit=0.4"]}
    )
