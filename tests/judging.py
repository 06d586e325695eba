"""What the judges of answers share: numbers made again from raw tables, and the numbers in a text.

Nothing here is shared with what is judged: no estimator, no rounding, no words. A judge makes each
number of an answer again and says in which order they stand in a sentence or a row; `trace` finds
each of them there, rounded as the page says, and nothing else. What is no result (names, dates,
the 90 % of an interval) is told by the judge too, so that nothing passes unseen.
"""

import functools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, settings
from scipy import stats

from tests.examples import examples

Figures = dict[str, Any]


def few(thorough: int) -> settings:
    """Few examples, each of whole wars: the first that fails is shown as it is."""
    phases = (Phase.explicit, Phase.generate)
    return examples(thorough, deadline=None, suppress_health_check=list(HealthCheck), phases=phases)


# --- numbers, made again -------------------------------------------------------------------------


def told(values: Iterable[Any]) -> Figures:
    """Mean, median and central 90 % of those values that are there, with their errors."""
    kept = np.sort(np.asarray(values, float))
    kept = kept[~np.isnan(kept)]
    n = len(kept)
    names = ("mean", "median", "low", "high")
    if n == 0:
        return {"runs": 0} | {name: None for one in names for name in (one, f"{one}_error")}
    made: Figures = {"runs": n, "mean": kept.mean(), "mean_error": None}
    if n > 1:
        made["mean_error"] = _t95(n) * kept.std(ddof=1) / math.sqrt(n)
    for name, q in zip(names[1:], (0.5, 0.05, 0.95), strict=True):
        made |= {name: _quantile(kept, q), f"{name}_error": _bracket(kept, q)}
    return made


@functools.cache
def _t95(n: int) -> float:
    return float(stats.t.ppf(0.975, n - 1))


def _quantile(ordered: Any, q: float) -> float:
    """On the straight line between the two values about the place (n - 1) q, counted from 0."""
    place = (len(ordered) - 1) * q
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return float(low + (place - math.floor(place)) * (high - low))


def _bracket(ordered: Any, q: float) -> float | None:
    """From a quantile to the farther of the two values of which 2.5 % at most lie beyond."""
    places = np.arange(len(ordered))
    below, above = _beyond(len(ordered), q)
    if not below.any() or not above[: len(ordered)].any() or above[0]:
        return None
    if q ** len(ordered) > 0.025:
        return None
    low, high = ordered[places[below].max()], ordered[places[above].min()]
    return max(_quantile(ordered, q) - low, high - _quantile(ordered, q))


@functools.cache
def _beyond(n: int, q: float) -> tuple[Any, Any]:
    """At which places of n the quantile lies below, and above, with 2.5 % at most."""
    places = np.arange(n)
    return stats.binom.cdf(places, n, q) <= 0.025, stats.binom.sf(places, n, q) <= 0.025


def share(hits: Iterable[Any]) -> Figures:
    """A share with the farther end of Wilson's interval."""
    kept = list(hits)
    if not kept:
        return {"runs": 0, "share": None, "share_error": None}
    found = stats.binomtest(int(np.sum(kept)), len(kept))
    low, high = found.proportion_ci(method="wilson")
    p = float(np.mean(kept))
    return {"runs": len(kept), "share": p, "share_error": max(p - low, high - p)}


def effect(base: Iterable[Any], changed: Iterable[Any]) -> Figures:
    """The difference run by run, what it is of, and how many times less it varies."""
    one, other = (pd.Series(np.asarray(x, float)) for x in (base, changed))
    apart = other - one
    kept = apart.dropna()
    spread, alone = kept.var(ddof=0), one.dropna().var(ddof=0) + other.dropna().var(ddof=0)
    saved = alone / spread if spread > 1e-12 * max(alone, 1e-300) else None
    return told(apart) | {
        "above_zero": (kept > 1e-9).mean() if len(kept) else None,
        "below_zero": (kept < -1e-9).mean() if len(kept) else None,
        "base": told(one),
        "changed": told(other),
        "variance_saved": saved if alone > 0 else None,
    }


def differ(found: Any, wanted: Any, place: str = "") -> Iterator[str]:
    """Where two answers differ, number by number; what is missing on either side differs."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key in {**wanted, **found}:
            here = f"{place}/{key}"
            if key not in wanted or key not in found:
                yield f"{here} is in one alone"
            else:
                yield from differ(found[key], wanted[key], here)
    elif isinstance(wanted, list | tuple) and isinstance(found, list | tuple):
        if len(wanted) != len(found):
            yield f"{place}: {len(found)} entries, expected {len(wanted)}"
        for k, (one, other) in enumerate(zip(found, wanted, strict=False)):
            yield from differ(one, other, f"{place}/{k}")
    elif not same(found, wanted):
        yield f"{place}: {found!r}, expected {wanted!r}"


def same(found: Any, wanted: Any, within: float = 1e-7) -> bool:
    """Equal, to rounding where they are numbers; nothing and not a number are one."""
    if _is_nothing(found) or _is_nothing(wanted):
        return _is_nothing(found) and _is_nothing(wanted)
    if isinstance(wanted, str | bool | np.bool_) or isinstance(found, str | bool | np.bool_):
        return bool(found == wanted)
    return math.isclose(found, wanted, rel_tol=within, abs_tol=1e-9)


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


# --- numbers in a text ---------------------------------------------------------------------------


class Number(NamedTuple):
    """What should stand in a text: a value, and how far off its rounding may leave it."""

    value: float | None
    within: float = 0.0


def _of_figures(value: float | None, figures: int, most: float = math.inf) -> Number:
    if value is None or math.isnan(value):
        return Number(None)
    if abs(value) < 1e-6:
        return Number(value, 1e-6)
    return Number(
        value, min(most, 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - figures + 1))
    )


def num(value: float | None, unit: str = "") -> Number:
    """A number for reading: three figures; a share of the stakes three decimals."""
    if unit == "share" and value is not None:
        return Number(value, 0.0005)
    return _of_figures(value, 3, math.inf if unit == "USD" else 0.5)


def err(value: float | None) -> Number:
    """An error: two figures."""
    return _of_figures(value, 2)


def per_cent(value: float | None, places: int = 0) -> Number:
    """A share written in per cent."""
    return Number(None) if _is_nothing(value) else Number(value, 0.005 * 10.0**-places)


def fixed(value: float | None, places: int) -> Number:
    """A number with so many decimals."""
    return Number(None) if _is_nothing(value) else Number(value, 0.5 * 10.0**-places)


def whole(value: int) -> Number:
    """A count, to the last digit."""
    return Number(value)


def spread(told: Figures, unit: str = "") -> list[Number]:
    """Median, its error, and the two ends of 90 %."""
    if not told["runs"]:
        return []
    return [num(told["median"], unit), err(told["median_error"]),
            num(told["low"], unit), num(told["high"], unit)]  # fmt: skip


def cells(told: Figures, unit: str = "") -> list[Number]:
    """Median, low, high and mean, each with its error."""
    if not told["runs"]:
        return [Number(None)] * 4
    pairs = (
        (num(told[n], unit), err(told[f"{n}_error"])) for n in ("median", "low", "high", "mean")
    )
    return [one for pair in pairs for one in pair]


def chance(told: Figures) -> list[Number]:
    """A share with its error, in tenths of per cent."""
    return [per_cent(told["share"], 1), per_cent(told["share_error"], 1)]


_SIZES = {"bn": 1e9, "M": 1e6, "k": 1e3}
_NUMBER = re.compile(
    r"±\?(?P<lost> %)?|(?<![\w.])- %|(?:(?<=\s)|^)-(?=\s|$)"
    r"|±?\$?(?P<digits>(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?)(?P<rest>e[-+]?\d+)?"
    r"(?: (?P<size>bn|M|k)\b)?(?P<percent> %)?"
)


def numbers_in(text: str) -> list[float | None]:
    """The numbers of a text in their order; None for one that is not known."""
    found: list[float | None] = []
    for match in _NUMBER.finditer(text):
        assert not match["rest"], f"no number for reading: {match[0]!r} in {text!r}"
        is_error, percent = match[0].startswith("±"), match["percent"] or match["lost"]
        if is_error and percent and found and found[-1] is not None:
            found[-1] /= 100.0  # of a pair such as 12 ±3 %
        if match["digits"] is None:
            found.append(None)
            continue
        value = float(match["digits"].replace(",", "")) * _SIZES.get(match["size"], 1.0)
        found.append(value / 100.0 if percent else value)
    return found


def trace(text: str, wanted: Sequence[Number], *names: str) -> None:
    """Each number of a text is the one wanted at its place, and there is no other.

    `names` are what is left out before: words of the scenario, and numbers that are no results.
    """
    left = text
    for name in sorted(names, key=len, reverse=True):
        left = left.replace(name, " ")
    found = numbers_in(left)
    lines = [f"{one} expected {other}" for one, other in zip(found, wanted, strict=False)]
    assert len(found) == len(wanted), (text, found, wanted)
    for one, other in zip(found, wanted, strict=True):
        if one is None or other.value is None:
            assert one is other.value, (text, lines)
        else:
            slack = 1e-9 * max(1.0, abs(other.value))
            assert abs(one - other.value) <= other.within + slack, (text, lines)


def trace_rows(rows: Sequence[Sequence[str]], wanted: Sequence[tuple[str, list[Number]]]) -> None:
    """A table's rows: the words that begin each, and the numbers beside them."""
    assert [row[0].strip() for row in rows] == [label for label, _ in wanted]
    for row, (_, numbers) in zip(rows, wanted, strict=True):
        trace(" ; ".join(row[1:]), numbers)


# --- numbers in a picture ------------------------------------------------------------------------


def trace_picture(
    picture: Any, wanted: Sequence[Number], others: Sequence[Number], names: Sequence[str]
) -> None:
    """Each number of a description in its order, and no other number anywhere in a picture.

    `others` are those that stand in the picture only. What stands at the ticks of an axis is left
    out: it is a scale, or the levels that were asked.
    """
    trace(_plain(picture.description), wanted, *names)
    for text in _texts_of(picture):
        left = _plain(text)
        for name in sorted(names, key=len, reverse=True):
            left = left.replace(name, " ")
        for found in numbers_in(left):
            known = [one for one in (*wanted, *others) if _is_one(found, one)]
            assert known, f"{found} of {text!r} stands in no table"


def _plain(text: str) -> str:
    return text.replace("\N{MINUS SIGN}", "-").replace("\n", " ")


def _is_one(found: float | None, number: Number) -> bool:
    if found is None or number.value is None:
        return found is number.value
    slack = 1e-9 * max(1.0, abs(number.value))
    return abs(found - number.value) <= number.within + slack


def _texts_of(picture: Any) -> list[str]:
    """All texts of a picture but those at ticks."""
    texts = list(picture.texts)
    texts += [text for legend in picture.legends for text in legend.get_texts()]
    for axes in picture.axes:
        texts += [*axes.texts, axes.title, axes.xaxis.label, axes.yaxis.label]
    return [text.get_text() for text in texts]
