"""The answer of an impulse experiment for the screen: mechanism by stimulus."""

from typing import ClassVar

import pandas as pd

from sim.render.document import Section
from sim.report.answers.kind import Kind, Pictures
from sim.report.as_csv import as_csv
from sim.report.numbers import number


class Impulse(Kind):
    """The response of each mechanism alone to each stimulus."""

    kind = "impulse"
    called = "Each mechanism alone under a stimulus"
    heading = "Mechanism by stimulus"
    files_of: ClassVar = {"responses": "impulse.csv"}
    shown = ("responses",)
    words_in = ("sign", "predicted")
    elsewhere = (
        "There is no raid here, so there are no reports for comparison, no flow and no money.",
    )

    def sections(self) -> list[Section]:
        """Predictions and findings, then sizes and decay by stimulus."""
        table, figures = self.frames["responses"], self.figures
        how = [
            f"{figures['runs']:,} wars of each mechanism alone and stimulus, seed "
            f"{figures['seed']}, on shared luck with the same wars without the stimulus (or, "
            "where nothing happens, against their own first evening). ± is the Monte Carlo "
            "error; a sign is called clear with the share of false calls held at 5 %, so "
            "with another seed one or another prediction may fail by chance.",
            "For ripeness, which has no term, the number is the share of wars in earnest.",
        ]
        return [
            Section("Answer", [figures["question"], "", *self.headline()]),
            *(_stimulus(table, name, title) for name, title in figures["stimuli"].items()),
            Section("How sure", how),
        ]

    def headline(self) -> list[str]:
        """How many predictions hold, which fail, and which mechanisms cannot be distinguished."""
        figures = self.figures
        alike = [" and ".join(group) for group in figures["separable"]["alike"]]
        exceptions = f"except {'; '.join(alike)}" if alike else "all of them"
        wrong = ", ".join(
            f"{miss['mechanism']} under {miss['stimulus']} ({miss['side']}: predicted "
            f"{miss['predicted']}, found {miss['sign']})"
            for miss in figures["not_as_predicted"]
        )
        predictions = figures["predictions"]
        signs, nothing = predictions["signs"], predictions["nothing"]
        either = predictions["either"]["made"]
        cannot = (
            f" {either} predictions that allow either sign cannot fail and are not counted."
            if either
            else ""
        )
        answer = (
            f"{signs['hold']} of {signs['made']} predicted signs, which could all fail, are as "
            f"the theories predict{'; not as predicted: ' + wrong if wrong else ''}. Where no "
            "effect is predicted, none is distinguishable from zero in "
            f"{nothing['hold']} of {nothing['made']} cases, in {nothing['still']} of "
            f"them because nothing moves in any war.{cannot} The "
            f"{len(figures['stimuli'])} stimuli tell the {len(figures['mechanisms'])} mechanisms "
            f"apart by sign and fading: {exceptions}."
        )
        return [answer]

    def pictures(self) -> Pictures:
        from sim.report.plots.analysis.impulse import draw_impulse

        titles = {"r_u": "underdog", "r_d": "favourite"}
        return {"impulse": draw_impulse(self.figures, self.frames["responses"], titles)}

    def rounded(self, frame: pd.DataFrame) -> str:
        return as_csv(frame.round(6))


def _stimulus(table: pd.DataFrame, name: str, title: str) -> Section:
    part = table[table["stimulus"] == name]
    notable = part[(part["sign"] != "0") | ~part["as predicted"]]
    rows = [
        (
            f"{row['mechanism']}, {row['side']}",
            f"{row['size']:+.4f} ±{row['size ±']:.4f}",
            _sign(row["sign"]),
            f"{row['left at the end']:+.4f}",
            number(row["half-life, days"]) if pd.notna(row["half-life, days"]) else "-",
            _sign(row["predicted"]) + ("" if row["as predicted"] else " !"),
        )
        for row in notable.to_dict("records")
    ]
    columns = ("", "size", "sign", "left at the end", "halved after days", "predicted")
    return Section(f"{name}: {title}", [] if rows else ["Nothing."], columns, rows)


def _sign(sign: str) -> str:
    """A sign as text: a bare 0 among + and - looks like an amount."""
    return "none" if sign == "0" else sign
