"""Out-of-sample validation of the law of a night: fitted up to a date, scored on all later nights.

Forecasts use only what was known on that date, and the launched counts.
"""

import datetime
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.evidence.nights import baselines
from sim.evidence.nights.file import (
    CLASSES,
    Nights,
    Reported,
    read_nights,
)
from sim.evidence.nights.fit import Fit, Forecast, fit, forecast
from sim.evidence.nights.national_defence import Law, law_for, without_mechanism
from sim.evidence.nights.rows import MOST_LAUNCHED, NightsError
from sim.evidence.nights.titles import FORECASTERS
from sim.evidence.scores import Score, coverage, reliability, score

Floats = NDArray[np.float64]
Figures = dict[str, Any]

GOAL = (0.85, 0.95)
"""Bounds for the coverage of the 90 % interval."""
LEVELS = tuple(round(0.05 * k, 2) for k in range(1, 20))
LEAST_TRAINED = 20
WORST = 5

SIZES = {
    "shahed": (1, 51, 151, 301, 501),
    "cruise": (1, 3, 11, 31),
    "ballistic": (1, 3, 11),
}
_WITHOUT: dict[str, dict[str, float]] = {
    "without_massing": {"massing": 0.0},
    "without_decoys": {"decoys": 0.0},
    "without_both": {"massing": 0.0, "decoys": 0.0},
}


def validate_nights(
    path: str | Path, until: datetime.date, seed: int = 1, draws: int = 1000
) -> Figures:
    """Train on the nights up to a date, forecast every later one, and score the forecasts.

    Returns a dictionary that can be printed as JSON; `classes` has an entry for each class with
    enough nights, and `not_judged` gives the reason for every other. Raises NightsError if the file
    or date is of no use.
    """
    reported = read_nights(path)
    _check(path, reported, until)
    judged: Figures = {}
    not_judged: dict[str, str] = {}
    for name in CLASSES:
        nights = reported.classes[name]
        known = nights.day <= until.toordinal()
        trained, later = nights.where(known), nights.where(~known)
        if len(trained) < LEAST_TRAINED:
            not_judged[name] = f"{len(trained)} nights up to {until}, {LEAST_TRAINED} are needed"
        elif not len(later):
            not_judged[name] = f"no night after {until}"
        else:
            judged[name] = _judge(name, trained, later, until, seed, draws)
    if not judged:
        reasons = "; ".join(f"{name}: {why}" for name, why in not_judged.items())
        raise NightsError(f"{path}: nothing to judge ({reasons})")
    return {
        "file": Path(path).name,
        "train_until": until.isoformat(),
        "first": reported.first.isoformat(),
        "last": reported.last.isoformat(),
        "rows": reported.rows,
        "left_out": reported.left_out,
        "by_row": list(reported.by_row),
        "seed": seed,
        "draws": draws,
        "goal": list(GOAL),
        "goal_met": all(entry["goal_met"] for entry in judged.values()),
        "classes": judged,
        "not_judged": not_judged,
    }


def _check(path: str | Path, reported: Reported, until: datetime.date) -> None:
    first, last = reported.first, reported.last
    expected = f"expected a date from {first} to {last - datetime.timedelta(days=1)}"
    if until < first:
        raise NightsError(f"{path}: no night up to {until}, {expected}")
    if until >= last:
        raise NightsError(f"{path}: no night after {until}, {expected}")


# --- one class ---------------------------------------------------------------------------------


def _judge(
    name: str, trained: Nights, later: Nights, until: datetime.date, seed: int, draws: int
) -> Figures:
    law = law_for(name, bool((~np.isnan(trained.lost)).any()))
    fitted = fit(law, trained, draws, seed, name)
    model = forecast(fitted, later, seed, name)
    plain = fit(without_mechanism(name), trained, draws, seed, name)
    cumulative = {
        "model": model.cumulative(later.launched),
        "last_month": baselines.last_month(trained, until.toordinal(), later).cumulative(
            later.launched
        ),
        "regression": baselines.regression(trained, later).cumulative(later.launched),
        "no_mechanism": forecast(plain, later, seed, name).cumulative(later.launched),
    }
    scores = {
        who: [score(law, int(came)) for law, came in zip(laws, later.leaked, strict=True)]
        for who, laws in cumulative.items()
    }
    entry: Figures = {
        "trained_nights": len(trained),
        "nights": len(later),
        "launched": int(later.launched.sum()),
        "leaked": int(later.leaked.sum()),
        "leaked_share": float(later.leaked.sum() / later.launched.sum()),
        "forecast_share": model.share(later.launched),
    }
    for who in FORECASTERS:
        suffix = "" if who == "model" else f"_{who}"
        entry |= {f"{key}{suffix}": value for key, value in figures_by_score(scores[who]).items()}
    entry["no_worse"], entry["goal_met"] = against_goal(entry)
    return entry | {
        "reliability": {who: _reliability(scores[who]) for who in FORECASTERS},
        "pit": [float(part) for part in reliability(*_ends(scores["model"]), 10)],
        "worst": worst(later, scores["model"]),
        "by_size": _by_size(name, fitted, later, model, seed),
        "figures": _figures(law, fitted),
        "even_draws": fitted.even_draws,
    }


def against_goal(entry: Figures) -> tuple[bool, bool]:
    """Whether the CRPS is no worse than the better baseline's, and whether coverage is right."""
    no_worse = entry["crps"] <= min(entry["crps_last_month"], entry["crps_regression"])
    return no_worse, no_worse and GOAL[0] <= entry["coverage_90"] <= GOAL[1]


def figures_by_score(scores: Sequence[Score]) -> Figures:
    """Coverage and mean scores of some nights, by name."""
    below, upto = _ends(scores)
    return {
        "coverage_50": coverage(below, upto, 0.5),
        "coverage_90": coverage(below, upto, 0.9),
        "inside_50": float(np.mean([one.inside_50 for one in scores])),
        "inside_90": float(np.mean([one.inside_90 for one in scores])),
        "crps": float(np.mean([one.crps for one in scores])),
        "log_score": float(np.mean([one.log_score for one in scores])),
    }


def _ends(scores: Sequence[Score]) -> tuple[Floats, Floats]:
    """P(fewer) and P(at most) of each outcome, (nights,) each."""
    return np.array([one.below for one in scores]), np.array([one.upto for one in scores])


def _reliability(scores: Sequence[Score]) -> list[float]:
    """The coverage of the central intervals of each of LEVELS."""
    return [coverage(*_ends(scores), level) for level in LEVELS]


def worst(later: Nights, scores: Sequence[Score]) -> list[Figures]:
    """The nights farthest out in the tails of their forecasts; ties are ordered by CRPS."""
    order = sorted(range(len(later)), key=lambda k: (scores[k].tail, -scores[k].crps))
    return [
        {
            "night": later.date(k).isoformat(),
            "launched": int(later.launched[k]),
            "leaked": int(later.leaked[k]),
            "median": scores[k].median,
            "low_90": scores[k].low_90,
            "high_90": scores[k].high_90,
            "tail": scores[k].tail,
            "crps": scores[k].crps,
        }
        for k in order[:WORST]
    ]


def _by_size(name: str, fitted: Fit, later: Nights, model: Forecast, seed: int) -> list[Figures]:
    """The leaking share by size of raid: outcome, forecast, and forecast with parts removed."""
    off = {word: forecast(fitted, later, seed, name, **parts) for word, parts in _WITHOUT.items()}
    edges = (*SIZES[name], MOST_LAUNCHED + 1)
    rows = []
    for low, high in itertools.pairwise(edges):
        chosen = (later.launched >= low) & (later.launched < high)
        if not chosen.any():
            continue
        launched = later.launched[chosen]
        rows.append(
            {
                "from": low,
                "to": high - 1 if high <= MOST_LAUNCHED else None,
                "nights": int(chosen.sum()),
                "launched": int(launched.sum()),
                "leaked_share": float(later.leaked[chosen].sum() / launched.sum()),
                "forecast_share": model.where(chosen).share(launched),
            }
            | {word: changed.where(chosen).share(launched) for word, changed in off.items()}
        )
    return rows


def _figures(law: Law, fitted: Fit) -> dict[str, Figures]:
    """Each fitted figure: prior median and 90 % interval, and the same of its posterior."""
    drawn = law.values(fitted.z)
    found: dict[str, Figures] = {}
    for name, figure in law.figures.items():
        before = [float(figure.value(z)) for z in (-1.645, 1.645)]
        low, median, high = _quantiles(drawn[name], fitted.weight)
        found[name] = {
            "guess": figure.guess,
            "guess_low": before[0],
            "guess_high": before[1],
            "low": low,
            "median": median,
            "high": high,
            "assumed": figure.assumed,
        }
    return found


def _quantiles(values: Floats, weight: Floats) -> tuple[float, float, float]:
    """The 5 %, 50 % and 95 % quantiles of weighted draws."""
    order = np.argsort(values)
    reached = np.cumsum(weight[order])
    places = np.minimum(np.searchsorted(reached, (0.05, 0.5, 0.95)), len(values) - 1)
    low, median, high = values[order[places]]
    return float(low), float(median), float(high)
