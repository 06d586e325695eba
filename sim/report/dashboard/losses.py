"""Losses and costs compared with reports: one track per outcome, from 0 upwards."""

from typing import NamedTuple

from sim.render.document import Figures
from sim.report.dashboard.results import Results
from sim.report.numbers import reported_value, spread, unit_of, verdict
from sim.scenario.columns import raids_by_column
from sim.scenario.schema import snake


class Track(NamedTuple):
    """The model's estimate of an outcome and the reports on it, on a track between two values."""

    outcome: str
    label: str
    words: str
    model: Figures
    reports: list[Figures]
    lowest: float
    span: float

    def at(self, value: float) -> str:
        """The place of a value on the track, as a CSS length."""
        return f"{100 * (value - self.lowest) / self.span:.2f}%"


def tracks_of(results: Results, raid: str | None) -> list[Track]:
    """The tracks of a raid or, for None, of the whole campaign."""
    raid_of = raids_by_column(results.scenario)
    return [
        _track(raid, outcome, model, reports)
        for outcome, (model, reports) in _compared(results).items()
        if raid_of.get(outcome) == raid
    ]


def _compared(results: Results) -> dict[str, tuple[Figures, list[Figures]]]:
    """Every loss and every reported outcome: the model's estimate, and the reports as text."""
    found: dict[str, tuple[Figures, list[Figures]]] = {
        f"{snake(raid)}_{group}_{what}": (kinds[what], [])
        for raid, figures in results.summary["raids"].items()
        for group, kinds in figures["losses"].items()
        for what in ("hit", "destroyed")
    }
    for entry in results.summary["reported"].values():
        if entry["model"] is not None:
            words = {"words": reported_value(entry), "verdict": verdict(entry)}
            reports = found.setdefault(entry["outcome"], (entry["model"], []))[1]
            reports.append(entry | words)
    return found


def _track(raid: str | None, outcome: str, model: Figures, reports: list[Figures]) -> Track:
    label = outcome.removeprefix("" if raid is None else f"{snake(raid)}_")
    label = label.removesuffix("_usd").replace("_", " ")
    lowest = min([0.0, model["low"], *(entry["low"] for entry in reports)])
    highest = max([model["high"], *(entry["high"] for entry in reports)])
    span = (highest - lowest) * 1.04 or 1.0
    return Track(outcome, label, spread(model, unit_of(outcome)), model, reports, lowest, span)
