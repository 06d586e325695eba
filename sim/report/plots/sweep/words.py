"""Words on the pictures of a sweep."""

import numpy as np

from sim.report.plots.words import dollars, rough


def words_of(outcome: str, value: float) -> str:
    """A value of an outcome in two figures: dollars where it is money."""
    if not np.isfinite(value):
        return "no value"
    return dollars(value) if outcome.endswith("_usd") else rough(value)
