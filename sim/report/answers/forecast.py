"""Forecasts of nights: of tonight, of a week and of a month ahead."""

from collections.abc import Iterator

from sim.evidence.nights.titles import CLASSES
from sim.render.document import Figures, Section
from sim.report.answers.kind import Kind, Pictures
from sim.report.answers.nights import of_the_file
from sim.report.numbers import number, percent, span


class NightsForecast(Kind):
    """How many of a night's drones and missiles are expected to come through."""

    kind = "nights-forecast"
    is_of_scenario = False
    asks = "How many come through in the nights after {as_of}?"
    called = "Nights to come"
    made_by = ("file", "as_of", "sha256")

    def sections(self) -> list[Section]:
        """The forecast as a sentence per class, its table, the defence, and the method."""
        classes = self.figures["classes"]
        return [
            Section("Answer", [*_answer(self.figures)]),
            _table(classes),
            _defence(classes),
            Section("How sure", _how(self.figures)),
        ]

    def pictures(self) -> Pictures:
        from sim.report.plots.analysis.nights_to_come import draw_nights_to_come

        return {"nights_to_come": draw_nights_to_come(self.figures)}


def _answer(figures: Figures) -> Iterator[str]:
    for name, entry in figures["classes"].items():
        night = entry["ahead"]["1"]
        yield (
            f"{CLASSES[name]}, {night['date']}: of {_launched(entry)} launched "
            f"{night['median']:,} are expected to come through, {night['low_90']:,} to "
            f"{night['high_90']:,} in nine nights of ten."
        )
    for name, why in figures["not_forecast"].items():
        yield f"{CLASSES[name]}: no forecast, {why}."


def _launched(entry: Figures) -> str:
    low, high = entry["launched"]["low"], entry["launched"]["high"]
    if low == high:
        return f"{low:,}"
    return f"{low:,} to {high:,}{'' if entry['launched']['told'] else ' (as lately)'}"


def _table(classes: Figures) -> Section:
    rows = [
        {
            "": CLASSES[name] if days == "1" else "",
            "night": one["date"],
            "launched": _launched(entry),
            "mean": f"{one['mean']:.1f}",
            "median (50 %)": f"{one['median']} ({one['low_50']} to {one['high_50']})",
            "90 %": f"{one['low_90']} to {one['high_90']}",
        }
        for name, entry in classes.items()
        for days, one in entry["ahead"].items()
    ]
    return Section.of("Come through", [], rows)


def _defence(classes: Figures) -> Section:
    rows = [
        (
            CLASSES[name],
            key.replace("_", " "),
            f"{number(one['median'])} ({span(one)})",
        )
        for name, entry in classes.items()
        for key, one in entry["defence"].items()
    ]
    lines = ["The defence in the view of the members with the law of a night; brackets hold 90 %."]
    return Section("The defence", lines, ("", "figure", "on that day"), rows)


def _how(figures: Figures) -> list[str]:
    rest = "; ".join(
        f"{CLASSES[name]} flew in {percent(entry['flown_lately'])} of the last 60 nights"
        for name, entry in figures["classes"].items()
    )
    return [
        f"From all nights up to {figures['as_of']}, each of which is learned from in turn. A "
        f"forecast is for a night on which the class flies: {rest}. If the number launched is not "
        "given, sizes are those of the last 60 days, all equally likely. Kinds of missiles are "
        "those flown recently.",
        "To see how often such forecasts held: sim validate nights FILE --sequential.",
        *of_the_file(figures),
    ]
