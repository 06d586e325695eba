"""The register of a scenario's figures: path, value, range and provenance of each."""

from collections.abc import Mapping
from typing import Any

from sim.report.numbers import number, span
from sim.scenario.schema import Scenario, figures

Row = dict[str, Any]


def register(scenario: Scenario) -> list[Row]:
    """One row per figure: path, value, low, high, law, unit, sources, assumed, provenance."""
    return [
        {
            "path": path,
            "value": figure.value,
            "low": figure.low,
            "high": figure.high,
            "law": (figure.law or "triangular") if figure.is_drawn else None,
            "unit": figure.unit,
            "sources": list(figure.sources),
            "assumed": figure.assumed,
            "provenance": figure.provenance,
        }
        for path, figure in figures(scenario)
    ]


def register_totals(scenario: Scenario) -> dict[str, int]:
    """The numbers of figures: all, with a source, assumed, with a range; and of sources cited."""
    rows = register(scenario)
    return {
        "figures": len(rows),
        "sourced": sum(bool(row["sources"]) for row in rows),
        "assumed": sum(not row["sources"] for row in rows),
        "ranged": sum(row["law"] is not None for row in rows),
        "sources": len({key for row in rows for key in row["sources"]}),
    }


def row_text(row: Mapping[str, Any]) -> tuple[str, str, str, str, str, str]:
    """A row of the register as text: path, value, range, unit, law and provenance."""
    return (
        row["path"],
        number(row["value"]),
        "" if row["low"] is None else span(row),
        "" if row["unit"] == "1" else row["unit"],
        row["law"] or "",
        row["provenance"],
    )
