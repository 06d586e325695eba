"""The law of nights applied to other defences, and how often its forecasts hold the outcome."""

from sim.evidence.nights.titles import CLASSES
from sim.render.document import Figures, Section
from sim.report.answers.kind import Kind
from sim.report.answers.nights import of_the_file


class Transfer(Kind):
    """How well what was learned about one defence holds for others."""

    kind = "nights-transfer"
    is_of_scenario = False
    asks = "Does what one nation's nights taught hold under other skies?"
    called = "Other skies"
    made_by = ("file", "learned_from")

    def sections(self) -> list[Section]:
        """How many raids lie inside, each raid, and the method."""
        figures = self.figures
        inside, asked = figures["inside"], figures["asked"]
        answer = (
            f"Of {asked['learned']} raids (a class and night each) {inside['learned']} lie inside "
            f"the 90 % of the filter as learned from {figures['learned_from']} to their eve. Of "
            f"{asked['guessed']} {inside['guessed']} lie inside that of its guesses alone."
        )
        rows = [
            {
                "night": row["night"],
                "": CLASSES[row["class"]],
                "launched": f"{row['launched']:,}",
                "leaked": f"{row['leaked']:,}",
                "from guesses alone": _interval(row["guessed"]),
                "as learned to the eve": _interval(row["learned"]),
            }
            for row in figures["raids"]
        ]
        how = (
            "Nothing is fitted to these raids. The counts come from the defenders; a report of "
            "what was shot down may leave out what was not."
        )
        return [
            Section("Answer", [answer]),
            Section.of("Raids", ["Median, and 90 % in brackets; ! lies outside."], rows),
            Section("How sure", [how, *of_the_file(figures)]),
        ]


def _interval(one: Figures | None) -> str:
    if one is None:
        return "too few nights before"
    mark = "" if one["inside"] else " !"
    return f"{one['median']} ({one['low_90']} to {one['high_90']}){mark}"
