"""Forecasts of the number of events of a kind, and of their sizes, from counts of the record alone.

The rate of events has a gamma posterior, from Jeffreys' prior; older days count less, by half every
half-life (discounting: west1985). The number in a given time is then negative binomial. Sizes are
lognormal, with unknown median and spread.
"""

import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom

from sim.scenario.experiment import Counts
from sim.scenario.schema.history import Series

Floats = NDArray[np.float64]
Figures = dict[str, Any]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_JEFFREYS = 0.5
_DRAWS = 100_000
_MOST = 1e9  # cap on sizes: Student's t with few degrees of freedom has very wide tails


class Rate(NamedTuple):
    """The gamma distribution of a rate: `shape` events in `days` days."""

    shape: float
    days: float

    @property
    def a_month(self) -> float:
        """Its mean, in events per month."""
        return self.shape / self.days * 365.25 / 12.0

    def none_within(self, days: Any) -> Any:
        """The chance that nothing happens within so many days."""
        return (self.days / (self.days + days)) ** self.shape

    def number(self, days: float) -> Any:
        """The distribution of the number within so many days: negative binomial."""
        return nbinom(self.shape, self.days / (self.days + days))


def rate_of(numbers: Series, end: datetime.date, half_life_days: float) -> Rate:
    """The rate on the day `end`, days weighted by age; an amount is spread over its period."""
    shape, days = _JEFFREYS, 0.0
    for (first, last), row in numbers.periods:
        ages = np.arange((end - last).days, (end - first).days + 1)
        weight = 0.5 ** (ages / half_life_days)
        shape += float(weight.mean()) * row.amount
        days += float(weight.sum())
    return Rate(shape, days)


def sizes_drawn(sizes: Series, count: int, rng: np.random.Generator) -> Floats:
    """Sizes of later events, shape (count,): Student's t for the logarithms, from those seen."""
    logs = np.log([row.amount for _, row in sizes.periods])
    seen = len(logs)
    scale = logs.std(ddof=1) * np.sqrt(1.0 + 1.0 / seen)
    return np.minimum(np.exp(logs.mean() + scale * rng.standard_t(seen - 1, count)), _MOST)


def counted(
    counts: Counts, end: datetime.date, by: tuple[datetime.date, ...], seed: int
) -> list[Figures]:
    """One row per day of `by`: `expected` number, `any` (the chance of at least one), quantiles.

    Quantiles `q05` to `q95` are of the number; if there are sizes, also `total_q05` to `total_q95`.
    """
    rate = rate_of(counts.numbers, end, counts.half_life_days)
    rows = []
    for day in by:
        days = float((day - end).days)
        law = rate.number(days)
        row = {
            "by": str(day),
            "expected": rate.shape * days / rate.days,
            "any": float(1.0 - rate.none_within(days)),
            **{f"q{100 * q:02.0f}": float(law.ppf(q)) for q in QUANTILES},
        }
        if counts.sizes is not None:
            row |= _totals(law, counts.sizes, np.random.default_rng([seed, 3]))
        rows.append(row)
    return rows


def _totals(law: Any, sizes: Series, rng: np.random.Generator) -> Figures:
    numbers = law.rvs(_DRAWS, random_state=rng)
    of = np.repeat(np.arange(_DRAWS), numbers)
    totals = np.bincount(of, sizes_drawn(sizes, int(numbers.sum()), rng), _DRAWS)
    quantiles = np.quantile(totals, QUANTILES)
    return {f"total_q{100 * q:02.0f}": float(v) for q, v in zip(QUANTILES, quantiles, strict=True)}
