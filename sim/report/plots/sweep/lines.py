"""Outcomes along the one range of a sweep, one line per combination of settings."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from sim.report.plots.colours import BLUE, GREEN, GREY, ORANGE, PALE, PURPLE, SKY, VERMILION
from sim.report.plots.lettering import BOLD, NOTE_PT, shortened
from sim.report.plots.marks import say_no_value
from sim.report.plots.picture import (
    MARGIN_IN,
    MOST_PANELS,
    WIDTH_IN,
    Picture,
    first_fitting,
    key_columns,
)
from sim.report.plots.sweep.axes import lay_across, lay_along
from sim.report.plots.sweep.factors import BAND, Scale, Sweep
from sim.report.plots.words import sentence, some_of, words_of
from sim.report.words import listed

_LOOKS = ((BLUE, "o"), (VERMILION, "s"), (GREEN, "^"), (ORANGE, "D"), (PURPLE, "v"), (SKY, "P"))
_LEFT_IN, _ASIDE_IN = 0.62, 0.025
_MOST_BANDS = 3
"""More lines than this have whiskers, as their bands would hide each other."""


class Line(NamedTuple):
    """A combination of settings as text, with its style and its points."""

    words: str
    colour: str
    marker: str
    points: pd.DataFrame


def lines_of(sweep: Sweep) -> tuple[list[Line], int]:
    """The combinations of settings for which there are colours, and the number of all."""
    every = sweep.combinations()
    found = [
        Line(sentence(sweep.in_words(levels)), colour, marker, sweep.at(levels))
        for levels, (colour, marker) in zip(every, _LOOKS, strict=False)
    ]
    return found, len(every)


def draw_lines(sweep: Sweep) -> Picture:
    """Each outcome along the one range: one line per combination of settings."""
    (x,) = sweep.ranges
    lines, of = lines_of(sweep)
    outcomes = sweep.figures["outcomes"]
    drawn = outcomes[:MOST_PANELS]
    columns = len(drawn) if len(drawn) < 4 else 2 if len(drawn) == 4 else 3
    width = (WIDTH_IN - 2 * MARGIN_IN) / columns - _LEFT_IN
    height = (2.5, 2.0, 1.6)[columns - 1]
    names = [sweep.title(outcome) for outcome in drawn]
    others = f"{len(drawn) - 1} other outcome{'s' if len(drawn) > 2 else ''}"
    title = first_fitting(
        sentence(f"{listed(names)} by {x.title}"),
        sentence(f"{names[0]}, and {others}, by {x.title}"),
    )
    picture = Picture(title, _explained(sweep, len(lines)))
    _draw_key(picture, lines)
    crossings = [_crossing(sweep, x, outcome) for outcome in drawn]
    head_in = (0.2 if len(drawn) > 1 else 0.06) + (0.12 if any(crossings) else 0.0)
    steps = (width + _LEFT_IN, head_in + height + 0.45)
    places = picture.panels(len(drawn), columns, MARGIN_IN + _LEFT_IN, steps)
    for (_, left, top), outcome, name, cross in zip(places, drawn, names, crossings, strict=True):
        if len(drawn) > 1:
            picture.write(left, top, shortened(sentence(name), width / BOLD), weight="bold")
        axes = picture.axes_at(left, top + head_in, width, height)
        _draw_panel(picture, axes, x, lines, outcome, width)
        if cross is not None:
            picture.write(left, top + head_in - 0.15, cross.words, size=NOTE_PT, color=GREY)
            _mark_crossing(axes, x, cross)
    left_out = some_of(len(lines), of, "combinations")
    left_out += some_of(len(drawn), len(outcomes), "outcomes")
    sentences = [*_words(sweep, x, lines, drawn), *sweep.missing(*drawn)]
    return picture.finished(0.12, sweep.note(left_out, *drawn), sentences)


def _draw_key(picture: Picture, lines: Sequence[Line]) -> None:
    """The legend of the lines, below the explanation."""
    key = {line.words: line_mark(line) for line in lines if line.words}
    columns = key_columns(key)
    picture.key(MARGIN_IN, 0.5, key, columns)
    picture.top = 0.5 + (-(-len(key) // columns) * 0.15 + 0.05 if key else 0.0)


def _explained(sweep: Sweep, lines: int) -> str:
    spread = "band" if lines <= _MOST_BANDS else "thin lines, side by side"
    return (
        f"Line: mean over {sweep.figures['runs']:,} runs, with its Monte Carlo error (95 %); "
        f"{spread}: 90 % of runs"
    )


def line_mark(line: Line) -> Line2D:
    """The legend mark of a line."""
    return Line2D([], [], color=line.colour, marker=line.marker, markersize=3.5)


def _draw_panel(
    picture: Picture, axes: Axes, x: Scale, lines: list[Line], outcome: str, width: float
) -> None:
    """One outcome: bands behind, then lines with marks and errors."""
    names = [f"{outcome}{what}" for what in BAND]
    seen = np.concatenate([line.points[names].to_numpy(np.float64).ravel() for line in lines])
    lay_across(axes, axes.yaxis, seen, outcome)
    lay_along(axes, x, width, _ASIDE_IN * (len(lines) - 1) / 2 + 0.05)
    axes.set_xlabel(shortened(x.label, width))
    if not np.isfinite(seen).any():
        say_no_value(axes)
    for place, line in enumerate(lines):
        aside = _ASIDE_IN * (place - (len(lines) - 1) / 2)
        shift = ScaledTranslation(aside, 0.0, picture.dpi_scale_trans)
        _draw_line(axes, x, line, outcome, len(lines), shift)


def _draw_line(
    axes: Axes, x: Scale, line: Line, outcome: str, of: int, shift: ScaledTranslation
) -> None:
    """One of some lines, shifted slightly so that none hides another."""
    points = line.points.sort_values(x.name)
    points = points[np.isfinite(points[outcome])]
    at = x.place(points[x.name])
    mean, error, low, high = (
        points[f"{outcome}{what}"].to_numpy(np.float64) for what in ("", " ±", " 5 %", " 95 %")
    )
    shifted = axes.transData + shift
    if of <= _MOST_BANDS:
        axes.fill_between(at, low, high, color=line.colour, alpha=0.3 / of, linewidth=0)
        for edge in (low, high) if of > 1 else ():
            axes.plot(at, edge, color=line.colour, linewidth=0.5, linestyle=(0, (4, 2)))
    else:
        axes.vlines(at, low, high, color=line.colour, linewidth=0.5, transform=shifted)
    axes.errorbar(
        at, mean, np.nan_to_num(error), color=line.colour, marker=line.marker, markersize=3.0,
        elinewidth=1.2, linewidth=1.0, zorder=3, transform=shifted,
    )  # fmt: skip


class _Crossing(NamedTuple):
    """Where two lines cross along a range, with its 95 % interval."""

    at: float
    low: float
    high: float
    words: str


def _crossing(sweep: Sweep, x: Scale, outcome: str) -> _Crossing | None:
    """The only place where both settings of the contrast swap, if its interval is known."""
    if sweep.contrast is None or len(sweep.settings) > 1:
        return None
    found = sweep.contrast[outcome]["crossings"]
    if len(found) != 1 or found[0]["along"] != x.name or found[0]["low"] is None:
        return None
    at, low, high = (found[0][word] for word in ("at", "low", "high"))
    words = f"means cross at {x.words(at)}{x.unit_suffix} ({x.words(low)} to {x.words(high)})"
    return _Crossing(at, low, high, words)


def _mark_crossing(axes: Axes, x: Scale, cross: _Crossing) -> None:
    at, low, high = x.place([cross.at, cross.low, cross.high])
    axes.axvspan(low, high, color=PALE, alpha=0.6, linewidth=0, zorder=0)
    axes.axvline(at, color=GREY, linewidth=0.8, zorder=0)


def _words(sweep: Sweep, x: Scale, lines: list[Line], outcomes: Sequence[str]) -> Iterator[str]:
    for outcome in outcomes:
        parts = []
        for line in lines:
            means = line.points.sort_values(x.name)[outcome]
            first, last = (words_of(outcome, means.iloc[k]) for k in (0, -1))
            parts.append(f"{line.words or 'the mean'} {first} to {last}")
        ends = f"{x.in_words(x.levels[0])} to {x.words(x.levels[-1])}"
        cross = _crossing(sweep, x, outcome)
        swap = f"; {cross.words}" if cross is not None else ""
        yield f"{sentence(sweep.title(outcome))} from {ends}: {'; '.join(parts)}{swap}."
