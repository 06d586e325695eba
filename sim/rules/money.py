"""What a raid costs each side, in USD."""

import numpy as np

from sim.rules import counting


def lost_usd(destroyed, damaged, finished, value_usd, repair_cost):
    """Value lost: a destroyed asset whole, a damaged one its share of repair.

    `finished` are those of the destroyed that were damaged before: their repair was counted then.
    """
    return value_usd * (destroyed + repair_cost * (damaged - finished))


def spent_usd(drones, unit_cost_usd, decoys, decoy_cost_usd, carriers, carrier_cost_usd):
    """What a flight costs: its drones, its decoys at their own price, and its carriers."""
    return drones * unit_cost_usd + decoys * decoy_cost_usd + carriers * carrier_cost_usd


def exchange_ratio(enemy_lost_usd, spent_usd):
    """USD taken from the enemy for a USD spent; not a number when nothing was spent."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spent_usd > 0.0, enemy_lost_usd / spent_usd, np.nan)


def bought(budget_usd, price_usd):
    """How many whole things a budget buys."""
    return counting.whole(budget_usd / price_usd)
