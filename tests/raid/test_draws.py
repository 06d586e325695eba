"""A random number by its address."""

import numpy as np
import pytest
from scipy import stats

from sim import draws

ALL = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [  # the known-answer vectors published with Random123 (salmon2011)
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((ALL,) * 4, (ALL,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_published_known_answers(counter, key, words):
    assert draws.philox4x32(*counter, *key) == words
    assert draws.philox4x32.py_func(*counter, *key) == words


def test_a_draw_is_the_same_compiled_and_not():
    for address in [(1, 0, 0, 0, 1, 0), (2**40 + 7, 123456, 60, 2**32 - 1, 13, 2**31)]:
        assert draws.uniform(*address) == draws.uniform.py_func(*address)


def test_a_run_draws_the_same_alone_and_in_an_ensemble():
    together = draws.uniforms(5, np.arange(100), 3, 77, draws.HIT, 4)
    alone = draws.uniforms(5, np.array([42]), 3, 77, draws.HIT, 4)
    np.testing.assert_array_equal(together[42], alone[0])


def test_every_part_of_the_address_counts():
    base = (1, 2, 3, 4, 5, 6)
    others = [tuple(v + (i == k) for i, v in enumerate(base)) for k in range(6)]
    assert len({draws.uniform(*address) for address in [base, *others]}) == 7


def test_draws_are_uniform():
    u = draws.uniforms(1, np.arange(20_000), 9, draws.actor_id("somebody"), draws.KILL, 5).ravel()
    assert 0.0 <= u.min() < u.max() < 1.0
    assert stats.kstest(u, "uniform").pvalue > 1e-4


@pytest.mark.parametrize("step", ["run", "day", "actor", "purpose", "index", "seed"])
def test_neighbours_are_uncorrelated(step):
    places = ("seed", "run", "day", "actor", "purpose", "index")
    count = 4000

    def at(shift):
        rows = []
        for k in range(count):
            address = dict(zip(places, (1, 3, 5, 7, 9, 11), strict=True))
            # walk along another axis, and shift the one in question by one
            address["index" if step != "index" else "run"] = k
            address[step] += shift
            rows.append(draws.uniform(*(address[place] for place in places)))
        return np.array(rows)

    correlation = np.corrcoef(at(0), at(1))[0, 1]
    assert abs(correlation) < 5.0 / np.sqrt(count)


def test_filled_draws_are_those_at_the_addresses():
    out = np.full(9, -1.0)
    draws.fill(3, 5, 7, 11, draws.KILL, 8, out)
    assert out[8] == -1.0
    np.testing.assert_array_equal(
        out[:8], [draws.uniform(3, 5, 7, 11, draws.KILL, index) for index in range(8)]
    )


# A smoke battery at the addresses that are used: neighbouring runs, days, actors, purposes and
# indices (shots of a drone are 256 indices apart from those of the next). Seeds are fixed, so a
# test either always passes or never does; a fault shows as chances far below ONCE_IN.

ONCE_IN = 1e-5
ACTORS = [draws.actor_id(f"raids.night.waves.first.{site}") for site in ("north", "south", "east")]
PURPOSES = (draws.RELIABILITY, draws.DETECTION, draws.KILL, draws.HIT, draws.DESTROY)


def neighbours():
    """Draws of 400 runs, five days, three actors and five purposes, sixteen each: by that order."""
    runs = np.arange(400)
    return np.stack(
        [
            [
                [draws.uniforms(1, runs, day, actor, purpose, 16) for purpose in PURPOSES]
                for actor in ACTORS
            ]
            for day in range(5)
        ]
    ).transpose(3, 0, 1, 2, 4)


def chance(counts):
    """How likely counts in cells of equal chance are so uneven, and how likely so even."""
    expected = counts.sum() / counts.size
    chi2 = ((counts - expected) ** 2 / expected).sum()
    return min(stats.chi2.sf(chi2, counts.size - 1), stats.chi2.cdf(chi2, counts.size - 1))


def test_cells_are_filled_evenly():
    assert chance(np.bincount((neighbours().ravel() * 1000).astype(int), minlength=1000)) > ONCE_IN


@pytest.mark.parametrize("axis", range(5), ids=["run", "day", "actor", "purpose", "index"])
def test_pairs_of_neighbours_fill_the_square_evenly(axis):
    cells = np.moveaxis((neighbours() * 16).astype(int), axis, 0)
    pairs = 16 * cells[:-1] + cells[1:]
    assert chance(np.bincount(pairs.ravel(), minlength=256)) > ONCE_IN


@pytest.mark.parametrize("axis", range(5), ids=["run", "day", "actor", "purpose", "index"])
def test_neighbours_have_no_serial_correlation(axis):
    u = np.moveaxis(neighbours(), axis, 0)
    for lag in (1, 2):
        r = np.corrcoef(u[:-lag].ravel(), u[lag:].ravel())[0, 1]
        assert 2.0 * stats.norm.sf(abs(r) * np.sqrt(u[lag:].size)) > ONCE_IN


def test_no_two_streams_are_correlated_over_runs():
    runs = np.arange(3000)
    streams = [
        draws.uniforms(seed, runs, day, actor, purpose, 2)
        for seed in (1, 2, 2**32 + 1)
        for day in (0, 1)
        for actor in ACTORS
        for purpose in PURPOSES
    ]
    r = np.corrcoef(np.concatenate(streams, axis=1), rowvar=False)
    pairs = np.abs(r[np.triu_indices_from(r, 1)])
    assert len(pairs) * 2.0 * stats.norm.sf(pairs.max() * np.sqrt(len(runs))) > ONCE_IN


def test_shots_of_neighbouring_drones_are_unrelated():
    shots = np.array(
        [
            [draws.uniform(1, 0, 3, ACTORS[0], draws.KILL, 256 * drone + n) for n in range(4)]
            for drone in range(4000)
        ]
    )
    pairs = 16 * (shots[:-1] * 16).astype(int) + (shots[1:] * 16).astype(int)
    assert chance(np.bincount(pairs.ravel(), minlength=256)) > ONCE_IN


def test_every_bit_is_set_half_the_time():
    words = (neighbours().ravel() * 2.0**53).astype(np.uint64)
    for bit in range(53):
        ones = int(((words >> np.uint64(bit)) & np.uint64(1)).sum())
        assert 2.0 * stats.norm.sf(abs(ones - len(words) / 2) / np.sqrt(len(words) / 4)) > ONCE_IN


def test_birthdays_are_spaced_by_chance():
    # Marsaglia's test: of 4,096 birthdays in a year of 2^32 days, equal spacings are Poisson with
    # mean 4096^3 / (4 * 2^32) = 4; 64 years of neighbouring runs are added up.
    equal = 0
    for run in range(64):
        days = draws.uniforms(1, np.array([run]), 0, ACTORS[1], draws.HIT, 4096)[0] * 2.0**32
        spacings = np.sort(np.diff(np.sort(days.astype(np.int64))))
        equal += int((np.diff(spacings) == 0).sum())
    assert min(stats.poisson.sf(equal - 1, 256.0), stats.poisson.cdf(equal, 256.0)) > ONCE_IN


def test_the_purposes_are_all_different():
    purposes = [v for k, v in vars(draws).items() if k.isupper() and not k.startswith("_")]
    assert len(purposes) == len(set(purposes)) == 24
    assert max(purposes) < 2**8
