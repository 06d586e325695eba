"""The war: R runs of a scenario in step, day by day."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import mesa
import numpy as np

from sim import draws
from sim.raid.arrays import Bools, Defence, Floats, Ints, Log, Orders, Tally
from sim.raid.fly import fly, fly_once
from sim.raid.results import results_of
from sim.rules import bargaining, front, patronage, reports
from sim.rules.patronage import Backing
from sim.scenario.calls.arguments import known, quoted, runs_of, scenario_of, seed_of, whole
from sim.scenario.calls.limits import LARGEST_RUN
from sim.scenario.calls.rows import figures_given, strengths_given
from sim.scenario.errors import ExperimentError
from sim.scenario.sample import Sample, without_twins
from sim.scenario.schema import Blow, Gesture, Scenario
from sim.war.agents.attacker import Attacker
from sim.war.agents.believer import Reported
from sim.war.agents.defender import Defender
from sim.war.agents.kept import Kept
from sim.war.agents.mediator import Mediator
from sim.war.agents.negotiator import Negotiator
from sim.war.agents.patron import Patron
from sim.war.agents.seats import Seats, check_position, seats_of
from sim.war.history import HistoryRead
from sim.war.observer import FlownRaid
from sim.war.outcomes import Outcomes, Table
from sim.war.record import Recorder

_LARGEST_LUCK = 2**63 - 1
_READ_BY_RAIDS = ("weapons.", "units.", "sites.", "raids.")


class War(mesa.Model):
    """An ensemble of wars: every dynamic state is an array whose first axis is the run.

    `runs` are run numbers; run k is the same war in every ensemble. `negotiators` may give, for a
    side, a subclass of Negotiator to use instead. `luck` is a seed for what happens, if it is to
    differ from the seed of the figures. `strengths` say how strongly a mechanism that is on in the
    scenario acts in each row: 0 or False is off, 1 or True is as its figures say, and numbers
    between are in proportion; a patron (`patrons.NAME`) acts or does not. `figures` sets figures
    row by row, by path, in the unit of the scenario; a run number may then occur in several rows.
    Raises ExperimentError if an argument, or what a negotiator computes, is not valid.
    `recorder` records what happens; `has_drawn` is True if luck has played a part.
    `step()` advances one day; `running` becomes False after the last.
    Arrays are never overwritten: each day replaces them by new ones.
    """

    __slots__ = (
        "_event_days",
        "_kinds",
        "_numbers",
        "_p_advances",
        "_read_of",
        "_row_of",
        "at_war",
        "attackers",
        "ceasefire",
        "collapsed_today",
        "day",
        "days_of_war_at_start",
        "defenders",
        "has_drawn",
        "history",
        "luck",
        "mediator",
        "negotiators",
        "patrons",
        "recorder",
        "rung",
        "rungs",
        "running",
        "runs",
        "sample",
        "scenario",
        "strengths",
        "truce_ends",
    )

    def __init__(
        self,
        scenario: Scenario,
        runs: int | Ints = 1,
        seed: int = 1,
        negotiators: Seats | None = None,
        luck: int | None = None,
        strengths: Mapping[str, Bools | Floats] | None = None,
        figures: Mapping[str, Floats] | None = None,
        recorder: Callable[["War"], Any] = Recorder,
    ) -> None:
        super().__init__(rng=0)  # Mesa's own generator is never used
        self.scenario = scenario_of("scenario", scenario)
        seed = seed_of(seed)
        self.has_drawn = False
        self.luck = seed if luck is None else whole("luck", luck, 0, _LARGEST_LUCK)
        self.runs = _numbers_of(runs)
        self._numbers, self._row_of = without_twins(self.runs)
        given = {} if figures is None else figures_given(scenario, figures, len(self.runs))
        has_twins = len(self._numbers) < len(self.runs)
        self._kinds = self._kinds_of_rows(given) if has_twins else self.runs
        self.sample = Sample(scenario, seed, self.runs, given)
        self.day = -1
        began = scenario.war_began or scenario.start
        self.days_of_war_at_start = float(max(1, (scenario.start - began).days))
        rows = len(self.runs)
        seats = seats_of(scenario, negotiators)
        self.strengths = {} if strengths is None else strengths_given(scenario, strengths, rows)
        self.patrons = {name: Patron(self, name) for name in scenario.patrons_on}
        self.negotiators = {
            side: seats.get(side, Negotiator)(self, side) for side in scenario.sides
        }
        self.attackers = {side: Attacker(self, side) for side in scenario.sides}
        self.defenders = {side: Defender(self, side) for side in scenario.sides}
        self.mediator = Mediator(
            self,
            self.negotiators[scenario.underdog],
            self.negotiators[scenario.favourite],
            tuple(self.patrons.values()),
        )
        self._event_days = {scenario.day_of(event.date) for event in scenario.events.values()}
        history = scenario.history
        self.history = None if history is None else HistoryRead(scenario, history, self.sample)
        self._read_of: dict[str, Reported] = {}
        self._p_advances = Kept[Floats]()
        self.rung = self.sample.count("front.start")
        self.rungs = self.sample.count("front.rungs", 1)
        self.at_war: Bools = np.ones(rows, np.bool_)
        self.ceasefire: Bools = np.zeros(rows, np.bool_)
        self.collapsed_today: Bools = np.zeros(rows, np.bool_)
        self.truce_ends: Floats = np.full(rows, -1.0)
        for negotiator in self.negotiators.values():
            negotiator.take_position()
        self._check_positions()
        self.recorder = recorder(self)

    def _kinds_of_rows(self, figures: Mapping[str, Floats]) -> Ints:
        """Rows numbered by their run and by what is set of the figures that raids read."""
        read = [values for path, values in figures.items() if path.startswith(_READ_BY_RAIDS)]
        keys = np.column_stack([self.runs.astype(np.float64), *read])
        return np.unique(keys, axis=0, return_inverse=True)[1].reshape(-1)

    # one day

    def step(self) -> None:
        """One day: supply, orders, raids, history, events, front, minds, talks, record.

        Raises RuntimeError after the last day.
        """
        if self.day + 1 >= self.scenario.days:
            raise RuntimeError(
                f"step: day {self.day} was the last of this campaign of {self.scenario.days} days, "
                "expected no step after it"
            )
        self.day += 1
        self.collapsed_today = np.zeros(len(self.runs), np.bool_)
        self.agents_by_type[Attacker].do("supply")
        self.agents_by_type[Defender].do("supply")
        for name, flown in self._orders_of_the_day():
            self._raid(name, flown)
        self._read_history()
        self._events()
        self._move_front()
        self._minds()
        self._talk()
        self.recorder.end_of_day()
        self.running = self.day + 1 < self.scenario.days

    def run(self) -> "War":
        """Advance to the last day."""
        while self.running:
            self.step()
        return self

    def draw(self, actor: str, purpose: int) -> Floats:
        """One draw of today in each run, shape (R,).

        `purpose` is a number from 1 to 255; the model itself uses those of `sim.draws`. Raises
        ExperimentError for any other.
        """
        whole("purpose", purpose, 1, 255)
        self.has_drawn = True
        number = draws.actor_id(actor)
        drawn = draws.uniforms(self.luck, self._numbers, self.day, number, purpose, 1)[:, 0]
        return drawn[self._row_of]

    def draw_each(self, rows: Ints, actors: Ints, purpose: int) -> Floats:
        """One draw of today for each pair of a row and the number of an actor: (len(rows),)."""
        self.has_drawn = True
        return draws.uniform_each(self.luck, self.runs[rows], self.day, actors, purpose, 0)

    @property
    def days_of_war(self) -> float:
        """Days since the war began; on the eve of the campaign, the number on its first day."""
        return self.days_of_war_at_start + max(self.day, 0)

    # raids and the news of them

    def raids_allowed(self, name: str) -> Bools:
        """In which runs a raid may fly: without a settlement, and without a ceasefire or in breach.

        Raises KeyError if there is no such raid.
        """
        known("raid", name, self.scenario.raids)
        p_violation = self.sample.get("talks.ceasefire.p_violation", 0.0)
        violated = self.draw(f"raids.{name}", draws.VIOLATION) < p_violation
        return self.at_war & (~self.ceasefire | violated)

    def _orders_of_the_day(self) -> list[tuple[str, Bools]]:
        """All raids of today in the order of the scenario."""
        ordered: dict[str, Bools] = {}
        for attacker in self.attackers.values():
            ordered |= attacker.orders()
        return [(name, ordered[name]) for name in self.scenario.raids if name in ordered]

    def _raid(self, name: str, flown: Bools) -> None:
        """Fly a raid in the rows where it is ordered, and let both sides take in what it did."""
        raid = self.scenario.raids[name]
        enemy = self.scenario.enemy_of(raid.by)
        attacker, defender = self.attackers[raid.by], self.defenders[enemy]
        orders = attacker.commit(name, flown)
        flown = flown & (orders.flights["drones"].sum(axis=1) > 0)
        if not flown.any():
            return
        rows = np.flatnonzero(flown)
        defence = defender.stand_to(rows)
        self.recorder.ordered(orders, defence)
        tally, log = self._fly(flown, orders, defence)
        results = results_of(tally)
        lost_usd, fired_usd = defender.take_stock(rows, results)
        spent_usd = attacker.pay_for(name, rows, results, orders)
        self.recorder.raid(
            FlownRaid(name, rows, orders, results, log, spent_usd, lost_usd, fired_usd)
        )
        self._report(enemy, flown, rows, lost_usd)
        self._collapse(name, flown)

    def _fly(self, flown: Bools, orders: Orders, defence: Defence) -> tuple[Tally, Log]:
        """Fly a raid, once for rows that are twins unless each is to be logged."""
        self.has_drawn = True
        with_log = self.recorder.with_log
        if len(self._numbers) == len(self.runs) or with_log:
            return fly(self.luck, self.runs, self.day, flown, orders, defence, with_log)
        return fly_once(self.luck, self.runs, self._kinds, self.day, flown, orders, defence)

    def _report(self, enemy: str, flown: Bools, rows: Ints, lost_usd: Floats) -> None:
        """Publish what a raid took in the rows where it flew, as a share of the value at stake."""
        at_stake, loss = self.defenders[enemy].value_at_start_usd[rows], np.zeros(len(flown))
        share = np.divide(lost_usd, at_stake, out=np.zeros(len(rows)), where=at_stake > 0.0)
        loss[rows] = share
        self._publish(enemy, loss, flown)

    def _publish(self, struck: str, loss: Floats, where: Bools, foreseen: bool = False) -> None:
        """Both sides publish a loss, and leaders, publics and patrons believe what they believe."""
        self.attackers[struck].retaliate(
            self._tell(struck, self._reported(struck, loss), where, foreseen)
        )

    def _reported(self, struck: str, loss: Floats) -> Reported:
        """A loss with what the struck side admits of it and what its enemy claims."""
        enemy = self.negotiators[struck].enemy
        return Reported(
            truth=loss,
            admitted=reports.admitted(loss, self.sample[f"reports.{struck}.underclaim"]),
            claimed=reports.claimed(loss, self.sample[f"reports.{enemy}.overclaim"]),
        )

    def _tell(self, struck: str, reported: Reported, where: Bools, foreseen: bool) -> Bools:
        """All hear of a loss; returns where the struck side believes that there was one."""
        hurt = self.negotiators[struck].hear_of_own_loss(reported, where, foreseen)
        enemy = self.negotiators[self.negotiators[struck].enemy]
        enemy.hear_of_enemy_loss(reported, where, foreseen)
        for patron in self.patrons.values():
            patron.hear_of_loss(struck, reported, where, foreseen)
        return hurt

    def _collapse(self, name: str, flown: Bools) -> None:
        """A raid under a ceasefire may end it."""
        p_collapse = self.sample.get("talks.ceasefire.p_collapse", 0.0)
        broken = flown & self.ceasefire
        ended = broken & (self.draw(f"raids.{name}", draws.COLLAPSE) < p_collapse)
        self.collapsed_today = self.collapsed_today | ended
        self.ceasefire = self.ceasefire & ~ended

    def _read_history(self) -> None:
        """All hear what is recorded of today, and on its last day judge the month.

        It holds where nothing has stopped the war. Raids that are read are answered by such.
        """
        if self.history is None:
            return
        goes_on = self.at_war & ~self.ceasefire
        self.history.hear_of_aid(self.day, goes_on)
        for struck, losses in self.history.losses.items():
            if losses.told[self.day]:
                loss = losses.of(self.day, goes_on)
                read = self._read_of.get(struck)
                if read is None or read.truth is not loss:
                    read = self._read_of[struck] = self._reported(struck, loss)
                self._tell(struck, read, goes_on, foreseen=True)
                losses.hear(loss, goes_on)
            if self.history.ends_month[self.day]:
                self._judge_month(struck, *losses.close(self.scenario.date_of(self.day).day))

    def _judge_month(self, struck: str, loss: Floats, where: Bools) -> None:
        """A month that is over surprises and teaches as one raid does."""
        reported = self._reported(struck, loss)
        self.negotiators[struck].judge_own_loss(reported, where)
        self.negotiators[self.negotiators[struck].enemy].judge_enemy_loss(reported, where)
        for patron in self.patrons.values():
            patron.judge_loss(struck, reported, where)

    def _events(self) -> None:
        """Blows, sweeteners and gestures whose day it is, where the war goes on."""
        if self.day not in self._event_days:
            return
        for name, event in self.scenario.events.items():
            if self.scenario.day_of(event.date) != self.day:
                continue
            path = f"events.{name}"
            if isinstance(event, Blow):
                loss = np.where(self.at_war, self.sample[f"{path}.loss"], 0.0)
                self._publish(event.on, loss, self.at_war, event.foreseen)
                continue
            enemy = self.scenario.enemy_of(event.by)
            worth = np.where(self.at_war, self.sample[f"{path}.worth"], 0.0)
            if isinstance(event, Gesture):
                self.negotiators[enemy].hear_of_gesture(worth)
                continue
            self.negotiators[enemy].hear_of_sweetener(worth)
            price = np.where(self.at_war, self.sample[f"{path}.price"], 0.0)
            self.mediator.stand_by({enemy: worth, event.by: -price})

    # the front

    def _move_front(self) -> None:
        """The front moves or stays; all hear of it, and an end decides the war."""
        if self.scenario.front is None:
            return
        still = self.ceasefire | ~self.at_war | (self.day <= self.truce_ends)
        if self.history is not None and self.history.is_front_told(self.day):
            self.rung = self.history.move_front(self.day, self.rung, self.rungs, still)
            before = self.history.rung_judged(self.day, self.rung)
        else:
            before = self.rung
            self.rung = self._rung_by_chance(still)
        self.at_war = self.at_war & (self.rung > 0) & (self.rung < self.rungs)
        if before is self.rung:  # of a month that is not over
            return
        advanced, retreated = self.rung > before, self.rung < before
        self.negotiators[self.scenario.underdog].hear_of_front(advanced, retreated)
        self.negotiators[self.scenario.favourite].hear_of_front(retreated, advanced)
        for patron in self.patrons.values():
            is_underdogs = patron.client == self.scenario.underdog
            moved = (advanced, retreated) if is_underdogs else (retreated, advanced)
            patron.hear_of_front(*moved)

    def _rung_by_chance(self, still: Bools) -> Ints:
        """The front moves by a rung or stays."""
        sample, underdog, favourite = self.sample, self.scenario.underdog, self.scenario.favourite
        p_move = sample["front.p_move"]
        if not p_move.any():
            return self.rung
        p_advances = self._p_advances.of(  # strengths stay as they are from raid to raid
            front.p_underdog_advances,
            sample["front.p_underdog_advances"],
            self.defenders[underdog].strength(),
            self.defenders[favourite].strength(),
            sample.get("front.strength_effect", 0.0),
        )
        moves = (self.draw("front", draws.FRONT_MOVE) < p_move) & ~still
        advances = self.draw("front", draws.FRONT_DIRECTION) < p_advances
        return front.moved(self.rung, self.rungs, moves, advances)

    def stock_usd(self, side: str) -> Floats:
        """The value of a side's arsenal, shape (R,)."""
        return self.attackers[side].stock_usd

    def production_usd(self, side: str) -> Floats:
        """The value added to a side's arsenal per day, with outsiders' share, shape (R,)."""
        return self.attackers[side].production_usd

    def share_held(self, side: str) -> Floats:
        """The share of the contested territory a side holds. Raises KeyError for other words."""
        side = known("side", side, self.scenario.sides)
        underdogs = self.rung / self.rungs
        return underdogs if side == self.scenario.underdog else 1.0 - underdogs

    # patrons

    def aid(self, side: str) -> Floats:
        """The aid that a side gets, relative to the start; taken from the history if it has it.

        Otherwise each patron gives its part by its own belief, and the rest follows the side's
        prospects.
        """
        read = self.aid_read(side)
        if read is not None:
            return read
        response = self.sample.get(f"sides.{side}.aid.response", 0.0)
        rest = aid = self.negotiators[side].prospects() ** response
        for name, patron in self.patrons.items():
            if patron.client == side:
                part = self.sample[f"patrons.{name}.aid.part"] * (patron.given - rest)
                aid = np.where(patron.acts, aid + part, aid)
        return aid

    def aid_read(self, side: str, by: str | None = None) -> Floats | None:
        """The arriving aid of a patron, or of all givers, relative to the expected aid.

        None if no history records it.
        """
        return None if self.history is None else self.history.aid(side, by)

    def backing(self, side: str, p_win: Floats) -> Backing | None:
        """The effect of all patrons on a side that expects `p_win` without them; None without any.

        The resulting share of the start stays between 0 and 1, and its cost at 0 or above.
        """
        if not self.patrons:
            return None
        prior, cost = (self.sample[f"minds.{side}.{word}"] for word in ("p_win", "cost"))
        each = [patron.backing(side, p_win) for patron in self.patrons.values()]
        prospects, burden = (functools.reduce(np.add, part) for part in zip(*each, strict=True))
        return Backing(np.clip(prospects, -prior, 1.0 - prior), np.maximum(burden, -cost))

    def guarantee(self, side: str) -> Floats:
        """The probability that a patron guarantees what is promised to a side.

        Raises KeyError if there is no such side.
        """
        known("side", side, self.scenario.sides)
        given = [p.guarantee for p in self.patrons.values() if p.client == side]
        if not given:
            return np.zeros(len(self.runs))
        return patronage.guaranteed(np.reshape(given, (len(given), len(self.runs))))

    # minds and talks

    def _minds(self) -> None:
        """Patrons judge the day, then both sides think at once, by what was announced yesterday."""
        for patron in self.patrons.values():
            patron.judge()
        yesterday = {side: n.announced for side, n in self.negotiators.items()}
        for negotiator in self.negotiators.values():
            negotiator.think(yesterday[negotiator.enemy])
        self._check_positions()

    def _check_positions(self) -> None:
        """Hold positions that are not the house's to what they can be."""
        for negotiator in self.negotiators.values():
            if type(negotiator) is not Negotiator:
                check_position(self, negotiator)

    @property
    def zone(self) -> Floats:
        """Z = 1 - r_U - r_D, shape (R,)."""
        scenario, sides = self.scenario, self.negotiators
        return bargaining.zone(
            sides[scenario.underdog].reservation, sides[scenario.favourite].reservation
        )

    def _talk(self) -> None:
        """Hold the meeting of today, if there is one: settlement, ceasefire, truce, exchanges."""
        name = self.mediator.called_today()
        if name is None:
            return
        meeting = self.mediator.hold(name)
        both = meeting.ceasefire_underdog & meeting.ceasefire_favourite & ~meeting.agreed
        self.ceasefire = self.ceasefire | both
        self.truce_ends = np.where(
            meeting.truce, self.day + self.sample.get("talks.truce.length", 0.0), self.truce_ends
        )
        self.at_war = self.at_war & ~meeting.agreed
        stopped = meeting.agreed | self.ceasefire
        self.mediator.learn(meeting.met, stopped)
        for attacker in self.attackers.values():
            attacker.after_breakdown = np.where(meeting.met, ~stopped, attacker.after_breakdown)
        self.recorder.meeting(meeting)


def _numbers_of(runs: Any) -> Ints:
    """The numbers of runs, from how many there are or as an array. Raises ExperimentError."""
    if not isinstance(runs, np.ndarray):
        return np.arange(runs_of(runs))
    is_counted = runs.ndim == 1 and len(runs) > 0 and runs.dtype.kind in "iu"
    if not is_counted or runs.min() < 0 or runs.max() > LARGEST_RUN:
        raise ExperimentError(
            f"runs: {quoted(runs)}, expected how many, or an array of run numbers from 0 on"
        )
    return runs.astype(np.int64)


def outcomes_of(scenario: Scenario) -> Table:
    """The outcomes that a run of a scenario has, by name; their values are those of one eve."""
    outcomes: Outcomes = War(scenario, 1, recorder=Outcomes).recorder
    return outcomes.runs()
