"""The best choice under uncertainty."""

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS
from sim.scenario.experiment.options import Better, Options, Priced
from sim.scenario.experiment.theories import Odds
from sim.scenario.experiment.words import Mechanisms, Seed
from sim.scenario.figure import Block
from sim.scenario.schema import Name, Text


class Setting(Block):
    """One possible state of affairs: its `chance`, the reason, and what it sets."""

    chance: Annotated[float, Field(gt=0.0, le=1.0)]
    because: Text
    set: dict[str, Any] = {}


class ActingTheories(Block):
    """Mechanisms that act or not in each war, each by itself, by its odds; even where not named.

    `mechanisms` are all that the scenario has figures for where left out.
    """

    mechanisms: Mechanisms = ()
    odds: Odds | None = None


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
    """A condition that must hold `in_share` of the wars: an outcome at most or at least a value."""

    outcome: Text
    at_most: Annotated[float, Field(ge=-1e15, le=1e15)] | None = None
    at_least: Annotated[float, Field(ge=-1e15, le=1e15)] | None = None
    in_share: Annotated[float, Field(gt=0.0, le=1.0)]

    @model_validator(mode="after")
    def _has_one_end(self) -> "Constraint":
        if (self.at_most is None) == (self.at_least is None):
            raise PydanticCustomError("constraint", "expected either at_most or at_least")
        return self


class Choice(Priced):
    """What somebody should do who does not know how things stand: see `sim choose`.

    `options` are what can be chosen. In each war one setting of each of the `uncertainties` holds,
    by its chance, the mechanisms of `theories` act by their odds, and figures with a range, prices
    among them, are drawn; a war is the same for all options. `runs` are the wars of each option,
    `more` those that are spent afterwards where they decide. `constants` are set throughout, parts
    in `without` left out.
    """

    kind: Literal["choice"]
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
