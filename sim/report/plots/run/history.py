"""The figure of a history: what was recorded of the war, and the model's response."""

import calendar
import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from sim.experiment.record import Record
from sim.report.plots.captions import deal_words, ensemble, side_title
from sim.report.plots.colours import BLUE, GREY, INK, ORANGE, PALE, SKY, VERMILION
from sim.report.plots.dates import date_axis, place_of
from sim.report.plots.lettering import NOTE_PT, width_of, wrapped
from sim.report.plots.marks import days_from, round_ticks, word_ticks
from sim.report.plots.picture import WIDTH_IN, Picture
from sim.report.plots.places import Floats
from sim.report.plots.run.history_outcomes import (
    Wanting,
    agreed_by,
    draw_wanting,
    name_of,
    wanting_of,
    wanting_words,
)
from sim.report.plots.run.position_panels import (
    Mark,
    draw_flags,
    draw_lines,
    draw_marks,
    marked_words,
    name_ends,
    room_of,
)
from sim.report.plots.run.positions import fans_of, lines_of, moves_of
from sim.report.plots.style import house_style
from sim.report.plots.words import decimal, number, readable, sentence
from sim.scenario.schema import Scenario, Series

_EXPLAINED = (
    "By month; a single giver's aid is a mean over what was reported, and gaps are months without "
    "a report. Vertical: blows (solid), rounds of talks (dashed). The last panels are the model: "
    "the share of runs in which something was agreed by a month's end; publics at the start and at "
    "the end, joined by a line, median and 90 % of runs; what each side accepts, median, bands: "
    "50 % and 90 % of runs."
)
_LEFT_IN, _RIGHT_IN, _GAP_IN = 0.75, 1.5, 0.14
_PANEL_IN, _PUBLICS_IN, _MODEL_IN = 0.72, 0.92, 1.5
_DAYS_IN = WIDTH_IN - _LEFT_IN - _RIGHT_IN
_FLAG_IN = 1.4


class _Layer(NamedTuple):
    """A series in a panel by month: bars or a line; NaN where it has no data."""

    words: str
    colour: str
    amounts: Floats  # (months,)
    is_line: bool = False


class _Panel(NamedTuple):
    """Layers drawn over each other, in one unit."""

    title: str
    layers: list[_Layer]


@house_style()
def draw_history(record: Record) -> Picture | None:
    """Monthly records above what each side would accept; None without a history."""
    scenario = record.scenario
    if scenario.history is None or record.fans.empty or scenario.talks is None:
        return None
    recorded = [panel for panel in _panels(scenario) if panel.layers]
    panels = [*recorded, *_agreed(record)]
    marks = _marks(scenario)
    fans = fans_of(record)
    first, last = (decimal(fans["z"]["q50"].iloc[day]) for day in (0, -1))
    title = f"What was recorded, and the median Z from {first} to {last}{deal_words(scenario)}"
    picture = Picture(title, _EXPLAINED)
    picture.top += 0.1 + room_of(scenario, marks)
    every: list[Axes] = []

    def next_axes(height: float) -> Axes:
        above = every[0] if every else None
        axes = picture.axes_at(_LEFT_IN, picture.top, _DAYS_IN, height, sharex=above)
        every.append(axes)
        picture.top += height + _GAP_IN
        return axes

    for panel in panels:
        _draw_panel(next_axes(_PANEL_IN), panel, scenario)
    wanting = wanting_of(record) if _knows_outcomes(record) else []
    if wanting:
        _draw_publics(next_axes(_PUBLICS_IN), wanting, scenario)
    model = next_axes(_MODEL_IN)
    x = days_from(place_of(scenario.start), len(fans["z"]))
    draw_lines(model, x, lines_of(record, fans), _MODEL_IN)
    model.set_ylabel("Share of\nthe stakes")
    round_ticks(model.yaxis, 4)
    date_axis(model, scenario)
    picture.align_ylabels(every)
    draw_marks(every, marks)
    draw_flags(every[0], scenario, marks)
    runs = int(record.fans["runs"].iloc[0])
    note = f"{ensemble(record)}; quantiles of the first {runs:,} runs, wars that ended included"
    words = [*_words(panels), *(wanting_words(scenario, one) for one in wanting)]
    words += [*moves_of(record, fans), *marked_words(marks)]
    return picture.finished(0.36, note, words)


# --- data --------------------------------------------------------------------------------------


def months_of(scenario: Scenario) -> list[tuple[datetime.date, datetime.date]]:
    """First and last day of each month of a campaign, clipped to the campaign."""
    months, first = [], scenario.start
    while first <= scenario.end:
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        months.append((first, min(last, scenario.end)))
        first = last + datetime.timedelta(1)
    return months


def by_month(series: Series, scenario: Scenario) -> Floats:
    """The monthly amounts of a series over a campaign; NaN where it has no data."""
    return np.array(
        [
            series.amount(first, last) if series.days_told(first, last) else np.nan
            for first, last in months_of(scenario)
        ]
    )


def _sum(amounts: Iterable[Floats]) -> Floats | None:
    """The sum of several series; NaN where none of them has data."""
    every = list(amounts)
    if not every:
        return None
    total: Floats = np.where(np.isnan(every).all(axis=0), np.nan, np.nansum(every, axis=0))
    return total


def _panels(scenario: Scenario) -> Iterator[_Panel]:
    for side in (scenario.underdog, scenario.favourite):
        yield _raids(scenario, side)
    yield _places(scenario)
    yield _front(scenario)
    yield _aid(scenario)


def _raids(scenario: Scenario, struck: str) -> _Panel:
    """What was sent at a side, and what came through if both are recorded."""
    assert scenario.history is not None
    raids = [raid for raid in scenario.history.raids.values() if raid.by != struck]
    launched = _sum(by_month(raid.launched, scenario) for raid in raids if raid.launched)
    through = _sum(
        by_month(raid.launched, scenario) - by_month(raid.neutralised, scenario)
        for raid in raids
        if raid.launched and raid.neutralised
    )
    downed = _sum(
        by_month(raid.neutralised, scenario)
        for raid in raids
        if raid.neutralised and not raid.launched
    )
    layers = [
        _Layer(words, colour, amounts)
        for words, colour, amounts in (
            ("launched", PALE, launched),
            ("came through", VERMILION, through),
            ("downed, as it claims", SKY, downed),
        )
        if amounts is not None
    ]
    return _Panel(f"Sent at {side_title(scenario, struck)}", layers)


def _places(scenario: Scenario) -> _Panel:
    assert scenario.history is not None
    told = {side: loss.places_hit for side, loss in (scenario.history.losses or {}).items()}
    colours = {scenario.underdog: BLUE, scenario.favourite: VERMILION}
    layers = [
        _Layer(f"in {side_title(scenario, side)}", colours[side], by_month(series, scenario))
        for side, series in told.items()
        if series is not None
    ]
    return _Panel("Places hit", layers)


def _front(scenario: Scenario) -> _Panel:
    """How much more the favourite holds than at the start, at the end of each month."""
    assert scenario.history is not None
    if scenario.history.front is None:
        return _Panel("", [])
    change = by_month(scenario.history.front.occupied_change_km2, scenario)
    held = np.where(np.isnan(change), np.nan, np.nancumsum(change)) / 1000.0
    words = f"taken by {side_title(scenario, scenario.favourite)} since the start"
    return _Panel("1,000 km²", [_Layer(words, INK, held, is_line=True)])


def _aid(scenario: Scenario) -> _Panel:
    """All aid given, as bars, and that of each giver."""
    assert scenario.history is not None
    lines = iter((BLUE, ORANGE, VERMILION, INK))
    layers = []
    for aid in sorted(scenario.history.aid.values(), key=lambda aid: aid.by is not None):
        amounts = by_month(aid.allocated_bn_eur, scenario)
        is_line = aid.by is not None
        colour = next(lines, GREY) if is_line else PALE
        layers.append(_Layer(aid.title.split(" and ")[0], colour, amounts, is_line))
    return _Panel("Aid, bn EUR", layers)


def _knows_outcomes(record: Record) -> bool:
    """Whether a record has the outcomes of each run, and not only its fans."""
    return "deal_day" in record.names("runs")


def _agreed(record: Record) -> list[_Panel]:
    """What had been agreed in the model by the end of each month."""
    if not _knows_outcomes(record):
        return []
    scenario = record.scenario
    last_days = [(last - scenario.start).days for _, last in months_of(scenario)]
    colours = iter((INK, ORANGE, BLUE))
    layers = [
        _Layer(words, next(colours), shares, is_line=True)
        for words, shares in agreed_by(record, last_days).items()
    ]
    return [_Panel("Agreed, % of runs", layers)]


def _draw_publics(axes: Axes, wanting: Sequence[Wanting], scenario: Scenario) -> None:
    draw_wanting(axes, wanting, (place_of(scenario.start), place_of(scenario.end) + 1))
    axes.set_ylabel("Ready to ...,\n% of a public")
    round_ticks(axes.yaxis, 3)
    axes.tick_params(axis="x", which="both", labelbottom=False)
    ends = [(name_of(scenario, one), one.colour, one.end[1]) for one in wanting]
    name_ends(axes, ends, _PUBLICS_IN)


def _marks(scenario: Scenario) -> list[Mark]:
    """Blows, with their titles if these are short, and rounds of talks without names."""
    blows = [
        Mark(event.date, _short(event.title, name), "raid")
        for name, event in scenario.events.items()
        if event.kind == "blow"
    ]
    talks = scenario.talks.meetings if scenario.talks else {}
    rounds = [Mark(date, "", "meeting") for date in talks.values()]
    return sorted([*blows, *rounds], key=lambda mark: (mark.date, mark.kind))


def _short(title: str, name: str) -> str:
    return title if width_of(title, NOTE_PT) < _FLAG_IN else sentence(readable(name))


# --- drawing -------------------------------------------------------------------------------------


def _draw_panel(axes: Axes, panel: _Panel, scenario: Scenario) -> None:
    months = months_of(scenario)
    begins = np.array([place_of(first) for first, _ in months], float)
    ends = np.array([place_of(last) + 1 for _, last in months], float)
    for layer in panel.layers:
        if layer.is_line:
            axes.plot(0.5 * (begins + ends), layer.amounts, color=layer.colour, linewidth=1.1)
        else:
            axes.bar(begins, layer.amounts, ends - begins, align="edge", color=layer.colour)
    told = np.concatenate([layer.amounts for layer in panel.layers])
    least, most = min(0.0, float(np.nanmin(told))), max(0.0, float(np.nanmax(told)))
    axes.set_ylim(least - 0.05 * (most - least) * (least < 0), 1.08 * most or 1.0)
    axes.set_ylabel("\n".join(wrapped(panel.title, _PANEL_IN)))
    round_ticks(axes.yaxis, 3)
    word_ticks(axes.yaxis, number)
    axes.tick_params(axis="x", which="both", labelbottom=False)
    ends_at = [(layer.words, layer.colour, _last_told(layer.amounts)) for layer in panel.layers]
    name_ends(axes, ends_at, _PANEL_IN)


def _last_told(amounts: Floats) -> float:
    told = amounts[~np.isnan(amounts)]
    return float(told[-1]) if len(told) else 0.0


def _words(panels: list[_Panel]) -> Iterator[str]:
    """Each layer in a sentence: its total, or the end of its line."""
    for panel in panels:
        for layer in panel.layers:
            if layer.is_line:
                told = f"{number(_last_told(layer.amounts))} at the end"
            else:
                told = f"{number(float(np.nansum(layer.amounts)))} in all"
            yield f"{panel.title}, {layer.words}: {told}."
