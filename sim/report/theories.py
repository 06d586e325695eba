"""The answer of a theories experiment for a screen: the headline, then what it rests on."""

from typing import Any

from sim.report.words import Section, number, percent
from sim.scenario.schema import Scenario

Figures = dict[str, Any]

_WORDS = {"r_u": "r_u", "r_d": "r_d", "z": "Z"}
_HARDER = {"r_u": "hardens", "r_d": "hardens", "z": "narrows"}
_SOFTER = {"r_u": "softens", "r_d": "softens", "z": "widens"}


def theories_in_words(scenario: Scenario, figures: Figures) -> list[Section]:
    """The headline first, then verdicts, decay, and what decides."""
    return [
        Section("Answer", [figures["question"], "", headline(scenario, figures)]),
        _verdicts(scenario, figures),
        _half_lives(scenario, figures),
        *(_mechanisms(figures, moment) for moment in figures["verdicts"]),
        _figures(figures),
        *(_tree(scenario, figures, word) for word in _WORDS),
        _how(figures),
    ]


def headline(scenario: Scenario, figures: Figures) -> str:
    """One sentence with numbers: under how many theories who hardens, on the day and at the end."""
    moments = list(figures["verdicts"])
    first, last = figures["verdicts"][moments[0]], figures["verdicts"][moments[-1]]
    raid = scenario.raids[scenario.focus or ""].title
    underdog, favourite = _sides(scenario)
    return (
        f"Of {figures['theories']:,} combinations of {len(figures['mechanisms'])} rival "
        f"mechanisms, {raid} hardens {underdog} that day under {percent(first['r_u']['hardens'])} "
        f"and {favourite} under {percent(first['r_d']['hardens'])} (softens under "
        f"{percent(first['r_u']['softens'])} and {percent(first['r_d']['softens'])}); both "
        f"harden together under {percent(first['both harden'])}, and the "
        f"zone of agreement narrows under {percent(first['z']['hardens'])}; at {moments[-1]} "
        f"both are harder under {percent(last['both harden'])}, and the zone is narrower under "
        f"{percent(last['z']['hardens'])} and wider under {percent(last['z']['softens'])}."
    )


def _sides(scenario: Scenario) -> tuple[str, str]:
    return scenario.sides[scenario.underdog].title, scenario.sides[scenario.favourite].title


def _signed(value: float) -> str:
    return f"{value:+.4f}"


def _name(scenario: Scenario, word: str) -> str:
    underdog, favourite = _sides(scenario)
    return {"r_u": f"r_u, {underdog}", "r_d": f"r_d, {favourite}", "z": "Z"}[word]


def _verdicts(scenario: Scenario, figures: Figures) -> Section:
    columns = ("", "harder", "nothing told", "softer", "mean effect")
    rows = []
    lines = [
        "Share of theories under which the raid makes a position harder (a reservation that rises, "
        "a zone that narrows) or softer; an effect counts as told from zero with the share of "
        "false calls held at 5 %. Effects are of all that follows from the raid."
    ]
    for moment, told in figures["verdicts"].items():
        for word in _WORDS:
            parts = [percent(told[word][verdict]) for verdict in ("hardens", "nothing", "softens")]
            name = f"{moment}: {_name(scenario, word)}"
            rows.append((name, *parts, _signed(told["means"][word])))
        lines.append(
            f"{moment}: both sides harden under {percent(told['both harden'])} of the theories, "
            f"both soften under {percent(told['both soften'])}, one each way under "
            f"{percent(told['opposite'])}."
        )
    talks = figures["talks"]
    lines.append(
        "Over all these wars a settlement comes in "
        f"{_tenths(talks['settled']['with'])} with the raid and "
        f"{_tenths(talks['settled']['without'])} without, a ceasefire in "
        f"{_tenths(talks['stopped']['with'])} and {_tenths(talks['stopped']['without'])}."
    )
    return Section("Who hardens, under how many theories", lines, columns, rows)


def _tenths(share: float) -> str:
    return f"{100 * share:.1f} %"


def _half_lives(scenario: Scenario, figures: Figures) -> Section:
    rows = [
        (
            _name(scenario, word),
            f"{half['theories']:,}",
            number(half["low"]),
            number(half["median"]),
            number(half["high"]),
            "-" if half["lasts"] is None else percent(half["lasts"]),
        )
        for word, half in figures["half_lives"].items()
    ]
    lines = [
        "Days until the mean effect is half of the evening of the raid, over the theories under "
        "which it does something that evening; the last column did not halve by the last day."
    ]
    columns = ("", "theories", "5 % below", "median days", "95 % below", "not halved")
    return Section("How long it lasts", lines, columns, rows)


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
                cells += [_signed(found["effect"]), percent(found["alone"])]
        rows.append((name, *cells))
    lines = [
        "What switching a mechanism on adds to the effect of the raid, and the share of the "
        "variance among theories it decides alone (the rest is pairs, more, and Monte Carlo error)."
    ]
    columns = ("", "on r_u", "alone", "on r_d", "alone", "on Z", "alone")
    return Section(f"Which mechanism decides: {moment}", lines, columns, rows)


def _figures(figures: Figures) -> Section:
    rows = [
        (f"{_WORDS[word]}: {path}", percent(share))
        for word, found in figures["figures_decide"].items()
        for path, share in list(found["shares"].items())[:5]
    ]
    lines = [
        "Of the variance among wars of the mean effect over theories on the day of the raid: what "
        "a figure decides by itself, where it stands out of chance (1 in 100)."
    ]
    return Section("Which figure decides", lines, ("", "share"), rows)


def _tree(scenario: Scenario, figures: Figures, word: str) -> Section:
    tree = figures["trees"][word]
    words = {"hardens": _HARDER[word], "softens": _SOFTER[word], "nothing": "does nothing"}
    lines = [
        f"A tree of three questions tells the sign in {percent(tree['right'])} of wars it has "
        f"not seen; always saying the commonest is right in {percent(tree['majority'])}."
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


def _how(figures: Figures) -> Section:
    return Section(
        "How sure",
        [
            f"{figures['wars']:,} wars: {2 ** len(figures['mechanisms']):,} combinations, "
            f"{figures['runs']} wars of each with the raid and as many without, on shared luck; "
            f"seed {figures['seed']}.",
            f"The raid flew in {percent(figures['flown']['share'])} of the wars with it; the rest "
            "were over before, alike with it and without, and are left out. A theory rests on "
            f"{figures['flown']['of_a_theory']['median']:.0f} wars at the median, "
            f"{figures['flown']['of_a_theory']['least']} at the least; under "
            f"{figures['flown']['theories_without']:,} theories the raid never flew.",
            "What can be told from zero depends on how many wars there are: with more, fewer "
            "theories do nothing.",
            "Every figure with a range is drawn anew from war to war. Shares of theories count "
            "each combination alike, which is a way of looking and no degree of belief.",
        ],
    )
