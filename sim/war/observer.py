"""What a war reports to its observers; an observer records of it what it needs."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from sim.raid.arrays import Bools, Defence, Floats, Ints, Log, Orders
from sim.raid.results import Results
from sim.war.agents.agent import World
from sim.war.agents.attacker import Attacker
from sim.war.agents.defender import Defender
from sim.war.agents.mediator import Meeting
from sim.war.agents.negotiator import Negotiator
from sim.war.agents.patron import Patron
from sim.war.history import HistoryRead


class ObservedWar(World, Protocol):
    """What an observer may look at: the world of the agents, the agents, and the front."""

    @property
    def attackers(self) -> Mapping[str, Attacker]:
        """The strike commands, by side."""

    @property
    def defenders(self) -> Mapping[str, Defender]:
        """The air defences, by side."""

    @property
    def negotiators(self) -> Mapping[str, Negotiator]:
        """The negotiators, by side."""

    @property
    def patrons(self) -> Mapping[str, Patron]:
        """The outsiders that back a side, by name."""

    @property
    def history(self) -> HistoryRead | None:
        """The history that is read, if the scenario has one."""

    @property
    def luck(self) -> int:
        """The seed of what happens."""

    @property
    def zone(self) -> Floats:
        """Z of the moment, shape (R,)."""

    @property
    def rung(self) -> Ints:
        """Where the front stands, shape (R,)."""

    @property
    def rungs(self) -> Ints:
        """The length of the front's ladder, shape (R,)."""

    @property
    def collapsed_today(self) -> Bools:
        """Where a ceasefire ended today."""


class FlownRaid(NamedTuple):
    """A raid that was just flown, in n `rows`; `log` is empty without `with_log`."""

    name: str
    rows: Ints  # (n,)
    orders: Orders
    results: Results
    log: Log
    spent_usd: Floats  # (n, F)
    lost_usd: Floats  # (n,)
    fired_usd: Floats  # (n,)


class Observer:
    """Observes a war and records nothing; `with_log` is whether each raid has its log."""

    with_log = False

    def ordered(self, orders: Orders, defence: Defence) -> None:
        """Before a raid is flown: its orders, and the defence as it finds it."""

    def raid(self, flown: FlownRaid) -> None:
        """After a raid was flown."""

    def meeting(self, meeting: Meeting) -> None:
        """After a meeting, in the runs where it was held."""

    def end_of_day(self) -> None:
        """In the evening of each day."""
