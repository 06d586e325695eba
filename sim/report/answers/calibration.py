"""A calibration for the screen: what the reports reveal about the figures, and what they do not."""

import json
from collections.abc import Iterator
from typing import ClassVar

import pandas as pd

from sim.render.document import Figures, Section
from sim.report.answers.kind import Kind, Pictures
from sim.report.numbers import chance, number, percent, reported_value, span, unit_of, with_error

_NAMED = 3
_MOST_PAIRS = 10
_TOO_CLOSE = 0.95


class Calibration(Kind):
    """Which figures reproduce what was reported, and which remain unchanged by the reports."""

    kind = "calibration"
    files_of: ClassVar = {"posterior": "posterior.csv", "reports": "reports.csv"}
    called = "{war}: calibrated"
    made_by = ("scenario", "against", "runs", "rounds", "seed", "error", "effective")

    def sections(self) -> list[Section]:
        """The answer first, then the figures, the reports, and how certain all is."""
        figures = self.figures
        return [
            Section("Answer", [*_reach(figures), *_learned(figures), *_held_out(figures)]),
            _figures("Figures before and after", figures["figures"], _which(figures)),
            *_others(figures),
            *_pairs(figures),
            _reports(figures, True),
            _reports(figures, False),
            Section("How sure", _how(figures)),
        ]

    def question(self) -> str:
        return f"Which figures reproduce {', '.join(self.figures['against'])}?"

    def pictures(self) -> Pictures:
        from sim.report.plots.analysis.corner import draw_corner

        return {"corner": draw_corner(self.figures, self.frames["draws"], self.scenario)}

    def files(self) -> dict[str, str]:
        """The tables, and the posterior range of each figure in the syntax of a scenario."""
        return super().files() | {"ranges.yaml": ranges_as_yaml(self.figures)}


# --- the answer --------------------------------------------------------------------------------


def _reach(figures: Figures) -> list[str]:
    """Whether the ranges reach the reports at all."""
    conflict = figures["conflict"]
    farther = chance(conflict)
    worst = min(figures["against"], key=lambda name: figures["reports"][name]["before"]["p"] or 0.0)
    p = figures["reports"][worst]["before"]["p"] or 0.0
    if conflict["is_conflict"]:
        return [
            f"The reports contradict the ranges: only {farther} of wars by the scenario's own laws "
            "would be reported as far out, all outcomes together. The results below lie at the "
            f"edge of what the ranges allow. The hardest to reach is {worst} (p {p:.2g})."
        ]
    lines = [
        f"The ranges reach the reports: {farther} of wars by the scenario's own distributions "
        "would be reported as far out or farther, all outcomes together. The farthest out is "
        f"{worst} (p {p:.2g})."
    ]
    if conflict["share"] > _TOO_CLOSE:
        lines.append(
            "They lie nearer to the middle than the model's own luck would leave them, as if the "
            "ranges had been chosen by these very reports. The results below then use them twice "
            "and are surer than they should be."
        )
    return lines


def _learned(figures: Figures) -> Iterator[str]:
    learned = {path: one for path, one in figures["figures"].items() if one["is_told"]}
    learned |= figures["others"]
    narrowest = sorted(learned.items(), key=lambda item: -item[1]["shrinkage"])[:_NAMED]
    if narrowest:
        named = "; ".join(
            f"{path} {_plain(one, 'median')} ({span(one['posterior'], one['unit'])}), before "
            f"{span(one['prior'], one['unit'])}"
            for path, one in narrowest
        )
        more = len(learned) - len(narrowest)
        rest = f"; and about {more} more" if more > 0 else ""
        yield f"Most is learned about {named}{rest}. Brackets hold 90 %."
    nothing = [path for path, one in figures["figures"].items() if not one["is_told"]]
    if nothing:
        yield f"The reports tell nothing about {', '.join(nothing)}: the prior remains."
    if figures["others_of"]:
        left = figures["others_of"] - len(figures["others"])
        yield (
            f"Of {figures['others_of']} other figures with a range, which keep their own laws, "
            f"they tell nothing about {left}."
        )


def _held_out(figures: Figures) -> Iterator[str]:
    held_out = figures["held_out"]
    if held_out["of"]:
        yield (
            f"Of {held_out['of']} reports kept for validation {held_out['before']} lie inside the "
            f"model's 90 % before, {held_out['after']} in new wars with the figures found."
        )
    if figures["spent"]:
        yield (
            f"Calibrated against {', '.join(figures['spent'])}, kept for validation until now: "
            "with these figures they can no longer validate anything."
        )


# --- figures -----------------------------------------------------------------------------------


def _which(figures: Figures) -> list[str]:
    chosen = (
        "named" if figures["is_named"] else "chosen because the reported outcomes depend on them"
    )
    return [
        f"{len(figures['figures'])} figures, {chosen}; median and 90 %. Narrower: how much the "
        "standard deviation has shrunk. Moved: by how many prior standard deviations the mean has "
        "moved. ± is the Monte Carlo error (95 %)."
    ]


def _figures(heading: str, figures: Figures, lines: list[str]) -> Section:
    columns = ("figure", "before", "after", "50 %", "90 % from", "to", "narrower", "moved")
    return Section(heading, lines, columns, [_row(path, one) for path, one in figures.items()])


def _row(path: str, one: Figures) -> tuple[str, ...]:
    after, unit = one["posterior"], one["unit"]
    fifty = f"{number(after['lower'], unit)} to {number(after['upper'], unit)}"
    moved = f"{one['shift']:+.2f} ±{one['shift ±']:.2f}"
    return (
        path if unit in ("1", "USD") else f"{path}, {unit}",
        f"{number(one['prior']['median'], unit)} ({span(one['prior'], unit)})",
        *(_plain(one, "median"), fifty, _plain(one, "low"), _plain(one, "high")),
        percent(one["shrinkage"], one["shrinkage ±"]),
        moved if one["is_told"] else "nothing told",
    )


def _plain(one: Figures, end: str) -> str:
    after, unit = one["posterior"], one["unit"]
    return with_error(after[end], after[f"{end} ±"], unit)


def _others(figures: Figures) -> list[Section]:
    if not figures["others"]:
        return []
    lines = [
        "These were not aimed at and are known more roughly; name them with --vary to aim at them."
    ]
    return [
        _figures("Other figures about which the reports tell something", figures["others"], lines)
    ]


def _pairs(figures: Figures) -> list[Section]:
    pairs = [pair for pair in figures["correlations"] if pair["is_told"]][:_MOST_PAIRS]
    if not pairs:
        return []
    rows = [
        (f"{pair['first']}, {pair['second']}", f"{pair['r']:+.2f} ±{pair['±']:.2f}")
        for pair in pairs
    ]
    lines = ["What one of them gains the other may lose without a change in the reports."]
    return [Section("Figures that are correlated", lines, ("figures", "correlation"), rows)]


# --- reports -----------------------------------------------------------------------------------


def _reports(figures: Figures, is_used: bool) -> Section:
    chosen = {name: one for name, one in figures["reports"].items() if one["is_used"] is is_used}
    columns = (
        "report", "reported", "is, used for", "before", "p", "in new wars", "", "p", "then",
    )  # fmt: skip
    lines = [
        "90 % of the outcome: before, by the scenario's own laws; in new wars with the figures "
        "found; then, in the very wars that agree with the reports. p: twice the chance of a "
        "report as far out on its side, its own error included. reports.csv has the errors of "
        "all ends."
    ]
    heading = "Reports calibrated against" if is_used else "Reports held out"
    rows = [_report(name, one) for name, one in chosen.items()]
    return Section(heading, lines if is_used else [], columns, rows)


def _report(name: str, one: Figures) -> tuple[str, ...]:
    unit, before, after = unit_of(one["outcome"]), one["before"], one["after"]
    return (
        name,
        reported_value(one),
        f"{one['kind']}, {one['used_for']}",
        _ninety(before, unit),
        _p(before),
        _ninety(after, unit),
        "inside" if after["inside"] else "outside",
        _p(after),
        _ninety(one["then"], unit),
    )


def _ninety(predicted: Figures, unit: str) -> str:
    return "-" if predicted["p"] is None else span(predicted, unit)


def _p(predicted: Figures) -> str:
    return "-" if predicted["p"] is None else f"{predicted['p']:.2f} ±{predicted['p ±']:.2f}"


def _how(figures: Figures) -> list[str]:
    reports = figures["reports"]
    assumed = [name for name in figures["against"] if reports[name]["is_assumed"]]
    outcomes = {reports[name]["outcome"] for name in figures["against"]}
    lines = [
        f"{figures['runs']:,} wars in {figures['rounds']} rounds, seed {figures['seed']}, worth "
        f"{figures['effective']:,.0f} drawn from the posterior; the heaviest has "
        f"{percent(figures['largest_weight'], places=1)} of the weight.",
        f"{len(figures['against'])} reports of {len(outcomes)} outcomes. A report is a measurement "
        "with a normal error: its range is the central 95 % of it. Reports of one outcome count "
        "as one, of which any may be right.",
    ]
    if assumed:
        lines.append(
            f"{len(assumed)} are bare figures, taken to be off by a standard error of "
            f"{percent(figures['error'])}, of a count by 1 at least. This is assumed; another "
            "--error gives another answer."
        )
    missing = figures["conflict"]["not_happened"]
    if missing:
        lines.append(
            f"In {percent(missing, places=1)} of the wars by the scenario's own laws not "
            "everything reported happens; these wars have no weight."
        )
    lines.append(
        "ranges.yaml has the figures about which something was learned, as a scenario writes "
        "them; posterior.parquet has the draws with all correlations."
    )
    return lines


# --- files -------------------------------------------------------------------------------------


def calibration_tables(figures: Figures) -> dict[str, pd.DataFrame]:
    """`posterior`, one row per figure, and `reports`, one row per report."""
    every_figure = {**figures["figures"], **figures["others"]}
    after = [
        {
            "figure": path,
            "title": one["title"],
            "unit": one["unit"],
            "aimed": path in figures["figures"],
            **{f"before {end}": value for end, value in one["prior"].items()},
            **{f"after {end}": value for end, value in one["posterior"].items()},
            **{key: one[key] for key in ("shrinkage", "shrinkage ±", "shift", "shift ±")},
            "told": one["is_told"],
        }
        for path, one in every_figure.items()
    ]
    reports = [
        {"report": name}
        | {key: value for key, value in one.items() if not isinstance(value, dict)}
        | {
            f"{when} {key}": v
            for when in ("before", "after", "then")
            for key, v in one[when].items()
        }
        for name, one in figures["reports"].items()
    ]
    return {"posterior": pd.DataFrame(after), "reports": pd.DataFrame(reports)}


def ranges_as_yaml(figures: Figures) -> str:
    """The figures that the reports narrow, in the syntax of scenarios, one per line for --set."""
    lines = [
        "# What sim calibrate leaves of each figure by itself; what goes together is lost here and",
        "# stands in posterior.parquet. Each line's value is one for --set 'PATH=VALUE'.",
    ]
    for path, one in figures["suggested"].items():
        inside = ", ".join(f"{key}: {json.dumps(value)}" for key, value in one.items())
        lines.append(f"{path}: {{{inside}}}")
    return "\n".join(lines) + "\n"
