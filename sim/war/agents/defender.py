"""The defender: a side's air-defence command and what it guards."""

from typing import NamedTuple

import numpy as np

from sim import draws
from sim.raid.arrays import Bools, Defence, Floats, Ints, Tally
from sim.raid.deployment import defence_of, deployment_of
from sim.rules import counting, damage, detection, interception, money
from sim.scenario.calls.arguments import known
from sim.scenario.schema import snake
from sim.war.agents.agent import Agent, World


class Hit(NamedTuple):
    """Assets that a raid hit, shape (R,) each: newly damaged or destroyed."""

    first: Ints  # by no raid before
    first_by_raid: Ints  # not by this raid on an earlier day
    destroyed: Ints  # hit before or not


class Defender(Agent):
    """Keeps magazines, alert and experience, and counts assets: intact, damaged, destroyed.

    State, over runs: `rounds_left` (R, U), the assets `intact`, `damaged` and `destroyed`
    (R, S, C), `alert` (R, S), `experience`, `lost_usd`, `fired_usd`. What is read of it stays as it
    was read; raids write in records of its own.
    """

    __slots__ = (
        "_defence",
        "_magazine",
        "_part_round",
        "_resupply_share",
        "_round_cost",
        "_untaught_p_kill",
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
        runs, sites = len(model.runs), len(self.deployment.sites)
        self.alert: Floats = np.zeros((runs, sites))
        self.experience: Floats = np.zeros(runs)
        self.lost_usd: Floats = np.zeros(runs)
        self.fired_usd: Floats = np.zeros(runs)
        self._untaught_p_kill = self._defence.p_kill.copy()
        self._magazine = self._defence.units["rounds_left"].copy()
        self._part_round: Floats = np.zeros(self._magazine.shape)
        self._resupply_share = self._by_unit("resupply")
        self._round_cost = self._by_unit("round_cost")
        self.value_usd = self._by_class("value")
        self.repair_cost = self._by_class("repair_cost")
        self.value_at_start_usd: Floats = (
            self._defence.assets["intact"].sum(axis=1) * self.value_usd
        ).sum(axis=1)

    @property
    def rounds_left(self) -> Ints:
        """Rounds left a unit, shape (R, U)."""
        return self._defence.units["rounds_left"].copy()

    @property
    def intact(self) -> Ints:
        """Assets that are whole or mended, a site and class, shape (R, S, C)."""
        return self._defence.assets["intact"].copy()

    @property
    def damaged(self) -> Ints:
        """Assets that are damaged and not mended yet, shape (R, S, C)."""
        return self._defence.assets["damaged"].copy()

    @property
    def destroyed(self) -> Ints:
        """Assets that are no more, shape (R, S, C)."""
        return self._defence.assets["destroyed"].copy()

    def _by_class(self, field: str) -> Floats:
        return self._table([f"assets.{kind}.{field}" for kind in self.deployment.classes])

    def _by_unit(self, field: str) -> Floats:
        return self._table([f"units.{unit}.{field}" for _, unit in self.deployment.units])

    def _table(self, paths: list[str]) -> Floats:
        """Figures side by side, 0 where the scenario leaves one out: shape (R, paths)."""
        columns = [self.model.sample.get(path, 0.0) for path in paths]
        return np.column_stack([np.empty((len(self.model.runs), 0)), *columns])

    def supply(self) -> None:
        """Fill magazines, repair, and let alert and experience fade, all by a day."""
        if not self.deployment.sites:
            return
        self._resupply()
        self._repair()
        lasts = self._air_defence("alert_lasts", np.inf)
        self.alert = self.alert * np.exp(-1.0 / lasts)[:, None]
        fading = np.exp(-1.0 / self._air_defence("experience_lasts", np.inf))
        self.experience = self.experience * fading

    def _air_defence(self, field: str, default: float) -> Floats:
        return self.model.sample.get(f"sides.{self.side}.air_defence.{field}", default)

    def _resupply(self) -> None:
        """Rounds come in as a share of the full magazine a day; fractions are carried over."""
        rounds = self._defence.units["rounds_left"]
        if np.array_equal(rounds, self._magazine):
            return
        wanted = rounds + self._part_round + self._resupply_share * self._magazine
        filled = np.minimum(self._magazine, wanted)
        rounds[:] = counting.whole(filled).astype(np.int64)
        self._part_round = filled - rounds

    def _repair(self) -> None:
        """Each damaged asset is repaired with chance 1/repair_time a day, on average exactly."""
        assets = self._defence.assets
        for kind, asset in enumerate(self.deployment.classes):
            path = f"assets.{asset}.repair_time"
            if not assets["damaged"][:, :, kind].any():
                continue
            p_repaired = np.minimum(1.0, 1.0 / self.model.sample.get(path, np.inf))
            for place, site in enumerate(self.deployment.sites):
                damaged = assets["damaged"][:, place, kind]
                if not damaged.any():
                    continue
                u = self.model.draw(f"sites.{site}.assets.{asset}", draws.REPAIR)
                repaired = np.floor(damaged * p_repaired + u).astype(np.int64)
                assets["damaged"][:, place, kind] -= repaired
                assets["intact"][:, place, kind] += repaired

    def stand_to(self) -> Defence:
        """Before a raid: the defence as alert and experience make it, for the raid to write in."""
        sample, assets = self.model.sample, self._defence.assets
        for place, site in enumerate(self.deployment.sites):
            alert = self.alert[:, place]
            dispersal = sample.get(f"sites.{site}.dispersal", 0.0)[:, None]
            present = damage.present(assets["intact"][:, place], dispersal, alert[:, None])
            assets["present"][:, place] = present.astype(np.int64)
        for place, (site, _) in enumerate(self.deployment.units):
            readiness = sample.get(f"sites.{site}.readiness", 1.0)
            alert = self.alert[:, self.deployment.sites.index(site)]
            alertness = detection.alertness(readiness, alert)
            self._defence.units["alertness"][:, place] = alertness
        effect = self._air_defence("experience_effect", 0.0)
        self._defence.p_kill[:] = interception.p_kill_of_experienced(
            self._untaught_p_kill, self.experience[:, None, None], effect[:, None, None]
        )
        return self._defence

    def take_stock(self, flown: Bools, tally: Tally) -> tuple[Floats, Floats]:
        """After a raid: (value lost, value of rounds fired) in USD; the side is on its guard."""
        lost_usd = money.lost_usd(
            tally.assets["newly_destroyed"].sum(axis=1),
            tally.assets["newly_damaged"].sum(axis=1),
            tally.assets["newly_finished"].sum(axis=1),
            self.value_usd,
            self.repair_cost,
        ).sum(axis=1)
        fired_usd = (tally.rounds_fired * self._round_cost).sum(axis=1)
        self.lost_usd = self.lost_usd + lost_usd
        self.fired_usd = self.fired_usd + fired_usd
        learned = self._air_defence("experience_per_raid", 0.0)
        gained = np.where(flown, learned * (1.0 - self.experience), 0.0)
        self.experience = self.experience + gained
        if self.model.scenario.sides[self.side].air_defence.alert_lasts is not None:
            self.alert = np.where(flown[:, None], 1.0, self.alert)
        return lost_usd, fired_usd

    def assets_hit(self, group: str, tally: Tally) -> Hit:
        """What a raid did to the assets of a group. Raises KeyError where there is none."""
        kinds = self.kinds_of(group)
        fields = ("first_hit", "first_hit_by_raid", "newly_destroyed")
        return Hit(*(tally.assets[field][:, :, kinds].sum(axis=(1, 2)) for field in fields))

    def kinds_of(self, group: str) -> list[int]:
        """The places of a group's asset classes. Raises KeyError where there is no such group."""
        known("group of assets", group, self.model.scenario.groups)
        of = [snake(self.model.scenario.assets[kind].group) for kind in self.deployment.classes]
        return [place for place, its_group in enumerate(of) if its_group == group]

    def strength(self) -> Floats:
        """Share of the assets' value that is not destroyed; 1 for a side without assets."""
        assets = self._defence.assets
        standing = (assets["intact"] + assets["damaged"]).sum(axis=1)
        left_usd = (standing * self.value_usd).sum(axis=1)
        start = self.value_at_start_usd
        return np.divide(left_usd, start, out=np.ones(len(start)), where=start > 0.0)
