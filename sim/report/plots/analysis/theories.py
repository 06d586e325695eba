"""The figure of theories: under how many which side hardens, for how long, and what decides."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, NullLocator

from sim.experiment.questions.theories import MOVED
from sim.render.document import Figures
from sim.report.plots.colours import BLUE, GREY, INK, ORANGE, PALE
from sim.report.plots.lettering import LINE_IN, NOTE_PT, shortened, width_of
from sim.report.plots.marks import (
    Part,
    days_from,
    draw_fan,
    draw_parts,
    hide_left,
    name_rows,
    round_ticks,
    word_ticks,
)
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture, title_before
from sim.report.plots.places import Floats
from sim.report.plots.style import house_style
from sim.report.plots.words import number, readable, sentence, some_of

Titles = dict[str, str]

HARDER, SOFTER = ORANGE, BLUE
"""Light and dark, so that they differ in a print without colour."""
_COLOURS = {"softens": SOFTER, "no effect": PALE, "hardens": HARDER}
_WORDS = {"softens": "softer", "no effect": "no effect of note", "hardens": "harder"}
_SIGN_OF_HARDENING = {"r_u": 1.0, "r_d": 1.0, "z": -1.0}
_STILL = 1e-9

_MOST_MOMENTS = 5
"""The raid's day and the last meetings; with more, the figure would not fit on a page."""
_MOMENT_ROWS = 4.6
"""The height of the bars of a moment, in rows: a heading and three bars."""
_FIRST_IN, _HEADING_IN = 0.6, 0.22
_PANEL_TOP_IN = _FIRST_IN + _HEADING_IN + 0.18
_NAMES_IN, _SIDE_IN, _BARS_IN = 1.0, 0.48, 2.45
_MAP_LEFT_IN, _MAP_IN, _MAP_HEIGHT_IN = 4.3, 2.25, 2.3
_LEFT_IN, _COLUMN_IN, _GAP_IN, _VALUES_IN = 0.85, 1.9, 0.25, 0.68
_DECAY_IN, _ROW_IN = 1.25, 0.155
_FAN = (0.05, 0.25, 0.5, 0.75, 0.95)


@house_style()
def draw_theories(
    figures: Figures, theories: pd.DataFrame, decay: pd.DataFrame, titles: Titles
) -> Picture:
    """Shares of verdicts, effects on both sides, their decay, and each mechanism's contribution.

    `figures`, `theories` and `decay` are the answer of a theories experiment; `titles` are those of
    the underdog (`r_u`), the favourite (`r_d`) and the raid.
    """
    moments = _moments(figures)
    picture = Picture(_title(figures, titles), _explained(figures))
    bars_in = _draw_verdicts(picture, figures, moments, titles)
    _draw_map(picture, theories, titles)
    picture.top = _FIRST_IN + max(bars_in, _MAP_HEIGHT_IN) + 0.92
    selected = decay[decay["theory"].isin(theories["theory"])]
    fans = {word: _fan(selected, word) for word in MOVED}
    _draw_decay(picture, fans, figures, titles)
    _draw_mechanisms(picture, figures, titles)
    sentences = _described(figures, theories, fans, titles)
    return picture.finished(0.95, _note(figures, len(moments)), sentences)


def _title(figures: Figures, titles: Titles) -> str:
    verdicts = figures["verdicts"][_moments(figures)[0]]
    rest = (
        f" hardens {_side(titles, 'r_u')} under "
        f"{_percent(verdicts['r_u']['hardens'])} of theories, {_side(titles, 'r_d')} under "
        f"{_percent(verdicts['r_d']['hardens'])}, both under {_percent(verdicts['both harden'])}"
    )
    return title_before(titles["raid"], rest)


def _explained(figures: Figures) -> str:
    return (
        f"A theory is one combination of {len(figures['mechanisms'])} mechanisms. Effects are "
        "means over the wars in which the raid flew, with the raid minus without it. Harder: r "
        f"rises, or Z narrows, by more than {figures['region']['half_width']:g} of the stakes. "
        "Monte Carlo error is removed from (a), but not from (b) and (c)."
    )


def _note(figures: Figures, drawn: int) -> str:
    left_out = some_of(drawn, len(figures["verdicts"]), "moments")
    grounded = 2 ** len(figures["mechanisms"]) - figures["theories"]
    never = f" (in {grounded:,} more the raid never flew)" if grounded else ""
    return (
        f"{left_out}{figures['theories']:,} theories{never}, {figures['wars']:,} wars: "
        f"{figures['runs']:,} of each with the raid, as many without; seed {figures['seed']}"
    )


def _moments(figures: Figures) -> list[str]:
    """The raid's day and the last of the later meetings."""
    first, *later = figures["verdicts"]
    return [first, *later[max(0, len(later) - _MOST_MOMENTS + 1) :]]


def _moment_title(moment: str) -> str:
    return sentence(readable(moment))


def _percent(share: float) -> str:
    """A share in whole per cent, with < or > if it would round to nothing or to everything."""
    if 0.0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= share < 1.0 else f"{100 * share:.0f} %"


def _side(titles: Titles, word: str) -> str:
    """The title of a side, shortened to the room for a label; a long word is cut."""
    title = shortened(titles[word], _SIDE_IN)
    while width_of(title) > _SIDE_IN:
        title = f"{title.rstrip('…')[:-1]}…"
    return title


def _name(titles: Titles, word: str) -> str:
    return "Zone (Z)" if word == "z" else f"{_side(titles, word)} ({word})"


def _signed(value: float) -> str:
    """A share with three decimals and its sign."""
    text = f"{value:+.3f}".replace("-", "−")
    return text if text.strip("+−0.") else "0.000"


# --- a: verdicts -----------------------------------------------------------------------------


def _draw_verdicts(picture: Picture, figures: Figures, moments: list[str], titles: Titles) -> float:
    """For each moment a bar for each side and the zone, divided by verdict; returns the height."""
    picture.write(MARGIN_IN, _FIRST_IN, "(a) Share of theories, by mean effect", weight="bold")
    entries = {_WORDS[verdict]: Patch(facecolor=_COLOURS[verdict]) for verdict in _COLOURS}
    picture.key(_NAMES_IN, _FIRST_IN + _HEADING_IN, entries, 3)
    rows = _MOMENT_ROWS * len(moments)
    height = rows * min(0.24, max(_ROW_IN, _MAP_HEIGHT_IN / rows))
    axes = picture.axes_at(_NAMES_IN, _PANEL_TOP_IN, _BARS_IN, height)
    axes.set(xlim=(0.0, 100.0), ylim=(rows, 0.0), xlabel="Theories (%)")
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[2, 5, 10]))
    hide_left(axes)
    places: list[float] = []
    for moment in moments:
        verdicts, head = figures["verdicts"][moment], _MOMENT_ROWS * len(places) / len(MOVED)
        axes.text(
            -(_NAMES_IN - MARGIN_IN) / _BARS_IN, head + 0.85, _verdict_heading(moment, verdicts),
            va="center", size=NOTE_PT, transform=axes.get_yaxis_transform(),
        )  # fmt: skip
        for place, word in enumerate(MOVED, 2):
            shares = verdicts[word]
            parts = [Part(100.0 * shares[v], c, _percent(shares[v])) for v, c in _COLOURS.items()]
            draw_parts(axes, head + place, parts, 0.82, 100.0 / _BARS_IN)
            places.append(head + place)
    axes.set_yticks(places, [_name(titles, word) for word in MOVED] * len(moments))
    return height


def _verdict_heading(moment: str, verdicts: Figures) -> str:
    return (
        f"{shortened(_moment_title(moment), 0.9, NOTE_PT)}: "
        f"both harden {_percent(verdicts['both harden'])}, "
        f"both soften {_percent(verdicts['both soften'])}, "
        f"one each way {_percent(verdicts['opposite'])}"
    )


# --- b: one side against the other ---------------------------------------------------------------


def quadrants(theories: pd.DataFrame) -> dict[tuple[int, int], tuple[float, float]]:
    """Two shares of theories, by the signs of the effects on r_u and r_d on the raid's day.

    The first is of those whose mean effects have these signs, the second of those among them with a
    verdict for both sides that it hardens or softens.
    """
    columns = [f"{word}, the raid's day" for word in ("r_u", "r_d")]
    signs = np.sign(np.where(theories[columns].abs() > _STILL, theories[columns], 0.0))
    moved = ("hardens", "softens")
    decided = theories[[f"{column} verdict" for column in columns]].isin(moved).all(axis=1)
    result = {}
    for one, other in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        there = (signs[:, 0] == one) & (signs[:, 1] == other)
        result[one, other] = (float(there.mean()), float((there & decided).mean()))
    return result


def _quadrant_title(titles: Titles, one: int, other: int) -> str:
    if one == other:
        return "Both harden" if one > 0 else "Both soften"
    hard, soft = ("r_u", "r_d") if one > 0 else ("r_d", "r_u")
    return f"{_side(titles, hard)} hardens,\n{_side(titles, soft)} softens"


def _draw_map(picture: Picture, theories: pd.DataFrame, titles: Titles) -> None:
    """The number of theories by their mean effects on both sides, on the raid's day."""
    left = _MAP_LEFT_IN - 0.5
    picture.write(left, _FIRST_IN, "(b) Mean effects on the raid's day", weight="bold")
    found = quadrants(theories)
    neither = _percent(max(0.0, 1.0 - sum(lies for lies, _ in found.values())))
    words = f"share of theories (in brackets: sure on both sides); on an axis {neither}"
    picture.write(left, _FIRST_IN + 0.15, words, size=NOTE_PT, color=GREY)
    axes = picture.axes_at(_MAP_LEFT_IN, _PANEL_TOP_IN, _MAP_IN, _MAP_HEIGHT_IN)
    down, right = (theories[f"{word}, the raid's day"].to_numpy(np.float64) for word in MOVED[:2])
    cells = _hexagons(axes, right, down)
    axes.axhline(0.0, color=INK, linewidth=0.6)
    axes.axvline(0.0, color=INK, linewidth=0.6)
    axes.set_xlabel(f"Effect on r_d, {_side(titles, 'r_d')} (share of the stakes)")
    axes.set_ylabel(f"Effect on r_u, {_side(titles, 'r_u')} (share of the stakes)")
    for (one, other), (lies, decided) in found.items():
        words = f"{_quadrant_title(titles, one, other)}\n{_percent(lies)} ({_percent(decided)})"
        axes.text(
            0.98 if other > 0 else 0.02, 0.985 if one > 0 else 0.015, words, linespacing=1.15,
            ha="right" if other > 0 else "left", va="top" if one > 0 else "bottom",
            transform=axes.transAxes,
        )  # fmt: skip
    scale_left, scale_in = _MAP_LEFT_IN + _MAP_IN + 0.1, _MAP_HEIGHT_IN - 1.0
    bar = picture.colour_scale(cells, scale_left, _PANEL_TOP_IN + 0.5, scale_in)
    bar.ax.yaxis.set_minor_locator(NullLocator())
    word_ticks(bar.ax.yaxis, number)
    above = _PANEL_TOP_IN + 0.5 - 2.2 * LINE_IN
    picture.write(WIDTH_IN - MARGIN_IN, above, "Theories\nin a cell", ha="right", linespacing=1.1)


_FEWEST_CELLS, _MOST_CELLS = 14, 44
"""Across the map: few theories in small cells would be invisible."""
_LABELS_SHARE = 3.6 * LINE_IN / _MAP_HEIGHT_IN
"""Share of the map's height for the words of the upper quadrants, and of the lower."""


def _hexagons(axes: Axes, x: Floats, y: Floats) -> PolyCollection:
    """Counts in hexagonal cells, one centred at zero, with room for words above and below."""
    left, right = _limits(x, 0.7)
    bottom, top = _limits(y, 0.5)
    room = (top - bottom) * _LABELS_SHARE / (1.0 - 2.0 * _LABELS_SHARE)
    bottom, top = bottom - room, top + room
    axes.set(xlim=(left, right), ylim=(bottom, top))
    width, height = max(-left, right), max(-bottom, top)
    cells = min(_MOST_CELLS, _FEWEST_CELLS + len(x) // 64)
    rows = cells * _MAP_HEIGHT_IN / _MAP_IN / np.sqrt(3.0)
    counted = axes.hexbin(
        x, y, extent=(-width, width, -height, height), mincnt=1, linewidths=0.2,
        gridsize=(_even(cells * 2 * width / (right - left)),
                  _even(rows * 2 * height / (top - bottom))),
        cmap=LinearSegmentedColormap.from_list("ink", [PALE, GREY, INK]), edgecolors="face",
    )  # fmt: skip
    most = float(np.asarray(counted.get_array()).max())
    counted.set_norm(LogNorm(1.0, max(most, 10.0)))
    round_ticks(axes.xaxis, 5)
    round_ticks(axes.yaxis, 5)
    return counted


def _limits(values: Floats, least: float) -> tuple[float, float]:
    """Limits around all values, such that either side of zero has at least `least` of the other."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    far = max(-low, high) or 0.01
    return 1.1 * min(low, -least * far), 1.1 * max(high, least * far)


def _even(cells: float) -> int:
    """An even number of cells across, so that one is centred at zero."""
    return 2 * round(cells / 2.0)


# --- c: decay ----------------------------------------------------------------------------------


def _left_of(column: int) -> float:
    """The left edge of a column of the lower panels, in inches."""
    return _LEFT_IN + column * (_COLUMN_IN + _GAP_IN)


def _fan(decay: pd.DataFrame, word: str) -> Floats:
    """Quantiles over theories of the mean effect, shape (quantiles, days from the raid's)."""
    paths = decay.pivot(index="days_after", columns="theory", values=word)
    return np.quantile(paths, _FAN, axis=1)


def _draw_decay(
    picture: Picture, fans: dict[str, Floats], figures: Figures, titles: Titles
) -> None:
    """Median and bands over theories by day, on a common scale for both sides and the zone."""
    aside = (
        "line: median; bands: 50 and 90 % of theories; in grey: those with a sure effect at first"
    )
    picture.heading("(c) How long it lasts: mean effect by day", aside)
    low = min(0.0, *(float(fan.min()) for fan in fans.values()))
    high = max(0.0, *(float(fan.max()) for fan in fans.values()))
    room = 0.06 * (high - low) or 0.01
    top = picture.top + _HEADING_IN
    for column, (word, fan) in enumerate(fans.items()):
        left, days = _left_of(column), fan.shape[1]
        picture.write(left, top, _direction(titles, word))
        half_life = _half_life(figures["half_lives"][word], days - 1)
        picture.write(left, top + LINE_IN, half_life, color=GREY, size=NOTE_PT)
        axes = picture.axes_at(left, top + 0.3, _COLUMN_IN, _DECAY_IN)
        draw_fan(axes, days_from(0.0, days), fan, INK)
        axes.set(xlim=(0, days), ylim=(low - room, high + room), xlabel="Days after the raid")
        axes.axhline(0.0, color=INK, linewidth=0.6)
        round_ticks(axes.xaxis, 6, whole=True)
        round_ticks(axes.yaxis, 5)
        axes.tick_params(axis="y", labelleft=column == 0)
        if column == 0:
            axes.set_ylabel("Mean effect\n(share of the stakes)")
    picture.top += _DECAY_IN + 1.0


def _direction(titles: Titles, word: str) -> str:
    harder = "down is narrower" if word == "z" else "up is harder"
    return f"{_name(titles, word)}: {harder}"


def _half_life(half: Figures, last: int) -> str:
    """The share of theories whose effect on a position halves, and when, as text."""
    if half["theories"] == 0:
        return "no theory has a sure effect"
    if half["median"] is None:
        return f"none halves by day {last}"
    halve = _percent(half["halved"] / half["theories"])
    return f"{halve} halve by day {last} (median day {number(half['median'])})"


# --- d: mechanisms -------------------------------------------------------------------------------


def _ranked(figures: Figures) -> list[str]:
    """Mechanisms by their largest effect on a side or the zone on the raid's day."""
    decide = [figures["mechanisms_decide"][word]["the raid's day"] for word in MOVED]

    def largest(name: str) -> float:
        return max(abs(found[name]["effect"]) if name in found else 0.0 for found in decide)

    return sorted(figures["mechanisms"], key=lambda name: (-largest(name), name))


def _draw_mechanisms(picture: Picture, figures: Figures, titles: Titles) -> None:
    """The average effect of switching each mechanism on, and the variance it explains alone."""
    aside = "mean change as it is switched on; share of the variance it explains alone"
    picture.heading("(d) Which mechanism decides on the raid's day; colours as in (a)", aside)
    names = _ranked(figures)
    decide = {word: figures["mechanisms_decide"][word]["the raid's day"] for word in MOVED}
    effects = [found["effect"] for part in decide.values() for found in part.values()]
    limit = 1.05 * max((abs(effect) for effect in effects), default=0.0) or 0.01
    height, room = len(names) * _ROW_IN, _LEFT_IN - MARGIN_IN - 0.1
    for column, word in enumerate(MOVED):
        left, top = _left_of(column), picture.top + _HEADING_IN
        words = f"on {_name(titles, word)}" + ("" if decide[word] else ": theories do not differ")
        picture.write(left, top, words)
        axes = picture.axes_at(left, top + 0.16, _COLUMN_IN - _VALUES_IN, height)
        axes.set(xlim=(-limit, limit), xlabel="Added (share of the stakes)")
        round_ticks(axes.xaxis, 3)
        name_rows(axes, [shortened(name, room) for name in names])
        axes.tick_params(axis="y", labelleft=column == 0)
        _mechanism_bars(axes, decide[word], names, _SIGN_OF_HARDENING[word])
    picture.top += height


def _mechanism_bars(axes: Axes, decide: Figures, names: list[str], harder: float) -> None:
    """One bar per mechanism, coloured by whether it makes the raid harden or soften."""
    axes.axvline(0.0, color=INK, linewidth=0.6)
    across = axes.get_yaxis_transform()
    right = 1.0 + _VALUES_IN / (_COLUMN_IN - _VALUES_IN)
    middle = 1.0 + 0.4 / (_COLUMN_IN - _VALUES_IN)
    for place, name in enumerate(names if decide else []):
        effect, alone = decide[name]["effect"], decide[name]["alone"]
        colour = HARDER if effect * harder > 0.0 else SOFTER
        axes.barh(place, effect, 0.72, color=colour)
        for x, text in ((middle, _signed(effect)), (right, _percent(alone))):
            axes.text(x, place, text, ha="right", va="center_baseline", size=NOTE_PT,
                      transform=across)  # fmt: skip


# --- words -----------------------------------------------------------------------------------


def _described(
    figures: Figures, theories: pd.DataFrame, fans: dict[str, Floats], titles: Titles
) -> list[str]:
    return [
        *(_verdict_words(figures, moment, titles) for moment in figures["verdicts"]),
        _quadrant_words(theories, titles),
        *(_decay_words(fan, word, titles) for word, fan in fans.items()),
        *(_mechanism_words(figures, word, titles) for word in MOVED),
    ]


def _verdict_words(figures: Figures, moment: str, titles: Titles) -> str:
    verdicts = figures["verdicts"][moment]
    parts = [
        f"{_name(titles, word)} {harder} under {_percent(verdicts[word]['hardens'])} and {softer} "
        f"under {_percent(verdicts[word]['softens'])} of theories"
        for word in MOVED
        for harder, softer in (("narrower", "wider") if word == "z" else ("harder", "softer"),)
    ]
    return f"{_moment_title(moment)}: {'; '.join(parts)}."


def _quadrant_words(theories: pd.DataFrame, titles: Titles) -> str:
    parts = [
        f"{_quadrant_title(titles, *signs)} {_percent(lies)}".replace("\n", " ")
        for signs, (lies, _) in quadrants(theories).items()
    ]
    return f"By the mean effects of the raid's day: {'; '.join(parts)} of theories."


def _decay_words(fan: Floats, word: str, titles: Titles) -> str:
    median = fan[len(_FAN) // 2]
    return (
        f"The median effect on {_name(titles, word)} moves from {_signed(median[0])} to "
        f"{_signed(median[-1])} by day {len(median) - 1}."
    )


def _mechanism_words(figures: Figures, word: str, titles: Titles) -> str:
    decide = figures["mechanisms_decide"][word]["the raid's day"]
    if not decide:
        return f"No mechanism changes the effect on {_name(titles, word)}."
    names = sorted(decide, key=lambda name: -abs(decide[name]["effect"]))[:3]
    parts = ", ".join(f"{name} {_signed(decide[name]['effect'])}" for name in names)
    return f"Switched on, what changes the effect on {_name(titles, word)} most: {parts}."
