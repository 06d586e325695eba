"""The public: what a side's people think of giving way, as polls would ask."""

import numpy as np

from sim.raid.arrays import Floats
from sim.rules import publics
from sim.war.agents.agent import Agent, World


class Public(Agent):
    """Tires of the war, rallies when surprised at home, and counts what it has lost as sunk.

    State, over runs: `soft` (the share that would give way), `rally` (logits, fading), `loss`
    (believed, since the start).
    """

    __slots__ = (
        "figures",
        "loss",
        "rally",
        "scale",
        "soft",
    )

    def __init__(self, model: World, side: str) -> None:
        super().__init__(model)
        path = f"publics.{side}"
        self.figures = {
            name: model.sample[f"{path}.{name}"]
            for name in ("soft", "per_decade", "onset", "rally", "rally_lasts", "sunk")
        }
        self.scale: Floats = model.sample[f"{path}.sunk_scale"]
        self.soft: Floats = self.figures["soft"]
        self.rally: Floats = np.zeros(len(model.runs))
        self.loss: Floats = np.zeros(len(model.runs))

    def feel(self, surprise: Floats, loss: Floats) -> None:
        """Take in a day: how surprising its losses at home were, and how large, as believed."""
        figures = self.figures
        self.rally = self.rally * np.exp(-1.0 / figures["rally_lasts"]) + (
            figures["rally"] * surprise
        )
        self.loss = self.loss + loss
        self.soft = publics.soft_share(
            figures["soft"],
            publics.decades_of_war(
                self.model.days_of_war, self.model.days_of_war_at_start, figures["onset"]
            ),
            figures["per_decade"],
            self.rally,
            figures["sunk"] * -np.expm1(-self.loss / self.scale),
        )

    @property
    def hardness(self) -> Floats:
        """The share that would not give way, over that of the start."""
        return publics.hardness(self.soft, self.figures["soft"])
