"""Decisions under uncertainty: the best option, how sure it is, and what would overturn it.

The answer has the options, their front and regret, the value of information, and where other
options do better. Every option has the same first wars; more are spent on those that may be best
(`allocation`).
"""

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from sim.experiment.choice import allocation, front, information, robustness
from sim.experiment.choice.options import Catalogue
from sim.experiment.choice.wars import Wars
from sim.experiment.errors import ExperimentError
from sim.experiment.execution.runner import Progress
from sim.experiment.execution.workers import Workers
from sim.experiment.questions import discovery, prim
from sim.experiment.statistics.estimate import share, t95
from sim.scenario.experiment import Choice, Constraint

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Figures = dict[str, Any]

_ROUNDS = 10  # at most, in which more wars are spent: fewer would adapt less
_OF_ROUND = 10  # wars per option, at least, so that a round is worth its overhead
_SURE = 0.99  # if the leader is the best with this probability, no more wars are spent
_FEWEST_FOR_FIGURE = 40  # wars, so that splines of one figure have data
_STILL = 1e-12  # of the deciding gains: a smaller difference is rounding
_PARTS = (8, 4, 2, 1)  # divisors of the first wars, after which the answer is reported


class Found(NamedTuple):
    """The answer: figures, tables by name, and the folder of its wars."""

    figures: Figures
    frames: dict[str, pd.DataFrame]
    folder: Path


class Question:
    """A choice, ready to be answered. `folder` is where its file stands.

    Raises ScenarioError if an option does not fit the scenario, ExperimentError if the file
    contradicts itself.
    """

    def __init__(self, experiment: Choice, folder: Path, allow_code: bool = False) -> None:
        self.experiment = experiment
        self.chooser = Catalogue(experiment.options, "options")
        limits = (limit.outcome for limit in experiment.constraints.values())
        outcomes = tuple(dict.fromkeys([*experiment.objectives, *limits]))
        path = folder / experiment.scenario
        self.wars = Wars(experiment, path, (self.chooser,), outcomes, allow_code)

    def answer(
        self, out: str | Path, workers: Workers = None, progress: Progress | None = None
    ) -> Found:
        """Simulate the wars that are missing, and answer the question from all."""
        experiment = self.experiment
        wanted = len(self.chooser.options) * experiment.runs + experiment.more
        modules = (allocation, sys.modules[__name__])
        with self.wars.stored(out, workers, progress, wanted, modules) as results:
            self.wars.fight({(k, 0): experiment.runs for k in range(len(self.chooser.options))})
            for place in range(len(self.chooser.budgets_usd)):
                self._spend(place)
            self._even_out()
        budgets = [self._budget(place) for place in range(len(self.chooser.budgets_usd))]
        tables = {
            name: pd.concat([budget.frames[name] for budget in budgets], ignore_index=True)
            for name in budgets[0].frames
        }
        figures = {
            "experiment": experiment.name,
            "scenario": self.wars.scenario.name,
            "question": experiment.question,
            "options": len(self.chooser.options),
            "objectives": {
                name: one.model_dump(include={"title", "better", "happens"})
                | {"weight": self._weights[k]}
                for k, (name, one) in enumerate(experiment.objectives.items())
            },
            "years": experiment.options.years,
            "prices": self.chooser.prices(),
            "wars": self.wars.fought,
            "runs": experiment.runs,
            "seed": experiment.seed,
            "sources": experiment.cited,
            "budgets": [budget.figures for budget in budgets],
        }
        return Found(figures, tables, results.folder)

    # --- what is wanted ---------------------------------------------------------------------

    @property
    def _weights(self) -> list[float]:
        """The weight of each objective; if none has one, the first decides."""
        objectives = list(self.experiment.objectives.values())
        if all(one.weight is None for one in objectives):
            return [1.0] + [0.0] * (len(objectives) - 1)
        return [one.weight or 0.0 for one in objectives]

    def _objectives(self, option: int) -> Floats:
        """An option's objectives in its wars as gains, shape (wars, objectives)."""
        values = self.wars.values((option, 0))[:, : len(self.experiment.objectives)]
        happens = [one.happens for one in self.experiment.objectives.values()]
        values = np.where(happens, ~np.isnan(values), values)
        if np.isnan(values).any():
            name = list(self.experiment.objectives)[int(np.isnan(values).any(axis=0).argmax())]
            missing = int(np.isnan(values).any(axis=1).sum())
            raise ExperimentError(
                f"objectives: {name} did not happen in {missing:,} of {len(values):,} wars of "
                f"{self.name(option)!r}, expected a column that every war has, or happens: true"
            )
        gains = [
            robustness.gains_of(values[:, k], one.better)
            for k, one in enumerate(self.experiment.objectives.values())
        ]
        return np.stack(gains, axis=1)

    def _gains(self, option: int) -> Floats:
        """What decides, in an option's wars: the weighted sum of its objectives as gains."""
        return self._objectives(option) @ np.array(self._weights)

    def _ahead(self, option: int, other: int) -> Floats:
        """By how much an option gains more than another in the wars that both have."""
        one, two = self._gains(option), self._gains(other)
        shared = min(len(one), len(two))
        return one[:shared] - two[:shared]

    def name(self, option: int) -> str:
        """The name of an option."""
        return self.chooser.name(option)

    def _met(self, constraint: Constraint, option: int) -> NDArray[np.bool_]:
        """In which of its wars an option meets a constraint."""
        values = self.wars.values((option, 0))[:, self.wars.outcomes.index(constraint.outcome)]
        if constraint.at_most is not None:
            return values <= constraint.at_most
        return values >= (constraint.at_least or 0.0)

    def _shares_met(self, option: int) -> dict[str, dict[str, Any]]:
        return {
            name: share(self._met(constraint, option))
            for name, constraint in self.experiment.constraints.items()
        }

    def _fits(self, option: int, wars: int | None = None) -> bool:
        """Whether an option meets each constraint often enough, in its first `wars` or in all."""
        return all(
            float(self._met(constraint, option)[:wars].mean()) >= constraint.in_share
            for constraint in self.experiment.constraints.values()
        )

    def _fits_never(self, option: int) -> bool:
        """Whether an option surely does not meet some constraint often enough."""
        met = self._shares_met(option)
        return any(
            found["share"] + found["share_error"] < self.experiment.constraints[name].in_share
            for name, found in met.items()
        )

    # --- wars -------------------------------------------------------------------------------

    def _spend(self, place: int) -> None:
        """Spend more wars on the options of a budget that may be best, until one surely is."""
        more = self.experiment.more // len(self.chooser.budgets_usd)
        options = [int(k) for k in self.chooser.of_budget(place) if not self._fits_never(int(k))]
        if more == 0 or len(options) < 2:
            return
        rounds = min(_ROUNDS, max(1, more // (_OF_ROUND * len(options))))
        for _ in range(rounds):
            gains = [self._gains(k) for k in options]
            if _chance_of_best(gains) >= _SURE:
                return
            new = allocation.allocated_in_pairs(gains, more // rounds)
            self.wars.fight(
                {
                    (k, 0): len(gain) + int(number)
                    for k, gain, number in zip(options, gains, new, strict=True)
                }
            )

    def _even_out(self) -> None:
        """Give the best options of all budgets as many wars, so that chance makes none worse.

        An option of a smaller budget is also one of a larger one, so in the same wars the best of
        the larger is no worse.
        """
        while True:
            places = range(len(self.chooser.budgets_usd))
            pools = [fitting for fitting in map(self._fitting, places) if fitting]
            best = {find(pool) for pool in pools for find in (self._leader, self._best)}
            most = max((len(self._gains(k)) for k in best), default=0)
            lacking = {(k, 0): most for k in sorted(best) if len(self._gains(k)) < most}
            if not lacking:
                return
            self.wars.fight(lacking)

    # --- what they answer -------------------------------------------------------------------

    def _fitting(self, place: int) -> list[int]:
        """The options of a budget that meet every constraint."""
        return [int(k) for k in self.chooser.of_budget(place) if self._fits(int(k))]

    def _budget(self, place: int) -> Found:
        """The answer for one budget."""
        options = [int(k) for k in self.chooser.of_budget(place)]
        budget = self.chooser.budgets_usd[place]
        fitting = self._fitting(place)
        best = self._best(fitting) if fitting else None
        first = np.stack([self._objectives(k)[: self.experiment.runs] for k in options])
        table = self._table(options, best, first, budget)
        gains = first @ np.array(self._weights)
        kept = np.array([k in fitting for k in options])
        figures: Figures = {
            "budget_usd": None if math.isnan(budget) else budget,
            "options": len(options),
            "fitting": len(fitting),
            "best": None if best is None else self._of_best(best, fitting, table),
            "front": table.loc[table["place"] != "off the front", "option"].tolist(),
            "convergence": self._convergence(options, first, best, table),
        }
        worth, boxes = pd.DataFrame(), list[Figures]()
        if best is not None and kept.sum() > 1:
            worth = self._worth(gains[kept], budget)
            everything = information.of_everything(gains[kept])
            figures["evpi"] = {"value": everything.value, "error": everything.error}
            boxes = self._overturned(best, fitting)
        figures["overturned"] = boxes
        return Found(figures, {"options": table, "worth": worth}, Path())

    def _convergence(
        self, options: list[int], first: Floats, best: int | None, table: pd.DataFrame
    ) -> list[Figures]:
        """What the answer would have been after fewer wars, and what it is after all."""
        of_all = table["place"].tolist()
        told = []
        for wars in sorted({first.shape[1] // part for part in _PARTS} - {0, 1}):
            fitting = [k for k in options if self._fits(k, wars)]
            leader = self._best(fitting, wars) if fitting else None
            is_all = wars == first.shape[1]
            places = of_all if is_all else front.places(first[:, :wars])
            told.append(self._answered(wars, wars, leader, places))
        most = int(table["wars"].max())
        if most > first.shape[1]:
            told.append(self._answered(first.shape[1], most, best, of_all))
        return told

    def _answered(self, fewest: int, most: int, best: int | None, places: Sequence[str]) -> Figures:
        """The answer after so many wars per option."""
        return {
            "fewest_wars": fewest,
            "most_wars": most,
            "best": None if best is None else self.name(best),
            "on_front": places.count("on the front"),
            "open": places.count("open"),
        }

    def _leader(self, options: Sequence[int], wars: int | None = None) -> int:
        """The option furthest ahead in its first `wars`, or in all."""
        return options[allocation.best_in_pairs([self._gains(k)[:wars] for k in options])]

    def _best(self, options: Sequence[int], wars: int | None = None) -> int:
        """The best of some options in their first `wars`, or in all.

        Of the options that are as good as the leader in every war it is one that none of them
        dominates in all objectives, such as the price.
        """
        leader = self._gains(self._leader(options, wars))[:wars]
        least = _STILL * float(np.abs(leader).max())
        alike = []
        for k in options:
            own = self._gains(k)[:wars]
            apart = leader[: len(own)] - own[: len(leader)]
            if (np.abs(apart) <= least).all():
                alike.append(k)
        shared = min(len(self._gains(k)[:wars]) for k in alike)
        means = np.stack([self._objectives(k)[:shared].mean(axis=0) for k in alike])
        return alike[int(front.front(means).argmax())]

    def _table(
        self, options: list[int], best: int | None, first: Floats, budget: float
    ) -> pd.DataFrame:
        """One row per option: its means, how far behind the best, its place, its robustness."""
        rows = []
        places = front.places(first)
        for k, place in zip(options, places, strict=True):
            row: Figures = {"budget_usd": budget, "option": self.name(k)}
            row |= self.chooser.levels_of(self.chooser.options[k])
            gains = self._gains(k)
            row |= {"wars": len(gains), "place": place, "fits": self._fits(k)}
            objectives = self._objectives(k)
            for j, (name, one) in enumerate(self.experiment.objectives.items()):
                mean, error = mean_with_error(objectives[:, j])
                row[name] = 0.0 - mean if one.better == "small" else mean
                row[f"{name} ±"] = error
            if best is not None:
                row["behind"], row["behind ±"] = mean_with_error(self._ahead(best, k))
            for name, met in self._shares_met(k).items():
                row[f"{name} met"], row[f"{name} met ±"] = met["share"], met["share_error"]
            rows.append(row)
        return pd.concat([pd.DataFrame(rows), self._robustness(first)], axis=1)

    def _robustness(self, first: Floats) -> pd.DataFrame:
        """The measures of McPhail et al. over the wars that all options have.

        They are of the objective that decides, in its direction, if it is one; else of the sum of
        gains.
        """
        weights = np.array(self._weights)
        deciding = np.flatnonzero(weights)
        better: robustness.Better = "large"
        gains, threshold = first @ weights, None
        if len(deciding) == 1:
            objective = list(self.experiment.objectives.values())[int(deciding[0])]
            better, threshold = objective.better, objective.threshold
            gains = first[:, :, int(deciding[0])]
        return pd.DataFrame(
            {
                name: measure.read(measure.score(gains), better)
                for name, measure in robustness.measures(better, threshold).items()
            }
        )

    def _of_best(self, best: int, fitting: list[int], table: pd.DataFrame) -> Figures:
        """The recommended option, how sure it is, and the runner-up."""
        rest = [k for k in fitting if k != best]
        gains = self._gains(best)
        found: Figures = {
            "option": self.name(best),
            "levels": self.chooser.levels_of(self.chooser.options[best]),
            "wars": len(gains),
            "objectives": {},
            "constraints": self._shares_met(best),
            "p_best": _chance_of_best([gains, *(self._gains(k) for k in rest)]) if rest else 1.0,
            "next": None,
        }
        row = table[table["option"] == self.name(best)].iloc[0]
        for name in self.experiment.objectives:
            found["objectives"][name] = {"mean": row[name], "error": row[f"{name} ±"]}
        if rest:
            (nearest,) = self._rivals(best, rest, most=1)
            mean, error = mean_with_error(self._ahead(best, nearest))
            found["next"] = {"option": self.name(nearest), "behind": mean, "error": error}
        return found

    def _worth(self, gains: Floats, budget: float) -> pd.DataFrame:
        """The value of knowing each figure before choosing, the largest first."""
        runs = np.arange(gains.shape[1])
        rows = []
        for name, values in self.wars.figures(runs).items():
            if len(runs) < _FEWEST_FOR_FIGURE or np.ptp(values) == 0.0:
                continue
            known = information.of_figures(gains, values[:, None])
            rows.append(
                {"budget_usd": budget, "figure": name, "worth": known.value, "±": known.error}
            )
        table = pd.DataFrame(rows, columns=["budget_usd", "figure", "worth", "±"])
        return table.sort_values("worth", ascending=False, kind="stable", ignore_index=True)

    def _overturned(self, best: int, fitting: list[int]) -> list[Figures]:
        """Where another option does better: boxes of figures, one for each close rival."""
        found = []
        for rival in self._rivals(best, fitting):
            apart = self._ahead(rival, best)
            shared = len(apart)
            happens = apart > 0.0
            cases = int(happens.sum())
            told: Figures = {
                "option": self.name(rival),
                "share": float(happens.mean()),
                "box": None,
            }
            if min(cases, shared - cases) >= discovery.FEWEST_CASES:
                x = pd.DataFrame(self.wars.figures(np.arange(shared)))
                boxes, _ = discovery.discover(prim.Wars(x, happens), "prim")
                if boxes["boxes"]:
                    box = boxes["boxes"][0]
                    within = prim.inside(x[1::2], _limits(box["box"]))
                    gain, error = mean_with_error(apart[1::2][within])  # found on the other wars
                    told["box"] = box["box"]
                    told |= {"mass": float(within.mean()), "gain": gain, "gain_error": error}
            found.append(told)
        return found

    def _rivals(self, best: int, fitting: list[int], most: int = 3) -> list[int]:
        """The options nearest behind the best."""
        others = (k for k in fitting if k != best)
        return sorted(others, key=lambda k: self._ahead(best, k).mean())[:most]


def _limits(box: Figures) -> prim.Box:
    """A written box, with infinite limits for open ends."""
    return {
        path: (-np.inf if low is None else low, np.inf if high is None else high)
        for path, (low, high) in box.items()
    }


def mean_with_error(values: Floats) -> tuple[float, float]:
    """A mean and its 95 % error."""
    error = t95(len(values)) * values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return float(values.mean()), float(error)


def _chance_of_best(gains: list[Floats]) -> float:
    """A lower bound of the probability that the leader is the best (Bonferroni).

    It is 1 less the probability of each other option to be better, by normal distributions of
    paired differences. Source: chen_lee2010.
    """
    best = allocation.best_in_pairs(gains)
    doubt = 0.0
    for k, other in enumerate(gains):
        if k == best:
            continue
        shared = min(len(other), len(gains[best]))
        apart = gains[best][:shared] - other[:shared]
        error = float(apart.std(ddof=1)) / math.sqrt(shared)
        mean = float(apart.mean())
        if error > 0.0:  # else the same in every war: either is as good
            doubt += float(ndtr(-mean / error))
    return max(0.0, 1.0 - doubt)
