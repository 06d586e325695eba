"""A weighing that is ready to run: its war, what was observed of it, and what is weighed."""

from pathlib import Path
from typing import NamedTuple

from sim.evidence.polls.public_fit import EvidenceError
from sim.evidence.weighing.going_on import going_on
from sim.experiment.questions.impulse import GATES, overrides_of
from sim.experiment.questions.switches import mechanisms_in, switching_on
from sim.scenario.experiment import Ahead, Weighing
from sim.scenario.figure import did_you_mean
from sim.scenario.load import load
from sim.scenario.schema import Poll, Scenario
from sim.scenario.text.dates import period_of

_TALKS = ("talks", "reported", "publics", "polls", "discrepancy")
"""What a weighed war goes without: its talks are the record's, and its polls are observed."""


class Question(NamedTuple):
    """A weighing: its file, and the war with every mechanism weighed on, and without its talks.

    `recorded` is the war as its file has it. A weighed war never stops: where the record says that
    no deal was made, none is made in it either, so that it is driven to its end by the record, and
    beyond it by `ahead`.
    """

    experiment: Weighing
    recorded: Scenario
    scenario: Scenario
    polls: dict[str, Poll]
    mechanisms: tuple[str, ...]


def question(experiment: Weighing, folder: Path, allow_code: bool = False) -> Question:
    """Read the scenarios of a weighing; `folder` is where its file stands.

    Raises ScenarioError where a scenario is wrong, EvidenceError where there is nothing to weigh.
    """
    path = folder / experiment.scenario
    recorded = load(path, allow_code=allow_code)
    if recorded.history is None:
        raise EvidenceError(f"scenario: {experiment.scenario} has no history, expected a record")
    polled = (
        load(folder / experiment.polls, allow_code=allow_code) if experiment.polls else recorded
    )
    names = _mechanisms(experiment, recorded)
    overrides = [*switching_on(names, recorded), *overrides_of(experiment.set)]
    there = [part for part in _TALKS if getattr(recorded, part)]
    scenario = load(path, overrides, [*there, *experiment.without], allow_code)
    if experiment.ahead is not None:
        _check_ahead(experiment.ahead, recorded, polled)
        scenario = going_on(scenario, experiment.ahead)
    asked = Question(experiment, recorded, scenario, dict(polled.polls), names)
    _check(asked)
    return asked


def _mechanisms(experiment: Weighing, scenario: Scenario) -> tuple[str, ...]:
    """Those that have a term; a gate has none, and polls say nothing of it."""
    known = [name for name in mechanisms_in(scenario) if name not in GATES]
    for name in experiment.mechanisms:
        if name in GATES:
            raise EvidenceError(f"mechanisms: {name} has no term, expected one that moves minds")
        if name not in known:
            hint = did_you_mean(name, known) or ", expected one with figures"
            raise EvidenceError(f"mechanisms: {name!r} has no figures in {scenario.name}{hint}")
    if not known:
        raise EvidenceError(f"mechanisms: {scenario.name} has figures of none, expected some")
    return experiment.mechanisms or tuple(known)


def _check(asked: Question) -> None:
    """Check that polls and meetings lie in the war. Raises EvidenceError."""
    scenario, experiment = asked.scenario, asked.experiment
    if not asked.polls:
        raise EvidenceError("polls: none are there, expected a scenario with a polls: section")
    for name, poll in asked.polls.items():
        if poll.of not in scenario.sides:
            hint = did_you_mean(poll.of, scenario.sides) or ", expected a side of the scenario"
            raise EvidenceError(f"polls.{name}.of: {poll.of!r} is no side{hint}")
        for wave in poll.waves:
            if not scenario.start <= wave.date <= asked.recorded.end:
                raise EvidenceError(
                    f"polls.{name}: the wave of {wave.date} lies outside {scenario.start} to "
                    f"{asked.recorded.end}, expected it within"
                )
    meetings = asked.recorded.talks.meetings if asked.recorded.talks else {}
    for name, came in (experiment.table.meetings if experiment.table else {}).items():
        if name not in meetings:
            hint = did_you_mean(name, meetings) or ", expected a meeting of the scenario"
            raise EvidenceError(f"table.meetings: {name!r} is none{hint}")
        for side in came.stops:
            if side not in scenario.sides:
                hint = did_you_mean(side, scenario.sides) or ", expected a side of the scenario"
                raise EvidenceError(f"table.meetings.{name}.stops: {side!r} is no side{hint}")


def _check_ahead(ahead: Ahead, recorded: Scenario, polled: Scenario) -> None:
    """Check that what is ahead lies after the record, and `as_in` in it. Raises EvidenceError."""
    if ahead.until <= recorded.end:
        raise EvidenceError(
            f"ahead.until: {ahead.until} is not after the record's end, {recorded.end}, expected "
            "a later day"
        )
    first, last = period_of(ahead.as_in)
    if not recorded.start <= first <= last <= recorded.end:
        raise EvidenceError(
            f"ahead.as_in: {ahead.as_in} lies outside {recorded.start} to {recorded.end}, "
            "expected it within"
        )
    for day in ahead.by:
        if not recorded.end < day <= ahead.until:
            raise EvidenceError(
                f"ahead.by: {day} lies outside {recorded.end} to {ahead.until}, expected it after "
                "the one and no later than the other"
            )
    for name in ahead.seen:
        if name not in polled.polls:
            hint = did_you_mean(name, polled.polls) or ", expected an item of the polls"
            raise EvidenceError(f"ahead.seen: {name!r} is no item{hint}")
