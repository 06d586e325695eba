"""Forecasts after a record: polls by month, an end of the fighting, counts of events."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pandas as pd

from sim.evidence.weighing.names import EVERYTHING, RECORD
from sim.render.document import Figures, Section
from sim.report.answers.kind import Kind, Pictures
from sim.report.numbers import percent
from sim.report.words import listed, within


class WarForecast(Kind):
    """Forecasts of the weighed war after the end of its record."""

    kind = "war-forecast"
    called = "After {record_to}"
    heading = "Item by item"
    files_of: ClassVar = {"items": "items.csv", "chances": "chances.csv", "counts": "counts.csv"}
    made_by = ("experiment", "scenario", "record_to", "until", "runs", "runs_alone", "seed")
    shown = ("items",)
    words_in = ("asks", "item", "month", "date", "by")
    elsewhere = ("What the record says of each mechanism: sim weigh.",)

    def sections(self) -> list[Section]:
        """The forecast in sentences, its tables, and how certain it is."""
        figures, frames = self.figures, self.frames
        tables = {"chances": _chances, "counts": _counts, "items": _items}
        return [
            Section("Answer", [figures["question"], "", *answer_lines(figures, frames)]),
            *(table(figures, frames[name]) for name, table in tables.items() if name in frames),
            Section("How sure", _how(figures)),
        ]

    def pictures(self) -> Pictures:
        from sim.report.plots.analysis.war_forecast import draw_items

        return {"polls_ahead": draw_items(self.figures, self.frames["items"], self.scenario)}


def answer_lines(figures: Figures, frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """An end of the fighting, the events counted, and the polls of the last month."""
    lines = [_ending(figures, frames["chances"])] if "chances" in frames else []
    if "counts" in frames:
        last = frames["counts"].groupby("of", sort=False).tail(1)
        lines += [_number(figures, row) for row in last.to_dict("records")]
    lines.append(_polls(figures, frames["items"]))
    return [line for pair in ((line, "") for line in lines) for line in pair][:-1]


def _ending(figures: Figures, table: pd.DataFrame) -> str:
    parts = []
    for day in figures["by"]:
        own = table[(table["by"] == day) & (table["event"] == "either")].set_index("model")
        parts.append(
            f"by {day} {_per_cent(own.loc[EVERYTHING, 'chance'])} "
            f"(as often as in all the war: {_per_cent(own.loc[RECORD, 'chance'])})"
        )
    return f"The chance that a settlement or a ceasefire ends the fighting is {listed(parts)}."


def _number(figures: Figures, row: Mapping[Any, Any]) -> str:
    title = figures["counts"][row["of"]]
    line = (
        f"{title} by {row['by']}: at least one with a chance of {_per_cent(row['any'])}, "
        f"{row['q50']:.0f} in the middle ({row['q05']:.0f} to {row['q95']:.0f}, 90 %)"
    )
    if row["of"] in figures["sizes"]:
        line += (
            f"; {row['total_q50']:,.0f} in all ({row['total_q05']:,.0f} to "
            f"{row['total_q95']:,.0f}): {within(figures['sizes'][row['of']])}"
        )
    return f"{line}."


def _polls(figures: Figures, table: pd.DataFrame) -> str:
    month = table["month"].iloc[-1]
    own = table[(table["model"] == EVERYTHING) & (table["month"] == month)]
    parts = [
        f"\u201c{figures['items'][row['item']]}\u201d {row['q50']:.0f} % ({row['q05']:.0f} to "
        f"{row['q95']:.0f}; last {row['last']:.0f})"
        for row in own.to_dict("records")
    ]
    return f"If asked in {month}: {listed(parts)}."


def _per_cent(chance: float) -> str:
    return percent(chance, places=1 if chance < 0.095 else 0)


def _chances(figures: Figures, table: pd.DataFrame) -> Section:
    rows = [
        (
            row["event"],
            row["by"],
            row["model"],
            percent(row["chance"], row["chance ±"], 2),
        )
        for row in table.sort_values(["event", "by"], kind="stable").to_dict("records")
    ]
    lines = [
        "Everything: all mechanisms, as the record leaves them; none: no mechanism acts; rate of "
        "the record: the frequency over the whole war, which is none, combined with Jeffreys' "
        "prior. Meetings come "
        f"as in {figures['as_in']}, {figures['meetings_a_month']:.2f} a month. ± is 95 % of the "
        "Monte Carlo error."
    ]
    return Section("An end of the fighting", lines, ("", "by", "model", "chance"), rows)


def _counts(figures: Figures, table: pd.DataFrame) -> Section:
    rows = [
        (
            figures["counts"][row["of"]],
            row["by"],
            f"{row['expected']:.2f}",
            _per_cent(row["any"]),
            f"{row['q50']:.0f} ({row['q05']:.0f} to {row['q95']:.0f})",
            f"{row['total_q50']:,.0f} ({row['total_q05']:,.0f} to {row['total_q95']:,.0f})"
            if row["of"] in figures["sizes"]
            else "-",
        )
        for row in table.to_dict("records")
    ]
    lines = ["From counts of the record alone, where older counts weigh less; 90 % in brackets."]
    columns = ("", "by", "expected", "any", "number", "in all")
    return Section("Events counted", lines, columns, rows)


def _items(figures: Figures, table: pd.DataFrame) -> Section:
    rows = [
        (
            figures["items"][row["item"]] if row["model"] == EVERYTHING else "",
            row["month"],
            row["model"],
            f"{row['last']:.0f}",
            f"{row['q50']:.1f} ({row['q25']:.1f} to {row['q75']:.1f})",
            f"{row['q05']:.1f} to {row['q95']:.1f}",
            "seen" if row["seen"] else "",
        )
        for row in table.sort_values(["item", "month"], kind="stable").to_dict("records")
    ]
    lines = [
        "What a poll of the item's usual size would say in the middle of the month, including its "
        "own error, in per cent. Seen: somebody who built this had already seen that wave."
    ]
    columns = ("", "month", "model", "last", "median (50 %)", "90 %", "")
    return Section("Polls", lines, columns, rows)


def _how(figures: Figures) -> list[str]:
    converged = "" if figures["is_converged"] else " NOT CONVERGED: nothing here can be relied on."
    lines = [
        f"As of {figures['record_to']}: no figure uses anything later. Assumed for the time "
        f"after: each series of the record stays at its mean of {figures['as_in']}.",
        f"{figures['runs']:,} wars with mechanisms together and {figures['runs_alone']:,} of none, "
        f"worth {figures['effective']:,.0f}; tail {figures['tail']:.2f} (0.7 is too heavy); seed "
        f"{figures['seed']}.{converged}",
        "To see how good such forecasts of polls would have been: sim weigh.",
    ]
    seen = [f"{name} {', '.join(months)}" for name, months in figures["seen"].items()]
    if seen:
        lines.append(f"Waves seen before this was built, in no fit: {'; '.join(seen)}.")
    return lines
