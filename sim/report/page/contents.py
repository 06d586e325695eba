"""The document of a folder of results, for any kind of question."""

from pathlib import Path

from sim.experiment.errors import ExperimentError
from sim.experiment.storage.manifest import is_of_this_model, read_manifest
from sim.experiment.storage.store import NO_RESULTS, read, unread
from sim.render.document import Document, Figures, Part, Section
from sim.report.answers.kind import Kind
from sim.report.answers.run import Run
from sim.report.page.provenance import citation_of, facts_of, register_part
from sim.report.page.related import ANALYSES, Folder, answer_at, kind_of
from sim.report.plots import draw_missing
from sim.scenario.errors import ScenarioError

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

    Raises ExperimentError if there is none to write, ScenarioError if the scenario in its manifest
    is damaged.
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
    answer = _answer(folder, manifest)
    parts = answer.parts(Folder(folder, manifest))
    register = [register_part(manifest, answer.factors())] if answer.is_of_scenario else []
    limits = Part("What the model is not", (), [Section("Limits", list(_IS_NOT))])
    return Document(
        answer.page_title(), answer.question(), answer.headline(), [*parts, *register, limits],
        citation_of(folder, manifest), facts_of(manifest),
    )  # fmt: skip


def _manifest_of(folder: Path) -> Figures:
    """The manifest of results; for an analysis within a folder of runs, that of the runs."""
    within = folder.resolve().parent
    if within.name in ANALYSES:
        return read_manifest(folder) or read_manifest(within.parent)
    return read_manifest(folder)


def _answer(folder: Path, manifest: Figures) -> Kind:
    """The answer of a folder; for wars alone, that of their record with all its pictures."""
    if kind_of(folder, manifest) is not Run:
        return answer_at(folder, manifest)
    record = read(folder)
    draw_missing(record, folder / "plots")
    return Run.of(record)
