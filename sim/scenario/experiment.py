"""What an experiment file may say: a question put to a scenario, a dozen lines each."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.calls.limits import LARGEST_SEED, MOST_EXPERIMENT_RUNS
from sim.scenario.figure import Block, did_you_mean
from sim.scenario.schema import Event, Name, Text

Runs = Annotated[StrictInt, Field(ge=2, le=MOST_EXPERIMENT_RUNS)]
Seed = Annotated[StrictInt, Field(ge=0, le=LARGEST_SEED)]


def _once(words: tuple[str, ...]) -> tuple[str, ...]:
    for place, word in enumerate(words):
        if word in words[:place]:
            raise PydanticCustomError(
                "twice", "{word} stands twice, expected it once", {"word": word}
            )
    return words


Switch = Annotated[str, Field(pattern=r"^(patrons\.)?[a-z][a-z0-9_-]*$", max_length=70)]
"""A mechanism by its name, or a patron as `patrons.NAME`."""
Mechanisms = Annotated[tuple[Switch, ...], Field(max_length=20), AfterValidator(_once)]
Parts = Annotated[tuple[Text, ...], AfterValidator(_once)]
Sign = Literal["+", "-", "0", "+-"]
Design = Literal[
    "grid",
    "one_at_a_time",
    "random",
    "latin_hypercube",
    "sobol",
    "saltelli",
    "morris",
    "factorial",
    "fractional_factorial",
]


class Region(Block):
    """Effects too small to matter: up to `half_width` (share of the stakes) either way, and why."""

    half_width: Annotated[float, Field(gt=0.0, le=0.5)]
    because: Text


class Theories(Block):
    """Every combination of mechanisms, with and without the scenario's focus raid.

    `region` says, before the wars are fought, which effects are none of practical note.
    `mechanisms` are the switches, all that the scenario has figures for where left out, and
    patrons as `patrons.NAME`; `runs` are the wars of each combination.
    """

    kind: Literal["theories"]
    name: Name
    title: Text
    question: Text
    scenario: Text
    mechanisms: Mechanisms = ()
    region: Region
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


Levels = str | list[Any] | dict[str, Any] | None
"""What something is varied over: `LOW:HIGH:POINTS` with any part left out, a list of values, or
names of settings, each a mapping of paths to values. Nothing at all is the figure's own range."""


class Sweep(Block):
    """A scenario at many points of its figures, switches and other parts.

    `levers` are what somebody chooses: each combination of their levels is tried. `uncertainties`
    are what nobody knows: they are varied by the `design`, at so many `points` where it samples.
    The designs of sensitivity analysis (`saltelli`, `morris`) take several places a point, and
    those of a figure's own range from its law.
    `constants` are set throughout, parts in `without` left out. Figures that are not named are
    drawn in each run as usual. `outcomes` are columns of runs.parquet. `contrast` names a lever
    of two settings to compare. `titles` are words for what is varied and for outcomes.
    """

    kind: Literal["sweep"]
    name: Name
    title: Text
    question: Text
    scenario: Text
    design: Design = "grid"
    points: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | None = None
    levers: dict[str, Levels] = {}
    uncertainties: dict[str, Levels] = {}
    without: Parts = ()
    constants: dict[str, Any] = {}
    outcomes: Annotated[Parts, Field(min_length=1, max_length=40)]
    contrast: str | None = None
    titles: dict[str, Text] = {}
    runs: Runs
    seed: Seed = 1


Experiment = Theories | Impulse | Sweep
EXPERIMENTS: dict[str, type[Theories] | type[Impulse] | type[Sweep]] = {
    "theories": Theories,
    "impulse": Impulse,
    "sweep": Sweep,
}
