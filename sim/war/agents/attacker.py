"""The attacker: a side's strike command, with its stocks and its policies of when to raid."""

from collections.abc import Iterator, Mapping

import numpy as np

from sim import draws
from sim.raid.arrays import Bools, Floats, Ints, Orders
from sim.raid.orders import flights_of, orders_of
from sim.raid.results import Results
from sim.rules import counting, money
from sim.war.agents.agent import Agent, World, added


class Attacker(Agent):
    """Orders raids: those with a date, and copies of undated ones by tempo and retaliation.

    State, over runs: `stock` per weapon (only weapons listed in the arsenal; others are
    unlimited), `spent_usd`, `due` (retaliations by due day), `after_breakdown`.
    """

    __slots__ = (
        "_day_of",
        "_orders",
        "_production",
        "_sizes",
        "after_breakdown",
        "due",
        "policy",
        "side",
        "spent_usd",
        "stock",
    )

    def __init__(self, model: World, side: str) -> None:
        super().__init__(model)
        self.side = side
        self.policy = model.scenario.sides[side]
        runs = len(model.runs)
        self.stock: dict[str, Floats] = {
            weapon: model.sample[f"sides.{side}.arsenal.{weapon}.stock"].copy()
            for weapon in self.policy.arsenal
        }
        self._production = {
            weapon: model.sample[f"sides.{side}.arsenal.{weapon}.production"]
            for weapon, arsenal in self.policy.arsenal.items()
            if arsenal.production is not None
        }
        self.spent_usd: Floats = np.zeros(runs)
        self.due: dict[int, Bools] = {}
        self._orders: dict[str, Orders] = {}
        self._sizes: dict[str, Ints] = {}
        self.after_breakdown: Bools = np.zeros(runs, np.bool_)
        self._day_of = {
            name: None if raid.date is None else model.scenario.day_of(raid.date)
            for name, raid in model.scenario.raids.items()
            if raid.by == side
        }

    def supply(self) -> None:
        """Add a day's production; the part that outsiders pay follows the side's prospects."""
        if not self._production:
            return
        aid = self._aid()
        added = {weapon: daily * aid for weapon, daily in self._production.items()}
        self.stock = self.stock | {
            name: self.stock[name] + number for name, number in added.items()
        }

    def _aid(self) -> Floats | float:
        """What production is times, as outsiders pay for a share of it."""
        if self.policy.aid is None:
            return 1.0
        share: Floats = self.model.sample[f"sides.{self.side}.aid.share"]
        return 1.0 - share + share * self.model.aid(self.side)

    @property
    def stock_usd(self) -> Floats:
        """The value of the stock, at unit cost."""
        return self._worth_usd(self.stock)

    @property
    def production_usd(self) -> Floats:
        """The value of a day's production, at unit cost, including what outsiders pay for."""
        if not self._production:
            return np.zeros(len(self.model.runs))
        return self._aid() * self._worth_usd(self._production)

    def _worth_usd(self, drones: Mapping[str, Floats]) -> Floats:
        worth_usd: Floats = np.zeros(len(self.model.runs))
        for weapon, number in drones.items():
            worth_usd = worth_usd + number * self.model.sample[f"weapons.{weapon}.unit_cost"]
        return worth_usd

    def orders(self) -> dict[str, Bools]:
        """The raids of the day, in the order of the scenario, and in which runs they fly."""
        flown: dict[str, Bools] = {}
        for name in self._day_of:
            occasions = [where for where in self._occasions(name) if where.any()]
            if occasions:
                wanted = np.logical_or.reduce(occasions) & self.model.raids_allowed(name)
                if wanted.any():
                    flown[name] = wanted
        return flown

    def _occasions(self, name: str) -> Iterator[Bools]:
        """In which runs a raid is wanted today: by its date, by tempo, in retaliation."""
        model, policy = self.model, self.policy
        if self._day_of[name] == model.day:
            yield np.ones(len(model.runs), np.bool_)
        if policy.tempo is not None and policy.tempo.raid == name:
            yield self._by_tempo(name)
        answers = policy.retaliation is not None and policy.retaliation.raid == name
        if answers and model.day in self.due:
            yield self.due[model.day]

    def _by_tempo(self, name: str) -> Bools:
        model, path = self.model, f"sides.{self.side}.tempo"
        factor = np.where(self.after_breakdown, model.sample.get(f"{path}.after_breakdown", 1.0), 1)
        p_today = -np.expm1(-model.sample[f"{path}.per_day"] * factor)
        return model.draw(f"raids.{name}", draws.TEMPO) < p_today

    def retaliate(self, where: Bools) -> None:
        """Put a retaliation on the calendar in the runs where the side was struck."""
        if self.policy.retaliation is None:
            return
        model, path = self.model, f"sides.{self.side}.retaliation"
        u = model.draw(f"raids.{self.policy.retaliation.raid}", draws.RETALIATION)
        answers = where & (u < model.sample[f"{path}.p_answers"])
        delay = counting.whole(model.sample[f"{path}.delay"] + 0.5)
        days = model.day + np.maximum(1, delay).astype(np.int64)
        self.due = self.due | {
            int(day): self.due.get(int(day), False) | (answers & (days == day))
            for day in np.unique(days[answers])
        }

    def pay_for(self, name: str, rows: Ints, results: Results, orders: Orders) -> Floats:
        """Book and return the cost of each flight of a raid in the n rows where it flew, (n, F)."""
        raid, sample = self.model.scenario.raids[name], self.model.sample
        flights = [(f.weapon, raid.waves[f.wave].decoys) for f in flights_of(raid)]
        costs_usd = [sample[f"weapons.{weapon}.unit_cost"][rows] for weapon, _ in flights]
        decoys_usd = [
            sample[f"weapons.{decoys.weapon}.unit_cost"][rows] if decoys else np.zeros(len(rows))
            for _, decoys in flights
        ]
        drones, decoys = results.fates.sum(axis=2).swapaxes(0, 1)
        carriers = np.where(drones + decoys > 0, orders.flights["carriers"][rows].T, 0)
        by_flight = money.spent_usd(
            drones,
            np.array(costs_usd),
            decoys,
            np.array(decoys_usd),
            carriers,
            sample.get(f"raids.{name}.delivery.carrier_cost", 0.0)[rows],
        )
        spent_usd = np.ascontiguousarray(by_flight.T)
        self.spent_usd = added(self.spent_usd, rows, spent_usd.sum(axis=1))
        return spent_usd

    def commit(self, name: str, flown: Bools) -> Orders:
        """Take a raid's drones out of stock; returns its orders, with the drones of each flight."""
        scenario = self.model.scenario
        if name not in self._orders:
            orders = self._orders[name] = orders_of(scenario, name, self.model.sample)
            self._sizes[name] = orders.flights["drones"].copy()
        raid, orders = scenario.raids[name], self._orders[name]
        sizes = np.where(flown[:, None], self._sizes[name], 0)
        for place, (_, weapon, _) in enumerate(flights_of(raid)):
            if weapon in self.stock:
                left = self.stock[weapon]
                sizes[:, place] = np.minimum(sizes[:, place], counting.whole(left))
                self.stock = self.stock | {weapon: np.maximum(0.0, left - sizes[:, place])}
        orders.flights["drones"] = sizes
        return orders
