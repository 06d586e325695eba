"""What analyses of one ensemble share: they stand by themselves, and in the pages of its wars."""

from collections.abc import Sequence

from sim.render.document import CaptionedSvg, Part, Section
from sim.report.answers.kind import OF_ONE_RUN, Kind, Place
from sim.report.words import within


class Analysis(Kind):
    """Which figures decide an outcome, or when it happens."""

    elsewhere = (OF_ONE_RUN,)

    def about(self, where: str = "") -> str:
        """What it is about, by which method and from where."""
        raise NotImplementedError

    def page_title(self) -> str:
        about = self.about()
        title = self.scenario.title if self.scenarios else self.figures["scenario"]
        return f"{title}: {within(about)}"

    def headline(self) -> list[str]:
        """The first two sentences."""
        return self.sections()[0].lines[:2]

    def parts(self, place: Place) -> list[Part]:
        """All below the pictures, further sentences of the answer first."""
        answer, *sections = self.sections()
        more = [Section("Further", answer.lines[2:])] if answer.lines[2:] else []
        return [Part(self.heading, place.pictures(), [*more, *sections]), *self.parts_elsewhere()]

    def as_part(self, where: str, figures: Sequence[CaptionedSvg], citation: str) -> Part:
        """It as a part of the page of the wars that it is of."""
        about = self.about(f", {where}" if where else "")
        return Part(about, figures, self.sections(), citation)
