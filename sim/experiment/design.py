"""Designs of experiments: the points of a sweep, each with a level of every factor."""

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from sim.experiment.factorial import fractions
from sim.rules import laws

Floats = NDArray[np.float64]
Point = dict[str, Any]
"""A level of each factor by the factor's name."""

BY_LAW = ("saltelli", "morris")
"""Designs of sensitivity analysis: a figure's own range is sampled by its law."""
SAMPLED = ("random", "latin_hypercube", "sobol")
WITH_POINTS = (*SAMPLED, *BY_LAW)
"""Designs that take a number of points."""
OF_TWO = ("sobol", "saltelli")
"""Designs that expect a power of two as their number of points."""
MORRIS_LEVELS = 4
DEFAULT_LEVELS = 5
MOST_POINTS = 1_000_000
OF_ENDS = ("factorial", "fractional_factorial")
"""Designs that take two levels of each factor."""
AS_IT_STANDS = "as it stands"
"""The level of a factor that a point leaves as in the scenario, drawn if it is drawn there."""


class Factor(NamedTuple):
    """Something that is varied, over named `levels` or from `low` to `high`.

    `base` is the best estimate of a figure, and `stands` the level that leaves the scenario as it
    stands; `is_count` says that only whole numbers make sense, `steps` how many levels a range has
    if it is not sampled, `law` how it is sampled.
    """

    name: str
    levels: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    steps: int = DEFAULT_LEVELS
    base: Any = None
    is_count: bool = False
    law: str = "uniform"
    stands: Any = AS_IT_STANDS

    @property
    def is_number(self) -> bool:
        """Whether its levels are numbers, and so have distances."""
        return all(isinstance(level, float) for level in self.levels)

    @property
    def listed(self) -> tuple[Any, ...]:
        """The levels one by one, both ends of a range included."""
        if self.levels:
            return self.levels
        steps = np.linspace(self.low, self.high, self.steps)
        return tuple(dict.fromkeys(self._rounded(step) for step in steps))

    @property
    def ends(self) -> tuple[Any, ...]:
        """The first and the last level."""
        return (self.levels[0], self.levels[-1]) if self.levels else (self.low, self.high)

    def at(self, u: Floats) -> list[Any]:
        """The levels at `u` from 0 to 1: named levels with equal shares, a range by its law."""
        if self.levels:
            last = len(self.levels) - 1
            return [self.levels[min(int(place * len(self.levels)), last)] for place in u]
        values = laws.BY_NAME[self.law](u, self.low, self.base, self.high)
        return [self._rounded(value) for value in values.tolist()]

    def _rounded(self, value: float) -> float:
        return float(np.rint(value)) if self.is_count else float(value)


def points_of(
    design: str,
    levers: Sequence[Factor],
    uncertainties: Sequence[Factor],
    points: int,
    seed: int,
) -> list[Point]:
    """The points of a sweep: a level of every factor each.

    Designs that sample, which take `points` and `seed`, cross all levels of the levers with a
    sample of the uncertainties; others lay out both alike. Sources: mckay1979 (Latin hypercube),
    sobol1967, saltelli2010, morris1991, box_hunter1961 (fractions).
    """
    if design in WITH_POINTS:
        chosen = list(_crossed(levers))
        return [a | b for a in chosen for b in _sampled(design, uncertainties, points, seed)]
    factors = [*levers, *uncertainties]
    if design == "one_at_a_time":
        return list(_one_at_a_time(factors))
    if design == "fractional_factorial":
        return [
            {f.name: f.ends[int(end)] for f, end in zip(factors, row, strict=True)}
            for row in fractions(len(factors))[0]
        ]
    if design == "factorial":
        return [
            dict(zip((f.name for f in factors), levels, strict=True))
            for levels in itertools.product(*(f.ends for f in factors))
        ]
    return list(_crossed(factors))


def is_compared(design: str, factor: str, levers: Sequence[Factor]) -> bool:
    """Whether a design combines each level of a factor with the same levels of all others."""
    if design in WITH_POINTS:
        return factor in {lever.name for lever in levers}
    return design in ("grid", "factorial")


def how_many(
    design: str, levers: Sequence[Factor], uncertainties: Sequence[Factor], points: int
) -> int:
    """The number of points of a design, without creating them."""
    listed = [len(factor.listed) for factor in (*levers, *uncertainties)]
    if design in WITH_POINTS:
        places = {"saltelli": len(uncertainties) + 2, "morris": len(uncertainties) + 1}
        crossed = int(np.prod([len(factor.listed) for factor in levers], dtype=object))
        return points * places.get(design, 1) * crossed
    if design == "one_at_a_time":
        return 1 + sum(listed)
    if design == "factorial":
        return 1 << len(listed)
    if design == "fractional_factorial":
        return len(fractions(len(listed))[0])
    return int(np.prod(listed, dtype=object))


def _crossed(factors: Sequence[Factor]) -> list[Point]:
    names = [factor.name for factor in factors]
    levels = itertools.product(*(factor.listed for factor in factors))
    return [dict(zip(names, combination, strict=True)) for combination in levels]


def _one_at_a_time(factors: Sequence[Factor]) -> list[Point]:
    base = {factor.name: factor.stands for factor in factors}
    moved = [
        base | {factor.name: level}
        for factor in factors
        for level in factor.listed
        if level != factor.stands
    ]
    return [base, *moved]


def _sampled(design: str, factors: Sequence[Factor], points: int, seed: int) -> list[Point]:
    if not factors:
        return [{}]
    places = unit_cube(design, len(factors), points, seed)
    columns = [factor.at(u) for factor, u in zip(factors, places.T, strict=True)]
    names = [factor.name for factor in factors]
    return [dict(zip(names, levels, strict=True)) for levels in zip(*columns, strict=True)]


def unit_cube(design: str, dimensions: int, points: int, seed: int) -> Floats:
    """Points of the unit cube, shape (points, dimensions).

    `saltelli` has for each point its row of A, this row with one factor at a time from B, and its
    row of B; `morris` a path with one step per factor. Both keep the rows of a point together.
    """
    rng = np.random.Generator(np.random.Philox(seed))  # for the design, not for the model
    if design == "saltelli":
        from SALib.sample import sobol

        return np.asarray(
            sobol.sample(cube(dimensions), points, calc_second_order=False, seed=rng), np.float64
        )
    if design == "morris":
        from SALib.sample import morris

        sampled = morris.sample(cube(dimensions), points, num_levels=MORRIS_LEVELS, seed=rng)
        return np.asarray(sampled, np.float64)
    if design == "sobol":
        return np.asarray(qmc.Sobol(dimensions, rng=rng).random(points), np.float64)
    if design == "latin_hypercube":
        return np.asarray(qmc.LatinHypercube(dimensions, rng=rng).random(points), np.float64)
    return rng.random((points, dimensions))


def cube(dimensions: int) -> dict[str, Any]:
    """The unit cube in the form that SALib expects."""
    names = [f"x{place}" for place in range(dimensions)]
    return {"num_vars": dimensions, "names": names, "bounds": [[0.0, 1.0]] * dimensions}
