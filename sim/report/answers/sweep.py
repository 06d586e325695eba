"""The answer of a sweep for the screen: how outcomes vary, and where two levers cross."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pandas as pd

from sim.render.document import Figures, Part, Section
from sim.report.answers.kind import OF_FIGURES, OF_ONE_RUN, Kind, Pictures, Place
from sim.report.as_csv import as_csv
from sim.report.numbers import number, unit_of, with_error

_MOST_ROWS = 40
_MOST_COLUMNS = 8
_SWITCH = {"True": "on", "False": "off"}


class Sweep(Kind):
    """How outcomes vary with the factors, and where two levers cross."""

    kind = "sweep"
    files_of: ClassVar = {"points": "points.csv"}
    shown = ("points",)
    elsewhere = (OF_ONE_RUN,)

    def sections(self) -> list[Section]:
        """The contrast if there is one, then each outcome at all points, then by factor."""
        table, figures = self.frames["points"], self.figures
        outcomes = figures["outcomes"]
        is_alone = figures["design"] == "one_at_a_time"
        shows_alone = is_alone or len(figures["factors"]) > 2 or len(table) > _MOST_ROWS
        return [
            Section("Question", [figures["question"]]),
            *(_contrast(figures, outcome) for outcome in _contrasted(figures)),
            *(_at_points(table, figures, outcome) for outcome in outcomes),
            *(_alone(figures, outcome) for outcome in outcomes if shows_alone),
            Section("How sure", _how(figures)),
        ]

    def headline(self) -> list[str]:
        """The range of each outcome, or each contrast with its heading."""
        table, figures = self.frames["points"], self.figures
        contrasts = [_contrast(figures, outcome) for outcome in _contrasted(figures)[:2]]
        if contrasts:
            return [f"{_capital(one.heading)}: {' '.join(one.lines)}" for one in contrasts]
        names = ", ".join(_name(figures, factor) for factor in figures["factors"])
        return [
            f"Over {len(table):,} points of {names}, {_least_to_most(table, figures, outcome)}."
            for outcome in figures["outcomes"][:2]
        ]

    def parts(self, place: Place) -> list[Part]:
        """The findings, and the analyses of the same wars, or how to get one."""
        found, sure, elsewhere = super().parts(place)
        analyses = place.analyses()
        if not analyses:
            how = OF_FIGURES.format(self.figures["scenario"])
            elsewhere.sections[0].lines.append(f"{how} Its answer then appears here.")
        return [found, sure, *analyses, elsewhere]

    def factors(self) -> Figures:
        return dict(self.figures["factors"])

    def pictures(self) -> Pictures:
        from sim.report.plots.sweep import draw_sweep

        return draw_sweep(self.figures, self.frames["points"], self.figures["titles"])

    def rounded(self, frame: pd.DataFrame) -> str:
        return as_csv(frame.round(6))


def _least_to_most(table: pd.DataFrame, figures: Figures, outcome: str) -> str:
    seen = table[table[outcome].notna()].sort_values(outcome)
    name, points = _name(figures, outcome), seen.to_dict("records")
    if not points:
        return f"{name} happened in no war"
    ends = [_cell(points[k], outcome, figures["runs"], False) for k in (0, -1)]
    return f"the mean of {name} goes from {' to '.join(ends)}"


def _contrasted(figures: Figures) -> Sequence[str]:
    return figures["outcomes"] if figures["contrast"] else ()


def _contrast(figures: Figures, outcome: str) -> Section:
    contrast = figures["contrast"]
    first, second, found = contrast["first"], contrast["second"], contrast[outcome]
    distinct = [place for place in found["places"] if place["told"]]
    compared = sum(place["compared"] for place in found["places"])
    more = sum(place["mean"] > 0.0 for place in distinct)
    lines = [
        f"Of {compared} places {first} is higher in {more}, "
        f"{second} in {len(distinct) - more}; in {compared - len(distinct)} the two cannot be "
        "told apart (5 % of the calls false on average)."
    ]
    if missing := len(found["places"]) - compared:
        lines.append(f"{missing} more are not compared: under two wars have it with both.")
    fewest = min((p["runs"] for p in found["places"] if p["compared"]), default=figures["runs"])
    if fewest < figures["runs"]:
        lines.append(
            f"It is missing in some wars, where it did not happen: a place has {fewest:,} to "
            f"{max(place['runs'] for place in found['places']):,} of {figures['runs']:,} pairs."
        )
    rows = []
    for crossing in found["crossings"]:
        along, at = crossing["along"], crossing["at"]
        place = ", ".join(_at(figures, n, level) for n, level in _rest(crossing))
        low, high = (_level(figures, along, crossing[end]) for end in ("low", "high"))
        span = f"{_level(figures, along, at)} ({low} to {high})"
        overtakes = first if crossing["from"] == "-" else second
        rows.append(
            (
                place or "everywhere",
                f"{overtakes} from {_name(figures, along)} {span} on",
            )
        )
    heading = f"{first} against {second}: {_name(figures, outcome)}"
    return Section(heading, lines, ("at", "is higher"), rows)


def _rest(crossing: Figures) -> list[tuple[str, Any]]:
    own = ("along", "at", "low", "high", "from")
    return [(name, level) for name, level in crossing.items() if name not in own]


def _alone(figures: Figures, outcome: str) -> Section:
    """Each level of each factor by itself; for one at a time, also the change it makes."""
    unit, moved = unit_of(outcome), figures.get("moved", {}).get(outcome)
    by_level = [
        (name, level, found)
        for name, levels in figures["alone"][outcome].items()
        for level, found in levels.items()
    ]
    is_whole = all(found["wars"] == found["of"] for *_, found in by_level)
    rows = []
    for name, level, found in by_level:
        cells = {"": _at(figures, name, level), "mean": number(found["mean"], unit)}
        if moved is not None:
            change = _difference(moved.get(name, {}).get(level), unit)
            cells["changed minus as it stands"] = change
        if not is_whole:
            cells["wars"] = f"{found['wars']:,} of {found['of']:,}"
        rows.append(cells)
    lines = [_ALL_LEVELS if moved is None else _AS_IT_STANDS]
    return Section.of(f"{_capital(_name(figures, outcome))}, factor by factor", lines, rows)


_ALL_LEVELS = "Means over all levels of the other factors."
_AS_IT_STANDS = (
    "All other factors have the scenario's values. The change is taken run by run on the same "
    "luck, with its Monte Carlo error."
)


def _difference(found: Figures | None, unit: str) -> str:
    if found is None or found["mean"] is None:
        return "-"
    return with_error(found["mean"], found["±"], unit)


def _at_points(table: pd.DataFrame, figures: Figures, outcome: str) -> Section:
    """One row per combination of levels, with a factor of few settings across the columns."""
    across = _across(figures)
    down = [name for name in figures["factors"] if name != across]
    lines = [_AT_POINTS if across else f"{_AT_POINTS} Brackets hold 90 % of the runs."]
    groups = (
        list(table.groupby(down, sort=False, dropna=False, observed=True))
        if down
        else [((), table)]
    )
    if len(groups) > _MOST_ROWS:
        lines.append(f"The first {_MOST_ROWS} of {len(groups):,} rows; points.csv has them all.")
    levels = figures["factors"][across]["levels"] if across else ["mean"]
    rows = []
    for key, group in groups[:_MOST_ROWS]:
        place = ", ".join(_at(figures, name, level) for name, level in zip(down, key, strict=True))
        cells = {
            str(point[across]) if across else "mean": point for point in group.to_dict("records")
        }
        row = (
            _cell(cells.get(str(level)), outcome, figures["runs"], not across) for level in levels
        )
        rows.append((place, *row))
    heads = [_head(figures, across, level) for level in levels] if across else levels
    return Section(_capital(_name(figures, outcome)), lines, ("", *heads), rows)


def _head(figures: Figures, name: str, level: Any) -> str:
    """The heading of a column: a word is clear by itself, a number or a switch needs its name."""
    words = _level(figures, name, level)
    return words if words == level else _at(figures, name, level)


_AT_POINTS = "Mean with its Monte Carlo error."


def _across(figures: Figures) -> str | None:
    """The factor whose levels are the columns: the contrasted one, or the first with few."""
    if figures["contrast"]:
        return str(figures["contrast"]["lever"])
    factors = figures["factors"].items()
    few = (n for n, f in factors if f["kind"] == "settings" and len(f["levels"]) <= _MOST_COLUMNS)
    return next(few, None)


def _cell(point: Mapping[Any, Any] | None, outcome: str, runs: int, with_range: bool) -> str:
    """A mean with its error, and the number of wars if some lack the outcome."""
    unit = unit_of(outcome)
    if point is None or pd.isna(point[outcome]):
        return "-"
    plus, wars = point[f"{outcome} ±"], int(point[f"{outcome} wars"])
    text = with_error(point[outcome], None if pd.isna(plus) else plus, unit)
    if with_range:
        low, high = (number(point[f"{outcome} {end}"], unit) for end in ("5 %", "95 %"))
        text += f" ({low} to {high})"
    return text if wars == runs else f"{text} (in {wars:,} of {runs:,} wars)"


def _how(figures: Figures) -> list[str]:
    some = [
        _name(figures, outcome)
        for outcome in figures["outcomes"]
        for levels in figures["alone"][outcome].values()
        if any(found["wars"] < found["of"] for found in levels.values())
    ]
    missing = "".join(
        f" The mean of {name} is of the wars in which it happened." for name in dict.fromkeys(some)
    )
    units = [
        f"{_name(figures, name)} in {factor['unit']}"
        for name, factor in figures["factors"].items()
        if factor["unit"] not in (None, "1")
    ]
    in_units = f" Units: {', '.join(units)}." if units else ""
    return [
        f"{figures['points']:,} points of {figures['runs']:,} runs ({figures['design']}), "
        f"{figures['wars']:,} wars in all, seed {figures['seed']}, on shared luck: run k has "
        f"the same luck at every point.{missing}{in_units}",
    ]


def _at(figures: Figures, name: str, level: Any) -> str:
    """A factor at one of its levels, as text; a switch is on or off."""
    own = name if name in figures["titles"] else name.removesuffix(".on")
    return f"{_name(figures, own)} {_level(figures, name, level)}"


def _level(figures: Figures, name: str, level: Any) -> str:
    """A level of a factor as text; a number or a switch may be given as a string."""
    if (written := str(level)) in _SWITCH:
        return _SWITCH[written] if name.endswith(".on") else written.lower()
    try:
        return number(float(level), figures["factors"][name]["unit"] or "")
    except ValueError:
        return written


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _name(figures: Figures, name: str) -> str:
    """The title of something, or its name made readable."""
    own = name if "." in name else name.replace("_", " ")
    return str(figures["titles"].get(name, own))
