"""The history: what of the war is read, as it was recorded, and not simulated."""

import datetime
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.figure import Block, NonNegative, Positive, PositiveDays, check_sources
from sim.scenario.schema.references import EachSide, Name, PatronName, SideName, Text
from sim.scenario.text.dates import Period, period_of

_LARGEST_AMOUNT = 1e12


def _is_period(written: str) -> str:
    try:
        period_of(written)
    except ValueError as error:
        raise PydanticCustomError("period", "{why}", {"why": str(error)}) from None
    return written


def _whole_row(written: Any) -> Any:
    is_number = isinstance(written, int | float) and not isinstance(written, bool)
    return {"amount": written} if is_number else written


PeriodName = Annotated[str, AfterValidator(_is_period)]


class Row(Block):
    """What was recorded of one period. A bare number is a row with this amount.

    `days_told` is the number of its days on which anything was recorded, if not all; a row may have
    its own provenance.
    """

    amount: Annotated[float, Field(ge=-_LARGEST_AMOUNT, le=_LARGEST_AMOUNT)]
    days_told: Annotated[int, Field(ge=1, le=4000)] | None = None
    source: str | tuple[str, ...] | None = None
    assumed: str | None = None

    @model_validator(mode="after")
    def _is_sourced(self, info: ValidationInfo) -> "Row":
        check_sources(_keys(self.source), info)
        return self


class Series(Block):
    """Amounts by period, each period a month `2022-10` or two dates `2022-02-24/2022-03-31`.

    A missing period means not reported, not zero.
    """

    title: Text
    source: str | tuple[str, ...] | None = None
    assumed: str | None = None
    rows: dict[
        PeriodName, Annotated[Row, BeforeValidator(_whole_row, json_schema_input_type=float | Row)]
    ] = Field(min_length=1)

    @property
    def periods(self) -> tuple[tuple[Period, Row], ...]:
        """First and last day of each row, in order of time, and the row."""
        dated = ((period_of(name), row) for name, row in self.rows.items())
        return tuple(sorted(dated, key=lambda entry: entry[0]))

    def days_told(self, start: datetime.date, end: datetime.date) -> int:
        """On how many days from `start` to `end` anything was recorded.

        A row that was recorded on some of its days counts with as large a part of those within.
        """
        told = 0.0
        for (first, last), row in self.periods:
            inside = (min(last, end) - max(first, start)).days + 1
            days = (last - first).days + 1
            told += max(0, inside) * (row.days_told or days) / days
        return round(told)

    def amount(self, start: datetime.date, end: datetime.date) -> float:
        """The amount from `start` to `end`, as large a part of a row as of its days lies within."""
        total = 0.0
        for (first, last), row in self.periods:
            inside = (min(last, end) - max(first, start)).days + 1
            total += row.amount * max(0, inside) / ((last - first).days + 1)
        return total

    @property
    def provenance(self) -> str:
        """Where the amounts come from, in one line; what is assumed of a row with its period."""
        assumed = [self.assumed] if self.assumed else []
        rows = ((name, row.assumed) for name, row in self.rows.items() if row.assumed)
        assumed += [f"{name}: {why}" for name, why in rows]
        parts = [", ".join(self.sources)] if self.sources else []
        return "; ".join(parts + ([f"assumed: {'; '.join(assumed)}"] if assumed else []))

    @property
    def sources(self) -> tuple[str, ...]:
        """The keys of all sources, those of rows too."""
        keys = [*_keys(self.source), *(k for row in self.rows.values() for k in _keys(row.source))]
        return tuple(dict.fromkeys(keys))

    @model_validator(mode="after")
    def _is_honest(self, info: ValidationInfo) -> "Series":
        check_sources(_keys(self.source), info)
        rows_say = all(row.source or (row.assumed or "").strip() for row in self.rows.values())
        if not self.source and not (self.assumed or "").strip() and not rows_say:
            raise PydanticCustomError(
                "figure_provenance",
                "a series must say where it comes from, expected source: KEY or assumed: WHY",
            )
        last = None
        for (first, end), row in self.periods:
            if (row.days_told or 1) > (end - first).days + 1:
                raise PydanticCustomError(
                    "series",
                    "the row of {day} has more days_told than days, expected at most as many",
                    {"day": str(first)},
                )
            if last is not None and first <= last:
                raise PydanticCustomError(
                    "series",
                    "{day} is in two rows, expected each day in one",
                    {"day": str(first)},
                )
            last = end
        return self


def _keys(source: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return () if source is None else (source,) if isinstance(source, str) else source


class RaidHistory(Block):
    """The raids of one side with one class of weapon, as they were recorded.

    The number that came through is `through_per_told` for each one that is recorded as launched and
    not neutralised; if only one of the two is recorded, for each of those.
    """

    title: Text
    by: SideName
    launched: Series | None = None
    neutralised: Series | None = None
    through_per_told: NonNegative
    places_per_through: NonNegative

    @model_validator(mode="after")
    def _is_recorded(self) -> "RaidHistory":
        if self.launched is None and self.neutralised is None:
            raise PydanticCustomError(
                "history", "nothing is recorded of it, expected launched or neutralised"
            )
        if self.launched is not None and self.neutralised is not None:
            launched, neutralised = self.launched.rows, self.neutralised.rows
            for period in launched.keys() ^ neutralised.keys():
                raise PydanticCustomError(
                    "history",
                    "{period} is in one of launched and neutralised, expected it in both",
                    {"period": period},
                )
            for period, row in launched.items():
                if neutralised[period].amount > row.amount:
                    raise PydanticCustomError(
                        "history",
                        "{period}: more are neutralised than launched, expected at most as many",
                        {"period": period},
                    )
        return self


class LossHistory(Block):
    """What a side lost at home, and how large a share of the stakes one unit of it is.

    If `places_hit` are recorded, they count; otherwise what came through of the enemy's raids.
    """

    places_hit: Series | None = None
    loss_per_place: NonNegative | None = None
    soldiers: Series | None = None
    soldiers_per_told: NonNegative | None = None
    loss_per_soldier: NonNegative | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "LossHistory":
        figures = (self.soldiers_per_told, self.loss_per_soldier)
        if any((self.soldiers is None) != (figure is None) for figure in figures):
            raise PydanticCustomError(
                "history",
                "soldiers go with soldiers_per_told and loss_per_soldier, expected all or none",
            )
        if self.places_hit is not None and self.loss_per_place is None:
            raise PydanticCustomError(
                "history", "loss_per_place is missing, expected it beside places_hit"
            )
        return self


class FrontHistory(Block):
    """How the area that the favourite occupies changed, and the area of a rung."""

    occupied_change_km2: Series
    rung_km2: Positive


class Pause(Block):
    """Days on which nothing of the allocated aid arrived."""

    source: str | tuple[str, ...] | None = None
    assumed: str | None = None

    @model_validator(mode="after")
    def _is_honest(self, info: ValidationInfo) -> "Pause":
        check_sources(_keys(self.source), info)
        if not self.source and not (self.assumed or "").strip():
            raise PydanticCustomError(
                "figure_provenance",
                "a pause must say where it comes from, expected source: KEY or assumed: WHY",
            )
        return self


class AidArrival(Block):
    """How allocated aid arrives: spread over `lasts`, and nothing on the days of `pauses`.

    If as much is allocated as was expected (`counted_on_bn_eur` a month), it is as at the start.
    """

    counted_on_bn_eur: Positive
    lasts: PositiveDays
    pauses: dict[PeriodName, Pause] = {}


class AidHistory(Block):
    """What one giver allocated to a side, in thousand million EUR.

    The giver may be a patron (`by`); without one the series is that of all givers together.
    Rules read a series that says how it `arrives`; others are only shown for comparison.
    """

    title: Text
    to: SideName
    by: PatronName | None = None
    allocated_bn_eur: Series
    arrives: AidArrival | None = None


class History(Block):
    """The part of the war that is read and not simulated, until something stops the war."""

    raids: dict[Name, RaidHistory] = {}
    losses: EachSide[LossHistory] | None = None
    front: FrontHistory | None = None
    aid: dict[Name, AidHistory] = {}

    @property
    def series(self) -> dict[str, Series]:
        """Every series by its dotted path within the history."""
        found: dict[str, Series | None] = {}
        for name, raid in self.raids.items():
            found[f"raids.{name}.launched"] = raid.launched
            found[f"raids.{name}.neutralised"] = raid.neutralised
        for side, loss in (self.losses or {}).items():
            found[f"losses.{side}.places_hit"] = loss.places_hit
            found[f"losses.{side}.soldiers"] = loss.soldiers
        if self.front is not None:
            found["front.occupied_change_km2"] = self.front.occupied_change_km2
        for giver, aid in self.aid.items():
            found[f"aid.{giver}.allocated_bn_eur"] = aid.allocated_bn_eur
        return {path: series for path, series in found.items() if series is not None}

    def mapped(self, change: Callable[[Series], Series]) -> "History":
        """The same with each series changed."""
        return _mapped(self, change)


def _mapped(part: Any, change: Callable[[Series], Series]) -> Any:
    if isinstance(part, Series):
        return change(part)
    if isinstance(part, Mapping):
        return {name: _mapped(inner, change) for name, inner in part.items()}
    if isinstance(part, Block):
        inner = {name: _mapped(getattr(part, name), change) for name in type(part).model_fields}
        return part.model_copy(update=inner)
    return part
