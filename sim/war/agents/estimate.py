"""What a side believes of the other's reservation: a law, moved by battle and by words."""

import numpy as np

from sim.raid.arrays import Bools, Floats
from sim.rules import screening
from sim.war.agents.agent import World


class Estimate:
    """The belief that the other's reservation is uniform from `low` to `high`, over runs.

    At the start it lies at most `bluff` below what the other demands in public.
    """

    def __init__(self, model: World, side: str) -> None:
        path, enemy = "talks.protocol", model.scenario.enemy_of(side)
        self._credence = model.sample[f"{path}.credence.{side}"]
        self._fades = model.sample[f"{path}.fades.{side}"]
        self._inference = model.sample.get(f"{path}.inference.{side}", 0.0)
        self._demand: Floats = model.sample[f"minds.{enemy}.demand"]
        self._p_win: Floats = model.sample[f"minds.{side}.p_win"]
        self.high: Floats = self._demand
        self.low: Floats = self._demand - model.sample[f"{path}.bluff.{side}"]

    @property
    def mean(self) -> Floats:
        """The expected reservation of the other side."""
        return 0.5 * (self.low + self.high)

    def follow(self, demand: Floats, p_win: Floats) -> None:
        """Take in a day: what the other demands in public, and what battle has taught oneself.

        A change of the demand is believed by `credence`; what oneself has come to expect of the war
        the other is thought to expect less. What was learned fades, and nobody accepts only more
        than he demands.
        """
        moved = self._credence * (demand - self._demand) - (p_win - self._p_win)
        self.high = np.minimum(self.high + moved + self._fades, demand)
        self.low = np.minimum(self.low + moved - self._fades, self.high)
        self._demand, self._p_win = demand, p_win

    def hear_refusal(self, least: Floats, where: Bools) -> None:
        """The other accepts no less than this; if the whole range lies below, it moves up."""
        self._becomes(screening.at_least(self.low, self.high, least), where)

    def hear_offer(self, kept: Floats, where: Bools) -> None:
        """The other offered to keep no more than this, so it would accept that."""
        self._becomes(screening.at_most(self.low, self.high, kept), where)

    def after_answer(self, bound: Floats, stops: Bools | bool) -> tuple[Floats, Floats]:
        """The law, low and high, once the other has said whether it stops on a line.

        `bound` is the highest reservation that gains by it.
        """
        low, high = screening.read(self.low, self.high, bound, stops, self._inference)
        return low, high

    def hear_answer(self, bound: Floats, stops: Bools, where: Bools) -> None:
        """The other said whether it stops on a line."""
        self._becomes(self.after_answer(bound, stops), where)

    def _becomes(self, law: tuple[Floats, Floats], where: Bools) -> None:
        self.low = np.where(where, law[0], self.low)
        self.high = np.where(where, law[1], self.high)
