"""A random number by its address.

A draw is a pure function of (seed, run, day, actor, purpose, index): no generator object lives
anywhere in the model. Run k alone therefore equals run k of any ensemble, adding an actor moves
nobody else's luck, and scenarios that share a seed share luck.

The generator is Philox4x32-10 (Source: salmon2011), a keyed bijection of a 128-bit counter.
"""

import functools
import hashlib

import numpy as np

from sim.compiled import compiled, inlined

# What a draw is for. The numbers are part of the address: never reuse or renumber one.
FIGURE = 1
CARRIER_FOUND = 2
FOREWARNED = 3
RELIABILITY = 4
LAUNCH = 5
DECOY = 6
DETECTION = 7
SERVICE = 8
KILL = 9
JAMMING = 10
AIM = 11
HIT = 12
DESTROY = 13
PICK = 14
FRONT_MOVE = 15
FRONT_DIRECTION = 16
TEMPO = 17
RETALIATION = 18
REPAIR = 19
VIOLATION = 20
COLLAPSE = 21
TREE = 22
WITHDRAWAL = 23
SANCTIONS = 24

_WORD = 0xFFFFFFFF


@inlined
def philox4x32(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox4x32: four 32-bit counter words and two key words to four words.

    Source: salmon2011.
    """
    for _ in range(10):
        product0 = 0xD2511F53 * c0
        product1 = 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (
            ((product1 >> 32) & _WORD) ^ c1 ^ k0,
            product1 & _WORD,
            ((product0 >> 32) & _WORD) ^ c3 ^ k1,
            product0 & _WORD,
        )
        k0 = (k0 + 0x9E3779B9) & _WORD
        k1 = (k1 + 0xBB67AE85) & _WORD
    return c0, c1, c2, c3


@inlined
def uniform(seed, run, day, actor, purpose, index):
    """The uniform draw in [0, 1) at an address, with 53 random bits.

    `actor` and `index` are below 2**32, `purpose` below 2**8, `day` below 2**24.
    """
    word0, word1, _, _ = philox4x32(
        int(run) & _WORD,
        int(actor) & _WORD,
        int(index) & _WORD,
        ((int(day) << 8) | int(purpose)) & _WORD,
        int(seed) & _WORD,
        (int(seed) >> 32) & _WORD,
    )
    return ((word0 >> 5) * 67108864.0 + (word1 >> 6)) / 9007199254740992.0


@compiled
def fill(seed, run, day, actor, purpose, count, out):
    """Draws number 0 to count - 1 of an actor in one run, into the first places of `out`.

    Several at a time where the processor can: a quarter of the time of as many calls of `uniform`.
    """
    for index in range(count):
        out[index] = uniform(seed, run, day, actor, purpose, index)


def uniforms(seed, runs, day, actor, purpose, count):
    """Draws number 0 to count - 1 of an actor in each run: shape (len(runs), count)."""
    out = np.empty((len(runs), count))
    _fill_runs(seed, runs, day, actor, purpose, out)
    return out


@compiled
def _fill_runs(seed, runs, day, actor, purpose, out):
    for index in range(out.shape[1]):
        for row in range(len(runs)):
            out[row, index] = uniform(seed, runs[row], day, actor, purpose, index)


def uniform_each(seed, runs, day, actors, purpose, index):
    """One draw for each pair of run and actor: shape (len(runs),)."""
    out = np.empty(len(runs))
    _fill_each(seed, runs, day, actors, purpose, index, out)
    return out


@compiled
def _fill_each(seed, runs, day, actors, purpose, index, out):
    for row in range(len(runs)):
        out[row] = uniform(seed, runs[row], day, actors[row], purpose, index)


@functools.lru_cache(1 << 16)
def actor_id(name: str) -> int:
    """A stable 32-bit identity for a name of the scenario (a dotted path)."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")
