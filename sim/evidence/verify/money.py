"""Money: every carrier, drone, round and aeroplane counted once, at its price."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_identity, of_number
from sim.evidence.verify.raids import per_run, tables
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario

_DRONE_USD, _DECOY_USD, _CARRIER_USD, _ROUND_USD = 3.0, 2.0, 50.0, 7.0
_PLANE_USD, _REPAIR = 1000.0, 0.25
_WANTED, _DECOYS = 40.0, 0.25  # drones of the wave, and the share of decoys
_WAVE, _STOCK = "raids.raid.waves.first", "sides.attacker.arsenal.drone.stock"


def money(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """What was spent, fired and lost, from counts and prices, in every run."""
    flown = tables(load(), runs, seed)
    wars, raids, losses = flown["runs"], flown["raids"], flown["losses"]
    ordered = {weapon: per_run(raids, "ordered", weapon=weapon) for weapon in ("drone", "decoy")}
    spent = 4.0 * _CARRIER_USD + _DRONE_USD * ordered["drone"] + _DECOY_USD * ordered["decoy"]
    fired = _ROUND_USD * per_run(flown["defence"], "rounds_fired")
    damaged, destroyed = (per_run(losses, what) for what in ("damaged", "destroyed"))
    lost = _PLANE_USD * (destroyed + _REPAIR * damaged)
    for name, column, expected in (
        ("spent: carriers, drones, decoys", "raid_spent_usd", spent),
        ("fired: rounds", "raid_fired_usd", fired),
        ("lost: destroyed and repaired", "raid_lost_usd", lost),
        ("the attacker's account", "attacker_spent_usd", spent),
        ("the defender's account of rounds", "defender_fired_usd", fired),
        ("the defender's account of losses", "defender_lost_usd", lost),
    ):
        yield of_identity(f"money, {name}", "definition", expected, wars[column].to_numpy())
    for word, taken in (("loss", lost), ("cost", lost + fired)):
        ratio = wars[f"raid_{word}_exchange"].to_numpy()
        yield of_identity(f"money, {word} exchange", "definition", taken / spent, ratio)
    rounds = per_run(raids, "rounds_fired") * _ROUND_USD
    yield of_identity("money, rounds at drones and decoys", "definition", fired, rounds)
    ranges = [float(total.max() - total.min()) for total in (spent, fired, lost)]
    differs = float(np.count_nonzero(ranges))
    yield of_number("money, sums that differ from run to run", "definition", 3.0, differs, 0.0)


def means(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A budget buys whole drones, and no more fly than are in stock."""
    any_budget = "{value: 100, low: 0, high: 200, law: uniform, unit: USD, assumed: any}"
    decoys = f"decoys: {{weapon: decoy, share: {{value: {_DECOYS}, assumed: as the check has it}}}}"
    wave = f"{_WAVE}={{weapon: drone, budget: {any_budget}, at: [target], {decoys}}}"
    price = (1.0 - _DECOYS) * _DRONE_USD + _DECOYS * _DECOY_USD
    budget, ordered = _ordered(load(wave), f"{_WAVE}.budget", seed, runs)
    yield of_identity("a budget buys whole drones", "definition", budget // price, ordered)
    any_stock = "{value: 30, low: 0, high: 60, law: uniform, assumed: any}"
    arsenal = f"sides.attacker.arsenal={{drone: {{stock: {any_stock}}}}}"
    stock, ordered = _ordered(load(arsenal), _STOCK, seed, runs)
    there = np.minimum(_WANTED, np.floor(stock))
    yield of_identity("no more than in stock", "definition", there, ordered)
    wars = tables(load(arsenal), runs, seed)["runs"]
    flown = wars["raid_flown"].to_numpy(np.float64)
    yield of_identity("a raid without drones is not flown", "definition", there > 0.0, flown)
    wave = "{weapon: drone, count: {value: 30, assumed: as the check has it}, at: [target]}"
    two = f"raids.raid.waves={{first: {wave}, second: {wave}}}"
    wars = tables(load(arsenal, two), runs, seed)["runs"]
    there = np.minimum(60.0, np.floor(stock))  # the second wave gets what the first leaves
    carriers = 4.0 * np.ceil(there / 30.0)
    spent = carriers * _CARRIER_USD + there * _DRONE_USD
    got = wars["raid_spent_usd"].to_numpy()
    yield of_identity("no carriers for flights without drones", "definition", spent, got)


def _ordered(scenario: Scenario, path: str, seed: int, runs: int) -> tuple[Floats, Floats]:
    """A figure in each run, and the number of drones that the raid was given."""
    figure = Sample(scenario, seed, np.arange(runs))[path]
    return figure, tables(scenario, runs, seed)["runs"]["raid_ordered"].to_numpy()


CHECKS = (Check("money", money, runs=500), Check("money", means, runs=500))
