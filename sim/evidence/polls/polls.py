"""Two publics compared with polls, wave by wave: what is fitted, and what is forecast."""

import contextlib
import datetime
import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.evidence.calibration.aim import Aim, at_prior, figures_at, log_rarity
from sim.evidence.polls.forecast import (
    INTERVAL,
    Z90,
    Law,
    carried_forward,
    crps,
    effective_runs,
    error_of,
    log_likelihood,
    points,
    resampled,
    trend,
    weights,
)
from sim.experiment.execution.runner import Progress
from sim.experiment.execution.workers import Workers, spread
from sim.scenario.schema import ATTITUDES, Blow, Pattern, Poll, Scenario, figures
from sim.war.model import War
from sim.war.observer import Observer

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Figures = dict[str, Any]
Held = tuple[str, str]
"""A side and an attitude of its public."""

LEAST_WAVES = 3
"""Fewer waves than this fit nothing: a trend takes two."""
LEAST_EFFECTIVE = 100.0
"""An end of a 90 % interval then rests on five runs' worth."""
_ENDS = ("low", "median", "high")
_CHUNK_RUNS = 5000
_ROUNDS = 7  # the prior, and six nearer and nearer to what fits
_DRAWS = 2000  # runs a law is mixed of: an end of 90 % then rests on a hundred
_FAN_DAYS = 28


class EvidenceError(ValueError):
    """Something that cannot be compared with the evidence; one line says why."""


class Answer(NamedTuple):
    """The figures of all polls, and by poll the model's lines by date: a frame of quantiles."""

    figures: Figures
    fans: dict[str, pd.DataFrame]


class Trace(Observer):
    """A recorder, on some days, of what each public holds: the shares that are ready.

    `shares` by side and attitude have shape (days recorded, rows).
    """

    def __init__(self, war: War, days: Ints) -> None:
        self._war, self._days = war, frozenset(days.tolist())
        held = itertools.product(war.scenario.sides, ATTITUDES)
        self._shares: dict[Held, list[Floats]] = {each: [] for each in held}

    def end_of_day(self) -> None:
        """Record both publics, if it is a day to record."""
        if self._war.day not in self._days:
            return
        for side, negotiator in self._war.negotiators.items():
            if negotiator.public is not None:
                for attitude in ATTITUDES:
                    share = getattr(negotiator.public, attitude)
                    self._shares[side, attitude].append(share)

    @property
    def shares(self) -> dict[Held, Floats]:
        """The shares by side and attitude."""
        return {held: np.stack(days) for held, days in self._shares.items() if days}


class Ensemble(NamedTuple):
    """Runs of a war: how many, their seed, and what makes them."""

    scenario: Scenario
    runs: int
    seed: int
    workers: Workers = None
    progress: Progress | None = None

    @property
    def days(self) -> Ints:
        """The days to record: those of all waves, and every fourth week for the pictures."""
        waves = [wave for poll in self.scenario.polls.values() for wave in poll.waves]
        polled = [self.scenario.day_of(wave.date) for wave in waves]
        return np.union1d(polled, np.arange(0, self.scenario.days, _FAN_DAYS))

    @property
    def wars(self) -> int:
        """How many wars all rounds of all polls take."""
        return self.runs * (1 + (_ROUNDS - 1) * len(self.scenario.polls))

    def lines(self, aim: Aim, done: int) -> dict[Held, Floats]:
        """What both publics hold, shape (days, runs), the same for any number of workers."""
        calls = {
            first: (self.scenario, self.seed, runs, self.days, aim)
            for first in range(0, self.runs, _CHUNK_RUNS)
            for runs in (np.arange(first, min(self.runs, first + _CHUNK_RUNS)),)
        }
        chunks: dict[int, dict[Held, Floats]] = {}
        with contextlib.closing(spread(run_chunk, calls, self.workers)) as done_chunks:
            for first, chunk in done_chunks:
                chunks[first] = chunk
                if self.progress:
                    played = sum(len(calls[start][2]) for start in chunks)
                    self.progress(done + played, self.wars)
        return {
            held: np.concatenate([chunks[k][held] for k in calls], axis=1) for held in chunks[0]
        }


def run_chunk(
    scenario: Scenario, seed: int, runs: Ints, days: Ints, aim: Aim
) -> dict[Held, Floats]:
    """What each public holds, by side and attitude: shares of shape (days, runs)."""
    given = figures_at(scenario, aim, aim.places(seed, runs))
    war = War(scenario, runs, seed, figures=given, recorder=lambda war: Trace(war, days))
    return war.run().recorder.shares


def compare_with_polls(ensemble: Ensemble, train_until: datetime.date) -> Answer:
    """Run the war and hold its publics against the scenario's polls.

    Each figure with a range is a prior. Runs are weighed by the waves up to `train_until`, each
    poll's apart, as the two publics share no figure that both polls could inform. Later waves
    are forecast. Raises EvidenceError where there is too little to fit, or to fit with.
    """
    scenario = ensemble.scenario
    if not scenario.polls:
        raise EvidenceError("the scenario has no polls, expected a polls: section")
    fitted = [PollFit(ensemble, name, train_until) for name in scenario.polls]
    figures = max(len(_figures_of(scenario, poll)) for poll in scenario.polls.values())
    if ensemble.runs <= figures:
        raise EvidenceError(
            f"--runs {ensemble.runs}: too few, expected more than the {figures} figures of a public"
        )
    if ensemble.progress:
        ensemble.progress(0, ensemble.wars)
    paths = [path for poll in scenario.polls.values() for path in _figures_of(scenario, poll)]
    prior = ensemble.lines(at_prior(tuple(dict.fromkeys(paths))), 0)
    for place, each in enumerate(fitted):
        each.weigh(prior, ensemble.runs * (1 + (_ROUNDS - 1) * place))
    return Answer(
        {
            "scenario": scenario.name,
            "title": scenario.title,
            "question": scenario.question,
            "runs": ensemble.runs,
            "wars": ensemble.wars,
            "seed": ensemble.seed,
            "train_until": str(train_until),
            "polls": {each.name: each.figures() for each in fitted},
        },
        {each.name: each.fan() for each in fitted},
    )


class PollFit:
    """One public fitted to one poll: `weigh` first, then read the figures."""

    def __init__(self, ensemble: Ensemble, name: str, train_until: datetime.date) -> None:
        self.ensemble, self.name = ensemble, name
        self.scenario = ensemble.scenario
        self.poll = self.scenario.polls[name]
        waves = self.poll.waves
        self.wave_days: Ints = np.array([self.scenario.day_of(wave.date) for wave in waves])
        self.seen: Floats = np.array([wave.soft.value for wave in waves])
        self.n: Floats = np.array([(wave.n or self.poll.n).value for wave in waves])
        self.times = self.poll.error_times.value
        self.fits: int = sum(wave.date <= train_until for wave in waves)
        if self.fits < LEAST_WAVES:
            raise EvidenceError(
                f"polls.{name}: {self.fits} waves by {train_until}, expected at least "
                f"{LEAST_WAVES} to fit: a later --train-until"
            )
        self.lines: dict[str, Floats] = {}
        self.drawn: dict[str, dict[str, Floats]] = {}
        self.effective = 0.0

    def weigh(self, lines: dict[Held, Floats], done: int) -> None:
        """Aim round by round at what fits, and resample as many lines of each kind as are needed.

        `lines` are those of the prior, `done` the wars fought for them. Raises EvidenceError where
        too few fit for a forecast to rest on. Source: rubin1988.
        """
        runs, seed = np.arange(self.ensemble.runs), self.ensemble.seed
        aims = [at_prior(_figures_of(self.scenario, self.poll))]
        places = aims[0].places(seed, runs)
        shares = lines[self._held]
        self._resample("prior", shares, aims[0], places, np.full(len(runs), 1.0 / len(runs)))
        log_weights = self._likelihood(shares)
        while len(aims) < _ROUNDS:
            aims.append(aims[-1].nearer(places, log_weights))
            new = self.ensemble.lines(aims[-1], done)[self._held]
            done += len(runs)
            shares = np.concatenate([shares, new], axis=1)
            places = np.concatenate([places, aims[-1].places(seed, runs)], axis=1)
            log_weights = log_rarity(aims, places) + self._likelihood(shares)
        weight = weights(log_weights)
        self.effective = effective_runs(weight)
        if self.effective < LEAST_EFFECTIVE:
            raise EvidenceError(
                f"polls.{self.name}: the waves leave {self.effective:.0f} runs' worth of "
                f"{len(weight):,}, expected at least {LEAST_EFFECTIVE:.0f}: more --runs, or "
                "ranges that reach the waves"
            )
        self._resample("fitted", shares, aims[-1], places, weight)

    def _likelihood(self, shares: Floats) -> Floats:
        first = slice(self.fits)
        waves = shares[self._places[first]]
        return log_likelihood(waves, self.seen[first], self.n[first], self.times)

    @property
    def _held(self) -> Held:
        return self.poll.of, self.poll.asks

    @property
    def _places(self) -> Ints:
        """Where the waves stand among the days recorded."""
        return np.searchsorted(self.ensemble.days, self.wave_days)

    def _resample(
        self, which: str, shares: Floats, aim: Aim, places: Floats, weight: Floats
    ) -> None:
        rows = resampled(weight, _DRAWS)
        self.lines[which] = shares[:, rows]
        self.drawn[which] = figures_at(self.scenario, aim, places[:, rows])

    def figures(self) -> Figures:
        """Every wave, the scores of both parts, the patterns and what the figures have become."""
        waves = [self._wave(place) for place in range(len(self.seen))]
        return {
            "title": self.poll.title,
            "by": self.poll.by,
            "side": self.poll.of,
            "effective_runs": self.effective,
            "waves": waves,
            "fit": _score(waves[: self.fits], "model"),
            "forecast": {
                way: _score(waves[self.fits :], way) for way in ("model", "carried", "trend")
            }
            if self.fits < len(waves)
            else None,
            "patterns": {name: self._pattern(p) for name, p in self.poll.patterns.items()},
            "figures": self._figures(),
        }

    def _law(self, place: int, which: str) -> Law:
        """What a wave is foreseen to show: a run's logit and the poll's error about it."""
        own = self.lines[which][self._places[place]]
        return Law(logit(own), error_of(own, self.n[place], self.times))

    def _wave(self, place: int) -> Figures:
        is_fit = place < self.fits
        laws = {"model": self._law(place, "fitted")}
        if not is_fit:
            seen, n = self.seen[: self.fits], self.n[: self.fits]
            days = self.wave_days[: self.fits].astype(np.float64)
            sds = error_of(seen, n, self.times)
            laws["carried"] = carried_forward(seen[-1], n[-1], self.n[place], self.times)
            laws["trend"] = trend(days, seen, sds, float(self.wave_days[place]))
        return {
            "date": str(self.poll.waves[place].date),
            "part": "fit" if is_fit else "forecast",
            "poll": 100.0 * float(self.seen[place]),
            "prior": _interval(self._law(place, "prior")),
            **{name: self._against(law, place) for name, law in laws.items()},
        }

    def _against(self, law: Law, place: int) -> Figures:
        seen = self.seen[place]
        ends = _interval(law)
        return ends | {
            "inside": bool(ends["low"] <= 100.0 * seen <= ends["high"]),
            "error": ends["median"] - 100.0 * seen,
            "crps": 100.0 * crps(law, float(seen)),
        }

    def _pattern(self, pattern: Pattern) -> Figures:
        """A change between two waves, in points: the poll's, the model's own, with errors."""
        dates = [wave.date for wave in self.poll.waves]
        ends = [dates.index(pattern.first), dates.index(pattern.last)]
        before, after = (self.lines["fitted"][self._places[end]] for end in ends)
        change = 100.0 * float(self.seen[ends[1]] - self.seen[ends[0]])
        own = _ends(100.0 * (after - before))
        foreseen = Law(100.0 * (after - before), self._change_error(ends, before, after))
        low, _, high = foreseen.quantiles()
        error = Z90 * float(self._change_error(ends, *(self.seen[end] for end in ends)))
        return {
            "title": pattern.title,
            "first": str(pattern.first),
            "last": str(pattern.last),
            "part": "fit" if ends[1] < self.fits else "forecast",
            "poll": change,
            "poll_error": error,
            "own": own,
            "foreseen": {"low": float(low), "high": float(high)},
            "verdict": verdict(change, error, own["median"], float(low), float(high)),
        }

    def _change_error(self, ends: Sequence[int], before: Any, after: Any) -> Floats:
        """The standard error of a change between two waves, in points."""
        variances = [
            (100.0 * self.times) ** 2 * share * (1.0 - share) / self.n[end]
            for end, share in zip(ends, (before, after), strict=True)
        ]
        return np.sqrt(variances[0] + variances[1])

    def _figures(self) -> Figures:
        """The public's figures before and after the waves: median and 90 % of each."""
        by_path = dict(figures(self.scenario))
        return {
            path: {"unit": by_path[path].unit}
            | {which: _ends(drawn[path]) for which, drawn in self.drawn.items()}
            for path in self.drawn["prior"]
        }

    def fan(self) -> pd.DataFrame:
        """The model's own line by date, in per cent: quantiles before and after the waves."""
        start = self.scenario.start
        days = self.ensemble.days.tolist()
        columns: dict[str, Any] = {"date": [start + datetime.timedelta(day) for day in days]}
        for which, lines in self.lines.items():
            quantiles = np.quantile(100.0 * lines, INTERVAL, axis=1)
            for word, row in zip(_ENDS, quantiles, strict=True):
                columns[f"{which}_{word}"] = row
        return pd.DataFrame(columns)


def _figures_of(scenario: Scenario, poll: Poll) -> list[str]:
    """The drawn figures that move what a poll asks, but for how reports are believed."""
    side = poll.of
    blows = tuple(
        f"events.{name}."
        for name, e in scenario.events.items()
        if isinstance(e, Blow) and e.on == side
    )
    mind = (f"minds.{side}.expected_loss", f"minds.{side}.foresight")
    starts = (f"publics.{side}.{poll.asks}.", *mind, *blows)
    drawn = (path for path, figure in figures(scenario) if figure.is_drawn)
    return [path for path in drawn if path.startswith(starts)]


def verdict(change: float, error: float, own: float, low: float, high: float) -> str:
    """Whether a poll's change is the model's: met, met by the errors only, or missed.

    Missed is outside `low` to `high`, the 90 % of what the model with the poll's errors foresees.
    Inside, the model's `own` change must be at least half of one that stands out of its `error`.
    """
    if not low <= change <= high:
        return "missed"
    if abs(change) <= error or own / change >= 0.5:
        return "met"
    return "errors only"


def _interval(law: Law) -> Figures:
    return dict(zip(_ENDS, points(law.quantiles()).tolist(), strict=True))


def _ends(values: Floats) -> Figures:
    return dict(zip(_ENDS, np.quantile(values, INTERVAL).tolist(), strict=True))


def _score(waves: list[Figures], way: str) -> Figures:
    """How many waves are inside, and the mean errors and score, in points."""
    scored = [wave[way] for wave in waves]
    return {
        "waves": len(scored),
        "inside": sum(each["inside"] for each in scored),
        "mean_error": float(np.mean([each["error"] for each in scored])),
        "mean_distance": float(np.mean([abs(each["error"]) for each in scored])),
        "crps": float(np.mean([each["crps"] for each in scored])),
    }


def poll_errors(poll: Poll) -> list[tuple[datetime.date, float, float, float]]:
    """Each wave's date, and its share with the ends of its 90 % error, in per cent."""
    errors = []
    for wave in poll.waves:
        n = (wave.n or poll.n).value
        sd = float(error_of(wave.soft.value, n, poll.error_times.value))
        middle = float(logit(wave.soft.value))
        low, value, high = (100.0 * float(expit(middle + z * sd)) for z in (-Z90, 0.0, Z90))
        errors.append((wave.date, value, low, high))
    return errors
