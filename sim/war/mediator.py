"""The mediator: calls the meetings, until its patience is spent."""

from typing import TYPE_CHECKING

import mesa
import numpy as np

from sim.raid.records import Bools, Floats

if TYPE_CHECKING:
    from sim.war.model import War


class Mediator(mesa.Agent):
    """Calls the meetings of the scenario. State, over runs: `failures` in a row."""

    def __init__(self, model: "War") -> None:
        super().__init__(model)
        talks = model.scenario.talks
        self.meetings = {} if talks is None else talks.meetings
        self.failures: Floats = np.zeros(len(model.runs))
        self.patience = model.sample.get("talks.patience", np.inf)

    def called_today(self) -> str | None:
        """The name of today's meeting, if there is one."""
        day = self.model.day
        dates = self.meetings.items()
        return next((n for n, date in dates if self.model.scenario.day_of(date) == day), None)

    def invites(self) -> Bools:
        """In which runs it still calls the sides together."""
        return self.failures < self.patience

    def learn(self, met: Bools, agreed: Bools) -> None:
        """Count meetings in a row that brought nothing."""
        self.failures = np.where(met, np.where(agreed, 0.0, self.failures + 1.0), self.failures)
