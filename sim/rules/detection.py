"""Continuous looking: how long a drone stays unseen inside a circle."""

import math

from sim.compiled import compiled


@compiled
def time_to_detection_min(u, rate_per_min):
    """Time to detection ~ Exp(rate), by inversion; 0 for an infinite rate.

    So P(detected) = 1 - exp(-rate * dwell). Source: koopman1956.
    """
    if rate_per_min <= 0.0:
        return math.inf
    return -math.log1p(-u) / rate_per_min


def alertness(readiness, alert):
    """Detection factor of a site: its readiness without a warning, 1 at full alert.

    readiness + (1 - readiness) * alert, with alert in [0, 1]. Assumed, because nobody has measured
    it: a straight line between the two.
    """
    return readiness + (1.0 - readiness) * alert
