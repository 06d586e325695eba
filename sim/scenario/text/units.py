"""Units as people write them, and how much one is in the unit of a place, exactly.

Sizes are ratios, so that the same amount in any unit is the same number, to the bit.
"""

import difflib
import functools
import re
from collections import Counter
from fractions import Fraction

from pydantic_core import PydanticCustomError

_DAY = 24 * 60
_UNITS: dict[str, tuple[str, Fraction | int, str]] = {
    "s": ("min", Fraction(1, 60), "sec secs second seconds"),
    "min": ("min", 1, "mins minute minutes"),
    "h": ("min", 60, "hr hrs hour hours"),
    "day": ("min", _DAY, "d days"),
    "week": ("min", 7 * _DAY, "wk wks weeks"),
    "month": ("min", Fraction("30.4375") * _DAY, "mo mos months"),
    "year": ("min", Fraction("365.25") * _DAY, "y yr yrs years"),
    "m": ("m", 1, "metre metres meter meters"),
    "km": ("m", 1000, "kms kilometre kilometres kilometer kilometers"),
    "ft": ("m", Fraction("0.3048"), "foot feet"),
    "yd": ("m", Fraction("0.9144"), "yds yard yards"),
    "mi": ("m", Fraction("1609.344"), "mile miles"),
    "nmi": ("m", 1852, "NM"),
    "USD": ("USD", 1, "$ dollar dollars"),
    "kUSD": ("USD", 10**3, ""),
    "MUSD": ("USD", 10**6, ""),
    "GUSD": ("USD", 10**9, ""),
    "percent": ("", Fraction(1, 100), "% pct"),
    "permille": ("", Fraction(1, 1000), "‰"),
}
"""Of each: what it measures, how much, and how else it is spelt."""

_RATIOS = {
    "km/h": "kmh kph kmph",
    "m/s": "mps",
    "ft/s": "fps",
    "mi/h": "mph",
    "nmi/h": "kn kns kt kts knot knots",
}
"""Words for a unit by another."""

_SPELT = {
    word: unit
    for unit, words in {u: f"{u} {words}" for u, (_, _, words) in _UNITS.items()}.items()
    for word in words.split()
} | {word: ratio for ratio, words in _RATIOS.items() for word in words.split()}
_IN_ANY_CASE = {w.lower(): u for w, u in _SPELT.items() if w not in ("m", "NM")}  # million, nano

_PHRASES = (
    (re.compile(r"\bper[ -]cent\b", re.I), "percent"),
    (re.compile(r"\bper mille?\b", re.I), "permille"),
    (re.compile(r"\b(nautical|naut\.?|sea) +mi(les?)?\b", re.I), "nmi"),
    (re.compile(r"\bstatute +mi(les?)?\b", re.I), "mi"),
    (re.compile(r"\s*\b(?:per|an?)\s+", re.I), "/"),
    (re.compile(r"[ *·]*(?<![A-Za-z])([A-Za-z]+)(?:\^|\*\*)?(?:-1|⁻¹)(?!\d)"), r"/\1"),
    (re.compile(r"^\s*/"), "1/"),
)
_FORM = re.compile(r"[^\s/*\d]+([*/ ]+[^\s/*\d]+)*|1 */ *[^\s/*\d]+", re.ASCII)
_SCALES = {
    "": "USD",
    **dict.fromkeys(("k", "thousand"), "kUSD"),
    **dict.fromkeys(("m", "mn", "mio", "mln", "mm", "million", "millions"), "MUSD"),
    **dict.fromkeys(("g", "b", "bn", "billion", "billions"), "GUSD"),
}
_SCALE = "|".join(sorted(filter(None, _SCALES), key=len, reverse=True))
_CURRENCIES = (
    "EUR|€|euros?|GBP|£|pounds?|RUB|₽|roubles?|rubles?|UAH|₴|hryvnias?|INR|₹|rupees?|PKR|CNY|RMB|"
    "¥|yuan|JPY|yen|CHF|francs?|PLN|zlotys?|TRY|₺|liras?|ILS|₪|shekels?|IRR|rials?|KRW|₩|won|"
    "AUD|CAD|NZD|SEK|NOK|DKK|CZK|HUF|RON|AZN|AMD|GEL|SAR|AED"
)


def _money(names: str) -> re.Pattern[str]:
    """An amount's unit such as `M$`, `USD million` or `billion dollars`."""
    return re.compile(rf"(?P<ahead>{_SCALE})?\s*(?:{names})\s*(?P<behind>{_SCALE})?", re.I)


_DOLLARS = _money(r"US\s?\$|\$|USD|(?:US )?dollars?")
_OTHER_MONEY = _money(_CURRENCIES)
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_QUANTITY = re.compile(rf"\s*({_NUMBER}|[-+]?\.inf)\s*(.*?)\s*")
_PRICE = re.compile(rf"\s*(US\s?\$|[$€£₽₴₹¥₺₪₩]|[A-Z]{{3}} ?)\s*({_NUMBER})\s*(.*?)\s*")

_Measure = tuple[Fraction, Counter[str]]


class _UnknownError(ValueError):
    """A word that is no unit."""


def spellings() -> dict[str, tuple[str, ...]]:
    """Each unit, and how else it may be spelt; of longer words also with capitals."""
    return {unit: tuple(words.split()) for unit, (_, _, words) in _UNITS.items()} | {
        ratio: tuple(words.split()) for ratio, words in _RATIOS.items()
    }


def quantity(text: str) -> tuple[str, str] | None:
    """Number and unit of a text such as '45 km' or '$5 million'; None where it is neither."""
    if price := _PRICE.fullmatch(text):
        return price[2], f"{price[1].strip()} {price[3]}".strip()
    match = _QUANTITY.fullmatch(text)
    return (match[1], match[2]) if match else None


def converted(number: float, unit: str, wanted: str) -> float:
    """A number of one unit in another; raises PydanticCustomError for a unit of another kind."""
    if unit == wanted:
        return number
    ratio = _ratio(unit, wanted)
    if ratio == 1 or number in (0.0, float("inf"), float("-inf")) or number != number:
        return number
    try:
        return float(Fraction(repr(number)) * ratio)
    except OverflowError:
        return float("inf") if number > 0.0 else float("-inf")


@functools.cache
def _ratio(unit: str, wanted: str) -> Fraction:
    """How many of the wanted unit one is."""
    size, measures = _measure(wanted)
    place = {"wanted": "no unit" if wanted == "1" else wanted, "unit": repr(unit)[:50]}
    if measures == {"USD": 1} and _OTHER_MONEY.fullmatch(unit):
        raise PydanticCustomError(
            "unit",
            "unit {unit} is another currency, expected USD: convert value, low and high at a rate "
            "of the price's day, and say rate and day in source or assumed",
            place,
        )
    hint = f"expected {place['wanted']} or the like"
    try:
        its_size, its_measures = _measure(unit)
        if its_measures == measures:
            return its_size / size
    except _UnknownError as error:
        if near := _near(unit, str(error), measures):
            hint = f"did you mean {near!r}?"
    raise PydanticCustomError(
        "unit", "unit {unit} is not understood here, {hint}", place | {"hint": hint}
    )


def _near(unit: str, unknown: str, measures: Counter[str]) -> str | None:
    """The unit with its unknown word spelt as the nearest that makes it fit, if one does."""
    if _fits(f"{unit} USD", measures):  # 5 million
        return f"{unit} USD"
    fits = [word for word in _SPELT if _fits(unit.replace(unknown, word), measures)]
    near = difflib.get_close_matches(unknown, fits, n=1, cutoff=0.6)
    return unit.replace(unknown, near[0]) if near else None


def _fits(unit: str, measures: Counter[str]) -> bool:
    try:
        return _measure(unit)[1] == measures
    except _UnknownError:
        return False


@functools.cache
def _measure(unit: str) -> _Measure:
    """The size of a unit and what it measures, such as a length for each time. Raises."""
    if money := _DOLLARS.fullmatch(unit.strip()):
        scales = [part.lower() for part in (money["ahead"], money["behind"]) if part]
        if len(scales) < 2:
            return _measure_of_word(_SCALES["".join(scales)])
    text = unit.strip().rstrip(".") if len(unit) <= 40 else ""
    if text == "1":
        return Fraction(1), Counter()
    for phrase, plain in _PHRASES:
        text = phrase.sub(plain, text)
    if not _FORM.fullmatch(text):
        raise _UnknownError(unit)
    above, *below = text.split("/")
    size, measures = _product(above)
    for part in below:
        by_size, by_measures = _product(part)
        size /= by_size
        measures.subtract(by_measures)
    return size, Counter({kind: power for kind, power in measures.items() if power})


def _product(text: str) -> _Measure:
    size, measures = Fraction(1), Counter[str]()
    for word in text.replace("*", " ").split():
        if word == "1":
            continue
        its_size, its_measures = _measure_of_word(word)
        size *= its_size
        measures.update(its_measures)
    return size, measures


def _measure_of_word(word: str) -> _Measure:
    unit = _SPELT.get(word) or _IN_ANY_CASE.get(word.lower())
    if unit is None:
        raise _UnknownError(word)
    if unit in _RATIOS:
        return _measure(unit)
    kind, size, _ = _UNITS[unit]
    return Fraction(size), Counter([kind] if kind else [])
