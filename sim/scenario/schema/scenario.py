"""A whole scenario: its sections, and what must hold between them."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.figure import Block, Figure, did_you_mean
from sim.scenario.schema.equipment import Asset, Unit, Weapon
from sim.scenario.schema.events import Event
from sim.scenario.schema.front import Front
from sim.scenario.schema.history import History
from sim.scenario.schema.mechanisms import Mechanisms
from sim.scenario.schema.minds import Mind, Public, Reporting
from sim.scenario.schema.observed import Discrepancy, Poll, Report
from sim.scenario.schema.patrons import Patron
from sim.scenario.schema.raids import Raid
from sim.scenario.schema.references import Date, EachSide, Name, RaidName, Register, Text, snake
from sim.scenario.schema.side import Side
from sim.scenario.schema.sites import LaunchArea, Site
from sim.scenario.schema.talks import Talks


class Scenario(Block):
    """A war: its sides, weapons, places and dates, what they believe and what they bargain over.

    `focus` is the raid the question is about.
    """

    name: Name
    title: Text
    question: Text
    focus: RaidName | None = None
    sources: Register = None
    start: Date
    end: Date
    war_began: Date | None = None
    sides: dict[Name, Side] = Field(min_length=2, max_length=2)
    weapons: dict[Name, Weapon] = {}
    assets: dict[Name, Asset] = {}
    units: dict[Name, Unit] = {}
    sites: dict[Name, Site] = {}
    launch_areas: dict[Name, LaunchArea] = {}
    raids: dict[Name, Raid] = {}
    events: dict[Name, Event] = {}
    history: History | None = None
    reports: EachSide[Reporting]
    front: Front | None = None
    minds: EachSide[Mind]
    publics: EachSide[Public] | None = None
    mechanisms: Mechanisms = Mechanisms()
    patrons: dict[Name, Patron] = {}
    talks: Talks | None = None
    reported: dict[Name, Report] = {}
    polls: dict[Name, Poll] = {}
    discrepancy: EachSide[Discrepancy] | None = None

    _text: str = PrivateAttr(default="")
    _overrides: tuple[str, ...] = PrivateAttr(default=())
    _code: dict[str, str] = PrivateAttr(default_factory=dict)
    _cited: dict[str, dict[str, str]] = PrivateAttr(default_factory=dict)
    _file: str = PrivateAttr(default="")
    _left_out: tuple[str, ...] = PrivateAttr(default=())

    def __eq__(self, other: object) -> bool:
        """Whether two scenarios say the same, own code too, however that is written."""
        if not isinstance(other, Scenario):
            return NotImplemented
        return (self.__dict__, self._code) == (other.__dict__, other._code)

    def __hash__(self) -> int:
        return hash(self.model_dump_json())

    @property
    def code(self) -> dict[str, str]:
        """The code of own mechanisms, by name, and of the modules that they import, by file."""
        return self._code

    @property
    def text(self) -> str:
        """The YAML the scenario was read from."""
        return self._text

    @property
    def overrides(self) -> tuple[str, ...]:
        """The overrides applied after reading, as written."""
        return self._overrides

    @property
    def file(self) -> str:
        """The file from which it was loaded, as written; empty if it was read from results."""
        return self._file

    @property
    def left_out(self) -> tuple[str, ...]:
        """The parts left out after reading, as written."""
        return self._left_out

    @property
    def cited(self) -> dict[str, dict[str, str]]:
        """The entries of the register of sources that are cited, by key."""
        return self._cited

    @property
    def days(self) -> int:
        """The number of days of the campaign, including the first and the last."""
        return (self.end - self.start).days + 1

    @property
    def underdog(self) -> str:
        """The name of the underdog's side."""
        one, other = self.sides
        return one if self.sides[one].role == "underdog" else other

    @property
    def favourite(self) -> str:
        """The name of the favourite's side."""
        return self.enemy_of(self.underdog)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of asset classes as they appear in column names, in the scenario's order."""
        return tuple(dict.fromkeys(snake(asset.group) for asset in self.assets.values()))

    @property
    def exchanged(self) -> tuple[str, ...]:
        """The columns of the numbers exchanged, one for each exchange."""
        exchanges = self.talks.exchanges if self.talks else ()
        return tuple(f"{snake(name)}_exchanged" for name in exchanges)

    @property
    def patrons_on(self) -> dict[str, Patron]:
        """The patrons that act, in the order of the scenario."""
        return {name: patron for name, patron in self.patrons.items() if patron.on}

    @property
    def titles(self) -> tuple[str, str]:
        """The titles of the underdog and the favourite."""
        return self.sides[self.underdog].title, self.sides[self.favourite].title

    def enemy_of(self, side: str) -> str:
        """The other side. Raises KeyError where there is no such side."""
        if side not in self.sides:
            raise KeyError(f"no side {side!r}{did_you_mean(side, self.sides)}")
        one, other = self.sides
        return other if side == one else one

    def date_of(self, day: int) -> datetime.date:
        """The date of a day of the campaign, which begins with day 0."""
        return self.start + datetime.timedelta(day)

    def day_of(self, date: datetime.date) -> int:
        """The number of a date, the first day being 0."""
        return (date - self.start).days

    @model_validator(mode="after")
    def _is_whole(self) -> "Scenario":
        if not 0 < self.days <= 4000:
            raise PydanticCustomError(
                "campaign", "end is not after start, expected a campaign of 1 to 4000 days"
            )
        if self.war_began is not None and self.war_began > self.start:
            raise PydanticCustomError(
                "campaign", "war_began is after start, expected a day up to it"
            )
        if self.talks and (self.talks.ceasefire or self.talks.truce) and self.front is None:
            raise PydanticCustomError(
                "ceasefire", "a ceasefire or truce stops the front, expected a front: block"
            )
        if self.history and self.history.front and self.front is None:
            raise PydanticCustomError(
                "history", "the history moves the front, expected a front: block"
            )
        if {side.role for side in self.sides.values()} != {"underdog", "favourite"}:
            raise PydanticCustomError(
                "roles", "sides need one role: underdog and one role: favourite"
            )
        return self


def figures(block: BaseModel) -> Iterator[tuple[str, Figure]]:
    """Every figure of a scenario with its dotted path, in the order of the schema."""
    for name in type(block).model_fields:
        yield from _figures_in(getattr(block, name), name)


def _figures_in(value: Any, path: str) -> Iterator[tuple[str, Figure]]:
    if isinstance(value, Figure):
        yield path, value
    elif isinstance(value, BaseModel):
        for name, item in value:
            yield from _figures_in(item, f"{path}.{name}")
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _figures_in(item, f"{path}.{name}")
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from _figures_in(item, f"{path}.{place}")
