"""The contents of a document about a folder of results, by the kind of question they answer."""

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sim.experiment.errors import ExperimentError
from sim.experiment.storage.manifest import is_of_this_model, read_manifest
from sim.experiment.storage.store import NO_RESULTS, read, unread
from sim.render.document import Document, Part, Section
from sim.report.answers import comparison, impulse, sweep, theories
from sim.report.answers.comparison import contrast_sections, effects_by_day, how_paired
from sim.report.answers.run import (
    certainty_sections,
    costs_sections,
    flown_raids,
    headline,
    minds_sections,
    reports_sections,
    talks_sections,
)
from sim.report.answers.summary import summarise
from sim.report.page.picture import figures_in
from sim.report.page.provenance import citation_of, facts_of, register_part
from sim.report.page.related import (
    ANALYSES,
    analyses_of,
    analysis_part,
    answer_in,
    comparison_without,
    is_analysis,
    table_in,
)
from sim.report.plots import draw_missing
from sim.scenario.errors import ScenarioError
from sim.scenario.schema import Scenario
from sim.scenario.stored import from_stored

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
    """The document of a folder of results.

    Raises ExperimentError where there is none to write, ScenarioError where the scenario in its
    manifest is damaged.
    """
    try:
        return _document(folder)
    except (ExperimentError, ScenarioError):
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # The folder may come from elsewhere, and no schema fixes what all its files must contain.
        manifest = _manifest_of(folder)
        if manifest and not is_of_this_model(manifest):
            raise ExperimentError(unread(manifest)) from error
        what = f"{type(error).__name__}: {error}"[:120]
        raise ExperimentError(f"damaged results ({what}), expected what a command wrote") from error


def _document(folder: Path) -> Document:
    manifest = _manifest_of(folder)
    if not manifest:
        raise ExperimentError(NO_RESULTS)
    kind = _kind_of(folder, manifest)
    if kind not in _KINDS:
        raise ExperimentError(f"{kind!r} has no report, expected one of {', '.join(_KINDS)}")
    if kind in ("run", "comparison", "theories") and "scenario_as_run" not in manifest:
        raise ExperimentError("made by a version without reports, expected to be computed anew")
    title, question, answer, parts = _KINDS[kind](folder, manifest)
    closing = [Part("What the model is not", (), [Section("Limits", list(_IS_NOT))])]
    factors = answer_in(folder)["factors"] if kind == "sweep" else {}
    closing.insert(0, register_part(manifest, factors))
    return Document(
        title, question, answer, [*parts, *closing], citation_of(folder, manifest),
        facts_of(manifest),
    )  # fmt: skip


def _manifest_of(folder: Path) -> Figures:
    """The manifest of results; that of the runs for an analysis within their folder."""
    within = folder.resolve().parent
    if within.name in ANALYSES:
        return read_manifest(folder) or read_manifest(within.parent)
    return read_manifest(folder)


def _kind_of(folder: Path, manifest: Figures) -> str:
    """The kind of question; the manifest of an analysis that was published does not have it."""
    if (folder / "answer.json").exists() and is_analysis(answer_in(folder)):
        return "analysis"
    return str(manifest.get("kind", "run" if "days" in manifest else "an answer of this kind"))


Content = tuple[str, str, list[str], list[Part]]
"""Title, question, answer and parts."""


def _run(folder: Path, manifest: Figures) -> Content:
    record = read(folder)
    scenario, summary = record.scenario, summarise(record)
    draw_missing(record, folder / "plots")
    raids = flown_raids(scenario, summary)
    costs = [part for raid in raids.items() for part in costs_sections(scenario, *raid)]
    minds = [part for raid in raids.items() for part in minds_sections(scenario, *raid)]
    reported = reports_sections(scenario, summary["reported"], tuple(raids))
    analyses = analyses_of(folder, manifest)
    sure = [certainty_sections(summary)]
    if not analyses:
        sure.append(_sensitivity_missing(scenario, manifest))
    positions = figures_in(folder, "plots", _OF_TALKS)
    parts = [
        Part("What happened", list(figures_in(folder, "plots", _OF_COSTS)), [*reported, *costs]),
        Part(
            "What it did to the talks",
            list(positions),
            [talks_sections(scenario, summary), *minds],
        ),
        *_paired(folder, manifest, scenario),
        Part("How sure", [], sure),
        *analyses,
    ]
    return scenario.title, summary["question"], headline(scenario, summary), parts


def _sensitivity_missing(scenario: Scenario, manifest: Figures) -> Section:
    """How to have the outcomes' sensitivity in the page."""
    changes = "".join(f" --set {shlex.quote(override)}" for override in manifest["overrides"])
    return Section(
        "Which figures it hangs on",
        [
            f"That was not asked of these wars. sim sensitivity {scenario.name} --method pawn "
            f"--runs {manifest['runs']} --seed {manifest['seed']}{changes} asks it, and sim "
            "discover asks in which wars something happens; their answers then stand here."
        ],
    )


def _paired(folder: Path, manifest: Figures, scenario: Scenario) -> list[Part]:
    """The raid's effect from a comparison published next to it, or how to get one."""
    raid = scenario.focus or next(iter(scenario.raids), None)
    if raid is None:
        return []
    heading = "The paired effect"
    found = comparison_without(folder, manifest, raid)
    if found is None:
        line = (
            "The changes above are those of the day, whatever else fell on it. The effect of the "
            "raid itself is the difference to the same wars without it: sim compare "
            f"{scenario.name} --without raids.{raid} --publish FOLDER, with FOLDER beside the "
            "folder of these results, and it stands here."
        )
        return [Part(heading, (), [Section("", [line])])]
    figures = answer_in(found)
    lines = [
        "The changes above are those of the day, whatever else fell on it. Here the same wars are "
        f"fought with the raid and without it ({found.name}).",
        *comparison.headline(scenario, figures),
        how_paired(figures),
    ]
    pictures = list(figures_in(folder, f"../{found.name}"))
    sections = [Section("", lines), *effects_by_day(figures)]
    return [Part(heading, pictures, sections, citation_of(found, read_manifest(found)))]


def _comparison(folder: Path, manifest: Figures) -> Content:
    scenario, figures = from_stored(manifest), answer_in(folder)
    sections = contrast_sections(figures)
    parts = [
        Part("The paired effects", list(figures_in(folder)), sections[:-1]),
        Part("How sure", [], sections[-1:]),
        _elsewhere(_OF_ONE_RUN.format(scenario.name), _OF_FIGURES.format(scenario.name)),
    ]
    answer = comparison.headline(scenario, figures)
    title = f"{scenario.title}: {figures['direction']}"
    return title, _what_is_compared(scenario, figures["changes"]), answer, parts


def _what_is_compared(scenario: Scenario, changes: Sequence[str]) -> str:
    """The question of a comparison; a raid left out by its title."""
    raid = changes[0].removeprefix("without raids.")
    if len(changes) == 1 and raid in scenario.raids:
        return f"What does {scenario.raids[raid].title} make of the war?"
    if all(change.startswith("without ") for change in changes):
        parts = " and ".join(change.removeprefix("without ") for change in changes)
        return f"What do {parts} make of the war?"
    return f"How does the war changed differ from the war as it is: {'; '.join(changes)}?"


def _sweep(folder: Path, manifest: Figures) -> Content:
    figures, table = answer_in(folder), table_in(folder / "points.csv")
    sections = sweep.sweep_sections(table, figures)[1:]
    analyses = analyses_of(folder, manifest)
    lines = [_OF_ONE_RUN.format(figures["scenario"])]
    if not analyses:
        lines.append(_OF_FIGURES.format(figures["scenario"]) + " Its answer then stands here.")
    parts = [
        Part("What was found", list(figures_in(folder)), sections[:-1]),
        Part("How sure", [], sections[-1:]),
        *analyses,
        _elsewhere(*lines),
    ]
    title = manifest.get("asked", {}).get("title", figures["experiment"])
    answer = sweep.headline(table, figures)
    if figures["contrast"]:
        names = [f"{s.heading[:1].upper()}{s.heading[1:]}" for s in sections]
        answer = [f"{name}: {line}" for name, line in zip(names, answer, strict=False)]
    return title, figures["question"], answer, parts


def _theories(folder: Path, manifest: Figures) -> Content:
    scenario, figures = from_stored(manifest), answer_in(folder)
    sections = theories.theories_sections(scenario, figures)
    parts = [
        Part("Under how many theories", list(figures_in(folder)), sections[1:-1]),
        Part("How sure", [], sections[-1:]),
        _elsewhere(_OF_ONE_RUN.format(scenario.name)),
    ]
    title = f"{scenario.title}: every theory at once"
    return title, figures["question"], [theories.headline(scenario, figures)], parts


def _impulse(folder: Path, manifest: Figures) -> Content:
    figures = answer_in(folder)
    table = table_in(folder / "impulse.csv", {"sign": str, "predicted": str})
    sections = impulse.impulse_sections(table, figures)
    parts = [
        Part("Mechanism by stimulus", list(figures_in(folder)), sections[1:-1]),
        Part("How sure", [], sections[-1:]),
        _elsewhere(
            "There is no raid here, so there are no reports to hold it against, no flow and no "
            "money."
        ),
    ]
    title = "Each mechanism alone under a stimulus"
    return title, figures["question"], [impulse.headline(figures)], parts


def _analysis(folder: Path, manifest: Figures) -> Content:
    figures, part = answer_in(folder), analysis_part(folder)
    answer, *sections = part.sections
    name = manifest.get("scenario_as_run", {}).get("title", figures["scenario"])
    title = f"{name}: {part.heading[:1].lower()}{part.heading[1:]}"
    what = f"does {figures['when']} hold" if "when" in figures else "does the outcome change"
    question = f"With which figures {what}?"
    parts = [
        Part("What was found", part.figures, [*_more(answer.lines[2:]), *sections]),
        _elsewhere(_OF_ONE_RUN.format(figures["scenario"])),
    ]
    return title, question, list(answer.lines[:2]), parts


def _more(lines: Sequence[str]) -> list[Section]:
    return [Section("Further", list(lines))] if lines else []


_OF_ONE_RUN = (
    "Losses against every party's report, the flow of the drones, money, the positions day by day "
    "and the share of the variance that comes from figures nobody knows stand in the report of a "
    "run: sim run {0}, then sim report {0}."
)
_OF_FIGURES = "Which figures the outcomes hang on: sim sensitivity {}."


def _elsewhere(*lines: str) -> Part:
    """What this kind of question does not answer, and the command that does."""
    return Part("What stands elsewhere", (), [Section("", list(lines))])


_KINDS: dict[str, Callable[[Path, Figures], Content]] = {
    "run": _run,
    "comparison": _comparison,
    "sweep": _sweep,
    "theories": _theories,
    "impulse": _impulse,
    "analysis": _analysis,
}
