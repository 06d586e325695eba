"""The answer of a theories experiment for the screen: the headline, then the tables behind it."""

from typing import ClassVar

import pandas as pd

from sim.experiment.questions.verdicts import VERDICTS
from sim.render.document import Figures, Section
from sim.report.answers.kind import OF_ONE_RUN, Kind, Pictures
from sim.report.as_csv import as_csv
from sim.report.numbers import error, number, percent
from sim.scenario.schema import Scenario

_WORDS = {"r_u": "r_u", "r_d": "r_d", "z": "Z"}
_PLACES = {"": 4, " ±": 3, " chance hardens": 2, " chance softens": 2, " verdict": 0}
"""Columns of a published table about a theory, with their decimals; 0 stands for a word."""
_HARDER = {"r_u": "hardens", "r_d": "hardens", "z": "narrows"}
_SOFTER = {"r_u": "softens", "r_d": "softens", "z": "widens"}


class Theories(Kind):
    """The share of combinations of mechanisms under which a raid hardens each side."""

    kind = "theories"
    lives_without_scenario = False
    called = "{war}: all combinations of theories"
    heading = "Under how many theories"
    files_of: ClassVar = {"theories": "theories.csv"}
    elsewhere = (OF_ONE_RUN,)

    def sections(self) -> list[Section]:
        """The headline first, then verdicts, decay, and what determines them."""
        scenario, figures = self.scenario, self.figures
        return [
            Section("Answer", [figures["question"], "", *self.headline()]),
            *_weighed(scenario, figures),
            _verdicts(scenario, figures),
            _decided(scenario, figures),
            _half_lives(scenario, figures),
            *(_mechanisms(figures, moment) for moment in figures["verdicts"]),
            _figures(figures),
            *(_tree(scenario, figures, word) for word in _WORDS),
            Section("How sure", _how(figures)),
        ]

    def headline(self) -> list[str]:
        """The shares of theories under which each side hardens, at the first and last moment."""
        scenario, figures = self.scenario, self.figures
        moments = list(figures["verdicts"])
        first, last = figures["verdicts"][moments[0]], figures["verdicts"][moments[-1]]
        raid = scenario.raids[scenario.focus or ""].title
        underdog, favourite = scenario.titles
        half_width = figures["region"]["half_width"]
        answer = (
            f"Of {figures['theories']:,} combinations of {len(figures['mechanisms'])} rival "
            f"mechanisms, {raid} hardens {underdog} that day in the mean under "
            f"{_share(first['r_u'], 'hardens')} and {favourite} under "
            f"{_share(first['r_d'], 'hardens')} (softens under "
            f"{_share(first['r_u'], 'softens')} and {_share(first['r_d'], 'softens')}, moves by no "
            f"more than {half_width:g} of the stakes under the rest); both harden under "
            f"{_share(first, 'both harden')}. At {moments[-1]} both are harder under "
            f"{_share(last, 'both harden')}, and the zone of agreement is narrower under "
            f"{_share(last['z'], 'hardens')} and wider under {_share(last['z'], 'softens')}."
        )
        return [answer]

    def pictures(self) -> Pictures:
        from sim.report.plots.analysis.theories import draw_theories

        underdog, favourite = self.scenario.titles
        raid = self.scenario.raids[self.scenario.focus or ""].title
        titles = {"r_u": underdog, "r_d": favourite, "raid": raid}
        tables = self.frames["theories"], self.frames["decay"]
        return {"theories": draw_theories(self.figures, *tables, titles)}

    def rounded(self, frame: pd.DataFrame) -> str:
        """Each theory's verdicts at the two moments of the headline; `undecided` is left empty."""
        moments = list(self.figures["verdicts"])
        said = [f"{word}, {moment}" for moment in dict.fromkeys((moments[0], moments[-1]))
                for word in _WORDS]  # fmt: skip
        places = {
            f"{one}{what}": digits
            for one in said
            for what, digits in _PLACES.items()
            if not (one.startswith("z,") and " chance " in what)
        }
        told = frame[["theory", "wars", *places]].replace("undecided", None)
        return as_csv(told.round({name: most for name, most in places.items() if most}), "%.6g")


def _weighed(scenario: Scenario, figures: Figures) -> list[Section]:
    """By war: how often the raid hardens, theories weighted equally and by the record's odds."""
    told = figures.get("weighed")
    if told is None:
        return []
    underdog, favourite = scenario.titles
    names = {"r_u": underdog, "r_d": favourite, "both": "both", "z": "zone narrower"}
    rows = [
        (name, moment, *(_with_error(told[moment][word][law]) for law in ("alike", "weighed")))
        for moment in dict.fromkeys(
            (*list(figures["verdicts"])[:1], *list(figures["verdicts"])[-1:])
        )
        for word, name in names.items()
    ]
    lines = [
        "The share of wars, not of means, that the raid hardens by more than "
        f"{figures['region']['half_width']:g} of the stakes: with each combination alike, and with "
        "each as likely as the odds of its mechanisms make it, each mechanism by itself. "
        f"{told['because']}. Only sim weigh knows what goes together in the record."
    ]
    return [Section("Weighed", lines, ("harder", "", "alike", "weighed"), rows)]


def _with_error(one: Figures) -> str:
    plus = "?" if one["error"] is None else f"{100 * one['error']:.1f}"
    return f"{100 * one['share']:.1f} ±{plus} %"


def _share(shares: Figures, name: str) -> str:
    """A share of theories in per cent, with its Monte Carlo error."""
    plus = shares[f"{name}_error"]
    return f"{100 * shares[name]:.0f} ±{'?' if plus is None else f'{100 * plus:.0f}'} %"


def _name(scenario: Scenario, word: str) -> str:
    underdog, favourite = scenario.titles
    return {"r_u": f"r_u, {underdog}", "r_d": f"r_d, {favourite}", "z": "Z"}[word]


def _verdicts(scenario: Scenario, figures: Figures) -> Section:
    columns = ("", "harder", "no effect of note", "softer", "mean effect", "in wars harder",
               "not moved", "softer")  # fmt: skip
    rows = []
    region = figures["region"]
    lines = [
        "Share of theories under which the raid makes a position harder in the mean (a reservation "
        "that rises, a zone that narrows), softer, or moves it by no more than "
        f"{region['half_width']:g} of the stakes, which is called no effect of note "
        f"({region['because']}). The Monte Carlo error of each mean is removed, so the shares do "
        "not depend on the number of wars; ± is their own error (95 %). The last "
        "three columns are of single wars, each theory alike. Effects are of all that follows "
        "from the raid."
    ]
    for moment, verdicts in figures["verdicts"].items():
        for word in _WORDS:
            of = verdicts[word]
            wars = (percent(of["wars"][way]) for way in ("hardened", "unmoved", "softened"))
            mean = f"{of['mean']:+.4f} {error(of['mean_error'])}"
            parts = (_share(of, verdict) for verdict in VERDICTS)
            rows.append((f"{moment}: {_name(scenario, word)}", *parts, mean, *wars))
        lines.append(
            f"{moment}: both sides harden under {_share(verdicts, 'both harden')} of the theories, "
            f"both soften under {_share(verdicts, 'both soften')}, one each way under "
            f"{_share(verdicts, 'opposite')}."
        )
    talks = figures["talks"]
    settled, stopped = (
        [percent(talks[what][way], places=1) for way in ("with", "without")]
        for what in ("settled", "stopped")
    )
    lines.append(
        f"Of the {talks['wars']:,} wars in which the raid flew, the same without it beside them, a "
        f"settlement comes in {settled[0]} with the raid and {settled[1]} without, a ceasefire in "
        f"{stopped[0]} and {stopped[1]}."
    )
    return Section("Who hardens under how many theories", lines, columns, rows)


def _decided(scenario: Scenario, figures: Figures) -> Section:
    """Verdicts theory by theory, and what other regions of equivalence would give."""
    columns = ("", "harden", "no effect of note", "soften", "undecided", "harder by half",
               "by twice", "softer by half", "by twice")  # fmt: skip
    rows = []
    for moment, verdicts in figures["verdicts"].items():
        for word in _WORDS:
            of = verdicts[word]
            parts = [percent(of["decided"][name]) for name in (*VERDICTS, "undecided")]
            parts += [
                percent(of[f"{verdict} by {width}"])
                for verdict in ("hardens", "softens")
                for width in ("half the region", "twice the region")
            ]
            rows.append((f"{moment}: {_name(scenario, word)}", *parts))
    noise = ", ".join(
        f"{percent(verdicts['noise'])} for {_WORDS[word]}"
        for word, verdicts in next(iter(figures["verdicts"].values())).items()
        if word in _WORDS
    )
    lines = [
        "Theories one by one: a verdict needs a chance of 95 %, given the theory's wars and what "
        "all theories show together; the number of undecided theories does depend on the number "
        f"of wars. Estimates are shrunk: of the spread of mean effects on the raid's day {noise} "
        "is Monte Carlo error. The last four columns are the shares of theories if the region of "
        "no effect were half or twice as wide."
    ]
    return Section("Theories judged one by one", lines, columns, rows)


def _half_lives(scenario: Scenario, figures: Figures) -> Section:
    rows = [
        {
            "": _name(scenario, word),
            "theories": f"{half['theories']:,}",
            "halve": f"{half['halved']:,}",
            "share": percent(half["halved"] / half["theories"] if half["theories"] else None),
            "5 % below": number(half["low"]),
            "median day of these": number(half["median"]),
            "95 % below": number(half["high"]),
        }
        for word, half in figures["half_lives"].items()
    ]
    lines = [
        "Days until half of the mean effect on the evening of the raid is left, for the theories "
        "judged to harden or soften on that evening. The days are those of the theories that "
        "halve by the last day."
    ]
    return Section.of("How long it lasts", lines, rows)


def _mechanisms(figures: Figures, moment: str) -> Section:
    decide = {word: figures["mechanisms_decide"][word][moment] for word in _WORDS}
    rows = []
    for name in figures["mechanisms"]:
        cells: list[str] = []
        for word in _WORDS:
            found = decide[word].get(name)
            if found is None:
                cells += ["-", "-"]
            else:
                cells += [f"{found['effect']:+.4f}", percent(found["alone"])]
        rows.append((name, *cells))
    lines = [
        "What switching a mechanism on adds to the effect of the raid, and the share of the "
        "variance among theories that it decides alone (the rest is pairs, more, and Monte Carlo "
        "error)."
    ]
    columns = ("", "on r_u", "alone", "on r_d", "alone", "on Z", "alone")
    return Section(f"Which mechanism decides: {moment}", lines, columns, rows)


def _figures(figures: Figures) -> Section:
    tested = next(iter(figures["figures_decide"].values()))["tested"]
    rows = [
        (f"{_WORDS[word]}: {path}", percent(share))
        for word, found in figures["figures_decide"].items()
        for path, share in list(found["shares"].items())[:5]
    ]
    lines = [
        "Of the variance among runs of the mean effect over theories on the day of the raid: what "
        f"a figure decides by itself. Each of {tested} figures was tried on {len(_WORDS)} "
        "positions; of those named, 5 % on average decide nothing (Benjamini-Hochberg)."
    ]
    return Section("Which figure decides", lines, ("", "share"), rows)


def _tree(scenario: Scenario, figures: Figures, word: str) -> Section:
    tree = figures["trees"][word]
    words = {
        "hardens": _HARDER[word], "softens": _SOFTER[word], "no effect": "has no effect of note",
    }  # fmt: skip
    lines = [
        f"A tree of three questions, learned on {tree['learned_on']:,} wars, tells the sign in "
        f"{percent(tree['right'])} of {tree['scored_on']:,} others, of other runs under other "
        f"theories; always saying the commonest is right in {percent(tree['majority'])}."
    ]
    if not tree["leaves"]:
        lines = [
            f"No tree: {tree['learned_on']:,} wars to learn it on and {tree['scored_on']:,} of "
            "other runs under other theories to score it on; more runs are needed."
        ]
    rows = [
        (
            " and ".join(leaf["if"]),
            words[leaf["then"]],
            percent(leaf["chance"]),
            percent(leaf["share"]),
        )
        for leaf in tree["leaves"]
    ]
    heading = f"The sign on the day, by questions: {_name(scenario, word)}"
    return Section(heading, lines, ("if", "then it", "in", "of wars"), rows)


def _how(figures: Figures) -> list[str]:
    return [
        f"{figures['wars']:,} wars: {2 ** len(figures['mechanisms']):,} combinations, "
        f"{figures['runs']} wars of each with the raid and as many without, on shared luck; "
        f"seed {figures['seed']}.",
        f"The raid flew in {percent(figures['flown']['share'])} of the wars with it; the "
        "others were over before, both with it and without, and are left out. A theory rests "
        f"on {figures['flown']['of_a_theory']['median']:.0f} wars at the median, "
        f"{figures['flown']['of_a_theory']['least']} at the least; under "
        f"{figures['flown']['theories_without']:,} theories the raid never flew.",
        "Every figure with a range is drawn anew from war to war. Shares of theories count "
        "each combination alike, which is a point of view and not a degree of belief.",
    ]
