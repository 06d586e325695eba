"""One stimulus at a time, on quiet ground."""

from typing import Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.experiment.words import Mechanisms, Parts, Question, Runs, Seed, Switch
from sim.scenario.figure import Block, did_you_mean
from sim.scenario.schema import Event, Name, Text

Sign = Literal["+", "-", "0", "+-"]


class Stimulus(Block):
    """What happens to both sides: events, with a background prepared by `set`.

    The war is compared with the same war without these events or, if there are none, with its own
    first evening.
    """

    title: Text
    set: dict[str, Any] = {}
    events: dict[Name, Event] = {}


class Impulse(Question):
    """Each mechanism alone under each stimulus, and what its theory predicts.

    `without` are parts of the scenario left out, `set` figures and blocks changed. `predicted`
    gives by mechanism and stimulus the signs of what happens to the reservations of the underdog
    and of the favourite; what is not named is predicted to do nothing.
    """

    kind: Literal["impulse"]
    without: Parts = ()
    set: dict[str, Any] = {}
    mechanisms: Mechanisms = ()
    stimuli: dict[Name, Stimulus] = Field(min_length=1)
    predicted: dict[Switch, dict[Name, tuple[Sign, Sign]]] = {}
    runs: Runs
    seed: Seed = 1

    @model_validator(mode="after")
    def _predicts_what_is_tried(self) -> "Impulse":
        for mechanism, signs in self.predicted.items():
            for stimulus in signs:
                if stimulus not in self.stimuli:
                    raise PydanticCustomError(
                        "unknown_name",
                        "predicted: {mechanism}: no {stimulus} among the stimuli{hint}",
                        {"mechanism": mechanism, "stimulus": repr(stimulus),
                         "hint": did_you_mean(stimulus, self.stimuli) or ", expected one"},
                    )  # fmt: skip
        return self
