"""Exchanges at the table: separable, one for one, where both gain."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import Case, Check, Loader, of_identity
from sim.evidence.verify.courses import SIDES, course, fought

_NAMES = ("prisoners", "fallen")


def exchanges(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """What is exchanged at both meetings, and that nothing else changes."""
    war = fought(load(), runs, seed)
    sample, table = war.sample, war.recorder.runs()
    goes_on = ~(table["deal_day"] == 0.0)
    for name in _NAMES:
        path = f"talks.exchanges.{name}"
        fewest = np.minimum(*(sample[f"{path}.held.{side}"] for side in SIDES))
        both = np.minimum(*(sample[f"{path}.gain.{side}"] for side in SIDES)) > 0.0
        meetings = np.where(goes_on, 2.0, 1.0)
        expected = both * np.minimum(fewest, meetings * sample[f"{path}.most"])
        yield of_identity(f"exchange of {name}", "definition", expected, table[f"{name}_exchanged"])
    unwanted = (f"talks.exchanges.{name}.gain.underdog=-1" for name in _NAMES)
    without = fought(load(*unwanted), runs, seed)
    days = [np.nan_to_num(one.recorder.runs()["deal_day"], nan=-1.0) for one in (without, war)]
    yield of_identity("settled with and without exchanges", "definition", *days)
    positions = [course(one, "z").ravel() for one in (without, war)]
    yield of_identity("Z with and without exchanges", "definition", *positions)


CHECKS = (Check("exchanges", exchanges, runs=500),)
