"""What a document says of a folder of results, by the kind of question they answer."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from sim.experiment.errors import ExperimentError
from sim.experiment.store import Store, read_manifest
from sim.report import comparison, impulse, sweep, theories
from sim.report.page.document import Document, Part, figures_in
from sim.report.plots import draw_all
from sim.report.register import register, register_totals
from sim.report.sensitivity import sensitivity_in_words
from sim.report.summary import summarise
from sim.report.words import (
    Section,
    certainty_in_words,
    contrast_in_words,
    costs_in_words,
    flown_raids,
    headline,
    minds_in_words,
    number,
    reported_in_words,
    talks_in_words,
)
from sim.scenario.load import from_kept
from sim.scenario.schema import Scenario

Figures = dict[str, Any]

_OF_COSTS = ("map", "losses_against_reports", "flow", "fates", "cost_exchange")
_OF_TALKS = ("positions",)
_IS_NOT = (
    "The model is no forecast and no account of what happened. Its results are statements about "
    "models: what follows if these rules and these ranges hold.",
    "War-time figures are claims of the parties; the tables say who says what. Most figures of "
    "who guards what, how well it shoots and what leaders believe are assumed, with wide ranges.",
    "Which mechanisms act decides whether a raid hardens positions. That they do is a choice of "
    "the scenario, and no finding about the war.",
    "It holds no instruction for building, arming, hiding or steering a weapon. Terrain, weather, "
    "the human cost of a raid and all below the level of a base or a region are left out.",
)


def document_of(folder: Path) -> Document:
    """The document of a folder of results. Raises ExperimentError where it cannot be made."""
    manifest = read_manifest(folder)
    if not manifest:
        raise ExperimentError("no results here, expected a folder with a manifest.json")
    kind = manifest.get("kind", "run")
    if kind not in _KINDS:
        raise ExperimentError(f"{kind!r} has no report, expected one of {', '.join(_KINDS)}")
    if kind in ("run", "comparison", "theories") and "scenario_as_run" not in manifest:
        raise ExperimentError("made by a version without reports, expected to be computed anew")
    title, question, answer, parts = _KINDS[kind](folder, manifest)
    closing = [Part("What the model is not", (), [Section("Limits", list(_IS_NOT))])]
    if "scenario_as_run" in manifest:
        closing.insert(0, _register(from_kept(manifest)))
    return Document(
        title, question, answer, [*parts, *closing], _citation(folder, manifest), _made(manifest)
    )


Told = tuple[str, str, list[str], list[Part]]
"""Title, question, answer and parts."""


def _run(folder: Path, manifest: Figures) -> Told:
    record = Store.of_folder(folder).read()
    scenario, summary = record.scenario, summarise(record)
    plots = folder / "plots"
    if not plots.exists():
        draw_all(record, plots)
    flown = flown_raids(scenario, summary)
    costs = [part for raid in flown.items() for part in costs_in_words(scenario, *raid)]
    minds = [part for raid in flown.items() for part in minds_in_words(scenario, *raid)]
    reported = reported_in_words(scenario, summary["reported"], tuple(flown))
    sure, sensitive = certainty_in_words(summary), list(_sensitivity(folder))
    parts = [
        Part("What happened", list(figures_in(plots, _OF_COSTS)), [*reported, *costs]),
        Part(
            "What it did to the talks",
            list(figures_in(plots, _OF_TALKS)),
            [talks_in_words(scenario, summary), *minds, _paired(scenario)],
        ),
        Part("How sure", [], [sure]),
        *sensitive,
    ]
    return scenario.title, summary["question"], headline(scenario, summary), parts


def _paired(scenario: Scenario) -> Section:
    """Where the raid's effect, and not the change on its day, is to be had."""
    raid = scenario.focus or next(iter(scenario.raids), None)
    lines = [
        "The changes above are those of the day, whatever else fell on it. The effect of the raid "
        "itself is the difference to the same wars without it: sim compare "
        f"{scenario.name} --without raids.{raid} --publish FOLDER, then sim report FOLDER."
    ]
    return Section("The paired effect", lines if raid else [])


def _sensitivity(folder: Path) -> Iterator[Part]:
    """What was found of the outcomes' sensitivity, if that was asked."""
    for answer in sorted(folder.glob("sensitivity/*/answer.json")):
        figures = json.loads(answer.read_text())
        yield Part(
            f"What it hangs on ({figures['method']})",
            list(figures_in(answer.parent)),
            sensitivity_in_words(figures),
        )


def _comparison(folder: Path, manifest: Figures) -> Told:
    scenario, figures = from_kept(manifest), _answer(folder)
    parts = [Part("The paired effects", list(figures_in(folder)), contrast_in_words(figures))]
    question = f"What does it make of the war: {'; '.join(figures['changes'])}?"
    told = comparison.headline(scenario, figures)
    return f"{scenario.title}: as it is, minus changed", question, told, parts


def _sweep(folder: Path, manifest: Figures) -> Told:
    figures, table = _answer(folder), pd.read_csv(folder / "points.csv")
    sections = sweep.sweep_in_words(table, figures)[1:]
    parts = [Part("What was found", list(figures_in(folder)), sections)]
    title = manifest.get("asked", {}).get("title", figures["experiment"])
    return title, figures["question"], sweep.headline(table, figures), parts


def _theories(folder: Path, manifest: Figures) -> Told:
    scenario, figures = from_kept(manifest), _answer(folder)
    sections = theories.theories_in_words(scenario, figures)
    parts = [
        Part("Under how many theories", list(figures_in(folder)), sections[1:-1]),
        Part("How sure", [], sections[-1:]),
    ]
    title = f"{scenario.title}: every theory at once"
    return title, figures["question"], [theories.headline(scenario, figures)], parts


def _impulse(folder: Path, manifest: Figures) -> Told:
    figures, table = _answer(folder), pd.read_csv(folder / "impulse.csv")
    sections = impulse.impulse_in_words(table, figures)
    parts = [
        Part("Mechanism by stimulus", list(figures_in(folder)), sections[1:-1]),
        Part("How sure", [], sections[-1:]),
    ]
    title = "Each mechanism alone under a stimulus"
    return title, figures["question"], [impulse.headline(figures)], parts


_KINDS: dict[str, Callable[[Path, Figures], Told]] = {
    "run": _run,
    "comparison": _comparison,
    "sweep": _sweep,
    "theories": _theories,
    "impulse": _impulse,
}


def _answer(folder: Path) -> Figures:
    """The figures of an answer. Raises ExperimentError where there is none."""
    try:
        found = json.loads((folder / "answer.json").read_text())
    except (OSError, ValueError):
        raise ExperimentError("no answer.json here, expected the command run to its end") from None
    return dict(found)


def _register(scenario: Scenario) -> Part:
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


def _citation(folder: Path, manifest: Figures) -> str:
    """What a reader cites: program, version, result and seed."""
    versions = manifest.get("versions", {})
    named = manifest.get("hash", "")[:12] or folder.name
    return (
        f"Raids & Talks {versions.get('raids-and-talks', '?')}, result {named}, "
        f"seed {manifest.get('seed', '?')}"
    )


def _made(manifest: Figures) -> list[tuple[str, str]]:
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
