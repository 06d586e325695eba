"""What the benchmarks of the raid fly: a made-up raid of any size, and those of a scenario."""

from pathlib import Path

import numpy as np
from strategies import RAID, figure, position, ready, scenario, shooter, site, wave, weapon

from sim.raid.fly import fly
from sim.scenario.sample import Sample

ROOT = Path(__file__).parent.parent
SPIDERWEB = ROOT / "scenarios" / "spiderweb.yaml"
SEED, DAY = 1, 1


def raid(drones, **changed):
    """A raid on one site with one battery of ten channels; `changed` alters its wave."""
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
        waves={"wave": wave(drones, ["base"], launch_from="area", **changed)},
    )


class Flyer:
    """A raid in some runs, from full magazines at each call; the records are made beforehand."""

    def __init__(self, built, name, runs, with_log=True):
        self.runs, self.with_log = np.arange(runs), with_log
        self.orders, self.defence = ready(built, name, Sample(built, SEED, self.runs))
        self.fresh = [array.copy() for array in self.defence]

    def __call__(self):
        for array, fresh in zip(self.defence, self.fresh, strict=True):
            array[:] = fresh
        everywhere = np.ones(len(self.runs), bool)
        return fly(SEED, self.runs, DAY, everywhere, self.orders, self.defence, self.with_log)

    def left(self):
        """All that a flight writes, as bytes."""
        tally, log = self()
        return [array.tobytes() for array in (*self.defence, *tally, *log)]


def flyer(drones, runs, with_log=True, **changed):
    """The made-up raid, ready to fly."""
    return Flyer(raid(drones, **changed), RAID, runs, with_log)
