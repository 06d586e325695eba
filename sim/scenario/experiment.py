"""What an experiment file may say: a question put to a scenario, a dozen lines each."""

import datetime
import itertools
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    StrictBool,
    StrictInt,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sim.scenario.calls.limits import LARGEST_SEED, MOST_EXPERIMENT_RUNS
from sim.scenario.figure import LARGEST, Block, PositiveCount, Usd, did_you_mean, number_in
from sim.scenario.schema import Event, Name, Text
from sim.scenario.schema.history import PeriodName, Series
from sim.scenario.schema.references import CampaignDate
from sim.scenario.text.dates import period_of

Runs = Annotated[StrictInt, Field(ge=2, le=MOST_EXPERIMENT_RUNS)]
Seed = Annotated[StrictInt, Field(ge=0, le=LARGEST_SEED)]


def _once(words: tuple[str, ...]) -> tuple[str, ...]:
    for place, word in enumerate(words):
        if word in words[:place]:
            raise PydanticCustomError(
                "twice", "{word} stands twice, expected it once", {"word": word}
            )
    return words


Switch = Annotated[str, Field(pattern=r"^(patrons\.)?[a-z][a-z0-9_-]*$", max_length=70)]
"""A mechanism by its name, or a patron as `patrons.NAME`."""
Mechanisms = Annotated[tuple[Switch, ...], Field(max_length=20), AfterValidator(_once)]
Parts = Annotated[tuple[Text, ...], AfterValidator(_once)]
Sign = Literal["+", "-", "0", "+-"]
Design = Literal[
    "grid",
    "one_at_a_time",
    "random",
    "latin_hypercube",
    "sobol",
    "saltelli",
    "morris",
    "factorial",
    "fractional_factorial",
]


class Region(Block):
    """Effects too small to matter: up to `half_width` (share of the stakes) either way, and why."""

    half_width: Annotated[float, Field(gt=0.0, le=0.5)]
    because: Text


class Odds(Block):
    """By how much the odds that a mechanism acts are other than even, by its name, and why.

    A mechanism that is not named counts alike on and off.
    """

    times: dict[Name, Annotated[float, Field(gt=0.0, le=1e9)]] = Field(min_length=1)
    because: Text


class Theories(Block):
    """Every combination of mechanisms, with and without the scenario's focus raid.

    `region` says, before the wars are fought, which effects are none of practical note.
    `mechanisms` are the switches, all that the scenario has figures for where left out, and
    patrons as `patrons.NAME`; `odds` weigh the combinations, beside each counting alike; `runs` are
    the wars of each combination.
    """

    kind: Literal["theories"]
    name: Name
    title: Text
    question: Text
    scenario: Text
    mechanisms: Mechanisms = ()
    region: Region
    odds: Odds | None = None
    runs: Runs
    seed: Seed = 1


class Stimulus(Block):
    """What happens to the minds of both sides: events, on a ground prepared by `set`.

    It is held against the same war without these events; without any, against its first evening.
    """

    title: Text
    set: dict[str, Any] = {}
    events: dict[Name, Event] = {}


class Impulse(Block):
    """Each mechanism alone under each stimulus, and what its theory predicts.

    `without` are parts of the scenario left out, `set` figures and blocks changed. `predicted`
    gives by mechanism and stimulus the signs of what happens to the reservations of the underdog
    and of the favourite; what is not named is predicted to do nothing.
    """

    kind: Literal["impulse"]
    name: Name
    title: Text
    question: Text
    scenario: Text
    without: Parts = ()
    set: dict[str, Any] = {}
    mechanisms: Mechanisms = ()
    stimuli: dict[Name, Stimulus] = Field(min_length=1)
    predicted: dict[Switch, dict[Name, tuple[Sign, Sign]]] = {}
    runs: Runs
    seed: Seed = 1

    @model_validator(mode="after")
    def _predicts_what_is_tried(self) -> "Impulse":
        for mechanism, signs in self.predicted.items():
            for stimulus in signs:
                if stimulus not in self.stimuli:
                    raise PydanticCustomError(
                        "unknown_name",
                        "predicted: {mechanism}: no {stimulus} among the stimuli{hint}",
                        {"mechanism": mechanism, "stimulus": repr(stimulus),
                         "hint": did_you_mean(stimulus, self.stimuli) or ", expected one"},
                    )  # fmt: skip
        return self


Levels = str | list[Any] | dict[str, Any] | None
"""What something is varied over: `LOW:HIGH:POINTS` with any part left out, a list of values, or
names of settings, each a mapping of paths to values. Nothing at all is the figure's own range."""


class Sweep(Block):
    """A scenario at many points of its figures, switches and other parts.

    `levers` are what somebody chooses: each combination of their levels is tried. `uncertainties`
    are what nobody knows: they are varied by the `design`, at so many `points` where it samples.
    The designs of sensitivity analysis (`saltelli`, `morris`) take several places a point, and
    those of a figure's own range from its law.
    `constants` are set throughout, parts in `without` left out. Figures that are not named are
    drawn in each run as usual. `outcomes` are columns of runs.parquet. `contrast` names a lever
    of two settings to compare. `titles` are words for what is varied and for outcomes.
    """

    kind: Literal["sweep"]
    name: Name
    title: Text
    question: Text
    scenario: Text
    design: Design = "grid"
    points: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | None = None
    levers: dict[str, Levels] = {}
    uncertainties: dict[str, Levels] = {}
    without: Parts = ()
    constants: dict[str, Any] = {}
    outcomes: Annotated[Parts, Field(min_length=1, max_length=40)]
    contrast: str | None = None
    titles: dict[str, Text] = {}
    runs: Runs
    seed: Seed = 1


Positives = Annotated[
    tuple[Annotated[float, Field(gt=0.0, le=1e6)], ...], Field(min_length=1, max_length=12)
]


class Candidates(Block):
    """Values of which one holds, nobody knows which; each is as likely before. And why these."""

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
    """What came of a meeting of the record: a settlement or none, and who would have stopped.

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
            raise PydanticCustomError("step", "nothing is done, expected events or quiet days")
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


class Weighing(Block):
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
    name: Name
    title: Text
    question: Text
    scenario: Text
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


class Price(Block):
    """What one of something costs: `buying` it, and each year `manning` it and its `rounds`."""

    buying: Usd | None = None
    manning: Usd | None = None
    rounds: Usd | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "Price":
        if self.buying is None and self.manning is None and self.rounds is None:
            raise PydanticCustomError(
                "price", "nothing has a price, expected buying, manning or rounds"
            )
        return self


class Level(Block):
    """What somebody can choose: `count` of something at a price each, and what it sets.

    `wars` says that all money is spread over so many wars alike, of which one is fought: sums in
    USD count so many times.
    """

    title: Text | None = None
    set: dict[str, Any] = {}
    count: PositiveCount | None = None
    price: Price | None = None
    wars: Annotated[StrictInt, Field(ge=1, le=10_000)] = 1

    @model_validator(mode="after")
    def _counts_what_costs(self) -> "Level":
        if self.count is not None and self.price is None:
            raise PydanticCustomError("price", "a count without a price, expected both or none")
        return self


class UnitClass(Block):
    """A class that a share of the budget goes to: the figure `set` becomes what the share buys.

    That is a number, of those that cost `price` each; without a price it is the money itself.
    """

    title: Text | None = None
    set: Text
    price: Price | None = None


class Shares(Block):
    """A budget divided over classes, each with a whole number of so many equal `parts` of it."""

    parts: Annotated[StrictInt, Field(ge=1, le=20)]
    classes: dict[Name, UnitClass] = Field(min_length=2, max_length=12)


def _usd(written: Any) -> float:
    return number_in(written, None, "USD")


Money = Annotated[
    float,
    Field(ge=0.0, le=LARGEST),
    BeforeValidator(_usd),
    WithJsonSchema({"type": "string"}),
]
"""An amount as it is written, such as `100 MUSD`, in USD."""


class Options(Block):
    """What somebody can choose from.

    Each combination of one level of each of the `levers` is an option; what these leave of the
    budget is divided in `shares`. Without a budget all options can be had. Of several, which rise,
    each is answered; the options of a smaller one are options of a larger one. Prices are of
    `years` of manning and rounds.
    """

    years: Annotated[float, Field(gt=0.0, le=100.0)] = 1.0
    budget: Annotated[tuple[Money, ...], Field(min_length=1, max_length=12)] | None = None
    levers: dict[str, dict[str, Level]] = {}
    shares: Shares | None = None

    @model_validator(mode="after")
    def _budgets_rise(self) -> "Options":
        budgets = self.budget or ()
        if any(low >= high for low, high in itertools.pairwise(budgets)):
            raise PydanticCustomError(
                "not_rising", "budgets do not rise, expected each above the last"
            )
        return self

    @model_validator(mode="after")
    def _are_some(self) -> "Options":
        if not self.levers and self.shares is None:
            raise PydanticCustomError("options", "no options, expected levers or shares")
        if any(not levels for levels in self.levers.values()):
            raise PydanticCustomError("options", "a lever without levels, expected one or more")
        if self.shares is not None and self.budget is None:
            raise PydanticCustomError("options", "shares of no budget, expected a budget")
        return self


class Setting(Block):
    """One way in which things may stand: its `chance`, why, and what it sets."""

    chance: Annotated[float, Field(gt=0.0, le=1.0)]
    because: Text
    set: dict[str, Any] = {}


class ActingTheories(Block):
    """Mechanisms that act or not in each war, each by itself, by its odds; even where not named.

    `mechanisms` are all that the scenario has figures for where left out.
    """

    mechanisms: Mechanisms = ()
    odds: Odds | None = None


Better = Literal["small", "large"]


class Objective(Block):
    """A column of runs.parquet that should be small or large.

    Those with a `weight` decide together: their sum, each times its weight, a small one subtracted.
    Others are shown on the front. With `happens` it is whether the column has a number at all, 1 or
    0, as of a day on which something may come or not. `threshold` is what is good enough, for
    Starr's measure.
    """

    title: Text | None = None
    better: Better
    happens: StrictBool = False
    weight: Annotated[float, Field(gt=0.0, le=1e15)] | None = None
    threshold: Annotated[float, Field(ge=-1e15, le=1e15)] | None = None


class Constraint(Block):
    """What has to hold `in_share` of the wars: an outcome of at most or at least so much."""

    outcome: Text
    at_most: Annotated[float, Field(ge=-1e15, le=1e15)] | None = None
    at_least: Annotated[float, Field(ge=-1e15, le=1e15)] | None = None
    in_share: Annotated[float, Field(gt=0.0, le=1.0)]

    @model_validator(mode="after")
    def _has_one_end(self) -> "Constraint":
        if (self.at_most is None) == (self.at_least is None):
            raise PydanticCustomError("constraint", "expected either at_most or at_least")
        return self


class Priced(Block):
    """A question with prices, which cite sources of a register."""

    _cited: dict[str, dict[str, str]] = PrivateAttr(default_factory=dict)

    @property
    def cited(self) -> dict[str, dict[str, str]]:
        """The entries of the register that its figures cite, by key."""
        return self._cited


class Choice(Priced):
    """What somebody should do who does not know how things stand: see `sim choose`.

    `options` are what can be chosen. In each war one setting of each of the `uncertainties` holds,
    by its chance, the mechanisms of `theories` act by their odds, and figures with a range, prices
    among them, are drawn; a war is the same for all options. `runs` are the wars of each option,
    `more` those that are spent afterwards where they decide. `constants` are set throughout, parts
    in `without` left out.
    """

    kind: Literal["choice"]
    name: Name
    title: Text
    question: Text
    scenario: Text
    sources: Text | None = None
    without: Parts = ()
    constants: dict[str, Any] = {}
    options: Options
    uncertainties: dict[Name, dict[str, Setting]] = {}
    theories: ActingTheories | None = None
    objectives: dict[Name, Objective] = Field(min_length=1, max_length=6)
    constraints: dict[Name, Constraint] = {}
    runs: Annotated[StrictInt, Field(ge=20, le=MOST_EXPERIMENT_RUNS)]
    more: Annotated[StrictInt, Field(ge=0, le=100_000_000)] = 0
    seed: Seed = 1

    @model_validator(mode="after")
    def _chances_add_up(self) -> "Choice":
        for name, settings in self.uncertainties.items():
            total = sum(setting.chance for setting in settings.values())
            if abs(total - 1.0) > 1e-9:
                raise PydanticCustomError(
                    "chances",
                    "uncertainties: {name}: chances add up to {total}, expected 1",
                    {"name": name, "total": f"{total:g}"},
                )
        return self


class Wants(Block):
    """What a side wants: a column of runs.parquet that is small, or large, on average."""

    outcome: Text
    title: Text | None = None
    better: Better


class Player(Block):
    """A side of a game: what it can choose from and what it wants."""

    title: Text | None = None
    options: Options
    wants: Wants


class Game(Priced):
    """Two sides that choose, each not knowing what the other chose: see `sim choose`.

    `players` are two, the first of which has the rows of the table of pay-offs. Where both want one
    outcome, one small and one large, one wins what the other loses. Budgets go in pairs: the first
    of one with the first of the other; a single one goes with all. `runs` are the wars of each pair
    of options that is fought at all.
    """

    kind: Literal["game"]
    name: Name
    title: Text
    question: Text
    scenario: Text
    sources: Text | None = None
    without: Parts = ()
    constants: dict[str, Any] = {}
    players: dict[Name, Player] = Field(min_length=2, max_length=2)
    runs: Annotated[StrictInt, Field(ge=20, le=MOST_EXPERIMENT_RUNS)]
    seed: Seed = 1

    @model_validator(mode="after")
    def _budgets_go_together(self) -> "Game":
        lengths = {len(p.options.budget) for p in self.players.values() if p.options.budget} - {1}
        if len(lengths) > 1:
            raise PydanticCustomError(
                "budgets", "players: budgets differ in number, expected as many of each or one"
            )
        return self


Experiment = Theories | Impulse | Sweep | Weighing | Choice | Game
EXPERIMENTS: dict[str, type[Experiment]] = {
    "theories": Theories,
    "impulse": Impulse,
    "sweep": Sweep,
    "weighing": Weighing,
    "choice": Choice,
    "game": Game,
}
