"""What a theories experiment says: who hardens under how many theories, and what decides it."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.errors import ExperimentError
from sim.experiment.significance import told_from_zero
from sim.experiment.theories import MOVED, Question, Store, switches_of
from sim.scenario.sample import Sample

Floats = NDArray[np.float64]
Figures = dict[str, Any]

SIGN_OF_HARDENING = {"r_u": 1.0, "r_d": 1.0, "z": -1.0}
"""A reservation that rises, and a zone that narrows, are harder."""

_BINS = 16
_TREE_ROWS = 60_000
_STILL = 1e-9
_DEPTH = 3


def answer(store: Store) -> tuple[Figures, pd.DataFrame, pd.DataFrame]:
    """The answer in figures, one row a theory, and the mean effect by day of each theory.

    Raises ExperimentError where the raid flew in no war.
    """
    wars = store.table("effects")
    effects = wars[wars["flown"]]
    question = store.question
    if effects.empty:
        raise ExperimentError(
            f"raids.{question.scenario.focus}: flew in no war, expected one that is not settled, "
            "decided or out of drones before"
        )
    theories = verdicts(effects, question)
    decay = store.table("decay").groupby(["theory", "days_after"], as_index=False).sum()
    for word in MOVED:
        decay[word] /= decay["wars"].clip(lower=1)
    for word in MOVED:
        theories[f"{word} half-life"] = half_lives(decay, word, theories["theory"])
    figures = {
        "experiment": question.asked.name,
        "scenario": question.scenario.name,
        "question": question.asked.question,
        "mechanisms": list(question.mechanisms),
        "theories": len(theories),
        "wars": 2 * len(wars),
        "flown": {
            "share": float(wars["flown"].mean()),
            "of_a_theory": {
                "least": int(theories["wars"].min()), "median": float(theories["wars"].median())
            },
            "theories_without": 2 ** len(question.mechanisms) - len(theories),
        },
        "runs": question.asked.runs,
        "seed": question.asked.seed,
        "verdicts": shares(theories, question),
        "half_lives": _half_lives_in_figures(theories),
        "talks": _talks(effects),
        "mechanisms_decide": {
            word: {moment: mechanism_shares(theories, word, moment, question.mechanisms)
                   for moment in question.moments}
            for word in MOVED
        },
        "figures_decide": _figures_decide(effects, question),
        "trees": {word: tree(effects, word, "the raid's day", question) for word in MOVED},
    }  # fmt: skip
    return figures, theories, decay


def verdicts(effects: pd.DataFrame, question: Question) -> pd.DataFrame:
    """One row a theory: switches, mean effects with their errors, and what can be told.

    An effect is told from zero by a t-test over the theory's wars, with the share of false
    discoveries over all theories held at 5 %. Source: benjamini_hochberg1995.
    """
    grouped = effects.groupby("theory", sort=True)
    theories = pd.DataFrame({"theory": list(grouped.groups), "wars": grouped.size().to_numpy()})
    on = switches_of(theories["theory"].to_numpy(), question.mechanisms)
    theories = pd.concat([theories, on], axis=1)
    columns = [f"{word}, {moment}" for moment in question.moments for word in MOVED]
    means = grouped[columns].mean()
    errors = grouped[columns].sem()
    for column in columns:
        mean = means[column].to_numpy(np.float64)
        error = errors[column].to_numpy(np.float64)
        theories[column] = mean
        theories[f"{column} ±"] = 1.96 * error
        sign = SIGN_OF_HARDENING[column.partition(",")[0]] * np.sign(mean)
        told = told_from_zero(mean, error, theories["wars"].to_numpy())
        theories[f"{column} verdict"] = np.where(
            told, np.where(sign > 0.0, "hardens", "softens"), "nothing"
        )
    return theories


def shares(theories: pd.DataFrame, question: Question) -> Figures:
    """By moment: the share of theories with each verdict, and of those in which both harden."""
    result: Figures = {}
    for moment in question.moments:
        told = {word: theories[f"{word}, {moment} verdict"] for word in MOVED}
        result[moment] = {
            word: {
                verdict: float((told[word] == verdict).mean())
                for verdict in ("hardens", "softens", "nothing")
            }
            for word in MOVED
        } | {
            "both harden": float(((told["r_u"] == "hardens") & (told["r_d"] == "hardens")).mean()),
            "both soften": float(((told["r_u"] == "softens") & (told["r_d"] == "softens")).mean()),
            "opposite": float(
                (
                    ((told["r_u"] == "hardens") & (told["r_d"] == "softens"))
                    | ((told["r_u"] == "softens") & (told["r_d"] == "hardens"))
                ).mean()
            ),
            "means": {word: float(theories[f"{word}, {moment}"].mean()) for word in MOVED},
        }
    return result


def half_lives(decay: pd.DataFrame, word: str, numbers: pd.Series) -> Floats:
    """Days until a theory's mean effect is half of the raid's evening; not a number if never."""
    path = decay.pivot(index="theory", columns="days_after", values=word).loc[numbers].to_numpy()
    start = np.abs(path[:, :1])
    halved = np.abs(path) <= 0.5 * start
    first = np.argmax(halved, axis=1).astype(np.float64)
    return np.where(halved.any(axis=1) & (start[:, 0] > _STILL), first, np.nan)


def _half_lives_in_figures(theories: pd.DataFrame) -> Figures:
    """Of the theories under which the raid does something on its day."""
    result: Figures = {}
    for word in MOVED:
        moved = theories[theories[f"{word}, the raid's day verdict"] != "nothing"]
        days = moved[f"{word} half-life"]
        lasts = float(days.isna().mean()) if len(moved) else None
        result[word] = {
            "theories": len(moved),
            "lasts": lasts,
            **{
                name: float(days.quantile(q)) if days.notna().any() else None
                for name, q in (("low", 0.05), ("median", 0.5), ("high", 0.95))
            },
        }
    return result


def _talks(effects: pd.DataFrame) -> Figures:
    """Settlements and ceasefires, with the raid and without, over all wars in which it flew."""
    return {
        word: {
            "with": float(effects[word].mean()),
            "without": float(effects[f"{word} without"].mean()),
        }
        for word in ("settled", "stopped")
    }


def mechanism_shares(
    theories: pd.DataFrame, word: str, moment: str, mechanisms: tuple[str, ...]
) -> Figures:
    """Of the variance among theories' mean effects, what each switch decides.

    Over all combinations of switches the variance is a sum of squares, one of each set of
    switches (Walsh functions): `alone` is a mechanism's own, `pairs` what it decides with one
    other, both exact but for the Monte Carlo error of the means; `effect` is what switching it on
    adds on average. Source: box_hunter1961, sobol1993.
    """
    y = theories[f"{word}, {moment}"].to_numpy(np.float64)
    signs = np.where(theories[list(mechanisms)].to_numpy(), 1.0, -1.0)
    variance = float(y.var())
    if variance <= _STILL**2:
        return {}
    centred = y - y.mean()
    alone = signs.T @ centred / len(y)
    pair = signs.T @ (signs * centred[:, None]) / len(y)
    np.fill_diagonal(pair, 0.0)
    return {
        name: {
            "effect": float(2.0 * alone[k]),
            "alone": float(alone[k] ** 2 / variance),
            "pairs": float((pair[k] ** 2).sum() / variance),
        }
        for k, name in enumerate(mechanisms)
    }


def _figures_decide(effects: pd.DataFrame, question: Question) -> Figures:
    """Of the variance among runs' mean effects, what each drawn figure decides by itself."""
    result: Figures = {}
    columns = [f"{word}, the raid's day" for word in MOVED]
    means = effects.groupby("run", sort=True)[columns].mean()
    sample = Sample(question.scenario, question.asked.seed, means.index.to_numpy())
    drawn = {path: sample[path] for path in sample.drawn}
    for word, column in zip(MOVED, columns, strict=True):
        result[word] = figure_shares(drawn, means[column].to_numpy(np.float64))
    return result


def figure_shares(drawn: dict[str, Floats], y: Floats) -> Figures:
    """First-order indices from given data, those that stand out of the noise, largest first.

    The share of variance between bins of a figure, less what bins of chance would show;
    `noise` is the 99 % point of the same for figures shuffled. Source: plischke2013.
    """
    order = np.random.Generator(np.random.Philox(1)).permutation(len(y))  # no luck of the model
    found = {path: _between(values, y) for path, values in drawn.items()}
    noise = float(np.quantile([_between(v[order], y) for v in drawn.values()], 0.99))
    told = sorted((path for path in found if found[path] > noise), key=lambda p: -found[p])
    return {"noise": noise, "runs": len(y), "shares": {path: found[path] for path in told[:12]}}


def _between(values: Floats, y: Floats) -> float:
    bins = min(_BINS, len(y) // 8)
    if bins < 2 or y.var() == 0.0:
        return 0.0
    place = np.argsort(np.argsort(values, kind="stable"), kind="stable") * bins // len(y)
    count = np.bincount(place, minlength=bins)
    means = np.bincount(place, y, bins) / count
    between = float((count * (means - y.mean()) ** 2).sum() / len(y) / y.var())
    chance = (bins - 1) / (len(y) - 1)
    return (between - chance) / (1.0 - chance)


def tree(effects: pd.DataFrame, word: str, moment: str, question: Question) -> Figures:
    """A shallow decision tree of the sign of the effect, over wars: its leaves in words.

    Learned on every other of the wars taken and scored on the rest. Source: breiman1984.
    """
    from sklearn.tree import DecisionTreeClassifier

    step = max(1, len(effects) // _TREE_ROWS)
    taken = effects.iloc[::step]
    y = taken[f"{word}, {moment}"].to_numpy(np.float64) * SIGN_OF_HARDENING[word]
    sign = np.where(y > _STILL, "hardens", np.where(y < -_STILL, "softens", "nothing"))
    on = switches_of(taken["theory"].to_numpy(), question.mechanisms)
    numbers, row_of = np.unique(taken["run"].to_numpy(), return_inverse=True)
    sample = Sample(question.scenario, question.asked.seed, numbers)
    features = {f"{name} on": on[name].to_numpy(np.float32) for name in question.mechanisms}
    features |= {path: sample[path][row_of].astype(np.float32) for path in sample.drawn}
    x, names = np.column_stack(list(features.values())), list(features)
    learner = DecisionTreeClassifier(max_depth=_DEPTH, min_samples_leaf=0.02, random_state=0)
    learner.fit(x[::2], sign[::2])
    kinds, counts = np.unique(sign[1::2], return_counts=True)
    return {
        "wars": len(sign),
        "right": float((learner.predict(x[1::2]) == sign[1::2]).mean()),
        "majority": float(counts.max() / counts.sum()),
        "shares": dict(zip(kinds.tolist(), (counts / counts.sum()).tolist(), strict=True)),
        "leaves": _leaves(learner, names),
    }


def _leaves(learner: Any, names: list[str]) -> list[Figures]:
    """Each leaf: the way to it in words, its share of the wars, and how they fall."""
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
