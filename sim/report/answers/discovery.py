"""Scenario discovery for the screen: the wars in which something happens, in plain words."""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import pandas as pd

from sim.render.document import Figures, Section
from sim.report.answers.analysis import Analysis
from sim.report.answers.kind import Pictures
from sim.report.numbers import number, percent

_MOST_ROWS = 80


class Discovery(Analysis):
    """The wars in which something happens."""

    kind = "discovery"
    files_of: ClassVar = {"trajectory": "trajectory.csv", "rules": "rules.csv"}
    shown = ("trajectory", "rules")
    asks = "With which figures does {when} hold?"
    made_by = ("scenario", "when", "method", "runs", "seed")

    @property
    def table(self) -> pd.DataFrame:
        """The steps of PRIM, or the rules of a tree."""
        return next(iter(self.frames.values()))

    def sections(self) -> list[Section]:
        """The answer first, then each box or rule, the peeling trajectory, and the uncertainty."""
        figures = self.figures
        if figures["method"] == "cart":
            parts = [_rules(figures)] if figures["rules"] else []
        else:
            parts = [_box(figures, number, box) for number, box in enumerate(figures["boxes"], 1)]
            parts += _trajectories(self.table)
        return [Section("Answer", _headline(figures)), *parts, Section("How sure", _how(figures))]

    def about(self, where: str = "") -> str:
        return f"In which wars {self.figures['when']} ({self.figures['method']}{where})"

    def pictures(self) -> Pictures:
        from sim.report.plots.analysis.discovery import draw_discovery

        return {"discovery": draw_discovery(self.figures, self.table)}


def limits_text(figures: Figures, box: Mapping[str, Sequence[float | None]]) -> list[str]:
    """The restrictions of a box: each figure's limits with their unit, and its whole range."""
    texts = []
    for path, words in zip(box, _short(figures, box), strict=True):
        figure = figures["figures"][path]
        whole = f"{_value(figure['low'], figure)} to {_value(figure['high'], figure)}"
        texts.append(f"{words} (of {whole})")
    return texts


def _short(figures: Figures, box: Mapping[str, Sequence[float | None]]) -> list[str]:
    return [f"{path} {_limits(figures['figures'][path], *ends)}" for path, ends in box.items()]


def _limits(figure: Figures, low: float | None, high: float | None) -> str:
    if figure["is_count"]:
        low = None if low is None else math.ceil(low)
        high = None if high is None else math.floor(high)
    unit = "" if figure["unit"] == "1" else f" {figure['unit']}"
    if low is None:
        return f"at most {_value(high, figure)}{unit}"
    if high is None:
        return f"at least {_value(low, figure)}{unit}"
    return f"from {_value(low, figure)} to {_value(high, figure)}{unit}"


def _value(value: float | None, figure: Figures) -> str:
    return number(value, "USD" if figure["unit"] == "USD" else "")


def _headline(figures: Figures) -> list[str]:
    lines = [
        f"{figures['when']} in {percent(figures['share'])} of {figures['runs']:,} wars.",
    ]
    if not figures["kept"]:
        return [
            *lines,
            f"None of {figures['looked_at']} figures differs between the wars with and without: it "
            "is luck, or more runs are needed.",
        ]
    rules = figures["boxes"] or figures["rules"][:1]
    found = [rule for rule in rules if rule["box"]]
    if not found:
        return [*lines, "Nothing found on one half of the wars is confirmed by the other half."]
    for place, rule in enumerate(found):
        where = " and ".join(limits_text(figures, rule["box"]))
        other = "" if place == 0 else "Otherwise, "
        lines.append(
            f"{other}{'W' if place == 0 else 'w'}here {where}: it happens in "
            f"{_sure(rule, 'density')} of such wars, which hold {_sure(rule, 'coverage')} "
            f"of all wars in which it happens."
        )
    if not any(rule.get("is_dense_enough", True) for rule in found):
        densest = max(range(len(found)), key=lambda place: found[place]["density"])
        which = f"; box {densest + 1} is the densest" if len(found) > 1 else ""
        lines.append(f"No box reaches the density of {figures['threshold']:g} asked for{which}.")
    return lines


def _sure(rule: Figures, name: str) -> str:
    """A share of a box or rule, with its error if there is one."""
    return percent(rule[name], rule.get(f"{name}_error"))


def _box(figures: Figures, place: int, box: Figures) -> Section:
    rows = [
        (words, f"{box['quasi_p'][path]:.2g}")
        for path, words in zip(box["box"], limits_text(figures, box["box"]), strict=True)
    ]
    among = "of all wars" if place == 1 else "of the wars outside the boxes before it"
    lines = [
        f"Coverage {_sure(box, 'coverage')}, density {_sure(box, 'density')}, mass "
        f"{percent(box['mass'])} ({box['wars']:,} wars); the density {among} is "
        f"{percent(box['among'])}; on the wars it was found on, coverage "
        f"{percent(box['learned']['coverage'])} and density {percent(box['learned']['density'])}."
    ]
    return Section(f"Box {place}", lines, ("restricted to", "quasi-p"), rows)


def _rules(figures: Figures) -> Section:
    names = ("density", "coverage", "mass")
    rows = [
        (
            f"rule {place}",
            *(_sure(rule, name) for name in names),
            percent(rule["learned"]["density"]),
        )
        for place, rule in enumerate(figures["rules"], 1)
    ]
    lines = [
        "The leaves of a tree of three questions, without those that the other wars do not confirm."
    ]
    lines += [
        f"Rule {place}: where {' and '.join(_short(figures, rule['box'])) or 'anything'}."
        for place, rule in enumerate(figures["rules"], 1)
    ]
    columns = ("", *names, "density learned")
    return Section("Rules", lines, columns, rows)


def _trajectories(table: pd.DataFrame) -> list[Section]:
    if table.empty:
        return []
    lines = [
        "The steps from all wars to the last box: each step peels off a tenth of the wars in it, "
        "and some are put back at the end; > marks the step taken, before pruning.",
    ]
    rows = [
        {
            "": f"{'>' if row['taken'] else ' '} box {row['box']}, step {row['step']}",
            "figures": str(row["restricted"]),
            "coverage": percent(row["coverage"]),
            "density": percent(row["density"]),
            "mass": percent(row["mass"]),
            "coverage learned": percent(row["learned coverage"]),
            "density learned": percent(row["learned density"]),
        }
        for row in table.head(_MOST_ROWS).to_dict("records")
    ]
    if len(table) > _MOST_ROWS:
        lines.append(f"The first {_MOST_ROWS} of {len(table)} steps; trajectory.csv has them all.")
    return [Section.of("The peeling trajectory", lines, rows)]


def _how(figures: Figures) -> list[str]:
    lines = [
        f"{figures['runs']:,} wars, seed {figures['seed']}, each with its own figures, the same as "
        f"sim run stores. Found on {figures['learned']:,} of them; coverage, density, mass and "
        f"quasi-p are of the {figures['judged']:,} others.",
        f"Of {figures['looked_at']} figures with a range {len(figures['kept'])} stood out from "
        "chance (1 in 100, by the distance between the wars with and without) and were examined"
        f"{': ' + ', '.join(figures['kept']) if figures['kept'] else ''}.",
        "Coverage: of all wars in which it happens, the share in the box. Density: of the wars in "
        "the box, the share in which it happens. Mass: of all wars, the share in the box. A war "
        "in two boxes counts in the first, so coverage and mass of several boxes add up.",
    ]
    missing = {name: wars for name, wars in figures["missing"].items() if wars}
    if missing:
        named = ", ".join(f"{name} in {wars:,}" for name, wars in missing.items())
        lines.append(
            f"Did not happen, so no comparison with it holds: {named} of the wars. Ask for "
            "never(...) where these count too."
        )
    if figures["method"] == "prim":
        lines.append(
            "quasi-p: the probability of so dense a box by luck if the figure did not matter. "
            "Restrictions that do not reach 5 % divided by their number were dropped."
        )
    return lines
