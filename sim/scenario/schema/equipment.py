"""Weapons, what can be lost, and the units that defend it."""

from typing import Annotated, Literal

from pydantic import Discriminator, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.figure import (
    Block,
    Count,
    KmPerHour,
    Minutes,
    NonNegative,
    PerDay,
    PerHour,
    PerHourOrAtOnce,
    PositiveCount,
    PositiveDays,
    PositiveKm,
    Probability,
    ShotCount,
    Usd,
)
from sim.scenario.schema.references import Name, Text, WeaponName


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
    """A defence unit that searches, engages and shoots: a battery, gun, fire team or interceptor.

    It does not fire at weapons without an entry in `p_kill`.
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
