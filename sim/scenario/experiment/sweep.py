"""Many settings of figures and switches."""

from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt

from sim.scenario.experiment.words import Parts, Question, Runs, Seed
from sim.scenario.schema import Text

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


Levels = str | list[Any] | dict[str, Any] | None
"""What something is varied over: `LOW:HIGH:POINTS` with any part left out, a list of values, or
names of settings, each a mapping of paths to values. Nothing at all is the figure's own range."""


class Sweep(Question):
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
