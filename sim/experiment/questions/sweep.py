"""A scenario at many points of its figures, switches and other parts, with common random draws."""

import datetime
import itertools
import json
import math
import re
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment import design
from sim.experiment.design import AS_IT_STANDS, WITH_POINTS, Factor, Point
from sim.experiment.errors import ExperimentError
from sim.experiment.execution.runner import Progress, fill
from sim.experiment.execution.workers import Workers
from sim.experiment.storage.store import Results
from sim.experiment.storage.version import model_version
from sim.scenario.calls.arguments import quoted, runs_of, seed_of, texts_of, whole
from sim.scenario.calls.limits import MOST_EXPERIMENT_RUNS
from sim.scenario.calls.rows import check_points
from sim.scenario.calls.spelling import either, place
from sim.scenario.columns import usual_outcomes
from sim.scenario.experiment import Design, Sweep
from sim.scenario.figure import Figure, control_in, did_you_mean
from sim.scenario.load import experiment_of, load, unchanged_file_of
from sim.scenario.schema import Scenario, figures
from sim.scenario.stored import content_hash, stored
from sim.scenario.text.document import plain
from sim.war.model import War, outcomes_of
from sim.war.outcomes import Outcomes

if TYPE_CHECKING:
    from sim.war.outcomes import Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Settings = Mapping[str, Any]
"""Paths of the scenario and what they are set to."""

_ROWS = 4096  # of an ensemble: enough to amortise a day's overhead, few enough for the caches
_SWITCH = re.compile(r"mechanisms\.([a-z][a-z0-9_]*)\.on")
_RANGE = re.compile(r"([^:]*):([^:]*)(?::([^:]*))?")
TABLES = ("outcomes", "failed")


class Variant(NamedTuple):
    """Points that differ in figures and switches alone: one scenario, and one row per point.

    `points` (P,) are their numbers, `figures` and `switches` what each sets, by path and by name.
    """

    scenario: Scenario
    points: Ints
    figures: dict[str, Floats]
    switches: dict[str, NDArray[np.bool_]]


class Question(NamedTuple):
    """A sweep, ready to run: its points, a row each, and the scenarios they need."""

    experiment: Sweep
    factors: tuple[Factor, ...]
    units: dict[str, str]
    points: pd.DataFrame
    variants: tuple[Variant, ...]

    @property
    def scenario(self) -> Scenario:
        """The scenario of the first point."""
        return self.variants[0].scenario


def question(experiment: Sweep, folder: Path, allow_code: bool = False) -> Question:
    """Read the scenario of a sweep and lay out its points; `folder` is where its file stands.

    Raises ScenarioError if a level does not fit the scenario, ExperimentError if the design
    or an outcome does not.
    """
    return _Reader(experiment, folder / experiment.scenario, allow_code).question()


class _Reader:
    """Turns the keys of a sweep into factors, points and scenarios."""

    def __init__(self, experiment: Sweep, path: Path, allow_code: bool) -> None:
        self.experiment, self.path, self.allow_code = experiment, path, allow_code
        self.ground = as_overrides(experiment.constants)
        self.read: dict[tuple[str, ...], Scenario] = {}
        self.plain = self._load({})
        self.figures = dict(figures(self.plain))
        self.settings: dict[str, dict[Any, Settings]] = {}
        self.of_own_range: set[str] = set()
        self.units: dict[str, str] = {}

    def _load(self, settings: Settings) -> Scenario:
        overrides = (*self.ground, *as_overrides(settings))
        if overrides not in self.read:
            left_out = self.experiment.without
            self.read[overrides] = load(self.path, overrides, left_out, self.allow_code)
        return self.read[overrides]

    def question(self) -> Question:
        experiment = self.experiment
        levers = [self._factor(name, levels) for name, levels in experiment.levers.items()]
        unknown = [self._factor(name, levels) for name, levels in experiment.uncertainties.items()]
        both = set(experiment.levers) & set(experiment.uncertainties)
        if both:
            raise ExperimentError(
                f"{min(both)!r} is both a lever and an uncertainty, expected one of them"
            )
        if not levers and not unknown:
            raise ExperimentError("nothing is varied, expected levers or uncertainties")
        factors = (*levers, *unknown)
        self._check_levels(factors)
        self._check_paths(factors)
        self._check_contrast(levers, factors)
        points = self._points(levers, unknown)
        variants = self._variants(factors, points)
        order = np.concatenate([variant.points for variant in variants])
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        numbered = [v._replace(points=np.sort(place[v.points])) for v in variants]
        frame = pd.DataFrame([points[k] for k in order])
        frame.insert(0, "point", np.arange(len(frame)))
        found = Question(experiment, factors, self.units, frame, tuple(numbered))
        self._check_outcomes(found)
        self._check_titles(factors)
        for variant in found.variants:
            check_points(variant.scenario, variant.figures)
        return found

    # factors

    def _factor(self, name: str, levels: Any) -> Factor:
        if isinstance(levels, dict) and levels:
            return self._of_settings(name, levels)
        if isinstance(levels, list):
            return self._of_values(name, levels)
        return self._of_range(name, "" if not levels else str(levels))

    def _of_settings(self, name: str, levels: dict[str, Any]) -> Factor:
        for label, settings in levels.items():
            if not isinstance(settings, dict):
                raise ExperimentError(
                    f"{name}: {label}: {settings!r} is no setting, expected PATH: VALUE pairs"
                )
        labels = _numbers(levels)
        _check_distinct(name, list(levels), labels)
        self.settings[name] = dict(zip(labels, levels.values(), strict=True))
        return Factor(name, tuple(labels))

    def _of_values(self, name: str, values: list[Any]) -> Factor:
        values = [str(value) if isinstance(value, datetime.date) else value for value in values]
        if not values or not all(isinstance(value, int | float | str) for value in values):
            raise ExperimentError(f"{name}: {values!r} is no list of values, expected one")
        figure = self.figures.get(name)
        if figure is None:
            _check_distinct(name, values, values)
            self.settings[name] = {value: {name: value} for value in values}
            return Factor(name, tuple(values), stands=self._standing(name))
        self.units[name] = figure.unit
        read = tuple(self._value_at(name, value) for value in values)
        _check_distinct(name, values, read)
        return Factor(
            name, read, base=figure.value, is_count=figure.is_count, stands=_stands(figure)
        )

    def _standing(self, name: str) -> Any:
        """What a path is set to in the scenario, if that is a word, a number or a switch."""
        here: Any = self.plain
        for part in name.split("."):
            here = here.get(part) if isinstance(here, Mapping) else getattr(here, part, None)
        here = str(here) if isinstance(here, datetime.date) else here
        return here if isinstance(here, bool | int | float | str) else AS_IT_STANDS

    def _of_range(self, name: str, written: str) -> Factor:
        figure = self.figures.get(name)
        if figure is None:
            hint = did_you_mean(name, self.figures) or ", expected the path of one"
            raise ExperimentError(f"{name}: is no figure of {self.path}{hint}")
        match = _RANGE.fullmatch(written.strip() or ":")
        if match is None:
            raise ExperimentError(
                f"{name}: {written!r} is no range, expected LOW:HIGH:POINTS or a list of values"
            )
        first, last, steps = (part.strip() if part else "" for part in match.groups())
        low = self._value_at(name, first) if first else figure.low
        high = self._value_at(name, last) if last else figure.high
        if low is None or high is None:
            raise ExperimentError(f"{name}: has no range of its own, expected LOW:HIGH:POINTS")
        if not -math.inf < low < high < math.inf:
            raise ExperimentError(f"{name}: {low:g} to {high:g} is no range, expected LOW < HIGH")
        self.units[name] = figure.unit
        if not (first and last):
            self.of_own_range.add(name)
        by_law = self.experiment.design in design.BY_LAW and not (first or last)
        law = figure.law or "triangular" if by_law else "uniform"
        if steps and self.experiment.design in design.OF_ENDS:
            raise ExperimentError(
                f"{name}: {written!r} has points between, expected LOW:HIGH as "
                f"{self.experiment.design} takes both ends"
            )
        return Factor(
            name, (), low, high, _steps(name, steps), figure.value, figure.is_count, law,
            _stands(figure),
        )  # fmt: skip

    def _value_at(self, name: str, written: Any) -> float:
        """A written value of a figure in the unit of the model. Raises ScenarioError."""
        return dict(figures(self._load({name: written})))[name].value

    # points

    def _points(self, levers: Sequence[Factor], unknown: Sequence[Factor]) -> list[Point]:
        experiment = self.experiment
        is_sampled = experiment.design in WITH_POINTS
        if is_sampled and experiment.points is None:
            raise ExperimentError(
                f"points: missing, expected how many points {experiment.design} takes"
            )
        if is_sampled and not unknown:
            raise ExperimentError(
                f"uncertainties: none, expected some for {experiment.design} to vary"
            )
        if not is_sampled and experiment.points is not None:
            raise ExperimentError(f"points: {experiment.design} has its own, expected none")
        points = experiment.points or 0
        if experiment.design in design.OF_TWO and points & (points - 1):
            raise ExperimentError(
                f"points: {points} is no power of two, as {experiment.design} expects"
            )
        wanted = design.how_many(experiment.design, levers, unknown, points)
        if wanted > design.MOST_POINTS:
            raise ExperimentError(
                f"{wanted:,} points, expected at most {design.MOST_POINTS:,}: fewer levels"
            )
        return design.points_of(experiment.design, levers, unknown, points, experiment.seed)

    def _variants(self, factors: Sequence[Factor], points: list[Point]) -> list[Variant]:
        """Points grouped by what cannot be set row by row, each group with its scenario.

        The same figures are set in all rows of a group; switches may be set in some rows only.
        """
        groups: dict[str, tuple[Settings, list[int]]] = {}
        by_row = [self._by_row(point) for point in points]
        for number, point in enumerate(points):
            settings = {
                path: value
                for factor in factors
                for path, value in self._of_level(factor.name, point[factor.name]).items()
                if path not in by_row[number]
            }
            set_by_row = sorted(path for path in by_row[number] if not _SWITCH.fullmatch(path))
            key = json.dumps([settings, set_by_row], sort_keys=True, default=str)
            groups.setdefault(key, (settings, []))[1].append(number)
        return [self._variant(settings, rows, by_row) for settings, rows in groups.values()]

    def _of_level(self, name: str, level: Any) -> Settings:
        if level == AS_IT_STANDS:
            return {}
        settings = self.settings.get(name)
        return {name: level} if settings is None else settings[level]

    def _by_row(self, point: Point) -> dict[str, Any]:
        """The settings of a point that can differ row by row: figures and switches."""
        found: dict[str, Any] = {}
        for name, level in point.items():
            is_figure = name not in self.settings
            for path, value in self._of_level(name, level).items():
                is_switch = _SWITCH.fullmatch(path) and isinstance(value, bool) and self._has(path)
                if is_figure or is_switch:
                    found[path] = value
        return found

    def _has(self, path: str) -> bool:
        name = path.split(".")[1]
        return any(known == name and block is not None for known, block in self.plain.mechanisms)

    def _variant(
        self, settings: Settings, rows: list[int], by_row: list[dict[str, Any]]
    ) -> Variant:
        switches = {path for row in rows for path in by_row[row] if _SWITCH.fullmatch(path)}
        as_set = dict(self._load(settings).mechanisms)
        scenario = self._load({**settings, **dict.fromkeys(sorted(switches), True)})
        known = dict(figures(scenario))
        paths = [path for path in by_row[rows[0]] if path not in switches]
        for path in paths:
            if path not in known:
                raise ExperimentError(f"{path}: is no figure where {dict(settings)} is set")

        def is_on(path: str) -> NDArray[np.bool_]:
            otherwise = as_set[path.split(".")[1]].on
            return np.array([by_row[row].get(path, otherwise) for row in rows], np.bool_)

        return Variant(
            scenario,
            np.array(rows),
            {p: np.array([by_row[row][p] for row in rows], float) for p in paths},
            {path.split(".")[1]: is_on(path) for path in sorted(switches)},
        )

    # checks

    def _check_outcomes(self, found: Question) -> None:
        for variant in found.variants:
            known = outcomes_of(variant.scenario)
            for outcome in self.experiment.outcomes:
                if outcome not in known:
                    hint = did_you_mean(outcome, known) or ", expected a column of runs.parquet"
                    raise ExperimentError(f"outcomes: no {outcome!r} among the outcomes{hint}")

    def _check_contrast(self, levers: Sequence[Factor], factors: Sequence[Factor]) -> None:
        name = self.experiment.contrast
        if name is None:
            return
        two = [factor.name for factor in factors if len(factor.levels) == 2]
        if name not in two:
            hint = did_you_mean(name, two) or ", expected one"
            raise ExperimentError(f"contrast: {name!r} is no lever of two settings{hint}")
        if not design.is_compared(self.experiment.design, name, levers):
            raise ExperimentError(
                f"contrast: the design {self.experiment.design} does not have both settings of "
                f"{name!r} at the same levels of all else, expected a lever, and a grid or points "
                "that sample"
            )

    def _check_levels(self, factors: Sequence[Factor]) -> None:
        for factor in factors if self.experiment.design in design.OF_ENDS else ():
            if factor.levels and len(factor.levels) != 2:
                raise ExperimentError(
                    f"{factor.name}: has {len(factor.levels)} levels, expected the two that "
                    f"{self.experiment.design} takes"
                )

    def _check_titles(self, factors: Sequence[Factor]) -> None:
        known = [*(factor.name for factor in factors), *self.experiment.outcomes]
        known += [name.removesuffix(".on") for name in known]
        for name in self.experiment.titles:
            if name not in known:
                hint = did_you_mean(name, known) or ", expected one that is varied or an outcome"
                raise ExperimentError(f"titles: {name!r} is nothing of this sweep{hint}")

    def _check_paths(self, factors: Sequence[Factor]) -> None:
        """Check that each path is set by one factor, and that no constant is without effect."""
        check_apart({factor.name: self._paths(factor) for factor in factors})
        for path, factor in itertools.product(self.experiment.constants, factors):
            if self._replaces(factor, path):
                raise ExperimentError(
                    f"constants: {path} does nothing, as {factor.name} is varied, expected it once"
                )

    def _paths(self, factor: Factor) -> set[str]:
        settings = self.settings.get(factor.name)
        if settings is None:
            return {factor.name}
        return {path for setting in settings.values() for path in setting}

    def _replaces(self, factor: Factor, constant: str) -> bool:
        """Whether every level of a factor overrides what a constant sets."""
        settings = self.settings.get(factor.name)
        if self.experiment.design == "one_at_a_time" or factor.name in self.of_own_range:
            return False  # it is how the scenario stands, or the range itself
        every = [{factor.name}] if settings is None else settings.values()
        return all(any(_is_within(constant, path) for path in setting) for setting in every)


def check_apart(sets: Mapping[str, set[str]]) -> None:
    """Check that no two set the same part of a scenario; `sets` are the paths that each sets.

    Raises ExperimentError.
    """
    for (one, some), (other, more) in itertools.combinations(sets.items(), 2):
        for path, again in itertools.product(some, more):
            if _is_within(path, again) or _is_within(again, path):
                raise ExperimentError(
                    f"{one} sets {path} and {other} sets {again}, expected each part of the "
                    "scenario to be set by one of them"
                )


def _is_within(path: str, other: str) -> bool:
    """Whether a path is the same as another or lies within it."""
    return f"{path}.".startswith(f"{other}.")


def _check_distinct(name: str, written: Sequence[Any], levels: Sequence[Any]) -> None:
    """Refuse levels that are the same, however they are written."""
    first: dict[Any, Any] = {}
    for word, level in zip(written, levels, strict=True):
        if level in first:
            raise ExperimentError(
                f"{name}: {first[level]!r} and {word!r} are the same level, expected different ones"
            )
        first[level] = word


def _stands(figure: Figure) -> Any:
    """The level of a figure in the scenario as it stands: its value, unless it is drawn."""
    return AS_IT_STANDS if figure.is_drawn else figure.value


def _numbers(labels: Iterable[str]) -> list[Any]:
    """Labels as numbers if all of them are numbers, such as distances."""
    try:
        return [float(label) for label in labels]
    except ValueError:
        return list(labels)


def _steps(name: str, written: str) -> int:
    if not written:
        return design.DEFAULT_LEVELS
    if not written.isdigit() or not 2 <= int(written) <= 100_000:
        raise ExperimentError(f"{name}: {written!r} points, expected a whole number from 2 on")
    return int(written)


def as_overrides(settings: Settings) -> list[str]:
    """Settings as overrides, a block before its parts, whatever the order they are written in."""
    return [
        f"{path}={value if isinstance(value, str) else json.dumps(value, default=str)}"
        for path, value in sorted(settings.items(), key=lambda one: one[0].count("."))
    ]


def request_of(
    scenario: Scenario,
    levels: Mapping[str, Any],
    outcomes: Iterable[str],
    design: str,
    points: int | None,
    runs: int,
    seed: int,
) -> Sweep:
    """The sweep that is requested of a scenario. Raises ExperimentError if it is not valid.

    The default `outcomes` are what is destroyed, spent and lost, and the zone at the end.
    """
    if not isinstance(levels, Mapping):
        raise ExperimentError(f"vary: {quoted(levels)}, expected levels by path")
    check_varied(levels, design)
    is_sampled = design in WITH_POINTS
    levels = {path: _plain_levels(path, level) for path, level in levels.items()}
    return sweep_of(
        name=f"{scenario.name[:50]}-sweep",
        title=f"{scenario.title}: a sweep",
        question=f"What varies with {', '.join(map(str, levels))}?",
        scenario=unchanged_file_of(scenario),
        design=design,
        points=None if points is None else whole("points", points, 1, 1_000_000),
        levers={} if is_sampled else levels,
        uncertainties=levels if is_sampled else {},
        without=scenario.left_out,
        constants=constants_of(scenario),
        outcomes=texts_of("outcomes", outcomes) or usual_outcomes(scenario),
        runs=runs_of(runs, MOST_EXPERIMENT_RUNS, 2),
        seed=seed_of(seed),
    )


def sweep_of(**keys: Any) -> Sweep:
    """A sweep with these keys of its file. Raises ScenarioError if a file could not have them."""
    sweep = experiment_of({"kind": "sweep", **keys})
    assert isinstance(sweep, Sweep)
    return sweep


def check_varied(levels: Mapping[str, Any], design: str) -> None:
    """Check that something is varied, by a known design. Raises ExperimentError if not."""
    if not levels:
        varied = either("--vary PATH=LOW:HIGH:POINTS", "vary={PATH: [V1, V2, ...]}")
        raise ExperimentError(f"nothing is varied, expected {varied} or the like")
    if design not in typing.get_args(Design):
        hint = did_you_mean(design, typing.get_args(Design))
        raise ExperimentError(f"{place('design', design)}: no such design{hint}")


def constants_of(scenario: Scenario) -> dict[str, str]:
    """What overrides set in a scenario, by path."""
    changes = scenario.overrides[: len(scenario.overrides) - len(scenario.left_out)]
    return {path.strip(): value for path, _, value in (one.partition("=") for one in changes)}


def levels_by_line(
    vary: Sequence[str], outcomes: Sequence[str], overrides: Sequence[str]
) -> dict[str, Any]:
    """The levels that `--vary` of a command line names, by path.

    Raises ExperimentError if one cannot be read, or an argument holds a control character.
    """
    for option, given in (("--vary", vary), ("--outcome", outcomes), ("--set", overrides)):
        for written in given:
            if found := control_in(written):
                raise ExperimentError(
                    f"{option} {written!a}: holds the character {found!a}, expected text"
                )
    return dict(_levels(written) for written in vary)


def _plain_levels(path: str, levels: Any) -> Any:
    """Levels as in an experiment's file: arrays and numbers of NumPy become plain ones."""
    if isinstance(levels, np.ndarray):
        return levels.tolist()
    if isinstance(levels, tuple | range):
        levels = list(levels)
    if isinstance(levels, list):
        return [one.item() if isinstance(one, np.generic) else one for one in levels]
    if levels is None or isinstance(levels, str | dict):
        return levels
    raise ExperimentError(
        f"vary: {path}: {quoted(levels)}, expected a list of values, 'LOW:HIGH:POINTS' or None"
    )


def _levels(written: str) -> tuple[str, Any]:
    """`PATH=LOW:HIGH:POINTS`, `PATH=V1,V2,...` or `PATH`, as in an experiment's file."""
    path, sign, levels = written.partition("=")
    if not path.strip() or (sign and not levels.strip()):
        raise ExperimentError(f"--vary {written}: expected PATH=LOW:HIGH:POINTS or PATH=V1,V2,...")
    if ":" in levels or not sign:
        return path.strip(), levels.strip()
    return path.strip(), [plain(value) for value in levels.split(",")]


# --- running ---------------------------------------------------------------------------------


def store_of(out: str | Path, question: Question) -> Results:
    """The folder of a sweep's results, named by the experiment and a hash of its content."""
    experiment = question.experiment
    hashed = content_hash(
        question.scenario,
        *(_content_of(variant) for variant in question.variants),
        question.points.to_csv(index=False),
        (experiment.kind, experiment.design, experiment.outcomes, experiment.runs, experiment.seed),
        model_version(),
        Path(__file__).read_bytes() + Path(design.__file__).read_bytes(),
    )
    return Results(out, experiment.name, hashed, TABLES)


def _content_of(variant: Variant) -> str:
    """A hash of what a variant sets, however it, or its file, was written."""
    by_row = variant.figures | variant.switches | {"": variant.points}
    return content_hash(variant.scenario, {name: v.tolist() for name, v in by_row.items()})


def run_into(
    folder: Results,
    question: Question,
    workers: Workers = None,
    progress: Progress | None = None,
) -> None:
    """Simulate the wars a sweep still lacks. An interruption leaves the chunks that are done."""
    calls = dict(enumerate(calls_of(question)))
    wars = {chunk: len(points) * (last - first) for chunk, (_, _, points, first, last) in
            calls.items()}  # fmt: skip
    experiment, scenario = question.experiment, question.scenario
    description = {
        "experiment": experiment.name,
        "kind": experiment.kind,
        "points": len(question.points),
        "runs": experiment.runs,
        "seed": experiment.seed,
        "asked": experiment.model_dump(mode="json"),
        **stored(scenario),
    }
    fill(folder, run_chunk, calls, wars, description, workers, progress)


def calls_of(question: Question) -> Iterator[tuple[Question, int, Ints, int, int]]:
    """The arguments of `run_chunk`, chunk by chunk."""
    runs = question.experiment.runs
    together = max(1, _ROWS // runs)
    for number, variant in enumerate(question.variants):
        for start in range(0, len(variant.points), together):
            rows = np.arange(start, min(len(variant.points), start + together))
            for first in range(0, runs, _ROWS):
                yield question, number, rows, first, min(runs, first + _ROWS)


def run_chunk(
    question: Question, variant: int, rows: Ints, first: int, last: int
) -> dict[str, "Table"]:
    """Runs `first` to `last` - 1 of some points of a variant: one row per point and run.

    A point that fails is a row of `failed`, with its message; the others go on.
    """
    try:
        return {"outcomes": _outcomes(question, variant, rows, first, last)}
    except Exception as error:
        if len(rows) == 1:
            return {"failed": _failure(question, variant, rows, first, error)}
    each = [run_chunk(question, variant, rows[k : k + 1], first, last) for k in range(len(rows))]
    return {table: _joined([part[table] for part in each if table in part]) for table in TABLES}


def _outcomes(question: Question, variant: int, rows: Ints, first: int, last: int) -> "Table":
    here = question.variants[variant]
    runs = np.tile(np.arange(first, last), len(rows))
    repeats = last - first
    war = War(
        here.scenario,
        runs,
        question.experiment.seed,
        strengths={n: np.repeat(on[rows], repeats) for n, on in here.switches.items()},
        figures={p: np.repeat(values[rows], repeats) for p, values in here.figures.items()},
        recorder=Outcomes,
    )
    table = war.run().recorder.runs()
    outcomes = {name: np.asarray(table[name], np.float64) for name in question.experiment.outcomes}
    return {"point": np.repeat(here.points[rows], repeats), "run": runs, **outcomes}


def _failure(question: Question, variant: int, rows: Ints, first: int, error: Exception) -> "Table":
    message = f"{type(error).__name__}: {' '.join(str(error).split())[:400]}"
    points = question.variants[variant].points[rows]
    return {"point": points, "run": np.array([first]), "error": np.array([message], object)}


def _joined(parts: "list[Table]") -> "Table":
    names = parts[0] if parts else {}
    return {name: np.concatenate([part[name] for part in parts]) for name in names}
