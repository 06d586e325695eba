"""Patrons: outsiders who back a side with aid, and may threaten, propose and guarantee."""

from typing import Annotated, Literal

from pydantic import Discriminator, StrictBool

from sim.scenario.figure import (
    Block,
    Exponent,
    NonNegative,
    Positive,
    PositiveCount,
    PositiveDays,
    Probability,
    SignedShare,
)
from sim.scenario.schema.minds import Weights
from sim.scenario.schema.references import CampaignDate, SideName, Text


class PatronAid(Block):
    """What a patron's aid is worth at the start, and how it follows what the patron believes.

    `part` is what it pays of the aid its side gets (`sides.NAME.aid`), `prospects` the share of
    what the client expects from fighting that rests on it, `relief` what it spares the client of
    the cost of fighting on. The enemy takes the part `foreseen` of the prospects into account.
    """

    part: Probability
    prospects: Probability
    relief: NonNegative
    foreseen: Probability
    response: Exponent


class Threat(Block):
    """A threat, made on a day or on the eve, to withdraw aid from a client that refuses a proposal.

    It is carried out with probability `credibility`, and only if leaving costs the patron less than
    it saves.
    """

    credibility: Probability
    made: CampaignDate | None = None


class Sanctions(Block):
    """Sanctions against an enemy that refuses a proposal which the client accepts.

    They add `cost` to the enemy's cost of fighting on.
    """

    credibility: Probability
    cost: NonNegative
    made: CampaignDate | None = None


class Entrapment(Block):
    """The risk of being drawn in: the enemy's losses add to what leaving saves, and fade."""

    per_loss: NonNegative
    lasts: PositiveDays


class Counsel(Block):
    """Advice to a client that rates its chances higher than the patron does.

    `own_source` is the part of what the patron knows that its client does not.
    """

    own_source: Probability


class Division(Block):
    """A package that gives the client the share that the patron expects it to get, plus `lean`."""

    kind: Literal["division"]
    lean: SignedShare
    made: CampaignDate | None = None


class Stop(Block):
    """An unconditional ceasefire on the line."""

    kind: Literal["ceasefire"]
    made: CampaignDate | None = None


class Patron(Block):
    """An outsider that backs a side.

    `p_win` is the share that it expects its client to get by fighting on. This belief is worth
    `confidence` outcomes, a battle counts for `weight`, and `hears` has the weights of its belief
    about a loss, where its client's report counts as its own. `stake` is what a unit of the
    client's share is worth to it, and `price` what its part in the war costs it. It accepts
    `patience` refusals in a row and acts on the last of them.
    """

    title: Text
    on: StrictBool
    backs: SideName
    p_win: Probability
    confidence: Positive
    weight: NonNegative
    hears: Weights
    expected_loss: Positive
    expected_gain: Positive
    foresight: Positive
    stake: NonNegative
    price: NonNegative
    aid: PatronAid
    threat: Threat | None = None
    sanctions: Sanctions | None = None
    guarantee: Probability | None = None
    entrapment: Entrapment | None = None
    counsel: Counsel | None = None
    proposal: Annotated[Division | Stop, Discriminator("kind")] | None = None
    patience: PositiveCount | None = None
