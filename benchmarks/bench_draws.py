"""Published counter-based generators at the addresses of a raid, in bulk and one by one.

Philox4x32-10 is the model's own (`sim/draws.py`). Threefry4x32-20 and 2x64-20 (salmon2011) hold an
address likewise. Squares64 (Widynski 2020, arXiv:2004.06278) has one 64-bit counter: it cannot hold
run, day, actor, purpose and index, and stands here as what a draw could cost at the least.
"""

from time import process_time

import numpy as np
import pytest

from sim import draws
from sim.compiled import compiled, inlined

WORD, ALL = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
DRAWS = 117_000
SEED, RUN, DAY, ACTOR = 1, 7, 30, draws.actor_id("raids.dawn.waves.first.north")
PI = (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89)

_TURNS_2X64 = np.array([16, 42, 12, 31, 16, 32, 24, 21])


@inlined
def turned32(x, turn):
    return ((x << turn) | (x >> (32 - turn))) & WORD


@inlined
def two_rounds(c0, c1, c2, c3, turn0, turn1, turn2, turn3):
    c0, c2 = (c0 + c1) & WORD, (c2 + c3) & WORD
    c1, c3 = turned32(c1, turn0) ^ c0, turned32(c3, turn1) ^ c2
    c0, c2 = (c0 + c3) & WORD, (c2 + c1) & WORD
    c3, c1 = turned32(c3, turn2) ^ c0, turned32(c1, turn3) ^ c2
    return c0, c1, c2, c3


@inlined
def keyed(c0, c1, c2, c3, k0, k1, k2, k3):
    return (c0 + k0) & WORD, (c1 + k1) & WORD, (c2 + k2) & WORD, (c3 + k3) & WORD


@inlined
def threefry4x32(c0, c1, c2, c3, k0, k1, k2, k3):
    """Twenty rounds of Threefry4x32, written out: a loop of them is not taken several at a time."""
    k4 = 0x1BD11BDA ^ k0 ^ k1 ^ k2 ^ k3
    c0, c1, c2, c3 = keyed(c0, c1, c2, c3, k0, k1, k2, k3)
    c0, c1, c2, c3 = two_rounds(c0, c1, c2, c3, 10, 26, 11, 21)
    c0, c1, c2, c3 = two_rounds(c0, c1, c2, c3, 13, 27, 23, 5)
    c0, c1, c2, c3 = keyed(c0, c1, c2, c3, k1, k2, k3, k4 + 1)
    c0, c1, c2, c3 = two_rounds(c0, c1, c2, c3, 6, 20, 17, 11)
    c0, c1, c2, c3 = two_rounds(c0, c1, c2, c3, 25, 10, 18, 20)
    c0, c1, c2, c3 = keyed(c0, c1, c2, c3, k2, k3, k4, k0 + 2)
    c0, c1, c2, c3 = two_rounds(c0, c1, c2, c3, 10, 26, 11, 21)
    c0, c1, c2, c3 = two_rounds(c0, c1, c2, c3, 13, 27, 23, 5)
    c0, c1, c2, c3 = keyed(c0, c1, c2, c3, k3, k4, k0, k1 + 3)
    c0, c1, c2, c3 = two_rounds(c0, c1, c2, c3, 6, 20, 17, 11)
    c0, c1, c2, c3 = two_rounds(c0, c1, c2, c3, 25, 10, 18, 20)
    c0, c1, c2, c3 = keyed(c0, c1, c2, c3, k4, k0, k1, k2 + 4)
    c0, c1, c2, c3 = two_rounds(c0, c1, c2, c3, 10, 26, 11, 21)
    c0, c1, c2, c3 = two_rounds(c0, c1, c2, c3, 13, 27, 23, 5)
    return keyed(c0, c1, c2, c3, k0, k1, k2, k3 + 5)


@inlined
def threefry2x64(c0, c1, k0, k1):
    """Twenty rounds of Threefry2x64."""
    k2 = np.uint64(0x1BD11BDAA9FC1A22) ^ k0 ^ k1
    c0, c1 = c0 + k0, c1 + k1
    for group in range(5):
        for turn in range(4):
            by = np.uint64(_TURNS_2X64[(4 * group + turn) % 8])
            c0 = c0 + c1
            c1 = ((c1 << by) | (c1 >> (np.uint64(64) - by))) ^ c0
        k0, k1, k2 = k1, k2, k0
        c0, c1 = c0 + k0, c1 + k1 + np.uint64(group + 1)
    return c0, c1


@inlined
def squares64(counter, key):
    """Five rounds of squaring, with halves exchanged."""
    half = np.uint64(32)
    x = y = counter * key
    z = y + key
    for add in (y, z, y):
        x = x * x + add
        x = (x >> half) | (x << half)
    x = x * x + z
    return x ^ (((((x >> half) | (x << half)) ** 2) + y) >> half)


@inlined
def unit(word):
    """A number in [0, 1) from the upper 53 bits."""
    return np.float64(np.int64(word >> np.uint64(11))) / 9007199254740992.0


@inlined
def by_threefry4x32(seed, run, day, actor, purpose, index):
    one, other, _, _ = threefry4x32(
        run, actor, index, (day << 8) | purpose, seed & WORD, (seed >> 32) & WORD, 0, 0
    )
    return ((one >> 5) * 67108864.0 + (other >> 6)) / 9007199254740992.0


@inlined
def by_threefry2x64(seed, run, day, actor, purpose, index):
    one = np.uint64((run << 32) | actor)
    other = np.uint64((index << 32) | (day << 8) | purpose)
    return unit(threefry2x64(one, other, np.uint64(seed), np.uint64(0))[0])


@inlined
def by_squares64(seed, run, day, actor, purpose, index):
    return unit(squares64(np.uint64((actor << 32) | index), np.uint64(seed)))


def in_bulk(uniform):
    """A thousand times the draws of a flight of 117 drones, as `draws.fill` makes them."""

    @compiled
    def flights(out):
        for run in range(DRAWS // 117):
            for index in range(117):
                out[index] = uniform(SEED, run, DAY, ACTOR, 7, index)

    return flights


def one_by_one(uniform):
    """Draws each of which names the next one's address, as a chain of shots does."""

    @compiled
    def shots(out):
        index = 0
        for shot in range(DRAWS):
            out[shot % 117] = uniform(SEED, RUN, DAY, ACTOR, 9, index)
            index = 256 * int(out[shot % 117] * 117.0)

    return shots


def words(*hexadecimal):
    return tuple(int(word, 16) for word in hexadecimal)


def check_known_answers():
    """The vectors published with Random123."""
    halves = tuple(part for word in PI for part in (word >> 32, word & WORD))
    for counters, keys, expected in (
        ((0,) * 4, (0,) * 4, words("9c6ca96a", "e17eae66", "fc10ecd4", "5256a7d8")),
        ((WORD,) * 4, (WORD,) * 4, words("2a881696", "57012287", "f6c7446e", "a16a6732")),
        (halves[:4], halves[4:], words("59cd1dbb", "b8879579", "86b5d00c", "ac8b6d84")),
    ):
        assert threefry4x32(*counters, *keys) == expected
    for numbers, expected in (
        ((0,) * 4, words("c2b6e3a8c2c69865", "6f81ed42f350084d")),
        ((ALL,) * 4, words("e02cb7c4d95d277a", "d06633d0893b8b68")),
        (PI, words("263c7d30bb0f0af1", "56be8361d3311526")),
    ):
        assert threefry2x64(*map(np.uint64, numbers)) == expected


GENERATORS = {
    "philox4x32-10": draws.uniform,
    "threefry4x32-20": by_threefry4x32,
    "threefry2x64-20": by_threefry2x64,
    "squares64": by_squares64,
}


@pytest.mark.benchmark(group="117,000 draws", timer=process_time)
@pytest.mark.parametrize("pattern", [in_bulk, one_by_one], ids=lambda pattern: pattern.__name__)
@pytest.mark.parametrize("generator", GENERATORS)
def bench_generators(benchmark, generator, pattern):
    """What a draw costs by generator: all of a flight's at once, or each by itself."""
    check_known_answers()
    benchmark.pedantic(
        pattern(GENERATORS[generator]), args=(np.zeros(117),), rounds=50, warmup_rounds=1
    )
    benchmark.extra_info["ns_per_draw"] = benchmark.stats.stats.min / DRAWS * 1e9
