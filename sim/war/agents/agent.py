"""What all agents have in common, and the world: what they may ask of the model."""

import itertools
import weakref
from collections.abc import Mapping
from typing import Any, Protocol

import mesa

from sim.raid.arrays import Bools, Floats, Ints
from sim.rules.patronage import Backing
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario


class World(Protocol):
    """What agents see of their war; arrays have one row per run.

    Agents know this protocol and not the model, so that the model may build them and they need not
    import it; a test of an agent may hand it any object that has these.
    """

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
    def strengths(self) -> Mapping[str, Floats]:
        """How strongly a mechanism that is on in the scenario acts, by mechanism; 1 if absent."""

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

    def draw_each(self, rows: Ints, actors: Ints, purpose: int) -> Floats:
        """One draw of today for each pair of a row and the number of an actor: (len(rows),)."""

    def raids_allowed(self, name: str) -> Bools:
        """Where a raid may fly."""

    def aid(self, side: str) -> Floats:
        """The aid that a side gets, relative to the start."""

    def aid_read(self, side: str, by: str | None = None) -> Floats | None:
        """The arriving aid of a patron, or of all givers, relative to the expected aid.

        None if no history records it.
        """

    def backing(self, side: str, p_win: Floats) -> Backing | None:
        """The effect of patrons on a side that expects `p_win` without them; None without any."""

    def guarantee(self, side: str) -> Floats:
        """The probability that an outsider guarantees what is promised to a side."""

    def stock_usd(self, side: str) -> Floats:
        """The value of a side's arsenal."""

    def production_usd(self, side: str) -> Floats:
        """The value added to a side's arsenal per day."""

    def share_held(self, side: str) -> Floats:
        """The share of the contested territory that a side holds."""


class _Counts(weakref.WeakKeyDictionary[Any, Any]):
    """A count for each model that is alive."""

    def __getitem__(self, model: Any) -> Any:
        return self.setdefault(model, itertools.count(1))


class Agent(mesa.Agent):
    """A Mesa agent that does not keep its model in memory.

    Mesa counts the agents of each model in a dictionary of the class, which would hold every war
    that was ever fought. Agents and the war declare their state in `__slots__`: a name of theirs
    stays theirs when a later Mesa makes a property of the same name.
    """

    _ids = _Counts()
    model: World


def added(sums: Floats, rows: Ints, more: Floats) -> Floats:
    """A copy of `sums` with `more`, shape (len(rows),), added in these rows."""
    sums = sums.copy()
    sums[rows] += more
    return sums
