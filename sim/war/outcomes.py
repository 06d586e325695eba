"""What a run comes to: one row of numbers a run, summed up while its war goes on.

Column names are the words of docs/odd.md in snake_case with the unit as suffix; `_u` is the
underdog's and `_d` the favourite's.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.raid.aggregate import Yardstick, yardstick
from sim.raid.arrays import FATES, THROUGH, Bools, Defence, Floats, Ints, Orders
from sim.rules import money, reports
from sim.scenario.columns import OF_HISTORY
from sim.scenario.schema import ATTITUDES, snake
from sim.war.agents.mediator import Meeting
from sim.war.agents.negotiator import PATRONS
from sim.war.observer import FlownRaid, ObservedWar, Observer

Column = NDArray[Any]
Table = dict[str, Column]

_STEPS = ("withdrawn", "sanctioned")
"""What a patron may do to its client and to the enemy."""
_THROUGH = [FATES.index(fate) for fate in THROUGH]


class Outcomes(Observer):
    """Sums up an ensemble while its war goes on; `runs()` is one row a run.

    The same run number may stand in several rows.
    """

    def __init__(self, war: ObservedWar) -> None:
        self.war = war
        self.rows = len(war.runs)
        self._columns: Table = {"run": war.runs.copy()}
        self._raids_today: list[tuple[str, Ints]] = []
        self._has_flown: dict[str, Bools] = {}
        self.groups = war.scenario.groups
        self._hit = {group: np.zeros(self.rows) for group in self.groups}
        self._start_columns()
        self._textbook: Yardstick
        self._yesterday = self._today()

    def _start_columns(self) -> None:
        nan = np.full(self.rows, np.nan)
        whens = ("deal_day", "ceasefire_day", "collapse_day", "decided_day")
        self._columns |= {name: nan.copy() for name in whens}
        for name in self.war.scenario.talks.meetings if self.war.scenario.talks else ():
            self._columns[f"{snake(name)}_minutes"] = nan.copy()
        self._columns |= {column: np.zeros(self.rows) for column in self.war.scenario.exchanged}
        if self.war.scenario.history is not None:
            self._columns |= {column: np.zeros(self.rows) for column in OF_HISTORY}
        for name in self.war.patrons:
            self._columns |= {f"{snake(name)}_{what}_day": nan.copy() for what in _STEPS}
        self._columns |= self._positions_at("start")
        self._columns |= {f"{word}_start": share.copy() for word, share in self._polls().items()}
        for name in self.war.scenario.raids:
            raid = snake(name)
            for word in self._positions() | self._cards():
                for when in ("before", "after"):
                    self._columns[f"{word}_{when}_{raid}"] = nan.copy()
            for word in self._terms():
                self._columns[f"{word}_by_{raid}"] = nan.copy()
            for column in self._raid_columns(name):
                self._columns[f"{raid}_{column}"] = np.zeros(self.rows)

    def _raid_columns(self, name: str) -> Iterator[str]:
        """What is summed over the occasions a raid is flown on."""
        yield from ("flown", "spent_usd", "lost_usd", "fired_usd", "forewarned", "carriers_lost")
        yield from ("claimed_hit", "admitted_hit")
        yield from ("ordered", "jammed", "shot_down")
        yield from ("through", "hughes_through", "armstrong_through")
        for group in self.groups:
            yield from (f"{group}_{what}" for what in ("damaged", "destroyed", "hit"))
        for wave in self.war.scenario.raids[name].waves:
            yield from (f"{snake(wave)}_{what}" for what in ("ordered", *FATES, "through"))

    # positions

    def _positions(self) -> Table:
        """Reservations, demands and Z of the moment."""
        sides, scenario = self.war.negotiators, self.war.scenario
        underdog, favourite = sides[scenario.underdog], sides[scenario.favourite]
        return {
            "r_u": underdog.reservation,
            "r_d": favourite.reservation,
            "z": self.war.zone,
            "demand_u": underdog.demand,
            "demand_d": favourite.demand,
        }

    def _terms(self) -> Table:
        """What each mechanism that is on, and all patrons, add to each side's reservation."""
        scenario = self.war.scenario
        outsiders = (PATRONS,) if self.war.patrons else ()
        return {
            f"h_{name}_{letter}": self.war.negotiators[side].term(name)
            for letter, side in (("u", scenario.underdog), ("d", scenario.favourite))
            for name in (*self.war.negotiators[side].mechanisms, *outsiders)
        }

    def _cards(self) -> Table:
        """Who holds the cards, in each one's eyes, and how hard patrons press: if there are any.

        The share that each side expects for itself, and that each patron expects for its client.
        """
        scenario, sides, patrons = self.war.scenario, self.war.negotiators, self.war.patrons
        if not patrons:
            return {}
        letters = (("u", scenario.underdog), ("d", scenario.favourite))
        return (
            {f"p_{letter}": sides[side].p_win for letter, side in letters}
            | {f"p_{snake(name)}": patron.p_win for name, patron in patrons.items()}
            | {f"pressure_{snake(name)}": p.p_withdraws for name, p in patrons.items()}
        )

    def _today(self) -> Table:
        """Positions, cards and terms of the moment, to be compared with the next evening's."""
        return self._positions() | self._cards() | self._terms()

    def _polls(self) -> Table:
        """The shares of each public that are ready, where the scenario has publics."""
        scenario, sides = self.war.scenario, self.war.negotiators
        publics = {"u": sides[scenario.underdog].public, "d": sides[scenario.favourite].public}
        return {
            f"{attitude}_{letter}": getattr(public, attitude)
            for attitude in ATTITUDES
            for letter, public in publics.items()
            if public is not None
        }

    def _positions_at(self, when: str) -> Table:
        now = self._positions() | self._cards()
        return {f"{word}_{when}": values.copy() for word, values in now.items()}

    # raids

    def ordered(self, orders: Orders, defence: Defence) -> None:
        """Compute the textbook models of a raid, before it changes the magazines."""
        self._textbook = yardstick(orders, defence)

    def raid(self, flown: FlownRaid) -> None:
        """Sum up a raid that was just flown."""
        name, rows, results = flown.name, flown.rows, flown.results
        self._raids_today.append((name, rows))
        fates = results.fates.sum(axis=1)
        all_fates = fates.sum(axis=0)
        summed: dict[str, Column | float] = {
            "flown": 1.0,
            "spent_usd": flown.spent_usd.sum(axis=1),
            "lost_usd": flown.lost_usd,
            "fired_usd": flown.fired_usd,
            "forewarned": results.forewarned,
            "carriers_lost": results.flights["carriers_lost"].sum(axis=0),
            "ordered": all_fates.sum(axis=0),
            "jammed": all_fates[FATES.index("jammed")],
            "shot_down": all_fates[FATES.index("shot_down")],
            "through": all_fates[_THROUGH].sum(axis=0),
            "hughes_through": self._textbook.hughes,
            "armstrong_through": self._textbook.armstrong,
        }
        summed |= self._hits(flown) | self._fates_by_wave(name, fates)
        raid = snake(name)
        for column, values in summed.items():
            self._columns[f"{raid}_{column}"][rows] += values

    def _hits(self, flown: FlownRaid) -> Table:
        """The assets a raid hit, by group, and what both sides say of it."""
        scenario, sample = self.war.scenario, self.war.sample
        by = scenario.raids[flown.name].by
        enemy, rows = scenario.enemy_of(by), flown.rows
        summed: Table = {}
        all_hit = np.zeros(len(rows))
        for group, hit in self.war.defenders[enemy].assets_hit(flown.results).items():
            all_hit += hit.first_by_raid
            summed |= {
                f"{group}_damaged": hit.first_by_raid - hit.destroyed,
                f"{group}_destroyed": hit.destroyed,
                f"{group}_hit": hit.first_by_raid,
            }
            self._hit[group][rows] += hit.first
        overclaim, underclaim = (
            sample[path][rows]
            for path in (f"reports.{by}.overclaim", f"reports.{enemy}.underclaim")
        )
        return summed | {
            "claimed_hit": reports.claimed(all_hit, overclaim),
            "admitted_hit": reports.admitted(all_hit, underclaim),
        }

    def _fates_by_wave(self, name: str, fates: Ints) -> Table:
        """The fates of each wave's drones, from those of each flight, (F, 9, n)."""
        summed: Table = {}
        first = 0
        for wave, ordered in self.war.scenario.raids[name].waves.items():
            last = first + len(ordered.at)  # flights are numbered wave by wave
            of_wave = fates[first:last].sum(axis=0)
            first = last
            summed[f"{snake(wave)}_ordered"] = of_wave.sum(axis=0)
            for fate, number in zip(FATES, of_wave, strict=True):
                summed[f"{snake(wave)}_{fate}"] = number
            summed[f"{snake(wave)}_through"] = of_wave[_THROUGH].sum(axis=0)
        return summed

    # meetings and days

    def meeting(self, meeting: Meeting) -> None:
        """Sum up a meeting, in the runs where it was held."""
        minutes = np.where(meeting.met, meeting.minutes, np.nan)
        self._columns[f"{snake(meeting.name)}_minutes"] = minutes
        for name, number in meeting.exchanged.items():
            column = self._columns[f"{snake(name)}_exchanged"]
            column += np.where(meeting.met, number, 0.0)
        first = meeting.agreed & np.isnan(self._columns["deal_day"])
        self._columns["deal_day"][first] = self.war.day
        both = meeting.ceasefire_underdog & meeting.ceasefire_favourite & ~meeting.agreed
        first = both & np.isnan(self._columns["ceasefire_day"])
        self._columns["ceasefire_day"][first] = self.war.day
        if self.war.scenario.history is not None:
            self._columns["meetings_held"] += meeting.met
            self._columns["ceasefires"] += both
            self._columns["truces"] += meeting.truce
        for name, patron in self.war.patrons.items():
            for what in _STEPS:
                day = self._columns[f"{snake(name)}_{what}_day"]
                day[getattr(patron, what) & np.isnan(day)] = self.war.day

    def end_of_day(self) -> None:
        """Sum up the day: positions before and after its raids, and what came to an end."""
        if self.war.scenario.raids:  # nobody else asks how the day before ended
            self._compare_with_yesterday()
        self._first("collapse_day", self.war.collapsed_today)
        if self.war.scenario.front is not None:
            self._first("decided_day", (self.war.rung <= 0) | (self.war.rung >= self.war.rungs))

    def _first(self, column: str, happened: Bools) -> None:
        """Note the day where something has happened that had not."""
        if happened.any():
            day = self._columns[column]
            day[happened & np.isnan(day)] = self.war.day

    def _compare_with_yesterday(self) -> None:
        today = self._today()
        for name, flown in self._raids_today:
            raid = snake(name)
            has_flown = self._has_flown.setdefault(name, np.zeros(self.rows, np.bool_))
            first = flown[~has_flown[flown]]
            has_flown[flown] = True
            for word in self._positions() | self._cards():
                self._columns[f"{word}_before_{raid}"][first] = self._yesterday[word][first]
                self._columns[f"{word}_after_{raid}"][first] = today[word][first]
            for word in self._terms():
                change = today[word][first] - self._yesterday[word][first]
                self._columns[f"{word}_by_{raid}"][first] = change
        self._raids_today.clear()
        self._yesterday = today

    # the table

    def runs(self) -> Table:
        """One row a run."""
        war = self.war
        table = {name: values.copy() for name, values in self._columns.items()}
        for name in war.scenario.raids:
            raid = snake(name)
            lost, fired = table[f"{raid}_lost_usd"], table[f"{raid}_fired_usd"]
            spent, ordered = table[f"{raid}_spent_usd"], table[f"{raid}_ordered"]
            table[f"{raid}_leak_share"] = _share(table[f"{raid}_through"], ordered)
            table[f"{raid}_loss_exchange"] = money.exchange_ratio(lost, spent)
            table[f"{raid}_cost_exchange"] = money.exchange_ratio(lost + fired, spent)
        for group in self.groups:
            destroyed = sum(
                (table[f"{snake(name)}_{group}_destroyed"] for name in war.scenario.raids),
                start=np.zeros(self.rows),
            )
            table[f"{group}_damaged"] = self._hit[group] - destroyed
            table[f"{group}_destroyed"] = destroyed
            table[f"{group}_hit"] = self._hit[group].copy()
        for side in war.scenario.sides:
            attacker, defender = war.attackers[side], war.defenders[side]
            table[f"{snake(side)}_spent_usd"] = attacker.spent_usd
            table[f"{snake(side)}_lost_usd"] = defender.lost_usd
            table[f"{snake(side)}_fired_usd"] = defender.fired_usd
        if war.history is not None:
            for letter, side in (("u", war.scenario.underdog), ("d", war.scenario.favourite)):
                table[f"history_lost_{letter}"] = war.history.losses[side].lost.copy()
        table |= self._positions_at("end")
        table |= {f"{word}_end": share.copy() for word, share in self._polls().items()}
        table |= {f"{word}_end": values.copy() for word, values in self._terms().items()}
        table["share_held_u_end"] = war.share_held(war.scenario.underdog)
        return table


def _share(part: Floats, whole: Floats) -> Floats:
    """What part of the whole, not a number where there is none."""
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0.0)
