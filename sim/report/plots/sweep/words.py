"""Words on the pictures of a sweep: titles that fit, explanations, and what was left out."""

from collections.abc import Sequence

import numpy as np

from sim.report.plots.colours import GREY
from sim.report.plots.lettering import TITLE_PT, shortened, width_of, wrapped
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.words import dollars, rough

BOLD = 1.12
"""How much wider bold text is."""


def first_fitting(*titles: str) -> str:
    """The first title that there is room for, else as much of the last as there is."""
    room = (WIDTH_IN - 2 * MARGIN_IN) / BOLD
    for title in titles:
        if width_of(title, TITLE_PT) <= room:
            return title
    return shortened(titles[-1], room, TITLE_PT)


def explain(picture: Picture, text: str) -> None:
    """What a picture shows and how, below its title."""
    lines = wrapped(text, WIDTH_IN - 2 * MARGIN_IN)
    picture.write(MARGIN_IN, 0.27, "\n".join(lines), color=GREY, linespacing=1.1)


def key_columns(entries: Sequence[str]) -> int:
    """How many columns of a key there is room for."""
    widest = max((width_of(words) for words in entries), default=0.0) + 0.45
    return max(1, min(len(entries), int((WIDTH_IN - 2 * MARGIN_IN) / widest)))


def words_of(outcome: str, value: float) -> str:
    """A value of an outcome in two figures: dollars where it is money."""
    if not np.isfinite(value):
        return "no value"
    return dollars(value) if outcome.endswith("_usd") else rough(value)


def combinations_left_out(drawn: int, of: int) -> str:
    """How many combinations of settings are shown, where not all are."""
    return f"{drawn} of {of:,} combinations shown; " if drawn < of else ""


def outcomes_left_out(drawn: int, of: int) -> str:
    """How many outcomes are shown, where not all are."""
    return f"{drawn} of {of} outcomes shown; " if drawn < of else ""


def listed(words: Sequence[str]) -> str:
    """Words with commas and an `and` before the last."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
