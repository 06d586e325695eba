"""Two beliefs that see the same battles: how fast their gap closes, and when Z stays the same."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import Case, Check, Loader, of_identity
from sim.evidence.verify.courses import course, fought
from sim.scenario.sample import Sample

_SOURCE = "slantchev2003, smith_stam2004"
_OPEN = 1e-9  # a zone wider than rounding errors
_ANY = "{value: 0.5, low: 0.1, high: 0.9, law: uniform, assumed: any}"
_FIRM = "{value: 20, low: 5, high: 40, law: uniform, assumed: any}"


def belief_gap(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Beta(8, 2) against Beta(2, 8): after n battles 6 / (10 + n) apart, whoever won them."""
    war = fought(load(), runs, seed)
    underdogs = 0.8 + course(war, "h_learning_u")
    favourites = 0.8 + course(war, "h_learning_d")
    battles = np.arange(1.0, len(underdogs) + 1.0)[:, None]
    expected = np.broadcast_to(6.0 / (10.0 + battles), underdogs.shape)
    gap = underdogs + favourites - 1.0
    yield of_identity("belief gap", _SOURCE, expected.ravel(), gap.ravel())
    opens = 1.0 + np.argmax(course(war, "z") > _OPEN, axis=0)
    first = np.full(runs, 15.0)
    yield of_identity("battles until the zone is open", _SOURCE, first, opens)


def common_prior(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Sides with a common prior and common news never move Z, whatever they learn."""
    scenario = load(
        f"minds.underdog.p_win={_ANY}",
        f"minds.underdog.confidence={_FIRM}",
        "events.blow.foreseen=false",
    )
    sample = Sample(scenario, seed, np.arange(runs))
    shared = {
        "minds.favourite.p_win": 1.0 - sample["minds.underdog.p_win"],
        "minds.favourite.confidence": sample["minds.underdog.confidence"],
    }
    war = fought(scenario, runs, seed, shared)
    z = course(war, "z")
    yield of_identity("Z with a common prior and news", _SOURCE, np.full(z.size, 0.25), z.ravel())
    learned = course(war, "h_learning_u") + course(war, "h_learning_d")
    nothing = np.zeros(learned.size)
    yield of_identity("what one learns the other unlearns", _SOURCE, nothing, learned.ravel())


CHECKS = (
    Check("learning", belief_gap, runs=200),
    Check("learning", common_prior, runs=200),
)
