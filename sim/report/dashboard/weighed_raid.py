"""The effect of the raid in the current wars, beside its chances given the record of the war.

The chances are those of the shipped weighing (`sim weigh`), for the raid of its headline, and are
shown only with wars of that scenario.
"""

import functools
import json
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.statistics.estimate import share
from sim.report.dashboard.key_numbers import flown
from sim.report.dashboard.results import Results
from sim.report.numbers import chance, percent
from sim.scenario.schema import snake
from sim.scenario.shipped import shipped

Bools = NDArray[np.bool_]


class Weighed(NamedTuple):
    """The chances of each effect by law (`before` the record, `after` it): value, error (95 %).

    `region` is the effect, in shares of the stakes, up to which a change counts as none.
    """

    scenario: str
    region: float
    chances: dict[str, dict[str, tuple[float, float]]]


class Row(NamedTuple):
    """An effect of the raid: in these wars, given the record, and before it."""

    label: str
    here: str
    after: str
    before: str


class Beside(NamedTuple):
    """The rows of the table, and the effect up to which a change counts as none."""

    rows: list[Row]
    region: float


@functools.cache
def weighed() -> Weighed:
    """The chances for the raid of the shipped weighing, on the raid's day."""
    folder = shipped("results") / "weighing"
    told = json.loads((folder / "answer.json").read_text(encoding="utf-8"))["headline"]
    table = pd.read_csv(folder / "headline.csv")
    of_day = table[table["moment"] == table["moment"].iloc[0]].set_index(["law", "of"])
    chances = {}
    for law in ("before", "after"):
        both = told[law]["both"]
        own = of_day.loc[law]
        chances[law] = {of: (row["harder"], row["harder ±"]) for of, row in own.iterrows()}
        chances[law]["both"] = both["value"], both["error"]
    return Weighed(told["scenario"], told["region"], chances)


def beside_the_record(now: Results) -> Beside | None:
    """The effects of the raid in focus; None for another scenario, or if it never flew."""
    scenario, told = now.scenario, weighed()
    raid = scenario.focus
    if scenario.name != told.scenario or raid is None or not flown(now, raid).any():
        return None
    moved = _moved(now, raid, told.region)
    underdog, favourite = scenario.titles
    labels = {
        "r_u": f"hardened {underdog}",
        "r_d": f"hardened {favourite}",
        "both": "hardened both",
        "z": "narrowed the zone",
    }
    rows = [
        Row(
            label,
            chance(share(moved[of])),
            *(percent(*told.chances[law][of]) for law in ("after", "before")),
        )
        for of, label in labels.items()
    ]
    return Beside(rows, told.region)


def _moved(now: Results, raid: str, region: float) -> dict[str, Bools]:
    """For each effect, the wars with the raid in which its day moved it by more than the region."""
    name, among = snake(raid), flown(now, raid)
    changes = {
        of: (now.outcome(f"{of}_after_{name}") - now.outcome(f"{of}_before_{name}"))[among]
        for of in ("r_u", "r_d", "z")
    }
    moved = {of: changes[of] > region for of in ("r_u", "r_d")}
    return moved | {"both": moved["r_u"] & moved["r_d"], "z": changes["z"] < -region}
