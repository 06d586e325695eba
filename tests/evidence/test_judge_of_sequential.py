"""The plain rival and the scores of nights one by one made a second time, with no code in common.

Sums by pandas, likelihoods and laws by SciPy's beta-binomial, a search without derivatives, scores
by their definitions over expected distances.
"""

import datetime

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats
from scipy.special import expit
from test_sequential import HEAD, rows_of, written

from sim.evidence.nights.sequential import validate_sequentially

AFTER = datetime.date(2024, 11, 5)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    file = written(tmp_path_factory.mktemp("nights") / "nights.csv", rows_of(64))
    return validate_sequentially(file, AFTER)


def table(model):
    """Day, launched and leaked of each night of some models."""
    rows = pd.DataFrame(rows_of(64), columns=HEAD)
    rows = rows[rows.model.isin(model)].assign(
        day=lambda f: f.time_end.map(lambda d: d.toordinal())
    )
    sums = rows.groupby("day")[["launched", "destroyed"]].sum()
    return [(day, r.launched, r.launched - r.destroyed) for day, r in sums.iterrows()]


def likeliest(nights, half_life):
    """b0, b1 and the log of strength by a search without derivatives."""
    day, n, k = np.array(nights, float).T
    weight = np.exp2(-(day[-1] - day) / half_life)

    def loss(b):
        p, strength = (
            np.clip(expit(b[0] + b[1] * np.log(n)), 1e-9, 1 - 1e-9),
            np.exp(np.clip(b[2], -5, 9)),
        )
        chance = stats.betabinom.logpmf(k, n, p * strength, (1 - p) * strength)
        return -(weight @ chance) + 5e-4 * ((b - [-2, 0, 2]) ** 2).sum()

    return optimize.minimize(loss, [0, 0, 2], method="Nelder-Mead",
                             options={"xatol": 1e-5, "fatol": 1e-8, "maxiter": 4000}).x  # fmt: skip


def crps_by_distance(chance, came):
    """E|X - came| - E|X - X'| / 2."""
    k = np.arange(len(chance))
    return chance @ abs(k - came) - chance @ abs(k[:, None] - k) @ chance / 2


@pytest.mark.parametrize(
    ("name", "models"), [("shahed", ["Shahed-136/131"]), ("ballistic", ["Iskander-M", "C-300"])]
)
def test_the_regression_that_forgets_is_made_again(found, name, models):
    nights = table(models)
    entry = found["classes"][name]
    told = {datetime.date.fromisoformat(row["night"]).toordinal(): row for row in entry["series"]}
    assert sorted(told) == [day for day, *_ in nights if day > AFTER.toordinal()]
    for half_life in (20, 45, 90):
        sums = []
        for k, (day, n, came) in enumerate(nights):
            if day not in told:
                continue
            b = likeliest(nights[:k], half_life)
            p, strength = expit(b[0] + b[1] * np.log(n)), np.exp(np.clip(b[2], -5, 9))
            law = stats.betabinom.pmf(np.arange(n + 1), n, p * strength, (1 - p) * strength)
            sums.append(crps_by_distance(law, came))
            assert (told[day]["launched"], told[day]["leaked"]) == (n, came)
            assert told[day][f"crps_forgetting_{half_life}"] == pytest.approx(
                sums[-1], rel=0.01, abs=5e-3
            )
        assert entry[f"crps_forgetting_{half_life}"] == pytest.approx(np.mean(sums), rel=2e-3)


def test_the_best_the_gain_and_the_goal_are_made_again(found):
    for entry in found["classes"].values():
        series = pd.DataFrame(entry["series"])
        rivals = {days: series[f"crps_forgetting_{days}"].mean() for days in (20, 45, 90)}
        assert entry["best_half_life_days"] == min(rivals, key=rivals.get)
        own, best = series.crps.mean(), min(rivals.values())
        assert entry["gain"] == pytest.approx(1 - own / best)
        met = own <= 0.95 * best and 0.86 <= entry["coverage_90"] <= 0.94
        further = [entry["horizons"][days] for days in ("7", "30")]
        met &= all(one["crps"] <= one["crps_forgetting"] for one in further)
        assert entry["goal_met"] == met
        inside = (series.leaked >= series.low_90) & (series.leaked <= series.high_90)
        assert entry["inside_90"] == pytest.approx(inside.mean())
