"""What a raid did, laid out to be summed: the runs come last, so that a sum runs along memory."""

from typing import NamedTuple

import numpy as np

from sim.raid.arrays import Bools, Ints, Records, Tally


class Results(NamedTuple):
    """A tally with the n runs flown on the last axis; records by field."""

    fates: Ints  # (F, 2, 9, n): real drones and decoys, by fate
    stopped_by: Ints  # (U, n)
    rounds_fired: Ints  # (U, n)
    flights: dict[str, Ints]  # (F, n)
    assets: dict[str, Ints]  # (S, C, n)
    forewarned: Bools  # (n,)


def results_of(tally: Tally) -> Results:
    """The results of a raid from its tally."""
    return Results(
        fates=np.ascontiguousarray(np.moveaxis(tally.fates, 0, -1)),
        stopped_by=np.ascontiguousarray(tally.stopped_by.T),
        rounds_fired=np.ascontiguousarray(tally.rounds_fired.T),
        flights=_by_field(tally.flights),
        assets=_by_field(tally.assets),
        forewarned=tally.forewarned,
    )


def _by_field(counts: Records) -> dict[str, Ints]:
    """Records of whole numbers, (n, ...), as an array a field, (..., n)."""
    fields = counts.dtype.names or ()
    words = counts.view(np.int64).reshape(*counts.shape, len(fields))
    runs, *others, field = range(words.ndim)
    by_field = np.ascontiguousarray(words.transpose(field, *others, runs))
    return dict(zip(fields, by_field, strict=True))
