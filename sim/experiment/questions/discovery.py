"""Scenario discovery: in which wars something happens, as boxes by PRIM or rules by CART.

The wars are those of a plain ensemble, each with its own draws of the figures. Boxes and rules are
found on every other war and tested on the rest, so that a restriction that only overfits is found
out and dropped.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim.experiment.errors import ExperimentError
from sim.experiment.execution import runner
from sim.experiment.execution.runner import Progress
from sim.experiment.execution.workers import Workers
from sim.experiment.questions.condition import Condition
from sim.experiment.questions.prim import (
    Box,
    Wars,
    inside,
    peeled,
    quasi_p,
    worth,
    worth_with_errors,
)
from sim.experiment.storage.store import Store
from sim.scenario.calls.arguments import number_of, quoted, runs_of, seed_of
from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS
from sim.scenario.calls.spelling import argument, place
from sim.scenario.figure import Figure, did_you_mean
from sim.scenario.sample import Sample
from sim.scenario.schema import Scenario, figures
from sim.war.model import outcomes_of

Bools = NDArray[np.bool_]
Figures = dict[str, Any]

METHODS = ("prim", "cart")
FEWEST_CASES = 40
"""The fewest wars in which it happens, and in which it does not, that can be learned from."""

_MOST_FIGURES = 12
_CHANCE = 0.01
_MOST_BOXES = 3
_DOUBT = 0.05
_FEWEST_IN_BOX = 20
_DEPTH = 3
_PEEL = 0.1  # of the wars in the box, at each step: less would be lost in noise


def answer(
    scenario: Scenario,
    when: str,
    method: str,
    runs: int,
    seed: int,
    threshold: float | None,
    out: str | Path,
    workers: Workers = None,
    progress: Progress | None = None,
) -> tuple[Figures, pd.DataFrame, Path]:
    """The answer in figures, the peeling trajectory (PRIM) or the rules (CART), and its folder.

    Raises ExperimentError if the condition cannot be read, or does not divide the wars.
    """
    if method not in METHODS:
        raise ExperimentError(
            f"{place('method', method)}: no such method{did_you_mean(method, METHODS)}"
        )
    runs, seed = runs_of(runs, MOST_EXPERIMENT_RUNS, 2), seed_of(seed)
    threshold = None if threshold is None else number_of("threshold", threshold, 0.0, 1.0)
    if not isinstance(when, str):
        raise ExperimentError(f"when: {quoted(when)}, expected 'deal_day > 60' or the like")
    condition = Condition(when, outcomes_of(scenario), place("when"))
    if not any(figure.is_drawn for _, figure in figures(scenario)):
        raise ExperimentError(
            "no figure has a range, so all wars have the same figures, expected one with a range"
        )
    store = Store(out, scenario, runs, seed, False)
    record = runner.run_into(store, workers, progress)
    columns = {str(name): record.runs[name].to_numpy() for name in record.runs}
    happens = condition.holds(columns)
    _check_cases(happens)
    sample = Sample(scenario, seed, record.runs["run"].to_numpy(np.int64))
    known = dict(figures(scenario))
    x = pd.DataFrame({path: sample[path] for path in sample.drawn})
    found, table = discover(Wars(x, happens), method, threshold)
    result = {
        "scenario": scenario.name,
        "when": condition.written,
        "missing": {name: int(record.runs[name].isna().sum()) for name in condition.columns},
        "runs": len(happens),
        "seed": seed,
        "figures": {path: _range_of(known[path]) for path in found["kept"]},
        **found,
    }
    return result, table, store.folder / "discovery" / method


def _range_of(figure: Figure) -> Figures:
    return {
        "low": figure.low, "high": figure.high, "unit": figure.unit, "is_count": figure.is_count
    }  # fmt: skip


def _check_cases(happens: Bools) -> None:
    cases, runs = int(happens.sum()), len(happens)
    if cases in (0, runs):
        which = "in none" if cases == 0 else "in all"
        raise ExperimentError(
            f"{place('when')}: holds {which} of {runs:,} wars, expected some with, without"
        )
    if min(cases, runs - cases) < FEWEST_CASES:
        raise ExperimentError(
            f"{place('when')}: holds in {cases:,} of {runs:,} wars, expected at least "
            f"{FEWEST_CASES} wars with and without: more {argument('runs')}, or a wider condition"
        )


def discover(
    wars: Wars, method: str, threshold: float | None = None
) -> tuple[Figures, pd.DataFrame]:
    """Boxes or rules, from figures of wars and whether something happens in them.

    Only figures that stand out from chance in the wars learned from are considered.
    """
    learned, judged = wars.half(0), wars.half(1)
    relevant = stand_out(learned)
    found: Figures = {
        "method": method,
        "share": float(wars.happens.mean()),
        "learned": len(learned.happens),
        "judged": len(judged.happens),
        "looked_at": wars.x.shape[1],
        "kept": relevant,
        "threshold": threshold,
    }
    if not relevant:
        return found | {"boxes": [], "rules": []}, pd.DataFrame()
    learned, judged = learned._replace(x=learned.x[relevant]), judged._replace(x=judged.x[relevant])
    if method == "cart":
        rules = cart(learned, judged)
        return found | {"boxes": [], "rules": rules}, _table_of(rules)
    boxes, trajectory = prim(learned, judged, threshold)
    return found | {"boxes": boxes, "rules": []}, trajectory


def stand_out(wars: Wars) -> list[str]:
    """The figures whose values differ between wars with and without, the most significant first.

    By the Kolmogorov-Smirnov test; of a hundred figures without effect one passes by chance.
    Source: hornberger_spear1981.
    """
    chances = {
        str(path): float(
            stats.ks_2samp(
                wars.x[path][wars.happens], wars.x[path][~wars.happens], method="asymp"
            ).pvalue
        )
        for path in wars.x
    }
    ordered = sorted(chances, key=lambda path: chances[path])
    return [path for path in ordered if chances[path] <= _CHANCE][:_MOST_FIGURES]


# --- boxes -----------------------------------------------------------------------------------


def _written(box: Box) -> Figures:
    """A box with None for an open end."""
    return {
        path: [float(end) if np.isfinite(end) else None for end in limits]
        for path, limits in box.items()
    }


def pruned(wars: Wars, box: Box) -> tuple[Box, dict[str, float]]:
    """The box without the restrictions that other wars do not support, the weakest dropped first.

    Each of k restrictions has to reach a quasi-p of 5 % / k.
    """
    left = dict(box)
    while left:
        chances = {path: quasi_p(wars, left, path) for path in left}
        weakest = max(chances, key=lambda path: chances[path])
        if chances[weakest] <= _DOUBT / len(left):
            return left, chances
        del left[weakest]
    return {}, {}


# --- PRIM ------------------------------------------------------------------------------------


def prim(
    learned: Wars, judged: Wars, threshold: float | None
) -> tuple[list[Figures], pd.DataFrame]:
    """Successive boxes, each among the wars outside the earlier ones; and all peeling steps.

    Coverage and mass of each refer to all wars, so that those of several boxes add up. The search
    stops after three boxes, when few cases are left, or at a box that other wars do not support or
    that is no denser than all wars.

    Each trajectory yields the box that holds the most cases beyond what its size would give or,
    with a threshold, the one of that density with the most coverage; then it is pruned. Sources:
    friedman_fisher1999, bryant_lempert2010.
    """
    boxes: list[Figures] = []
    tables: list[pd.DataFrame] = []
    every_learned, every_judged = learned, judged
    share = float(judged.happens.mean())
    for number in range(1, _MOST_BOXES + 1):
        if min(learned.happens.sum(), (~learned.happens).sum()) < _FEWEST_IN_BOX:
            break
        steps = _borne_out(learned, judged, threshold)
        place = _chosen(learned, steps, threshold)
        box, chances = pruned(judged, steps[place])
        table = _trajectory(number, (learned, every_learned), (judged, every_judged), steps)
        tables.append(table.assign(taken=[k == place for k in range(len(steps))]))
        here = worth_with_errors(judged, box, every_judged)
        density = here["density"] or 0.0
        if not box or density <= share:
            break
        boxes.append(
            {
                "box": _written(box),
                "quasi_p": chances,
                "is_dense_enough": threshold is None or density >= threshold,
                **here,
                "learned": worth(learned, box, every_learned),
                "among": float(judged.happens.mean()),
            }
        )
        learned, judged = (wars.where(~inside(wars.x, box)) for wars in (learned, judged))
    return boxes, pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _borne_out(learned: Wars, judged: Wars, threshold: float | None) -> list[Box]:
    """The boxes of PRIM on the figures that other wars support, by a first trajectory on all.

    A figure that only overfits costs the box coverage, so it is left out from the start.
    """
    first = _peeled(learned)
    looked_at = (first[_chosen(learned, first, threshold)], first[-1])
    paths = [path for box in looked_at for path in pruned(judged, box)[0]]
    if not paths:
        return first
    return _peeled(learned._replace(x=learned.x[list(dict.fromkeys(paths))]))


def _peeled(wars: Wars) -> list[Box]:
    """Each box on the trajectory of PRIM, down to the smallest that can be tested."""
    share = float(wars.happens.mean())
    fewest = max(_FEWEST_IN_BOX, math.ceil(min(0.05, share / 2.0) * len(wars.happens)))
    return peeled(wars, _PEEL, fewest)


def _chosen(wars: Wars, steps: Sequence[Box], threshold: float | None) -> int:
    worths = [worth(wars, box) for box in steps]
    share = float(wars.happens.mean())
    if threshold is None:
        return int(np.argmax([one["mass"] * ((one["density"] or 0.0) - share) for one in worths]))
    dense = [k for k, one in enumerate(worths) if (one["density"] or 0.0) >= threshold]
    if dense:
        return max(dense, key=lambda k: worths[k]["coverage"])
    return int(np.argmax([one["density"] or 0.0 for one in worths]))


def _trajectory(
    number: int, learned: tuple[Wars, Wars], judged: tuple[Wars, Wars], steps: Sequence[Box]
) -> pd.DataFrame:
    """One row per step: how many figures are restricted, and what the box is worth.

    On the wars learned from and on those judged on: the ones that earlier boxes left, and all.
    """
    rows = []
    for step, box in enumerate(steps):
        own, other = worth(learned[0], box, learned[1]), worth(judged[0], box, judged[1])
        rows.append(
            {
                "box": number,
                "step": step,
                "restricted": len(box),
                "coverage": other["coverage"],
                "density": other["density"],
                "mass": other["mass"],
                "wars": other["wars"],
                "learned coverage": own["coverage"],
                "learned density": own["density"],
                "figures": " ".join(box),
            }
        )
    return pd.DataFrame(rows)


# --- CART ------------------------------------------------------------------------------------


def cart(learned: Wars, judged: Wars) -> list[Figures]:
    """A shallow classification tree as rules, the densest first.

    A split that the other wars do not support is undone. Source: breiman1984.
    """
    from sklearn.tree import DecisionTreeClassifier

    learner = DecisionTreeClassifier(max_depth=_DEPTH, min_samples_leaf=0.05, random_state=0)
    learner.fit(learned.x.to_numpy(np.float64), learned.happens)
    leaves = _leaves(learner.tree_, list(learned.x.columns), judged)
    rules = [
        {
            "box": _written(box),
            **worth_with_errors(judged, box),
            "learned": worth(learned, box),
        }
        for box in leaves
    ]
    return sorted(rules, key=lambda rule: -(rule["density"] or 0.0))


def _leaves(tree: Any, names: Sequence[str], judged: Wars) -> list[Box]:
    """The box of each leaf; the leaves of a split that makes no difference are merged again."""

    def below(node: int, box: Box) -> list[Box]:
        if tree.children_left[node] < 0:
            return [box]
        path, at = names[tree.feature[node]], float(tree.threshold[node])
        low, high = box.get(path, (-np.inf, np.inf))
        left = {**box, path: (low, at)}
        right = {**box, path: (np.nextafter(at, np.inf), high)}
        found = below(tree.children_left[node], left), below(tree.children_right[node], right)
        if len(found[0]) == len(found[1]) == 1 and not _differ(judged, left, right):
            return [box]
        return [*found[0], *found[1]]

    return below(0, {})


def _differ(wars: Wars, left: Box, right: Box) -> bool:
    """Whether the shares of cases in two boxes differ, by Fisher's exact test."""
    counts = []
    for box in (left, right):
        within = inside(wars.x, box)
        hits = int((wars.happens & within).sum())
        counts.append([hits, int(within.sum()) - hits])
    return bool(stats.fisher_exact(counts).pvalue <= _DOUBT)


def _table_of(rules: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rule": number,
            "figures": " ".join(rule["box"]),
            **{name: rule[name] for name in ("coverage", "density", "mass", "wars")},
            "learned coverage": rule["learned"]["coverage"],
            "learned density": rule["learned"]["density"],
        }
        for number, rule in enumerate(rules, 1)
    )
