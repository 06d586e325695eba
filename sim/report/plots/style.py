"""The house style of the plots: what matplotlib draws in, whatever the user's own settings."""

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
    "text.parse_math": False,  # a dollar is a dollar
    "text.hinting": "none",  # so that a line is as wide at any dpi as it was measured
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
    "svg.hashsalt": "raids-and-talks",  # ids that are the same each time
    "svg.fonttype": "path",
    "pdf.fonttype": 42,  # whole letters, which journals require
}


@functools.cache
def _whole_style() -> dict[Any, Any]:
    """What matplotlib brings along, with the house's own above it: nothing is left to the user."""
    with warnings.catch_warnings(action="ignore"):  # of settings that will go
        brought = dict(matplotlib.rcParamsDefault)
    return {key: value for key, value in brought.items() if "backend" not in key} | _STYLE


@contextlib.contextmanager
def letters_without_rules() -> Iterator[None]:
    """A PDF gets its letters without the font's rules for setting them: all are in their places.

    To cut these tables to measure took a third of the time of a report. The library takes a while
    to load, which pictures of other formats need not wait for.
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
    """Draw in the house style, whatever the user's own; one thread at a time."""
    with boxes_for_letters(), matplotlib.rc_context(_whole_style()):
        yield
