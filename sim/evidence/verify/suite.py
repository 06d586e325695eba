"""All checks of the model against closed forms and published tables, one after the other."""

from collections.abc import Iterable, Iterator
from functools import partial

from sim.evidence.verify import thinning
from sim.evidence.verify.case import Case, Check
from sim.experiment.runner import Progress
from sim.scenario.load import load
from sim.scenario.schema import Scenario
from sim.scenario.shipped import shipped

CHECKS: tuple[Check, ...] = (*thinning.CHECKS,)

THOROUGH = 30
"""How many times as many runs a thorough verification has as a quick one."""


def verify(
    seed: int = 1,
    times: int = 1,
    checks: Iterable[Check] = CHECKS,
    progress: Progress | None = None,
) -> Iterator[Case]:
    """The cases of all checks, with `times` as many runs as are quick."""
    chosen = tuple(checks)
    wanted = times * sum(check.runs for check in chosen)
    done = 0
    for check in chosen:
        yield from check.cases(partial(load_check, check.scenario), seed, times * check.runs)
        done += times * check.runs
        if progress:
            progress(done, wanted)


def load_check(name: str, *overrides: str) -> Scenario:
    """A scenario of `scenarios/verify/` with overrides."""
    return load(shipped(f"verify/{name}"), overrides)
