"""The provenance of a result: every figure used, its source, and the facts of its manifest."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.render.document import Figures, Part, Section
from sim.report.answers.register import register, register_totals, row_text
from sim.report.page.factors import (
    options_section,
    paths_of_options,
    stimuli_section,
    varied_paths,
    varied_section,
)
from sim.scenario.schema import Scenario
from sim.scenario.stored import from_stored


def register_part(manifest: Figures, factors: Figures) -> Part:
    """Every figure that was used, and the sources cited.

    `factors` are those of the answer of a sweep, else empty.
    """
    heading = "Every figure used"
    if "scenario_as_run" not in manifest:
        line = "An earlier version made these results, and kept no figures with them. Made anew, "
        return Part(heading, (), [Section("", [f"{line}they hold all."])])
    scenario = from_stored(manifest)
    anew = varied_paths(manifest["asked"]) if factors else []
    sections = [varied_section(manifest["asked"], factors)] if factors else []
    if manifest.get("kind") in ("choice", "game"):
        anew = paths_of_options(manifest["asked"])
        sections.append(options_section(manifest["asked"]))
    if "stimuli" in manifest:
        sections.append(stimuli_section(manifest["stimuli"]))
    return Part(heading, (), [*sections, _figures(scenario, anew), _sources(scenario)])


def _figures(scenario: Scenario, anew: Sequence[str]) -> Section:
    """The register; figures within a path that is set at each point (`anew`) are marked."""
    rows = []
    for row in register(scenario):
        path, value, *others, provenance = row_text(row)
        if any(f"{path}.".startswith(f"{set_there}.") for set_there in anew):
            provenance = f"{provenance}; varied here"
        rows.append((path, value, *others, provenance))
    totals = register_totals(scenario)
    line = (
        f"{totals['figures']} figures: {totals['sourced']} with a source, {totals['assumed']} "
        f"assumed, {totals['ranged']} with a range, drawn once a run."
    )
    if anew:
        line += " Those varied here have the values of the table above instead."
    columns = ("figure", "value", "range", "unit", "law", "source or assumption")
    return Section("Figures, with range and provenance", [line], columns, rows)


def _sources(scenario: Scenario) -> Section:
    rows = [
        (key, entry["title"], str(entry.get("date", "")), entry.get("url", ""))
        for key, entry in scenario.cited.items()
    ]
    return Section("Sources cited", [], ("key", "title", "date", "address"), rows)


def citation_of(folder: Path, manifest: Figures) -> str:
    """How to cite a result: program, version, result and seed."""
    versions = manifest.get("versions", {})
    named = manifest.get("hash", "")[:12] or folder.name
    return (
        f"Raids & Talks {versions.get('raids-and-talks', '?')}, result {named}, "
        f"seed {manifest.get('seed', '?')}"
    )


def facts_of(manifest: Figures) -> list[tuple[str, str]]:
    """The facts about the computation of a result, from its manifest."""
    keys = ("scenario", "experiment", "runs", "runs_done", "points", "seed", "overrides", "hash")
    facts = [(key, manifest[key]) for key in keys if manifest.get(key) not in (None, [], "")]
    written = [
        (key, f"{v:,}" if isinstance(v, int) and key != "seed" else _flat(v)) for key, v in facts
    ]
    versions = manifest.get("versions", {})
    return [*written, *((f"version of {name}", str(version)) for name, version in versions.items())]


def _flat(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
