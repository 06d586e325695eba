"""What every figure says of its record: titles that fit, the runs of a raid, how many runs."""

import pandas as pd

from sim.experiment.record import Record
from sim.report.plots.style import counted, shortened
from sim.scenario.schema import Scenario, snake


def short_title(scenario: Scenario, raid: str) -> str:
    """A raid's title up to its first comma, or as far as there is room."""
    return shortened(scenario.raids[raid].title.split(",")[0], 2.6)


def side_title(scenario: Scenario, side: str) -> str:
    """A side's title, as far as there is room."""
    return shortened(scenario.sides[side].title, 0.95)


def flown_runs(record: Record, raid: str) -> pd.DataFrame:
    """The rows of the runs in which a raid was flown."""
    runs = record.runs
    column = f"{snake(raid)}_flown"
    return runs[runs[column] > 0] if column in runs else runs.iloc[:0]


def flown_words(record: Record, raid: str) -> str:
    """In how many runs a raid was flown."""
    return f"flown in {counted(len(flown_runs(record, raid)), len(record.runs))}"


def ensemble(record: Record, shown: int = 0, panels: int = 0) -> str:
    """How many runs and the seed; and what there was no room for."""
    left_out = f"{shown} of {panels} panels shown; " if shown < panels else ""
    return f"{left_out}{counted(len(record.runs), record.runs_asked)}, seed {record.seed}"
