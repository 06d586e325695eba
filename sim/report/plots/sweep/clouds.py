"""An outcome at the points of a sweep without a grid: against each factor, one dot per point."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from sim.experiment.design import WITH_POINTS
from sim.report.plots.colours import BLUE, GREY, INK, PAPER
from sim.report.plots.lettering import LINE_IN, NOTE_PT, shortened, wrapped
from sim.report.plots.picture import (
    MARGIN_IN,
    MOST_PANELS,
    WIDTH_IN,
    Picture,
    first_fitting,
    key_columns,
)
from sim.report.plots.places import Floats
from sim.report.plots.sweep.axes import lay_across, lay_along
from sim.report.plots.sweep.factors import Scale, Sweep, as_written
from sim.report.plots.sweep.lines import Line, line_mark, lines_of
from sim.report.plots.words import decimal, sentence, some_of, words_of
from sim.report.words import listed

_COLUMNS, _LEFT_IN, _GAP_IN, _HEIGHT_IN = 4, 0.55, 0.2, 1.15
_MOST_LEVELS, _PARTS = 12, 6
_DESIGNS = {
    "random": "random points",
    "latin_hypercube": "Latin hypercube",
    "sobol": "Sobol sequence",
    "saltelli": "Saltelli's points",
    "morris": "Morris' paths",
    "one_at_a_time": "one at a time",
    "factorial": "full factorial",
    "fractional_factorial": "fractional factorial",
}


def draw_clouds(sweep: Sweep, outcome: str) -> Picture:
    """An outcome's mean against each factor: one dot per point, and a trend."""
    is_sampled = sweep.figures["design"] in WITH_POINTS
    every = list(sweep.ranges) if is_sampled else [*sweep.ranges, *_named(sweep)]
    lines, of = lines_of(sweep) if is_sampled else ([], 1)
    if len(lines) < of or not lines:
        lines = [Line("", BLUE, "o", sweep.table)]
    follow = {scale.name: _follows(sweep, scale, outcome) for scale in every if is_sampled}
    every.sort(key=lambda scale: -abs(follow.get(scale.name, 0.0)))
    drawn = every[:MOST_PANELS]
    columns = min(_COLUMNS, len(drawn))
    width = (WIDTH_IN - MARGIN_IN - _LEFT_IN) / columns - _GAP_IN
    height = 2.2 if columns == 1 else 1.6 if columns < 4 else _HEIGHT_IN
    labels = [wrapped(scale.label, width + 0.05)[:3] for scale in drawn]
    picture = Picture(_title(sweep, outcome, follow), _explained(sweep))
    key = {line.words: line_mark(line) for line in lines if line.words}
    picture.key(MARGIN_IN, 0.5, key, key_columns(key))
    picture.top = 0.65 if is_sampled else 0.5
    picture.top += 0.18 * -(-len(key) // key_columns(key))
    steps = (width + _GAP_IN, height + 0.35 + LINE_IN * max(map(len, labels)))
    places = picture.panels(len(drawn), columns, _LEFT_IN, steps)
    for (column, left, top), scale, label in zip(places, drawn, labels, strict=True):
        axes = picture.axes_at(left, top, width, height)
        _draw_panel(axes, sweep, scale, lines, outcome, width)
        axes.set_xlabel("\n".join(label), linespacing=1.1)
        axes.tick_params(axis="y", labelleft=column == 0)
        if column == 0:
            axes.set_ylabel(shortened(sentence(sweep.title(outcome)), height))
        if scale.name in follow:
            words = f"rank correlation {_ranked(follow[scale.name])}"
            look = {"ha": "right", "va": "bottom", "size": NOTE_PT, "color": GREY}
            picture.write(left + width, top - 0.03, words, **look)
    note = sweep.note(some_of(len(drawn), len(every), "factors"), outcome)
    sentences = [*_words(sweep, outcome, drawn, follow), *sweep.missing(outcome)]
    return picture.finished(0.15, note, sentences)


def _named(sweep: Sweep) -> list[Scale]:
    """Factors with settings, as scales with the settings at whole numbers."""
    return [
        Scale(
            name, sweep.title(name), "", np.arange(len(levels), dtype=np.float64),
            tuple(shortened(as_written(level), 0.7) for level in levels),
        )
        for name, levels in sweep.settings.items()
    ]  # fmt: skip


def _levels_of(sweep: Sweep, scale: Scale, points: pd.DataFrame) -> Floats:
    """The levels of some points as numbers on a scale."""
    if scale.named:
        places = {level: place for place, level in enumerate(sweep.settings[scale.name])}
        return points[scale.name].map(places).to_numpy(np.float64)
    return points[scale.name].to_numpy(np.float64)


def _alone(sweep: Sweep, scale: Scale, points: pd.DataFrame) -> pd.DataFrame:
    """In a one-at-a-time design, the points that change this factor only, and the unchanged one."""
    if sweep.figures["design"] != "one_at_a_time":
        return points
    for name in sweep.figures["factors"]:
        if name != scale.name:
            points = points[_stands(sweep, name, points)]
    return points


def _stands(sweep: Sweep, name: str, points: pd.DataFrame) -> "pd.Series[bool]":
    """Whether a factor is as in the scenario; on a numeric scale that may have no place."""
    return (points[name] == sweep.figures["factors"][name]["stands"]) | points[name].isna()


def _as_it_stands(sweep: Sweep, outcome: str) -> float:
    points = sweep.table
    for name in sweep.figures["factors"]:
        points = points[_stands(sweep, name, points)]
    return float(points[outcome].iloc[0])


def _draw_panel(
    axes: Axes, sweep: Sweep, scale: Scale, lines: list[Line], outcome: str, width: float
) -> None:
    """One factor: a dot per point, and a line through the means of levels or bins."""
    is_alone = sweep.figures["design"] == "one_at_a_time"
    seen = sweep.table[outcome].to_numpy(np.float64)
    if is_alone:
        error = np.nan_to_num(sweep.table[f"{outcome} ±"].to_numpy(np.float64))
        seen = np.concatenate([seen - error, seen + error])
    lay_across(axes, axes.yaxis, seen, outcome)
    lay_along(axes, scale, width)
    size = 3.0 if len(sweep.table) <= 400 else 1.8
    over: dict[str, Any] = {"alpha": 0.6, "zorder": 1}
    if is_alone:
        over = {"zorder": 4}  # one dot per level, which the line would hide
    for line in lines:
        points = _alone(sweep, scale, line.points)
        axes.plot(
            scale.place(_levels_of(sweep, scale, points)), points[outcome].to_numpy(np.float64),
            line.marker, color=line.colour, markersize=size, markeredgewidth=0,
            rasterized=True, **over,
        )  # fmt: skip
        x, mean = _trend(scale, _levels_of(sweep, scale, points), points[outcome].to_numpy())
        if is_alone:
            _draw_errors(axes, scale, _levels_of(sweep, scale, points), points, outcome)
        colour = INK if len(lines) == 1 else line.colour
        axes.plot(scale.place(x), mean, color=PAPER, linewidth=2.6, zorder=2)
        axes.plot(scale.place(x), mean, color=colour, linewidth=1.2, zorder=3)
    if is_alone:
        axes.axhline(_as_it_stands(sweep, outcome), color=GREY, linewidth=0.8, linestyle="--")


def _draw_errors(
    axes: Axes, scale: Scale, levels: Floats, points: pd.DataFrame, outcome: str
) -> None:
    """The Monte Carlo error of the mean at each point."""
    mean, error = (points[f"{outcome}{what}"].to_numpy(np.float64) for what in ("", " ±"))
    axes.errorbar(
        scale.place(levels), mean, np.nan_to_num(error), linestyle="", color=BLUE, elinewidth=1.0,
        zorder=4,
    )  # fmt: skip


def _trend(scale: Scale, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The mean at each level, or in bins of equal size if there are many levels."""
    seen = np.isfinite(y) & np.isfinite(x)
    order = np.argsort(x[seen], kind="stable")
    x, y = x[seen][order], y[seen][order]
    if len(scale.levels) <= _MOST_LEVELS:
        levels = np.unique(x)
        return levels, np.array([y[x == level].mean() for level in levels])
    parts = [part for part in np.array_split(np.arange(len(x)), _PARTS) if len(part)]
    return (
        np.array([x[part].mean() for part in parts]),
        np.array([y[part].mean() for part in parts]),
    )


def _follows(sweep: Sweep, scale: Scale, outcome: str) -> float:
    """Spearman's correlation of an outcome's mean with a factor over all points; 0 if undefined."""
    x, y = (sweep.table[name].to_numpy(np.float64) for name in (scale.name, outcome))
    seen = np.isfinite(y)
    if len(np.unique(x[seen])) < 2 or len(np.unique(y[seen])) < 2:
        return 0.0
    return float(stats.spearmanr(x[seen], y[seen]).statistic)


def _ranked(correlation: float) -> str:
    return decimal(round(correlation, 2) + 0.0)  # 0 without a minus


def _title(sweep: Sweep, outcome: str, follow: dict[str, float]) -> str:
    """The factor that the outcome follows most, if significant at 5 % over all factors."""
    title = sentence(sweep.title(outcome))
    plain = f"{title} by {len(sweep.figures['factors'])} factors"
    if not follow:
        return first_fitting(plain)
    most = max(follow, key=lambda name: abs(follow[name]))
    count = int(np.isfinite(sweep.table[outcome].to_numpy(np.float64)).sum())
    if abs(follow[most]) * np.sqrt(max(count - 1, 0)) < stats.norm.isf(0.025 / len(follow)):
        return first_fitting(f"{title} follows none of {len(follow)} factors", plain)
    words = f"{sweep.title(most)} (rank correlation {_ranked(follow[most])})"
    return first_fitting(f"{title} follows {words} most", f"{title} by {words}", plain)


def _explained(sweep: Sweep) -> str:
    runs, design = sweep.figures["runs"], sweep.figures["design"]
    if design == "one_at_a_time":
        return (
            f"Dot: mean over {runs:,} runs, with its Monte Carlo error (95 %); line: mean by "
            "level, all else as in the scenario (dashed)"
        )
    return (
        f"Dot: mean over {runs:,} runs at a point ({_DESIGNS[design]}); line: mean over points by "
        f"level, or in {_PARTS} groups of as many points each"
    )


def _words(
    sweep: Sweep, outcome: str, drawn: list[Scale], follow: dict[str, float]
) -> Iterator[str]:
    for scale in drawn:
        points = _alone(sweep, scale, sweep.table)
        x, mean = _trend(scale, _levels_of(sweep, scale, points), points[outcome].to_numpy())
        if not len(x):
            yield f"{sentence(scale.title)}: no value."
            continue
        if scale.named:
            levels = [as_written(sweep.settings[scale.name][int(level)]) for level in x]
            told = (
                f"{words_of(outcome, one)} at {level}"
                for level, one in zip(levels, mean, strict=True)
            )
            yield f"{sentence(scale.title)}: mean {listed(list(told))}."
            continue
        ranked = f", rank correlation {_ranked(follow[scale.name])}" if scale.name in follow else ""
        first, last = (words_of(outcome, value) for value in mean[[0, -1]])
        yield f"{sentence(scale.title)}: mean {first} at low to {last} at high levels{ranked}."
