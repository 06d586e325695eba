"""Every combination of mechanisms."""

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.experiment.words import Mechanisms, Question, Runs, Seed
from sim.scenario.figure import Block
from sim.scenario.schema import Name, Text


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


class Theories(Question):
    """Every combination of mechanisms, with and without the scenario's focus raid.

    `region` says, before the wars are fought, which effects are none of practical note.
    `mechanisms` are the switches, all that the scenario has figures for where left out, and
    patrons as `patrons.NAME`; `odds` weigh the combinations, beside each counting alike; `runs` are
    the wars of each combination.
    """

    kind: Literal["theories"]
    mechanisms: Mechanisms = ()
    region: Region
    odds: Odds | None = None
    runs: Runs
    seed: Seed = 1
