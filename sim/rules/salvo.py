"""Textbook salvo models: how many get through, from aggregate numbers, to compare with the raid."""

import numpy as np


def hughes_leakers(shots, p_shot, stops, p_stop):
    """Leakers in the deterministic salvo model: max(0, shots p_shot - stops p_stop).

    `stops` is the number that the defence can engage. Source: hughes1995.
    """
    return np.maximum(0.0, shots * p_shot - stops * p_stop)


def armstrong_leakers(shots, p_shot, stops, p_stop):
    """Mean leakers in the stochastic salvo model: E[max(0, hits - stops)], both binomial.

    Their difference is approximated as normal with mean m and standard deviation s, so that
    E = s phi(m / s) + m Phi(m / s). Source: armstrong2005.
    """
    from scipy.special import ndtr

    mean = shots * p_shot - stops * p_stop
    variance = shots * p_shot * (1.0 - p_shot) + stops * p_stop * (1.0 - p_stop)
    sigma = np.sqrt(np.maximum(variance, 1e-12))
    z = mean / sigma
    return sigma * np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi) + mean * ndtr(z)
