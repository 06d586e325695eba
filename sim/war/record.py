"""What a run leaves behind: tables of columns, one row a run, raid, meeting or day."""

import functools
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.raid.arrays import FATES, Ints
from sim.raid.orders import flights_of
from sim.rules import money
from sim.scenario.columns import held_back_of
from sim.scenario.schema import ATTITUDES, Raid, snake
from sim.war.agents.mediator import Meeting
from sim.war.observer import FlownRaid, ObservedWar
from sim.war.outcomes import Outcomes, Table


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
        scenario = war.scenario
        self._words = {
            "raid": [*scenario.raids],
            "site": [*scenario.sites],
            "weapon": [*scenario.weapons],
            "unit": [*scenario.units],
            "asset": [*scenario.assets],
        }
        self._number = {
            word: {name: number for number, name in enumerate(names)}
            for word, names in self._words.items()
        }
        self.daily: list[Table] = []

    # raids

    def raid(self, flown: FlownRaid) -> None:
        """Record a raid that was just flown."""
        super().raid(flown)
        for table, part in (
            ("raids", self._raid_rows(flown)),
            ("losses", self._loss_rows(flown)),
            ("defence", self._defence_rows(flown)),
        ):
            if len(part["run"]):
                self._parts[table].append(part)

    def _labels(self, name: str, rows: Ints, **words: Sequence[str]) -> Table:
        """What says of each line whose it is: the rows once for each of the words, in turn."""
        numbers = {
            word: [self._number[word][each] for each in these] for word, these in words.items()
        }
        times = len(next(iter(words.values())))
        lines = times * len(rows)
        return {
            "run": np.tile(self.war.runs[rows], times),
            "raid": np.full(lines, self._number["raid"][name], np.int32),
            "day": np.full(lines, self.war.day),
            **{word: np.repeat(np.array(of, np.int32), len(rows)) for word, of in numbers.items()},
        }

    def _raid_rows(self, flown: FlownRaid) -> Table:
        """One row a run, site and weapon: what was ordered, the fates, the money, the rounds."""
        results, rows, sample = flown.results, flown.rows, self.war.sample
        kinds = _drones_by_kind(self.war.scenario.raids[flown.name])
        fates = _sums(results.fates.reshape(-1, len(FATES), len(rows)), [*kinds.values()])
        fired = [results.flights[of] for of in ("rounds_fired", "rounds_at_decoys")]
        rounds = _sums(np.stack(fired, axis=1).reshape(-1, len(rows)), [*kinds.values()])
        ordered = fates.sum(axis=1)
        sites, weapons = zip(*kinds, strict=True)
        costs_usd = np.array([sample[f"weapons.{weapon}.unit_cost"][rows] for weapon in weapons])
        return self._labels(flown.name, rows, site=sites, weapon=weapons) | {
            "ordered": ordered.ravel(),
            **{fate: fates[:, k].ravel() for k, fate in enumerate(FATES)},
            "rounds_fired": rounds.ravel(),
            "spent_usd": (ordered * costs_usd).ravel(),
        }

    def _loss_rows(self, flown: FlownRaid) -> Table:
        """One row a run, site and asset class that the raid was sent at."""
        scenario, rows = self.war.scenario, flown.rows
        defender = self.war.defenders[scenario.enemy_of(scenario.raids[flown.name].by)]
        sites, classes = defender.deployment.sites, defender.deployment.classes
        struck = dict.fromkeys(flight.site for flight in flights_of(scenario.raids[flown.name]))
        pairs = [(site, asset) for site in struck for asset in scenario.sites[site].assets]
        places = np.array([sites.index(site) for site, _ in pairs], np.int64)
        kinds = np.array([classes.index(asset) for _, asset in pairs], np.int64)
        results = {field: of[places, kinds] for field, of in flown.results.assets.items()}
        damaged, destroyed = results["newly_damaged"], results["newly_destroyed"]
        lost_usd = money.lost_usd(
            destroyed,
            damaged,
            results["newly_finished"],
            defender.value_usd[rows[None], kinds[:, None]],
            defender.repair_cost[rows[None], kinds[:, None]],
        )
        labels = self._labels(
            flown.name, rows, site=[site for site, _ in pairs], asset=[asset for _, asset in pairs]
        )
        return labels | {
            "damaged": damaged.ravel(),
            "destroyed": destroyed.ravel(),
            "first_hit": results["first_hit"].ravel(),
            "first_hit_by_raid": results["first_hit_by_raid"].ravel(),
            "lost_usd": lost_usd.ravel(),
        }

    def _defence_rows(self, flown: FlownRaid) -> Table:
        """One row a run and defence unit that came near the raid."""
        scenario, sample, rows = self.war.scenario, self.war.sample, flown.rows
        defender = self.war.defenders[scenario.enemy_of(scenario.raids[flown.name].by)]
        places = np.unique(flown.orders.near["unit"])
        units = [defender.deployment.units[place] for place in places]
        rounds = flown.results.rounds_fired[places]
        costs_usd = [sample.get(f"units.{unit}.round_cost", 0.0)[rows] for _, unit in units]
        labels = self._labels(
            flown.name, rows, site=[site for site, _ in units], unit=[unit for _, unit in units]
        )
        return labels | {
            "stopped": flown.results.stopped_by[places].ravel(),
            "rounds_fired": rounds.ravel(),
            "fired_usd": (rounds * np.reshape(costs_usd, rounds.shape)).ravel(),
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
        """One row per run, raid, site and weapon."""
        return self._in_words(joined(self._parts["raids"]))

    def losses(self) -> Table:
        """One row per run, raid, site and asset class."""
        return self._in_words(joined(self._parts["losses"]))

    def defence(self) -> Table:
        """One row per run, raid and defence unit."""
        return self._in_words(joined(self._parts["defence"]))

    def _in_words(self, table: Table) -> Table:
        """A table of raids with words for their numbers, as categories: words a row take longer."""
        words: dict[str, Any] = {
            name: pd.Categorical.from_codes(numbers, pd.Index(self._words[name]))
            for name, numbers in table.items()
            if name in self._words
        }
        return table | words

    def meetings(self) -> Table:
        """One row per run and meeting held."""
        return joined(self._meetings)

    def days(self) -> Table:
        """One row per run, day and side; Z and the state of the war are in both sides' rows."""
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


def _drones_by_kind(raid: Raid) -> dict[tuple[str, str], list[int]]:
    """The places of a raid's drones by site and weapon: two a flight, its own and its decoys'."""
    kinds: dict[tuple[str, str], list[int]] = {}
    for place, flight in enumerate(flights_of(raid)):
        kinds.setdefault((flight.site, flight.weapon), []).append(2 * place)
        decoys = raid.waves[flight.wave].decoys
        if decoys is not None:
            kinds.setdefault((flight.site, decoys.weapon), []).append(2 * place + 1)
    return kinds


def _sums(counts: Ints, places: Sequence[Sequence[int]]) -> Ints:
    """Counts by place, (places, ..., n), summed over each set of places, (sets, ..., n)."""
    return np.array([functools.reduce(np.add, counts[these]) for these in places])


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
    return {name: values.take(order) for name, values in table.items()}
