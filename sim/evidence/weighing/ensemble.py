"""The wars of a weighing, with mechanisms acting together and alone, recorded where observed.

For each war are stored the strengths, both reservations on the days of polls and meetings, and how
much each side would gain from stopping at a meeting. Joint wars are simulated in rounds, the first
from the prior, the later aimed at where the record gives weight (`population`); wars of one
mechanism alone and of none are drawn from the prior.
"""

import contextlib
import datetime
import functools
import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.evidence.calibration import aim
from sim.evidence.calibration.aim import Aim, at_prior, figures_at
from sim.evidence.weighing import measurement, meetings
from sim.evidence.weighing import strengths as law
from sim.evidence.weighing.names import NONE
from sim.evidence.weighing.question import Question
from sim.experiment.execution import runner
from sim.experiment.execution.runner import Progress
from sim.experiment.execution.workers import Workers
from sim.experiment.storage.store import Results
from sim.experiment.storage.version import model_version
from sim.scenario.stored import content_hash, stored
from sim.war.model import War
from sim.war.observer import Observer
from sim.war.outcomes import Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUNDS = 10
"""The joint wars are simulated in this many rounds of equal size."""
BY_PRIOR = 5
"""This many of the rounds are drawn from the prior, the others are aimed."""
_CHUNKS = 4  # per part, so that several workers share it
_CHUNK_RUNS = (1000, 4000)  # smaller ones are slower per war, larger ones lose more in a crash
_PART_CHUNKS = 100_000  # chunk numbers from one part to the next
_FAR = 1e3  # larger reservations have diverged: such a war is void and agrees with nothing


class Wars(NamedTuple):
    """What is stored of many wars.

    `strengths` (mechanisms, runs); `scale` (runs,), by number; `reservations` (sides, days kept,
    runs) in the order of the scenario's sides; `gain_from_stopping` (sides, meetings, runs), how
    much a side prefers stopping on that day's line to fighting on, in shares of the stakes.
    """

    runs: Ints
    scale: Ints
    strengths: Floats
    reservations: Floats
    gain_from_stopping: Floats

    def of(self, rows: Ints | NDArray[np.bool_]) -> "Wars":
        """A selection of them."""
        return Wars(
            self.runs[rows],
            self.scale[rows],
            self.strengths[:, rows],
            self.reservations[..., rows],
            self.gain_from_stopping[..., rows],
        )


class Part(NamedTuple):
    """Some wars of an ensemble: the part's number, their runs, the aim they are drawn from.

    `acting` has the numbers of the only mechanisms that act; None if all act together.
    """

    number: int
    runs: Ints
    aimed: Aim
    acting: tuple[int, ...] | None


class Recorded(Observer):
    """A recorder of reservations on some days, and of the gain from stopping on others."""

    def __init__(self, war: War, days: Ints, met: Ints) -> None:
        self._war, self._days, self._met = war, set(days.tolist()), set(met.tolist())
        self.reservations: list[Floats] = []
        self.gain_from_stopping: list[Floats] = []

    def end_of_day(self) -> None:
        """Record both sides if the day is one to record."""
        day, minds = self._war.day, self._war.negotiators
        if day in self._days:
            self.reservations.append(np.stack([mind.reservation for mind in minds.values()]))
        if day in self._met:
            self.gain_from_stopping.append(
                np.stack(
                    [mind.gain_from_stopping(self._war.share_held(s)) for s, mind in minds.items()]
                )
            )


def days_kept(question: Question) -> Ints:
    """The days of all waves and meetings, and those of forecasts, in order."""
    days = [
        question.scenario.day_of(w.date) for poll in question.polls.values() for w in poll.waves
    ]
    return np.union1d(np.array(days, np.int64), meeting_days(question))


def meeting_days(question: Question) -> Ints:
    """The days of the meetings whose result was observed, and those of forecasts, in order."""
    table, talks = question.experiment.table, question.recorded.talks
    names = table.meetings if table else {}
    days = {question.scenario.day_of(talks.meetings[name]) for name in names if talks}
    return np.array(sorted(days | set(days_ahead(question).tolist())), np.int64)


def days_ahead(question: Question) -> Ints:
    """The middle of each month after the record for which there are forecasts."""
    ahead, end = question.experiment.ahead, question.recorded.end
    if ahead is None:
        return np.zeros(0, np.int64)
    months = pd.period_range(end + datetime.timedelta(days=1), ahead.until, freq="M")
    middles = [month.to_timestamp().date().replace(day=15) for month in months]
    return np.array([question.scenario.day_of(m) for m in middles if end < m <= ahead.until])


def paths_of(question: Question) -> tuple[str, ...]:
    """The paths of the place of the scale, and of the places of all strengths."""
    return (law.SCALE, *(law.path_of(name) for name in question.mechanisms))


def acting_in(question: Question) -> dict[str, tuple[int, ...]]:
    """The numbers of the mechanisms that act in each model: one alone, none, or a pair."""
    names = question.mechanisms
    alone: dict[str, tuple[int, ...]] = {name: (place,) for place, name in enumerate(names)}
    pairs = {pair_of(*pair): tuple(map(names.index, pair)) for pair in question.experiment.pairs}
    return alone | {NONE: ()} | pairs


def pair_of(one: str, other: str) -> str:
    """The name of the model with two mechanisms."""
    return f"{one}+{other}"


class Ensemble:
    """The wars of a weighing, stored part by part and loaded if they exist.

    They are those with all mechanisms together, of each mechanism alone, and of none; only those of
    the pairs if `of_pairs`, and only those alone and of none if not `is_together`.
    """

    def __init__(
        self,
        question: Question,
        out: str | Path,
        workers: Workers,
        progress: Progress | None,
        is_together: bool = True,
        of_pairs: bool = False,
    ) -> None:
        self.question, self.workers, self.progress = question, workers, progress
        self.is_together = is_together and not of_pairs
        acting, alone = acting_in(question), (*question.mechanisms, NONE)
        self.models = tuple(name for name in acting if (name in alone) != of_pairs)
        experiment = question.experiment
        modules = (aim, law, measurement, meetings)
        code = [inspect.getsource(module) for module in modules]
        hashed = content_hash(
            question.scenario, experiment, question.polls, self.is_together, self.models,
            model_version(),
            *code, Path(__file__).read_text(encoding="utf-8"),
        )  # fmt: skip
        self.results = Results(out, experiment.name, hashed, ("draws",))
        self._is_found = False
        self._keys: list[int] = []
        self._done = 0

    @property
    def wars(self) -> int:
        """The total number of wars."""
        experiment = self.question.experiment
        together = ROUNDS * self.of_round if self.is_together else 0
        return together + len(self.models) * experiment.runs_alone

    @property
    def of_round(self) -> int:
        """The number of wars in a round."""
        return self.question.experiment.runs // ROUNDS

    def runs_of(self, round_: int) -> Ints:
        """The run numbers of a round of joint wars."""
        return np.arange(self.of_round) + round_ * self.of_round

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Look for stored results, and lock their folder for writing."""
        with self.results.writing():
            self._is_found = self.results.find()
            yield

    def together(self, rounds: Iterable[int], aimed: Aim) -> list[Wars]:
        """The joint wars of some rounds, drawn from an aim."""
        return self._of([Part(one, self.runs_of(one), aimed, None) for one in rounds])

    def alone(self) -> dict[str, Wars]:
        """The wars of each model in `models`, by its name."""
        each, prior = self.question.experiment.runs_alone, at_prior(paths_of(self.question))
        first = self.question.experiment.runs
        parts = [
            Part(ROUNDS + place, np.arange(each) + first + place * each, prior, acting)
            for place, (model, acting) in enumerate(acting_in(self.question).items())
            if model in self.models
        ]
        return dict(zip(self.models, self._of(parts), strict=True))

    def _of(self, parts: list[Part]) -> list[Wars]:
        """The wars of some parts, simulated by all workers at once, or loaded."""
        if self._is_found:
            return [self._wars(self._found[self._found["part"] == one.number]) for one in parts]
        calls = {key: call for one in parts for key, call in self._calls(one).items()}
        missing = runner.missing_of(self.results, calls)
        self._tell(sum(len(call[-1]) for key, call in calls.items() if key not in missing))
        writing = runner.write_each(self.results, run_chunk, missing, self.workers)
        with contextlib.closing(writing) as written:
            for key in written:
                self._tell(len(calls[key][-1]))
        self._keys += calls
        columns = columns_of(self.question)
        return [
            self._wars(
                pd.concat(
                    [self.results.chunks.read(key, "draws", columns) for key in self._calls(one)],
                    ignore_index=True,
                )
            )
            for one in parts
        ]

    def _calls(self, part: Part) -> dict[int, tuple[Any, ...]]:
        """The calls that simulate a part, by chunk."""
        least, most = _CHUNK_RUNS
        size = min(max(-(-len(part.runs) // _CHUNKS), least), most)
        return {
            part.number * _PART_CHUNKS + number: (
                self.question, part.number, part.aimed, part.acting, part.runs[k : k + size],
            )
            for number, k in enumerate(range(0, len(part.runs), size))
        }  # fmt: skip

    @functools.cached_property
    def _found(self) -> pd.DataFrame:
        return self.results.table("draws")

    def _tell(self, done: int) -> None:
        self._done += done
        if self.progress:
            self.progress(self._done, self.wars)

    def _wars(self, table: pd.DataFrame) -> Wars:
        question = self.question
        table = table.sort_values("run")
        values = {name: table[name].to_numpy(np.float64) for name in columns_of(question)}
        kept, days = days_kept(question), meeting_days(question)
        sides = tuple(question.scenario.sides)

        def stacked(word: str, days: Ints) -> Floats:
            rows = [[values[f"{word}.{side}.{day}"] for day in days] for side in sides]
            return np.array(rows).reshape(len(sides), len(days), len(table))

        return Wars(
            table["run"].to_numpy(np.int64),
            table["scale"].to_numpy(np.int64),
            np.array([values[law.path_of(name)] for name in question.mechanisms]),
            stacked("reservation", kept),
            stacked("gain_from_stopping", days),
        )

    def finish(self) -> None:
        """Store the results of all parts with their description."""
        if self._is_found:
            return
        experiment = self.question.experiment
        description = {
            "experiment": experiment.name,
            "kind": experiment.kind,
            "mechanisms": list(self.question.mechanisms),
            "runs": experiment.runs,
            "runs_alone": experiment.runs_alone,
            "seed": experiment.seed,
            **stored(self.question.scenario),
        }
        self.results.finish(description, self._keys)


def columns_of(question: Question) -> list[str]:
    """The columns of the table `draws`."""
    sides = question.scenario.sides
    kept, met = days_kept(question), meeting_days(question)
    return [
        "part",
        "run",
        "scale",
        *(law.path_of(name) for name in question.mechanisms),
        *(f"reservation.{side}.{day}" for side in sides for day in kept),
        *(f"gain_from_stopping.{side}.{day}" for side in sides for day in met),
    ]


def run_chunk(
    question: Question, part: int, aimed: Aim, acting: tuple[int, ...] | None, runs: Ints
) -> dict[str, Table]:
    """Some wars of a part, one row per war; `acting` as in `Part`."""
    experiment, scenario, names = question.experiment, question.scenario, question.mechanisms
    places = aimed.places(experiment.seed, runs)
    numbers = law.scale_numbers(places[0], len(experiment.scales.values))
    scale = law.scales_of(experiment.scales.values, numbers)
    own, rest = places[1 : 1 + len(names)], places[1 + len(names) :]
    drawn = law.together(own, scale) if acting is None else law.alone(own, scale, acting)
    figures = figures_at(scenario, at_prior(aimed.paths[1 + len(names) :]), rest)
    kept, met = days_kept(question), meeting_days(question)
    with np.errstate(over="ignore", invalid="ignore"):  # diverging values are detected by size
        war = War(
            scenario,
            runs,
            experiment.seed,
            strengths=dict(zip(names, drawn, strict=True)),
            figures=figures,
            recorder=lambda war: Recorded(war, kept, met),
        ).run()
    seen = war.recorder
    table: Table = {
        "part": np.full(len(runs), part),
        "run": runs,
        "scale": numbers,
        **{law.path_of(name): drawn[k].astype(np.float32) for k, name in enumerate(names)},
    }
    for word, days, rows in (
        ("reservation", kept, seen.reservations),
        ("gain_from_stopping", met, seen.gain_from_stopping),
    ):
        for side_place, side in enumerate(scenario.sides):
            for day, row in zip(days, rows, strict=True):
                table[f"{word}.{side}.{day}"] = bounded(row[side_place]).astype(np.float32)
    return {"draws": table}


def bounded(values: Floats) -> Floats:
    """Values with those of diverged wars replaced by NaN."""
    return np.where(np.abs(values) <= _FAR, values, np.nan)
