"""What a war tells whoever watches it; a watcher keeps of it what it likes."""

from typing import TYPE_CHECKING, NamedTuple

from sim.raid.records import Bools, Floats, Log, Orders, Tally

if TYPE_CHECKING:
    from sim.war.mediator import Meeting


class Flown(NamedTuple):
    """A raid that was just flown, in the rows `where`; `log` is empty unless asked for."""

    name: str
    where: Bools  # (R,)
    orders: Orders
    tally: Tally
    log: Log
    spent_usd: Floats  # (R, F)
    lost_usd: Floats  # (R,)
    fired_usd: Floats  # (R,)


class Watcher:
    """Watches a war and keeps nothing; `keeps_log` asks for the log of each raid."""

    keeps_log = False

    def ordered(self, orders: Orders) -> None:
        """Before a raid is flown: its orders, and magazines as it finds them."""

    def raid(self, flown: Flown) -> None:
        """After a raid was flown."""

    def meeting(self, meeting: "Meeting") -> None:
        """After a meeting, in the runs where it was held."""

    def end_of_day(self) -> None:
        """In the evening of each day."""
