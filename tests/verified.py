"""The cases of `sim verify`, worked out once a process, as it takes most of a minute."""

import functools

from sim.evidence.verify import suite
from sim.evidence.verify.case import Case


@functools.cache
def verified() -> tuple[Case, ...]:
    """Every case, as the command has them."""
    return tuple(suite.verify())
