"""The answer of a paired comparison, in sentences and tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.experiment.comparison import compared
from sim.experiment.contrast import Contrast
from sim.render.document import CaptionedSvg, Figures, Part, Section
from sim.report.answers.cards import cards_of_a_comparison
from sim.report.answers.kind import OF_FIGURES, OF_ONE_RUN, Kind, Pictures
from sim.report.numbers import number, percent, unit_of, with_error

OF_A_RAID = "The paired effect"
"""The heading of a raid's effect in the page of its runs."""

OF_ITS_DAY = (
    "The changes above are those of the day, including everything else that happened on it."
)

_DIRECTIONS = {
    "with minus without": ("without", "with"),
    "changed minus as it is": ("as it is", "changed"),
}
_OF_EFFECTS = ("", "wars", "mean effect", "median", "90 % from", "to", "up in", "down in")


@dataclass(frozen=True, eq=False)
class Comparison(Kind):
    """The effect of a change on a war, on shared luck; pictures require the wars themselves."""

    contrast: Contrast | None = None

    kind = "comparison"
    lives_without_scenario = False
    called = "{war}: {direction}"
    heading = "The paired effects"
    made_by = ("scenario", "runs", "seed", "changes")
    elsewhere = (OF_ONE_RUN, OF_FIGURES)

    @classmethod
    def of(cls, contrast: Contrast) -> "Comparison":
        """The answer from two records."""
        as_is, figures, warnings = compared(contrast.base, contrast.changed)
        title = f"{as_is.title}: {figures['direction']}"
        return cls(title, (as_is,), figures | {"warnings": warnings}, contrast=contrast)

    def sections(self) -> list[Section]:
        """What was changed, the effects, and what the pairing saved."""
        figures = self.figures
        tables = {
            "Raids flown on both sides of the comparison": figures["raids"],
            "Losses and money, the whole campaign": figures["losses"],
            "Settlement": figures["settlement"],
        }
        return [
            Section("Changed", list(figures["changes"])),
            *effects_by_day(figures),
            *(_effects(heading, effects, figures) for heading, effects in tables.items()),
            Section("How sure", [how_paired(figures)]),
        ]

    def question(self) -> str:
        """The question; a raid that was left out is called by its title."""
        scenario, changes = self.scenario, self.figures["changes"]
        raid = changes[0].removeprefix("without raids.")
        if len(changes) == 1 and raid in scenario.raids:
            return f"What does {scenario.raids[raid].title} make of the war?"
        if all(change.startswith("without ") for change in changes):
            parts = " and ".join(change.removeprefix("without ") for change in changes)
            return f"What do {parts} make of the war?"
        return f"How does the changed war differ from the original one: {'; '.join(changes)}?"

    def headline(self) -> list[str]:
        """The effects on both reservations and the zone, a sentence for the first and last day."""
        scenario, figures = self.scenario, self.figures
        sentences = []
        days = list(figures["days"].items())
        for date, day in dict((days[0], days[-1])).items():
            parts = [
                _moves(f"the least share {side} accepts", day["effects"][word])
                for word, side in zip(("r_u", "r_d"), scenario.titles, strict=True)
            ]
            zone = _moves("the zone of agreement", day["effects"]["z"])
            what = f"On {date} ({day['what']}), {figures['direction']}"
            sentences.append(f"{what}: {'; '.join(parts)}; {zone}.")
            sentences += filter(None, [cards_of_a_comparison(scenario, day["effects"])])
        return sentences

    def body(self) -> list[Section]:
        """All sections except how certain it is."""
        return self.sections()[:-1]

    def pictures(self) -> Pictures:
        from sim.report.plots.analysis.effects import draw_effects

        if self.contrast is None:
            return {}
        figures = self.figures
        return {"effects": draw_effects(self.contrast, figures["direction"], figures["changes"])}

    def as_part(self, where: str, figures: Sequence[CaptionedSvg], citation: str) -> Part:
        """The effect of a raid as a part of the page of its runs."""
        lines = [
            f"{OF_ITS_DAY} Here the same wars are simulated with the raid and without it "
            f"({where}).",
            *self.headline(),
            how_paired(self.figures),
        ]
        sections = [Section("", lines), *effects_by_day(self.figures)]
        return Part(OF_A_RAID, figures, sections, citation)


def _moves(what: str, effect: dict[str, Any]) -> str:
    """An effect on something: its mean, its median, and the share of wars in either direction."""
    if not effect["runs"]:
        return f"nothing is known about {what}"
    error = effect["mean_error"] or 0.0
    law = (
        f"median {effect['median']:+.4f}, up in {percent(effect['above_zero'])} and down in "
        f"{percent(effect['below_zero'])} of {effect['runs']:,} wars"
    )
    if abs(effect["mean"]) <= error:
        return f"{what} has the same mean within the error of {error:.2g} ({law})"
    verb = "rises" if effect["mean"] > 0.0 else "falls"
    return f"{what} {verb} by {abs(effect['mean']):.4f} ±{error:.2g} in the mean ({law})"


def effects_by_day(contrast: Figures) -> list[Section]:
    """The paired effects on positions and on each mechanism's term, one table per day."""
    return [
        _effects(f"{date}: {day['what']}", day["effects"], contrast)
        for date, day in contrast["days"].items()
    ]


def how_paired(contrast: Figures) -> str:
    """The number of runs behind an effect, and how to read it."""
    return (
        f"{contrast['runs']:,} paired runs on shared luck, seed {contrast['seed']}. An effect is "
        f"{contrast['direction']}, run by run; up and down are the shares of the wars in which it "
        "is above and below 0. ± is the 95 % Monte Carlo error of the mean; 'none' marks a mean "
        "that cannot be told from zero, each row by itself; of twenty means that are 0 about one "
        "is not marked. Variance saved: by how many times pairing reduces the variance of the "
        "mean."
    )


def _effects(heading: str, effects: Figures, contrast: Figures) -> Section:
    rows = [_effect_row(outcome, effect) for outcome, effect in effects.items()]
    columns = (*_OF_EFFECTS, *_DIRECTIONS[contrast["direction"]], "variance saved")
    return Section(heading, [], columns, rows)


def _effect_row(outcome: str, effect: Figures) -> tuple[str, ...]:
    unit = unit_of(outcome)
    if not effect["runs"]:
        return outcome, "0", *("-",) * 9
    mean = with_error(effect["mean"], effect["mean_error"], unit)
    if abs(effect["mean"]) <= (effect["mean_error"] or 0.0):
        mean += " none"
    saved = effect["variance_saved"]
    return (
        outcome,
        f"{effect['runs']:,}",
        mean,
        *(number(effect[name], unit) for name in ("median", "low", "high")),
        *(percent(effect[name]) for name in ("above_zero", "below_zero")),
        *(number(effect[name]["mean"], unit) for name in ("base", "changed")),
        "" if saved is None else f"{saved:.1f}",
    )
