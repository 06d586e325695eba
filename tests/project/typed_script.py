"""A user's script that uses all of the interface in Python; mypy reads it, nobody runs it."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import sim


class Stubborn(sim.Negotiator):
    """Signs nothing, and thinks of what it may say."""

    def think(self, other: sim.Announced) -> None:
        super().think(other)
        self.reservation = np.maximum(self.reservation, 0.5 * other.demand)

    def accepts_package(self, utility: NDArray[np.float64]) -> NDArray[np.bool_]:
        return super().accepts_package(utility) & (utility > 1.0)

    def accepts_ceasefire(self, held: NDArray[np.float64]) -> NDArray[np.bool_]:
        return held > 0.5


def main(folder: Path) -> None:
    """Everything that `sim.__all__` names."""
    war: sim.Scenario = sim.load("minimal", ["weapons.drone.p_hit=0.4"], without=["raids.dawn"])
    cost: sim.Figure = war.weapons["drone"].unit_cost
    record: sim.Record = sim.run(war, runs=10, seed=1, negotiators={"mainland": Stubborn})
    kept = sim.read(folder / "minimal-0123456789ab")
    assert isinstance(kept, sim.Record)
    frames: list[pd.DataFrame] = [kept.runs, record.raids, record.meetings, record.days]
    contrast: sim.Contrast = sim.compare(war, war, 10, negotiators=(None, {"mainland": Stubborn}))
    mean = contrast.effect_on("z_end")["mean"], contrast.effect_on_day("r_u", 5)["mean"]
    model = sim.War(war, 10, figures={"weapons.drone.p_hit": np.full(10, 0.5)})
    while model.running:
        model.step()
    rows: int = len(model.negotiators["mainland"].term("cost")) + len(model.zone)
    strength: float = float(model.defenders["mainland"].strength().mean())
    answers: list[sim.Answer] = [
        sim.sweep(war, {"weapons.drone.p_hit": [0.2, 0.5]}, ["z_end"], runs=10, out=folder),
        sim.sensitivity(war, ["z_end"], vary={"weapons.drone.speed": (60, 90)}, method="morris"),
        sim.discover(war, "z_end > 0", runs=100, workers=2),
        sim.calibrate(war, vary=["weapons.drone.p_hit"], runs=1000),
        sim.weigh("weighing", runs=800, recover=2),
        sim.choose("air-base", runs=40),
        sim.forecast("weighing", runs=800),
        sim.run_experiment("impulse", runs=2, workers=sim.Cluster("tcp://127.0.0.1:8786")),
    ]
    told: str = answers[0].to_json() + answers[0].title + contrast.to_json()
    points: pd.DataFrame = answers[0].frames["points"]
    print(cost.value, cost.unit, frames, mean, rows, strength, told, points, sep="\n")


def asked(name: str) -> sim.Scenario | None:
    """Errors are of the house, and of Python."""
    try:
        return sim.load(name)
    except sim.ScenarioError as error:
        print(*error.problems)
    except (sim.ExperimentError, sim.WorkerError, sim.SettingsError, ValueError) as error:
        print(error)
    return None
