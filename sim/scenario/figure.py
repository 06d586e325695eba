"""A figure: a number with its unit, its range, the law over that range, and where it comes from."""

import difflib
import math
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    BaseModel,
    ConfigDict,
    PrivateAttr,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sim.scenario.text.units import converted, quantity

Law = Literal["triangular", "uniform", "pert", "normal", "lognormal"]

LARGEST, SMALLEST = 1e15, 1e-15
"""In size, of a figure that is not 0 nor without end, so that a product and a ratio are numbers."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_Number = Annotated[float, WithJsonSchema({"type": ["number", "string"]})]


class Block(BaseModel):
    """A part of a scenario: frozen, nothing extra allowed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=True)

    @field_validator("*")
    @classmethod
    def _is_text(cls, value: Any) -> Any:
        """Words hold what can be read: no picture or terminal can show a control character."""
        for text in (value, *value) if isinstance(value, dict) else (value,):
            if isinstance(text, str) and (found := control_in(text)):
                raise PydanticCustomError(
                    "text", "holds the character {found}, expected text", {"found": ascii(found)}
                )
        return value


def control_in(text: str) -> str:
    """The first character of a text that is none: a control character but for line breaks and tabs,
    half a pair, or one that Unicode keeps free; nothing where there is none."""
    found = _CONTROL.search(text)
    return found[0] if found else ""


class Figure(Block):
    """One number of a scenario, in the unit its place demands.

    `value` is the best estimate; `low` and `high` are the range that sources span. With a range the
    figure is drawn once per run from the distribution `law`; without one it is constant. Either
    `source` (keys of the register of sources) or `assumed` (the reason) must be given.
    """

    value: _Number
    low: _Number | None = None
    high: _Number | None = None
    law: Law | None = None
    unit: str = "1"
    source: str | tuple[str, ...] | None = None
    assumed: str | None = None

    _bounds: "Bounds | None" = PrivateAttr(default=None)

    @property
    def bounds(self) -> "Bounds | None":
        """The bounds of the figure at its place in a scenario; None outside a scenario."""
        return self._bounds

    @property
    def is_count(self) -> bool:
        """Whether the figure is a whole number."""
        bounds = self._bounds
        return bounds is not None and bounds.is_count

    @property
    def is_drawn(self) -> bool:
        """Whether the figure has a range from which it is drawn."""
        return self.low is not None and self.high is not None and self.low < self.high

    @property
    def sources(self) -> tuple[str, ...]:
        """The keys of the sources; none if the figure is assumed."""
        if self.source is None:
            return ()
        return (self.source,) if isinstance(self.source, str) else self.source

    @property
    def provenance(self) -> str:
        """Where the number comes from, in one line."""
        parts = [", ".join(self.sources)] if self.sources else []
        return "; ".join(parts + ([f"assumed: {self.assumed}"] if self.assumed else []))

    @model_validator(mode="after")
    def _is_honest(self, info: ValidationInfo) -> "Figure":
        if not self.sources and not (self.assumed or "").strip():
            raise PydanticCustomError(
                "figure_provenance",
                "a figure must say where it comes from, expected source: KEY or assumed: WHY",
            )
        check_sources(self.sources, info)
        if (self.low is None) != (self.high is None):
            raise PydanticCustomError(
                "figure_range", "a range has two ends, expected both low and high or neither"
            )
        if self.low is None or self.high is None:
            return self._has_no_law()
        if math.isinf(self.high - self.low):
            raise PydanticCustomError("figure_range", "the range is infinite, expected finite ends")
        if not self.low <= self.value <= self.high:
            raise PydanticCustomError(
                "figure_range",
                "low {low}, value {value}, high {high} are out of order, "
                "expected low <= value <= high",
                {"low": f"{self.low:g}", "value": f"{self.value:g}", "high": f"{self.high:g}"},
            )
        if self.law == "lognormal" and self.low <= 0.0:
            raise PydanticCustomError(
                "figure_law", "a lognormal range starts above 0, expected low > 0"
            )
        return self

    def _has_no_law(self) -> "Figure":
        if self.law is not None:
            raise PydanticCustomError("figure_law", "a law needs a range, expected low and high")
        return self


def check_sources(keys: tuple[str, ...], info: ValidationInfo) -> None:
    """Refuse a source key that the register, given as context `sources`, does not hold."""
    known = (info.context or {}).get("sources")
    if known is None:
        return
    for key in keys:
        if key not in known:
            raise PydanticCustomError(
                "unknown_source",
                "source {key} is not in the register of sources{hint}",
                {"key": repr(key), "hint": did_you_mean(key, known) or ", expected a key of it"},
            )


def did_you_mean(word: str, known: Any) -> str:
    """A hint that names the nearest known word, or lists the few there are."""
    names = [str(name) for name in known]
    near = difflib.get_close_matches(str(word), names, n=1, cutoff=0.6)
    if near:
        return f", did you mean {near[0]!r}?"
    return f", expected one of {', '.join(sorted(names))}" if 0 < len(names) <= 12 else ""


def unit_of(written: Any) -> str | None:
    """The unit in a text such as '45 km', or None."""
    read = quantity(written) if isinstance(written, str) else None
    return read[1] or None if read else None


def number_in(raw: Any, unit: str | None, wanted: str) -> float:
    """A number or a text such as '45 km' as a float in the wanted unit."""
    own_unit = ""
    if isinstance(raw, str) and (read := quantity(raw)):
        raw, own_unit = float(read[0].replace(".inf", "inf")), read[1]
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise PydanticCustomError(
            "figure_number",
            "{raw} is not a number, expected one such as {example}",
            {"raw": repr(raw)[:40], "example": "0.3" if wanted == "1" else f"'45 {wanted}'"},
        )
    if own_unit and unit is not None:
        raise PydanticCustomError("unit", "the unit is given twice, expected it once")
    unit = own_unit or unit
    if unit is None and wanted != "1":
        raise PydanticCustomError(
            "unit", "the unit is missing, expected unit: {wanted} or the like", {"wanted": wanted}
        )
    try:
        number = float(raw)
    except OverflowError:
        number = math.inf
    return converted(number, unit or "1", wanted)


class Bounds(NamedTuple):
    """What a figure may be, in its unit: from `least` (`is_open`: above it) to `most`."""

    unit: str
    least: float
    most: float
    is_count: bool
    is_open: bool

    def check(self, end: str, number: float) -> None:
        """Hold a number to these bounds. Raises PydanticCustomError, which names it as `end`."""
        outside = math.isnan(number) or not self.least <= number <= self.most
        if not outside and LARGEST < abs(number) < math.inf:
            raise PydanticCustomError(
                "figure_bounds",
                "{end} {number} is too large, expected at most {largest} or .inf",
                {"end": end, "number": f"{number:g}", "largest": f"{LARGEST:g}"},
            )
        if outside or (self.is_open and number == self.least):
            raise PydanticCustomError(
                "figure_bounds",
                "{end} {number} is out of bounds, expected {bounds}",
                {
                    "end": end,
                    "number": f"{number:g}",
                    "bounds": _bounds_text(number, self.least, self.most, self.is_open),
                },
            )
        if self.is_count and number != round(number):
            raise PydanticCustomError(
                "figure_bounds",
                "{end} {number} is not a whole number, expected a count",
                {"end": end, "number": f"{number:g}"},
            )


def _bounded(bounds: Bounds) -> Callable[[Any, ValidatorFunctionWrapHandler], Any]:
    """A validator that turns the written figure into one in the bounds' unit, within them."""

    def read(raw: Any, validate: ValidatorFunctionWrapHandler) -> Any:
        figure = validate(_in_bounds(raw, bounds))
        figure._bounds = bounds
        return figure

    return read


def _in_bounds(raw: Any, bounds: Bounds) -> Any:
    """A figure as it is written in the bounds' unit; one that is not whole is left as it is."""
    if not isinstance(raw, dict):
        raise PydanticCustomError(
            "figure_form",
            "{raw} is a bare value, expected a figure with value: and source: KEY or assumed: WHY",
            {"raw": repr(raw)[:40]},
        )
    if "value" not in raw:
        return raw
    unit, written_unit = bounds.unit, raw.get("unit")
    if written_unit is not None and not isinstance(written_unit, str | int):
        raise PydanticCustomError(
            "unit", "the unit must be a word, expected {unit}", {"unit": unit}
        )
    figure = dict(raw) | {"unit": unit}
    for end in ("value", "low", "high"):
        if raw.get(end) is None:
            continue
        number = number_in(raw[end], None if written_unit is None else str(written_unit), unit)
        bounds.check(end, number)
        if 0.0 < abs(number) < SMALLEST:
            raise PydanticCustomError(
                "figure_bounds",
                "{end} {number} is too close to 0, expected {smallest} or more in size",
                {"end": end, "number": f"{number:g}", "smallest": f"{SMALLEST:g}"},
            )
        figure[end] = number
    return figure


def _bounds_text(number: float, least: float, most: float, is_open: bool) -> str:
    sign = ">" if is_open else ">="
    if most >= LARGEST and abs(number) <= LARGEST:
        return f"a number {sign} {least:g}" if least > -math.inf else "a finite number"
    return f"a number from {least:g} to {most:g}"


def within(
    unit: str = "1",
    least: float = 0.0,
    most: float = LARGEST,
    is_count: bool = False,
    is_open: bool = False,
) -> WrapValidator:
    """The mark of a figure in `unit`, from `least` to `most` (`is_open`: above `least`)."""
    return WrapValidator(_bounded(Bounds(unit, least, most, is_count, is_open)))


Probability = Annotated[Figure, within(most=1.0)]
OpenProbability = Annotated[Figure, within(least=1e-6, most=1.0 - 1e-6)]
SignedShare = Annotated[Figure, within(least=-1.0, most=1.0)]
Count = Annotated[Figure, within(most=1e7, is_count=True)]
PositiveCount = Annotated[Figure, within(least=1.0, most=1e7, is_count=True)]
RoundCount = Annotated[Figure, within(least=1.0, most=1000.0, is_count=True)]
ShotCount = Annotated[Figure, within(least=1.0, most=200.0, is_count=True)]
NonNegative = Annotated[Figure, within()]
Positive = Annotated[Figure, within(is_open=True)]
Exponent = Annotated[Figure, within(most=10.0)]
PositiveExponent = Annotated[Figure, within(least=0.01, most=10.0)]
Real = Annotated[Figure, within(least=-LARGEST)]
Days = Annotated[Figure, within("day", most=1e5)]
PositiveDays = Annotated[Figure, within("day", most=1e5, is_open=True)]
PerDay = Annotated[Figure, within("1/day")]
Minutes = Annotated[Figure, within("min", most=1e5)]
PerHour = Annotated[Figure, within("1/h")]
PerHourOrAtOnce = Annotated[Figure, within("1/h", most=math.inf)]
Km = Annotated[Figure, within("km", most=20100.0)]
PositiveKm = Annotated[Figure, within("km", most=20100.0, is_open=True)]
KmPerHour = Annotated[Figure, within("km/h", least=1.0, most=1e5)]
Usd = Annotated[Figure, within("USD")]
