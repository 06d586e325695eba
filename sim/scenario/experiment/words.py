"""What all kinds of experiments share: the question, runs, seeds, switches."""

from typing import Annotated

from pydantic import AfterValidator, Field, StrictInt
from pydantic_core import PydanticCustomError

from sim.scenario.calls.limits import LARGEST_SEED, MOST_EXPERIMENT_RUNS
from sim.scenario.figure import Block
from sim.scenario.schema import Name, Text

Runs = Annotated[StrictInt, Field(ge=2, le=MOST_EXPERIMENT_RUNS)]
Seed = Annotated[StrictInt, Field(ge=0, le=LARGEST_SEED)]


def _once(words: tuple[str, ...]) -> tuple[str, ...]:
    for place, word in enumerate(words):
        if word in words[:place]:
            raise PydanticCustomError(
                "twice", "{word} is given twice, expected it once", {"word": word}
            )
    return words


Switch = Annotated[str, Field(pattern=r"^(patrons\.)?[a-z][a-z0-9_-]*$", max_length=70)]
"""A mechanism by its name, or a patron as `patrons.NAME`."""
Mechanisms = Annotated[tuple[Switch, ...], Field(max_length=20), AfterValidator(_once)]
Parts = Annotated[tuple[Text, ...], AfterValidator(_once)]


class Question(Block):
    """What is asked of which scenario; every experiment file begins with it."""

    kind: str
    name: Name
    title: Text
    question: Text
    scenario: Text
