"""Covert delivery: carriers prepared near the target, and the hazard of being found."""

import math

import numpy as np

from sim.compiled import compiled


def p_carrier_survives(found_per_day, prepared_days):
    """Probability that a carrier is not found while it is prepared: exp(-hazard * days).

    The hazard is constant, so survival is exponential. Source: cox1984.
    """
    return np.exp(-found_per_day * prepared_days)


@compiled
def launch_delay_min(u, mean_gap_min):
    """Gap between launches of a Poisson stream, by inversion: -gap * ln(1 - u)."""
    return -mean_gap_min * math.log1p(-u)
