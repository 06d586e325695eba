"""Whole things out of real sums."""

import numpy as np


def whole(amount):
    """How many whole things an amount makes: within a millionth of one it counts as that one.

    So ten days of a tenth make one, though their binary sum is short of it. Nobody's figures tell
    a millionth of a drone.
    """
    return np.floor(amount + 1e-6)
