"""What a share of the stakes means on the table: the package worth it that costs the other least.

The model's demands and reservations are shares of the stakes. On the issues each stands for many
packages; the page has the one on the Pareto frontier, which is a reading and no part of the model.
"""

from collections.abc import Iterator

import numpy as np

from sim.report.plots.places import Floats
from sim.rules import bargaining
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario


class Table:
    """The issues of a run: what each weighs, and where both ideals are on its scale."""

    def __init__(self, scenario: Scenario, seed: int, run: int) -> None:
        assert scenario.talks is not None  # a meeting was held
        sample = Sample(scenario, seed, np.array([run]))
        self.issues = scenario.talks.issues

        def of(side: str, what: str) -> Floats:
            return np.array([sample[f"talks.issues.{i}.{what}.{side}"][0] for i in self.issues])

        self.best, self.worst = of(scenario.underdog, "ideal"), of(scenario.favourite, "ideal")
        weights = [of(side, "salience") for side in (scenario.underdog, scenario.favourite)]
        self.weights = weights[0] / weights[0].sum(), weights[1] / weights[1].sum()

    def of_underdog(self, share: float) -> Floats:
        """Positions on the issues' scales that are worth a share to the underdog."""
        return self._positions(np.array(share))

    def of_favourite(self, share: float) -> Floats:
        """Positions on the issues' scales that are worth a share to the favourite."""
        left = bargaining.room(np.array(0.0), np.array(min(share, 1.0)), *self.weights)
        return self._positions(left)

    def _positions(self, utility: Floats) -> Floats:
        shares = bargaining.frontier(np.clip(utility, 0.0, 1.0), *self.weights)
        return np.asarray(self.worst + shares * (self.best - self.worst))

    def rows(self, *columns: Floats) -> Iterator[tuple[str, ...]]:
        """One row an issue: its title, the underdog's ideal, positions, the favourite's ideal."""
        for k, issue in enumerate(self.issues.values()):
            cells = [self.best[k], *(column[k] for column in columns), self.worst[k]]
            yield issue.title, *(f"{cell:.2f}".replace("-", "−") for cell in cells)
