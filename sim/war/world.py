"""The war as an agent sees it: the calendar, the figures, the fighting and the day's chances.

Agents know this protocol and not the model, so that the model may build them and they need not
import it; a test of an agent may hand it any object that has these.
"""

from collections.abc import Mapping
from typing import Protocol

from sim.raid.arrays import Bools, Floats, Ints
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario


class World(Protocol):
    """What agents see of the war that they are in; arrays have one row a run."""

    @property
    def scenario(self) -> Scenario:
        """What is fought."""

    @property
    def sample(self) -> Sample:
        """The scenario's figures as drawn for each run."""

    @property
    def runs(self) -> Ints:
        """The number of the run in each row, shape (R,)."""

    @property
    def switches(self) -> Mapping[str, Bools]:
        """Where a mechanism that is on in the scenario acts, by mechanism; everywhere if absent."""

    @property
    def day(self) -> int:
        """Today, counted from 0; -1 on the eve."""

    @property
    def days_of_war(self) -> float:
        """Days since the war began."""

    @property
    def days_of_war_at_start(self) -> float:
        """Days the war had lasted when the campaign began."""

    @property
    def at_war(self) -> Bools:
        """Where there is neither a settlement nor a decision at the front."""

    @property
    def ceasefire(self) -> Bools:
        """Where a ceasefire is in force."""

    def draw(self, actor: str, purpose: int) -> Floats:
        """One draw of today in each run, shape (R,)."""

    def raids_allowed(self, name: str) -> Bools:
        """Where a raid may fly."""

    def prospects(self, side: str) -> Floats:
        """A side's share as its leader expects it, over the share expected at the start."""

    def share_held(self, side: str) -> Floats:
        """The share of the contested territory that a side holds."""
