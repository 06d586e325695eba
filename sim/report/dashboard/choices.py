"""Answers of `sim choose` in the folder of results: what to choose with each budget."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sim.experiment.errors import ExperimentError
from sim.experiment.storage.catalogue import entries, published
from sim.experiment.storage.manifest import read_manifest
from sim.render.template import fill
from sim.report.answers.choice import Choice
from sim.report.answers.game import Game
from sim.report.page.related import answer_at

_TEMPLATES = Path(__file__).with_name("templates")
_KINDS = (Choice.kind, Game.kind)


class Chosen(NamedTuple):
    """An answer of `sim choose`: its budgets as text, and HTML for each."""

    title: str
    budgets: list[str]
    pages: list[str]


def choices_in(*places: Path) -> dict[str, list[Chosen]]:
    """The complete answers of `sim choose` in some folders, by scenario, one per question.

    Later folders override earlier ones, and wars of the present model override a published answer.
    """
    found: dict[tuple[str, str], Chosen] = {}
    for folder in (answer for place in places for answer in _answers_in(place)):
        try:
            manifest = read_manifest(folder)
            if manifest.get("kind") in _KINDS:
                answer = answer_at(folder, manifest)
                question = str(answer.figures["scenario"]), str(answer.figures["experiment"])
                found[question] = _chosen(answer)
        except (ExperimentError, KeyError, OSError, ValueError):
            continue  # damaged or of another version, which `sim results check` tells apart
    by_scenario: dict[str, list[Chosen]] = {}
    for (scenario, _), chosen in sorted(found.items()):
        by_scenario.setdefault(scenario, []).append(chosen)
    return by_scenario


def _answers_in(place: Path) -> Iterator[Path]:
    yield from published(place)
    yield from (one.folder for one in entries(place) if one.is_complete and one.is_current)


def _chosen(answer: object) -> Chosen:
    assert isinstance(answer, Choice | Game)
    places = range(len(answer.figures["budgets"]))
    return Chosen(
        answer.title,
        [answer.budget_title(place) for place in places],
        [_page(answer, place) for place in places],
    )


def _page(answer: Choice | Game, place: int) -> str:
    told, *others = answer.budget_sections(place)
    lines = [*told.lines, *(answer.budget_regret(place) if isinstance(answer, Choice) else [])]
    return fill(_TEMPLATES / "choice.html", lines=lines, sections=others)
