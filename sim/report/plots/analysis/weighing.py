"""What the record says about strengths, its forecasts, and which theories polls can tell apart."""

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap
from scipy.stats import binom

from sim.evidence.weighing.names import EVERYTHING, NONE
from sim.render.document import Figures
from sim.report.plots.colours import BLUE, GREY, INK, VERMILION
from sim.report.plots.dates import calendar_axis, place_of
from sim.report.plots.lettering import NOTE_PT
from sim.report.plots.picture import MARGIN_IN, WIDTH_IN, Picture
from sim.report.plots.places import Floats
from sim.report.plots.style import house_style
from sim.scenario.schema import Scenario

_LEFT_IN, _RIGHT_IN, _ROW_IN = 1.15, 0.25, 0.22
_FACTORS = (1 / 10, 1 / 3, 1, 3, 10)
_MOST_ITEMS = 4
_ENOUGH, _RARE = 10, 0.05  # placebos, and the largest share as large, of a step that stands out
_FARTHEST = 1000.0  # larger odds are drawn at the edge
_RANK_CLASSES = 10


@house_style()
def draw_strengths(figures: Figures, table: pd.DataFrame) -> Picture:
    """Odds that each mechanism acts after the record, and its strength before and after."""
    rows = table.sort_values("bayes_factor", ascending=True).reset_index(drop=True)
    told = int((rows["verdict"] != "silent").sum())
    picture = Picture(
        f"The record changes the odds of {told or 'none'} of {len(rows)} mechanisms threefold",
        "Left: by how much the odds change that a mechanism acts; grey: within a factor of three, "
        "where the record decides nothing. Right: how strongly it acts if it does, median and "
        "90 %, after (black) and before the record (grey).",
    )
    height = _ROW_IN * len(rows)
    width = (WIDTH_IN - _LEFT_IN - 2 * _RIGHT_IN) / 2
    places = np.arange(len(rows))
    odds = picture.axes_at(_LEFT_IN, picture.top, width, height)
    odds.axvspan(1 / 3, 3, color=GREY, alpha=0.2, linewidth=0)
    odds.axvline(1.0, color=INK, linewidth=0.6)
    acts, error = (rows[word].to_numpy(np.float64) for word in ("acts", "acts ±"))
    odds.hlines(places, _odds(acts - error), _odds(acts + error), color=INK, linewidth=1.0)
    colours = {"for": BLUE, "against": VERMILION, "silent": INK}
    factors = rows["bayes_factor"].clip(1 / _FARTHEST, _FARTHEST)
    odds.scatter(factors, places, c=[colours[v] for v in rows["verdict"]], s=14, zorder=3)
    odds.set_xscale("log")
    low, high = float(factors.min()), float(factors.max())
    odds.set_xlim(min(1 / 12, low / 1.5), max(12, high * 1.5))
    odds.set_xticks(_FACTORS, ["1/10", "1/3", "1", "3", "10"])
    odds.minorticks_off()
    odds.set_xlabel("Odds that it acts: after, times those before")
    odds.set_yticks(places, rows["mechanism"])
    strength = picture.axes_at(_LEFT_IN + width + _RIGHT_IN, picture.top, width, height)
    for word, shift, colour in (("before", -0.18, GREY), ("strength", 0.18, INK)):
        strength.hlines(places + shift, rows[f"{word}_low"], rows[f"{word}_high"], color=colour)
        strength.scatter(rows[f"{word}_median"], places + shift, color=colour, s=10, zorder=3)
    strength.set_xlim(0.0)
    strength.set_yticks(places, [""] * len(rows))
    strength.set_xlabel("Strength if it acts (1: as the scenario says)")
    for axes in (odds, strength):
        axes.set_ylim(-0.6, len(rows) - 0.4)
    picture.top += height
    words = (
        f"{row['mechanism']}: odds times {row['bayes_factor']:.2f}."
        for row in rows.to_dict("records")
    )
    return picture.finished(0.5, _note(figures), words)


def _odds(chance: Floats) -> Floats:
    kept = np.clip(chance, 1e-3, 1.0 - 1e-3)
    return kept / (1.0 - kept)


@house_style()
def draw_scores(figures: Figures, waves: pd.DataFrame, scenario: Scenario) -> Picture:
    """Each scored wave beside its forecasts by all mechanisms together and by none."""
    picture = Picture(
        "Each wave of the polls, forecast from all waves before it",
        "Points: the poll. Bars: median and 90 % of the forecast, left by a random walk in which "
        "no mechanism acts (grey), right by all mechanisms together (blue).",
    )
    days = waves.groupby("item", sort=False)["day"].nunique()
    items = list(days[days > 1].index)[:_MOST_ITEMS]
    picture.top += 0.12
    first = place_of(scenario.start)
    for item in items:
        part = waves[waves["item"] == item]
        one = part.iloc[0]
        title = f"{scenario.sides[one['side']].title}: {figures['items'][item]}, per cent"
        axes = picture.panel(title, "", left=0.62, height=1.35, gap=0.6, right=_RIGHT_IN)
        for model, colour, shift in ((NONE, GREY, -6), (EVERYTHING, BLUE, 6)):
            own = part[part["model"] == model]
            x = first + own["day"] + shift
            axes.vlines(x, own["low"], own["high"], color=colour, linewidth=2.0)
            axes.scatter(x, own["median"], color=colour, marker="_", s=40)
        seen = part.drop_duplicates("day")
        axes.scatter(first + seen["day"], seen["seen"], color=INK, s=12, zorder=3)
        calendar_axis(axes)
    words = (
        f"{row['item']}, day {row['day']}: {row['seen']:.0f}, forecast {row['median']:.0f} "
        f"({row['low']:.0f} to {row['high']:.0f})."
        for row in waves[waves["model"] == EVERYTHING].to_dict("records")
    )
    return picture.finished(0.2, _note(figures), words)


@house_style()
def draw_events(figures: Figures, studies: pd.DataFrame) -> Picture:
    """The step of each item at each event, with its 95 % interval."""
    enough = studies["placebos"] >= _ENOUGH
    stands_out = enough & (studies["as_large"] <= _RARE)
    dates = studies["placebos"][enough]
    by_chance = float(((dates * _RARE).astype(int) + 1).div(dates + 1).sum())
    count = int(stands_out.sum())
    picture = Picture(
        f"Of {len(studies)} steps at events, {count or 'none'} "
        f"{'is' if count == 1 else 'are'} rare at dates without an event (placebos)",
        "By how much an item moved at an event beyond a random walk, in points, with 95 %; at the "
        "right, at how many of its placebo dates the step is as large. Blue squares: at most one "
        f"in twenty of {_ENOUGH} or more, which chance alone gives for about {by_chance:.1f} of "
        f"the {int(enough.sum())} steps with so many.",
    )
    picture.top += 0.2
    heading = {"ha": "right", "size": NOTE_PT, "color": GREY}
    picture.write(WIDTH_IN - MARGIN_IN, picture.top - 0.1, "as large at placebos", **heading)
    lines = len(studies) + studies["item"].nunique()
    left, height = 2.95, _ROW_IN * lines
    axes = picture.axes_at(left, picture.top, WIDTH_IN - left - 0.75, height)
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    line, ticks, labels, texts = lines, [], [], []
    for item, part in studies.groupby("item", sort=False):
        line -= 1
        title = figures["items"][str(item)]
        axes.annotate(
            title, (-0.005, line), xycoords=("axes fraction", "data"), va="center", ha="right",
            weight="bold",
        )  # fmt: skip
        for row in part.to_dict("records"):
            line -= 1
            is_rare = stands_out[part.index[part["event"] == row["event"]][0]]
            colour, marker = (BLUE, "s") if is_rare else (INK, "o")
            axes.hlines(line, row["low"], row["high"], color=colour, linewidth=1.2)
            axes.scatter(row["effect"], line, color=colour, marker=marker, s=14, zorder=3)
            as_large = round(row["as_large"] * row["placebos"]) if row["placebos"] else 0
            axes.annotate(
                f"{as_large} of {row['placebos']:.0f}" if row["placebos"] else "no placebo",
                (1.02, line), xycoords=("axes fraction", "data"), va="center",
            )  # fmt: skip
            event = figures["studies"][row["event"]]
            ticks.append(line)
            labels.append(event)
            texts.append(
                f"{title}, {event}: {row['effect']:+.1f} ({row['low']:+.1f} to {row['high']:+.1f})."
            )
    axes.set_yticks(ticks, labels)
    axes.set_ylim(-0.6, lines - 0.4)
    axes.set_xlabel("Step (points)")
    picture.top += height
    return picture.finished(0.5, _note(figures), texts)


@house_style()
def draw_matrix(figures: Figures, matrix: pd.DataFrame) -> Picture:
    """The probability of each model when another is true."""
    names = list(dict.fromkeys(matrix["true"]))
    pairs = sum(name in figures["pairs"] for name in names)
    table = matrix.pivot(index="true", columns="held", values="chance").loc[names, names]
    chances = table.to_numpy(np.float64)
    found = int((chances.argmax(axis=1) == np.arange(len(names))).sum())
    of_pairs = f" ({pairs} of them pairs)" if pairs else ""
    picture = Picture(
        f"{found or 'None'} of {len(names)} models{of_pairs} {'is' if found < 2 else 'are'} the "
        "most likely where true",
        f"Mean chance, in per cent, of each model (columns) in {figures['recovered']} made-up "
        "records of each (rows), with the dates and errors of the real polls.",
    )
    left = _LEFT_IN + (0.35 if pairs else 0.0)
    size = min(0.36 * len(names), WIDTH_IN - left - 3 * _RIGHT_IN)
    picture.top += 0.65 + (0.3 if pairs else 0.0)
    axes = picture.axes_at(left, picture.top, size, size)
    axes.imshow(chances, cmap="Blues", vmin=0.0, vmax=max(0.5, float(chances.max())))
    for row in range(len(names)):
        for column in range(len(names)):
            value = float(chances[row, column])
            colour = "white" if value > 0.35 else INK
            axes.text(column, row, f"{100 * value:.0f}", ha="center", va="center", color=colour)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="left")
    axes.xaxis.tick_top()
    axes.set_yticks(range(len(names)), names)
    axes.set_ylabel("Model that is true")
    axes.set_xlabel("Model that is weighed (names above)")
    picture.top += size + 0.25
    words = (f"{name}: {100 * chances[k, k]:.0f} % where true." for k, name in enumerate(names))
    return picture.finished(0.2, _note(figures), words)


@house_style()
def draw_ranks(figures: Figures, ranks: pd.DataFrame) -> Picture:
    """The frequency of each rank of the true strength, by mechanism."""
    names = list(dict.fromkeys(ranks["mechanism"]))
    edges = np.linspace(0.0, 1.0, _RANK_CLASSES + 1)
    counts = np.array(
        [np.histogram(ranks.loc[ranks["mechanism"] == name, "rank"], edges)[0] for name in names]
    )
    records = int(counts[0].sum())
    low, high = binom.ppf((0.025, 0.975), records, 1.0 / _RANK_CLASSES)
    outside = int(((counts < low) | (counts > high)).sum())
    tails = binom.cdf(low - 1, records, 1.0 / _RANK_CLASSES) + binom.sf(
        high, records, 1.0 / _RANK_CLASSES
    )
    by_chance = counts.size * float(tails)
    picture = Picture(
        f"{outside or 'None'} of {counts.size} counts of ranks "
        f"lie{'s' if outside < 2 else ''} outside 95 %; chance alone gives {by_chance:.0f}",
        f"How often the true strength of a mechanism lies at a rank among those weighed, in "
        f"{records} made-up records of mechanisms together. If the weighing is right, each count "
        f"is {records / _RANK_CLASSES:.0f} on average and lies from {low:.0f} to {high:.0f} in 95 "
        "of 100 (white). Blue, +: more than that; orange, −: fewer.",
    )
    picture.top += 0.1
    height = _ROW_IN * len(names)
    axes = picture.axes_at(_LEFT_IN, picture.top, WIDTH_IN - _LEFT_IN - _RIGHT_IN, height)
    shade = np.where(counts > high, 1.0, np.where(counts < low, -1.0, 0.0))
    colours = ListedColormap([VERMILION, "white", BLUE])
    axes.imshow(shade, cmap=colours, vmin=-1.0, vmax=1.0, aspect="auto", alpha=0.5)
    for row, column in np.ndindex(counts.shape):
        sign = {1.0: " +", -1.0: " −"}.get(float(shade[row, column]), "")
        text = f"{counts[row, column]}{sign}"
        axes.text(column, row, text, ha="center", va="center", color=INK)
    axes.set_xticks(np.arange(_RANK_CLASSES + 1) - 0.5, [f"{edge:.1f}" for edge in edges])
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("Rank of the true strength: 0 lowest, 1 highest")
    picture.top += height
    words = (
        f"{name}: {', '.join(map(str, own))}." for name, own in zip(names, counts, strict=True)
    )
    return picture.finished(0.5, _note(figures), words)


def _note(figures: Figures) -> str:
    return (
        f"{figures['runs']:,} wars together and {figures['runs_alone']:,} of each alone, effective "
        f"number {figures['effective']:,.0f}; seed {figures['seed']}"
    )
