"""A binary heap and a stable sort of (key, item) pairs in two flat arrays."""

import numpy as np

from sim.compiled import compiled, inlined

_LOWEST_BYTE = 3  # of a double: it and those above have 28 of the 52 bits of the fraction
_STEPS_OF_ONE = 16  # mean moves per pair of an insertion sort; beyond it sorting by bytes is faster


@inlined
def heap_push(keys, items, first, size, key, item):
    """Push an item onto the heap at `first`; ties are ordered by item. Returns the new size."""
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if keys[first + parent] < key or (
            keys[first + parent] == key and items[first + parent] < item
        ):
            break
        keys[first + place] = keys[first + parent]
        items[first + place] = items[first + parent]
        place = parent
    keys[first + place] = key
    items[first + place] = item
    return size + 1


@inlined
def heap_pop(keys, items, first, size):
    """Remove the least item, which is at `first`; returns the new size."""
    size -= 1
    key, item = keys[first + size], items[first + size]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and (
            keys[first + child + 1] < keys[first + child]
            or (
                keys[first + child + 1] == keys[first + child]
                and items[first + child + 1] < items[first + child]
            )
        ):
            child += 1
        if key < keys[first + child] or (
            key == keys[first + child] and item < items[first + child]
        ):
            break
        keys[first + place] = keys[first + child]
        items[first + place] = items[first + child]
        place = child
    if size > 0:
        keys[first + place] = key
        items[first + place] = item
    return size


@compiled
def sort_pairs(keys, items, count, spare_keys, spare_items, starts):
    """Sort the first `count` pairs by key, keeping the order of equal keys; no key may be negative.

    A radix sort: the bits of numbers that are not negative are ordered as the numbers are, and its
    time grows with `count` alone. The lowest bytes distinguish only keys within a relative 4e-9, so
    they are sorted last, by insertion, or as bytes like the others if that would take long. The
    spare arrays are as long as the others; `starts` has shape (8, 256).
    """
    bits, spare_bits = keys.view(np.int64), spare_keys.view(np.int64)
    lowest = _LOWEST_BYTE
    while True:
        _sort_by_bytes(lowest, bits, items, count, spare_bits, spare_items, starts)
        if lowest == 0 or _insert(bits, items, count):
            return
        lowest = 0


@inlined
def _sort_by_bytes(lowest, bits, items, count, spare_bits, spare_items, starts):
    """Sort pairs by the bytes of their keys from `lowest` up, least significant byte first."""
    if count == 0:
        return
    starts[:] = 0
    for i in range(count):
        for byte in range(lowest, 8):
            starts[byte, (bits[i] >> 8 * byte) & 0xFF] += 1
    is_in_spare = False
    for byte in range(lowest, 8):
        start = starts[byte]
        if start[(bits[0] >> 8 * byte) & 0xFF] == count:
            continue  # all keys have the same byte here
        before = 0
        for value in range(256):
            before, start[value] = before + start[value], before
        for i in range(count):
            value = (bits[i] >> 8 * byte) & 0xFF
            place = start[value]
            start[value] = place + 1
            spare_bits[place] = bits[i]
            spare_items[place] = items[i]
        bits, spare_bits = spare_bits, bits
        items, spare_items = spare_items, items
        is_in_spare = not is_in_spare
    if is_in_spare:
        for i in range(count):
            spare_bits[i] = bits[i]
            spare_items[i] = items[i]


@inlined
def _insert(keys, items, count):
    """Sort pairs by insertion; gives up and returns False if that would take too many moves."""
    steps = _STEPS_OF_ONE * count
    for i in range(1, count):
        key, item, place = keys[i], items[i], i
        while place > 0 and keys[place - 1] > key:
            keys[place], items[place] = keys[place - 1], items[place - 1]
            place -= 1
        keys[place], items[place] = key, item
        steps -= i - place
        if steps < 0:
            return False
    return True
