"""A binary heap of (key, item) in two flat arrays, from `first` on; ties go by the item."""

from sim.compiled import compiled


@compiled
def heap_push(keys, items, first, size, key, item):
    """Add an item; returns the new size."""
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


@compiled
def heap_pop(keys, items, first, size):
    """Drop the least item, which stood at `first`; returns the new size."""
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
