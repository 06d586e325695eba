"""The occasions on which a raid was flown (run and day), and counts on each."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def occasions_of(rows: pd.DataFrame) -> Ints:
    """The number of the occasion of each row of a raid; rows of one run and day share one."""
    run, day = rows["run"].to_numpy(np.int64), rows["day"].to_numpy(np.int64)
    return pd.factorize(run * (1 + day.max(initial=0)) + day)[0].astype(np.int64)


def counts_by(
    occasion: Ints, counts: Ints, words: Sequence[pd.Series]
) -> dict[tuple[str, ...], Ints]:
    """Counts summed over each occasion, by the words of the rows, shape (occasions,) each."""
    key = np.zeros(len(occasion), np.int64)
    known: list[tuple[str, ...]] = [()]
    for column in words:
        codes, names = pd.factorize(column)
        key = key * len(names) + codes
        known = [(*before, str(name)) for before in known for name in names]
    key, there = pd.factorize(key)
    wide = 1 + int(occasion.max(initial=-1))
    sums = np.bincount(key * wide + occasion, counts, len(there) * wide).astype(np.int64)
    return {known[k]: row for k, row in zip(there, sums.reshape(len(there), wide), strict=True)}
