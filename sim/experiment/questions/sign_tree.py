"""A shallow decision tree: which mechanisms and figures go with which sign of a raid's effect."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import draws
from sim.experiment.questions.theories import Question, switches_of
from sim.experiment.questions.verdicts import SIGN_OF_HARDENING
from sim.scenario.sample import Sample

Figures = dict[str, Any]
Bools = NDArray[np.bool_]

_ROWS = 60_000
_DEPTH = 3
_OF_RUNS, _OF_THEORIES, _OF_WARS = range(3)
"""What is drawn at random: the halves of the runs and of the theories, and the wars taken."""


def tree(effects: pd.DataFrame, word: str, moment: str, question: Question) -> Figures:
    """A shallow decision tree of what the raid does in a war: its leaves in words.

    Runs and theories are split into random halves. The tree is trained on one half of the runs
    under one half of the theories and scored on the other halves, so that no run and no theory is
    in both. If there is no war to train or to score on, there are no leaves. Source: breiman1984.
    """
    from sklearn.tree import DecisionTreeClassifier

    seed, region = question.experiment.seed, question.region
    learned, scored = halves(effects, seed)
    counts = {"learned_on": int(learned.sum()), "scored_on": int(scored.sum())}
    if not all(counts.values()):
        return counts | {"right": None, "majority": None, "shares": {}, "leaves": []}
    taken = effects[learned | scored]
    learned = learned[learned | scored]
    moved = taken[f"{word}, {moment}"].to_numpy(np.float64) * SIGN_OF_HARDENING[word]
    sign = np.select([moved > region, moved < -region], ["hardens", "softens"], "no effect")
    on = switches_of(taken["theory"].to_numpy(), question.mechanisms)
    numbers, row_of = np.unique(taken["run"].to_numpy(), return_inverse=True)
    sample = Sample(question.scenario, seed, numbers)
    features = {f"{name} on": on[name].to_numpy(np.float32) for name in question.mechanisms}
    features |= {path: sample[path][row_of].astype(np.float32) for path in sample.drawn}
    x, names = np.column_stack(list(features.values())), list(features)
    learner = DecisionTreeClassifier(max_depth=_DEPTH, min_samples_leaf=0.02, random_state=0)
    learner.fit(x[learned], sign[learned])
    predicted, true = learner.predict(x[~learned]), sign[~learned]
    kinds, number = np.unique(true, return_counts=True)
    commonest = kinds[np.argmax(number)]
    return counts | {
        "right": float((predicted == true).mean()),
        "majority": float((true == commonest).mean()),
        "shares": dict(zip(kinds.tolist(), (number / number.sum()).tolist(), strict=True)),
        "leaves": _leaves(learner, names),
    }


def halves(effects: pd.DataFrame, seed: int) -> tuple[Bools, Bools]:
    """The wars to train on and those to score on, about 30,000 at most of each.

    Each row is a war of a run under a theory. The random draws are addressed by these, so they do
    not depend on which other wars there are; a switch is on in half of either part.
    """
    runs, theories = (effects[name].to_numpy() for name in ("run", "theory"))

    def lots(of: NDArray[Any], actors: NDArray[Any], index: int) -> NDArray[np.float64]:
        return draws.uniform_each(seed, of, 0, actors, draws.TREE, index)

    nobody = np.zeros_like(runs)
    half_of_runs = lots(runs, nobody, _OF_RUNS) < 0.5
    half_of_theories = lots(nobody, theories, _OF_THEORIES) < 0.5
    taken = lots(runs, theories, _OF_WARS) < 2.0 * _ROWS / max(1, len(effects))
    return taken & half_of_runs & half_of_theories, taken & ~half_of_runs & ~half_of_theories


def _leaves(learner: Any, names: list[str]) -> list[Figures]:
    """Each leaf: the path to it in words, its share of the wars, and its likeliest sign."""
    tree = learner.tree_
    leaves: list[Figures] = []

    def walk(node: int, way: list[str]) -> None:
        if tree.children_left[node] < 0:
            parts = tree.value[node][0] / tree.value[node][0].sum()
            best = int(np.argmax(parts))
            leaves.append(
                {
                    "if": way or ["always"],
                    "then": str(learner.classes_[best]),
                    "chance": float(parts[best]),
                    "share": float(tree.n_node_samples[node] / tree.n_node_samples[0]),
                }
            )
            return
        name, at = names[tree.feature[node]], tree.threshold[node]
        if name.endswith(" on"):
            low, high = name.removesuffix(" on") + " off", name
        else:
            low, high = f"{name} <= {at:.3g}", f"{name} > {at:.3g}"
        walk(tree.children_left[node], [*way, low])
        walk(tree.children_right[node], [*way, high])

    walk(0, [])
    return leaves
