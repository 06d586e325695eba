"""Choices of two sides that answer each other: value, both mixed strategies, who commits first."""

import math
from collections.abc import Mapping
from typing import ClassVar

import pandas as pd

from sim.render.document import Figures, Section
from sim.report.answers.choice import price_list, sources_of_prices
from sim.report.answers.kind import Kind, Pictures
from sim.report.choice_names import (
    budgets_in_words,
    of_budget,
    outcome_of,
    outcome_title,
    player_names,
)
from sim.report.numbers import number, percent, span, unit_of, with_error

_MOST_OPTIONS = 10


class Game(Kind):
    """What two sides choose if each expects the other to choose well."""

    kind = "game"
    heading = "Who plays what"
    files_of: ClassVar = {"mixes": "mixes.csv", "pairs": "pairs.csv"}
    shown = ("mixes",)
    words_in = ("player", "option")

    def sections(self) -> list[Section]:
        """The value for each pair of budgets, the mixes, and how certain they are."""
        figures, lines = self.figures, [self.figures["question"]]
        for budget in figures["budgets"]:
            lines += ["", *_answer(figures, budget)]
        places, titles = range(len(figures["budgets"])), player_names(figures)
        prices: list[Section] = []
        for name, player in zip(titles, figures["players"].values(), strict=True):
            prices += price_list(player["prices"], player["years"], f" of {name}")
        return [
            Section("Answer", lines),
            *(_mixes(figures, place, self.frames["mixes"]) for place in places),
            *prices,
            *sources_of_prices(figures["sources"]),
            Section("How sure", _how(figures)),
        ]

    def budget_sections(self, place: int) -> list[Section]:
        """The answer for one pair of budgets."""
        figures = self.figures
        answer = Section("", _answer(figures, figures["budgets"][place]))
        return [answer, _mixes(figures, place, self.frames["mixes"])]

    def budget_title(self, place: int) -> str:
        """A pair of budgets as text."""
        return budgets_in_words(self.figures, self.figures["budgets"][place]) or "any"

    def pictures(self) -> Pictures:
        from sim.report.plots.analysis.game import draw_mixes

        return {"mixes": draw_mixes(self.figures, self.frames["mixes"], self.title)}


def _answer(figures: Figures, budget: Figures) -> list[str]:
    first, second = player_names(figures)
    money = budgets_in_words(figures, budget)
    start = f"{money}: " if money else ""
    mixes = [_played(mix) for mix in budget["mixes"]]
    if not figures["is_opposed"]:
        return [start + _not_opposed(figures, budget, mixes)]
    unit = unit_of(outcome_of(figures))
    seen = budget["seen_first"]
    return [
        f"{start}{outcome_title(figures)} {number(budget['value'], unit)} "
        f"({span(budget, unit)}, 95 %) if both play well: {first} {mixes[0]}, {second} {mixes[1]}. "
        f"Against the other's mix {budget['as_good'][0]:,} of {budget['options'][0]:,} options of "
        f"{first} and {budget['as_good'][1]:,} of {budget['options'][1]:,} of {second} do as well, "
        "as far as these wars tell.",
        f"If the choice of {first} is seen, its best single option is {seen['option']}; the answer "
        f"of {second} is {seen['answer']}: {with_error(seen['value'], seen['error'], unit)}.",
    ]


def _not_opposed(figures: Figures, budget: Figures, mixes: list[str]) -> str:
    first, second = player_names(figures)
    parts = []
    for side, (name, mix) in enumerate(zip((first, second), mixes, strict=True)):
        unit = unit_of(outcome_of(figures, side))
        parts.append(
            f"{name} plays {mix}: {outcome_title(figures, side)} "
            f"{number(budget['values'][side], unit)}, and would gain at most "
            f"{number(budget['gain_by_deviating'][side], unit)} by another option"
        )
    bound, unit = budget["bound"], unit_of(outcome_of(figures))
    return (
        f"the wants are not opposed; play by best answers led to: {'; '.join(parts)}. If {first} "
        f"is bound to a mix that {second} sees: {_played(bound['mix'])}, answered with "
        f"{bound['answer']}, {number(bound['value'], unit)}."
    )


def _played(mix: Mapping[str, float]) -> str:
    """A mixed strategy as text."""
    if len(mix) == 1:
        return f"always {next(iter(mix))}"
    return ", ".join(f"{option} in {percent(chance)}" for option, chance in mix.items())


def _mixes(figures: Figures, place: int, mixes: pd.DataFrame) -> Section:
    titles = dict(zip(figures["players"], player_names(figures), strict=True))
    shown = of_budget(figures, place, mixes).groupby("player", sort=False).head(_MOST_OPTIONS)
    rows = [
        (
            titles[row["player"]],
            row["option"],
            percent(row["chance"], None if math.isnan(row["±"]) else row["±"]),
        )
        for row in shown.to_dict("records")
    ]
    money = budgets_in_words(figures, figures["budgets"][place])
    heading = f"The options played, {money}" if money else "The options played"
    lines = [
        "The probability with which each side plays an option in equilibrium; another mix may be "
        "as good."
    ]
    return Section(heading, lines, ("", "option", "chance"), rows)


def _how(figures: Figures) -> list[str]:
    options = [player["options"] for player in figures["players"].values()]
    how_sure = (
        "The interval holds the value with 95 %: mixes found on every other war, judged on the "
        "rest against every answer. The error of a probability is that of wars drawn anew. The "
        "best single option is chosen and judged on the same wars, so its worth is a little too "
        "good."
    )
    if not figures["is_opposed"]:
        how_sure = (
            "Play by best answers need not settle: what each would gain by another option shows "
            "how far it did. All pairs were simulated."
        )
    return [
        f"{options[0]:,} options against {options[1]:,}: of {figures['pairs']:,} pairs "
        f"{figures['pairs_fought']:,} were fought, {figures['runs']:,} wars each, seed "
        f"{figures['seed']}; war k has the same luck, figures and prices for each pair.",
        how_sure,
    ]
