"""A public fitted to its polls: runs are weighted by waves up to a day, later waves forecast."""

import datetime
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from sim.evidence.calibration.aim import Aim, at_prior, figures_at, log_rarity
from sim.evidence.polls.attitude_fit import DRAWS, AttitudeFit, Drawn, Item
from sim.evidence.polls.ensemble import ROUNDS, Ensemble, Floats, Lines
from sim.evidence.polls.forecast import (
    INTERVAL,
    Z90,
    Law,
    crps,
    effective_runs,
    error_of,
    points,
    resampled,
    weights,
)
from sim.scenario.schema import ATTITUDES, Attitude, Blow, Pattern, Scenario, figures

Figures = dict[str, Any]

WAYS = ("model", "carried", "walk", "trend")
"""The model, and the forecasts it is compared with."""
LEAST_WAVES = 3
"""The least number of waves for a fit."""
LEAST_EFFECTIVE = 100.0
"""Each tail beyond a 90 % interval then holds five effective runs."""
GOAL = (0.8, 1.0)
"""The share of later waves that should lie in the 90 % interval."""
_LEAST_LINE = 3  # waves needed for a straight line with an error estimate
_ENDS = ("low", "median", "high")


class EvidenceError(ValueError):
    """Something that cannot be compared with the evidence; one line gives the reason."""


class PublicFit:
    """One public fitted to all its polls: call `weigh` first, then read figures and fans."""

    def __init__(self, ensemble: Ensemble, side: str, until: datetime.date) -> None:
        self.ensemble, self.scenario, self.side = ensemble, ensemble.scenario, side
        asked = {poll.asks for poll in self.scenario.polls.values() if poll.of == side}
        self.attitudes: dict[Attitude, AttitudeFit] = {
            attitude: AttitudeFit(ensemble, (side, attitude), until)
            for attitude in ATTITUDES
            if attitude in asked
        }
        self.walks: dict[Attitude, Drawn] = {}
        self.figures_drawn: dict[str, dict[str, Floats]] = {}
        self.effective = 0.0
        fits = sum(len(fit.waves.days) for fit in self.attitudes.values())
        if fits < LEAST_WAVES:
            raise EvidenceError(
                f"publics.{side}: {fits} waves of its polls by {until}, expected at least "
                f"{LEAST_WAVES} to fit: a later --train-until"
            )

    def weigh(self, lines: Lines, done: int) -> None:
        """Simulate rounds aimed ever more closely at what fits, then resample runs by weight.

        `lines` are those of the prior, `done` the number of wars simulated so far. Raises
        EvidenceError if too few runs fit to base a forecast on. Source: rubin1988.
        """
        runs, seed = np.arange(self.ensemble.runs), self.ensemble.seed
        aims = [at_prior(figures_of(self.scenario, self.side))]
        places = aims[0].places(seed, runs)
        shares = {attitude: lines[self.side, attitude] for attitude in self.attitudes}
        self._keep("prior", shares, aims[0], places, np.full(len(runs), 1.0 / len(runs)))
        log_weights = self._log_likelihood(shares, aims[0], places)
        while len(aims) < ROUNDS:
            aims.append(aims[-1].nearer(places, log_weights))
            new = self.ensemble.lines(aims[-1], done)
            done += len(runs)
            shares = {
                attitude: np.concatenate([share, new[self.side, attitude]], axis=1)
                for attitude, share in shares.items()
            }
            places = np.concatenate([places, aims[-1].places(seed, runs)], axis=1)
            likelihood = self._log_likelihood(shares, aims[-1], places)
            log_weights = log_rarity(aims, places) + likelihood
        weight = weights(log_weights)
        self.effective = effective_runs(weight)
        if self.effective < LEAST_EFFECTIVE:
            raise EvidenceError(
                f"publics.{self.side}: the waves leave {self.effective:.0f} runs' worth of "
                f"{len(weight):,}, expected at least {LEAST_EFFECTIVE:.0f}: more --runs, or "
                "ranges that reach the waves"
            )
        self._keep("fitted", shares, aims[-1], places, weight)
        self.walks = {attitude: fit.walk_alone() for attitude, fit in self.attitudes.items()}

    def _log_likelihood(self, shares: dict[Attitude, Floats], aim: Aim, places: Floats) -> Floats:
        drawn = figures_at(self.scenario, aim, places)
        parts = [
            fit.log_likelihood(shares[attitude], self._sd(fit, drawn, places.shape[1]))
            for attitude, fit in self.attitudes.items()
        ]
        return np.asarray(np.sum(parts, axis=0))

    def _sd(self, fit: AttitudeFit, drawn: dict[str, Floats], runs: int) -> Floats:
        """The standard deviation of the walk after a year in each run: drawn, or one figure."""
        if fit.wanders in drawn:
            return drawn[fit.wanders]
        return np.full(runs, dict(figures(self.scenario))[fit.wanders].value)

    def _keep(
        self,
        which: str,
        shares: dict[Attitude, Floats],
        aim: Aim,
        places: Floats,
        weight: Floats,
    ) -> None:
        rows = resampled(weight, DRAWS)
        drawn = figures_at(self.scenario, aim, places[:, rows])
        for attitude, fit in self.attitudes.items():
            fit.keep(which, shares[attitude][:, rows], self._sd(fit, drawn, DRAWS))
        self.figures_drawn[which] = drawn

    # results

    def polls(self) -> dict[str, Figures]:
        """Every poll: its waves, the scores of fit and forecast, its patterns and its offset."""
        return {
            item.name: self._poll(attitude, item)
            for attitude, fit in self.attitudes.items()
            for item in fit.items
        }

    def _poll(self, attitude: Attitude, item: Item) -> Figures:
        fitted = self.attitudes[attitude].drawn["fitted"]
        waves = [self._wave(attitude, item, place) for place in range(len(item.seen))]
        return {
            "title": item.poll.title,
            "by": item.poll.by,
            "side": self.side,
            "attitude": attitude,
            "waves": waves,
            "fit": scored(waves[: item.fits], "model"),
            "forecast": _scores(waves[item.fits :]),
            "patterns": {
                name: _pattern(fitted, item, one) for name, one in item.poll.patterns.items()
            },
            "offset": _quantiles(fitted.offset(item)) if item.offset else None,
        }

    def _wave(self, attitude: Attitude, item: Item, place: int) -> Figures:
        fit, is_fit = self.attitudes[attitude], place < item.fits
        fitted, day = fit.drawn["fitted"], float(item.days[place])
        laws = {"model": fitted.wave(item, place)}
        if not is_fit:
            if item.fits:
                laws["carried"] = item.carried(place)
            laws["walk"] = self.walks[attitude].wave(item, place)
            if item.fits >= _LEAST_LINE:
                laws["trend"] = item.trend(place)
        seen = float(item.seen[place])
        return {
            "date": str(item.poll.waves[place].date),
            "part": "fit" if is_fit else "forecast",
            "poll": 100.0 * seen,
            "prior": _interval(fit.drawn["prior"].wave(item, place)),
            "rule": _ends(points(fitted.rule(day))),
            "discrepancy": _quantiles(fitted.walk(0.0, day)),
            **{way: _against(law, seen) for way, law in laws.items()},
        }

    def public(self, polls: dict[str, Figures]) -> Figures:
        """The public: the forecasts of all its polls together, and its figures before and after.

        Forecasts are compared over the same waves: those of polls with at least one fitted wave.
        """
        told = [
            wave
            for attitude in self.attitudes.values()
            for item in attitude.items
            for wave in polls[item.name]["waves"][item.fits :]
            if item.fits
        ]
        by_path = dict(figures(self.scenario))
        return {
            "effective_runs": self.effective,
            "forecast": _scores(told),
            "figures": {
                path: {"unit": by_path[path].unit}
                | {which: _ends(drawn[path]) for which, drawn in self.figures_drawn.items()}
                for path in self.figures_drawn["prior"]
            },
        }

    def fans(self) -> dict[str, pd.DataFrame]:
        """Each attitude by date, in per cent: prior, fitted, and the rule alone."""
        return {f"{self.side}.{name}": self._fan(fit) for name, fit in self.attitudes.items()}

    def _fan(self, fit: AttitudeFit) -> pd.DataFrame:
        start = self.scenario.start
        dates = [start + datetime.timedelta(day) for day in fit.days.tolist()]
        columns: dict[str, Any] = {"date": dates}
        for which, drawn in fit.drawn.items():
            for word, column in zip(_ENDS, drawn.fan().T, strict=True):
                columns[f"{which}_{word}"] = column
        columns["rule_median"] = points(np.median(fit.drawn["fitted"].logits, axis=1))
        return pd.DataFrame(columns)


def figures_of(scenario: Scenario, side: str) -> list[str]:
    """The drawn figures that affect polls of a public, except those of how reports are believed."""
    blows = tuple(
        f"events.{name}."
        for name, e in scenario.events.items()
        if isinstance(e, Blow) and e.on == side
    )
    asked = {poll.asks for poll in scenario.polls.values() if poll.of == side}
    own = (f"publics.{side}.{attitude}." for attitude in asked)
    walks = (f"discrepancy.{side}.{attitude}" for attitude in asked)
    mind = (f"minds.{side}.expected_loss", f"minds.{side}.foresight")
    starts = (*own, *walks, *mind, *blows)
    drawn = (path for path, figure in figures(scenario) if figure.is_drawn)
    return [path for path in drawn if path.startswith(starts)]


def _pattern(fitted: Drawn, item: Item, pattern: Pattern) -> Figures:
    """A change between two waves: in the poll, by the rule, by the discrepancy, and in total.

    Changes are computed in logits and reported in points from the share of the first wave.
    """
    dates = [wave.date for wave in item.poll.waves]
    ends = [dates.index(pattern.first), dates.index(pattern.last)]
    first, last = (float(item.days[end]) for end in ends)
    start = float(item.seen[ends[0]])

    def in_points(change: Any) -> Any:
        return 100.0 * (expit(logit(start) + change) - start)

    own = fitted.rule(last) - fitted.rule(first)
    moved = fitted.change(first, last)
    after = expit(logit(start) + moved.means)
    error = np.hypot(item.errors[ends[0]], error_of(after, item.n[ends[1]], item.times))
    low, _, high = in_points(Law(moved.means, np.hypot(moved.sds, error)).quantiles())
    shares = item.seen[ends] * (1.0 - item.seen[ends])
    by_chance = Z90 * float(np.hypot(*(100.0 * shares * item.errors[ends])))
    change = 100.0 * float(item.seen[ends[1]] - start)
    told = _ends(in_points(own))
    return {
        "title": pattern.title,
        "first": str(pattern.first),
        "last": str(pattern.last),
        "part": "fit" if ends[1] < item.fits else "forecast",
        "poll": change,
        "poll_error": by_chance,
        "rule": told,
        "discrepancy": _quantiles(fitted.walk(first, last), in_points),
        "foreseen": {"low": float(low), "high": float(high)},
        "verdict": verdict(change, by_chance, told["median"], float(low), float(high)),
    }


def verdict(change: float, error: float, rule: float, low: float, high: float) -> str:
    """Whether a poll's change is foreseen, and if so, whether by the rule.

    "missed" if it is outside `low` to `high`, the 90 % interval of rule, discrepancy and errors.
    Otherwise "met" if it is within its `error` or the `rule` gives at least half of it, else
    "unexplained".
    """
    if not low <= change <= high:
        return "missed"
    if abs(change) <= error or rule / change >= 0.5:
        return "met"
    return "unexplained"


def _against(law: Law, seen: float) -> Figures:
    ends = _interval(law)
    return ends | {
        "inside": bool(ends["low"] <= 100.0 * seen <= ends["high"]),
        "error": ends["median"] - 100.0 * seen,
        "crps": 100.0 * crps(law, seen),
        "log_score": law.log_density(float(logit(seen))),
    }


def _scores(waves: list[Figures]) -> Figures | None:
    """The scores of each forecast over the waves that it covers; None if there is no wave."""
    if not waves:
        return None
    by_way = {way: [wave for wave in waves if way in wave] for way in WAYS}
    return {way: scored(told, way) for way, told in by_way.items() if told}


def scored(waves: list[Figures], way: str) -> Figures | None:
    """How many waves are inside, and mean errors and scores, in points except the log score."""
    told = [wave[way] for wave in waves]
    if not told:
        return None
    return {
        "waves": len(told),
        "inside": sum(each["inside"] for each in told),
        "mean_error": float(np.mean([each["error"] for each in told])),
        "mean_distance": float(np.mean([abs(each["error"]) for each in told])),
        "crps": float(np.mean([each["crps"] for each in told])),
        "log_score": float(np.mean([each["log_score"] for each in told])),
    }


def _interval(law: Law) -> Figures:
    return _quantiles(law, points)


def _quantiles(law: Law, told: Any = np.asarray) -> Figures:
    return dict(zip(_ENDS, told(law.quantiles()).tolist(), strict=True))


def _ends(values: Floats) -> Figures:
    return dict(zip(_ENDS, np.quantile(values, INTERVAL).tolist(), strict=True))
