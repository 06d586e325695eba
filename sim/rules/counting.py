"""Whole things out of real sums."""

import numpy as np


def whole(amount):
    """The whole part of an amount; within a millionth of a whole number it is that number.

    So ten days at a tenth make one, although the binary sum falls short of it. No figure is known
    to a millionth of a drone.
    """
    return np.floor(amount + 1e-6)
