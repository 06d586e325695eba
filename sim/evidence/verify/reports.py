"""What is reported of a raid and what is believed: weighted means of three figures."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_identity
from sim.evidence.verify.courses import course, fought
from sim.war.model import War

_IN_ALL = 100.0  # aeroplanes


def reports(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Claims, admissions and beliefs, each computed from the number of hits."""
    war = fought(load(), runs, seed)
    sample, table = war.sample, war.recorder.runs()
    hit = table["raid_planes_hit"].astype(np.float64)
    over, under = sample["reports.underdog.overclaim"], sample["reports.favourite.underclaim"]
    yield of_identity("claim", "definition", hit * over, table["raid_claimed_hit"])
    yield of_identity("admission", "definition", hit * under, table["raid_admitted_hit"])

    loss = hit / _IN_ALL
    believed = _believed(war, "favourite", "leader", loss, under * loss, over * loss)
    felt = -course(war, "h_cost_d")[0]
    yield of_identity("belief of the leader who is struck", "definition", believed, felt)

    believed = _believed(war, "underdog", "leader", loss, over * loss, under * loss)
    stirred = -np.expm1(-believed)
    seen = -course(war, "h_turbulence_u")[0]
    yield of_identity("belief of the leader who struck", "definition", stirred, seen)

    believed = _believed(war, "favourite", "public", loss, under * loss, over * loss)
    a = sample["minds.favourite.foresight"] + 1.0
    b = (a - 1.0) * sample["minds.favourite.expected_loss"]
    digits = a * np.log10(1.0 + believed / b)
    surprised = course(war, "h_rally_d")[0]
    yield of_identity("belief of the public, by its surprise", "shannon1948", digits, surprised)

    worthless = fought(load("assets.plane.value=0"), runs, seed)
    eve = worthless.recorder.runs()["r_d_start"]
    name = "a raid on what is worth nothing moves nobody"
    yield of_identity(name, "definition", eve, course(worthless, "r_d")[-1])


def _believed(
    war: War, side: str, holder: str, truth: Floats, own: Floats, enemy: Floats
) -> Floats:
    """The weighted mean of the truth, a side's own report and the enemy's, shape (runs,)."""
    weights = np.array(
        [
            war.sample[f"reports.{side}.{holder}.{part}"]
            for part in ("truth", "own_report", "enemy_report")
        ]
    )
    mean: Floats = (weights * np.array([truth, own, enemy])).sum(axis=0) / weights.sum(axis=0)
    return mean


CHECKS = (Check("reports", reports, runs=500),)
