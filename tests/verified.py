"""The cases of `sim verify`, worked out once a process, as it takes most of a minute."""

import functools
from collections.abc import Iterable

from sim.evidence.verify import suite
from sim.evidence.verify.case import Case, Check


@functools.cache
def _by_check() -> tuple[tuple[Check, tuple[Case, ...]], ...]:
    return tuple((check, tuple(suite.verify(checks=(check,)))) for check in suite.CHECKS)


def verified() -> tuple[Case, ...]:
    """Every case, as the command has them."""
    return tuple(case for _, cases in _by_check() for case in cases)


def checks_of(names: Iterable[str], among: Iterable[Check]) -> list[Check]:
    """Those checks that make the cases of these names."""
    wanted, group = set(names), set(among)
    return [
        check
        for check, cases in _by_check()
        if check in group and wanted & {case.name for case in cases}
    ]
