"""Raids: how they are delivered, and in which waves."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.figure import (
    Block,
    Count,
    Days,
    Minutes,
    NonNegative,
    PerDay,
    PositiveCount,
    PositiveKm,
    Probability,
    Usd,
)
from sim.scenario.schema.references import (
    AreaName,
    AssetName,
    CampaignDate,
    Name,
    SideName,
    SiteName,
    Text,
    WeaponName,
)


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
    """The share of a wave that consists of decoys of another weapon class."""

    weapon: WeaponName
    share: Probability


class Wave(Block):
    """Drones of one class, spread evenly over the sites to which they are sent.

    Their number is `count`, or what a `budget` buys. `visibility` is how fast the defence detects
    them, relative to a usual night: weather, routes and heights. Its range says how much nights
    differ; the drones of a wave share it.
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
    visibility: NonNegative | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Wave":
        if (self.count is None) == (self.budget is None):
            raise PydanticCustomError(
                "wave", "the number of drones is not clear, expected a count or a budget"
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
