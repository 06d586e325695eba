"""Two sides that choose, each expecting the other to choose well."""

from typing import Annotated, Literal

from pydantic import Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS
from sim.scenario.experiment.options import Better, Options, Priced
from sim.scenario.experiment.words import Seed
from sim.scenario.figure import Block
from sim.scenario.schema import Name, Text


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
    """Two sides that choose without knowing the other's choice; see `sim choose`.

    `players` are two, the first of which has the rows of the table of pay-offs. Where both want one
    outcome, one small and one large, one wins what the other loses. Budgets go in pairs: the first
    of one with the first of the other; a single one goes with all. `runs` are the wars of each pair
    of options that is fought at all.
    """

    kind: Literal["game"]
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
