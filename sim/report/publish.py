"""What of an experiment is published: the answer, small tables, pictures, a manifest."""

from pathlib import Path
from typing import Any

import pandas as pd

from sim.evidence.polls.polls import Answer
from sim.experiment.contrast import Contrast
from sim.experiment.questions.impulse import Wars
from sim.experiment.questions.sweep import Question
from sim.experiment.questions.theories import Store
from sim.experiment.storage.answer_files import answer_into
from sim.experiment.storage.manifest import provenance, read_manifest, write_manifest
from sim.experiment.storage.store import Results
from sim.render.json import as_json
from sim.report.answers.calibration import calibration_tables, ranges_as_yaml
from sim.report.answers.register import register
from sim.report.as_csv import as_csv
from sim.report.plots.analysis.corner import draw_corner
from sim.report.plots.analysis.discovery import draw_discovery
from sim.report.plots.analysis.effects import draw_effects
from sim.report.plots.analysis.impulse import draw_impulse
from sim.report.plots.analysis.nights import draw_nights
from sim.report.plots.analysis.polls import draw_polls
from sim.report.plots.analysis.theories import draw_theories
from sim.report.plots.analysis.tornado import draw_tornado
from sim.report.plots.sweep import draw_sweep
from sim.scenario.experiment import Impulse
from sim.scenario.schema import Scenario
from sim.scenario.stored import stored

Figures = dict[str, Any]


def publish_theories(
    folder: Path, store: Store, figures: Figures, theories: pd.DataFrame, decay: pd.DataFrame
) -> None:
    """Write answer.json, theories.csv, the picture and the manifest of a theories experiment."""
    question = store.question
    scenario = question.scenario
    titles = {
        "r_u": scenario.sides[scenario.underdog].title,
        "r_d": scenario.sides[scenario.favourite].title,
        "raid": scenario.raids[scenario.focus or ""].title,
    }
    columns = [
        column
        for column in theories.columns.astype(str)
        if any(f", {m}" in column for m in question.moments)
    ]
    chances = {c: 2 for c in columns if " chance " in c or " wars " in c}
    rounded = theories[["theory", "wars", *columns]].round({c: chances.get(c, 5) for c in columns})
    with answer_into(folder) as part:
        _write_answer(part, figures)
        _write_table(part / "theories.csv", rounded, None)
        draw_theories(figures, theories, decay, titles).write_to(part, "theories")
        if not _is_same(folder, store.folder):
            write_manifest(part, _reproducible(read_manifest(store.folder)))


def publish_impulse(
    folder: Path, experiment: Impulse, wars: Wars, figures: Figures, table: pd.DataFrame
) -> None:
    """Write answer.json, impulse.csv, the picture and the manifest of an impulse experiment.

    The manifest has the war in which nothing happens, and the figures by which others differ.
    """
    titles = {"r_u": "underdog", "r_d": "favourite"}
    what = {
        "experiment": experiment.name,
        "kind": experiment.kind,
        "runs": experiment.runs,
        "seed": experiment.seed,
    }
    plain = register(wars.plain)
    stimuli = {
        word: [row for row in register(war) if row not in plain] for word, war in wars.under.items()
    }
    manifest = what | stored(wars.plain) | {"stimuli": stimuli}
    with answer_into(folder) as part:
        _write_answer(part, figures)
        _write_table(part / "impulse.csv", table.round(6), None)
        draw_impulse(figures, table, titles).write_to(part, "impulse")
        write_manifest(part, _reproducible(manifest | provenance()))


def publish_sweep(
    folder: Path, results: Results, question: Question, figures: Figures, table: pd.DataFrame
) -> None:
    """Write answer.json, points.csv, the pictures and the manifest of a sweep."""
    with answer_into(folder) as part:
        _write_answer(part, figures)
        _write_table(part / "points.csv", table.round(6), None)
        for name, picture in draw_sweep(figures, table, question.experiment.titles).items():
            picture.write_to(part, name)
        if not _is_same(folder, results.folder):
            write_manifest(part, _reproducible(read_manifest(results.folder)))


def publish_comparison(
    folder: Path, contrast: Contrast, scenario: Scenario, figures: Figures
) -> None:
    """Write answer.json, the picture and the manifest of a paired comparison.

    `scenario` is the one compared, as it is.
    """
    keys = ("scenario", "runs", "seed", "changes")
    what = {"kind": "comparison", **{key: figures[key] for key in keys}}
    with answer_into(folder) as part:
        _write_answer(part, figures)
        draw_effects(contrast, figures["direction"], figures["changes"]).write_to(part, "effects")
        write_manifest(part, _reproducible(what | stored(scenario) | provenance()))


def publish_polls(folder: Path, scenario: Scenario, answer: Answer) -> None:
    """Write answer.json, the picture and the manifest of publics compared with polls."""
    keys = ("scenario", "runs", "wars", "seed", "train_until")
    what = {key: answer.figures[key] for key in keys}
    with answer_into(folder) as part:
        _write_answer(part, answer.figures)
        draw_polls(scenario, answer.figures, answer.fans).write_to(part, "polls")
        write_manifest(part, _reproducible(what | provenance()))


def publish_sensitivity(
    folder: Path, own: Path, scenario: Scenario, figures: Figures, table: pd.DataFrame
) -> None:
    """Write answer.json, indices.csv and the tornado; outside its own folder a manifest too."""
    picture = draw_tornado(figures, scenario.title)
    with answer_into(folder) as part:
        _write_answer(part, figures)
        _write_table(part / "indices.csv", table)
        if picture is not None:
            picture.write_to(part, "tornado")
        if not _is_same(folder, own):
            keys = ("scenario", "method", "points", "runs", "wars", "seed")
            what = {"kind": "sensitivity", **{key: figures[key] for key in keys}}
            write_manifest(part, _reproducible(what | stored(scenario) | provenance()))


def publish_discovery(
    folder: Path, own: Path, scenario: Scenario, figures: Figures, table: pd.DataFrame
) -> None:
    """Write answer.json, the trajectory or the rules, and the trade-off; outside its own folder a
    manifest too."""
    name = "trajectory" if figures["method"] == "prim" else "rules"
    picture = draw_discovery(figures, table)
    with answer_into(folder) as part:
        _write_answer(part, figures)
        _write_table(part / f"{name}.csv", table)
        if picture is not None:
            picture.write_to(part, "discovery")
        if not _is_same(folder, own):
            keys = ("scenario", "when", "method", "runs", "seed")
            what = {"kind": "discovery", **{key: figures[key] for key in keys}}
            write_manifest(part, _reproducible(what | stored(scenario) | provenance()))


def publish_calibration(
    folder: Path, own: Path, scenario: Scenario, figures: Figures, posterior: pd.DataFrame
) -> None:
    """Write answer.json, posterior.csv, reports.csv, ranges.yaml and the corner plot; outside its
    own folder a manifest too."""
    picture = draw_corner(figures, posterior, scenario)
    with answer_into(folder) as part:
        _write_answer(part, figures)
        for name, table in calibration_tables(figures).items():
            _write_table(part / f"{name}.csv", table)
        (part / "ranges.yaml").write_text(ranges_as_yaml(figures), encoding="utf-8")
        if picture is not None:
            picture.write_to(part, "corner")
        if not _is_same(folder, own):
            keys = ("scenario", "against", "runs", "rounds", "seed", "error", "effective")
            write_manifest(part, _reproducible({key: figures[key] for key in keys} | provenance()))


def publish_nights(folder: Path, figures: Figures) -> None:
    """Write answer.json, the picture and the manifest of nights never seen."""
    keys = ("file", "train_until", "first", "last", "rows", "seed", "draws")
    with answer_into(folder) as part:
        _write_answer(part, figures)
        draw_nights(figures).write_to(part, "nights")
        write_manifest(part, _reproducible({key: figures[key] for key in keys} | provenance()))


def _write_answer(folder: Path, figures: Figures) -> None:
    (folder / "answer.json").write_text(as_json(figures) + "\n", encoding="utf-8")


def _write_table(file: Path, table: pd.DataFrame, float_format: str | None = "%.6g") -> None:
    file.write_text(as_csv(table, float_format), encoding="utf-8")


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths are of one folder, however they are spelled."""
    return one.resolve() == other.resolve()


def _reproducible(manifest: Figures) -> Figures:
    """A manifest without what only this machine and moment have."""
    return {
        key: value for key, value in manifest.items() if key not in ("platform", "commit", "made")
    }
