"""The figure of scenario discovery: coverage against density along the peeling, and the box."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator

from sim.report.plots.colours import BLUE, GREY, INK, ORANGE, PALE, SKY
from sim.report.plots.lettering import NOTE_PT, shortened, width_of, wrapped
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.style import house_style
from sim.report.plots.words import number

Figures = dict[str, Any]

_TOP_IN, _HEIGHT_IN, _LEFT_IN, _WIDTH_IN = 0.75, 2.4, 0.5, 2.6
_ROW_IN = 0.39


@house_style()
def draw_discovery(figures: Figures, table: pd.DataFrame) -> Picture | None:
    """The trade-off of each step of PRIM's first box, and what the box taken restricts.

    `figures` and `table` are the answer of a scenario discovery. None where nothing was peeled.
    """
    if figures["method"] != "prim" or table.empty:
        return None
    first = table[table["box"] == 1]
    box = figures["boxes"][0] if figures["boxes"] else None
    rows = len(box["box"]) if box else 0
    height = _TOP_IN + max(_HEIGHT_IN, rows * _ROW_IN + 0.3) + 0.65
    picture = Picture(f"When {shortened(figures['when'], WIDTH_IN - 1.0)}", height)
    picture.write(MARGIN_IN, 0.27, "\n".join(_explained(figures)), color=GREY, linespacing=1.1)
    _trade_off(picture, first, figures["share"], box)
    if box:
        _restrictions(picture, figures, box)
    picture.note(f"{figures['runs']:,} wars, seed {figures['seed']}")
    return picture.described(*_described(figures, box))


def _explained(figures: Figures) -> list[str]:
    text = (
        f"It happens in {100 * figures['share']:.0f} % of the wars. Coverage: of these, the share "
        "in the box; density: of the wars in the box, the share in which it happens. Each dot is a "
        "step of the peeling, on wars it was not learned on."
    )
    return wrapped(text, WIDTH_IN - 2 * MARGIN_IN)


def _trade_off(picture: Picture, steps: pd.DataFrame, share: float, box: Figures | None) -> None:
    axes = picture.axes_at(_LEFT_IN, _TOP_IN, _WIDTH_IN, _HEIGHT_IN)
    axes.plot(steps["learned coverage"], steps["learned density"], color=PALE, zorder=1)
    shades = LinearSegmentedColormap.from_list("ink", [SKY, BLUE, INK])
    dots = axes.scatter(
        steps["coverage"], steps["density"], c=steps["restricted"], cmap=shades, s=14, zorder=2
    )
    axes.axhline(share, color=GREY, linewidth=0.6, linestyle=":")
    if box:
        axes.scatter(
            [box["coverage"]], [box["density"]], marker="o", s=70, facecolors="none",
            edgecolors=ORANGE, linewidths=1.4, zorder=3,
        )  # fmt: skip
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel="Coverage", ylabel="Density")
    axes.text(0.0, share + 0.02, "all wars", size=NOTE_PT, color=GREY)
    scale = picture.axes_at(_LEFT_IN + _WIDTH_IN + 0.1, _TOP_IN + 0.4, 0.08, _HEIGHT_IN - 0.8)
    bar = picture.colorbar(dots, cax=scale)
    bar.outline.set_visible(False)
    bar.ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    bar.set_label("Figures restricted")


def _restrictions(picture: Picture, figures: Figures, box: Figures) -> None:
    """A bar a figure: its whole range pale, what the box leaves of it in colour."""
    left = _LEFT_IN + _WIDTH_IN + 0.85
    heading = f"Box taken (ring): coverage {box['coverage']:.2f}, density {box['density']:.2f}"
    picture.write(left, _TOP_IN - 0.02, heading, weight="bold", size=NOTE_PT)
    room = WIDTH_IN - left - MARGIN_IN
    for place, (path, (low, high)) in enumerate(box["box"].items()):
        figure = figures["figures"][path]
        top = _TOP_IN + 0.22 + place * _ROW_IN
        picture.write(left, top, _fitting(path, room), size=NOTE_PT)
        axes = picture.axes_at(left, top + 0.12, room, 0.08)
        _bar(axes, figure, low, high)
        unit = "" if figure["unit"] == "1" else f" {figure['unit']}"
        ends = [figure["low"] if low is None else low, figure["high"] if high is None else high]
        words = f"{number(ends[0])} to {number(ends[1])}{unit}"
        picture.write(left, top + 0.22, words, size=NOTE_PT, color=GREY)


def _bar(axes: Axes, figure: Figures, low: float | None, high: float | None) -> None:
    start = figure["low"] if low is None else low
    end = figure["high"] if high is None else high
    axes.barh(0, figure["high"] - figure["low"], 1.0, figure["low"], color=PALE)
    axes.barh(0, end - start, 1.0, start, color=ORANGE)
    axes.set_xlim(figure["low"], figure["high"])
    axes.set_axis_off()


def _fitting(path: str, width_in: float) -> str:
    """A dotted path; what has no room is left out at its start."""
    short = path
    while width_of(short, NOTE_PT) > width_in:
        short = f"…{short.lstrip('…')[1:]}"
    return short


def _described(figures: Figures, box: Figures | None) -> list[str]:
    if box is None:
        return ["No box was borne out."]
    return [
        f"The box restricts {', '.join(box['box'])}; coverage {box['coverage']:.2f}, density "
        f"{box['density']:.2f}."
    ]
