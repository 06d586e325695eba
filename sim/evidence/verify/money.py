"""Money: every carrier, drone, round and aeroplane counted once, at its price."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import Case, Check, Loader, of_identity, of_number
from sim.evidence.verify.raids import per_run, tables

_DRONE_USD, _DECOY_USD, _CARRIER_USD, _ROUND_USD = 3.0, 2.0, 50.0, 7.0
_PLANE_USD, _REPAIR = 1000.0, 0.25


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
    rounds = per_run(raids, "rounds_fired") * _ROUND_USD
    yield of_identity("money, rounds at drones and decoys", "definition", fired, rounds)
    happened = [float(total.max() - total.min()) for total in (spent, fired, lost)]
    differs = float(np.count_nonzero(happened))
    yield of_number("money, sums that differ from run to run", "definition", 3.0, differs, 0.0)


CHECKS = (Check("money", money, runs=500),)
