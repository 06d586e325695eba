"""The mediator: calls the meetings and holds them, until its patience is spent."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.raid.arrays import Bools, Floats
from sim.rules import bargaining
from sim.scenario.schema import Concession, Division, Nash, Rubinstein, Screening, Stop
from sim.war.agents.agent import Agent, World
from sim.war.agents.negotiator import Negotiator
from sim.war.agents.patron import Patron
from sim.war.agents.screening import Party, asked_of_a_line, screen
from sim.war.agents.seats import answer_of


class Package(NamedTuple):
    """The package that the protocol proposes, over runs, and when in the meeting.

    `shares` (R, issues) are the underdog's; `time` is from 0 to 1, infinite where never.
    """

    shares: Floats
    time: Floats


class Answers(NamedTuple):
    """What both sides, the underdog first, say to a ceasefire, over runs.

    Who is held back would stop if its answer were not read.
    """

    stops: tuple[Bools, Bools]
    held_back: tuple[Bools, Bools]


class Meeting(NamedTuple):
    """The result of a meeting, over runs; `shares` (R, issues) are the underdog's."""

    name: str
    met: Bools
    room: Floats
    agreed: Bools
    shares: Floats
    ceasefire_underdog: Bools
    ceasefire_favourite: Bools
    held_back: tuple[Bools, Bools]
    truce: Bools
    exchanged: dict[str, Floats]
    minutes: Floats
    walked_out_underdog: Bools
    walked_out_favourite: Bools


class Mediator(Agent):
    """Calls the meetings of the scenario and runs them by its protocol.

    State, over runs: `failures` in a row; `held`, what each side has to exchange, by exchange;
    `offered`, what standing sweeteners are worth to each side less what they cost it. `turn` is how
    many meetings were called before.
    """

    __slots__ = (
        "_called_on",
        "failures",
        "held",
        "offered",
        "patience",
        "patrons",
        "sides",
        "talks",
        "turn",
    )

    def __init__(
        self,
        model: World,
        underdog: Negotiator,
        favourite: Negotiator,
        patrons: Sequence[Patron] = (),
    ) -> None:
        super().__init__(model)
        self.sides = underdog, favourite
        self.patrons = tuple(patrons)
        self.talks = model.scenario.talks
        self.turn = 0
        dates = self.talks.meetings.items() if self.talks else ()
        self._called_on = {model.scenario.day_of(date): name for name, date in reversed([*dates])}
        self.failures: Floats = np.zeros(len(model.runs))
        self.patience = model.sample.get("talks.patience", np.inf)
        self.held: dict[tuple[str, str], Floats] = {
            (name, side): model.sample[f"talks.exchanges.{name}.held.{side}"].copy()
            for name in (self.talks.exchanges if self.talks else ())
            for side in model.scenario.sides
        }
        self.offered = {side: np.zeros(len(model.runs)) for side in model.scenario.sides}

    def called_today(self) -> str | None:
        """The name of today's meeting, if there is one."""
        return self._called_on.get(self.model.day)

    def invites(self) -> Bools:
        """In which runs it still calls meetings."""
        return self.failures < self.patience

    def learn(self, met: Bools, succeeded: Bools) -> None:
        """Count consecutive meetings without a result."""
        failed = np.where(succeeded, 0.0, self.failures + 1.0)
        self.failures = np.where(met, failed, self.failures)

    def stand_by(self, worth: Mapping[str, Floats]) -> None:
        """Add to the standing offers, by side; a cost is negative."""
        self.offered = {side: standing + worth[side] for side, standing in self.offered.items()}

    # holding a meeting

    def hold(self, name: str) -> Meeting:
        """Hold a meeting where the sides come: what is signed, and how long it took."""
        sides = underdog, favourite = self.sides
        met = self.model.at_war & self.invites()
        weights = self.saliences(underdog), self.saliences(favourite)
        least = self._least()
        room = bargaining.room(*least, *weights)
        package = self._package(least, weights, met)
        self.turn += 1
        utilities = (
            bargaining.utility(package.shares, weights[0]) + self.offered[underdog.side],
            bargaining.utility(1.0 - package.shares, weights[1]) + self.offered[favourite.side],
        )
        agreed = met & np.isfinite(package.time)
        for side, utility in zip(sides, utilities, strict=True):
            agreed &= answer_of(side, "accepts_package", utility)
        shares, agreed = self._proposals(package.shares, met, agreed, weights)
        shortfalls = self._shortfalls(least, weights, room)
        minutes, walked_out = self._length(met, agreed, shortfalls, package.time)
        on_offer = met & (self.talks is not None and self.talks.ceasefire is not None)
        open_to_answer = on_offer & ~agreed & ~self.model.ceasefire
        answers = self._answers(least, weights, on_offer, open_to_answer)
        stops = dict(zip((underdog.side, favourite.side), answers.stops, strict=True))
        for patron in self.patrons:
            if patron.proposes_today(Stop):
                patron.hear_answers(open_to_answer, stops)
        return Meeting(
            name=name,
            met=met,
            room=room,
            agreed=agreed,
            shares=shares,
            ceasefire_underdog=answers.stops[0],
            ceasefire_favourite=answers.stops[1],
            held_back=answers.held_back,
            truce=self._truce(met & ~agreed & ~np.logical_and(*answers.stops)),
            exchanged=self._exchange(met),
            minutes=minutes,
            walked_out_underdog=walked_out[0],
            walked_out_favourite=walked_out[1],
        )

    def saliences(self, side: Negotiator) -> Floats:
        """A side's weights of the issues, adding up to 1, shape (R, issues)."""
        issues, sample = self.talks.issues if self.talks else (), self.model.sample
        columns = [sample[f"talks.issues.{issue}.salience.{side.side}"] for issue in issues]
        weights = np.column_stack([np.empty((len(self.model.runs), 0)), *columns])
        return weights / weights.sum(axis=1, keepdims=True)

    def _least(self) -> tuple[Floats, Floats]:
        """The least utility of a package each side accepts, in addition to what stands offered."""
        one, other = (side.reservation - self.offered[side.side] for side in self.sides)
        return one, other

    def _package(
        self, least: tuple[Floats, Floats], weights: tuple[Floats, Floats], met: Bools
    ) -> Package:
        protocol, sample = self.talks.protocol if self.talks else None, self.model.sample
        everywhere = np.ones(len(self.model.runs))
        if isinstance(protocol, Concession):
            names = (side.side for side in self.sides)
            exponents = (sample[f"talks.protocol.exponent.{side}"] for side in names)
            time, utility = bargaining.concession(*least, *weights, *exponents)
            return Package(bargaining.frontier(utility, *weights), time)
        if isinstance(protocol, Screening):
            return self._screened(protocol, least, weights, met)
        if isinstance(protocol, Rubinstein):
            utility = self._by_turns(protocol, least, weights)
            return Package(bargaining.frontier(utility, *weights), everywhere)
        weight = 0.5 * everywhere
        if isinstance(protocol, Nash):
            weight = sample["talks.protocol.underdog_weight"]
        shares = bargaining.nash(*least, *weights, weight)
        return Package(shares, everywhere)

    def _by_turns(
        self, protocol: Rubinstein, least: tuple[Floats, Floats], weights: tuple[Floats, Floats]
    ) -> Floats:
        """The underdog's utility when offers alternate."""
        sample, scenario = self.model.sample, self.model.scenario
        path, underdog = "talks.protocol.patience", scenario.underdog
        utility: Floats = bargaining.alternating_offers(
            *least,
            *weights,
            sample[f"{path}.{underdog}"],
            sample[f"{path}.{scenario.favourite}"],
            protocol.first == underdog,
            sample.get("talks.protocol.rounds", np.inf),
        )
        return utility

    def _proposals(
        self, shares: Floats, met: Bools, agreed: Bools, weights: tuple[Floats, Floats]
    ) -> tuple[Floats, Bools]:
        """What is signed after patrons, one after the other, put a package of theirs on the table.

        Where the protocol's was not signed: the one on the frontier that gives the patron's client
        what it proposes. The patron hears what both answer.
        """
        for patron in self.patrons:
            if not patron.proposes_today(Division):
                continue
            client_first = slice(None, None, 1 if patron.client == self.sides[0].side else -1)
            own, enemy = weights[client_first]
            package = bargaining.frontier(patron.proposes(), own, enemy)
            utilities = bargaining.utility(package, own), bargaining.utility(1.0 - package, enemy)
            answers = {
                side.side: answer_of(side, "accepts_package", utility + self.offered[side.side])
                for side, utility in zip(self.sides[client_first], utilities, strict=True)
            }
            signed = met & patron.acts & ~agreed & np.logical_and(*answers.values())
            of_underdog = package if patron.client == self.sides[0].side else 1.0 - package
            shares = np.where(signed[:, None], of_underdog, shares)
            agreed = agreed | signed
            patron.hear_answers(met & ~agreed, answers)
        return shares, agreed

    def _screened(
        self,
        protocol: Screening,
        least: tuple[Floats, Floats],
        weights: tuple[Floats, Floats],
        met: Bools,
    ) -> Package:
        """What one side offers and the other takes, if neither knows the other's reservation."""
        one, other = self._parties(least, weights)
        is_underdogs = (protocol.first == self.sides[0].side) == (self.turn % 2 == 0)
        offers, answers = (one, other) if is_underdogs else (other, one)
        utility, time = screen(offers, answers, self.model.sample["talks.protocol.rounds"], met)
        utility = np.where(np.isfinite(time), utility, 0.0)
        shares = bargaining.frontier(utility, answers.saliences, offers.saliences)
        return Package(1.0 - shares if is_underdogs else shares, time)

    def _parties(
        self, least: tuple[Floats, Floats], weights: tuple[Floats, Floats]
    ) -> tuple[Party, Party]:
        """Both sides at a table where neither knows the other's reservation."""
        one, other = (
            Party(
                side, side.estimate, own, self.offered[side.side], salience,
                self.model.sample[f"talks.protocol.patience.{side.side}"],
            )
            for side, own, salience in zip(self.sides, least, weights, strict=True)
            if side.estimate is not None
        )  # fmt: skip
        return one, other

    def _answers(
        self,
        least: tuple[Floats, Floats],
        weights: tuple[Floats, Floats],
        on_offer: Bools,
        open_to_answer: Bools,
    ) -> Answers:
        """Who would stop on the line; where answers are read, both sides know it, and learn.

        Where a ceasefire is in force or all is settled nothing is given away by an answer.
        """
        held = tuple(self.model.share_held(side.side) for side in self.sides)
        plain = [
            on_offer & answer_of(side, "accepts_ceasefire", share)
            for side, share in zip(self.sides, held, strict=True)
        ]
        nobody = np.zeros_like(on_offer)
        protocol = self.talks.protocol if self.talks else None
        if not isinstance(protocol, Screening) or protocol.inference is None:
            return Answers((plain[0], plain[1]), (nobody, nobody))
        parties = self._parties(least, weights)
        bounds = tuple(s.stops_up_to(share) for s, share in zip(self.sides, held, strict=True))
        rounds, stops = self.model.sample["talks.protocol.rounds"], []
        for place, side in enumerate(self.sides):
            asked = asked_of_a_line(
                parties[place], parties[1 - place], rounds, (bounds[place], bounds[1 - place])
            )
            worth = held[place] - np.where(open_to_answer, asked, 0.0)
            stops.append(on_offer & answer_of(side, "accepts_ceasefire", worth))
        for place, reader in enumerate(parties[::-1]):
            reader.estimate.hear_answer(bounds[place], stops[place], open_to_answer)
        one, other = (a & ~b for a, b in zip(plain, stops, strict=True))
        return Answers((stops[0], stops[1]), (one, other))

    def _shortfalls(
        self, least: tuple[Floats, Floats], weights: tuple[Floats, Floats], room: Floats
    ) -> tuple[Floats, Floats]:
        """How far from a deal each side thinks they are: what is so, or what it believes."""
        if not (self.talks and isinstance(self.talks.protocol, Screening)):
            return np.maximum(0.0, -room), np.maximum(0.0, -room)
        thought = []
        for place, (side, other) in enumerate((self.sides, self.sides[::-1])):
            own, others = weights[place], weights[1 - place]
            most = bargaining.most_left(least[place], others, own)
            expected = np.zeros_like(room) if side.estimate is None else side.estimate.mean
            thought.append(np.maximum(0.0, expected - self.offered[other.side] - most))
        return thought[0], thought[1]

    def _length(
        self, met: Bools, agreed: Bools, shortfalls: tuple[Floats, Floats], time: Floats
    ) -> tuple[Floats, tuple[Bools, Bools]]:
        """Minutes a meeting lasts, and who walks out of it."""
        rows = len(self.model.runs)
        if self.talks is None or self.talks.length is None:
            nobody = np.zeros(rows, np.bool_)
            return np.full(rows, np.nan), (nobody, nobody)
        sample, path = self.model.sample, "talks.length"
        one, other = (
            bargaining.stays(shortfall, sample[f"{path}.hopeless.{side.side}"])
            for side, shortfall in zip(self.sides, shortfalls, strict=True)
        )
        end = np.where(agreed, np.minimum(time, 1.0), np.minimum(one, other))
        leaves = met & ~agreed & (end < 1.0)
        return sample[f"{path}.most"] * end, (leaves & (one <= other), leaves & (other < one))

    def _truce(self, where: Bools) -> Bools:
        """Where a local truce is agreed: both gain by it alone."""
        if self.talks is None or self.talks.truce is None:
            return np.zeros(len(self.model.runs), np.bool_)
        gains = (
            self.model.sample[f"talks.truce.gain.{side}"] for side in self.model.scenario.sides
        )
        return where & ~self.model.ceasefire & bargaining.both_gain(*gains)

    def _exchange(self, met: Bools) -> dict[str, Floats]:
        """What is exchanged one for one, by exchange, shape (R,) each."""
        sample, (one, other) = self.model.sample, self.model.scenario.sides
        exchanged = {}
        for name in self.talks.exchanges if self.talks else ():
            path = f"talks.exchanges.{name}"
            number = bargaining.exchanged(
                self.held[name, one],
                self.held[name, other],
                sample[f"{path}.most"],
                sample[f"{path}.gain.{one}"],
                sample[f"{path}.gain.{other}"],
            )
            exchanged[name] = np.where(met, number, 0.0)
            given = {(name, side): exchanged[name] for side in (one, other)}
            self.held = {key: held - given.get(key, 0.0) for key, held in self.held.items()}
        return exchanged
