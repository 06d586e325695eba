"""Who hears of a war and makes of the news what it believes: leaders, publics, patrons."""

from typing import NamedTuple

import numpy as np

from sim.raid.arrays import Bools, Floats
from sim.rules import beliefs, reports
from sim.war.agents.agent import World

OWN, ENEMY = "own", "enemy"


class Foresight:
    """The loss that is expected from the next raid on a side, updated with each raid."""

    def __init__(self, mean_loss: Floats, raids: Floats) -> None:
        self.a, self.b = beliefs.foresight_prior(mean_loss, raids)

    def surprise(self, loss: Floats) -> Floats:
        """How surprising a loss is, in decimal digits of improbability."""
        return beliefs.surprise(self.a, self.b, loss)

    def success(self, loss: Floats) -> Floats:
        """How well the attacker did: the probability that a raid does no better."""
        return beliefs.p_no_larger(self.a, self.b, loss)

    @property
    def mean(self) -> Floats:
        """The expected loss of the next raid."""
        return beliefs.foreseen(self.a, self.b)

    def learn(self, loss: Floats, where: Bools) -> None:
        """Update the foresight with a raid."""
        a, b = beliefs.foresight_after(self.a, self.b, loss)
        self.a, self.b = np.where(where, a, self.a), np.where(where, b, self.b)


class Reported(NamedTuple):
    """A loss of one side, over runs: the true loss, and what each side reports."""

    truth: Floats
    admitted: Floats
    claimed: Floats


class Believer:
    """What one holder believes of the losses on the side it looks at and of that side's enemy.

    That `side`'s report counts as its own. `weights` and `mind` are the paths of what its belief is
    mixed of and of what it foresees.
    State, over runs: `foresight` of losses of both, and the outcomes of the day's battles for the
    side, `good` and `bad`.
    """

    def __init__(self, model: World, side: str, weights: str, mind: str) -> None:
        self.side, sample = side, model.sample
        self._believed: dict[str, tuple[Reported, Floats]] = {}
        self.weights = tuple(
            sample[f"{weights}.{part}"] for part in ("truth", "own_report", "enemy_report")
        )
        self.foresight = {
            whose: Foresight(sample[f"{mind}.{loss}"], sample[f"{mind}.foresight"])
            for whose, loss in ((OWN, "expected_loss"), (ENEMY, "expected_gain"))
        }
        self._nothing = np.zeros(len(model.runs))
        self.hear_nothing()

    def hear_nothing(self) -> None:
        """Begin a day."""
        self.good, self.bad = self._nothing, self._nothing

    @property
    def has_heard(self) -> bool:
        """Whether a battle was heard of today."""
        return self.good is not self._nothing

    def believes(self, struck: str, reported: Reported) -> Floats:
        """A side's loss as this leader, public or patron believes it, at most everything.

        What was asked of the same report before is not worked out again.
        """
        known, loss = self._believed.get(struck, (None, reported.truth))
        if known is not reported:
            truth, own, enemy = reported
            if struck != self.side:
                own, enemy = enemy, own
            loss = np.minimum(1.0, reports.believed(truth, own, enemy, self.weights))
            self._believed[struck] = reported, loss
        return loss

    def judge(self, whose: str, loss: Floats, where: Bools) -> Floats:
        """Learn from a loss as it is believed; returns the surprise."""
        foresight = self.foresight[whose]
        surprise = np.where(where, foresight.surprise(loss), 0.0)
        success = foresight.success(loss)
        self._outcome(success if whose == ENEMY else 1.0 - success, where)
        foresight.learn(loss, where)
        return surprise

    def hear_of_front(self, advanced: Bools, retreated: Bools) -> None:
        """A move of the front is a battle won or lost."""
        self._outcome(np.where(advanced, 1.0, 0.0), advanced | retreated)

    def _outcome(self, success: Floats, where: Bools) -> None:
        self.good = self.good + np.where(where, success, 0.0)
        self.bad = self.bad + np.where(where, 1.0 - success, 0.0)
