"""The answer to a sweep: outcomes at each point, with errors, and where a contrast changes sign."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.design import WITH_POINTS, Factor
from sim.experiment.questions.sweep import Question
from sim.experiment.statistics.estimate import estimate, t95
from sim.experiment.statistics.significance import differ_from_zero
from sim.experiment.storage.store import Results

Floats = NDArray[np.float64]
Figures = dict[str, Any]

POINT_COLUMNS = {
    "": "mean",
    " ±": "mean_error",
    " median": "median",
    " 5 %": "low",
    " 95 %": "high",
    " wars": "runs",
}
"""Columns of an outcome in a table of points: mean, its error, median, central 90 %, and wars.

Errors are Monte Carlo errors; wars are those in which the outcome happened.
"""


def answer(results: Results, question: Question) -> tuple[Figures, pd.DataFrame]:
    """The answer in figures, and one row per point with every outcome."""
    wars = results.table("outcomes")
    table = table_of_points(wars, question)
    experiment = question.experiment
    figures = {
        "experiment": experiment.name,
        "scenario": question.scenario.name,
        "question": experiment.question,
        "design": experiment.design,
        "factors": {f.name: _factor(f, question.units.get(f.name)) for f in question.factors},
        "outcomes": list(experiment.outcomes),
        "titles": experiment.titles,
        "points": len(table),
        "runs": experiment.runs,
        "wars": len(wars),
        "seed": experiment.seed,
        "failed": results.table("failed").to_dict("records"),
        "alone": {outcome: alone(table, question, outcome) for outcome in experiment.outcomes},
        "contrast": None if experiment.contrast is None else contrast_of(wars, question),
    }
    if experiment.design == "one_at_a_time":
        figures["moved"] = moved(wars, question)
    return figures, table


def _factor(factor: Factor, unit: str | None) -> Figures:
    kind = "range" if factor.is_number else "settings"
    return {"kind": kind, "unit": unit, "levels": list(factor.listed), "stands": factor.stands}


def table_of_points(wars: pd.DataFrame, question: Question) -> pd.DataFrame:
    """One row per point: the level of each factor, then the `POINT_COLUMNS` of each outcome."""
    columns: dict[str, list[Any]] = {}
    places = wars.groupby("point").indices if len(wars) else {}
    nothing = np.empty(0, np.int64)
    for outcome in question.experiment.outcomes:
        values = wars[outcome].to_numpy() if len(wars) else np.empty(0)
        rows = (places.get(point, nothing) for point in question.points["point"])
        estimates = [estimate(values[chosen]) for chosen in rows]
        for what, name in POINT_COLUMNS.items():
            columns[f"{outcome}{what}"] = [figures[name] for figures in estimates]
    by_outcome = pd.DataFrame(columns, dtype=np.float64)
    outcomes = question.experiment.outcomes
    by_outcome = by_outcome.astype({f"{outcome} wars": np.int64 for outcome in outcomes})
    return pd.concat([question.points.reset_index(drop=True), by_outcome], axis=1)


def alone(table: pd.DataFrame, question: Question, outcome: str) -> Figures:
    """What each factor does by itself: the mean outcome at each level over all other levels.

    `wars` are those in which it happened, out of `of`. In a design that samples, a range is cut
    into parts with equal numbers of points; in one at a time, a level is taken with all others as
    they stand.
    """
    result: Figures = {}
    runs = question.experiment.runs
    for factor in question.factors:
        points = table
        if question.experiment.design == "one_at_a_time":
            points = _with_others_as_they_stand(table, question.factors, factor)
        levels = points[factor.name]
        if question.experiment.design in WITH_POINTS and levels.nunique() > len(factor.listed):
            parts = pd.qcut(levels, factor.steps, duplicates="drop")
            levels = parts.map(lambda part: float(part.mid))
        result[factor.name] = {
            str(level): {
                "mean": None if part[outcome].isna().all() else float(part[outcome].mean()),
                "wars": int(part[f"{outcome} wars"].sum()),
                "of": runs * len(part),
            }
            for level, part in points.groupby(levels, sort=False, observed=True)
        }
    return result


def moved(wars: pd.DataFrame, question: Question) -> Figures:
    """By outcome and factor, the effect of each level on the scenario as it stands, run by run.

    Changed minus as it stands, over the runs in which the outcome happened in both.
    """
    base = question.points
    for factor in question.factors:
        base = base[base[factor.name] == factor.stands]
    points = {point: part.set_index("run") for point, part in wars.groupby("point")}
    nothing = wars.iloc[:0].set_index("run")
    as_it_stands = points.get(base["point"].iloc[0], nothing)
    result: Figures = {outcome: {} for outcome in question.experiment.outcomes}
    for factor in question.factors:
        alone = _with_others_as_they_stand(question.points, question.factors, factor)
        for row in alone[alone[factor.name] != factor.stands].to_dict("records"):
            here = points.get(row["point"], nothing)
            for outcome, by_factor in result.items():
                difference = (here[outcome] - as_it_stands[outcome]).to_numpy(np.float64)
                by_factor.setdefault(factor.name, {})[str(row[factor.name])] = _mean(difference)
    return result


def _with_others_as_they_stand(
    points: pd.DataFrame, factors: Sequence[Factor], factor: Factor
) -> pd.DataFrame:
    for other in factors:
        if other.name != factor.name:
            points = points[points[other.name] == other.stands]
    return points


def contrast_of(wars: pd.DataFrame, question: Question) -> Figures:
    """The first setting of the contrasted lever minus the second, run by run, at each place.

    `places` are the combinations of the other factors, each with its distinct wars: identical
    points, which samples of counts have, are the same wars. `crossings` is where the sign changes
    along the first of these factors that is a range. Whether a mean difference differs from zero is
    decided by t-tests over runs, with a false discovery rate of 5 % among all places. With under
    two wars a place is not compared. Source: benjamini_hochberg1995.
    """
    name = question.experiment.contrast or ""
    lever = next(factor for factor in question.factors if factor.name == name)
    others = [factor for factor in question.factors if factor.name != name]
    keys = ["run", *(factor.name for factor in others)]
    joined = wars.merge(question.points, on="point").drop_duplicates([name, *keys])
    one, other = (
        joined[joined[name] == setting].set_index(keys)[list(question.experiment.outcomes)]
        for setting in lever.levels
    )
    difference = one - other
    result: Figures = {"lever": name, "first": lever.levels[0], "second": lever.levels[1]}
    for outcome in question.experiment.outcomes:
        places = _places(difference[outcome], [factor.name for factor in others])
        result[outcome] = {
            "places": places.to_dict("records"),
            "crossings": crossings(places, [f for f in others if f.is_number], others),
        }
    return result


def _places(difference: pd.Series, names: list[str]) -> pd.DataFrame:
    if names:
        frame = difference.rename("difference").reset_index()
        rows = [
            dict(zip(names, key, strict=True)) | _mean(part["difference"].to_numpy())
            for key, part in frame.groupby(names, sort=True, observed=True)
        ]
    else:
        rows = [_mean(difference.to_numpy())]
    places = pd.DataFrame(rows)
    compared = (places["runs"] >= 2).to_numpy()
    differs = np.zeros(len(places), np.bool_)
    if compared.any():
        differs[compared] = differ_from_zero(
            places["mean"].to_numpy(np.float64)[compared],
            (places["±"] / t95(places["runs"].to_numpy())).to_numpy(np.float64)[compared],
            places["runs"].to_numpy()[compared],
        )
    return places.assign(told=differs, compared=compared)


def _mean(values: Floats) -> Figures:
    figures = estimate(values)
    return {"mean": figures["mean"], "±": figures["mean_error"], "runs": figures["runs"]}


def crossings(places: pd.DataFrame, ranges: list[Factor], others: list[Factor]) -> list[Figures]:
    """Where the mean difference changes sign along the first range, for all other levels.

    Only between places where it differs from zero, `low` and `high`; `at` is where it is zero by
    linear interpolation between the levels, the median if that is so more than once.
    """
    if not ranges:
        return []
    along, rest = ranges[0].name, [f.name for f in others if f.name != ranges[0].name]
    groups = places.groupby(rest, sort=True, observed=True) if rest else [((), places)]
    found: list[Figures] = []
    for key, group in groups:
        ordered = group.sort_values(along)
        x, mean = (ordered[column].to_numpy(np.float64) for column in (along, "mean"))
        differing = np.flatnonzero(ordered["told"].to_numpy())
        levels = dict(zip(rest, key, strict=True))
        for left, right in itertools.pairwise(differing):
            if mean[left] * mean[right] < 0.0:
                between = slice(left, right + 1)
                found.append(
                    levels
                    | {
                        "along": along,
                        "at": float(np.median(_zeros(x[between], mean[between]))),
                        "low": float(x[left]),
                        "high": float(x[right]),
                        "from": "-" if mean[left] < 0.0 else "+",
                    }
                )
    return found


def _zeros(x: Floats, y: Floats) -> Floats:
    """Where straight lines between points cross zero."""
    turns = np.flatnonzero((y[:-1] < 0.0) != (y[1:] < 0.0))
    share = y[turns] / (y[turns] - y[turns + 1])
    return x[turns] + share * (x[turns + 1] - x[turns])
