"""What a run leaves behind: tables of columns, one row a run, raid, meeting or day.

Column names are the words of docs/odd.md in snake_case with the unit as suffix; `_u` is the
underdog's and `_d` the favourite's.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.raid.aggregate import Yardstick, yardstick
from sim.raid.orders import flights_of
from sim.raid.records import FATES, THROUGH, Bools, Floats, Orders, Tally
from sim.rules import money, reports
from sim.scenario.schema import snake

if TYPE_CHECKING:
    from sim.war.mediator import Meeting
    from sim.war.model import War

Column = NDArray[Any]
Table = dict[str, Column]

_THROUGH = [FATES.index(fate) for fate in THROUGH]


class Recorder:
    """Collects the tables of an ensemble while its war goes on."""

    def __init__(self, war: "War") -> None:
        self.war = war
        self.rows = len(war.runs)
        self.columns: Table = {"run": war.runs.copy()}
        self._parts: dict[str, list[Table]] = {"raids": [], "losses": [], "defence": []}
        self._meetings: list[Table] = []
        self.daily: list[Table] = []
        self._raids_today: list[tuple[str, Bools]] = []
        self._first_flown: dict[str, Bools] = {}
        self.groups = war.scenario.groups
        self._start_columns()
        self._textbook: Yardstick
        self._yesterday = self._positions()
        self._ceasefire = war.ceasefire.copy()

    def _start_columns(self) -> None:
        nan = np.full(self.rows, np.nan)
        whens = ("deal_day", "ceasefire_day", "collapse_day", "decided_day")
        self.columns |= {name: nan.copy() for name in whens}
        for name in self.war.scenario.talks.meetings if self.war.scenario.talks else ():
            self.columns[f"{snake(name)}_minutes"] = nan.copy()
        self.columns |= self._positions_at("start")
        for name in self.war.scenario.raids:
            raid = snake(name)
            for word in self._positions():
                for when in ("before", "after"):
                    self.columns[f"{word}_{when}_{raid}"] = nan.copy()
            for word in self._terms():
                self.columns[f"{word}_by_{raid}"] = nan.copy()
            for column in self._raid_columns(name):
                self.columns[f"{raid}_{column}"] = np.zeros(self.rows)

    def _raid_columns(self, name: str) -> Iterator[str]:
        """What is summed over the occasions a raid is flown on."""
        yield from ("flown", "spent_usd", "lost_usd", "fired_usd", "forewarned", "carriers_lost")
        yield from ("claimed_hit", "admitted_hit")
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
        """What each mechanism that is on adds to each side's reservation."""
        scenario = self.war.scenario
        return {
            f"h_{name}_{letter}": self.war.negotiators[side].term(name)
            for letter, side in (("u", scenario.underdog), ("d", scenario.favourite))
            for name in self.war.negotiators[side].mechanisms
        }

    def _polls(self) -> Table:
        """The share of each public that would give way, where the scenario has publics."""
        scenario, sides = self.war.scenario, self.war.negotiators
        publics = {"u": sides[scenario.underdog].public, "d": sides[scenario.favourite].public}
        return {f"soft_{letter}": p.soft for letter, p in publics.items() if p is not None}

    def _positions_at(self, when: str) -> Table:
        return {f"{word}_{when}": values.copy() for word, values in self._positions().items()}

    # raids

    def ordered(self, orders: Orders) -> None:
        """Work out what the textbook says of a raid, while magazines are as it finds them."""
        self._textbook = yardstick(orders)

    def raid(
        self,
        name: str,
        flown: Bools,
        orders: Orders,
        tally: Tally,
        spent_usd: Floats,
        lost_usd: Floats,
        fired_usd: Floats,
    ) -> None:
        """Take down a raid that was just flown."""
        self._raids_today.append((name, flown))
        scenario, raid = self.war.scenario, snake(name)
        by = scenario.raids[name].by
        enemy = scenario.enemy_of(by)
        defender = self.war.defenders[enemy]
        summed: dict[str, Column] = {
            "flown": flown,
            "spent_usd": spent_usd.sum(axis=1),
            "lost_usd": lost_usd,
            "fired_usd": fired_usd,
            "forewarned": tally.forewarned,
            "carriers_lost": orders.flights["carriers_lost"].sum(axis=1),
            "through": tally.fates[..., _THROUGH].sum(axis=(1, 2, 3)),
            "hughes_through": np.where(flown, self._textbook.hughes, 0.0),
            "armstrong_through": np.where(flown, self._textbook.armstrong, 0.0),
        }
        all_hit = np.zeros(self.rows)
        for group in self.groups:
            damaged, destroyed = defender.assets_hit(group)
            all_hit += damaged + destroyed
            summed |= {
                f"{group}_damaged": damaged,
                f"{group}_destroyed": destroyed,
                f"{group}_hit": damaged + destroyed,
            }
        sample = self.war.sample
        claimed = reports.claimed(all_hit, sample[f"reports.{by}.overclaim"])
        admitted = reports.admitted(all_hit, sample[f"reports.{enemy}.underclaim"])
        summed |= {"claimed_hit": claimed, "admitted_hit": admitted}
        flights = flights_of(scenario.raids[name])
        for wave in scenario.raids[name].waves:
            mine = [i for i, flight in enumerate(flights) if flight.wave == wave]
            fates = tally.fates[:, mine].sum(axis=(1, 2))
            summed[f"{snake(wave)}_ordered"] = fates.sum(axis=1)
            for place, fate in enumerate(FATES):
                summed[f"{snake(wave)}_{fate}"] = fates[:, place]
            summed[f"{snake(wave)}_through"] = fates[:, _THROUGH].sum(axis=1)
        for column, values in summed.items():
            self.columns[f"{raid}_{column}"] += values
        where = np.flatnonzero(flown)
        self._parts["raids"] += self._raid_rows(name, where, orders, tally)
        self._parts["losses"] += self._loss_rows(name, where, orders)
        self._parts["defence"] += self._defence_rows(name, where, orders, tally)

    def _labels(self, name: str, where: Column, **words: str) -> Table:
        return {
            "run": self.war.runs[where],
            "raid": np.full(len(where), name, object),
            "day": np.full(len(where), self.war.day),
            **{key: np.full(len(where), word, object) for key, word in words.items()},
        }

    def _raid_rows(self, name: str, where: Column, orders: Orders, tally: Tally) -> Iterator[Table]:
        """One row a run, site and weapon: what was ordered, the fates, the money, the rounds."""
        raid, sample = self.war.scenario.raids[name], self.war.sample
        flights = flights_of(raid)
        kinds: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for place, flight in enumerate(flights):
            kinds.setdefault((flight.site, flight.weapon), []).append((place, 0))
            decoys = raid.waves[flight.wave].decoys
            if decoys is not None:
                kinds.setdefault((flight.site, decoys.weapon), []).append((place, 1))
        for (site, weapon), places in kinds.items():
            fates = sum(tally.fates[where, place, kind] for place, kind in places)
            rounds = sum(
                orders.flights["rounds_at_decoys" if kind else "rounds_fired"][where, place]
                for place, kind in places
            )
            ordered = np.asarray(fates).sum(axis=1)
            yield self._labels(name, where, site=site, weapon=weapon) | {
                "ordered": ordered,
                **{fate: np.asarray(fates)[:, k] for k, fate in enumerate(FATES)},
                "rounds_fired": np.asarray(rounds),
                "spent_usd": ordered * sample[f"weapons.{weapon}.unit_cost"][where],
            }

    def _loss_rows(self, name: str, where: Column, orders: Orders) -> Iterator[Table]:
        """One row a run, site and asset class that the raid was sent at."""
        scenario = self.war.scenario
        defender = self.war.defenders[scenario.enemy_of(scenario.raids[name].by)]
        for site in dict.fromkeys(flight.site for flight in flights_of(scenario.raids[name])):
            place = defender.ground.sites.index(site)
            for asset in scenario.sites[site].assets:
                kind = defender.ground.classes.index(asset)
                damaged = orders.assets["newly_damaged"][where, place, kind]
                destroyed = orders.assets["newly_destroyed"][where, place, kind]
                yield self._labels(name, where, site=site, asset=asset) | {
                    "damaged": damaged,
                    "destroyed": destroyed,
                    "lost_usd": money.lost_usd(
                        destroyed,
                        damaged,
                        orders.assets["newly_finished"][where, place, kind],
                        defender.value_usd[where, kind],
                        defender.repair_cost[where, kind],
                    ),
                }

    def _defence_rows(
        self, name: str, where: Column, orders: Orders, tally: Tally
    ) -> Iterator[Table]:
        """One row a run and defence unit that came near the raid."""
        scenario, sample = self.war.scenario, self.war.sample
        defender = self.war.defenders[scenario.enemy_of(scenario.raids[name].by)]
        for place in np.unique(orders.near["unit"]):
            site, unit = defender.ground.units[place]
            rounds = orders.units["rounds_fired"][where, place]
            yield self._labels(name, where, site=site, unit=unit) | {
                "stopped": tally.stopped_by[where, :, place].sum(axis=1),
                "rounds_fired": rounds,
                "fired_usd": rounds * sample.get(f"units.{unit}.round_cost", 0.0)[where],
            }

    # meetings and days

    def meeting(self, meeting: "Meeting") -> None:
        """Take down a meeting, in the runs where it was held."""
        war, where = self.war, np.flatnonzero(meeting.met)
        scenario = war.scenario
        issues = scenario.talks.issues if scenario.talks else {}
        positions = self._positions()
        minutes = np.where(meeting.met, meeting.minutes, np.nan)
        self.columns[f"{snake(meeting.name)}_minutes"] = minutes
        agreed = meeting.agreed[where]
        table = {
            "run": war.runs[where],
            "meeting": np.full(len(where), meeting.name, object),
            "day": np.full(len(where), war.day),
            **{word: values[where] for word, values in positions.items()},
            "room": meeting.room[where],
            "agreed": agreed,
            "ceasefire_u": meeting.ceasefire_underdog[where],
            "ceasefire_d": meeting.ceasefire_favourite[where],
            "truce": meeting.truce[where],
            "minutes": meeting.minutes[where],
            "walked_out_u": meeting.walked_out_underdog[where],
            "walked_out_d": meeting.walked_out_favourite[where],
            "earnest_u": war.negotiators[scenario.underdog].in_earnest[where],
            "earnest_d": war.negotiators[scenario.favourite].in_earnest[where],
            **{f"{snake(name)}_exchanged": n[where] for name, n in meeting.exchanged.items()},
        }
        for place, issue in enumerate(issues):
            path = f"talks.issues.{issue}.ideal"
            best, worst = (
                war.sample[f"{path}.{side}"][where]
                for side in (scenario.underdog, scenario.favourite)
            )
            position = worst + meeting.shares[where, place] * (best - worst)
            table[f"position_{snake(issue)}"] = np.where(agreed, position, np.nan)
        self._meetings.append(table)
        first = meeting.agreed & np.isnan(self.columns["deal_day"])
        self.columns["deal_day"][first] = war.day
        both = meeting.ceasefire_underdog & meeting.ceasefire_favourite & ~meeting.agreed
        self.columns["ceasefire_day"][both & np.isnan(self.columns["ceasefire_day"])] = war.day

    def end_of_day(self) -> None:
        """Take down the day: positions before and after its raids, and a row for days.parquet."""
        today = self._positions() | self._terms()
        for name, flown in self._raids_today:
            seen = self._first_flown.get(name, np.zeros(self.rows, np.bool_))
            first = flown & ~seen
            self._first_flown[name] = seen | flown
            for word in self._positions():
                before, after = f"{word}_before_{snake(name)}", f"{word}_after_{snake(name)}"
                self.columns[before][first] = self._yesterday[word][first]
                self.columns[after][first] = today[word][first]
            for word in self._terms():
                change = today[word] - self._yesterday.get(word, np.zeros(self.rows))
                self.columns[f"{word}_by_{snake(name)}"][first] = change[first]
        self._raids_today.clear()
        collapsed = self._ceasefire & ~self.war.ceasefire & np.isnan(self.columns["collapse_day"])
        self.columns["collapse_day"][collapsed] = self.war.day
        self._ceasefire = self.war.ceasefire.copy()
        if self.war.scenario.front is not None:
            decided = (self.war.rung <= 0) | (self.war.rung >= self.war.rungs)
            self.columns["decided_day"][decided & np.isnan(self.columns["decided_day"])] = (
                self.war.day
            )
        self._yesterday = {word: values.copy() for word, values in today.items()}
        self.daily.append(
            self._yesterday
            | {
                "share_held_u": self.war.share_held(self.war.scenario.underdog),
                "at_war": self.war.at_war.copy(),
                "ceasefire": self._ceasefire,
                **self._polls(),
            }
        )

    # the tables

    def runs(self) -> Table:
        """One row a run."""
        war = self.war
        table = dict(self.columns)
        for name in war.scenario.raids:
            raid = snake(name)
            lost, fired = table[f"{raid}_lost_usd"], table[f"{raid}_fired_usd"]
            spent = table[f"{raid}_spent_usd"]
            table[f"{raid}_loss_exchange"] = money.exchange_ratio(lost, spent)
            table[f"{raid}_cost_exchange"] = money.exchange_ratio(lost + fired, spent)
        for group in self.groups:
            for what in ("damaged", "destroyed", "hit"):
                table[f"{group}_{what}"] = sum(
                    (table[f"{snake(name)}_{group}_{what}"] for name in war.scenario.raids),
                    start=np.zeros(self.rows),
                )
        for side in war.scenario.sides:
            attacker, defender = war.attackers[side], war.defenders[side]
            table[f"{snake(side)}_spent_usd"] = attacker.spent_usd
            table[f"{snake(side)}_lost_usd"] = defender.lost_usd
            table[f"{snake(side)}_fired_usd"] = defender.fired_usd
        table |= self._positions_at("end")
        table |= {f"{word}_end": values.copy() for word, values in self._terms().items()}
        table["share_held_u_end"] = war.share_held(war.scenario.underdog)
        for name in war.scenario.talks.exchanges if war.scenario.talks else ():
            column = f"{snake(name)}_exchanged"
            table[column] = sum(
                (self._by_run(part, column) for part in self._meetings), np.zeros(self.rows)
            )
        return table

    def _by_run(self, part: Table, column: str) -> Floats:
        values = np.zeros(self.rows)
        values[np.searchsorted(self.war.runs, part["run"])] = part[column]
        return values

    def raids(self) -> Table:
        """One row a run, raid, site and weapon."""
        return _joined(self._parts["raids"])

    def losses(self) -> Table:
        """One row a run, raid, site and asset class."""
        return _joined(self._parts["losses"])

    def defence(self) -> Table:
        """One row a run, raid and defence unit."""
        return _joined(self._parts["defence"])

    def meetings(self) -> Table:
        """One row a run and meeting held."""
        return _joined(self._meetings)

    def days(self) -> Table:
        """One row a run, day and side; Z and the state of the war stand on both sides' rows."""
        scenario = self.war.scenario
        parts = []
        for day, state in enumerate(self.daily):
            for letter, side in (("u", scenario.underdog), ("d", scenario.favourite)):
                held = state["share_held_u"]
                terms = {
                    word.removesuffix(f"_{letter}"): values
                    for word, values in state.items()
                    if word.startswith("h_") and word.endswith(f"_{letter}")
                }
                parts.append(
                    {
                        "run": self.war.runs,
                        "day": np.full(self.rows, day),
                        "side": np.full(self.rows, side, object),
                        "r": state[f"r_{letter}"],
                        "demand": state[f"demand_{letter}"],
                        "z": state["z"],
                        **terms,
                        **({"soft": state[f"soft_{letter}"]} if f"soft_{letter}" in state else {}),
                        "share_held": held if letter == "u" else 1.0 - held,
                        "at_war": state["at_war"],
                        "ceasefire": state["ceasefire"],
                    }
                )
        return _joined(parts)


def _joined(parts: list[Table]) -> Table:
    """Tables of the same columns one under the other, in order of run."""
    if not parts:
        return {}
    names = list(dict.fromkeys(name for part in parts for name in part))
    table = {name: np.concatenate([part[name] for part in parts]) for name in names}
    order = np.argsort(table["run"], kind="stable")
    return {name: values[order] for name, values in table.items()}
