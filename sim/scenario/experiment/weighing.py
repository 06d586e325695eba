"""Theories weighed by the record of a war."""

import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS
from sim.scenario.experiment.theories import Region
from sim.scenario.experiment.words import Mechanisms, Parts, Question, Seed
from sim.scenario.figure import Block
from sim.scenario.schema import Event, Name, Text
from sim.scenario.schema.history import PeriodName, Series
from sim.scenario.schema.references import CampaignDate
from sim.scenario.text.dates import period_of

Positives = Annotated[
    tuple[Annotated[float, Field(gt=0.0, le=1e6)], ...], Field(min_length=1, max_length=12)
]


class Candidates(Block):
    """Candidate values, one of which holds; all are equally likely before. With the reason."""

    values: Positives
    because: Text

    @model_validator(mode="after")
    def _rise(self) -> "Candidates":
        if list(self.values) != sorted(set(self.values)):
            raise PydanticCustomError(
                "not_rising", "values do not rise, expected each above the last"
            )
        return self


class Came(Block):
    """The result of a meeting of the record: a settlement or none, and who would have stopped.

    `stops` says, of the sides whose word is on record, who would have stopped fighting on the line
    as it stood that day.
    """

    settled: StrictBool
    stops: dict[Name, StrictBool] = {}


class Table(Block):
    """How what came of meetings is read: see `sim.evidence.weighing.meetings`.

    `p_deal` is the chance that a meeting finds a deal where there is ample room for one, `blur` how
    far, in shares of the stakes, minds at the table may differ from those of the model.
    """

    p_deal: Candidates
    blur: Candidates
    meetings: dict[Name, Came] = Field(min_length=1)


class Headline(Block):
    """A scenario whose focus raid is asked about with strengths as the record leaves them.

    `region` says which effects are none of practical note; `draws` are the wars with the raid.
    """

    scenario: Text
    region: Region
    draws: Annotated[StrictInt, Field(ge=100, le=1_000_000)]


class Study(Block):
    """An event whose effect on polls is asked for: from its date on, for so many `days`."""

    title: Text
    date: CampaignDate
    days: Annotated[StrictInt, Field(ge=1, le=1000)]


class Counts(Block):
    """Events of one kind as the record counts them, such as exchanges of prisoners.

    `numbers` are how many there were, by period; `sizes` how large single ones were. What is longer
    ago counts less, by half every `half_life_days`.
    """

    title: Text
    numbers: Series
    sizes: Series | None = None
    half_life_days: Annotated[float, Field(ge=30.0, le=10_000.0)]
    because: Text


class Ahead(Block):
    """What comes after the record, to the end of the day `until`.

    Each series of the record goes on at its mean of the days `as_in`, and `because` says why.
    Chances are told by each day of `by`. Of each item of the polls a wave is forecast for each
    month; `seen` names months of an item whose wave somebody who built this had seen before.
    """

    until: CampaignDate
    as_in: PeriodName
    because: Text
    by: Annotated[tuple[CampaignDate, ...], Field(min_length=1, max_length=12)]
    counts: dict[Name, Counts] = {}
    seen: dict[Name, tuple[Text, ...]] = {}


class Step(Block):
    """Something done after the record, so that something may be asked after it.

    `events` happen; on the days `quiet` nothing is launched, nobody is lost and the front stands
    still.
    """

    title: Text
    events: dict[Name, Event] = {}
    quiet: PeriodName | None = None

    @model_validator(mode="after")
    def _is_something(self) -> "Step":
        if not self.events and self.quiet is None:
            raise PydanticCustomError("step", "nothing happens, expected events or quiet days")
        return self

    @property
    def last(self) -> datetime.date:
        """The day on which all of it has been done."""
        dates = [event.date for event in self.events.values()]
        return max([*dates, *([period_of(self.quiet)[1]] if self.quiet else [])])


class Next(Block):
    """What might be observed next, after the record and in the months that are `ahead`.

    Each item of the polls is asked of so many `respondents` a month, and again after each of the
    `steps`; at a round the underdog is offered each of the `offers`, shares of all that is at
    stake, and the favourite the rest.
    """

    respondents: Annotated[StrictInt, Field(ge=10, le=1_000_000)]
    offers: Annotated[
        tuple[Annotated[float, Field(gt=0.0, lt=1.0)], ...], Field(min_length=1, max_length=12)
    ]
    steps: dict[Name, Step] = {}


class Weighing(Question):
    """How strongly each mechanism acts, as the record of a war has it.

    `scenario` is driven by a record (`history`); what was observed of its minds are the waves of
    the `polls` of another scenario, or of its own where that is left out, and what came of meetings
    (`table`). `scales` are those of the strengths before: of a mechanism that acts, half a normal
    law, 1 being what its figures say. `spreads` are those of a public's reservations about its
    side's, in shares of the stakes; `wanders` how far, in logits a year, an attitude goes by what
    no mechanism here moves. `studies` are events whose effect on each item is told,
    `headline` a raid of another scenario that is asked about once more, `ahead` what is forecast
    beyond the record, `next` what might be observed there. Forecasts of its waves are scored from
    the day `scored_from` on. `runs` are the wars in which mechanisms act together, `runs_alone`
    those of each alone, of none, and of each of the `pairs`, which recovery asks about too.
    """

    kind: Literal["weighing"]
    polls: Text | None = None
    without: Parts = ()
    set: dict[str, Any] = {}
    mechanisms: Mechanisms = ()
    pairs: Annotated[tuple[tuple[Name, Name], ...], Field(max_length=20)] = ()
    scales: Candidates
    spreads: Candidates
    wanders: Candidates
    table: Table | None = None
    studies: dict[Name, Study] = {}
    headline: Headline | None = None
    ahead: Ahead | None = None
    next: Next | None = None
    scored_from: CampaignDate
    runs: Annotated[StrictInt, Field(ge=800, le=MOST_EXPERIMENT_RUNS)]
    runs_alone: Annotated[StrictInt, Field(ge=100, le=MOST_EXPERIMENT_RUNS)]
    seed: Seed = 1
