"""The options that a chooser has: what each sets, and what it costs."""

import itertools
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiment.errors import ExperimentError
from sim.scenario.experiment import Level, Options, Price, Shares
from sim.scenario.figure import Figure
from sim.scenario.sample import drawn
from sim.scenario.schema import figures

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_OPTIONS = 2_000
_MOST_BOUGHT = 1e7  # of anything: the limit of a count in a scenario


class Option(NamedTuple):
    """One option of a chooser.

    `levels` gives its level of each lever, `parts` how many parts of the budget each class gets,
    `budget_usd` the most that is spent, NaN if there is no budget, and `place` that budget's index
    in the file: the smallest that pays for it.
    """

    levels: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, int], ...]
    budget_usd: float
    place: int


class Bought(NamedTuple):
    """What an option amounts to in some wars: figures it sets by path and its price, (runs,)."""

    figures: dict[str, Floats]
    price_usd: Floats


class Catalogue:
    """All options of a chooser, in an order that does not depend on that of the file.

    `where` is the path of the block in the file, which addresses the draws of prices. Raises
    ExperimentError if there are none or too many.
    """

    def __init__(self, options: Options, where: str) -> None:
        self.block, self.where = options, where
        self.budgets_usd = options.budget or (math.nan,)
        self._figures = {f"{where}.{path}": figure for path, figure in figures(options)}
        self._titles = _titles(options)
        self._check_number()
        self.options = tuple(sorted(self._all(), key=lambda one: (one.place, one[:2])))
        if not self.options:
            raise ExperimentError(
                f"{where}: no option can be paid for with {self.budgets_usd[-1]:,.0f} USD, "
                "expected one"
            )
        self._check_names()

    @property
    def figures(self) -> dict[str, Figure]:
        """Prices and counts with a range, by path."""
        return {path: figure for path, figure in self._figures.items() if figure.is_drawn}

    def prices(self) -> dict[str, dict[str, Any]]:
        """Every price and count by path, with its range and where it comes from."""
        return {
            path.removeprefix(f"{self.where}."): {
                "value": figure.value,
                "low": figure.low,
                "high": figure.high,
                "unit": figure.unit,
                "provenance": figure.provenance,
            }
            for path, figure in self._figures.items()
        }

    def of_budget(self, place: int) -> Ints:
        """The indices of the options that a budget pays for."""
        return np.flatnonzero([option.place <= place for option in self.options])

    def name(self, number: int) -> str:
        """The name of an option: its levels, the classes that get a share, and of which budget."""
        option, several = self.options[number], len(self.block.levers) > 1
        words = [
            f"{lever}: {self._title(level)}" if several else self._title(level)
            for lever, level in option.levels
        ]
        if option.parts:
            words.append(self._shares_of(option))
        return "; ".join(words)

    def _shares_of(self, option: Option) -> str:
        whole = sum(parts for _, parts in option.parts)
        shared = [f"{_share(n, whole)}{self._title(name)}" for name, n in option.parts if n]
        budget = f" of ${option.budget_usd / 1e6:,.6g} M" if len(self.budgets_usd) > 1 else ""
        return " + ".join(shared) + budget

    def _title(self, name: str) -> str:
        return self._titles.get(name, name)

    def levels_of(self, option: Option) -> dict[str, str | int]:
        """An option's levels by lever, and its parts of the budget by class."""
        return dict(option.levels) | {f"parts of {name}": n for name, n in option.parts}

    def settings(self, option: Option) -> dict[str, Any]:
        """What an option's levels set, by path."""
        return {path: value for level in self.levels(option) for path, value in level.set.items()}

    def levels(self, option: Option) -> list[Level]:
        """An option's level of each lever."""
        return [self.block.levers[lever][name] for lever, name in option.levels]

    def wars(self, option: Option) -> int:
        """The number of identical wars over which an option's money is spread."""
        return math.prod(level.wars for level in self.levels(option))

    def bought(self, option: Option, seed: int, runs: Ints) -> Bought:
        """What an option buys in some wars at the prices drawn for them, and what it costs."""
        price = np.zeros(len(runs))
        for lever, name in option.levels:
            price += self._price_of_level(lever, name, seed, runs)
        shares, found = self.block.shares, dict[str, Floats]()
        if shares is None:
            return Bought(found, price)
        left = np.maximum(option.budget_usd - price, 0.0)
        wars = self.wars(option)
        for name, parts in option.parts:
            unit = shares.classes[name]
            money = left * (parts / shares.parts)
            if unit.price is None:
                found[unit.set] = money / wars
                price = price + money
                continue
            each = self._price(unit.price, f"{self.where}.shares.classes.{name}.price", seed, runs)
            number = np.minimum(np.floor(money / wars / each), _MOST_BOUGHT)
            found[unit.set] = number
            price = price + number * each * wars
        return Bought(found, price)

    def _price_of_level(self, lever: str, name: str, seed: int, runs: Ints) -> Floats:
        level = self.block.levers[lever][name]
        if level.price is None:
            return np.zeros(len(runs))
        where = f"{self.where}.levers.{lever}.{name}"
        count = 1.0 if level.count is None else drawn(f"{where}.count", level.count, seed, runs)
        return count * self._price(level.price, f"{where}.price", seed, runs)

    def _price(self, price: Price, where: str, seed: int, runs: Ints) -> Floats:
        """The price of one unit over the years, in some runs."""
        total = np.zeros(len(runs))
        for word, figure in price:
            if figure is not None:
                times = 1.0 if word == "buying" else self.block.years
                total += times * drawn(f"{where}.{word}", figure, seed, runs)
        return total

    def _best_estimate_usd(self, level: Level) -> float:
        """The price of a level with every figure at its best estimate."""
        if level.price is None:
            return 0.0
        each = sum(
            figure.value * (1.0 if word == "buying" else self.block.years)
            for word, figure in level.price
            if figure is not None
        )
        return each * (1.0 if level.count is None else level.count.value)

    def _all(self) -> Iterator[Option]:
        levers = self.block.levers
        for picked in itertools.product(*(levers[lever] for lever in sorted(levers))):
            levels = tuple(zip(sorted(levers), picked, strict=True))
            cost = sum(self._best_estimate_usd(levers[lever][name]) for lever, name in levels)
            pays = [not cost > budget for budget in self.budgets_usd]
            if not any(pays):
                continue
            if self.block.shares is None:
                first = pays.index(True)
                yield Option(levels, (), self.budgets_usd[first], first)
                continue
            for place in np.flatnonzero(pays):
                for parts in _divisions(self.block.shares):
                    yield Option(levels, parts, self.budgets_usd[place], int(place))

    def _check_number(self) -> None:
        number = math.prod(len(levels) for levels in self.block.levers.values())
        if shares := self.block.shares:
            classes = len(shares.classes)
            number *= len(self.budgets_usd) * math.comb(shares.parts + classes - 1, classes - 1)
        if number > MOST_OPTIONS:
            raise ExperimentError(
                f"{self.where}: {number:,} options, expected at most {MOST_OPTIONS:,}: fewer "
                "levels, classes or parts"
            )

    def _check_names(self) -> None:
        names = Counter(map(self.name, range(len(self.options))))
        name, times = names.most_common(1)[0]
        if times > 1:
            raise ExperimentError(
                f"{self.where}: {times} options are called {name!r}, expected titles that differ"
            )


def _divisions(shares: Shares) -> Iterator[tuple[tuple[str, int], ...]]:
    """Every way to divide all parts among the classes, by name."""
    names = sorted(shares.classes)
    bars = itertools.combinations(range(shares.parts + len(names) - 1), len(names) - 1)
    for bar in bars:
        ends = (-1, *bar, shares.parts + len(names) - 1)
        yield tuple(
            (name, high - low - 1)
            for name, (low, high) in zip(names, itertools.pairwise(ends), strict=True)
        )


def _share(parts: int, whole: int) -> str:
    """A share in percent, to precede the name of what gets it; empty if that gets all."""
    return "" if parts == whole else f"{100.0 * parts / whole:.0f} % "


def _titles(options: Options) -> dict[str, str]:
    """The titles that the file gives to levels and classes, by their names."""
    levels = [pair for each in options.levers.values() for pair in each.items()]
    classes = options.shares.classes.items() if options.shares else ()
    named = [(name, block.title) for name, block in (*levels, *classes)]
    return {name: title for name, title in named if title is not None}
