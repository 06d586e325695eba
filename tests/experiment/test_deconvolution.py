"""Shares of true effects behind noisy estimates: right whatever the number of wars."""

import numpy as np
import pytest
from scipy import optimize, stats

from sim.experiment.statistics.deconvolution import Estimates, deconvolve

REGION = 0.005
SHARE, CHANCE = 0.02, 0.05  # the search for weights ends near the top, not on it
_HOLDS = {
    "first above": lambda effects: effects[:, 0] > REGION,
    "first below": lambda effects: effects[:, 0] < -REGION,
    "second above": lambda effects: effects[:, 1] > REGION,
    "second below": lambda effects: effects[:, 1] < -REGION,
    "both above": lambda effects: (effects > REGION).all(axis=1),
}


def effects(count, luck):
    """True effects: the first still in three of ten, the second in three clusters."""
    first = np.where(luck.random(count) < 0.3, 0.0, luck.normal(0.02, 0.02, count))
    second = luck.choice([-0.03, 0.0, 0.05], count, p=[0.25, 0.1, 0.65])
    return np.c_[first, second + luck.normal(0.0, 0.01, count)]


def estimates(true, wars, skewed, luck):
    """Means over so many wars, whose effects scatter more than the true ones do."""
    means, errors = np.empty_like(true), np.empty((len(true), 2, 2))
    for k, effect in enumerate(true):
        noise = luck.exponential(size=(wars, 2)) - 1.0 if skewed else luck.normal(size=(wars, 2))
        noise[:, 1] = 0.8 * noise[:, 1] - 0.6 * noise[:, 0]
        found = effect + noise * [0.03 * (effect[0] != 0.0), 0.1]
        means[k], errors[k] = found.mean(axis=0), np.cov(found.T) / wars
    return Estimates(means, errors, np.full(len(true), float(wars)))


@pytest.mark.parametrize("skewed", [False, True])
@pytest.mark.parametrize("wars", [16, 64, 448])
def test_shares_do_not_hang_on_the_number_of_wars(wars, skewed):
    luck = np.random.default_rng(1)
    true = effects(1000, luck)
    behind = deconvolve(estimates(true, wars, skewed, luck), REGION)
    for name, holds in _HOLDS.items():
        assert behind.chance(holds).mean() == pytest.approx(holds(true).mean(), abs=0.065), name


def test_counting_what_is_told_from_zero_does_hang_on_it():
    """What the shares replace: the count of effects beyond two errors grows with the wars."""
    luck = np.random.default_rng(1)
    true = effects(500, luck)
    told = []
    for wars in (16, 448):
        found = estimates(true, wars, False, luck)
        told.append((found.means[:, 1] > 1.96 * np.sqrt(found.errors[:, 1, 1])).mean())
    assert told[1] - told[0] > 0.15


def test_a_chance_is_the_share_of_those_that_have_it():
    """Calibrated: of effects with a chance of some .7 to be above, some 70 % are."""
    luck = np.random.default_rng(3)
    true = effects(3000, luck)
    chance = deconvolve(estimates(true, 24, False, luck), REGION).chance(_HOLDS["second above"])
    above = _HOLDS["second above"](true)
    for low, high in ((0.02, 0.3), (0.3, 0.7), (0.7, 0.98)):
        part = (chance > low) & (chance < high)
        assert part.sum() > 100
        assert above[part].mean() == pytest.approx(chance[part].mean(), abs=0.1)


def test_estimates_are_drawn_together():
    luck = np.random.default_rng(5)
    true = effects(800, luck)
    found = estimates(true, 16, False, luck)
    behind = deconvolve(found, REGION)
    for place in (0, 1):
        shrunk = behind.effects(place)
        missed = [np.square(e - true[:, place]).mean() for e in (shrunk, found.means[:, place])]
        assert missed[0] < 0.9 * missed[1]


def test_a_sample_too_small_for_an_error_says_nothing():
    luck = np.random.default_rng(6)
    found = estimates(effects(300, luck), 32, False, luck)
    counts = found.counts.copy()
    counts[0], found.means[0], found.errors[0] = 1.0, 0.2, 0.0
    chance = deconvolve(found._replace(counts=counts), REGION).chance(_HOLDS["second above"])
    assert chance[0] == pytest.approx(chance[1:].mean(), abs=0.2)
    assert chance[0] < 0.95


def test_a_second_look_starts_from_the_first():
    luck = np.random.default_rng(7)
    found = estimates(effects(400, luck), 32, False, luck)
    first = deconvolve(found, REGION)
    again = deconvolve(found, REGION, first)
    for holds in _HOLDS.values():
        assert again.chance(holds).mean() == pytest.approx(first.chance(holds).mean(), abs=0.01)


@pytest.mark.parametrize("wars", [6, 20])
def test_a_small_case_is_that_of_a_plain_search(wars):
    """One side, forty theories: weights on the grid by SciPy's search, chances by Bayes."""
    luck = np.random.default_rng(wars)
    true = luck.choice([-0.02, 0.0, 0.012], 40, p=[0.3, 0.3, 0.4])
    each = true[:, None] + luck.normal(0.0, 0.02, (40, wars))
    mean, error = each.mean(axis=1), stats.sem(each, axis=1)
    side = [REGION * step for step in (0.25, 0.75, 1.25, 1.75)]
    while side[-1] < abs(mean).max():
        side.append(1.3 * side[-1])
    atoms = np.array(
        [-one for one in side if one <= side[np.searchsorted(side, -mean.min())]][::-1]
        + [one for one in side if one <= side[np.searchsorted(side, mean.max())]]
    )
    scale = np.hypot(error, REGION / 50)
    likely = stats.t(wars - 1, atoms, scale[:, None]).pdf(mean[:, None])
    found = optimize.minimize(
        lambda w: -np.log(likely @ w).mean(), np.full(len(atoms), 1 / len(atoms)),
        jac=lambda w: -(likely / (likely @ w)[:, None]).mean(axis=0), bounds=[(0, 1)] * len(atoms),
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1}, method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-12},
    )  # fmt: skip
    assert found.success
    chances = likely * found.x / (likely @ found.x)[:, None]
    behind = deconvolve(
        Estimates(mean[:, None], error[:, None, None] ** 2, np.full(40, wars)), REGION
    )
    (mixture,) = behind.mixtures
    assert mixture.atoms[:, 0] == pytest.approx(atoms)
    assert np.log(likely @ mixture.weights).mean() > np.log(likely @ found.x).mean() - 1e-3
    for holds in (lambda x: x > REGION, lambda x: x < -REGION, lambda x: abs(x) < 2 * REGION):
        told = behind.chance(lambda atoms, holds=holds: holds(atoms[:, 0]))
        assert told == pytest.approx(chances @ holds(atoms), abs=CHANCE)
        assert told.mean() == pytest.approx(found.x @ holds(atoms), abs=SHARE)
    assert behind.effects(0) == pytest.approx(chances @ atoms, abs=CHANCE * 0.02)
