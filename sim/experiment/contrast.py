"""Paired runs: the effect of a change on a war, with common random numbers."""

from dataclasses import dataclass
from typing import Any

from sim.experiment.comparison import compared
from sim.experiment.effects import effect_on, effect_on_day
from sim.experiment.errors import ExperimentError
from sim.experiment.execution.runner import Progress, run
from sim.experiment.execution.workers import Workers
from sim.experiment.record import Record
from sim.render.document import Section
from sim.render.json import as_json
from sim.render.notebook import as_html, number
from sim.scenario.calls.arguments import called_back, quoted, runs_of, scenario_of
from sim.scenario.columns import unit_of, usual_outcomes
from sim.scenario.schema import Scenario
from sim.war.agents.seats import Seats, seats_of


@dataclass(frozen=True)
class Contrast:
    """Two records of the same runs; an effect is `changed` minus `base`.

    For the effect of a change, `base` is the war as it is. For the effect of a part, such as a
    raid, `base` is the war without that part. Raises ExperimentError if the two do not have the
    same runs, seed and days.
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
        """The text that `sim compare` prints with `--json`: the main effects, by day.

        If `base` only leaves out parts of `changed`, effects are those of the parts: with minus
        without. Raises ExperimentError if no days are stored.
        """
        answer = compared(self.base, self.changed)
        return as_json(answer.figures | {"warnings": answer.warnings})

    def _repr_html_(self) -> str:
        return _in_html(self)

    def effect_on(self, outcome: str) -> dict[str, Any]:
        """The paired effect (changed minus base) on a column of runs, run by run.

        `variance_saved` is the factor by which pairing reduces the variance of the mean
        difference; None if both are constant. A column of a part that one war leaves out, such as
        a position after a raid, is missing there, and so is the effect; use `effect_on_day` for
        the day of the raid. Raises KeyError if neither has the column.
        """
        return effect_on(self.base, self.changed, outcome)

    def effect_on_day(self, position: str, day: int) -> dict[str, Any]:
        """The paired effect on a position on a day, such as `z`, `demand_d` or a term `h_cost_u`.

        A mechanism that is off in one of the wars adds nothing there. Raises KeyError if neither
        has the position, ExperimentError if no days are stored or the war has no such day.
        """
        return effect_on_day(self.base, self.changed, position, day)


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
    """Run two scenarios with common random numbers; an effect is `changed` minus `base`.

    `negotiators` apply to both wars, or are a pair: those of `base` and those of `changed`.
    `progress` is called with the number of runs of both done and requested. Raises ExperimentError
    if the campaigns differ in length, or as `run` does.
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


def _in_html(contrast: Contrast) -> str:
    """A contrast in HTML: its two wars, and the paired effects on the main outcomes."""
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
