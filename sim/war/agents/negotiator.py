"""The negotiator: a side at the table, with its beliefs, its hardening and its demand."""

import functools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sim.raid.arrays import Bools, Floats
from sim.rules import bargaining
from sim.rules.hardening import LOOK_AHEAD, MECHANISMS, OUTLOOK, News
from sim.rules.patronage import Backing
from sim.scenario.calls.arguments import known
from sim.scenario.schema import Screening
from sim.war.agents.agent import Agent, World
from sim.war.agents.believer import ENEMY, OWN, Believer, Reported
from sim.war.agents.estimate import Estimate
from sim.war.agents.kept import Kept
from sim.war.agents.mechanisms import mechanisms_of
from sim.war.agents.public import Public

LEADER, PUBLIC = "leader", "public"
PATRONS = "patrons"
"""The word of the term that outsiders add to a reservation, among those of the mechanisms."""


class _Memory(dict[str, Floats]):
    """What a mechanism remembers; 0 in every run where it has nothing yet."""

    def __init__(self, runs: int, remembered: Mapping[str, Floats] | None = None) -> None:
        super().__init__(remembered or {})
        self._runs = runs

    def __missing__(self, key: str) -> Floats:
        return np.zeros(self._runs)


def _sum(*terms: Floats) -> Floats:
    return functools.reduce(np.add, terms)


class Announced(NamedTuple):
    """What the enemy knows of a side: its hardening and its public demand, over runs."""

    hardening: Floats
    demand: Floats


class Negotiator(Agent):
    """A side in the talks: it updates its beliefs, sets its demand, and accepts or refuses.

    State, over runs and in shares of the stakes: `terms` (what each mechanism adds to the
    reservation, with the strength at which it acts), `reservation`, `demand`. Subclass it and
    override `think`, `accepts_package` or `accepts_ceasefire` to try a rule of your own.
    """

    __slots__ = (
        "_concedes",
        "_everywhere",
        "_hardening",
        "_looks_ahead",
        "_nothing",
        "acts",
        "backing",
        "believers",
        "confidence",
        "cost_at_start",
        "demand",
        "enemy",
        "enemy_loss",
        "estimate",
        "figures",
        "gesture",
        "mechanisms",
        "memory",
        "moves",
        "own_loss",
        "prior",
        "public",
        "reservation",
        "side",
        "strengths",
        "surprise",
        "sweetener",
        "terms",
    )

    def __init__(self, model: World, side: str) -> None:
        super().__init__(model)
        self.side = side
        self.public = Public(model, side) if model.scenario.publics else None
        sample, mind = model.sample, f"minds.{side}"
        runs = len(model.runs)
        self._nothing: Floats = np.zeros(runs)
        self._hardening = Kept[Floats]()
        self.prior: Floats = sample[f"{mind}.p_win"]
        self.confidence: Floats = sample[f"{mind}.confidence"]
        self.cost_at_start: Floats = sample[f"{mind}.cost"]
        self.believers = {
            holder: Believer(model, side, f"reports.{side}.{holder}", mind)
            for holder in (LEADER, PUBLIC)
        }
        self.enemy = model.scenario.enemy_of(side)
        self.backing: Backing | None = None
        talks = model.scenario.talks
        is_private = talks is not None and isinstance(talks.protocol, Screening)
        self.estimate = Estimate(model, side) if is_private else None
        self.acts = mechanisms_of(model.scenario)
        self.mechanisms = tuple(self.acts)
        self.figures = {name: self._figures(name) for name in self.mechanisms}
        self.strengths = model.strengths
        self.memory: dict[str, _Memory] = {name: _Memory(runs) for name in self.mechanisms}
        self.terms: dict[str, Floats] = {name: np.zeros(runs) for name in self.mechanisms}
        self._hear_nothing()
        self.reservation: Floats = self.base()
        self.demand: Floats = sample[f"{mind}.demand"]
        self._concedes: Floats = np.ones(runs)
        self._everywhere: Bools = np.ones(runs, np.bool_)
        of_the_house = {name for name in MECHANISMS if name not in LOOK_AHEAD}
        self._looks_ahead = type(self) is not Negotiator or not of_the_house.issuperset(self.acts)

    def _figures(self, mechanism: str) -> dict[str, Floats]:
        block = getattr(self.model.scenario.mechanisms, mechanism)
        return {
            name: self.model.sample.of_side(f"mechanisms.{mechanism}.{name}", self.side)
            for name, value in block
            if not isinstance(value, str | bool)
        }

    def _hear_nothing(self) -> None:
        nothing = self._nothing
        self.own_loss = {LEADER: nothing, PUBLIC: nothing}
        self.enemy_loss = nothing
        self.surprise = {LEADER: nothing, PUBLIC: nothing}
        for believer in self.believers.values():
            believer.hear_nothing()
        self.moves = nothing
        self.sweetener, self.gesture = nothing, nothing

    # what the side believes

    def term(self, mechanism: str) -> Floats:
        """What a mechanism, or all patrons (`patrons`), adds to the reservation today; 0 if off.

        Raises KeyError where there is no such mechanism.
        """
        if mechanism not in self.terms:
            if mechanism == PATRONS:
                return self.patron_term
            if mechanism not in MECHANISMS:
                known("mechanism", mechanism, (name for name, _ in self.model.scenario.mechanisms))
            return np.zeros(len(self.model.runs))
        return self.terms[mechanism]

    @property
    def p_win_alone(self) -> Floats:
        """The share that the leader expects from fighting on, with aid as at the start."""
        return self.prior + self.term("learning")

    @property
    def p_win(self) -> Floats:
        """The share of the stakes that the leader expects from fighting on."""
        alone = self.p_win_alone
        return alone if self.backing is None else alone + self.backing.prospects

    @property
    def cost(self) -> Floats:
        """What fighting on costs the side."""
        alone = self.cost_at_start - self.term("cost")
        return alone if self.backing is None else alone + self.backing.cost

    @property
    def patron_term(self) -> Floats:
        """What the patrons of both sides add to the reservation today."""
        if self.backing is None:
            return np.zeros(len(self.model.runs))
        return self.backing.prospects - self.backing.cost

    @property
    def hardening(self) -> Floats:
        """h: everything that moves the reservation except prospects and costs."""
        terms = [t for name, t in self.terms.items() if name not in ("cost", "learning")]
        return self._hardening.of(_sum, self._nothing, *terms)

    def base(self) -> Floats:
        """The reservation as it was before any mechanism or patron acted."""
        return bargaining.reservation(self.prior, self.cost_at_start, 0.0)

    def prospects(self) -> Floats:
        """The share that the leader expects, relative to the share expected at the start."""
        ratio = np.divide(
            self.p_win, self.prior, out=np.ones(len(self.prior)), where=self.prior > 0.0
        )
        return ratio if self.backing is None else np.maximum(0.0, ratio)

    # what the side hears

    def hear_of_own_loss(self, reported: Reported, where: Bools, foreseen: bool = False) -> Bools:
        """Hear of a loss at home, in shares of the side's value; returns where there was one."""
        for holder, believer in self.believers.items():
            loss = believer.believes(self.side, reported)
            lost = self.own_loss[holder] + np.where(where, loss, 0.0)
            self.own_loss = self.own_loss | {holder: lost}
            if holder == LEADER:
                struck = where & (loss > 0.0)
        if not foreseen:
            self.judge_own_loss(reported, where)
        return struck

    def judge_own_loss(self, reported: Reported, where: Bools) -> None:
        """Update surprise and foresight with a loss at home that has been heard of."""
        for holder, believer in self.believers.items():
            surprise = believer.judge(OWN, believer.believes(self.side, reported), where)
            self.surprise = self.surprise | {holder: self.surprise[holder] + surprise}

    def hear_of_enemy_loss(self, reported: Reported, where: Bools, foreseen: bool = False) -> None:
        """Hear of a loss of the enemy, in shares of the enemy's value."""
        loss = self.believers[LEADER].believes(self.enemy, reported)
        self.enemy_loss = self.enemy_loss + np.where(where, loss, 0.0)
        if not foreseen:
            self.judge_enemy_loss(reported, where)

    def judge_enemy_loss(self, reported: Reported, where: Bools) -> None:
        """Update foresight with a loss of the enemy that has been heard of."""
        for believer in self.believers.values():
            believer.judge(ENEMY, believer.believes(self.enemy, reported), where)

    def hear_of_front(self, advanced: Bools, retreated: Bools) -> None:
        """Hear of a move of the front, which is a battle won or lost."""
        self.moves = self.moves + (advanced | retreated)
        self.believers[LEADER].hear_of_front(advanced, retreated)

    def hear_of_sweetener(self, worth: Floats) -> None:
        """Hear of a material offer by the enemy."""
        self.sweetener = self.sweetener + worth

    def hear_of_gesture(self, worth: Floats) -> None:
        """Hear of a symbolic concession by the enemy."""
        self.gesture = self.gesture + worth

    # what the side makes of it

    def news(self, other: "Announced") -> News:
        """The day as the leader sees it, before any mechanism has acted on it."""
        p_win, cost, base = self.prior, self.cost_at_start, self.base()
        if self.backing is not None:
            p_win, cost = p_win + self.backing.prospects, cost + self.backing.cost
            base = base + self.patron_term
        return News(
            days_of_war=self.model.days_of_war,
            days_of_war_at_start=self.model.days_of_war_at_start,
            prior=self.prior,
            confidence=self.confidence,
            p_win=p_win,
            cost=cost,
            own_loss=self.own_loss[LEADER],
            enemy_loss=self.enemy_loss,
            surprise=self.surprise[LEADER],
            surprise_of_public=self.surprise[PUBLIC],
            hard_public=self.hard_public,
            good=self.believers[LEADER].good,
            bad=self.believers[LEADER].bad,
            moves=self.moves,
            sweetener=self.sweetener,
            gesture=self.gesture,
            demand=self.demand,
            left=1.0 - other.demand,
            other_hardening=other.hardening,
            base=base,
            **self._outlook(),
        )

    def _outlook(self) -> dict[str, Floats]:
        """What is read of the day by those who look ahead; nothing where nobody does."""
        if not self._looks_ahead:
            return dict.fromkeys(OUTLOOK, self._nothing)
        aid, foresight = self.model.aid_read(self.side), self.believers[LEADER].foresight
        return {
            "foreseen_loss": foresight[OWN].mean,
            "foreseen_gain": foresight[ENEMY].mean,
            "stock_usd": self.model.stock_usd(self.side),
            "production_usd": self.model.production_usd(self.side),
            "aid": np.ones(len(self.model.runs)) if aid is None else aid,
            "guarantee": self.model.guarantee(self.side),
        }

    def think(self, other: "Announced") -> None:
        """Update the public and each mechanism with the day's news; set reservation and demand.

        `other` is what is known of the enemy from yesterday; the patrons' position is today's.
        """
        self.backing = self.model.backing(self.side, self.p_win_alone)
        if self.public is not None:
            self.public.feel(self.surprise[PUBLIC], self.own_loss[PUBLIC])
        news = self.news(other)
        self.memory, self.terms = dict(self.memory), dict(self.terms)  # yesterday's stay as read
        for place, name in enumerate(self.mechanisms):
            remembered = self.acts[name](self.memory[name], news, self.figures[name])
            self.memory[name] = memory = _Memory(len(self.model.runs), remembered)
            self.terms[name] = term = self._weighted(name, memory["term"])
            expected = news.p_win, news.cost
            if place == 0 or name in ("cost", "learning"):  # no other moves what is expected
                expected = self.p_win, self.cost
            news = news.after(news.base + term, *expected)
        self.reservation = bargaining.reservation(self.p_win, self.cost, self.hardening)
        self._demand()
        if self.estimate is not None:
            self.estimate.follow(other.demand, self.p_win_alone)
        self._hear_nothing()

    def _weighted(self, mechanism: str, term: Floats) -> Floats:
        """A term as strongly as its mechanism acts in each run."""
        strength = self.strengths.get(mechanism)
        return term if strength is None else np.where(strength > 0.0, strength * term, 0.0)

    def acts_in(self, mechanism: str) -> Bools:
        """In which runs a mechanism that is on in the scenario acts, shape (R,)."""
        strength = self.strengths.get(mechanism)
        return self._everywhere if strength is None else strength > 0.0

    @property
    def hard_public(self) -> Floats:
        """The share of the public that would not concede, relative to the start."""
        return np.ones(len(self.model.runs)) if self.public is None else self.public.hardness

    @property
    def in_earnest(self) -> Bools:
        """In which runs the side is in earnest: in all, unless `ripeness` is on."""
        if "ripeness" not in self.mechanisms:
            return self._everywhere
        ripe = self.memory["ripeness"]["earnest"] > 0.0
        return np.where(self.acts_in("ripeness"), ripe, self._everywhere)

    @property
    def announced(self) -> "Announced":
        """What the enemy will know of this side tomorrow."""
        return Announced(self.hardening, self.demand)

    def _demand(self) -> None:
        """In public a side concedes the same part of what it can all along; vows are not broken."""
        demand = np.maximum(0.0, bargaining.asked(self.reservation, self._concedes))
        if "audience" in self.mechanisms:
            vowed = np.maximum(demand, self.memory["audience"]["vow"])
            is_weighed = "audience" in self.strengths
            demand = np.where(self.acts_in("audience"), vowed, demand) if is_weighed else vowed
        self.demand = np.maximum(demand, self.reservation)

    def take_position(self) -> None:
        """Take the position of the eve: the public demand counts as a vow."""
        opening, runs = self.demand, len(self.model.runs)
        self.think(Announced(np.zeros(runs), self.model.sample[f"minds.{self.enemy}.demand"]))
        self.demand = np.maximum(opening, self.reservation)
        self._concedes = bargaining.conceded(self.demand, self.reservation)

    # what the side says at the table

    def accepts_package(self, utility: Floats) -> Bools:
        """Whether the side is in earnest and this utility is no worse than fighting on."""
        return self.in_earnest & (utility >= self.reservation - 1e-12)

    def _shift_of_a_pause(self) -> Floats:
        """What `commitment` has it ask for a ceasefire, in which the enemy rearms; 0 if off."""
        if "commitment" not in self.memory:
            return np.zeros(len(self.model.runs))
        return self._weighted("commitment", self.memory["commitment"]["paused"])

    def accepts_ceasefire(self, held: Floats) -> Bools:
        """Whether the side stops fighting on a line that leaves it the share `held`.

        A ceasefire binds nobody, so a side that expects to weaken asks for more here too.
        """
        return self.in_earnest & bargaining.accepts_ceasefire(held, self._after_a_pause, self.cost)

    def gain_from_stopping(self, held: Floats) -> Floats:
        """How much better than fighting on a line is that leaves the side this share, (R,)."""
        return held - (self._after_a_pause - self.cost)

    def stops_up_to(self, held: Floats) -> Floats:
        """The highest reservation with which the side would gain by such a line, (R,).

        It follows from the side's hardening, which the enemy knows, and not from its expectations.
        """
        return self.reservation + self.gain_from_stopping(held)

    @property
    def _after_a_pause(self) -> Floats:
        """The share the leader expects of fighting on, less what a pause would take of it."""
        return self.p_win + self._shift_of_a_pause()
