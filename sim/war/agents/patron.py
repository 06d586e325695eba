"""The patron: an outsider that backs a side, judges its chances, and may press for a settlement."""

from collections.abc import Mapping

import numpy as np

from sim import draws
from sim.raid.arrays import Bools, Floats
from sim.rules import beliefs, patronage
from sim.rules.patronage import Backing
from sim.scenario.schema import Division, Stop
from sim.war.agents.agent import Agent, World
from sim.war.agents.believer import ENEMY, OWN, Believer, Reported
from sim.war.agents.kept import Kept


class Patron(Agent):
    """Learns how its client fares, gives aid accordingly, and threatens, proposes and guarantees.

    It stands aside where it does not act (`acts`).

    State, over runs: `p_win` (what it believes its client gets by fighting on), `withdrawn`,
    `sanctioned`, `refusals` in a row by side, and what each side answered to its last proposal,
    `accepted`.
    """

    __slots__ = (
        "_acts_everywhere",
        "_enemy_loss",
        "_evidence",
        "_given",
        "_guarantee",
        "_judged",
        "_made_on",
        "_pressure",
        "_punishes",
        "_reckoned_with",
        "_risk",
        "accepted",
        "acts",
        "believer",
        "client",
        "enemy",
        "name",
        "p_win",
        "patron",
        "refusals",
        "sanctioned",
        "withdrawn",
    )

    def __init__(self, model: World, name: str) -> None:
        super().__init__(model)
        self.name = name
        self.patron = model.scenario.patrons[name]
        self.client = self.patron.backs
        self.enemy = model.scenario.enemy_of(self.client)
        path, rows = f"patrons.{name}", len(model.runs)
        self.believer = Believer(model, self.client, f"{path}.hears", path)
        nothing, never = np.zeros(rows), np.zeros(rows, np.bool_)
        self.acts: Bools = model.strengths.get(path, np.ones(rows)) > 0.0
        self._acts_everywhere = bool(self.acts.all())
        self._judged = Kept[Floats]()
        self._given, self._reckoned_with = Kept[Floats](), Kept[Floats]()
        self._pressure, self._punishes = Kept[Floats](), Kept[Floats]()
        self._guarantee = Kept[Floats]()
        self._made_on = {
            what: model.scenario.day_of(made)
            for what in ("threat", "sanctions", "proposal")
            if (made := getattr(getattr(self.patron, what), "made", None)) is not None
        }
        self._evidence = nothing, nothing
        self._enemy_loss, self._risk = nothing, nothing
        self.p_win: Floats = self._figure("p_win")
        self.withdrawn: Bools = never
        self.sanctioned: Bools = never
        self.refusals = {self.client: nothing, self.enemy: nothing}
        self.accepted = {self.client: never, self.enemy: never}

    def _figure(self, name: str, default: float = 0.0) -> Floats:
        return self.model.sample.get(f"patrons.{self.name}.{name}", default)

    # what it hears and believes

    def hear_of_loss(
        self, struck: str, reported: Reported, where: Bools, foreseen: bool = False
    ) -> None:
        """Hear of a side's loss; the client's report counts as the patron's own."""
        if struck == self.enemy:
            loss = self.believer.believes(struck, reported)
            self._enemy_loss = self._enemy_loss + np.where(where, loss, 0.0)
        if not foreseen:
            self.judge_loss(struck, reported, where)

    def judge_loss(self, struck: str, reported: Reported, where: Bools) -> None:
        """Learn from a side's loss that has been heard of."""
        whose = OWN if struck == self.client else ENEMY
        self.believer.judge(whose, self.believer.believes(struck, reported), where)

    def hear_of_front(self, advanced: Bools, retreated: Bools) -> None:
        """Hear of a move of the front by its client."""
        self.believer.hear_of_front(advanced, retreated)

    def judge(self) -> None:
        """Update the belief about the client and the risk of being drawn in, for one day."""
        if self.believer.has_heard:
            weight, (good, bad) = self._figure("weight"), self._evidence
            self._evidence = good + weight * self.believer.good, bad + weight * self.believer.bad
        prior, confidence = self._figure("p_win"), self._figure("confidence")
        self.p_win = self._judged.of(beliefs.p_win, prior, confidence, *self._evidence)
        if self.patron.entrapment is not None:
            fading = np.exp(-1.0 / self._figure("entrapment.lasts"))
            stirred = self._figure("entrapment.per_loss") * self._enemy_loss
            self._risk = self._risk * fading + stirred
        self.believer.hear_nothing()
        self._enemy_loss = np.zeros(len(self.model.runs))

    # what it stands for

    @property
    def given(self) -> Floats:
        """Its aid relative to the start, from the history or its belief; 0 once withdrawn."""
        read = self.model.aid_read(self.client, by=self.name)
        return self._given.of(self._gives, read, self.p_win, self.withdrawn)

    def _gives(self, read: Floats | None, p_win: Floats, withdrawn: Bools) -> Floats:
        given = read
        if given is None:
            response = self._figure("aid.response")
            given = patronage.aid_given(p_win, self._figure("p_win"), response)
        return np.where(withdrawn, 0.0, given)

    @property
    def saved(self) -> Floats:
        """What leaving the war saves it, including the risk of being drawn in."""
        return self._figure("price") + self._risk

    @property
    def p_withdraws(self) -> Floats:
        """The pressure: the probability that it withdraws its aid at the client's next refusal."""
        is_made = self.patron.threat is not None and self._is_made("threat")
        state = self.p_win, self._risk, self.withdrawn, self.refusals[self.client]
        return self._pressure.of(self._presses, is_made, *state)

    def _presses(self, is_made: bool, p_win: Floats, *_: Floats) -> Floats:
        if not is_made:
            return np.zeros(len(self.model.runs))
        stake, rests_on_aid = self._figure("stake"), self._figure("aid.prospects")
        may = patronage.leaves(stake, rests_on_aid, p_win, self.saved) & ~self.withdrawn
        return np.where(may & self._is_last(self.client), self._figure("threat.credibility"), 0.0)

    @property
    def p_sanctions(self) -> Floats:
        """The probability that it sanctions the enemy at the next refusal; 1 if it has done so."""
        is_made = self.patron.sanctions is not None and self._is_made("sanctions")
        state = self.sanctioned, self.refusals[self.enemy]
        return self._punishes.of(self._sanctions, is_made, *state)

    def _sanctions(self, is_made: bool, sanctioned: Bools, _: Floats) -> Floats:
        if not is_made:
            return sanctioned.astype(np.float64)
        credibility = self._figure("sanctions.credibility")
        threatened = np.where(self._is_last(self.enemy), credibility, 0.0)
        return np.where(sanctioned, 1.0, threatened)

    def _is_made(self, what: str) -> bool:
        """Whether the day has come on which it says so in public."""
        return max(self.model.day, 0) >= self._made_on.get(what, 0)

    def _is_last(self, side: str) -> Bools:
        """Where the next refusal is the last that it bears."""
        return self.refusals[side] + 1.0 >= self._figure("patience", 1.0)

    def backing(self, side: str, p_win: Floats) -> Backing:
        """Its effect on a side, given the share that the side expects without patrons."""
        backing = prospects, cost = self._backing(side, p_win)
        if self._acts_everywhere:
            return backing
        return Backing(np.where(self.acts, prospects, 0.0), np.where(self.acts, cost, 0.0))

    def _backing(self, side: str, p_win: Floats) -> Backing:
        prior = self.model.sample[f"minds.{side}.p_win"]
        given, pressure = self.given, self.p_withdraws
        expected = self._reckoned_with.of(patronage.aid_expected, given, pressure)
        rests_on_aid = self._figure("aid.prospects")
        if side == self.enemy:
            cost = self.p_sanctions * self._figure("sanctions.cost")
            foreseen = self._figure("aid.foreseen")
            return patronage.opposed(prior, rests_on_aid, foreseen, expected, cost)
        aid = patronage.backed(prior, rests_on_aid, self._figure("aid.relief"), expected)
        if self.patron.counsel is None:
            return aid
        weight = patronage.counsel_weight(
            self._figure("confidence"),
            self._figure("counsel.own_source"),
            self.model.sample[f"minds.{side}.confidence"],
        )
        counsel = patronage.restrained(p_win, self.p_win, weight, self._figure("stake"), self.saved)
        return aid._replace(prospects=aid.prospects + counsel)

    @property
    def guarantee(self) -> Floats:
        """The probability that it guarantees what its client is promised; 0 once it has left."""
        return self._guarantee.of(self._guarantees, self.withdrawn)

    def _guarantees(self, withdrawn: Bools) -> Floats:
        return np.where(withdrawn | ~self.acts, 0.0, self._figure("guarantee"))

    # at the table

    def proposes_today(self, kind: type[Division | Stop]) -> bool:
        """Whether it has a proposal of this kind, and has made it."""
        proposal = self.patron.proposal
        return isinstance(proposal, kind) and self._is_made("proposal")

    def proposes(self) -> Floats:
        """The utility to its client of the package that it proposes: a `division`, if it has one.

        The package on the frontier that gives the client the share that the patron expects, plus
        its lean.
        """
        return np.clip(self.p_win + self._figure("proposal.lean"), 0.0, 1.0)

    def _happens(self, purpose: int, chance: Floats) -> Bools:
        """What luck makes of a chance; nothing is drawn where there is none."""
        if not chance.any():
            return np.zeros(len(chance), np.bool_)
        return self.model.draw(f"patrons.{self.name}", purpose) < chance

    def hear_answers(self, met: Bools, accepted: Mapping[str, Bools]) -> None:
        """Act on what both sides answered to its proposal, where they met and settled nothing."""
        met, client, enemy = met & self.acts, accepted[self.client], accepted[self.enemy]
        leaves = ~client & self._happens(draws.WITHDRAWAL, self.p_withdraws)
        punishes = client & ~enemy & self._happens(draws.SANCTIONS, self.p_sanctions)
        self.withdrawn = np.where(met, (self.withdrawn & ~client) | leaves, self.withdrawn)
        self.sanctioned = np.where(met, (self.sanctioned & ~enemy) | punishes, self.sanctioned)
        self.refusals = {
            side: np.where(met, np.where(accepted[side], 0.0, count + 1.0), count)
            for side, count in self.refusals.items()
        }
        self.accepted = {side: met & answer for side, answer in accepted.items()}
