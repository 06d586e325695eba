"""The common interface of all answers: what a kind shows on a screen, a page and in a folder."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias

import pandas as pd

from sim.experiment.storage.manifest import provenance
from sim.render.document import CaptionedSvg, Figures, Part, Section
from sim.report.answer import Answer
from sim.report.as_csv import as_csv
from sim.scenario.stored import stored

if TYPE_CHECKING:
    from sim.report.plots.picture import Picture

Pictures: TypeAlias = "Mapping[str, Picture | None]"
"""Pictures by name; None if there is nothing to draw."""

_NOT_PUBLISHED = ("folder", "table", "warnings")
"""Figures of the call: the folder of its wars, a table that is published as CSV, warnings."""

OF_ONE_RUN = (
    "Losses against every party's report, the flow of the drones, money, the positions day by day "
    "and the share of the variance that comes from unknown figures are in the report of a run: "
    "sim run {0}, then sim report {0}."
)
OF_FIGURES = "The figures on which the outcomes depend: sim sensitivity {0}."


class Place(Protocol):
    """The folder from which a page is made, and the results next to it."""

    manifest: Figures

    def pictures(self, within: str = "", names: Sequence[str] | None = None) -> list[CaptionedSvg]:
        """The pictures in a subfolder: those in `names` that exist, else all."""

    def analyses(self) -> list[Part]:
        """What the wars depend on, according to answers in the folder and next to it."""

    def comparison(self, raid: str) -> Part | None:
        """The same wars with and without a raid, if they were simulated next to it."""


class Kind(Answer):
    """A kind of answer: a subclass defines its `sections`, and overrides what else it shows.

    The first section is the answer, the last says how certain it is.
    """

    heading: ClassVar[str] = "What was found"
    """The part of the page that has the pictures and tables."""
    elsewhere: ClassVar[Sequence[str]] = ()
    """What this kind of question does not answer, and the command that does."""
    made_by: ClassVar[Sequence[str]] = ()
    """The figures that are repeated in a manifest."""
    files_of: ClassVar[Mapping[str, str]] = {}
    """The tables that are published, each with its file."""
    shown: ClassVar[Sequence[str]] = ()
    """The tables that the sentences require."""
    lives_without_scenario: ClassVar[bool] = True
    """Whether a page can be made from a manifest without a scenario."""
    is_of_scenario: ClassVar[bool] = True
    """Whether it is of a scenario, whose figures a page lists."""
    words_in: ClassVar[Sequence[str]] = ()
    """Columns of these tables that are text, whatever they look like."""
    asks: ClassVar[str] = "{question}"
    """The question above a page; a template with the names of figures."""
    called: ClassVar[str] = "{title}"
    """The title of a page; a template with figures, the answer's `title` and the `war`'s title."""

    def question(self) -> str:
        """The question above a page."""
        return self.asks.format_map(self.figures)

    def headline(self) -> list[str]:
        """The answer in a few sentences, below the question on a page, which it does not repeat."""
        asked = self.question()
        return [line for line in self.sections()[0].lines if line not in ("", asked)]

    def page_title(self) -> str:
        """The title of a page."""
        war = self.scenario.title if self.scenarios else ""
        return self.called.format_map({**self.figures, "title": self.title, "war": war})

    def parts(self, place: Place) -> list[Part]:
        """The parts of a page below the answer: the findings, how certain they are, and more."""
        return [
            Part(self.heading, place.pictures(), self.body()),
            Part("How sure", [], self.sections()[-1:]),
            *self.parts_elsewhere(),
        ]

    def body(self) -> list[Section]:
        """The sections between the answer and how certain it is."""
        return self.sections()[1:-1]

    def as_part(self, where: str, figures: Sequence[CaptionedSvg], citation: str) -> Part:
        """The answer as a part of another page, with its origin."""
        return Part(f"{self.title} ({where})", figures, self.sections(), citation)

    def factors(self) -> Figures:
        """What was varied, by name, if the page lists it beside the figures used."""
        return {}

    def parts_elsewhere(self) -> list[Part]:
        """What other answers contain, and how to get them."""
        lines = [line.format(self.figures.get("scenario")) for line in self.elsewhere]
        return [Part("What stands elsewhere", (), [Section("", lines)])] if lines else []

    def pictures(self) -> Pictures:
        """The pictures that are published."""
        return {}

    # --- what is published -----------------------------------------------------------------------

    @property
    def published(self) -> Figures:
        """The figures that are published."""
        return {key: value for key, value in self.figures.items() if key not in _NOT_PUBLISHED}

    def files(self) -> dict[str, str]:
        """The texts published with the figures, by file."""
        there = {name: file for name, file in self.files_of.items() if name in self.frames}
        return {file: self.rounded(self.frames[name]) for name, file in there.items()}

    def rounded(self, frame: pd.DataFrame) -> str:
        """A table as it is published, rounded."""
        return as_csv(frame, "%.6g")

    def made_of(self) -> Figures:
        """What determined the answer: the manifest of a folder without wars of its own."""
        asked = {"kind": self.kind} | {key: self.figures[key] for key in self.made_by}
        return asked | (stored(self.scenario) if len(self.scenarios) == 1 else {}) | provenance()
