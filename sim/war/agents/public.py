"""The public: what a side's people think of ending the war and of conceding, as polls ask them."""

import numpy as np

from sim.raid.arrays import Floats
from sim.rules import publics
from sim.scenario.schema import ATTITUDES, Attitude
from sim.war.agents.agent import Agent, World


class Public(Agent):
    """Tires of the war in both attitudes, rallies when surprised at home, counts losses as sunk.

    A rally takes from the wish to end the war and fades; what is sunk takes from the readiness to
    concede and stays. State, over runs: `end_war` and `concede` (the shares that are ready),
    `rally` (logits, fading), `loss` (believed, since the start).
    """

    __slots__ = (
        "_felt_on",
        "_starts_from",
        "concede",
        "figures",
        "loss",
        "rally",
    )

    def __init__(self, model: World, side: str) -> None:
        super().__init__(model)
        blocks = (model.scenario.publics or {})[side]
        self.figures = {
            attitude: {
                name: model.sample[f"publics.{side}.{attitude}.{name}"]
                for name in type(getattr(blocks, attitude)).model_fields
            }
            for attitude in ATTITUDES
        }
        self._starts_from = {
            attitude: publics.logit(self.figures[attitude]["share"]) for attitude in ATTITUDES
        }
        self._felt_on: float | None = None
        self.concede: Floats = self.figures["concede"]["share"]
        self.rally: Floats = np.zeros(len(model.runs))
        self.loss: Floats = np.zeros(len(model.runs))

    def feel(self, surprise: Floats, loss: Floats) -> None:
        """Update the public with a day's losses at home: their surprise and their believed size."""
        stirs, binds = self.figures["end_war"], self.figures["concede"]
        self.rally = publics.rally(self.rally, stirs["rally"], stirs["rally_lasts"], surprise)
        self.loss = self.loss + loss
        self._felt_on = self.model.days_of_war
        sunk = publics.sunk(binds["sunk"], self.loss, binds["sunk_scale"])
        self.concede = self._ready("concede", sunk)

    @property
    def end_war(self) -> Floats:
        """The share that is ready to end the war, computed on demand: it moves no position."""
        return self._ready("end_war", self.rally)

    def _ready(self, attitude: Attitude, against: Floats) -> Floats:
        figures = self.figures[attitude]
        if self._felt_on is None:
            return figures["share"]
        decades = publics.decades_of_war(
            self._felt_on, self.model.days_of_war_at_start, figures["onset"]
        )
        start = self._starts_from[attitude]
        return publics.readiness(start, decades, figures["per_decade"], against)

    @property
    def hardness(self) -> Floats:
        """The share that would not concede, relative to the start."""
        return publics.hardness(self.concede, self.figures["concede"]["share"])
