"""Meetings, what is on the table, and the protocol by which it is bargained over."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field

from sim.scenario.figure import (
    Block,
    Count,
    Days,
    Minutes,
    PerDay,
    Positive,
    PositiveCount,
    Probability,
    Real,
    RoundCount,
)
from sim.scenario.schema.references import CampaignDate, EachSide, Name, SideName, Text


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
    """Both sides lower their demand from everything to their reservation during a meeting.

    `exponent` below 1 concedes early, above 1 late.
    """

    kind: Literal["concession"]
    exponent: EachSide[Positive]


class Mediation(Block):
    """The mediator proposes the even Nash package."""

    kind: Literal["mediator"]


class Screening(Block):
    """Offers to a side of unknown reservation, which may be refused although a deal is possible.

    One side makes up to `rounds` offers at a meeting, `first` at the first one and then in turn;
    `patience` is what waiting for another offer leaves of a surplus. A side's belief about the
    other's reservation extends to `bluff` below the other's public demand at the start; a change of
    that demand is believed to the degree `credence`; each day moves both ends outwards by `fades`.
    An answer to a ceasefire is read to the degree `inference`, and a side whose answer is read may
    refuse because of what a yes would reveal.
    """

    kind: Literal["screening"]
    first: SideName
    rounds: RoundCount
    patience: EachSide[Probability]
    bluff: EachSide[Positive]
    credence: EachSide[Probability]
    fades: EachSide[PerDay]
    inference: EachSide[Probability] | None = None


class Length(Block):
    """How long a meeting lasts: `most` without a walk-out.

    A side that sees no deal coming leaves sooner if the gap is wider; at once at `hopeless`.
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
    """The meetings, the issues, and the bargaining protocol."""

    meetings: dict[Name, CampaignDate]
    patience: PositiveCount | None = None
    protocol: Annotated[
        Nash | Rubinstein | Concession | Mediation | Screening, Discriminator("kind")
    ]
    issues: dict[Name, Issue] = Field(min_length=1, max_length=12)
    length: Length | None = None
    ceasefire: Ceasefire | None = None
    truce: Truce | None = None
    exchanges: dict[Name, Exchange] = {}
