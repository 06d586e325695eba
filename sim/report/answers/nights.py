"""The verdict on nights that the model has not seen: first whether it holds, then why."""

from collections.abc import Mapping, Sequence

from sim.evidence.nights.titles import CLASSES, FORECASTERS
from sim.render.document import Figures, Section
from sim.report.answers.kind import Kind, Pictures
from sim.report.numbers import number, percent

_MOST_LINES = 20
_PARTS = {
    "without_massing": "no massing",
    "without_decoys": "no decoys",
    "without_both": "neither",
}


class Nights(Kind):
    """Whether a defence fitted to some nights predicts later ones."""

    kind = "nights"
    is_of_scenario = False
    asks = "Does a defence fitted to the nights up to {train_until} foretell the later ones?"
    called = "Nights the model has never seen"
    made_by = ("file", "train_until", "first", "last", "rows", "seed", "draws")

    def sections(self) -> list[Section]:
        """The verdict, the scores, then for each class share by size, worst nights and figures."""
        classes = self.figures["classes"]
        return [
            Section("Answer", _answer(self.figures)),
            _scores(classes),
            *(_by_size(name, entry) for name, entry in classes.items()),
            *(worst_nights(name, entry) for name, entry in classes.items()),
            *(_figures(name, entry) for name, entry in classes.items()),
            Section("How", _how(self.figures)),
        ]

    def headline(self) -> list[str]:
        return [line for line in _answer(self.figures)[1:] if line]

    def pictures(self) -> Pictures:
        from sim.report.plots.analysis.nights import draw_nights

        return {"nights": draw_nights(self.figures)}


def _answer(figures: Figures) -> list[str]:
    low, high = figures["goal"]
    lines = [
        f"The law was trained on the nights from {figures['first']} to {figures['train_until']}, "
        f"held against every later one to {figures['last']}. The goal: what came lies in the 90 % "
        f"intervals {100 * low:.0f} to {100 * high:.0f} % of the time, and the CRPS is no worse "
        "than the better baseline's.",
        "",
    ]
    for name, entry in figures["classes"].items():
        lines += [verdict(name, entry, figures["goal"]), ""]
    lines += [f"{CLASSES[name]}: not judged, {why}." for name, why in figures["not_judged"].items()]
    return lines


def verdict(name: str, entry: Figures, goal: list[float]) -> str:
    """One class in sentences: goal, baselines, and what the mechanism itself contributes."""
    low, high = goal
    covered = "inside" if low <= entry["coverage_90"] <= high else "outside"
    return (
        f"{CLASSES[name]}: the goal is {'met' if entry['goal_met'] else 'NOT met'}. On "
        f"{entry['nights']:,} nights the 90 % intervals cover {percent_of(entry['coverage_90'])} "
        f"({covered} the goal); the CRPS is {entry['crps']:.3g} against "
        f"{entry['crps_last_month']:.3g} for last month's rate ({_beats(entry, 'last_month')}) "
        f"and {entry['crps_regression']:.3g} for the regression ({_beats(entry, 'regression')}). "
        f"The same drift without the mechanism has {entry['crps_no_mechanism']:.3g}: the mechanism "
        f"{'helps' if entry['crps'] < entry['crps_no_mechanism'] else 'does not help'} the score. "
        f"Leaked: {percent_of(entry['leaked_share'])}, "
        f"forecast {percent_of(entry['forecast_share'])}. "
        f"{_fall(entry)}"
    )


def _beats(entry: Figures, baseline: str) -> str:
    return "beaten" if entry["crps"] < entry[f"crps_{baseline}"] else "NOT beaten"


def percent_of(share: float) -> str:
    """A share in per cent, with one decimal."""
    return percent(share, places=1)


def _scores(classes: Figures) -> Section:
    shares = ("coverage_50", "coverage_90", "inside_50", "inside_90")
    rows = score_rows(classes, FORECASTERS, shares)
    columns = ("", "50 %", "90 %", "in 50 %", "in 90 %", "CRPS", "log score")
    lines = [
        "Coverage of the 50 % and 90 % intervals; the share of nights that counts both ends of "
        "the interval, which is larger if few are launched; CRPS in drones or missiles, and minus "
        "the log probability of the outcome; smaller is better."
    ]
    return Section("Scores", lines, columns, rows)


def score_rows(
    classes: Figures, forecasters: Mapping[str, str], shares: Sequence[str]
) -> list[tuple[str, ...]]:
    """For each class a row per forecaster, the one judged first: coverages and scores."""
    judged = next(iter(forecasters))
    rows: list[tuple[str, ...]] = []
    for name, entry in classes.items():
        rows.append((f"{CLASSES[name]}, {entry['nights']:,} nights", *("",) * (len(shares) + 2)))
        for who, title in forecasters.items():
            suffix = "" if who == judged else f"_{who}"
            if f"crps{suffix}" in entry:
                covered = [percent_of(entry[f"{share}{suffix}"]) for share in shares]
                scores = [f"{entry[f'{key}{suffix}']:.3f}" for key in ("crps", "log_score")]
                rows.append((f"  {title}", *covered, *scores))
    return rows


def _by_size(name: str, entry: Figures) -> Section:
    rows = [
        (
            size_words(row["from"], row["to"]),
            number(row["nights"]),
            number(row["launched"]),
            *(f"{row[key]:.3f}" for key in ("leaked_share", "forecast_share", *_PARTS)),
        )
        for row in entry["by_size"]
    ]
    columns = ("launched", "nights", "in all", "leaked", "forecast", *_PARTS.values())
    lines = [
        "The forecast, and the forecast with massing, decoys or both taken out and everything "
        "else as fitted."
    ]
    return Section(f"{CLASSES[name]}: leaking share by size", lines, columns, rows)


def _fall(entry: Figures) -> str:
    """Whether the share falls from the smallest raids to the largest, and for which reason."""
    rows = entry["by_size"]
    if len(rows) < 2:
        return "All raids have one size."
    parts = [
        f"{title} {rows[0][key]:.3f} to {rows[-1][key]:.3f}"
        for key, title in (
            ("leaked_share", "leaked"),
            ("forecast_share", "forecast"),
            ("without_both", "forecast without massing and decoys"),
        )
    ]
    return f"From the smallest raids to the largest: {', '.join(parts)}."


def size_words(low: int, high: int | None) -> str:
    """Sizes of raids from `low` to `high`, as text."""
    return f"{low:,} and more" if high is None else f"{low:,} to {high:,}"


def worst_nights(name: str, entry: Figures) -> Section:
    """The nights of a class that were farthest out in their forecasts."""
    rows = [
        {
            "night": row["night"],
            "launched": number(row["launched"]),
            "leaked": number(row["leaked"]),
            "forecast, 90 %": f"{row['median']} ({row['low_90']} to {row['high_90']})",
            "as far out": f"{row['tail']:.4f}",
            "CRPS": f"{row['crps']:.1f}",
        }
        for row in entry["worst"]
    ]
    return Section.of(f"{CLASSES[name]}: the worst nights", [], rows)


def _figures(name: str, entry: Figures) -> Section:
    rows = [
        {
            "": key.replace("_", " "),
            "beforehand": _spread(found["guess_low"], found["guess"], found["guess_high"]),
            "after the nights": _spread(found["low"], found["median"], found["high"]),
            "assumed": found["assumed"],
        }
        for key, found in entry["figures"].items()
    ]
    lines = [
        f"Fitted to {entry['trained_nights']:,} nights; brackets hold 90 %. If a range stays as it "
        "was, the nights say nothing about the figure."
    ]
    return Section.of(f"{CLASSES[name]}: the defence", lines, rows)


def _spread(low: float, middle: float, high: float) -> str:
    return f"{number(middle)} ({number(low)} to {number(high)})"


def _how(figures: Figures) -> list[str]:
    even = ", ".join(
        f"{CLASSES[name]} {entry['even_draws']:.0f}" for name, entry in figures["classes"].items()
    )
    return [
        "Each night is forecast as of the training date from launched counts alone, its own and "
        "those before it. Leaked = launched - destroyed - not_reach_goal; launched counts decoys. "
        "Nights have the date on which the raid ended.",
        "The law is that of the raid at the scale of a nation: detection, Erlang's loss of busy "
        "channels, kills, jamming, decoys, massing, growth and a drift, fitted by penalised "
        "maximum likelihood with the drift integrated out (nested Laplace), and drawn "
        f"{figures['draws']:,} times, seed {figures['seed']} (worth in even draws: {even}).",
        *of_the_file(figures),
    ]


def of_the_file(figures: Figures) -> list[str]:
    """What was read from a file of nights, and what was left out."""
    left_out = ", ".join(f"{count:,} of {why}" for why, count in figures["left_out"].items())
    return [
        f"{figures['rows']:,} rows read; left out: {left_out or 'none'}.",
        *_by_row(figures["by_row"]),
    ]


def _by_row(lines: list[str]) -> list[str]:
    """Remarks on single rows of the file, the first few of them."""
    more = len(lines) - _MOST_LINES
    rest = [f"... and {more:,} more: all of them with --json"] if more > 0 else []
    return [f"  {line}" for line in lines[:_MOST_LINES]] + rest
