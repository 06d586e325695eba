"""Paired runs: what a change makes of a war, on shared luck."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.errors import ExperimentError
from sim.experiment.execution.runner import Progress, run
from sim.experiment.execution.workers import Workers
from sim.experiment.record import Record
from sim.experiment.statistics.estimate import estimate
from sim.render.document import Section
from sim.render.json import as_json
from sim.render.notebook import as_html, number
from sim.scenario.calls.arguments import called_back, quoted, runs_of, scenario_of, whole
from sim.scenario.columns import unit_of, usual_outcomes
from sim.scenario.figure import did_you_mean
from sim.scenario.schema import Scenario
from sim.war.agents.seats import Seats, seats_of

Floats = NDArray[np.float64]

_STILL = 1e-9  # what is smaller is rounding
_WHOLE = ("z", "at_war", "ceasefire")  # of the war, one for both sides


@dataclass(frozen=True)
class Contrast:
    """Two records of the same runs; an effect is `changed` minus `base`.

    For what a change makes of a war, `base` is the war as it is. For what a part of it does, a
    raid say, `base` is the war without the part. Raises ExperimentError where the two are not of
    the same runs, seed and days.
    """

    base: Record
    changed: Record

    def __post_init__(self) -> None:
        for name in ("base", "changed"):
            if not isinstance(getattr(self, name), Record):
                given = quoted(getattr(self, name))
                raise ExperimentError(f"{name}: {given} is no record, expected what sim.run gives")
        one, other = self.base, self.changed
        for what, value_of in (("campaign", _campaign), ("seed", _seed), ("runs", _runs)):
            if value_of(one) != value_of(other):
                raise ExperimentError(
                    f"{what}: {value_of(one)} of base and {value_of(other)} of changed, "
                    "expected the same"
                )

    def to_json(self) -> str:
        """The text that `sim compare` prints with `--json`: effects on what matters, by day.

        Where `base` leaves parts of `changed` out and nothing else was set, they are those of the
        parts, with minus without. Raises ExperimentError where no days are stored.
        """
        from sim.experiment.comparison import compared

        answer = compared(self)
        return as_json(answer.figures | {"warnings": answer.warnings})

    def _repr_html_(self) -> str:
        return _in_html(self)

    def effect_on(self, outcome: str) -> dict[str, Any]:
        """The paired effect (changed minus base) on a column of runs, run by run.

        `variance_saved` is how many times smaller the pairing makes the variance of the mean
        difference; None where both are constant. What is of a part that one war leaves out, such
        as a position after a raid, is missing there, and so is the effect: `effect_on_day` has it
        on the day of the raid. Raises KeyError where neither has the column.
        """
        frames = self.base.runs, self.changed.runs
        known = dict.fromkeys((*frames[0], *frames[1]))
        if outcome not in known:
            hint = did_you_mean(outcome, known) or ", expected a column of runs"
            raise KeyError(f"no outcome {outcome!r}{hint}")
        return paired(*(_column(frame, outcome) for frame in frames))

    def effect_on_day(self, position: str, day: int) -> dict[str, Any]:
        """The paired effect on a position of a day: `z`, `r_u`, `demand_d`, or a term, `h_cost_u`.

        A mechanism that is off in one of them adds nothing there. Raises KeyError where neither
        has the position, ExperimentError where no days are stored or the war has no such day.
        """
        records = self.base, self.changed
        for record in records:
            _check_days(record)
        known = dict.fromkeys(name for record in records for name in positions_of(record))
        if position not in known:
            hint = did_you_mean(position, known) or ", expected one such as z, r_u or h_cost_d"
            raise KeyError(f"no position {position!r}{hint}")
        return paired(*(at_day(record, position, day) for record in records))


def _campaign(record: Record) -> str:
    return f"{record.scenario.start} to {record.scenario.end}"


def _seed(record: Record) -> str:
    return str(record.seed)


def _runs(record: Record) -> str:
    numbers = record.columns("runs", ["run"])["run"]
    return f"{len(numbers):,} from {numbers.min()} to {numbers.max()}"


def compare(
    base: Scenario,
    changed: Scenario,
    runs: int = 1000,
    seed: int = 1,
    workers: Workers = None,
    negotiators: Seats | tuple[Seats | None, Seats | None] | None = None,
    progress: Progress | None = None,
) -> Contrast:
    """Run two scenarios on shared luck; effects are those of `changed` minus those of `base`.

    `negotiators` sit in both wars, or are a pair: those of `base`, and those of `changed`.
    `progress` is called with the runs of both done and wanted. Raises ExperimentError where the
    campaigns differ in length, or as `run` does.
    """
    wars = scenario_of("base", base), scenario_of("changed", changed)
    if (base.start, base.end) != (changed.start, changed.end):
        raise ExperimentError(
            f"the campaigns differ, {base.start} to {base.end} and {changed.start} to "
            f"{changed.end}, expected the same start and end on both sides"
        )
    seats = negotiators if isinstance(negotiators, tuple) else (negotiators, negotiators)
    if len(seats) != 2:
        raise ExperimentError(f"negotiators: {len(seats)} of them, expected those of both wars")
    for war, sit in zip(wars, seats, strict=True):
        seats_of(war, sit)
    called_back("progress", progress)
    runs = runs_of(runs)
    records: list[Record] = []
    for war, sit in zip(wars, seats, strict=True):
        done = len(records) * runs
        of_both = None if progress is None else _after(progress, done, 2 * runs)
        records.append(run(war, runs, seed, workers, True, sit, of_both))
    return Contrast(*records)


def _after(progress: Progress, done_before: int, wanted: int) -> Progress:
    return lambda done, _: progress(done_before + done, wanted)


def paired(base: Floats, changed: Floats) -> dict[str, Any]:
    """Estimate of changed minus base run by run, and how much variance the pairing saved.

    `above_zero` and `below_zero` are the shares of the runs that have both in which the difference
    is so.
    """
    difference = changed - base
    together, apart = _variance(difference), _variance(base) + _variance(changed)
    saved = apart / together if together > 1e-12 * max(apart, 1e-300) else None
    known = difference[~np.isnan(difference)]
    return estimate(difference) | {
        "above_zero": float((known > _STILL).mean()) if len(known) else None,
        "below_zero": float((known < -_STILL).mean()) if len(known) else None,
        "base": estimate(base),
        "changed": estimate(changed),
        "variance_saved": saved if apart > 0.0 else None,
    }


def _variance(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.var()) if len(known) else 0.0


def positions_of(record: Record) -> list[str]:
    """What `at_day` knows: whole words, and with `_u` or `_d` what each side has its own of."""
    by_side = [name for name in record.names("days") if name not in ("run", "day", "side", *_WHOLE)]
    terms = [f"h_{name}" for name, _ in record.scenario.mechanisms]
    both = (f"{name}_{letter}" for name in dict.fromkeys((*by_side, *terms)) for letter in "ud")
    return [*_WHOLE, *both]


def at_day(record: Record, position: str, day: int) -> Floats:
    """A position or a term at the end of a day in each run; a term that is off is 0.

    Raises ExperimentError where no days are stored or the war has no such day.
    """
    _check_days(record)
    scenario, days = record.scenario, record.days
    whole("day", day, 0, scenario.days - 1)
    column, side = position, scenario.underdog
    if position not in _WHOLE:
        column, _, letter = position.rpartition("_")
        side = scenario.favourite if letter == "d" else scenario.underdog
    rows = days[(days["day"] == day) & (days["side"] == side)].sort_values("run")
    if column in rows:
        return rows[column].to_numpy(np.float64)
    return np.full(len(rows), 0.0 if column.startswith("h_") else np.nan)


def _check_days(record: Record) -> None:
    if not record.names("days"):
        raise ExperimentError("no days were kept, expected a run with_days=True")


def _column(runs: pd.DataFrame, outcome: str) -> Floats:
    """A column of runs, missing in each where there is none."""
    if outcome not in runs:
        return np.full(len(runs), np.nan)
    return runs[outcome].to_numpy(np.float64)


def _in_html(contrast: Contrast) -> str:
    """A contrast: its two wars, and the paired effects on the main outcomes."""
    base, changed = contrast.base.scenario, contrast.changed.scenario
    known = {*contrast.base.names("runs"), *contrast.changed.names("runs")}
    usual = *usual_outcomes(base), "r_u_end", "r_d_end", *usual_outcomes(changed)
    rows = []
    for name in (name for name in dict.fromkeys(usual) if name in known):
        effect = contrast.effect_on(name)
        shares = (effect[key] for key in ("above_zero", "below_zero"))
        cells = (number(effect[key]) for key in ("mean", "mean_error", "median"))
        rows.append((name, unit_of(name), *cells, *map(number, shares)))
    columns = ("outcome", "unit", "mean", "±", "median", "share up", "share down")
    lines = [
        f"Changed minus base, run by run; {contrast.base.runs_done:,} runs, seed "
        f"{contrast.base.seed}.",
        *(f"{what}: {_spelled(war)}." for what, war in (("Base", base), ("Changed", changed))),
    ]
    return as_html(f"{base.title}: a contrast", [Section("", lines, columns, rows)])


def _spelled(war: Scenario) -> str:
    return ", ".join((war.name, *war.overrides))
