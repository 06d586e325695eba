"""A mediator's patience is a run of failures; a side that is not in earnest signs nothing."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import (
    Case,
    Check,
    Floats,
    Ints,
    Loader,
    of_counts,
    of_identity,
    of_mean,
)
from sim.evidence.verify.courses import course, fought
from sim.evidence.verify.verdicts import of_verdicts
from sim.raid.arrays import Bools
from sim.war.model import War

_P_FAILS = 0.5
_PROTOCOLS = {
    "mediator": (),
    "nash": ("talks.protocol={kind: nash, underdog_weight: {value: 0.5, assumed: even}}",),
}


def giving_up(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Meetings until so many in a row have failed: the distribution of runs of failures."""
    for patience in (1, 2, 3):
        chances = f"talks.patience={{value: {patience}, assumed: as the check has it}}"
        war = fought(load(chances), runs, seed)
        meetings = war.scenario.days
        law = run_law(_P_FAILS, patience, meetings)
        called = np.bincount(war.recorder.meetings()["run"], minlength=runs)
        name = f"meetings until {patience} in a row fail"
        mean = float(law @ np.arange(meetings + 1))
        yield of_mean(f"{name}, mean", "feller1968", mean, called)
        yield of_counts(f"{name}, law", "feller1968", "runs of failures", law, np.bincount(called))
    called = np.bincount(fought(load(), runs, seed).recorder.meetings()["run"], minlength=runs)
    every = np.full(runs, meetings)
    yield of_identity("meetings called without end of patience", "definition", every, called)


def run_law(p_fails: float, row: int, most: int) -> Floats:
    """The distribution of the number of trials until `row` in a row fail, or `most` trials.

    Shape (most + 1,). Without a limit its mean is (p^-row - 1) / (1 - p). Source: feller1968.
    """
    law = np.zeros(most + 1)
    failed = np.zeros(row)  # chances of 0, 1, ... failures in a row so far
    failed[0] = 1.0
    for trial in range(1, most):
        law[trial] = p_fails * failed[-1]
        failed = np.append((1.0 - p_fails) * failed.sum(), p_fails * failed[:-1])
    law[most] = failed.sum()
    return law


def gate(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """On a day on which the line moved nobody is in earnest: no ceasefire, no settlement."""
    war = fought(load(), runs, seed)
    table = war.recorder.meetings()
    quiet = ~_moved(war)[table["day"], table["run"]]
    for letter, side in (("u", "underdog"), ("d", "favourite")):
        got = table[f"ceasefire_{letter}"]
        yield of_verdicts(f"not in earnest, {side} does not stop", "zartman2000", quiet, got)
    for name, protocol in _PROTOCOLS.items():
        war = fought(load("mechanisms.sacred.on=false", *protocol), runs, seed)
        first = _first_quiet_day(_moved(war))
        signed = war.recorder.runs()["deal_day"].astype(np.int64)
        words = f"{name}: settled when first in earnest"
        yield of_identity(words, "zartman2000", first, signed)
        law = run_law(1.0 - _P_FAILS, 1, war.scenario.days)
        seen = np.bincount(signed + 1)
        yield of_counts(f"{words}, law", "feller1968", "geometric(0.5)", law, seen)


def _moved(war: War) -> Bools:
    """Whether the line moved on a day, (days, runs)."""
    return np.asarray(np.diff(course(war, "share_held_u"), axis=0, prepend=0.5) != 0.0)


def _first_quiet_day(moved: Bools) -> Ints:
    return np.asarray(np.argmin(moved, axis=0), np.int64)


CHECKS = (Check("patience", giving_up, runs=1_000), Check("patience", gate, runs=300))
