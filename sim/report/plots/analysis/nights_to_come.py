"""The figure of coming nights: the last nights as observed, and a fan of the forecasts."""

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.evidence.nights.titles import CLASSES
from sim.render.document import Figures
from sim.report.plots.analysis.class_panels import class_panels, dates_of
from sim.report.plots.colours import BLUE, INK
from sim.report.plots.marks import round_ticks
from sim.report.plots.picture import Picture
from sim.report.plots.style import house_style

_BANDS = {"90": (0.25, 3.0), "50": (0.6, 3.0)}


@house_style()
def draw_nights_to_come(figures: Figures) -> Picture:
    """Recent leakers, and 50 and 90 % intervals of those 1, 7 and 30 days ahead."""
    picture = Picture(
        f"What comes through after {figures['as_of']}",
        "The latest nights, and the forecast 1, 7 and 30 days ahead (stroke: median), learned from "
        "so many nights",
    )
    marks = {
        "came through": Line2D([], [], color=INK, marker="o", linestyle="", markersize=2.5),
        "50 % of the forecast": Patch(color=BLUE, alpha=0.6),
        "90 % of the forecast": Patch(color=BLUE, alpha=0.25),
    }
    for entry, axes in class_panels(picture, marks, figures["classes"]):
        came = [row["leaked"] for row in entry["lately"]]
        axes.plot(dates_of(entry["lately"]), came, "o", color=INK, markersize=2.5)
        ahead = list(entry["ahead"].values())
        dates = dates_of(ahead, "date")
        for level, (alpha, width) in _BANDS.items():
            low, high = ([one[f"{end}_{level}"] for one in ahead] for end in ("low", "high"))
            axes.vlines(dates, low, high, color=BLUE, alpha=alpha, linewidth=width)
        axes.plot(dates, [one["median"] for one in ahead], "_", color=BLUE, markersize=7)
        axes.set_ylim(bottom=-0.5)
        axes.set_ylabel("Came through")
        round_ticks(axes.yaxis, 5, whole=True)
    sentences = (
        f"{CLASSES[name]}, {entry['ahead']['1']['date']}: {entry['ahead']['1']['median']} "
        f"({entry['ahead']['1']['low_90']} to {entry['ahead']['1']['high_90']})."
        for name, entry in figures["classes"].items()
    )
    return picture.finished(0.1, f"{figures['rows']:,} rows", sentences)
