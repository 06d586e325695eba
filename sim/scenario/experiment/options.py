"""What can be chosen, and what it costs."""

import itertools
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, StrictInt, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.experiment.words import Parts, Question
from sim.scenario.figure import LARGEST, Block, PositiveCount, Usd, number_in
from sim.scenario.schema import Name, Text


class Price(Block):
    """What one of something costs: `buying` it, and each year `manning` it and its `rounds`."""

    buying: Usd | None = None
    manning: Usd | None = None
    rounds: Usd | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "Price":
        if self.buying is None and self.manning is None and self.rounds is None:
            raise PydanticCustomError(
                "price", "nothing has a price, expected buying, manning or rounds"
            )
        return self


class Level(Block):
    """What somebody can choose: `count` of something at a price each, and what it sets.

    `wars` says that all money is spread over so many wars alike, of which one is fought: sums in
    USD count so many times.
    """

    title: Text | None = None
    set: dict[str, Any] = {}
    count: PositiveCount | None = None
    price: Price | None = None
    wars: Annotated[StrictInt, Field(ge=1, le=10_000)] = 1

    @model_validator(mode="after")
    def _counts_what_costs(self) -> "Level":
        if self.count is not None and self.price is None:
            raise PydanticCustomError("price", "a count without a price, expected both or none")
        return self


class UnitClass(Block):
    """A class that a share of the budget goes to: the figure `set` becomes what the share buys.

    That is a number, of those that cost `price` each; without a price it is the money itself.
    """

    title: Text | None = None
    set: Text
    price: Price | None = None


class Shares(Block):
    """A budget divided over classes, each with a whole number of so many equal `parts` of it."""

    parts: Annotated[StrictInt, Field(ge=1, le=20)]
    classes: dict[Name, UnitClass] = Field(min_length=2, max_length=12)


def _usd(written: Any) -> float:
    return number_in(written, None, "USD")


Money = Annotated[
    float,
    Field(ge=0.0, le=LARGEST),
    BeforeValidator(_usd),
    WithJsonSchema({"type": "string"}),
]
"""An amount as it is written, such as `100 MUSD`, in USD."""


class Options(Block):
    """What somebody can choose from.

    Each combination of one level of each of the `levers` is an option; what these leave of the
    budget is divided in `shares`. Without a budget all options can be had. Of several, which rise,
    each is answered; the options of a smaller one are options of a larger one. Prices are of
    `years` of manning and rounds.
    """

    years: Annotated[float, Field(gt=0.0, le=100.0)] = 1.0
    budget: Annotated[tuple[Money, ...], Field(min_length=1, max_length=12)] | None = None
    levers: dict[str, dict[str, Level]] = {}
    shares: Shares | None = None

    @model_validator(mode="after")
    def _budgets_rise(self) -> "Options":
        budgets = self.budget or ()
        if any(low >= high for low, high in itertools.pairwise(budgets)):
            raise PydanticCustomError(
                "not_rising", "budgets do not rise, expected each above the last"
            )
        return self

    @model_validator(mode="after")
    def _are_some(self) -> "Options":
        if not self.levers and self.shares is None:
            raise PydanticCustomError("options", "no options, expected levers or shares")
        if any(not levels for levels in self.levers.values()):
            raise PydanticCustomError("options", "a lever without levels, expected one or more")
        if self.shares is not None and self.budget is None:
            raise PydanticCustomError("options", "shares without a budget, expected a budget")
        return self


Better = Literal["small", "large"]


class Priced(Question):
    """A question with prices, which cite sources of a register."""

    sources: Text | None = None
    without: Parts = ()
    constants: dict[str, Any] = {}

    _cited: dict[str, dict[str, str]] = PrivateAttr(default_factory=dict)

    @property
    def cited(self) -> dict[str, dict[str, str]]:
        """The entries of the register that its figures cite, by key."""
        return self._cited
