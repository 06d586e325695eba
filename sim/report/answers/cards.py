"""Who holds the cards: in whose view a raid moved them, and its effect at the table."""

from collections.abc import Iterator

from sim.render.document import Figures, Section
from sim.report.numbers import ESTIMATE, chance, estimate_cells, percent, with_error
from sim.scenario.schema import Scenario, snake


def cards_in_words(scenario: Scenario, raid: Figures) -> list[str]:
    """The effect of the day of a raid on the cards and on the pressure, a sentence each."""
    if "cards" not in raid:
        return []
    cards, terms = raid["cards"], raid["terms"]["patrons"]
    eyes = "; ".join(
        f"{whose} by {_mean(cards[word]['change'])} (up in {chance(cards[word]['raised'])}, down "
        f"in {chance(cards[word]['lowered'])})"
        for word, whose in _eyes(scenario)
    )
    pressure = "; ".join(
        f"that of {patron} rose in {chance(cards[word]['raised'])} and fell in "
        f"{chance(cards[word]['lowered'])}"
        for patron, word in _pressures(scenario)
    )
    one, other = scenario.titles
    sentences = [
        "The cards as each side and patron sees them moved that day, in shares of the stakes: "
        f"{eyes}.",
        f"What outsiders gave and threatened then added {_mean(terms['u'])} to the least {one} "
        f"accepts and {_mean(terms['d'])} to {other}'s.",
    ]
    return [*sentences, *([f"Pressure to settle or lose the aid: {pressure}."] if pressure else [])]


def cards_section(scenario: Scenario, title: str, raid: Figures) -> list[Section]:
    """The cards and the pressure before and after the day of a raid, in a table."""
    if "cards" not in raid:
        return []
    rows = [
        (f"{word} {when}", *estimate_cells(moments[when], "share"))
        for word, moments in raid["cards"].items()
        for when in ("before", "after", "change")
    ]
    return [Section(f"{title}: the cards of the day", [], ("", *ESTIMATE), rows, "cards")]


def at_the_table(scenario: Scenario, meeting: Figures) -> str:
    """Both sides' answers to what patrons proposed at a meeting."""
    parts = []
    for name, patron in scenario.patrons_on.items():
        if patron.proposal is not None:
            answers = by_side(scenario, meeting, f"{snake(name)}_accepted")
            what = "a ceasefire" if patron.proposal.kind == "ceasefire" else "a division"
            parts.append(
                f"; would accept {what} that {patron.title} proposes: {', '.join(answers)}"
            )
    return "".join(parts)


def by_side(scenario: Scenario, meeting: Figures, what: str) -> list[str]:
    """The share of the wars in which each side did something at a meeting."""
    titles = zip("ud", scenario.titles, strict=True)
    return [f"{title} {chance(meeting[f'{what}_{letter}'])}" for letter, title in titles]


def what_patrons_did(scenario: Scenario, summary: Figures) -> Iterator[str]:
    """How often patrons acted on a refusal, a sentence each."""
    for name, done in summary.get("patrons", {}).items():
        patron = scenario.patrons[name]
        if patron.threat is not None:
            yield f"{patron.title} withdrew its aid in {chance(done['withdrawn'])} of the wars."
        if patron.sanctions is not None:
            yield f"{patron.title} imposed sanctions in {chance(done['sanctioned'])} of the wars."


def cards_of_a_comparison(scenario: Scenario, effects: Figures) -> str:
    """The paired effect on the cards, the pressure and the table; empty without patrons."""
    if not scenario.patrons_on or not effects.get("h_patrons_u", {}).get("runs"):
        return ""
    eyes = "; ".join(f"{whose} by {_paired(effects[word])}" for word, whose in _eyes(scenario))
    pressure = "".join(
        f"; the pressure of {patron} by {_paired(effects[word])}"
        for patron, word in _pressures(scenario)
    )
    of_patrons = (
        f"{_mean(effects[f'h_patrons_{letter}'])} of {_mean(effects[f'r_{letter}'])} in the least "
        f"{side} accepts"
        for letter, side in zip("ud", scenario.titles, strict=True)
    )
    return (
        f"The cards, in shares of the stakes: {eyes}{pressure}. Through outsiders come "
        f"{' and '.join(of_patrons)}."
    )


def _eyes(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """The columns of the cards, and in whose view each is."""
    underdog, favourite = scenario.titles
    yield "p_u", f"what {underdog} expects of fighting on"
    yield "p_d", f"what {favourite} expects of it"
    for name, patron in scenario.patrons_on.items():
        client = scenario.sides[patron.backs].title
        yield f"p_{snake(name)}", f"what {patron.title} thinks {client} gets by it"


def _pressures(scenario: Scenario) -> Iterator[tuple[str, str]]:
    for name, patron in scenario.patrons_on.items():
        if patron.threat is not None:
            yield patron.title, f"pressure_{snake(name)}"


def _mean(estimate: Figures) -> str:
    if not estimate["runs"]:
        return "-"
    return with_error(estimate["mean"], estimate["mean_error"], "share")


def _paired(effect: Figures) -> str:
    if not effect["runs"]:
        return "-"
    ways = f"up in {percent(effect['above_zero'])}, down in {percent(effect['below_zero'])}"
    return f"{_mean(effect)} ({ways})"
