"""What attackers, defenders, negotiators, publics and the mediator have in common."""

import itertools
import weakref
from typing import Any

import mesa

from sim.war.world import World


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
