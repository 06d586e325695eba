"""Choices and games with known answers: robustness, value of information, allocation, play."""

from collections.abc import Iterator
from itertools import product

import numpy as np
from scipy import stats

from sim.evidence.verify.case import (
    Case,
    Check,
    Floats,
    Loader,
    of_identity,
    of_least_share,
    of_number,
)
from sim.experiment.choice import information, robustness
from sim.experiment.choice.allocation import allocated
from sim.experiment.choice.double_oracle import double_oracle
from sim.experiment.choice.matrix_game import solve, value_interval
from sim.experiment.choice.stackelberg import commitment, pure_commitment
from sim.experiment.statistics.estimate import t95

_Z95 = 1.96
_WARS = 1_000  # per estimate of the value of information
_WARS_OF_A_GAME = 40
_OPTIONS = np.array([[5.0, 5.0, 5.0, 5.0], [9.0, 7.0, 3.0, 1.0], [6.0, 8.0, 4.0, 2.0]])
_ROBUST = {
    "expected_value": [5.0, 5.0, 5.0],
    "hurwicz": [5.0, 5.0, 5.0],
    "maximin": [5.0, 1.0, 2.0],
    "maximax": [5.0, 9.0, 8.0],
    "minimax_regret": [4.0, 4.0, 3.0],
    "starr": [1.0, 0.5, 0.75],
}
"""Of three options in four wars, computed by hand; Starr's domain: 4 or more."""


_DIRECTIONS: tuple[tuple[robustness.Better, float], ...] = (("large", 1.0), ("small", -1.0))


def robust(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Three options in four wars, as gains and, with the opposite sign, as losses."""
    for better, sign in _DIRECTIONS:
        for name, expected in _ROBUST.items():
            measure = robustness.measures(better, threshold=4.0 * sign)[name]
            scores = measure.score(robustness.gains_of(sign * _OPTIONS, better))
            read = measure.read(scores, better)
            wanted = np.array(expected) * (sign if measure.is_gain else 1.0)
            title = f"robustness, {measure.title}, {better} is good"
            yield of_identity(title, "mcphail2018", wanted, read)


def allocation(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """A hundred more runs allocated to five designs, of which the smallest mean is best."""
    means = np.array([1.2, 2.1, 3.4, 4.87, 6.05])
    variances, counts = np.array([3.3, 2.0, 4.5, 5.3, 6.9]), np.array([12, 6, 5, 5, 4])
    got = allocated(-means, variances, counts, 100).astype(np.float64)
    expected = np.array([48.0, 38.0, 11.0, 2.0, 1.0])
    yield of_identity("runs for five designs", "chen_lee2010", expected, got)


def knowledge(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Two options that differ by a sum of normal figures and luck: the value of knowing each."""
    rng = np.random.Generator(np.random.Philox(seed))
    mean, weights = 0.3, np.array([1.0, 0.7])
    figures = rng.standard_normal((runs * _WARS, 2))
    difference = mean + figures @ weights + rng.standard_normal(len(figures))
    gains = np.array([np.zeros(len(figures)), difference])
    for which, title in (([0], "one figure"), ([1], "the other"), ([0, 1], "both figures")):
        found = information.of_figures(gains, figures[:, which])
        expected = _worth(mean, float(np.linalg.norm(weights[which])))
        name = f"worth of knowing {title}"
        yield of_number(name, "strong2014", expected, found.value, found.error / _Z95)
    found = information.of_everything(gains)
    expected = _worth(mean, float(np.sqrt(weights @ weights + 1.0)))
    error = found.error / t95(len(figures))
    name = "worth of foreseeing all"
    yield of_number(name, "raiffa_schlaifer1961", expected, found.value, error)


def _worth(mean: float, spread: float) -> float:
    """The unit normal loss: the value of knowing a difference before choosing."""
    away = abs(mean) / spread
    return spread * float(stats.norm.pdf(away) - away * stats.norm.sf(away))


Shares = tuple[int, ...]


def games(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Games whose values are known: Blotto, inspections, guards."""
    found = solve(blotto(4, 3))
    yield of_number("Blotto, 4 against 3, the value", "ferguson2014", 14 / 9, found.value, 0.0)
    mix = np.array([4.0, 0.0, 1.0, 0.0, 4.0]) / 9.0
    yield of_identity("Blotto, 4 against 3, the stronger's mix", "ferguson2014", mix, found.rows)
    for (strong, weak, posts), value in (
        ((3, 2, 2), 1 / 4),
        ((4, 3, 3), 2 / 9),
        ((5, 4, 3), 1 / 6),
    ):
        name = f"Blotto, {strong} against {weak} on {posts} posts"
        rows, columns = divisions(strong, posts), divisions(weak, posts)
        played = double_oracle(lambda pairs: (won(*pair) for pair in pairs), rows, columns)
        yield of_number(f"{name}, by double oracle", "hart2008", value, played.value, 0.0)
        whole = np.array([[won(row, column) for column in columns] for row in rows])
        yield of_number(f"{name}, by all pairs", "hart2008", value, solve(whole).value, 0.0)
    for (days, visits), value in (((2, 1), -1 / 3), ((3, 1), -1 / 2), ((3, 2), -1 / 7)):
        name = f"{visits} inspection{'s' * (visits > 1)} in {days} days"
        yield of_number(name, "dresher1962", value, inspected(days, visits), 0.0)
    guarded = -np.tile([10.0, 6.0, 3.0], (3, 1))
    np.fill_diagonal(guarded, 0.0)
    found = solve(guarded)
    yield of_number("one guard, three sites, the loss", "kiekintveld2009", 3.75, -found.value, 0.0)
    cover = np.array([0.625, 0.375, 0.0])
    yield of_identity("one guard, three sites, cover", "kiekintveld2009", cover, found.rows)
    seen = commitment(guarded, -guarded)
    name = "one guard, seen before the other chooses"
    yield of_number(name, "vonneumann1928", found.value, seen.value, 0.0)
    name = "one guard, seen and not random"
    yield of_number(name, "definition", -6.0, pure_commitment(guarded)[0], 0.0)
    leader, follower = np.array([[2.0, 4.0], [1.0, 3.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    bound = commitment(leader, follower)
    yield of_number("commitment to a mix", "conitzer_sandholm2006", 3.5, bound.value, 0.0)


def noisy(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Blotto with pay-offs estimated from a few noisy wars: how often the interval holds 14/9."""
    rng = np.random.Generator(np.random.Philox(seed))
    payoffs, hits = blotto(4, 3), 0
    for _ in range(runs):
        shared = rng.standard_normal(_WARS_OF_A_GAME)
        own = rng.standard_normal((*payoffs.shape, _WARS_OF_A_GAME))
        found = value_interval(payoffs[:, :, None] + 0.5 * shared + own)
        hits += found.low <= 14 / 9 <= found.high
    name = "a game with noise, intervals that hold the value"
    yield of_least_share(name, "definition", 0.95, hits, runs)


def divisions(units: int, posts: int) -> list[Shares]:
    """All ways to distribute units over posts."""
    return [each for each in product(range(units + 1), repeat=posts) if sum(each) == units]


def won(one: Shares, other: Shares) -> float:
    """The mean over posts of 1 for the stronger side there, -1 for the weaker."""
    return float(np.mean(np.sign(np.subtract(one, other))))


def blotto(strong: int, weak: int) -> Floats:
    """Two posts, each worth one plus the units beaten there; shape (rows, columns)."""

    def taken(one: Shares, other: Shares) -> float:
        pairs = zip(one, other, strict=True)
        return float(sum(np.sign(a - b) * (min(a, b) + 1) for a, b in pairs))

    rows, columns = divisions(strong, 2), divisions(weak, 2)
    return np.array([[taken(row, column) for column in columns] for row in rows])


def inspected(days: int, visits: int) -> float:
    """An inspector's value: 1 if the other is caught, -1 if not, 0 if there is nothing to catch.

    The other sees each day whether there was an inspection, and acts once or never.
    """
    if visits == 0:
        return -1.0
    if visits == days:
        return 0.0
    left = [inspected(days - 1, visits - 1), inspected(days - 1, visits)]
    return solve(np.array([[1.0, left[0]], [-1.0, left[1]]])).value


CHECKS = (
    Check(None, robust, runs=1),
    Check(None, allocation, runs=1),
    Check(None, knowledge, runs=2),
    Check(None, games, runs=1),
    Check(None, noisy, runs=60),
)
