"""Sequential validation: each night is forecast from those before it, scored, then learned from.

The filter is compared with simple forecasters that learn in the same way: last month's rate, a
regression with forgetting (three half-lives, of which the best in hindsight counts), a regression
refitted at each half-year, and a drift that does not depend on size.
"""

import datetime
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.evidence.nights import baselines, forgetting
from sim.evidence.nights.defence import defence
from sim.evidence.nights.families import ABLATED, DRIFT, PLAIN, families, raids
from sim.evidence.nights.file import CLASSES, Nights, Reported, read_nights
from sim.evidence.nights.filter import Family, Known, Raid, forecast, learned, unlearned, weights
from sim.evidence.nights.national_defence import LAWS
from sim.evidence.nights.oddities import marks_of, shares
from sim.evidence.nights.rows import MOST_LAUNCHED, NightsError
from sim.evidence.nights.validation import LEAST_TRAINED, SIZES, figures_by_score, worst
from sim.evidence.scores import Score, reliability, score

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Figures = dict[str, Any]
Laws = list[Floats]

HORIZONS_DAYS = (1, 7, 30)
GOAL_COVERAGE = (0.86, 0.94)
GOAL_CRPS = 0.95
"""Relative to the best forgetting regression, one night ahead; further ahead 1 is enough."""
FILTER = "filter"
FORGETTING = {f"forgetting_{days}": days for days in forgetting.HALF_LIVES_DAYS}
ALONE = "filter_alone"


def validate_sequentially(path: str | Path, after: datetime.date | None = None) -> Figures:
    """Score forecasts of every night after a date, by default from the 21st of each class on.

    Returns a dictionary that can be printed as JSON. Raises NightsError if the file or date is of
    no use.
    """
    reported = read_nights(path)
    if after is not None and after >= reported.last:
        raise NightsError(f"{path}: no night after {after}, expected a date before {reported.last}")
    judged: Figures = {}
    not_judged: dict[str, str] = {}
    for name in CLASSES:
        nights = reported.classes[name]
        scored = np.arange(len(nights)) >= LEAST_TRAINED
        if after is not None:
            scored &= nights.day > after.toordinal()
        if scored.any():
            judged[name] = _judge(name, nights, scored)
        else:
            since = f" after {after}" if after else ""
            not_judged[name] = f"no night{since} with {LEAST_TRAINED} before it"
    if not judged:
        raise NightsError(f"{path}: no class has a night to score, {LEAST_TRAINED + 1} are needed")
    return told(path, reported) | {
        "after": after.isoformat() if after else None,
        "goal": {"coverage_90": list(GOAL_COVERAGE), "crps_of_forgetting": GOAL_CRPS},
        "goal_met": all(entry["goal_met"] for entry in judged.values()),
        "classes": judged,
        "not_judged": not_judged,
    }


def told(path: str | Path, reported: Reported) -> Figures:
    """A file's description for an answer: name, first and last date, rows, rows left out."""
    return {
        "file": Path(path).name,
        "first": reported.first.isoformat(),
        "last": reported.last.isoformat(),
        "rows": reported.rows,
        "left_out": reported.left_out,
        "by_row": list(reported.by_row),
    }


def history(own: Sequence[Family], met: Sequence[Raid], nights: Nights) -> list[Known]:
    """The knowledge of filters after each night, (n,)."""
    known, found = unlearned(own, met[0].day), []
    for raid, leaked in zip(met, nights.leaked, strict=True):
        known = learned(own, known, raid, int(leaked))
        found.append(known)
    return found


# --- one class ---------------------------------------------------------------------------------


def _judge(name: str, nights: Nights, scored: Bools) -> Figures:
    met = list(raids(name, nights))
    own = families(name)
    known = history(own, met, nights)
    first = max(min(_last_before(nights, scored, max(HORIZONS_DAYS))), 0)
    fits = {who: forgetting.fits(nights, days, first) for who, days in FORGETTING.items()}
    later = nights.where(scored)
    horizons: Figures = {}
    scores: dict[str, list[Score]] = {}
    for ahead in HORIZONS_DAYS:
        before = _last_before(nights, scored, ahead)
        laws = {FILTER: _forecasts(own, known, met, scored, before)}
        laws |= {who: _regressions(fit, nights, scored, before) for who, fit in fits.items()}
        found = _scores(laws, later)
        horizons[str(ahead)] = _compared(found)
        if ahead == 1:
            laws = _others(name, nights, met, scored, before)
            scores = found | _scores(laws, later)
    entry: Figures = {
        "nights": int(scored.sum()),
        "launched": int(later.launched.sum()),
        "leaked": int(later.leaked.sum()),
        "first": later.date(0).isoformat(),
        "last": later.date(len(later) - 1).isoformat(),
    }
    for who, some in scores.items():
        suffix = "" if who == FILTER else f"_{who}"
        entry |= {f"{key}{suffix}": value for key, value in figures_by_score(some).items()}
    entry |= horizons["1"]
    below, upto = (
        np.array([getattr(one, end) for one in scores[FILTER]]) for end in ("below", "upto")
    )
    return entry | {
        "goal_met": _meets(horizons),
        "horizons": horizons,
        "pit": [float(part) for part in reliability(below, upto, 10)],
        "by_half": _by_part(later, scores, lambda day: f"{day.year}-H{1 + (day.month > 6)}"),
        "by_month": _by_part(later, scores, lambda day: f"{day.year}-{day.month:02}"),
        "by_size": _by_size(name, later, scores),
        "worst": _worst(name, nights, scored, scores[FILTER]),
        "oddities": _oddities(name, nights, scored, scores[FILTER]),
        "defence": _defence(name, own, known, nights, scored),
        "series": _series(later, scores),
    }


def _last_before(nights: Nights, scored: Bools, ahead: int) -> list[int]:
    """For each scored night, the number of the last night known `ahead` days before it."""
    days = nights.day[scored] - ahead
    return [int(k) for k in np.searchsorted(nights.day, days, side="right") - 1]


def _forecasts(
    own: Sequence[Family],
    known: Sequence[Known],
    met: Sequence[Raid],
    scored: Bools,
    before: Sequence[int],
) -> Laws:
    asked = itertools.compress(met, scored)
    laws = []
    for raid, place in zip(asked, before, strict=True):
        start = known[place] if place >= 0 else unlearned(own, met[0].day)
        laws.append(forecast(own, start, raid).cumulative(raid.launched))
    return laws


def _regressions(fits: Floats, nights: Nights, scored: Bools, before: Sequence[int]) -> Laws:
    least = forgetting.LEAST_NIGHTS - 1
    return [
        forgetting.law(fits[max(place, least)], int(launched))
        for launched, place in zip(nights.launched[scored], before, strict=True)
    ]


def _others(
    name: str, nights: Nights, met: Sequence[Raid], scored: Bools, before: Sequence[int]
) -> dict[str, Laws]:
    """The filter with parts removed, and simple forecasters that forget in other ways."""
    parts = [part for part in ABLATED if part in LAWS[name].figures]
    seen = {ALONE: PLAIN, DRIFT: DRIFT} | {f"without_{part}": part for part in parts}
    laws = {}
    for who, sees in seen.items():
        own = families(name, sees)
        laws[who] = _forecasts(own, history(own, met, nights), met, scored, before)
    return laws | {
        "last_month": list(_last_month(nights, scored, before)),
        "regression": list(_as_of_half_year(nights, scored)),
    }


def _last_month(nights: Nights, scored: Bools, before: Sequence[int]) -> Iterator[Floats]:
    for k, place in zip(np.flatnonzero(scored), before, strict=True):
        known = nights.where(np.arange(len(nights)) <= place)
        one = nights.where(np.arange(len(nights)) == k)
        yield baselines.last_month(known, int(nights.day[k]) - 1, one).cumulative(one.launched)[0]


def _as_of_half_year(nights: Nights, scored: Bools) -> Iterator[Floats]:
    """The regression on size and time, fitted before each half-year, or to the first 20 nights."""
    eves = np.array([_half_of(nights.date(int(k))).toordinal() for k in np.flatnonzero(scored)])
    for eve in np.unique(eves):
        count = max(int((nights.day < eve).sum()), LEAST_TRAINED)
        known = nights.where(np.arange(len(nights)) < count)
        later = nights.where(scored).where(eves == eve)
        yield from baselines.regression(known, later).cumulative(later.launched)


def _half_of(date: datetime.date) -> datetime.date:
    """The first day of a date's half-year."""
    return datetime.date(date.year, 7 if date.month > 6 else 1, 1)


def _scores(laws: dict[str, Laws], later: Nights) -> dict[str, list[Score]]:
    return {
        who: [score(law, int(came)) for law, came in zip(some, later.leaked, strict=True)]
        for who, some in laws.items()
    }


def _compared(scores: dict[str, list[Score]]) -> Figures:
    """The filter compared with the forgetting regression that is best in hindsight."""
    own = figures_by_score(scores[FILTER])
    rivals = {who: figures_by_score(scores[who])["crps"] for who in FORGETTING}
    best = min(rivals, key=lambda who: rivals[who])
    return {
        "crps": own["crps"],
        "coverage_90": own["coverage_90"],
        "crps_forgetting": rivals[best],
        "best_half_life_days": FORGETTING[best],
        "gain": 1.0 - own["crps"] / rivals[best] if rivals[best] else 0.0,
    }


def _meets(horizons: Figures) -> bool:
    """Whether a class meets the goal, one night ahead and further ahead."""
    night, *further = (horizons[str(days)] for days in HORIZONS_DAYS)
    return against_goal(night) and all(one["crps"] <= one["crps_forgetting"] for one in further)


def against_goal(compared: Figures) -> bool:
    """Whether forecasts one night ahead meet the goal."""
    low, high = GOAL_COVERAGE
    better = compared["crps"] <= GOAL_CRPS * compared["crps_forgetting"]
    return bool(better and low <= compared["coverage_90"] <= high)


# --- parts of the nights -----------------------------------------------------------------------


def _by_part(
    later: Nights, scores: dict[str, list[Score]], part_of: Callable[[datetime.date], str]
) -> list[Figures]:
    """The scores by part of the time."""
    parts = [part_of(later.date(k)) for k in range(len(later))]
    return [
        {"part": part} | _of(later, scores, np.array(parts) == part)
        for part in dict.fromkeys(parts)
    ]


def _by_size(name: str, later: Nights, scores: dict[str, list[Score]]) -> list[Figures]:
    rows = []
    for low, high in itertools.pairwise((*SIZES[name], MOST_LAUNCHED + 1)):
        chosen = (later.launched >= low) & (later.launched < high)
        if chosen.any():
            ends = {"from": low, "to": high - 1 if high <= MOST_LAUNCHED else None}
            rows.append(ends | _of(later, scores, chosen))
    return rows


def _of(later: Nights, scores: dict[str, list[Score]], chosen: Bools) -> Figures:
    some = {who: list(itertools.compress(all_, chosen)) for who, all_ in scores.items()}
    compared = _compared(some)
    return {
        "nights": int(chosen.sum()),
        "launched": int(later.launched[chosen].sum()),
        "leaked": int(later.leaked[chosen].sum()),
        **compared,
        "meets": against_goal(compared),
        **{f"crps_{who}": figures_by_score(some[who])["crps"] for who in some if who != FILTER},
    }


def _defence(
    name: str, own: Sequence[Family], known: Sequence[Known], nights: Nights, scored: Bools
) -> list[Figures]:
    """The estimated defence after the last night of each month."""
    places = {nights.date(int(k)).strftime("%Y-%m"): int(k) for k in np.flatnonzero(scored)}
    return [
        {
            "night": nights.date(k).isoformat(),
            "mechanism_counts": float(weights(own, known[k])[1].sum()),
            "figures": defence(name, own, known[k], float(nights.tempo[k])),
        }
        for k in places.values()
    ]


def _worst(name: str, nights: Nights, scored: Bools, scores: Sequence[Score]) -> list[Figures]:
    """The worst nights, with what was unusual about each."""
    places = {nights.date(int(k)).isoformat(): int(k) for k in np.flatnonzero(scored)}
    return [
        row | {"odd": marks_of(name, nights, places[row["night"]])}
        for row in worst(nights.where(scored), scores)
    ]


def _oddities(name: str, nights: Nights, scored: Bools, scores: Sequence[Score]) -> list[Figures]:
    """How often each mark occurs on nights inside and outside their 90 % interval."""
    every = [marks_of(name, nights, int(k)) for k in np.flatnonzero(scored)]
    ends = zip(scores, nights.leaked[scored], strict=True)
    return shares(every, np.array([not one.low_90 <= came <= one.high_90 for one, came in ends]))


def _series(later: Nights, scores: dict[str, list[Score]]) -> list[Figures]:
    """Night by night: forecast, outcome, and the scores of the filter and its rivals."""
    return [
        {
            "night": later.date(k).isoformat(),
            "launched": int(later.launched[k]),
            "leaked": int(later.leaked[k]),
            "median": scores[FILTER][k].median,
            "low_90": scores[FILTER][k].low_90,
            "high_90": scores[FILTER][k].high_90,
            "crps": scores[FILTER][k].crps,
            **{f"crps_{who}": scores[who][k].crps for who in FORGETTING},
        }
        for k in range(len(later))
    ]
