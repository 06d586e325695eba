"""What a result was made of: every figure used, its citation, and the facts of its making."""

from pathlib import Path
from typing import Any

from sim.report.page.document import Part
from sim.report.register import register, register_totals
from sim.report.words import Section, number
from sim.scenario.schema import Scenario

Figures = dict[str, Any]


def register_part(scenario: Scenario) -> Part:
    """Every figure that was used, and the sources they cite."""
    rows = [
        (
            row["path"],
            number(row["value"]),
            "" if row["low"] is None else f"{number(row['low'])} to {number(row['high'])}",
            "" if row["unit"] == "1" else row["unit"],
            row["law"] or "",
            row["provenance"],
        )
        for row in register(scenario)
    ]
    sources = [
        (key, entry["title"], str(entry.get("date", "")), entry.get("url", ""))
        for key, entry in scenario.cited.items()
    ]
    totals = register_totals(scenario)
    line = (
        f"{totals['figures']} figures: {totals['sourced']} with a source, {totals['assumed']} "
        f"assumed, {totals['ranged']} with a range, drawn once a run."
    )
    columns = ("figure", "value", "range", "unit", "law", "source or assumption")
    return Part(
        "Every figure used",
        (),
        [
            Section("Figures, with range and provenance", [line], columns, rows),
            Section("Sources cited", [], ("key", "title", "date", "address"), sources),
        ],
    )


def citation_of(folder: Path, manifest: Figures) -> str:
    """What a reader cites: program, version, result and seed."""
    versions = manifest.get("versions", {})
    named = manifest.get("hash", "")[:12] or folder.name
    return (
        f"Raids & Talks {versions.get('raids-and-talks', '?')}, result {named}, "
        f"seed {manifest.get('seed', '?')}"
    )


def facts_of(manifest: Figures) -> list[tuple[str, str]]:
    """The facts of a result's making, from its manifest."""
    kept = ("scenario", "experiment", "runs", "runs_done", "points", "seed", "overrides", "hash")
    facts = [(key, manifest[key]) for key in kept if manifest.get(key) not in (None, [], "")]
    told = [
        (key, f"{v:,}" if isinstance(v, int) and key != "seed" else _flat(v)) for key, v in facts
    ]
    versions = manifest.get("versions", {})
    return [*told, *((f"version of {name}", str(version)) for name, version in versions.items())]


def _flat(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
