"""The answer to a theories experiment: who hardens under how many theories, and why."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim.experiment.errors import ExperimentError
from sim.experiment.questions.sign_tree import tree
from sim.experiment.questions.theories import MOVED, Question, Store
from sim.experiment.questions.verdicts import verdicts
from sim.experiment.questions.weighed import weighed
from sim.experiment.statistics.significance import discoveries
from sim.scenario.sample import Sample

Floats = NDArray[np.float64]
Figures = dict[str, Any]

_BINS = 16
_STILL = 1e-9


def answer(store: Store) -> tuple[Figures, pd.DataFrame, pd.DataFrame]:
    """The answer in figures, one row per theory, and the mean effect by day of each theory.

    Raises ExperimentError if the raid flew in no war.
    """
    wars = store.table("effects")
    effects = wars[wars["flown"]]
    question = store.question
    if effects.empty:
        raise ExperimentError(
            f"raids.{question.scenario.focus}: flew in no war, expected one that is not settled, "
            "decided or out of drones before"
        )
    theories, by_moment = verdicts(effects, question)
    decay = (
        store.table("decay").groupby(["theory", "days_after"], as_index=False, observed=True).sum()
    )
    for word in MOVED:
        decay[word] /= decay["wars"].clip(lower=1)
    for word in MOVED:
        theories[f"{word} half-life"] = half_lives(decay, word, theories["theory"])
    figures = {
        "experiment": question.experiment.name,
        "scenario": question.scenario.name,
        "question": question.experiment.question,
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
        "runs": question.experiment.runs,
        "seed": question.experiment.seed,
        "region": {"half_width": question.region, "because": question.experiment.region.because},
        "verdicts": by_moment,
        "weighed": weighed(effects, question),
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


def half_lives(decay: pd.DataFrame, word: str, numbers: pd.Series) -> Floats:
    """Days until a theory's mean effect is half that on the raid's evening; NaN if never."""
    path = decay.pivot(index="theory", columns="days_after", values=word).loc[numbers].to_numpy()
    start = np.abs(path[:, :1])
    halved = np.abs(path) <= 0.5 * start
    first = np.argmax(halved, axis=1).astype(np.float64)
    return np.where(halved.any(axis=1) & (start[:, 0] > _STILL), first, np.nan)


def _half_lives_in_figures(theories: pd.DataFrame) -> Figures:
    """How many theories that harden or soften on the raid's day have halved by the end, and when.

    The quantiles are of those that halve by the last day.
    """
    result: Figures = {}
    for word in MOVED:
        moved = theories[theories[f"{word}, the raid's day verdict"].isin(("hardens", "softens"))]
        days = moved[f"{word} half-life"].dropna()
        result[word] = {
            "theories": len(moved),
            "halved": len(days),
            **{
                name: float(days.quantile(q)) if len(days) else None
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
    } | {"wars": len(effects)}


def mechanism_shares(
    theories: pd.DataFrame, word: str, moment: str, mechanisms: tuple[str, ...]
) -> Figures:
    """The share of the variance among theories' mean effects that each switch explains.

    Over all combinations of switches the variance is a sum of squares, one for each set of switches
    (Walsh functions): `alone` is a mechanism's main effect, `pairs` its interactions with one
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
    """The share of the variance among runs' mean effects that each drawn figure explains alone."""
    columns = [f"{word}, the raid's day" for word in MOVED]
    means = effects.groupby("run", sort=True)[columns].mean()
    sample = Sample(question.scenario, question.experiment.seed, means.index.to_numpy())
    drawn = {path: sample[path] for path in sample.drawn}
    return figure_shares(drawn, dict(zip(MOVED, means.to_numpy(np.float64).T, strict=True)))


def figure_shares(drawn: dict[str, Floats], moved: dict[str, Floats]) -> Figures:
    """First-order indices from given data of those figures that move an outcome, largest first.

    The share of variance between bins of a figure, less what bins of chance would show. All figures
    are tested on all outcomes at once, by F tests between bins: on average at most 5 % of those
    named move nothing. Source: plischke2013, benjamini_hochberg1995.
    """
    shares = np.array([[_between(values, y) for values in drawn.values()] for y in moved.values()])
    runs = len(next(iter(moved.values())))
    significant = discoveries(_p_between(shares, runs))
    result: Figures = {}
    for place, word in enumerate(moved):
        rows = zip(drawn, shares[place], significant[place], strict=True)
        found = {path: float(share) for path, share, is_significant in rows if is_significant}
        largest = sorted(found.items(), key=lambda pair: -pair[1])
        result[word] = {
            "tested": len(drawn), "told": len(found), "runs": runs, "shares": dict(largest[:12]),
        }  # fmt: skip
    return result


def _bins(runs: int) -> int:
    return min(_BINS, runs // 8)


def _p_between(shares: Floats, runs: int) -> Floats:
    """The p-value of each share between bins: how likely it is for a figure that moves nothing."""
    bins = _bins(runs)
    if bins < 2:
        return np.ones_like(shares)
    chance = (bins - 1) / (runs - 1)
    between = np.clip(shares * (1.0 - chance) + chance, 0.0, 1.0)
    with np.errstate(divide="ignore"):
        ratio = (between / (bins - 1)) / ((1.0 - between) / (runs - bins))
    return np.asarray(stats.f.sf(ratio, bins - 1, runs - bins))


def _between(values: Floats, y: Floats) -> float:
    bins = _bins(len(y))
    if bins < 2 or y.var() == 0.0:
        return 0.0
    place = np.argsort(np.argsort(values, kind="stable"), kind="stable") * bins // len(y)
    count = np.bincount(place, minlength=bins)
    means = np.bincount(place, y, bins) / count
    between = float((count * (means - y.mean()) ** 2).sum() / len(y) / y.var())
    chance = (bins - 1) / (len(y) - 1)
    return (between - chance) / (1.0 - chance)
