"""What an experiment file may say: a question put to a scenario, a dozen lines each."""

from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt

from sim.scenario.figure import Block
from sim.scenario.schema import Event, Name, Text

Runs = Annotated[StrictInt, Field(ge=2, le=10_000_000)]
Seed = Annotated[StrictInt, Field(ge=0, lt=2**62)]


Sign = Literal["+", "-", "0", "+-"]


class Theories(Block):
    """Every combination of mechanisms, with and without the scenario's focus raid.

    `mechanisms` are the switches, all that the scenario has figures for where left out; `runs`
    are the wars of each combination.
    """

    kind: Literal["theories"]
    name: Name
    title: Text
    question: Text
    scenario: Text
    mechanisms: tuple[Name, ...] = Field(default=(), max_length=20)
    runs: Runs
    seed: Seed = 1


class Stimulus(Block):
    """What happens to the minds of both sides: events, on a ground prepared by `set`.

    It is held against the same war without these events; without any, against its first evening.
    """

    title: Text
    set: dict[str, Any] = {}
    events: dict[Name, Event] = {}


class Impulse(Block):
    """Each mechanism alone under each stimulus, and what its theory predicts.

    `without` are parts of the scenario left out, `set` figures and blocks changed. `predicted`
    gives by mechanism and stimulus the signs of what happens to the reservations of the underdog
    and of the favourite; what is not named is predicted to do nothing.
    """

    kind: Literal["impulse"]
    name: Name
    title: Text
    question: Text
    scenario: Text
    without: tuple[Text, ...] = ()
    set: dict[str, Any] = {}
    mechanisms: tuple[Name, ...] = Field(default=(), max_length=20)
    stimuli: dict[Name, Stimulus] = Field(min_length=1)
    predicted: dict[Name, dict[Name, tuple[Sign, Sign]]] = {}
    runs: Runs
    seed: Seed = 1


Experiment = Theories | Impulse
EXPERIMENTS: dict[str, type[Theories] | type[Impulse]] = {
    "theories": Theories,
    "impulse": Impulse,
}
