"""One attitude of a public, the polls that ask about it, and the residuals of their waves."""

import datetime
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit, ndtri

from sim.evidence.calibration.aim import at_prior, figures_at
from sim.evidence.polls.ensemble import Ensemble, Floats, Held, Ints
from sim.evidence.polls.forecast import (
    Law,
    carried_forward,
    error_of,
    points,
    resampled,
    trend,
    weights,
)
from sim.evidence.polls.residuals import Residuals, Waves
from sim.scenario.schema import Scenario

DRAWS = 2000
"""Runs per mixture: each tail beyond a 90 % interval then holds a hundred."""
_ANY_LEVEL = 5.0  # logits: a walk without a rule may start anywhere
_NOBODY = 1e-9


class Item:
    """One poll: its waves as arrays, and the sizes of its errors."""

    def __init__(self, scenario: Scenario, name: str, number: int, until: datetime.date) -> None:
        self.name, self.number, self.poll = name, number, scenario.polls[name]
        waves = self.poll.waves
        self.days: Ints = np.array([scenario.day_of(wave.date) for wave in waves])
        self.seen: Floats = np.array([wave.soft.value for wave in waves])
        self.n: Floats = np.array([(wave.n or self.poll.n).value for wave in waves])
        self.times, self.offset = self.poll.error_times.value, self.poll.wording.value
        self.errors: Floats = error_of(self.seen, self.n, self.times)
        self.fits: int = sum(wave.date <= until for wave in waves)

    def fitted(self) -> Waves:
        """The waves used for fitting."""
        alike = np.ones(self.fits)
        return Waves(
            self.days[: self.fits].astype(np.float64),
            np.full(self.fits, self.number),
            self.offset * alike,
            self.errors[: self.fits],
        )

    def carried(self, place: int) -> Law:
        """The forecast of a wave by carrying the last fitted wave forward."""
        last = self.fits - 1
        return carried_forward(self.seen[last], self.n[last], self.n[place], self.times)

    def trend(self, place: int) -> Law:
        """The forecast of a wave by extrapolating a straight line through the fitted waves."""
        first = slice(self.fits)
        days = self.days[first].astype(np.float64)
        return trend(days, self.seen[first], self.errors[first], float(self.days[place]))


class Drawn(NamedTuple):
    """Equally weighted runs, and the residuals of the waves they are conditioned on.

    `logits` (days recorded, runs) are the rule's, `sd` (runs,) is the standard deviation of the
    walk after a year, `left` (W, runs) are the residuals of the waves of `residuals`.
    """

    residuals: Residuals
    days: Ints
    logits: Floats
    sd: Floats
    left: Floats

    def rule(self, day: float) -> Floats:
        """The rule alone on a recorded day, in logits, shape (runs,)."""
        return self.logits[np.searchsorted(self.days, day)]

    def wave(self, item: Item, place: int) -> Law:
        """The forecast of a wave: rule, walk, offset, and the poll's error."""
        day = float(item.days[place])
        beyond, spread = self.residuals.of_wave(self.left, self.sd, day, item.number, item.offset)
        middle = self.rule(day) + beyond
        error = error_of(expit(middle), item.n[place], item.times)
        return Law(middle, np.hypot(spread, error))

    def walk(self, since: float, until: float) -> Law:
        """The change of the attitude between two days that is not due to the rule."""
        return Law(*self.residuals.of_walk(self.left, self.sd, since, until))

    def attitude(self, day: float) -> Law:
        """The attitude on a day: rule and walk."""
        walk = self.walk(0.0, day)
        return Law(self.rule(day) + walk.means, walk.sds)

    def change(self, since: float, until: float) -> Law:
        """The change of the attitude between two days, by rule and walk."""
        walk = self.walk(since, until)
        return Law(self.rule(until) - self.rule(since) + walk.means, walk.sds)

    def offset(self, item: Item) -> Law:
        """The offset due to the wording of an item."""
        return Law(*self.residuals.of_offset(self.left, self.sd, item.number, item.offset))

    def fan(self) -> Floats:
        """Quantiles of the attitude by recorded day, in per cent, shape (days, 3)."""
        return np.array([points(self.attitude(float(day)).quantiles()) for day in self.days])


class AttitudeFit:
    """The fit to all polls about one attitude; weighted runs are resampled into `drawn`."""

    def __init__(self, ensemble: Ensemble, held: Held, until: datetime.date) -> None:
        self.scenario, self.days = ensemble.scenario, ensemble.days
        asked = [n for n, poll in self.scenario.polls.items() if (poll.of, poll.asks) == held]
        self.items = [Item(self.scenario, name, k, until) for k, name in enumerate(asked)]
        parts = [item.fitted() for item in self.items]
        self.waves = Waves(*(np.concatenate(column) for column in zip(*parts, strict=True)))
        self.seen: Floats = logit(np.concatenate([i.seen[: i.fits] for i in self.items]))
        self.residuals = Residuals(self.waves)
        self.wanders = f"discrepancy.{held[0]}.{held[1]}"
        self.drawn: dict[str, Drawn] = {}

    def log_likelihood(self, shares: Floats, sd: Floats) -> Floats:
        """The log likelihood of the fitted waves in each run, up to a constant, shape (runs,)."""
        return self.residuals.log_likelihood(self._left(_logits(shares)), sd)

    def _left(self, logits: Floats) -> Floats:
        places = np.searchsorted(self.days, self.waves.days)
        return self.seen[:, None] - logits[places]

    def keep(self, which: str, shares: Floats, sd: Floats) -> None:
        """Store equally weighted runs: `fitted`, or those of the `prior`, which see no wave."""
        logits, residuals = _logits(shares), self.residuals
        left = self._left(logits)
        if which == "prior":
            residuals, left = Residuals(self.waves.unheard), left[:0]
        self.drawn[which] = Drawn(residuals, self.days, logits, sd, left)

    def walk_alone(self) -> Drawn:
        """The same waves without a rule: a walk about any level, weighted by the fitted waves."""
        evenly = ndtri((np.arange(DRAWS) + 0.5) / DRAWS)[None, :]
        sd = figures_at(self.scenario, at_prior([self.wanders]), evenly)[self.wanders]
        residuals = Residuals(self.waves, _ANY_LEVEL)
        left = np.repeat(self.seen[:, None], DRAWS, axis=1)
        rows = resampled(weights(residuals.log_likelihood(left, sd)), DRAWS)
        still = np.zeros((len(self.days), DRAWS))
        return Drawn(residuals, self.days, still, sd[rows], left)


def _logits(shares: Floats) -> Floats:
    """Logits of shares, with 0 and 1 moved inwards so that they are finite."""
    return np.asarray(logit(np.clip(shares, _NOBODY, 1.0 - _NOBODY)))
