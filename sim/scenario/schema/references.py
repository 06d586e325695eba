"""Words that blocks of a scenario share: names, references, dates, an entry for each side."""

import datetime
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from sim.scenario.figure import (
    Figure,
    control_in,
    did_you_mean,
)
from sim.scenario.text.dates import date_of, quoted

_T = TypeVar("_T")

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
_LONGEST_NAME = 4000
Text = Annotated[str, Field(max_length=_LONGEST_NAME)]


def _register(written: Any) -> Any:
    """The register of sources: the name of its file, or itself, so that a scenario stands alone."""
    if written is None or (isinstance(written, str) and len(written) <= _LONGEST_NAME):
        return written
    if isinstance(written, dict) and all(map(is_source, written.items())):
        return {key: {word: str(text) for word, text in written[key].items()} for key in written}
    raise PydanticCustomError(
        "register",
        "is no register of sources, expected the name of its file or KEY: {{title: ..., url: ...}} "
        "for each source",
    )


def is_source(item: tuple[Any, Any]) -> bool:
    """Whether a key and what stands at it are an entry of a register, in words that can be read."""
    key, entry = item
    if not isinstance(entry, dict) or not isinstance(entry.get("title"), str):
        return False
    return not any(control_in(str(text)) for text in (key, *entry.values()))


Register = Annotated[
    str | dict[str, dict[str, str]] | None,
    PlainValidator(_register, json_schema_input_type=str | dict[str, dict[str, str]]),
]


def _refers_to(section: str) -> AfterValidator:
    """The mark of a name that must stand in a section of the same file."""

    def check(name: str, info: ValidationInfo) -> str:
        known = (info.context or {}).get("names", {}).get(section)
        if known is not None and name not in known:
            hint = did_you_mean(name, known) or ", expected one of the names there"
            raise PydanticCustomError(
                "unknown_name",
                "{name} is not in {section}{hint}",
                {"name": repr(name), "section": section, "hint": hint},
            )
        return name

    return AfterValidator(check)


def _written_as_date(written: Any) -> datetime.date:
    try:
        return date_of(written)
    except ValueError:
        raise PydanticCustomError(
            "date", "{written} is no date, expected YYYY-MM-DD", {"written": quoted(written)}
        ) from None


def _in_campaign(day: datetime.date, info: ValidationInfo) -> datetime.date:
    start, end = (info.context or {}).get("campaign", (None, None))
    if start and end and not start <= day <= end:
        raise PydanticCustomError(
            "date_outside",
            "{day} is outside the campaign, expected a date from {start} to {end}",
            {"day": str(day), "start": str(start), "end": str(end)},
        )
    return day


SideName = Annotated[str, _refers_to("sides")]
WeaponName = Annotated[str, _refers_to("weapons")]
AssetName = Annotated[str, _refers_to("assets")]
UnitName = Annotated[str, _refers_to("units")]
SiteName = Annotated[str, _refers_to("sites")]
AreaName = Annotated[str, _refers_to("launch_areas")]
RaidName = Annotated[str, _refers_to("raids")]
PatronName = Annotated[str, _refers_to("patrons")]
Date = Annotated[datetime.date, BeforeValidator(_written_as_date)]
CampaignDate = Annotated[Date, AfterValidator(_in_campaign)]


def _each_side(entries: dict[str, _T], info: ValidationInfo) -> dict[str, _T]:
    missing = set((info.context or {}).get("names", {}).get("sides", ())) - set(entries)
    if missing:
        raise PydanticCustomError(
            "missing_side",
            "there is no entry for {side},expected one for each side",
            {"side": repr(sorted(missing)[0])},
        )
    return entries


EachSide = Annotated[dict[SideName, _T], AfterValidator(_each_side)]


def _one_or_by_side(raw: Any) -> str:
    is_figure = isinstance(raw, Figure) or not isinstance(raw, Mapping) or "value" in raw
    return "(figure)" if is_figure else "(by side)"


_Tagged = Discriminator(_one_or_by_side)
OrBySide = Annotated[
    Annotated[_T, Tag("(figure)")] | Annotated[EachSide[_T], Tag("(by side)")], _Tagged
]
"""One figure for both sides, or one a side."""


def snake(name: str) -> str:
    """A name of the scenario as a word of a column."""
    return name.replace("-", "_")
