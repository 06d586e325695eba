"""The paired effect on positions, day by day."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from sim.experiment.contrast import Contrast
from sim.experiment.effects import at_day
from sim.experiment.statistics.estimate import t95
from sim.report.plots.captions import side_title
from sim.report.plots.colours import BLUE, GREEN, INK, VERMILION
from sim.report.plots.dates import date_axis, place_of
from sim.report.plots.marks import days_from, until_next
from sim.report.plots.picture import WIDTH_IN, Picture, title_before
from sim.report.plots.places import Floats
from sim.report.plots.style import house_style
from sim.report.plots.words import decimal

_LEFT_IN, _RIGHT_IN, _HEIGHT_IN, _GAP_IN = 0.62, 0.2, 1.15, 0.32
_EXPLAINED = (
    "Line: mean effect; band: its 95 % Monte Carlo error; dashed: median effect. Above 0: harder "
    "(r_u, r_d), wider (Z)."
)


class Course(NamedTuple):
    """An effect by day: its mean, the half-width of the mean's 95 % interval, and its median.

    Shape (days,) each.
    """

    mean: Floats
    error: Floats
    median: Floats


@house_style()
def draw_effects(contrast: Contrast, direction: str, changes: Sequence[str]) -> Picture:
    """The effect on both reservations and the zone: mean and median over paired runs, by day.

    `direction` and `changes` come from the comparison's figures.
    """
    scenario = contrast.changed.scenario
    panels = {
        "r_u": (BLUE, f"What {side_title(scenario, scenario.underdog)} accepts at least (r_u)"),
        "r_d": (
            VERMILION,
            f"What {side_title(scenario, scenario.favourite)} accepts at least (r_d)",
        ),
        "z": (GREEN, "Zone of agreement (Z)"),
    }
    courses = {word: course_of(contrast, word) for word in panels}
    picture = Picture(_title(direction, changes, decimal(courses["z"].mean[-1])), _EXPLAINED)
    picture.top = 0.62
    for word, (colour, label) in panels.items():
        picture.write(_LEFT_IN, picture.top - 0.17, label, color=colour, weight="bold")
        width = WIDTH_IN - _LEFT_IN - _RIGHT_IN
        axes = picture.axes_at(_LEFT_IN, picture.top, width, _HEIGHT_IN)
        date_axis(axes, scenario)
        _draw(axes, courses[word], colour, place_of(scenario.start))
        axes.set_ylabel(f"Effect on {'Z' if word == 'z' else word}")
        if word != "z":
            axes.tick_params(axis="x", which="both", labelbottom=False)
            axes.set_xlabel("")
        picture.top += _HEIGHT_IN + _GAP_IN
    note = f"{contrast.base.runs_done:,} paired runs, seed {contrast.base.seed}"
    sentences = (_words(label, courses[word]) for word, (_, label) in panels.items())
    return picture.finished(0.42, note, sentences)


def course_of(contrast: Contrast, position: str) -> Course:
    """The paired effect on a position on each day of the campaign."""
    days = range(contrast.base.scenario.days)
    pairs = np.array(
        [at_day(contrast.changed, position, day) - at_day(contrast.base, position, day)
         for day in days]
    )  # fmt: skip
    runs = pairs.shape[1]
    spread = pairs.std(axis=1, ddof=1) if runs > 1 else np.full(len(pairs), np.nan)
    error = t95(runs) * spread / np.sqrt(runs)
    return Course(pairs.mean(axis=1), error, np.median(pairs, axis=1))


def _title(direction: str, changes: Sequence[str], last: str) -> str:
    if direction == "with minus without":
        parts = " and ".join(change.removeprefix("without ") for change in changes)
        return title_before(f"With {parts} minus without", f": Z {last} on the last day")
    what = " and ".join(changes)
    return title_before(f"With {what} minus unchanged", f": Z {last} on the last day")


def _draw(axes: Axes, course: Course, colour: str, first: int) -> None:
    x = days_from(first, len(course.mean))
    mean, error, median = map(until_next, course)
    steps: dict[str, Any] = {"color": colour, "drawstyle": "steps-post"}
    axes.fill_between(x, mean - error, mean + error, color=colour, alpha=0.25, lw=0, step="post")
    axes.plot(x, mean, linewidth=1.3, **steps)
    axes.plot(x, median, linewidth=0.9, linestyle=(0, (4, 2)), **steps)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    axes.set_xlim(x[0], x[-1])


def _words(label: str, course: Course) -> str:
    most = course.mean[np.argmax(np.abs(course.mean))]
    return (
        f"{label}: {decimal(course.mean[0])} on the first day, {decimal(course.mean[-1])} on the "
        f"last (median {decimal(course.median[-1])}), most {decimal(most)}."
    )
