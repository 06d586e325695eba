"""Axes of a sweep's figures: limits, ticks and tick labels."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis, XAxis
from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator, NullLocator

from sim.report.plots.lettering import LINE_IN, width_of
from sim.report.plots.marks import word_ticks
from sim.report.plots.places import Floats
from sim.report.plots.sweep.factors import Scale, short_number
from sim.report.plots.words import dollars

_LOG_FROM = 30.0
"""Outcomes that are all positive and span a larger factor have a logarithmic axis."""
STEPS = [1, 2, 2.5, 5, 10]
"""Steps between ticks, times a power of ten."""
_OUT_IN = 0.12
"""How far tick labels may extend beyond the ends of an axis without neighbours."""


def set_ticks(
    axis: Axis, scale: Scale, limits: tuple[float, float], room: float, out: float = _OUT_IN
) -> None:
    """Ticks at levels if these are round, else at round numbers; as many as there is room for.

    Their labels may extend `out` inches beyond the ends.
    """
    is_flat = isinstance(axis, XAxis)
    values = scale.levels
    if not (scale.named or scale.is_log or _are_round(values)):
        most = max(2, int(room / (0.34 if is_flat else 0.24)))
        values = np.asarray(MaxNLocator(most, steps=STEPS).tick_values(*limits))
    ticks: list[float] = []
    free = -np.inf
    for value in values:
        place = float(scale.place(value))
        at = (place - limits[0]) / (limits[1] - limits[0]) * room
        half = (width_of(scale.words(value)) + 0.08 if is_flat else LINE_IN) / 2
        is_inside = (
            limits[0] <= place <= limits[1] and at - half >= -out and (at + half <= room + out)
        )
        if is_inside and at - half >= free:
            ticks.append(value)
            free = at + half
    axis.set_major_locator(FixedLocator([float(scale.place(value)) for value in ticks]))
    axis.set_ticklabels([scale.words(value) for value in ticks])
    axis.set_minor_locator(NullLocator())


def _are_round(values: Floats) -> bool:
    return all(value == float(f"{value:.2g}") for value in values) and len(values) <= 12


def lay_along(axes: Axes, scale: Scale, room: float, aside: float = 0.0) -> None:
    """The x axis of a factor, with a small margin, and room `aside` of the outer levels."""
    ends = scale.place(scale.levels[[0, -1]])
    span = float(ends[1] - ends[0])
    pad = 0.35 if scale.named else span * max(0.04, aside / (room - 2 * aside))
    limits = (float(ends[0] - pad), float(ends[1] + pad))
    axes.set_xlim(*limits)
    set_ticks(axes.xaxis, scale, limits, room)


def is_log(values: Floats) -> bool:
    """Whether all finite values are positive and span decades."""
    seen = values[np.isfinite(values)]
    return bool(len(seen) and seen.min() > 0.0 and seen.max() > _LOG_FROM * seen.min())


def log_locator(span: float, most: int) -> LogLocator:
    """Ticks at 1, 2 and 5 of each decade if there is room, else at 1 and 3, else at 1."""
    decades = np.log10(span)
    for subs in ((1.0, 2.0, 5.0), (1.0, 3.0)):
        if decades * len(subs) <= most:
            return LogLocator(subs=subs, numticks=most + 2)
    return LogLocator(numticks=most + 2)


def format_ticks(axis: Axis, outcome: str) -> None:
    """Tick labels of an outcome: in dollars if it is money."""
    word_ticks(axis, dollars if outcome.endswith("_usd") else short_number)


def lay_across(axes: Axes, axis: Axis, values: Floats, outcome: str) -> None:
    """The axis of an outcome around all its values: logarithmic if they span decades."""
    seen = values[np.isfinite(values)]
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 1.0)
    is_flat = isinstance(axis, XAxis)
    set_limits = axes.set_xlim if is_flat else axes.set_ylim
    if is_log(seen):
        (axes.set_xscale if is_flat else axes.set_yscale)("log")
        set_limits(low / 1.2, high * 1.2)
        axis.set_major_locator(log_locator(high / low, 5 if is_flat else 8))
        axis.set_minor_locator(NullLocator())
    else:
        if 0.0 <= low < 0.4 * high:
            low = 0.0
        if low == high == 0.0:
            high = 1.0  # all values are 0: no ticks of less than a dollar
        room = 0.05 * (high - low) or 0.05 * abs(high)
        set_limits(low - (room if low != 0.0 else 0.2 * room), high + room)
        axis.set_major_locator(MaxNLocator(4 if is_flat else 5, steps=STEPS))
    format_ticks(axis, outcome)
