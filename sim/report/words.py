"""Words within sentences: lists and titles."""

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """Words separated by commas, with `and` before the last."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def within(title: str) -> str:
    """A title within a sentence: with a small initial letter."""
    return title[:1].lower() + title[1:]


def ended(title: str) -> str:
    """A title as a sentence: a question keeps its mark, everything else ends with one full stop."""
    return title if title.endswith(("?", "!")) else f"{title.rstrip('.')}."
