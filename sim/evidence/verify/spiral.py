"""Richardson's mutual hardening: its equilibrium, its course, and the line of stability."""

from collections.abc import Iterator

import numpy as np

from sim.evidence.verify.case import Case, Check, Floats, Loader, of_identity, of_number
from sim.evidence.verify.courses import course, fought, uniform
from sim.evidence.verify.verdicts import of_verdicts
from sim.scenario.schema import Scenario

_SOURCE = "richardson1960"
_PATHS = tuple(
    f"mechanisms.spiral.{figure}.{side}"
    for figure in ("reaction", "fatigue", "grievance")
    for side in ("underdog", "favourite")
)
_NEAR = 1.1  # a factor on either side of the line of stability


def spiral(load: Loader, seed: int, runs: int) -> Iterator[Case]:
    """Two sides that react to each other, on every evening and in the limit."""
    scenario = load()
    war = fought(scenario, 1, seed)
    for name, letter, settles in (("underdog", "u", 3.0), ("favourite", "d", 2.0)):
        got = float(course(war, f"h_spiral_{letter}")[-1, 0])
        yield of_number(f"Richardson settles, {name}", _SOURCE, settles, got, 0.0)
    reach = (0.1, 0.1, 0.3, 0.3, 0.05, 0.05)
    drawn = [most * uniform(seed, runs, path) for path, most in zip(_PATHS, reach, strict=True)]
    early = load("end=2025-04-10")  # before growth is capped
    terms = _terms(early, seed, drawn)
    expected = _closed_form(drawn, early.days)
    yield of_identity("Richardson's course", _SOURCE, expected.ravel(), terms.ravel())
    yield from _stability(scenario, seed)


def _terms(scenario: Scenario, seed: int, figures: list[Floats]) -> Floats:
    """Both sides' terms on each evening with figures set by run, shape (2, days, runs)."""
    given = dict(zip(_PATHS, figures, strict=True))
    war = fought(scenario, len(figures[0]), seed, given)
    return np.array([course(war, f"h_spiral_{letter}") for letter in "ud"])


def _eigenvalues(k: Floats, other_k: Floats, a: Floats, other_a: Floats) -> tuple[Floats, Floats]:
    """The eigenvalues of a day's step, the larger first: growth or decay of mutual hardening."""
    middle = 1.0 - 0.5 * (a + other_a)
    half = np.sqrt((0.5 * (a - other_a)) ** 2 + k * other_k)
    return middle + half, middle - half


def _closed_form(figures: list[Floats], days: int) -> Floats:
    """The sum of g over all days so far, propagated by each day's step, by its eigenvalues.

    On the eve each side has its grievance. Shape (2, days, runs).
    """
    k, other_k, a, other_a, g, other_g = figures
    large, small = _eigenvalues(k, other_k, a, other_a)
    steps = np.arange(2.0, days + 2.0)[:, None]
    summed_large, summed_small = (
        -np.expm1(steps * np.log(value)) / (1.0 - value) for value in (large, small)
    )
    terms = []
    for own, remains, reacts, others in (
        (g, 1.0 - a, k, other_g),
        (other_g, 1.0 - other_a, other_k, g),
    ):
        stepped = remains * own + reacts * others
        by_large, by_small = stepped - small * own, stepped - large * own
        terms.append((summed_large * by_large - summed_small * by_small) / (large - small))
    return np.array(terms)


def _stability(scenario: Scenario, seed: int) -> Iterator[Case]:
    """On either side of a1 a2 = k1 k2: growth or decay, in the limit by the larger eigenvalue."""
    rows = np.array(
        [
            (k, other_k, split * np.sqrt(line * k * other_k), np.sqrt(line * k * other_k) / split)
            for k, other_k in ((0.1, 0.2), (0.05, 0.3), (0.15, 0.15))
            for split in (0.5, 1.0, 2.0)
            for line in (_NEAR, 1.0 / _NEAR)
        ]
    )
    k, other_k, a, other_a = rows.T
    grievance = np.full(len(rows), 0.01)
    steps = np.diff(_terms(scenario, seed, [k, other_k, a, other_a, grievance, grievance]), axis=1)
    rate = (steps[0, -1] + steps[1, -1]) / (steps[0, -2] + steps[1, -2])
    yield of_verdicts("fades, near the line", _SOURCE, a * other_a > k * other_k, rate < 1.0)
    largest, _ = _eigenvalues(k, other_k, a, other_a)
    yield of_identity("rate of growth or decay", _SOURCE, largest, rate)


CHECKS = (Check("spiral", spiral, runs=200),)
