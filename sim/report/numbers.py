"""Numbers as text: significant digits, units and Monte Carlo errors."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sim.render.document import Figures
from sim.scenario.columns import POSITIONS
from sim.scenario.schema import ATTITUDES

ESTIMATE = ("median", "90 % from", "to", "mean")
_NOTHING = 1e-6  # smaller values are shown as 0
_ROUNDING = 1e-12  # rounding errors of sums that are 0


def number(value: float | None, unit: str = "") -> str:
    """A number as text: dollars in k, M, bn; shares to three decimals; others to three digits."""
    if value is None:
        return "-"
    if unit == "share":
        return f"{round(value, 3) + 0.0:.3f}"  # no -0.000
    if abs(value) < _NOTHING:
        return "$0" if unit == "USD" else "0"
    if unit == "USD":
        size, word = next((s, w) for least, s, w in _DOLLARS if abs(value) >= least)
        return f"${_to_figures(value / size, 3)}{word}"
    if abs(value) >= 100 or value == round(value):
        return f"{value:,.0f}"
    return _to_figures(value, 3)


_DOLLARS = ((0.9995e9, 1e9, " bn"), (0.9995e6, 1e6, " M"), (999.5, 1e3, " k"), (0.0, 1.0, ""))
"""Smallest amount for each unit of dollars; what would round to 1,000 takes the next unit."""


def _to_figures(value: float, figures: int) -> str:
    """A number rounded to some significant digits, without an exponent."""
    return f"{Decimal(f'{value:.{figures}g}'):,f}"


def error(value: float | None, unit: str = "") -> str:
    """A Monte Carlo error with two significant digits."""
    if value is None:
        return "±?"
    value = 0.0 if abs(value) < _ROUNDING else value
    if unit == "USD" or abs(value) >= 100:
        return f"±{number(value, unit)}"
    return f"±{_to_figures(value, 2) if abs(value) >= _NOTHING else 0}"


def with_error(value: float | None, plus: float | None, unit: str = "") -> str:
    """A number with its Monte Carlo error."""
    return f"{number(value, unit)} {error(plus, unit)}"


def span(ends: Mapping[str, Any], unit: str = "") -> str:
    """The two ends of an interval."""
    return f"{number(ends['low'], unit)} to {number(ends['high'], unit)}"


def unit_of(outcome: str) -> str:
    """The unit in which an outcome is written: USD, share, or none."""
    if outcome.endswith("_usd"):
        return "USD"
    is_share = outcome.removesuffix("_end") in POSITIONS or outcome.startswith((*ATTITUDES, "h_"))
    return "share" if is_share or outcome.endswith("_share") else ""


def spread(estimate: Figures, unit: str = "") -> str:
    """Median with its Monte Carlo error and central 90 %, for a sentence."""
    if not estimate["runs"]:
        return "nothing to tell from"
    median = with_error(estimate["median"], estimate["median_error"], unit)
    return f"{median} ({span(estimate, unit)})"


def percent(share: float | None, plus: float | None = None, places: int = 0) -> str:
    """A share in per cent with `places` decimals, with its error if there is one."""
    if share is None:
        return "- %"
    error_words = "" if plus is None else f" ±{100 * plus:.{places}f}"
    return f"{100 * share:.{places}f}{error_words} %"


def chance(share: Figures) -> str:
    """A share of runs in per cent, with its Monte Carlo error."""
    return percent(share["share"], share["share_error"], 1)


def estimate_cells(estimate: Figures, unit: str = "") -> tuple[str, ...]:
    """Median, low, high and mean, each with its Monte Carlo error."""
    if not estimate["runs"]:
        return ("-",) * len(ESTIMATE)
    names = ("median", "low", "high", "mean")
    return tuple(with_error(estimate[name], estimate[f"{name}_error"], unit) for name in names)


def reported_value(entry: Figures) -> str:
    """A reported figure in its unit, with its range if it has one."""
    unit = unit_of(entry["outcome"])
    value = number(entry["value"], unit)
    return value if entry["low"] == entry["high"] else f"{value} ({span(entry, unit)})"


def verdict(entry: Figures) -> str:
    """The place of a reported figure: inside the model's central 90 %, outside, or overlapping."""
    if entry["inside_90"]:
        return "inside"
    return "overlaps" if entry["overlaps_90"] else "outside"


def signed(value: float) -> str:
    """A change of a share with three decimals and its sign."""
    return f"{value:+.3f}".replace("-", "−")


def full_date(date: datetime.date) -> str:
    """A date with its month written out: 1 June 2025."""
    return f"{date.day} {date:%B %Y}"


def short_date(date: datetime.date) -> str:
    """A date for a table: 1 Jun 2025."""
    return f"{date.day} {date:%b %Y}"
