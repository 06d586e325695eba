"""Words in sentences: lists of them, and titles that stand within one."""

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """Words with commas and an `and` before the last."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def within(title: str) -> str:
    """A title as it stands within a sentence: with a small letter first."""
    return title[:1].lower() + title[1:]


def ended(title: str) -> str:
    """A title as a sentence: a question keeps its mark, all else has one full stop."""
    return title if title.endswith(("?", "!")) else f"{title.rstrip('.')}."
