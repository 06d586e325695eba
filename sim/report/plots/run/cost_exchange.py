"""The figure of the cost exchange: the costs of a raid to the attacker and to the defender."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullFormatter

from sim.experiment.record import Record
from sim.report.plots.captions import ensemble, flown_runs, flown_words, short_title, side_title
from sim.report.plots.colours import BLUE, GREY, INK, PALE, SKY, VERMILION
from sim.report.plots.lettering import NOTE_PT, width_of, wrapped
from sim.report.plots.marks import DASHED, draw_interval, name_rows, round_ticks, word_ticks
from sim.report.plots.picture import MARGIN_IN, MOST_PANELS, WIDTH_IN, Picture
from sim.report.plots.places import Floats, interval
from sim.report.plots.style import house_style
from sim.report.plots.words import dollars, number, rough
from sim.scenario.schema import Scenario, snake

_MONEY_LEFT_IN, _MONEY_IN, _RATIO_LEFT_IN = 1.25, 2.75, 4.5
_RATIO_IN = WIDTH_IN - 0.2 - _RATIO_LEFT_IN
_PANEL_IN, _GAP_IN = 1.08, 0.72
_COLOURS = (VERMILION, BLUE, SKY)


@dataclass(frozen=True)
class Bill:
    """The sums of money of a raid, over the runs in which it was flown."""

    raid: str
    money: dict[str, Floats]  # by whose money it is
    cost_exchange: Floats
    loss_exchange: Floats


def bills_of(record: Record) -> list[Bill]:
    """The sums of money of every raid that was flown."""
    scenario = record.scenario
    bills = []
    for name, raid in scenario.raids.items():
        word = snake(name)
        columns = ("spent_usd", "lost_usd", "fired_usd", "cost_exchange", "loss_exchange")
        runs = flown_runs(record, name, *columns)
        if runs.empty:
            continue
        attacker, defender = side_title(scenario, raid.by), enemy_title(scenario, name)
        who = {"spent": f"{attacker}'s weapons", "lost": f"{defender}'s losses"}
        who["fired"] = f"{defender}'s rounds fired"
        money = {words: runs[f"{word}_{what}_usd"].to_numpy(float) for what, words in who.items()}
        ratios = (runs[f"{word}_{what}_exchange"].to_numpy(float) for what in ("cost", "loss"))
        bills.append(Bill(name, money, *ratios))
    return bills


def enemy_title(scenario: Scenario, raid: str) -> str:
    """The title of the side against which a raid is flown."""
    return side_title(scenario, scenario.enemy_of(scenario.raids[raid].by))


def _positive(values: Floats) -> Floats:
    return values[np.isfinite(values) & (values > 0)]


@house_style()
def draw_cost_exchange(record: Record) -> Picture | None:
    """What each raid cost both sides, and the defender's cost per dollar of the attacker's."""
    found = bills_of(record)
    bills = found[:MOST_PANELS]
    if not any(len(_positive(values)) for bill in bills for values in bill.money.values()):
        return None
    words = "Left: median and 90 % interval; right: share of runs; dashed: both pay the same"
    picture = Picture("What a raid costs the side that flies it and the side it hits", words)
    entries = {
        "losses and rounds fired": Patch(facecolor=SKY),
        "losses alone": Line2D([], [], color=VERMILION),
    }
    picture.key(_RATIO_LEFT_IN, 0.27, entries, 2)
    money = _decades([values for bill in bills for values in bill.money.values()])
    ratios = [values for bill in bills for values in (bill.cost_exchange, bill.loss_exchange)]
    ratio = _decades([*ratios, np.array([1.0])])
    picture.top = 0.58
    for bill in bills:
        picture.heading(_exchange_sentence(record, bill), flown_words(record, bill.raid))
        place = picture.top + 0.2
        _draw_money(picture.axes_at(_MONEY_LEFT_IN, place, _MONEY_IN, _PANEL_IN), bill, money)
        _draw_ratios(picture.axes_at(_RATIO_LEFT_IN, place, _RATIO_IN, _PANEL_IN), bill, ratio)
        picture.top += _PANEL_IN + _GAP_IN
    sentences = (_bill_words(record, bill) for bill in bills)
    return picture.finished(0.12, ensemble(record, len(bills), len(found)), sentences)


def _exchange_sentence(record: Record, bill: Bill) -> str:
    title = short_title(record.scenario, bill.raid)
    ratios = bill.cost_exchange[np.isfinite(bill.cost_exchange)]
    if not len(ratios):
        return title
    cost = rough(float(np.median(ratios)))
    return (
        f"{title}: a dollar spent costs {enemy_title(record.scenario, bill.raid)} ${cost} (median)"
    )


def _bill_words(record: Record, bill: Bill) -> str:
    parts = [
        f"{who} {dollars(median)} ({dollars(low)} to {dollars(high)})"
        for who, values in bill.money.items()
        for low, median, high in (interval(values),)
    ]
    return f"{_exchange_sentence(record, bill)}; {', '.join(parts)}."


def _decades(values: list[Floats]) -> tuple[float, float]:
    """Limits at whole decades around 99.8 % of the positive values."""
    positive = np.concatenate([_positive(part) for part in values])
    if not len(positive):
        return 0.1, 10.0
    low, high = np.log10(np.quantile(positive, (0.001, 0.999)))
    return 10.0 ** np.floor(low), 10.0 ** max(np.ceil(high), np.floor(low) + 1)


def _log_axis(
    axes: Axes, limits: tuple[float, float], words: Callable[[float], str], most: int
) -> None:
    """A logarithmic x axis with readable labels at whole decades."""
    axes.set_xscale("log")
    axes.set_xlim(*limits)
    first, last = (round(float(np.log10(limit))) for limit in limits)
    step = max(1, -(-(last - first) // most))
    decades = range(-(-first // step) * step, last + 1, step)
    axes.xaxis.set_major_locator(FixedLocator([10.0**k for k in decades]))
    axes.xaxis.set_minor_locator(FixedLocator([10.0**k for k in range(first, last + 1)]))
    axes.xaxis.set_minor_formatter(NullFormatter())
    word_ticks(axes.xaxis, words)


def _draw_money(axes: Axes, bill: Bill, limits: tuple[float, float]) -> None:
    """Median and 90 % interval of each sum of money, with numbers above."""
    _log_axis(axes, limits, dollars, 6)
    room = _MONEY_LEFT_IN - MARGIN_IN - 0.05
    name_rows(axes, ["\n".join(wrapped(who, room)) for who in bill.money])
    axes.set(ylim=(2.6, -0.75), xlabel="US dollars")
    axes.grid(axis="x", color=PALE, linewidth=0.4)
    axes.set_axisbelow(True)
    floor = limits[0]
    for row, (values, colour) in enumerate(zip(bill.money.values(), _COLOURS, strict=True)):
        low, median, high = interval(values)
        if high <= 0:
            axes.text(floor, row, " none", va="center", color=GREY)
            continue
        mark = Line2D([], [], color=colour, marker="o", markersize=4.0, linewidth=1.6)
        draw_interval(axes, row, (max(low, floor), max(median, floor), max(high, floor)), mark)
        text = f"{dollars(median)} ({dollars(low)}–{dollars(high)})"
        _write_above(axes, max(median, floor), row - 0.2, text)


def _write_above(axes: Axes, x: float, y: float, text: str) -> None:
    """Small text above a place on a logarithmic axis, moved if it would leave the axes."""
    first, last = np.log(axes.get_xlim())
    half = width_of(text, NOTE_PT) / _MONEY_IN / 2
    middle = min(max((np.log(x) - first) / (last - first), half), 1.0 - half)
    axes.text(
        middle, y, text, ha="center", va="bottom", size=NOTE_PT,
        transform=axes.get_yaxis_transform(),
    )  # fmt: skip


def _draw_ratios(axes: Axes, bill: Bill, limits: tuple[float, float]) -> None:
    """The distributions of both exchange ratios, in bins of a tenth of a decade."""
    _log_axis(axes, limits, number, 5)
    first, last = np.log10(limits)
    edges = 10.0 ** np.arange(first, last + 0.05, 0.1)
    looks: list[tuple[Floats, dict[str, Any]]] = [
        (bill.cost_exchange, {"color": SKY, "histtype": "stepfilled", "alpha": 0.9}),
        (bill.loss_exchange, {"color": VERMILION, "histtype": "step", "linewidth": 0.9}),
    ]
    for ratios, look in looks:
        positive = _positive(ratios)
        if len(positive):
            weights = np.full(len(positive), 100.0 / len(ratios))
            axes.hist(positive, edges.tolist(), weights=weights, **look)
    axes.axvline(1.0, color=INK, linewidth=0.8, linestyle=DASHED)
    round_ticks(axes.yaxis, 3, whole=True)
    axes.set(ylabel="runs (%)", xlabel="Defender's cost per dollar of the attacker's")
