"""A weighing that is ready to run: its war, its observations, and the mechanisms weighed."""

import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sim.evidence.polls.public_fit import EvidenceError
from sim.evidence.weighing.going_on import going_on
from sim.experiment.questions.impulse import GATES, overrides_of
from sim.experiment.questions.switches import mechanisms_in, switching_on
from sim.scenario.experiment import Ahead, Step, Weighing
from sim.scenario.figure import did_you_mean
from sim.scenario.load import load
from sim.scenario.schema import Poll, Scenario
from sim.scenario.text.dates import period_of

_TALKS = ("talks", "reported", "publics", "polls", "discrepancy")
"""Parts removed from a weighed war: its talks are the record's, and its polls are observed."""


class Loading(NamedTuple):
    """How the scenario of a weighed war is loaded, and where its record ends."""

    path: Path
    end: datetime.date
    overrides: tuple[str, ...]
    without: tuple[str, ...]
    allow_code: bool

    def scenario(self, ahead: Ahead | None, step: Step | None = None) -> Scenario:
        """The war of the record, extrapolated as `ahead` says, with a step done in that time.

        Raises ScenarioError if it cannot be done.
        """
        if ahead is None:
            return load(self.path, self.overrides, self.without, self.allow_code)
        overrides = [*self.overrides, f"end={ahead.until}"]
        for name, event in (step.events if step else {}).items():
            told = event.model_dump(mode="json", exclude_none=True)
            overrides.append(f"events.{name}={json.dumps(told)}")
        scenario = load(self.path, overrides, self.without, self.allow_code)
        return going_on(scenario, self.end, ahead, step.quiet if step else None)


class Question(NamedTuple):
    """A weighing: its file, and the war with all weighed mechanisms on and without talks.

    `recorded` is the war as its file describes it. A weighed war never stops: the record knows no
    deal, so none is made in it, and it is driven to its end by the record, and beyond it by
    `ahead`.
    """

    experiment: Weighing
    recorded: Scenario
    scenario: Scenario
    polls: dict[str, Poll]
    mechanisms: tuple[str, ...]
    loading: Loading

    def after(self, step: Step) -> "Question":
        """The same question about a war in which a step is done after the record."""
        return self._replace(scenario=self.loading.scenario(self.experiment.ahead, step))


def question(experiment: Weighing, folder: Path, allow_code: bool = False) -> Question:
    """Read the scenarios of a weighing, whose file is in `folder`.

    Raises ScenarioError if a scenario is wrong, EvidenceError if there is nothing to weigh.
    """
    path = folder / experiment.scenario
    recorded = load(path, allow_code=allow_code)
    if recorded.history is None:
        raise EvidenceError(f"scenario: {experiment.scenario} has no history, expected a record")
    polled = (
        load(folder / experiment.polls, allow_code=allow_code) if experiment.polls else recorded
    )
    names = _mechanisms(experiment, recorded)
    _check_pairs(experiment.pairs, names)
    there = tuple(part for part in _TALKS if getattr(recorded, part))
    loading = Loading(
        path, recorded.end, (*switching_on(names, recorded), *overrides_of(experiment.set)),
        (*there, *experiment.without), allow_code,
    )  # fmt: skip
    if experiment.ahead is None and experiment.next is not None:
        raise EvidenceError("next: stands without ahead, expected what is asked of days to come")
    if experiment.ahead is not None:
        _check_ahead(experiment, recorded, polled)
    scenario = loading.scenario(experiment.ahead)
    asked = Question(experiment, recorded, scenario, dict(polled.polls), names, loading)
    _check(asked)
    return asked


def _mechanisms(experiment: Weighing, scenario: Scenario) -> tuple[str, ...]:
    """The mechanisms that have a term; a gate has none, and polls say nothing about it."""
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


def _check_pairs(pairs: Sequence[tuple[str, str]], names: Sequence[str]) -> None:
    """Check that each pair is of two weighed mechanisms and occurs once. Raises EvidenceError."""
    seen: set[frozenset[str]] = set()
    for pair in pairs:
        for name in pair:
            if name not in names:
                hint = did_you_mean(name, names) or ", expected a mechanism that is weighed"
                raise EvidenceError(f"pairs: {name!r} is none{hint}")
        if pair[0] == pair[1]:
            raise EvidenceError(f"pairs: {pair[0]} stands beside itself, expected another")
        if frozenset(pair) in seen:
            raise EvidenceError(f"pairs: {' and '.join(pair)} stand twice, expected them once")
        seen.add(frozenset(pair))


def _check(asked: Question) -> None:
    """Check that polls and meetings are within the war. Raises EvidenceError."""
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


def _check_ahead(experiment: Weighing, recorded: Scenario, polled: Scenario) -> None:
    """Check that `ahead` is after the record, and `as_in` within it. Raises EvidenceError."""
    ahead = experiment.ahead
    assert ahead is not None
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
    for name, step in (experiment.next.steps if experiment.next else {}).items():
        days = [event.date for event in step.events.values()]
        days += period_of(step.quiet) if step.quiet else ()
        if not recorded.end < min(days) <= max(days) <= ahead.until:
            raise EvidenceError(
                f"next.steps.{name}: lies outside {recorded.end} to {ahead.until}, expected it "
                "after the one and no later than the other"
            )
