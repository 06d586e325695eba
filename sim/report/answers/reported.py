"""Scenarios compared with what was reported: first a count, then each figure."""

from collections.abc import Sequence

from sim.render.document import Figures, Section
from sim.report.answers.kind import Kind
from sim.report.answers.run import reports_sections
from sim.scenario.schema import Scenario


class Reported(Kind):
    """Scenarios compared with what was reported; figures by the scenario's name."""

    kind = "reported"

    def sections(self) -> list[Section]:
        """How many figures lie inside, by use and kind of source, then tables by scenario."""
        compared = list(zip(self.scenarios, self.figures.values(), strict=True))
        return [_counts(compared), *(part for one in compared for part in _of_scenario(*one))]


def _counts(compared: Sequence[tuple[Scenario, Figures]]) -> Section:
    rows = [
        (f"{figures['scenario']}: {use}", f"{count['inside']} of {count['of']}")
        for _, figures in compared
        for use, count in figures["tally"].items()
    ]
    lines = [
        "Reported figures inside the model's central 90 %, by their use. Agreement with figures "
        "used for tuning is no evidence. A party's claim and an independent estimate "
        "of one thing are different figures, and may not both be true."
    ]
    return Section("Inside 90 %", lines, ("used for, said as", "inside"), rows)


def _of_scenario(scenario: Scenario, figures: Figures) -> list[Section]:
    sections = reports_sections(scenario, figures["reported"], tuple(scenario.raids))
    return [
        Section(f"{scenario.name}. {part.heading}", part.lines, part.columns, part.rows)
        for part in sections
        if part.rows
    ]
