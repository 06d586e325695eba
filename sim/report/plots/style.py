"""The house style of the plots: matplotlib's settings, whatever the user's own."""

import contextlib
import functools
import warnings
from collections.abc import Iterator
from typing import Any

import matplotlib

from sim.report.plots.colours import INK, PAPER
from sim.report.plots.lettering import BODY_PT, FONT, boxes_for_letters

_STYLE: dict[str, Any] = {
    "font.family": FONT,
    "font.size": BODY_PT,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign is literal
    "text.hinting": "none",  # so that text has its measured width at any dpi
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": BODY_PT,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "xtick.color": INK,
    "xtick.labelsize": BODY_PT,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "xtick.minor.size": 1.5,
    "xtick.minor.width": 0.4,
    "ytick.color": INK,
    "ytick.labelsize": BODY_PT,
    "ytick.major.size": 2.5,
    "ytick.major.width": 0.6,
    "legend.fontsize": BODY_PT,
    "legend.frameon": False,
    "lines.linewidth": 1.0,
    "patch.linewidth": 0.5,
    "hatch.linewidth": 0.5,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "svg.hashsalt": "raids-and-talks",  # reproducible ids
    "svg.fonttype": "path",
    "pdf.fonttype": 42,  # TrueType fonts, which journals require
}


@functools.cache
def _whole_style() -> dict[Any, Any]:
    """matplotlib's defaults with the house style on top; no setting of the user remains."""
    with warnings.catch_warnings(action="ignore"):  # about deprecated settings
        brought = dict(matplotlib.rcParamsDefault)
    return {key: value for key, value in brought.items() if "backend" not in key} | _STYLE


@contextlib.contextmanager
def letters_without_rules() -> Iterator[None]:
    """Embed fonts in a PDF without their layout tables, since every character is already placed.

    Subsetting these tables took a third of the time of a report. The library is slow to load, and
    only PDFs need it.
    """
    from fontTools import subset

    before = subset.Options._drop_tables_default
    subset.Options._drop_tables_default = [*before, "GDEF", "GPOS", "GSUB", "MATH"]
    try:
        yield
    finally:
        subset.Options._drop_tables_default = before


@contextlib.contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style, whatever the user's own settings; one thread at a time."""
    with boxes_for_letters(), matplotlib.rc_context(_whole_style()):
        yield
