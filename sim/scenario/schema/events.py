"""What happens beside raids and talks: blows, sweeteners and gestures."""

from typing import Annotated, Literal

from pydantic import Discriminator, StrictBool

from sim.scenario.figure import Block, NonNegative, Probability
from sim.scenario.schema.references import CampaignDate, SideName, Text


class Blow(Block):
    """A loss that no raid of the scenario brings: a share of the value at stake, at home.

    A foreseen blow is felt as a loss, but surprises nobody and teaches nothing.
    """

    kind: Literal["blow"]
    title: Text
    on: SideName
    date: CampaignDate
    loss: Probability
    foreseen: StrictBool = False


class Sweetener(Block):
    """A material offer to the enemy that is valid from its date on, in addition to any package."""

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
