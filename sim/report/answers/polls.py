"""Publics compared with polls: first what is met and missed, then wave by wave."""

from sim.evidence.polls.public_fit import GOAL
from sim.render.document import Figures, Section
from sim.report.answers.kind import Kind, Pictures
from sim.report.numbers import number
from sim.report.words import within
from sim.scenario.schema import Scenario

_WAYS = {
    "model": "the model",
    "carried": "the last wave fitted, carried forward",
    "walk": "a random walk without a rule",
    "trend": "a straight line through the waves fitted",
}
_VERDICTS = {
    "met": "met",
    "unexplained": "met, but not by the rule",
    "missed": "MISSED",
}
_ATTITUDES = {"end_war": "to end the war", "concede": "to concede for an end"}


class Polls(Kind):
    """Publics compared with polls, wave by wave; each table is the fan of an attitude."""

    kind = "polls"
    made_by = ("scenario", "runs", "wars", "seed", "train_until")
    called = "{war}"

    def sections(self) -> list[Section]:
        """The answer first, then each poll, and the figures of its public before and after."""
        scenario, figures = self.scenario, self.figures
        lines = [figures["question"], ""]
        for side in figures["publics"]:
            lines += [_answer(scenario, figures, side), ""]
        sections = [Section("Answer", lines[:-1])]
        for side, public in figures["publics"].items():
            polls = [poll for poll in figures["polls"].values() if poll["side"] == side]
            title = scenario.sides[side].title
            for poll in polls:
                about = f"{title}, {poll['by']}: {within(poll['title'])}"
                sections += [_waves(poll, about, figures["train_until"]), _patterns(poll, about)]
            sections += [_scores(public, polls, title), _figures(public, polls, title)]
        return [
            *[section for section in sections if section.lines or section.rows],
            Section("How", _how(figures)),
        ]

    def headline(self) -> list[str]:
        return [line for line in self.sections()[0].lines[1:] if line]

    def pictures(self) -> Pictures:
        from sim.report.plots.analysis.polls import draw_polls

        return {"polls": draw_polls(self.scenario, self.figures, dict(self.frames))}


def _answer(scenario: Scenario, figures: Figures, side: str) -> str:
    forecast, until = figures["publics"][side]["forecast"], figures["train_until"]
    polls = [poll for poll in figures["polls"].values() if poll["side"] == side]
    told = _forecast_words(forecast, until)
    return f"{scenario.sides[side].title}: {told} {_pattern_words(polls)}".rstrip()


def _forecast_words(forecast: Figures | None, until: str) -> str:
    if forecast is None:
        return f"no wave after {until} is left to forecast."
    model = forecast["model"]
    shared = {way: score for way, score in forecast.items() if score["waves"] == model["waves"]}
    scores = ", ".join(f"{_WAYS[way]} {score['crps']:.1f}" for way, score in shared.items())
    is_better = model["crps"] < forecast["carried"]["crps"]
    low, high = GOAL
    is_covered = low <= model["inside"] / model["waves"] <= high
    misses = [] if is_better else ["it forecasts no better than the last wave carried forward"]
    misses += [] if is_covered else [f"fewer than {100 * low:.0f} % of the waves are inside"]
    goal = f"The aim is MISSED: {' and '.join(misses)}" if misses else (
        "The aim is met: better than the last wave carried forward, and covered"
    )  # fmt: skip
    return (
        f"{model['inside']} of the {model['waves']} waves after {until} lie in the model's 90 % "
        f"interval. CRPS, in points: {scores}. {goal}."
    )


def _pattern_words(polls: list[Figures]) -> str:
    parts = []
    patterns = [pattern for poll in polls for pattern in poll["patterns"].values()]
    for verdict, words in _VERDICTS.items():
        named = [p["title"] for p in patterns if p["verdict"] == verdict]
        if named:
            parts.append(f"{words}: {'; '.join(named)}")
    return f"Patterns {'. '.join(parts)}." if parts else ""


def _waves(poll: Figures, about: str, until: str) -> Section:
    columns = ("wave", "", "poll", "model", "90 % from", "to", "off by", "poll in the model's 90 %",
               "rule alone", "discrepancy, logits", "90 % from", "to")  # fmt: skip
    rows = []
    for wave in poll["waves"]:
        model = wave["model"]
        rows.append(
            (
                wave["date"],
                wave["part"],
                f"{wave['poll']:.0f}",
                *(f"{model[end]:.1f}" for end in ("median", "low", "high")),
                f"{model['error']:+.1f}",
                "inside" if model["inside"] else "OUTSIDE",
                f"{wave['rule']['median']:.1f}",
                *(f"{wave['discrepancy'][end]:+.2f}" for end in ("median", "low", "high")),
            )
        )
    offset = poll["offset"]
    wording = "The attitude is measured by this item." if offset is None else (
        f"Its wording adds {offset['median']:+.2f} logits ({offset['low']:+.2f} to "
        f"{offset['high']:+.2f}) to the attitude."
    )  # fmt: skip
    lines = [
        f"Per cent, asked {_ATTITUDES[poll['attitude']]}. {wording} The model consists of rule, "
        f"discrepancy and wording, as the waves up to {until} leave them: median, and what the "
        "poll would show "
        "in 90 of 100 cases, including its own errors. The rule alone leaves the other parts out."
    ]
    return Section(f"{about}: wave by wave", lines, columns, rows)


def _patterns(poll: Figures, about: str) -> Section:
    columns = ("", "from", "to", "part", "poll, points", "by the rule", "90 % from", "to",
               "by the discrepancy", "90 % from", "to", "foreseen from", "to",
               "verdict")  # fmt: skip
    rows = [
        (
            p["title"],
            p["first"],
            p["last"],
            p["part"],
            f"{p['poll']:+.0f} ±{p['poll_error']:.0f}",
            *(f"{p['rule'][end]:+.1f}" for end in ("median", "low", "high")),
            *(f"{p['discrepancy'][end]:+.1f}" for end in ("median", "low", "high")),
            *(f"{p['foreseen'][end]:+.1f}" for end in ("low", "high")),
            _VERDICTS[p["verdict"]],
        )
        for p in poll["patterns"].values()
    ]
    lines = [
        "Change between two waves, in points from the first of them on; ± holds 90 % of a poll's "
        "errors. Missed: the poll's change is outside the 90 % foreseen by rule, discrepancy and "
        "the errors of both waves. Not by the rule: inside, but the rule's own change is less "
        "than half of a change that stands out from the errors."
    ]
    return Section(f"{about}: patterns", lines if rows else [], columns, rows)


def _scores(public: Figures, polls: list[Figures], title: str) -> Section:
    columns = ("", "waves", "inside 90 %", "mean error", "mean distance", "CRPS", "log score")
    rows = []
    for poll in polls:
        about = f"{poll['by']}, {within(poll['title'])}"
        if poll["fit"] is not None:
            rows.append((f"{about}, fitted: the model", *_score(poll["fit"])))
        for way, score in (poll["forecast"] or {}).items():
            rows.append((f"{about}: {_WAYS[way]}", *_score(score)))
    for way, score in (public["forecast"] or {}).items():
        rows.append((f"all forecasts: {_WAYS[way]}", *_score(score)))
    lines = [
        "In points; an error above 0 is a model readier than the poll. A low CRPS is good, and a "
        "high log score (mean log density of the logit). Agreement of fitted waves is no "
        "evidence. All forecasts are for polls with at least one fitted wave; a straight line "
        "takes three."
    ]
    return Section(f"{title}: scores", lines, columns, rows)


def _score(score: Figures) -> tuple[str, ...]:
    errors = (f"{score['mean_error']:+.1f}", f"{score['mean_distance']:.1f}")
    scores = (f"{score['crps']:.1f}", f"{score['log_score']:+.2f}")
    return str(score["waves"]), str(score["inside"]), *errors, *scores


def _figures(public: Figures, polls: list[Figures], title: str) -> Section:
    columns = ("", "unit", "prior", "90 % from", "to", "after the waves", "90 % from", "to")
    rows = [
        (
            path,
            "" if figure["unit"] == "1" else figure["unit"],
            *_three(figure["prior"]),
            *_three(figure["fitted"]),
        )
        for path, figure in public["figures"].items()
    ]
    fitted = sum(wave["part"] == "fit" for poll in polls for wave in poll["waves"])
    lines = [
        f"{public['effective_runs']:,.0f} runs' worth of evidence, by {fitted} waves. If a range "
        "stays as it was, the polls say nothing about the figure."
    ]
    return Section(f"{title}: what the fitted waves say of the figures", lines, columns, rows)


def _how(figures: Figures) -> list[str]:
    return [
        f"{figures['wars']:,} wars, seed {figures['seed']}: {figures['runs']:,} over the whole "
        "ranges, the others for each public in rounds aimed at what fits. They are weighted "
        f"by the waves up to {figures['train_until']} alone: sampling, importance, resampling "
        "(Rubin 1988). The error of a wave is that of its sample, times the factor the "
        "scenario gives. What no rule explains is a random walk beside the rule; its size is "
        "fitted with the rest (Kennedy and O'Hagan 2001)."
    ]


def _three(interval: Figures) -> tuple[str, ...]:
    return tuple(number(interval[end]) for end in ("median", "low", "high"))
