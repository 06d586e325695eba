"""The theories of how minds move, a block a mechanism."""

from typing import Annotated

from pydantic import ConfigDict, Field, StrictBool

from sim.scenario.figure import (
    Block,
    Days,
    Exponent,
    NonNegative,
    OpenProbability,
    PerDay,
    Positive,
    PositiveDays,
    PositiveExponent,
    Probability,
    Real,
    SignedShare,
)
from sim.scenario.schema.references import OrBySide


class Cost(Block):
    """Punishment: believed losses add to the cost of fighting on, and fade."""

    on: StrictBool
    per_loss: OrBySide[NonNegative]
    lasts: OrBySide[PositiveDays]


class Learning(Block):
    """Bayes on battle outcomes; `discount` is the share of bad news that is ignored."""

    on: StrictBool
    weight: OrBySide[NonNegative]
    discount: OrBySide[Probability]


class Commitment(Block):
    """Promises that do not bind: a side that will be weaker asks for more now, the other can wait.

    `patience` is how much the time after the `horizon` counts today, and `guarantee` the chance
    that an outsider keeps a settlement as signed. Strength at the horizon consists of the side's
    own arsenal, which is a `share` of all that it fights with, and of what `raids` more of the kind
    seen would take from either side; `decisiveness` is the weight of strength in the odds. A
    ceasefire is expected to add `pause` to the enemy's log strength relative to one's own, because
    the enemy rearms.
    """

    on: StrictBool
    patience: OrBySide[OpenProbability]
    guarantee: OrBySide[Probability]
    horizon: OrBySide[Days]
    share: OrBySide[Probability]
    raids: OrBySide[NonNegative]
    decisiveness: OrBySide[Exponent]
    pause: OrBySide[Real]


class Reference(Block):
    """Prospect theory: losses from a reference point weigh more; it rises fast and falls slowly.

    The point starts at the expected share; `rises` and `falls` are the fraction of the way to
    everything or nothing by which a success or a failure moves it.
    """

    on: StrictBool
    loss_aversion: OrBySide[Positive]
    sensitivity: OrBySide[PositiveExponent]
    rises: OrBySide[Probability]
    falls: OrBySide[Probability]


class Image(Block):
    """The leader's image of strength: a surprise at home makes conceding costly for a while."""

    on: StrictBool
    per_surprise: OrBySide[NonNegative]
    threshold: OrBySide[NonNegative]
    lasts: OrBySide[PositiveDays]


class Rally(Block):
    """Rally round the flag, of either sign, fading."""

    on: StrictBool
    per_surprise: OrBySide[SignedShare]
    lasts: OrBySide[PositiveDays]


class Threshold(Block):
    """Violence that softens while the believed loss is below `turns_at`, and hardens above."""

    on: StrictBool
    strength: OrBySide[NonNegative]
    turns_at: OrBySide[Positive]


class Sunk(Block):
    """Sunk costs: losses harden permanently, by at most `most`; `scale` is a loss that counts."""

    on: StrictBool
    most: OrBySide[Probability]
    scale: OrBySide[Positive]


class Weariness(Block):
    """War weariness: the reservation falls with the logarithm of the days of war.

    The loss of everything at stake counts as much as `days_per_loss` further days.
    """

    on: StrictBool
    per_decade: OrBySide[NonNegative]
    days_per_loss: OrBySide[Days]


class Turbulence(Block):
    """A front that moves and losses harden together, and soften either alone, both fading."""

    on: StrictBool
    strength: OrBySide[NonNegative]
    many_moves: OrBySide[Positive]
    many_losses: OrBySide[Positive]
    lasts: OrBySide[PositiveDays]


class Spiral(Block):
    """Richardson's mutual hardening: reaction, fatigue and grievance."""

    on: StrictBool
    reaction: OrBySide[PerDay]
    fatigue: OrBySide[PerDay]
    grievance: OrBySide[PerDay]


class Audience(Block):
    """Audience costs: conceding below a public vow is costly, and vows only rise.

    A digit of the public's surprise leaves exp(-`vow_per_surprise`) of what a vow left below
    everything.
    """

    on: StrictBool
    cost_below_vow: OrBySide[NonNegative]
    vow_per_surprise: OrBySide[NonNegative]


class Resurrection(Block):
    """Gambling for resurrection: a settlement below a line, or defeat, costs the leader the office.

    Staying is worth `office` in shares of the stakes, as far as the leader is held responsible for
    the war (`culpability`). The public judges by `line`, give or take `doubt`; surprise raises the
    line by `per_surprise`, and this fades. `spread` is the uncertainty of the war's outcome.
    """

    on: StrictBool
    office: OrBySide[NonNegative]
    culpability: OrBySide[Probability]
    line: OrBySide[Real]
    doubt: OrBySide[NonNegative]
    spread: OrBySide[NonNegative]
    per_surprise: OrBySide[NonNegative]
    lasts: OrBySide[PositiveDays]


class Sacred(Block):
    """Sacred values: a `share` of the side gives up no part of a `stake`, which sets a floor.

    A material sweetener hardens that share by `backlash`, a symbolic gesture softens it by
    `relief`, each per unit of worth and fading.
    """

    on: StrictBool
    share: OrBySide[Probability]
    stake: OrBySide[Probability]
    backlash: OrBySide[NonNegative]
    relief: OrBySide[NonNegative]
    lasts: OrBySide[PositiveDays]


class Ripeness(Block):
    """A gate: a side settles or stops only if it hurts, nothing moves, and a way out is seen."""

    on: StrictBool
    hurts_at: OrBySide[NonNegative]
    still_for: OrBySide[Days]
    sees_over: OrBySide[NonNegative]


class Own(Block):
    """A mechanism of the user's own: a function in a file beside the scenario, and its figures.

    It is run only where code is allowed. Figures are plain numbers; days are numbers of days.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, OrBySide[Real]]

    on: StrictBool
    path: Annotated[str, Field(pattern=r"^[^:]+\.py:[A-Za-z_][A-Za-z0-9_]*$", max_length=400)]


class Mechanisms(Block):
    """The theories about what moves positions, in the order in which they act; your own act last.

    A mechanism that is absent is off.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Own]

    cost: Cost | None = None
    learning: Learning | None = None
    commitment: Commitment | None = None
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
    resurrection: Resurrection | None = None
    ripeness: Ripeness | None = None

    @property
    def switched_on(self) -> tuple[str, ...]:
        """Names of the mechanisms that act, in the order of the schema."""
        return tuple(name for name, block in self if block is not None and block.on)

    @property
    def own(self) -> "dict[str, Own]":
        """The user's own mechanisms."""
        return dict(self.__pydantic_extra__)
