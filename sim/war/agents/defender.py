"""The defender: a side's air-defence command and what it guards."""

from typing import NamedTuple

import numpy as np

from sim import draws
from sim.raid.arrays import Defence, Floats, Ints
from sim.raid.deployment import defence_of, deployment_of
from sim.raid.results import Results
from sim.rules import counting, damage, detection, interception, money
from sim.scenario.calls.arguments import known
from sim.scenario.schema import snake
from sim.war.agents.agent import Agent, World, added
from sim.war.agents.workshop import Workshop


class Hit(NamedTuple):
    """Assets that a raid hit, shape (n,) each: newly damaged or destroyed."""

    first: Ints  # by no raid before
    first_by_raid: Ints  # not by this raid on an earlier day
    destroyed: Ints  # hit before or not


class Defender(Agent):
    """Keeps magazines, alert and experience, and counts assets: intact, damaged, destroyed.

    State, over runs: `rounds_left` (R, U), the assets `intact`, `damaged` and `destroyed`
    (R, S, C), `alert` (R, S), `experience`, `lost_usd`, `fired_usd`. These arrays are never
    overwritten; raids write to separate records.
    """

    __slots__ = (
        "_alert_kept",
        "_can_kill",
        "_defence",
        "_dispersal",
        "_effect",
        "_experience_kept",
        "_is_full",
        "_learned",
        "_magazine",
        "_readiness",
        "_resupplied",
        "_round_cost",
        "_rounds",
        "_site_of_unit",
        "_strength",
        "_untaught_p_kill",
        "_workshop",
        "alert",
        "deployment",
        "experience",
        "fired_usd",
        "lost_usd",
        "repair_cost",
        "side",
        "value_at_start_usd",
        "value_usd",
    )

    def __init__(self, model: World, side: str) -> None:
        super().__init__(model)
        self.side = side
        self.deployment = deployment_of(model.scenario, side)
        self._defence: Defence = defence_of(model.scenario, side, model.sample)
        runs = len(model.runs)
        self.lost_usd: Floats = np.zeros(runs)
        self.fired_usd: Floats = np.zeros(runs)
        self._magazine: Floats = self._defence.units["rounds_left"].astype(np.float64)
        self._rounds, self._is_full = self._magazine, True  # with the part of one that came in
        self._resupplied = self._by_unit("resupply") * self._magazine
        self._round_cost = self._by_unit("round_cost")
        self.value_usd = self._by_class("value")
        self.repair_cost = self._by_class("repair_cost")
        p_mended = np.minimum(1.0, 1.0 / self._by_class("repair_time", np.inf))
        sites, classes = self.deployment.sites, self.deployment.classes
        self._workshop = Workshop(sites, classes, p_mended, self._defence.assets)
        everywhere = np.arange(runs)
        self.value_at_start_usd: Floats = self._standing_usd(everywhere)
        self._strength = self._share_of_start(everywhere)
        self._go_on_guard()

    def _go_on_guard(self) -> None:
        """What alert and experience are at first, what they do, and how they fade in a day."""
        sites = self.deployment.sites
        self._site_of_unit = [sites.index(site) for site, _ in self.deployment.units]
        self._dispersal = self._table([f"sites.{site}.dispersal" for site in sites])
        self._readiness = self._table(
            [f"sites.{site}.readiness" for site, _ in self.deployment.units], 1.0
        )
        self.alert: Floats = np.zeros(self._dispersal.shape)
        self._alert_kept = np.exp(-1.0 / self._air_defence("alert_lasts", np.inf))[:, None]
        self.experience: Floats = np.zeros(len(self.model.runs))
        self._experience_kept = np.exp(-1.0 / self._air_defence("experience_lasts", np.inf))
        self._learned = self._air_defence("experience_per_raid", 0.0)
        self._effect = self._air_defence("experience_effect", 0.0)
        p_kill = self._defence.p_kill
        units, weapons = self._can_kill = np.nonzero((p_kill > 0.0).any(axis=0))  # few of all
        self._untaught_p_kill = p_kill[:, units, weapons]

    @property
    def rounds_left(self) -> Ints:
        """Whole rounds in the magazines, shape (R, U)."""
        return counting.whole(self._rounds).astype(np.int64)

    @property
    def intact(self) -> Ints:
        """Assets that are intact or repaired, by site and class, shape (R, S, C)."""
        return self._defence.assets["intact"].copy()

    @property
    def damaged(self) -> Ints:
        """Assets that are damaged and not yet repaired, shape (R, S, C)."""
        return self._defence.assets["damaged"].copy()

    @property
    def destroyed(self) -> Ints:
        """Assets that are destroyed, shape (R, S, C)."""
        return self._defence.assets["destroyed"].copy()

    def _by_class(self, field: str, default: float = 0.0) -> Floats:
        return self._table([f"assets.{kind}.{field}" for kind in self.deployment.classes], default)

    def _by_unit(self, field: str) -> Floats:
        return self._table([f"units.{unit}.{field}" for _, unit in self.deployment.units])

    def _table(self, paths: list[str], default: float = 0.0) -> Floats:
        """Figures side by side, the default where the scenario leaves one out: (R, paths)."""
        columns = [self.model.sample.get(path, default) for path in paths]
        return np.column_stack([np.empty((len(self.model.runs), 0)), *columns])

    def _air_defence(self, field: str, default: float) -> Floats:
        return self.model.sample.get(f"sides.{self.side}.air_defence.{field}", default)

    def supply(self) -> None:
        """Resupply magazines, repair assets, and let alert and experience fade, for one day."""
        if not self.deployment.sites:
            return
        self._fill_magazines()
        self._workshop.mend(
            self._defence.assets,
            lambda rows, actors: self.model.draw_each(rows, actors, draws.REPAIR),
        )
        self.alert = self.alert * self._alert_kept
        self.experience = self.experience * self._experience_kept

    def _fill_magazines(self) -> None:
        """Rounds come in as a share of the full magazine a day; fractions are carried over."""
        if self._is_full:
            return
        self._rounds = np.minimum(self._magazine, self._rounds + self._resupplied)
        self._is_full = np.array_equal(counting.whole(self._rounds), self._magazine)

    def stand_to(self, rows: Ints) -> Defence:
        """Before a raid: the defence with its alert and experience, as records for the raid.

        They are valid in the rows where it is flown, (n,).
        """
        defence = self._defence
        alert = self.alert[rows]
        present = damage.present(
            defence.assets["intact"][rows], self._dispersal[rows, :, None], alert[:, :, None]
        )
        defence.assets["present"][rows] = present.astype(np.int64)
        defence.units["rounds_left"][rows] = counting.whole(self._rounds[rows])
        defence.units["alertness"][rows] = detection.alertness(
            self._readiness[rows], alert[:, self._site_of_unit]
        )
        units, weapons = self._can_kill
        defence.p_kill[rows[:, None], units, weapons] = interception.p_kill_of_experienced(
            self._untaught_p_kill[rows], self.experience[rows, None], self._effect[rows, None]
        )
        return defence

    def take_stock(self, rows: Ints, results: Results) -> tuple[Floats, Floats]:
        """After a raid in n rows: raise the alert.

        Returns (value lost, value of rounds fired) in USD, shape (n,) each.
        """
        destroyed, damaged, finished = (
            np.ascontiguousarray(results.assets[field].sum(axis=0).T)
            for field in ("newly_destroyed", "newly_damaged", "newly_finished")
        )
        lost_usd: Floats = money.lost_usd(
            destroyed, damaged, finished, self.value_usd[rows], self.repair_cost[rows]
        ).sum(axis=1)
        rounds = np.ascontiguousarray(results.rounds_fired.T)
        fired_usd: Floats = (rounds * self._round_cost[rows]).sum(axis=1)
        self.lost_usd = added(self.lost_usd, rows, lost_usd)
        self.fired_usd = added(self.fired_usd, rows, fired_usd)
        before, self._rounds = self._rounds[rows], self._rounds.copy()
        part_round = before - counting.whole(before)
        self._rounds[rows] = self._defence.units["rounds_left"][rows] + part_round
        self._is_full = np.array_equal(counting.whole(self._rounds), self._magazine)
        self._strength = self._strength.copy()
        self._strength[rows] = self._share_of_start(rows)
        self._workshop.take_in(self._defence.assets)
        self._learn(rows)
        return lost_usd, fired_usd

    def _learn(self, rows: Ints) -> None:
        """Take in that there was a raid."""
        gained = self._learned[rows] * (1.0 - self.experience[rows])
        self.experience = added(self.experience, rows, gained)
        if self.model.scenario.sides[self.side].air_defence.alert_lasts is not None:
            self.alert = self.alert.copy()
            self.alert[rows] = 1.0

    def assets_hit(self, results: Results) -> dict[str, Hit]:
        """What a raid did to the assets, by group."""
        fields = ("first_hit", "first_hit_by_raid", "newly_destroyed")
        by_class = [results.assets[field].sum(axis=0) for field in fields]
        kinds = {group: self.kinds_of(group) for group in self.model.scenario.groups}
        return {
            group: Hit(*(hit[places].sum(axis=0) for hit in by_class))
            for group, places in kinds.items()
        }

    def kinds_of(self, group: str) -> list[int]:
        """The indices of a group's asset classes. Raises KeyError if there is no such group."""
        known("group of assets", group, self.model.scenario.groups)
        of = [snake(self.model.scenario.assets[kind].group) for kind in self.deployment.classes]
        return [place for place, its_group in enumerate(of) if its_group == group]

    def strength(self) -> Floats:
        """Share of the assets' value that is not destroyed; 1 for a side without assets."""
        return self._strength

    def _standing_usd(self, rows: Ints) -> Floats:
        """What the assets are worth that are not destroyed, in some rows."""
        assets = self._defence.assets
        standing = assets["intact"][rows] + assets["damaged"][rows]
        by_class = np.einsum("nsk->nk", standing)  # a tenth of the time of `sum`
        return np.asarray((by_class * self.value_usd[rows]).sum(axis=1))

    def _share_of_start(self, rows: Ints) -> Floats:
        start = self.value_at_start_usd[rows]
        ones = np.ones(len(rows))
        return np.divide(self._standing_usd(rows), start, out=ones, where=start > 0.0)
