"""Every combination of mechanisms, with and without a raid, with common random numbers."""

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.errors import ExperimentError
from sim.experiment.execution.runner import Progress, fill
from sim.experiment.execution.workers import Workers
from sim.experiment.factorial import fractions
from sim.experiment.questions.switches import check_switches, mechanisms_in, switching_on
from sim.experiment.storage.store import Results
from sim.experiment.storage.version import model_version
from sim.scenario.experiment import Theories
from sim.scenario.figure import did_you_mean
from sim.scenario.load import load
from sim.scenario.schema import Scenario
from sim.scenario.stored import content_hash, stored
from sim.war.model import War
from sim.war.observer import FlownRaid, Observer

if TYPE_CHECKING:
    from sim.war.agents.mediator import Meeting
    from sim.war.outcomes import Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOVED = ("r_u", "r_d", "z")
"""The positions a raid's effect is measured on: both reservations and the zone of agreement."""

_ROWS = 4096  # of an ensemble: enough to amortise a day's overhead, few enough for the caches
TABLES = ("effects", "decay")


class Trace(Observer):
    """A recorder of only what distinguishes theories.

    `path` (days from the first one recorded, 3, rows) are the positions of MOVED each evening;
    `settled` and `stopped` say where a deal or a ceasefire was agreed.
    """

    def __init__(self, war: War, first_day: int) -> None:
        self._war, self._first_day = war, first_day
        self._days: list[Floats] = []
        self.flown: Bools = np.zeros(len(war.runs), np.bool_)
        self.settled: Bools = np.zeros(len(war.runs), np.bool_)
        self.stopped: Bools = np.zeros(len(war.runs), np.bool_)

    def raid(self, flown: FlownRaid) -> None:
        """Note where the raid that the question is about was flown."""
        if flown.name == self._war.scenario.focus:
            self.flown[flown.rows] = True

    def meeting(self, meeting: "Meeting") -> None:
        """Note settlements and ceasefires."""
        self.settled = self.settled | meeting.agreed
        both = meeting.ceasefire_underdog & meeting.ceasefire_favourite & ~meeting.agreed
        self.stopped = self.stopped | both

    def end_of_day(self) -> None:
        """Record the evening's positions."""
        war = self._war
        if war.day < self._first_day:
            return
        sides, scenario = war.negotiators, war.scenario
        one, other = sides[scenario.underdog].reservation, sides[scenario.favourite].reservation
        self._days.append(np.stack([one, other, war.zone]))

    @property
    def path(self) -> Floats:
        """Positions of MOVED by day, shape (days, 3, rows)."""
        return np.stack(self._days)


def focus_day(scenario: Scenario) -> int:
    """The day of a scenario's focus raid; the first day if the raid has no date."""
    date = scenario.raids[scenario.focus or ""].date
    return 0 if date is None else scenario.day_of(date)


def moments_of(scenario: Scenario) -> dict[str, int]:
    """The day of the focus raid, and those of later meetings by name."""
    day = focus_day(scenario)
    talks = scenario.talks.meetings if scenario.talks else {}
    later = {name: scenario.day_of(date) for name, date in talks.items()}
    return {"the raid's day": day} | {n: d for n, d in later.items() if d > day}


class Question(NamedTuple):
    """A theories experiment, ready to run: all mechanisms on, with the raid and `without` it."""

    experiment: Theories
    scenario: Scenario
    without: Scenario
    mechanisms: tuple[str, ...]

    @property
    def region(self) -> float:
        """The half-width of the region in which an effect counts as none, a share of the stakes."""
        return self.experiment.region.half_width

    @property
    def day(self) -> int:
        """The day of the raid that the question is about."""
        return focus_day(self.scenario)

    @property
    def moments(self) -> dict[str, int]:
        """The evenings the question is about: the raid's, and those of later meetings."""
        return moments_of(self.scenario)

    @property
    def batch(self) -> int:
        """The number of runs in one ensemble."""
        return max(1, _ROWS // len(fractions(len(self.mechanisms))[0]))

    def date(self, day: int) -> datetime.date:
        """The date of a day."""
        return self.scenario.start + datetime.timedelta(day)


def question(experiment: Theories, folder: Path, allow_code: bool = False) -> Question:
    """Read the scenario of a theories experiment; `folder` is where its file stands.

    Raises ScenarioError if the scenario is wrong, ExperimentError if it cannot be answered.
    """
    path = folder / experiment.scenario
    plain = load(path, allow_code=allow_code)
    if plain.focus is None or plain.raids[plain.focus].date is None:
        raise ExperimentError("scenario: has no focus raid with a date, expected one to leave out")
    names = experiment.mechanisms or mechanisms_in(plain)
    check_switches(names, plain, "mechanisms: ", str(path))
    for name in experiment.odds.times if experiment.odds else ():
        if name not in names:
            hint = did_you_mean(name, names) or ", expected one that is switched"
            raise ExperimentError(f"odds: {name!r} is no switch of the experiment{hint}")
    switched = switching_on(names, plain)
    without = load(path, switched, [f"raids.{plain.focus}"], allow_code)
    return Question(experiment, load(path, switched, (), allow_code), without, names)


class Store(Results):
    """The folder of a theories experiment, with its question.

    Tables are `effects`, one row per run and theory, and `decay`, one per theory, chunk and day.
    """

    def __init__(self, out: str | Path, question: Question) -> None:
        self.question = question
        experiment = question.experiment
        hashed = content_hash(
            question.scenario, experiment.runs, experiment.seed, question.mechanisms,
            model_version(), Path(__file__).read_bytes(),
        )  # fmt: skip
        super().__init__(out, experiment.name, hashed, TABLES)


def run_into(store: Store, workers: Workers = None, progress: Progress | None = None) -> None:
    """Simulate the wars that a store still lacks.

    Each fraction of the combinations has runs of its own, so every theory has `runs` wars with the
    raid and as many without, and there are as many different draws of the figures as fractions
    times runs. An interruption leaves the chunks that are done.
    """
    question = store.question
    calls = dict(enumerate(_calls(question)))
    wars = {chunk: 2 * len(runs) * len(theories) for chunk, (_, runs, theories) in calls.items()}
    experiment, scenario = question.experiment, question.scenario
    description = {
        "experiment": experiment.name,
        "kind": experiment.kind,
        "mechanisms": list(question.mechanisms),
        "theories": 2 ** len(question.mechanisms),
        "runs": experiment.runs,
        "seed": experiment.seed,
        **stored(scenario),
    }
    fill(store, run_chunk, calls, wars, description, workers, progress)


def _calls(question: Question) -> Iterator[tuple[Question, Ints, Bools]]:
    runs, batch = question.experiment.runs, question.batch
    for place, theories in enumerate(fractions(len(question.mechanisms))):
        for first in range(0, runs, batch):
            last = min(runs, first + batch)
            yield question, np.arange(place * runs + first, place * runs + last), theories


def run_chunk(question: Question, runs: Ints, theories: Bools) -> dict[str, "Table"]:
    """Simulate each run under each theory, with and without the raid: effects and their decay.

    `theories` (T, k) says which of the k mechanisms each switches on.
    """
    rows = np.repeat(runs, len(theories))
    numbers = numbers_of(theories)
    ours, theirs = (
        _trace(question, scenario, rows, theories)
        for scenario in (question.scenario, question.without)
    )
    effect = ours.path - theirs.path
    effects: Table = {"run": rows, "theory": np.tile(numbers, len(runs)), "flown": ours.flown}
    for moment, day in question.moments.items():
        for place, word in enumerate(MOVED):
            effects[f"{word}, {moment}"] = effect[day - question.day, place].astype(np.float32)
    for word in ("settled", "stopped"):
        effects |= {word: getattr(ours, word), f"{word} without": getattr(theirs, word)}
    return {"effects": effects, "decay": _decay(effect, ours.flown, numbers)}


def numbers_of(theories: Bools) -> Ints:
    """The number of each theory: its switches as bits, the first mechanism the lowest."""
    return (theories << np.arange(theories.shape[1])).sum(axis=1)


def switches_of(numbers: Ints, mechanisms: Sequence[str]) -> pd.DataFrame:
    """Which mechanisms each theory switches on, one column per mechanism."""
    return pd.DataFrame(
        {name: (numbers >> place & 1).astype(bool) for place, name in enumerate(mechanisms)}
    )


def _trace(question: Question, scenario: Scenario, rows: Ints, theories: Bools) -> Trace:
    copies = len(rows) // len(theories)
    on = {n: np.tile(theories[:, place], copies) for place, n in enumerate(question.mechanisms)}
    seed = question.experiment.seed
    war = War(scenario, rows, seed, strengths=on, recorder=lambda war: Trace(war, question.day))
    return war.run().recorder


def _decay(effect: Floats, flown: Bools, numbers: Ints) -> "Table":
    """The effect summed over the wars of each theory in which the raid flew, by day."""
    days, theories = len(effect), len(numbers)
    summed = np.where(flown, effect, 0.0).reshape(days, len(MOVED), -1, theories).sum(axis=2)
    return {
        "theory": np.tile(numbers, days),
        "days_after": np.repeat(np.arange(days), theories),
        "wars": np.tile(flown.reshape(-1, theories).sum(axis=0), days),
        **{word: summed[:, place].reshape(-1) for place, word in enumerate(MOVED)},
    }
