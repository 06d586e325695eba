"""Population Monte Carlo over wars: each round draws figures near those that fitted before.

A particle is one war with its figures. Its weight is its agreement with the reports, divided by how
much more often its figures were drawn than under their own laws. Since all rounds are weighted
together, as draws from the mixture of all aims, no war is discarded. Sources: beaumont2009,
cappe2004, cornuet2012.
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

_ABLE = 40  # wars per figure that must have the reported outcomes before an aim is fitted


class Particles(NamedTuple):
    """Wars of all rounds: aims, `places` of the figures (figures, runs), and `weight` (runs,).

    The weights add up to 1.
    """

    aims: tuple[Aim, ...]
    places: Floats
    weight: Floats

    @property
    def effective(self) -> float:
        """The effective sample size: how many unweighted draws from the posterior they equal."""
        return effective_runs(self.weight)


def flown_in_rounds(
    paths: Sequence[str],
    rounds: int,
    of_round: int,
    seed: int,
    agreement: Callable[[Aim, Ints], Floats],
) -> Particles:
    """Simulate wars in rounds, each aimed at the weighted wars of the rounds before.

    `agreement` simulates runs under an aim and returns the log of how well each agrees. Raises
    ExperimentError if hardly any war has the reported outcomes, so that no aim can be fitted.
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
