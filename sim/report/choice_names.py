"""Names in choices and games: objectives, players, budgets, outcomes."""

import pandas as pd

from sim.render.document import Figures
from sim.report.numbers import number, unit_of
from sim.report.words import within


def objective_unit(figures: Figures, objective: str) -> str:
    """The unit of an objective: that of its column, or a share of the wars."""
    return "share" if figures["objectives"][objective]["happens"] else unit_of(objective)


def objective_title(figures: Figures, objective: str) -> str:
    """The title of an objective, or its name made readable."""
    return str(figures["objectives"][objective]["title"] or objective.replace("_", " "))


def player_names(figures: Figures) -> list[str]:
    """The names of the players within a sentence."""
    titles = (player["title"] or name for name, player in figures["players"].items())
    return [within(title) if title.startswith("The ") else title for title in titles]


def budgets_in_words(figures: Figures, budget: Figures) -> str:
    """Both budgets in words; empty if neither player has one."""
    known = [
        f"{number(usd, 'USD')} of {name}"
        for usd, name in zip(budget["budgets_usd"], player_names(figures), strict=True)
        if usd is not None
    ]
    return " against ".join(known)


def outcome_of(figures: Figures, side: int = 0) -> str:
    """The outcome that a player wants."""
    return str(list(figures["players"].values())[side]["outcome"])


def outcome_title(figures: Figures, side: int = 0) -> str:
    """The title of the outcome that a player wants."""
    player = list(figures["players"].values())[side]
    return str(player["outcome_title"] or player["outcome"].replace("_", " "))


def of_budget(figures: Figures, place: int, mixes: pd.DataFrame) -> pd.DataFrame:
    """The rows of one pair of budgets."""
    budgets = figures["budgets"]
    if len(budgets) == 1:
        return mixes
    starts = [sum(_rows(budget) for budget in budgets[:k]) for k in range(len(budgets) + 1)]
    return mixes.iloc[starts[place] : starts[place + 1]]


def _rows(budget: Figures) -> int:
    return sum(map(len, budget["mixes"]))
