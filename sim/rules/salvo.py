"""Textbook salvo models: leakers from aggregate numbers alone, as a yardstick for the raid."""

import numpy as np


def hughes_leakers(shots, p_shot, stops, p_stop):
    """Leakers by the deterministic salvo model: max(0, shots p_shot - stops p_stop).

    `stops` is how many the defence can engage. Source: hughes1995.
    """
    return np.maximum(0.0, shots * p_shot - stops * p_stop)


def armstrong_leakers(shots, p_shot, stops, p_stop):
    """Mean leakers by the stochastic salvo model: E[max(0, hits - stops)], both binomial.

    Their difference is taken as normal with its mean m and standard deviation s, so that
    E = s phi(m / s) + m Phi(m / s). Source: armstrong2005.
    """
    from scipy.special import ndtr

    mean = shots * p_shot - stops * p_stop
    variance = shots * p_shot * (1.0 - p_shot) + stops * p_stop * (1.0 - p_stop)
    sigma = np.sqrt(np.maximum(variance, 1e-12))
    z = mean / sigma
    return sigma * np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi) + mean * ndtr(z)
