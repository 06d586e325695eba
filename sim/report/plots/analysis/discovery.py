"""The figure of scenario discovery: coverage and density along the peeling, and the box."""

import pandas as pd
from matplotlib.colors import LinearSegmentedColormap

from sim.render.document import Figures
from sim.report.plots.colours import BLUE, GREY, INK, ORANGE, PALE, SKY
from sim.report.plots.lettering import NOTE_PT, fitting_path, shortened
from sim.report.plots.marks import round_ticks
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.style import house_style
from sim.report.plots.words import number

_TOP_IN, _HEIGHT_IN, _LEFT_IN, _WIDTH_IN = 0.75, 2.4, 0.5, 2.6
_BOX_LEFT_IN, _ROW_IN = 3.95, 0.39
_BOX_IN = WIDTH_IN - _BOX_LEFT_IN - MARGIN_IN
_SHADES = LinearSegmentedColormap.from_list("ink", [SKY, BLUE, INK])


@house_style()
def draw_discovery(figures: Figures, table: pd.DataFrame) -> Picture | None:
    """The trade-off at each step of PRIM's first box, and the restrictions of the chosen box.

    `figures` and `table` are the answer of a scenario discovery. None if nothing was peeled.
    """
    if figures["method"] != "prim" or table.empty:
        return None
    box = figures["boxes"][0] if figures["boxes"] else None
    picture = Picture(f"When {shortened(figures['when'], WIDTH_IN - 1.0)}", _explained(figures))
    _trade_off(picture, table[table["box"] == 1], figures["share"], box)
    picture.top = _TOP_IN + _HEIGHT_IN
    if box:
        _restrictions(picture, figures, box)
    note = f"{figures['runs']:,} wars, seed {figures['seed']}"
    return picture.finished(0.65, note, [_described(box)])


def _explained(figures: Figures) -> str:
    return (
        f"It happens in {100 * figures['share']:.0f} % of the wars. Coverage: of these, the share "
        "in the box; density: of the wars in the box, the share in which it happens. Each dot is a "
        "step of the peeling, on wars it was not learned on (pale line: on those it was)."
    )


def _trade_off(picture: Picture, steps: pd.DataFrame, share: float, box: Figures | None) -> None:
    axes = picture.axes_at(_LEFT_IN, _TOP_IN, _WIDTH_IN, _HEIGHT_IN)
    axes.plot(steps["learned coverage"], steps["learned density"], color=PALE, zorder=1)
    dots = axes.scatter(
        steps["coverage"], steps["density"], c=steps["restricted"], cmap=_SHADES, s=14, zorder=2
    )
    axes.axhline(share, color=GREY, linewidth=0.6, linestyle=":")
    if box:
        axes.scatter(
            [box["coverage"]], [box["density"]], marker="o", s=70, facecolors="none",
            edgecolors=ORANGE, linewidths=1.4, zorder=3,
        )  # fmt: skip
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel="Coverage", ylabel="Density")
    axes.text(0.0, share + 0.02, "all wars", size=NOTE_PT, color=GREY)
    scale = picture.colour_scale(dots, _LEFT_IN + _WIDTH_IN + 0.1, _TOP_IN + 0.4, _HEIGHT_IN - 0.8)
    round_ticks(scale.ax.yaxis, 4, whole=True)
    scale.set_label("Figures restricted")


def _restrictions(picture: Picture, figures: Figures, box: Figures) -> None:
    """One bar per figure: its whole range pale, the part inside the box coloured."""
    heading = f"Box chosen (ring): coverage {box['coverage']:.2f}, density {box['density']:.2f}"
    picture.write(_BOX_LEFT_IN, _TOP_IN - 0.02, heading, weight="bold", size=NOTE_PT)
    top = _TOP_IN + 0.22
    for path, (low, high) in box["box"].items():
        figure = figures["figures"][path]
        whole = figure["low"], figure["high"]
        left = (whole[0] if low is None else low, whole[1] if high is None else high)
        picture.write(_BOX_LEFT_IN, top, fitting_path(path, _BOX_IN), size=NOTE_PT)
        axes = picture.axes_at(_BOX_LEFT_IN, top + 0.12, _BOX_IN, 0.08)
        for (start, end), colour in ((whole, PALE), (left, ORANGE)):
            axes.barh(0, end - start, 1.0, start, color=colour)
        axes.set_xlim(whole)
        axes.set_axis_off()
        unit = "" if figure["unit"] == "1" else f" {figure['unit']}"
        words = f"{_span(left)}{unit} (of {_span(whole)})"
        picture.write(_BOX_LEFT_IN, top + 0.22, words, size=NOTE_PT, color=GREY)
        top += _ROW_IN
    picture.top = max(picture.top, top + 0.08)


def _span(ends: tuple[float, float]) -> str:
    return f"{number(ends[0])} to {number(ends[1])}"


def _described(box: Figures | None) -> str:
    if box is None:
        return "No box held on the wars it was not learned on."
    return (
        f"The box restricts {', '.join(box['box'])}; coverage {box['coverage']:.2f}, density "
        f"{box['density']:.2f}."
    )
