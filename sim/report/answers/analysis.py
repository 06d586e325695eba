"""Analyses of one ensemble: they are answers of their own, and parts of the page of its wars."""

from collections.abc import Sequence

from sim.render.document import CaptionedSvg, Part, Section
from sim.report.answers.kind import OF_ONE_RUN, Kind, Place
from sim.report.words import within


class Analysis(Kind):
    """An analysis of which figures determine an outcome, or of when it happens."""

    elsewhere = (OF_ONE_RUN,)

    def about(self, where: str = "") -> str:
        """The subject, the method and the origin."""
        raise NotImplementedError

    def page_title(self) -> str:
        about = self.about()
        title = self.scenario.title if self.scenarios else self.figures["scenario"]
        return f"{title}: {within(about)}"

    def headline(self) -> list[str]:
        """The first two sentences."""
        return self.sections()[0].lines[:2]

    def parts(self, place: Place) -> list[Part]:
        """Everything below the pictures, beginning with further sentences of the answer."""
        answer, *sections = self.sections()
        more = [Section("Further", answer.lines[2:])] if answer.lines[2:] else []
        return [Part(self.heading, place.pictures(), [*more, *sections]), *self.parts_elsewhere()]

    def as_part(self, where: str, figures: Sequence[CaptionedSvg], citation: str) -> Part:
        """The analysis as a part of the page of its wars."""
        about = self.about(f", {where}" if where else "")
        return Part(about, figures, self.sections(), citation)
