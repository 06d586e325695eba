"""One number a run for every figure: where what is not known enters an ensemble of runs."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim.rules import laws
from sim.scenario.figure import Figure
from sim.scenario.schema import Scenario, figures

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Sample:
    """The figures of a scenario as arrays over runs, by dotted path.

    A figure with a range is drawn once a run from its law, at an address made of its path; one
    without is the same in all runs. Those in `given` are what is given there, row by row. Figures
    that nobody reads are not drawn.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        runs: Ints,
        given: Mapping[str, Floats] | None = None,
    ) -> None:
        self.runs = runs
        self._seed = seed
        self._numbers, self._row_of = without_twins(runs)
        self._figures = dict(figures(scenario))
        self._columns = dict(given or {})
        self._defaults: dict[float, Floats] = {}
        self.drawn = tuple(
            path
            for path, figure in self._figures.items()
            if figure.is_drawn and path not in self._columns
        )

    def __getitem__(self, path: str) -> Floats:
        """The figure's value in each run, shape (runs,). Raises KeyError where there is none."""
        column = self._columns.get(path)
        if column is None:
            figure = self._figures[path]
            column = drawn(path, figure, self._seed, self._numbers)[self._row_of]
            self._columns[path] = column
        return column

    def get(self, path: str, default: float) -> Floats:
        """The figure's value in each run, or `default` where the scenario leaves it out."""
        if path in self._figures:
            return self[path]
        column = self._defaults.get(default)
        if column is None:
            column = self._defaults[default] = np.full(len(self.runs), float(default))
        return column

    def count(self, path: str, default: int = 0) -> Ints:
        """A counting figure as whole numbers, shape (runs,)."""
        return self.get(path, default).astype(np.int64)

    def of_side(self, path: str, side: str) -> Floats:
        """A figure that is one for both sides or has one a side."""
        return self[path if path in self._figures else f"{path}.{side}"]


def without_twins(runs: Ints) -> tuple[Ints, Ints | slice]:
    """Each run's number once, and where that of each row is; as they are if none repeats."""
    numbers, row_of = np.unique(runs, return_inverse=True)
    return (numbers, row_of) if len(numbers) < len(runs) else (runs, slice(None))


def drawn(path: str, figure: Figure, seed: int, runs: Ints) -> Floats:
    """A figure in each of some runs, shape (runs,), drawn at an address made of its path."""
    if figure.low is None or figure.high is None or not figure.is_drawn:
        return np.full(len(runs), figure.value)
    law = laws.BY_NAME[figure.law or "triangular"]
    drawn = law(quantile(path, seed, runs), figure.low, figure.value, figure.high)
    return np.rint(drawn) if figure.is_count else drawn


def quantile(path: str, seed: int, runs: Ints) -> Floats:
    """At which place of its range, 0 to 1, a figure is drawn in each of some runs, shape (runs,).

    Whatever its range and law are, so that two figures at one path are high in the same runs.
    """
    return draws.uniforms(seed, runs, 0, draws.actor_id(path), draws.FIGURE, 1)[:, 0]
