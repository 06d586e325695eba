"""A sensitivity analysis for the screen: what each outcome depends on, and what stays unclear."""

from typing import ClassVar

from sim.render.document import Figures, Section
from sim.report.answers.analysis import Analysis
from sim.report.answers.kind import Pictures
from sim.report.numbers import number, percent, span, unit_of, with_error

_MOST_ROWS = 20
_NAMED = 3
_MEASURED = {
    "sobol": ("total", "first"),
    "morris": ("size of effect",),
    "delta": ("delta",),
    "pawn": ("PAWN",),
}
_KEYS = {"total": "total", "first": "first", "size of effect": "effect"}
_FLOOR = {"sobol": "luck", "morris": "luck", "delta": "chance", "pawn": "chance"}
_EXPLAINED = {
    "sobol": "The share of the variance of the mean outcome that a figure decides: by itself "
    "(first), and including its interplay with others (total). ± is the half-width of the 95 % "
    "interval (bootstrap); luck is the total that a figure without effect would show.",
    "morris": "The change of the mean outcome, up or down, as a figure goes through its whole "
    "range while the others have any values. ± is the half-width of the 95 % interval (of paths); "
    "luck is the size that luck alone gives. If the spread is as large as the size, the effect "
    "is not linear or depends on other figures.",
    "delta": "How much knowing a figure changes the distribution of the outcome of a war, luck "
    "included, from 0 (not at all) to 1. ± is 1.96 standard deviations over resamples of the "
    "wars, which is no 95 % interval: the estimate is biased, depending on the number of wars, "
    "and in trials with known distributions it covered the true index in about 60 %. Chance is "
    "the index that a figure without effect would show.",
    "pawn": "How far knowing a figure moves the distribution of the outcome of a war, luck "
    "included: the largest gap between distributions, from 0 to 1. ± is 1.96 standard deviations "
    "over resamples of the wars, which is no 95 % interval, because the index from a finite "
    "number of wars lies above that of infinitely many. Chance is the index that one figure in a "
    "hundred without effect would show.",
}


class Sensitivity(Analysis):
    """The figures on which the outcomes depend."""

    kind = "sensitivity"
    files_of: ClassVar = {"indices": "indices.csv"}
    asks = "With which figures does the outcome change?"
    made_by = ("scenario", "method", "points", "runs", "wars", "seed")

    def sections(self) -> list[Section]:
        """The answer first, then a table per outcome, then how certain it is."""
        figures, outcomes = self.figures, self.figures["outcomes"].items()
        return [
            Section("Answer", [_headline(figures, outcome, found) for outcome, found in outcomes]),
            Section("What the numbers are", [_EXPLAINED[figures["method"]]]),
            *([_varied(figures)] if figures["method"] == "sobol" else []),
            *(_table(figures, outcome, found) for outcome, found in outcomes),
            Section("How sure", _how(figures)),
        ]

    def about(self, where: str = "") -> str:
        return f"What it depends on ({self.figures['method']}{where})"

    def pictures(self) -> Pictures:
        from sim.report.plots.analysis.tornado import draw_tornado

        return {"tornado": draw_tornado(self.figures, self.scenario.title)}


def _headline(figures: Figures, outcome: str, found: Figures) -> str:
    """The figures on which an outcome depends most, among those distinct from luck or chance."""
    name = outcome.replace("_", " ")
    if not found["figures"]:
        return f"{name} does not vary: {number(found['mean'], unit_of(outcome))} throughout."
    measure = _key(_MEASURED[figures["method"]][0])
    distinct = [row for row in found["figures"] if row[measure]["verdict"] != "nothing"]
    if not distinct:
        return f"{name}: no figure can be told from {_FLOOR[figures['method']]}."
    named = ", ".join(
        f"{row['figure']} ({_plain(figures, outcome, row[measure])}, "
        f"{'raises' if row['at high'] > row['at low'] else 'lowers'} it)"
        for row in distinct[:_NAMED]
    )
    more = len(distinct) - _NAMED
    rest = f"; {more} more can be told" if more > 0 else ""
    return f"{name} depends most on {named}{rest}."


def _key(heading: str) -> str:
    return _KEYS.get(heading, "index")


def _plain(figures: Figures, outcome: str, index: Figures) -> str:
    unit = unit_of(outcome) if figures["method"] == "morris" else ""
    return with_error(index["value"], index["±"], unit)


def _table(figures: Figures, outcome: str, found: Figures) -> Section:
    method, unit = figures["method"], unit_of(outcome)
    measured = _MEASURED[method]
    of_method = ("mean effect", "spread") if method == "morris" else ("at low", "at high")
    is_wide = len(measured) > 1
    rows = []
    for row in found["figures"][:_MOST_ROWS]:
        cells = {"figure": row["figure"]}
        if not is_wide:
            cells["varied over"] = _over(figures, row["figure"])
        cells |= {name: _cell(figures, outcome, row[_key(name)]) for name in measured}
        if not is_wide:
            chance = row[_key(measured[0])]["chance"]
            cells[_FLOOR[method]] = number(chance, unit if method == "morris" else "")
        cells |= {name: number(row[name], unit) for name in of_method}
        rows.append(cells | {_needed(figures): _needs(figures, row, measured)})
    return Section.of(outcome.replace("_", " "), _lines(figures, outcome, found), rows)


def _needed(figures: Figures) -> str:
    what = {"sobol": "points", "morris": "paths"}.get(figures["method"], "runs")
    return f"{what} needed"


def _varied(figures: Figures) -> Section:
    rows = [(path, _over(figures, path)) for path in figures["figures"]]
    return Section("What is varied", [_which(figures)], ("figure", "over"), rows)


def _lines(figures: Figures, outcome: str, found: Figures) -> list[str]:
    unit = unit_of(outcome)
    if not found["figures"]:
        return [f"It is {number(found['mean'], unit)} throughout."]
    of_what = "wars" if figures["points"] is None else "points"
    lines = [
        f"Mean {number(found['mean'], unit)}, standard deviation among {of_what} "
        f"{number(found['sd'], unit)}."
    ]
    if found.get("luck") is not None:
        lines[0] += (
            f" Of the variance among points {percent(found['luck'], places=1)} is luck that "
            f"{figures['runs']} runs leave."
        )
    rest = found["figures"][_MOST_ROWS:]
    measure = _key(_MEASURED[figures["method"]][0])
    if rest:
        distinct = sum(row[measure]["verdict"] != "nothing" for row in rest)
        lines.append(
            f"The {_MOST_ROWS} largest; of {len(rest)} more, {distinct} can be told from "
            f"{_FLOOR[figures['method']]} (indices.csv has them all)."
        )
    return lines


def _over(figures: Figures, path: str) -> str:
    figure = figures["figures"][path]
    unit = "" if figure["unit"] in ("1", "USD") else f" {figure['unit']}"
    if figure["asked"]:
        written = figure["asked"].replace(":", " to ")
        return written if unit and unit in written else f"{written}{unit}"
    return f"{span(figure, figure['unit'])}{unit}"


def _cell(figures: Figures, outcome: str, index: Figures) -> str:
    words = {"told": "", "rough": " rough", "nothing": f" {_nothing(figures, index)}"}
    return f"{_plain(figures, outcome, index)}{words[index['verdict']]}"


def _nothing(figures: Figures, index: Figures) -> str:
    from_what = "0" if index["value"] <= index["±"] else _FLOOR[figures["method"]]
    return f"cannot be told from {from_what}"


_MOST_NEEDED = 1_000_000
"""A larger number is of no use: it is the largest number of points in a design."""


def _needs(figures: Figures, row: Figures, measured: tuple[str, ...]) -> str:
    """The number of points that would settle the unclear indices: the most that a measure needs."""
    unclear = [row[_key(name)] for name in measured if row[_key(name)]["verdict"] != "told"]
    known = [index["needs"] for index in unclear if index["needs"] is not None]
    if not known:
        return "no number would" if len(unclear) == len(measured) else ""
    most = max(known)
    if most > _MOST_NEEDED:
        return "over a million"
    return f"{1 << (most - 1).bit_length():,}" if figures["method"] == "sobol" else f"{most:,}"


def _how(figures: Figures) -> list[str]:
    which = [] if figures["method"] == "sobol" else [_which(figures)]
    if figures["points"] is None:
        return [
            *which,
            f"{figures['runs']:,} wars, seed {figures['seed']}, each with its own figures drawn "
            "from their ranges: the same as sim run stores.",
            "± halves with four times the runs. 'Cannot be told from chance' is said of "
            "an index that a figure without effect reaches too, 'rough' where twice ± is "
            "more than the index. Runs needed: so many in all would tell an index of this size.",
        ]
    kind = "points of a Sobol' sequence" if figures["method"] == "sobol" else "paths"
    return [
        *which,
        f"{figures['points']:,} {kind}, {figures['runs']} runs at each place, {figures['wars']:,} "
        f"wars in all, seed {figures['seed']}. The indices are about the mean outcome of a place. "
        "Run k has the same luck at every place, so the mean is a smooth function of the figures "
        "except for a rest of luck, which more runs make smaller. Figures that are not varied are "
        "drawn in each run as usual.",
        "An interval halves with four times the points. 'Cannot be told from 0' is said of an "
        "index whose interval holds 0, 'from luck' where luck alone reaches it, 'rough' where the "
        f"interval is wider than the index. {_needed(figures).capitalize()}: so many in all would "
        "tell an index of this size, or halve the width of a rough one down to it.",
    ]


def _which(figures: Figures) -> str:
    screened = figures["screened"]
    if screened is not None:
        return (
            f"Screened first: of the {screened['of']} figures with a range, {screened['stood_out']}"
            f" stood out of luck by elementary effects ({screened['paths']} paths, "
            f"{screened['runs']} runs each); the {screened['kept']} first of them, outcome by "
            "outcome in turn, are varied here. --vary PATH names others."
        )
    if figures["points"] is None and figures["varied"] > len(_indexed_figures(figures)):
        return (
            f"Of {figures['varied']} figures with a range those with the largest PAWN index are "
            "looked at closely; --vary PATH names others."
        )
    return f"{figures['varied']} figures are varied, of {figures['drawn']} with a range."


def _indexed_figures(figures: Figures) -> list[Figures]:
    return max((found["figures"] for found in figures["outcomes"].values()), key=len)
