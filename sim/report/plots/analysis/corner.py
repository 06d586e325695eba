"""The corner plot of a calibration: each figure before and after, and each pair of figures."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy.special import ndtri
from scipy.stats import gaussian_kde

from sim.evidence.calibration.aim import at_prior, figures_at
from sim.render.document import Figures
from sim.report.plots.colours import BLUE, GREY, INK, SKY
from sim.report.plots.lettering import BOLD, LINE_IN, NOTE_PT, shortened, wrapped
from sim.report.plots.marks import round_ticks, word_ticks
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.places import Floats
from sim.report.plots.style import house_style
from sim.report.plots.words import dollars, number, some_of
from sim.scenario.schema import Scenario, figures

_MOST = 6
_TOP_IN, _LEFT_IN, _RIGHT_IN, _BOTTOM_IN, _GAP_IN = 0.72, 0.72, 1.75, 0.72, 0.07
_LARGEST_IN = 1.4
_BINS, _GRID, _DRAWN = 24, 50, 1000
_SEED = 1  # of the jitter that separates whole numbers; independent of the model's draws


class FigureDraws(NamedTuple):
    """A figure and its draws, shape (n,): `before` from its own law, `after` from the posterior."""

    path: str
    title: str
    unit: str
    is_count: bool
    before: Floats
    after: Floats
    entry: Figures

    @property
    def write(self) -> Callable[[float], str]:
        """The function that formats its numbers."""
        return dollars if self.unit == "USD" else number

    @property
    def unit_suffix(self) -> str:
        """The unit after a number; empty for dollars, whose format includes it."""
        return "" if self.unit in ("1", "USD") else f" {self.unit}"

    @property
    def label(self) -> str:
        """The last words of the title, with the unit."""
        unit = f" ({self.unit})" if self.unit_suffix else ""
        return f"{self.title.split(': ')[-1]}{unit}"


@house_style()
def draw_corner(answer: Figures, posterior: pd.DataFrame, scenario: Scenario) -> Picture | None:
    """On the diagonal each figure before and after; below it each pair, 50 % and 90 % regions.

    `answer` and `posterior` are the answer of a calibration. If there is not enough room for all
    figures, those that narrowed most are drawn. None if the reports narrow no figure.
    """
    every = {
        path: one for path, one in (answer["figures"] | answer["others"]).items() if one["is_told"]
    }
    narrowest = sorted(every, key=lambda path: -every[path]["shrinkage"])[:_MOST]
    if not narrowest:
        return None
    some = [_draws_of(path, every[path], posterior, scenario) for path in narrowest]
    side = min(_LARGEST_IN, (WIDTH_IN - _LEFT_IN - _RIGHT_IN) / len(some))
    title = f"What the reports say: {shortened(scenario.title, WIDTH_IN - 2.2)}"
    picture = Picture(title, _explained(answer))
    marks = {
        "before": Line2D([], [], color=GREY, linewidth=1.0, linestyle="--"),
        "after": Patch(facecolor=SKY, edgecolor=BLUE, linewidth=0.8),
    }
    picture.key(MARGIN_IN, 0.29 + LINE_IN * 1.6, marks, 2)
    picture.top = _TOP_IN
    for row, below in enumerate(some):
        for column, left in enumerate(some[: row + 1]):
            place = _LEFT_IN + column * side
            axes = picture.axes_at(place, picture.top, side - _GAP_IN, side - _GAP_IN)
            if row == column:
                _alone(axes, below)
            else:
                _pair(axes, left, below)
            if row == len(some) - 1:
                axes.set_xlabel(_broken(left, side), fontsize=NOTE_PT)
            if column == 0 and row > 0:
                axes.set_ylabel(_broken(below, side), fontsize=NOTE_PT)
            axes.tick_params(labelsize=NOTE_PT, labelbottom=row == len(some) - 1,
                             labelleft=column == 0)  # fmt: skip
        _write_interval(picture, below, _LEFT_IN + (row + 1) * side + 0.05)
        picture.top += side
    note = f"{some_of(len(some), len(every), 'figures')}{answer['runs']:,} wars"
    return picture.finished(_BOTTOM_IN, f"{note}, seed {answer['seed']}", map(_described, some))


def _draws_of(path: str, one: Figures, posterior: pd.DataFrame, scenario: Scenario) -> FigureDraws:
    figure = dict(figures(scenario))[path]
    places = ndtri((np.arange(2 * _DRAWN) + 0.5) / (2 * _DRAWN))
    before = figures_at(scenario, at_prior([path]), places[None])[path]
    after = posterior[path].to_numpy(np.float64)
    return FigureDraws(path, one["title"], one["unit"], figure.is_count, before, after, one)


def _explained(answer: Figures) -> str:
    return (
        f"Figures on which {len(answer['against'])} reports bear, by {answer['runs']:,} wars "
        f"(effectively {answer['effective']:,.0f}). Regions: 50 and 90 % after, 90 % before."
    )


def _broken(one: FigureDraws, side: float) -> str:
    """The label of a figure, wrapped to the width of a panel."""
    return "\n".join(wrapped(one.label, side - _GAP_IN, NOTE_PT))


def _edges(one: FigureDraws) -> Floats:
    low, high = float(one.before.min()), float(one.before.max())
    if one.is_count:
        step = max(1, int(np.ceil((high - low + 1) / _BINS)))
        return np.arange(low - 0.5, high + step + 0.5, step)
    return np.linspace(low, high, _BINS + 1)


def _alone(axes: Axes, one: FigureDraws) -> None:
    """Histograms of both distributions, of equal area."""
    edges = _edges(one)
    axes.hist(one.after, edges.tolist(), density=True, color=SKY, alpha=0.6, linewidth=0)
    axes.hist(one.after, edges.tolist(), density=True, histtype="step", color=BLUE, linewidth=0.8)
    axes.hist(
        one.before, edges.tolist(), density=True, histtype="step", color=GREY, linewidth=0.9,
        linestyle="--",
    )  # fmt: skip
    axes.axvline(one.entry["posterior"]["median"], color=INK, linewidth=0.6)
    axes.set(ylim=(0.0, axes.get_ylim()[1] * 1.05), yticks=[])
    axes.spines["left"].set_visible(False)
    _span(axes.xaxis, one)


def _pair(axes: Axes, x: FigureDraws, y: FigureDraws) -> None:
    """The 50 % and 90 % regions after, and the outline of the 90 % region before."""
    luck = np.random.default_rng(_SEED)
    before = [luck.permutation(one.before)[:_DRAWN] for one in (x, y)]
    order = luck.permutation(len(x.after))[:_DRAWN]
    after = [one.after[order] for one in (x, y)]
    for draws in (before, after):
        for k, one in enumerate((x, y)):
            if one.is_count:
                draws[k] = draws[k] + luck.uniform(-0.5, 0.5, len(draws[k]))
    grid = [np.linspace(_edges(one)[0], _edges(one)[-1], _GRID) for one in (x, y)]
    density, levels = _regions(after, grid)
    axes.contourf(*grid, density, [*levels, density.max() * 1.01], colors=[SKY, BLUE], alpha=0.6)
    density, levels = _regions(before, grid)
    axes.contour(*grid, density, levels[:1], colors=[GREY], linewidths=0.8, linestyles="--")
    _span(axes.xaxis, x)
    _span(axes.yaxis, y)


def _regions(draws: list[Floats], grid: list[Floats]) -> tuple[Floats, list[float]]:
    """A density on a grid, shape (y, x), and the levels above which 90 % and 50 % of it lie."""
    kernel = gaussian_kde(np.stack(draws))
    across, up = np.meshgrid(*grid)
    density = kernel(np.stack([across.ravel(), up.ravel()])).reshape(across.shape)
    own = kernel(np.stack(draws))
    return density, [float(level) for level in np.quantile(own, [0.1, 0.5])]


def _span(axis: Axis, one: FigureDraws) -> None:
    """An axis over the whole range of a figure, with its number format."""
    edges = _edges(one)
    axis.set_view_interval(edges[0], edges[-1], ignore=True)
    round_ticks(axis, 2, whole=one.is_count)
    word_ticks(axis, one.write)


def _write_interval(picture: Picture, one: FigureDraws, left: float) -> None:
    """To the right of the diagonal: the figure's title, and median with 90 % before and after."""
    room, top = WIDTH_IN - left - MARGIN_IN, picture.top
    lines = wrapped(one.title, room / BOLD, NOTE_PT)
    picture.write(left, top, "\n".join(lines), size=NOTE_PT, weight="bold", linespacing=1.1)
    top += len(lines) * 1.3 * NOTE_PT / 72 + 0.02
    for word, ends, colour in (
        ("before", one.entry["prior"], GREY),
        ("after", one.entry["posterior"], BLUE),
    ):
        text = wrapped(f"{word} {_interval(ends, one.write)}{one.unit_suffix}", room, NOTE_PT)
        picture.write(left, top, "\n".join(text), size=NOTE_PT, color=colour, linespacing=1.1)
        top += len(text) * 1.3 * NOTE_PT / 72


def _interval(ends: Figures, write: Callable[[float], str]) -> str:
    return f"{write(ends['median'])} ({write(ends['low'])} to {write(ends['high'])})"


def _described(one: FigureDraws) -> str:
    before, after = (_interval(one.entry[when], number) for when in ("prior", "posterior"))
    return f"{one.title}: median and 90 % {before} before, {after} after."
