"""All checks of the model against closed forms and published tables, in order."""

from collections.abc import Iterable, Iterator
from functools import partial

from sim.evidence.verify import (
    answers,
    arrival,
    bargaining,
    between_raids,
    ceasefire,
    choices,
    decoys,
    delivery,
    detection,
    exchanges,
    front,
    history,
    inferred,
    interception,
    jamming,
    landmarks,
    launch,
    learning,
    mechanisms,
    money,
    nations,
    packages,
    patience,
    patrons,
    policies,
    promises,
    publics,
    queues,
    reported,
    reports,
    salvo,
    spiral,
    surprise,
    textbook,
    thinning,
    truces,
    unknown,
    weighed,
)
from sim.evidence.verify.case import Case, Check
from sim.experiment.execution.runner import Progress
from sim.scenario.load import load
from sim.scenario.schema import Scenario

_RAIDS = (
    thinning, delivery, launch, detection, jamming, interception, queues, nations, decoys, arrival,
    between_raids, money, salvo, textbook, reported,
)  # fmt: skip
_MINDS_AND_TALKS = (
    front, history, reports, surprise, mechanisms, landmarks, weighed, learning, spiral, publics,
    bargaining, unknown, promises, packages, ceasefire, inferred, truces, patience, exchanges,
    policies, patrons,
)  # fmt: skip

CHECKS: tuple[Check, ...] = tuple(
    check for group in (*_RAIDS, *_MINDS_AND_TALKS, answers, choices) for check in group.CHECKS
)

THOROUGH = 30
"""The number of runs of a thorough verification relative to a quick one."""


def verify(
    seed: int = 1,
    times: int = 1,
    checks: Iterable[Check] = CHECKS,
    progress: Progress | None = None,
) -> Iterator[Case]:
    """The cases of all checks, with `times` the runs of a quick verification."""
    chosen = tuple(checks)
    wanted = times * sum(check.runs for check in chosen)
    done = 0
    for check in chosen:
        yield from check.cases(partial(load_check, check.scenario), seed, times * check.runs)
        done += times * check.runs
        if progress:
            progress(done, wanted)


def load_check(name: str | None, *overrides: str) -> Scenario:
    """A scenario of `scenarios/verify/` with overrides; fails for a check without a scenario."""
    assert name is not None, "this check has no scenario"
    return load(f"verify/{name}", overrides)
