"""Numbers, dates and counts as text on plots."""

import datetime
from collections.abc import Callable

import numpy as np


def number(value: float) -> str:
    """A number with at most three digits, a true minus and no trailing zeros."""
    if abs(value) >= 1000:
        places = 2 - int(np.floor(np.log10(abs(value))))
        return f"{round(value, places):,.0f}".replace("-", "−")
    return f"{float(f'{value:.3g}'):g}".replace("-", "−")


def rough(value: float) -> str:
    """A number with two digits, keeping the second even if it is 0."""
    value = float(f"{value:.2g}")
    if 0.01 <= abs(value) < 100:
        return f"{value:#.2g}".rstrip(".").replace("-", "−")
    return number(value)


def decimal(value: float) -> str:
    """A share with two decimals and its sign."""
    return f"{value:+.2f}".replace("-", "−")


def dollars(value: float) -> str:
    """An amount of money as written on pages: $950, $85 k, −$2.8 bn."""
    value = float(f"{value:.2g}")
    sign = "−" if value < 0 else ""
    for size, unit in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{sign}${number(abs(value) / size)} {unit}"
    return f"{sign}${number(abs(value))}"


def amount_of(outcome: str) -> Callable[[float], str]:
    """The function that formats an outcome: in dollars if it is money."""
    return dollars if outcome.endswith("_usd") else number


def words_of(outcome: str, value: float) -> str:
    """A value of an outcome with two digits, in dollars if it is money."""
    if not np.isfinite(value):
        return "no value"
    return dollars(value) if outcome.endswith("_usd") else rough(value)


def sentence(text: str) -> str:
    """Text with a capital initial."""
    return text[:1].upper() + text[1:]


def readable(name: str) -> str:
    """A name of a scenario made readable."""
    return name.replace("-", " ").replace("_", " ")


def some_of(drawn: int, of: int, what: str) -> str:
    """How many are shown of how many, at the start of a note, if not all are shown."""
    return f"{drawn:,} of {of:,} {what} shown; " if drawn < of else ""


def counted(n: int, of: int) -> str:
    """How many runs of how many, as text."""
    return f"{n:,} runs" if n == of else f"{n:,} of {of:,} runs"


def day_words(date: datetime.date, with_year: bool) -> str:
    """A date as a tick label: 1 Jun, or Jun 2025 if years matter."""
    return f"{date:%b %Y}" if with_year else f"{date.day} {date:%b}"
