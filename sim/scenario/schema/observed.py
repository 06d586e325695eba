"""What was observed, and the model is held against: reported figures and polls."""

from typing import Literal

from pydantic import Field

from sim.scenario.figure import (
    Block,
    NonNegative,
    OpenProbability,
    Positive,
    PositiveCount,
    Probability,
    Real,
)
from sim.scenario.schema.minds import Attitude
from sim.scenario.schema.references import CampaignDate, Name, SideName, Text


class Report(Block):
    """A reported figure with which outcomes are compared, and who said it.

    `outcome` is a column of runs.parquet, `used_for` says whether the scenario was tuned to it.
    """

    outcome: Name
    by: Text
    kind: Literal["claim", "independent"]
    used_for: Literal["tuning", "validation", "context"]
    figure: Real


class PollWave(Block):
    """One wave of a poll: the share that is ready, the share that is not (if known), respondents.

    Respondents who gave neither answer are in neither share.
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


class Discrepancy(Block):
    """How far each attitude of a public moves in a year for reasons that no rule contains.

    A standard deviation in logits; the walk is for the comparison with polls, and no war reads it.
    """

    end_war: NonNegative
    concede: NonNegative


class Poll(Block):
    """A poll with which one attitude of a side's public is compared, wave by wave.

    `asks` is the attitude that its question measures: to end the war, or to concede for it.
    `wording` is how far its wording may shift it from that attitude: a standard deviation in
    logits, 0 for the item that defines the attitude. `n` is the number of respondents of a wave
    that does not state it, and `error_times` the ratio of a wave's error to that of a simple random
    sample.
    """

    title: Text
    of: SideName
    asks: Attitude
    by: Text
    question: Text
    wording: NonNegative
    n: PositiveCount
    error_times: Positive
    waves: tuple[PollWave, ...] = Field(min_length=1)
    patterns: dict[Name, Pattern] = {}
