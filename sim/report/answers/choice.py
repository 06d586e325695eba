"""What to choose: the recommended option, the front, robustness, and what would overturn it."""

import math
from typing import ClassVar

import pandas as pd
from scipy.special import ndtri

from sim.experiment.choice.robustness import measures
from sim.render.document import Figures, Section
from sim.report.answers.kind import Kind, Pictures
from sim.report.choice_names import objective_title, objective_unit
from sim.report.numbers import number, percent, span, with_error

_MOST_OPTIONS = 12
_MOST_FIGURES = 8
_MOST_SIDE_BY_SIDE = 5
_IN_ITS_UNIT = {
    "expected_value", "undesirable_deviations", "maximin", "maximax", "hurwicz", "minimax_regret",
    "percentile_regret",
}  # fmt: skip
"""Measures that have the unit of the deciding objective."""


class Choice(Kind):
    """What to choose under uncertainty."""

    kind = "choice"
    heading = "Options"
    files_of: ClassVar = {"options": "options.csv", "worth": "worth.csv"}
    shown = ("options", "worth")
    words_in = ("option", "place", "figure")

    def sections(self) -> list[Section]:
        """For each budget the recommendation, options, robustness and value of information."""
        figures = self.figures
        lines, sections = [figures["question"]], []
        for place in range(len(figures["budgets"])):
            answer, *others = self.budget_sections(place)
            lines += ["", *answer.lines]
            sections += others
        sections += price_list(figures["prices"], figures["years"])
        sections += sources_of_prices(figures["sources"])
        return [Section("Answer", lines), *sections, Section("How sure", _how(figures))]

    def budget_sections(self, place: int) -> list[Section]:
        """The recommendation for one budget, its options, robustness and value of information."""
        figures, budget = self.figures, self.figures["budgets"][place]
        options, worth = (_of(self.frames[name], budget) for name in ("options", "worth"))
        lines = [amount(budget) + _recommended(figures, budget)]
        if budget["best"] is not None and budget["best"]["next"] is not None:
            lines.append(_overturned(figures, budget, worth))
        return [
            Section("", lines),
            _options(figures, budget, options),
            _robustness(figures, budget, options),
            *_worth(budget, worth, figures),
            _convergence(budget),
        ]

    def budget_regret(self, place: int) -> list[str]:
        """The regret of the recommended option, in words; empty if none is recommended."""
        figures, budget = self.figures, self.figures["budgets"][place]
        if budget["best"] is None:
            return []
        options = _of(self.frames["options"], budget)
        row = options[options["option"] == budget["best"]["option"]].iloc[0]
        most, tenth = (
            number(row[name], deciding_unit(figures))
            for name in ("minimax_regret", "percentile_regret")
        )
        return [
            f"Its regret, by how much the best option of the same war is better: at most {tenth} "
            f"in nine wars of ten, and {most} in the worst of the first {figures['runs']:,}."
        ]

    def budget_title(self, place: int) -> str:
        """A budget as text."""
        usd = self.figures["budgets"][place]["budget_usd"]
        return "any" if usd is None else number(usd, "USD")

    def pictures(self) -> Pictures:
        from sim.report.plots.analysis.choice import draw_front

        return {"front": draw_front(self.figures, self.frames["options"], self.title)}


def amount(budget: Figures) -> str:
    """A budget as the start of a sentence; empty if there is none."""
    return "" if budget["budget_usd"] is None else f"With {number(budget['budget_usd'], 'USD')}: "


def _of(table: pd.DataFrame, budget: Figures) -> pd.DataFrame:
    if table.empty or budget["budget_usd"] is None:
        return table
    return table[table["budget_usd"] == budget["budget_usd"]]


def _recommended(figures: Figures, budget: Figures) -> str:
    """The first sentence: what to choose, its results, and how far it is ahead."""
    best = budget["best"]
    if best is None:
        return (
            f"none of {budget['options']:,} options meets every constraint; choose a larger "
            "budget, or ask for less."
        )
    means = [
        f"{objective_title(figures, name)} "
        f"{with_error(found['mean'], found['error'], objective_unit(figures, name))}"
        for name, found in best["objectives"].items()
    ]
    text = f"choose {best['option']}: on average {', '.join(means)}"
    if best["next"] is None:
        return f"{text}; nothing else fits."
    behind = with_error(best["next"]["behind"], best["next"]["error"], deciding_unit(figures))
    place = f"is {behind} behind"
    if best["next"]["behind"] == best["next"]["error"] == 0.0:
        place = "is as good in every war"
    elif best["next"]["behind"] <= best["next"]["error"]:
        place += ", which these wars do not tell apart"
    return (
        f"{text}; the next, {best['next']['option']}, {place}, and the chance that none is better "
        f"is {_sure(best['p_best'])}."
    )


def _sure(p_best: float) -> str:
    return "over 99 %" if p_best >= 0.99 else f"at least {percent(p_best)}"


def _overturned(figures: Figures, budget: Figures, worth: pd.DataFrame) -> str:
    """The second sentence: the wars in which another is better, and what is most worth knowing."""
    decided_in = deciding_unit(figures)
    parts = []
    for rival in budget["overturned"]:
        if rival["box"] and rival["gain"] > rival["gain_error"]:
            where = " and ".join(limits(path, *ends) for path, ends in rival["box"].items())
            gain = with_error(rival["gain"], rival["gain_error"], decided_in)
            parts.append(
                f"where {where} ({percent(rival['mass'])} of the wars), {rival['option']} is "
                f"better by {gain}"
            )
    text = f"What would overturn it: {'; '.join(parts)}. " if parts else (
        f"No range of the figures was found in which {_rivals(budget)} is surely better. "
    )  # fmt: skip
    known = worth[worth["worth"] > _of_many(len(worth)) * worth["±"]]
    if len(known):
        row = known.iloc[0]
        return (
            f"{text}Most worth knowing beforehand is {row['figure']}: "
            f"{with_error(row['worth'], row['±'], decided_in)}."
        )
    return f"{text}No single figure is surely worth knowing beforehand."


def _rivals(budget: Figures) -> str:
    """The options with which the recommended one was compared."""
    rivals = budget["overturned"]
    if len(rivals) == 1:
        return str(rivals[0]["option"])
    return f"another of the {'two' if len(rivals) == 2 else 'three'} nearest options"


def _of_many(figures: int) -> float:
    """The factor by which the best of many figures must exceed its error to be significant at 95 %.

    Errors are those of single figures; of sixty that are worth nothing three would exceed theirs.
    """
    return float(ndtri(1.0 - 0.025 / max(1, figures)) / ndtri(0.975))


def limits(path: str, low: float | None, high: float | None) -> str:
    """A range of a figure as text; for an event, whether it holds."""
    if (low, high) == (0.5, None):
        return path
    if (low, high) == (None, 0.5):
        return f"not {path}"
    if low is None:
        return f"{path} is at most {number(high)}"
    return f"{path} is {number(low)} {'or more' if high is None else f'to {number(high)}'}"


def deciding_unit(figures: Figures) -> str:
    """The unit of the only objective with a weight; none if several are added up."""
    deciding = [name for name, one in figures["objectives"].items() if one["weight"]]
    one = figures["objectives"][deciding[0]]
    return (
        objective_unit(figures, deciding[0]) if len(deciding) == 1 and one["weight"] == 1.0 else ""
    )


def _options(figures: Figures, budget: Figures, table: pd.DataFrame) -> Section:
    shown = _in_order(budget, table, next(iter(figures["objectives"]))).head(_MOST_OPTIONS)
    constraints = [str(c).removesuffix(" met") for c in table if str(c).endswith(" met")]
    rows = []
    for row in shown.to_dict("records"):
        means = [
            with_error(row[name], row[f"{name} ±"], objective_unit(figures, name))
            for name in figures["objectives"]
        ]
        behind = []
        if budget["best"] is not None:
            behind = [with_error(row["behind"], row["behind ±"], deciding_unit(figures))]
        met = [percent(row[f"{name} met"], row[f"{name} met ±"]) for name in constraints]
        rows.append((row["option"], *means, *behind, *met, row["place"], f"{row['wars']:,}"))
    columns = (
        "",
        *(objective_title(figures, name) for name in figures["objectives"]),
        *(("behind the best",) if budget["best"] is not None else ()),
        *(f"{name.replace('_', ' ')} met" for name in constraints),
        "front",
        "wars",
    )
    lines = ["Mean with its Monte Carlo error; differences are of the same wars."]
    if len(table) > len(shown):
        lines.append(f"The first {len(shown)} of {len(table):,} options; options.csv has them all.")
    return Section(_heading("Options", budget), lines, columns, rows)


def _in_order(budget: Figures, table: pd.DataFrame, objective: str) -> pd.DataFrame:
    """Options by how far they are behind, the recommended one first, or else by an objective."""
    if budget["best"] is None:
        return table.sort_values(objective, kind="stable")
    is_other = table["option"] != budget["best"]["option"]
    return table.assign(is_other=is_other).sort_values(["behind", "is_other"], kind="stable")


def _robustness(figures: Figures, budget: Figures, table: pd.DataFrame) -> Section:
    """The first options that are, or may be, on the front, side by side, by each measure."""
    deciding = [name for name, one in figures["objectives"].items() if one["weight"]]
    named = {name: measure.title for name, measure in measures("large").items()}
    if "starr" in table:
        named["starr"] = "share of wars that are good enough (Starr)"
    on = table[table["place"] != "off the front"]
    on = _in_order(budget, on, deciding[0]).head(_MOST_SIDE_BY_SIDE)
    decided_in = deciding_unit(figures)
    of_losses = len(deciding) == 1 and figures["objectives"][deciding[0]]["better"] == "small"
    if of_losses:
        named["mean_variance"] = "mean-variance, its square root"
        on = on.assign(mean_variance=on["mean_variance"] ** 0.5)
    in_its_unit = _IN_ITS_UNIT | ({"mean_variance"} if of_losses else set())
    rows = [
        (words, *(_score(value, decided_in if name in in_its_unit else "") for value in on[name]))
        for name, words in named.items()
    ]
    lines = [
        f"Options on the front of {len(figures['objectives'])} objectives, or perhaps on it, "
        f"the best first, over the first {figures['runs']:,} wars, which all options have. Regret "
        "is against the best of all options in the same war; options.csv has every option."
    ]
    lines += [
        "Mean-variance of a loss is its mean, plus 1, times its standard deviation, plus 1 "
        "(mcphail2018), so less is better; its square root has the unit of the loss."
    ] * of_losses
    return Section(_heading("Robustness", budget), lines, ("", *on["option"]), rows)


def _score(value: float, unit: str) -> str:
    """A measure as text; one without a unit may have any magnitude."""
    if math.isnan(value):
        return "-"
    return number(value, unit) if unit or 1e-3 < abs(value) < 1e5 else f"{value:.3g}"


def _worth(budget: Figures, table: pd.DataFrame, figures: Figures) -> list[Section]:
    if table.empty:
        return []
    decided_in = deciding_unit(figures)
    evpi = budget["evpi"]
    rows = [
        (row["figure"], with_error(row["worth"], row["±"], decided_in))
        for row in table.head(_MOST_FIGURES).to_dict("records")
    ]
    surely = int((table["worth"] > _of_many(len(table)) * table["±"]).sum())
    lines = [
        "The average gain if one figure, and nothing else, were known before the choice is made; "
        "a gain within its error counts as none. To foresee a whole war, luck included, would be "
        f"worth {with_error(evpi['value'], evpi['error'], decided_in)}.",
        f"Of the {len(table):,} figures {surely or 'none'} {'are' if surely > 1 else 'is'} surely "
        "worth knowing, at a level of 95 % over all; of so many some exceed their error by luck.",
    ]
    heading = _heading("What it would be worth to know", budget)
    return [Section(heading, lines, ("", "worth"), rows)]


def _convergence(budget: Figures) -> Section:
    """The answers after fewer wars, which show whether the answer has settled."""
    rows = [
        {
            "wars of each option": f"{one['fewest_wars']:,}"
            if one["fewest_wars"] == one["most_wars"]
            else f"{one['fewest_wars']:,} to {one['most_wars']:,}",
            "recommended": one["best"] or "none meets every constraint",
            "on the front": f"{one['on_front']:,}",
            "open": f"{one['open']:,}",
        }
        for one in budget["convergence"]
    ]
    lines = ["The same answer after the first part of the wars, and after all of them."]
    return Section.of(_heading("Convergence", budget), lines, rows)


def price_list(prices: Figures, years: float, of: str = "") -> list[Section]:
    """Prices with their ranges and sources; empty if nothing has a price."""
    rows = [
        (
            path,
            number(price["value"], price["unit"]),
            "-" if price["low"] is None else span(price, price["unit"]),
            price["provenance"],
        )
        for path, price in prices.items()
    ]
    lines = [f"Buying is paid once, manning and rounds each of {years:g} years."]
    heading = f"Prices{of}"
    return [Section(heading, lines, ("", "each", "range", "source"), rows)] if rows else []


def sources_of_prices(sources: Figures) -> list[Section]:
    """The sources that prices cite; empty if they cite none."""
    rows = [
        (key, source["title"], source.get("date", ""), source.get("url", ""))
        for key, source in sources.items()
    ]
    return [Section("Sources of the prices", [], ("", "", "", ""), rows)] if rows else []


def _heading(words: str, budget: Figures) -> str:
    known = budget["budget_usd"]
    return words if known is None else f"{words}, {number(known, 'USD')}"


def _how(figures: Figures) -> list[str]:
    return [
        f"{figures['options']:,} options, {figures['runs']:,} wars of each and more where they "
        f"decide: {figures['wars']:,} in all, seed {figures['seed']}. War k has the same luck, "
        "figures and prices under each option.",
        "Errors come from the number of wars only. The ranges of the figures, the prices, and "
        "the chances of what is uncertain come from the file and are in no interval.",
    ]
