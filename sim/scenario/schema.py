"""What a scenario may say: one block a thing, one line a figure.

Names are the words of docs/odd.md. Every number is a `Figure`; a dotted path through these blocks
(`weapons.fpv.p_hit`) names a figure the same way in an override, a table and an error.
"""

import datetime
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    PrivateAttr,
    StrictBool,
    Tag,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sim.scenario.dates import date_of, shown
from sim.scenario.figure import (
    Block,
    Count,
    Days,
    Exponent,
    Figure,
    KmPerHour,
    Minutes,
    NonNegative,
    OpenProbability,
    PerDay,
    PerHour,
    PerHourOrAtOnce,
    Positive,
    PositiveCount,
    PositiveDays,
    PositiveExponent,
    PositiveKm,
    Probability,
    Real,
    RoundCount,
    ShotCount,
    SignedShare,
    Usd,
    check_sources,
    control_in,
    did_you_mean,
)

_T = TypeVar("_T")

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
_LONGEST_NAME = 4000
Text = Annotated[str, Field(max_length=_LONGEST_NAME)]


def _register(written: Any) -> Any:
    """The register of sources: the name of its file, or itself, so that a scenario stands alone."""
    if written is None or (isinstance(written, str) and len(written) <= _LONGEST_NAME):
        return written
    if isinstance(written, dict) and all(map(is_source, written.items())):
        return {key: {word: str(said) for word, said in written[key].items()} for key in written}
    raise PydanticCustomError(
        "register",
        "is no register of sources, expected the name of its file or KEY: {{title: ..., url: ...}} "
        "for each source",
    )


def is_source(item: tuple[Any, Any]) -> bool:
    """Whether a key and what stands at it are an entry of a register, in words that can be read."""
    key, entry = item
    if not isinstance(entry, dict) or not isinstance(entry.get("title"), str):
        return False
    return not any(control_in(str(said)) for said in (key, *entry.values()))


Register = Annotated[
    str | dict[str, dict[str, str]] | None,
    PlainValidator(_register, json_schema_input_type=str | dict[str, dict[str, str]]),
]


def _refers_to(section: str) -> AfterValidator:
    """The mark of a name that must stand in a section of the same file."""

    def check(name: str, info: ValidationInfo) -> str:
        known = (info.context or {}).get("names", {}).get(section)
        if known is not None and name not in known:
            hint = did_you_mean(name, known) or ", expected a name that stands there"
            raise PydanticCustomError(
                "unknown_name",
                "{name} is not in {section}{hint}",
                {"name": repr(name), "section": section, "hint": hint},
            )
        return name

    return AfterValidator(check)


def _written_as_date(written: Any) -> datetime.date:
    try:
        return date_of(written)
    except ValueError:
        raise PydanticCustomError(
            "date", "{written} is no date, expected YYYY-MM-DD", {"written": shown(written)}
        ) from None


def _in_campaign(day: datetime.date, info: ValidationInfo) -> datetime.date:
    start, end = (info.context or {}).get("campaign", (None, None))
    if start and end and not start <= day <= end:
        raise PydanticCustomError(
            "date_outside",
            "{day} is outside the campaign, expected a date from {start} to {end}",
            {"day": str(day), "start": str(start), "end": str(end)},
        )
    return day


SideName = Annotated[str, _refers_to("sides")]
WeaponName = Annotated[str, _refers_to("weapons")]
AssetName = Annotated[str, _refers_to("assets")]
UnitName = Annotated[str, _refers_to("units")]
SiteName = Annotated[str, _refers_to("sites")]
AreaName = Annotated[str, _refers_to("launch_areas")]
RaidName = Annotated[str, _refers_to("raids")]
Date = Annotated[datetime.date, BeforeValidator(_written_as_date)]
CampaignDate = Annotated[Date, AfterValidator(_in_campaign)]


def _each_side(entries: dict[str, _T], info: ValidationInfo) -> dict[str, _T]:
    missing = set((info.context or {}).get("names", {}).get("sides", ())) - set(entries)
    if missing:
        raise PydanticCustomError(
            "missing_side",
            "there is no entry for {side}, expected one a side",
            {"side": repr(sorted(missing)[0])},
        )
    return entries


EachSide = Annotated[dict[SideName, _T], AfterValidator(_each_side)]


def _one_or_by_side(raw: Any) -> str:
    is_figure = isinstance(raw, Figure) or not isinstance(raw, Mapping) or "value" in raw
    return "(figure)" if is_figure else "(by side)"


_Tagged = Discriminator(_one_or_by_side)
ProbabilityOrBySide = Annotated[
    Annotated[Probability, Tag("(figure)")] | Annotated[EachSide[Probability], Tag("(by side)")],
    _Tagged,
]
NonNegativeOrBySide = Annotated[
    Annotated[NonNegative, Tag("(figure)")] | Annotated[EachSide[NonNegative], Tag("(by side)")],
    _Tagged,
]
PositiveOrBySide = Annotated[
    Annotated[Positive, Tag("(figure)")] | Annotated[EachSide[Positive], Tag("(by side)")],
    _Tagged,
]
PositiveExponentOrBySide = Annotated[
    Annotated[PositiveExponent, Tag("(figure)")]
    | Annotated[EachSide[PositiveExponent], Tag("(by side)")],
    _Tagged,
]
RealOrBySide = Annotated[
    Annotated[Real, Tag("(figure)")] | Annotated[EachSide[Real], Tag("(by side)")], _Tagged
]
SignedShareOrBySide = Annotated[
    Annotated[SignedShare, Tag("(figure)")] | Annotated[EachSide[SignedShare], Tag("(by side)")],
    _Tagged,
]
PositiveDaysOrBySide = Annotated[
    Annotated[PositiveDays, Tag("(figure)")] | Annotated[EachSide[PositiveDays], Tag("(by side)")],
    _Tagged,
]
DaysOrBySide = Annotated[
    Annotated[Days, Tag("(figure)")] | Annotated[EachSide[Days], Tag("(by side)")], _Tagged
]
PerDayOrBySide = Annotated[
    Annotated[PerDay, Tag("(figure)")] | Annotated[EachSide[PerDay], Tag("(by side)")],
    _Tagged,
]


# --- sides -----------------------------------------------------------------------------------


class Arsenal(Block):
    """A side's stock of one weapon at the start, and what comes in a day."""

    stock: Count
    production: PerDay | None = None


class Aid(Block):
    """Production that outsiders pay for and that follows how the war is thought to go."""

    share: Probability
    response: Exponent


class Tempo(Block):
    """A policy of raids at random days: copies of an undated raid of the scenario."""

    raid: RaidName
    per_day: PerDay
    after_breakdown: Positive | None = None


class Retaliation(Block):
    """A policy that answers a raid with a copy of an undated raid after a delay."""

    raid: RaidName
    p_answers: Probability
    delay: Days


class AirDefence(Block):
    """How a side's defence learns: alert after a raid, and experience, both fading."""

    alert_lasts: PositiveDays | None = None
    experience_per_raid: Probability | None = None
    experience_effect: NonNegative | None = None
    experience_lasts: PositiveDays | None = None


class Side(Block):
    """A belligerent. The underdog's share of the stakes is x, the favourite's 1 - x."""

    title: Text
    role: Literal["underdog", "favourite"]
    arsenal: dict[WeaponName, Arsenal] = {}
    aid: Aid | None = None
    tempo: Tempo | None = None
    retaliation: Retaliation | None = None
    air_defence: AirDefence = AirDefence()


# --- things ----------------------------------------------------------------------------------


class Weapon(Block):
    """A class of drone or missile. A decoy flies and is engaged, and never hits."""

    title: Text
    decoy: StrictBool = False
    unit_cost: Usd
    speed: KmPerHour
    p_works: Probability
    signature: NonNegative
    jam_susceptibility: NonNegative
    p_hit: Probability | None = None
    p_destroy: Probability | None = None

    @model_validator(mode="after")
    def _hits_unless_decoy(self) -> "Weapon":
        if not self.decoy and (self.p_hit is None or self.p_destroy is None):
            raise PydanticCustomError(
                "weapon", "a weapon that is no decoy needs p_hit and p_destroy"
            )
        return self


class Asset(Block):
    """A class of thing that can be lost. `group` sums classes: `aircraft_destroyed`."""

    title: Text
    group: Name
    value: Usd
    repair_cost: Probability
    repair_time: PositiveDays | None = None
    irreplaceable: StrictBool = False


class Shooter(Block):
    """A defence unit that looks, engages and shoots: a battery, gun, fire team or interceptor.

    Weapons without an entry in `p_kill` are let pass.
    """

    kind: Literal["shooter"]
    title: Text
    range: PositiveKm
    detection_rate: PerHourOrAtOnce
    reaction: Minutes
    channels: PositiveCount
    service: Minutes
    service_law: Literal["constant", "exponential"] = "constant"
    fire: Literal["shoot_look_shoot", "coordinated", "uncoordinated"] = "shoot_look_shoot"
    takes: Literal["leaves_first", "first_come"] = "leaves_first"
    max_shots: ShotCount
    salvo: ShotCount
    magazine: Count
    resupply: PerDay | None = None  # share of the full magazine
    round_cost: Usd
    p_kill: dict[WeaponName, Probability]


class Jammer(Block):
    """A defence unit of electronic warfare: a hazard of loss inside its circle."""

    kind: Literal["jammer"]
    title: Text
    range: PositiveKm
    loss_rate: PerHour


Unit = Annotated[Shooter | Jammer, Discriminator("kind")]


class Position(Block):
    """A place on the globe, in degrees, as publicly known and no finer."""

    lat: float = Field(ge=-90.0, le=90.0)
    lon: float = Field(ge=-180.0, le=180.0)
    source: str | None = None
    assumed: Text | None = None

    @model_validator(mode="after")
    def _is_honest(self, info: ValidationInfo) -> "Position":
        if not self.source and not self.assumed:
            raise PydanticCustomError(
                "figure_provenance",
                "a position needs where it comes from, expected source: KEY or assumed: WHY",
            )
        check_sources((self.source,) if self.source else (), info)
        return self


class SiteAssets(Block):
    """How many of a class stand at a site; `protection` stops a hit (shelters, netting)."""

    count: Count
    protection: Probability | None = None


class SiteDefence(Block):
    """How many units of a class guard a site. They share one circle and act as one unit."""

    count: Count


class Site(Block):
    """A place that is attacked or guarded. `readiness` scales detection while unwarned."""

    title: Text
    side: SideName
    position: Position
    assets: dict[AssetName, SiteAssets] = {}
    defence: dict[UnitName, SiteDefence] = {}
    readiness: Probability | None = None
    dispersal: Probability | None = None
    decoy_targets: Count | None = None


class LaunchArea(Block):
    """A region drones or missiles come from."""

    title: Text
    side: SideName
    position: Position


# --- raids -----------------------------------------------------------------------------------


class Direct(Block):
    """Delivery from a launch area of the owner."""

    kind: Literal["direct"]


class Covert(Block):
    """Delivery by carriers prepared near each target; a carrier that is found loses its drones."""

    kind: Literal["covert"]
    carriers_per_site: PositiveCount
    carrier_cost: Usd | None = None
    prepared: Days
    found: PerDay
    p_forewarn: Probability
    standoff: PositiveKm


class Decoys(Block):
    """The share of a wave that are decoys of another weapon class."""

    weapon: WeaponName
    share: Probability


class Wave(Block):
    """Drones of one class, spread evenly over the sites they are sent at.

    As many as `count`, or as a `budget` buys.
    """

    weapon: WeaponName
    count: Count | None = None
    budget: Usd | None = None
    at: tuple[SiteName, ...] = Field(min_length=1)
    launch_from: AreaName | None = None
    launch: Literal["simultaneous", "uniform", "poisson"] = "simultaneous"
    window: Minutes | None = None
    aim: Literal["assigned", "opportune", "retask"] = "assigned"
    at_assets: tuple[AssetName, ...] = ()
    decoys: Decoys | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Wave":
        if (self.count is None) == (self.budget is None):
            raise PydanticCustomError(
                "wave", "how many drones there are is not clear, expected a count or a budget"
            )
        if (self.launch == "simultaneous") != (self.window is None):
            raise PydanticCustomError(
                "wave", "a window goes with launch: uniform or poisson, expected both or neither"
            )
        if len(set(self.at)) != len(self.at):
            raise PydanticCustomError("wave", "a site is named twice in at, expected it once")
        return self


class Raid(Block):
    """An attack by one side. Without a date it is flown only by a tempo or retaliation policy."""

    title: Text
    by: SideName
    date: CampaignDate | None = None
    delivery: Annotated[Direct | Covert, Discriminator("kind")]
    waves: dict[Name, Wave] = Field(min_length=1)

    @model_validator(mode="after")
    def _starts_somewhere(self) -> "Raid":
        for name, wave in self.waves.items():
            if (wave.launch_from is None) == (self.delivery.kind == "direct"):
                raise PydanticCustomError(
                    "wave",
                    "wave {name}: a direct delivery needs launch_from, a covert one has none",
                    {"name": name},
                )
        return self


# --- events ----------------------------------------------------------------------------------


class Blow(Block):
    """A loss that no raid of the scenario brings: a share of the value at stake, at home.

    A foreseen one costs what it costs; it surprises nobody and teaches nothing.
    """

    kind: Literal["blow"]
    title: Text
    on: SideName
    date: CampaignDate
    loss: Probability
    foreseen: StrictBool = False


class Sweetener(Block):
    """A material offer that stands from its date on, beside any package, to the enemy."""

    kind: Literal["sweetener"]
    title: Text
    by: SideName
    date: CampaignDate
    worth: NonNegative
    price: NonNegative


class Gesture(Block):
    """A symbolic concession to the enemy that costs nothing: a recognition, an apology."""

    kind: Literal["gesture"]
    title: Text
    by: SideName
    date: CampaignDate
    worth: NonNegative


Event = Annotated[Blow | Sweetener | Gesture, Discriminator("kind")]


# --- news, front, minds ----------------------------------------------------------------------


class Weights(Block):
    """What a belief is mixed of; the weights are scaled to add up to 1."""

    truth: NonNegative
    own_report: NonNegative
    enemy_report: NonNegative


class Reporting(Block):
    """What a side publishes, and what its leader and its public make of what is published."""

    overclaim: NonNegative
    underclaim: NonNegative
    leader: Weights
    public: Weights


class Front(Block):
    """A ladder of rungs; the underdog holds `start` of them. Either end decides the war."""

    rungs: PositiveCount
    start: Count
    p_move: Probability
    p_underdog_advances: Probability
    strength_effect: NonNegative | None = None


class Mind(Block):
    """What a side's leader believes and bears at the start, in shares of the stakes.

    `p_win` is the share it expects from fighting on, `confidence` how many outcomes that belief
    is worth, `cost` what fighting on costs it, `demand` what it publicly demands.
    `expected_loss` and `expected_gain` are the mean loss of a raid (share of the value at stake)
    it foresees for itself and for the enemy, and `foresight` how many raids that is worth.
    """

    p_win: Probability
    confidence: Positive
    cost: NonNegative
    demand: Probability
    expected_loss: Positive
    expected_gain: Positive
    foresight: Positive


class Public(Block):
    """A side's public: the share that would give way, as a poll asks for it, on the logit scale.

    It grows by `per_decade` of days of war since `onset`; surprise at home rallies it (of either
    sign, fading), and believed losses count as sunk, by `sunk` at the most.
    """

    soft: OpenProbability
    per_decade: Real
    onset: PositiveDays
    rally: Real
    rally_lasts: PositiveDays
    sunk: NonNegative
    sunk_scale: Positive


class Cost(Block):
    """Punishment: believed losses add to the cost of fighting on, and fade."""

    on: StrictBool
    per_loss: NonNegativeOrBySide
    lasts: PositiveDaysOrBySide


class Learning(Block):
    """Bayes on battle outcomes; `discount` is the share of bad news that is waved away."""

    on: StrictBool
    weight: NonNegativeOrBySide
    discount: ProbabilityOrBySide


class Reference(Block):
    """Prospect theory: losses from a reference point weigh more; it rises fast and falls slowly.

    The point starts at the share expected; `rises` and `falls` are how much of the way to all or
    nothing a success or a failure takes it.
    """

    on: StrictBool
    loss_aversion: PositiveOrBySide
    sensitivity: PositiveExponentOrBySide
    rises: ProbabilityOrBySide
    falls: ProbabilityOrBySide


class Image(Block):
    """The leader's strongman image: being surprised at home makes conceding dear for a while."""

    on: StrictBool
    per_surprise: NonNegativeOrBySide
    threshold: NonNegativeOrBySide
    lasts: PositiveDaysOrBySide


class Rally(Block):
    """Rally round the flag, of either sign, fading."""

    on: StrictBool
    per_surprise: SignedShareOrBySide
    lasts: PositiveDaysOrBySide


class Threshold(Block):
    """Violence that softens while the believed loss is below `turns_at`, and hardens above."""

    on: StrictBool
    strength: NonNegativeOrBySide
    turns_at: PositiveOrBySide


class Sunk(Block):
    """Sunk costs: losses harden for good, by `most` at the most; `scale` is a loss that counts."""

    on: StrictBool
    most: ProbabilityOrBySide
    scale: PositiveOrBySide


class Weariness(Block):
    """War weariness: the reservation falls with the logarithm of the days of war.

    The loss of all that is at stake tires like `days_per_loss` further days.
    """

    on: StrictBool
    per_decade: NonNegativeOrBySide
    days_per_loss: DaysOrBySide


class Turbulence(Block):
    """A front that moves and losses harden together, and soften either alone, both fading."""

    on: StrictBool
    strength: NonNegativeOrBySide
    many_moves: PositiveOrBySide
    many_losses: PositiveOrBySide
    lasts: PositiveDaysOrBySide


class Spiral(Block):
    """Richardson's mutual hardening: reaction, fatigue and grievance."""

    on: StrictBool
    reaction: PerDayOrBySide
    fatigue: PerDayOrBySide
    grievance: PerDayOrBySide


class Audience(Block):
    """Audience costs: conceding below a public vow costs; vows only ratchet up."""

    on: StrictBool
    cost_below_vow: NonNegativeOrBySide
    vow_per_surprise: NonNegativeOrBySide


class Sacred(Block):
    """Sacred values: a `share` of the side trades away nothing of a `stake`; that is a floor.

    A material sweetener hardens that share by `backlash`, a symbolic gesture softens it by
    `relief`, each per unit of worth and fading.
    """

    on: StrictBool
    share: ProbabilityOrBySide
    stake: ProbabilityOrBySide
    backlash: NonNegativeOrBySide
    relief: NonNegativeOrBySide
    lasts: PositiveDaysOrBySide


class Ripeness(Block):
    """A gate: a side settles or stops only if it hurts, nothing moves, and a way out is seen."""

    on: StrictBool
    hurts_at: NonNegativeOrBySide
    still_for: DaysOrBySide
    sees_over: NonNegativeOrBySide


class Own(Block):
    """A mechanism of the user's own: a function in a file beside the scenario, and its figures.

    It is run only where code is allowed. Figures are plain numbers; days are numbers of days.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, RealOrBySide]

    on: StrictBool
    path: Annotated[str, Field(pattern=r"^[^:]+\.py:[A-Za-z_][A-Za-z0-9_]*$", max_length=400)]


class Mechanisms(Block):
    """The theories of how minds move, in the order they act; own ones come after these.

    One that is absent is off.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Own]

    cost: Cost | None = None
    learning: Learning | None = None
    reference: Reference | None = None
    image: Image | None = None
    rally: Rally | None = None
    threshold: Threshold | None = None
    sunk: Sunk | None = None
    weariness: Weariness | None = None
    turbulence: Turbulence | None = None
    spiral: Spiral | None = None
    sacred: Sacred | None = None
    audience: Audience | None = None
    ripeness: Ripeness | None = None

    @property
    def switched_on(self) -> tuple[str, ...]:
        """Names of the mechanisms that act, in the order of the schema."""
        return tuple(name for name, block in self if block is not None and block.on)

    @property
    def own(self) -> "dict[str, Own]":
        """The user's own mechanisms."""
        return dict(self.__pydantic_extra__)


# --- talks -----------------------------------------------------------------------------------


class Issue(Block):
    """Something to be settled: a scale with both sides' ideals, utility linear between them."""

    title: Text
    ideal: EachSide[Real]
    salience: EachSide[Positive]


class Nash(Block):
    """The Nash bargaining solution with the underdog's weight."""

    kind: Literal["nash"]
    underdog_weight: Probability


class Rubinstein(Block):
    """Alternating offers: what a delay of one offer leaves of a surplus to each side.

    `first` makes the first offer; with `rounds` the last of so many offers ends the bargaining.
    """

    kind: Literal["rubinstein"]
    patience: EachSide[Probability]
    first: SideName
    rounds: RoundCount | None = None


class Concession(Block):
    """Both concede from all to their reservation as a meeting goes on: a conceder, a boulware.

    `exponent` below 1 concedes early, above 1 late.
    """

    kind: Literal["concession"]
    exponent: EachSide[Positive]


class Mediation(Block):
    """The mediator proposes the even Nash package."""

    kind: Literal["mediator"]


class Length(Block):
    """How long a meeting lasts: `most` without a walk-out.

    A side that sees no deal coming leaves the sooner, the wider the gap; at once at `hopeless`.
    """

    most: Minutes
    hopeless: EachSide[Positive]


class Ceasefire(Block):
    """An unconditional ceasefire on the line; under it a raid still flies with `p_violation`.

    Each raid that breaks it ends it with `p_collapse`.
    """

    p_violation: Probability
    p_collapse: Probability | None = None


class Truce(Block):
    """A local truce: the front stands still for its `length`, raids go on."""

    length: Days
    gain: EachSide[Real]


class Exchange(Block):
    """A humanitarian exchange, one for one, at most `most` each at a meeting."""

    held: EachSide[Count]
    most: Count
    gain: EachSide[Real]


class Talks(Block):
    """Meetings, what is on the table, and how it is bargained over."""

    meetings: dict[Name, CampaignDate]
    patience: PositiveCount | None = None
    protocol: Annotated[Nash | Rubinstein | Concession | Mediation, Discriminator("kind")]
    issues: dict[Name, Issue] = Field(min_length=1, max_length=12)
    length: Length | None = None
    ceasefire: Ceasefire | None = None
    truce: Truce | None = None
    exchanges: dict[Name, Exchange] = {}


# --- the whole -------------------------------------------------------------------------------


class Report(Block):
    """A reported figure the summary is held against, and who said it.

    `outcome` is a column of runs.parquet, `used_for` says whether the scenario was tuned to it.
    """

    outcome: Name
    by: Text
    kind: Literal["claim", "independent"]
    used_for: Literal["tuning", "validation", "context"]
    figure: Real


class PollWave(Block):
    """One wave of a poll: the share that would give way, if known the one that would not, who n.

    Those who say neither are in neither share.
    """

    date: CampaignDate
    soft: OpenProbability
    hard: Probability | None = None
    n: PositiveCount | None = None


class Pattern(Block):
    """A change between two waves of a poll that a reader looks for: a shock, a plateau."""

    title: Text
    first: CampaignDate
    last: CampaignDate


class Poll(Block):
    """A poll that a side's public is held against, wave by wave.

    `n` are the respondents of a wave that does not say, `error_times` how many times the error of
    a simple random sample a wave's error is.
    """

    title: Text
    of: SideName
    by: Text
    question: Text
    n: PositiveCount
    error_times: Positive
    waves: tuple[PollWave, ...] = Field(min_length=1)
    patterns: dict[Name, Pattern] = {}


class Scenario(Block):
    """A war: who, with what, where, when, what they believe and what they talk about.

    `focus` is the raid the question is about.
    """

    name: Name
    title: Text
    question: Text
    focus: RaidName | None = None
    sources: Register = None
    start: Date
    end: Date
    war_began: Date | None = None
    sides: dict[Name, Side] = Field(min_length=2, max_length=2)
    weapons: dict[Name, Weapon] = {}
    assets: dict[Name, Asset] = {}
    units: dict[Name, Unit] = {}
    sites: dict[Name, Site] = {}
    launch_areas: dict[Name, LaunchArea] = {}
    raids: dict[Name, Raid] = {}
    events: dict[Name, Event] = {}
    reports: EachSide[Reporting]
    front: Front | None = None
    minds: EachSide[Mind]
    publics: EachSide[Public] | None = None
    mechanisms: Mechanisms = Mechanisms()
    talks: Talks | None = None
    reported: dict[Name, Report] = {}
    polls: dict[Name, Poll] = {}

    _text: str = PrivateAttr(default="")
    _overrides: tuple[str, ...] = PrivateAttr(default=())
    _code: dict[str, str] = PrivateAttr(default_factory=dict)
    _cited: dict[str, dict[str, str]] = PrivateAttr(default_factory=dict)
    _file: str = PrivateAttr(default="")
    _left_out: tuple[str, ...] = PrivateAttr(default=())

    def __eq__(self, other: object) -> bool:
        """Whether two scenarios say the same, own code too, however that is written."""
        if not isinstance(other, Scenario):
            return NotImplemented
        return (self.__dict__, self._code) == (other.__dict__, other._code)

    def __hash__(self) -> int:
        return hash(self.model_dump_json())

    @property
    def code(self) -> dict[str, str]:
        """The texts of the user's own mechanisms by name, of modules they import by file."""
        return self._code

    @property
    def text(self) -> str:
        """The YAML the scenario was read from."""
        return self._text

    @property
    def overrides(self) -> tuple[str, ...]:
        """The overrides applied after reading, as written."""
        return self._overrides

    @property
    def file(self) -> str:
        """The file it was loaded from, as written; empty where it was read from results."""
        return self._file

    @property
    def left_out(self) -> tuple[str, ...]:
        """The parts left out after reading, as written."""
        return self._left_out

    @property
    def cited(self) -> dict[str, dict[str, str]]:
        """The entries of the register of sources that are cited, by key."""
        return self._cited

    @property
    def days(self) -> int:
        """How many days the campaign has, first and last included."""
        return (self.end - self.start).days + 1

    @property
    def underdog(self) -> str:
        """The name of the underdog's side."""
        return next(name for name, side in self.sides.items() if side.role == "underdog")

    @property
    def favourite(self) -> str:
        """The name of the favourite's side."""
        return next(name for name, side in self.sides.items() if side.role == "favourite")

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of asset classes as words of columns, in the order of the scenario."""
        return tuple(dict.fromkeys(snake(asset.group) for asset in self.assets.values()))

    @property
    def exchanged(self) -> tuple[str, ...]:
        """The columns of what is exchanged, one an exchange."""
        exchanges = self.talks.exchanges if self.talks else ()
        return tuple(f"{snake(name)}_exchanged" for name in exchanges)

    def enemy_of(self, side: str) -> str:
        """The other side. Raises KeyError where there is no such side."""
        if side not in self.sides:
            raise KeyError(f"no side {side!r}{did_you_mean(side, self.sides)}")
        return next(name for name in self.sides if name != side)

    def day_of(self, date: datetime.date) -> int:
        """The number of a date, the first day being 0."""
        return (date - self.start).days

    @model_validator(mode="after")
    def _is_whole(self) -> "Scenario":
        if not 0 < self.days <= 4000:
            raise PydanticCustomError(
                "campaign", "end is not after start, expected a campaign of 1 to 4000 days"
            )
        if self.war_began is not None and self.war_began > self.start:
            raise PydanticCustomError(
                "campaign", "war_began is after start, expected a day up to it"
            )
        if self.talks and (self.talks.ceasefire or self.talks.truce) and self.front is None:
            raise PydanticCustomError(
                "ceasefire", "a ceasefire or truce stops the front, expected a front: block"
            )
        if {side.role for side in self.sides.values()} != {"underdog", "favourite"}:
            raise PydanticCustomError(
                "roles", "sides need one role: underdog and one role: favourite"
            )
        return self


def snake(name: str) -> str:
    """A name of the scenario as a word of a column."""
    return name.replace("-", "_")


def figures(block: BaseModel) -> Iterator[tuple[str, Figure]]:
    """Every figure of a scenario with its dotted path, in the order of the schema."""
    for name in type(block).model_fields:
        yield from _figures_in(getattr(block, name), name)


def _figures_in(value: Any, path: str) -> Iterator[tuple[str, Figure]]:
    if isinstance(value, Figure):
        yield path, value
    elif isinstance(value, BaseModel):
        for name, item in value:
            yield from _figures_in(item, f"{path}.{name}")
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _figures_in(item, f"{path}.{name}")
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from _figures_in(item, f"{path}.{place}")
