"""A random number by its address."""

import numpy as np
import pytest
from scipy import stats

from sim import draws

ALL = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [  # the known-answer vectors published with Random123
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


def test_the_purposes_are_all_different():
    purposes = [v for k, v in vars(draws).items() if k.isupper() and not k.startswith("_")]
    assert len(purposes) == len(set(purposes)) == 21
    assert max(purposes) < 2**8
