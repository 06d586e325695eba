"""Two-level designs over switches: every combination, in fractions that each suffice alone."""

import itertools

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def fractions(switches: int) -> list[Bools]:
    """All 2^k combinations of k switches as cosets of one fraction of resolution V.

    Each fraction, shape (combinations, k), estimates every main effect and every two-switch
    interaction without confounding among them; together the fractions hold each combination once.
    With few switches there is one fraction, the full design. Source: box_hunter1961.
    """
    words = _generators(switches)
    basic = max(words).bit_length()
    combinations = np.arange(1 << basic)
    columns = [_parity(combinations & word) for word in words]
    fraction = np.column_stack(columns).astype(np.bool_)
    added = [place for place, word in enumerate(words) if word & (word - 1)]
    cosets = []
    for flips in itertools.product((False, True), repeat=len(added)):
        flipped = np.zeros(switches, np.bool_)
        flipped[added] = flips
        cosets.append(fraction ^ flipped)
    return cosets


def _generators(switches: int) -> list[int]:
    """One bit mask per switch, any four of them independent: the first that fit, in order."""
    words: list[int] = []
    sums: set[int] = set()  # the exclusive ors of up to three words
    candidate = 1
    while len(words) < switches:
        is_free = candidate not in sums
        if is_free:
            words.append(candidate)
            some = [0, *words]
            sums = {a ^ b ^ c for a, b, c in itertools.combinations_with_replacement(some, 3)}
        candidate += 1
    return words


def _parity(numbers: Ints) -> Ints:
    bits = np.zeros_like(numbers)
    while numbers.any():
        bits ^= numbers & 1
        numbers = numbers >> 1
    return bits
