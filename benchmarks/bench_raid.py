"""One raid: the kernel beside the same raid in plain Mesa, and its cost by the number of drones.

Rounds are of many raids; raids a second are told at the end.
"""

import time

import mesa
import numpy as np
import pytest
from judge import Figures, Luck, Raid
from strategies import RAID, figure
from works import DAY, SEED, flyer, raid

from sim.raid.arrays import FATES
from sim.scenario.sample import Sample

DRONES, RUNS_OF_JUDGE, RUNS_OF_KERNEL = 117, 20, 500


class Judged(Raid):
    """The tests' judge as Mesa's batch_run wants a model: the run is a parameter."""

    scenario_flown = raid(DRONES)
    sample = Sample(scenario_flown, SEED, np.arange(RUNS_OF_JUDGE))

    def __init__(self, run):
        figures = Figures(self.sample, run)
        super().__init__(self.scenario_flown, RAID, figures, Luck(SEED, run, DAY))
        self.datacollector = mesa.DataCollector({"fates": Judged.fates})

    def step(self):
        super().step()
        self.running = bool(self.events)
        self.datacollector.collect(self)

    def fates(self):
        """What batch_run gives back; it wants something after every step."""
        return None if self.running else [drone.fate for drone in self.drones]


def _batch():
    """All runs of the judge, one after the other; Mesa's agents are let go of."""
    rows = mesa.batch_run(
        Judged, {"run": range(RUNS_OF_JUDGE)}, max_steps=10**9, display_progress=False
    )
    return [row["fates"] for row in rows]


# Seconds are of this process, which other work on the machine disturbs least.
@pytest.mark.benchmark(group="a raid of 117 drones", timer=time.process_time)
def bench_plain_mesa(benchmark):
    """The judge by Mesa's batch_run on one core; the kernel must give each drone the same fate."""
    fates = benchmark.pedantic(_batch, rounds=5, warmup_rounds=1)
    benchmark.extra_info["raids_per_second"] = RUNS_OF_JUDGE / benchmark.stats.stats.min
    _, log = flyer(DRONES, RUNS_OF_JUDGE)()
    assert fates == [[FATES[fate] for fate in row] for row in log.fate]


@pytest.mark.benchmark(group="a raid of 117 drones", timer=time.process_time)
def bench_kernel(benchmark):
    """The kernel on the same raid, with every drone's fate written down, on one core."""
    benchmark.pedantic(flyer(DRONES, RUNS_OF_KERNEL), rounds=50, warmup_rounds=1)
    benchmark.extra_info["raids_per_second"] = RUNS_OF_KERNEL / benchmark.stats.stats.min


@pytest.mark.benchmark(group="cost against drones", timer=time.process_time)
@pytest.mark.parametrize("drones", [10, 100, 1_000, 10_000, 100_000, 1_000_000])
@pytest.mark.parametrize("law", ["simultaneous", "poisson"])
def bench_drones(benchmark, law, drones):
    """One raid by its number of drones: all at once, or over an hour and retasked on few assets."""
    changed = {"launch": "poisson", "window": figure(60, "min"), "aim": "retask"}
    fly_once = flyer(drones, 1, **(changed if law == "poisson" else {}))
    benchmark.pedantic(fly_once, rounds=3, warmup_rounds=1)
    benchmark.extra_info["ns_per_drone"] = benchmark.stats.stats.min / drones * 1e9
