"""The part of a war that is read from the record: its series, their totals and their gaps."""

from typing import Any

from sim.render.document import Section
from sim.report.numbers import number
from sim.scenario.schema import Scenario, Series

Row = dict[str, Any]

_READ = (
    "These series are read from the record and not simulated. A day without a row means not "
    "reported, not zero. The amounts are those of the campaign, in a war that continues to its "
    "end."
)


def series_read(scenario: Scenario) -> list[Row]:
    """One row per series: path, title, first and last day, amount, silent days, provenance."""
    found = scenario.history.series if scenario.history is not None else {}
    return [_row(scenario, f"history.{path}", series) for path, series in found.items()]


def _row(scenario: Scenario, path: str, series: Series) -> Row:
    told = series.days_told(scenario.start, scenario.end)
    (first, _), _ = series.periods[0]
    (_, last), _ = series.periods[-1]
    return {
        "path": path,
        "title": series.title,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "amount": series.amount(scenario.start, scenario.end),
        "days_told": told,
        "days_silent": scenario.days - told,
        "sources": list(series.sources),
        "assumed": series.assumed,
        "provenance": series.provenance,
    }


def history_sections(scenario: Scenario) -> list[Section]:
    """The series in a table; none if a scenario reads no record."""
    rows = [
        {
            "series": row["path"].removeprefix("history."),
            "tells": row["title"],
            "in all": number(row["amount"]),
            "from": row["first"],
            "to": row["last"],
            "days silent": number(row["days_silent"]),
            "source or assumption": row["provenance"],
        }
        for row in series_read(scenario)
    ]
    return [Section.of("What is read from the record", [_READ], rows, "history")] if rows else []
