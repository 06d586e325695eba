"""What two sides choose if each expects the other to choose well: the value of their game.

Most pairs of options are never fought: those that come up as best responses are enough
(`double_oracle`).
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.choice import double_oracle as oracle
from sim.experiment.choice import matrix_game, stackelberg
from sim.experiment.choice.options import Catalogue
from sim.experiment.choice.wars import Pair, Wars
from sim.experiment.errors import ExperimentError
from sim.experiment.execution.runner import Progress
from sim.experiment.execution.workers import Workers
from sim.experiment.questions.choose import Found, mean_with_error
from sim.scenario.experiment import Game

Floats = NDArray[np.float64]
Figures = dict[str, Any]

MOST_PAIRS = 10_000
"""At most, of a game that is not zero-sum, whose pairs are all fought."""
_RESAMPLED = 200  # times, for the error of a mix
_SEED = 1  # for resampling, not for the model
_STEPS = 20_000  # of fictitious play


class _Mixes(NamedTuple):
    """What each side plays: options with their probabilities, and the errors of these."""

    chances: tuple[dict[int, float], dict[int, float]]
    errors: tuple[dict[int, float], dict[int, float]]


class Question:
    """A game, ready to be answered. `folder` is where its file stands.

    Raises ScenarioError if an option does not fit the scenario, ExperimentError if the file
    contradicts itself.
    """

    def __init__(self, experiment: Game, folder: Path, allow_code: bool = False) -> None:
        self.experiment = experiment
        self.names = tuple(experiment.players)
        self.players = tuple(experiment.players.values())
        self.choosers = tuple(
            Catalogue(player.options, f"players.{name}.options")
            for name, player in experiment.players.items()
        )
        self.wants = tuple(player.wants for player in self.players)
        outcomes = tuple(dict.fromkeys(want.outcome for want in self.wants))
        self.wars = Wars(
            experiment, folder / experiment.scenario, self.choosers, outcomes, allow_code
        )

    @property
    def is_opposed(self) -> bool:
        """Whether the game is zero-sum: one side wins what the other loses."""
        one, other = self.wants
        return one.outcome == other.outcome and one.better != other.better

    @property
    def budgets(self) -> list[tuple[int, int]]:
        """The indices of the budgets that go together."""
        lengths = [len(chooser.budgets_usd) for chooser in self.choosers]
        return [(min(k, lengths[0] - 1), min(k, lengths[1] - 1)) for k in range(max(lengths))]

    def answer(
        self, out: str | Path, workers: Workers = None, progress: Progress | None = None
    ) -> Found:
        """Simulate the wars that are missing, and answer the question from all."""
        experiment = self.experiment
        if not self.is_opposed:
            self._check_pairs()
        wanted = experiment.runs * math.prod(len(chooser.options) for chooser in self.choosers)
        modules = (oracle, matrix_game, stackelberg)
        with self.wars.stored(out, workers, progress, wanted, modules) as results:
            budgets = [self._budget(pair) for pair in self.budgets]
        mixes = pd.concat([budget.frames["mixes"] for budget in budgets], ignore_index=True)
        figures = {
            "experiment": experiment.name,
            "scenario": self.wars.scenario.name,
            "question": experiment.question,
            "players": {
                name: {
                    "title": player.title,
                    "options": len(chooser.options),
                    "outcome": player.wants.outcome,
                    "outcome_title": player.wants.title,
                    "better": player.wants.better,
                    "years": player.options.years,
                    "prices": chooser.prices(),
                }
                for name, player, chooser in zip(
                    self.names, self.players, self.choosers, strict=True
                )
            },
            "is_opposed": self.is_opposed,
            "wars": self.wars.fought,
            "pairs": math.prod(len(chooser.options) for chooser in self.choosers),
            "pairs_fought": len(self.wars.pairs),
            "runs": experiment.runs,
            "seed": experiment.seed,
            "sources": experiment.cited,
            "budgets": [budget.figures for budget in budgets],
        }
        return Found(figures, {"mixes": mixes, "pairs": self._pairs()}, results.folder)

    # --- pay-offs ---------------------------------------------------------------------------

    def _gains(self, side: int, pair: Pair) -> Floats:
        """A side's gains by a pair in its wars, shape (wars,); they are simulated if need be."""
        want = self.wants[side]
        self.wars.fight({pair: self.experiment.runs})
        values = self.wars.values(pair)[:, self.wars.outcomes.index(want.outcome)]
        if np.isnan(values).any():
            raise ExperimentError(
                f"players.{self.names[side]}.wants: {want.outcome} did not happen in "
                f"{int(np.isnan(values).sum()):,} of {len(values):,} wars of "
                f"{self._pair_name(pair)}, expected a column that every war has"
            )
        return 0.0 - values if want.better == "small" else values

    def _pair_name(self, pair: Pair) -> str:
        return " against ".join(repr(self._name(side, pair[side])) for side in (0, 1))

    def _name(self, side: int, option: int) -> str:
        return self.choosers[side].name(option)

    def _means(self, runs: slice) -> "oracle.Payoffs[int, int]":
        """The pay-offs of the row player for requested pairs, as means over some of the runs."""

        def asked(pairs: list[Pair]) -> Iterable[float]:
            self.wars.fight(dict.fromkeys(pairs, self.experiment.runs))
            return [float(self._gains(0, pair)[runs].mean()) for pair in pairs]

        return asked

    def _stack(self, rows: Sequence[int], columns: Sequence[int], side: int = 0) -> Floats:
        """A side's gains in all wars of some pairs, shape (rows, columns, wars)."""
        self.wars.fight({(r, c): self.experiment.runs for r in rows for c in columns})
        return np.array([[self._gains(side, (r, c)) for c in columns] for r in rows])

    # --- one pair of budgets ----------------------------------------------------------------

    def _budget(self, places: tuple[int, int]) -> Found:
        rows, columns = (
            [int(k) for k in chooser.of_budget(place)]
            for chooser, place in zip(self.choosers, places, strict=True)
        )
        found = self._opposed(rows, columns) if self.is_opposed else self._other(rows, columns)
        figures, mixes = found
        budgets = [
            chooser.budgets_usd[place] for chooser, place in zip(self.choosers, places, strict=True)
        ]
        figures["budgets_usd"] = [None if math.isnan(one) else one for one in budgets]
        figures["options"] = [len(rows), len(columns)]
        table = self._table_of_mixes(mixes).assign(budget_usd=lambda t: t["player"].map(
            dict(zip(self.names, budgets, strict=True))))  # fmt: skip
        return Found(figures, {"mixes": table}, Path())

    def _opposed(self, rows: list[int], columns: list[int]) -> tuple[Figures, _Mixes]:
        """The zero-sum game: value, interval, mixes, and what committing first is worth."""
        found = oracle.double_oracle(self._means(slice(None)), rows, columns)
        low, high = self._interval(rows, columns)
        mixes = _Mixes((found.rows, found.columns), self._errors_of_mixes(found))
        ask = self._means(slice(None))
        _, row, answer = stackelberg.pure_commitment_asked(ask, rows, columns, found.fought)
        mean, error = mean_with_error(self._gains(0, (row, answer)))
        ends = sorted([self._told(low), self._told(high)])
        return {
            "value": self._told(found.value),
            "low": ends[0],
            "high": ends[1],
            "exploitability": found.most - found.least,
            "mixes": [self._named(side, mix) for side, mix in enumerate(mixes.chances)],
            "as_good": self._as_good(rows, columns, mixes),
            "seen_first": {
                "option": self._name(0, row),
                "answer": self._name(1, answer),
                "value": self._told(mean),
                "error": error,
            },
        }, mixes

    def _told(self, gain: float) -> float:
        """A gain of the row player as shown to a reader: in the outcome's own direction."""
        return 0.0 - gain if self.wants[0].better == "small" else gain

    def _named(self, side: int, mix: dict[int, float]) -> dict[str, float]:
        ordered = sorted(mix.items(), key=lambda one: -one[1])
        return {self._name(side, option): chance for option, chance in ordered}

    def _as_good(self, rows: list[int], columns: list[int], mixes: _Mixes) -> list[int]:
        """How many options of each side cannot be told from the best against the other's mix.

        By the 95 % interval of the paired difference from the best.
        """
        own, other = (np.array(list(chances.values())) for chances in mixes.chances)
        of_rows = np.einsum("ijk,j->ik", self._stack(rows, list(mixes.chances[1])), other)
        of_columns = np.einsum("i,ijk->jk", own, self._stack(list(mixes.chances[0]), columns))
        return [_within_reach(of_rows), _within_reach(-of_columns)]

    def _interval(self, rows: list[int], columns: list[int]) -> tuple[float, float]:
        """The interval of the value: mixes fitted on every other war are evaluated on the rest."""
        found = oracle.double_oracle(self._means(slice(0, None, 2)), rows, columns)
        own, other = list(found.rows), list(found.columns)
        judged_rows = self._stack(own, columns)[:, :, 1::2]
        judged_columns = self._stack(rows, other)[:, :, 1::2]
        of_columns = np.einsum("i,ijk->jk", np.array(list(found.rows.values())), judged_rows)
        of_rows = np.einsum("ijk,j->ik", judged_columns, np.array(list(found.columns.values())))
        return matrix_game.bounds(of_columns, of_rows)

    def _errors_of_mixes(
        self, found: oracle.Equilibrium[int, int]
    ) -> tuple[dict[int, float], dict[int, float]]:
        """1.96 standard deviations of each probability over resampled wars (a bootstrap).

        For the options of the last game solved, including those that are not played.
        """
        rows, columns = found.joined
        payoffs = self._stack(rows, columns)
        wars = payoffs.shape[2]
        rng = np.random.Generator(np.random.Philox(_SEED))
        drawn = [
            matrix_game.solve(payoffs[:, :, rng.integers(0, wars, wars)].mean(axis=2))
            for _ in range(_RESAMPLED)
        ]
        spread = [
            1.96 * np.array([getattr(one, side) for one in drawn]).std(axis=0, ddof=1)
            for side in ("rows", "columns")
        ]
        return (
            dict(zip(rows, spread[0].tolist(), strict=True)),
            dict(zip(columns, spread[1].tolist(), strict=True)),
        )

    def _other(self, rows: list[int], columns: list[int]) -> tuple[Figures, _Mixes]:
        """The game that is not zero-sum: fictitious play, and what a leader would commit to."""
        own = self._stack(rows, columns, 0).mean(axis=2)
        other = self._stack(rows, columns, 1).mean(axis=2)
        played = _by_best_answers(own, other)
        bound = stackelberg.commitment(own, other)
        chances = tuple(
            {option: float(p) for option, p in zip(options, mix, strict=True) if p > 1e-3}
            for options, mix in zip((rows, columns), played, strict=True)
        )
        worth = [float(played[0] @ table @ played[1]) for table in (own, other)]
        gain = [
            float((own @ played[1]).max() - worth[0]),
            float((played[0] @ other).max() - worth[1]),
        ]
        mixes = _Mixes((chances[0], chances[1]), ({}, {}))
        return {
            "values": [
                0.0 - value if want.better == "small" else value
                for value, want in zip(worth, self.wants, strict=True)
            ],
            "gain_by_deviating": gain,
            "mixes": [self._named(side, mix) for side, mix in enumerate(mixes.chances)],
            "bound": {
                "mix": self._named(
                    0, {k: float(p) for k, p in zip(rows, bound.rows, strict=True) if p > 1e-3}
                ),
                "answer": self._name(1, columns[bound.answer]),
                "value": self._told(bound.value),
            },
        }, mixes

    # --- tables -----------------------------------------------------------------------------

    def _table_of_mixes(self, mixes: _Mixes) -> pd.DataFrame:
        rows = []
        for side, (chances, errors) in enumerate(zip(mixes.chances, mixes.errors, strict=True)):
            for option in sorted(chances, key=lambda k: -chances[k]):
                here = self.choosers[side].options[option]
                rows.append(
                    {
                        "player": self.names[side],
                        "option": self._name(side, option),
                        "chance": chances[option],
                        "±": errors.get(option, math.nan),
                        **self.choosers[side].levels_of(here),
                    }
                )
        return pd.DataFrame(rows)

    def _pairs(self) -> pd.DataFrame:
        """One row per pair that was fought: its mean outcomes."""
        rows = []
        for pair in sorted(self.wars.pairs):
            row: Figures = {name: self._name(k, pair[k]) for k, name in enumerate(self.names)}
            values = self.wars.values(pair)
            for k, outcome in enumerate(self.wars.outcomes):
                row[outcome], row[f"{outcome} ±"] = mean_with_error(values[:, k])
            rows.append(row | {"wars": len(values)})
        return pd.DataFrame(rows)

    def _check_pairs(self) -> None:
        pairs = math.prod(len(chooser.options) for chooser in self.choosers)
        if pairs > MOST_PAIRS:
            raise ExperimentError(
                f"players: {pairs:,} pairs of options, expected at most {MOST_PAIRS:,} where wants "
                "are not opposed, since all are fought: fewer levels, classes or parts"
            )


def _within_reach(gains: Floats) -> int:
    """How many options cannot be told from the best, from gains (options, wars)."""
    behind = gains[gains.mean(axis=1).argmax()] - gains
    error = [mean_with_error(one)[1] for one in behind]
    return int((behind.mean(axis=1) <= np.array(error) + 1e-9 * np.abs(gains).max()).sum())


def _by_best_answers(own: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Fictitious play: how often each option is played if each side responds to the other's past.

    Shapes (rows,), (columns,). It need not converge; how much a side would gain by another option
    says how far it did. Source: brown1951.
    """
    rows, columns = np.zeros(own.shape[0]), np.zeros(own.shape[1])
    against_columns, against_rows = np.zeros(own.shape[0]), np.zeros(own.shape[1])
    row = column = 0
    for _ in range(_STEPS):
        rows[row] += 1.0
        columns[column] += 1.0
        against_columns += own[:, column]
        against_rows += other[row]
        row, column = int(against_columns.argmax()), int(against_rows.argmax())
    return rows / rows.sum(), columns / columns.sum()
