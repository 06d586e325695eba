"""Common words of figures of a record: titles that fit, the runs of a raid, the number of runs."""

import pandas as pd

from sim.experiment.record import Record
from sim.report.plots.lettering import shortened
from sim.report.plots.words import counted
from sim.scenario.schema import Scenario, snake


def short_title(scenario: Scenario, raid: str) -> str:
    """A raid's title up to its first comma, shortened to the room available."""
    return shortened(scenario.raids[raid].title.split(",")[0], 2.6)


def side_title(scenario: Scenario, side: str) -> str:
    """A side's title, shortened to the room available."""
    return shortened(scenario.sides[side].title, 0.95)


def flown_runs(record: Record, raid: str, *words: str) -> pd.DataFrame:
    """Columns of a raid, by the last words of their names, in the runs in which it was flown."""
    columns = [f"{snake(raid)}_{word}" for word in ("flown", *words)]
    runs = record.columns("runs", columns)
    return runs[runs[columns[0]] > 0]


def raid_in_focus(what: Record | Scenario) -> str | None:
    """The raid in focus, or the first; for a record, among those that were flown."""
    scenario = what.scenario if isinstance(what, Record) else what
    order = sorted(scenario.raids, key=lambda name: name != scenario.focus)
    if isinstance(what, Record):
        order = [name for name in order if len(flown_runs(what, name))]
    return order[0] if order else None


def flown_words(record: Record, raid: str) -> str:
    """How many runs a raid was flown in, as text."""
    return f"flown in {counted(len(flown_runs(record, raid)), record.runs_done)}"


def ensemble(record: Record, drawn: int = 0, panels: int = 0) -> str:
    """The number of runs and the seed, and panels that had no room, as text."""
    left_out = f"{drawn} of {panels} panels shown; " if drawn < panels else ""
    return f"{left_out}{counted(record.runs_done, record.runs_asked)}, seed {record.seed}"


def is_zone_enough(scenario: Scenario) -> bool:
    """Whether a deal that both accept exists exactly if Z is not negative.

    With several issues, or something offered outside the talks, a meeting's `room` decides.
    """
    sweetened = any(event.kind == "sweetener" for event in scenario.events.values())
    return scenario.talks is not None and len(scenario.talks.issues) == 1 and not sweetened


def deal_words(scenario: Scenario) -> str:
    """What a deal requires, at the end of a title."""
    if scenario.talks is None:
        return ""
    needs = "Z ≥ 0" if is_zone_enough(scenario) else "room ≥ 0, not Z ≥ 0"
    return f"; a deal needs {needs}"


def line_words(scenario: Scenario) -> str:
    """The label of the line at Z = 0."""
    return "a deal exists above 0" if is_zone_enough(scenario) else "on one issue,\na deal above 0"
