"""What a share of the stakes means on the issues: the package worth it that costs the other least.

The model's demands and reservations are shares of the stakes. With several issues each share
corresponds to many packages; the page shows the one on the Pareto frontier, which is an
interpretation and no part of the model.
"""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np

from sim.experiment.replay import Replay
from sim.render.document import Section
from sim.report.plots.places import Floats
from sim.report.replay.positions import share
from sim.rules import bargaining
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario, snake


class Table:
    """The issues of a run: their weights, and both ideals on their scales."""

    def __init__(self, scenario: Scenario, seed: int, run: int) -> None:
        assert scenario.talks is not None  # a meeting was held
        sample = Sample(scenario, seed, np.array([run]))
        self.issues = scenario.talks.issues

        def of(side: str, what: str) -> Floats:
            return np.array([sample[f"talks.issues.{i}.{what}.{side}"][0] for i in self.issues])

        sides = scenario.underdog, scenario.favourite
        self.best, self.worst = (of(side, "ideal") for side in sides)
        underdog, favourite = (of(side, "salience") for side in sides)
        self.weights = underdog / underdog.sum(), favourite / favourite.sum()

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


def package_sections(replay: Replay, meeting: Mapping[Hashable, Any]) -> Iterator[Section]:
    """Demands, reservations and agreement on each issue, from the underdog's ideal to the other."""
    scenario = replay.record.scenario
    table = Table(scenario, replay.record.seed, replay.run)
    underdog, favourite = scenario.titles
    columns = [
        (f"{underdog}: ideal", table.best),
        ("demand", table.of_underdog(meeting["demand_u"])),
        ("least", table.of_underdog(meeting["r_u"])),
        (f"{favourite}: least", table.of_favourite(meeting["r_d"])),
        ("demand", table.of_favourite(meeting["demand_d"])),
        ("ideal", table.worst),
    ]
    if meeting["agreed"]:
        agreed = np.array([meeting[f"position_{snake(issue)}"] for issue in table.issues])
        columns.insert(3, ("agreed", agreed))
    lines = [
        "On each issue's own scale. Demand and least are shares of all that is at stake; shown is "
        "the package worth that share which costs the other side least, one of many."
    ]
    yield Section("What that means on each issue", lines)
    rows = [
        (issue.title, *(share(places[k]) for _, places in columns))
        for k, issue in enumerate(table.issues.values())
    ]
    heads = ("issue", *(head for head, _ in columns))
    yield Section("Positions on the issues", [], heads, rows)
