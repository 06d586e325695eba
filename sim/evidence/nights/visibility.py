"""The visibility of a scenario's waves at which its own defence lets through what is forecast.

Each later raid is flown alone, against a defence at rest, for visibilities on a grid, with all
other figures drawn from their ranges. The visibility of a wave is the lognormal law whose number of
drones through has the least Cramer distance (the sum of squared differences of the cumulative
distributions) from the filter's forecast for a wave of that size. Its middle therefore reflects the
level of the nights before, and its range how much nights vary beyond the ranges of the scenario.
Decoys that come through count, as they do among the launched in reports.
"""

import datetime
import json
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from sim.evidence.nights.file import class_of, kinds_of
from sim.evidence.nights.forecasting import Learned, law_of
from sim.raid.arrays import FATES, THROUGH
from sim.raid.deployment import defence_of
from sim.raid.fly import fly
from sim.raid.orders import flights_of, orders_of
from sim.rules.laws import BY_NAME
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RUNS, SEED = 400, 1
_GRID = np.geomspace(0.02, 50.0, 25)
_AT_95 = 1.96  # standard deviations, half the width of a lognormal figure's range
_LEAST_SIGMA, _MOST_SIGMA = 0.05, 2.0
_NODES = (np.arange(400) + 0.5) / 400
_THROUGH = [FATES.index(fate) for fate in THROUGH]


class Asked(NamedTuple):
    """A wave whose visibility is wanted: its class, its night and its size."""

    raid: str
    wave: str
    group: str
    night: datetime.date
    size: int

    @property
    def path(self) -> str:
        """The figure's path in the scenario."""
        return f"raids.{self.raid}.waves.{self.wave}.visibility"


class Visibility(NamedTuple):
    """A lognormal law, 95 % from `low` to `high`, and the result of it compared with the forecast.

    `through` and `forecast` are the 5, 50 and 95 % quantiles; `distance` is the largest difference
    between the two cumulative distributions.
    """

    value: float
    low: float
    high: float
    through: tuple[int, ...]
    forecast: tuple[int, ...]
    distance: float


def asked_of(scenario: Scenario, after: datetime.date) -> list[Asked]:
    """Direct waves of a known class and size after a date; undated raids count as the day after."""
    found = []
    for name, raid in scenario.raids.items():
        night = raid.date or after + datetime.timedelta(1)
        for key, wave in raid.waves.items():
            group = class_of(scenario.weapons[wave.weapon].title)
            if group and wave.count and wave.launch_from and night > after:
                found.append(Asked(name, key, group, night, int(wave.count.value)))
    return found


def visibilities(
    scenario: Scenario, waves: list[Asked], learned: Mapping[str, Learned]
) -> dict[Asked, Visibility]:
    """The visibility of each wave whose class is in `learned`, from RUNS runs per grid point."""
    found = {}
    for raid in dict.fromkeys(wave.raid for wave in waves):
        through = _flown(scenario, raid)
        for wave in waves:
            if wave.raid == raid and wave.group in learned:
                title = scenario.weapons[scenario.raids[raid].waves[wave.wave].weapon].title
                kinds = kinds_of(wave.group, title)
                law = law_of(learned[wave.group], wave.night, [wave.size], kinds)
                found[wave] = _fitted(through[wave.wave], law)
    return found


def _flown(scenario: Scenario, raid: str) -> dict[str, Ints]:
    """How many of each wave come through, (grid points, RUNS)."""
    runs = np.arange(RUNS)
    sample = Sample(scenario, SEED, runs)
    orders = orders_of(scenario, raid, sample)
    enemy = scenario.enemy_of(scenario.raids[raid].by)
    flights = [flight.wave for flight in flights_of(scenario.raids[raid])]
    found: dict[str, list[Ints]] = {wave: [] for wave in flights}
    for visibility in _GRID:
        orders.flights["visibility"] = visibility
        tally, _ = fly(
            SEED, runs, 0, np.ones(RUNS, np.bool_), orders, defence_of(scenario, enemy, sample)
        )
        through = tally.fates[..., _THROUGH].sum(axis=(2, 3))
        for wave in found:
            found[wave].append(through[:, [name == wave for name in flights]].sum(axis=1))
    return {wave: np.array(counts) for wave, counts in found.items()}


def _fitted(through: Ints, law: Floats) -> Visibility:
    size = len(law) - 1
    on_grid = np.array(
        [np.searchsorted(np.sort(row), np.arange(size + 1), "right") for row in through]
    ) / len(through[0])

    def made(x: Floats) -> Floats:
        return np.asarray(_weights(*_ends(x)) @ on_grid)

    def distance(x: Floats) -> float:
        return float(((made(x) - law) ** 2).sum())

    starts = [(m, s) for m in np.log(_GRID[5:-5:5]) for s in (-1.5, -0.5, 0.5)]
    start = min(starts, key=lambda x: distance(np.array(x)))
    best = optimize.minimize(distance, start, method="Nelder-Mead").x
    low, value, high = _ends(best)
    quantiles = [[int(np.searchsorted(one, q)) for q in (0.05, 0.5, 0.95)]
                 for one in (made(best), law)]  # fmt: skip
    apart = float(np.abs(made(best) - law).max())
    return Visibility(value, low, high, tuple(quantiles[0]), tuple(quantiles[1]), apart)


def _ends(x: Floats) -> tuple[float, float, float]:
    """`low`, `value` and `high` from the logarithms of the median and of the standard deviation."""
    value = float(np.exp(np.clip(x[0], *np.log(_GRID[[0, -1]]))))
    sigma = float(np.clip(np.exp(x[1]), _LEAST_SIGMA, _MOST_SIGMA))
    return value * np.exp(-_AT_95 * sigma), value, value * np.exp(_AT_95 * sigma)


def _weights(low: float, value: float, high: float) -> Floats:
    """The weight of each grid point under a lognormal law, by linear interpolation."""
    drawn = np.log(BY_NAME["lognormal"](_NODES, low, value, high))
    place = np.interp(drawn, np.log(_GRID), np.arange(len(_GRID)))
    below = np.minimum(place.astype(np.int64), len(_GRID) - 2)
    part = place - below
    weight = np.bincount(below, 1.0 - part, len(_GRID)) + np.bincount(below + 1, part, len(_GRID))
    return np.asarray(weight / weight.sum())


def as_lines(found: Mapping[Asked, Visibility], provenance: Mapping[str, str]) -> str:
    """The figures in the syntax of scenarios, one per line for --set; `provenance` is by class.

    A comment compares the number through with the forecast.
    """
    lines = [
        "# What sim forecast nights makes of how visible each wave is to the scenario's own",
        "# defence. Each line's value is one for --set 'PATH=VALUE'. Through: 5, 50 and 95 %, as",
        "# flown and as forecast; the largest difference of the two cumulative laws.",
    ]
    for wave, one in found.items():
        told = "through {}, {}, {}; forecast {}, {}, {}".format(*one.through, *one.forecast)
        if not _GRID[0] * 1.01 < one.value < _GRID[-1] / 1.01:
            told += "; at the end of what is tried: the defence cannot give it"
        lines.append(f"# {wave.size} on {wave.night}: {told}; {one.distance:.3f}")
        inside = f"value: {one.value:.3g}, low: {one.low:.3g}, high: {one.high:.3g}"
        why = json.dumps(provenance[wave.group], ensure_ascii=False)
        lines.append(f"{wave.path}: {{{inside}, law: lognormal, assumed: {why}}}")
    return "\n".join(lines) + "\n"
