"""Policies of a side: tempo, retaliation, and aid that follows its prospects."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from sim.evidence.verify.case import (
    Case,
    Check,
    Loader,
    of_counts,
    of_identity,
    of_share,
)
from sim.evidence.verify.courses import course, fought
from sim.evidence.verify.raids import tables
from sim.scenario.sample import Sample
from sim.scenario.schema import figures

_SILENT = "sides.favourite.retaliation.p_answers=0"
_AT_REST = "sides.underdog.tempo.per_day=0"


def tempo(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Raids on random days, more after a failed meeting: two binomial distributions."""
    scenario = load(_SILENT)
    flown = tables(scenario, runs, seed)
    figure, policy = dict(figures(scenario)), "sides.underdog.tempo"
    per_day, after = (figure[f"{policy}.{name}"].value for name in ("per_day", "after_breakdown"))
    raids, meets = flown["raids"], int(flown["meetings"]["day"].iloc[0])
    for name, chosen, days, factor in (
        ("before a breakdown", raids["day"] <= meets, meets + 1, 1.0),
        ("after a breakdown", raids["day"] > meets, scenario.days - meets - 1, after),
    ):
        p = -np.expm1(-per_day * factor)
        counts = np.bincount(raids["run"][chosen], minlength=runs)
        law = stats.binom(days, p).pmf(np.arange(days + 1))
        yield of_counts(
            f"tempo {name}", "definition", f"Binomial({days}, {p:.7g})", law, np.bincount(counts)
        )


def retaliation(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A blow is answered with a given chance, after a delay of at least one whole day."""
    scenario = load(_AT_REST)
    raids = tables(scenario, runs, seed)["raids"]
    p_answers = dict(figures(scenario))["sides.favourite.retaliation.p_answers"].value
    yield of_share("retaliation, answered", "definition", p_answers, len(raids), runs)
    drawn = Sample(scenario, seed, np.arange(runs))["sides.favourite.retaliation.delay"]
    struck = scenario.day_of(scenario.events["blow"].date)
    due = struck + np.maximum(1.0, np.round(drawn[raids["run"]]))
    got = raids["day"].to_numpy(np.float64)
    yield of_identity("retaliation, its day", "definition", due, got)
    law = np.array([0.0, 0.15, *[0.1] * 8, 0.05])  # uniform on 0 to 10 days, rounded, at least 1
    seen = np.bincount((got - struck).astype(np.int64))
    yield of_counts("retaliation, its delay", "definition", "rounded uniform", law, seen)


def aid(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Stock grows with aid that follows yesterday's prospects, which battles on the front move."""
    learns = ("mechanisms.learning.on=true", "events.blow.foreseen=true")
    war = fought(load(_AT_REST, _SILENT, *learns), runs, seed)
    sample, path = war.sample, "sides.underdog"
    share, response, produced, stock = (
        sample[f"{path}.{name}"]
        for name in ("aid.share", "aid.response", "arsenal.drone.production", "arsenal.drone.stock")
    )
    moves = np.diff(
        course(war, "share_held_u") * sample["front.rungs"],
        axis=0,
        prepend=sample["front.start"][None, :],
    )
    won = np.cumsum(np.round(moves) > 0.0, axis=0) * sample["mechanisms.learning.weight"]
    lost = np.cumsum(np.round(moves) < 0.0, axis=0) * sample["mechanisms.learning.weight"]
    n, start = sample["minds.underdog.confidence"], sample["minds.underdog.p_win"]
    counted = (1.0 - sample["mechanisms.learning.discount"]) * lost
    expects = (start * n + won) / (n + won + counted)
    prospects = np.vstack([np.ones(runs), expects[:-1] / start])
    grown = produced * (1.0 - share + share * prospects**response).sum(axis=0)
    got = war.attackers["underdog"].stock["drone"]
    yield of_identity("aid follows prospects", "definition", stock + grown, got)


CHECKS = (
    Check("policies", tempo, runs=2_000),
    Check("policies", retaliation, runs=2_000),
    Check("policies", aid, runs=200),
)
