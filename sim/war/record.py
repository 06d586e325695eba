"""What a run leaves behind: tables of columns, one row a run, raid, meeting or day."""

from collections.abc import Collection, Iterator

import numpy as np

from sim.raid.arrays import FATES
from sim.raid.orders import flights_of
from sim.rules import money
from sim.scenario.columns import held_back_of
from sim.scenario.schema import ATTITUDES, snake
from sim.war.agents.mediator import Meeting
from sim.war.observer import FlownRaid, ObservedWar
from sim.war.outcomes import Column, Outcomes, Table


class Recorder(Outcomes):
    """Collects the tables of an ensemble while its war goes on.

    `of_day` are the positions that each day is kept with, in `daily`; None keeps all of a day, so
    that there is a table of days, and without any no day is kept.
    """

    def __init__(self, war: ObservedWar, of_day: Collection[str] | None = None) -> None:
        super().__init__(war)
        self._of_day = of_day
        self._parts: dict[str, list[Table]] = {"raids": [], "losses": [], "defence": []}
        self._meetings: list[Table] = []
        self.daily: list[Table] = []

    # raids

    def raid(self, flown: FlownRaid) -> None:
        """Record a raid that was just flown."""
        super().raid(flown)
        where = np.flatnonzero(flown.where)
        self._parts["raids"] += self._raid_rows(flown, where)
        self._parts["losses"] += self._loss_rows(flown, where)
        self._parts["defence"] += self._defence_rows(flown, where)

    def _labels(self, name: str, where: Column, **words: str) -> Table:
        return {
            "run": self.war.runs[where],
            "raid": np.full(len(where), name, object),
            "day": np.full(len(where), self.war.day),
            **{key: np.full(len(where), word, object) for key, word in words.items()},
        }

    def _raid_rows(self, flown: FlownRaid, where: Column) -> Iterator[Table]:
        """One row a run, site and weapon: what was ordered, the fates, the money, the rounds."""
        name, tally = flown.name, flown.tally
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
                tally.flights["rounds_at_decoys" if kind else "rounds_fired"][where, place]
                for place, kind in places
            )
            ordered = np.asarray(fates).sum(axis=1)
            yield self._labels(name, where, site=site, weapon=weapon) | {
                "ordered": ordered,
                **{fate: np.asarray(fates)[:, k] for k, fate in enumerate(FATES)},
                "rounds_fired": np.asarray(rounds),
                "spent_usd": ordered * sample[f"weapons.{weapon}.unit_cost"][where],
            }

    def _loss_rows(self, flown: FlownRaid, where: Column) -> Iterator[Table]:
        """One row a run, site and asset class that the raid was sent at."""
        name, assets = flown.name, flown.tally.assets
        scenario = self.war.scenario
        defender = self.war.defenders[scenario.enemy_of(scenario.raids[name].by)]
        places = {site: place for place, site in enumerate(defender.deployment.sites)}
        for site in dict.fromkeys(flight.site for flight in flights_of(scenario.raids[name])):
            place = places[site]
            for asset in scenario.sites[site].assets:
                kind = defender.deployment.classes.index(asset)
                damaged = assets["newly_damaged"][where, place, kind]
                destroyed = assets["newly_destroyed"][where, place, kind]
                yield self._labels(name, where, site=site, asset=asset) | {
                    "damaged": damaged,
                    "destroyed": destroyed,
                    "first_hit": assets["first_hit"][where, place, kind],
                    "first_hit_by_raid": assets["first_hit_by_raid"][where, place, kind],
                    "lost_usd": money.lost_usd(
                        destroyed,
                        damaged,
                        assets["newly_finished"][where, place, kind],
                        defender.value_usd[where, kind],
                        defender.repair_cost[where, kind],
                    ),
                }

    def _defence_rows(self, flown: FlownRaid, where: Column) -> Iterator[Table]:
        """One row a run and defence unit that came near the raid."""
        name, orders, tally = flown.name, flown.orders, flown.tally
        scenario, sample = self.war.scenario, self.war.sample
        defender = self.war.defenders[scenario.enemy_of(scenario.raids[name].by)]
        for place in np.unique(orders.near["unit"]):
            site, unit = defender.deployment.units[place]
            rounds = tally.rounds_fired[where, place]
            yield self._labels(name, where, site=site, unit=unit) | {
                "stopped": tally.stopped_by[where, place],
                "rounds_fired": rounds,
                "fired_usd": rounds * sample.get(f"units.{unit}.round_cost", 0.0)[where],
            }

    # meetings and days

    def meeting(self, meeting: Meeting) -> None:
        """Record a meeting, in the runs where it was held."""
        super().meeting(meeting)
        war, where = self.war, np.flatnonzero(meeting.met)
        scenario = war.scenario
        issues = scenario.talks.issues if scenario.talks else {}
        positions = self._positions()
        positions |= self._cards()
        agreed = meeting.agreed[where]
        letters = (("u", scenario.underdog), ("d", scenario.favourite))
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
            **{
                column: held_back[where]
                for column, held_back in zip(
                    held_back_of(scenario), meeting.held_back, strict=False
                )
            },
            "earnest_u": war.negotiators[scenario.underdog].in_earnest[where],
            "earnest_d": war.negotiators[scenario.favourite].in_earnest[where],
            **{f"{snake(name)}_exchanged": n[where] for name, n in meeting.exchanged.items()},
            **{word: values[where] for word, values in self._terms().items()},
            **{
                f"{snake(name)}_accepted_{letter}": patron.accepted[side][where]
                for name, patron in war.patrons.items()
                for letter, side in letters
            },
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

    def end_of_day(self) -> None:
        """Record the day, with a row for days.parquet."""
        super().end_of_day()
        if self._of_day is None:
            self.daily.append(self._day())
        elif self._of_day:
            positions = self._positions()
            self.daily.append({word: positions[word].copy() for word in self._of_day})

    def _day(self) -> Table:
        """All that is kept of a day."""
        positions = self._yesterday if self.war.scenario.raids else self._today()
        return positions | {
            "share_held_u": self.war.share_held(self.war.scenario.underdog),
            "at_war": self.war.at_war.copy(),
            "ceasefire": self.war.ceasefire.copy(),
            "collapsed": self.war.collapsed_today.copy(),
            **self._polls(),
        }

    # the tables

    def raids(self) -> Table:
        """One row a run, raid, site and weapon."""
        return joined(self._parts["raids"])

    def losses(self) -> Table:
        """One row a run, raid, site and asset class."""
        return joined(self._parts["losses"])

    def defence(self) -> Table:
        """One row a run, raid and defence unit."""
        return joined(self._parts["defence"])

    def meetings(self) -> Table:
        """One row a run and meeting held."""
        return joined(self._meetings)

    def days(self) -> Table:
        """One row a run, day and side; Z and the state of the war stand on both sides' rows."""
        scenario = self.war.scenario
        parts = []
        for day, state in enumerate(self.daily):
            for letter, side in (("u", scenario.underdog), ("d", scenario.favourite)):
                share_held = state["share_held_u"]
                own = {"p": state[f"p_{letter}"]} if self.war.patrons else {}
                of_patrons = {
                    f"{word}_{snake(name)}": state[f"{word}_{snake(name)}"]
                    for word in ("p", "pressure")
                    for name in self.war.patrons
                }
                parts.append(
                    {
                        "run": self.war.runs,
                        "day": np.full(self.rows, day),
                        "side": np.full(self.rows, side, object),
                        "r": state[f"r_{letter}"],
                        "demand": state[f"demand_{letter}"],
                        "z": state["z"],
                        **own,
                        **of_patrons,
                        **_of_side(state, letter, "h_", *ATTITUDES),
                        "share_held": share_held if letter == "u" else 1.0 - share_held,
                        "at_war": state["at_war"],
                        "ceasefire": state["ceasefire"],
                        "collapsed": state["collapsed"],
                    }
                )
        return joined(parts)


def _of_side(state: Table, letter: str, *words: str) -> Table:
    """What the state says of a side in columns that begin with these words, in its order."""
    return {
        word.removesuffix(f"_{letter}"): values
        for word, values in state.items()
        if word.startswith(words) and word.endswith(f"_{letter}")
    }


def joined(parts: list[Table]) -> Table:
    """Tables of the same columns one under the other, in order of run."""
    if not parts:
        return {}
    names = list(dict.fromkeys(name for part in parts for name in part))
    table = {name: np.concatenate([part[name] for part in parts]) for name in names}
    order = np.argsort(table["run"], kind="stable")
    return {name: values[order] for name, values in table.items()}
