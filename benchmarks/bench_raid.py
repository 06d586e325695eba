"""One raid: the compiled kernel beside the same raid in plain Mesa, on identical work.

`make bench` prints rounds a second; the kernel flies 200 raids a round and the judge one, so the
kernel's figure is 200 times the raids a second it shows.
"""

import numpy as np
import pytest
from judge import judge
from strategies import RAID, figure, position, scenario, shooter, site, wave, weapon

from sim.raid.fly import fly
from sim.raid.orders import orders_of
from sim.raid.records import FATES
from sim.scenario.sample import Sample

SEED, DAY, KERNEL_RAIDS = 1, 1, 200


def raid(drones):
    """A raid on one site with one battery of ten channels."""
    unit = shooter(
        p_kill={"fpv": figure(0.4)},
        range=figure(20, "km"),
        detection_rate=figure(30, "1/h"),
        channels=figure(10),
        service=figure(2, "min"),
        magazine=figure(10_000),
    )
    return scenario(
        weapons={"fpv": weapon(p_hit=figure(0.5))},
        units={"unit": unit},
        sites={
            "base": site(
                (50.0, 36.0),
                assets={"plane": {"count": figure(50)}},
                defence={"unit": {"count": figure(1)}},
            )
        },
        launch_areas={
            "area": {"title": "area", "side": "attacker", "position": position(50.0, 35.0)}
        },
        waves={"wave": wave(drones, ["base"], launch_from="area")},
    )


def flown(built, runs):
    numbers = np.arange(runs)
    orders = orders_of(built, RAID, Sample(built, SEED, numbers))
    return lambda: fly(SEED, numbers, DAY, np.ones(runs, bool), orders, with_log=True)


@pytest.mark.benchmark(group="a raid of 117 drones")
def bench_kernel(benchmark):
    built = raid(117)
    flown(built, 1)()  # compile
    benchmark.extra_info["raids_per_round"] = KERNEL_RAIDS
    benchmark(flown(built, KERNEL_RAIDS))


@pytest.mark.benchmark(group="a raid of 117 drones")
def bench_plain_mesa(benchmark):
    built = raid(117)
    sample = Sample(built, SEED, np.arange(1))
    benchmark.extra_info["raids_per_round"] = 1
    verdict = benchmark(lambda: judge(built, RAID, sample, 0, SEED, DAY))
    _, log = flown(built, 1)()
    assert [FATES[fate] for fate in log.fate[0]] == verdict.fate


@pytest.mark.benchmark(group="cost against drones")
@pytest.mark.parametrize("drones", [10, 100, 1_000, 10_000, 100_000, 1_000_000])
def bench_drones(benchmark, drones):
    fly_once = flown(raid(drones), 1)
    benchmark.pedantic(fly_once, rounds=2, warmup_rounds=1)
