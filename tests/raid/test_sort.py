"""The sort of a raid's times against NumPy's stable one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.raid.heap import sort_pairs

times_min = st.one_of(
    st.floats(0.0, 1e6),
    st.sampled_from([0.0, 5e-324, 1.0, 30.0, 1e300, np.inf]),
    st.integers(0, 99).map(lambda ulps: 30.0 + ulps * 2.0**-48),  # alike in their highest bytes
)


def sorted_pairs(keys):
    """The keys and their places once sorted; room is left behind them, as in a raid."""
    count = len(keys)
    room = np.zeros(count + 3), np.zeros(count + 3, np.int64)
    room[0][:count], room[1][:count] = keys, np.arange(count)
    spare = np.zeros(count + 3), np.zeros(count + 3, np.int64)
    sort_pairs(*room, count, *spare, np.zeros((8, 256), np.int64))
    return room[0][:count], room[1][:count]


@given(st.lists(times_min, max_size=300))
def test_sorts_as_numpy_does_stably(times):
    keys = np.array(times)
    order = np.argsort(keys, kind="stable")
    found, places = sorted_pairs(keys)
    assert np.array_equal(found, keys[order])
    assert np.array_equal(places, order)


@pytest.mark.parametrize("count", [0, 1, 2, 1000, 100_000])
def test_sorts_what_differs_in_its_last_bits_alone(count):
    keys = 30.0 + np.random.default_rng(count).permutation(count) * 2.0**-48
    found, places = sorted_pairs(keys)
    assert np.array_equal(found, np.sort(keys))
    assert np.array_equal(places, np.argsort(keys))
