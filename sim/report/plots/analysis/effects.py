"""The paired effect on positions, day by day."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.experiment.contrast import Contrast
from sim.experiment.effects import at_day
from sim.experiment.statistics.estimate import t95
from sim.report.plots.captions import side_title
from sim.report.plots.colours import BLUE, GREEN, GREY, INK, VERMILION
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.run.positions import date_axis, place_of
from sim.report.plots.style import house_style
from sim.report.plots.words import decimal

Floats = NDArray[np.float64]

_LEFT_IN, _RIGHT_IN, _HEIGHT_IN, _GAP_IN = 0.62, 0.2, 1.15, 0.32


class Course(NamedTuple):
    """An effect on each day: its mean, the half-width of the mean's 95 % interval, its median.

    Shape (days,) each.
    """

    mean: Floats
    error: Floats
    median: Floats


@house_style()
def draw_effects(contrast: Contrast, direction: str, changes: Sequence[str]) -> Picture:
    """The effect on both reservations and the zone: mean and median over paired runs, by day.

    `direction` and `changes` are those of the comparison's figures.
    """
    scenario = contrast.changed.scenario
    panels = {
        "r_u": (BLUE, f"{side_title(scenario, scenario.underdog)} accepts no less (r_u)"),
        "r_d": (VERMILION, f"{side_title(scenario, scenario.favourite)} accepts no less (r_d)"),
        "z": (GREEN, "zone of agreement (Z)"),
    }
    courses = {word: course_of(contrast, word) for word in panels}
    last = {word: f"{decimal(course.mean[-1])}" for word, course in courses.items()}
    title = _title(direction, changes, last["z"])
    top = 0.62
    picture = Picture(title, top + len(panels) * (_HEIGHT_IN + _GAP_IN) + 0.42)
    words = (
        "Line: mean effect, band: its 95 % Monte Carlo error; dashed: median. Above 0: more, "
        "below: less"
    )
    picture.write(MARGIN_IN, 0.27, words, color=GREY)
    width = WIDTH_IN - _LEFT_IN - _RIGHT_IN
    for row, (word, (colour, label)) in enumerate(panels.items()):
        place = top + row * (_HEIGHT_IN + _GAP_IN)
        picture.write(_LEFT_IN, place - 0.17, label, color=colour, weight="bold")
        axes = picture.axes_at(_LEFT_IN, place, width, _HEIGHT_IN)
        _draw(axes, courses[word], colour, place_of(scenario.start))
        axes.set_ylabel(f"effect on {'Z' if word == 'z' else word}")
        if row < len(panels) - 1:
            axes.tick_params(axis="x", which="both", labelbottom=False)
        date_axis(axes, scenario)
        if row < len(panels) - 1:
            axes.set_xlabel("")
    picture.note(f"{contrast.base.runs_done:,} paired runs, seed {contrast.base.seed}")
    return picture.described(
        *(
            f"{label}: {decimal(courses[word].mean[0])} on the first day, {last[word]} on the last "
            f"(median {decimal(courses[word].median[-1])}), most "
            f"{decimal(courses[word].mean[np.argmax(np.abs(courses[word].mean))])}."
            for word, (_, label) in panels.items()
        )
    )


def course_of(contrast: Contrast, position: str) -> Course:
    """The paired effect on a position on each day of the campaign."""
    days = range(contrast.base.scenario.days)
    pairs = [
        at_day(contrast.changed, position, day) - at_day(contrast.base, position, day)
        for day in days
    ]
    runs = len(pairs[0])
    spread = [pair.std(ddof=1) if runs > 1 else float("nan") for pair in pairs]
    return Course(
        np.array([pair.mean() for pair in pairs]),
        t95(runs) * np.array(spread) / np.sqrt(runs),
        np.array([np.median(pair) for pair in pairs]),
    )


def _title(direction: str, changes: Sequence[str], last: str) -> str:
    if direction == "with minus without":
        parts = " and ".join(change.removeprefix("without ") for change in changes)
        return f"With minus without {parts}: Z differs by {last} on the last day"
    what = " and ".join(changes)
    return f"Changed ({what}) minus as it is: Z differs by {last} on the last day"


def _draw(axes: Axes, course: Course, colour: str, first: int) -> None:
    x = first + np.arange(len(course.mean) + 1)
    mean, error, median = (np.append(part, part[-1]) for part in course)
    axes.fill_between(x, mean - error, mean + error, color=colour, alpha=0.25, lw=0, step="post")
    axes.plot(x, mean, color=colour, linewidth=1.3, drawstyle="steps-post")
    axes.plot(x, median, color=colour, linewidth=0.9, linestyle=(0, (4, 2)), drawstyle="steps-post")
    axes.axhline(0.0, color=INK, linewidth=0.8)
    axes.set_xlim(x[0], x[-1])
