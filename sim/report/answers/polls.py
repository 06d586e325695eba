"""Publics compared with polls, for a screen: what is met and missed first, then wave by wave."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.render.document import Section
from sim.report.answers.kind import Kind
from sim.report.numbers import number
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from sim.report.plots.picture import Picture

Figures = dict[str, Any]

_WAYS = {
    "model": "the model",
    "carried": "the last wave fitted, carried forward",
    "trend": "a straight line through the waves fitted",
}
_VERDICTS = {
    "met": "met",
    "errors only": "met only by the errors of the polls",
    "missed": "MISSED",
}


class Polls(Kind):
    """Publics against polls, wave by wave; each table is the fan of a poll."""

    kind = "polls"
    made_by = ("scenario", "runs", "wars", "seed", "train_until")

    def sections(self) -> list[Section]:
        return polls_sections(self.scenario, self.figures)

    def page_title(self) -> str:
        return self.scenario.title

    def headline(self) -> list[str]:
        return [line for line in self.sections()[0].lines[1:] if line]

    def pictures(self) -> "Mapping[str, Picture]":
        from sim.report.plots.analysis.polls import draw_polls

        return {"polls": draw_polls(self.scenario, self.figures, dict(self.frames))}


def polls_sections(scenario: Scenario, figures: Figures) -> list[Section]:
    """The answer first, then each poll: waves, patterns, scores and figures."""
    until = figures["train_until"]
    lines = [figures["question"], ""]
    for poll in figures["polls"].values():
        lines += [_answer(scenario, poll, until), ""]
    sections = [Section("Answer", lines[:-1])]
    for poll in figures["polls"].values():
        about = f"{scenario.sides[poll['side']].title}, {poll['by']}"
        sections += [
            _waves(poll, about, until),
            _patterns(poll, about),
            _scores(poll, about),
            _figures(poll, about),
        ]
    return [*sections, _how(figures)]


def _answer(scenario: Scenario, poll: Figures, until: str) -> str:
    side = scenario.sides[poll["side"]].title
    head = f"{side}, {poll['by']} ({poll['title'][:1].lower()}{poll['title'][1:]}): "
    return f"{head}{_forecast_words(poll, until)} {_pattern_words(poll)}".rstrip()


def _forecast_words(poll: Figures, until: str) -> str:
    if poll["forecast"] is None:
        return f"no wave after {until} is left to forecast."
    model, carried, line = (poll["forecast"][way] for way in _WAYS)
    beaten = [
        words
        for way, words in _WAYS.items()
        if way != "model" and model["crps"] < poll["forecast"][way]["crps"]
    ]
    verdict = f"The model forecasts better than {' and '.join(beaten)}" if beaten else (
        "The model forecasts no better than either of the two"
    )  # fmt: skip
    if len(beaten) == 1:
        other = next(w for way, w in _WAYS.items() if way != "model" and w not in beaten)
        verdict += f", and no better than {other}"
    return (
        f"{model['inside']} of the {model['waves']} waves after {until} lie in the model's 90 % "
        f"interval. It is off by {model['mean_distance']:.1f} points on average; the last wave "
        f"carried forward is off by {carried['mean_distance']:.1f}, a straight line by "
        f"{line['mean_distance']:.1f}. {verdict} (by CRPS)."
    )


def _pattern_words(poll: Figures) -> str:
    parts = []
    for verdict, words in _VERDICTS.items():
        named = [p["title"] for p in poll["patterns"].values() if p["verdict"] == verdict]
        if named:
            parts.append(f"{words}: {'; '.join(named)}")
    return f"Patterns {'. '.join(parts)}." if parts else ""


def _waves(poll: Figures, about: str, until: str) -> Section:
    columns = ("wave", "", "poll", "prior", "90 % from", "to", "model", "90 % from", "to",
               "off by", "poll in the model's 90 %")  # fmt: skip
    rows = []
    for wave in poll["waves"]:
        model = wave["model"]
        rows.append(
            (
                wave["date"],
                wave["part"],
                f"{wave['poll']:.0f}",
                *_whole(wave["prior"]),
                *_tenths(model),
                f"{model['error']:+.1f}",
                "inside" if model["inside"] else "OUTSIDE",
            )
        )
    lines = [
        f"Per cent: {poll['title'][:1].lower()}{poll['title'][1:]}. The prior is the model before "
        f"any wave, the model is what the waves up to {until} leave of it: median, and what the "
        "poll would show in 90 of 100 cases, its own errors included."
    ]
    return Section(f"{about}: wave by wave", lines, columns, rows)


def _patterns(poll: Figures, about: str) -> Section:
    columns = ("", "from", "to", "part", "poll, points", "the model's own", "90 % from", "to",
               "with errors from", "to", "verdict")  # fmt: skip
    rows = [
        (
            p["title"],
            p["first"],
            p["last"],
            p["part"],
            f"{p['poll']:+.0f} ±{p['poll_error']:.0f}",
            *(f"{p['own'][end]:+.1f}" for end in ("median", "low", "high")),
            *(f"{p['foreseen'][end]:+.1f}" for end in ("low", "high")),
            _VERDICTS[p["verdict"]],
        )
        for p in poll["patterns"].values()
    ]
    lines = [
        "Change between two waves, in points; ± holds 90 % of a poll's errors. Missed: the poll's "
        "change is outside the model's 90 % with the errors of both waves. Met only by the errors: "
        "inside, but the model's own change is less than half of one that stands out of the errors."
    ]
    return Section(f"{about}: patterns", lines if rows else [], columns, rows)


def _scores(poll: Figures, about: str) -> Section:
    columns = ("", "waves", "inside 90 %", "mean error", "mean distance", "CRPS")
    rows = [("fitted waves: the model", *_score(poll["fit"]))]
    if poll["forecast"] is not None:
        rows += [
            (f"forecast: {words}", *_score(poll["forecast"][way])) for way, words in _WAYS.items()
        ]
    lines = ["In points; an error above 0 is a model softer than the poll. A low CRPS is good."]
    return Section(f"{about}: scores", lines, columns, rows)


def _score(score: Figures) -> tuple[str, ...]:
    errors = (f"{score['mean_error']:+.1f}", f"{score['mean_distance']:.1f}")
    return str(score["waves"]), str(score["inside"]), *errors, f"{score['crps']:.1f}"


def _figures(poll: Figures, about: str) -> Section:
    columns = ("", "unit", "prior", "90 % from", "to", "after the waves", "90 % from", "to")
    rows = [
        (
            path,
            "" if figure["unit"] == "1" else figure["unit"],
            *_three(figure["prior"]),
            *_three(figure["fitted"]),
        )
        for path, figure in poll["figures"].items()
    ]
    lines = [
        f"{poll['effective_runs']:,.0f} runs' worth of evidence. A figure whose range stays as it "
        "was is one the poll says nothing of."
    ]
    return Section(f"{about}: what the fitted waves say of the figures", lines, columns, rows)


def _how(figures: Figures) -> Section:
    return Section(
        "How",
        [
            f"{figures['wars']:,} wars, seed {figures['seed']}: {figures['runs']:,} over the whole "
            f"ranges, the others for each poll in rounds aimed at what fits. They are weighed "
            f"by the waves up to {figures['train_until']} alone: sampling, importance, resampling "
            "(Rubin 1988). The error of a wave is that of its sample, times the factor the "
            "scenario gives."
        ],
    )


def _whole(interval: Figures) -> tuple[str, ...]:
    return tuple(f"{interval[end]:.0f}" for end in ("median", "low", "high"))


def _tenths(interval: Figures) -> tuple[str, ...]:
    return tuple(f"{interval[end]:.1f}" for end in ("median", "low", "high"))


def _three(interval: Figures) -> tuple[str, ...]:
    return tuple(number(interval[end]) for end in ("median", "low", "high"))
