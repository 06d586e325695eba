"""Population Monte Carlo over wars: rounds of figures, each aimed at where the last ones weighed.

A particle is one war with figures of its own. It weighs as much as it agrees with what was seen,
over how much more often its figures were drawn than by their own laws. Since all rounds are weighed
together, each as a draw from the mixture of all aims, none is thrown away.
Sources: beaumont2009, cappe2004, cornuet2012.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.evidence.calibration.aim import Aim, at_prior, log_rarity
from sim.evidence.polls.forecast import effective_runs, weights
from sim.experiment.errors import ExperimentError
from sim.scenario.calls.spelling import argument

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ABLE = 40  # wars a figure that have the outcomes at all: an aim takes no fewer


class Particles(NamedTuple):
    """Wars of all rounds: the aims, where the figures aimed at lie, shape (figures, runs), and how
    much each war weighs, shape (runs,), adding up to 1."""

    aims: tuple[Aim, ...]
    places: Floats
    weight: Floats

    @property
    def effective(self) -> float:
        """How many wars by the posterior itself they are worth."""
        return effective_runs(self.weight)


def flown_in_rounds(
    paths: Sequence[str],
    rounds: int,
    of_round: int,
    seed: int,
    agreement: Callable[[Aim, Ints], Floats],
) -> Particles:
    """Wars in rounds, each aimed at where the ones before weighed.

    `agreement` flies runs under an aim and gives how well each agrees, as a log. Raises
    ExperimentError where no aim can be taken since hardly any war agrees at all.
    """
    aims = [at_prior(paths)]
    places, logs = np.empty((len(paths), 0)), np.empty(0)
    while True:
        runs = np.arange(of_round) + of_round * aims[-1].round_
        places = np.concatenate([places, aims[-1].places(seed, runs)], axis=1)
        logs = np.concatenate([logs, agreement(aims[-1], runs)])
        log_weights = log_rarity(aims, places) + logs
        able, wanted = int(np.isfinite(log_weights).sum()), _ABLE * len(paths)
        if able <= wanted:
            raise ExperimentError(
                f"of {len(logs):,} wars {able:,} have the outcomes reported, expected more than "
                f"{wanted:,} for {len(paths)} figures: more {argument('runs')}, or fewer "
                f"{argument('vary')}"
            )
        if len(aims) == rounds:
            return Particles(tuple(aims), places, weights(log_weights))
        aims.append(aims[-1].nearer(places, log_weights))
