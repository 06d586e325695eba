"""Verdicts by run: something must hold in exactly the runs in which it is expected."""

from sim.evidence.verify.case import Case
from sim.raid.arrays import Bools


def of_verdicts(name: str, source: str, expected: Bools, got: Bools) -> Case:
    """Two verdicts on the same things, which must agree on each; any shape, the same for both."""
    differ = int((expected != got).sum())
    wanted = f"in {int(expected.sum()):,} of {expected.size:,}"
    found = f"in {int(got.sum()):,}, {differ:,} differ"
    return Case(name, source, wanted, found, 0.0, float("inf") if differ else 0.0)
