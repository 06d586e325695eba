"""The wars of a choice or a game, for pairs of options: simulated, stored and found again.

War k has the same random draws, figures and prices for every pair of options.
"""

import contextlib
import inspect
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.choice import options as catalogues
from sim.experiment.choice import worlds as unknowns
from sim.experiment.choice.options import Bought, Catalogue
from sim.experiment.choice.worlds import Worlds
from sim.experiment.errors import ExperimentError
from sim.experiment.execution.cluster import Cluster
from sim.experiment.execution.runner import Progress, missing_of, write_each
from sim.experiment.execution.workers import Workers
from sim.experiment.questions.sweep import as_overrides, check_apart
from sim.experiment.storage.store import Results
from sim.experiment.storage.version import model_version
from sim.scenario.errors import ScenarioError
from sim.scenario.experiment import Choice, Game
from sim.scenario.figure import Figure, did_you_mean
from sim.scenario.load import load
from sim.scenario.sample import drawn, quantile
from sim.scenario.schema import Scenario, figures
from sim.scenario.stored import content_hash, stored
from sim.war.model import War, outcomes_of
from sim.war.outcomes import Outcomes

if TYPE_CHECKING:
    from sim.war.outcomes import Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Pair = tuple[int, int]
"""Indices of an option of the first chooser and of the second, 0 if there is none."""

PRICE = "price_usd"
"""The price of the first chooser's option, as an outcome."""
_ROWS = 4096  # of an ensemble: enough to amortise a day's overhead, few enough for the caches
_ROUND_CHUNKS = 100_000  # chunk numbers reserved for each round


class Wars:
    """Wars of pairs of options, of one chooser or two.

    `outcomes` are columns of runs.parquet, or `price_usd`; amounts in USD are totals over all wars
    that an option spreads its money over. Raises ScenarioError if an option does not fit the
    scenario, ExperimentError if an outcome does not.
    """

    def __init__(
        self,
        experiment: Choice | Game,
        path: Path,
        choosers: tuple[Catalogue, ...],
        outcomes: tuple[str, ...],
        allow_code: bool,
    ) -> None:
        self.experiment, self.path, self.choosers = experiment, path, choosers
        self.outcomes, self.allow_code = outcomes, allow_code
        self._read: dict[tuple[str, ...], Scenario] = {}
        self.scenario = self._load(experiment.constants)
        choice = experiment if isinstance(experiment, Choice) else None
        self.worlds = Worlds(
            choice.uncertainties if choice else {},
            choice.theories if choice else None,
            self.scenario,
            experiment.seed,
        )
        self._check_paths()
        self._values: dict[Pair, Floats] = {}

    # --- what there is ----------------------------------------------------------------------

    def values(self, pair: Pair) -> Floats:
        """The outcomes of a pair in its wars so far, shape (wars, outcomes)."""
        return self._values.get(pair, np.empty((0, len(self.outcomes))))

    @property
    def fought(self) -> int:
        """The total number of wars so far."""
        return sum(map(len, self._values.values()))

    @property
    def pairs(self) -> list[Pair]:
        """The pairs that were fought."""
        return list(self._values)

    def figures(self, runs: Ints) -> dict[str, Floats]:
        """All inputs that vary from war to war, by name: figures, prices, settings, mechanisms.

        Of the scenarios of all wars so far. A figure with one range is given by its value; one to
        which options give several ranges is drawn at the same quantile of each, and is given by
        that, as `PATH (quantile)`.
        """
        ranges: dict[str, dict[tuple[Any, ...], Figure]] = {}
        for scenario in (self.scenario, *self._read.values()):
            for path, figure in figures(scenario):
                if figure.is_drawn:
                    law = figure.low, figure.value, figure.high, figure.law
                    ranges.setdefault(path, {})[law] = figure
        seed, found = self.experiment.seed, dict[str, Floats]()
        for path, (figure, *others) in ((path, laws.values()) for path, laws in ranges.items()):
            if others:
                found[f"{path} (quantile)"] = quantile(path, seed, runs)
            else:
                found[path] = drawn(path, figure, seed, runs)
        for chooser in self.choosers:
            for path, figure in chooser.figures.items():
                found[path] = drawn(path, figure, seed, runs)
        return found | self.worlds.figures(runs)

    # --- fighting ---------------------------------------------------------------------------

    @contextlib.contextmanager
    def stored(
        self,
        out: str | Path,
        workers: Workers,
        progress: Progress | None,
        wanted: int,
        modules: tuple[ModuleType, ...],
    ) -> Iterator[Results]:
        """Store the wars fought within: about `wanted` of them, chosen by code of `modules`."""
        code = [inspect.getsource(module) for module in (catalogues, unknowns, *modules)]
        hashed = content_hash(
            self.scenario, self.experiment, model_version(), *code,
            Path(__file__).read_text(encoding="utf-8"),
        )  # fmt: skip
        results = Results(out, self.experiment.name, hashed, ("outcomes",))
        self._results, self._workers, self._progress = results, workers, progress
        self._wanted, self._keys, self._round = wanted, list[int](), 0
        with results.writing():
            self._found = self._as_found() if results.find() else None
            yield results
            if self._found is None:
                results.finish(self._description(), self._keys)
        if progress:
            progress(self.fought, self.fought)

    def fight(self, wanted: Mapping[Pair, int]) -> None:
        """Fight wars until each pair has as many as wanted, counting those it already has."""
        runs = {
            pair: np.arange(len(self.values(pair)), number)
            for pair, number in wanted.items()
            if number > len(self.values(pair))
        }
        if not runs:
            return
        if self._found is not None:
            for group in self._groups(runs):
                self._scenario(group.settings)  # `figures` are those of all options
            for pair, lacking in runs.items():
                self._values[pair] = self._found[pair][: lacking[-1] + 1]
            return
        calls = dict(enumerate(self._calls(runs), self._round * _ROUND_CHUNKS))
        self._round += 1
        missing = missing_of(self._results, calls)
        done = self.fought + sum(len(call[1]) for k, call in calls.items() if k not in missing)
        self._tell(done)
        writing = write_each(self._results, fight_rows, missing, self._workers_for(missing))
        with contextlib.closing(writing) as written:
            for key in written:
                done += len(calls[key][1])
                self._tell(done)
        self._keys += calls
        columns = ["row", "column", "run", *self.outcomes]
        parts = [self._results.chunks.read(key, "outcomes", columns) for key in calls]
        for pair, new in _by_pair(pd.concat(parts), self.outcomes).items():
            self._values[pair] = np.concatenate([self.values(pair), new])

    def _workers_for(self, calls: Mapping[int, tuple[Any, ...]]) -> Workers:
        """The workers for some calls: few wars are over before processes have started."""
        few = sum(len(call[1]) for call in calls.values()) <= _ROWS
        return 1 if few and not isinstance(self._workers, Cluster) else self._workers

    def _tell(self, done: int) -> None:
        if self._progress:
            self._progress(done, max(done, self._wanted))

    def _calls(self, runs: Mapping[Pair, Ints]) -> Iterator[tuple[Any, ...]]:
        """The calls of `fight_rows` for the wars of some pairs."""
        for group in self._groups(runs):
            scenario = self._scenario(group.settings)
            rows = np.concatenate([np.full(len(new), pair[0]) for pair, new in group.runs.items()])
            columns = np.concatenate(
                [np.full(len(new), pair[1]) for pair, new in group.runs.items()]
            )
            numbers = np.concatenate(list(group.runs.values()))
            bought = [self._bought(pair, new) for pair, new in group.runs.items()]
            given = {
                path: np.concatenate([one.figures[path] for one in bought])
                for path in bought[0].figures
            }
            self._check_figures(scenario, given)
            price = np.concatenate([one.price_usd for one in bought])
            strengths = self.worlds.strengths(numbers)
            for first in range(0, len(numbers), _ROWS):
                part = slice(first, first + _ROWS)
                yield (
                    scenario, numbers[part], self.experiment.seed,
                    {path: values[part] for path, values in given.items()},
                    {name: values[part] for name, values in strengths.items()},
                    self.outcomes, rows[part], columns[part], price[part], group.times,
                )  # fmt: skip

    def _groups(self, runs: Mapping[Pair, Ints]) -> "list[_Group]":
        """Wars grouped by what cannot be set row by row, each group with its settings."""
        groups: dict[Any, _Group] = {}
        for pair, new in runs.items():
            chosen = [
                (chooser, chooser.options[number])
                for chooser, number in zip(self.choosers, pair, strict=False)
            ]
            levels = tuple(option.levels for _, option in chosen)
            times = np.prod([chooser.wars(option) for chooser, option in chosen], dtype=int)
            settings = {
                path: value
                for chooser, option in chosen
                for path, value in chooser.settings(option).items()
            }
            worlds = self.worlds.settings(new)
            if not worlds:
                groups.setdefault(levels, _Group(settings, int(times), {})).runs[pair] = new
                continue
            stands = np.stack(list(worlds.values()), axis=1)
            for one in np.unique(stands, axis=0):
                held = settings | {
                    path: value
                    for name, number in zip(worlds, one, strict=True)
                    for path, value in self.worlds.set_by(name, int(number)).items()
                }
                group = groups.setdefault((levels, *one), _Group(held, int(times), {}))
                group.runs[pair] = new[(stands == one).all(axis=1)]
        return list(groups.values())

    def _bought(self, pair: Pair, runs: Ints) -> Bought:
        """What both options buy; the price is that of the first."""
        seed = self.experiment.seed
        both = [
            chooser.bought(chooser.options[number], seed, runs)
            for chooser, number in zip(self.choosers, pair, strict=False)
        ]
        together = {path: values for one in both for path, values in one.figures.items()}
        return Bought(together, both[0].price_usd)

    def _scenario(self, settings: Mapping[str, Any]) -> Scenario:
        overrides = (
            *as_overrides({**self.experiment.constants, **settings}),
            *self.worlds.overrides,
        )
        if overrides not in self._read:
            scenario = self._load({**self.experiment.constants, **settings}, self.worlds.overrides)
            self._check_outcomes(scenario)
            self._read[overrides] = scenario
        return self._read[overrides]

    def _load(self, settings: Mapping[str, Any], others: Sequence[str] = ()) -> Scenario:
        """The scenario with what is set; what is wrong with it is told by its place in the file."""
        without = self.experiment.without
        try:
            return load(self.path, (*as_overrides(settings), *others), without, self.allow_code)
        except ScenarioError as error:
            problem, *_ = error.problems
            for path, value in settings.items():
                (written,) = as_overrides({path: value})
                if problem.line == 0 and written[:60] in problem.file:
                    where = self._set_by(path, value)
                    path = "" if problem.path == path else f"{path}: "
                    message = f"{where}: {path}{problem.path}: {problem.message}"
                    raise ExperimentError(message) from error
            raise

    def _set_by(self, path: str, value: Any) -> str:
        """The place in the file of what sets a part of the scenario to a value."""
        blocks: dict[str, Mapping[str, Any]] = {"constants": self.experiment.constants}
        for chooser in self.choosers:
            for lever, levels in chooser.block.levers.items():
                where = f"{chooser.where}.levers.{lever}"
                blocks |= {f"{where}.{name}": level.set for name, level in levels.items()}
        if isinstance(self.experiment, Choice):
            for name, settings in self.experiment.uncertainties.items():
                where = f"uncertainties.{name}"
                blocks |= {f"{where}.{word}": setting.set for word, setting in settings.items()}
        return next(where for where, block in blocks.items() if (path, value) in block.items())

    # --- what is stored ---------------------------------------------------------------------

    def _description(self) -> dict[str, Any]:
        experiment = self.experiment
        return {
            "experiment": experiment.name,
            "kind": experiment.kind,
            "runs": experiment.runs,
            "wars": self.fought,
            "seed": experiment.seed,
            "asked": experiment.model_dump(mode="json"),
            **stored(self.scenario),
        }

    def _as_found(self) -> dict[Pair, Floats]:
        return _by_pair(self._results.table("outcomes"), self.outcomes)

    # --- checks -----------------------------------------------------------------------------

    def _check_paths(self) -> None:
        """Check that each path is set by one lever, class or uncertainty only."""
        sets: dict[str, set[str]] = {}
        for chooser in self.choosers:
            for lever, levels in chooser.block.levers.items():
                sets[f"{chooser.where}.levers.{lever}"] = {
                    p for one in levels.values() for p in one.set
                }
            shares = chooser.block.shares
            for name, unit in shares.classes.items() if shares else ():
                sets[f"{chooser.where}.shares.classes.{name}"] = {unit.set}
        for name, settings in self.worlds.uncertainties.items():
            sets[f"uncertainties.{name}"] = {p for one in settings.values() for p in one.set}
        check_apart(sets)
        spread = [
            chooser.where
            for chooser in self.choosers
            if any(
                one.wars > 1 for levels in chooser.block.levers.values() for one in levels.values()
            )
        ]
        if len(spread) > 1:
            raise ExperimentError(
                f"{' and '.join(spread)}: both spread money over several wars, expected one side"
            )

    def _check_figures(self, scenario: Scenario, given: Mapping[str, Floats]) -> None:
        """Check that a class with a price sets a count, and one without a price a sum in USD."""
        known = dict(figures(scenario))
        for path in given:
            if path not in known:
                hint = did_you_mean(path, known) or ", expected the path of one"
                raise ExperimentError(f"{path}: is no figure of {self.path}{hint}")
        for chooser in self.choosers:
            classes = chooser.block.shares.classes if chooser.block.shares else {}
            for name, unit in classes.items():
                where = f"{chooser.where}.shares.classes.{name}"
                figure = known[unit.set]
                if unit.price is None and figure.unit != "USD":
                    raise ExperimentError(
                        f"{where}: without a price {unit.set} would be set to the money, "
                        "expected a price, or a figure in USD"
                    )
                if unit.price is not None and not figure.is_count:
                    raise ExperimentError(
                        f"{where}: {unit.set} would be set to what is bought, expected a count"
                    )

    def _check_outcomes(self, scenario: Scenario) -> None:
        known = {PRICE: None} | dict.fromkeys(outcomes_of(scenario))
        del known["run"]  # the number of a war, not an outcome
        for outcome in self.outcomes:
            if outcome not in known:
                hint = did_you_mean(outcome, known) or ", expected a column of runs.parquet"
                raise ExperimentError(f"no {outcome!r} among the outcomes{hint}")


class _Group(NamedTuple):
    """Wars of one scenario: its settings, how many wars each stands for, and runs by pair."""

    settings: dict[str, Any]
    times: int
    runs: dict[Pair, Ints]


def fight_rows(
    scenario: Scenario,
    runs: Ints,
    seed: int,
    figures: dict[str, Floats],
    strengths: dict[str, Floats],
    outcomes: tuple[str, ...],
    rows: Ints,
    columns: Ints,
    price_usd: Floats,
    times: int,
) -> "dict[str, Table]":
    """The outcomes of some wars of one scenario; in USD, totals over all that each stands for."""
    war = War(
        scenario,
        runs,
        seed,
        strengths=strengths or None,
        figures=figures or None,
        recorder=Outcomes,
    )
    table = {**war.run().recorder.runs(), PRICE: price_usd}
    of_all = {
        name: np.asarray(table[name], np.float64) * (times if _is_sum(name) else 1)
        for name in outcomes
    }
    return {"outcomes": {"row": rows, "column": columns, "run": runs, **of_all}}


def _is_sum(outcome: str) -> bool:
    """Whether an outcome is an amount of money of one war, which adds up over several."""
    return outcome.endswith("_usd") and outcome != PRICE


def _by_pair(table: pd.DataFrame, outcomes: tuple[str, ...]) -> dict[Pair, Floats]:
    """The outcomes of each pair in the order of its runs."""
    pairs = table[["row", "column"]].to_numpy(np.int64)
    order = np.lexsort((table["run"].to_numpy(), pairs[:, 1], pairs[:, 0]))
    pairs, values = pairs[order], table[list(outcomes)].to_numpy(np.float64)[order]
    starts = np.flatnonzero(np.r_[True, (pairs[1:] != pairs[:-1]).any(axis=1)])
    return {
        (int(pairs[start, 0]), int(pairs[start, 1])): part
        for start, part in zip(starts, np.split(values, starts[1:]), strict=True)
    }
