"""The text of the plots: fonts, sizes, widths of words, and words that fit."""

import contextlib
import dataclasses
import functools
import re
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import matplotlib
from matplotlib.font_manager import FontProperties, fontManager, get_font, ttfFontProperty
from matplotlib.textpath import TextToPath

TITLE_PT, BODY_PT, NOTE_PT = 8.5, 7.0, 6.0
LINE_IN = 1.25 * BODY_PT / 72
BOLD = 1.12
"""The width of bold text relative to normal text."""
FONT = "DejaVu Sans of matplotlib"
"""The font that comes with matplotlib, by a name that no font of the user's has."""
_LOCK = threading.RLock()


def _bring_font() -> None:
    """Register matplotlib's own font under our name: the user may have another of the same name."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for style in ("", "-Bold", "-Oblique", "-BoldOblique"):
        entry = ttfFontProperty(get_font(folder / f"DejaVuSans{style}.ttf"))
        fontManager.ttflist.append(dataclasses.replace(entry, name=FONT))


_bring_font()


@contextlib.contextmanager
def boxes_for_letters() -> Iterator[None]:
    """Suppress warnings about characters missing from the font, which appear as boxes."""
    with _LOCK, warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        yield


@functools.lru_cache(4096)
def width_of(text: str, size: float = BODY_PT) -> float:
    """The width of a line of text, in inches."""
    font = FontProperties(family=FONT, size=size)
    with boxes_for_letters():
        width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width) / 72.0


def wrapped(text: str, width_in: float, size: float = BODY_PT) -> list[str]:
    """Text wrapped at spaces into lines no wider than `width_in`, if its words allow."""
    lines: list[str] = []
    for word in re.split(r"[ \t\n]+", text.strip()):  # not at no-break spaces
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size) <= width_in:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def shortened(text: str, width_in: float, size: float = BODY_PT) -> str:
    """The first words of a text, as many as fit into `width_in`."""
    first, *rest = wrapped(text, width_in, size)
    return f"{first.rstrip(',;:')}…" if rest else first


def fitting_path(path: str, width_in: float) -> str:
    """A dotted path in small print, truncated at its start to fit."""
    short = path
    while width_of(short, NOTE_PT) > width_in:
        short = f"…{short.lstrip('…')[1:]}"
    return short
