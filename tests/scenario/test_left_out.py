"""A figure left out means what the neutral value would, and another value would show."""

import copy
from typing import Any

import pandas as pd
import pytest
from strategies import RAID, covert, figure, mechanisms, war, weapon

import sim
from sim.scenario.schema import Scenario

NEVER = 1e5  # days or meetings

FIGURES = {
    "sides.attacker.arsenal.fpv.production": (0, 3, "1/day"),
    "sides.attacker.tempo.after_breakdown": (1, 5, "1"),
    "sides.defender.air_defence.experience_per_raid": (0, 0.5, "1"),
    "sides.defender.air_defence.experience_effect": (0, 5, "1"),
    "sides.defender.air_defence.experience_lasts": (NEVER, 3, "day"),
    "units.gun.resupply": (0, 0.1, "1/day"),
    "units.gun.p_kill.fpv": (0, 0.8, "1"),
    "assets.plane.repair_time": (NEVER, 2, "day"),
    "sites.base.readiness": (1, 0.05, "1"),
    "sites.base.dispersal": (0, 0.9, "1"),
    "sites.base.decoy_targets": (0, 5, "1"),
    "sites.base.assets.plane.protection": (0, 0.9, "1"),
    "front.strength_effect": (0, 5, "1"),
    "talks.patience": (NEVER, 1, "1"),
    "raids.strike.delivery.carrier_cost": (0, 700, "USD"),
}
"""What each is where it is left out, what it might be, and its unit."""


def fought(path: str, value: float | None, unit: str) -> dict[str, pd.DataFrame]:
    """The tables of a war with a figure at a value, or without it; `NEVER` is nearly never."""
    data = copy.deepcopy(war(mechanisms=mechanisms("cost", "learning")))
    for mind in data["minds"].values():  # nothing is settled
        mind["p_win"] = figure(0.8)
    data["sides"]["attacker"]["tempo"]["per_day"] = figure(0.4, "1/day")
    data["raids"][RAID]["delivery"] = covert()
    del data["raids"][RAID]["waves"]["wave"]["launch_from"]
    data["weapons"]["fpv"]["p_destroy"] = figure(0.3)
    data["weapons"]["other"] = weapon()
    data["units"]["gun"]["p_kill"]["other"] = figure(0.5)
    *parents, last = path.split(".")
    block: dict[str, Any] = data
    for parent in parents:
        block = block[parent]
    block.pop(last, None)
    if value is not None:
        block[last] = figure(value, unit)
    scenario = Scenario.model_validate(data)
    return sim.run(scenario, 40, 3, workers=1, with_days=True).frames


@pytest.mark.parametrize("path", FIGURES)
def test_a_figure_left_out_is_the_neutral_one(path):
    neutral, other, unit = FIGURES[path]
    without, alike, unlike = (fought(path, value, unit) for value in (None, neutral, other))
    for table in ("runs", "raids", "losses", "defence", "meetings", "days"):
        pd.testing.assert_frame_equal(without[table], alike[table], rtol=1e-5)
    assert not without["runs"].equals(unlike["runs"])


def test_a_record_of_aid_whose_patron_is_left_out_says_so_in_one_line():
    with pytest.raises(sim.ScenarioError, match="united-states is no patron of the scenario"):
        sim.load("ukraine-2022-2025", without=["patrons"])
