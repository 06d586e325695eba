"""What a raid costs each side, in USD."""

import numpy as np

from sim.rules import counting


def lost_usd(destroyed, damaged, finished, value_usd, repair_cost):
    """Value lost: the full value of destroyed assets and the repair cost of damaged ones.

    `finished` are those of the destroyed assets that had been damaged before, so that their repair
    has already been counted.
    """
    return value_usd * (destroyed + repair_cost * (damaged - finished))


def spent_usd(drones, unit_cost_usd, decoys, decoy_cost_usd, carriers, carrier_cost_usd):
    """The cost of a flight: its drones, its decoys at their own price, and its carriers."""
    return drones * unit_cost_usd + decoys * decoy_cost_usd + carriers * carrier_cost_usd


def exchange_ratio(enemy_lost_usd, spent_usd):
    """USD that the enemy lost per USD spent; not a number if nothing was spent."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spent_usd > 0.0, enemy_lost_usd / spent_usd, np.nan)


def bought(budget_usd, price_usd):
    """The whole number of items that a budget buys."""
    return counting.whole(budget_usd / price_usd)
